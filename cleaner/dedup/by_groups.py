"""Near copies among more documents than signatures fit in memory: candidates are split into groups that share bands.

Whether a document goes depends on those it shares a band with, on those that these share one with, and on no others.
So the documents fall into groups, each of which is decided by itself as all of them together would be (`copies`):

1. The keys of all bands are written to sorted files, one for some hundred thousand documents (`files.band_runs`).
2. Slice by slice of the keys, the documents that share one are found. Of n of them come n - 1 pairs, the first with
   each other: what a million documents begin with gives a million pairs and not their square.
3. The pairs are joined to groups (`components`), and groups are put together to batches of a size that fits in memory.
4. Signatures and folded texts of the candidates are dealt out to the batches, each shard being read once.
5. The batches are decided.

Steps 1, 2, 4 and 5 are jobs on paths. Of all documents some twenty bytes each are held, of candidates some fifty; and
of one batch signatures and texts, in files that are mapped into memory: a batch that is one huge group needs 300 bytes
for each of its members.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaner.config import DedupConfig
from cleaner.dedup.components import Components, components_of
from cleaner.dedup.copies import STAYS, Flags, choose_bands, find_near, keys_of
from cleaner.dedup.folding import Offsets, fold_column
from cleaner.files.aside import read_aside
from cleaner.files.band_runs import Band, RunFile, cut, write_pairs, write_run
from cleaner.files.index import read_numbers
from cleaner.files.scratch import Span, gathered_words, read_signatures
from cleaner.files.tables import read_batches

RUN_DOCUMENTS = 500_000  # that one run is made of: 200 bytes for each are held
SLICE_ROWS = 2_000_000  # keys that are compared at a time: 50 bytes for each
BATCH_BYTES = 250_000_000
PER_CANDIDATE = 900  # bytes: its signature, and what is noted on its bands

Run = Callable[..., list[Any]]  # run(function, jobs, name): the results in order
Numbers = npt.NDArray[np.uint32]


class Part(NamedTuple):
    """Some documents in a row: the files with their signatures and their texts (None: there are none), and how many."""

    signatures: Path
    texts: Path | None
    rows: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: all documents, part by part, of which the first `earlier` stay in any case; scratch; and how.

    `folded` has the sizes of the folded texts, if there are any. `runs` are the band runs of the earlier documents, if
    they have some, with the number of the first document of each; `removed` lists those of them that are left out.
    """

    parts: Sequence[Part]
    earlier: int
    config: DedupConfig
    folder: Path
    run: Run
    folded: Offsets | None = None
    runs: Sequence[tuple[Path, int]] = ()
    removed: Path | None = None


class Near(NamedTuple):
    """The documents that go, in ascending order, the one that stays for each, and how alike both are."""

    numbers: Offsets
    keepers: Offsets
    scores: npt.NDArray[np.float64]


def near_by_groups(order: Offsets, comparison: Comparison) -> Near:
    """Of documents that all differ, those to keep first, the ones that go: the same as by `copies.find_near`."""
    shutil.rmtree(comparison.folder, ignore_errors=True)  # an interrupted run may have left something
    comparison.folder.mkdir()
    groups = grouped(order, comparison) if len(order) else Components(*np.zeros((2, 0), dtype=np.uint32))
    found = decided(order, groups, comparison)
    shutil.rmtree(comparison.folder)
    return found


def decided(order: Offsets, groups: Components, comparison: Comparison) -> Near:
    """What is decided about all groups."""
    found = [Near(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2)))]
    if len(groups.members):
        found += comparison.run(decide_batch, list(batch_jobs(order, groups, comparison)), "compare")
    numbers, keepers, scores = (np.concatenate(column) for column in zip(*found, strict=True))
    by_number = np.argsort(numbers)
    return Near(numbers[by_number], keepers[by_number], scores[by_number])


# Which documents share bands


class RunJob(NamedTuple):
    """Write the band run of some parts: of those of their documents that are wanted."""

    path: Path
    parts: tuple[Part, ...]
    wanted: Flags
    slices: int
    config: DedupConfig
    scheme: Mapping[str, int | str] = {}  # what bands depend on, where runs are kept


class SliceJob(NamedTuple):
    """Find the documents that share a key in one slice of one band."""

    path: Path
    runs: tuple[tuple[Path, int], ...]
    band: int
    number: int
    slices: int
    earlier: int
    removed: Path | None


def grouped(order: Offsets, comparison: Comparison) -> Components:
    """The documents that share bands with others, and the group of each."""
    documents = sum(part.rows for part in comparison.parts)
    wanted = np.zeros(documents, dtype=np.bool_)
    wanted[order] = True
    slices = slices_for(documents)
    jobs, runs = list[RunJob](), list(comparison.runs)
    for parts, first in runs_of(comparison.parts, comparison.earlier):
        if first < comparison.earlier and comparison.runs:
            continue
        path = comparison.folder / f"bands-{len(jobs):05}.parquet"
        rows = sum(part.rows for part in parts)
        jobs.append(RunJob(path, parts, wanted[first : first + rows], slices, comparison.config))
        runs.append((path, first))
    comparison.run(write_bands, jobs, "bands")
    found = components_of(pairs_in(runs, slices, comparison), documents, comparison.folder)
    for path in comparison.folder.glob("*.parquet"):
        path.unlink()
    return found


def pairs_in(runs: Sequence[tuple[Path, int]], slices: int, comparison: Comparison) -> list[Path]:
    """The files with the pairs of documents that share keys."""
    bands, _ = choose_bands(comparison.config.threshold, comparison.config.permutations)
    jobs = [
        SliceJob(
            comparison.folder / f"pairs-{band:03}-{number:05}.parquet",
            tuple(runs),
            band,
            number,
            slices,
            comparison.earlier,
            comparison.removed,
        )
        for band in range(bands)
        for number in range(slices)
    ]
    comparison.run(pair_slice, jobs, "pairs")
    return [job.path for job in jobs]


def slices_for(documents: int) -> int:
    """Into how many slices, a power of two, the keys of a band are cut."""
    return 1 << max(0, (max(documents, 1) - 1) // SLICE_ROWS).bit_length()


def runs_of(parts: Sequence[Part], earlier: int = 0) -> Iterator[tuple[tuple[Part, ...], int]]:
    """The parts of each run, and the number of its first document; none has `earlier` documents and others."""
    waiting, first, rows = list[Part](), 0, 0
    for part in parts:
        if waiting and (rows + part.rows > RUN_DOCUMENTS or first + rows == earlier):
            yield tuple(waiting), first
            waiting, first, rows = [], first + rows, 0
        waiting.append(part)
        rows += part.rows
    if waiting:
        yield tuple(waiting), first


def write_bands(job: RunJob) -> None:
    """Write one run."""
    bands, rows = choose_bands(job.config.threshold, job.config.permutations)
    documents = np.flatnonzero(job.wanted).astype(np.uint32)
    keys = np.empty((bands, len(documents)), dtype=np.uint64)
    first = done = 0
    for part in job.parts:
        wanted = job.wanted[first : first + part.rows]
        signatures = read_signatures(part.signatures, job.config.permutations)[wanted]
        for band in range(bands):
            keys[band, done : done + len(signatures)] = keys_of(signatures, band, rows)
        first, done = first + part.rows, done + len(signatures)
    pieces = itertools.chain.from_iterable(cut(sorted_band(some, documents), job.slices) for some in keys)
    write_run(job.path, dict(job.scheme), job.slices, pieces)


def sorted_band(keys: npt.NDArray[np.uint64], documents: Numbers) -> Band:
    by_key = np.argsort(keys)
    return Band(keys[by_key], documents[by_key])


def pair_slice(job: SliceJob) -> int:
    """Write as pairs the first document with a key and each other one, for the keys of one slice; their number.

    Of the earlier documents only those are looked at that share a key with a later one.
    """
    ours = joined_bands([slice_in(run, job) for run in job.runs if run[1] >= job.earlier])
    wanted = np.unique(ours.keys)
    theirs = [meeting(slice_in(run, job), wanted) for run in job.runs if run[1] < job.earlier]
    if theirs and job.removed:
        removed = read_numbers(job.removed)
        stay = [~np.isin(band.documents, removed) for band in theirs]
        theirs = [Band(band.keys[here], band.documents[here]) for band, here in zip(theirs, stay, strict=True)]
    keys, documents = joined_bands([ours, *theirs])
    by_key = np.argsort(keys)
    first, other = star_pairs(keys[by_key], documents[by_key])
    write_pairs(job.path, first, other)
    return len(first)


def slice_in(run: tuple[Path, int], job: SliceJob) -> Band:
    """The slice as a run has it."""
    path, first = run
    with RunFile(path) as file:
        keys, documents = file.slice_of(job.band, job.number, job.slices)
    return Band(keys, documents + np.uint32(first))


def joined_bands(bands: list[Band]) -> Band:
    return Band(*(np.concatenate(column) for column in zip(*bands, strict=True)))


def meeting(band: Band, keys: npt.NDArray[np.uint64]) -> Band:
    """The rows of a band that have one of some keys, which are in ascending order."""
    starts, ends = (np.searchsorted(band.keys, keys, side) for side in ("left", "right"))
    sizes = ends - starts
    rows = np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    return Band(band.keys[rows], band.documents[rows])


def star_pairs(keys: npt.NDArray[np.uint64], documents: Numbers) -> tuple[Numbers, Numbers]:
    """Of documents by sorted keys, the first that has a key and each other."""
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(begins, append=len(keys))
    is_shared = sizes > 1
    within = documents[np.repeat(is_shared, sizes)]
    sizes = sizes[is_shared]
    if not len(sizes):
        return within, within
    firsts = np.repeat(np.minimum.reduceat(within, np.cumsum(sizes) - sizes), sizes)
    is_other = within != firsts
    return firsts[is_other], within[is_other]


# Batches of groups


class DealJob(NamedTuple):
    """Deal out signatures and folded texts of the candidates of one part: `batches` says to which batch each goes."""

    signatures: Path
    points: Path
    part: Part
    candidates: Flags
    batches: Offsets
    permutations: int


class BatchJob(NamedTuple):
    """Decide about the candidates of one batch."""

    folder: Path
    numbers: Offsets  # in ascending order
    order: Offsets  # their places in it, those to keep first
    sizes: Offsets  # of their folded texts
    files: tuple[list[Span], list[Span]]  # signatures, and folded texts
    earlier: int
    config: DedupConfig


def batch_jobs(order: Offsets, groups: Components, comparison: Comparison) -> Iterator[BatchJob]:
    """Put the groups into batches, and what is needed of their members into files."""
    batches = batches_of(groups, comparison)
    jobs = deal_jobs(groups, batches, comparison)
    sizes = comparison.run(deal_out, jobs, "candidates")
    spans, every = spans_by_batch(jobs, sizes), np.concatenate(sizes)
    by_batch = np.argsort(batches, kind="stable")
    counts = np.bincount(batches)
    ends = np.cumsum(counts)
    within = np.empty(len(batches), dtype=np.int64)  # the place of each candidate in its batch
    within[by_batch] = np.arange(len(batches)) - np.repeat(ends - counts, counts)
    places = np.searchsorted(groups.members, order[are_in(order, groups.members)].astype(np.uint32))
    ranked = within[places[np.argsort(batches[places], kind="stable")]]
    for batch in np.flatnonzero(counts).tolist():
        here = slice(ends[batch] - counts[batch], ends[batch])
        numbers = groups.members[by_batch[here]].astype(np.int64)
        earlier = int(np.searchsorted(numbers, comparison.earlier))
        yield BatchJob(
            comparison.folder, numbers, ranked[here], every[by_batch[here]], spans[batch], earlier, comparison.config
        )


def are_in(order: Offsets, members: Numbers) -> Flags:
    """Which documents in `order` are members."""
    found = np.zeros(int(order.max()) + 1, dtype=np.bool_)
    found[members] = True
    return found[order]


def deal_jobs(groups: Components, batches: Offsets, comparison: Comparison) -> list[DealJob]:
    """The jobs that deal out the candidates of each part."""
    firsts = np.cumsum([0, *(part.rows for part in comparison.parts)])
    cuts = np.searchsorted(groups.members, firsts)
    jobs: list[DealJob] = []
    for number, part in enumerate(comparison.parts):
        here = slice(cuts[number], cuts[number + 1])
        candidates = np.zeros(part.rows, dtype=np.bool_)
        candidates[groups.members[here] - firsts[number]] = True
        signatures, points = (comparison.folder / f"{kind}-{number:05}.scratch" for kind in ("signatures", "points"))
        jobs.append(DealJob(signatures, points, part, candidates, batches[here], comparison.config.permutations))
    return jobs


def batches_of(groups: Components, comparison: Comparison) -> Offsets:
    """The batch of each candidate: groups are taken one after the other; each is in the batch that it begins in."""
    by_group = np.argsort(groups.least, kind="stable")
    weights = np.full(len(by_group), PER_CANDIDATE)
    if comparison.folded is not None:
        weights += 4 * comparison.folded[groups.members[by_group]]
    begins = np.flatnonzero(np.append(True, np.diff(groups.least[by_group]) != 0))
    batch = (np.cumsum(weights) - weights)[begins] // BATCH_BYTES
    found = np.empty(len(by_group), dtype=np.int64)
    found[by_group] = np.repeat(batch, np.diff(begins, append=len(by_group)))
    return found


def deal_out(job: DealJob) -> Offsets:
    """Write signatures and folded texts of the candidates of one part by batch; the sizes of the texts, in order."""
    by_batch = np.argsort(job.batches, kind="stable")
    signatures = np.zeros((0, job.permutations), dtype=np.uint32)
    points, ends = [np.zeros(0, dtype=np.uint32)], [np.zeros(0, dtype=np.int64)]
    if len(by_batch):
        signatures = read_signatures(job.part.signatures, job.permutations)
        for texts in candidate_texts(job):
            folded = fold_column(texts)
            points.append(folded.points)
            ends.append(np.diff(folded.ends, prepend=0))
    with job.signatures.open("wb") as file:
        file.write(signatures[np.flatnonzero(job.candidates)[by_batch]].tobytes())
    sizes = np.concatenate(ends)
    if not len(sizes):
        sizes = np.zeros(len(by_batch), dtype=np.int64)  # there are no texts
    pieces = np.split(np.concatenate(points), np.cumsum(sizes)[:-1])
    with job.points.open("wb") as file:
        file.writelines(pieces[place].tobytes() for place in by_batch.tolist())
    return sizes


def candidate_texts(job: DealJob) -> Iterator[Any]:
    """The texts of the candidates of one part, as Arrow columns; nothing if they are not there."""
    path = job.part.texts
    if path is None or not path.is_file():
        return
    if path.suffix == ".scratch":
        yield from (batch.column("text") for batch in read_aside(path, job.candidates))
        return
    first = 0
    for batch in read_batches(path, ["text"]):
        here = job.candidates[first : first + batch.num_rows]
        first += batch.num_rows
        if here.any():
            yield batch.filter(pa.array(here)).column("text")


def spans_by_batch(jobs: list[DealJob], sizes: list[Offsets]) -> dict[int, tuple[list[Span], list[Span]]]:
    """Where signatures and folded texts of each batch are."""
    found: dict[int, tuple[list[Span], list[Span]]] = {}
    for job, some in zip(jobs, sizes, strict=True):
        by_batch = np.argsort(job.batches, kind="stable")
        batches, rows = np.unique(job.batches, return_counts=True)
        ends = np.cumsum(rows)
        points = np.append(0, np.cumsum(some[by_batch]))
        for batch, start, end in zip(batches.tolist(), (ends - rows).tolist(), ends.tolist(), strict=True):
            signatures, texts = found.setdefault(batch, ([], []))
            signatures.append(Span(job.signatures, start * job.permutations, (end - start) * job.permutations))
            texts.append(Span(job.points, int(points[start]), int(points[end] - points[start])))
    return found


def decide_batch(job: BatchJob) -> Near:
    """Decide about the candidates of one batch."""
    signatures, points = (
        gathered_words(spans, job.folder / f"{kind}-of-{job.numbers[0]}.scratch")
        for kind, spans in zip(("signatures", "points"), job.files, strict=True)
    )
    ends = np.cumsum(job.sizes)
    found, alike = find_near(
        signatures.reshape(-1, job.config.permutations),
        job.order, job.earlier, lambda _: (points, ends - job.sizes, ends), job.config,
    )  # fmt: skip
    gone = np.flatnonzero(found != STAYS)
    return Near(job.numbers[gone], job.numbers[found[gone]], alike[gone])
