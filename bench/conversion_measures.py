"""The measures of `conversion.py`, each a function of a tool that returns a `Score`; tests pin floors with them.

A tool takes a list of texts and returns them converted. Differences are found line by line and place by place; a line
whose length a tool changed is aligned first.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import opencc
from conversion_peers import TO_TRADITIONAL, Tool, start_peers
from conversion_texts import (
    drcd,
    gsd_pairs,
    han,
    japanese_lines,
    japanese_pages,
    make_traditional,
    mixed_pairs,
    opencc_cases,
    simplified,
    standard_characters,
    traditional_characters,
)

from cleaner.config import Config
from cleaner.document import Document
from cleaner.files import document_id
from cleaner.simplify import simplify

CONTEXT = 8  # characters of a place to show on each side
QUOTES = str.maketrans("「」『』", "“”‘’")
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tool's text differs from what was expected, and what stood there before; empty if that is not known."""

    before: str
    source: str
    expected: str
    found: str
    after: str


@dataclass(slots=True)
class Score:
    """What came of one set of texts."""

    texts: int = 0
    characters: int = 0  # those that count: of the expected texts, Han or all, without the spared ones
    spared: int = 0  # characters of the originals that were traditional already, and do not count
    errors: int = 0  # characters that are not what was expected
    texts_changed: int = 0  # texts that differ from their source
    unsettled: int = 0  # characters that change again when the tool's own text is converted
    places: list[Place] = field(default_factory=list)

    @property
    def per_million(self) -> float:
        return self.errors * 1e6 / max(1, self.characters)

    @property
    def legal(self) -> int:
        """How many of the errors were right before, and in the table of standard characters."""
        legal = standard_characters()
        return sum(place.source == place.expected and place.expected in legal for place in self.places)

    @property
    def legal_per_million(self) -> float:
        return self.legal * 1e6 / max(1, self.characters)

    @property
    def standard_per_million(self) -> float:
        """Errors where a standard character was expected: unlike what is spared, this hangs on no table of ours."""
        standard = standard_characters()
        return sum(place.expected in standard for place in self.places) * 1e6 / max(1, self.characters)


# The tools that are installed


def cleaner(texts: Sequence[str]) -> list[str]:
    """The stage as it is configured by default."""
    documents = [Document(document_id(str(number)), str(number), text) for number, text in enumerate(texts)]
    return [outcome.document.text for outcome in simplify(documents, Config().simplify)]


def stock(config: str, tofu: bool) -> Tool:
    """OpenCC with one of its own configurations, with or without the characters that few fonts have."""
    convert = opencc.OpenCC(config, include_tofu_risk_dictionaries=tofu).convert
    return lambda texts: [convert(text) for text in texts]


def tools(peers: bool = False) -> dict[str, Tool]:
    """All tools by name, the stage first."""
    found: dict[str, Tool] = {"cleaner": cleaner}
    for config in ("t2s", "tw2s"):
        found |= {config: stock(config, True), f"{config} -tofu": stock(config, False)}
    if peers:
        found |= {name: tool for name, tool in start_peers().items() if name != TO_TRADITIONAL}
    return found


# Finding differences


def differences(source: str, expected: str, found: str) -> Iterator[Place]:
    """All places where the found text is not the expected one."""
    if expected == found:
        return
    lines = [text.split("\n") for text in (source, expected, found)]
    if len({len(column) for column in lines}) > 1:
        lines = [[source], [expected], [found]]
    for old, right, new in zip(*lines, strict=True):
        if right != new:
            yield from line_differences(old, right, new)


def line_differences(old: str, right: str, new: str) -> Iterator[Place]:
    """The places of one line."""
    if len(right) == len(new):
        each = enumerate(zip(right, new, strict=True))
        spans = [(place, place + 1, place, place + 1) for place, (a, b) in each if a != b]
    else:
        opcodes = SequenceMatcher(None, right, new, autojunk=False).get_opcodes()
        spans = [(start, end, begin, stop) for tag, start, end, begin, stop in opcodes if tag != "equal"]
    is_aligned = len(old) == len(right)
    around = old if is_aligned else right
    for start, end, begin, stop in spans:
        source = old[start:end] if is_aligned else ""
        before, after = around[max(0, start - CONTEXT) : start], around[end : end + CONTEXT]
        yield Place(before, source, right[start:end], new[begin:stop], after)


def compare(tool: Tool, pairs: Pairs, spare: bool = False, count: Callable[[str], int] = han) -> Score:
    """Convert the first text of each pair; the second is what should come. `count` says which characters count.

    With `spare`, places where the expected text itself has a traditional character are left out.
    """
    sources, wanted = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    converted = tool(sources)
    again = tool(converted)
    left_out = traditional_characters() if spare else frozenset[str]()
    score = Score(texts=len(pairs))
    for source, expected, found, second in zip(sources, wanted, converted, again, strict=True):
        spared = sum(character in left_out for character in expected) if spare else 0
        score.spared += spared
        score.characters += count(expected) - spared
        score.texts_changed += source != found
        score.unsettled += sum(errors_at(place, len) for place in differences(found, found, second))
        for place in differences(source, expected, found):
            if (number := errors_at(place, count)) and place.expected not in left_out:
                score.errors += number
                score.places.append(place)
    return score


def errors_at(place: Place, count: Callable[[str], int]) -> int:
    return max(count(place.expected), count(place.found))


# The measures


def gsd(tool: Tool = cleaner, joined: bool = False) -> Score:
    """Traditional sentences against what people made of them, one by one or as the lines of one document.

    All characters count; corner brackets and curly quotes count as the same.
    """
    pairs: Pairs = gsd_pairs()
    if joined:
        pairs = [("\n".join(pair[0] for pair in pairs), "\n".join(pair[1] for pair in pairs))]
    mapped = [(source, expected.translate(QUOTES)) for source, expected in pairs]
    return compare(lambda texts: [text.translate(QUOTES) for text in tool(texts)], mapped, count=len)


@functools.cache
def traditional_of(name: str, way: str) -> tuple[str, ...]:
    """A set of simplified texts made traditional, by OpenCC or by hanziconv."""
    if way == "hanziconv":
        return tuple(start_peers()[TO_TRADITIONAL](simplified(name)))
    return tuple(make_traditional(simplified(name), way))


def round_trip(tool: Tool = cleaner, name: str = "articles", way: str = "s2tw") -> Score:
    """Simplified texts made traditional in one of WAYS, and converted back: wrong Han characters."""
    return compare(tool, list(zip(traditional_of(name, way), simplified(name), strict=True)), spare=True)


def harm(tool: Tool = cleaner, name: str = "articles") -> Score:
    """All characters changed in simplified texts."""
    return compare(tool, [(text, text) for text in simplified(name)], count=len)


def japanese(tool: Tool = cleaner, lines: bool = False) -> Score:
    """Characters changed in Japanese, in whole pages or in single lines; `texts_changed` is the number to look at."""
    texts = japanese_lines() if lines else japanese_pages()
    return compare(tool, [(text, text) for text in texts], count=len)


def mixed(tool: Tool = cleaner, kind: str = "simplified paragraph, traditional quote") -> Score:
    """Texts in which both scripts stand: wrong Han characters, and simplified ones that were changed (`legal`)."""
    return compare(tool, mixed_pairs(kind), spare=True)


def taiwanese(tool: Tool = cleaner, other: Tool | None = None) -> Score:
    """Running traditional text, against what another tool makes of it; without one, against the tool itself."""
    return compare(tool, list(zip(drcd(), (other or tool)(drcd()), strict=True)))


def agreement(tool: Tool, config: str) -> tuple[int, int]:
    """How many of OpenCC's own cases for one of its configurations come out as its authors expect, and of how many."""
    cases = [(text, expected[config]) for text, expected in opencc_cases() if config in expected]
    converted = tool([text for text, _ in cases])
    return sum(found == expected for found, (_, expected) in zip(converted, cases, strict=True)), len(cases)
