"""How much of a folded text stands in one place of another one, compiled: looked at for many pairs of texts at once."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.minhash import Offsets, shingles
from cleaner.kernels.shingles import Hashes, Points

Numbers = npt.NDArray[np.int32]
Shares = npt.NDArray[np.float64]

ROOM = 2  # cells of a table for each hash


class Prints(NamedTuple):
    """Fingerprints of texts, by text and then by hash: those of text t are `firsts[t] : firsts[t + 1]`."""

    hashes: Hashes
    places: Points
    firsts: Offsets


@njit(nogil=True)
def shift_between(here: int, there: int, prints: Prints) -> int:
    """By how much most of what two texts share lies further on in the second one: the median. 0 if they share none."""
    one, other = prints.firsts[here], prints.firsts[there]
    shifts = np.empty(prints.firsts[here + 1] - one, dtype=np.int64)
    count = 0
    while one < prints.firsts[here + 1] and other < prints.firsts[there + 1]:
        if prints.hashes[one] == prints.hashes[other]:
            shifts[count] = np.int64(prints.places[other]) - np.int64(prints.places[one])
            count += 1
            one += 1
            other += 1
        elif prints.hashes[one] < prints.hashes[other]:
            one += 1
        else:
            other += 1
    return int(shifts[np.argsort(shifts[:count])[count // 2]]) if count else 0


@njit(nogil=True)
def share_of(ours: Hashes, theirs: Hashes) -> float:
    """The share of the different hashes of one text that another has, too."""
    size = 64
    while size < ROOM * len(ours):
        size *= 2
    keys, marks = np.empty(size, dtype=np.uint64), np.zeros(size, dtype=np.uint8)  # 0: free, 1: ours, 2: of both
    mask = np.uint64(size - 1)
    different = both = 0
    for value in ours:
        cell = np.int64(value & mask)
        while marks[cell] > 0 and keys[cell] != value:
            cell = (cell + 1) & (size - 1)
        if marks[cell] == 0:
            keys[cell], marks[cell] = value, 1
            different += 1
    for value in theirs:
        cell = np.int64(value & mask)
        while marks[cell] > 0 and keys[cell] != value:
            cell = (cell + 1) & (size - 1)
        if marks[cell] == 1:
            marks[cell] = 2
            both += 1
    return both / different if different else 0.0


def steps_of_windows(containers: Numbers, prints: Prints, points: Points, *_: object) -> int:
    return len(points) if len(containers) else 0


@njit(cache=True, nogil=True, steps=steps_of_windows)
def shares_in_windows(
    containers: Numbers, prints: Prints, points: Points, spans: Offsets, size: int, room: int
) -> tuple[Offsets, Shares]:
    """For each text and each in which it may stand, the shift between them, and the share of its shingles there.

    `containers` has the numbers of the texts, of shape (texts, some), and -1 where there is none; `spans` say where
    each text begins and ends in `points`. Looked at is the place that the shift tells, with half of the text's length
    and `room` more on either side.
    """
    shifts, shares = np.zeros(containers.shape, dtype=np.int64), np.zeros(containers.shape)
    for text in range(len(containers)):
        hashes = np.empty(0, dtype=np.uint64)
        for number in range(containers.shape[1]):
            other = containers[text, number]
            if other < 0:
                continue
            ours = points[spans[text, 0] : spans[text, 1]]
            if not len(hashes):
                hashes = shingles(ours, size)
            shift = shift_between(text, other, prints)
            around = len(ours) // 2 + room
            theirs = points[spans[other, 0] : spans[other, 1]]
            there = theirs[max(shift - around, 0) : max(shift + len(ours) + around, 0)]
            shifts[text, number] = shift
            shares[text, number] = share_of(hashes, shingles(there, size))
    return shifts, shares
