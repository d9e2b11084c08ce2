"""Scratch files: arrays that do not fit in memory, or that one process leaves for another."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.errors import BadDataError

PIECE = 1 << 20  # bytes that are copied at a time

Words = npt.NDArray[np.uint32]


class Span(NamedTuple):
    """Some of the 32-bit words in a file."""

    path: Path
    first: int
    words: int


def gathered_words(spans: Iterable[Span], path: Path) -> Words:
    """Words of several files one behind the other, mapped into memory; `path` is used on the way."""
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
            column = pq.read_table(path, columns=["signature"])["signature"].combine_chunks().flatten()
        words = np.fromfile(path, np.uint32) if column is None else np.asarray(column.to_numpy(), dtype=np.uint32)
        return words.reshape(-1, permutations)
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None
