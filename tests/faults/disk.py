"""A disk that fails: each call that changes it, in turn, is the last of its process, or fails with an error.

Run as a program it publishes once for each such call, in a forked child that dies at that call:

    python -m tests.faults.disk STAGE_FOLDER CLEAN PLACE

CLEAN is copied to PLACE/0, PLACE/1 … for the children, and what they left is left there.
"""

import contextlib
import fcntl
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet as pq

CALLS = ("mkdir", "rename", "replace", "unlink", "rmdir", "fsync")  # of os; opening for writing, and each write, beside


class Counted:
    """Counts calls, and has the one with the number `at` go wrong."""

    def __init__(self, at: int, go_wrong: Callable[[], None]) -> None:
        self.at, self.go_wrong = at, go_wrong
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) - 1 == self.at:
            self.go_wrong()


class HalfWritten(io.FileIO):
    """A file of which, where a write goes wrong, the first half of what was to be written is there."""

    counted: Counted

    def write(self, data: Any) -> int:
        whole = bytes(data)
        if len(self.counted.names) == self.counted.at:
            super().write(whole[: len(whole) // 2])
        self.counted("write")
        return super().write(whole) or 0


@contextlib.contextmanager
def faulty(counted: Counted) -> Iterator[None]:
    """Let every call that changes the disk be counted, and one of them go wrong."""
    true_open = io.open

    def opened(path: Any, mode: str = "r", *arguments: Any, **more: Any) -> Any:
        if not set(mode) & set("wax"):
            return true_open(path, mode, *arguments, **more)
        counted("open")
        raw = HalfWritten(path, mode.replace("b", ""))
        raw.counted = counted
        return io.BufferedWriter(raw)

    def announced(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def announce(*arguments: Any, **more: Any) -> Any:
            counted(name)
            return call(*arguments, **more)

        return announce

    with contextlib.ExitStack() as patches:
        patches.enter_context(mock.patch("io.open", opened))
        for name in CALLS:
            patches.enter_context(mock.patch(f"os.{name}", announced(name, getattr(os, name))))
        patches.enter_context(mock.patch("fcntl.flock", announced("flock", fcntl.flock)))
        for name in ("write_table", "close"):  # Arrow writes by code of its own
            patched = announced(name, getattr(pq.ParquetWriter, name))
            patches.enter_context(mock.patch.object(pq.ParquetWriter, name, patched))
        yield


def fail_with(number: int) -> Callable[[], None]:
    """Fail as a full or a broken disk does."""

    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


def main(stage: str, clean: str, place: str) -> None:
    """Publish again and again, killed one call later each time, until one comes through."""
    from cleaner.files.corpus import open_corpus
    from cleaner.publish import publish

    # Not opened here: a forked child inherits the locks of pyarrow's threads as they happen to be.
    for number in range(1000):
        target = Path(place, str(number))
        shutil.copytree(clean, target)
        child = os.fork()
        if child == 0:
            counted = Counted(number, lambda: os.kill(os.getpid(), 9))
            with faulty(counted):
                publish(open_corpus(Path(stage)), target)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            return
        if os.waitstatus_to_exitcode(status) != -9:
            raise SystemExit(f"at call {number} the child did not die, but failed: {status}")


if __name__ == "__main__":
    main(*sys.argv[1:])
