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
import operator
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points
from cleaner.patterns import compile_later

Keys = npt.NDArray[np.uint64]  # hashes, ascending, each once

SIDE = 6  # characters on each side of a break
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no character is lost
POWERS = [pow(int(FACTOR), power, 1 << 64) for power in range(2 * SIDE)]  # of the characters of a break, from the last
NEWLINE, ENDS = ord("\n"), "。！？；!?;…"
LEAST_HAN = 4  # ideographs on each side: what stands between lines of markup stands everywhere
FIRST_HAN = "\u3400"
_han = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
COUNTED = ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), *_han)
_passed_over = compile_later(f"[^{''.join(f'{chr(first)}-{chr(last)}' for first, last in COUNTED)}]+")
NO_KEYS: Keys = np.zeros(0, dtype=np.uint64)


@functools.cache
def kinds() -> npt.NDArray[np.uint8]:
    """For each code point: 1 if it counts (digits, letters, ideographs, and the newline), 2 if it ends a sentence."""
    table = np.zeros(0x110000, dtype=np.uint8)
    for first, last in (*COUNTED, (NEWLINE, NEWLINE)):
        table[first : last + 1] = 1
    table[[ord(end) for end in ENDS]] = 2
    return table


def key_of(left: str, right: str) -> int:
    """The number of a break between two lines, or 0 when they are too short, or not Chinese enough, to tell it.

    >>> key_of("今年又种下两千多棵果", "树，乡亲们都说好。") == key_of("又种下两千多棵果", "树乡亲们都说好")
    True
    >>> key_of("果", "树")
    0
    """
    before, after = _passed_over.sub("", left[-4 * SIDE :])[-SIDE:], _passed_over.sub("", right[: 4 * SIDE])[:SIDE]
    if min(len(before), len(after)) < SIDE or min(map(count_of_han, (before, after))) < LEAST_HAN:
        return 0
    return hash_of(before + after)


def keys_of(pairs: Sequence[tuple[str, str]]) -> Keys:
    """`key_of` for each of many breaks, all at once.

    >>> keys_of([("今年又种下两千多棵果", "树，乡亲们都说好。"), ("果", "树")]).tolist() == [
    ...     key_of("今年又种下两千多棵果", "树，乡亲们都说好。"), 0]
    True
    """
    size = 4 * SIDE
    sides = [left[-size:][::-1].ljust(size, "\0") + right[:size].ljust(size, "\0") for left, right in pairs]
    points = code_points("".join(sides)).reshape(-1, 2, size)  # those before a break from it, like those after it
    counts = kinds()[points] == 1
    ranks = np.cumsum(counts, axis=2)
    is_near = counts & (ranks <= SIDE)
    han = is_near & (points >= ord(FIRST_HAN))
    is_told = (is_near.sum(axis=2) == SIDE).all(axis=1) & (han.sum(axis=2) >= LEAST_HAN).all(axis=1)
    powers = np.stack([SIDE - 1 + ranks[:, 0], SIDE - ranks[:, 1]], axis=1)
    factors = np.where(is_near, np.array(POWERS, dtype=np.uint64)[np.where(is_near, powers, 0)], 0)
    found: Keys = np.where(is_told, (points * factors).sum(axis=(1, 2), dtype=np.uint64), np.uint64(0))
    return found


def hash_of(run: str) -> int:
    """The hash of a run of up to 2 * SIDE characters."""
    return int(sum(map(operator.mul, map(ord, reversed(run)), POWERS)) % (1 << 64))


def count_of_han(text: str) -> int:
    """How many of some characters that count are ideographs."""
    return sum([character >= FIRST_HAN for character in text])


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
