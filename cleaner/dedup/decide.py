"""Dedup over a corpus that does not fit in memory: passes over its shards, and what is held between them.

1. Each shard is sketched; the sketches, some 700 bytes a document, are read into arrays.
2. The folded texts of candidates, and of no others, are written to a scratch file and compared there.
3. Lines that recur are counted among the documents that are no copies; where they are to go, 1 and 2 are done again.
4. Each shard is written without what was decided to go, and its sketches without those documents.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cleaner.dedup import settled, trimmed
from cleaner.dedup.boilerplate import (
    LineCounts,
    Sieve,
    boilerplate_of,
    count_lines,
    merged,
    promising,
    report_rows,
    sift_lines,
)
from cleaner.dedup.copies import STAYS, Copies, Flags, find_copies, joined, sketch
from cleaner.dedup.earlier import Earlier, wanted_texts
from cleaner.dedup.folding import Offsets, batches, fold_texts
from cleaner.document import Document, Sketches
from cleaner.files.tables import read_documents, read_sketches, write_sketches
from cleaner.jobs import ShardJob
from cleaner.kernels.shingles import Points

Run = Callable[..., list[Any]]  # run(function, jobs, name): the results in order
SCRATCH = 1 << 20  # bytes that are copied at a time


def decided(jobs: list[ShardJob], run: Run, earlier: Earlier | None = None) -> tuple[list[ShardJob], dict[str, Any]]:
    """The jobs of the last pass, which know what goes from their documents; and what there is to report.

    What an `earlier` version has already goes, too.
    """
    if not jobs:
        return [], {}
    config = jobs[0].config.dedup
    settled_jobs = decided_copies(jobs, run, earlier)
    if config.boilerplate == "off":
        return settled_jobs, {}
    sieve = promising(run(sift_shard, settled_jobs, "lines"))
    counts = merged(run(count_shard, [replace(job, sieve=sieve) for job in settled_jobs], "count"))
    found = boilerplate_of(counts, sieve.documents)
    if found and config.boilerplate == "drop":
        # Texts that differed in their boilerplate only may be copies without it.
        settled_jobs = decided_copies([replace(job, boilerplate=found) for job in jobs], run, earlier)
    return settled_jobs, {"boilerplate": report_rows(found)}


def decided_copies(jobs: list[ShardJob], run: Run, earlier: Earlier | None) -> list[ShardJob]:
    """Which documents are copies. The sketches of those that stay are written."""
    run(sketch_shard, jobs, "sketch")
    config = jobs[0].config.dedup
    by_shard = [read_sketches(sketches_file(job), config) for job in jobs]
    ends = np.cumsum([len(earlier.sketches) if earlier else 0, *map(len, by_shard)]).tolist()
    spans = [slice(*pair) for pair in itertools.pairwise(ends)]
    known = joined([*([earlier.sketches] if earlier else []), *by_shard])
    del by_shard

    def fold(wanted: Flags) -> tuple[Points, Offsets, Offsets]:
        sizes = np.where(wanted, known.folded, 0)
        path = jobs[0].folder / "folded.scratch"
        with path.open("wb") as scratch:
            if earlier:
                sizes[: ends[0]] = write_earlier(earlier, wanted[: ends[0]], scratch)
            asked = [replace(job, is_candidate=wanted[span]) for job, span in zip(jobs, spans, strict=True)]
            gather_candidates(asked, run, scratch)
        return map_points(path), np.cumsum(sizes) - sizes, np.cumsum(sizes)

    copies = find_copies(known, fold, config, ends[0])
    version = earlier.name if earlier else ""
    found = [settled(known, copies, config, span, version) for span in spans]
    for job, span in zip(jobs, spans, strict=True):
        keep_sketches(job, known, copies, span)
    return [replace(job, copies=gone) for job, gone in zip(jobs, found, strict=True)]


def staying(job: ShardJob) -> Iterator[Document]:
    """The documents of a shard that are no copies."""
    assert isinstance(job.source, Path)
    copies = job.copies or {}
    documents = (document for document in read_documents(job.source) if document.id not in copies)
    return trimmed(documents, job.config.dedup, job.boilerplate)


def sift_shard(job: ShardJob) -> Sieve:
    """Which lines of one shard may recur."""
    return sift_lines(staying(job))


def count_shard(job: ShardJob) -> LineCounts:
    """Where the lines of one shard stand that recur in the corpus."""
    assert job.sieve is not None
    return count_lines(staying(job), job.sieve)


def write_earlier(earlier: Earlier, wanted: Flags, scratch: BinaryIO) -> Offsets:
    """Write the folded texts of some documents of an earlier version, as far as they are there; the size of each."""
    sizes = np.zeros(len(wanted), dtype=np.int64)
    for number, text in wanted_texts(earlier, wanted):
        points = fold_texts([text])[0]
        scratch.write(points.tobytes())
        sizes[number] = len(points)
    return sizes


def gather_candidates(jobs: list[ShardJob], run: Run, scratch: BinaryIO) -> None:
    """Write the folded texts of all candidates, shard by shard."""
    asked = [job for job in jobs if job.is_candidate is not None and job.is_candidate.any()]
    run(fold_shard, asked, "compare")
    for job in asked:
        with folded_file(job).open("rb") as part:
            shutil.copyfileobj(part, scratch, SCRATCH)
        folded_file(job).unlink()


def map_points(path: Path) -> Points:
    """The code points in a file, mapped into memory; the file is gone from its folder and lives as long as they do."""
    points = np.zeros(0, dtype=np.uint32)
    if path.stat().st_size:
        points = np.memmap(path, dtype=np.uint32, mode="r+").view(np.ndarray)
    path.unlink()
    return points


def sketches_file(job: ShardJob) -> Path:
    return job.folder / f"sketches-{job.number:05}.parquet"


def folded_file(job: ShardJob) -> Path:
    return job.folder / f"folded-{job.number:05}.scratch"


def sketch_shard(job: ShardJob) -> None:
    """Sketch the documents of one shard."""
    assert isinstance(job.source, Path)
    settings = job.config.dedup
    write_sketches(
        sketches_file(job), sketch(trimmed(read_documents(job.source), settings, job.boilerplate), settings), settings
    )


def keep_sketches(job: ShardJob, known: Sketches, copies: Copies, span: slice) -> None:
    """Write the sketches of those documents of a shard that stay, for later batches to be compared with."""
    numbers = np.arange(len(known))[span]
    numbers = numbers[copies.keeper[numbers] == STAYS]
    write_sketches(sketches_file(job), [taken(known, numbers)] if len(numbers) else [], job.config.dedup)


def taken(known: Sketches, numbers: Offsets) -> Sketches:
    """Some of the sketches."""
    columns = [getattr(known, name) for name in ("ids", "sources")]
    arrays = [getattr(known, name)[numbers] for name in ("lengths", "is_converted", "folded", "digests", "signatures")]
    return Sketches(*[column.take(numbers) for column in columns], *arrays)


def fold_shard(job: ShardJob) -> None:
    """Write the folded texts of the candidates of one shard, one behind the other."""
    assert isinstance(job.source, Path) and job.is_candidate is not None
    documents = zip(read_documents(job.source), job.is_candidate.tolist(), strict=True)
    candidates = (document for document, is_candidate in documents if is_candidate)
    with folded_file(job).open("wb") as file:
        for batch in batches(trimmed(candidates, job.config.dedup, job.boilerplate)):
            file.write(fold_texts([document.text for document in batch])[0].tobytes())
