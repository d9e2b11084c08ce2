"""Scratch files: arrays that do not fit in memory, or that one process leaves for another."""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.errors import BadDataError
from cleaner.files import own_name
from cleaner.files.access import for_arrow
from cleaner.places import as_stored, on_disk

PIECE = 1 << 20  # bytes that are copied at a time
ALIGNED = 64  # bytes: arrays in a file begin at a multiple of it, as those in memory do

Words = npt.NDArray[np.uint32]


class Span(NamedTuple):
    """Some of the 32-bit words in a file."""

    path: Path
    first: int
    words: int


def gathered_words(spans: Iterable[Span], path: Path) -> Words:
    """Words of several files one behind the other, mapped into memory; `path` is used on the way."""
    path = to_be_mapped(own_name(path))  # nobody else may write to what is mapped
    with path.open("wb") as whole:
        for span in spans:
            with span.path.open("rb") as part:
                part.seek(4 * span.first)
                left = 4 * span.words
                while left and (data := part.read(min(left, PIECE))):
                    whole.write(data)
                    left -= len(data)
    return mapped(path)


def mapped(path: Path) -> Words:
    """The words in a file, mapped into memory; the file is gone from its folder and lives as long as they do."""
    empty = not path.stat().st_size
    found: Words = np.zeros(0, np.uint32) if empty else np.memmap(path, np.uint32, "r+").view(np.ndarray)
    path.unlink()
    return found


def read_signatures(path: Path, permutations: int) -> Words:
    """The signatures in a file of sketches, or in one of nothing else, of shape (documents, permutations).

    Raises BadDataError when the file cannot be read.
    """
    try:
        column: Any = None
        if path.suffix == ".parquet":
            column = pq.read_table(for_arrow(path), columns=["signature"])["signature"].combine_chunks().flatten()
        words = numbers_in(path, np.uint32) if column is None else np.asarray(column.to_numpy(), dtype=np.uint32)
        return words.reshape(-1, permutations)
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None


def numbers_in(path: Path, kind: Any) -> Any:
    """The numbers in a scratch file, as a numpy array."""
    return np.fromfile(path, kind) if on_disk(path) else np.frombuffer(path.read_bytes(), kind)


def set_aside(parts: Iterable[memoryview]) -> Path:
    """Write some buffers one behind the other into a scratch file on a disk, which the caller removes."""
    handle, name = tempfile.mkstemp(suffix=".scratch", dir=scratch_on_disk())
    with open(handle, "wb") as file:  # noqa: PTH123 -- it is open already
        for part in parts:
            file.write(part)
            file.write(bytes(-part.nbytes % ALIGNED))
    return Path(name)


def mapped_parts(path: Path, sizes: Iterable[int]) -> Iterator[memoryview]:
    """The buffers of these sizes, mapped into memory. They can be written to; that does not reach the file."""
    whole = np.memmap(path, np.uint8, "c").view(np.ndarray).data
    first = 0
    for size in sizes:
        yield whole[first : first + size]
        first += size + -size % ALIGNED


def to_be_mapped(path: Path) -> Path:
    """Where a scratch file of this name can be mapped into memory: there, or on a disk."""
    if on_disk(path):
        return path
    return scratch_on_disk() / path.name


@functools.cache
def scratch_on_disk() -> Path:
    """A folder on a disk that goes with this process."""
    folder = tempfile.mkdtemp(prefix="cleaner-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def remove_scratch(folder: Path) -> None:
    """Remove a folder of scratch files, if it is there."""
    if on_disk(folder):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        as_stored(folder).remove_below()
