"""One look at a shard: all that dedup needs of its documents, from one reading and one folding of each.

Documents are read as Arrow keeps them and folded by a kernel; a text becomes a string only where something may have to
go. What is large is left in scratch files beside the shard:

    documents    the documents as they are by now, for those that are wanted again
    signatures   of all documents, one behind the other
    prints       their fingerprints, by document (`fingerprints`), and in `places` where in it they stand
    cells        the cells of their lines, by document (`recurring`)

The rest, some hundred bytes a document, is the `Survey`. What is read again later is read of few documents.
"""

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.config import DedupConfig
from cleaner.dedup import remade
from cleaner.dedup.copies import CONVERTED, Flags, joined, sketch_folded
from cleaner.dedup.decisions import Decisions
from cleaner.dedup.fingerprints import fingerprints_of_folded
from cleaner.dedup.folding import Offsets, fold_column, fold_texts, refolded
from cleaner.dedup.passages import may_repeat
from cleaner.dedup.recurring import LineCounts, cells_in, count_lines, origin, source_hash
from cleaner.document import Document, Sketches
from cleaner.files import open_whole
from cleaner.files.aside import ASIDE, AsideFile, read_aside, read_for_comparing
from cleaner.jobs import ShardJob

SCRATCH = ("documents", "signatures", "prints", "places", "cells")
COLUMNS = ("points", "offsets", "lines")  # of folded texts

Counts = npt.NDArray[np.uint32]


class Survey(NamedTuple):
    """What one look at a shard has found, a row for each document that is there."""

    sketches: Sketches  # without the signatures
    origins: Any  # Arrow array: the source of each, as boilerplate takes it
    prints: Counts  # how many fingerprints each has
    cells: Counts  # how many cells its lines are in
    changed: list[str]  # ids of those that were changed: in the first look, those in which passages stood twice


def survey_shard(job: ShardJob) -> Survey:
    """Look at the documents of one shard that are there by now."""
    config = job.config.dedup
    parts: list[Survey] = []
    changed: list[str] = []
    with contextlib.ExitStack() as stack:
        aside = stack.enter_context(AsideFile(scratch_file(job, "documents")))
        files = {name: stack.enter_context(open_whole(scratch_file(job, name))) for name in SCRATCH[1:]}
        for batch, folded in documents_now(job, changed):
            aside.add(batch)
            parts.append(surveyed(batch, folded, files, config))
        if not parts:
            parts = [surveyed(pa.RecordBatch.from_pylist([], schema=ASIDE), fold_texts([]), files, config)]
    origins = pa.concat_arrays([part.origins for part in parts])
    prints, cells = (np.concatenate([getattr(part, name) for part in parts]) for name in ("prints", "cells"))
    return Survey(joined([part.sketches for part in parts]), origins, prints, cells, changed)


def documents_now(job: ShardJob, changed: list[str]) -> Iterator[tuple[pa.RecordBatch, Any]]:
    """The documents of a shard as they are by now, in batches, with their folded texts. `changed` is added to."""
    assert not isinstance(job.source, tuple)
    for read in read_for_comparing(job.source):
        batch = read
        if job.decided.copies or job.decided.contained:
            stay = [not job.decided.goes(name) for name in batch.column("id").to_pylist()]
            batch = batch.filter(pa.array(stay))
        if not batch.num_rows:
            continue
        folded = fold_column(batch.column("text"))
        texts = remade_texts(batch, may_change(batch, folded, job.decided, job.config.dedup), job, changed)
        if texts:
            is_new = np.zeros(batch.num_rows, dtype=np.bool_)
            is_new[list(texts)] = True
            new = pa.array(list(texts.values()), pa.large_string())
            column = pc.replace_with_mask(batch.column("text"), pa.array(is_new), new)
            batch = batch.set_column(batch.schema.get_field_index("text"), "text", column)
            folded = refolded(folded, texts)
        yield batch, folded


def may_change(batch: pa.RecordBatch, folded: Any, decided: Decisions, config: DedupConfig) -> Flags:
    """The documents of a batch that may not be as they were read."""
    names = batch.column("id")
    if decided.repeating is None:
        found: Flags = may_repeat(folded, config)
    else:
        found = flags_of(pc.is_in(names, pa.array(sorted(decided.repeating), names.type)))
    if decided.cuts:
        found |= flags_of(pc.is_in(names, pa.array(list(decided.cuts), names.type)))
    if decided.boilerplate:
        found |= np.array([name in decided.boilerplate for name in origins_of(batch)], dtype=np.bool_)
    return found


def flags_of(column: Any) -> Flags:
    """An Arrow array of truth values as an array of its own."""
    found: Flags = column.to_numpy(zero_copy_only=False).astype(np.bool_)
    return found


def remade_texts(batch: pa.RecordBatch, asked: Flags, job: ShardJob, changed: list[str]) -> dict[int, str]:
    """The texts of the documents of a batch that are not as they were read, by number."""
    found: dict[int, str] = {}
    documents = documents_of(batch.filter(pa.array(asked)))
    for number, document in zip(np.flatnonzero(asked).tolist(), documents, strict=True):
        outcome = remade(document, job.decided, job.config.dedup)
        if outcome.edits:
            found[number] = outcome.document.text
            changed.append(outcome.document.id)
    return found


def documents_of(batch: pa.RecordBatch) -> Iterator[Document]:
    for name, source, row, script, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        yield Document(name, source, text, row, script=script)


def origins_of(batch: pa.RecordBatch) -> list[str]:
    """The source of each document of a batch, as boilerplate takes it."""
    pairs = zip(batch.column("source").to_pylist(), batch.column("row").to_pylist(), strict=True)
    return [origin(source, row) for source, row in pairs]


def surveyed(batch: pa.RecordBatch, folded: Any, files: Mapping[str, BinaryIO], config: DedupConfig) -> Survey:
    """What is found out about a batch; what is large is written."""
    is_converted = flags_of(pc.is_in(batch.column("script"), pa.array(CONVERTED)))
    sketches = sketch_folded(folded, (batch.column("id"), batch.column("source")), is_converted, config)
    files["signatures"].write(sketches.signatures.tobytes())
    sketches = replace(sketches, signatures=sketches.signatures[:, :0])
    origins = origins_of(batch)
    prints = cells = np.zeros(batch.num_rows, dtype=np.uint32)
    if not config.contained == config.passages == "off":
        hashes, places, prints = fingerprints_of_folded(folded)
        files["prints"].write(hashes.tobytes())
        files["places"].write(places.tobytes())
    if config.boilerplate != "off":
        found, cells = cells_in(folded, np.array([source_hash(name) for name in origins], dtype=np.uint64))
        files["cells"].write(found.tobytes())
    return Survey(sketches, pa.array(origins, pa.string()), prints, cells, [])


def scratch_file(job: ShardJob, column: str) -> Path:
    return job.folder / f"{column}-{job.number:05}.scratch"


def forget(job: ShardJob) -> None:
    """Remove what a look at a shard has left."""
    for name in SCRATCH:
        scratch_file(job, name).unlink(missing_ok=True)  # some were gathered


# What is read again, of some documents of a shard


def wanted_of(job: ShardJob) -> Iterator[pa.RecordBatch]:
    """Those documents of a shard that are to be looked at again."""
    assert job.is_candidate is not None
    return read_aside(scratch_file(job, "documents"), job.is_candidate)


def fold_shard(job: ShardJob) -> None:
    """Write the folded texts of the candidates of one shard, one behind the other."""
    with open_whole(scratch_file(job, "points")) as file:
        for batch in wanted_of(job):
            file.write(fold_column(batch.column("text")).points.tobytes())


def lay_out_shard(job: ShardJob) -> Offsets:
    """Write the folded texts of some documents of a shard with the places of their characters and lines.

    Returns for each document of the shard how many of both are written.
    """
    assert job.is_candidate is not None
    sizes = np.zeros((len(job.is_candidate), 2), dtype=np.int64)
    found = [np.zeros((0, 2), dtype=np.int64)]
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(open_whole(scratch_file(job, name))) for name in COLUMNS]
        for batch in wanted_of(job):
            folded = fold_column(batch.column("text"))
            for file, column in zip(files, (folded.points, folded.places, folded.lines), strict=True):
                file.write(column.tobytes())
            found.append(np.stack([np.diff(ends, prepend=0) for ends in (folded.ends, folded.line_ends)], axis=1))
    sizes[job.is_candidate] = np.concatenate(found)
    return sizes


def count_lines_of_shard(job: ShardJob) -> LineCounts:
    """Where the lines of one shard stand that recur in the corpus."""
    assert job.sieve is not None
    return count_lines(itertools.chain.from_iterable(map(documents_of, wanted_of(job))), job.sieve)
