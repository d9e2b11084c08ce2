"""Undamaged texts of six genres without end, for `corpus.py`: always the same for the same seed.

The words and patterns are in `corpus_words.toml`. Thousands of sentences are put together at once: patterns are drawn,
then the words of all their places, and a text is a stretch of the joined pieces. So a core makes tens of megabytes a
second, and two texts share no more than chance: what they have in common are names, words and short phrases, but for
the formulas of a genre (a court's instruction on appeal, what a site puts around its pages), as in nature.
"""

import functools
import itertools
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opencc
from boilerplate_sites import DEV

GENRES = ("news", "forum", "reports", "novels", "decisions", "entries")
WORDS = Path(__file__).parent / "corpus_words.toml"
BATCH = 8_000  # clauses that are put together at once
SHORTEST, LONGEST, SPREAD = 300, 20_000, 0.8  # characters of a text; spread: of their logarithm
SENTENCE, PARAGRAPH = 0.4, 0.25  # of the clauses that end a sentence, of the sentences that end a paragraph
MARKS = ("，", "；", "。", "！", "？", "……", "。\n", "！\n", "？\n", "……\n", "", "\n")
INNER, LAST = (0.96, 0.04), (0.92, 0.03, 0.03, 0.02)  # shares of the marks within and at the end of a sentence
TWICE = 4  # how often the patterns of a genre stand beside the plain ones
SKEW = 1.5  # the first words of a list are more frequent than the last
FRAMES = tuple(frame for frame in DEV if frame.name in ("news portal", "forum", "app page"))
INDENTED, TRAILING, SPACED = 0.25, 0.05, 0.1  # shares of the texts: two spaces before lines, one after; blank lines
NUMERALS = "一二三四五六七八九十"
Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Text:
    """An undamaged text; its title is its first line, too."""

    genre: str
    title: str
    text: str
    is_traditional: bool


@dataclass(frozen=True, slots=True)
class Grammar:
    """The patterns of a genre: each row the numbers of lists, the rest of it -1; a literal is a list of one word."""

    patterns: Numbers
    is_whole: Numbers


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words of all lists in a row, in both scripts, and where each list begins."""

    simplified: Any
    traditional: Any
    lengths: Numbers
    starts: Numbers


@functools.cache
def lists() -> dict[str, list[str]]:
    """The words for each place of a pattern; names, places, measures and days are made of two lists or of numbers."""
    rng = random.Random(1)
    found = {name: words.split() for name, words in tomllib.loads(WORDS.read_text(encoding="utf-8"))["words"].items()}
    for name, first, second in (
        ("name", "surname", "given"),
        ("place", "site", "kind"),
        ("office", "site", "establishment"),
    ):
        found[name] = ["".join(pair) for pair in itertools.product(found[first], found[second])]
        rng.shuffle(found[name])
    found["measure"] = [
        f"{rng.randrange(2, 10 ** rng.randrange(1, 5))}{rng.choice(found['unit'])}" for _ in range(2500)
    ]
    found["measure"] += [f"{rng.randrange(1, 1000) / 10}%" for _ in range(400)]
    found["measure"] += [
        f"{number}{'十百千'[at % 3]}多{found['unit'][at]}" for number in NUMERALS[:9] for at in range(30)
    ]
    rng.shuffle(found["measure"])
    found["day"] = [f"{rng.randrange(1980, 2025)}年{month}月{day}日" for month in range(1, 13) for day in range(1, 29)]
    found["day"] += [day[5:] for day in found["day"]]
    rng.shuffle(found["day"])
    return found | {"mark": list(MARKS)}


@functools.cache
def grammars() -> tuple[dict[str, Grammar], Vocabulary]:
    """The patterns of each genre, and the words for them."""
    rows = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    known = dict(lists())
    order = list(known)

    def number_of(piece: str) -> int:
        name = piece.strip("{}") if piece.startswith("{") else "=" + piece
        if name not in known:
            known[name] = [piece]
            order.append(name)
        return order.index(name)

    made: dict[str, Grammar] = {}
    for genre in GENRES:
        plain, own, whole = rows["clauses"]["plain"], rows["clauses"][genre], rows["whole"].get(genre, [])
        said = [(pattern, False) for pattern in plain + own * TWICE] + [(pattern, True) for pattern in whole * TWICE]
        split = [[number_of(piece) for piece in re.findall(r"\{\w+\}|[^{]+", pattern)] for pattern, _ in said]
        patterns = np.full((len(split), max(map(len, split)) + 1), -1)
        for row, pieces in zip(patterns, split, strict=True):
            row[: len(pieces)] = pieces
            row[len(pieces)] = order.index("mark")
        made[genre] = Grammar(patterns, np.array([whole for _, whole in said]))
    words = [word for name in order for word in known[name]]
    starts = np.cumsum([0] + [len(known[name]) for name in order])
    convert = opencc.OpenCC("s2tw").convert
    both = [np.array(found, dtype=object) for found in (words, [convert(word) for word in words])]
    return made, Vocabulary(both[0], both[1], np.array([len(word) for word in words]), starts)


def bodies(genre: str, seed: int, mean: int, traditional: float) -> Iterator[tuple[str, bool]]:
    """Paragraphs of one text after the other, and whether it is traditional; its length is drawn by a mean."""
    found, words = grammars()
    grammar, starts, marks = found[genre], words.starts, list(lists()).index("mark")
    for batch in itertools.count():
        rng = np.random.default_rng([seed, GENRES.index(genre), batch])
        drawn = rng.integers(len(grammar.patterns), size=BATCH)
        slots = grammar.patterns[drawn]
        is_piece = slots >= 0
        slots = slots[is_piece]
        sizes = starts[slots + 1] - starts[slots]
        chosen = starts[slots] + (sizes * rng.random(len(slots)) ** SKEW).astype(np.int64)
        lasts = np.cumsum(is_piece.sum(axis=1)) - 1
        is_end = (rng.random(BATCH) < SENTENCE) | grammar.is_whole[drawn]
        is_end[-1] = True
        chosen[lasts] = starts[marks] + marks_of(is_end, grammar.is_whole[drawn], rng)
        ends = np.cumsum(words.lengths[chosen])[lasts[is_end]]
        wanted = np.exp(rng.normal(np.log(mean) - SPREAD**2 / 2, SPREAD, int(ends[-1] / mean * 2) + 2))
        stops = np.searchsorted(ends, np.cumsum(wanted.clip(SHORTEST, LONGEST)))
        start = 0
        for stop in lasts[is_end][stops[stops < len(ends)]].tolist():
            is_traditional = bool(rng.random() < traditional)
            script = words.traditional if is_traditional else words.simplified
            yield "".join(script[chosen[start : stop + 1]].tolist()).rstrip("\n"), is_traditional
            start = stop + 1


def marks_of(is_end: Any, is_whole: Any, rng: np.random.Generator) -> Numbers:
    """The mark after each clause, as its place in MARKS."""
    within = rng.choice(2, len(is_end), p=INNER)
    at_end = 2 + rng.choice(4, len(is_end), p=LAST)
    is_last = is_end & (rng.random(len(is_end)) < PARAGRAPH)
    found = np.where(is_end, at_end + 4 * is_last, within)
    return np.where(is_whole, 10 + is_last, found)


def texts(seed: int, mean: int = 2000, traditional: float = 0.0) -> Iterator[Text]:
    """Texts without end, of all genres in turn, with a mean of so many characters; a share of them traditional."""
    sources = [(genre, bodies(genre, seed, mean, traditional), random.Random(f"{seed} {genre}")) for genre in GENRES]
    convert = opencc.OpenCC("s2tw").convert
    while True:
        for genre, found, rng in sources:
            body, is_traditional = next(found)
            yield furnish(genre, body, rng, convert if is_traditional else None)


def furnish(genre: str, body: str, rng: random.Random, convert: Callable[[str], str] | None) -> Text:
    """A text with what its genre puts around it and between its paragraphs, which `convert` brings into its script."""
    known, as_written = lists(), convert or str
    draw = {name: rng.choice(known[name]) for name in ("name", "place", "office", "thing", "matter", "living", "day")}
    head, tail = (as_written("\n".join(lines)) for lines in around(genre, draw, rng))
    lines = body.split("\n")
    if genre == "reports":
        for at, place in enumerate(range(0, len(lines), 6)):
            heading = f"{NUMERALS[at % 10]}、{rng.choice(known['matter'])}与{rng.choice(known['matter'])}"
            lines.insert(place + at, as_written(heading))
    if genre == "news":
        lines[0] = as_written(f"本报{draw['place']}{draw['day']}电（记者 {draw['name']}）") + lines[0]
    style = rng.random()
    if style < INDENTED:
        lines = ["\u3000\u3000" + line for line in lines]
    elif style < INDENTED + TRAILING:
        lines = [line + " " for line in lines]
    between = "\n\n" if rng.random() < SPACED else "\n"
    text = between.join(part for part in (*head.split("\n"), *lines, *tail.split("\n")) if part)
    return Text(genre, head.partition("\n")[0], text, convert is not None)


def around(genre: str, draw: dict[str, str], rng: random.Random) -> tuple[list[str], list[str]]:
    """The lines before and after the paragraphs; the first is the title."""
    name, place, office, thing, matter = (draw[key] for key in ("name", "place", "office", "thing", "matter"))
    if genre == "news":
        return [f"{office}{rng.choice(lists()['does'])}{thing}"], []
    if genre == "reports":
        return [f"{place}{thing}{matter}{rng.choice(('调查报告', '试验报告', '年度总结', '测定说明'))}", office], []
    if genre == "novels":
        return [f"第{rng.randrange(1, 400)}章 {draw['living']}与{thing}"], []
    if genre == "entries":
        return [rng.choice((thing, draw["living"], place, name))], []
    if genre == "forum":
        frame = rng.choice(FRAMES)
        known = {"title": f"{thing}的{matter}", "n": rng.randrange(10, 60), "month": 3, "day": rng.randrange(1, 29)}
        rows = [
            [line.lstrip("?").format(**known) for line in part if line[0] != "?" or rng.random() < 0.5]
            for part in (frame.head, frame.under_title, frame.tail)
        ]
        return [f"求助：{place}的{thing}{matter}怎么样", *rows[0], *rows[1]], rows[2]
    number, year = rng.randrange(20, 9000), rng.randrange(2010, 2025)
    head = [
        f"{place}法庭",
        "民事判决书",
        f"（{year}）石民初字第{number}号",
        f"原告：{name}，住{place}{number % 90 + 1}号。",
    ]
    tail = [
        "如不服本判决，可在判决书送达之日起十五日内递交上诉状。",
        f"审判员　{rng.choice(lists()['name'])}",
        draw["day"],
    ]
    return head, tail
