"""What `conversion.py` measures with: texts from ../shared beside the project, and the same made traditional or mixed.

Nothing of these texts is part of the project; they are read at run time, and a missing file raises FileNotFoundError.
Of the modern prose the last 5 % are a set of their own: no table of the project was counted in them.
"""

import bz2
import functools
import json
import lzma
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import opencc
from encoding_texts import SEED, SHARED, blocks, read_lines, read_news, read_prose

from cleaner.config import Config
from cleaner.decode import decode
from cleaner.files import read_table
from cleaner.files.raw import RawText

UNIHAN = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")  # of Debian's package unicode-data
SAMPLE = 1_000_000  # characters of prose at most
PROSE, OTHER_PROSE = "prose, last 5 %", "prose, first 95 %"
WAYS = ("s2tw", "s2t", "s2hk", "characters")  # how a simplified text is made traditional without any peer
MIXED = 1000  # texts of each kind
VERSE = (5, 9)  # Han characters of a line of verse
GAP = "\ue000"  # holds the place of a quote while the text around it is converted
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
Pair = tuple[str, str]  # a text to convert, and what should come of it


def han(text: str) -> int:
    """How many Han characters a text holds."""
    return sum(map(len, HAN.findall(text)))


@functools.cache
def standard_characters() -> frozenset[str]:
    """The 8,105 characters of 通用规范汉字表: Unihan property kTGH."""
    rows = [line.split("\t") for line in bz2.decompress(UNIHAN.read_bytes()).decode().split("\n")]
    return frozenset(chr(int(row[0][2:], 16)) for row in rows if row[0].startswith("U+") and row[1] == "kTGH")


@functools.cache
def traditional_characters() -> frozenset[str]:
    """The characters that become others in a traditional text, as the project's own dictionary says; not 於."""
    return frozenset(row[0] for row in read_table("simplify.txt") if len(row[0]) == 1) - {"於"}


# Simplified texts


def read_pages(name: str) -> list[str]:
    """Documents that stand in one file, with two blank lines between them."""
    pages = (SHARED / name).read_text(encoding="utf-8").split("\n\n\n")
    return [page for page in pages if page.strip()]


def prose_sample() -> list[str]:
    """Pieces of eight lines of the last 5 % of the prose, drawn by lot if there is more than enough."""
    pieces = list(read_prose())
    random.Random(SEED).shuffle(pieces)
    chosen: list[str] = []
    while pieces and sum(map(len, chosen)) < SAMPLE:
        chosen.append(pieces.pop())
    return chosen


def other_prose() -> list[str]:
    """The rest of the prose, where characters were counted for the tables."""
    with lzma.open(SHARED / "corpora/prose-modern.txt.xz", "rt", encoding="utf-8") as stream:
        lines = stream.read().split("\n")
    return list(blocks(lines[: len(lines) * 95 // 100], 8))


def simplified_seeds() -> list[str]:
    """The real inputs but the traditional one, as the decode stage reads them."""
    folder = SHARED / "seeds"
    paths = [path for path in sorted(folder.glob("*.txt")) if not path.name.startswith("002")]
    if not paths:
        raise FileNotFoundError(2, "no seeds", str(folder))
    read = decode([RawText(path.name, path.read_bytes()) for path in paths], Config().decode)
    return [outcome.document.text for outcome in read if not outcome.dropped]


SIMPLIFIED: dict[str, Callable[[], list[str]]] = {
    "articles": lambda: list(read_news()),
    PROSE: prose_sample,
    "CMRC": lambda: read_lines("eval/simplify/simplified-cmrc-dev.txt"),
    OTHER_PROSE: other_prose,
    "docs": lambda: read_pages("eval/simplify/simplified-docs.txt"),
    "seeds": simplified_seeds,
}
ROUND_TRIPS = ("articles", PROSE, "CMRC")


@functools.cache
def simplified(name: str) -> tuple[str, ...]:
    """One set of simplified documents, by its name in SIMPLIFIED."""
    return tuple(SIMPLIFIED[name]())


# Other texts


@functools.cache
def gsd_pairs() -> tuple[Pair, ...]:
    """Sentences in traditional script, and the same as people simplified them."""
    rows = [line.split("\t") for line in read_lines("eval/simplify/gsd-dev.tsv")[1:]]
    return tuple((row[0], row[1]) for row in rows)


@functools.cache
def drcd() -> tuple[str, ...]:
    """Paragraphs from Taiwan, without any gold."""
    return tuple(read_lines("eval/simplify/traditional-drcd-dev.txt"))


def japanese_pages() -> list[str]:
    return read_pages("eval/simplify/japanese-docs.txt")


def japanese_lines() -> list[str]:
    """Every line that has at least four Han characters."""
    return [line for line in read_lines("eval/simplify/japanese-docs.txt") if han(line) >= 4]


def opencc_cases() -> list[tuple[str, dict[str, str]]]:
    """Input, and what OpenCC's authors expect of it under each of their configurations."""
    text = (SHARED / "eval/simplify/opencc-testcases.jsonc").read_text(encoding="utf-8")
    # Strings are matched first, so that nothing within them is taken for a comment or a last comma.
    tokens = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/|,(?=\s*[\]}])', re.DOTALL)
    without_comments = re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda found: found[1] or "", text, flags=re.S)
    cases = json.loads(tokens.sub(lambda found: found[1] or "", without_comments))["cases"]
    return [(case["input"], case["expected"]) for case in cases]


# Traditional and mixed texts


def make_traditional(texts: Sequence[str], way: str) -> list[str]:
    """Simplified texts converted by one of WAYS: a configuration of OpenCC, or each character by itself."""
    if way != "characters":
        convert = opencc.OpenCC(way).convert
        return [convert(text) for text in texts]
    alone = opencc.OpenCC("s2t").convert
    values = {character: alone(character) for character in set().union(*texts) if HAN.match(character)}
    table = str.maketrans({character: value for character, value in values.items() if len(value) == 1})
    return [text.translate(table) for text in texts]


def stops(line: str) -> list[int]:
    """The places within a line after a full stop that is not in quotes."""
    places = [place + 1 for place, character in enumerate(line[:-1]) if character == "。"]
    return [place for place in places if line.count("“", 0, place) == line.count("”", 0, place)]


class Mixer:
    """Simplified paragraphs, and sentences to put among them, drawn by lot; `traditional` makes the other script."""

    def __init__(self, kind: str) -> None:
        self.rng = random.Random(f"{SEED} {kind}")
        articles = [[line for line in text.split("\n") if line.strip()] for text in simplified("articles")]
        self.articles = [lines for lines in articles if len(lines) >= 4 and 6 <= han(lines[0]) <= 40]
        lines = [line for article in articles for line in article if 60 <= len(line) <= 400]
        self.paragraphs = [line for line in lines if stops(line)]
        self.sentences = [line for text in simplified(PROSE) for line in text.split("\n") if 10 <= len(line) <= 60]
        clauses = (clause for line in self.sentences for clause in HAN.findall(line))
        self.verses = [clause for clause in clauses if VERSE[0] <= len(clause) <= VERSE[1]]
        self.traditional: Callable[[str], str] = opencc.OpenCC("s2tw").convert

    def quoting(self, host: str) -> str:
        """A paragraph that quotes GAP after one of its sentences."""
        place = self.rng.choice(stops(host))
        opening, closing = self.rng.choice(("“”", "「」"))
        return f"{host[:place]}有人说：{opening}{GAP}{closing}{host[place:]}"

    def traditional_quote(self) -> Pair:
        frame, quoted = self.quoting(self.rng.choice(self.paragraphs)), self.rng.choice(self.sentences)
        return frame.replace(GAP, self.traditional(quoted)), frame.replace(GAP, quoted)

    def simplified_quote(self) -> Pair:
        hosts, quoted = self.rng.sample(self.paragraphs, 3), self.rng.choice(self.sentences)
        frame = "\n".join((hosts[0], self.quoting(hosts[1]), hosts[2]))
        return self.traditional(frame).replace(GAP, quoted), frame.replace(GAP, quoted)

    def simplified_headline(self) -> Pair:
        lines = self.rng.choice(self.articles)
        body = "\n".join(lines[1:6])
        return f"{lines[0]}\n{self.traditional(body)}", f"{lines[0]}\n{body}"

    def traditional_verse(self) -> Pair:
        hosts, verses = self.rng.sample(self.paragraphs, 3), self.rng.sample(self.verses, 4)
        verse = "\n".join(line + mark for line, mark in zip(verses, "，。，。", strict=True))
        before, after = "\n".join(hosts[:2]), hosts[2]
        return f"{before}\n{self.traditional(verse)}\n{after}", f"{before}\n{verse}\n{after}"


KINDS: dict[str, Callable[[Mixer], Pair]] = {
    "simplified paragraph, traditional quote": Mixer.traditional_quote,
    "traditional article, simplified quote": Mixer.simplified_quote,
    "traditional page, simplified headline": Mixer.simplified_headline,
    "simplified page, traditional verse": Mixer.traditional_verse,
}


@functools.cache
def mixed_pairs(kind: str) -> tuple[Pair, ...]:
    """1,000 texts in which both scripts stand, and the same all simplified; always the same ones."""

    def pairs() -> Iterator[Pair]:
        mixer = Mixer(kind)
        for _ in range(MIXED):
            yield KINDS[kind](mixer)

    return tuple(pairs())
