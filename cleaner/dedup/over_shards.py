"""Dedup over a corpus that does not fit in memory: some passes over its shards, and what is held between them.

1. Each shard is looked at once (`survey`): its documents are sketched, and what is large of the rest is left in scratch
   files.
2. The folded texts of candidates, and of no others, are written to a scratch file and compared there. Where there are
   more documents than their signatures and bands fit in memory, they are compared group by group (`by_groups`).
3. The fingerprints of the documents that stay are counted. If several documents have one, it is written down, and so
   are the folded texts of the documents that may share something.
4. If anything is to go that stands in several documents, all of this is done again without it, until nothing is found.
5. Lines that recur in the documents of a source are counted; if they are to go, that comes first of all.
6. Each shard is written without what was decided to go, and its sketches without those documents.
"""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from functools import partial
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.dedup import Copy, Decisions, settled
from cleaner.dedup.across import Across, as_report, find_across
from cleaner.dedup.boilerplate import (
    Boilerplate,
    boilerplate_of,
    least_counts,
    may_recur,
    merged,
    promising,
    report_rows,
    sieve_of,
    source_hash,
)
from cleaner.dedup.by_groups import near_in_parts
from cleaner.dedup.copies import STAYS, Flags, Near, copies_by, find_near, joined
from cleaner.dedup.decisions import more_to_do
from cleaner.dedup.earlier import Earlier, wanted_texts
from cleaner.dedup.fingerprints import (
    SEVERAL,
    Folds,
    Occurrences,
    Readers,
    Slots,
    States,
    occurrences_of,
    slots_of,
    spans_of,
    states_at,
)
from cleaner.dedup.folding import Offsets, fold_texts
from cleaner.dedup.shared_bands import Comparison, Part, Run
from cleaner.dedup.survey import (
    COLUMNS,
    Survey,
    count_lines_of_shard,
    fold_shard,
    forget,
    lay_out_shard,
    scratch_file,
    survey_shard,
)
from cleaner.document import Sketches
from cleaner.engines.threads import in_threads
from cleaner.files.scratch import PIECE, mapped, numbers_in, read_signatures, remove_scratch, to_be_mapped
from cleaner.files.tables import write_passages, write_sketches
from cleaner.jobs import ShardJob
from cleaner.kernels import load_beside
from cleaner.kernels.shingles import Points
from cleaner.memory import ALLOWED, PER_DOCUMENT

MANY = 8  # shards, of 2 MB at least: their documents are compared in compiled code
GROUPS = "groups"  # the folder for what is decided group by group


class Look(NamedTuple):
    """What one look at the corpus, as it is by then, has found."""

    surveys: list[Survey]  # of the shards
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
    remove_scratch(jobs[0].folder / GROUPS)  # of a run that was killed
    config = jobs[0].config.dedup
    look = look_for_copies(jobs, run, earlier)
    names = [look.known.ids[span.start : span.stop] for span in look.spans]
    decisions = Decisions(repeating=look.repeating)
    if config.boilerplate == "drop":
        lines = recurring_lines(jobs, look, run)
        decisions = replace(decisions, boilerplate=lines)
        jobs = informed(jobs, decisions, names)
        look = look_for_copies(jobs, run, earlier) if lines else look
    while True:
        across = find_across(look.known, look.stays, shard_readers(jobs, look, run), config)
        decisions = decisions.after(look.copies, across, config)
        jobs = informed(jobs, decisions, names)
        if not more_to_do(across, config):
            break
        look = look_for_copies(jobs, run, earlier)
    if config.boilerplate == "report":
        lines = recurring_lines(jobs, look, run)
    for job in in_threads(partial(keep_sketches, look), zip(jobs, look.spans, strict=True)):
        forget(job)
    decisions = decisions.resolved()
    if config.passages != "off":
        keep_passages(jobs, decisions.found, names)
    recurring = {"boilerplate": report_rows(lines)} if config.boilerplate != "off" else {}
    return informed(jobs, decisions, names), as_report(decisions.found) | recurring


def informed(jobs: list[ShardJob], decisions: Decisions, names: list[Any]) -> list[ShardJob]:
    """The jobs, each with what was decided about its own documents; `names` are their ids, as Arrow arrays."""
    return [replace(job, decided=decisions.of(some.to_pylist())) for job, some in zip(jobs, names, strict=True)]


def look_for_copies(jobs: list[ShardJob], run: Run, earlier: Earlier | None) -> Look:
    """Which of the documents that are there are copies."""
    if len(jobs) >= MANY:
        load_beside()
    surveys: list[Survey] = run(survey_shard, jobs, "sketch")
    config = jobs[0].config.dedup
    ours = joined([survey.sketches for survey in surveys])
    surveys = [
        survey._replace(sketches=viewed(ours, span))  # or all sketches would be held twice
        for survey, span in zip(surveys, spans_in(surveys, 0), strict=True)
    ]
    known = joined([earlier.sketches, ours]) if earlier else ours
    first = len(known) - len(ours)
    if len(known) * PER_DOCUMENT <= ALLOWED.comparing:
        ours = replace(ours, signatures=gathered(jobs, "signatures").reshape(-1, config.permutations))
        signatures = np.concatenate([earlier.signatures(), ours.signatures]) if earlier else ours.signatures
        near = near_at_once(jobs, surveys, replace(known, signatures=signatures), earlier, run)
    else:
        near = near_in_groups(jobs, surveys, known, earlier, run)
    copies = copies_by(near, known, config, first)
    found = settled(known, copies, config, earlier.version_of if earlier else None)
    repeating = frozenset(itertools.chain.from_iterable(survey.changed for survey in surveys))
    return Look(surveys, ours, spans_in(surveys, 0), copies.keeper[first:] == STAYS, found, repeating)


def viewed(known: Sketches, span: slice) -> Sketches:
    """Some sketches in a row, without copying them."""
    return Sketches(*(getattr(known, column.name)[span] for column in fields(Sketches)))


def near_at_once(
    jobs: list[ShardJob], surveys: list[Survey], known: Sketches, earlier: Earlier | None, run: Run
) -> Near:
    """How near copies are found with all signatures at hand."""
    first = len(earlier.sketches) if earlier else 0

    def fold(wanted: Flags) -> tuple[Points, Offsets, Offsets]:
        sizes = np.where(wanted, known.folded, 0)
        path = to_be_mapped(jobs[0].folder / "folded.scratch")
        with path.open("wb") as scratch:
            if earlier:
                sizes[:first] = write_earlier(earlier, wanted[:first], scratch)
            if wanted[first:].any():
                run(fold_shard, asked(jobs, spans_in(surveys, first), wanted), "compare")
                gather(jobs, "points", scratch)
        return mapped(path), np.cumsum(sizes) - sizes, np.cumsum(sizes)

    return partial(find_near, known.signatures, earlier=first, fold=fold, config=jobs[0].config.dedup)


def near_in_groups(
    jobs: list[ShardJob], surveys: list[Survey], known: Sketches, earlier: Earlier | None, run: Run
) -> Near:
    """How they are found group by group, where the signatures lie in files."""
    parts = [
        Part(scratch_file(job, "signatures"), scratch_file(job, "documents"), len(survey.sketches))
        for job, survey in zip(jobs, surveys, strict=True)
    ]
    folder, config = jobs[0].folder / GROUPS, jobs[0].config.dedup
    first = len(earlier.sketches) if earlier else 0
    comparison = Comparison(parts, 0, config, folder, run, known.folded)
    if earlier:
        parts = [*earlier.parts, *parts]
        comparison = replace(comparison, parts=parts, earlier=first, runs=earlier.runs, removed=earlier.removed)

    return partial(near_in_parts, comparison)


def spans_in(surveys: list[Survey], first: int) -> list[slice]:
    """Where the documents of each shard are, if they lie one behind the other from `first` on."""
    ends = (first + np.cumsum([0, *(len(survey.sketches) for survey in surveys)])).tolist()
    return [slice(*pair) for pair in itertools.pairwise(ends)]


def write_earlier(earlier: Earlier, wanted: Flags, scratch: BinaryIO) -> Offsets:
    """Write the folded texts of some documents of an earlier version, as far as they are there; the size of each."""
    sizes = np.zeros(len(wanted), dtype=np.int64)
    for number, text in wanted_texts(earlier, wanted):
        points = fold_texts([text])[0]
        scratch.write(points.tobytes())
        sizes[number] = len(points)
    return sizes


def keep_sketches(look: Look, shard: tuple[ShardJob, slice]) -> ShardJob:
    """Write the sketches of those documents of a shard that stay, for later batches to be compared with."""
    job, span = shard
    numbers = span.start + np.flatnonzero(look.stays[span])
    path = job.folder / f"sketches-{job.number:05}.parquet"
    found = taken(look.known, numbers)
    if not found.signatures.shape[1]:  # they were not held
        signatures = read_signatures(scratch_file(job, "signatures"), job.config.dedup.permutations)
        found = replace(found, signatures=signatures[numbers - span.start])
    write_sketches(path, [found] if len(numbers) else [], job.config.dedup)
    return job


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
            shutil.copyfileobj(part, whole, PIECE)
        scratch_file(job, column).unlink()


# What stands in several documents


def shard_readers(jobs: list[ShardJob], look: Look, run: Run) -> Readers:
    """Those who read the documents of the shards: their fingerprints are there already."""

    def slots(wanted: Flags, bits: int) -> Iterator[Slots]:
        for job, survey, span in zip(jobs, look.surveys, look.spans, strict=True):
            yield slots_of(left_in(job, "prints", np.uint64), bits)[np.repeat(wanted[span], survey.prints)]

    def occurring(wanted: Flags, states: States) -> Occurrences:
        def in_shard(shard: tuple[ShardJob, Survey, slice]) -> Occurrences:
            job, survey, span = shard
            hashes, places = left_in(job, "prints", np.uint64), left_in(job, "places", np.uint32)
            are_met = np.repeat(wanted[span], survey.prints) & (states_at(states, hashes) == SEVERAL)
            documents = np.repeat(np.arange(span.start, span.stop, dtype=np.uint32), survey.prints)
            return occurrences_of(hashes[are_met], places[are_met], documents[are_met])

        return np.concatenate(list(in_threads(in_shard, zip(jobs, look.surveys, look.spans, strict=True))))

    def folded(wanted: Flags) -> Folds:
        sizes = np.concatenate(run(lay_out_shard, asked(jobs, look.spans, wanted), "compare"))
        points, places, lines = (gathered(jobs, column) for column in COLUMNS)
        return Folds(points, places, lines.reshape(-1, 3), spans_of(sizes[:, 0]), spans_of(sizes[:, 1]))

    return Readers(slots, occurring, folded)


def left_in(job: ShardJob, column: str, kind: Any) -> Any:
    """What a look at a shard has left in a scratch file."""
    return numbers_in(scratch_file(job, column), kind)


def gathered(jobs: list[ShardJob], column: str) -> Points:
    """What each shard has written of one column, mapped into memory."""
    path = to_be_mapped(jobs[0].folder / f"{column}.scratch")
    with path.open("wb") as whole:
        gather(jobs, column, whole)
    return mapped(path)


# Lines that recur


def recurring_lines(jobs: list[ShardJob], look: Look, run: Run) -> dict[str, Boilerplate]:
    """The boilerplate of each source, among the documents that stay. Only those with lines that may recur are read."""
    cells = [left_in(job, "cells", np.uint32) for job in jobs]
    stays = [look.stays[span] for span in look.spans]
    sieve = promising(
        sieve_of(some[np.repeat(here, survey.cells)], counts_of(survey.origins.filter(pa.array(here))))
        for some, here, survey in zip(cells, stays, look.surveys, strict=True)
    )
    if not len(sieve.cells):
        return {}
    least = least_counts(sieve)
    counting: list[ShardJob] = []
    for job, some, here, survey in zip(jobs, cells, stays, look.surveys, strict=True):
        origins = survey.origins.dictionary_encode()
        names = origins.dictionary.to_pylist()
        needed = np.array([least.get(source_hash(name), 0) for name in names], dtype=np.uint8)
        wanted = here & may_recur(some, survey.cells, needed[origins.indices.to_numpy()], sieve)
        counting.append(replace(job, sieve=sieve, is_candidate=wanted))
    return boilerplate_of(merged(run(count_lines_of_shard, counting, "lines")), sieve.documents)


def counts_of(names: Any) -> dict[str, int]:
    """How often each string of an Arrow array stands in it."""
    return {entry["values"]: entry["counts"] for entry in names.value_counts().to_pylist()}


def keep_passages(jobs: list[ShardJob], found: Across, names: list[Any]) -> None:
    """Write all passages that stand in several documents, in the shard of the document that is not the first.

    They come in the order of the documents, those of one in the order in which they were found.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for passage in found.passages:
        rows.setdefault(passage.id, []).append(asdict(passage))
    with_some = pa.array(list(rows), pa.string())
    for job, some in zip(jobs, names, strict=True):
        here = some.filter(pc.is_in(some, value_set=with_some)).to_pylist()
        of_shard = [row for name in here for row in rows[name]]
        write_passages(job.folder / f"passages-{job.number:05}.parquet", of_shard)
