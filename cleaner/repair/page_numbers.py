"""Lines that look like a page number, by their form alone: 12, xii, — 12 —, 第 3 页 共 9 页, 3/9, <!-- 第 5 页 -->.

The form is seldom enough: `— 12 —` may head a section, `12` may stand in a table. What else is asked, `pages` tells.
"""

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from cleaner.lines import unspaced
from cleaner.patterns import compile_later
from cleaner.repair.jump_lines import chinese_number

PAGE_NUMBER = compile_later(
    r"""\s*(?:<!--\s*)?[(（\[【]?(?:
        [-—–－·•~～=]{1,3}\s?(?P<dashed>\d{1,4}|[ivxIVX]{1,6})\s?[-—–－·•~～=]{1,3}   # - 3 -  — 12 —  ·5·
      | [-—=]{0,3}\s?(?:共\s?\d{1,4}\s?[页頁][,，\s]{0,2})?                           # 第 3 页 共 9 页
        第\s?(?P<page>[\d一二三四五六七八九十百]{1,4})\s?[页頁](?:\s?[,，/／|]?\s?共\s?\d{1,4}\s?[页頁])?\s?[-—=]{0,3}
      | (?P<part>\d{1,4})\s?[/／]\s?(?:共\s?)?(?P<whole>\d{1,4})(?:\s?[页頁])?        # 3/12  1 / 25
      | [-—=]{0,3}\s?(?:[Pp]age|PAGE|[Pp]\.)\s?(?P<latin>\d{1,4})(?:\s?(?:of|/)\s?\d{1,4})?\s?[-—=]{0,3}
      | (?:页脚|頁腳)?(?:页码|頁碼)\s?[:：]\s?(?P<named>\d{1,4})
    )[)）\]】]?(?:\s*-->)?\s*""",
    re.VERBOSE,
)
BARE_NUMBER = compile_later(r"\s*(?:(?P<number>\d{1,3})|(?P<roman>[ivxlc]{1,9}|[IVXLC]{1,9}))\s*")
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
LONGEST_NUMBER = 40  # characters of a page number without the spaces around it
NUMERAL = compile_later(r"[\divxlcIVXLC]|第")  # every page number has one of these, and only
# such characters beside them:
NUMERIC = compile_later(
    r"[\s\divxlcIVXLC共第页頁一二三四五六七八九十百脚腳码碼agepPAGEof<!>()（）\[\]【】,，.:：/／|｜=~～·•–—―－-]"
)
_digits = compile_later(r"\d+")


@dataclass(frozen=True, slots=True)
class Number:
    """A line that may be a page number."""

    value: int
    form: str  # the line without its digits
    is_bare: bool  # nothing but the number
    is_page: bool  # its words say that it is a page number


def numbers_of(lines: list[str]) -> dict[int, Number]:
    """The lines that may be page numbers."""
    found: dict[int, Number] = {}
    parts: list[tuple[int, int, int]] = []
    for place, line in enumerate(lines):
        if not NUMERAL.search(line[: LONGEST_NUMBER * 2]) or len(line.strip()) > LONGEST_NUMBER:
            continue
        if BARE_NUMBER.fullmatch(line):
            form = "0" if line.strip().isdecimal() else "i"
            found[place] = Number(numeral_value(line), form, True, False)
        elif match := PAGE_NUMBER.fullmatch(line):
            value = next(value for value in match.group("dashed", "page", "part", "latin", "named") if value)
            form = _digits.sub("0", unspaced(line))
            is_page = (not match["dashed"] and not match["part"]) or "<!--" in line
            found[place] = Number(numeral_value(value), form, False, is_page)
            if match["part"]:
                parts.append((place, int(match["part"]), int(match["whole"])))
    for place in unlike_parts(parts):
        del found[place]
    return found


def numeral_value(numeral: str) -> int:
    """The value of an Arabic, a Chinese or a Roman number.

    >>> numeral_value(" 12"), numeral_value("十二"), numeral_value("xiv")
    (12, 12, 14)
    """
    numeral = numeral.strip().upper()
    if numeral.isdecimal():
        return int(numeral)
    if numeral[0] not in ROMAN:
        return chinese_number(numeral)
    worth = [ROMAN[letter] for letter in numeral]
    return sum(-a if a < b else a for a, b in itertools.zip_longest(worth, worth[1:], fillvalue=0))


def unlike_parts(parts: list[tuple[int, int, int]]) -> set[int]:
    """The lines such as 3/12 that are no pages of one book: beyond the end, of another number, or out of order."""
    totals = Counter(whole for _, _, whole in parts)
    total, often = totals.most_common(1)[0] if parts else (0, 0)
    of_one_book = [part for _, part, whole in parts if whole == total]
    counts_up = all(a < b for a, b in itertools.pairwise(of_one_book)) and (often > 1 or len(parts) == 1)
    return {place for place, part, whole in parts if not counts_up or whole != total or part > whole}
