"""Dask: each job is a task of its own, which Dask does again when the worker died.

A worker must do one job at a time: what a process loads and keeps compiled is not made for several threads. Dask cannot
stop a job that has begun on a worker of a cluster; it ends there, and nobody asks for what came of it.
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from cleaner.engines import Map, Place
from cleaner.engines.cluster import LostError, mapping, refuse_deaf
from cleaner.engines.errand import perform
from cleaner.errors import WrongUseError

LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")  # they log what we say
CONNECTED = 30.0  # seconds that a scheduler has to answer
QUIET = {"distributed.admin.large-graph-warning-threshold": "1 GiB"}  # arrays in jobs are meant
BEFORE_WORKERS = "distributed.nanny.pre-spawn-environ"  # the variables that a worker is started with
TRIM = "MALLOC_TRIM_THRESHOLD_"  # with Dask's value of it, sketches take twice the processor time


class DaskCluster:
    """A Dask cluster that this process is connected to."""

    def __init__(self, name: str, client: Any) -> None:
        self.name, self.client = name, client

    def nodes(self) -> dict[str, str]:
        try:
            workers = self.client.scheduler_info()["workers"]
        except OSError:  # the scheduler is not there, either
            return {}
        for address, worker in workers.items():
            if worker["nthreads"] != 1:
                many = f"{worker['nthreads']} jobs at a time"
                raise WrongUseError(
                    f"the worker {address} does {many}; start workers with --nthreads 1 --nworkers auto"
                )
        return {address: str(worker["name"]) for address, worker in workers.items()}

    def bring(self, content: bytes) -> Any:
        return self.client.scatter(content, broadcast=True, hash=False)  # to all, for nobody can make it again

    def submit(self, arguments: tuple[Any, ...], node: str = "") -> Any:
        return self.client.submit(perform, *arguments, pure=False, workers=[node] if node else None)

    def result(self, task: Any, seconds: float) -> bytes | None:
        try:
            return bytes(task.result(timeout=seconds))
        except TimeoutError:
            return None
        except ModuleNotFoundError as error:
            raise WrongUseError(f"cleaner is not installed on a worker of {self.name}: {error}") from None
        except Exception as error:  # of the cluster: those of the job come back as results
            raise LostError(str(error).strip().partition("\n")[0]) from None

    def cancel(self, tasks: Iterable[Any]) -> None:
        left = [task for task in tasks if not task.done()]
        if left:
            with contextlib.suppress(OSError):
                self.client.cancel(left, force=True)


@contextlib.contextmanager
def started(place: Place) -> Iterator[Map]:
    """`map` on the cluster of an address, or on one that is started here and ends with the block."""
    if place.address:
        refuse_deaf(place.address, "Dask")
    import dask

    dask.config.set(logging=dict.fromkeys(LOGGERS, "critical"))  # which distributed reads when it is imported
    from distributed import Client, LocalCluster

    name = f"the Dask cluster at {place.address}" if place.address else "the Dask cluster of this machine"
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(QUIET))
        where: Any = place.address
        if not place.address:
            environ = {key: value for key, value in dask.config.get(BEFORE_WORKERS).items() if key != TRIM}
            stack.enter_context(dask.config.set({BEFORE_WORKERS: environ}))
            quietly = {"dashboard_address": None, "silence_logs": logging.CRITICAL, "memory_limit": 0}
            own = LocalCluster(n_workers=place.workers, threads_per_worker=1, **quietly)
            where = stack.enter_context(own)
        try:
            client = stack.enter_context(Client(where, timeout=CONNECTED))
        except (OSError, ValueError) as error:
            raise WrongUseError(f"cannot use {name}: {error}") from None
        yield mapping(DaskCluster(name, client), place.patience)
