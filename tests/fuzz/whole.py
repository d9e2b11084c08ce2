"""Run hostile inputs through all stages and the check, many at a time; find the one that breaks something.

    python -m tests.fuzz.whole --inputs 100000 [--seed 1] [--at-once 250] [--seconds 120]

Of each run must hold: no exception, an end within `--seconds`, every input is kept or dropped for a reason, all claims
hold of what comes out (so the text of every document leads back to its bytes). What breaks this is looked for among
the inputs by halves, and kept in a folder that is named.
"""

import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from cleaner.check import check
from cleaner.config import Config, parse
from cleaner.files.corpus import open_corpus
from cleaner.files.raw import find
from cleaner.pipeline import run_stages
from tests.fuzz.inputs import make

# Everything is looked at, and nothing is refused for being unreadable.
SETTINGS = """
decode.max_unreadable_share = 1.0
decode.shard_bytes = 400_000
repair.link = "join"
dedup.contained = "report"
dedup.passages = "report"
dedup.boilerplate = "report"
"""


class TooSlowError(Exception):
    """A run did not end in time."""


def problem(numbers: Sequence[int], seed: int, place: Path, seconds: int) -> str:
    """What goes wrong with these inputs, or nothing."""

    def give_up(*_: object) -> None:
        raise TooSlowError

    shutil.rmtree(place, ignore_errors=True)
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        for number in numbers:
            name, content = make(number, seed)
            path = place / "raw" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return examined(place, parse(SETTINGS, "the settings of the fuzz"))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)


def examined(place: Path, config: Config) -> str:
    """Run all stages over a raw folder, and check what came out."""
    once = list(run_stages(place / "raw", place / "work", config, workers=1, keeps=False))
    corpus = open_corpus(once[-1][0])
    found = [finding for finding in check(corpus) if finding.failures and finding.claim.kind == "claim"]
    broken = [f"{finding.claim.sentence}: {finding.failures[0]}" for finding in found]  # guards are no laws
    if broken:
        return "; ".join(broken)
    seen = {document.source for document in corpus.documents()} | {entry[0].source for entry in corpus.dropped()}
    files, _ = find(place / "raw")
    silent = [file.source for file in files if file.source not in seen and not is_empty_table(file.path)]
    if silent:
        return f"neither kept nor dropped: {silent[:3]}"
    return ""


def is_empty_table(path: Path) -> bool:
    """Whether a table has no rows, so that nothing comes of it."""
    return path.name.endswith((".jsonl", ".gz", ".zst", ".parquet"))


def culprits(numbers: Sequence[int], seed: int, place: Path, seconds: int) -> Sequence[int]:
    """As few of the inputs as still go wrong together."""
    while len(numbers) > 1:
        half = len(numbers) // 2
        for part in (numbers[:half], numbers[half:]):
            if problem(part, seed, place, seconds):
                numbers = part
                break
        else:
            return numbers
    return numbers


def main(
    inputs: Annotated[int, typer.Option(help="How many.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Of the inputs.")] = 1,
    at_once: Annotated[int, typer.Option(help="In one run.")] = 250,
    seconds: Annotated[int, typer.Option(help="For one run.")] = 120,
    start: Annotated[int, typer.Option(help="The number of the first.")] = 0,
) -> None:
    """Fuzz, and say what broke."""
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for first in tqdm(range(start, start + inputs, at_once), disable=None):
            numbers = range(first, min(first + at_once, start + inputs))
            found = problem(numbers, seed, place / "run", seconds)
            if found:
                failures += 1
                few = culprits(numbers, seed, place / "run", seconds)
                kept = Path(tempfile.mkdtemp(prefix="fuzz-"))
                told = problem(few, seed, kept, seconds) or found
                typer.echo(f"inputs {list(few)[:8]} of seed {seed}, kept in {kept}: {told[:600]}")
    typer.echo(f"{inputs} inputs, {failures} runs of {at_once} with a failure")
    raise typer.Exit(bool(failures))


if __name__ == "__main__":
    typer.run(main)
