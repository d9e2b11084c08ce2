"""Finding and reading what lies under raw/. Nothing here ever writes there.

A plain text or HTML file is one document and comes out as bytes, for `cleaner.decode` to make sense of; a long text is
several (see `cleaner.files.long_texts`). A JSONL line or a Parquet row is one document and comes out as text. What is
no input at all (hidden files, links out of the folder, other kinds of files) is listed as ignored; an input that cannot
be read comes out with its problem, and with its bytes where there are any.
"""

import gzip
import hashlib
import io
import json
import os
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.config import DecodeConfig
from cleaner.errors import WrongUseError
from cleaner.files import sha256
from cleaner.files.access import for_arrow
from cleaner.files.long_texts import sample_of_file, spans_of_parts
from cleaner.places import on_disk

TEXT = (".txt", ".text")
HTML = (".html", ".htm")
JSONL = (".jsonl", ".jsonl.gz", ".jsonl.zst")
PARQUET = (".parquet",)
INPUTS = TEXT + HTML + JSONL + PARQUET
KINDS = "text files (.txt), web pages (.html), JSON lines (.jsonl, .jsonl.gz, .jsonl.zst) and .parquet tables"
SHARDS = 32  # into which a corpus is cut, if that makes them neither too small nor too large
LEAST_SHARD = 2 * 1024 * 1024  # bytes
# Python refuses integers of more than 4,300 digits; nobody asks for numbers here.
LINES = json.JSONDecoder(parse_int=float)
UNPACKED = 100_000_000  # bytes that any packed file may unpack to


class Piece(NamedTuple):
    """A part of a table or of a long text that is read by itself (see `cleaner.files.pieces`)."""

    start: int  # of JSONL and text the first byte, of Parquet the first row group
    stop: int  # behind the last
    row: int  # rows of the file before this piece, or parts of the text
    size: int  # bytes, unpacked
    sample: bytes = b""  # of a text: what tells the character set of the whole file


class RawFile(NamedTuple):  # which is sent to workers in a third of the time that a dataclass takes
    """One input file: where it is, its path below raw/ as the corpus will call it, and its size in bytes.

    Where it is on a disk stands as a string: a path as an object takes four times as long to be sent.
    """

    place: str | Path
    source: str
    size: int
    piece: Piece | None = None  # of a file that is cut; otherwise it is read whole

    @property
    def path(self) -> Path:
        return Path(self.place) if isinstance(self.place, str) else self.place

    @property
    def is_on_disk(self) -> bool:
        return isinstance(self.place, str) or on_disk(self.place)

    def has_ending(self, endings: str | tuple[str, ...]) -> bool:
        """Whether it is of a kind that has one of these endings, in lower case."""
        return self.source.lower().endswith(endings)

    @property
    def work(self) -> int:
        """The bytes that are to be read."""
        return self.size if self.piece is None else self.piece.size


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something under raw/ that is not an input, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawText:
    """One document as it was found. `problem` says why there is none; `content` then holds the bytes, if any."""

    source: str
    content: bytes | str
    row: int | None = None  # of a table; of a long text the number of the part, from 1
    is_html: bool = False
    problem: str = ""
    sample: bytes | None = None  # of a part of a long text: what tells the character set of the whole file
    start: int = 0  # of a part: its first byte in the file


def find(raw: Path) -> tuple[list[RawFile], list[Ignored]]:
    """All inputs under the folder `raw` (or the one file `raw`), ordered by path; and what was passed over."""
    if raw.is_file():
        return [RawFile(os.fspath(raw) if on_disk(raw) else raw, readable_name(raw.name), raw.stat().st_size)], []
    if not raw.is_dir():
        raise WrongUseError(f"there is no folder or file {raw}")
    if not on_disk(raw):
        return find_in_store(raw)
    files: list[RawFile] = []
    ignored: list[Ignored] = []
    root, folders = raw.resolve(), [(os.fspath(raw), "")]
    while folders:
        folder, above = folders.pop()
        try:
            with os.scandir(folder) as listed:
                entries = list(listed)
        except OSError as error:
            ignored.append(Ignored(above.removesuffix("/") or ".", f"a folder that cannot be listed: {error.strerror}"))
            continue
        for entry in entries:
            source = above + readable_name(entry.name)
            # The listing tells of most entries what they are, so that only the sizes of files are asked for.
            is_usual = not (entry.is_symlink() or entry.name.startswith("."))
            if is_usual and entry.is_dir():
                folders.append((entry.path, source + "/"))
            elif is_usual and entry.is_file() and entry.name.lower().endswith(INPUTS):
                files.append(RawFile(entry.path, source, entry.stat().st_size))
            elif reason := why_ignored(path := Path(entry.path), root):
                ignored.append(Ignored(source, reason))
            elif path.is_file():
                files.append(RawFile(entry.path, source, path.stat().st_size))
    return sorted(files, key=lambda file: file.source), sorted(ignored, key=lambda entry: entry.source)


def find_in_store(raw: Path) -> tuple[list[RawFile], list[Ignored]]:
    """The same in a store, by one listing. What cannot be the path of a file is passed over."""
    files: list[RawFile] = []
    ignored: dict[str, Ignored] = {}
    for path in raw.rglob("*"):
        source = str(path)[len(str(raw)) + 1 :]
        parts = source.split("/")
        hidden = next((number for number, part in enumerate(parts, start=1) if part.startswith(".")), 0)
        if hidden:
            above = "/".join(parts[:hidden])
            ignored[above] = Ignored(above, "a name that no path may have" if parts[hidden - 1] == ".." else "hidden")
        elif "" in parts or "\0" in source:
            ignored[source] = Ignored(source, "a name that no path may have")
        elif not path.name.lower().endswith(INPUTS):
            ignored[source] = Ignored(source, f"not a kind of file that cleaner reads, which are {KINDS}")
        else:
            files.append(RawFile(path, source, path.stat().st_size))
    return sorted(files, key=lambda file: file.source), sorted(ignored.values(), key=lambda entry: entry.source)


def why_ignored(path: Path, root: Path) -> str:
    """Why something under raw/ is no input, or an empty string when it is one."""
    if path.name.startswith("."):
        return "hidden"
    if path.is_symlink():
        if not path.exists():
            return "a link that leads nowhere"
        if not path.resolve().is_relative_to(root):
            return "a link that leads out of the folder"
        if path.is_dir():
            return "a link to a folder"
    if path.is_dir():
        return ""
    if not path.is_file():
        return "not a regular file"
    if not path.name.lower().endswith(INPUTS):
        return f"not a kind of file that cleaner reads, which are {KINDS}"
    return ""


def readable_name(name: str) -> str:
    """A file name as valid Unicode: bytes that are not UTF-8 are spelt as backslash escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


class Source(NamedTuple):
    """Where a document was read from."""

    path: Path
    content: bytes  # of the document; of the row of a table its text in UTF-8
    sha256: str = ""  # of the file; empty for a table
    start: int = 0  # the first byte of the document in the file


def read_source(raw: Path, source: str, row: int | None, config: DecodeConfig) -> Source:
    """What was read of one input.

    Raises WrongUseError when `raw`, a folder or the file itself, has no such input.
    """
    name = re.sub(rb"\\x([0-9a-f]{2})", lambda code: bytes.fromhex(code[1].decode()), source.encode())
    places = [raw] if raw.is_file() else [raw / source, raw / os.fsdecode(name)]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise WrongUseError(f"{raw} has no file {source}; give the folder that was read, or the file itself")
    try:
        if row is None:
            content = path.read_bytes()
            return Source(path, content, hashlib.sha256(content).hexdigest())
        rows = read(RawFile(path, source, path.stat().st_size), config)
        found = next((found for found in rows if found.row == row), None)
        if found and isinstance(found.content, bytes) and is_part(source, row):
            return Source(path, found.content, sha256(path), found.start)
    except OSError as error:
        raise WrongUseError(f"cannot read {path}: {error.strerror}") from None
    if not found or not isinstance(found.content, str):
        raise WrongUseError(f"{path} has no text in {named_row(source, row)}")
    return Source(path, found.content.encode("utf-8", "surrogatepass"))


def is_part(source: str, row: int | None) -> bool:
    """Whether a document is a part of a long text, and not a file or the row of a table."""
    return row is not None and source.lower().endswith(TEXT)


def named_row(source: str, row: int | None) -> str:
    """What a document is of its file.

    >>> named_row("a.txt", None), named_row("a.jsonl", 7), named_row("a.txt", 2)
    ('the file', 'row 7', 'part 2')
    """
    return "the file" if row is None else f"{'part' if is_part(source, row) else 'row'} {row}"


def shard_size(files: Iterable[RawFile], most: int) -> int:
    """The bytes of a shard: a small corpus, too, is to be work for several workers. Depends on sizes alone."""
    return min(most, max(LEAST_SHARD, sum(file.size for file in files) // SHARDS))


def cut_into_shards(files: Iterable[RawFile], shard_bytes: int) -> list[list[RawFile]]:
    """Cut the ordered inputs into runs of about `shard_bytes`. Depends on order and sizes alone."""
    shards: list[list[RawFile]] = []
    filled = shard_bytes
    for file in files:
        if filled >= shard_bytes:
            shards.append([])
            filled = 0
        shards[-1].append(file)
        filled += file.work
    return shards


def read(file: RawFile, config: DecodeConfig) -> Iterator[RawText]:
    """The documents of one input file, in order."""
    if file.size == 0:
        yield RawText(file.source, b"", problem="empty file")
    elif file.is_on_disk and not os.access(file.place, os.R_OK):
        yield RawText(file.source, b"", problem="unreadable: permission denied")
    elif file.has_ending(JSONL):
        yield from read_jsonl(file, config)
    elif file.has_ending(PARQUET):
        yield from read_parquet(file, config)
    elif file.size > config.max_file_bytes:
        limit = f"too large: more than decode.max_file_bytes = {config.max_file_bytes}"
        yield RawText(file.source, b"", problem=limit)
    elif is_long(file, config):
        yield from read_parts(file, config)
    else:
        try:
            yield RawText(file.source, content_of(file), is_html=file.has_ending(HTML))
        except OSError as error:
            yield RawText(file.source, b"", problem=f"unreadable: {error.strerror}")


def content_of(file: RawFile) -> bytes:
    """All bytes of a file."""
    if not file.is_on_disk:
        return file.path.read_bytes()
    handle, pieces = os.open(file.place, os.O_RDONLY), list[bytes]()
    try:  # a stream would ask the system for more than the bytes, which takes its time where files are small
        while piece := os.read(handle, file.size + 1):
            pieces.append(piece)
    finally:
        os.close(handle)
    return b"".join(pieces)


def is_long(file: RawFile, config: DecodeConfig) -> bool:
    """Whether a file is a text that is to be cut, if it can be."""
    return config.document_bytes < file.size <= config.max_file_bytes and file.has_ending(TEXT)


def read_parts(file: RawFile, config: DecodeConfig) -> Iterator[RawText]:
    """One document per part of a long text; one, without a number, if it has a single part."""
    try:
        pieces = [file.piece] if file.piece else list(pieces_of_text(file, config))
        with file.path.open("rb") as stream:
            for piece in pieces:
                stream.seek(piece.start)
                content = stream.read(piece.size)
                if piece.size == file.size:
                    yield RawText(file.source, content)
                else:
                    yield RawText(file.source, content, piece.row + 1, sample=piece.sample, start=piece.start)
    except OSError as error:
        row = file.piece.row + 1 if file.piece else None
        yield RawText(file.source, b"", row, problem=f"unreadable: {error.strerror}")


def pieces_of_text(file: RawFile, config: DecodeConfig) -> Iterator[Piece]:
    """The parts of a long text. Raises OSError when it cannot be read."""
    sample = sample_of_file(file.path)
    for number, (start, stop) in enumerate(spans_of_parts(file.path, config.document_bytes)):
        yield Piece(start, stop, number, stop - start, sample)


def read_jsonl(file: RawFile, config: DecodeConfig) -> Iterator[RawText]:
    """One document per line; a line that is no JSON object with a text is given back with its bytes."""
    piece = file.piece or Piece(0, sys.maxsize, 0, 0)
    number, unpacked = piece.row, 0
    most = max(UNPACKED, config.max_unpacking * file.size)
    try:
        with open_stream(file.path) as stream:
            if piece.start:
                stream.seek(piece.start)
            while unpacked < piece.stop - piece.start and (line := stream.readline(config.max_file_bytes)):
                unpacked += len(line)
                if unpacked > most:
                    said = f"unpacks to more than decode.max_unpacking = {config.max_unpacking} times its size"
                    raise OSError(said)  # a few kilobytes can be made to unpack to terabytes
                number += 1
                content = line.rstrip(b"\r\n")
                if content.strip(b" \t\xef\xbb\xbf"):
                    yield read_json_line(file, number, content, config.text_field)
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        yield RawText(file.source, b"", number + 1, problem=f"unreadable: after line {number}: {error}")


def read_json_line(file: RawFile, number: int, line: bytes, field: str) -> RawText:
    """The text of one JSONL line."""
    try:
        record = LINES.decode(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return RawText(file.source, line, number, problem=f"broken line: line {number} is not UTF-8")
    except (json.JSONDecodeError, RecursionError) as error:
        return RawText(file.source, line, number, problem=f"broken line: line {number} is not valid JSON: {error}")
    text = record.get(field) if isinstance(record, dict) else None
    if not isinstance(text, str):
        return RawText(file.source, line, number, problem=f"no text: line {number} has none in a field {field!r}")
    return RawText(file.source, text, number)


def open_stream(path: Path) -> io.BufferedIOBase:
    """A binary stream of the file's content, unpacked while it is read."""
    if path.name.lower().endswith(".gz"):
        return gzip.open(path if on_disk(path) else path.open("rb"), "rb")
    if path.name.lower().endswith(".zst"):
        packed = pa.OSFile(os.fspath(path)) if on_disk(path) else path.open("rb")
        return io.BufferedReader(pa.CompressedInputStream(packed, "zstd"))
    return path.open("rb")


def read_parquet(file: RawFile, config: DecodeConfig) -> Iterator[RawText]:
    """One document per row of the text column."""
    row = file.piece.row if file.piece else 0
    try:
        with pq.ParquetFile(for_arrow(file.path)) as table:
            names = table.schema_arrow.names
            if config.text_field not in names:
                problem = f"no text: there is no column {config.text_field!r}, only {', '.join(names)}"
                yield RawText(file.source, b"", problem=problem)
                return
            groups = range(file.piece.start, file.piece.stop) if file.piece else None
            for batch in table.iter_batches(batch_size=1024, row_groups=groups, columns=[config.text_field]):
                for text in batch.column(0).to_pylist():
                    if isinstance(text, str):
                        yield RawText(file.source, text, row)
                    else:
                        problem = f"no text: row {row} has none in the column {config.text_field!r}"
                        yield RawText(file.source, b"", row, problem=problem)
                    row += 1
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        yield RawText(file.source, b"", row, problem=f"unreadable: not a Parquet file, or damaged: {error}")
