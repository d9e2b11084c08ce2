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

from cleaner.lines import HAN, ends_sentence, is_heading, unspaced, width, wrap_width
from cleaner.repair.breaks import INDENT, is_doubtful
from cleaner.repair.page_numbers import Number, numbers_of
from cleaner.repair.score import CLOSERS, OPENERS, Seam, weighed

MIN_HEADER, MAX_HEADER = 3, 40  # characters of a running header; the first without its numbers and marks
MIN_PAGE_LINES, MIN_PAGE_CHARACTERS = 8, 300  # how much text a page holds at least; either will do
MOST_NEAR = 4  # one in so many repeated lines may stand nearer to the next
MIN_LATE = 3  # the first number of a section that has others before it
MIN_RUN = 3  # numbers that count up from page to page
MAX_HEADER_LINES = 3
LONGEST_MARKS = 1.6  # a full line may be short by as much, for marks that must not begin the next
MIN_TORN_WIDTH = 16.0  # a shorter line before a number is a title or a caption, mostly

# How strongly two lines around a number read on, in nats as the seams have them
TORN = 1.0  # for a number that has other evidence, or can hardly be anything else
TORN_ALONE = 3.0  # for a bare number or a repeated line that no other supports
TORN_OVER_HEADER = 1.5  # over each line that stands there only once
TORN_OVER_HEADING = 3.0  # over what looks like a heading
A_HEADER = 3.0  # how much stronger it must be than another with one line less in it
LEAST_REACH = -2.0  # of the words alone over a header
PART = 2.0  # how much better what stands between may read on, beside a number
RUNNING = 2.0  # what a tear gains where sentences stand before it in its line, and a clause at least after it
WRAPPED = 4.5  # a full line that is unfinished, in wrapped text
NOT_TORN = float("-inf")

TITLES = 2  # lines at the top that may be the same as the running header
SENTENCE_ENDS = ("。", "！", "？", "”", "）")
_sentence = re.compile("[。！？；]")
_word = re.compile(f"[{HAN}A-Za-z]")
MARK = re.compile("[，。；：！？、…—]")
_goes_on = re.compile(rf"[{HAN}A-Za-z0-9，、。；：！？”’」』》）)%％]")
_date = re.compile(r"[\d年月日号時时分点:：./ -]+")  # a line that is nothing else, as in a chronology
_numeral = re.compile(r"[\s\d〇零一二三四五六七八九十百]+")
_digits = re.compile(r"\d+")
_of_a_whole = re.compile(r"共|of|/|／|<!--")


Place = tuple[int, bool]  # a line, and whether it stands after a number rather than before
Key = tuple[str, bool]  # what does not change of such lines


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


def repeated_lines(lines: list[str], numbers: dict[int, Number]) -> list[list[int]]:
    """Short lines without a mark that stand again and again: alike, or alike but for one number, which counts up.

    >>> repeated_lines(["青石文物 第3期 191", "水渠修好了。", "青石文物 第3期 192", "青石文物 第3期 193"], {})
    [[0, 2, 3]]
    """
    alike: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if len(line) <= 5 * MAX_HEADER and place not in numbers and line and not MARK.search(line):
            alike.setdefault(_digits.sub("0", unspaced(line)), []).append(place)
    found = []
    for key, places in alike.items():
        if len(places) > 1 and MIN_HEADER <= len(key) <= MAX_HEADER:
            is_same = len({lines[place].strip() for place in places}) == 1
            if len(header_key(key)) >= MIN_HEADER and (is_same or counts_up(lines, places)):
                found.append(places)
    return found


def counts_up(lines: list[str], places: list[int]) -> bool:
    """Whether of the numbers in some lines all are alike but one, which rises by one, or by two on even pages."""
    looks = ([list(map(int, _digits.findall(form(lines[place])))) for place in places] for form in (str, unspaced))
    numbers = next(found for found in looks if len(set(map(len, found))) == 1)  # a space may stand within one
    rising = [column for column in zip(*numbers, strict=True) if len(set(column)) > 1]
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
    values: set[tuple[str, int]]  # of the numbers, by their form
    tears: dict[int, Tear]  # those that were looked for, by the line of text after them
    apart: dict[str, int]  # the forms of numbers all of which stand a page apart, each with its first line

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
        values = {(number.form, number.value) for number in numbers.values()}
        full = wrap_width([lines[place] for place in texts])
        pages = cls(lines, numbers, texts, bare, headers, sizes, full, values, {}, {})
        pages.apart.update(pages.forms_apart())
        return pages

    def gap(self, place: int) -> int:
        """Where among the lines of text a line stands."""
        return bisect.bisect_left(self.texts, place)

    def tear(self, place: int) -> Tear:
        """How strongly the text reads on over a line, and over which other lines."""
        gap = self.gap(place)
        if gap not in self.tears:
            self.tears[gap] = self.find_tear(gap)
        return self.tears[gap]

    def find_tear(self, gap: int) -> Tear:
        """What has no mark and stands between the halves of a sentence is a header, though it stand there only once."""
        sides = [(above, size - above) for size in range(MAX_HEADER_LINES + 1) for above in range(size + 1)]
        found = [self.tear_over(gap, above, below) for above, below in sides]
        return max(found, key=lambda tear: tear.strength - A_HEADER * len(tear.heads))

    def tear_over(self, gap: int, above: int, below: int) -> Tear:
        """How strongly the text reads on over so many lines above and below a place."""
        first, last = gap - 1 - above, gap + below
        if first < 0 or last >= len(self.texts):
            return Tear(NOT_TORN)
        a, b = self.texts[first], self.texts[last]
        heads = (*self.texts[first + 1 : gap], *self.texts[gap:last])
        if self.are_heaped(a, b) or not all(self.may_be_header(head) for head in heads) or self.is_title(a):
            return Tear(NOT_TORN)
        strength = self.strength(a, b)
        if strength < self.asked_over(heads) or not self.are_no_part(a, heads, b, PART if above == 0 else PART / 2):
            return Tear(NOT_TORN)
        return Tear(strength, heads)

    def are_heaped(self, a: int, b: int) -> bool:
        """Whether several bare numbers stand between two lines, as in a table."""
        return bisect.bisect_left(self.bare, b) - bisect.bisect_right(self.bare, a) > 1

    def may_be_header(self, place: int) -> bool:
        """Whether a line between the halves of a sentence can be no part of it."""
        line = self.lines[place]
        is_row = bool(self.full) and width(line) >= self.full - LONGEST_MARKS  # of the wrapped text itself
        is_aside = line.lstrip()[0] in OPENERS and line.rstrip()[-1] in CLOSERS
        return is_short_line(line) and bool(_word.search(line)) and not (MARK.search(line) or is_row or is_aside)

    def is_title(self, place: int) -> bool:
        """Whether a line is a numbered title without a mark."""
        return is_heading(self.lines[place]) and not MARK.search(self.lines[place])

    def asked_over(self, heads: tuple[int, ...]) -> float:
        """How strong a tear over some lines must be."""
        if any(is_heading(self.lines[head]) for head in heads):
            return max(TORN_OVER_HEADING, TORN_OVER_HEADER * len(heads))
        return max(TORN, TORN_OVER_HEADER * len(heads))

    def are_no_part(self, a: int, heads: Sequence[int], b: int, margin: float = 0.0) -> bool:
        """Whether line `b` goes on with line `a` rather than what stands between them."""
        if not heads:
            return True
        before = self.lines[a].rstrip()
        reach = reading_on(before, self.lines[b].lstrip())
        if reach < LEAST_REACH or (before[-1] in CLOSERS and not self.full):
            return False
        return all(reach + margin > reading_on(before, self.lines[head].strip()) for head in heads)

    def strength(self, a: int, b: int) -> float:
        """How strongly line `b` goes on with line `a`."""
        before, after = self.lines[a].rstrip(), self.lines[b]
        if ends_sentence(before) or is_heading(after) or INDENT.match(after):
            return NOT_TORN
        if self.full:
            is_full = width(before) >= self.full - LONGEST_MARKS
            return WRAPPED if is_full and MARK.search(after) else NOT_TORN
        if not _word.search(before):
            return NOT_TORN
        is_open = width(before) >= MIN_TORN_WIDTH and before[-1] not in CLOSERS and _sentence.search(before[:-1])
        is_running = is_open and _goes_on.match(after) and MARK.search(after)
        return reading_on(before, after) + RUNNING * bool(is_running)

    def is_page_between(self, a: int, b: int) -> bool:
        """Whether as much text as a page holds stands between two lines."""
        return self.gap(b) - self.gap(a) >= MIN_PAGE_LINES or self.sizes[b] - self.sizes[a] >= MIN_PAGE_CHARACTERS

    def forms_apart(self) -> dict[str, int]:
        """The forms of numbers all of which stand a page apart, each with the line where it stands first."""
        alike: dict[str, list[int]] = {}
        for place, number in self.numbers.items():
            alike.setdefault(number.form, []).append(place)
        return {
            form: places[0]
            for form, places in alike.items()
            if all(self.is_page_between(a, b) for a, b in itertools.pairwise(places))
        }

    def runs(self) -> list[list[int]]:
        """The lines whose numbers are written alike and count up by one, a page apart; most runs hold one line.

        Bare numbers that are heaped are cells of a table.
        """
        heaps = Counter(map(self.gap, self.bare))
        by_next: dict[tuple[str, int], list[int]] = {}
        found: list[list[int]] = []
        for place, number in self.numbers.items():
            if number.is_bare and heaps[self.gap(place)] > 1:
                continue
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
        torn = sum(strength >= TORN for strength in strengths)
        if max(strengths) >= (TORN_ALONE if first.is_bare else TORN) or (torn > 1 and 3 * torn >= len(run)):
            return True
        is_headed = len(run) > 1 and all(any(self.headed[max(place - 2, 0) : place + 3]) for place in run)
        return is_headed or self.are_pages_by_form(run) or self.are_no_sections(run)

    def are_pages_by_form(self, run: list[int]) -> bool:
        """Whether the words of a run of numbers say that they count pages, and none is nearer to another."""
        first = self.numbers[run[0]]
        if first.is_bare or first.form not in self.apart:
            return False
        if first.is_page:
            return self.is_page_between(0, len(self.lines) - 1) or bool(_of_a_whole.search(first.form))
        return len(run) > 1 and bool(_of_a_whole.search(first.form)) and self.is_page_between(0, self.apart[first.form])

    def are_no_sections(self, run: list[int]) -> bool:
        """Whether a run of numbers cannot head sections: one ends the text, or those before the first are nowhere.

        A section's number stands before its text. A bare number must be one of several, or end a text of sentences.
        """
        first, gap = self.numbers[run[0]], self.gap(run[0])
        if not self.is_page_between(0, run[0]) or not gap:
            return False
        if self.gap(run[-1]) == len(self.texts):
            last = self.lines[self.texts[-1]].rstrip()
            return (
                not first.is_bare or len(run) >= MIN_RUN or (last.endswith(SENTENCE_ENDS) and self.is_prose_around(run))
            )
        is_late = first.value >= MIN_LATE and (first.form, first.value - 1) not in self.values
        may_be_alone = not first.is_bare and not re.search("[/／]", first.form)  # 3/5 is a fraction, or a date
        return is_late and (may_be_alone or len(run) > 1) and self.is_prose_around(run)

    def is_prose_around(self, run: list[int]) -> bool:
        """Whether the lines before some numbers end a sentence or are long, as the cells of a table do not."""
        before = [self.lines[self.texts[self.gap(place) - 1]] for place in run]
        return all(_sentence.search(line) for line in before)

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
    known = {(header_key(lines[place]), side): 1 for place in heads for side in (False, True)}
    for _ in range(MAX_HEADER_LINES):
        beside: set[tuple[int, bool]] = set()
        for before, after in itertools.pairwise(texts):
            marked = [found[place] or headers[place] for place in (before, after)]
            if marked[0] != marked[1]:
                beside.add((after if marked[0] else before, marked[0]))
        # On which side of the number it stands does not change from page to page.
        short = {
            (place, side): (header_key(lines[place]), side) for place, side in beside if is_short_line(lines[place])
        }
        seen = Counter(known)
        seen.update(short.values())
        keys = {key for key, count in seen.items() if count >= 2 and len(re.findall(r"\w", key[0])) >= MIN_HEADER}
        unmarked = [place for place in texts[TITLES:] if not (found[place] or headers[place])]
        keys -= subheads(lines, unmarked, short, keys)
        new = [place for (place, _), key in short.items() if key in keys]
        if not new:
            break
        for place in new:
            headers[place] = True
    return headers


def subheads(lines: list[str], texts: list[int], beside: dict[Place, Key], keys: set[Key]) -> set[Key]:
    """Those among the headers that stand half as often elsewhere as beside furniture; a title may be as the header."""
    names = {name for name, _ in keys}
    if not names:
        return set()
    near = {place for place, _ in beside}
    elsewhere = Counter(
        header_key(lines[place]) for place in texts if place not in near and is_short_line(lines[place])
    )
    times = Counter(name for name, _ in beside.values())
    return {(name, side) for name, side in keys if 2 * elsewhere[name] >= times[name]}


def is_short_line(line: str) -> bool:
    """Whether a line is as short as a running header, its gaps left out, and no sentence."""
    return len(line) <= 5 * MAX_HEADER and len(unspaced(line)) <= MAX_HEADER and "。" not in line


def header_key(line: str) -> str:
    """A running header without what changes from page to page: the page. A date does not, so dates differ."""
    return line.strip() if _date.fullmatch(line.strip()) else _numeral.sub("", line)
