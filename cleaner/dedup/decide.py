"""Dedup over a corpus that does not fit in memory: three passes over its shards, and what is held between them.

1. Each shard is sketched; the sketches, some 700 bytes a document, are read into arrays.
2. The folded texts of candidates, and of no others, are written to a scratch file and compared there.
3. Each shard is written without what was decided to go, and its sketches without those documents.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cleaner.dedup import settled, without_passages
from cleaner.dedup.copies import STAYS, Copies, Flags, batches, find_copies, joined, sketch
from cleaner.dedup.folding import Offsets, fold_texts
from cleaner.document import Sketches
from cleaner.files.tables import read_documents, read_sketches, write_sketches
from cleaner.jobs import ShardJob
from cleaner.kernels.shingles import Points

Run = Callable[..., list[Any]]  # run(function, jobs, name): the results in order
SCRATCH = 1 << 20  # code points that are folded at a time


def decided(jobs: list[ShardJob], run: Run) -> list[ShardJob]:
    """The jobs of the last pass: they know which of their documents go. The sketches of those that stay are written."""
    if not jobs:
        return []
    run(sketch_shard, jobs, "sketch")
    by_shard = [read_sketches(sketches_file(job), job.config.dedup) for job in jobs]
    known = joined(by_shard)
    ends = np.cumsum([len(part) for part in by_shard]).tolist()
    spans = [slice(end - len(part), end) for end, part in zip(ends, by_shard, strict=True)]
    del by_shard
    config = jobs[0].config.dedup
    copies = find_copies(known, partial(fold_candidates, jobs, spans, known, run), config)
    for job, span in zip(jobs, spans, strict=True):
        keep_sketches(job, known, copies, span)
    return [replace(job, copies=settled(known, copies, config, span)) for job, span in zip(jobs, spans, strict=True)]


def sketches_file(job: ShardJob) -> Path:
    return job.folder / f"sketches-{job.number:05}.parquet"


def folded_file(job: ShardJob) -> Path:
    return job.folder / f"folded-{job.number:05}.scratch"


def sketch_shard(job: ShardJob) -> None:
    """Sketch the documents of one shard."""
    assert isinstance(job.source, Path)
    settings = job.config.dedup
    write_sketches(
        sketches_file(job), sketch(without_passages(read_documents(job.source), settings), settings), settings
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


def fold_candidates(
    jobs: list[ShardJob], spans: list[slice], known: Sketches, run: Run, wanted: Flags
) -> tuple[Points, Offsets, Offsets]:
    """The folded texts of candidates in a file that is mapped into memory, and start and end of each in it."""
    sizes = np.where(wanted, known.folded, 0)
    ends = np.cumsum(sizes)
    if not wanted.any():
        return np.zeros(0, dtype=np.uint32), ends, ends
    asked = [replace(job, is_candidate=wanted[span]) for job, span in zip(jobs, spans, strict=True)]
    run(fold_shard, asked, "compare")
    path = jobs[0].folder / "folded.scratch"
    with path.open("wb") as whole:
        for job in jobs:
            with folded_file(job).open("rb") as part:
                shutil.copyfileobj(part, whole, SCRATCH)
            folded_file(job).unlink()
    points = np.memmap(path, dtype=np.uint32, mode="r+").view(np.ndarray)
    path.unlink()  # the file is gone from the folder and lives as long as it is mapped
    return points, ends - sizes, ends


def fold_shard(job: ShardJob) -> None:
    """Write the folded texts of the candidates of one shard, one behind the other."""
    assert isinstance(job.source, Path) and job.is_candidate is not None
    documents = zip(read_documents(job.source), job.is_candidate.tolist(), strict=True)
    candidates = (document for document, is_candidate in documents if is_candidate)
    with folded_file(job).open("wb") as file:
        for batch in batches(without_passages(candidates, job.config.dedup)):
            file.write(fold_texts([document.text for document in batch])[0].tobytes())
