"""What clusters have in common: who is asked first, what is sent, how long is waited, what is said if it ends badly.

1. Every worker that is alive is asked whether it is the same cleaner and sees the same files. So is each one again with
   each job, since others may come later.
2. All jobs are handed over. The cluster places them, and does again what a worker that died had begun.
3. Results are taken in order. If no worker is alive for too long, that ends the run: clusters wait for ever.
4. However it ends, what is not done by then is cancelled.
"""

import contextlib
import pickle
import socket
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Any, Protocol

from cleaner.engines import Map
from cleaner.engines.errand import Sight, Terms, look, unpack
from cleaner.engines.parcel import PICKLE, Shelf, pack
from cleaner.errors import BadDataError, WrongUseError

RETRIES = 3  # of a job, when the worker that did it has died
POLL = 1.0  # seconds between two looks at who is alive
REACHED = 5.0  # seconds in which something must answer at an address
GO_ON = "the same command goes on with what is left to do"


class LostError(Exception):
    """A job was given up by the cluster."""


class Cluster(Protocol):
    """The calls that clusters are told apart by."""

    name: str

    def nodes(self) -> dict[str, str]:
        """The workers that are alive, and what they are called."""

    def bring(self, content: bytes) -> Any:
        """Bring some bytes to the cluster. What is returned stands for them in the arguments of any number of tasks."""

    def submit(self, arguments: tuple[Any, ...], node: str = "") -> Any:
        """Have `perform` called with these arguments, by one worker or by any. Returns the task."""

    def result(self, task: Any, seconds: float) -> bytes | None:
        """What a task has returned, or None if that is not here in time. Raises LostError when it was given up.

        A result may be lost again with the worker that keeps it, and is then made again.
        """

    def cancel(self, tasks: Iterable[Any]) -> None:
        """See to it that tasks are not done, if they are not yet."""


def mapping(cluster: Cluster, patience: float) -> Map:
    """`map(function, jobs, name of the pass)` on a cluster."""
    terms, asked = Terms.ours(), set[tuple[str, Sight]]()

    def over(function: Callable[[Any], Any], jobs: list[Any], name: str) -> Generator[Any, None, None]:
        tasks: deque[Any] = deque()
        try:
            sights = list(map(look, jobs))
            if jobs:
                ask(cluster, terms, sights[0], asked, patience)
            shelf = Shelf(lambda common: cluster.bring(pickle.dumps(common, PICKLE)))
            for job, sight in zip(jobs, sights, strict=True):
                parcel, common = pack(function, job, shelf)
                tasks.append(cluster.submit((parcel, terms, sight, "", *common)))
            while tasks:
                yield unpack(awaited(cluster, tasks[0], patience, name))
                tasks.popleft()  # so that the cluster need not keep what came of it
        finally:
            cluster.cancel(tasks)

    return over


def ask(cluster: Cluster, terms: Terms, sight: Sight, asked: set[tuple[str, Sight]], patience: float) -> None:
    """Ask each worker that was not asked this yet. Raises WrongUseError for one that must not work with us."""
    nodes = {node: name for node, name in alive(cluster, patience).items() if (node, sight) not in asked}
    tasks = {node: cluster.submit((b"", terms, sight, name), node) for node, name in nodes.items()}
    try:
        for node, task in tasks.items():
            with contextlib.suppress(LostError):  # it has died since
                while (sent := cluster.result(task, POLL)) is None and node in cluster.nodes():
                    pass
                if sent is not None:
                    unpack(sent)
            asked.add((node, sight))
    finally:
        cluster.cancel(tasks.values())


def alive(cluster: Cluster, patience: float) -> dict[str, str]:
    """The workers that are alive, when there are any. Raises BadDataError when none comes."""
    since = time.monotonic()
    while not (nodes := cluster.nodes()):
        refuse_waiting(cluster, since, patience)
        time.sleep(POLL)
    return nodes


def awaited(cluster: Cluster, task: Any, patience: float, name: str) -> bytes:
    """What came of a task. Raises BadDataError when there is nobody to do it, or nobody survives it."""
    since = time.monotonic()
    try:
        while (sent := cluster.result(task, POLL)) is None:
            if cluster.nodes():
                since = time.monotonic()
            refuse_waiting(cluster, since, patience)
        return sent
    except LostError as problem:
        raise BadDataError(
            f"a job of the stage {name} was given up by {cluster.name}: {problem}; if workers were killed for want of "
            f"memory, let fewer of them work on a machine, or make decode.shard_bytes smaller; {GO_ON}"
        ) from None


def refuse_waiting(cluster: Cluster, since: float, patience: float) -> None:
    """Raise BadDataError when there was no worker for too long."""
    if time.monotonic() - since >= patience:
        raise BadDataError(
            f"no worker of {cluster.name} is alive, and none came in {patience:.0f} seconds (--timeout); {GO_ON}"
        )


def refuse_deaf(address: str, kind: str) -> None:
    """Raise WrongUseError unless something answers at an address: some clusters would wait for it for ever."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not host or not port.isdecimal():
        raise WrongUseError(f"--address {address} is not HOST:PORT, as in 10.0.0.1:6379")
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACHED).close()
    except (OSError, OverflowError) as error:
        raise WrongUseError(f"there is no {kind} cluster at {address}: {error}") from None
