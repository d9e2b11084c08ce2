"""How many passages pasted twice are found, and what is taken for one: python bench/passages.py [--held-out] [--list N]

A passage of 200 folded characters or more stands a second time further down in its article, as it is or changed in one
of the ways of bench/passages_texts.py. It counts as found if nine tenths of it go; what else goes is counted
in characters.
"""

import random
import time
from dataclasses import dataclass, field
from typing import Annotated

import typer
from passages_texts import LOOK_ALIKES, VARIANTS, articles, planted, without_furniture

from cleaner.config import Config
from cleaner.dedup.folding import folded
from cleaner.dedup.passages import remove_repeated_passages

SHARE = 0.9
LOOK_ALIKE_TEXTS = 300
DEDUP = Config().dedup


@dataclass(slots=True)
class Score:
    """What came of one kind of texts."""

    texts: int = 0
    found: int = 0
    lost: int = 0  # folded characters removed outside of the copy
    bad: list[str] = field(default_factory=list)


def count(text: str) -> int:
    return len(folded(text))


def recall(kind: str, *, held_out: bool = False, seed: int = 1) -> Score:
    """Plant a passage in each article."""
    rng = random.Random(f"{seed} {kind}")
    score = Score()
    for lines in articles(held_out=held_out):
        case = planted(lines, VARIANTS[kind], rng)
        if case is None:
            continue
        text, (start, end) = case
        inside = outside = 0
        for a, b, *_ in remove_repeated_passages(text, DEDUP):
            within = text[max(a, start) : min(b, end)] if a < end and b > start else ""
            inside += count(without_furniture(within))
            outside += count(text[a:b]) - count(within)
        whole = count(without_furniture(text[start:end]))
        is_found = inside >= SHARE * whole
        score.texts += 1
        score.found += is_found
        score.lost += outside
        if not is_found:
            score.bad.append(f"{inside} of {whole} found: {text[start:end]}")
        if outside:
            score.bad.append(f"{outside} lost beside {text[start:end]}")
    return score


def harm(kind: str, *, held_out: bool = False, seed: int = 1, texts: int = LOOK_ALIKE_TEXTS) -> Score:
    """Ask for passages where there are none."""
    rng = random.Random(f"{seed} {kind}")
    score = Score()
    for number in range(texts):
        if kind == "undamaged articles":
            chosen = articles(held_out=held_out)
            text = "\n".join(chosen[number]) if number < len(chosen) else ""
        else:
            text = LOOK_ALIKES[kind](rng, held_out=held_out)
        removed = [(text[a:b], *why) for a, b, _, *why in remove_repeated_passages(text, DEDUP)]
        score.texts += 1
        score.found += bool(removed)
        score.lost += sum(count(before) for before, *_ in removed)
        score.bad += [f"{why}: {before}" for before, why in removed]
    return score


def speed() -> None:
    """How long texts take, by what repeats in them."""
    article = "\n".join("\n".join(lines) for lines in articles(held_out=False))
    shapes = {
        "articles, each alone": ["\n".join(lines) for lines in articles(held_out=False)],
        "articles in one text": [article],
        "the same ten times": [article * 10],
        "a million equal lines": ["短短的一句\n" * 1_000_000],
        "one character": ["一" * 10_000_000],
        "a refrain of 150": [(article[:150].replace("\n", "") + "\n") * 100_000],
    }
    list(remove_repeated_passages(article, DEDUP))
    for name, texts in shapes.items():
        start = time.perf_counter()
        removed = sum(len(list(remove_repeated_passages(text, DEDUP))) for text in texts)
        seconds = time.perf_counter() - start
        size = sum(len(text.encode()) for text in texts) / 1e6
        print(f"{name:32}{size:>8.1f} MB{size / seconds:>9.1f} MB/s{removed:>8} removed", flush=True)


def main(
    held_out: Annotated[bool, typer.Option(help="The half of the articles that nothing was tuned on.")] = False,
    only: Annotated[str, typer.Option(help="Only the kinds that contain this.")] = "",
    show: Annotated[int, typer.Option("--list", help="Show that many of the failures of each kind.")] = 0,
    seed: int = 1,
    with_speed: Annotated[bool, typer.Option("--speed/--no-speed")] = True,
) -> None:
    """Measure everything."""
    print(f"{'':32}{'texts':>7}{'found':>8}{'lost':>8}")
    scores = [(kind, recall, 1) for kind in VARIANTS] + [(kind, harm, 0) for kind in LOOK_ALIKES]
    for kind, measure, is_recall in scores:
        if only in kind:
            score = measure(kind, held_out=held_out, seed=seed)
            found = f"{score.found / max(1, score.texts):>8.3f}" if is_recall else f"{score.found:>8}"
            print(f"{kind:32}{score.texts:>7}{found}{score.lost:>8}", flush=True)
            for failure in score.bad[:show]:
                print("   ", failure.replace("\n", "⏎")[:400])
    if with_speed:
        speed()


if __name__ == "__main__":
    typer.run(main)
