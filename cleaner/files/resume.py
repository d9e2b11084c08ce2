"""What a stage that was killed had finished, so that the next run goes on from there.

    .4-repair.partial/            beside the place of the folder that is being made
        .plan                     what this is going to be: a fingerprint of inputs, settings and code
        .done-repair-00003        what came of a shard whose files are whole, written after them

A folder with another plan is thrown away. A shard without its note is made again, whatever lies there of it. Notes are
JSON: nothing that is read from a disk is ever run.
"""

import contextlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from cleaner.errors import WrongUseError
from cleaner.files import write_whole

PLAN = ".plan"
HAS_LOCKS = importlib.util.find_spec("fcntl") is not None  # not on Windows: there, no two runs may share a folder


@contextlib.contextmanager
def resuming_folder(folder: Path, plan: str) -> Iterator[Path]:
    """Build `folder` as a temporary sibling that takes its place when the block ends without an error.

    What an interrupted run with the same plan has left is there at the start; if the block fails, what it finished is
    left for the next. Raises WrongUseError when another process is making this folder.
    """
    partial = folder.with_name(f".{folder.name}.partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_name(f".{folder.name}.lock"), f"another cleaner is writing {folder}"):
        if not is_planned(partial, plan):
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            write_whole(partial / PLAN, plan.encode())
        for path in partial.glob("*.scratch"):
            path.unlink()
        try:
            yield partial
        except BaseException:
            if not any(partial.glob(".done-*")):
                shutil.rmtree(partial, ignore_errors=True)
            raise
        for path in partial.glob(".*"):
            path.unlink()
        replace_folder(partial, folder)


def is_planned(partial: Path, plan: str) -> bool:
    """Whether a half-made folder was to be the same."""
    try:
        return (partial / PLAN).read_bytes() == plan.encode()
    except OSError:
        return False


def replace_folder(partial: Path, folder: Path) -> None:
    """Put a folder that is whole in the place of an older one."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    flush(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def finished(folder: Path, name: str) -> bytes | None:
    """What came of a shard if it has been finished, as it was noted."""
    try:
        return (folder / f".done-{name}").read_bytes()
    except OSError:
        return None


def note_finished(folder: Path, name: str, shard: int, result: bytes) -> None:
    """Note that the files of a shard are whole, after they have reached the disk."""
    for path in folder.glob(f"*-{shard:05}.parquet"):
        flush(path)
    if (folder / "quarantine").exists():
        os.sync()  # one by one, many small files would take minutes
    write_whole(folder / f".done-{name}", result)


def flush(path: Path) -> None:
    """See to it that a file, or the names in a folder, have reached the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextlib.contextmanager
def locked(path: Path, problem: str) -> Iterator[None]:
    """Hold a lock that the system takes back when this process dies, however it dies. Raises WrongUseError if held."""
    if not HAS_LOCKS:
        yield
        return
    from fcntl import LOCK_EX, LOCK_NB, flock

    missing = [place for place in (path.parent, *path.parent.parents) if not place.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except OSError:
            os.close(lock)
            raise WrongUseError(f"{problem} at this moment; wait until it is done, or choose another folder") from None
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(lock).st_ino:
                break
        os.close(lock)  # the one who held it has just removed the file that was opened here
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)
        with contextlib.suppress(OSError):  # somebody needs them by now
            for place in missing:
                place.rmdir()


@contextlib.contextmanager
def scratch_folder(clean: Path, work: Path | None) -> Iterator[Path]:
    """The folder for the stages: `work` if one is wanted, or a hidden one beside the versions, removed at the end.

    If the run does not get that far, what is there stays for the next.
    """
    if work is not None:
        yield work
        return
    scratch = clean / ".work"
    yield scratch
    shutil.rmtree(scratch, ignore_errors=True)
