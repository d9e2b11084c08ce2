"""Where one folded text stands in another, compiled: from a fingerprint that both have as far as they go on alike."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.minhash import Offsets
from cleaner.kernels.shingles import Points

Numbers = npt.NDArray[np.int32]

MOST_SKIPPED = 8  # characters that one of two texts may have and the other not, before they go on alike
SURE_AGAIN = 6  # characters that must then be equal
MOST_FOLLOWED = 32  # characters followed for each of a text: one passes them seldom twice, but for rows of one form
NONE = -1


class Laid(NamedTuple):
    """Folded texts one behind the other, with their lines: of each start, end, and the number of its first character.

    Where each text begins and ends is told by `spans`, in points, and `line_spans`, in lines.
    """

    points: Points
    spans: Offsets
    lines: Points
    line_spans: Offsets


@njit(nogil=True)
def equal_at(a: Points, b: Points, i: int, j: int, step: int) -> bool:
    """Whether two texts go on equally from i and j, in steps of 1 or -1, for SURE_AGAIN characters."""
    last_i, last_j = i + step * (SURE_AGAIN - 1), j + step * (SURE_AGAIN - 1)
    if min(i, last_i) < 0 or min(j, last_j) < 0 or max(i, last_i) >= len(a) or max(j, last_j) >= len(b):
        return False
    for at in range(SURE_AGAIN):  # noqa: SIM110 -- a generator expression does not compile
        if a[i + step * at] != b[j + step * at]:
            return False
    return True


@njit(nogil=True)
def skip(a: Points, b: Points, i: int, j: int, step: int) -> tuple[int, int]:
    """The fewest characters to pass over in each text so that they go on alike; (NONE, NONE) if there is no way."""
    for both in range(1, 2 * MOST_SKIPPED + 1):
        for ours in range(max(both - MOST_SKIPPED, 0), min(both, MOST_SKIPPED) + 1):
            if equal_at(a, b, i + step * ours, j + step * (both - ours), step):
                return ours, both - ours
    return NONE, NONE


@njit(nogil=True)
def follow(a: Points, b: Points, seed: tuple[int, int], step: int, found: Numbers) -> int:
    """The pairs of equal characters from a place in both texts on, in steps of 1 or -1, into `found`; how many."""
    i, j = seed
    count = 0
    while 0 <= i < len(a) and 0 <= j < len(b):
        if a[i] == b[j]:
            found[count, 0], found[count, 1] = i, j
            count += 1
            i += step
            j += step
        else:
            ours, theirs = skip(a, b, i, j, step)
            if ours == NONE:
                break
            i += step * ours
            j += step * theirs
    return count


@njit(cache=True, nogil=True)
def align(a: Points, b: Points, seeds: Offsets) -> Numbers:
    """For each character of a where it stands in b, or NONE. `seeds` are places in a and b where both have a gram.

    A phrase can stand in b more than once: of two ways that a character may have gone, the longer one counts. Where
    texts are rows of one form in another order, each seed leads through all of them: after MOST_FOLLOWED the rest is
    left out, and has its way by then.
    """
    path = np.full(len(a), NONE, dtype=np.int32)
    length = np.zeros(len(a), dtype=np.int32)  # of the way that each character has gone
    found = np.empty((len(a), 2), dtype=np.int32)
    left = MOST_FOLLOWED * len(a)
    for number in range(len(seeds)):
        i, j = seeds[number]
        if left < 0:
            break
        if path[i] == j:
            continue
        count = follow(a, b, (i, j), 1, found)
        count += follow(a, b, (i - 1, j - 1), -1, found[count:])
        left -= count
        for pair in range(count):
            here, there = found[pair]
            if length[here] < count:
                path[here], length[here] = there, count
    return path


def steps_along_lines(seeds: Offsets, starts: Offsets, laid: Laid, *_: object) -> int:
    return len(seeds) and len(laid.points)


@njit(cache=True, nogil=True, steps=steps_along_lines)
def covered_by_lines(seeds: Offsets, starts: Offsets, laid: Laid, covered: float, room: int) -> Offsets:
    """For pairs of texts the characters of the first in lines of which a share of `covered` stands in the second.

    The seeds of pair p are `seeds[starts[p] : starts[p + 1]]`: text, other text, place, place there. Lines are looked
    at near the seeds only, as far as the other text is long, and `room` more.
    """
    found = np.zeros(len(starts) - 1, dtype=np.int64)
    for pair in range(len(found)):
        mine = seeds[starts[pair] : starts[pair + 1]]
        text, other = mine[0, 0], mine[0, 1]
        ours = laid.points[laid.spans[text, 0] : laid.spans[text, 1]]
        theirs = laid.points[laid.spans[other, 0] : laid.spans[other, 1]]
        first = last = mine[0, 2]
        for place in mine[:, 2]:
            first, last = min(first, place), max(last, place)
        begin = max(first - len(theirs) - room, 0)
        path = align(ours[begin : last + len(theirs) + room], theirs, near_seeds(mine, begin))
        for line in range(laid.line_spans[text, 0], laid.line_spans[text, 1]):
            start = np.int64(laid.lines[line, 2]) - begin
            is_last = line + 1 == laid.line_spans[text, 1]
            end = (len(ours) if is_last else np.int64(laid.lines[line + 1, 2])) - begin
            if start < 0 or end > len(path):
                continue
            count = 0
            for at in range(start, end):
                count += path[at] >= 0
            if count >= covered * (end - start):
                found[pair] += end - start
    return found


@njit(nogil=True)
def near_seeds(seeds: Offsets, begin: int) -> Offsets:
    """The places of seeds, counted from `begin` on in the first text."""
    places = np.empty((len(seeds), 2), dtype=np.int64)
    for row in range(len(seeds)):
        places[row, 0], places[row, 1] = seeds[row, 2] - begin, seeds[row, 3]
    return places
