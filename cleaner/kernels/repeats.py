"""Stretches of a text that repeat an earlier stretch, with some differences: seeds, extended (Altschul et al. 1990).

A seed is a run of K characters that stood before. From a seed the two stretches are compared character by
character, in both directions. Where they differ, the nearest place is looked for at which they agree again; each
difference has a price, and the comparison ends where the score has dropped too far below its best (X-drop, Zhang et
al. 1998).

Of all runs a quarter, chosen by their hash, are put into two tables without collision lists: one keeps the first
place of a run, the other the latest. A run that finds its cell taken is lost to the first table; a stretch worth
finding has dozens.
"""

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.shingles import BASE, Points

K = 12  # characters of a seed
LEAST_RUN = 20  # characters around a seed that must agree before it is worth a closer look
SHARE_BITS = 2  # one in 2**2 runs is put into the tables
REACH = 40  # characters that may stand in one of the stretches only, or differ, before the two agree again
NEAR_REACH = 8
AGREE, AGREE_FAR = 6, 10  # characters that must then agree, within NEAR_REACH and beyond
DROP = 40  # below the best score, where a comparison ends
TAIL = 8  # characters at the end that are compared place by place
MIN_BITS = 8  # of the size of the tables of runs
BLOCK = 512  # runs that are hashed before those that are chosen are looked at
OVERLAP = 100  # characters that two stretches may share
AT, QUIET, FLOOR = 0, 1, 2  # the state: next run to look at; tried up to here; no stretch begins before

Offsets = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Region = tuple[int, int, int, int]  # start and end of the earlier stretch, start and end of the later one

_LEAVING = np.uint64(pow(0x9E3779B97F4A7C15, K - 1, 1 << 64))
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_HALF, _SHARE, _REST = np.uint64(32), np.uint64(SHARE_BITS), np.uint64(64 - SHARE_BITS)


@njit(nogil=True)
def agree(points: Points, a: int, b: int, step: int, count: int) -> bool:
    """Whether `count` characters from `a` on equal those from `b` on, forwards or backwards."""
    for _ in range(count):
        if points[a] != points[b]:
            return False
        a += step
        b += step
    return True


@njit(nogil=True)
def resync(points: Points, a: int, b: int, stops: tuple[int, int], step: int) -> tuple[int, int]:
    """How many characters to skip in either stretch, so that they agree again; (0, 0) if they do not."""
    room_a, room_b = (stops[0] - a) * step, (stops[1] - b) * step
    for span in range(1, REACH + 1):
        count = AGREE if span <= NEAR_REACH else AGREE_FAR
        far_a, far_b = a + span * step, b + span * step
        in_a, in_b = span + count <= room_a, span + count <= room_b
        if in_a and in_b and agree(points, far_a, far_b, step, count):
            return span, span
        if in_b:
            for other in range(min(span, room_a - count + 1)):
                near_a = a + other * step
                if points[near_a] == points[far_b] and agree(points, near_a, far_b, step, count):
                    return other, span
        if in_a:
            for other in range(min(span, room_b - count + 1)):
                near_b = b + other * step
                if points[far_a] == points[near_b] and agree(points, far_a, near_b, step, count):
                    return span, other
    return 0, 0


@njit(nogil=True)
def price(skipped_a: int, skipped_b: int) -> int:
    """What a difference costs: what stands on one side only costs a quarter of what is replaced."""
    both = min(skipped_a, skipped_b)
    return 3 + 2 * both + (skipped_a + skipped_b - 2 * both) // 2


@njit(nogil=True)
def tail(points: Points, a: int, b: int, stops: tuple[int, int], step: int) -> int:
    """How many more characters belong to the stretches, though too few agree at their end to be sure of it."""
    score = best = length = 0
    for offset in range(TAIL):
        x, y = a + offset * step, b + offset * step
        if (stops[0] - x) * step <= 0 or (stops[1] - y) * step <= 0:
            break
        score += 1 if points[x] == points[y] else -1
        if score > best:
            best, length = score, offset + 1
    return length


@njit(cache=True, nogil=True)
def extend(points: Points, a: int, b: int, stops: tuple[int, int], step: int, runs: Offsets) -> tuple[int, int, int]:
    """Compare from `a` and `b` on, in one direction, up to the stops: how many runs agree, and where the last ends.

    As many runs as fit are written into `runs`, of shape (n, 3): where each starts in either stretch, and its length.
    """
    score = best = count = 0
    end_a, end_b = a, b
    while True:
        start_a, start_b = a, b
        while (stops[0] - a) * step > 0 and (stops[1] - b) * step > 0 and points[a] == points[b]:
            a += step
            b += step
        length = abs(a - start_a)
        if count < len(runs):
            runs[count, 0], runs[count, 1], runs[count, 2] = start_a, start_b, length
        count += 1
        score += length
        if score > best:
            best, best_count = score, count
            end_a, end_b = a, b
        skipped_a, skipped_b = resync(points, a, b, stops, step)
        score -= price(skipped_a, skipped_b)
        if skipped_a + skipped_b == 0 or score < best - DROP:
            break
        a += skipped_a * step
        b += skipped_b * step
    if best == 0:
        return 0, end_a, end_b
    more = tail(points, end_a, end_b, stops, step)
    if 0 < best_count <= len(runs):
        runs[best_count - 1, 2] += more
    return best_count, end_a + more * step, end_b + more * step


@njit(nogil=True)
def is_worth_it(points: Points, early: int, late: int) -> bool:
    """Whether enough characters around a seed agree: names and phrases repeat, and most seeds are theirs."""
    if not agree(points, early, late, 1, K):
        return False
    length = K
    while length < LEAST_RUN and late + length < len(points) and points[early + length] == points[late + length]:
        length += 1
    back = 1
    while length < LEAST_RUN and early - back >= 0 and points[early - back] == points[late - back]:
        length, back = length + 1, back + 1
    return length >= LEAST_RUN


@njit(nogil=True)
def room_around(place: int, removed: Offsets) -> tuple[int, int]:
    """The bounds of what is left of a text around a place; `removed` has the start and end of each part that goes."""
    low, high = 0, len(removed)
    while low < high:
        middle = (low + high) // 2
        if removed[middle, 0] <= place:
            low = middle + 1
        else:
            high = middle
    return (removed[low - 1, 1] if low > 0 else 0), (removed[low, 0] if low < len(removed) else 1 << 62)


@njit(nogil=True)
def stretch_at(points: Points, early: int, late: int, removed: Offsets, floor: int) -> Region:
    """The two stretches around a seed. They overlap by no more than OVERLAP characters beyond the seed.

    Where one copy follows the other, what stands before the first may be like the end of the first, and only the lines
    tell where the second begins.
    """
    none = np.zeros((0, 3), dtype=np.int64)
    low, high = room_around(early, removed)
    stops = (low - 1, max(floor, early + K) - 1)
    _, before_a, before_b = extend(points, early - 1, late - 1, stops, -1, none)
    start_a, start_b = before_a + 1, before_b + 1
    _, end_a, end_b = extend(points, start_a, start_b, (min(high, late + OVERLAP), len(points)), 1, none)
    return start_a, end_a, start_b, end_b


@njit(nogil=True)
def choose(
    points: Points, span: tuple[int, int], value: np.uint64, shift: int, chosen: Offsets
) -> tuple[int, np.uint64]:
    """Note the places and cells of those runs of a span that are put into the tables. Returns how many, and `value`.

    It is the hash of the characters before the last one of the next run. Nothing branches here: a processor could not
    foresee which runs are chosen.
    """
    count = 0
    for at in range(span[0], span[1]):
        value = value * BASE + np.uint64(points[at + K - 1])
        mixed = (value ^ (value >> _HALF)) * _MIX
        value -= _LEAVING * np.uint64(points[at])
        chosen[count, 0], chosen[count, 1] = at, np.int64((mixed << _SHARE) >> np.uint64(shift))
        count += mixed >> _REST == 0
    return count, value


@njit(cache=True, nogil=True)
def next_repeat(points: Points, first: Places, latest: Places, removed: Offsets, state: Offsets, least: int) -> Region:
    """The next stretch of `least` characters or more that repeats an earlier one; all zeros if there is none.

    `first` and `latest` have 2**n cells for the places of runs, counted from 1; they and `state` are carried on
    from call to call. A seed is passed over where it lies within what was just compared, and where its two
    places are too near.
    """
    near = max(K, least * 3 // 4)
    shift = 64
    while 1 << (64 - shift) < len(first):
        shift -= 1
    value = np.uint64(0)
    start = state[AT]
    for place in range(start, min(start + K - 1, len(points))):
        value = value * BASE + np.uint64(points[place])
    chosen, runs = np.empty((BLOCK, 2), dtype=np.int64), len(points) - K + 1
    for block in range(start, runs, BLOCK):
        count, value = choose(points, (block, min(block + BLOCK, runs)), value, shift, chosen)
        for number in range(count):
            at, slot = chosen[number, 0], chosen[number, 1]
            early, late = first[slot] - 1, latest[slot] - 1
            if early < 0:
                first[slot] = at + 1
            latest[slot] = at + 1
            if early < 0 or at < state[QUIET]:
                continue
            best = (0, 0, 0, 0)
            for place in (early, late):
                is_new = place == early or late != early
                if is_new and at - place >= near and is_worth_it(points, place, at):
                    found = stretch_at(points, place, at, removed, state[FLOOR])
                    if found[3] - found[2] > best[3] - best[2]:
                        best = found
            state[QUIET] = max(state[QUIET], best[3])
            if best[3] - best[2] >= least:
                state[AT] = at + 1
                return best
    state[AT] = len(points)
    return 0, 0, 0, 0


@njit(cache=True, nogil=True)
def repeating(points: Points, ends: Offsets, least: int) -> npt.NDArray[np.bool_]:
    """For each of some texts, one behind the other, whether `next_repeat` finds anything in it; `ends` are theirs."""
    found = np.zeros(len(ends), dtype=np.bool_)
    longest = start = 0
    for end in ends:
        longest, start = max(longest, end - start), end
    first, latest = np.empty(cells_for(longest), dtype=np.int32), np.empty(cells_for(longest), dtype=np.int32)
    removed, state = np.zeros((0, 2), dtype=np.int64), np.zeros(3, dtype=np.int64)
    start = 0
    for text in range(len(ends)):
        size = ends[text] - start
        if size >= 2 * least:
            cells = cells_for(size)
            first[:cells], latest[:cells], state[:] = 0, 0, 0
            region = next_repeat(points[start : ends[text]], first[:cells], latest[:cells], removed, state, least)
            found[text] = region[3] > 0
        start = ends[text]
    return found


@njit(nogil=True)
def cells_for(size: int) -> int:
    """How many cells a table of runs has for a text of so many characters."""
    cells = 1 << MIN_BITS
    while cells <= size // 2:
        cells *= 2
    return cells
