"""The two marks of Chinese that are two characters long, …… and ——, and what was typed for them."""

import re
from collections.abc import Iterator

from cleaner.document import Change
from cleaner.lines import HAN, HAN_MARKS
from cleaner.normalize.kinds import is_japanese, runs_of
from cleaner.normalize.marks import shows_folding
from cleaner.normalize.prose import lines_of_prose
from cleaner.patterns import compile_later

_chinese = compile_later(f"[{HAN}{HAN_MARKS}]")
_han = compile_later(f"[{HAN}]")
# A longer row of dots leads the eye to the page number in a table of contents.
ELLIPSES = {dot * count for dot in ".·．・" for count in (3, 6)} | {"⋯⋯"} | {"。" * count for count in range(3, 10)}
DASHES = {"--", "\N{EN DASH}\N{EN DASH}", "――", "──", "－－"}


def widen_ellipses(text: str) -> Iterator[Change]:
    """Six dots, three full stops and their like after Chinese become `……`; a row of more dots is a leader.

    Three dots may be an ellipsis that was folded, or one that was typed so: only in a text that shows folding.

    >>> list(widen_ellipses("他想......算了。。。"))
    [(2, 8, '……'), (10, 13, '……')]
    >>> list(widen_ellipses("第一章 总则............3"))
    []
    """
    runs = sorted([*runs_of(text, ".", 3), *runs_of(text, "E", 2)])
    found = in_prose(text, [span for span in runs if text[slice(*span)] in ELLIPSES and is_ellipsis(text, *span)])
    if not found or is_japanese(text):
        return
    is_folded = any(text[start:end] == "..." for start, end in found) and shows_folding(text)
    for start, end in found:
        is_doubtful = text[start:end] == "..." and not (is_folded and _goes_on.match(text, end))
        yield start, end, "..." if is_doubtful else "……"


def in_prose(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of some spans that are in running text, and not in code or the like."""
    ends = dict(spans)
    places = (start + place for start, _, inside in lines_of_prose(text, list(ends)) for place in inside)
    return [(place, ends[place]) for place in places]


def is_ellipsis(text: str, start: int, end: int) -> bool:
    """Whether dots stand in Chinese: after it, or at the beginning of a line before it; and not before a number."""
    if _number.match(text, end):
        return False
    starts_line = start == 0 or text[start - 1] == "\n"
    return bool(_han.match(text, end) if starts_line else _chinese.match(text, start - 1))


_number = re.compile(" ?[0-9A-Za-z]")
_goes_on = compile_later(rf"(?m)[{HAN}{HAN_MARKS}]|$")


def widen_dashes(text: str) -> Iterator[Change]:
    """Two hyphens or lines between Chinese become `——`. A lone `—` may be that or part a range, and is left.

    >>> list(widen_dashes("春天--燕子的季节──来了"))
    [(2, 4, '——'), (9, 11, '——')]
    >>> list(widen_dashes("北京—上海"))
    [(2, 3, '—')]
    """
    dashes = [(start, end) for start, end in runs_of(text, "-", 2) if text[start:end] in DASHES]
    dashes += [(start, end) for start, end in runs_of(text, "d") if end == start + 1]
    inside = [
        (start, end) for start, end in dashes if start and _chinese.match(text, start - 1) and _chinese.match(text, end)
    ]
    if inside and not is_japanese(text):
        for start, end in in_prose(text, sorted(inside)):
            yield start, end, "—" if end == start + 1 else "——"
