"""Text wrapped at a width: which of its lines go on in the next.

There a full line says nothing and a short one ends a paragraph. Where paragraphs are set off by indents or by blank
lines, these decide. Where neither is used, a full line that ends with a full stop mostly goes on (a sentence ends at
the margin about ten times as often as a paragraph does), unless what follows looks like a heading, a
quotation or the beginning of a paragraph.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cleaner.lines import ends_sentence, is_heading, is_table_row, width, widths_of
from cleaner.repair.breaks import INDENT, OPENING, Line

LONGEST_MARKS = 1.6  # a full line may be short by as much, for marks that must not begin the next
LEAST_SHARE = 0.06  # of the lines that are indented, or set off by a blank line, where that tells paragraphs apart
SHORT = 0.85  # of the full width: a line after a full one that is shorter, and no end of a sentence, is a heading
# A page's layout may break a line at names in brackets: 《公司法》 / (以下简称“《公司法》”) / 《证券法》
_open_end = re.compile("[》、，,”)）]$")
_fragment = re.compile("[（(](?:以下|下称|简称|含|中证|证监)|《")


@dataclass(frozen=True, slots=True)
class Profile:
    """How the lines of a wrapped text look."""

    full: float  # the width of a full line
    tells_paragraphs: bool  # by indents, or by blank lines without a page number


def profile_of(lines: Sequence[Line], full: float) -> Profile:
    """Find out whether the paragraphs of a wrapped text are set off."""
    indented = sum(bool(INDENT.match(line.text)) for line in lines)
    blank = sum(line.blank_before and not line.furniture_before for line in lines)
    return Profile(full, max(indented, blank) >= LEAST_SHARE * len(lines))


class Row(NamedTuple):
    """A line of a wrapped text."""

    line: Line
    text: str
    width: float
    is_of_table: bool


def goes_on(a: Row, b: Row, profile: Profile) -> bool:
    """Whether a line goes on in the next."""
    if INDENT.match(b.text):
        return False
    if a.width < profile.full - LONGEST_MARKS:
        return not b.line.blank_before and bool(_open_end.search(a.text) and _fragment.match(b.text))
    if a.is_of_table or b.is_of_table or is_heading(b.text):
        return False
    has_ended = ends_sentence(a.text)
    if b.line.blank_before and (has_ended or not b.line.furniture_before):
        return False
    if not has_ended:
        return True
    if b.line.furniture_before:
        return False  # what was sure to be a page's is no longer there: this may head a section
    if profile.tells_paragraphs:
        return not is_short(b.text, profile.full)
    return not begins_paragraph(b.text, profile.full)


def is_short(line: str, full: float) -> bool:
    """Whether a line is no row of a paragraph: it is short, and ends no sentence."""
    return width(line) < SHORT * full and not ends_sentence(line)


def begins_paragraph(line: str, full: float) -> bool:
    """Whether a line after the end of a sentence begins a paragraph of its own.

    >>> begins_paragraph("老站房不老，服务正青春", 36.0), begins_paragraph("据了解，果园里又种下", 36.0)
    (True, True)
    >>> begins_paragraph("秋天又收了两千多斤稻谷，家家户户都分到了。", 36.0)
    False
    """
    return is_short(line, full) or line[0] in "“（(" or bool(OPENING.match(line))


def wrapped_seams(lines: Sequence[Line], full: float) -> list[tuple[Line, Line]]:
    """The neighbours among the lines of which the second goes on with the first."""
    profile = profile_of(lines, full)
    texts = [line.text for line in lines]
    rows = list(map(Row, lines, texts, widths_of(texts), map(is_table_row, map(str.strip, texts))))
    return [(a.line, b.line) for a, b in itertools.pairwise(rows) if goes_on(a, b, profile)]
