"""Finding some documents among many without reading the texts of all.

Of every file only the columns that name its rows are looked at; then the rows of the one document are read, and of
those only the row groups that hold them. So a question about one document costs a second where a corpus takes an hour.
"""

import bisect
import contextlib
import functools
import itertools
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.errors import BadDataError
from cleaner.files.access import for_arrow

NAMES_AT_ONCE = 1 << 16


@contextlib.contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file to read from. Raises BadDataError when it is none, is damaged, or lacks a column."""
    try:
        with pq.ParquetFile(for_arrow(path)) as file:
            yield file
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None


def names_in(path: Path, key: str) -> Iterator[tuple[str, str]]:
    """Id and source of the rows whose id begins with `key`, or whose source it is."""
    with opened(path) as file:
        for batch in file.iter_batches(batch_size=NAMES_AT_ONCE, columns=["id", "source"]):
            ids, sources = batch.column("id"), batch.column("source")
            wanted = pc.or_(pc.starts_with(ids, key), pc.equal(sources, key))
            yield from zip(ids.filter(wanted).to_pylist(), sources.filter(wanted).to_pylist(), strict=True)


def rows_of(paths: Iterable[Path], ids: Collection[str], keepers: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """The rows of some files that are of the documents with these ids, or went for one of the `keepers`, in order."""
    wanted = {name: pa.array(sorted(some), pa.string()) for name, some in (("id", ids), ("by", keepers)) if some}
    for path in paths if wanted else ():
        with opened(path) as file:
            for group in range(file.num_row_groups):
                names = file.read_row_group(group, list(wanted))
                found = [pc.is_in(names.column(name), value_set=some) for name, some in wanted.items()]
                mine = functools.reduce(pc.or_, found)
                if pc.any(mine).as_py():
                    yield from file.read_row_group(group).filter(mine).to_pylist()


class Texts:
    """Texts by the file and the row that they stand in; at most two row groups are in memory at a time."""

    def __init__(self) -> None:
        self.groups = functools.lru_cache(maxsize=64)(ends_of_groups)
        self.load = functools.lru_cache(maxsize=2)(read_texts)

    def __call__(self, path: Path, row: int) -> str:
        """The text in a row, counted from 0 over the whole file."""
        ends = self.groups(path)
        group = bisect.bisect_right(ends, row)
        start = ends[group - 1] if group else 0
        return str(self.load(path, group)[row - start].as_py())


def ends_of_groups(path: Path) -> list[int]:
    """The number of rows up to the end of each row group."""
    with opened(path) as file:
        counts = (file.metadata.row_group(group).num_rows for group in range(file.num_row_groups))
        return list(itertools.accumulate(counts))


def read_texts(path: Path, group: int) -> Any:
    """The texts of one row group as an Arrow array."""
    with opened(path) as file:
        return file.read_row_group(group, ["text"]).column("text")
