"""What speaks for a line break being made by a page, and how much: the evidence, its weights and its words.

Every piece of evidence has a name, a weight (tables/seams_weights.tsv) and words for a person. The score of a break is
the sum of weights times amounts, in nats: above 0 a cut is likelier than an end, as far as the lines themselves say.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from cleaner.files import read_table
from cleaner.lines import HAN, ends_sentence, is_heading, width
from cleaner.patterns import compile_later
from cleaner.repair.corpus_grams import Learnt, four_of
from cleaner.repair.grams import EDGE, Grams, fold, shipped_grams
from cleaner.repair.words import LOOK, Words, cut_word, divide, pair_names, shipped_pairs, shipped_words, word_over

Evidence = tuple[str, float]  # name, amount

FIRST, LAST = "\u3400", "\u9fff"  # of the ideographs after which, and before which, a text is read on
MOST = 6.0  # of an amount of evidence from counts
OPENERS, CLOSERS = "“‘「『《〈（【〔", "”’」』》〉）】〕"
CLAUSE_MARKS = "，、；：。！？…"
NEAR = 16  # characters on each side of a break that are folded
VERY_LONG = 45  # the width of a line
LONGEST_LOOK = 400  # characters of a line that are looked at, from the break
_comma = re.compile("[，、,]")
_sentence_end = re.compile("[。！？!?；;]")
_mark = re.compile("[，、；：。！？,;:!?”’」』）)》]")
_spaced = compile_later(f"[{HAN}”》] +[{HAN}“《]|[{HAN}]\u3000+[{HAN}“《]")
_credit = compile_later(
    r"(?:摄|摄影报道|供图|制图|绘|翻译|整理|电|编辑|记者\s*[\u4e00-\u9fff]{2,4})[）)]?$|^\s*(?:本报记者|新华社记者|记者)"
)
_credit_ends = "摄道图绘译理电辑）)"  # unless it ends with the name of a reporter
_number_goes_on = re.compile(
    "０\\|[年月日号岁万亿千百多余个家名位元米吨克时点分秒次人户亩公倍%％.．]|(?:０年|０月)\\|０+[月日]|第\\|０"
)
_short_name = re.compile("（(?:以下|下称|简称|下同|含|其中|即|原名)")
_repeated = 2  # characters on each side of a break that must stand unbroken elsewhere


WORDS = {  # the name of each piece of evidence and what a person is told; tables/seams_weights.tsv has the weights
    "bias": "what any doubtful break has",
    "reads on": "how likely {start} follows {end}, and how likely it begins a paragraph",
    "reads on further": "how likely the second character goes on from there",
    "does not end so": "how seldom a clause ends in {end}",
    "word cut": "the word {word} would be cut",
    "long word cut": "the word {word} would be cut",
    "words go together": "how well the words before and after go together",
    "comma before": "the line before ends with a comma",
    "bracket opens": "the line before ends with an opening mark",
    "bracket closed before": "the line before ends with a closing mark",
    "digit before": "the line before ends with a digit",
    "letter before": "the line before ends with a letter",
    "odd sign before": "the line before ends with an odd sign",
    "mark begins": "the line after begins with a mark that cannot begin a line",
    "quotation begins": "the line after begins with a quotation",
    "bracket begins": "the line after begins with an opening bracket",
    "digit begins": "the line after begins with a digit",
    "letter begins": "the line after begins with a letter",
    "number goes on": "a number or a word in letters would be cut",
    "odd sign begins": "the line after begins with an odd sign",
    "unit goes on": "a number and its unit, or a date, would be cut",
    "dash goes on": "a dash would be cut",
    "title goes on": "a title ends before, and another or a bracket begins after",
    "short name begins": "the line after begins with a bracket that explains what was named",
    "bracket left open": "the line after closes a bracket or quotation that the line before opens",
    **{
        f"{kind} before, {band}": f"the line before {says} and is {band}"
        for kind, says in {
            "sentences": "holds the end of a sentence",
            "clauses": "holds commas only",
            "bare": "has no mark inside",
        }.items()
        for band in ("short", "middling", "long", "very long")
    },
    "spaces inside": "the line before has spaces like a title",
    "heading before": "the line before begins like a heading",
    "credit before": "the line before looks like a credit or a byline",
    "first line": "the line before is the first",
    "near the top": "the line before is near the top",
    "one word, then a mark": "a mark follows the first word of the line after",
    "two words, then a mark": "a mark follows soon in the line after",
    "bare line after": "the line after is short and has no mark",
    "long bare line after": "the line after has no mark",
    "unfinished line after": "the line after does not end a sentence",
    "short end after": "the line after is the short end of a sentence",
    "spaces after": "the line after has spaces like a title",
    "stands unbroken elsewhere": "the characters on both sides stand side by side elsewhere",
    "partly unbroken elsewhere": "some of the characters on both sides stand side by side elsewhere",
    "goes on in other texts": "how often {end} and {start} stand side by side in other texts",
}


class Seam(NamedTuple):
    """A line break and what is around it."""

    left: str  # the line before it, without spaces at its end
    right: str
    number: int = 9  # of the line before it, counted from 0
    text: str = ""  # where to look whether the words over the break stand unbroken elsewhere


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What is known of the language: counts of characters, words, and how words go together over a break."""

    grams: Grams
    words: Words
    pairs: Mapping[str, float]
    learnt: Learnt | None = None  # from the corpus, of those breaks that it was asked about

    def at(self, a: str, b: str) -> tuple[Grams, float]:
        """The counts for a break between two folded lines, and what other texts say of it."""
        vote = self.learnt.votes.get(four_of(a, b)) if self.learnt else None
        return (self.grams, 0.0) if self.learnt is None or vote is None else (self.learnt.grams, vote)


@functools.cache
def shipped_knowledge() -> Knowledge:
    """What the tables say; they are read when the first doubtful break is met."""
    return Knowledge(shipped_grams(), shipped_words(), shipped_pairs())


@functools.lru_cache(maxsize=2)
def knowledge(learnt: Learnt | None) -> Knowledge:
    """What the tables say, and what was learnt from the corpus."""
    return replace(shipped_knowledge(), learnt=learnt)


def evidence(seam: Seam, known: Knowledge) -> list[Evidence]:
    """All that speaks for or against joining two lines."""
    nearby, vote = evidence_nearby(seam.left[-NEAR:], seam.right[:NEAR], known)
    return [*nearby, *shapes(seam), *elsewhere(seam, vote)]


@functools.lru_cache(maxsize=1 << 12)  # a break is weighed again once its text has changed, and to tell the reasons
def evidence_nearby(left: str, right: str, known: Knowledge) -> tuple[tuple[Evidence, ...], float]:
    """What the characters next to a break say, and what other texts say of it."""
    a, b = fold(left), fold(right)
    are_han = is_han(a[-1]) and is_han(b[0])
    grams, vote = known.at(a, b)
    words = (*reading_on(a, b, grams), *going_together(a, b, known)) if are_han else ()
    return (*words, *marks(a, b)), vote


def reading_on(a: str, b: str, grams: Grams) -> Iterator[Evidence]:
    """Whether the characters go on over the break, and whether lines end and begin so."""
    log = grams.log_probability
    first = log(a[-2:], b[0]) - log(EDGE, b[0])
    yield "reads on", clipped(first)
    if len(b) > 1:
        yield "reads on further", clipped(log(a[-1] + b[0], b[1]) - log(EDGE + b[0], b[1]))
    yield "does not end so", clipped(-3 - log(a[-2:], EDGE))


def clipped(amount: float) -> float:
    return max(-MOST, min(MOST, amount))


def going_together(a: str, b: str, known: Knowledge) -> Iterator[Evidence]:
    """A word of the dictionary that the break cuts, and how the words on both sides go together."""
    words = known.words
    before, after = divide(a[-LOOK:], words), divide(b[:LOOK], words, from_end=True)
    word, gain = word_over(before, after, words)
    if word:
        yield ("word cut" if len(word) == 2 else "long word cut"), min(gain, 2 * MOST) / 2
    get = known.pairs.get
    together = sum([get(name, 0.0) for name in pair_names(before, after, words)])
    yield "words go together", max(-MOST, min(2 * MOST, together))


def marks(a: str, b: str) -> Iterator[Evidence]:
    """What the marks at the break, and those that are open there, say."""
    last, first = a[-1], b[0]
    yield from sign_before(last)
    yield from sign_after(first)
    if first == last and first in "０ａ":
        yield "number goes on", 1.0
    if _number_goes_on.search(a[-3:] + "|" + b[:3]):
        yield "unit goes on", 1.0
    if last == first == "—":
        yield "dash goes on", 1.0
    if last == "》" and first in "《（和及与的":
        yield "title goes on", 1.0
    if _short_name.match(b):
        yield "short name begins", 1.0


def sign_before(last: str) -> Iterator[Evidence]:
    """What the last character of a line says, if it is no Han character."""
    if last in "，、":
        yield "comma before", 1.0
    elif last in OPENERS:
        yield "bracket opens", 1.0
    elif last in CLOSERS:
        yield "bracket closed before", 1.0
    elif last in "０ａ%％":
        yield ("digit before" if last == "０" else "letter before"), 1.0
    elif not is_han(last):
        yield "odd sign before", 1.0


def sign_after(first: str) -> Iterator[Evidence]:
    """What the first character of a line says, if it is no Han character."""
    if first in CLAUSE_MARKS or first in CLOSERS:
        yield "mark begins", 1.0
    elif first in "“‘「":
        yield "quotation begins", 1.0
    elif first in "《（【":
        yield "bracket begins", 1.0
    elif first in "０ａ":
        yield ("digit begins" if first == "０" else "letter begins"), 1.0
    elif not is_han(first):
        yield "odd sign begins", 1.0


def is_han(character: str) -> bool:
    return FIRST <= character <= LAST


def is_left_open(a: str, b: str) -> bool:
    """Whether a line leaves a bracket or a quotation open that the next one closes.

    >>> is_left_open("他说：“水渠", "修好了。”"), is_left_open("他说：“水渠", "“修好了。”")
    (True, False)
    """
    for mark in "“《（【「":
        if mark not in a and (mark != "（" or "(" not in a):
            continue
        closer = CLOSERS[OPENERS.index(mark)]
        if mark == "（":
            a, b = a.replace("(", mark).replace(")", closer), b.replace("(", mark).replace(")", closer)
        if a.count(mark) > a.count(closer):
            closes, opens = b.find(closer), b.find(mark)
            if closes >= 0 and not 0 <= opens < closes:
                return True
    return False


def shapes(seam: Seam) -> Iterator[Evidence]:
    """How long the line before a break is, what it looks like, and the line after it."""
    a, b = seam.left[-LONGEST_LOOK:], seam.right[:LONGEST_LOOK]
    if is_left_open(a, b):
        yield "bracket left open", 1.0
    size = width(a) if len(a) < 2 * VERY_LONG else VERY_LONG
    inner = _sentence_end.search(a[:-1]) is not None
    clauses = _comma.search(a[:-1]) is not None
    kind = "sentences" if inner else "clauses" if clauses else "bare"
    band = "short" if size < 12 else "middling" if size < 26 else "long" if size < VERY_LONG else "very long"
    yield f"{kind} before, {band}", 1.0
    if is_spaced(a[:30]):
        yield "spaces inside", 1.0
    if is_heading(seam.left):
        yield "heading before", 1.0
    if (a[-1] in _credit_ends or "记者" in a[-16:]) and _credit.search(a[-16:]):
        yield "credit before", 1.0
    if seam.number == 0 and not inner:
        yield "first line", 1.0
    elif 0 < seam.number <= 2:
        yield "near the top", 1.0
    yield from shape_after(seam.right, b)


def shape_after(line: str, b: str) -> Iterator[Evidence]:
    """What the line after a break looks like, `b` being its beginning."""
    first_mark = _mark.search(b)
    reach = first_mark.start() if first_mark else len(b)
    if 0 < reach <= 2:
        yield "one word, then a mark", 1.0
    elif 2 < reach <= 4:
        yield "two words, then a mark", 1.0
    stop = ends_sentence(line)
    if first_mark is None:
        yield ("bare line after" if is_narrower(line, 26) else "long bare line after"), 1.0
    elif not stop:
        yield "unfinished line after", 1.0
    elif is_narrower(line, 16):
        yield "short end after", 1.0
    if is_spaced(b[:30]):
        yield "spaces after", 1.0


def is_spaced(line: str) -> bool:
    """Whether there are spaces between Chinese characters, as in a title."""
    return (" " in line or "\u3000" in line) and bool(_spaced.search(line))


def is_narrower(line: str, than: int) -> bool:
    """Whether a line is narrower than so many Han characters; a long one need not be measured."""
    return len(line) < 2 * than and width(line) < than


def elsewhere(seam: Seam, vote: float = 0.0) -> Iterator[Evidence]:
    """Whether the characters around the break stand elsewhere in the text without one; if not, in other texts."""
    left, right = seam.left[-_repeated:], seam.right[:_repeated]
    if len(left + right) < 2 * _repeated or _mark.search(left + right):
        return
    if left + right in seam.text:
        yield "stands unbroken elsewhere", 1.0
        return
    if left[-1] + right in seam.text and left + right[:1] in seam.text:
        yield "partly unbroken elsewhere", 1.0
    if vote:
        yield "goes on in other texts", vote


@functools.cache
def weights() -> dict[str, tuple[float, str]]:
    """The weight of each piece of evidence, and its words for a person."""
    return {name: (float(weight), words) for name, weight, words in read_table("seams_weights.tsv")}


@functools.cache
def weights_alone() -> dict[str, float]:
    """The weights without the words."""
    return {name: weight for name, (weight, _) in weights().items()}


def weighed(seam: Seam, known: Knowledge | None = None) -> list[Evidence]:
    """Each piece of evidence with its amount times its weight, and the bias; their sum is the score."""
    by_name = weights_alone()
    found = evidence(seam, known or shipped_knowledge())
    return [("bias", by_name["bias"]), *[(name, by_name[name] * amount) for name, amount in found]]


def reasons(seam: Seam, known: Knowledge | None = None) -> list[tuple[str, float]]:
    """What speaks for a cut (above 0) or against it, in words, the weightiest first."""
    known = known or shipped_knowledge()
    word, _ = cut_word(fold(seam.left[-LOOK:]), fold(seam.right[:LOOK]), known.words)
    places = {"word": word, "end": seam.left[-2:], "start": seam.right[:2]}
    found = [(weights()[name][1].format(**places), weight) for name, weight in weighed(seam, known) if name != "bias"]
    return sorted(found, key=lambda reason: -abs(reason[1]))
