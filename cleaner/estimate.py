"""What a run will take, before it is begun: time, memory and disk, from a sample that is really run.

1. Some files are chosen by size and path, up to SAMPLE bytes, and copied into a scratch folder; the same each time.
2. In a process of its own, so that its memory can be measured, all stages, the check and the publishing are run over
   them twice: the first time, what they need is loaded. The smallest of them alone tell what any run takes.
3. What follows the bytes is multiplied by how many times the sample goes into the whole.

A sample has fewer copies than the whole, so less is dropped in it: of documents and disk rather too much is told.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cleaner import kernels
from cleaner.check import check
from cleaner.config import Config
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.corpus import open_corpus
from cleaner.files.pieces import largest_shard
from cleaner.files.raw import RawFile, find, shard_size
from cleaner.files.sampling import choose, copy_sample, is_table, size_below
from cleaner.memory import PER_DOCUMENT, told_size
from cleaner.pipeline import run_stages
from cleaner.publish import publish
from cleaner.worker import start_worker

SAMPLE = 4_000_000  # bytes
LARGEST = 100_000_000  # bytes of a packed file, which has to be taken whole
WARM_UP = 20_000  # bytes that are run first
FIXED = ("report.html", "README.md", "manifest.json")  # files of a version that grow little with it


@dataclass(frozen=True, slots=True)
class Measured:
    """What the run over the sample took."""

    documents: int
    kept: int
    start_seconds: float  # to load everything, and what any run takes
    shared_seconds: float  # of what several processes do at a time: the stages and the check
    lone_seconds: float  # of publishing, most of which one process does
    memory_at_start: int  # bytes
    memory: int
    work: int  # bytes on disk
    clean: int
    clean_fixed: int  # of these, those that do not grow


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the whole will take. Sizes are bytes."""

    files: int
    bytes: int
    sample_files: int
    sample_bytes: int
    workers: int
    documents: int
    kept: int
    seconds: float
    memory: int
    work: int
    clean: int


def estimate(raw: Path, config: Config, workers: int) -> Estimate:
    """Run a sample of what lies in `raw` and say what all of it will take with so many processes.

    Raises WrongUseError when there is nothing to read, or only packed files that are too large for a sample, and
    BadDataError when the sample cannot be run.
    """
    files, _ = find(raw)
    if not any(file.size for file in files):
        raise WrongUseError(f"there is nothing to read in {raw}")
    chosen = choose(files, SAMPLE)
    if chosen[0][1] > LARGEST:
        said = f"all files in {raw} are packed and have more than {told_size(LARGEST)}"
        raise WrongUseError(f"{said}, so no sample can be taken; unpack one of them, and estimate that")
    with tempfile.TemporaryDirectory(prefix="cleaner-estimate-") as scratch:
        folder = Path(scratch)
        size = copy_sample(chosen, folder / "raw")
        copy_sample(choose([file for file, _ in chosen], WARM_UP), folder / "first")
        measured = measured_apart(folder, config)
    return projected(files, chosen, size, measured, config, workers)


def measured_apart(folder: Path, config: Config) -> Measured:
    """Run the sample in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=start_worker) as pool:
        try:
            return pool.submit(run_sample, folder, config).result()
        except BrokenProcessPool:
            raise BadDataError("the sample was not run to its end; most likely there is too little memory") from None


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run took, and what its stages counted."""

    seconds: float  # of the stages and the check
    publishing: float  # seconds
    counts: list[dict[str, Any]]

    @property
    def all_seconds(self) -> float:
        return self.seconds + self.publishing


def run_sample(folder: Path, config: Config) -> Measured:
    """Run everything over the first files and over the sample, in a process that has done nothing yet, and again."""
    kernels.Kernel.taken = kernels.ENOUGH  # the whole will be large enough for compiled kernels
    first = run_timed(folder / "first", folder / "first-run", config)
    memory_at_start = peak_memory()
    loading = run_timed(folder / "raw", folder / "loading-run", config)
    whole = run_timed(folder / "raw", folder / "run", config)
    always = run_timed(folder / "first", folder / "last-run", config)  # what no run is without
    clean = folder / "run" / "clean"
    return Measured(
        documents=whole.counts[0]["documents_in"],
        kept=whole.counts[-1]["kept"],
        start_seconds=first.all_seconds + max(0.0, loading.all_seconds - whole.all_seconds),
        shared_seconds=max(0.0, whole.seconds - always.seconds),
        lone_seconds=max(0.0, whole.publishing - always.publishing),
        memory_at_start=memory_at_start,
        memory=peak_memory(),
        work=size_below(folder / "run" / "work"),
        clean=size_below(clean),
        clean_fixed=sum(path.stat().st_size for name in FIXED for path in clean.glob(f"v1/{name}")),
    )


def run_timed(raw: Path, place: Path, config: Config) -> Ran:
    """Run everything into a folder."""
    ends = [time.perf_counter()]
    counts: list[dict[str, Any]] = []
    for report in run_all(raw, place, config):
        ends.append(time.perf_counter())
        counts += [report["counts"]] if report else []
    return Ran(ends[-2] - ends[0], ends[-1] - ends[-2], counts)


def run_all(raw: Path, place: Path, config: Config) -> Iterator[dict[str, Any]]:
    """All stages, the check and the publishing. Yields the report of each stage, and nothing after the other two."""
    folders = [place]
    for folder, report in run_stages(raw, place / "work", config, 1, keeps=False):
        folders.append(folder)
        yield report
    corpus = open_corpus(folders[-1])
    findings = check(corpus, config.check)
    yield {}
    publish(corpus, place / "clean", findings, config)
    yield {}


def peak_memory() -> int:
    """The most bytes that this process has had in memory."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def projected(
    files: Sequence[RawFile],
    sample: Sequence[tuple[RawFile, int]],
    size: int,
    measured: Measured,
    config: Config,
    workers: int,
) -> Estimate:
    """From the sample to the whole; `size` are the bytes of the sample."""
    total = sum(file.size for file in files)
    times = total / size
    rows = measured.documents - sum(not is_table(file) for file, _ in sample)  # the others are one document each
    texts = sum(-(-file.size // config.decode.document_bytes) for file in files if not is_table(file))
    documents = round(texts + max(rows, 0) * times_of_tables(files, sample))
    most = config.decode.shard_bytes
    busy = min(workers, -(-total // shard_size(files, most)))
    grown = max(1.0, largest_shard(files, most) / shard_size([file for file, _ in sample], most))
    one = measured.memory_at_start + int((measured.memory - measured.memory_at_start) * grown)
    leading = measured.memory_at_start + PER_DOCUMENT * documents
    starts = 1 if busy == 1 else 2  # the process that leads loads everything, and then each of the others does, at once
    seconds = starts * measured.start_seconds + times * (measured.shared_seconds / busy + measured.lone_seconds)
    return Estimate(
        files=len(files),
        bytes=total,
        sample_files=len(sample),
        sample_bytes=size,
        workers=workers,
        documents=documents,
        kept=round(documents * measured.kept / max(measured.documents, 1)),
        seconds=seconds,
        memory=one + PER_DOCUMENT * documents if busy == 1 else leading + busy * one,
        work=round(times * measured.work),
        clean=round(times * (measured.clean - measured.clean_fixed)) + measured.clean_fixed,
    )


def times_of_tables(files: Sequence[RawFile], sample: Sequence[tuple[RawFile, int]]) -> float:
    """How many times the tables of the sample go into all tables."""
    ours = sum(size for file, size in sample if is_table(file))
    return sum(file.size for file in files if is_table(file)) / ours if ours else 0.0


def told(found: Estimate) -> Iterator[str]:
    """An estimate in words."""
    share = found.sample_bytes / found.bytes
    documents = f"about {found.documents:,} documents, of which {found.kept:,} stay"
    yield f"{found.files:,} files of {told_size(found.bytes)}, {documents}"
    yield f"time    {told_time(found.seconds)} with {found.workers} {'process' if found.workers == 1 else 'processes'}"
    yield f"memory  {told_size(found.memory)} at most"
    yield f"disk    {told_size(found.work)} while it works, and {told_size(found.clean)} for the version"
    sample = f"{told_size(found.sample_bytes)} ({share:.1%}) from {found.sample_files:,} of the files"
    yield f"This is based on a sample that was really run: {sample}."


def told_time(seconds: float) -> str:
    """A time as a person says it.

    >>> told_time(4.2), told_time(600), told_time(20_000)
    ('5 seconds', '10 minutes', '5.6 hours')
    """
    if seconds < 120:
        return f"{int(seconds) + 1} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"
