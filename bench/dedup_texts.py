"""A corpus with planted copies, of any size, for `dedup.py`: always the same for the same size.

Each text is a piece of an article or of an encyclopedia from ../shared beside the project (of the demo corpus, where
these are not there), with every fourth character replaced by one that is as common, so that no two texts are alike by
themselves. A fifth of the texts are copies of others, each damaged in one of the ways of KINDS.
"""

import json
import lzma
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import opencc
from conversion_speed import demo_texts

from cleaner.document import code_points, from_code_points

SHARED = Path(__file__).parent.parent.parent / "shared" / "eval"
REPLACED = 0.25
CHARACTERS = 600, 1500  # of a text
COPIES = 0.2
PARAGRAPH = 4  # sentences
KINDS = ("exact", "typos", "cut", "other script", "other marks", "furniture", "wrapped")
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Planted:
    """A text, the text it is a copy of (or itself), and in which way."""

    id: str
    text: str
    original: str
    kind: str  # empty for an original


def source_text() -> str:
    """What the texts are made of."""
    articles, prose = SHARED / "repair" / "articles.jsonl.xz", SHARED / "simplify" / "simplified-cmrc-dev.txt"
    if not articles.is_file() or not prose.is_file():
        return "".join(demo_texts()).replace("\n", "")
    with lzma.open(articles, "rt", encoding="utf-8") as stream:
        lines = [line for row in stream for line in json.loads(row)["lines"]]
    return "".join(lines) + prose.read_text(encoding="utf-8").replace("\n", "")


def planted(megabytes: float) -> Iterator[Planted]:
    """Texts of so many megabytes of UTF-8 in all, in a random order."""
    rng = np.random.default_rng(20261122)
    base = code_points(source_text())
    han = base[(base >= 0x4E00) & (base <= 0x9FFF)]
    to_traditional = opencc.OpenCC("s2t").convert
    originals: list[Planted] = []
    size = 0.0
    while size < megabytes * 1e6 / (1 + COPIES):
        text = original_text(rng, base, han)
        originals.append(Planted(f"o{len(originals):07}", text, f"o{len(originals):07}", ""))
        size += 3 * len(text)
    found = list(originals)
    for number in range(int(COPIES * len(originals))):
        one = originals[int(rng.integers(len(originals)))]
        kind = KINDS[number % len(KINDS)]
        text = to_traditional(one.text) if kind == "other script" else damaged(one.text, kind, rng, han)
        found.append(Planted(f"c{number:07}", text, one.id, kind))
    random.Random(1).shuffle(found)
    yield from found


def original_text(rng: Rng, base: np.ndarray, han: np.ndarray) -> str:
    """A piece of the source with characters replaced, in paragraphs."""
    length = int(rng.integers(*CHARACTERS))
    start = int(rng.integers(len(base) - length))
    points = base[start : start + length].copy()
    is_replaced = (points >= 0x4E00) & (points <= 0x9FFF) & (rng.random(length) < REPLACED)
    points[is_replaced] = rng.choice(han, int(is_replaced.sum()))
    sentences = from_code_points(points).split("。")
    paragraphs = ["。".join(sentences[at : at + PARAGRAPH]) for at in range(0, len(sentences), PARAGRAPH)]
    return "。\n".join(paragraphs)


def damaged(text: str, kind: str, rng: Rng, han: np.ndarray) -> str:
    """A copy of a text that is damaged in one way."""
    if kind == "typos":
        points = code_points(text).copy()
        is_typo = (rng.random(len(points)) < rng.choice([0.002, 0.005, 0.01, 0.015])) & (points != ord("\n"))
        points[is_typo] = rng.choice(han, int(is_typo.sum()))
        return from_code_points(points)
    if kind == "cut":
        return text[: int(len(text) * rng.uniform(0.82, 0.98))]
    if kind == "other marks":
        folded = unicodedata.normalize("NFKC", text)
        return folded.replace("。", ". ").replace("、", ", ").replace("“", '"').replace("”", '"')
    if kind == "furniture":
        lines = text.split("\n")
        page = f"\n— {int(rng.integers(1, 40))} —\n"
        return "首页 > 要闻\n" + page.join(lines) + "\n分享让更多人看到\n责任编辑：王小明\n"
    if kind == "wrapped":
        joined = text.replace("\n", "")
        return "\n".join(joined[at : at + 30] for at in range(0, len(joined), 30))
    return text


def write_corpus(path: Path, megabytes: float) -> list[Planted]:
    """Write the texts as JSON, one a line, and return what they are."""
    found = list(planted(megabytes))
    with path.open("w", encoding="utf-8") as stream:
        for one in found:
            stream.write(json.dumps({"id": one.id, "text": one.text}, ensure_ascii=False) + "\n")
    return found
