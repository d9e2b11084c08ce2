"""What a printed page adds to a text: page numbers and running headers, between its paragraphs and within them.

Their form says little: `— 12 —` may head a section, `12` may stand in a table, and a short line may be a title. What
stands around them says more, and is asked in this order:

1. Which lines may be page numbers, and which short lines stand beside them, or alone, again and again.
2. Which of these stand in a tear: the line before breaks off, and the line after goes on with it.
3. What counts up with a line in a tear, a page of text apart, is a page number, too; what is repeated there, a header.
4. A line without any mark that stands with a page number in a tear is a header, though it stands there only once.

Not every text on pages is torn. Forms such as 第 3 页 共 9 页, numbers that count up to the very end of a text, and
numbers with the same header at every page are evidence, too (`Furniture.is_sure`).
"""

import bisect
import itertools
import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from cleaner.lines import HAN, ends_sentence, is_heading, width, wrap_width
from cleaner.repair.breaks import INDENT, is_doubtful
from cleaner.repair.jump_lines import chinese_number
from cleaner.repair.score import Seam, weighed

PAGE_NUMBER = re.compile(
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
BARE_NUMBER = re.compile(r"\s*(?:(?P<number>\d{1,3})|(?P<roman>[ivxlc]{1,9}|[IVXLC]{1,9}))\s*")
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
LONGEST_NUMBER = 40  # characters of a page number without the spaces around it
MIN_HEADER, MAX_HEADER = 3, 40  # characters of a running header; the first without its numbers and marks
MIN_NUMBERED_HEADER = 5  # characters, without its numbers, of one that holds the page number itself
MIN_PAGE_LINES, MIN_PAGE_CHARACTERS = 8, 300  # how much text a page holds at least; either will do
MOST_NEAR = 4  # one in so many repeated lines may stand nearer to the next
MIN_RUN = 3  # numbers that count up from page to page
MAX_HEADER_LINES = 3
LONGEST_MARKS = 1.6  # a full line may be short by as much, for marks that must not begin the next
MIN_TORN_WIDTH = 16.0  # a shorter line before a number is a title or a caption, mostly

# How strongly two lines around a number read on, in nats as the seams have them
TORN = 1.0  # for a number that has other evidence, or can hardly be anything else
TORN_ALONE = 3.0  # for a bare number or a repeated line that no other supports
TORN_OVER_HEADER = 2.0  # over lines that stand there only once
TORN_OVER_HEADING = 4.0  # over what looks like a heading
RUNNING = 2.0  # what a tear gains where sentences stand before it in its line, and a clause at least after it
TITLE = 4.0  # what it loses where the line before is as short as a title
WRAPPED = 4.5  # a full line that is unfinished, in wrapped text
NOT_TORN = float("-inf")

_sentence = re.compile("[。！？；]")
_mark = re.compile("[，。；：！？、…—]")
_goes_on = re.compile(rf"[{HAN}A-Za-z0-9，、。；：！？”’」』》）)%％]")
_date = re.compile(r"[\d年月日号時时分点:：./ -]+")  # a line that is nothing else, as in a chronology
_numeral = re.compile(r"[\s\d〇零一二三四五六七八九十百]+")
_digits = re.compile(r"\d+")
_maybe_number = re.compile(r"[\divxlcIVXLC]|第")
_of_a_whole = re.compile(r"共|of|/|／|<!--")


@dataclass(frozen=True, slots=True)
class Furniture:
    """What pages added to a text: which lines may be that, and whether there are pages at all."""

    is_there: list[bool]  # for each line; a seam may lie over it
    is_sure: bool  # the lines themselves say so, whether or not a seam is found


def find_furniture(lines: list[str]) -> Furniture:
    """Find the page numbers and running headers of a text, by their form or by evidence.

    >>> find_furniture(["12", "镇里修好了水渠。今年又种下两千多棵果", "13", "树，乡亲们都说好。", "— 2 —"]).is_there
    [False, False, True, False, True]
    """
    numbers = numbers_of(lines)
    repeated = repeated_lines(lines, numbers)
    if not numbers and not repeated:
        return Furniture([False] * len(lines), False)
    pages = Pages.of(lines, numbers, repeated)
    proven = {place for run in pages.runs() if pages.are_numbered_by(run) for place in run}
    proven.update(place for places in repeated if pages.are_headed_by(places) for place in pages.without_title(places))
    found = [False] * len(lines)
    for place in proven.union(place for place, number in numbers.items() if not number.is_bare):
        found[place] = True
    heads = {head for place in numbers if found[place] for head in pages.tear(place).heads}
    for place in heads:
        found[place] = True
    headers = running_headers(lines, found, heads | (proven - numbers.keys()))
    return Furniture([a or b for a, b in zip(found, headers, strict=True)], bool(proven))


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
        if not _maybe_number.search(line[: LONGEST_NUMBER * 2]) or len(line.strip()) > LONGEST_NUMBER:
            continue
        if BARE_NUMBER.fullmatch(line):
            form = "0" if line.strip().isdecimal() else "i"
            found[place] = Number(numeral_value(line), form, True, False)
        elif match := PAGE_NUMBER.fullmatch(line):
            value = next(value for value in match.group("dashed", "page", "part", "latin", "named") if value)
            form = _digits.sub("0", "".join(line.split()))
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


def repeated_lines(lines: list[str], numbers: dict[int, Number]) -> list[list[int]]:
    """Short lines without a mark that stand again and again: alike, or alike but for one number, which counts up.

    >>> repeated_lines(["青石文物 第3期 191", "水渠修好了。", "青石文物 第3期 192", "青石文物 第3期 193"], {})
    [[0, 2, 3]]
    """
    alike: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if len(line) <= 5 * MAX_HEADER and place not in numbers and line and not _mark.search(line):
            alike.setdefault(_digits.sub("0", "".join(line.split())), []).append(place)
    found = []
    for key, places in alike.items():
        if len(places) > 1 and MIN_HEADER <= len(key) <= MAX_HEADER:
            is_same = len({lines[place].strip() for place in places}) == 1
            is_numbered = len(header_key(key)) >= MIN_NUMBERED_HEADER and counts_up(lines, places)
            if (is_same and len(header_key(key)) >= MIN_HEADER) or is_numbered:
                found.append(places)
    return found


def counts_up(lines: list[str], places: list[int]) -> bool:
    """Whether of the numbers in some lines all are alike but one, which rises by one, or by two on even pages."""
    numbers = zip(*(map(int, _digits.findall(lines[place])) for place in places), strict=True)
    rising = [column for column in numbers if len(set(column)) > 1]
    return len(rising) == 1 and all(1 <= b - a <= 2 for a, b in itertools.pairwise(rising[0]))


@dataclass(frozen=True, slots=True)
class Tear:
    """What stands around a line that may be furniture."""

    strength: float  # how strongly the text reads on over it
    heads: tuple[int, ...] = ()  # the lines that stand with it between the halves


@dataclass(frozen=True, slots=True)
class Pages:
    """Lines that may be pages of text: which hold text, and which may be a page's furniture."""

    lines: list[str]
    numbers: dict[int, Number]
    texts: list[int]  # the lines that hold text, apart from what may be furniture
    bare: list[int]  # the lines that hold nothing but a number
    headed: list[bool]  # whether the same short line stands there and beside another number
    sizes: list[int]  # characters before each line
    full: float  # the width at which the text was wrapped, or 0
    tears: dict[int, Tear]  # those that were looked for

    @classmethod
    def of(cls, lines: list[str], numbers: dict[int, Number], repeated: list[list[int]]) -> "Pages":
        found = [place in numbers for place in range(len(lines))]
        headers = running_headers(lines, found)
        aside = {place for places in repeated for place in places}
        texts = [
            place
            for place, line in enumerate(lines)
            if line.strip() and not found[place] and not headers[place] and place not in aside
        ]
        sizes = list(itertools.accumulate((len(line) for line in lines), initial=0))
        bare = [place for place, number in numbers.items() if number.is_bare]
        return cls(lines, numbers, texts, bare, headers, sizes, wrap_width([lines[place] for place in texts]), {})

    def gap(self, place: int) -> int:
        """Where among the lines of text a line stands."""
        return bisect.bisect_left(self.texts, place)

    def tear(self, place: int) -> Tear:
        """How strongly the text reads on over a line, and over which other lines."""
        if place not in self.tears:
            self.tears[place] = self.find_tear(place)
        return self.tears[place]

    def find_tear(self, place: int) -> Tear:
        """What has no mark and stands between the halves of a sentence is a header, though it stand there only once."""
        gap = self.gap(place)
        best = Tear(NOT_TORN)
        for skipped in range(MAX_HEADER_LINES + 1):
            for above in range(skipped + 1):
                first, last = gap - 1 - above, gap + skipped - above
                if first < 0 or last >= len(self.texts):
                    continue
                a, b = self.texts[first], self.texts[last]
                heads = (*self.texts[first + 1 : gap], *self.texts[gap:last])
                if self.are_heaped(a, b) or not all(self.may_be_header(head) for head in heads):
                    continue
                strength = self.strength(a, b)
                if strength > best.strength and strength >= self.asked_over(heads) and self.are_no_part(a, heads, b):
                    best = Tear(strength, heads)
        return best

    def are_heaped(self, a: int, b: int) -> bool:
        """Whether several bare numbers stand between two lines, as in a table."""
        return bisect.bisect_left(self.bare, b) - bisect.bisect_right(self.bare, a) > 1

    def may_be_header(self, place: int) -> bool:
        """Whether a line between the halves of a sentence can be no part of it."""
        line = self.lines[place]
        is_row = bool(self.full) and width(line) >= self.full - LONGEST_MARKS  # of the wrapped text itself
        return is_short_line(line) and not (_mark.search(line) or is_row)

    def asked_over(self, heads: tuple[int, ...]) -> float:
        """How strong a tear over some lines must be."""
        if any(is_heading(self.lines[head]) for head in heads):
            return TORN_OVER_HEADING
        return TORN_OVER_HEADER if heads else TORN

    def are_no_part(self, a: int, heads: Sequence[int], b: int) -> bool:
        """Whether line `b` goes on with line `a` rather than what stands between them."""
        before = self.lines[a].rstrip()
        reach = reading_on(before, self.lines[b].lstrip()) if heads else 0.0
        return all(reach > reading_on(before, self.lines[head].strip()) for head in heads)

    def strength(self, a: int, b: int) -> float:
        """How strongly line `b` goes on with line `a`."""
        before, after = self.lines[a].rstrip(), self.lines[b]
        if ends_sentence(before) or is_heading(after) or INDENT.match(after):
            return NOT_TORN
        if self.full:
            is_full = width(before) >= self.full - LONGEST_MARKS
            return WRAPPED if is_full and _mark.search(after) else NOT_TORN
        is_running = width(before) >= MIN_TORN_WIDTH and _sentence.search(before[:-1]) is not None
        is_running = is_running and bool(_goes_on.match(after) and _mark.search(after))
        return reading_on(before, after) + RUNNING * is_running

    def is_page_between(self, a: int, b: int) -> bool:
        """Whether as much text as a page holds stands between two lines."""
        return self.gap(b) - self.gap(a) >= MIN_PAGE_LINES or self.sizes[b] - self.sizes[a] >= MIN_PAGE_CHARACTERS

    def runs(self) -> list[list[int]]:
        """The lines whose numbers are written alike and count up by one, a page apart; most runs hold one line."""
        by_next: dict[tuple[str, int], list[int]] = {}
        found: list[list[int]] = []
        for place, number in self.numbers.items():
            run = by_next.pop((number.form, number.value), None)
            if run is None or not self.is_page_between(run[-1], place):
                run = []
                found.append(run)
            run.append(place)
            by_next[number.form, number.value + 1] = run
        return found

    def are_numbered_by(self, run: list[int]) -> bool:
        """Whether a run of numbers counts pages."""
        first = self.numbers[run[0]]
        strengths = [self.tear(place).strength for place in run]
        if max(strengths) >= (TORN_ALONE if first.is_bare else TORN):
            return True
        torn = sum(strength >= TORN for strength in strengths)
        if torn > 1 and 3 * torn >= len(run):
            return True
        if len(run) > 1 and all(any(self.headed[max(place - 2, 0) : place + 3]) for place in run):
            return True
        if not first.is_bare and _of_a_whole.search(first.form) and (first.is_page or len(run) > 1):
            return True
        # A section's number stands before its text, so it is never the last.
        ends_text = self.gap(run[-1]) == len(self.texts) and self.is_page_between(0, run[0])
        return (len(run) > 1 and first.is_page) or (ends_text and len(run) >= (MIN_RUN if first.is_bare else 1))

    def are_headed_by(self, places: list[int]) -> bool:
        """Whether repeated lines are running headers: a page apart, and in a tear at least once.

        Where a text stands twice, its titles do, too; but then the text below them is the same.
        """
        near = sum(not self.is_page_between(a, b) for a, b in itertools.pairwise(places))
        if MOST_NEAR * near > len(places):  # a page of pictures holds little text
            return False
        below = [self.texts[gap] for gap in map(self.gap, places) if gap < len(self.texts)]
        if len({self.lines[place] for place in below}) < len(below):
            return False
        strengths = [self.headed_tear(place) for place in places]
        return max(strengths) >= TORN_ALONE and 4 * sum(strength >= TORN for strength in strengths) >= len(places)

    def headed_tear(self, place: int) -> float:
        """How strongly the text reads on over a repeated line; a title of the wrapped text itself is no such line."""
        gap = self.gap(place)
        if not 0 < gap < len(self.texts) or not self.may_be_header(place):
            return NOT_TORN
        a, b = self.texts[gap - 1], self.texts[gap]
        strength = self.strength(a, b)
        return strength if strength >= TORN and self.are_no_part(a, [place], b) else NOT_TORN

    def without_title(self, places: list[int]) -> list[int]:
        """Running headers but for the first where it stands before all text, as the title."""
        return places if self.gap(places[0]) else places[1:]


def reading_on(before: str, after: str) -> float:
    """How strongly a line reads on with another, in nats, as far as the two alone say."""
    if not is_doubtful(before, after):
        return NOT_TORN
    return sum(weight for _, weight in weighed(Seam(before, after)))


def running_headers(lines: list[str], found: list[bool], heads: Set[int] = frozenset()) -> list[bool]:
    """For each line, whether it is a running header: beside furniture at least twice, but for its digits.

    Once is enough beside furniture if it is also one of the headers that were found already, the `heads`.
    """
    headers = [False] * len(lines)
    texts = [place for place, line in enumerate(lines) if line.strip()]
    known = {header_key(lines[place]): 1 for place in heads}
    for _ in range(MAX_HEADER_LINES):
        beside: set[int] = set()
        for before, after in itertools.pairwise(texts):
            marked = [found[place] or headers[place] for place in (before, after)]
            if marked[0] != marked[1]:
                beside.add(after if marked[0] else before)
        short = [place for place in beside if is_short_line(lines[place])]
        seen = Counter(known)
        seen.update(header_key(lines[place]) for place in short)
        keys = {key for key, count in seen.items() if count >= 2 and len(re.findall(r"\w", key)) >= MIN_HEADER}
        new = [place for place in short if header_key(lines[place]) in keys]
        if not new:
            break
        for place in new:
            headers[place] = True
    return headers


def is_short_line(line: str) -> bool:
    """Whether a line is as short as a running header, its gaps left out, and no sentence."""
    return len(line) <= 5 * MAX_HEADER and len("".join(line.split())) <= MAX_HEADER and "。" not in line


def header_key(line: str) -> str:
    """A running header without what changes from page to page: the page. A date does not, so dates differ."""
    return line.strip() if _date.fullmatch(line.strip()) else _numeral.sub("", line)
