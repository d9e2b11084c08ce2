"""Where things lie: on a disk, or in a store such as `s3://bucket/folder`.

    place       what a path argument of the command line means
    on_disk     whether a path lies on a disk, where there are links, locks, renames and memory maps
    lies_in     whether one path lies in another
    way_from    the way from one folder to another, as it is written into a report, and `at_way` back

What lies in a store is a `cleaner.files.store.StorePath`. It has those methods of `pathlib.Path` that cleaner uses, so
that nearly all of the program need not know where its files are; what must know it asks `on_disk`. A path on a disk
stays what it is, and nothing more is loaded for it.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cleaner.errors import WrongUseError

if TYPE_CHECKING:
    from cleaner.files.store import StorePath

REMOTE = re.compile(r"([a-z][a-z0-9+.-]+)://(.*)", re.IGNORECASE | re.DOTALL)
NEEDS = (
    "{text} lies in a store, and what opens it is not installed ({why}); "
    "for s3:// install cleaner with its extra: pip install 'cleaner[cloud]'"
)


def place(text: str) -> Path:
    """The path that an argument names: on a disk (also as `file://…`), or in a store, by its URL.

    Raises WrongUseError when the URL is of no kind that can be opened here.

    >>> place("raw/news"), place("file:///data/raw")
    (PosixPath('raw/news'), PosixPath('/data/raw'))
    """
    found = REMOTE.fullmatch(text)
    if found is None:
        return Path(text)
    protocol, key = found[1].lower(), found[2].strip("/")
    if protocol == "file":
        from urllib.parse import unquote, urlsplit

        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost") or not parts.path:
            raise WrongUseError(f"{text} names no file of this machine; write file:///path")
        return Path(unquote(parts.path))
    try:
        from cleaner.files.store import StorePath, opened_store

        opened_store(protocol)
    except ImportError as error:
        raise WrongUseError(NEEDS.format(text=text, why=error)) from None
    except ValueError:
        raise WrongUseError(f"{text} is in no kind of store that is known; s3:// is, and a path on the disk") from None
    if not key:
        raise WrongUseError(f"{text} names no bucket")
    # To the type checker it is a path: it has those of its methods that are used.
    return cast(Path, StorePath(protocol, key))


def on_disk(path: Path) -> bool:
    """Whether a path lies on a disk and not in a store."""
    return isinstance(path, Path)


def as_stored(path: Path) -> "StorePath":
    """A path that lies in a store, as what it is."""
    return cast("StorePath", path)


def lies_in(inner: Path, outer: Path) -> bool:
    """Whether a path is another one or lies below it; both as `resolve` gives them."""
    return on_disk(inner) == on_disk(outer) and inner.is_relative_to(outer)


def way_from(folder: Path, to: Path) -> str:
    """The way from one folder to another: relative, unless only one of them lies in a store, or in another one."""
    if on_disk(folder) and on_disk(to):
        return Path(os.path.relpath(to, folder)).as_posix()
    if on_disk(folder) or on_disk(to) or as_stored(folder).bucket != as_stored(to).bucket:
        return to.resolve().as_posix()
    return os.path.relpath(as_stored(to).key, as_stored(folder).key)


def at_way(folder: Path, way: str) -> Path:
    """Where a way leads that `way_from` has found."""
    if REMOTE.fullmatch(way):
        return place(way)
    if on_disk(folder) or way.startswith("/"):
        return Path(os.path.normpath(folder / way)) if on_disk(folder) else Path(way)
    stored = as_stored(folder)
    return cast(Path, type(stored)(stored.protocol, os.path.normpath(f"{stored.key}/{way}")))
