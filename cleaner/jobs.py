"""Shard jobs, and the one who runs them: a pure function on paths reads one shard and writes one shard.

Whoever runs the jobs only has to offer `map(function, jobs)`. The bytes do not depend on who does.
"""

import functools
import os
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import InvalidStateError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import active_children, connection, get_context, parent_process
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter
from tqdm import tqdm

from cleaner.config import Config
from cleaner.dedup import Decisions
from cleaner.dedup.boilerplate import Sieve
from cleaner.errors import BadDataError
from cleaner.files.raw import RawFile
from cleaner.files.resume import finished, note_finished
from cleaner.repair.links import Joins
from cleaner.repair.witnesses import Answers, Questions

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ShardJob:
    """Read one shard, do one stage, write one shard."""

    stage: str
    number: int
    source: Path | tuple[RawFile, ...]  # a documents file, or the raw files of the shard
    folder: Path
    config: Config
    questions: Questions | None = None  # repair, second pass: what all texts are asked
    answers: Answers | None = None  # repair, third pass: what they said
    joins: Joins | None = None  # repair, second pass: parts of one article to be joined
    is_candidate: npt.NDArray[np.bool_] | None = None  # repair, dedup: of the shard's documents, those to be looked at
    sieve: Sieve | None = None  # dedup: lines that may recur
    decided: Decisions = field(default_factory=Decisions)  # dedup: about the shard's documents, so far


def run_jobs(function: Callable[[Job], Result], jobs: list[Job], workers: int, name: str) -> list[Result]:
    """`map(function, jobs)` over processes, results in order; with one job or worker, in this process."""
    progress: Callable[[Iterable[Result]], Iterable[Result]] = functools.partial(
        tqdm, total=len(jobs), desc=f"{name:9}", unit="shard", disable=None, leave=False
    )
    if min(workers, len(jobs)) <= 1:
        return list(progress(map(function, jobs)))
    try:
        return list(progress(pool_of(workers, Path.cwd()).map(function, jobs)))
    except BrokenProcessPool:
        stop_workers()
        raise BadDataError(
            f"a worker of the stage {name} was killed, most likely for want of memory; "
            "run again with fewer --workers or a smaller decode.shard_bytes"
        ) from None
    except BaseException:
        stop_workers()  # or leaving would wait for all jobs that are queued
        raise


def run_shards(
    function: Callable[[ShardJob], Result], jobs: list[ShardJob], workers: int, kind: type[Result]
) -> list[Result]:
    """`run_jobs` for the jobs that write the shards of a stage. What an interrupted run has finished is not done again.

    What comes of a shard is noted beside it as JSON and must be a data class, or a tuple of such: its `kind`.
    """
    as_noted = TypeAdapter(kind)
    results = {job.number: noted for job in jobs if (noted := finished(job.folder, note_name(job))) is not None}
    left = [job for job in jobs if job.number not in results]
    stage = jobs[0].stage if jobs else ""
    done = run_jobs(functools.partial(write_and_note, function, kind), left, workers, stage)
    results |= {job.number: noted for job, noted in zip(left, done, strict=True)}
    return [as_noted.validate_json(results[job.number]) for job in jobs]


def write_and_note(function: Callable[[ShardJob], Result], kind: type[Result], job: ShardJob) -> bytes:
    """Do a job, and note that it is done."""
    noted = TypeAdapter(kind).dump_json(function(job))
    note_finished(job.folder, note_name(job), job.number, noted)
    return noted


def note_name(job: ShardJob) -> str:
    return f"{job.stage}-{job.number:05}"


@functools.lru_cache(maxsize=1)
def pool_of(workers: int, folder: Path) -> ProcessPoolExecutor:
    """The worker processes, which are kept for all passes of a run: each takes seconds to load what it needs.

    They were started in `folder`, from which the paths in jobs lead on. They are not forked: a forked child inherits
    the locks of pyarrow's threads as they happen to be.
    """
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=start_worker)


def start_worker() -> None:
    """Leave Ctrl-C to the parent, which stops its workers; and do not outlive it, should it be killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def stop_workers() -> None:
    """Stop all workers at once; what they were writing has no note, so it will be made again."""
    threading.excepthook = say_unless_cancelled
    pool_of.cache_clear()
    for worker in active_children():
        worker.kill()


def say_unless_cancelled(problem: threading.ExceptHookArgs) -> None:
    """Say what went wrong in a thread, but for the pool: it stumbles over results that nobody wants."""
    if not issubclass(problem.exc_type, InvalidStateError):
        threading.__excepthook__(problem)
