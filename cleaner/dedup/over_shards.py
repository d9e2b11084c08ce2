"""Dedup over a corpus that does not fit in memory: some passes over its shards, and what is held between them.

1. Each shard is sketched; the sketches, some 700 bytes a document, are read into arrays.
2. The folded texts of candidates, and of no others, are written to a scratch file and compared there.
3. Of the documents that stay the fingerprints are counted; then those are written down that several documents have, and
   the folded texts of the documents that may share something, again in scratch files.
4. If anything is to go that stands in several documents, all of this is done again without it, until nothing is found.
5. Lines that recur in the documents of a source are counted; if they are to go, that comes first of all.
6. Each shard is written without what was decided to go, and its sketches without those documents.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from cleaner.dedup import Copy, Decisions, remade, settled
from cleaner.dedup.across import Across, as_report, find_across
from cleaner.dedup.boilerplate import (
    Boilerplate,
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
from cleaner.dedup.decisions import more_to_do
from cleaner.dedup.earlier import Earlier, wanted_texts
from cleaner.dedup.fingerprints import (
    OCCURRENCE,
    Counted,
    Folds,
    Occurrences,
    Readers,
    States,
    counted,
    laid_out,
    occurring,
    spans_of,
)
from cleaner.dedup.folding import Offsets, fold_texts
from cleaner.document import Document, Sketches, batches
from cleaner.files.tables import read_aside, read_documents, read_sketches, set_aside, write_passages, write_sketches
from cleaner.jobs import ShardJob
from cleaner.kernels.shingles import Points

Run = Callable[..., list[Any]]  # run(function, jobs, name): the results in order
SCRATCH = 1 << 20  # bytes that are copied at a time
COLUMNS = ("points", "places", "lines")  # of folded texts


class Look(NamedTuple):
    """What one look at the corpus, as it is by then, has found."""

    known: Sketches  # of the documents that are there
    spans: list[slice]  # which of them are those of each shard
    stays: Flags  # those that are no copies
    copies: dict[str, Copy]
    repeating: frozenset[str]  # the documents that had passages twice; in a later look, passages to be cut


def decided(jobs: list[ShardJob], run: Run, earlier: Earlier | None = None) -> tuple[list[ShardJob], dict[str, Any]]:
    """The jobs of the last pass, which know which of their documents go, and what the report says of it.

    What an `earlier` version has already goes, too. The sketches of the documents that stay are written, and the
    passages that stand in several.
    """
    if not jobs:
        return [], {}
    config = jobs[0].config.dedup
    look = look_for_copies(jobs, run, earlier)
    names = [look.known.ids[span.start : span.stop].to_pylist() for span in look.spans]
    decisions = Decisions(repeating=look.repeating)
    if config.boilerplate == "drop":
        lines = recurring_lines(informed(jobs, replace(decisions, copies=look.copies), names), run)
        decisions = replace(decisions, boilerplate=lines)
        jobs = informed(jobs, decisions, names)
        look = look_for_copies(jobs, run, earlier) if lines else look
    while True:
        across = find_across(look.known, look.stays, shard_readers(jobs, look.spans, run), config)
        decisions = decisions.after(look.copies, across, config)
        jobs = informed(jobs, decisions, names)
        if not more_to_do(across, config):
            break
        look = look_for_copies(jobs, run, earlier)
    if config.boilerplate == "report":
        lines = recurring_lines(jobs, run)
    decisions = decisions.resolved()
    if config.passages != "off":
        keep_passages(jobs, decisions.found, names)
    for job in jobs:
        scratch_file(job, "documents").unlink()
    recurring = {"boilerplate": report_rows(lines)} if config.boilerplate != "off" else {}
    return informed(jobs, decisions, names), as_report(decisions.found) | recurring


def informed(jobs: list[ShardJob], decisions: Decisions, names: list[list[str]]) -> list[ShardJob]:
    """The jobs, each with what was decided about its own documents; `names` are their ids."""
    return [replace(job, decided=decisions.of(some)) for job, some in zip(jobs, names, strict=True)]


def look_for_copies(jobs: list[ShardJob], run: Run, earlier: Earlier | None) -> Look:
    """Which of the documents that are there are copies. The sketches of the others are written."""
    repeating = frozenset(itertools.chain.from_iterable(run(sketch_shard, jobs, "sketch")))
    config = jobs[0].config.dedup
    by_shard = [read_sketches(sketches_file(job), config) for job in jobs]
    first = len(earlier.sketches) if earlier else 0
    ends = (first + np.cumsum([0, *map(len, by_shard)])).tolist()
    spans = [slice(*pair) for pair in itertools.pairwise(ends)]
    known = joined([*([earlier.sketches] if earlier else []), *by_shard])
    del by_shard

    def fold(wanted: Flags) -> tuple[Points, Offsets, Offsets]:
        sizes = np.where(wanted, known.folded, 0)
        path = jobs[0].folder / "folded.scratch"
        with path.open("wb") as scratch:
            if earlier:
                sizes[:first] = write_earlier(earlier, wanted[:first], scratch)
            if wanted[first:].any():
                run(fold_shard, asked(jobs, spans, wanted), "compare")
                gather(jobs, "points", scratch)
        return mapped(path), np.cumsum(sizes) - sizes, np.cumsum(sizes)

    copies = find_copies(known, fold, config, first)
    for job, span in zip(jobs, spans, strict=True):
        keep_sketches(job, known, copies, span)
    found = settled(known, copies, config, earlier.name if earlier else "")
    ours = taken(known, np.arange(first, len(known))) if earlier else known
    spans = [slice(span.start - first, span.stop - first) for span in spans]
    return Look(ours, spans, copies.keeper[first:] == STAYS, found, repeating)


def write_earlier(earlier: Earlier, wanted: Flags, scratch: BinaryIO) -> Offsets:
    """Write the folded texts of some documents of an earlier version, as far as they are there; the size of each."""
    sizes = np.zeros(len(wanted), dtype=np.int64)
    for number, text in wanted_texts(earlier, wanted):
        points = fold_texts([text])[0]
        scratch.write(points.tobytes())
        sizes[number] = len(points)
    return sizes


def documents_of(job: ShardJob) -> Iterator[Document]:
    """The documents of a shard that are there by now, as the last look at them has found and set them aside."""
    return (document for document in read_aside(scratch_file(job, "documents")) if not job.decided.goes(document.id))


def sketches_file(job: ShardJob) -> Path:
    return job.folder / f"sketches-{job.number:05}.parquet"


def scratch_file(job: ShardJob, column: str) -> Path:
    return job.folder / f"{column}-{job.number:05}.scratch"


def sketch_shard(job: ShardJob) -> list[str]:
    """Sketch the documents of one shard that are there by now, and set them aside as they are. Returns what changed."""
    assert isinstance(job.source, Path)
    source, settings = job.source, job.config.dedup
    changed: list[str] = []

    def now() -> Iterator[Document]:
        for document in read_documents(source):
            if not job.decided.goes(document.id):
                outcome = remade(document, job.decided, settings)
                changed.extend([document.id] * bool(outcome.edits))
                yield outcome.document

    write_sketches(sketches_file(job), sketch(set_aside(scratch_file(job, "documents"), now()), settings), settings)
    return changed


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


def asked(jobs: list[ShardJob], spans: list[slice], wanted: Flags) -> list[ShardJob]:
    """The jobs, with those of their documents that are to be looked at."""
    return [replace(job, is_candidate=wanted[span]) for job, span in zip(jobs, spans, strict=True)]


def gather(jobs: list[ShardJob], column: str, whole: BinaryIO) -> None:
    """Write what each shard has written of one column, one behind the other."""
    for job in jobs:
        with scratch_file(job, column).open("rb") as part:
            shutil.copyfileobj(part, whole, SCRATCH)
        scratch_file(job, column).unlink()


def mapped(path: Path) -> Points:
    """The code points in a file, mapped into memory; the file is gone from its folder and lives as long as they do."""
    empty = not path.stat().st_size
    found: Points = np.zeros(0, np.uint32) if empty else np.memmap(path, np.uint32, "r+").view(np.ndarray)
    path.unlink()
    return found


def fold_shard(job: ShardJob) -> None:
    """Write the folded texts of the candidates of one shard, one behind the other."""
    with scratch_file(job, "points").open("wb") as file:
        for batch in batches(candidates_of(job)):
            file.write(fold_texts([document.text for document in batch])[0].tobytes())


def candidates_of(job: ShardJob) -> Iterator[Document]:
    """Those documents of a shard that are to be looked at."""
    assert job.is_candidate is not None
    documents = zip(documents_of(job), job.is_candidate.tolist(), strict=True)
    return (document for document, is_candidate in documents if is_candidate)


# What stands in several documents


def shard_readers(jobs: list[ShardJob], spans: list[slice], run: Run) -> Readers:
    """Those who read the documents of the shards."""

    def count(wanted: Flags, bits: int) -> Iterator[Counted]:
        run(partial(count_shard, bits=bits), asked(jobs, spans, wanted), "count")
        for job in jobs:
            slots = taken_up(scratch_file(job, "slots"), np.dtype(np.uint32))
            yield slots, taken_up(scratch_file(job, "counts"), np.dtype(np.uint8))

    def occur(wanted: Flags, states: States) -> Occurrences:
        path = jobs[0].folder / "states.scratch"
        states.tofile(path)
        run(partial(occur_shard, states=path), asked(jobs, spans, wanted), "shared")
        path.unlink()
        found = [taken_up(scratch_file(job, "occurrences"), OCCURRENCE) for job in jobs]
        for part, span in zip(found, spans, strict=True):
            part["document"] += np.uint32(span.start)
        return np.concatenate(found)

    def fold(wanted: Flags) -> Folds:
        sizes = np.concatenate(run(lay_out_shard, asked(jobs, spans, wanted), "compare"))
        points, places, lines = (gathered(jobs, column) for column in COLUMNS)
        return Folds(points, places, lines.reshape(-1, 3), spans_of(sizes[:, 0]), spans_of(sizes[:, 1]))

    return Readers(count, occur, fold)


def gathered(jobs: list[ShardJob], column: str) -> Points:
    """What each shard has written of one column, mapped into memory."""
    path = jobs[0].folder / f"{column}.scratch"
    with path.open("wb") as whole:
        gather(jobs, column, whole)
    return mapped(path)


def taken_up(path: Path, kind: np.dtype[Any]) -> Any:
    """What a scratch file holds; the file is gone."""
    found = np.fromfile(path, kind)
    path.unlink()
    return found


def count_shard(job: ShardJob, bits: int) -> None:
    """Write in how many documents of a shard each slot of fingerprints is met."""
    assert job.is_candidate is not None
    slots, counts = counted(documents_of(job), job.is_candidate, bits)
    slots.tofile(scratch_file(job, "slots"))
    counts.tofile(scratch_file(job, "counts"))


def occur_shard(job: ShardJob, states: Path) -> None:
    """Write where in a shard the fingerprints stand that several documents have."""
    assert job.is_candidate is not None
    found = occurring(documents_of(job), job.is_candidate, np.memmap(states, np.uint8, "r"))
    found.tofile(scratch_file(job, "occurrences"))


def lay_out_shard(job: ShardJob) -> Offsets:
    """Write the folded texts of some documents of a shard with the places of their characters and lines.

    Returns for each document of the shard how many of both are written.
    """
    assert job.is_candidate is not None
    sizes = np.zeros((len(job.is_candidate), 2), dtype=np.int64)
    numbers = np.flatnonzero(job.is_candidate).tolist()
    points, places, lines = (scratch_file(job, column) for column in COLUMNS)
    with points.open("wb") as points_file, places.open("wb") as places_file, lines.open("wb") as lines_file:
        for number, document in zip(numbers, candidates_of(job), strict=True):
            columns = laid_out(document.text)
            for file, column in zip((points_file, places_file, lines_file), columns, strict=True):
                file.write(column.tobytes())
            sizes[number] = len(columns[0]), len(columns[2])
    return sizes


# Lines that recur


def recurring_lines(jobs: list[ShardJob], run: Run) -> dict[str, Boilerplate]:
    """The boilerplate of each source, among the documents that are there by now."""
    sieve = promising(run(sift_shard, jobs, "lines"))
    counts = merged(run(count_lines_of_shard, [replace(job, sieve=sieve) for job in jobs], "lines"))
    return boilerplate_of(counts, sieve.documents)


def sift_shard(job: ShardJob) -> Sieve:
    """Which lines of one shard may recur."""
    return sift_lines(documents_of(job))


def count_lines_of_shard(job: ShardJob) -> LineCounts:
    """Where the lines of one shard stand that recur in the corpus."""
    assert job.sieve is not None
    return count_lines(documents_of(job), job.sieve)


def keep_passages(jobs: list[ShardJob], found: Across, names: list[list[str]]) -> None:
    """Write all passages that stand in several documents, in the shard of the document that is not the first.

    They come in the order of the documents, those of one in the order in which they were found.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for passage in found.passages:
        rows.setdefault(passage.id, []).append(asdict(passage))
    for job, some in zip(jobs, names, strict=True):
        of_shard = [row for name in some for row in rows.get(name, ())]
        write_passages(job.folder / f"passages-{job.number:05}.parquet", of_shard)
