"""How well repair tells the line breaks that a page made from those of the author, and how fast.

    python bench/breaks.py [--list 20] [--only torn] [--no-speed]

Newspaper articles as they are, torn and wrapped with a fixed seed, and labelled breaks of real texts: see
`breaks_texts`. They are in ../shared beside the project and no part of it; a measure whose texts are not there is
skipped. The whole stage answers; a break counts as joined when no newline is left in its place. Each text stands alone,
but in the last rows, where it is asked what the others say: the texts of the same row, or all articles as well. Each
row is of one half of the texts. With --list, some breaks that were decided wrongly are shown: - was joined, + was left.
"""

import time
from collections.abc import Callable, Iterable
from typing import Annotated

import typer
from breaks_measures import Score, measure
from breaks_speed import print_speed
from breaks_texts import Broken, labelled, torn, undamaged, wrapped

MEASURES: dict[str, Callable[[], Iterable[Broken]]] = {
    "undamaged": undamaged,
    "torn": torn,
    "mixed": lambda: torn(seed=2, damaged=0.25),
    "wrapped": wrapped,
    "labelled": labelled,
}
CORPORA: dict[str, tuple[str, tuple[str, ...]]] = {  # which texts, and those of which measures are their corpus
    "undamaged, corpus": ("undamaged", ("undamaged",)),
    "torn, corpus": ("torn", ("torn",)),
    "mixed, corpus": ("mixed", ("mixed",)),
    "torn, copies": ("torn", ("undamaged", "torn")),
}
COLUMNS = ("texts", "whole", "natural", "right", "wrong", "missed", "P", "R", "wrong/1,000", "silent")
WIDTH = 12


def cells(score: Score) -> list[str]:
    counts = (score.texts, score.whole, score.natural, score.right, score.wrong, score.missed)
    shares = (f"{score.precision:.4f}", f"{score.recall:.4f}", f"{score.wrong_per_thousand:.2f}")
    return [*(f"{count:,}" for count in counts), *shares, f"{score.silent_joined}/{score.silent}"]


def show(score: Score, listed: int) -> None:
    """Some of the breaks that were decided wrongly, the wrong joins first."""
    for place in sorted(score.places, key=lambda place: place.is_cut)[:listed]:
        sign = "+" if place.is_cut else "-"
        print(f"  {sign} {place.id[:14]:14} {place.before} {place.gap} {place.after}")


def main(
    listed: Annotated[int, typer.Option("--list", help="How many wrong decisions to show of each row.")] = 0,
    only: Annotated[str, typer.Option(help=f"One measure: {'; '.join((*MEASURES, *CORPORA))}; speed.")] = "",
    speed: Annotated[bool, typer.Option(help="Measure the speed, too.")] = True,
) -> None:
    """Measure the seams of the repair stage."""
    if only and only not in (*MEASURES, *CORPORA, "speed"):
        raise typer.BadParameter(f"there is {'; '.join((*MEASURES, *CORPORA))}; speed")
    start = time.monotonic()
    print(f"{'':24}" + "".join(f"{column:>{WIDTH}}" for column in COLUMNS))
    for name in (*MEASURES, *CORPORA):
        if only in ("", name):
            texts, corpus = CORPORA.get(name, (name, ()))
            try:
                others = [broken.text for kind in corpus for broken in MEASURES[kind]()]
                scores = measure(MEASURES[texts](), others or None)
            except FileNotFoundError as error:
                print(f"{name:24}skipped, there is no {error.filename}")
                continue
            for half, score in scores.items():
                print(f"{name + ', ' + half:24}" + "".join(f"{cell:>{WIDTH}}" for cell in cells(score)), flush=True)
                show(score, listed)
    if speed and only in ("", "speed"):
        print_speed()
    print(f"\n{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    typer.run(main)
