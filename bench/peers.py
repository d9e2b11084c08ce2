"""`cleaner run` beside other packages on the same texts and the same core, in one run.

    python bench/peers.py [--megabytes 10] [--cores 1] [--only rensa ...]

The texts are the `mixed` corpus of `corpus.py` as JSON lines in UTF-8, so that no peer stumbles over an encoding.
cleaner does all it does: it decodes, normalizes, simplifies, repairs, looks for copies and passages, checks, and
writes a version with its ledger. The others do what `dedup_peers.py` tells: MinHash, and data-juicer the conversion,
too. Each runs in a process and an environment of its own, from its start to its exit, and what it costs is seen from
outside. Of the planted copies it is counted how many are gone, so that nobody is fast by doing nothing.
"""

import itertools
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer
from corpus import Place, Plan, write_corpus
from corpus_texts import GENRES
from dedup_peers import BY_NAME, NotInstalledError, environment
from measured import CommandError, Cost, cost_of

ROOT = Path(__file__).parent.parent
SCRIPT = Path(__file__).with_name("dedup_peers.py")
COPIES = ("exact", "near")  # of the planted texts, those that MinHash is to find


@dataclass(frozen=True, slots=True)
class Answer:
    """What a package cost and what it kept; without a cost, why it could not be asked."""

    name: str
    cost: Cost | None
    kept: frozenset[str]
    problem: str = ""


def write_lines(folder: Path, megabytes: float) -> tuple[Path, Plan]:
    """One JSON lines file of all texts, each with a name of its own."""
    plan = write_corpus(folder / "tables", megabytes, Plan("mixed", 1, 2000), GENRES)
    path = folder / "lines" / "texts.jsonl"
    path.parent.mkdir()
    with path.open("w", encoding="utf-8") as stream:
        for table in sorted((folder / "tables").rglob("*.jsonl")):
            source = table.relative_to(folder / "tables").as_posix()
            for number, line in enumerate(table.read_text(encoding="utf-8").split("\n")[:-1], 1):
                row = {"id": name_of(Place(source, number)), "text": json.loads(line)["text"]}
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path, plan


def name_of(place: Place) -> str:
    return f"{place.source}:{place.row}"


def ask_cleaner(folder: Path, path: Path, cores: int, tree: Path) -> Answer:
    """Everything that `cleaner run` does, twice: the first time loads what is compiled once."""
    names = [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    env = os.environ | {"PYTHONPATH": str(tree)}
    for number in range(2):
        version = folder / f"clean{number}"
        command = [sys.executable, "-m", "cleaner.cli", "run", path, version, "--workers", str(cores)]
        cost = cost_of(command, folder, env, cores)
    rows = [row for part in (version / "v1/data").glob("*.parquet") for row in pq.read_table(part)["row"].to_pylist()]
    return Answer("cleaner run", cost, frozenset(names[row - 1] for row in rows))


def ask_peer(folder: Path, path: Path, peer: str, cores: int) -> Answer:
    """What a peer costs, or why there is no answer."""
    try:
        cost = cost_of([environment(peer), SCRIPT, peer, path], folder, os.environ, cores)
    except (NotInstalledError, CommandError) as error:
        return Answer(peer, None, frozenset(), str(error).strip().split("\n")[-1])
    said = (folder / ".said").read_text(encoding="utf-8", errors="replace").strip().split("\n")[-1]
    return Answer(peer, cost, frozenset(json.loads(said)[1]))


def compare(
    folder: Path, megabytes: float, cores: int, only: list[str] | None = None, tree: Path = ROOT
) -> list[tuple[str, float]]:
    """Ask cleaner and its peers, print what they cost as Markdown, and return megabytes a second and core."""
    path, plan = write_lines(folder, megabytes)
    size = path.stat().st_size / 1e6
    planted = [one for one in plan.planted if one.kind in COPIES and one.of is not None]
    print(f"\n{size:.0f} MB of JSON lines, {plan.documents:,} texts, {len(planted)} planted copies, {cores} core(s)\n")
    print("| | processor s | MB/s a core | wall s | peak MB | cleaner is faster by | copies found |")
    print("|" + "---|" * 7)
    ours = ask_cleaner(folder, path, cores, tree)
    assert ours.cost is not None
    speeds = []
    for answer in itertools.chain([ours], (ask_peer(folder, path, peer, cores) for peer in only or BY_NAME)):
        if answer.cost is None:
            print(f"| {answer.name} | could not be asked: {answer.problem} |", flush=True)
            continue
        cost = answer.cost
        gone = sum(not {name_of(one.place), name_of(one.of)} <= answer.kept for one in planted if one.of)
        cells = [f"{cost.processor:.2f}", f"{size / cost.processor:.2f}", f"{cost.wall:.2f}", f"{cost.peak / 1e6:.0f}"]
        cells += [f"{cost.processor / ours.cost.processor:.1f}", f"{gone} of {len(planted)}"]
        print(f"| {answer.name} | {' | '.join(cells)} |", flush=True)
        if answer is not ours:
            speeds.append((answer.name, size / cost.processor))
    return speeds


def main(
    megabytes: Annotated[float, typer.Option(help="Size of the texts, in 10**6 bytes.")] = 10.0,
    cores: Annotated[int, typer.Option(help="Cores, and workers of cleaner.")] = 1,
    only: Annotated[list[str] | None, typer.Option(help="Of the peers, this one; may be given again.")] = None,
) -> None:
    """Compare with other packages."""
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        compare(Path(folder), megabytes, cores, only)


if __name__ == "__main__":
    typer.run(main)
