"""Where the time of `cleaner run` goes, by py-spy, which looks at the running process from outside.

    python bench/profiled.py [RAW] [--megabytes 25] [--kind prose] [--rate 100] [--tree DIR]

Each sample is told of the innermost function of cleaner that was at work, with what it called (opencc, pyarrow, a
kernel, the system); what was spent on loading modules is told apart, by the module of cleaner or of others that was
being loaded. Prints the shares of rooms and of functions as Markdown. RAW is made where it is not given.
"""

import os
import re
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from corpus import Plan, write_corpus
from dedup_peers import CACHE

ROOT = Path(__file__).parent.parent
PINNED = "py-spy==0.4.3"
FRAME = re.compile(r"(.*) \((.*?)(?::\d+)?\)$")
STAGES = ("decode", "normalize", "simplify", "repair", "dedup", "check", "publish", "report")


def sampler() -> Path:
    """py-spy, installed in an environment of its own where it is not there."""
    folder = CACHE / "py-spy"
    if not (folder / "bin/py-spy").exists():
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", PINNED]
        subprocess.run(pip, check=True)
    return folder / "bin/py-spy"


def stacks(command: list[str], folder: Path, tree: Path, rate: int) -> Iterator[tuple[list[tuple[str, str]], int]]:
    """Each stack that was seen, outermost first, as functions and their files, with how often it was."""
    found = folder / "stacks.txt"
    sampling = [str(sampler()), "record", "--rate", str(rate), "--format", "raw", "--subprocesses", "--output"]
    env = os.environ | {"PYTHONPATH": str(tree)}
    subprocess.run([*sampling, str(found), "--", *command], check=True, cwd=folder, env=env, capture_output=True)
    for line in found.read_text(encoding="utf-8").split("\n"):
        names, _, count = line.rpartition(" ")
        frames = [match.groups() for name in names.split(";") if (match := FRAME.match(name))]
        if frames:
            yield [(function, file) for function, file in frames], int(count)


def module_of(file: str) -> str:
    """`cleaner/repair/score.py` of any path to it; empty for what is not cleaner's."""
    _, _, inner = file.rpartition("/cleaner/") if "/cleaner/" in file else file.rpartition("cleaner/")
    return inner if "cleaner/" in file and "site-packages" not in file else ""


def place_of(frames: list[tuple[str, str]]) -> tuple[str, str]:
    """The room and the function that a stack is told of."""
    loading = [file for function, file in frames if function == "<module>" and not file.endswith("runpy.py")]
    if any("importlib" in file for _, file in frames):
        own = next((module_of(file) for file in reversed(loading) if module_of(file)), "")
        return "loading modules", f"loading what {own or 'the command line'} imports"
    for function, file in reversed(frames):
        if module := module_of(file):
            room = module.partition("/")[0].removesuffix(".py")
            return room, f"{module} {function}"
    return "python", frames[-1][0]


def stage_of(frames: list[tuple[str, str]]) -> str:
    """The stage whose room is outermost in a stack; the reading and writing of files is that of whoever asked."""
    for _, file in frames:
        room = module_of(file).partition("/")[0].removesuffix(".py")
        if room in STAGES:
            return room
    return "the rest"


def print_shares(title: str, found: Counter[str], total: int, most: int) -> None:
    print(f"\n| {title} | share |\n|---|---|")
    for name, count in found.most_common(most):
        print(f"| {name} | {count / total:.1%} |")


def main(
    raw: Annotated[Path | None, typer.Argument(help="A raw folder; without it, one is made.")] = None,
    megabytes: Annotated[float, typer.Option(help="Size of the corpus that is made.")] = 25.0,
    kind: Annotated[str, typer.Option(help="prose or mixed.")] = "prose",
    rate: Annotated[int, typer.Option(help="Samples a second.")] = 100,
    tree: Annotated[Path, typer.Option(help="The source tree to look at.")] = ROOT,
) -> None:
    """Sample one run of one worker."""
    with tempfile.TemporaryDirectory(prefix="profiled-") as scratch:
        folder = Path(scratch)
        if raw is None:
            raw = folder / "raw"
            write_corpus(raw, megabytes, Plan(kind, 1, 2000))
        command = [sys.executable, "-m", "cleaner.cli", "run", str(raw.resolve()), "clean", "--workers", "1"]
        rooms, stages, functions = Counter[str](), Counter[str](), Counter[str]()
        for frames, count in stacks(command, folder, tree.resolve(), rate):
            room, function = place_of(frames)
            rooms[room] += count
            functions[function] += count
            stages[room if room == "loading modules" else stage_of(frames)] += count
    total = rooms.total()
    print(f"{total:,} samples, {rate} a second, of `cleaner run` in one process")
    print_shares("stage", stages, total, 12)
    print_shares("room at work", rooms, total, 16)
    print_shares("function at work, with what it calls", functions, total, 30)


if __name__ == "__main__":
    typer.run(main)
