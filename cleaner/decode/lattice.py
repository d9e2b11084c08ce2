"""Damaged and mixed bytes: cut into characters as they most likely were, when no single encoding reads them all.

One byte too many in GBK shifts all pairs behind it; a line can be half UTF-8 and half GBK. Of all ways to cut the
bytes into characters of UTF-8, GB 18030 and Big5, leaving out single bytes and changing the encoding at a price,
the cheapest is taken, by the same costs that tell encodings apart. See `cleaner.kernels.lattice` for the search.
"""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.decode import charsets
from cleaner.decode.score import LETTER, UNIT, Costs, cheapest, costs, fold, pair_gains

# The kernel is imported where it is used: with its compiler that takes half a second, which good files need not pay.

Points = npt.NDArray[np.uint16]
CHARSETS = ("utf-8", "gb18030", "big5")  # in the order of the kernel
SKIP = 15 * UNIT  # an unreadable byte: dearer than any character, cheaper than two that make no sense
SWITCH, START = 16 * UNIT, 11 * UNIT  # another encoding within a line, and from its beginning on
SLOTS = 1 << 18  # of the table of pairs: about a third is used
PIECE = 1 << 18  # bytes at a time, which bounds the memory
FIRST_OF_TRAILS = 0x30  # bytes below are never part of a longer character


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes start:end read in one character set; an empty one for bytes that are no character."""

    start: int
    end: int
    charset: str


@dataclass(frozen=True, slots=True)
class Tables:
    """What the kernel looks up."""

    singles: Costs  # (256,): single bytes, in any character set
    pairs: dict[int, tuple[Costs, Points]]  # of GB 18030 and Big5: cost and folded code point of each pair of bytes
    bmp: tuple[Costs, Points]  # the same of each code point
    side_by_side: tuple[npt.NDArray[np.uint32], Costs]  # a hash table of pairs of characters


@functools.cache
def tables() -> Tables:
    """Read every pair of bytes in both character sets, once."""
    from cleaner.kernels.lattice import IMPOSSIBLE, hash_table

    singles = np.full(256, IMPOSSIBLE, dtype=np.uint8)
    singles[:0x80] = cheapest()[:0x80]
    pairs: dict[int, tuple[Costs, Points]] = {}
    for charset, script in (("gb18030", cheapest()), ("big5", costs("traditional"))):
        known = charsets.pairs_of(charset)
        cells = np.array([(pair >> 8) * 192 + (pair & 0xFF) - (0x81 * 192 + 0x40) for pair in known])
        points = np.array([ord(text[-1]) for text in known.values()])
        prices, folded = np.full(126 * 192, IMPOSSIBLE, dtype=np.uint8), np.zeros(126 * 192, dtype=np.uint16)
        prices[cells] = script[points]
        folded[cells] = np.where(points < 0x10000, fold()[np.minimum(points, 0xFFFF)], 0)
        pairs[CHARSETS.index(charset)] = prices, folded
    bmp = cheapest()[:0x10000].copy()
    bmp[0xFFFD] = SKIP // 2  # somebody wrote it, so it is a character and no damage of ours
    return Tables(singles, pairs, (bmp, fold()), hash_table(*pair_gains(), SLOTS))


def cut(data: bytes, main: str) -> list[Span]:
    """Cut bytes into the longest spans of one character set, in order and without gaps."""
    from cleaner.kernels import lattice as kernel

    found: list[Span] = []
    prices = np.array([SKIP, SWITCH, START, int(LETTER * UNIT)], dtype=np.int32)
    for start, end in pieces(data):
        piece = np.frombuffer(data, dtype=np.uint8, count=end - start, offset=start)
        edges = np.zeros((len(piece), len(CHARSETS), 3), dtype=np.int32)
        kernel.mark_ascii(piece, tables().singles, edges)
        kernel.mark_utf_8(piece, *tables().bmp, edges)
        for charset, pairs in tables().pairs.items():
            kernel.mark_pairs(piece, charset, *pairs, edges)
        labels = kernel.cheapest_cut(edges, *tables().side_by_side, prices, CHARSETS.index(main))
        bounds = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
        for first, last in itertools.pairwise(bounds):
            if last:
                found.append(Span(start + first, start + last, (*CHARSETS, "")[labels[first]]))
    return found


def pieces(data: bytes) -> Iterator[tuple[int, int]]:
    """Cut long data behind bytes that end a character in every encoding, if there are any."""
    start = 0
    while len(data) - start > PIECE:
        end = start + PIECE
        while end > start and data[end - 1] >= FIRST_OF_TRAILS:
            end -= 1
        end = end if end > start else start + PIECE
        yield start, end
        start = end
    yield start, len(data)
