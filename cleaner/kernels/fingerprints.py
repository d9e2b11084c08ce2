"""Fingerprints of folded texts, compiled: few of the hashes of all runs of characters, and the same few in each text.

Winnowing (Schleimer, Wilkerson and Aiken 2003): of every WINDOW neighbouring hashes of runs of GRAM characters the
least is taken. Two texts that share SURE characters in a row share a fingerprint, wherever these stand.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.minhash import Offsets, shingles
from cleaner.kernels.shingles import Hashes, Points

Numbers = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

GRAM, WINDOW = 12, 32
SURE = GRAM + WINDOW - 1
MOST_TRIED = 8  # of the texts that have a fingerprint, the first ones, with which another is compared by it
NEAR = 64  # characters by which the places of two fingerprints may be shifted against each other
FAR = 500  # characters between two fingerprints of one passage: at this distance some must have been lost
NONE, FULL = -1, 255


class Met(NamedTuple):
    """Fingerprints that several texts have. Those of text t are `firsts[t] : firsts[t + 1]`, those of group g, in the
    order in which texts are preferred, `by_group[starts[g] : starts[g + 1]]`."""

    texts: Numbers
    places: Numbers
    groups: Numbers
    firsts: Offsets
    by_group: Offsets
    starts: Offsets


@njit(nogil=True)
def least_in_window(grams: Hashes, last: int) -> int:
    """The place of the least hash of a window that ends with `last`; of equal ones the last."""
    best = max(last - WINDOW + 1, 0)
    for at in range(best + 1, last + 1):
        if grams[at] <= grams[best]:
            best = at
    return best


@njit(nogil=True)
def winnow(grams: Hashes) -> Offsets:
    """The places of the hashes that are taken. Of fewer than a window, the least."""
    found = np.empty(len(grams), dtype=np.int64)
    count, best = 0, -1
    for last in range(max(min(WINDOW, len(grams)) - 1, 0), len(grams)):
        before = best
        if best < 0 or best <= last - WINDOW:
            best = least_in_window(grams, last)
        elif grams[last] < grams[best]:  # of equal ones the former stays: a text of one character has few
            best = last
        if best != before:
            found[count] = best
            count += 1
    return found[:count]


@njit(cache=True, nogil=True)
def fingerprints(points: Points, ends: Offsets) -> tuple[Hashes, Points, Offsets]:
    """The fingerprints of folded texts, of each text every one once: hashes, first places, and where texts end."""
    hashes = np.empty(len(points), dtype=np.uint64)
    places = np.empty(len(points), dtype=np.uint32)
    new_ends = np.empty(len(ends), dtype=np.int64)
    start = count = 0
    for text in range(len(ends)):
        if ends[text] - start >= GRAM:
            grams = shingles(points[start : ends[text]], GRAM)
            taken = winnow(grams)
            values = grams[taken]
            order = np.argsort(values, kind="mergesort")  # stable: the first of equal ones comes first
            for rank in range(len(order)):
                if rank == 0 or values[order[rank]] != values[order[rank - 1]]:
                    hashes[count], places[count] = values[order[rank]], taken[order[rank]]
                    count += 1
        start = ends[text]
        new_ends[text] = count
    return hashes[:count].copy(), places[:count].copy(), new_ends


def plain_count_slots(table: Bytes, slots: Points) -> None:
    """`count_slots` in numpy, which sorts."""
    values, counts = np.unique(slots, return_counts=True)
    table[values] = np.minimum(table[values] + counts, FULL)


@njit(cache=True, nogil=True, plain=plain_count_slots, steps=lambda _, slots: len(slots) // 8)
def count_slots(table: Bytes, slots: Points) -> None:
    """Add to `table` how often each slot is there; where FULL is reached, counting ends."""
    for slot in slots:
        table[slot] += table[slot] < FULL


def plain_dealt_out(groups: Numbers, order: Offsets, firsts: Offsets, starts: Offsets) -> Offsets:
    """`dealt_out` in numpy, which sorts."""
    ranks = np.argsort(order)
    return np.lexsort((np.repeat(ranks, np.diff(firsts)), groups))


@njit(cache=True, nogil=True, plain=plain_dealt_out)
def dealt_out(groups: Numbers, order: Offsets, firsts: Offsets, starts: Offsets) -> Offsets:
    """The fingerprints of each group, in the order of their texts; what `firsts` and `starts` are, `Met` says."""
    found, free = np.empty(len(groups), dtype=np.int64), starts.copy()
    for text in order:
        for at in range(firsts[text], firsts[text + 1]):
            found[free[groups[at]]] = at
            free[groups[at]] += 1
    return found


@njit(nogil=True)
def votes_of(text: int, met: Met, ranks: Offsets, votes: Numbers) -> Numbers:
    """The texts before this one in order that share fingerprints with it; `votes` counts them, and is 0 before."""
    found = np.empty((met.firsts[text + 1] - met.firsts[text]) * MOST_TRIED, dtype=np.int32)
    count = 0
    for at in range(met.firsts[text], met.firsts[text + 1]):
        group = met.groups[at]
        for member in range(met.starts[group], min(met.starts[group + 1], met.starts[group] + MOST_TRIED)):
            other = met.texts[met.by_group[member]]
            if ranks[other] >= ranks[text]:
                break
            if votes[other] == 0:
                found[count] = other
                count += 1
            votes[other] += 1
    return found[:count]


@njit(cache=True, nogil=True)
def best_met(met: Met, ranks: Offsets, least: Offsets, most: int) -> Numbers:
    """For each text the texts before it in order that share most fingerprints with it, at least `least` of its own,
    best first; NONE fills up. Of shape (texts, most)."""
    best = np.full((len(ranks), most), NONE, dtype=np.int32)
    votes = np.zeros(len(ranks), dtype=np.int32)
    for text in range(len(ranks)):
        others = votes_of(text, met, ranks, votes)
        for other in others:
            coming = other
            for place in range(most):
                held = best[text, place]
                if coming < 0 or votes[coming] < least[text]:
                    break
                if held < 0 or (votes[coming], -ranks[coming]) > (votes[held], -ranks[held]):
                    best[text, place], coming = coming, held
        for other in others:
            votes[other] = 0
    return best


@njit(nogil=True)
def seeds_of(text: int, met: Met, ranks: Offsets) -> Offsets:
    """The fingerprints that a text shares with texts before it in order: other text, place, place there; by these."""
    found = np.empty(((met.firsts[text + 1] - met.firsts[text]) * MOST_TRIED, 3), dtype=np.int64)
    count = 0
    for at in range(met.firsts[text], met.firsts[text + 1]):
        group = met.groups[at]
        for member in range(met.starts[group], min(met.starts[group + 1], met.starts[group] + MOST_TRIED)):
            there = met.by_group[member]
            if ranks[met.texts[there]] >= ranks[text]:
                break
            found[count, 0], found[count, 1], found[count, 2] = met.texts[there], met.places[at], met.places[there]
            count += 1
    keys = np.empty(count, dtype=np.int64)
    for row in range(count):
        keys[row] = (found[row, 0] << 32) + found[row, 1]
    return found[np.argsort(keys)]


@njit(nogil=True)
def aligned(seeds: Offsets) -> bool:
    """Whether of the fingerprints that two texts share, two lie near each other in both and in the same order."""
    for at in range(1, len(seeds)):
        here, there = seeds[at, 1] - seeds[at - 1, 1], seeds[at, 2] - seeds[at - 1, 2]
        if 0 < here <= FAR and there > 0 and abs(here - there) <= NEAR:
            return True
    return False


@njit(cache=True, nogil=True)
def aligned_seeds(met: Met, ranks: Offsets) -> Offsets:
    """What may be shared passages: text, other text before it, place, place there; in the order of the texts."""
    found = np.empty((1024, 4), dtype=np.int64)
    count = 0
    for text in range(len(ranks)):
        seeds = seeds_of(text, met, ranks)
        start = 0
        for at in range(1, len(seeds) + 1):
            if at < len(seeds) and seeds[at, 0] == seeds[start, 0]:
                continue
            if aligned(seeds[start:at]):
                while count + at - start > len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                for row in range(start, at):
                    found[count, 0] = text
                    found[count, 1], found[count, 2], found[count, 3] = seeds[row, 0], seeds[row, 1], seeds[row, 2]
                    count += 1
            start = at
    return found[:count]
