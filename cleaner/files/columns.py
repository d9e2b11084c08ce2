"""Columns of a corpus's files, read many rows at a time, to count over all of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.errors import BadDataError

ROWS_OF_TEXT = 1 << 10  # documents that are in memory at a time
ROWS_OF_LEDGER = 1 << 18  # edits that are in memory at a time: a row group
NAMES = ["id", "rule"]  # columns with few distinct values: they come as numbers into a dictionary


def read_columns(path: Path, columns: list[str] | None, rows: int) -> Iterator[pa.RecordBatch]:
    """Some columns of one Parquet file, or all, in batches of `rows`; `id` and `rule` of a ledger as dictionaries.

    Raises BadDataError when the file is not readable.
    """
    names = NAMES if rows == ROWS_OF_LEDGER else []
    try:
        with pq.ParquetFile(path, read_dictionary=names) as file:
            yield from file.iter_batches(batch_size=rows, columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None


def lengths(column: pa.Array) -> Any:
    """The number of code points of each string of a column, as a numpy array."""
    return pc.utf8_length(column).to_numpy(zero_copy_only=False)
