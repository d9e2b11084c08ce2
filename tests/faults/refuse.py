"""A disk that refuses: every call that writes, flushes or renames fails in turn, with ENOSPC and with EIO.

    python -m tests.faults.refuse [--every 1]

Each time the run must end with exit code 1 and a sentence and must leave no half version, and the next run must end
with the same bytes as if nothing had happened.
"""

import contextlib
import errno
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any
from unittest import mock

import pyarrow.parquet as pq
import typer

from cleaner import cli
from tests.faults.corpus import SETTINGS, digests, make_raw, refuse_half_versions

# What this program writes with, as (owner, name). Parquet files are written by Arrow's own code behind its writer.
WRITING = (
    (os, "fsync"),
    (Path, "rename"),
    (Path, "replace"),
    (Path, "mkdir"),
    (Path, "open"),
    (shutil, "copyfile"),
    (shutil, "copytree"),
    (pq.ParquetWriter, "write_table"),
    (pq.ParquetWriter, "close"),
)


class Refusal:
    """Counts the calls that write, and fails at one of them."""

    def __init__(self, at: int = -1, number: int = errno.ENOSPC) -> None:
        self.at = at
        self.number = number
        self.calls = 0

    def guarded(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """The function, unless its turn to fail has come."""

        def call(*arguments: Any, **named: Any) -> Any:
            writes = name != "open" or "w" in str(arguments[1:2] or named.get("mode", "r"))
            self.calls += writes
            if writes and self.calls - 1 == self.at:
                raise OSError(self.number, os.strerror(self.number))
            return function(*arguments, **named)

        return call

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        with contextlib.ExitStack() as patches:
            for owner, name in WRITING:
                patches.enter_context(mock.patch.object(owner, name, self.guarded(getattr(owner, name), name)))
            yield


def run(place: Path, name: str) -> tuple[int, str]:
    """A run in this process, in a folder of its own. Returns its exit code and what it said."""
    here = place / name
    arguments = ["run", str(place / "raw"), str(here / "clean"), "--work", str(here / "work"), "--workers", "1"]
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = cli.guarded(lambda: cli.app([*arguments, "--config", str(place / "cleaner.toml")], prog_name="cleaner"))
    return code, said.getvalue()


def survive(place: Path, every: int) -> int:
    """Let each call fail in turn (or every so many). Returns how many failures were survived."""
    make_raw(place / "raw", files=6)
    (place / "cleaner.toml").write_text(SETTINGS, encoding="utf-8")
    counted = Refusal()
    with counted.in_place():
        assert run(place, "whole")[0] == 0
    expected = digests(place / "whole/clean")
    survived = 0
    for at in range(0, counted.calls, every):
        refusal = Refusal(at, errno.ENOSPC if at // every % 2 else errno.EIO)
        with refusal.in_place():
            code, said = run(place, "refused")
        assert code == 1 or digests(place / "refused/clean") == expected, f"call {at}: exit code {code}: {said}"
        assert "Traceback" not in said, said
        assert code != 1 or said.strip().split("\n")[-1].startswith("cleaner: "), said
        refuse_half_versions(place / "refused/clean")
        code, said = run(place, "refused")
        assert code == 0, f"after call {at}: {said}"
        found = digests(place / "refused/clean")
        assert found == expected, f"after call {at}: {sorted(found.items() ^ expected.items())}"
        shutil.rmtree(place / "refused")
        survived += 1
    return survived


def main(every: Annotated[int, typer.Option(help="Let only one in so many calls fail.")] = 1) -> None:
    """Let calls fail and say how many failures were survived."""
    with tempfile.TemporaryDirectory() as place:
        survived = survive(Path(place), every)
    typer.echo(f"{survived} calls refused; all of these runs said so, and the next ended with the same bytes")


if __name__ == "__main__":
    typer.run(main)
