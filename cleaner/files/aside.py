"""Documents set aside in scratch files: what comparing needs of them, as Arrow keeps it in memory.

Nothing is compressed, so that what is wanted of a file is read where it lies, and the rest is not.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from cleaner.errors import BadDataError
from cleaner.files.access import to_be_written
from cleaner.files.tables import DOCUMENTS, mapped, read_batches

ASIDE = pa.schema([DOCUMENTS.field(name) for name in ("id", "source", "row", "script", "text")])


def read_for_comparing(path: Path) -> Iterator[pa.RecordBatch]:
    """What comparing needs of the documents of one shard. Raises BadDataError when it is not readable, or not UTF-8."""
    for batch in read_batches(path, ASIDE.names):
        try:
            batch.column("text").validate(full=True)
        except pa.ArrowInvalid as error:
            raise BadDataError(f"{path} holds a text that is not UTF-8: {error}") from None
        yield batch.select(ASIDE.names)


class AsideFile:
    """A scratch file of documents, filled batch by batch."""

    def __init__(self, path: Path) -> None:
        self.open = contextlib.ExitStack()
        self.writer = self.open.enter_context(pa.ipc.new_file(self.open.enter_context(to_be_written(path)), ASIDE))

    def add(self, batch: pa.RecordBatch) -> None:
        self.writer.write_batch(pa.record_batch(batch.columns, schema=ASIDE))

    def __enter__(self) -> "AsideFile":
        return self

    def __exit__(self, *problem: Any) -> None:
        self.open.__exit__(*problem)


def read_aside(path: Path, wanted: Any) -> Iterator[pa.RecordBatch]:
    """Those of the documents that were set aside that are wanted, by a flag for each; no batch is empty."""
    first = 0
    with mapped(path) as source, pa.ipc.open_file(source) as reader:
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            here = wanted[first : first + batch.num_rows]
            first += batch.num_rows
            if here.any():
                yield batch if here.all() else batch.filter(pa.array(here))
