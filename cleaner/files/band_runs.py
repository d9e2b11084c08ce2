"""Band runs: by which bands of their signatures documents can be found, sorted, so that a range of keys is read alone.

A run is a Parquet file with a row for each document and band: the band, its 64-bit key and the number of the document.
It is sorted by band and key. The keys of a band are cut into slices by their highest bits, a row group each, and the
footer says how many rows each has: so the rows of a slice are read from many runs without looking at the others.

Pairs of documents that share a key are files of their own, which other programs read as well.
"""

import contextlib
import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.errors import BadDataError
from cleaner.files.access import for_arrow, to_be_written

RUN = pa.schema(
    [
        pa.field("band", pa.uint16(), nullable=False),
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("document", pa.uint32(), nullable=False),
    ]
)
PAIRS = pa.schema([pa.field("first", pa.uint32(), nullable=False), pa.field("other", pa.uint32(), nullable=False)])
ENCODINGS = {"key": "DELTA_BINARY_PACKED", "document": "DELTA_BINARY_PACKED"}  # sorted keys lie close together
PAIRS_AT_ONCE = 1 << 20
KEY_BITS = 64

Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.uint32]
Scheme = dict[str, Any]


class Band(NamedTuple):
    """The keys of one band in ascending order, and the documents that they are of."""

    keys: Keys
    documents: Numbers


def write_run(path: Path, scheme: Scheme, slices: int, pieces: Iterable[Band]) -> None:
    """Write the bands of some documents: for each band its slices, of which it has a power of two.

    `scheme` is what bands depend on; it is kept in the footer.
    """
    counts: list[int] = []
    how = {"compression": "none", "use_dictionary": ["band"], "column_encoding": ENCODINGS, "write_statistics": ["key"]}
    with to_be_written(path) as sink, pq.ParquetWriter(sink, RUN, **how) as writer:
        for number, piece in enumerate(pieces):
            counts.append(len(piece.keys))
            if len(piece.keys):
                band = pa.DictionaryArray.from_arrays(
                    np.zeros(len(piece.keys), np.int8), np.array([number // slices], np.uint16)
                )
                columns = [band.dictionary_decode(), pa.array(piece.keys), pa.array(piece.documents)]
                writer.write_table(pa.table(columns, schema=RUN), row_group_size=len(piece.keys))
        writer.add_key_value_metadata({"bands": json.dumps({"scheme": scheme, "slices": slices, "rows": counts})})


def cut(band: Band, slices: int) -> Iterator[Band]:
    """The slices of a band."""
    cuts = np.searchsorted(band.keys, np.array([first_of_slice(at, slices) for at in range(slices)]))
    for start, end in itertools.pairwise([*cuts.tolist(), len(band.keys)]):
        yield Band(band.keys[start:end], band.documents[start:end])


def first_of_slice(number: int, slices: int) -> np.uint64:
    """The least key of a slice."""
    return np.uint64((number << KEY_BITS) // slices)


class RunFile:
    """A run to read from. Raises BadDataError when the file is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with reading(path):
            self.file = pq.ParquetFile(for_arrow(path))
            head = json.loads((self.file.metadata.metadata or {})[b"bands"])
            self.scheme: Scheme = head["scheme"]
            self.slices = int(head["slices"])
            self.rows: list[int] = head["rows"]
        self.groups = list(itertools.accumulate((count > 0 for count in self.rows), initial=0))

    def slice_of(self, band: int, number: int, slices: int) -> Band:
        """The rows of a band in one of so many slices, a power of two, however many the run itself has."""
        first = band * self.slices + number * self.slices // slices
        last = band * self.slices + ((number + 1) * self.slices - 1) // slices
        groups = range(self.groups[first], self.groups[last + 1])
        with reading(self.path):
            table = self.file.read_row_groups(list(groups), columns=["key", "document"], use_threads=False)
        keys, documents = (table[name].to_numpy() for name in ("key", "document"))
        start = np.searchsorted(keys, first_of_slice(number, slices))
        end = np.searchsorted(keys, first_of_slice(number + 1, slices)) if number + 1 < slices else len(keys)
        return Band(keys[start:end], documents[start:end])

    def __enter__(self) -> "RunFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """What goes wrong while a file is read is said with its name, as BadDataError."""
    try:
        yield
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None


def write_pairs(path: Path, first: Numbers, other: Numbers) -> None:
    """Write pairs of documents."""
    with to_be_written(path) as sink:
        pq.write_table(pa.table([first, other], schema=PAIRS), sink, compression="lz4", use_dictionary=False)


def read_pairs(path: Path) -> Iterator[tuple[Numbers, Numbers]]:
    """Pairs of documents, a piece at a time."""
    with reading(path), pq.ParquetFile(for_arrow(path)) as file:
        for batch in file.iter_batches(batch_size=PAIRS_AT_ONCE):
            yield batch.column("first").to_numpy(), batch.column("other").to_numpy()


def count_pairs(path: Path) -> int:
    """How many pairs are in a file."""
    with reading(path):
        return int(pq.read_metadata(for_arrow(path)).num_rows)
