"""Text of unknown origin in Markdown, so that it is shown and nothing else: it makes no heading, link, tag or table."""

import re
import unicodedata
from collections.abc import Sequence

MARKS = re.compile(r"([\\`*_\[\]<>|~&$@]|^[#+=-]|(?<=www)\.|:(?=//))", re.IGNORECASE)
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # categories of characters that could turn or hide text


def seen(text: str) -> str:
    """A text whose invisible characters, other than line feeds, are shown by their codes.

    >>> seen("甲\u202e乙\x07\\n丙")
    '甲<U+202E>乙<U+0007>\\n丙'
    """
    return "".join(
        f"<U+{ord(character):04X}>" if character != "\n" and unicodedata.category(character) in UNSEEN else character
        for character in text
    )


def escaped(text: str) -> str:
    r"""A text on one line, within a paragraph or the cell of a table.

    >>> print(escaped("a_b | <b>"), escaped("- utf-8"), escaped("www.x.cn/1.txt"))
    a\_b \| \<b\> \- utf-8 www\.x.cn/1.txt
    """
    line = MARKS.sub(r"\\\1", seen(text).replace("\n", " "))
    return re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", line)  # or it would begin a numbered list


def fenced(text: str) -> str:
    """A text as a block of code, in a fence that is longer than any within it."""
    shown = seen(text)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"


def some(count: int, one: str, many: str) -> str:
    """A count with its noun: `1 file`, `2,000 files`."""
    return f"{count:,} {one if count == 1 else many}"


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table whose first column is of names and whose others are of numbers; the cells are Markdown already."""
    lines = [heads, ("---", *["--:"] * (len(heads) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
