"""Exports on the disk: which folders may be replaced, and the files in them, written a piece at a time.

    refuse_bad_export   the folder is somebody's, or lies in the corpus
    LineFiles           numbered files of lines, plain, gzip or zstd
    ParquetFiles        numbered Parquet files that any reader opens
    TextTree            one file per text, in folders
    ParagraphFile       scratch: the digests of paragraphs, for DuckDB to join
    sealed              what an export holds, written last, as `export.json`

All files are written into the temporary folder that takes the place of the export when it is whole, and their bytes
depend on what was given alone: no time, no path.
"""

import contextlib
import gzip
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, cast

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.errors import WrongUseError
from cleaner.files import sha256, write_whole
from cleaner.files.folder import as_json, is_stage_folder
from cleaner.files.stored import is_resumable
from cleaner.files.tables import ROW_GROUP_BYTES, end_writing, open_writer
from cleaner.places import lies_in

SEAL = "export.json"  # its presence says that the folder is an export, and whole
MADE_BY = "cleaner export"
TEXTS = "texts"  # the folder of an export that holds one file per text
BLOCK = 1 << 20  # bytes that are handed to a compressor at a time
ROW_OVERHEAD = 100  # bytes of a row beside its text
PARAGRAPHS = pa.schema([pa.field("number", pa.int64()), pa.field("digest", pa.binary(16))])
PARAGRAPHS_AT_ONCE = 1 << 20
JOIN_MEMORY = "1GB"  # of DuckDB while it looks for repeated paragraphs; more goes through the disk
# The paragraphs that stand in an earlier document, too, in the order of the documents.
REPEATED = """
    WITH firsts AS (SELECT digest, min(number) AS first FROM read_parquet(?) GROUP BY digest HAVING count(*) > 1)
    SELECT number, digest FROM read_parquet(?) JOIN firsts USING (digest) WHERE number > first ORDER BY number
"""


def refuse_bad_export(source: Path, out: Path) -> None:
    """Refuse a folder whose replacing would harm the corpus or somebody's files. Raises WrongUseError."""
    here, there = source.resolve(), out.resolve()
    if lies_in(there, here):
        raise WrongUseError(f"the output {out} lies inside the corpus {source}; choose a folder beside it")
    if lies_in(here, there):
        raise WrongUseError(f"the corpus {source} lies inside the output {out}, which would be replaced")
    if out.exists() and not out.is_dir():
        raise WrongUseError(f"the output {out} is a file, not a folder")
    if any(is_corpus(place) for place in there.parents):
        raise WrongUseError(f"the output {out} lies inside a version or stage folder; choose a folder beside it")
    if (there.parent / "latest").is_file():
        raise WrongUseError(f"the output {out} lies in the folder of versions {out.parent}, which holds nothing else")
    if out.is_dir() and any(out.iterdir()) and not is_resumable(out):
        refuse_changed_export(out)


def is_corpus(folder: Path) -> bool:
    return (folder / "manifest.json").is_file() or is_stage_folder(folder)


def refuse_changed_export(out: Path) -> None:
    """Refuse a folder that is no export, or one that somebody has added to or worked on since."""
    try:
        seal = json.loads((out / SEAL).read_text(encoding="utf-8"))
        listed = {entry["path"]: entry for entry in seal["files"]} if seal["made_by"] == MADE_BY else None
    except (OSError, ValueError, TypeError, KeyError):
        listed = None
    if listed is None:
        raise WrongUseError(f"the output {out} is not empty and is no earlier export; choose another folder")
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if name == SEAL or name.startswith(f"{TEXTS}/") or path.is_dir():
            continue
        if name not in listed:
            raise WrongUseError(
                f"{path} is not of the earlier export and would be lost; move it, or choose another OUT"
            )
        if differs(path, listed[name]):
            raise WrongUseError(f"{path} was changed since it was exported; move it, or choose another OUT")


def differs(path: Path, entry: dict[str, Any]) -> bool:
    """Whether a file is not as it was exported. Of a large one, the size alone tells: nobody edits it by hand."""
    size = path.stat().st_size
    return size != entry["bytes"] or (size <= BLOCK and sha256(path) != entry["sha256"])


class LineFiles:
    """Files of lines. A new one is begun when the last holds `shard_bytes` or more, counted before compression.

    `pattern` is the name of a file with a place for its number: its end decides on the compression (.gz, .zst).
    """

    def __init__(self, folder: Path, pattern: str, shard_bytes: int, may_be_none: bool = False) -> None:
        self.folder, self.pattern, self.shard_bytes = folder, pattern, shard_bytes
        self.may_be_none = may_be_none
        self.paths: list[Path] = []
        self.files = ExitStack()
        self.stream: BinaryIO | None = None
        self.block = bytearray()
        self.size = 0

    def add(self, line: bytes) -> None:
        """Add a line, which must not hold a line feed."""
        if self.stream is None:
            self.begin()
        self.block += line
        self.block += b"\n"
        self.size += len(line) + 1
        if len(self.block) >= BLOCK:
            self.flush()
        if self.size >= self.shard_bytes:
            self.end()

    def begin(self) -> None:
        path = self.folder / self.pattern.format(len(self.paths))
        self.paths.append(path)
        self.stream = open_lines(path, self.files)
        self.size = 0

    def flush(self) -> None:
        if self.stream is not None:
            self.stream.write(bytes(self.block))
        self.block.clear()

    def end(self) -> None:
        self.flush()
        self.files.close()
        self.stream = None

    def __enter__(self) -> "LineFiles":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self.paths and not self.may_be_none and kind is None:
            self.begin()
        self.end()


def open_lines(path: Path, files: ExitStack) -> BinaryIO:
    """A stream into a file, compressed as its name says; `files` closes it."""
    if path.suffix == ".zst":
        packed: BinaryIO = files.enter_context(pa.output_stream(str(path), compression="zstd"))
        return packed
    raw = files.enter_context(path.open("wb"))
    if path.suffix == ".gz":  # without a name and a time in its head, the same lines give the same bytes
        zipped = gzip.GzipFile("", "wb", 6, raw, mtime=0)
        files.callback(zipped.close)
        return cast(BinaryIO, zipped)
    return raw


class ParquetFiles:
    """Parquet files for other tools, with the columns of `schema`. A new one is begun after `shard_bytes` of rows.

    The Arrow schema is not stored: readers then see plain strings, where a stored one would ask them for large ones.
    There are no statistics of the texts, whose least and greatest would only swell the footers.
    """

    def __init__(self, folder: Path, schema: pa.Schema, shard_bytes: int) -> None:
        self.folder, self.schema, self.shard_bytes = folder, schema, shard_bytes
        self.paths: list[Path] = []
        self.writer: pq.ParquetWriter | None = None
        self.pieces: list[pa.RecordBatch] = []
        self.pending = self.size = self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Add rows, cut into row groups of about ROW_GROUP_BYTES."""
        start = 0
        for end, size in enumerate(sizes_of_rows(batch), start=1):
            self.pending += size
            self.size += size
            if self.pending >= ROW_GROUP_BYTES or self.size >= self.shard_bytes:
                self.pieces.append(batch.slice(start, end - start))
                start = end
                self.flush()
        if start < len(batch):
            self.pieces.append(batch.slice(start))
        self.rows += len(batch)

    def flush(self) -> None:
        """Write what is pending as one row group, and end the file if it is full."""
        if self.writer is None:
            self.begin()
        if self.pieces and self.writer is not None:
            self.writer.write_table(pa.Table.from_batches(self.pieces, schema=self.schema))
        self.pieces, self.pending = [], 0
        if self.size >= self.shard_bytes:
            self.end()

    def begin(self) -> None:
        path = self.folder / f"{len(self.paths):05}.parquet"
        self.paths.append(path)
        names = [name for name in self.schema.names if name != "text"]
        self.writer = pq.ParquetWriter(
            path,
            self.schema,
            compression="zstd",
            compression_level=3,
            use_dictionary=[name for name in names if name in ("encoding", "script")],
            write_statistics=names,
            data_page_size=8 * BLOCK,
            store_schema=False,
        )

    def end(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.writer, self.size = None, 0

    def named(self, pattern: str) -> list[Path]:
        """Give the finished files their names, by their number and how many there are."""
        self.paths = [
            path.rename(path.with_name(pattern.format(number, len(self.paths))))
            for number, path in enumerate(self.paths)
        ]
        return self.paths

    def __enter__(self) -> "ParquetFiles":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and (self.pieces or not self.paths):
            self.flush()
        self.end()


def sizes_of_rows(batch: pa.RecordBatch) -> list[int]:
    """About how many bytes each row has."""
    if "text" not in batch.schema.names:
        return [ROW_OVERHEAD] * len(batch)
    return [ROW_OVERHEAD + size for size in pc.binary_length(batch.column("text")).to_pylist()]


class TextTree:
    """Files of text, each under its own path below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: set[str] = set()  # folders

    def add(self, name: str, content: bytes) -> None:
        parent, _, _ = name.rpartition("/")
        if parent not in self.made:
            (self.folder / parent).mkdir(parents=True, exist_ok=True)
            self.made.add(parent)
        (self.folder / name).write_bytes(content)


class ParagraphFile:
    """A scratch file of the digests of each document's paragraphs, from which the repeated ones are found."""

    def __init__(self, path: Path) -> None:
        self.path, self.open = path, contextlib.ExitStack()
        self.writer = self.open.enter_context(open_writer(path, PARAGRAPHS, dictionary=False))
        self.numbers: list[int] = []
        self.digests: list[bytes] = []

    def add(self, number: int, digests: Iterable[bytes]) -> None:
        """Add the different paragraphs of one document, by the MD5 of each."""
        before = len(self.digests)
        self.digests += digests
        self.numbers += [number] * (len(self.digests) - before)
        if len(self.digests) >= PARAGRAPHS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self.writer.write_table(pa.table([self.numbers, self.digests], schema=PARAGRAPHS))
        self.numbers, self.digests = [], []

    def __enter__(self) -> "ParagraphFile":
        return self

    def __exit__(self, *problem: Any) -> None:
        end_writing(self.open, self.flush, problem)

    def repeated(self) -> Iterator[tuple[int, bytes]]:
        """The paragraphs that stand in an earlier document, as (number of the document, digest), in order."""
        with duckdb.connect(config={"memory_limit": JOIN_MEMORY, "temp_directory": str(self.path.parent)}) as database:
            database.execute(REPEATED, [str(self.path)] * 2)
            while rows := database.fetchmany(10_000):
                yield from rows

    def remove(self) -> None:
        self.path.unlink()


def sealed(folder: Path, about: dict[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Say that an export is whole, what it holds, and the size and SHA-256 of its files."""
    seal = {"made_by": MADE_BY, **about, "files": [file_entry(path, folder) for path in paths]}
    write_whole(folder / SEAL, as_json(seal))
    return seal


def file_entry(path: Path, folder: Path) -> dict[str, Any]:
    """The path of a file below a folder, its size and its SHA-256."""
    return {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": sha256(path)}
