"""A look at the lines of many texts at once: which texts may hold what repair mends, and where their lines lie.

One pass over the code points; a table says what each one may be a part of. What is found is no more than a sign: the
rules decide. What is not found is not there.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.shingles import Points

Offsets = npt.NDArray[np.int64]
Tables = npt.NDArray[np.uint32]  # of shape (3, 65536): for each character KINDS, FIRSTS and SECONDS
Flags = npt.NDArray[np.uint16]

# What a character may be: bits of a cell of the table of kinds.
NARROW, SPACE, INNER, MARK, NUMERIC, NUMERAL, DIGIT, CLOSER = (1 << bit for bit in range(8))
STOP, COMMA, VERSE, INDENT, MARGIN, ITEM, CREDIT, PAIRED = (1 << bit for bit in range(8, 16))
VERB, LINK, BEGINS, NEAR, REST, UNIT, ARTICLE = (1 << bit for bit in range(16, 23))

# Rows of the tables: what a character may be, the pairs that it begins, and those that it ends.
KINDS, FIRSTS, SECONDS = range(3)

# What a text may hold.
JUMP, SHARE, FURNITURE, EDITOR, WRAPPED, HEADING, INDENTED = (1 << bit for bit in range(7))

# What is noted of a line: offsets of its start and end, and of these without white space; its width; its kinds.
START, FIRST_SIGN, LAST, END, HALVES, SOME = range(6)
SIZE = 6

# Pairs of characters, one bit each: those of jump lines, and those of toolbars.
CONTINUED, NEXT, JUMP_PAIRS = 1, 2, 0xFF
MOST_LINK, MOST_BEFORE_UNIT, MOST_NEAR, MOST_GAP = 12, 15, 4, 3  # characters between the parts of a sign
TAIL = 120  # characters at the end of a line in which the words of a toolbar stand
LONGEST_NUMBER, LONGEST_HEADER, SHORTEST_HEADER = 40, 200, 3  # characters of lines that may be furniture
LONGEST_CREDIT, LONGEST_HEADING, LONGEST_TITLE, LONGEST_END = 80, 30, 26, 12
LEAST_WIDTH, MOST_WIDTH, WIDER, LEAST_LINES = 16, 60, 3, 6  # of wrapped text
FULL, MOST_WIDER = 0.4, 0.12  # the share of its lines that are full at least, and too wide at most
NEAR_FULL = 3  # halves of a character by which a full line may be wider or narrower
SLOT_BITS = 14  # of a table of the lines of one text
NEWLINE, BLANK, FULL_STOP = 0x0A, 0x20, 0x3002
ONE, UP, DOWN, BEARS = ord("一"), ord("上"), ord("下"), ord("承")
N, T = ord("n"), ord("t")
_FIRST, _STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_HALF, _REST = np.uint64(32), np.uint64(64 - SLOT_BITS)


class Looks(NamedTuple):
    """What was seen in some texts."""

    flags: Flags  # for each text, what it may hold
    counts: Offsets  # lines that are not blank, up to the end of each text
    lines: Offsets  # these lines, one a row: START, FIRST_SIGN, …
    breaks: Offsets  # numbers of those before which a break may be doubtful


@njit(nogil=True)
def kind_of(point: int, tables: Tables) -> int:
    """What a code point may be; beyond U+FFFF ideographs are nothing, and all else may be a digit."""
    if point < 0x10000:
        return int(np.int64(tables[KINDS, point]))
    return 0 if 0x20000 <= point <= 0x3FFFF else NARROW | NUMERIC | NUMERAL | DIGIT


@njit(nogil=True)
def is_letter(point: int, letter: int) -> bool:
    """Whether a code point is a letter, in either case, of half or full width."""
    return (point - 0xFEE0 if point > 0xFF00 else point) | 0x20 == letter


@njit(nogil=True)
def turn_at(points: Points, at: int, end: int, tables: Tables) -> int:
    """Of a verb of a jump line: 1 if what begins a page follows it, and 2 if a unit is near, added up."""
    found, place = 0, at + 1
    while place < end and place <= at + MOST_LINK and kind_of(points[place], tables) & LINK:
        place += 1
    if place < end:
        kind = kind_of(points[place], tables)
        if kind & BEGINS or (points[at] == BEARS and points[place] == UP):
            found = 1
        for rest in range(place + 1, min(place + MOST_NEAR + 1, end) if kind & NEAR else 0):
            found |= 1 if kind_of(points[rest], tables) & REST else 0
    for unit in range(at + 1, min(at + MOST_BEFORE_UNIT + 1, end)):
        if kind_of(points[unit], tables) & UNIT:
            return found | 2
    return found


@njit(nogil=True)
def pairs_at(points: Points, at: int, end: int, tables: Tables) -> int:
    """The pairs that a character begins with the next one, or with one after a few spaces."""
    place = at + 1
    while place < end and place <= at + MOST_GAP and kind_of(points[place], tables) & SPACE:
        place += 1
    if place >= end or points[place] >= 0x10000:
        return 0
    found = int(np.int64(tables[FIRSTS, points[at]] & tables[SECONDS, points[place]]))
    if found & CONTINUED and not (at + 3 < end and is_letter(points[at + 2], N) and is_letter(points[at + 3], T)):
        found &= ~CONTINUED
    if points[at] == ONE and not (at > 0 and (points[at - 1] == DOWN or points[at - 1] == UP)):
        return 0
    return found if points[at - 1] == DOWN else found & ~NEXT


@njit(nogil=True)
def signs_in(points: Points, start: int, end: int, tables: Tables) -> int:
    """What a line may hold that has characters with which jump lines, or the words of a toolbar, begin."""
    turn, signs = 0, 0
    for at in range(start, end):
        kind = kind_of(points[at], tables)
        if kind & VERB:
            turn |= turn_at(points, at, end, tables)
        if kind & PAIRED:
            pairs = pairs_at(points, at, end, tables)
            if pairs & JUMP_PAIRS:
                signs |= JUMP
            if pairs & ~JUMP_PAIRS and at >= end - TAIL:
                signs |= SHARE
    return signs | (JUMP if turn == 3 else 0)


@njit(nogil=True)
def ends_sentence(points: Points, start: int, end: int, tables: Tables) -> bool:
    """Whether a line ends with the end of a sentence, and with closing marks behind it."""
    for at in range(end - 1, max(start, end - LONGEST_END) - 1, -1):
        kind = kind_of(points[at], tables)
        if kind & STOP:
            return True
        if not kind & (CLOSER | SPACE):
            return False
    return False


@njit(nogil=True)
def see_line(points: Points, start: int, end: int, tables: Tables, lines: Offsets, row: int) -> int:
    """Note a line that is not blank, and tell what it may hold; -1 for a blank one."""
    first, last = start, end
    while first < last and kind_of(points[first], tables) & SPACE:
        first += 1
    while last > first and kind_of(points[last - 1], tables) & SPACE:
        last -= 1
    if first == last:
        return -1
    some, every, narrow = np.int64(0), np.int64(-1), np.int64(0)
    for at in range(first, last):  # without a branch, so that the compiler does several at once
        kind = kind_of(points[at], tables)
        some |= kind
        every &= kind
        narrow += kind & NARROW
    signs = signs_in(points, first, last, tables) if some & (VERB | PAIRED) else 0
    lines[row, START], lines[row, FIRST_SIGN], lines[row, LAST], lines[row, END] = start, first, last, end
    lines[row, HALVES], lines[row, SOME] = 2 * (last - first) - narrow, some
    ending = points[end - 1]
    if ending == FULL_STOP:
        signs &= ~SHARE
    elif last - first <= LONGEST_NUMBER and every & NUMERIC and some & NUMERAL:
        signs |= FURNITURE
    if kind_of(points[start], tables) & MARGIN:
        signs |= INDENTED
    if end - start <= LONGEST_HEADING and kind_of(points[first], tables) & ITEM and kind_of(ending, tables) & COMMA:
        signs |= HEADING
    return signs


@njit(nogil=True)
def header_slot(points: Points, lines: Offsets, row: int, tables: Tables) -> int:
    """A hash of a line that may be a header, without its spaces, all numbers alike; -1 for other lines."""
    is_short = lines[row, END] - lines[row, START] <= LONGEST_HEADER
    if not is_short or lines[row, SOME] & MARK or points[lines[row, END] - 1] == FULL_STOP:
        return -1
    value, length, was_digit = _FIRST, 0, False
    for at in range(lines[row, FIRST_SIGN], lines[row, LAST]):
        kind = kind_of(points[at], tables)
        is_digit = kind & DIGIT != 0
        if kind & SPACE or (is_digit and was_digit):
            continue
        value = (value ^ np.uint64(0 if is_digit else points[at])) * _STEP
        value ^= value >> _HALF
        length, was_digit = length + 1, is_digit
    return int(np.int64((value * _STEP) >> _REST)) if length >= SHORTEST_HEADER else -1


@njit(nogil=True)
def may_break(points: Points, lines: Offsets, row: int, is_second: bool, tables: Tables) -> bool:
    """Whether the break before a line may be doubtful; `is_second` where one line stands before it."""
    start, end, last = lines[row - 1, START], lines[row - 1, END], lines[row - 1, LAST]
    if points[end - 1] == FULL_STOP:
        return False
    if last - start <= LONGEST_TITLE and not lines[row - 1, SOME] & INNER:
        is_short = lines[row, END] - lines[row, START] <= LONGEST_TITLE
        if is_second or (is_short and not lines[row, SOME] & INNER):
            return False
    first = lines[row, START]
    if kind_of(points[first], tables) & INDENT or (points[first] == BLANK and points[first + 1] == BLANK):
        return False
    return not ends_sentence(points, start, last, tables)


@njit(nogil=True)
def is_wrapped(points: Points, lines: Offsets, first: int, last: int, tables: Tables) -> bool:
    """Whether lines have about the same width, as in wrapped text."""
    commonest = np.zeros(MOST_WIDTH + 2, dtype=np.int64)
    long = 0
    for row in range(first, last):
        halves = lines[row, HALVES]
        if halves >= 2 * LEAST_WIDTH:
            long += 1
            rounded = halves // 2 + (halves // 2 & 1 if halves & 1 else 0)  # 16.5 and 17.5 to the even one
            if rounded < len(commonest):
                commonest[rounded] += 1
    best, most = 0, 0
    for width in range(LEAST_WIDTH, MOST_WIDTH + 1):
        near = commonest[width - 1] + commonest[width] + commonest[width + 1]
        if commonest[width] and near >= most:
            best, most = width, near
    if long < LEAST_LINES or best == 0:
        return False
    full = verse = wider = 0
    for row in range(first, last):
        wider += lines[row, HALVES] > 2 * (best + WIDER)
        if abs(lines[row, HALVES] - 2 * best) <= NEAR_FULL:
            full += 1
            verse += kind_of(points[lines[row, LAST] - 1], tables) & VERSE != 0
    return 2 * verse <= full and full >= FULL * long and wider <= MOST_WIDER * (last - first)


@njit(nogil=True)
def end_signs(points: Points, lines: Offsets, row: int, tables: Tables) -> int:
    """What the last line of a text may be: names of editors, or the articles beside this one on its site."""
    signs, first, last = 0, lines[row, FIRST_SIGN], lines[row, LAST]
    for at in range(max(lines[row, START], last - LONGEST_CREDIT), last if points[last - 1] != FULL_STOP else 0):
        signs |= EDITOR if kind_of(points[at], tables) & CREDIT else 0
    for at in range(first, min(first + MOST_GAP, last - 1)):  # behind an arrow and a space
        if points[at] == UP or points[at] == DOWN:
            signs |= SHARE if kind_of(points[at + 1], tables) & ARTICLE else 0
    return signs


@njit(cache=True, nogil=True)
def look(points: Points, ends: Offsets, tables: Tables) -> Looks:
    """Look at texts that stand one after the other, each with a newline behind it that is no part of it."""
    size = len(ends)
    for point in points:
        size += point == NEWLINE
    lines, breaks = np.empty((size, SIZE), np.int64), np.empty(size, np.int64)
    flags, counts = np.zeros(len(ends), np.uint16), np.zeros(len(ends), np.int64)
    seen = np.zeros(1 << SLOT_BITS, np.int32)  # in which text a line was last seen, counted from 1
    start = count = doubts = 0
    for text in range(len(ends)):
        begin, found = count, 0
        while start <= ends[text]:
            end = start
            while end < ends[text] and points[end] != NEWLINE:
                end += 1
            signs = see_line(points, start, end, tables, lines, count)
            start = end + 1
            if signs < 0:
                continue
            found |= signs
            slot = header_slot(points, lines, count, tables)
            if slot >= 0:
                found |= FURNITURE if seen[slot] == text + 1 else 0
                seen[slot] = text + 1
            is_second = count == begin + 1
            if count > begin and may_break(points, lines, count, is_second, tables):
                breaks[doubts] = count
                doubts += 1
            count += 1
        if count > begin:
            found |= end_signs(points, lines, count - 1, tables)
            found |= WRAPPED if is_wrapped(points, lines, begin, count, tables) else 0
        flags[text], counts[text] = found, count
    return Looks(flags, counts, lines[:count], breaks[:doubts])


@njit(cache=True, nogil=True)
def hold_jumps(points: Points, bounds: Offsets, tables: Tables) -> npt.NDArray[np.bool_]:
    """Which of some texts, each from one of `bounds` to the next, hold a line in which `look` sees a jump line.

    The parts of a sign may lie in two lines here, so it sees some more.
    """
    found = np.zeros(len(bounds) - 1, dtype=np.bool_)
    for text in range(len(found)):
        turn, signs, end = 0, 0, bounds[text + 1]
        for at in range(bounds[text], end):
            kind = kind_of(points[at], tables)
            if kind & VERB:
                turn |= turn_at(points, at, end, tables)
                signs |= turn == 3
            elif points[at] == NEWLINE:
                turn = 0
            if kind & PAIRED:
                signs |= pairs_at(points, at, end, tables) & JUMP_PAIRS
        found[text] = signs != 0
    return found
