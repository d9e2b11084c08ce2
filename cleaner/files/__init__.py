"""The only place that opens files: `raw` finds and reads the inputs, `folder` keeps what the stages made.

Everything is written under a temporary name beside its place and renamed when it is whole, so a reader never
sees half of anything, whenever the program was stopped.
"""

import contextlib
import functools
import hashlib
import io
import json
import os
import secrets
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import BinaryIO

from cleaner.errors import WrongUseError
from cleaner.places import on_disk

TABLES = (".tsv", ".txt", ".json")
BEGINNING = 1 << 17  # bytes of a file that are digested at once, if it has no more
WRITING = "*.writing"  # files that are not whole yet; what a worker that was killed has left of them is swept away


def document_id(source: str, row: int | None = None) -> str:
    """20 hex digits (80 bits of SHA-256) from the path below raw/ and, for tables, the row.

    >>> document_id("1998/05/a.txt"), document_id("a.jsonl", 12)
    ('7e896a456c4a292c62d4', '39896067d221e1ab0da3')
    """
    key = source if row is None else f"{source}\0{row}"
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def sha256(path: Path | str) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with io.FileIO(path) if isinstance(path, str) else path.open("rb", buffering=0) as stream:
        beginning = stream.read(BEGINNING)
        if len(beginning) < BEGINNING and not stream.read(1):  # as most inputs
            return hashlib.sha256(beginning).hexdigest()
        stream.seek(0)
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_settings(path: Path) -> str:
    """The text of a configuration file. Raises WrongUseError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUseError(f"cannot read the configuration {path}: {error}") from None


def read_table(name: str) -> list[list[str]]:
    """The rows of a data file in cleaner/tables/, cut at tabs, without its comments."""
    return [line.split("\t") for line in table_text(name).split("\n") if line and not line.startswith("#")]


def table_text(name: str) -> str:
    """A data file in cleaner/tables/ without the comments at its head."""
    text = (resources.files("cleaner.tables") / name).read_text(encoding="utf-8")
    start = 0
    while text.startswith("#", start):
        start = text.index("\n", start) + 1
    return text[start:]


@functools.cache
def table_digests() -> dict[str, str]:
    """The SHA-256 of every data file in cleaner/tables/: they shape the text as much as the code does."""
    found = [entry for entry in resources.files("cleaner.tables").iterdir() if entry.name.endswith(TABLES)]
    return {entry.name: hashlib.sha256(entry.read_bytes()).hexdigest() for entry in sorted(found, key=lambda e: e.name)}


def own_name(path: Path, folder: Path | None = None) -> Path:
    """A hidden name beside `path`, or in `folder`, that nobody else has, to write a file under until it is whole.

    On a cluster a job may be done twice at once, when the first who did it was taken for dead. Each writes its own
    file, and of the two, which have the same bytes, the last gets the name. See `WRITING`. In a store, where an object
    is there when it is whole, that is the name itself.
    """
    if not on_disk(path):
        return path
    return (folder or path.parent) / f".{secrets.token_hex(8)}.writing"


@contextlib.contextmanager
def open_whole(path: Path, folder: Path | None = None) -> Iterator[BinaryIO]:
    """A new file to write to, which gets its name when the block ends without an error, and is gone otherwise.

    It is not flushed to the disk: for scratch files, and for what is flushed together later.
    """
    if not on_disk(path):
        with path.open("wb") as stream:
            yield stream
        return
    partial = own_name(path, folder)
    try:
        with partial.open("wb") as stream:
            yield stream
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, flush it to the disk and rename it into place.

    Into a store it is written at once: there, an object is whole or not there.
    """
    if not on_disk(path):
        path.write_bytes(content)
        return
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


@functools.cache
def code_digest() -> str:
    """The SHA-256 over the code and the tables of this package: what was made by other code must be made again."""
    files = sorted(Path(str(resources.files("cleaner"))).rglob("*"))
    shaping = [path for path in files if path.suffix in (".py", *TABLES)]
    return hashlib.sha256("".join(map(sha256, shaping)).encode()).hexdigest()


def write_failures(folder: Path, failures: dict[str, list[dict[str, str]]]) -> None:
    """One JSONL file for each claim that something breaks, by the name of the claim. Those that hold have none left."""
    for name, rows in failures.items():
        path = folder / f"{name}.jsonl"
        if rows:
            folder.mkdir(parents=True, exist_ok=True)
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            write_whole(path, lines.encode("utf-8", "surrogatepass"))
        else:
            path.unlink(missing_ok=True)
