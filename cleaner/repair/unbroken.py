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
FILTER_BITS = 22  # of a first look-up that rules nearly all runs out
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


def found_in(texts: Iterable[str], wanted: Keys) -> Keys:
    """The keys that stand unbroken in a line of one of the texts."""
    first_look = np.zeros(1 << FILTER_BITS, dtype=np.bool_)
    shift = np.uint64(64 - FILTER_BITS)
    first_look[wanted >> shift] = True
    found: list[Keys] = []
    for text in texts if len(wanted) else ():
        points = counted(text)
        hashes = hashes_of(points)
        places = np.flatnonzero(first_look[hashes >> shift])
        nearest = np.minimum(np.searchsorted(wanted, hashes[places]), len(wanted) - 1)
        hits = places[wanted[nearest] == hashes[places]]
        if len(hits):
            found.append(hashes[hits[is_whole(text, points, hits)]])
    return merged(found)


def is_whole(text: str, points: npt.NDArray[np.uint64], runs: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Of runs in the characters that count: which lie in one line, and no sentence ends in their middle."""
    newlines = np.concatenate([[0], np.cumsum(points == NEWLINE)])
    kind = kinds()[code_points(text)]
    ends = np.cumsum(kind == 2)[kind == 1]  # before each character that counts
    in_line = newlines[runs + 2 * SIDE] == newlines[runs]
    return np.asarray(in_line & (ends[runs + SIDE] == ends[runs + SIDE - 1]))
