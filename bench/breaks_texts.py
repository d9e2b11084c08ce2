"""Texts with line breaks of which it is known whether a page made them, for `breaks.py` and the floors in tests.

The articles, the labelled breaks and the seeds are in ../shared beside the project, for evaluation only. Undamaged
articles are broken here: by cuts in mid-paragraph, or by wrapping at a width, always with a fixed seed. The half of
an article is chosen by a hash of its id: thresholds were read off the half for development, the other half
was only measured with.
"""

import functools
import hashlib
import json
import lzma
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import opencc

from cleaner.lines import width

SHARED = Path(__file__).parent.parent.parent / "shared"
REPAIR = SHARED / "eval" / "repair"
HALVES = ("development", "held out")
CUT_SHARE = 0.12  # of the breaks of a torn collection
LONGEST_WHOLE = 40  # a paragraph of so many characters is never cut
STYLES = ("plain", "blank", "footer", "markers")
MUST_NOT_BEGIN = "，。、；：！？”’）》〉】…"
MUST_NOT_END = "“‘（《〈【"
SENTENCE_ENDS = re.compile("[。！？…][”’）》]*$")


@dataclass(frozen=True, slots=True)
class Break:
    """A line break: the offset where the line before it ends and that where the next line of text begins."""

    end: int
    start: int
    is_cut: bool  # made by a page, so to be joined
    is_silent: bool = False  # a cut right after the end of a sentence, which leaves no trace


@dataclass(frozen=True, slots=True)
class Broken:
    """A text and its breaks, ascending."""

    id: str
    text: str
    breaks: tuple[Break, ...]


@functools.cache
def articles() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The undamaged newspaper articles: id and paragraphs."""
    with lzma.open(REPAIR / "articles.jsonl.xz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    return tuple((row["id"], tuple(line for line in row["lines"] if line.strip())) for row in rows)


def half_of(identity: str) -> str:
    return HALVES[hashlib.sha1(identity.encode()).digest()[0] % 2]


class Builder:
    """Puts a text together line by line, and notes its breaks."""

    def __init__(self, identity: str, has_silent: bool = False) -> None:
        self.id = identity
        self.has_silent = has_silent
        self.pieces: list[str] = []
        self.breaks: list[Break] = []
        self.length = self.last_end = 0
        self.has_line = False

    def add(self, line: str, gap: str = "\n", is_cut: bool = False, prefix: str = "") -> None:
        """Add a line of text; `gap` lies between it and the one before, `prefix` is no part of its text."""
        if self.has_line:
            self.pieces.append(gap)
            self.length += len(gap)
        self.length += len(prefix)
        if self.has_line:
            is_silent = self.has_silent and is_cut and bool(SENTENCE_ENDS.search(self.last_line))
            self.breaks.append(Break(self.last_end, self.length, is_cut, is_silent))
        self.pieces += [prefix, line]
        self.length += len(line)
        self.last_end, self.last_line, self.has_line = self.length, line, True

    def tail(self, text: str) -> None:
        """Add what is no part of the text."""
        self.pieces.append(text)
        self.length += len(text)

    def broken(self) -> Broken:
        return Broken(self.id, "".join(self.pieces), tuple(self.breaks))


def undamaged() -> Iterator[Broken]:
    for identity, lines in articles():
        builder = Builder(identity)
        for line in lines:
            builder.add(line)
        yield builder.broken()


def cut_probability() -> float:
    """How likely a long paragraph must be cut for `CUT_SHARE` of all breaks to be cuts."""
    natural = sum(len(lines) - 1 for _, lines in articles())
    long = sum(len(line) > LONGEST_WHOLE for _, lines in articles() for line in lines)
    return CUT_SHARE / (1 - CUT_SHARE) * natural / long


def torn(seed: int = 1, damaged: float = 1.0) -> Iterator[Broken]:
    """Articles with long paragraphs cut at any place; only a share of them where `damaged` is less than 1."""
    rng = random.Random(seed)
    probability = cut_probability()
    for identity, lines in articles():
        if rng.random() < damaged:
            yield tear(identity, lines, rng, probability)
        else:
            yield tear(identity, lines, rng, 0.0)


def tear(identity: str, lines: tuple[str, ...], rng: random.Random, probability: float) -> Broken:
    """Cut one article in the way of one of the `STYLES`."""
    style = rng.choice(STYLES) if probability else "plain"
    between = "\n\n" if style in ("blank", "footer") and rng.random() < 0.4 else "\n"
    builder = Builder(identity, has_silent=True)
    page = rng.randrange(1, 9)
    marked = False
    for line in lines:
        if style == "footer" and rng.random() < probability / 2:  # a page that ends with a paragraph
            builder.add(line, f"\n\n— {page} —\n\n")
            page += 1
            continue
        if len(line) <= LONGEST_WHOLE or rng.random() >= probability:
            builder.add(line, between)
            continue
        place = rng.randrange(1, len(line))
        head, rest = line[:place].rstrip(" "), line[place:].lstrip(" ")
        builder.add(head, between)
        if style == "plain" or (style == "markers" and marked):
            builder.add(rest, is_cut=True)
        elif style == "blank":
            builder.add(rest, "\n\n", is_cut=True)
        elif style == "footer":
            blank = rng.choice(["\n", "\n\n"])
            builder.add(rest, f"{blank}— {page} —{blank}", is_cut=True)
            page += 1
        else:
            marked = True
            there, here = rng.randrange(2, 16), rng.randrange(1, 4)
            own_line = rng.random() < 0.5
            gap = f"{rng.choice(['', chr(10)])}（下转第{there}版）{chr(10) * rng.randrange(1, 3)}"
            back = f"（上接第{here}版）"
            builder.add(rest, gap + back + "\n" if own_line else gap, True, "" if own_line else back)
    return builder.broken()


def wrapped(seed: int = 1) -> Iterator[Broken]:
    """Articles wrapped at 26 to 42 columns, with and without indents, blank lines, footers, headers and kinsoku."""
    rng = random.Random(seed)
    for identity, lines in articles():
        if sum(map(len, lines)) < 500:
            continue
        columns = rng.randrange(26, 43)
        indent = rng.choice(["\u3000\u3000", "\u3000\u3000", "    ", ""])
        blank_lines = rng.random() < 0.25
        footer = rng.choice(["", "", "", "— {} —", "{}", "第 {} 页"])
        header = "青石县供水站年度报告" if footer and rng.random() < 0.4 else ""
        kinsoku = rng.random() < 0.7
        page_lines = rng.randrange(24, 44)
        builder = Builder(identity)
        count, page = 0, 1
        for line in lines:
            is_title = len(line) < 30 and not re.search("[。！？]", line)
            for number, row in enumerate(rows_of(line if is_title else indent + line, columns, kinsoku)):
                gap = "\n\n" if blank_lines and number == 0 else "\n"
                count += 1
                if footer and count % page_lines == 0:
                    blank = rng.choice(["\n", "\n\n"])
                    gap = blank + footer.format(page) + blank + (header + blank if header else "")
                    page += 1
                text = row.lstrip("\u3000 ")
                builder.add(text, gap, number > 0, row[: len(row) - len(text)])
        yield builder.broken()


def rows_of(line: str, columns: int, kinsoku: bool) -> list[str]:
    """A paragraph in rows of a width; with kinsoku, no row begins or ends with a mark that must not."""
    rows: list[str] = []
    row, used = "", 0.0
    for token in re.findall(r"[A-Za-z0-9.%]+|.", line):
        size = width(token)
        if used + size > columns and row.strip():
            if kinsoku and token in MUST_NOT_BEGIN:
                row += token
                used += size
                continue
            carried = row[-1] if kinsoku and row[-1] in MUST_NOT_END and len(row) > 1 else ""
            rows.append(row[: len(row) - len(carried)])
            row, used = carried, width(carried)
        row += token
        used += size
    return [*rows, row]


def labelled() -> Iterator[Broken]:
    """The labelled breaks of real texts, put together again and simplified, as the stage before leaves them."""
    convert = opencc.OpenCC("t2s").convert
    builder: Builder | None = None
    source = last = ""
    for line in (REPAIR / "breaks.jsonl").read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        row = json.loads(convert(line))
        if builder is None or (row["source"], row["before"]) != (source, last):
            if builder is not None and row["source"] == source:
                # A break that nobody labelled lies between; it is no part of the answer.
                builder.add(row["before"])
                builder.breaks.pop()
            else:
                if builder is not None:
                    yield builder.broken()
                builder = Builder(row["source"])
                builder.add(row["before"])
        builder.add(row["after"], "\n".join(["", *row["between"], ""]), row["join"])
        source, last = row["source"], row["after"]
    if builder is not None:
        yield builder.broken()
