"""How much page furniture repair takes out of texts on pages, and how many lines of the text go with it.

    python bench/furniture.py [--list 20] [--seed 1] [--only soft]

A line is removed when nothing of it is left after the whole stage. The texts are those of `furniture_texts`, and
undamaged ones: as they are, wrapped, and under numbers that head sections. The articles are in ../shared beside the
project and no part of it.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import typer
from breaks_measures import moved
from breaks_texts import HALVES, half_of, undamaged
from furniture_texts import Paged, paged, pieces_of, sections

from cleaner.config import Config
from cleaner.document import Document
from cleaner.repair import repair

CONTEXT = 3  # lines shown around one that was decided wrongly


def removed(lines: tuple[str, ...]) -> list[bool]:
    """For each line, whether the repair stage leaves nothing of it."""
    text = "\n".join(lines)
    outcome = next(repair([Document("id", "id", text)], Config().repair))
    starts, ends, offset = [], [], 0
    for line in lines:
        bare = line.strip()
        start = offset + line.find(bare)
        starts.append(start)
        ends.append(start + len(bare))
        offset += len(line) + 1
    for edits in outcome.edits:
        starts, ends = moved(starts, edits, is_end=False), moved(ends, edits, is_end=True)
    return [bool(line.strip()) and start >= end for line, start, end in zip(lines, starts, ends, strict=True)]


def untouched() -> Iterator[Paged]:
    """The articles without any furniture, as they are and wrapped."""
    for layout in ("soft", "wrapped"):
        for broken in undamaged():
            lines = tuple(broken.text.split("\n"))
            rows, _ = pieces_of(lines, layout, random.Random(f"{layout} {broken.id}"))
            yield Paged(broken.id, f"{layout}, undamaged", "none", "none", tuple(rows), (False,) * len(rows))


def show(paged: Paged, gone: list[bool], place: int) -> None:
    """A line that was decided wrongly, and those around it."""
    print(f"\n  {paged.id} {paged.layout} | {paged.number} | {paged.header}")
    near = range(max(0, place - CONTEXT), min(len(paged.lines), place + CONTEXT + 1))
    for at in near:
        sign = " " if gone[at] == paged.is_furniture[at] else "-" if gone[at] else "+"
        line = paged.lines[at]
        print(f"   {'>' if at == place else ' '}{sign} {line if len(line) < 60 else line[:28] + '…' + line[-28:]!r}")


def main(
    listed: Annotated[int, typer.Option("--list", help="How many wrong decisions to show.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the layouts.")] = 1,
    only: Annotated[str, typer.Option(help="A word of the layout, number or header.")] = "",
    half: Annotated[str, typer.Option(help="Of the texts.")] = "",
) -> None:
    """Measure what repair does to page furniture."""
    start = time.monotonic()
    there: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    clean: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for source in (paged(seed), untouched(), sections(seed)):
        for one in source:
            its_half = half_of(one.id)
            if (only and only not in (one.layout, one.number, one.header)) or half not in ("", its_half):
                continue
            gone = removed(one.lines)
            base = one.layout.split(",")[0]
            rows = [one.layout + (", all" if base == one.layout else "")]
            if base == one.layout:
                rows += [f"{base}, {one.number}", f"{base}, header {one.header}"]
            for at, (is_gone, is_furniture) in enumerate(zip(gone, one.is_furniture, strict=True)):
                for row in rows:
                    key = (row, its_half)
                    there[key] += is_furniture
                    found[key] += is_furniture and is_gone
                    clean[key] += not is_furniture and bool(one.lines[at].strip())
                    wrong[key] += is_gone and not is_furniture
                if is_gone != is_furniture and listed > 0:
                    listed -= 1
                    show(one, gone, at)
    print(
        f"\n{'':32}"
        + "".join(f"{column:>12}" for half in HALVES for column in (half[:8], "removed", "wrong", "per 10,000"))
    )
    for row in sorted({row for row, _ in clean}):
        cells = ""
        for key in ((row, half) for half in HALVES):
            share = f"{found[key] / there[key]:.4f}" if there[key] else "-"
            cells += f"{there[key]:>12,}{share:>12}{wrong[key]:>12}{10_000 * wrong[key] / max(1, clean[key]):>12.2f}"
        print(f"{row:32}{cells}")
    print(f"\n{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    typer.run(main)
