"""Runs of characters that stand around doubtful breaks, looked for in all texts of a corpus: one pass for each kind.

Most runs are wanted by nobody. So each is first looked for in a table of bits that its hash points at (Bloom 1970,
with one hash), and only what is there among the runs that are wanted: by its hash, where many are looked for.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.shingles import Hashes, Points

Counts = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
Found = npt.NDArray[np.bool_]
Slots = npt.NDArray[np.int32]
Points16 = npt.NDArray[np.uint16]
Checksums = npt.NDArray[np.uint32]

FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no character is lost
SIDE = 6  # characters on each side of a break
COUNTED, SENTENCE_END = 1, 2  # kinds of characters, in runs over a break
MARK, STOP = 1, 2  # and in runs of two to four
BITS, EDGE = np.uint64(16), np.uint64(0xB6)  # of a character in a key; what stands for the edge of a clause
NEWLINE, FULL = 0x0A, 0xFFFFFFFF
PAIR_BITS, BREAK_BITS = 20, 22  # of the hashes that point into the tables of bits
SLOT_SHIFT = np.uint64(32)
_LEAVING = np.uint64(pow(int(FACTOR), 2 * SIDE - 1, 1 << 64))
_SIX, _LOW, _ONE = np.uint64(6), np.uint64(63), np.uint64(1)
_PAIR_SHIFT, _BREAK_SHIFT = np.uint64(64 - PAIR_BITS), np.uint64(64 - BREAK_BITS)
_PAIR, _TRIPLE = np.uint64((1 << 32) - 1), np.uint64((1 << 48) - 1)


class Wanted(NamedTuple):
    """Runs that are looked for, in ascending order, and the tables for the first two of these columns."""

    pairs: Hashes
    triples: Hashes
    fours: Hashes
    bits: Bits
    slots: Slots  # the places of the pairs by their hash (see `slots_of`)
    triple_slots: Slots


class Tallies(NamedTuple):
    """What was counted, in units of a line's weight."""

    ones: Counts  # of shape (3, 65536): characters; how often each is an end, and a beginning
    pairs: Counts
    triples: Counts
    fours: Counts


@njit(nogil=True)
def place_of(wanted: Hashes, key: np.uint64) -> int:
    """The place of a key among those that are wanted, or -1."""
    low, high = 0, len(wanted)
    while low < high:
        middle = (low + high) // 2
        if wanted[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < len(wanted) and wanted[low] == key else -1


def slots_of(keys: Hashes) -> Slots:
    """A table with the place of each key: where its hash points at, or in the next slot that was free. Others are -1.

    In text many pairs are frequent ones, and looking among thousands by halves took most of the time.
    """
    slots = np.full(1 << max(4, (2 * len(keys)).bit_length()), -1, dtype=np.int32)
    places = np.arange(len(keys), dtype=np.int32)
    at = (keys * FACTOR >> SLOT_SHIFT).astype(np.int64) & len(slots) - 1
    while len(places):
        is_free = slots[at] < 0
        slots[at[is_free]] = places[is_free]  # of several the last
        is_left = slots[at] != places
        places, at = places[is_left], at[is_left] + 1 & len(slots) - 1
    return slots


@njit(nogil=True)
def place_in(slots: Slots, keys: Hashes, key: np.uint64) -> int:
    """The place of a key among those that have slots, or -1."""
    last = len(slots) - 1
    slot = np.int64(key * FACTOR >> SLOT_SHIFT) & last
    while slots[slot] >= 0:
        if keys[slots[slot]] == key:
            return int(slots[slot])
        slot = slot + 1 & last
    return -1


@njit(nogil=True)
def is_likely(bits: Bits, slot: np.uint64) -> bool:
    """Whether a bit is set."""
    return bool(bits[slot >> _SIX] >> (slot & _LOW) & _ONE != 0)


@njit(cache=True, nogil=True)
def line_checksums(points: Points, tables: Counts) -> Checksums:
    """The CRC-32 of each line, as it is in UTF-8; `tables`, of shape (4, 256), are for a byte and those before it."""
    lines = 1
    for point in points:
        lines += point == NEWLINE
    found = np.empty(lines, np.uint32)
    line, value = 0, FULL
    for at in range(len(points)):
        point = int(np.int64(points[at]))
        if point == NEWLINE:
            found[line] = value ^ FULL
            line, value = line + 1, FULL
        elif point < 0x80:
            value = int(tables[0, (value ^ point) & 0xFF] ^ value >> 8)
        elif point < 0x800:
            value ^= 0xC0 | point >> 6 | (0x80 | point & 0x3F) << 8
            value = int(tables[1, value & 0xFF] ^ tables[0, value >> 8 & 0xFF] ^ value >> 16)
        elif point < 0x10000:
            value ^= 0xE0 | point >> 12 | (0x80 | point >> 6 & 0x3F) << 8 | (0x80 | point & 0x3F) << 16
            value = int(
                tables[2, value & 0xFF] ^ tables[1, value >> 8 & 0xFF] ^ tables[0, value >> 16 & 0xFF] ^ value >> 24
            )
        else:
            value ^= 0xF0 | point >> 18 | (0x80 | point >> 12 & 0x3F) << 8
            value ^= (0x80 | point >> 6 & 0x3F) << 16 | (0x80 | point & 0x3F) << 24
            low = tables[3, value & 0xFF] ^ tables[2, value >> 8 & 0xFF]
            value = int(low ^ tables[1, value >> 16 & 0xFF] ^ tables[0, value >> 24])
    found[line] = value ^ FULL
    return found


@njit(cache=True, nogil=True)
def stand_unbroken(points: Points, kinds: npt.NDArray[np.uint8], wanted: Hashes, bits: Bits, found: Found) -> None:
    """Note which of the wanted runs over breaks stand in a line, with no end of a sentence in their middle."""
    run, parted = np.zeros(2 * SIDE, np.uint64), np.zeros(2 * SIDE, np.bool_)
    value, count, slot, has_ended = np.uint64(0), 0, 0, False
    for point in points:
        kind = kinds[point]
        has_ended |= kind == SENTENCE_END
        if kind != COUNTED:
            continue
        if point == NEWLINE:
            value, count = np.uint64(0), 0
            continue
        if count >= 2 * SIDE:
            value -= run[slot] * _LEAVING
        run[slot], parted[slot] = point, has_ended
        value = value * FACTOR + np.uint64(point)
        count, has_ended = count + 1, False
        slot = slot + 1 if slot + 1 < 2 * SIDE else 0  # of the first of the run; a division for each takes longer
        if count >= 2 * SIDE and is_likely(bits, value >> _BREAK_SHIFT) and not parted[(slot + SIDE) % (2 * SIDE)]:
            place = place_of(wanted, value)
            if place >= 0:
                found[place] = True


@njit(nogil=True)
def tally(counts: Counts, wanted: Hashes, key: np.uint64, weight: np.int64) -> bool:
    """Count a run, if it is wanted."""
    place = place_of(wanted, key)
    if place >= 0:
        counts[place] += weight
    return bool(place >= 0)


@njit(cache=True, nogil=True)
def count_runs(points: Points16, weights: Counts, wanted: Wanted, found: Tallies) -> None:
    """Count the characters of some lines, each by the weight of its line, and the wanted runs in them."""
    run, pair_before, triple_before = np.uint64(0), False, False
    line, weight = 0, weights[0]
    ones, bits = found.ones[0], wanted.bits  # taken out of the loop, which is twice as fast so
    for at in range(len(points)):
        point = points[at]
        run = run << BITS | np.uint64(point)
        ones[point] += weight
        pair = triple = False
        if at > 0 and is_likely(bits, (run & _PAIR) * FACTOR >> _PAIR_SHIFT):
            place = place_in(wanted.slots, wanted.pairs, run & _PAIR)
            pair = place >= 0
            if pair:
                found.pairs[place] += weight
            if pair and pair_before:
                place = place_in(wanted.triple_slots, wanted.triples, run & _TRIPLE)
                triple = place >= 0
                if triple:
                    found.triples[place] += weight
            if triple and triple_before:
                tally(found.fours, wanted.fours, run, weight)
        pair_before, triple_before = pair, triple
        if point == NEWLINE:
            line += 1
            weight = weights[line]


@njit(cache=True, nogil=True)
def count_edges(
    points: Points16, kinds: npt.NDArray[np.uint8], weights: Counts, wanted: Wanted, found: Tallies
) -> None:
    """Count what stands before and after marks among which is a full stop."""
    line, size = 0, len(points)
    at = 0
    while at < size:
        if not kinds[points[at]]:
            at += 1
            continue
        first, has_stop, weight = at, False, weights[line]
        while at < size and kinds[points[at]]:
            has_stop |= kinds[points[at]] == STOP
            line += points[at] == NEWLINE
            at += 1
        if not has_stop:
            continue
        if first > 0:
            found.ones[1, points[first - 1]] += weight
        if first > 1:
            end = np.uint64(points[first - 2]) << BITS | np.uint64(points[first - 1])
            if is_likely(wanted.bits, end * FACTOR >> _PAIR_SHIFT):
                tally(found.triples, wanted.triples, end << BITS | EDGE, weight)
        if at < size:
            found.ones[2, points[at]] += weights[line]
        if at + 1 < size:
            start = np.uint64(points[at]) << BITS | np.uint64(points[at + 1])
            if is_likely(wanted.bits, start * FACTOR >> _PAIR_SHIFT):
                tally(found.triples, wanted.triples, EDGE << BITS + BITS | start, weights[line])
