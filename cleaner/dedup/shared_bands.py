"""Which documents share bands of their signatures, so that they may be copies: found slice by slice of the keys.

The keys of all bands are written to sorted files first, the runs; then the rows of a slice are read of all runs, and
documents with the same key make pairs, which are joined to groups (`components`). `by_groups` tells the whole way.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.config import DedupConfig
from cleaner.dedup.components import Components, components_of
from cleaner.dedup.copies import Flags, choose_bands, keys_of
from cleaner.dedup.folding import Offsets
from cleaner.files.band_runs import Band, RunFile, cut, write_pairs, write_run
from cleaner.files.index import read_numbers
from cleaner.files.scratch import read_signatures

# Every job on a slice opens all runs, whose footers grow with the slices: so neither should be many.
RUN_DOCUMENTS = 1_000_000  # that one run is made of: 200 bytes for each are held
SLICE_ROWS = 4_000_000  # keys that are compared at a time: 50 bytes for each

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
    runs, theirs = [run for run in job.runs if run[1] < job.earlier], list[Band]()
    if runs:
        wanted = np.sort(ours.keys)  # numpy's `unique` hashes such keys, which takes ten times as long
        wanted = wanted[np.diff(wanted, prepend=~wanted[:1]) != 0]
        theirs = [meeting(slice_in(run, job), wanted) for run in runs]
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
