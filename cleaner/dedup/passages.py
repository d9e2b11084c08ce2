"""Passages that stand twice in one document: somebody pasted the text, or a part of it, a second time.

The second copy is seldom the first one to the letter. Its lines are cut otherwise, its marks are of another width,
a character is wrong here and there, a page number or a running header has come in between. So the folded text is
compared, which has no lines and no marks, and what is found is then judged as the lines that it stands in. It goes
four steps:

1. *find*: the next stretch of the folded text that repeats an earlier one, with small differences (`kernels.repeats`);
2. *snap*: it is taken as whole lines. A line belongs if nearly all of it repeats, one at either end if it repeats up to
   there; a short one, such as a title, not if it is but a part of a short line there. A line put in stays, unless it is
   page furniture;
3. *judge*: what repeats by right stays. That is what is too short (a refrain), has little variety (a form, a text of
   one character), is no running text (verse, the rows of a table), or differs as two fillings of one form differ: by
   a number or a name, not by slips;
4. *remove*: the second copy goes, with the line break before it. The first stays.

Each change says how far above the first copy stands, and how many characters differ.
"""

import bisect
import difflib
import functools
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cleaner.config import DedupConfig
from cleaner.dedup.differences import spans_that_differ
from cleaner.dedup.folding import fold_table, folded
from cleaner.document import Change, code_points, from_code_points
from cleaner.kernels.shingles import Points, shingle_hashes
from cleaner.lines import TABLE_ROW, is_comma_table, lines_of, wrap_width

Offsets = npt.NDArray[np.int64]
Span = tuple[int, int]
Region = tuple[int, int, int, int]  # start and end of the first copy in the folded text, start and end of the second

MIN_FOUND = 0.9  # of min_passage: what is found may lack the ends of its lines
MIN_SECOND = 0.95  # of min_passage: the second copy may have lost some characters
MIN_LINE = 20  # folded characters of a line of running text
MAX_UNCOVERED = 0.1  # of a line that repeats
SLIP = 2  # characters at the end of a line that need not repeat, if it has five times as many
EDGE = 3  # characters at the ends of the copy that need not repeat; more may be a lead-in of something quoted
MIN_VARIETY = 0.6  # different shingles per character
VARIED = 5  # characters of these shingles
BLOCK, SAMPLES = 4096, 16  # characters in which variety is measured: a long text repeats its words; how often
MAX_CLAUSE = 40  # folded characters per mark of running text
MANY_LINES = 1000  # that say what all of them are

_mark = re.compile("[，、。；！？,;!?]")
_form = re.compile("_{3,}|＿{2,}|[□☐]")
_page_number = re.compile(r"[\W_]*(?:第\s*)?\d{1,4}\s*+[页頁版]?[\W_]*")
_digits = frozenset("0123456789")
_numerals = frozenset("0123456789〇零一二三四五六七八九十百千万亿两")


@dataclass(frozen=True)
class Page:
    """A text and its folded form."""

    text: str
    points: Points

    @functools.cached_property
    def places(self) -> Offsets:
        """Where each folded character stands in the text."""
        return np.flatnonzero(fold_table()[np.minimum(code_points(self.text), len(fold_table()) - 1)])

    @functools.cached_property
    def line_starts(self) -> Offsets:
        """Where in the folded text each line begins, and where the last one ends."""
        breaks = np.searchsorted(self.places, np.flatnonzero(code_points(self.text) == ord("\n")))
        return np.concatenate([[0], breaks, [len(self.points)]])

    @functools.cached_property
    def counts(self) -> Counter[str]:
        """How often each line stands in the text."""
        return Counter(line.strip() for _, line in lines_of(self.text))


@dataclass(frozen=True, slots=True)
class Line:
    """A line with anything to compare: where it ends in the text, its folded span, how much of that does not repeat."""

    text: str
    end: int
    first: int
    last: int
    uncovered: int

    @property
    def length(self) -> int:
        return self.last - self.first

    @property
    def is_put_in(self) -> bool:
        return 2 * self.uncovered > self.length

    @property
    def repeats(self) -> bool:
        is_slip = self.uncovered <= SLIP and self.length >= 5 * SLIP
        return is_slip or self.uncovered <= MAX_UNCOVERED * self.length


@dataclass(frozen=True, slots=True)
class Differences:
    """How two copies differ: in how many characters and places, and what speaks for another filling of one form."""

    characters: int = 0
    places: int = 0
    numbers: int = 0  # places where one number stands for another
    digits: int = 0  # where one has digits more
    words: int = 0  # where two characters stand for two others
    phrases: int = 0  # where three or more do


def may_repeat(folded: Any, config: DedupConfig) -> Any:
    """Of texts that were folded together, those in which step 1 finds anything at all, as flags."""
    least = int(config.min_passage * MIN_FOUND)
    is_long = np.diff(folded.ends, prepend=0) >= 2 * least
    if not config.remove_repeated_passages or not is_long.any():
        return is_long & False
    from cleaner.kernels.repeats import repeating

    return repeating(folded.points, folded.ends, least)


def remove_repeated_passages(text: str, config: DedupConfig) -> Iterator[Change]:
    """Remove the second copy of a passage, with the line break before it; the first copy stays."""
    least = int(config.min_passage * MIN_FOUND)
    if len(text) < 2 * least:
        return
    page = Page(text, folded(text))
    if len(page.points) < 2 * least:
        return
    from cleaner.kernels.repeats import AT, FLOOR, MIN_BITS, QUIET, next_repeat  # loads the compiler: not before

    cells = 1 << max(MIN_BITS, (len(page.points) // 2).bit_length())
    first, latest = np.zeros(cells, dtype=np.int32), np.zeros(cells, dtype=np.int32)
    removed = np.zeros((len(page.points) // max(least, 1) + 1, 2), dtype=np.int64)
    state = np.zeros(3, dtype=np.int64)
    count = 0
    while (region := next_repeat(page.points, first, latest, removed[:count], state, least))[3]:
        lines, changes = judge(page, region, config)
        if changes:
            yield from changes
            removed[count] = lines[0].first, lines[-1].last
            state[AT] = state[QUIET] = state[FLOOR] = lines[-1].last
            count += 1
        else:
            # Another stretch may begin within this one; not much before its end, or the same would be judged again.
            state[FLOOR] = max(state[FLOOR], region[3] - least // 2)


def judge(page: Page, region: Region, config: DedupConfig) -> tuple[list[Line], list[Change]]:
    """The lines of the second copy, and the changes that remove it; no changes where it stands by right."""
    if not is_varied(page.points, region) or is_little_of_a_line(page, region):
        return [], []
    runs = runs_of(page, region)
    lines = trim(page, lines_at(page, region[2:], runs), runs)
    goes = without_new(page, lines, runs)
    second = sum(line.length for line in goes if not line.is_put_in)
    if second < MIN_SECOND * config.min_passage:
        return [], []
    first = (place_of(goes[0].first, runs), place_of(goes[-1].last - 1, runs) + 1)
    if max(second, first[1] - first[0]) < config.min_passage or not is_alike(goes, second, runs, config):
        return [], []
    differences = compare(page, goes, runs)
    if is_other_filling(differences, second):
        return [], []
    if not is_running_text(goes) and not is_running_text(lines_at(page, first, runs[:0])):
        return [], []
    distance = int(page.places[goes[0].first] - page.places[first[0]])
    return goes, list(removals(page, goes, why(distance, differences)))


def is_little_of_a_line(page: Page, region: Region) -> bool:
    """Whether a second copy is so little of one line that the line stays: told without a look at all of it."""
    start, end = page.line_starts[(number := np.searchsorted(page.line_starts, region[2], "right")) - 1 : number + 1]
    return bool(region[3] <= end) and not Line("", 0, start, end, end - start - region[3] + region[2]).repeats


def runs_of(page: Page, region: Region) -> Offsets:
    """The runs that are equal in both copies: start in the first, start in the second, length."""
    from cleaner.kernels.repeats import AGREE, extend

    runs = np.zeros(((region[3] - region[2]) // AGREE + 2, 3), dtype=np.int64)
    count, _, _ = extend(page.points, region[0], region[2], (region[1], region[3]), 1, runs)
    return runs[:count]


def place_of(place: int, runs: Offsets) -> int:
    """Where in the first copy that stands which stands at a place of the second."""
    early, late, length = runs[max(int(np.searchsorted(runs[:, 1], place, side="right")) - 1, 0)].tolist()
    return int(early + max(0, min(place - late, length - 1)))


def lines_at(page: Page, span: tuple[int, ...], runs: Offsets) -> list[Line]:
    """The whole lines that a folded span touches; those without anything to compare are left out."""
    start = page.text.rfind("\n", 0, page.places[span[0]]) + 1
    end = page.text.find("\n", page.places[span[1] - 1])
    end = len(page.text) if end < 0 else end
    found = [(start + offset, line) for offset, line in lines_of(page.text[start:end])]
    bounds = np.searchsorted(page.places, [offset for offset, _ in found] + [end])
    covered = np.zeros(bounds[-1] - bounds[0] + 1, dtype=np.int64)
    np.add.at(covered, runs[:, 1] - bounds[0], 1)
    np.add.at(covered, runs[:, 1] + runs[:, 2] - bounds[0], -1)
    uncovered = np.concatenate([[0], np.cumsum(1 - np.cumsum(covered[:-1]))])[bounds - bounds[0]]
    return [
        Line(line, offset + len(line), int(bounds[number]), int(bounds[number + 1]), int(missing))
        for number, ((offset, line), missing) in enumerate(zip(found, np.diff(uncovered), strict=True))
        if bounds[number] < bounds[number + 1]
    ]


def trim(page: Page, lines: list[Line], runs: Offsets) -> list[Line]:
    """Leave out the lines at either end that do not belong, and at the lower end what overlaps the first copy."""
    start, end = 0, len(lines)
    while start < end and not begins(page, lines[start], runs):
        start += 1
    while start < end and not ends(page, lines[end - 1], lines[start].first, runs):
        end -= 1
    return lines[start:end]


def begins(page: Page, line: Line, runs: Offsets) -> bool:
    """Whether a line may be the first of the copy: it repeats from its start on."""
    number = int(np.searchsorted(runs[:, 1] + runs[:, 2], line.first, side="right"))
    if not line.repeats or number == len(runs):
        return False
    early, late, _ = runs[number].tolist()
    head = max(late - line.first, 0)
    before = max(early - head, 0)
    if not is_slip(page.points[before:early], page.points[line.first : line.first + head]):
        return False
    place = place_of(line.first + head, runs)
    start, end = line_around(page, place)
    return place - head <= start or line.length >= MIN_LINE or end - start >= MIN_LINE


def ends(page: Page, line: Line, start: int, runs: Offsets) -> bool:
    """Whether a line may be the last of the copy: it repeats up to its end.

    `start` is where the copy begins, and the first one must have ended.
    """
    number = int(np.searchsorted(runs[:, 1], line.last)) - 1
    if not line.repeats or number < 0:
        return False
    _, late, length = runs[number].tolist()
    foot = max(line.last - late - length, 0)
    place = place_of(line.last - foot - 1, runs)
    if place >= start or not is_slip(page.points[place + 1 : place + 1 + foot], page.points[late + length : line.last]):
        return False
    first, end = line_around(page, place)
    return place + foot + 1 >= end or line.length >= MIN_LINE or end - first >= MIN_LINE


def line_around(page: Page, place: int) -> Span:
    """The folded span of the line in which a folded character stands."""
    start = page.text.rfind("\n", 0, page.places[place]) + 1
    end = page.text.find("\n", page.places[place])
    bounds = np.searchsorted(page.places, [start, len(page.text) if end < 0 else end])
    return int(bounds[0]), int(bounds[1])


def is_slip(first: Points, second: Points) -> bool:
    """Whether what stands at an end of the copy, beyond what surely repeats, differs by slips: little of it is new."""
    matcher = difflib.SequenceMatcher(None, first.tolist(), second.tolist(), autojunk=False)
    return len(second) - sum(block.size for block in matcher.get_matching_blocks()) <= EDGE


def without_new(page: Page, lines: list[Line], runs: Offsets) -> list[Line]:
    """The lines of the copy without those that were put in, or that had as much put into them as a line of text.

    Page furniture goes all the same: a page number, or a line that stands elsewhere too.
    """
    starts = runs[:-1, 1] + runs[:-1, 2]
    wide = starts[runs[1:, 1] - starts >= MIN_LINE].tolist()
    goes: list[Line] = []
    for line in lines:
        if line.is_put_in:
            stays = not _page_number.fullmatch(line.text) and page.counts[line.text.strip()] < 2
        else:
            stays = bisect.bisect_left(wide, line.first) < bisect.bisect_left(wide, line.last)
        if not stays:
            goes.append(line)
    return goes


def is_varied(points: Points, region: Region) -> bool:
    """Whether a stretch has as many different shingles as a text has, by samples of a long one."""
    _, _, start, end = region
    step = max(BLOCK, (end - start) // SAMPLES)
    blocks = [points[place : min(place + BLOCK, end)] for place in range(start, end, step)]
    found = sum(len(shingle_hashes(block, VARIED)) for block in blocks)
    return found >= MIN_VARIETY * sum(map(len, blocks))


def is_alike(goes: list[Line], length: int, runs: Offsets, config: DedupConfig) -> bool:
    """Whether enough of the shingles of what goes stand in what stays: those within runs that are equal in both."""
    starts = np.maximum(runs[:, 1], goes[0].first)
    ends = np.minimum(runs[:, 1] + runs[:, 2], goes[-1].last)
    same = int(np.maximum(ends - starts - config.shingle + 1, 0).sum())
    return same >= config.threshold * (length - config.shingle + 1)


def compare(page: Page, goes: list[Line], runs: Offsets) -> Differences:
    """What stands in the gaps between the equal runs, and beside them at both ends. What stays is no difference."""
    found = Differences()
    starts = [line.first for line in goes]
    for early, end_early, late, end_late in gaps(runs, goes[0].first, goes[-1].last):
        line = goes[max(bisect.bisect_right(starts, late) - 1, 0)]
        if late < line.last and not line.is_put_in and not _page_number.fullmatch(line.text):
            found = add_difference(found, page.points, (early, end_early), (late, end_late))
    return found


def gaps(runs: Offsets, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """The spans between the runs, in the first copy and in the second, and those up to the second's start and end."""
    ends = runs[:, 1] + runs[:, 2]
    inside = runs[np.searchsorted(ends, start, side="right") : np.searchsorted(runs[:, 1], end)].tolist()
    early, late, _ = inside[0]
    if late > start:
        yield max(early - late + start, 0), early, start, late
    for (early, late, length), (next_early, next_late, _) in itertools.pairwise(inside):
        yield early + length, next_early, late + length, next_late
    early, late, length = inside[-1]
    if late + length < end:
        yield early + length, early + end - late, late + length, end


def add_difference(found: Differences, points: Points, first: Span, second: Span) -> Differences:
    """Count in what a gap holds on either side."""
    before, after = (from_code_points(points[start:end]) for start, end in (first, second))
    characters, places, words, phrases = found.characters, found.places, found.words, found.phrases
    numbers, digits = found.numbers, found.digits
    for a, b, c, d in spans_that_differ(before, after):
        old, new, replaced = before[a:b], after[c:d], min(b - a, d - c)
        characters, places = characters + max(b - a, d - c), places + 1
        if replaced and _numerals.issuperset(old + new):
            numbers += 1
        elif _digits.issuperset(old + new):
            digits += 1
        words += replaced == 2
        phrases += replaced > 2
    return Differences(characters, places, numbers, digits, words, phrases)


def is_other_filling(found: Differences, length: int) -> bool:
    """Whether two passages are alike because one form was filled in twice: a notice with another date, another name.

    Slips replace, add or lose one character. Where one number stands for another, or one word for another, and
    that is much of the difference and often, the texts say different things.
    """
    fields = found.numbers + found.digits + found.words + found.phrases
    tells = found.numbers or found.phrases or found.words + found.digits > 1
    return bool(tells) and 3 * fields >= found.places and 1000 * fields >= length


def is_running_text(lines: list[Line]) -> bool:
    """Whether half of some lines is running text: long or wrapped lines with marks, no rows of a table or form."""
    lines = lines[:MANY_LINES]
    texts = [line.text for line in lines]
    is_wrapped = wrap_width(texts) > 0
    running = marks = 0
    for line, is_row in zip(lines, is_comma_table(texts), strict=True):
        is_long = line.length >= MIN_LINE or is_wrapped
        if is_long and not is_row and not TABLE_ROW.search(line.text.strip()) and not _form.search(line.text):
            running += line.length
            marks += len(_mark.findall(line.text))
    return 2 * running >= sum(line.length for line in lines) and marks * MAX_CLAUSE >= running


def removals(page: Page, goes: list[Line], reason: str) -> Iterator[Change]:
    """Remove lines from the end of the line before on; lines between them that stay are kept."""
    start = end = -1
    for line in goes:
        before = page.text.find("\n", page.places[line.first - 1])
        if before != end:
            if end >= 0:
                yield start, end, "", reason
            start = before
        end = line.end
    yield start, end, "", reason


def why(distance: int, found: Differences) -> str:
    """The reason of a removal, in words."""
    if not found.characters:
        return f"stands {distance:,} characters above, word for word"
    are = "character differs" if found.characters == 1 else "characters differ"
    return f"stands {distance:,} characters above, {found.characters:,} {are}"
