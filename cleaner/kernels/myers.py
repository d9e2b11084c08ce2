"""What two sequences of code points have in common, compiled: the shortest edit script, and chains of anchors.

`shortest` is the greedy algorithm of Myers (1986): the furthest place that each number of insertions and deletions can
reach on each diagonal. Its time is the length of the texts and the square of the number of differences, so that the
caller bounds that number, and cuts texts with more of them at anchors first.
"""

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.shingles import Points

Runs = npt.NDArray[np.int64]  # of shape (runs, 3): place in a, place in b, and how many code points are equal
Places = npt.NDArray[np.int64]
Reach = npt.NDArray[np.int32]

NOWHERE = -1


@njit(nogil=True)
def step(reach: Reach, differences: int, at: int, n: int, m: int) -> tuple[int, bool]:
    """The furthest place in a on a diagonal before its equal characters, and whether a deletion led there.

    Diagonal `at` of those that so many differences reach is 2 * at - differences; NOWHERE if nothing leads to it.
    """
    if differences == 0:
        return 0, False
    before = (differences - 1) * differences // 2
    diagonal = 2 * at - differences
    inserted = deleted = NOWHERE
    if at < differences:
        inserted = reach[before + at]
        if inserted - diagonal > m:
            inserted = NOWHERE
    if at > 0 and reach[before + at - 1] != NOWHERE:
        deleted = reach[before + at - 1] + 1
        if deleted > n:
            deleted = NOWHERE
    return (deleted, True) if deleted > inserted else (inserted, False)


def most_steps(a: Points, b: Points, most: int) -> int:
    """The most steps that `shortest` may take: one for each diagonal and number of differences, and along the texts."""
    return min(most, len(a) + len(b)) ** 2 // 2 + len(a)


@njit(cache=True, nogil=True, steps=most_steps)
def shortest(a: Points, b: Points, most: int) -> tuple[bool, Runs]:
    """The equal runs of a shortest edit script between a and b; False if it takes more than `most` differences."""
    n, m = len(a), len(b)
    most = min(most, n + m)
    reach = np.empty((most + 1) * (most + 2) // 2, dtype=np.int32)
    for differences in range(most + 1):
        row = differences * (differences + 1) // 2
        for at in range(differences + 1):
            x, _ = step(reach, differences, at, n, m)
            diagonal = 2 * at - differences
            if x != NOWHERE:
                while x < n and x - diagonal < m and a[x] == b[x - diagonal]:
                    x += 1
            reach[row + at] = x
            if x == n and x - diagonal == m:
                return True, runs_back(reach, differences, n, m)
    return False, np.empty((0, 3), dtype=np.int64)


@njit(nogil=True)
def runs_back(reach: Reach, differences: int, n: int, m: int) -> Runs:
    """The equal runs on the way back from the end of both texts, in ascending order."""
    runs = np.empty((differences + 1, 3), dtype=np.int64)
    first = differences + 1
    x, y = n, m
    while differences >= 0:
        start, is_deletion = step(reach, differences, (x - y + differences) // 2, n, m)
        if x > start:
            first -= 1
            runs[first, 0], runs[first, 1], runs[first, 2] = start, start - (x - y), x - start
        x, y = start, start - (x - y)
        if differences and is_deletion:
            x -= 1
        elif differences:
            y -= 1
        differences -= 1
    return runs[first:]


@njit(cache=True, nogil=True)
def chain(a: Points, b: Points, ours: Places, theirs: Places) -> Runs:
    """The longest chain of anchors that ascends in both texts, each made as long as both texts go on alike.

    `ours` are ascending places in a, `theirs` the places in b where the same stands.
    """
    count = len(ours)
    ends = np.empty(count, dtype=np.int64)  # for each length, the anchor with the least place in b that ends a chain
    before = np.empty(count, dtype=np.int64)
    longest = 0
    for anchor in range(count):
        low, high = 0, longest
        while low < high:
            middle = (low + high) // 2
            if theirs[ends[middle]] < theirs[anchor]:
                low = middle + 1
            else:
                high = middle
        before[anchor] = ends[low - 1] if low else NOWHERE
        ends[low] = anchor
        longest = max(longest, low + 1)
    links = np.empty(longest, dtype=np.int64)
    anchor = ends[longest - 1] if longest else NOWHERE
    for place in range(longest - 1, -1, -1):
        links[place] = anchor
        anchor = before[anchor]
    found: Runs = grown(a, b, ours[links], theirs[links])
    return found


@njit(nogil=True)
def grown(a: Points, b: Points, ours: Places, theirs: Places) -> Runs:
    """Anchors that ascend in both texts as equal runs that do not overlap."""
    runs = np.empty((len(ours), 3), dtype=np.int64)
    count = end_i = end_j = 0
    for anchor in range(len(ours)):
        i, j = ours[anchor], theirs[anchor]
        if i < end_i or j < end_j:
            continue
        while i > end_i and j > end_j and a[i - 1] == b[j - 1]:
            i, j = i - 1, j - 1
        size = 0
        while i + size < len(a) and j + size < len(b) and a[i + size] == b[j + size]:
            size += 1
        if size:
            runs[count, 0], runs[count, 1], runs[count, 2] = i, j, size
            count += 1
            end_i, end_j = i + size, j + size
    return runs[:count]
