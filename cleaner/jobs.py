"""Shard jobs, and the one who runs them: a pure function on paths reads one shard and writes one shard.

Whoever runs the jobs only has to offer `map(function, jobs)`. The bytes do not depend on who does.
"""

import functools
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from cleaner.config import Config
from cleaner.dedup import Decisions
from cleaner.dedup.boilerplate import Sieve
from cleaner.errors import BadDataError
from cleaner.files.raw import RawFile
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
    is_candidate: npt.NDArray[np.bool_] | None = None  # dedup: of the shard's documents, those to be looked at
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
        return list(progress(pool_of(workers).map(function, jobs)))
    except BrokenProcessPool:
        pool_of.cache_clear()
        raise BadDataError(
            f"a worker of the stage {name} was killed, most likely for want of memory; "
            "run again with fewer --workers or a smaller decode.shard_bytes"
        ) from None


@functools.lru_cache(maxsize=1)
def pool_of(workers: int) -> ProcessPoolExecutor:
    """The worker processes, which are kept for all passes of a run: each takes seconds to load what it needs.

    They are not forked: a forked child inherits the locks of pyarrow's threads as they happen to be.
    """
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
