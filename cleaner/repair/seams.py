"""Seams: line breaks that a page made in the middle of a paragraph, and where to sew them up.

"No full stop at the end of the line" is true of nearly every fifth natural line of a newspaper: titles, captions,
bylines, lists. So a seam needs evidence on both sides. In ordinary text the line before it must be running text
that is broken off, and the one after it must go on like running text. In wrapped text (all lines equally long)
the break itself means nothing; there a short line, an indent or a heading says that a paragraph ends.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cleaner.document import Change
from cleaner.lines import (
    HAN,
    NUMBERED_HEADING,
    TABLE_ROW,
    ends_sentence,
    is_heading,
    lines_of,
    width,
    wrap_width,
)
from cleaner.repair.furniture import PAGE_NUMBER, find_furniture

MIN_BROKEN_WIDTH = 16.0  # a shorter first half is more likely a title or a caption
LONGEST_MARKS = 1.6  # a full line may be short by as much, for marks that must not begin the next
MANY_NUMBERS = 2
MANY_CUTS, MAX_CUT_SHARE = 3, 0.3
MAX_HEADING = 30  # characters of the first half of a heading over two lines
MAX_HEADING_REST = 45
INDENT = re.compile(r"[\u3000\u00a0]|[ ]{2,}|\t")

_mark = re.compile("[。！？；，、：]")
_opens_statement = re.compile(  # how paragraphs of news and reports begin, and sentences seldom go on
    r"""本报|本報|新华社|新華社|记者|記者|编者按|編者按|编辑|編輯|责编|責編|版式|制图|製圖|摄影|攝影|来源|來源
    |[（(](?:记者|記者|作者|编辑|編輯|责编|責編|来源|來源|图|圖)
    |(?:\d{4}年|\d{1,2}月)(?:[，\d]|$)|日前|近日|目前|当前|當前|如今|今年|去年|近年来|近年來|与此同时|與此同時|此外
    |截至|据悉|據悉|据了解|據了解|据介绍|據介紹""",
    re.VERBOSE,
)
_latin = re.compile("[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text between whose neighbours a seam may run; `furniture` stood between it and the one before."""

    text: str
    start: int
    end: int
    blank_before: bool
    furniture_before: bool


def text_lines(text: str) -> list[Line]:
    """The lines that hold text, with what lies between them."""
    furniture = find_furniture(text.split("\n"))
    found: list[Line] = []
    blank = page = False
    for (start, line), is_furniture in zip(lines_of(text), furniture, strict=True):
        if not line.strip():
            blank = True
        elif is_furniture:
            page = True
        else:
            found.append(Line(line, start, start + len(line), blank, page))
            blank = page = False
    return found


def remove_page_numbers(text: str) -> Iterator[Change]:
    """Remove page numbers and running headers, in a text that was cut at one of them at least.

    Wrapped text comes from pages, so there several numbers such as — 1 — are enough.

    >>> torn = "水渠在三月里修好了。今年又种下两千多棵果\\n\\n— 1 —\\n\\n树，都活了。\\n\\n— 2 —\\n\\n秋天再看。"
    >>> [torn[start:end] for start, end, _ in remove_page_numbers(torn)]
    ['\\n\\n— 1 —\\n\\n', '\\n\\n— 2 —\\n\\n']
    """
    lines = text_lines(text)
    full = wrap_width([line.text for line in lines])
    torn = {
        b.start
        for a, b in itertools.pairwise(lines)
        if b.furniture_before and (goes_on(a, b, full) if full else is_cut(a.text, b.text))
    }
    numbers = [line for line in text.split("\n") if PAGE_NUMBER.fullmatch(line) and not line.strip().isdigit()]
    if not torn and not (full and len(numbers) >= MANY_NUMBERS):
        return
    ends = [Line("", 0, 0, False, False), *lines]
    for a, b in itertools.pairwise(ends):
        if b.furniture_before:
            # Where the text goes on, no blank line is left to set the halves apart.
            gap = "\n\n" if b.blank_before and b.start not in torn else "\n"
            yield a.end, b.start, gap if a.end else ""
    if text[lines[-1].end :].strip():
        yield lines[-1].end, len(text), "\n" if text.endswith("\n") else ""


def join_cut_paragraphs(text: str) -> Iterator[Change]:
    """Join a paragraph that was cut in mid-sentence, over blank lines and page numbers.

    >>> cut = "镇里修好了水渠。今年又种下两千多棵果\\n\\n— 3 —\\n\\n树，乡亲们都说好。"
    >>> list(join_cut_paragraphs(cut))
    [(18, 27, '')]
    >>> list(join_cut_paragraphs("镇里修好了水渠\\n今年又种下两千多棵果树，乡亲们都说好。"))
    []
    """
    lines = text_lines(text)
    if wrap_width([line.text for line in lines]):
        return
    cuts = [(a, b) for a, b in itertools.pairwise(lines) if is_cut(a.text, b.text)]
    paragraphs = sum(is_running_text(line.text) for line in lines)
    if len(cuts) >= MANY_CUTS and len(cuts) > MAX_CUT_SHARE * paragraphs:
        return  # the author, not a page, leaves out the full stop at the end of a paragraph
    for a, b in cuts:
        yield seam(a, b)


def is_running_text(line: str) -> bool:
    """Whether a line holds the end of one sentence and the beginning of another."""
    body = line.rstrip("。！？；")
    return any(mark in body for mark in "。！？；")


def is_cut(a: str, b: str) -> bool:
    """Whether paragraph `a` breaks off and line `b` goes on with it."""
    if ends_sentence(a) or width(a) < MIN_BROKEN_WIDTH or not is_running_text(a):
        return False
    if is_heading(b) or INDENT.match(b) or _opens_statement.match(b) or not _mark.search(b):
        return False
    if a[-1] in "—）)" or TABLE_ROW.search(a) or TABLE_ROW.search(b) or b[0] in "“‘「『《（(【":
        return False
    return bool(re.match(f"[{HAN}A-Za-z0-9，、。；：！？”’」』》）)%％]", b))


def join_cut_headings(text: str) -> Iterator[Change]:
    """Join a numbered heading that goes over two lines.

    >>> list(join_cut_headings("三、办好学校，\\n让孩子在家门口上学\\n我们修了新校舍，请来了三位老师。"))
    [(7, 8, '')]
    """
    lines = text_lines(text)
    for number, (a, b) in enumerate(itertools.pairwise(lines)):
        is_first_half = NUMBERED_HEADING.match(a.text) and len(a.text) <= MAX_HEADING and a.text[-1] in "，、,"
        is_rest = len(b.text) <= MAX_HEADING_REST and not _mark.search(b.text[-1]) and "。" not in b.text
        body = lines[number + 2].text if number + 2 < len(lines) else ""
        if is_first_half and is_rest and not is_heading(b.text) and len(body) > len(b.text):
            yield seam(a, b)


def unwrap_hard_wrapped_lines(text: str) -> Iterator[Change]:
    """Join the lines of paragraphs that were wrapped at a fixed width.

    A full line goes on in the next, unless that is indented, a heading, or set off by a blank line.
    """
    lines = text_lines(text)
    full = wrap_width([line.text for line in lines])
    if not full:
        return
    for a, b in itertools.pairwise(lines):
        if goes_on(a, b, full):
            yield seam(a, b)


def goes_on(a: Line, b: Line, full: float) -> bool:
    """Whether in text wrapped at width `full`, line `a` goes on in line `b`."""
    if width(a.text) < full - LONGEST_MARKS or INDENT.match(b.text) or is_heading(b.text):
        return False
    if TABLE_ROW.search(a.text.strip()) or TABLE_ROW.search(b.text.strip()):
        return False
    is_set_off = b.blank_before and (ends_sentence(a.text) or not b.furniture_before)
    return not is_set_off


def seam(a: Line, b: Line) -> Change:
    """Sew two lines together: nothing between Chinese, a space between Latin words."""
    both_latin = _latin.match(a.text[-1]) and _latin.match(b.text[0])
    in_number = a.text[-1].isdigit() and b.text[0].isdigit()
    return a.end, b.start, " " if both_latin and not in_number else ""
