"""What programs are given that know no store: pyarrow a stream, DuckDB a copy on a disk."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner.places import as_stored, on_disk


def local(path: Path, folder: Path) -> Path:
    """The same file on a disk, for programs that know no store: itself, or a copy below `folder`."""
    if on_disk(path):
        return path
    copy = folder / as_stored(path).key
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source, copy.open("xb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    return copy


def for_arrow(path: Path) -> Any:
    """What pyarrow is given to read a file: its path, or a stream where it lies in a store."""
    return path if on_disk(path) else path.open("rb")


@contextlib.contextmanager
def to_be_written(path: Path) -> Iterator[Any]:
    """What pyarrow is given to write a file: its path, or a stream into a store, which it would not close."""
    if on_disk(path):
        yield path
        return
    with path.open("wb") as stream:
        yield stream
