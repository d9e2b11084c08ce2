"""How much of the boilerplate of made sites is found, and what else: python bench/boilerplate.py [--list] [--speed]

The 800 articles of ../shared/eval/repair (evaluation only) are put into the frames of `boilerplate_sites`, 80 of them
to a site; on every fifth page of a site there is no frame. Then sites whose texts share headings, bylines, formulas and
labels by right, and the articles as they are: nothing of these may go.
"""

import json
import lzma
import random
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from boilerplate_sites import DEV, HELD_OUT, OWN, OWN_HELD_OUT, Frame, framed, own, site

from cleaner.dedup.boilerplate import count_lines, find_boilerplate, promising, remove_boilerplate, sift_lines
from cleaner.document import Document, Edits, apply

ARTICLES = Path(__file__).parent.parent.parent / "shared/eval/repair/articles.jsonl.xz"
PAGES = 80


@dataclass(slots=True)
class Score:
    """Lines of pages: boilerplate that went, what else went, and boilerplate that stayed."""

    right: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong.total())

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed.total())

    def add(self, other: "Score") -> None:
        """Take in what came of another site."""
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed


def articles() -> list[list[str]]:
    """The lines of each article that has some, the first of them its title."""
    with lzma.open(ARTICLES, "rt", encoding="utf-8") as stream:
        found = [json.loads(line)["lines"] for line in stream]
    return [lines for lines in found if len(lines) >= 4]


def lines_gone(documents: list[Document]) -> list[Counter[str]]:
    """What `dedup.boilerplate = "drop"` would take from each document."""
    found = find_boilerplate(documents)
    gone: list[Counter[str]] = []
    for document in documents:
        lines: Counter[str] = Counter()
        for known in found.values():
            text = apply(document.text, Edits.of("", document.text, remove_boilerplate(document.text, known)))
            lines = Counter(document.text.split("\n")) - Counter(text.split("\n"))
        gone.append(lines)
    return gone


def measure_frame(frame: Frame, chosen: list[list[str]], seed: int) -> Score:
    """A site with boilerplate."""
    rng = random.Random(f"{seed} {frame.name}")
    titles = [article[0] for article in chosen]
    gold: list[Counter[str]] = []

    def page(article: list[str]) -> list[str]:
        lines, marked = framed(frame, article, titles, rng) if rng.random() < 0.8 else (article, [])
        gold.append(Counter(marked))
        return lines

    score = Score()
    for gone, marked in zip(lines_gone(site(frame.name, chosen, page)), gold, strict=True):
        score.right += (gone & marked).total()
        score.wrong += gone - marked
        score.missed += marked - gone
    return score


def measure_own(name: str, pattern: tuple[str, ...], chosen: list[list[str]], seed: int) -> Score:
    """A site without boilerplate whose texts share lines by right."""
    rng = random.Random(f"{seed} {name}")
    titles = [article[0] for article in chosen]
    documents = site(name, chosen, lambda article: own(pattern, article, titles, rng))
    return Score(wrong=sum(lines_gone(documents), Counter()))


def sites_of(texts: list[list[str]], seed: int) -> list[list[list[str]]]:
    """The articles in random order, cut into sites."""
    mixed = random.Random(seed).sample(texts, len(texts))
    return [mixed[start : start + PAGES] for start in range(0, len(mixed) - PAGES + 1, PAGES)]


def measure(frames: tuple[Frame, ...], texts: list[list[str]], seed: int = 1) -> dict[str, Score]:
    """Every frame on two sites."""
    sites = sites_of(texts, seed)
    found: dict[str, Score] = {}
    for number, frame in enumerate(frames):
        score = found.setdefault(frame.name, Score())
        for chosen in (sites[2 * number % len(sites)], sites[(2 * number + 1) % len(sites)]):
            score.add(measure_frame(frame, chosen, seed))
    return found


def measure_harm(texts: list[list[str]], seed: int = 1) -> dict[str, Score]:
    """Sites from which nothing may go."""
    sites = sites_of(texts, seed)
    patterns = OWN | OWN_HELD_OUT
    found = {
        name: measure_own(name, pattern, sites[number % len(sites)], seed)
        for number, (name, pattern) in enumerate(patterns.items())
    }
    found["articles"] = Score(wrong=sum(lines_gone(site("articles", texts, lambda article: article)), Counter()))
    return found


def speed(texts: list[list[str]], rounds: int = 3) -> None:
    """How fast a shard is sifted and counted, in seconds of one processor."""
    rng = random.Random(1)
    titles = [article[0] for article in texts]
    kinds = {"articles": [site("s", texts, lambda article: article)]}
    kinds["news portal"] = [site("s", texts, lambda article: framed(DEV[0], article, titles, rng)[0])]
    for name, (documents,) in kinds.items():
        documents *= 10
        size = sum(len(document.text.encode()) for document in documents) / 1e6
        sieve = promising([sift_lines(documents)])
        for step, run in (("sift", lambda: sift_lines(documents)), ("count", lambda: count_lines(documents, sieve))):  # noqa: B023 -- called at once
            times = []
            for _ in range(rounds):
                start = time.process_time()
                run()
                times.append(time.process_time() - start)
            print(f"{name:16}{step:8}{size:8.1f} MB {size / statistics.median(times):8.1f} MB/s")


def main(
    show: Annotated[bool, typer.Option("--list", help="Show what went wrongly, and what stayed.")] = False,
    fast: Annotated[bool, typer.Option("--speed", help="Measure the speed, too.")] = False,
    seed: Annotated[int, typer.Option(help="Of the sites.")] = 1,
) -> None:
    """Find boilerplate."""
    texts = articles()
    parts = {
        "dev": measure(DEV, texts, seed),
        "held out": measure(HELD_OUT, texts, seed),
        "nothing may go": measure_harm(texts, seed),
    }
    for part, scores in parts.items():
        print(f"{part:24}{'right':>8}{'wrong':>8}{'missed':>8}{'P':>8}{'R':>8}")
        for name, score in scores.items():
            row = f"{score.right:>8}{score.wrong.total():>8}{score.missed.total():>8}"
            print(f"  {name:22}{row}" + (f"{score.precision:>8.3f}{score.recall:>8.3f}" if score.right else ""))
            for what, lines in (("wrong", score.wrong), ("missed", score.missed)) if show else ():
                for line, count in lines.most_common(8):
                    print(f"      {what} {count:>4}  {line}")
    if fast:
        speed(texts)


if __name__ == "__main__":
    typer.run(main)
