"""Columns of a corpus's files, many rows at a time, to count over all of them; and their strings joined to one."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.document import Offsets
from cleaner.errors import BadDataError
from cleaner.files.access import for_arrow
from cleaner.files.tables import read_batches

ROWS_OF_TEXT = 1 << 10  # documents that are in memory at a time
ROWS_OF_LEDGER = 1 << 18  # edits that are in memory at a time: a row group
NAMES = ["id", "rule"]  # columns with few distinct values: they come as numbers into a dictionary


def read_columns(path: Path, columns: list[str] | None, rows: int) -> Iterator[pa.RecordBatch]:
    """Some columns of one Parquet file, or all, in batches of `rows`; `id` and `rule` of a ledger as dictionaries.

    Raises BadDataError when the file is not readable.
    """
    names = NAMES if rows == ROWS_OF_LEDGER else []
    try:
        with pq.ParquetFile(for_arrow(path), read_dictionary=names) as file:
            yield from file.iter_batches(batch_size=rows, columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None


def row_groups(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of one Parquet file, with the columns and types of a schema, a row group at a time.

    Raises BadDataError when the file is not readable, or lacks a column.
    """
    try:
        with pq.ParquetFile(for_arrow(path)) as file:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, schema.names).select(schema.names).cast(schema)
                yield from table.combine_chunks().to_batches()
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None


def lengths(column: pa.Array) -> Any:
    """The number of code points of each string of a column, as a numpy array."""
    return pc.utf8_length(column).to_numpy(zero_copy_only=False)


@dataclass(frozen=True, slots=True, eq=False)
class Strings:
    """A column of strings, joined to one; string number n lies from `bounds[n]` to `bounds[n + 1]` (code points)."""

    joined: str
    bounds: Offsets
    lengths: Offsets

    def __getitem__(self, number: int) -> str:
        first, last = self.bounds[number : number + 2].tolist()
        return self.joined[first:last]


def joined_texts(path: Path, between: str, most: int) -> Iterator[tuple[str, list[int]]]:
    """The texts of a documents file, about `most` bytes at a time: joined, with `between` behind each; their lengths.

    Raises BadDataError when the file is not readable, or not UTF-8.
    """
    try:
        for batch in read_batches(path, ["text"]):
            column = batch.column("text")
            _, cuts = bytes_of(column)
            firsts = np.searchsorted(cuts[:-1], np.arange(0, int(cuts[-1]) + 1, most))
            for first, last in itertools.pairwise(np.unique([*firsts, len(column)]).tolist()):
                part = column.slice(first, last - first)
                together = pa.ListArray.from_arrays(pa.array([0, len(part)], pa.int32()), part)
                whole = pc.binary_join(together, pa.scalar(between, column.type))
                yield whole[0].as_py() + between, lengths(part).tolist()
    except UnicodeDecodeError as error:
        raise BadDataError(f"{path} holds a text that is not UTF-8: {error}") from None


def strings(column: pa.Array) -> Strings:
    """A column of large strings, joined. Raises UnicodeDecodeError when one of them is not UTF-8."""
    data, cuts = bytes_of(column)
    first = np.frombuffer(data, dtype=np.uint8)[cuts[:-1][cuts[:-1] < cuts[1:]]]
    if np.any((first & 0xC0) == 0x80):  # a character that is cut in two is whole again once they are joined
        column.to_pylist()
    joined, sizes = str(data, "utf-8"), lengths(column)
    return Strings(joined, np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)]), sizes)


def bytes_of(column: pa.Array) -> tuple[memoryview, Offsets]:
    """The bytes of a column of large strings as they lie in memory, and where each begins and the last one ends."""
    _, bounds, data = column.buffers()
    if bounds is None or data is None or not len(column):
        return memoryview(b""), np.zeros(len(column) + 1, dtype=np.int64)
    cuts = np.frombuffer(bounds, dtype=np.int64, count=column.offset + len(column) + 1)[column.offset :]
    return memoryview(data)[int(cuts[0]) : int(cuts[-1])], cuts - cuts[0]
