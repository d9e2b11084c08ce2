"""Kill real runs (-9) at seeded moments, up to three times in a row, then let one end: it must end the same.

python -m tests.faults.kill --moments 200 [--seed 1]
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from tests.conftest import ROOT
from tests.faults.corpus import SETTINGS, digests, make_raw, refuse_half_versions

MOST_KILLS = 3  # of one run before it is let alone
FOLLOWED = 5.0  # seconds within which workers must have followed their parent


def command(place: Path, name: str, workers: int, keeps: bool) -> list[str]:
    """A run of its own over the same raw folder; its stage folders are kept, or only on the way."""
    here = place / name
    run = [sys.executable, "-m", "cleaner.cli", "run", str(place / "raw"), str(here / "clean")]
    work = ["--work", str(here / "work")] if keeps else []
    return [*run, *work, "--config", str(place / "cleaner.toml"), "--workers", str(workers)]


def survive(place: Path, moments: int, seed: int) -> int:
    """Kill that many runs. Returns how many of them were still running when the moment came."""
    rng = random.Random(seed)
    make_raw(place / "raw")
    (place / "cleaner.toml").write_text(SETTINGS, encoding="utf-8")
    start = time.monotonic()
    subprocess.run(command(place, "whole", 1, keeps=True), cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    lasts = time.monotonic() - start
    expected = digests(place / "whole/clean")
    caught = done = 0
    while done < moments:
        workers = rng.choice((1, 1, 2))
        run = command(place, "killed", workers, keeps=rng.random() < 0.5)
        for _ in range(min(rng.randint(1, MOST_KILLS), moments - done)):
            caught += kill(run, rng.uniform(0.2, lasts * (1 if workers == 1 else 2.5)))
            done += 1
            refuse_half_versions(place / "killed/clean")
        ended = subprocess.run(run, cwd=ROOT, check=False, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        found = digests(place / "killed/clean")
        assert found == expected, sorted(found.items() ^ expected.items())
        left = [path.name for path in (place / "killed").rglob(".*")]
        assert not left, left
        shutil.rmtree(place / "killed")
    return caught


def kill(run: list[str], after: float) -> bool:
    """Start a run and kill it, and it alone, after some seconds. Returns whether it was still running."""
    process = subprocess.Popen(run, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(after)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    refuse_orphans(process.pid)
    return was_running


def refuse_orphans(group: int) -> None:
    """Raise AssertionError when a process of a group that was killed lives on."""
    for _ in range(int(FOLLOWED / 0.05)):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError(f"some process of {group} outlives its parent")


def main(
    moments: Annotated[int, typer.Option(help="How many runs to kill.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 1,
) -> None:
    """Kill runs and say how many were survived."""
    with tempfile.TemporaryDirectory() as place:
        caught = survive(Path(place), moments, seed)
    typer.echo(f"{moments} runs killed, {caught} of them before they had ended; all ended with the same bytes")


if __name__ == "__main__":
    typer.run(main)
