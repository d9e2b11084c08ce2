"""An index of what earlier versions have, for batches to come: their bands, sorted, and where the rest of them lies.

A batch is compared with an index as with a version, and the answers are the same. But the bands of what is known are
not computed again, nor are its signatures read, except those of candidates. Each version that is added is one more
run; `compact` merges the runs. A document that is to be known no longer is a number on a list until then.

An index can be made again from its versions at any time. It keeps their sketches, by a second name of the same file
where that is possible; texts are looked for where they were when the version was added.
"""

import functools
import hashlib
import itertools
import operator
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.config import DedupConfig
from cleaner.dedup.copies import SEED, Flags, choose_bands, joined
from cleaner.dedup.earlier import Earlier, open_earlier
from cleaner.dedup.folding import fold_table
from cleaner.dedup.shared_bands import Part, Run, RunJob, runs_of, slices_for, write_bands
from cleaner.document import Sketches
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.band_runs import Band, Numbers, RunFile, write_run
from cleaner.files.durable import locked, make_folder
from cleaner.files.index import (
    IndexPart,
    IndexRun,
    Listed,
    is_index,
    link_or_copy,
    new_name,
    read_listed,
    read_numbers,
    start,
    write_listed,
    write_numbers,
)
from cleaner.files.tables import SKETCH_FORMAT, read_sketches
from cleaner.places import at_way, on_disk, way_from

NOWHERE = np.uint64(0xFFFFFFFFFFFFFFFF)  # with its number, the digest of a document that is known no longer


def open_against(folder: Path, settings: DedupConfig) -> Earlier:
    """What a batch is to be compared with: a version, or an index. Raises WrongUseError or BadDataError."""
    return open_index(folder, settings) if is_index(folder) else open_earlier(folder, settings)


@functools.cache
def folding() -> str:
    """What tells one way to fold texts from another."""
    return hashlib.sha256(np.ascontiguousarray(fold_table()).tobytes()).hexdigest()[:16]


def scheme_of(settings: DedupConfig) -> dict[str, int | str]:
    """What the bands of two documents must have in common to be compared."""
    bands, rows = choose_bands(settings.threshold, settings.permutations)
    return {
        "format": SKETCH_FORMAT,
        "folding": folding(),
        "shingle": settings.shingle,
        "permutations": settings.permutations,
        "seed": SEED,
        "bands": bands,
        "rows": rows,
    }


def open_index(folder: Path, settings: DedupConfig) -> Earlier:
    """The documents of an index, removed ones as such that nothing is a copy of.

    Raises BadDataError when it is not of the kind that the settings ask for.
    """
    listed = read_listed(folder)
    refuse_other_schemes(folder, listed.scheme, settings)
    parts = [Part(folder / part.sketches, at_way(folder, part.texts), part.rows) for part in listed.parts]
    if not parts:
        raise WrongUseError(f"there is nothing in the index {folder}; use `cleaner index add {folder} VERSION` first")
    known = joined([read_sketches(part.signatures, settings, signatures=False) for part in parts])
    removed = removed_in(folder, listed)
    folded, digests = known.folded.copy(), known.digests.copy()
    folded[removed] = 0
    digests[removed] = np.stack([removed.astype(np.uint64), np.full(len(removed), NOWHERE)], axis=1)
    content = hashlib.sha256(np.delete(digests, removed, axis=0).tobytes()).hexdigest()
    return Earlier(
        folder.name,
        content,
        replace(known, folded=folded, digests=digests),
        parts,
        settings.permutations,
        ends_of_versions(listed),
        [(folder / run.bands, run.first) for run in listed.runs],
        folder / listed.removed if listed.removed else None,
    )


def ends_of_versions(listed: Listed) -> list[tuple[str, int]]:
    """The versions in an index, and up to which number their documents go."""
    ends = itertools.accumulate(part.rows for part in listed.parts)
    names = (part.version for part in listed.parts)
    by_version = itertools.groupby(zip(names, ends, strict=True), key=operator.itemgetter(0))
    return [(name, max(end for _, end in some)) for name, some in by_version]


def refuse_other_schemes(folder: Path, scheme: dict[str, int | str], settings: DedupConfig) -> None:
    """Raise BadDataError when an index is not of the kind that the settings ask for."""
    for name, value in scheme_of(settings).items():
        if scheme.get(name) != value:
            remedy = "use the same settings, or make the index again from its versions"
            raise BadDataError(f"the index {folder} is of {name} {scheme.get(name)}, and {value} is needed; {remedy}")


def removed_in(folder: Path, listed: Listed) -> Numbers:
    return read_numbers(folder / listed.removed) if listed.removed else np.zeros(0, dtype=np.uint32)


# What is added and removed


def add(folder: Path, version: Path, settings: DedupConfig, run: Run, replaces: bool = False) -> Iterator[str]:
    """Add the documents of a version that an index has not; lines that say what was done.

    If the version `replaces` what is known, documents that it has not are known no longer. The index is made if there
    is none. Raises WrongUseError or BadDataError.
    """
    refuse_stores(folder)
    new = open_earlier(version, settings)
    if folder.exists() and not is_index(folder) and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise WrongUseError(f"{folder} is not empty and is no index; choose another folder")
    make_folder(folder)
    with locked(folder / ".lock", f"another cleaner is writing {folder}; run again later"):
        if not is_index(folder):
            start(folder, Listed(scheme=scheme_of(settings)))
        make_folder(folder / "sketches")
        listed = read_listed(folder)
        refuse_other_schemes(folder, listed.scheme, settings)
        first = sum(part.rows for part in listed.parts)
        is_new, gone = np.ones(len(new.sketches), dtype=np.bool_), np.zeros(0, dtype=np.uint32)
        if listed.parts:
            known = open_index(folder, settings).sketches
            is_new = ~are_in(new.sketches, known)
            lives = np.delete(np.arange(first, dtype=np.uint32), removed_in(folder, listed))
            gone = lives[~are_in(known, new.sketches)[lives]] if replaces else gone
        parts, runs = list[IndexPart](), list[IndexRun]()
        if is_new.any():
            parts = [listed_part(folder, new, number) for number in range(len(new.parts))]
            runs = write_runs(folder, new, is_new & (new.sketches.folded > 0), settings, run)
        born = first + np.flatnonzero(~is_new).astype(np.uint32) if parts else gone[:0]
        removed = np.concatenate([removed_in(folder, listed), gone, born.astype(np.uint32)])
        listed = listed.model_copy(
            update={
                "parts": listed.parts + parts,
                "runs": listed.runs + [one.model_copy(update={"first": one.first + first}) for one in runs],
                "removed": keep_removed(folder, np.sort(removed)),
            }
        )
        write_listed(folder, listed)
    yield f"{int(is_new.sum()):,} of {len(is_new):,} documents of {new.name} are new"
    if replaces:
        yield f"{len(gone):,} documents are known no longer"
    yield told(folder, listed)


def refuse_stores(folder: Path) -> None:
    """Raise WrongUseError for an index in a store: it is added to by renaming and linking."""
    if not on_disk(folder):
        raise WrongUseError(
            f"{folder} lies in a store; make the index on a disk (it can be read from a copy in a store)"
        )


def are_in(some: Sketches, others: Sketches) -> Flags:
    """Which documents are in another corpus as they are: by id, and by the digest of the folded text."""
    found: Flags = pc.is_in(named(some), value_set=named(others)).to_numpy(zero_copy_only=False).astype(np.bool_)
    return found


def named(known: Sketches) -> Any:
    """Id and digest of each document, as one Arrow array."""
    digests = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(known), [None, pa.py_buffer(known.digests.astype("<u8").tobytes())]
    )
    return pc.binary_join_element_wise(known.ids.cast(pa.binary()), digests.cast(pa.binary()), b"/")


def listed_part(folder: Path, new: Earlier, number: int) -> IndexPart:
    """One part of a version as a part of an index, with its sketches there."""
    part = new.parts[number]
    name = f"sketches/{new.content[:16]}-{number:05}.parquet"
    link_or_copy(part.signatures, folder / name)
    assert part.texts is not None
    texts = way_from(folder.resolve(), part.texts.resolve())
    return IndexPart(version=new.name, sketches=name, texts=texts, rows=part.rows)


def write_runs(folder: Path, new: Earlier, wanted: Flags, settings: DedupConfig, run: Run) -> list[IndexRun]:
    """Write the bands of the documents of a version that are wanted."""
    taken = int(new_name(folder, "bands").partition("-")[2].partition(".")[0])
    jobs, runs = list[RunJob](), list[IndexRun]()
    slices, scheme = slices_for(len(wanted)), scheme_of(settings)
    for number, (parts, first) in enumerate(runs_of(new.parts), taken):
        rows = sum(part.rows for part in parts)
        name = f"bands-{number:05}.parquet"
        jobs.append(RunJob(folder / name, parts, wanted[first : first + rows], slices, settings, scheme))
        runs.append(IndexRun(bands=name, first=first))
    run(write_bands, jobs, name="bands")
    return runs


def keep_removed(folder: Path, removed: Numbers) -> str | None:
    """Write the list of removed documents under a new name; nothing if there are none."""
    if not len(removed):
        return None
    name = new_name(folder, "removed")
    write_numbers(folder / name, removed)
    return name


# Compaction


def compact(folder: Path) -> Iterator[str]:
    """Merge the runs of an index into one without removed documents; lines that say what was done.

    Parts of which no document is left go, too. The answers stay the same. Raises WrongUseError when it is no index.
    """
    refuse_stores(folder)
    if not is_index(folder):
        raise WrongUseError(f"{folder} is no index; make one with `cleaner index add {folder} VERSION`")
    with locked(folder / ".lock", f"another cleaner is writing {folder}; run again later"):
        listed = read_listed(folder)
        if not listed.parts:
            yield told(folder, listed)
            return
        removed = removed_in(folder, listed)
        rows = np.array([part.rows for part in listed.parts], dtype=np.int64)
        firsts = np.cumsum(rows) - rows
        lost = np.diff(np.searchsorted(removed, np.append(firsts, rows.sum())))
        stays = lost < rows
        moved = np.cumsum(np.where(stays, 0, rows))  # by how much the numbers of a part are less from now on
        name = new_name(folder, "bands")
        slices = slices_for(int(rows.sum()))

        def renumbered(documents: Any) -> Any:
            part = np.searchsorted(firsts, documents, side="right") - 1
            return (documents - moved[part]).astype(np.uint32)

        merged = merged_bands(folder, listed, removed, slices)
        write_run(
            folder / name, listed.scheme, slices, (Band(band.keys, renumbered(band.documents)) for band in merged)
        )
        kept = removed[np.repeat(stays, lost)]
        listed = listed.model_copy(
            update={
                "parts": [part for part, stay in zip(listed.parts, stays.tolist(), strict=True) if stay],
                "runs": [IndexRun(bands=name, first=0)],
                "removed": keep_removed(folder, renumbered(kept)),
            }
        )
        write_listed(folder, listed)
    yield told(folder, listed)


def merged_bands(folder: Path, listed: Listed, removed: Numbers, slices: int) -> Iterator[Band]:
    """The bands of all runs, slice by slice, without the documents that are removed."""
    for band in range(int(listed.scheme["bands"])):
        for number in range(slices):
            parts = []
            for run in listed.runs:
                with RunFile(folder / run.bands) as file:
                    keys, documents = file.slice_of(band, number, slices)
                    parts.append(Band(keys, documents + np.uint32(run.first)))
            keys, documents = (np.concatenate(column) for column in zip(*parts, strict=True))
            lives = ~np.isin(documents, removed)
            by_key = np.lexsort((documents[lives], keys[lives]))
            yield Band(keys[lives][by_key], documents[lives][by_key])


def told(folder: Path, listed: Listed) -> str:
    """What is in an index, in words."""
    rows = sum(part.rows for part in listed.parts)
    known = rows - len(removed_in(folder, listed))
    size = sum((folder / run.bands).stat().st_size for run in listed.runs)
    count = len(listed.runs)
    return f"{folder}: {known:,} documents in {count} run{'s' * (count != 1)} of {size / 1e6:,.1f} MB"
