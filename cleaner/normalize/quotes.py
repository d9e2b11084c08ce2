"""Quotation marks: those that point the wrong way, and those that were folded to ASCII."""

import re
from collections.abc import Iterator

import numpy as np

from cleaner.document import Change
from cleaner.lines import HAN, HAN_MARKS
from cleaner.normalize.kinds import kinds_of, outline_of, runs_of
from cleaner.normalize.marks import shows_folding
from cleaner.normalize.prose import lines_of_prose
from cleaner.patterns import compile_later

_alternating = re.compile(rb"(?:\n|O(?:oc)*+C|oc)*+")  # possessive, so that it remembers nothing of a long text
_no_quotes = bytes(set(range(256)) - set(b"\nOCoc"))
PAIRS = ("“”", "‘’")
# Where a quotation begins, and where it does not.
_before_opening = re.compile(r"[，。；：、！？（《“‘\s]")
_before_closing = re.compile(r"[。！？…，、；：—]")
_after_opening = compile_later(rf"[{HAN}A-Za-z0-9《〈（【]")
_apostrophe = re.compile("(?<=[A-Za-z])[‘’](?=[A-Za-z])")


def quotes_alternate(outline: bytes) -> bool:
    """Whether in every paragraph of a text the quotes are paired, single ones within double ones or by themselves."""
    return bool(_alternating.fullmatch(outline.translate(None, _no_quotes)))


def turn_wrong_quotes(text: str) -> Iterator[Change]:
    """Turn quotes that point the wrong way, where only that makes the quotes of a paragraph alternate.

    Paragraphs whose quotes do not pair and cannot be mended so are left and counted.

    >>> list(turn_wrong_quotes("围绕“大花园“的定位，建设“小花园”。"))
    [(6, 7, '”')]
    >>> list(turn_wrong_quotes("建设”小花园”。"))
    [(2, 3, '“')]
    >>> list(turn_wrong_quotes("他说：“书上写着“春天来了”，你看。"))
    [(3, 4, '“')]
    """
    outline = outline_of(text)
    if quotes_alternate(outline):
        return
    quotes = outline[1:-1].translate(None, _no_quotes)
    ends = np.flatnonzero(np.frombuffer(kinds_of(text) + b"\n", dtype=np.uint8) == ord("\n"))
    for number, quotes_of_line in enumerate(quotes.split(b"\n")):
        if not _alternating.fullmatch(quotes_of_line):
            start = int(ends[number - 1]) + 1 if number else 0
            line = text[start : int(ends[number])]
            changes = [change for pair in PAIRS for change in turned(line, pair)]
            for place, new in sorted(changes):
                yield start + place, start + place + 1, new


def turned(line: str, pair: str) -> list[tuple[int, str]]:
    """The quotes of one line to turn, with what they become; or the first quote as it is, where that is not certain."""
    found = [match.start() for match in re.finditer(f"[{pair}]", line)]
    if pair == "‘’":
        found = [place for place in found if not _apostrophe.match(line, place)]
    wrong = [place for number, place in enumerate(found) if line[place] != pair[number % 2]]
    if not wrong and len(found) % 2 == 0:
        return []
    if len(found) % 2 == 0 and are_slips(line, wrong, pair):
        return [(place, pair[line[place] == pair[0]]) for place in wrong]
    if is_nested(line, found, pair):
        return []
    return [(found[0], line[found[0]])]


def are_slips(line: str, wrong: list[int], pair: str) -> bool:
    """Whether all of the wrong quotes point the same way, and none stands where it would be right."""
    if len({line[place] for place in wrong}) > 1:
        return False
    if line[wrong[0]] == pair[0]:  # to be closing ones
        return not any(place == 0 or _before_opening.match(line, place - 1) for place in wrong)
    return all(
        _after_opening.match(line, place + 1) and not (place and _before_closing.match(line, place - 1))
        for place in wrong
    )


def is_nested(line: str, found: list[int], pair: str) -> bool:
    """Whether quotes do not alternate because one quotation holds another, all properly closed."""
    depth = 0
    for place in found:
        depth += 1 if line[place] == pair[0] else -1
        if depth < 0:
            return False
    return depth == 0


# Quotes that were folded

_chinese = re.compile(f"[{HAN}{HAN_MARKS}]")
_inside = compile_later(f"[{HAN}，。；：、！？…—《》（）【】〈〉]")


def restore_quotes(text: str) -> Iterator[Change]:
    r"""ASCII quotes around Chinese become “ ”, in a document that shows folding and has no other quotes.

    Only where all of a paragraph pair; the others are left, and each such paragraph is counted.

    >>> list(restore_quotes('他说:"你好,世界!"然后走了。'))
    [(3, 4, '“'), (10, 11, '”')]
    >>> list(restore_quotes('他说：“你好”。屏幕有5"。'))
    []
    """
    kinds = kinds_of(text)
    if b'"' not in kinds or b"O" in kinds or b"C" in kinds or "「" in text or not shows_folding(text):
        return
    places = [place for start, end in runs_of(text, '"') for place in range(start, end)]
    for start, line, quotes in lines_of_prose(text, places):
        if len(quotes) % 2 == 0 and all(
            are_around_chinese(line, *pair) for pair in zip(quotes[::2], quotes[1::2], strict=True)
        ):
            for number, place in enumerate(quotes):
                yield start + place, start + place + 1, "“”"[number % 2]
        elif quotes and _chinese.search(line):
            yield start + quotes[0], start + quotes[0] + 1, '"'


def are_around_chinese(line: str, first: int, last: int) -> bool:
    """Whether two quotes hold Chinese text, or stand in it around something else."""
    if last - first < 2 or line[first + 1] == " " or line[last - 1] == " ":
        return False
    if _inside.match(line, first + 1) and _inside.match(line, last - 1):
        return True
    before, after = line[max(first - 1, 0) : first], line[last + 1 : last + 2]
    outside_is_chinese = bool(_chinese.match(before)) and (not after or bool(_chinese.match(after)))
    return outside_is_chinese or (
        bool(re.search(f"[{HAN}]", line[first:last])) and not re.match(r"[\w=]", before + after, re.A)
    )
