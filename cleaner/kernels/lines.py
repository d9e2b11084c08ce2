"""The lines of folded text, hashed: one pass over the code points of as many documents as one likes."""

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.shingles import Hashes, Points

Offsets = npt.NDArray[np.int64]

NEWLINE = 0x0A
_FIRST = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio in 64 bits
_STEP = np.uint64(0xBF58476D1CE4E5B9)
_LAST = np.uint64(0x94D049BB133111EB)
_HALF = np.uint64(32)


@njit(cache=True, nogil=True)
def line_hashes(points: Points, table: Points) -> tuple[Hashes, Offsets, Offsets]:
    """For each line its hash, how many of its code points count, and where it starts.

    `table` says what a code point is compared as, from 0 up; 0, and what lies beyond its end, does not count. Each
    code point is followed by a multiplication and a shift, so that the hash is no polynomial: lines that differ in
    a few places in a chosen way do not collide.
    """
    lines = 1
    for at in range(len(points)):
        lines += points[at] == NEWLINE
    hashes = np.empty(lines, dtype=np.uint64)
    lengths = np.zeros(lines, dtype=np.int64)
    starts = np.zeros(lines, dtype=np.int64)
    line, value = 0, _FIRST
    for at in range(len(points)):
        point = points[at]
        if point == NEWLINE:
            hashes[line] = finished(value)
            line, value = line + 1, _FIRST
            starts[line] = at + 1
        elif point < len(table) and table[point] != 0:
            value = (value ^ np.uint64(table[point])) * _STEP
            value ^= value >> _HALF
            lengths[line] += 1
    hashes[line] = finished(value)
    return hashes, lengths, starts


@njit(cache=True, nogil=True)
def finished(value: np.uint64) -> np.uint64:
    """Two more steps, so that the last code point reaches all bits."""
    value = value * _LAST
    value ^= value >> _HALF
    value = value * _STEP
    return value ^ (value >> _HALF)
