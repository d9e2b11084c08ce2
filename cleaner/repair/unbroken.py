"""Breaks that other copies of the text do not have: the surest evidence that a page made them.

A corpus of newspapers and reports holds many texts more than once, whole or in part. Where the characters on both sides
of a doubtful break stand side by side in another text, the break is a page's. So the whole corpus is asked, in two
passes that hold no texts: first the doubtful breaks of all texts are noted, each as one number, a hash of the SIDE
characters before it and the SIDE after it; then all texts are searched for runs of characters with these numbers.

Marks and spaces do not count, since copies differ in them; but what stands side by side must not be parted by the end
of a sentence where the break would be: a lead without a full stop may stand in the text again, as a sentence. The hash
is a polynomial over code points modulo 2^64, so that all runs of a text are hashed in a few passes over an array (Karp
and Rabin 1987).
"""

import functools
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points

Keys = npt.NDArray[np.uint64]  # hashes, ascending, each once

SIDE = 6  # characters on each side of a break
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no character is lost
NEWLINE, ENDS = ord("\n"), "。！？；!?;…"
LEAST_HAN = 4  # ideographs on each side: what stands between lines of markup stands everywhere
FIRST_HAN = 0x3400
COUNTED = ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
NO_KEYS: Keys = np.zeros(0, dtype=np.uint64)


@functools.cache
def kinds() -> npt.NDArray[np.uint8]:
    """For each code point: 1 if it counts (digits, letters, ideographs, and the newline), 2 if it ends a sentence."""
    table = np.zeros(0x110000, dtype=np.uint8)
    for first, last in (*COUNTED, (0x20000, 0x3FFFF), (NEWLINE, NEWLINE)):
        table[first : last + 1] = 1
    table[[ord(end) for end in ENDS]] = 2
    return table


def counted(text: str) -> npt.NDArray[np.uint64]:
    """The characters of a text that count, and its newlines."""
    points = code_points(text)
    return np.asarray(points[kinds()[points] == 1], dtype=np.uint64)


def key_of(left: str, right: str) -> int:
    """The number of a break between two lines, or 0 when they are too short, or not Chinese enough, to tell it.

    >>> key_of("今年又种下两千多棵果", "树，乡亲们都说好。") == key_of("又种下两千多棵果", "树乡亲们都说好")
    True
    >>> key_of("果", "树")
    0
    """
    before, after = counted(left[-4 * SIDE :])[-SIDE:], counted(right[: 4 * SIDE])[:SIDE]
    if len(before) < SIDE or len(after) < SIDE:
        return 0
    if min((before >= FIRST_HAN).sum(), (after >= FIRST_HAN).sum()) < LEAST_HAN:
        return 0
    return int(hashes_of(np.concatenate([before, after]))[0])


def hashes_of(points: npt.NDArray[np.uint64]) -> Keys:
    """The hash of each run of 2 * SIDE characters, in the order of the text."""
    runs = len(points) - 2 * SIDE + 1
    found = np.zeros(max(runs, 0), dtype=np.uint64)
    for offset in range(2 * SIDE if runs > 0 else 0):
        found *= FACTOR
        found += points[offset : offset + runs]
    return found


def merged(parts: Iterable[Keys]) -> Keys:
    """Keys from several shards as one array."""
    return np.unique(np.concatenate([NO_KEYS, *parts]))


class Search:
    """Looks for breaks in texts that do not have them, some texts at a time."""

    def __init__(self, wanted: Keys) -> None:
        from cleaner.kernels.runs import BREAK_BITS

        self.wanted = wanted
        self.bits = bits_of(wanted, BREAK_BITS)
        self.is_found = np.zeros(len(wanted), dtype=np.bool_)

    def see(self, points: npt.NDArray[np.uint32]) -> None:
        """Look at some texts with newlines between them, given by their code points."""
        from cleaner.kernels.runs import stand_unbroken

        if len(self.wanted):
            stand_unbroken(points, kinds(), self.wanted, self.bits, self.is_found)

    def found(self) -> Keys:
        """The keys that stand unbroken in a line of one of the texts."""
        return self.wanted[self.is_found]


def bits_of(hashes: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.uint64]:
    """A table of 2 ** size bits, those of which are set at which the first bits of some hashes point."""
    is_set = np.zeros(1 << size, dtype=np.bool_)
    is_set[hashes >> np.uint64(64 - size)] = True
    return np.packbits(is_set, bitorder="little").view("<u8")
