"""What a stage that was killed had finished, so that the next run goes on from there.

    .4-repair.partial/            beside the place of the folder that is being made
        .plan                     what this is going to be: a fingerprint of inputs, settings and code
        .done-repair-00003        what came of a shard whose files are whole, written after them

A folder with another plan is thrown away. A shard without its note is made again, whatever lies there of it. Notes are
JSON: nothing that is read from a disk is ever run. Files get their names when they are whole, since on a cluster two
workers may do the same job. In a store, all that lies in the folder itself, which has no report before the end.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from cleaner.files import WRITING, open_whole, write_whole
from cleaner.files.durable import flush, locked, replace_folder
from cleaner.files.stored import PLAN, resuming_stored_folder
from cleaner.places import on_disk


@contextlib.contextmanager
def resuming_folder(folder: Path, plan: str) -> Iterator[Path]:
    """Build `folder` as a temporary sibling that takes its place when the block ends without an error.

    What an interrupted run with the same plan has left is there at the start; if the block fails, what it finished is
    left for the next. Raises BadDataError when another process is making this folder.
    """
    if not on_disk(folder):
        with resuming_stored_folder(folder, plan):
            yield folder
        return
    partial = folder.with_name(f".{folder.name}.partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    with locked(
        folder.with_name(f".{folder.name}.lock"), f"another cleaner is writing {folder}; wait until it is done"
    ):
        if not is_planned(partial, plan):
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            write_whole(partial / PLAN, plan.encode())
        sweep(partial, "*.scratch")
        sweep(partial, WRITING)
        try:
            yield partial
        except BaseException:
            sweep(partial, WRITING)
            if not any(partial.glob(".done-*")):
                shutil.rmtree(partial, ignore_errors=True)
            raise
        for path in partial.glob(".*"):
            path.unlink()
        replace_folder(partial, folder)


def sweep(folder: Path, pattern: str) -> None:
    """Remove files of no use."""
    for path in folder.glob(pattern):
        path.unlink(missing_ok=True)


def is_planned(partial: Path, plan: str) -> bool:
    """Whether a half-made folder was to be the same."""
    return plan_in(partial) == plan.encode()


def plan_in(partial: Path) -> bytes:
    """What a half-made folder is going to be; nothing if that is not seen from here."""
    try:
        return (partial / PLAN).read_bytes()
    except OSError:
        return b""


def finished(folder: Path, name: str) -> bytes | None:
    """What came of a shard if it has been finished, as it was noted."""
    try:
        return (folder / f".done-{name}").read_bytes()
    except OSError:
        return None


def note_finished(folder: Path, name: str, shard: int, result: bytes) -> None:
    """Note that the files of a shard are whole, after they have reached the disk."""
    note = folder / f".done-{name}"
    if not on_disk(folder):  # what was written into a store is there
        note.write_bytes(result)
        return
    for path in folder.glob(f"*-{shard:05}.*"):
        flush(path)
    if (folder / "quarantine").exists():
        os.sync()  # one by one, many small files would take minutes
    with open_whole(note) as stream:
        stream.write(result)
        stream.flush()
        os.fsync(stream.fileno())
