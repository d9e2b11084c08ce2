"""What programs are given that know no store: pyarrow a stream, DuckDB a copy on a disk."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner.files import own_name
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
    """What pyarrow is given to write a file, which is there when the block ends without an error, and not otherwise.

    It is a path with a name of its own (`own_name`), or a stream into a store, which pyarrow would not close.
    """
    if not on_disk(path):
        with path.open("wb") as stream:
            yield stream
        return
    partial = own_name(path)
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
