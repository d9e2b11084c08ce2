"""Parquet files of documents and of the ledger, written and read a piece at a time."""

import contextlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.config import DedupConfig
from cleaner.document import Document, Edits, Offsets, Sketches, Unchanged, code_points
from cleaner.errors import BadDataError
from cleaner.files.access import for_arrow, to_be_written
from cleaner.places import on_disk

DOCUMENTS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("row", pa.int64()),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("encoding", pa.string(), nullable=False),
        pa.field("script", pa.string(), nullable=False),
        pa.field("traditional_characters", pa.int64(), nullable=False),
        pa.field("simplified_characters", pa.int64(), nullable=False),
        pa.field("continued_from", pa.string(), nullable=False),
        pa.field("continued_on", pa.string(), nullable=False),
    ]
)
DROPPED = pa.schema(
    [*DOCUMENTS, pa.field("reason", pa.string(), nullable=False), pa.field("by", pa.string(), nullable=False)]
)
EDITS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("step", pa.int32(), nullable=False),  # counts the runs of rules on this document in this stage
        pa.field("rule", pa.string(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),  # code points of the text that this step saw
        pa.field("before", pa.large_string(), nullable=False),
        pa.field("after", pa.large_string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),  # in words, of rules that weigh; otherwise empty
    ]
)
SKETCHES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("length", pa.int64(), nullable=False),  # characters
        pa.field("is_converted", pa.bool_(), nullable=False),
        pa.field("folded", pa.int64(), nullable=False),  # characters that are compared
        pa.field("digest", pa.binary(16), nullable=False),  # the beginning of SHA-256 of the folded text in UTF-32
        pa.field("signature", pa.list_(pa.uint32()), nullable=False),
    ]
)
PASSAGES = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("start", pa.int64(), nullable=False),  # code points of the text that dedup saw
        pa.field("end", pa.int64(), nullable=False),
        pa.field("by", pa.string(), nullable=False),
        pa.field("by_source", pa.string(), nullable=False),
        pa.field("by_start", pa.int64(), nullable=False),
        pa.field("by_end", pa.int64(), nullable=False),
        pa.field("characters", pa.int64(), nullable=False),  # folded
    ]
)
SKETCHED = ("shingle", "permutations")  # the settings that a sketch depends on
SKETCH_FORMAT = 1  # of what a sketch is computed from: raised when folding or hashing changes
READINGS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("decision", pa.string(), nullable=False),
        pa.field("encoding", pa.string(), nullable=False),
        pa.field("confidence", pa.float64(), nullable=False),
        pa.field("runner_up", pa.string(), nullable=False),
        pa.field("gap", pa.float64(), nullable=False),  # bits
        pa.field("bits_per_character", pa.float64(), nullable=False),
        pa.field("chardet", pa.string(), nullable=False),
        pa.field("declared", pa.string(), nullable=False),
        pa.field("damaged", pa.list_(pa.int64()), nullable=False),  # offsets in bytes
        pa.field("lines", pa.list_(pa.struct([("encoding", pa.string()), ("lines", pa.int64())])), nullable=False),
    ]
)
IN_ORDER = tuple(entry.name for entry in fields(Document))  # the columns, as a document takes them
ARROW = ".arrow"  # of files that are on the way only; not packed, so that they are read where they lie
ROW_GROUP_BYTES = 32 * 1024 * 1024
ROW_GROUP_EDITS = 1 << 18
ROWS, ROWS_OF_TEXT = 1 << 16, 256  # that are read at a time, without texts and with them
WIDE = {"text", "before", "after"}  # columns of texts, which may be long
ARROW_ROWS = 1024  # that are read at a time
BYTES_PER_PASSAGE = 300


class TableFile:
    """A Parquet or Arrow file that is filled row by row and written a row group at a time."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.open = contextlib.ExitStack()
        if path.suffix != ARROW:
            self.writer = self.open.enter_context(open_writer(path, schema, False))
        else:
            sink = self.open.enter_context(to_be_written(path))
            self.writer = self.open.enter_context(pa.ipc.new_file(sink, schema))
        self.schema = schema
        self.rows: list[tuple[Any, ...]] = []
        self.batches: list[tuple[int, pa.RecordBatch]] = []  # each with how many of the rows stand before it
        self.size = 0

    def add(self, row: tuple[Any, ...], size: int) -> None:
        """Add one row of about `size` bytes: its values in the order of the schema."""
        self.rows.append(row)
        self.grow(size)

    def add_rows(self, batch: pa.RecordBatch, size: int) -> None:
        """Add rows of another file that has these columns, about `size` bytes."""
        if batch.schema != self.schema:
            batch = pa.RecordBatch.from_arrays(batch.columns, schema=self.schema)
        self.batches.append((len(self.rows), batch))
        self.grow(size)

    def grow(self, size: int) -> None:
        self.size += size
        if self.size >= ROW_GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        if self.rows or self.batches:
            values = zip(*self.rows, strict=True) if self.rows else [()] * len(self.schema)
            columns = [pa.array(column, field.type) for column, field in zip(values, self.schema, strict=True)]
            added = pa.Table.from_arrays(columns, schema=self.schema)
            self.writer.write_table(between(added, self.batches) if self.batches else added)
        self.rows, self.batches, self.size = [], [], 0

    def __enter__(self) -> "TableFile":
        return self

    def __exit__(self, *problem: Any) -> None:
        end_writing(self.open, self.flush, problem)


def between(rows: pa.Table, batches: Sequence[tuple[int, pa.RecordBatch]]) -> pa.Table:
    """Rows with batches between them, each behind so many of the rows, as one piece."""
    parts, done = [], 0
    for place, batch in batches:
        parts += [rows.slice(done, place - done), pa.Table.from_batches([batch])]
        done = place
    return pa.concat_tables([*parts, rows.slice(done)]).combine_chunks()


class LedgerFile:
    """The Parquet file of all edits of a shard, filled column by column."""

    def __init__(self, path: Path, stage: str) -> None:
        self.open = contextlib.ExitStack()
        self.writer = self.open.enter_context(open_writer(path, EDITS, ["id", "stage", "rule", "reason"]))
        self.stage = stage
        self.pending: list[tuple[str, int, Edits]] = []
        self.rows = 0

    def add(self, document: str, history: Sequence[Edits]) -> None:
        """Add what was done to one document, in order."""
        self.pending += [(document, step, edits) for step, edits in enumerate(history)]
        self.rows += sum(len(edits) for edits in history)
        if self.rows >= ROW_GROUP_EDITS:
            self.flush()

    def flush(self) -> None:
        if self.pending:
            self.writer.write_table(ledger_table(self.stage, self.pending))
        self.pending, self.rows = [], 0

    def __enter__(self) -> "LedgerFile":
        return self

    def __exit__(self, *problem: Any) -> None:
        end_writing(self.open, self.flush, problem)


def end_writing(open_file: contextlib.ExitStack, flush: Callable[[], None], problem: tuple[Any, ...]) -> None:
    """Write what is left and close a file, which then has its name; where there was a problem, there is no file."""
    if problem[0] is not None:
        open_file.__exit__(*problem)
        return
    with open_file:
        flush()


@contextlib.contextmanager
def open_writer(
    path: Path, schema: pa.Schema, dictionary: bool | list[str], split: Sequence[str] = ()
) -> Iterator[pq.ParquetWriter]:
    """A writer with our settings: texts do not repeat, so a dictionary would cost and give nothing.

    Of the columns that are `split` the first bytes of all numbers come first, then the second, and so on.
    """
    how: dict[str, Any] = {"compression": "zstd", "compression_level": 3, "data_page_size": 8 * 1024 * 1024}
    how["use_byte_stream_split"] = list(split)
    with to_be_written(path) as sink, pq.ParquetWriter(sink, schema, use_dictionary=dictionary, **how) as writer:
        yield writer


def ledger_table(stage: str, pending: Sequence[tuple[str, int, Edits]]) -> pa.Table:
    """Rows of the ledger for (document, step, edits), built from the columns without touching single edits."""
    histories = [edits for _, _, edits in pending]
    sizes = np.array([len(edits) for edits in histories])
    which = pa.array(np.repeat(np.arange(len(pending)), sizes))

    def repeated(values: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(which, pa.array(values, pa.string())).dictionary_decode()

    columns = [
        repeated([document for document, _, _ in pending]),
        repeated([stage] * len(pending)),
        pa.array(np.repeat(np.array([step for _, step, _ in pending], dtype=np.int32), sizes)),
        repeated([edits.rule for edits in histories]),
        pa.array(np.concatenate([edits.offsets for edits in histories])),
        cut("".join([edits.before for edits in histories]), [edits.before_lengths for edits in histories]),
        cut("".join([edits.after for edits in histories]), [edits.after_lengths for edits in histories]),
        pa.array([reason for edits in histories for reason in edits.reasons or [""] * len(edits)], pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=EDITS)


def cut(joined: str, lengths: Sequence[Offsets]) -> pa.Array:
    """An Arrow array of strings from their concatenation and their lengths in code points."""
    sizes = np.concatenate(lengths)
    points = code_points(joined)
    widths = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
    bytes_before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(widths, dtype=np.int64)])
    cuts = bytes_before[np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])]
    buffers = [None, pa.py_buffer(cuts.tobytes()), pa.py_buffer(joined.encode())]
    return pa.Array.from_buffers(pa.large_string(), len(sizes), buffers)


def read_batches(path: Path, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of one Parquet or Arrow file in batches. Raises BadDataError when the file is not readable."""
    try:
        if path.suffix == ARROW:
            yield from arrow_batches(path, columns)
            return
        with pq.ParquetFile(for_arrow(path)) as file:
            rows = ROWS_OF_TEXT if columns is None or not WIDE.isdisjoint(columns) else ROWS
            yield from file.iter_batches(batch_size=rows, columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None


def arrow_batches(path: Path, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
    """The rows of one Arrow file, some at a time: as objects they take more memory."""
    with mapped(path) as source:
        wanted = None if columns is None else list(map(pa.ipc.open_file(source).schema.get_field_index, columns))
        reader = pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=wanted))
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            for start in range(0, batch.num_rows, ARROW_ROWS):
                yield batch.slice(start, ARROW_ROWS)


def mapped(path: Path) -> Any:
    """A file as Arrow reads it where it lies; of a store, its bytes."""
    return pa.memory_map(str(path)) if on_disk(path) else pa.BufferReader(path.read_bytes())


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of one Parquet file. Raises BadDataError when the file is not readable, or not UTF-8."""
    try:
        for batch in read_batches(path):
            yield from batch.to_pylist()
    except UnicodeDecodeError as error:
        raise BadDataError(f"{path} holds a text that is not UTF-8: {error}") from None


def count_rows(path: Path) -> int:
    """The number of rows of one Parquet or Arrow file. Raises BadDataError when the file is not readable."""
    try:
        if path.suffix == ARROW:
            return sum(batch.num_rows for batch in arrow_batches(path, ["id"]))
        return int(pq.read_metadata(for_arrow(path)).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None


def as_document(row: dict[str, Any]) -> Document:
    """A row of a documents or dropped file as a document."""
    return Document(**{name: row[name] for name in DOCUMENTS.names})


def documents_of(batch: pa.RecordBatch) -> Iterator[Document]:
    """The rows of a batch as documents."""
    return map(Document, *(batch.column(name).to_pylist() for name in IN_ORDER))


def read_documents(path: Path, wanted: Callable[[pa.RecordBatch], list[bool]] | None = None) -> Iterator[Document]:
    """The documents of one shard, or those rows of a batch that are wanted.

    Raises BadDataError when its file is not readable, or not UTF-8.
    """
    try:
        for batch in read_batches(path, list(IN_ORDER)):
            if wanted is not None:
                batch = batch.filter(pa.array(wanted(batch), pa.bool_()))
            yield from documents_of(batch)
    except UnicodeDecodeError as error:
        raise BadDataError(f"{path} holds a text that is not UTF-8: {error}") from None


def read_some(path: Path, wanted: Callable[[pa.RecordBatch], list[bool]]) -> Iterator[Document | Unchanged]:
    """The documents of one shard in order: those rows of a batch that are wanted, and the others as they lie.

    Raises BadDataError when its file is not readable, or not UTF-8.
    """
    try:
        for batch in read_batches(path, list(IN_ORDER)):
            batch = batch.select(DOCUMENTS.names)
            batch.validate(full=True)  # who copies a text would not notice that it is not UTF-8
            are_wanted, first = wanted(batch), 0
            documents = documents_of(batch.filter(pa.array(are_wanted, pa.bool_())))
            for is_wanted, run in itertools.groupby(are_wanted):
                size = len(list(run))
                if is_wanted:
                    yield from itertools.islice(documents, size)
                else:
                    yield Unchanged(batch.slice(first, size))
                first += size
    except (UnicodeDecodeError, pa.ArrowInvalid) as error:
        raise BadDataError(f"{path} holds a text that is not UTF-8: {error}") from None


def write_passages(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write the passages of one shard that stand in other documents, too."""
    with TableFile(path, PASSAGES) as table:
        for row in rows:
            table.add(tuple(row[name] for name in PASSAGES.names), BYTES_PER_PASSAGE)


def write_sketches(path: Path, batches: Iterable[Sketches], settings: DedupConfig) -> None:
    """Write the sketches of one shard, headed by what they depend on."""
    head = {"format": SKETCH_FORMAT, **{name: getattr(settings, name) for name in SKETCHED}}
    schema = SKETCHES.with_metadata({"sketch": json.dumps(head)})
    # Of the least of many hashes the last byte is mostly zero and the others are noise, which zstd passes over.
    with open_writer(path, schema, dictionary=False, split=["signature.list.element"]) as writer:
        for batch in batches:
            cuts = pa.array(np.arange(len(batch) + 1, dtype=np.int32) * batch.signatures.shape[1])
            digests = pa.py_buffer(batch.digests.astype("<u8").tobytes())
            columns = [
                batch.ids,
                batch.sources,
                pa.array(batch.lengths),
                pa.array(batch.is_converted),
                pa.array(batch.folded),
                pa.Array.from_buffers(pa.binary(16), len(batch), [None, digests]),
                pa.ListArray.from_arrays(cuts, pa.array(batch.signatures.reshape(-1))),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=writer.schema))


def read_sketches(path: Path, settings: DedupConfig, signatures: bool = True) -> Sketches:
    """The sketches of one shard, without their `signatures` if these are not wanted.

    Raises BadDataError when they are of another kind than the settings ask for.
    """
    try:
        with pq.ParquetFile(for_arrow(path)) as file:  # `read_table` would load what knows folders of files, too
            table = file.read(SKETCHES.names if signatures else SKETCHES.names[:-1])
    except (OSError, pa.ArrowException) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None
    head = json.loads((table.schema.metadata or {}).get(b"sketch", b"{}"))
    for name, value in {"format": SKETCH_FORMAT, **{name: getattr(settings, name) for name in SKETCHED}}.items():
        if head.get(name) != value:
            remedy = "use the same settings, or publish that version again"
            raise BadDataError(f"{path} holds sketches with {name} {head.get(name)}, and {value} is needed; {remedy}")
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    none = np.zeros((len(table), 0), dtype=np.uint32)
    digests = np.frombuffer(columns["digest"].buffers()[1] or b"", dtype="<u8", count=2 * len(table))
    return Sketches(
        columns["id"],
        columns["source"],
        columns["length"].to_numpy(),
        columns["is_converted"].to_numpy(zero_copy_only=False),
        columns["folded"].to_numpy(),
        digests.reshape(-1, 2),
        columns["signature"].flatten().to_numpy().reshape(-1, settings.permutations) if signatures else none,
    )
