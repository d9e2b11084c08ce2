"""Files and folders that survive a power cut, and a lock that dies with its process.

What is written here is flushed to the disk before it gets its name, and so is the folder that holds the name. Only
then is it there, and then it is there whole. What lies in a store is made in other ways: see `cleaner.files.stored`.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from cleaner.errors import BadDataError
from cleaner.files import write_whole
from cleaner.files.stored import held, local_scratch, new_stored_folder, remove_unfinished, replacing_stored_folder
from cleaner.places import as_stored, on_disk

CHUNK = 1 << 20  # bytes that are copied at a time


def copy_file(source: Path, target: Path) -> tuple[int, str]:
    """Copy a file to the disk. Returns the bytes and the SHA-256 of what was written."""
    size, sha256 = 0, hashlib.sha256()
    with source.open("rb") as reader, target.open("xb" if on_disk(target) else "wb") as writer:
        while chunk := reader.read(CHUNK):
            writer.write(chunk)
            sha256.update(chunk)
            size += len(chunk)
        if on_disk(target):
            writer.flush()
            os.fsync(writer.fileno())
    return size, sha256.hexdigest()


def write_file(path: Path, content: bytes) -> None:
    """Write a file to the disk so that it is there whole, under its name, or not at all."""
    write_whole(path, content)
    flush(path.parent)


def flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk. A store has what it was sent."""
    if not on_disk(path):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, and flush their names to the disk. In a store there is nothing to make."""
    if not on_disk(folder):
        return
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
    for place in missing:
        flush(place.parent)


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Build a folder that must not exist yet under a hidden name; it gets its own when the block ends without an error.

    The hidden name is removed when the block fails. Where the process was killed, it stays: see `remove_leftovers`.
    """
    if not on_disk(folder):
        with new_stored_folder(folder):
            yield folder
        return
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        partial.mkdir()
        yield partial
        for place, _, _ in os.walk(partial, topdown=False):
            flush(Path(place))
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


@contextlib.contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Build `folder` under a hidden name; it takes the place of an older one when the block ends without an error.

    Raises BadDataError when another process is making this folder.
    """
    partial = folder.with_name(f".{folder.name}.partial")
    with locked(folder.with_name(f".{folder.name}.lock"), f"another cleaner is writing {folder}; run again later"):
        if not on_disk(folder):
            with replacing_stored_folder(folder) as scratch:
                yield scratch
            return
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            yield partial
            replace_folder(partial, folder)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def replace_folder(partial: Path, folder: Path) -> None:
    """Put a folder that is whole in the place of an older one."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    flush(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def remove_leftovers(paths: list[Path]) -> None:
    """Remove what killed processes left behind. Raises OSError where that is not possible."""
    for path in paths:
        if not on_disk(path):
            remove_unfinished(path)
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextlib.contextmanager
def locked(path: Path, said: str) -> Iterator[None]:
    """Hold a lock for the block. Raises BadDataError with what is `said` when another process holds it.

    The lock is freed when its process dies, however that happens. The empty file `path` is removed at the end, and so
    are the folders that had to be made for it, if nothing has come into them.
    """
    if not on_disk(path):
        with held(as_stored(path), said):
            yield
        return
    missing = [place for place in (path.parent, *path.parent.parents) if not place.exists()]
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
    with taken(path, said):
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # what was done is done, and the folders may not be empty
                path.unlink()
                for place in missing:
                    place.rmdir()


@contextlib.contextmanager
def taken(path: Path, said: str) -> Iterator[None]:
    """Hold the lock that is a file; it is still there at the end of the block, unless the block removed it."""
    while True:
        with path.open("ab") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BadDataError(said) from None
            if is_at(stream.fileno(), path):
                yield
                return
            # The one who had it removed the file after it was opened here.


def is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is still the one that has this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def scratch_folder(clean: Path, work: Path | None) -> Iterator[Path]:
    """The folder for the stages: `work` if one is wanted, or a hidden one beside the versions, removed at the end.

    If the block fails, what is there stays for the next run. Raises BadDataError when another run is at work there.
    """
    # Scratch is mapped into memory, so it lies on a disk.
    here = clean if on_disk(clean) or work is not None else local_scratch(clean)
    scratch, gone = work or here / ".work", here / ".work.gone"
    said = f"another run is at work in {scratch}; wait for it, or give this one its own folder with --work"
    with locked(scratch.with_name(f".{scratch.name.removeprefix('.')}.lock"), said):
        if work is None:
            shutil.rmtree(gone, ignore_errors=True)  # what a run that was killed at its very end has left
        yield scratch
        if work is None:
            # It goes at once: of a folder that is removed in part, nobody could say what it is.
            with contextlib.suppress(OSError):
                scratch.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
    if here is not clean:
        with contextlib.suppress(OSError):  # another run may have come
            here.rmdir()
