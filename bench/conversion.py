"""How well the simplify stage converts what is traditional and keeps what is not, beside stock converters.

    python bench/conversion.py [--peers] [--list 20] [--only harm] [--alone]

The texts are in ../shared beside the project (see `conversion_texts`) and no part of it; a measure whose texts are not
there is skipped. OpenCC's t2s and tw2s answer the same texts, by default with the dictionaries of characters that few
fonts have and, as "-tofu", without. With --peers, opencc-pyo3, zhconv-rs and hanziconv are installed into a virtual
environment of their own in .bench/ and answer too. With --list, the places where cleaner is wrong are shown, equal
ones together, with some of their contexts: source → expected / found; with --alone, no other tool is asked.
"""

import collections
import time
from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from conversion_measures import (
    Place,
    Score,
    agreement,
    gsd,
    harm,
    japanese,
    mixed,
    round_trip,
    stock,
    taiwanese,
    tools,
)
from conversion_peers import TO_TRADITIONAL, Tool, start_peers
from conversion_texts import KINDS, ROUND_TRIPS, SIMPLIFIED, WAYS

LABEL, WIDTH = 48, 18  # of the columns
CONTEXTS = 5  # to show of equal places
CONFIGS = ("t2s", "tw2s", "hk2s")
Row = tuple[str, Callable[[Tool], Score]]
Results = dict[str, dict[str, Score]]  # by row, then by tool


class Bench:
    """The tools, what is to be shown, and the scores so far."""

    def __init__(self, chosen: dict[str, Tool], listed: int) -> None:
        self.tools = chosen
        self.listed = listed
        self.results: Results = {}

    def run(self, title: str, rows: Sequence[Row], cell: Callable[[Score], str], note: str = "") -> None:
        """Measure every tool for each row and print a table; a row without its data is skipped."""
        print(f"\n{title:{LABEL}}" + "".join(f"{name:>{WIDTH}}" for name in self.tools) + (f"  {note}" if note else ""))
        for name, measure in rows:
            try:
                scores = {tool: measure(function) for tool, function in self.tools.items()}
                cells = "".join(f"{cell(score):>{WIDTH}}" for score in scores.values())
            except FileNotFoundError as error:
                print(f"{name:{LABEL}}skipped, there is no {error.filename}")
                continue
            self.results[f"{title.split(':')[0]}: {name}"] = scores
            first = scores["cleaner"]
            spared = f", {first.spared:,} spared" if first.spared else ""
            counts = f"  of {first.characters:,} in {first.texts:,}{spared}"
            print(f"{name:{LABEL}}{cells}{counts}", flush=True)
            self.show(first.places)

    def show(self, places: Sequence[Place]) -> None:
        """The commonest of the places, if they are wanted at all."""
        groups: dict[tuple[str, str, str], list[Place]] = collections.defaultdict(list)
        for place in places if self.listed else ():
            groups[place.source, place.expected, place.found].append(place)
        if groups:
            left = sum(place.found == place.source for place in places)
            changed = sum(place.expected == place.source for place in places)
            print(f"  {len(places):,} places: {left:,} were left as they were, {changed:,} were right and changed")
        for (source, expected, found), group in sorted(groups.items(), key=lambda item: -len(item[1]))[: self.listed]:
            shown = dict.fromkeys(f"{place.before}[{place.source}]{place.after}" for place in group)
            contexts = " | ".join(list(shown)[:CONTEXTS]).replace("\n", "⏎")
            print(f"  {len(group):5} {source or '?'} → {expected or '-'} / {found or '-'}   {contexts}")


def per_million(score: Score) -> str:
    return f"{score.per_million:,.1f}"


def with_legal(score: Score) -> str:
    return f"{score.per_million:,.1f}/{score.legal_per_million:,.1f}"


def print_gsd(bench: Bench) -> None:
    rows: list[Row] = [("sentence by sentence", gsd), ("as one document", lambda tool: gsd(tool, joined=True))]
    bench.run(
        "GSD dev: % of characters wrong", rows, lambda score: f"{score.per_million / 1e4:.4f}", "characters, texts"
    )


def print_round_trips(bench: Bench) -> None:
    ways: tuple[str, ...] = WAYS
    if "hanziconv" in bench.tools and TO_TRADITIONAL in start_peers():
        ways = (*WAYS, "hanziconv")

    def row(name: str, way: str) -> Row:
        return f"{name}, by {way}", lambda tool: round_trip(tool, name, way)

    def cell(score: Score) -> str:
        return f"{score.per_million:,.1f}/{score.standard_per_million:,.1f}"

    rows = [row(name, way) for name in ROUND_TRIPS for way in ways]
    title = "round trip: wrong Han per M, all/standard"
    bench.run(title, rows, cell, "Han, texts; spared: original is traditional")


def print_harm(bench: Bench) -> None:
    def row(name: str) -> Row:
        return name, lambda tool: harm(tool, name)

    title = "harm: changed per million, all/standard"
    bench.run(title, [row(name) for name in SIMPLIFIED], with_legal, "characters, texts")


def print_japanese(bench: Bench) -> None:
    rows: list[Row] = [("pages", japanese), ("lines of >= 4 Han", lambda tool: japanese(tool, lines=True))]
    bench.run("Japanese: texts changed", rows, lambda score: f"{score.texts_changed:,}", "characters, texts")


def print_mixed(bench: Bench) -> None:
    def row(kind: str) -> Row:
        return kind, lambda tool: mixed(tool, kind)

    def cell(score: Score) -> str:
        return f"{score.per_million:,.1f}/{score.legal:,}"

    title = "mixed: wrong Han per million/standard changed"
    bench.run(title, [row(kind) for kind in KINDS], cell, "Han, texts")


def print_taiwanese(bench: Bench) -> None:
    """For a person to read: there is no gold."""

    def row(name: str) -> Row:
        return f"from {name}", lambda tool: taiwanese(tool, stock(name, True))

    if bench.listed:
        title = "DRCD: Han that differ per million"
        bench.run(title, [row("tw2s"), row("t2s")], per_million, "Han, texts; a difference is no error")


def print_cases(bench: Bench) -> None:
    print(
        f"\n{'OpenCC’s own cases: as its authors expect':{LABEL}}" + "".join(f"{name:>{WIDTH}}" for name in bench.tools)
    )
    for config in CONFIGS:
        try:
            found = [agreement(tool, config) for tool in bench.tools.values()]
        except FileNotFoundError as error:
            print(f"{config:{LABEL}}skipped, there is no {error.filename}")
            continue
        print(f"{config:{LABEL}}" + "".join(f"{right:>{WIDTH}}" for right, _ in found) + f"  of {found[0][1]}")


def print_second_pass(bench: Bench) -> None:
    """Of everything that was measured before, and of DRCD."""
    rows: list[Row] = [("paragraphs", taiwanese)]
    bench.run("DRCD, second pass: characters changed", rows, lambda score: f"{score.unsettled:,}", "Han, texts")
    print(f"\n{'second pass: characters changed':{LABEL + 14}}" + "".join(f"{name:>{WIDTH}}" for name in bench.tools))
    for name, scores in bench.results.items():
        if not name.startswith("DRCD:") and any(score.unsettled for score in scores.values()):
            print(
                f"{name[: LABEL + 13]:{LABEL + 14}}"
                + "".join(f"{score.unsettled:>{WIDTH},}" for score in scores.values())
            )


MEASURES: dict[str, Callable[[Bench], None]] = {
    "gsd": print_gsd,
    "trips": print_round_trips,
    "harm": print_harm,
    "japanese": print_japanese,
    "mixed": print_mixed,
    "drcd": print_taiwanese,
    "cases": print_cases,
    "second": print_second_pass,
}


def main(
    peers: Annotated[bool, typer.Option("--peers", help="Ask other converters too.")] = False,
    listed: Annotated[int, typer.Option("--list", help="How many kinds of wrong places to show of each row.")] = 0,
    only: Annotated[str, typer.Option(help=f"One measure: {', '.join(MEASURES)}.")] = "",
    alone: Annotated[bool, typer.Option("--alone", help="Measure cleaner only.")] = False,
) -> None:
    """Measure the simplify stage."""
    if only and only not in MEASURES:
        raise typer.BadParameter(f"there is {', '.join(MEASURES)}")
    start = time.monotonic()
    found = tools(peers)
    bench = Bench({"cleaner": found["cleaner"]} if alone else found, listed)
    for name, measure in MEASURES.items():
        if only in ("", name):
            measure(bench)
    print(f"\n{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    typer.run(main)
