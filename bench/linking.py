"""How many parts of split articles find each other: python bench/linking.py [--list]

The 800 articles of ../shared/eval/repair (evaluation only) are named by day, page and number. Half of the long ones are
split at random, three fifths of these in mid-paragraph; the second part goes to another page of the same day. Jump
lines name the pages, or half of them are lost, or their numbers are, or the paths name no pages; and in every second
row two fifths of the split articles have lost one of their parts.
"""

import json
import lzma
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cleaner.document import Document
from cleaner.repair.links import LOST_PAGE, Link, find_links, part_of

ARTICLES = Path(__file__).parent.parent.parent / "shared/eval/repair/articles.jsonl.xz"
KINDS = ("markers and pages", "half of the markers lost", "page numbers lost", "paths without pages")
SHORTEST = 600  # characters of an article that is split


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one collection."""

    gold: int  # pairs whose parts are both there
    right: int
    links: list[Link]
    wrong: list[Link]
    orphans: int

    @property
    def precision(self) -> float:
        return self.right / max(1, len(self.links))

    @property
    def recall(self) -> float:
        return self.right / max(1, self.gold)


def articles() -> list[tuple[str, list[str]]]:
    """Name and lines of each article."""
    with lzma.open(ARTICLES, "rt", encoding="utf-8") as stream:
        return [(found["id"], found["lines"]) for found in map(json.loads, stream)]


def halves(lines: list[str], rng: random.Random) -> tuple[list[str], list[str]]:
    """An article in two parts, cut between paragraphs or within one."""
    place = rng.randrange(1, len(lines) - 1)
    line = lines[place]
    if rng.random() < 0.6 and len(line) > 40:
        cut = rng.randrange(15, len(line) - 10)
        return [*lines[:place], line[:cut]], [line[cut:], *lines[place + 1 :]]
    return lines[:place], lines[place:]


def collection(kind: str, missing: float, seed: int = 1) -> tuple[list[Document], dict[str, str]]:
    """Documents, and which goes on in which other."""
    rng = random.Random(seed)
    documents: list[Document] = []
    gold: dict[str, str] = {}
    for name, lines in articles():
        day, page, number = name.split("-")
        if sum(map(len, lines)) < SHORTEST or len(lines) < 4 or rng.random() < 0.5:
            documents.append(
                Document(name, f"{day}/{name}.txt" if "paths" in kind else f"{name}.txt", "\n".join(lines))
            )
            continue
        first, second = halves(lines, rng)
        other = int(page) + rng.randrange(1, 8)
        second = [lines[0], *second] if rng.random() < 0.25 else second
        forward, back = str(other), str(int(page))
        if kind == "half of the markers lost":
            forward, back = forward * (rng.random() < 0.5), back * (rng.random() < 0.5)
        if kind == "page numbers lost":
            forward = back = LOST_PAGE
        names = f"{day}-{page}-{number}", f"{day}-{other:02}-{number}of{page}"
        if kind == "paths without pages":
            names = f"{day}/{number}a{rng.random()}", f"{day}/{number}b{rng.random()}"
        pair = [
            Document(names[0], f"{names[0]}.txt", "\n".join(first), continued_on=forward),
            Document(names[1], f"{names[1]}.txt", "\n".join(second), continued_from=back),
        ]
        if rng.random() < missing:
            documents.append(rng.choice(pair))
        else:
            documents += pair
            gold[names[0]] = names[1]
    rng.shuffle(documents)
    return documents, gold


def measure(kind: str, missing: float, seed: int = 1) -> Score:
    """Link one collection, and compare."""
    documents, gold = collection(kind, missing, seed)
    links, orphans = find_links(map(part_of, documents))
    wrong = [link for link in links if gold.get(link.first) != link.second]
    return Score(len(gold), len(links) - len(wrong), links, wrong, len(orphans))


def main(
    show: Annotated[bool, typer.Option("--list", help="Show the wrong links, with their reasons.")] = False,
) -> None:
    """Link split articles."""
    print(f"{'':28}{'missing':>8}{'pairs':>7}{'P':>8}{'R':>8}{'orphans':>9}")
    for kind in KINDS:
        for missing in (0.0, 0.4):
            score = measure(kind, missing)
            row = f"{score.gold:>7}{score.precision:>8.3f}{score.recall:>8.3f}{score.orphans:>9}"
            print(f"{kind:28}{missing:>8.0%}{row}", flush=True)
            for link in score.wrong if show else []:
                print("   ", link.first_source, link.second_source, link.score, link.reasons)


if __name__ == "__main__":
    typer.run(main)
