"""Processes of this machine, which are kept for all passes of a run. How they begin: `cleaner.worker`."""

import contextlib
import functools
import pickle
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from cleaner.engines.parcel import PICKLE, Shelf, opened, pack
from cleaner.errors import BadDataError
from cleaner.files.scratch import mapped_parts, set_aside
from cleaner.worker import context, start_worker

Job = TypeVar("Job")
Result = TypeVar("Result")

LARGE = 1 << 16  # bytes
PATIENCE = 2.0  # seconds, after which workers are counted


def map_jobs(
    function: Callable[[Job], Result], jobs: list[Job], workers: int, name: str
) -> Generator[Result, None, None]:
    """`map(function, jobs)` over processes; with one job or worker, in this process."""
    if min(workers, len(jobs)) <= 1:
        yield from map(function, jobs)
        return
    pool = pool_of(workers, Path.cwd())
    try:
        with shelf_here() as shelf:
            parcels = [pack(function, job, shelf, is_far=False) for job in jobs]
            yield from results_of(deque(pool.submit(do, *parcel) for parcel in parcels))
    except BrokenProcessPool:
        stop_workers(pool)
        raise BadDataError(
            f"a worker of the stage {name} was killed, most likely for want of memory; "
            "run again with fewer --workers or a smaller decode.shard_bytes"
        ) from None
    except BaseException:
        stop_workers(pool)  # or leaving would wait for all jobs that are queued
        raise


def results_of(jobs: deque[Future[Any]]) -> Iterator[Any]:
    """What comes of jobs, in order. Raises BrokenProcessPool when a worker is gone.

    Of one that is killed while it writes a result the pool does not hear: it waits for the rest.
    """
    alive = 0
    while jobs:
        while not wait([jobs[0]], PATIENCE).done:
            before, alive = alive, len(active_children())
            if alive < before:
                raise BrokenProcessPool
        yield jobs[0].result()
        jobs.popleft()


class Brought(NamedTuple):
    """What jobs have in common, as workers of this machine are told of it."""

    head: bytes
    arrays: Path | None = None  # the file in which they lie, if they are large: sent, they would be with each job
    sizes: tuple[int, ...] = ()  # of these, in bytes


@contextlib.contextmanager
def shelf_here() -> Iterator[Shelf]:
    """A shelf for the workers of this machine."""
    with contextlib.ExitStack() as files:

        def bring(common: Any) -> Brought:
            buffers = list[pickle.PickleBuffer]()
            head = pickle.dumps(common, PICKLE, buffer_callback=buffers.append)
            parts = [buffer.raw() for buffer in buffers]
            sizes = tuple(part.nbytes for part in parts)
            if sum(sizes) < LARGE:
                return Brought(pickle.dumps(common, PICKLE))
            arrays = set_aside(parts)
            files.callback(arrays.unlink)
            return Brought(head, arrays, sizes)

        yield Shelf(bring)


def do(parcel: bytes, common: Sequence[Brought]) -> Any:
    """What comes of a job, in a worker."""
    function, job = opened(parcel, common, fetched)
    return function(job)


def fetched(brought: Brought) -> Any:
    """What jobs have in common. The pickle came from the leading process; from the file come numbers only."""
    arrays = mapped_parts(brought.arrays, brought.sizes) if brought.arrays else ()
    return pickle.loads(brought.head, buffers=arrays)


@functools.lru_cache(maxsize=1)
def pool_of(workers: int, folder: Path) -> ProcessPoolExecutor:
    """The worker processes, which are kept for all passes of a run.

    They were started in `folder`, from which the paths in jobs lead on.
    """
    return ProcessPoolExecutor(workers, mp_context=context(), initializer=start_worker)


def stop_workers(pool: ProcessPoolExecutor) -> None:
    """Stop all workers at once; what they were writing has no note, so it will be made again."""
    threading.excepthook = say_unless_cancelled
    pool_of.cache_clear()
    for worker in active_children():
        worker.kill()
    # One may have been writing a result: who reads it would wait for the rest, as long as anybody could write it.
    pool._result_queue._writer.close()  # type: ignore[attr-defined]  # nothing public ends that


def say_unless_cancelled(problem: threading.ExceptHookArgs) -> None:
    """Say what went wrong in a thread, but for the pool: it stumbles over results that nobody wants."""
    if not issubclass(problem.exc_type, InvalidStateError):
        threading.__excepthook__(problem)
