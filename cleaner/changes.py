"""What differs between two texts, character by character, in time that follows their length.

Chinese has no spaces, and a paragraph or a whole book may be one line, so lines are no help. Where there are few
differences the shortest edit script is found at once (see `cleaner.kernels.myers`). Where there are more, the texts are
cut at anchors: runs of characters that stand once in either text, long ones first, and between them shorter ones. What
is left without anchors, and differs in thousands of places, is told as one replacement.

>>> [(change.before, change.after) for change in changes("镇里修好了水渠。", "镇上修好了新水渠。")]
[('里', '上'), ('', '新')]
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cleaner.document import code_points
from cleaner.kernels import myers
from cleaner.kernels.myers import Places, Runs
from cleaner.kernels.shingles import Points

GRAMS = (32, 12, 5)  # characters of an anchor, on each level of cutting
FEW = 200  # differences that are looked for first: for so few the compiler need not be loaded
MOST_DIFFERENCES = 1000  # insertions and deletions that are looked for before a text is cut
MOST_AT_LAST = 2000  # the same where there is nothing to cut at any more
LONGEST_ACCIDENT = 4  # characters that two different phrases may have in common by chance
COMMON = -1  # instead of a level: these two spans are equal
BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no bit is lost in multiplying


@dataclass(frozen=True, slots=True)
class Difference:
    """What stood at `offset` of one text, and what stands at `new_offset` of the other in its place."""

    offset: int
    new_offset: int
    before: str
    after: str


def changes(old: str, new: str) -> list[Difference]:
    """The differences between two texts in order; what they have in common by accident is part of a difference."""
    if old == new:
        return []
    found: list[list[int]] = []  # start and end in the old text, start and end in the new
    end = new_end = 0
    for i, j, size in [*common_runs(old, new).tolist(), [len(old), len(new), 0]]:
        if i > end or j > new_end:
            found.append([end, i, new_end, j])
            while len(found) > 1 and is_accident(found[-2], found[-1]):
                _, last_end, _, last_new_end = found.pop()
                found[-1][1], found[-1][3] = last_end, last_new_end
        end, new_end = i + size, j + size
    return [Difference(start, first, old[start:end], new[first:last]) for start, end, first, last in found]


def is_accident(one: list[int], other: list[int]) -> bool:
    """Whether what lies between two differences is shorter than both, and so short that it says nothing."""
    between = other[0] - one[1]
    sizes = [max(end - start, last - first) for start, end, first, last in (one, other)]
    return between <= LONGEST_ACCIDENT and between < min(sizes)


def common_runs(old: str, new: str) -> Runs:
    """Runs of characters that stand in both texts in the same order, of shape (runs, 3): offset, new offset, length."""
    a, b = code_points(old), code_points(new)
    found = [runs for runs in aligned(a, b) if len(runs)]
    return np.concatenate(found) if found else np.empty((0, 3), dtype=np.int64)


def aligned(a: Points, b: Points) -> Iterator[Runs]:
    """The common runs in order; what lies between two anchors is aligned before what lies behind them."""
    # Start and end in a, start and end in b, and the level; the last one is the next to be dealt with.
    waiting = [(0, len(a), 0, len(b), 0)]
    while waiting:
        start, end, first, last, level = waiting.pop()
        if level == COMMON:
            yield np.array([[start, first, end - start]], dtype=np.int64)
            continue
        if start == end or first == last:
            continue
        ours, theirs = a[start:end], b[first:last]
        is_last = level == len(GRAMS)
        most = MOST_AT_LAST if is_last else MOST_DIFFERENCES
        is_found, runs = myers.shortest(ours, theirs, min(FEW, most))
        if not is_found and most > FEW:
            is_found, runs = myers.shortest(ours, theirs, most)
        if is_found:
            yield runs + np.array([start, first, 0])
            continue
        if is_last:
            continue
        parts: list[tuple[int, int, int, int, int]] = []
        done, new_done = start, first
        for i, j, size in anchors(ours, theirs, GRAMS[level]).tolist():
            parts.append((done, start + i, new_done, first + j, level + 1))
            done, new_done = start + i + size, first + j + size
            parts.append((start + i, done, first + j, new_done, COMMON))
        waiting += reversed([*parts, (done, end, new_done, last, level + 1)])


def anchors(a: Points, b: Points, size: int) -> Runs:
    """Common runs about the grams of `size` characters that stand once in either text."""
    if min(len(a), len(b)) < size:
        return np.empty((0, 3), dtype=np.int64)
    hashes, places = once(a, size)
    other_hashes, other_places = once(b, size)
    _, ours, theirs = np.intersect1d(hashes, other_hashes, assume_unique=True, return_indices=True)
    order = np.argsort(places[ours])
    found: Runs = myers.chain(a, b, places[ours][order], other_places[theirs][order])
    return found


def once(points: Points, size: int) -> tuple[Places, Places]:
    """The hashes of the grams that stand once in a text, and where."""
    hashes = np.zeros(len(points) - size + 1, dtype=np.uint64)
    for place in range(size):
        hashes = hashes * BASE + points[place : place + len(hashes)]
    found, places, counts = np.unique(hashes, return_index=True, return_counts=True)
    return found[counts == 1], places[counts == 1]
