"""Texts in UTF-8 as they are compared, compiled: one pass that decodes, folds, and cuts and hashes the lines.

The texts of a batch lie one behind the other in one array of bytes, as Arrow keeps them.
"""

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.shingles import Hashes, Points

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

NEWLINE = 0x0A
_FIRST = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio in 64 bits
_STEP = np.uint64(0xBF58476D1CE4E5B9)
_LAST = np.uint64(0x94D049BB133111EB)
_HALF = np.uint64(32)
_MASK = (1 << 64) - 1
_1, _2, _3, _4 = map(np.uint64, range(1, 5))


class Folded(NamedTuple):
    """Texts as they are compared, one behind the other, and what is known of their characters and lines.

    `places` are the offsets of the characters in their own texts, in code points. `lines`, of shape (lines, 3), are
    those that hold anything to compare: start and end in the text, and the number of their first character in the
    folded text.
    """

    points: Points
    places: Points
    ends: Offsets  # of the texts, in points and places
    sizes: Offsets  # of the texts before they were folded, in code points
    lines: Points
    hashes: Hashes  # of the lines, folded
    line_ends: Offsets  # of the texts, in lines


@njit(nogil=True)
def point_at(data: Bytes, at: np.uint64) -> tuple[np.uint32, np.uint64]:
    """The code point whose UTF-8 begins at a place, and how many bytes it has. Lone surrogates pass through."""
    lead = int(data[at])
    if 0xE0 <= lead < 0xF0:  # as of nearly all
        return np.uint32((lead & 0x0F) << 12 | rest_at(data, at + _1) << 6 | rest_at(data, at + _2)), _3
    if lead < 0x80:
        return np.uint32(lead), _1
    if lead < 0xE0:
        return np.uint32((lead & 0x1F) << 6 | rest_at(data, at + _1)), _2
    low = rest_at(data, at + _2) << 6 | rest_at(data, at + _3)
    return np.uint32((lead & 0x07) << 18 | rest_at(data, at + _1) << 12 | low), _4


@njit(nogil=True)
def rest_at(data: Bytes, at: np.uint64) -> int:
    """The bits of a byte that is not the first of its code point."""
    return int(data[at]) & 0x3F


@njit(nogil=True)
def finished(value: np.uint64) -> np.uint64:
    """Two more steps, so that the last code point reaches all bits."""
    value = value * _LAST
    value ^= value >> _HALF
    value = value * _STEP
    return value ^ (value >> _HALF)


@njit(nogil=True)
def counted(data: Bytes) -> tuple[int, int]:
    """How many code points and how many newlines there are in UTF-8."""
    points = newlines = 0
    for byte in data:
        points += (byte & 0xC0) != 0x80
        newlines += byte == NEWLINE
    return points, newlines


def plain_fold(data: Bytes, cuts: Offsets, table: Points) -> Folded:
    """`fold_utf8` in numpy, but for the hashes of the lines."""
    texts = [data[start:end].tobytes().decode("utf-8", "surrogatepass") for start, end in itertools.pairwise(cuts)]
    sizes = np.array(list(map(len, texts)), dtype=np.int64)
    starts = np.cumsum(sizes + 1) - sizes - 1  # each text with a newline behind it
    points = np.frombuffer("\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    values = table[np.minimum(points, len(table) - 1)]
    kept, text_at = np.flatnonzero(values), np.repeat(np.arange(len(texts)), sizes + 1)
    breaks = np.flatnonzero(points == NEWLINE)
    line_starts = np.append(0, breaks + 1)[:-1]
    firsts, lasts = np.searchsorted(kept, line_starts), np.searchsorted(kept, breaks)
    found = lasts > firsts
    of_text, text_firsts = text_at[line_starts][found], np.searchsorted(kept, starts)
    spans = zip(firsts[found].tolist(), lasts[found].tolist(), strict=True)
    hashes = [plain_hash(values[kept[first:last]].tolist()) for first, last in spans]
    lines = [
        line_starts[found] - starts[of_text],
        breaks[found] - starts[of_text],
        firsts[found] - text_firsts[of_text],
    ]
    return Folded(
        values[kept],
        (kept - starts[text_at[kept]]).astype(np.uint32),
        np.searchsorted(kept, starts + sizes),
        sizes,
        np.stack(lines, axis=1).astype(np.uint32),
        np.array(hashes, dtype=np.uint64),
        np.cumsum(np.bincount(of_text, minlength=len(texts))),
    )


def plain_hash(points: list[int]) -> int:
    """The hash of one folded line."""
    value, step = int(_FIRST), int(_STEP)
    for point in points:
        value = (value ^ point) * step & _MASK
        value ^= value >> 32
    for factor in (int(_LAST), step):
        value = value * factor & _MASK
        value ^= value >> 32
    return value


def steps_of_folding(data: Bytes, cuts: Offsets, table: Points) -> int:
    """About how many steps `plain_fold` takes: of the hashes, each of which is quick."""
    return int(cuts[-1] - cuts[0]) // 8


@njit(cache=True, nogil=True, plain=plain_fold, steps=steps_of_folding)
def fold_utf8(data: Bytes, cuts: Offsets, table: Points) -> Folded:
    """Fold texts: each code point mapped through `table`, those that become 0 left out.

    Text t is `data[cuts[t] : cuts[t + 1]]` and must be valid UTF-8, but for lone surrogates. `table` has one cell per
    code point from 0; what lies beyond its end is left out. In the hash of a line each code point is followed by a
    multiplication and a shift, so that it is no polynomial: lines that differ in a few places in a chosen way do not
    collide.

    Places are unsigned: of other numbers numba asks each time whether they count from the end of the array.
    """
    count, newlines = counted(data[cuts[0] : cuts[-1]])
    points, places = np.empty(count, dtype=np.uint32), np.empty(count, dtype=np.uint32)
    lines = np.empty((newlines + len(cuts) - 1, 3), dtype=np.uint32)
    hashes = np.empty(len(lines), dtype=np.uint64)
    ends, line_ends, sizes = np.empty((3, len(cuts) - 1), dtype=np.int64)
    kept, line = np.uint64(0), 0
    for text in range(len(cuts) - 1):
        at, end, place, text_first = np.uint64(cuts[text]), np.uint64(cuts[text + 1]), np.uint64(0), kept
        while at <= end:
            line_start, line_first, value = place, kept, _FIRST
            while at < end and data[at] != NEWLINE:
                point, width = point_at(data, at)
                if point < len(table) and table[point] != 0:
                    points[kept], places[kept] = table[point], place
                    value = (value ^ np.uint64(points[kept])) * _STEP
                    value ^= value >> _HALF
                    kept += _1
                at += width
                place += _1
            if kept > line_first:
                lines[line, 0], lines[line, 1], lines[line, 2] = line_start, place, line_first - text_first
                hashes[line] = finished(value)
                line += 1
            at += _1
            place += _1
        ends[text], line_ends[text], sizes[text] = kept, line, place - _1
    return Folded(points[:kept], places[:kept], ends, sizes, lines[:line], hashes[:line], line_ends)
