"""Which line breaks of a text a page made: the obvious ones at once, the doubtful ones by their score.

A break after a full stop, or before a heading, an item or an indent, is the author's. What is left is doubtful: titles,
captions and bylines end without a full stop, too. A doubtful break is scored (`score`), and a high score is asked for
unless the text is known to have been cut: it has a jump line, a page number lies in the break, or another
break in it is a cut beyond doubt.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cleaner.lines import ends_sentence, is_heading, is_table_row, width
from cleaner.patterns import compile_later
from cleaner.repair.corpus_grams import Learnt
from cleaner.repair.score import Seam, knowledge, reasons, weighed
from cleaner.repair.unbroken import key_of

HIGH, LOW = 5.0, 1.5  # what a break must score, in nats: in a text that looks whole, and in one that was cut
UNBROKEN = 8.0  # what a break gains that another text does not have
PAGE = 1.0  # what a break gains that a page number or an unusual blank line lies in
FEW_BLANK = 0.3  # of the breaks of a text: where no more have a blank line, one is unusual
MANY_UNFINISHED = 2
NO_STOP = 3.5  # what a break loses in a text whose author leaves out the full stop at the end of a paragraph
TOP = 4  # lines
MANY_WHOLE, STOPS = 5, 1.0  # what a break gains in a text of so many paragraphs that end with a full stop
DOES_NOT_READ_ON, READS_ON = -0.5, 1.5
LONGEST_SUBHEAD = 40.0
NEAR = 20_000  # characters on each side of a break that are searched for what stands around it
LONGEST_TITLE = 26  # characters
SHORTEST_BROKEN = 12.0  # a line of verse is shorter, and may end with a comma
MANY_SUBHEADS, SUBHEAD = 3, 1.5  # what a break loses after a line that looks like the subheads of its text

INDENT = re.compile(r"[\u3000\u00a0]|[ ]{2,}|\t")
LONGEST_ASIDE = 40
_aside = re.compile("[。！？!?]”?[（(][^（(]*[）)]$")  # （讲话全文见第二版）
OPENING = compile_later(  # how paragraphs of news and reports begin, and sentences seldom go on
    r"""本报|新华社|人民网|记者|编者按|编辑|责编|版式|制图|摄影|来源|[上下左右题]?图[为①-⑳：:\d]
    |[（(](?:记者|作者|编辑|责编|来源|图|本报|新华)
    |(?:\d{4}年|\d{1,2}月)(?:[，\d]|$)|日前|近日|目前|当前|如今|今年|去年|近年来|与此同时|此外
    |截至|据悉|据了解|据介绍|同志们|各位|朋友们""",
    re.VERBOSE,
)
INNER_MARK = re.compile("[，。、；：！？,;:!?”’」』）)》〉】]")
_markdown = re.compile(r"\s*(?:```|~~~|:::|!\[|#{1,6}\s|[|>+]|[-*]\s|\d{1,3}\.\s|</?[a-zA-Z!])")
_code_ends = ("{", "}", ";", "=>", "/>")
_reading = frozenset(  # evidence of the text itself, not of the shape of the lines
    (
        "reads on",
        "reads on further",
        "does not end so",
        "word cut",
        "long word cut",
        "words go together",
        "comma before",
        "mark begins",
        "bracket left open",
        "number goes on",
        "stands unbroken elsewhere",
        "goes on in other texts",
    )
)


class Line(NamedTuple):  # made for every line of a text, four times as fast as a frozen dataclass
    """One line of text between whose neighbours a seam may run, and what stood between it and the one before."""

    text: str
    start: int
    end: int
    blank_before: bool
    furniture_before: bool


@dataclass(frozen=True, eq=False, slots=True)
class Others:
    """What the other texts of the corpus say: which breaks they do not have, and what was learnt from all of them."""

    unbroken: frozenset[int] = frozenset()
    learnt: Learnt | None = None


NOBODY = Others()


class Doubt(NamedTuple):
    """A doubtful break: the line before and the line after, the score, and what it must be for a cut."""

    before: Line
    after: Line
    score: float
    threshold: float
    is_unbroken_elsewhere: bool = False  # the characters around it stand side by side in another text

    @property
    def is_cut(self) -> bool:
        return self.score >= self.threshold


def is_doubtful(left: str, right: str) -> bool:
    """Whether a break is neither the author's at first sight.

    >>> is_doubtful("又种下果", "树，都活了。"), is_doubtful("都活了。", "今年"), is_doubtful("又种下果", "二、明年")
    (True, False, False)
    """
    if (
        not left
        or ends_sentence(left)
        or INDENT.match(right)
        or is_heading(right)
        or (left[-1] in "）)" and _aside.search(left[-LONGEST_ASIDE:]))
    ):
        return False
    if OPENING.match(right) and left[-1] not in "，、,“《（":
        return False
    if (left[-1] in "—-" and right[0] != left[-1]) or is_table_row(left) or is_table_row(right):
        return False
    if left[-1] in "，、," and width(left) < SHORTEST_BROKEN and width(right) < SHORTEST_BROKEN:
        return False
    if left.isdecimal() or right.isdecimal():
        return False  # the number of a page or a section, even where a unit or a year seems to follow
    return not (is_markup(left) or is_markup(right))


def is_markup(line: str) -> bool:
    """Whether a line looks like Markdown, HTML or the source of a program.

    >>> is_markup("- 水渠"), is_markup("return 0;"), is_markup("水渠")
    (True, True, False)
    """
    if line.rstrip().endswith(_code_ends):
        return True
    return not "\u4e00" <= line[:1] <= "\u9fff" and bool(_markdown.match(line))


def is_among_titles(left: str, right: str, is_first: bool) -> bool:
    """Whether a short line without any mark is the first, or stands before another such line.

    >>> is_among_titles("水渠修好了", "本报记者 张三", False), is_among_titles("水渠修好了", "树，活了。", False)
    (True, False)
    """
    if len(left) > LONGEST_TITLE or INNER_MARK.search(left):
        return False
    return is_first or (len(right) <= LONGEST_TITLE and not INNER_MARK.search(right))


def doubtful_breaks(
    lines: Sequence[Line], numbers: Sequence[int], text: str, is_torn: bool = False, others: Others = NOBODY
) -> list[Doubt]:
    """The doubtful breaks of a text, each with its score; `is_torn` when a jump line says that pages cut it.

    They are looked for before the lines with these numbers only.
    """
    found = list(candidates(lines, numbers, text, others.learnt))
    if not found:
        return []
    style, unbroken = style_of(lines, found), others.unbroken
    elsewhere = [bool(unbroken) and key_of(one.before.text, one.after.text) in unbroken for one in found]
    scores = [style.adjusted(one) + UNBROKEN * known for one, known in zip(found, elsewhere, strict=True)]
    is_torn = is_torn or max(scores) >= HIGH
    return [
        Doubt(one.before, one.after, score, LOW if is_torn or style.is_page(one.after) else HIGH, known)
        for one, score, known in zip(found, scores, elsewhere, strict=True)
    ]


class Candidate(NamedTuple):
    """A doubtful break before it is compared with the others of its text."""

    before: Line
    after: Line
    score: float
    reading: float  # the part of the score that says whether the text reads on
    shape: str  # of the line before: sentences, clauses, or bare of marks


def candidates(
    lines: Sequence[Line], numbers: Sequence[int], text: str, learnt: Learnt | None = None
) -> Iterator[Candidate]:
    """The doubtful breaks, each judged by itself."""
    for number in doubtful(lines, numbers):
        a, b = lines[number - 1], lines[number]
        parts = weighed(Seam(a.text.rstrip(), b.text, number - 1, around(a, text)), knowledge(learnt))
        reading = sum([weight for name, weight in parts if name in _reading])
        shape = next(name for name, _ in parts if " before, " in name)
        yield Candidate(a, b, sum([weight for _, weight in parts]), reading, shape.split(" ")[0])


def doubtful(lines: Mapping[int, Line] | Sequence[Line], numbers: Iterable[int]) -> Iterator[int]:
    """The lines before which a break is doubtful, of those with these numbers."""
    for number in numbers:
        a, b = lines[number - 1], lines[number]
        if a.text[-1] == "。":
            continue  # most lines: nothing more needs to be asked
        left, right = a.text.rstrip(), b.text
        if not is_among_titles(left, right, number == 1) and is_doubtful(left, right):
            yield number


@dataclass(frozen=True, slots=True)
class Style:
    """How the author of a text ends paragraphs and sets them off, as far as it shows."""

    leaves_out_stops: bool
    never_leaves_out_stops: bool
    has_subheads: bool
    has_few_blank_lines: bool
    top: int  # where the first lines end: titles, and summaries without a full stop

    def is_page(self, line: Line) -> bool:
        """Whether what lies before a line looks like the end of a page."""
        return line.furniture_before or (line.blank_before and self.has_few_blank_lines)

    def adjusted(self, one: Candidate) -> float:
        """The score of a break, in the light of the others."""
        points = one.score + PAGE * self.is_page(one.after)
        if one.shape == "bare":
            return points - SUBHEAD * self.has_subheads
        if one.shape == "sentences" and self.never_leaves_out_stops and one.before.start > self.top:
            return points + STOPS
        return points - NO_STOP * self.leaves_out_stops


def style_of(lines: Sequence[Line], found: Sequence[Candidate]) -> Style:
    """Find out how a text ends its paragraphs."""
    unfinished = [one.reading for one in found if one.shape == "sentences"]
    ended = sum(reading < DOES_NOT_READ_ON for reading in unfinished)
    whole = sum(len(line.text) > LONGEST_SUBHEAD and ends_sentence(line.text) for line in lines) if unfinished else 0
    subheads = sum(
        one.shape == "bare"
        and one.reading < 0
        and one.before is not lines[0]
        and width(one.after.text) > LONGEST_SUBHEAD
        for one in found
    )
    return Style(
        leaves_out_stops=ended >= MANY_UNFINISHED and ended > sum(reading > READS_ON for reading in unfinished),
        never_leaves_out_stops=whole >= MANY_WHOLE and not ended,
        has_subheads=subheads >= MANY_SUBHEADS,
        has_few_blank_lines=sum(line.blank_before for line in lines[1:]) <= FEW_BLANK * (len(lines) - 1),
        top=lines[min(TOP, len(lines) - 1)].start,
    )


def around(line: Line, text: str) -> str:
    """The text near a line: to search all of a long one for every break would take too long."""
    return text[max(0, line.end - NEAR) : line.end + NEAR]


def told(doubt: Doubt, text: str, others: Others = NOBODY) -> list[tuple[str, float]]:
    """The reasons for and against a cut, in words."""
    known = [("the characters around it stand side by side in another text", UNBROKEN)]
    seam = Seam(doubt.before.text.rstrip(), doubt.after.text, text=around(doubt.before, text))
    return known * doubt.is_unbroken_elsewhere + reasons(seam, knowledge(others.learnt))
