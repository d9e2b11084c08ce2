"""Folders in a store, where nothing can be renamed, and locks, where nobody can be asked whether it is alive.

    new_stored_folder        a version: a note beside it says that it is begun, its manifest comes last
    remove_unfinished        what one that was killed has left of a version
    resuming_stored_folder   a stage folder: its plan comes first, its report last
    replacing_stored_folder  an export: built on a disk, then sent, what says that it is whole last
    held                     a lock: an object that is there while somebody works
    local_scratch            the folder on a disk for what cannot be in a store

Objects are written one by one under the names that they keep. A folder counts only with the object that is written
last, and where a folder is made again, that object goes first. So nobody takes half of a folder for the whole,
whenever the program was stopped, and the next run removes what is left or goes on from there.
"""

import contextlib
import datetime
import hashlib
import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner.errors import BadDataError, StoreError, WrongUseError
from cleaner.places import as_stored, on_disk

if TYPE_CHECKING:
    from cleaner.files.store import StorePath

SEALS = ("report.json", "manifest.json", "export.json")  # one of them says that a folder is whole
PLAN = ".plan"
HELD: set[Any] = set()  # what tells the locks of this process
CHUNK = 1 << 20  # bytes that are copied at a time


@contextlib.contextmanager
def new_stored_folder(folder: Path) -> Iterator[None]:
    """Build a folder that must not exist yet; whoever fills it writes its manifest last.

    While it is built, the object `.v3.partial` lies beside `v3`. When the block fails, what is there is removed, unless
    the store refuses that, too: then the next one does it, as after a kill.
    """
    note = folder.with_name(f".{folder.name}.partial")
    note.write_bytes(b"")
    try:
        yield
    except BaseException:
        with contextlib.suppress(StoreError, OSError):  # what went wrong before is what matters
            remove_unfinished(note)
        raise
    with contextlib.suppress(StoreError, OSError):  # it is whole, whether the note is there or not
        note.unlink()


def remove_unfinished(note: Path) -> None:
    """Remove the note that a folder is begun, and before it what is there of the folder, unless that is whole."""
    folder = note.with_name(note.name.removeprefix(".").removesuffix(".partial"))
    if not is_sealed(folder):
        as_stored(folder).remove_below()
    note.unlink(missing_ok=True)


def is_sealed(folder: Path) -> bool:
    """Whether a folder is whole."""
    return any((folder / name).is_file() for name in SEALS)


def without_unfinished(paths: list[Path]) -> list[Path]:
    """What lies in a folder of versions without those that somebody is building, or was killed while doing so."""
    names = {path.name for path in paths}
    return [path for path in paths if on_disk(path) or f".{path.name}.partial" not in names or is_sealed(path)]


@contextlib.contextmanager
def resuming_stored_folder(folder: Path, plan: str) -> Iterator[None]:
    """Build a stage folder, whose report is written last within the block; see `cleaner.files.resume`."""
    said = f"another cleaner is writing {folder}; wait until it is done"
    stored = as_stored(folder)
    with held(as_stored(folder.with_name(f".{folder.name}.lock")), said):
        if is_sealed(folder) or not is_begun(folder, plan):
            for name in SEALS:
                (folder / name).unlink(missing_ok=True)  # before all else: from now on it is not whole
            stored.remove_below()
            (folder / PLAN).write_bytes(plan.encode())
        stored.remove_below("*.scratch")
        yield
        stored.remove_below(".done-*")
        (folder / PLAN).unlink(missing_ok=True)


def is_resumable(folder: Path) -> bool:
    """Whether a folder, which is not whole, is what an interrupted run has left under its own name: in a store."""
    return not on_disk(folder) and is_begun(folder) and not is_sealed(folder)


def is_begun(folder: Path, plan: str | None = None) -> bool:
    """Whether a stage folder has been begun and not finished; of a `plan`, if it is to be the same."""
    with contextlib.suppress(FileNotFoundError):
        return (folder / PLAN).read_bytes() == plan.encode() if plan is not None else (folder / PLAN).is_file()
    return False


@contextlib.contextmanager
def replacing_stored_folder(folder: Path) -> Iterator[Path]:
    """Build a folder on a disk, and put it in the place of an older one when the block ends without an error."""
    with tempfile.TemporaryDirectory(prefix="cleaner-") as scratch:
        made = Path(scratch) / folder.name
        made.mkdir()
        yield made
        names = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
        (folder / PLAN).write_bytes(b"")  # so that what an interrupted run leaves is known for what it is
        for name in SEALS:
            (folder / name).unlink(missing_ok=True)
        for path in as_stored(folder).rglob("*"):
            if path.relative_to(as_stored(folder)).as_posix() not in (PLAN, *names):
                path.unlink()
        for name in sorted(names, key=lambda name: (name in SEALS, name)):
            with (made / name).open("rb") as source, (folder / name).open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK)
        (folder / PLAN).unlink()


@contextlib.contextmanager
def held(path: "StorePath", said: str) -> Iterator[None]:
    """Hold a lock for the block. Raises BadDataError with what is `said` when another process holds it.

    The lock names its process. One that was killed on this machine is found out; of others nobody here can know
    whether they live, so it is said who they are and what to remove. Where the store knows no condition on a write,
    whoever has written last has the lock.
    """
    mine = {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "since": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "token": secrets.token_hex(8),
    }
    if (other := holder(path)) is not None and is_dead(other):
        path.unlink(missing_ok=True)
    with contextlib.suppress(FileExistsError):
        path.create(json.dumps(mine).encode())
    if (other := holder(path)) != mine:
        who = (
            f"process {other.get('process')} of {other.get('host')}, since {other.get('since')}" if other else "nobody"
        )
        raise BadDataError(f"{said} (it is {who}; if that one is no longer there, remove {path})")
    HELD.add(mine["token"])
    try:
        yield
    finally:
        HELD.discard(mine["token"])
        with contextlib.suppress(StoreError, OSError):  # what was done is done
            if holder(path) == mine:
                path.unlink()


def holder(path: "StorePath") -> dict[str, Any] | None:
    """What a lock says of the one who holds it, or None if nobody does."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


def is_dead(other: dict[str, Any]) -> bool:
    """Whether it is known that the holder of a lock does not live any more."""
    process = other.get("process")
    if process == os.getpid() and other.get("host") == socket.gethostname():
        return other.get("token") not in HELD  # the store did not let us give it back
    if other.get("host") != socket.gethostname() or type(process) is not int or process <= 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False


def local_scratch(clean: Path) -> Path:
    """A folder on a disk for the stages on the way to a folder of versions in a store, the same for each run.

    Raises WrongUseError when another user has made a folder of this name.
    """
    digest = hashlib.sha256(str(clean).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"cleaner-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise WrongUseError(f"{folder} belongs to somebody else; give the stages a folder with --work")
    return folder
