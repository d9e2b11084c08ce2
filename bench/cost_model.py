"""What a corpus of any size costs on any number of machines: a model fitted to runs, and checked against others.

    python bench/cost_model.py [--save costs.json] [--load costs.json] [--machines 10] [--cores 16] [--tree DIR]

1. Made corpora of several sizes and lengths of text are run, each in one process: the passes tell the processor seconds
   of their shards, the kernel tells those of the whole, and the folder of the stages is watched.
2. The seconds of each pass are fitted as a fixed part, one for each document and one for each megabyte, none of them
   negative and each run weighing the same (relative errors). What the passes do not tell is the leading process's:
   it is the part that does not get faster with more machines.
3. Memory is fitted by documents and by the size of a shard; the bytes that are read, laid aside and published, by size.
4. Two more corpora, larger than those and with texts of other lengths, are predicted and then run: the errors are told.
5. From all of it, tables for 1, 10 and 100 TB. They are extrapolations, and say so.

Prints Markdown. `--save` keeps what was measured and `--load` fits it again without running anything.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer
from corpus import Plan, write_corpus
from measured import Watch, cost_of
from scipy.optimize import nnls

ROOT = Path(__file__).parent.parent
FITTED = ((2, 2000), (5, 500), (10, 4000), (20, 1000), (40, 2000), (60, 8000), (60, 500))  # megabytes, mean characters
CHECKED = ((100, 3000), (160, 1200))
TERABYTES = (1, 10, 100)
MB, TB = 1e6, 1e12
LEADING = "leading process"
SHARD = 64 * 1024 * 1024  # bytes of a large corpus's shards
HOUR, GB = 3600, 1e9


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: what was in it, and what it took."""

    megabytes: float
    mean: int
    documents: int
    shards: int
    processor: float  # seconds, of everything
    passes: dict[str, float]  # processor seconds
    peak: float  # bytes of memory
    read: float  # bytes, by all passes
    aside: float  # the most bytes of the stages' folders
    clean: float  # bytes of the version

    @property
    def parts(self) -> dict[str, float]:
        """The seconds of each pass, and those of the leading process."""
        return self.passes | {LEADING: max(0.0, self.processor - sum(self.passes.values()))}

    @property
    def terms(self) -> list[float]:
        return [1.0, float(self.documents), self.megabytes]


@dataclass(frozen=True, slots=True)
class Model:
    """Seconds by part, and bytes: each as a fixed part, one per document, one per megabyte."""

    seconds: dict[str, npt.NDArray[np.float64]]
    memory: npt.NDArray[np.float64]  # bytes: fixed, per document, per byte of a shard
    read: float  # bytes per byte of the corpus, as are the next two
    aside: float
    clean: float

    def processor(self, terms: Sequence[float]) -> float:
        return float(sum(found @ np.array(terms) for found in self.seconds.values()))

    def peak(self, documents: float, shard: float) -> float:
        return float(self.memory @ np.array([1.0, documents, shard]))


def bytes_below(folder: Path) -> int:
    """The bytes of all files below a folder, of which some may go meanwhile."""
    found = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                found += Path(place, name).lstat().st_size
            except OSError:
                continue
    return found


def run(folder: Path, tree: Path, megabytes: float, mean: int) -> Measured:
    """Make a corpus and run it in one process."""
    raw, clean = folder / f"raw-{megabytes}-{mean}", folder / f"clean-{megabytes}-{mean}"
    plan = write_corpus(raw, megabytes, Plan("mixed", 1, mean))
    env = os.environ | {"PYTHONPATH": str(tree)}
    watch = Watch(partial(bytes_below, clean / ".work"))
    words: list[str | Path] = ["run", raw, clean, "--workers", "1", "--log-format", "json"]
    cost = cost_of([sys.executable, "-m", "cleaner.cli", *words], folder, env)
    aside = watch.stop()
    events = [json.loads(line) for line in (folder / ".said").read_text().split("\n") if line]
    passes = [event for event in events if event["event"] == "pass"]
    seconds: dict[str, float] = {}
    for event in passes:
        seconds[event["pass"]] = seconds.get(event["pass"], 0.0) + event["processor"]
    print(f"{megabytes} MB, {mean} characters a text: {cost.processor:.1f} s of processor time", file=sys.stderr)
    return Measured(
        megabytes=plan.bytes / MB,
        mean=mean,
        documents=plan.documents,
        shards=max(event["shards"] for event in passes),
        processor=cost.processor,
        passes=seconds,
        peak=cost.peak,
        read=sum(event["bytes"] for event in passes),
        aside=aside,
        clean=bytes_below(clean),
    )


def fit(runs: Sequence[Measured]) -> Model:
    """The model that fits runs best."""
    terms = np.array([one.terms for one in runs])
    names = list(dict.fromkeys(name for one in runs for name in one.parts))
    seconds = {name: relative_fit(terms, np.array([one.parts.get(name, 0.0) for one in runs])) for name in names}
    shards = np.array([[1.0, one.documents, one.megabytes * MB / one.shards] for one in runs])
    memory = relative_fit(shards, np.array([one.peak for one in runs]))
    size = sum(one.megabytes for one in runs) * MB
    read, aside, clean = (sum(getattr(one, name) for one in runs) / size for name in ("read", "aside", "clean"))
    return Model(seconds, memory, read, aside, clean)


def relative_fit(terms: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Coefficients, none negative, with the least squares of relative errors."""
    weights = 1 / np.maximum(values, 1e-2)
    scale = terms.max(axis=0)  # or the solver would take the smallest terms for zero
    found, _ = nnls(terms / scale * weights[:, None], values * weights)
    return np.asarray(found / scale)


def told_parts(model: Model) -> Iterator[str]:
    """What each part costs."""
    yield "| | fixed, s | µs a document | s a GB |"
    yield "|---|---|---|---|"
    for name, (fixed, document, megabyte) in model.seconds.items():
        yield f"| {name} | {fixed:.2f} | {document * 1e6:.0f} | {megabyte * 1e3:.0f} |"
    fixed, document, shard = model.memory
    yield ""
    parts = f"{fixed / MB:.0f} MB, {document:.0f} bytes a document, {shard:.1f} bytes a byte of a shard"
    yield f"Memory of one process: {parts}."
    yield (
        f"For each byte of the corpus, {model.read:.1f} are read by all passes together, {model.aside:.2f} lie in the "
        f"stages' folders at most, and {model.clean:.2f} in the version."
    )


def told_checks(model: Model, runs: Sequence[Measured]) -> Iterator[str]:
    """How well runs are predicted that the model has not seen."""
    yield "| corpus | | predicted | measured | error |"
    yield "|---|---|---|---|---|"
    for one in runs:
        name = f"{one.megabytes:.0f} MB, {one.documents:,} documents"
        shard = one.megabytes * MB / one.shards
        pairs = (
            ("processor s", model.processor(one.terms), one.processor),
            ("of the leading process", float(model.seconds[LEADING] @ np.array(one.terms)), one.parts[LEADING]),
            ("peak memory, MB", model.peak(one.documents, shard) / MB, one.peak / MB),
            ("read, MB", model.read * one.megabytes, one.read / MB),
            ("laid aside, MB", model.aside * one.megabytes, one.aside / MB),
            ("version, MB", model.clean * one.megabytes, one.clean / MB),
        )
        for what, predicted, measured in pairs:
            yield f"| {name} | {what} | {predicted:.1f} | {measured:.1f} | {predicted / measured - 1:+.0%} |"


def told_sizes(model: Model, machines: Sequence[int], cores: int, mean: float) -> Iterator[str]:
    """What very large corpora would take; `mean` are the bytes of a document."""
    yield (
        "| corpus | documents | shards | core hours | leading process, h | its memory, GB | aside, TB | version, TB | "
        + " | ".join(f"{count} × {cores} cores, h" for count in machines)
        + " |"
    )
    yield "|---" * (8 + len(machines)) + "|"
    for terabytes in TERABYTES:
        size = terabytes * TB
        documents = size / mean
        terms = [1.0, documents, size / MB]
        leading = float(model.seconds[LEADING] @ np.array(terms))
        shared = model.processor(terms) - leading
        times = [(shared / count / cores + leading) / HOUR for count in machines]
        cells = [f"{terabytes} TB", f"{documents / 1e6:,.0f} M", f"{size / SHARD:,.0f}", f"{shared / HOUR:,.0f}"]
        cells += [f"{leading / HOUR:.1f}", f"{(model.memory[0] + model.memory[1] * documents) / GB:,.0f}"]
        cells += [
            f"{model.aside * terabytes:.1f}",
            f"{model.clean * terabytes:.1f}",
            *(f"{hours:.1f}" for hours in times),
        ]
        yield f"| {' | '.join(cells)} |"


def main(
    save: Annotated[Path | None, typer.Option(help="Keep what was measured in this JSON file.")] = None,
    load: Annotated[Path | None, typer.Option(help="Take what was measured from this file.")] = None,
    machines: Annotated[list[int] | None, typer.Option(help="How many; may be given several times.")] = None,
    cores: Annotated[int, typer.Option(help="Of each machine.")] = 16,
    tree: Annotated[Path, typer.Option(help="The source tree to measure.")] = ROOT,
) -> None:
    """Fit the model, check it, and extrapolate."""
    if load is not None:
        found: dict[str, Any] = json.loads(load.read_text())
        fitted, checked = ([Measured(**one) for one in found[name]] for name in ("fitted", "checked"))
    else:
        with tempfile.TemporaryDirectory(prefix="cost-model-") as scratch:
            run(Path(scratch), tree.resolve(), 1, 1999)  # what is compiled once has been compiled
            there = Path(scratch), tree.resolve()
            fitted, checked = ([run(*there, *one) for one in some] for some in (FITTED, CHECKED))
    if save is not None:
        measured = {"fitted": list(map(asdict, fitted)), "checked": list(map(asdict, checked))}
        save.write_text(json.dumps(measured, indent=1))
    model = fit(fitted)
    mean = sum(one.megabytes for one in fitted) * MB / sum(one.documents for one in fitted)
    print("\n".join(told_parts(model)) + "\n")
    print("\n".join(told_checks(model, checked)) + "\n")
    print(f"Extrapolated, with {mean:,.0f} bytes a document:\n")
    print("\n".join(told_sizes(model, machines or [10, 100], cores, mean)))


if __name__ == "__main__":
    typer.run(main)
