"""White space that says nothing: at the end of a line, before a paragraph, between Chinese and a number."""

import re
from collections.abc import Iterator

import numpy as np

from cleaner.document import Change
from cleaner.lines import HAN, wrap_width
from cleaner.normalize.kinds import kinds_of
from cleaner.patterns import compile_later

SPACES = b" _r"  # white space in the kinds of a text
_spaced_end = re.compile(rb"\n(?<=[ _r]\n)")  # in the kinds of a text; what begins with a newline is found quickly


def strip_line_ends(text: str) -> Iterator[Change]:
    """Remove white space at the end of a line.

    >>> list(strip_line_ends("标题 \\n正文"))
    [(2, 3, '')]
    """
    kinds = kinds_of(text)
    ends = [found.start() for found in _spaced_end.finditer(kinds)]
    if kinds and kinds[-1] in SPACES:
        ends.append(len(kinds))
    for end in ends:
        start = end - 1
        while start > 0 and kinds[start - 1] in SPACES:
            start -= 1
        if start < end:
            yield start, end, ""


MARGINS = "\u3000\u00a0\u2003 "  # of one of these an indent is made
SHORTEST_PARAGRAPH = 24  # characters of a line whose indent by ASCII spaces is that of a paragraph
_indent = re.compile(r"(?:\u3000{1,2}|\u00a0{2,4}|\u2003{1,2})(?=\S)")
_typed_indent = compile_later(f" {{2,8}}(?=[{HAN}“（])")
_indented, INDENTS = re.compile(rb"\n[_ ]"), (b"_", b" ")  # what an indent looks like in the kinds of a text
_markup = re.compile(r"(?m)^[^\S\n]*+(?:[-*+#>|`]|\d{1,3}\. )")


def strip_indents(text: str) -> Iterator[Change]:
    """Remove the indent of a paragraph, two ideographic spaces or what became of them.

    Not in wrapped text, where it is the surest sign of a new paragraph and `cleaner.repair` needs it; not deeper
    indents, which set verse; and ASCII spaces only before a long line, in a text without lists and code.

    >>> list(strip_indents("\N{IDEOGRAPHIC SPACE}\N{IDEOGRAPHIC SPACE}春天来了。"))
    [(0, 2, '')]
    >>> list(strip_indents("\N{IDEOGRAPHIC SPACE}\N{IDEOGRAPHIC SPACE}\N{IDEOGRAPHIC SPACE}江南"))
    []
    """
    kinds = kinds_of(text)
    starts = [0] if kinds[:1] in INDENTS else []
    starts += [found.end() - 1 for found in _indented.finditer(kinds)]
    indents = [match for start in starts if (match := _indent.match(text, start) or _typed_indent.match(text, start))]
    is_typed = [match.group()[0] == " " for match in indents]
    typed = any(is_typed) and not _markup.search(text)
    if not (typed or False in is_typed) or wrap_width(text.split("\n")):
        return
    for match, by_spaces in zip(indents, is_typed, strict=True):
        if not by_spaces or (typed and is_long_line(text, match.start())):
            yield *match.span(), ""


def is_long_line(text: str, start: int) -> bool:
    """Whether the line that begins at a place is longer than the shortest paragraph."""
    end = start + SHORTEST_PARAGRAPH + 1
    return end <= len(text) and text.find("\n", start, end) < 0


# Between Chinese and numbers

MEASURES = (
    "年月日时時分秒点點家个個名位人户戶项項件次条條座套亩畝万萬亿億千百元公米吨噸平村所处處场場届屆期批种種类類级級倍"
    "辆輛台间間栋棟幢层層章节節页頁版号號岁歲天周度角度克升"
)
_title_word = re.compile("[图圖表例附件注式题題][ \\d.-]*$")
_date = re.compile(r"\d{4}年|\d{1,2}月\d{1,2}日")
_measure = re.compile(f"[{MEASURES}]")
_left_of_number = compile_later(f"[{HAN}，。、；：）”》]")


def remove_spaces_beside_digits(text: str) -> Iterator[Change]:
    """Remove a stray space between a Chinese character and a number: 国家高企 110 家.

    Not where the author writes so throughout; and where the space may part the number from something else (表 1 人口)
    it is left and counted.

    >>> list(remove_spaces_beside_digits("国家高企 110 家，总数达350家。"))
    [(4, 5, ''), (8, 9, '')]
    >>> list(remove_spaces_beside_digits("2019 年共有 35 个乡镇，其中 12 个在山区。"))
    []
    """
    spaced = spaces_beside_digits(text)
    if not spaced or spaces_are_style(text, len(spaced)):
        return
    for start, end in spaced:
        before = text[max(start - 12, 0) : start].rpartition("\n")[2]
        after = text[end]
        # A space before a date parts two entries of a list, and so do several; one before a number is a slip.
        stray = not _date.match(text, end) if after.isdigit() else _measure.match(after)
        is_parting = not stray or end > start + 1 or _title_word.search(before)
        yield start, end, text[start:end] if is_parting else ""


def spaces_beside_digits(text: str) -> list[tuple[int, int]]:
    """The spaces between Chinese and a number."""
    kinds = kinds_of(text)
    spaces = [match.span() for match in re.finditer(rb"  *(?=0)", kinds)]
    spaces = [(start, end) for start, end in spaces if start and _left_of_number.match(text, start - 1)]
    spaces += [(match.start() + 1, match.end()) for match in re.finditer(rb"0  *(?=H)", kinds)]
    return sorted(spaces)


def spaces_are_style(text: str, spaced: int) -> bool:
    """Whether an author parts Chinese from numbers and Latin on purpose."""
    cells = np.frombuffer(kinds_of(text), dtype=np.uint8)
    is_han, is_letter, is_digit = (cells == ord(kind) for kind in "Ha0")
    is_space = cells[1:-1] == ord(" ")
    spaced_letters = np.count_nonzero(is_space & (is_han[:-2] & is_letter[2:] | is_letter[:-2] & is_han[2:]))
    if spaced_letters > np.count_nonzero(is_han[:-1] & is_letter[1:] | is_letter[:-1] & is_han[1:]):
        return True
    return spaced > 2 and spaced > int(np.count_nonzero(is_han[:-1] & is_digit[1:] | is_digit[:-1] & is_han[1:]))
