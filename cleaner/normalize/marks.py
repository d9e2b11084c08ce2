"""Chinese punctuation that a "normalization" folded to ASCII.

A document shows the folding where ASCII marks stand between Chinese characters, and full-width ones nearly nowhere.
One that has both was typed so, and is left: which of its marks are wrong is its author's business.
"""

import re
from collections import Counter
from collections.abc import Iterator

from cleaner.document import Change
from cleaner.lines import HAN, HAN_MARKS
from cleaner.normalize.kinds import is_japanese, kinds_of, kinds_of_piece, runs_of
from cleaner.normalize.prose import code_spans, is_within, lines_of_prose
from cleaner.patterns import compile_later

FULLWIDTH = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
MOST_UNFOLDED = 0.1  # of the marks of a folded document: those of a header or footer that was added later


def restore_fullwidth_marks(text: str, everywhere: bool = False) -> Iterator[Change]:
    """Give Chinese text its full-width `，；：？！（）` back where a document shows that they were folded to ASCII.

    What stays ASCII between Chinese is counted as left, but not in fenced code.

    >>> list(restore_fullwidth_marks("早上8:30,大家(共5人)出发。"))
    [(6, 7, '，'), (9, 10, '（'), (13, 14, '）')]
    >>> list(restore_fullwidth_marks("早上，大家(共五人)出发,走了。"))
    [(5, 6, '('), (12, 13, ',')]
    """
    certain, is_folded = folded_marks(text)
    if is_folded or everywhere:
        for start, line, places in lines_of_prose(text, all_marks(text)):
            for place, end, new in restore_line(line, places):
                yield start + place, start + end, new
    elif certain:
        code = code_spans(text)
        for place in certain:
            if not is_within(place, code):
                yield place, place + 1, text[place]


def shows_folding(text: str) -> bool:
    """Whether a document has Chinese marks that were folded to ASCII, and next to none that were not.

    >>> shows_folding("早上,大家出发。"), shows_folding("早上,大家出发，"), shows_folding("文件名: a.txt (旧)")
    (True, False, False)
    """
    return folded_marks(text)[1]


def folded_marks(text: str) -> tuple[list[int], bool]:
    """The places of ASCII marks that are certainly Chinese, and whether they show that the document was folded."""
    certain = certain_marks(text)
    if not are_most(text, certain) or is_japanese(text):
        return certain, False  # which needs no look at the lines, and is the answer nearly always
    certain = [start + place for start, _, inside in lines_of_prose(text, certain) for place in inside]
    return certain, are_most(text, certain)


def are_most(text: str, certain: list[int]) -> bool:
    """Whether the folded marks at `certain` places outnumber the full-width ones of a text by far."""
    if not certain:
        return False
    folded = Counter(text[place] for place in certain)
    commas = text.count("，")
    # The comma is the commonest mark by far and tells most: some programs fold nothing else.
    if commas > MOST_UNFOLDED * (folded[","] + commas):
        return False
    unfolded = commas + sum(text.count(mark) for mark in "；：？！（")
    return unfolded <= (folded.total() if folded[","] else MOST_UNFOLDED * (folded.total() + unfolded))


# The places of marks, by the kinds of their neighbours

ENDS_CHINESE = frozenset(b"HMCcs")  # what stands before a folded mark: a character, a closing quote
BEGINS_CHINESE = frozenset(b"HMOoC\n")  # and what after it; a question mark may end a quotation, or a line
BEFORE_BRACKET = frozenset(b"HMCcs\n_")
HAN_CHARACTER, SPACE = b"H "
# What else stands on the two sides of a comma in a sentence: values in a table have no full stop.
IN_SENTENCE = frozenset((before, after) for before, after in (b"H0", b"0H", b")H"))


def certain_marks(text: str) -> list[int]:
    """The places of marks that in running text can only be Chinese: between two characters, or after one at an end."""
    kinds = kinds_of(text)
    if b"," not in kinds and b"(" not in kinds:
        return []
    around = b"\n\n" + kinds + b"\n"  # so that every mark has neighbours
    in_sentence = IN_SENTENCE if b"s" in kinds else ()
    places: list[int] = []
    for place in places_of(text, ","):
        before, after = around[place + 1], around[place + 3]
        if before == SPACE:
            is_certain = around[place] in ENDS_CHINESE and after == HAN_CHARACTER
        else:
            is_certain = before in ENDS_CHINESE and after in BEGINS_CHINESE
        if is_certain or ((before, after) in in_sentence and text[place] == ","):
            places.append(place)
    for place in places_of(text, "("):
        if around[place + 1] in BEFORE_BRACKET and around[place + 3] == HAN_CHARACTER:
            places.append(place)
    return sorted(places)


def places_of(text: str, kind: str) -> Iterator[int]:
    """Where characters of one kind stand."""
    for start, end in runs_of(text, kind):
        yield from range(start, end)


def all_marks(text: str) -> list[int]:
    """The places of all marks that might be Chinese."""
    return sorted(place for kind in ",()" for place in places_of(text, kind))


# One line

LONGEST_BRACKET = 80  # characters of its content that are looked at
_cjk = compile_later(f"[{HAN}{HAN_MARKS}]")
_number = re.compile("[0-9~-]{4,20}")  # years, say, and no argument of a function


def restore_line(line: str, places: list[int]) -> Iterator[tuple[int, int, str]]:
    """The marks at some places of one line; a space after a mark goes, since the full-width mark has its own."""
    if not _cjk.search(line):
        return
    pairs = bracket_pairs(line, places)
    singles = [place for place in places if line[place] not in "()"]
    is_chinese_mark = is_mark_in_latin if is_latin(line) else is_mark_in_chinese
    full: set[int] = set()
    # A mark that is Chinese makes its neighbour Chinese, too: `(GDP),` after a character.
    for _ in range(3):
        known = len(full)
        for first, last in pairs:
            if first not in full and is_chinese_bracket(line, first, last, full):
                full |= {first, last}
        full |= {place for place in singles if place not in full and is_chinese_mark(line, place, full)}
        if len(full) == known:
            break
    for place in places:
        if place in full:
            after = place + 1 if line[place] in "()" else after_spaces(line, place + 1)
            yield place, after if is_chinese(line, after, full) else place + 1, FULLWIDTH[line[place]]
        elif (is_chinese(line, place - 1, full) and line[place] != "(") or is_chinese(line, place + 1, full):
            yield place, place + 1, line[place]


def is_latin(line: str) -> bool:
    """Whether a line is Latin text with some Chinese in it."""
    kinds = kinds_of_piece(line)
    return kinds.count(b"a") > 3 * kinds.count(b"H")


def is_chinese(line: str, place: int, full: set[int]) -> bool:
    """Whether a character is Chinese, or a mark that was found to be."""
    return 0 <= place < len(line) and (place in full or bool(_cjk.match(line, place)))


def after_spaces(line: str, place: int) -> int:
    """The first place from here on that is no space."""
    while line[place : place + 1] == " ":
        place += 1
    return place


def is_mark_in_latin(line: str, place: int, full: set[int]) -> bool:
    """Whether the mark at a place in Latin text is a Chinese one: after Chinese, and without a space after it."""
    return is_chinese(line, place - 1, full) and line[place + 1 : place + 2] not in ("", " ")


def is_mark_in_chinese(line: str, place: int, full: set[int]) -> bool:
    """Whether the mark at a place in Chinese text was a Chinese one, by what stands on either side."""
    mark, left = line[place], line[place - 1 : place]
    after = after_spaces(line, place + 1)
    right = line[after : after + 1]
    follows, precedes = is_chinese(line, place - 1, full), is_chinese(line, after, full)
    if left == " " and place > 1:
        return precedes and (after == place + 1 or mark in ",;") and is_chinese(line, place - 2, full)
    if mark in "?!" or not right:
        return follows or (left.isalnum() and (not right or precedes))
    if mark == ":":
        return follows or (precedes and left.isalnum() and after == place + 1)
    after_number = left == "%" or (left.isdigit() and not right.isalnum())
    return follows or precedes or (after_number and right not in "\"'")


def bracket_pairs(line: str, places: list[int]) -> list[tuple[int, int]]:
    """The brackets at some places of a line, each opening one with the one that closes it."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for place in places:
        if line[place] == "(":
            opened.append(place)
        elif line[place] == ")" and opened:
            pairs.append((opened.pop(), place))
    return pairs


def is_chinese_bracket(line: str, first: int, last: int, full: set[int]) -> bool:
    """Whether a pair of brackets holds Chinese text or stands in it, but is not that of f(x)."""
    holds_chinese = bool(_cjk.search(line, first + 1, min(last, first + LONGEST_BRACKET)))
    before = line[max(first - 1, 0) : first]
    if before.isascii() and before.isalnum() and not holds_chinese:
        return bool(_number.fullmatch(line, first + 1, last)) and is_chinese(line, last + 1, full)
    # Only brackets of half width are set apart by spaces.
    if before == " " and line[max(first - 2, 0)] != " " and (line[last + 1 : last + 2] == " " or not holds_chinese):
        return False
    return holds_chinese or is_chinese(line, first - 1, full) or is_chinese(line, last + 1, full)
