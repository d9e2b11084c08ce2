"""Who runs the jobs of a pass: processes of this machine, or the workers of a cluster. The bytes are the same.

    local   processes that are kept for all passes of a run
    ray     tasks of Ray, on a cluster or on one that is started here
    dask    the same with Dask

An engine offers `map(function, jobs)`: the results in order, as they come. What clusters have in common is in
`cluster`: they are told apart by the few calls that it lists, each of a line or two, so another one is soon added. All
scheduling, placement and detection of dead workers is theirs. `parcel` is how a job is sent, `errand` what a worker
must have in common with us before it does one; `threads` are for what the leading process does alone.
"""

import contextlib
import importlib
import importlib.util
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from cleaner.errors import WrongUseError

PATIENCE = 300.0  # seconds

Map = Callable[
    [Callable[[Any], Any], list[Any], str], Generator[Any, None, None]
]  # map(function, jobs, name of the pass)


class Engine(StrEnum):
    """Who runs the jobs."""

    local = "local"
    ray = "ray"
    dask = "dask"


class Place(NamedTuple):
    """Which cluster does the work."""

    engine: Engine
    address: str = ""  # HOST:PORT; without it a cluster of this machine alone, which ends with the run
    workers: int = 1  # of the one that is started here
    patience: float = PATIENCE  # seconds that a run waits while no worker is alive


@dataclass(slots=True)
class InUse:
    """What this process uses to run jobs: a cluster, or None for processes of its own."""

    start: Callable[[], Map] | None = None
    threads: int = 1  # for what the leading process does alone
    until_end: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)  # of a command: what it left open


IN_USE = InUse()


def cluster_map() -> Map | None:
    """`map` of the cluster that is in use, which is started when it is first asked for; None if none is."""
    return None if IN_USE.start is None else IN_USE.start()


@contextlib.contextmanager
def engine(place: Place) -> Iterator[None]:
    """Let an engine run all jobs of the block. Raises WrongUseError when it is not installed."""
    IN_USE.threads = place.workers
    try:
        with engine_started(place):
            yield
    finally:
        IN_USE.threads = 1


@contextlib.contextmanager
def engine_started(place: Place) -> Iterator[None]:
    """The same, but for threads."""
    if place.engine is Engine.local:
        if place.address:
            raise WrongUseError("--address names a cluster, so it needs --engine ray or --engine dask")
        yield
        return
    refuse_missing(place.engine)
    with contextlib.ExitStack() as stack:
        found: list[Map] = []

        def start() -> Map:
            if not found:
                started = importlib.import_module(f"cleaner.engines.{place.engine}").started
                found.append(stack.enter_context(started(place)))
            return found[0]

        IN_USE.start = start
        try:
            yield
        finally:
            IN_USE.start = None


def refuse_missing(name: Engine) -> None:
    """Say which extra is missing."""
    package = {"ray": "ray", "dask": "distributed"}[name]
    if importlib.util.find_spec(package) is None:
        raise WrongUseError(f"--engine {name} needs a package that is not installed: pip install 'cleaner[{name}]'")
