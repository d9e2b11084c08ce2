"""The whole pipeline on a corpus that it makes: speed and memory of each stage and of `cleaner run`, in one run.

    python bench/whole.py [--megabytes 25] [--rounds 1] [--kind prose --kind mixed] [--no-workers] [--scale]
                          [--small-files] [--peers] [--plot docs/speed.svg] [--tree DIR]

Every command runs in a process of its own, from its start to its exit, as a person would run it; what it costs to
start is measured on a corpus of one text and told beside it. The processor time is that of all processes, so the speed
is that of one core however many are used. Between the commands, a raw OpenCC("t2s") converts the same text in this
process: on a machine that others use, too, the ratio to it is what can be compared. Prints Markdown.
"""

import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import opencc
import pyarrow.parquet as pq
import typer
from corpus import TABLES, Plan, write_corpus
from corpus_found import told_of
from measured import Cost, cost_of
from peers import compare
from speed_plot import draw

ROOT = Path(__file__).parent.parent
STAGES = ("decode", "normalize", "simplify", "repair", "dedup")
COMMANDS = (*STAGES, "check", "publish", "run")
SHARDS = 8  # at least, where workers are compared: a shard is the unit of work
SMALL_MEGABYTES, SMALL_MEAN = 600, 4_880  # characters of a text: some 13,300 bytes, so that there are 45,000 files
FIGURES = "| | processor s | MB/s a core | of raw OpenCC | to start, s | MB/s once started | wall s | peak MB |"


@dataclass(frozen=True, slots=True)
class Row:
    """One command on one corpus: medians over the rounds."""

    name: str
    megabytes: float
    cost: Cost
    start: float  # seconds of processor time on one text
    opencc: float  # seconds, of a raw conversion of the same text, in turns with the command

    @property
    def speed(self) -> float:
        """Raw megabytes per second of processor time."""
        return self.megabytes / self.cost.processor

    @property
    def started(self) -> float:
        """The same without the start."""
        return self.megabytes / max(self.cost.processor - self.start, 1e-3)

    @property
    def ratio(self) -> float:
        """The speed as a share of that of raw OpenCC."""
        return self.opencc / self.cost.processor


class Bench:
    """A scratch folder, and the commands that are run in it."""

    def __init__(self, folder: Path, tree: Path) -> None:
        self.folder, self.tree = folder, tree
        self.env = os.environ | {"PYTHONPATH": str(tree)}
        self.convert = opencc.OpenCC("t2s").convert
        self.number = 0

    def cleaner(self, *words: str | Path, cores: int | None = None) -> Cost:
        return cost_of([sys.executable, "-m", "cleaner.cli", *words], self.folder, self.env, cores)

    def new(self, name: str) -> Path:
        """A path that nothing has been written to."""
        self.number += 1
        return self.folder / f"{self.number:03}-{name}"

    def corpus(
        self, kind: str, megabytes: float, mean: int = 2000, tables: tuple[str, ...] = TABLES
    ) -> tuple[Path, Plan]:
        raw = self.new(kind)
        start = time.perf_counter()
        plan = write_corpus(raw, megabytes, Plan(kind, 1, mean), tables)
        seconds = time.perf_counter() - start
        told = f"{plan.documents:,} texts in {plan.files:,} files, {plan.bytes / 1e6:.0f} MB of {kind}"
        print(f"made {told} in {seconds:.1f} s", file=sys.stderr)
        return raw, plan

    def by_opencc(self, texts: list[str]) -> float:
        """Seconds of processor time that a raw conversion takes."""
        start = time.process_time()
        for text in texts:
            self.convert(text)
        return time.process_time() - start

    def commands(self, raw: Path) -> Iterator[tuple[str, Cost, Path]]:
        """Every stage by itself, check and publish of the last, and then the whole; each in one process."""
        work, versions = self.new("work"), self.new("clean")
        source = raw
        for number, stage in enumerate(STAGES, 1):
            target = work / f"{number}-{stage}"
            yield stage, self.cleaner(stage, source, target, "--workers", "1"), target
            source = target
        yield "check", self.cleaner("check", source, "--workers", "1"), source
        yield "publish", self.cleaner("publish", source, versions, "--workers", "1"), versions
        versions = self.new("clean")
        yield "run", self.cleaner("run", raw, versions, "--workers", "1"), versions / "v1"


def texts_of(folder: Path) -> list[str]:
    """The texts of a stage folder."""
    paths = sorted(folder.glob("documents-*"))
    return [text for path in paths for text in pq.read_table(path, columns=["text"])["text"].to_pylist()]


def measure(bench: Bench, raw: Path, plan: Plan, rounds: int) -> tuple[list[Row], Path]:
    """All commands on one corpus, and the version that the last run made."""
    one = bench.new("one")
    write_corpus(one, 1e-6, Plan(plan.kind, 2, plan.mean))
    for _ in bench.commands(one):
        pass  # what is compiled once has been compiled
    starts = {name: cost.processor for name, cost, _ in bench.commands(one)}
    costs: dict[str, list[Cost]] = {name: [] for name in COMMANDS}
    raws: dict[str, list[float]] = {name: [] for name in COMMANDS}
    texts: list[str] = []
    for _ in range(rounds):
        for name, cost, made in bench.commands(raw):
            texts = texts or texts_of(made)
            costs[name].append(cost)
            raws[name].append(bench.by_opencc(texts))
    size = plan.bytes / 1e6
    rows = [Row(name, size, middle(costs[name]), starts[name], statistics.median(raws[name])) for name in COMMANDS]
    converted = statistics.median(itertools.chain(*raws.values()))
    return [Row("raw OpenCC t2s", size, Cost(converted, converted, 0, 0), 0.0, converted), *rows], made


def middle(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.processor for cost in costs),
        max(cost.peak for cost in costs),
        0,
    )


def table(rows: list[Row]) -> str:
    lines = [FIGURES, "|" + "---|" * (FIGURES.count("|") - 1)]
    for row in rows:
        cost = row.cost
        cells = [f"{cost.processor:.2f}", f"{row.speed:.2f}", f"{row.ratio:.3f}", f"{row.start:.2f}"]
        cells += [f"{row.started:.1f}", f"{cost.wall:.2f}", f"{cost.peak / 1e6:.0f}" if cost.peak else ""]
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


# What the targets ask besides


def two_workers(bench: Bench, megabytes: float) -> str:
    """The wall time of two workers as a ratio to that of one, in shards that are small enough for both."""
    raw, plan = bench.corpus("mixed", megabytes)
    settings = bench.new("shards.toml")
    settings.write_text(f"[decode]\nshard_bytes = {plan.bytes // SHARDS}\n")

    def wall(workers: int) -> float:
        words = ("run", raw, bench.new("clean"), "--workers", str(workers), "--config", settings)
        return bench.cleaner(*words).wall

    one, two, again = wall(1), wall(2), wall(1)
    return f"2 workers against 1, {megabytes:.0f} MB of mixed: {min(one, again) / two:.2f} times as fast (target 1.8)"


def scale(bench: Bench, megabytes: float) -> str:
    """Time and memory of ten times the corpus."""
    small, large = (bench.corpus("prose", megabytes * factor) for factor in (1, 10))
    costs = [bench.cleaner("run", raw, bench.new("clean"), "--workers", "1") for raw, _ in (small, large)]
    time_ratio = costs[1].processor / costs[0].processor
    more = (costs[1].peak - 1.3 * costs[0].peak) / large[1].documents
    return (
        f"10 times the corpus ({megabytes:.0f} and {10 * megabytes:.0f} MB of prose): {time_ratio:.1f} times the time "
        f"(target 11), {costs[1].peak / costs[0].peak:.2f} times the memory: {costs[0].peak / 1e6:.0f} and "
        f"{costs[1].peak / 1e6:.0f} MB, which over 1.3 times is {max(0, more):.0f} bytes a document (target 1,000)"
    )


def small_files(bench: Bench) -> str:
    """A tree of many files of one text each, on two cores."""
    raw, plan = bench.corpus("prose", SMALL_MEGABYTES, SMALL_MEAN, ())
    cost = bench.cleaner("run", raw, bench.new("clean"), "--workers", "2", cores=2)
    return (
        f"{plan.files:,} small files, {plan.bytes / 1e6:.0f} MB, 2 workers: {cost.wall:.0f} s (target 60), "
        f"{cost.processor:.0f} s of processor time, {cost.peak / 1e6:.0f} MB"
    )


def main(  # noqa: PLR0913 -- the options of a command line
    megabytes: Annotated[float, typer.Option(help="Size of each corpus, in 10**6 bytes.")] = 25.0,
    rounds: Annotated[int, typer.Option(help="How often to run everything.")] = 1,
    kind: Annotated[list[str] | None, typer.Option(help="prose, mixed; both if it is not given.")] = None,
    workers: Annotated[bool, typer.Option(help="Two workers against one.")] = True,
    at_scale: Annotated[bool, typer.Option("--scale", help="Ten times the corpus, too.")] = False,
    files: Annotated[bool, typer.Option("--small-files", help="45,000 files of 600 MB, too.")] = False,
    peers: Annotated[bool, typer.Option("--peers", help="Other packages, too: see peers.py.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the speeds in this SVG file.")] = None,
    tree: Annotated[Path, typer.Option(help="The source tree to measure.")] = ROOT,
) -> None:
    """Measure the whole pipeline."""
    with tempfile.TemporaryDirectory(prefix="whole-") as scratch:
        bench = Bench(Path(scratch), tree.resolve())
        measured: dict[str, list[Row]] = {}
        for one in kind or ["prose", "mixed"]:
            raw, plan = bench.corpus(one, megabytes)
            measured[one], version = measure(bench, raw, plan, rounds)
            print(f"\n**{one}**: {plan.bytes / 1e6:.0f} MB, {plan.documents:,} texts in {plan.files:,} files\n")
            print(table(measured[one]) + "\n\n" + told_of(version, plan), flush=True)
        others = compare(Path(scratch), megabytes / 2.5, 1, tree=bench.tree) if peers else []
        for is_asked, ask in (
            (workers, lambda: two_workers(bench, 2 * megabytes)),
            (at_scale, lambda: scale(bench, megabytes)),
            (files, lambda: small_files(bench)),
        ):
            if is_asked:
                print(f"\n{ask()}", flush=True)
        if plot is not None:
            speeds = {name: {row.name: row.speed for row in rows} for name, rows in measured.items()}
            plot.write_text(draw(speeds | ({"peers": dict(others)} if others else {})), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
