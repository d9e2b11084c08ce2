"""A whole run on a disk that refuses: every call that changes it fails in turn, with ENOSPC and with EIO.

    python -m tests.faults.refuse [--every 1]

Each time the run must end with exit code 1 and a sentence and must leave no half version, and the next run must end
with the same bytes as if nothing had happened.
"""

import contextlib
import errno
import io
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cleaner import cli
from tests.faults.corpus import SETTINGS, digests, make_raw, refuse_half_versions
from tests.faults.disk import Counted, fail_with, faulty


def run(place: Path, name: str, keeps: bool) -> tuple[int, str]:
    """A run in this process, in a folder of its own. Returns its exit code and what it said."""
    here = place / name
    arguments = ["run", str(place / "raw"), str(here / "clean"), "--workers", "1"]
    arguments += ["--work", str(here / "work")] if keeps else []
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = cli.guarded(lambda: cli.app([*arguments, "--config", str(place / "cleaner.toml")], prog_name="cleaner"))
    return code, said.getvalue()


def survive(place: Path, every: int, keeps: bool) -> int:
    """Let each call fail in turn (or every so many). Returns how many failures were survived.

    `keeps`: the stage folders are kept, or only on the way.
    """
    make_raw(place / "raw", files=6)
    (place / "cleaner.toml").write_text(SETTINGS, encoding="utf-8")
    assert run(place, "warm", keeps)[0] == 0  # so that what numba writes is not counted
    counted = Counted(-1, fail_with(errno.ENOSPC))
    with faulty(counted):
        assert run(place, "whole", keeps)[0] == 0
    expected = digests(place / "whole/clean")
    survived = 0
    for at in range(0, len(counted.names), every):
        with faulty(Counted(at, fail_with(errno.ENOSPC if at // every % 2 else errno.EIO))):
            code, said = run(place, "refused", keeps)
        assert code == 1 or digests(place / "refused/clean") == expected, f"call {at}: exit code {code}: {said}"
        assert "Traceback" not in said, said
        assert code != 1 or said.strip().split("\n")[-1].startswith("cleaner: "), said
        refuse_half_versions(place / "refused/clean")
        code, said = run(place, "refused", keeps)
        assert code == 0, f"after call {at}: {said}"
        found = digests(place / "refused/clean")
        assert found == expected, f"after call {at}: {sorted(found.items() ^ expected.items())}"
        assert not list((place / "refused/clean").glob(".work*")), f"after call {at}"
        shutil.rmtree(place / "refused")
        survived += 1
    return survived


def main(every: Annotated[int, typer.Option(help="Let only one in so many calls fail.")] = 1) -> None:
    """Let calls fail and say how many failures were survived."""
    survived = 0
    for keeps in (True, False):
        with tempfile.TemporaryDirectory() as place:
            survived += survive(Path(place), every, keeps)
    typer.echo(f"{survived} calls refused; all of these runs said so, and the next ended with the same bytes")


if __name__ == "__main__":
    typer.run(main)
