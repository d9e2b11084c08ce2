"""The files of an index: which documents it knows, where their sketches and texts lie, and in which runs their bands.

    index.json          what belongs to the index, and of which kind its sketches are; written last
    bands-00000.parquet  a band run (`files.band_runs`), of the documents that came together
    sketches/           sketches of versions, by the digest of the version
    removed-00000.parquet  the numbers of documents that are known no longer

Documents are numbered in the order of the parts. What is added gets new names, and nothing that index.json names is
ever changed: so whoever comes after a process that was killed finds the index as it was or as it is.
"""

import contextlib
import os
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from cleaner.errors import BadDataError
from cleaner.files import open_whole
from cleaner.files.access import for_arrow
from cleaner.files.durable import flush, write_file
from cleaner.places import on_disk

FORMAT = 1
LISTED = "index.json"
NUMBERS = pa.schema([pa.field("document", pa.uint32(), nullable=False)])

Numbers = npt.NDArray[np.uint32]


class IndexPart(BaseModel):
    """Some documents of a version in a row: where sketches and texts of them are, as paths from the folder on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    sketches: str
    texts: str
    rows: NonNegativeInt


class IndexRun(BaseModel):
    """A band run, and the number of the first of its documents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bands: str
    first: NonNegativeInt


class Listed(BaseModel):
    """What belongs to an index."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    scheme: dict[str, int | str]
    parts: list[IndexPart] = []
    runs: list[IndexRun] = []
    removed: str | None = None


def is_index(folder: Path) -> bool:
    """Whether a folder is an index."""
    return (folder / LISTED).is_file()


def read_listed(folder: Path) -> Listed:
    """What belongs to an index. Raises BadDataError when that cannot be read."""
    path = folder / LISTED
    try:
        listed = Listed.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None
    if listed.format != FORMAT:
        raise BadDataError(f"{path} is of another cleaner (format {listed.format}; this one reads {FORMAT})")
    return listed


def start(folder: Path, listed: Listed) -> None:
    """Make an empty folder an index."""
    write_file(folder / LISTED, (listed.model_dump_json(indent=1) + "\n").encode())


def write_listed(folder: Path, listed: Listed) -> None:
    """Say what belongs to an index from now on, and remove the files that do no longer."""
    for name in [*(run.bands for run in listed.runs), *(part.sketches for part in listed.parts)]:
        flush(folder / name)
    flush(folder / "sketches")
    write_file(folder / LISTED, (listed.model_dump_json(indent=1) + "\n").encode())
    named = {LISTED, listed.removed, *(run.bands for run in listed.runs), *(part.sketches for part in listed.parts)}
    for path in [*folder.glob("*.parquet"), *folder.glob("sketches/*.parquet")]:
        if path.relative_to(folder).as_posix() not in named:
            path.unlink()


def new_name(folder: Path, kind: str) -> str:
    """The name of the next file of a kind."""
    taken = [int(path.stem.rpartition("-")[2]) for path in folder.glob(f"{kind}-*.parquet")]
    return f"{kind}-{max(taken, default=-1) + 1:05}.parquet"


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file that is never changed a second name, or copy it where the file system cannot."""
    if target.exists():
        return
    if on_disk(source):
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    with source.open("rb") as reader, open_whole(target) as writer:
        shutil.copyfileobj(reader, writer)


def write_numbers(path: Path, numbers: Numbers) -> None:
    """Write numbers of documents, in ascending order."""
    pq.write_table(
        pa.table([numbers], schema=NUMBERS), path, column_encoding="DELTA_BINARY_PACKED", use_dictionary=False
    )
    flush(path)


def read_numbers(path: Path) -> Numbers:
    """The numbers in a file. Raises BadDataError when it cannot be read."""
    try:
        return np.asarray(pq.read_table(for_arrow(path))["document"].to_numpy(), dtype=np.uint32)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None
