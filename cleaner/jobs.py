"""Shard jobs, and the one who runs them: a pure function on paths reads one shard and writes one shard of each step.

Whoever runs the jobs only has to offer `map(function, jobs)` (`cleaner.engines`). The bytes do not depend on who does.
"""

import contextlib
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from cleaner.config import Config
from cleaner.counts import Counts
from cleaner.dedup import Decisions
from cleaner.dedup.boilerplate import Sieve
from cleaner.engines import cluster_map
from cleaner.engines.local import map_jobs
from cleaner.files.folder import Store
from cleaner.files.raw import RawFile
from cleaner.files.resume import finished, note_finished
from cleaner.memory import give_back
from cleaner.progress import Shares, followed, timed
from cleaner.readings import Tally
from cleaner.repair.links import Joins
from cleaner.repair.witnesses import Answers, Noted, Questions

Job = TypeVar("Job")
Result = TypeVar("Result")


class Step(NamedTuple):
    """A stage that a shard goes through, the folder where it leaves its files, and how it leaves the documents."""

    stage: str
    folder: Path
    store: Store = "parquet"

    def note_of(self, number: int) -> str:
        """The name under which it is noted that a shard is finished."""
        return f"{self.stage}-{number:05}"


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one step of a shard."""

    counts: Counts
    readings: Tally = field(default_factory=Tally)  # of decode


@dataclass(frozen=True, slots=True)
class ShardJob:
    """Read one shard, do one stage or several in a row, write one shard of each."""

    number: int
    source: Path | tuple[RawFile, ...]  # a documents file, or the raw files of the shard
    steps: tuple[Step, ...]
    config: Config
    questions: Questions | None = None  # repair, second pass: what all texts are asked
    answers: Answers | None = None  # repair, third pass: what they said
    joins: Joins | None = None  # repair, second pass: parts of one article to be joined
    noted: Noted | None = None  # repair, last pass: what the first one noted
    is_candidate: npt.NDArray[np.bool_] | None = None  # dedup: of the shard's documents, those to be looked at
    sieve: Sieve | None = None  # dedup: lines that may recur
    decided: Decisions = field(default_factory=Decisions)  # dedup: about the shard's documents, so far

    @property
    def stage(self) -> str:
        return self.steps[-1].stage

    @property
    def folder(self) -> Path:
        return self.steps[-1].folder


AS_NOTED = TypeAdapter(Done)


def run_jobs(
    function: Callable[[Job], Result],
    jobs: list[Job],
    workers: int,
    name: str,
    shares_of: Callable[[Result], Shares] | None = None,
) -> list[Result]:
    """`map(function, jobs)`, results in order: on the cluster that is in use, or over processes of this machine.

    `shares_of` says for the progress bar how many documents of a result were kept.
    """
    work = functools.partial(timed, function)
    on_cluster = cluster_map()
    done = on_cluster(work, jobs, name) if on_cluster else map_jobs(work, jobs, workers, name)
    with contextlib.closing(done):  # if it is not followed to its end, it stops what is still at work
        results = list(followed(name, jobs, done, shares_of))
    give_back()
    return results


def run_shards(function: Callable[[ShardJob], list[Done]], jobs: list[ShardJob], workers: int) -> list[list[Done]]:
    """`run_jobs` for the jobs that write shards. What an interrupted run has finished is not done again.

    What comes of each step of a shard is noted beside its files.
    """
    results = {job.number: noted for job in jobs if (noted := noted_before(job)) is not None}
    left = [job for job in jobs if job.number not in results]
    stage = jobs[0].stage if jobs else ""
    done = run_jobs(functools.partial(write_and_note, function), left, workers, stage, shares_noted)
    results |= {job.number: noted for job, noted in zip(left, done, strict=True)}
    return [list(map(AS_NOTED.validate_json, results[job.number])) for job in jobs]


def noted_before(job: ShardJob) -> list[bytes] | None:
    """What came of the steps of a shard, if an earlier run has finished them all."""
    noted = [finished(step.folder, step.note_of(job.number)) for step in job.steps]
    return [note for note in noted if note is not None] if None not in noted else None


def write_and_note(function: Callable[[ShardJob], list[Done]], job: ShardJob) -> list[bytes]:
    """Do a job, and note that it is done."""
    noted = list(map(AS_NOTED.dump_json, function(job)))
    for step, note in zip(job.steps, noted, strict=True):
        note_finished(step.folder, step.note_of(job.number), job.number, note)
    return noted


def shares_noted(noted: list[bytes]) -> Shares:
    """How many documents came to the first step of a shard, and how many the last one kept."""
    first, last = AS_NOTED.validate_json(noted[0]).counts, AS_NOTED.validate_json(noted[-1]).counts
    return Shares(first.documents_in, last.kept)
