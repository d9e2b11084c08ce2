"""How often characters follow one another, and how often they begin and end a line: what tells a cut from an end.

The table (tables/seams_grams.txt) holds runs of two and three characters with their counts, in simplified spelling;
¶ stands for the edge of a paragraph or a line. Digits and Latin letters are each one character here, and ASCII marks
are full-width ones, so a text need not be normalized. Runs lie in sorted arrays, two or three characters in one
number, and are looked up by halving.
"""

import functools
import math
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.files import read_table

EDGE = "¶"
BITS, BEYOND = 16, 0xFFFF  # of a character in a key; what stands for all that needs more
PAIR_PRIOR, TRIPLE_PRIOR = 40.0, 6.0  # how many counts the shorter context is worth
LEVELS_PER_OCTAVE, LOWEST = 2, 10  # of a count in the table: the level of 1 is LOWEST

_folds = {ord(half): full for half, full in zip(",;:?!()", "，；：？！（）", strict=True)}
_folds |= dict.fromkeys((*range(0x30, 0x3A), *range(0xFF10, 0xFF1A)), "０")
_letters = (*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
_folds |= dict.fromkeys(_letters, "ａ")


def fold(text: str) -> str:
    """The characters of a text as the table spells them.

    >>> fold("GDP增长6%,(")
    'ａａａ增长０%，（'
    """
    return text.translate(_folds)


def look_up(keys: "array[int]", counts: "array[float]", number: int) -> float:
    """The count of a key, 0 if it is not there."""
    place = bisect_left(keys, number)
    return counts[place] if place < len(keys) and keys[place] == number else 0.0


def key(run: str) -> int:
    """A run of up to three characters as a number; what lies beyond 16 bits is one character."""
    number = 0
    for character in run:
        number = number << BITS | min(ord(character), BEYOND)
    return number


@dataclass(frozen=True, slots=True, eq=False)
class Grams:
    """Counts of characters, of pairs and of triples, and how much of a context's count its followers hold."""

    singles: "array[float]"  # one cell for each character of 16 bits
    total: float
    pairs: "array[int]"
    pair_counts: "array[float]"
    triples: "array[int]"
    triple_counts: "array[float]"
    held_by_pairs: "array[float]"  # one cell for each character: the sum of the pairs it begins
    held_by_triples: "array[float]"  # one cell for each pair

    @classmethod
    def of(cls, counts: Mapping[str, float]) -> "Grams":
        """The counts of runs of one, two and three characters."""
        by_size: dict[int, dict[int, float]] = {1: {}, 2: {}, 3: {}}
        for run, count in counts.items():
            by_size[len(run)][key(run)] = count
        keys = [np.array(sorted(found), dtype=np.uint64) for found in by_size.values()]
        values = [np.array([found[number] for number in sorted(found)], dtype=np.float64) for found in by_size.values()]
        return cls.of_arrays(keys, values)

    @classmethod
    def of_arrays(cls, keys: list[npt.NDArray[np.uint64]], values: list[npt.NDArray[np.float64]]) -> "Grams":
        """The same from arrays for each length: ascending keys, and their counts."""
        ones, pairs, triples = keys
        singles = np.zeros(1 << BITS)
        singles[ones.astype(np.int64)] = values[0]
        held = np.bincount((pairs >> np.uint64(BITS)).astype(np.int64), values[1], 1 << BITS)
        # A context that has triples but was too rare to be kept as a pair has nowhere to be noted; it is left out.
        contexts = triples >> np.uint64(BITS)
        places = np.searchsorted(pairs, contexts)
        known = np.flatnonzero(pairs[np.minimum(places, len(pairs) - 1)] == contexts) if len(pairs) else places[:0]
        held_by_triples = np.bincount(places[known], values[2][known], len(pairs))
        return cls(
            array("d", singles.tobytes()),
            float(singles.sum()),
            array("Q", pairs.tobytes()),
            array("d", values[1].tobytes()),
            array("Q", triples.tobytes()),
            array("d", values[2].tobytes()),
            array("d", held.tobytes()),
            array("d", held_by_triples.tobytes()),
        )

    def plus(self, other: "Grams", weight: float) -> "Grams":
        """These counts and others, each of which counts for `weight`."""
        singles = np.array(self.singles) + weight * np.array(other.singles)
        held = np.array(self.held_by_pairs) + weight * np.array(other.held_by_pairs)
        pairs, pair_counts = added((self.pairs, self.pair_counts), (other.pairs, other.pair_counts), weight)
        _, held_by_triples = added((self.pairs, self.held_by_triples), (other.pairs, other.held_by_triples), weight)
        triples, triple_counts = added((self.triples, self.triple_counts), (other.triples, other.triple_counts), weight)
        return Grams(
            array("d", singles.tobytes()),
            self.total + weight * other.total,
            pairs,
            pair_counts,
            triples,
            triple_counts,
            array("d", held.tobytes()),
            held_by_triples,
        )

    def count(self, run: str) -> float:
        """How often a run of one, two or three characters was counted."""
        number = key(run)
        if len(run) == 1:
            return self.singles[number]
        keys, counts = (self.pairs, self.pair_counts) if len(run) == 2 else (self.triples, self.triple_counts)
        return look_up(keys, counts, number)

    @functools.lru_cache(maxsize=1 << 16)  # noqa: B019 -- keeps few tables alive: what a new corpus is asked for drives out the old
    def log_probability(self, context: str, character: str) -> float:
        """The logarithm of how likely a character is after up to two others; what was rarely seen is smoothed."""
        point = min(ord(character), BEYOND)
        chance = (self.singles[point] + 0.05) / (self.total + 500)
        if context:
            last = min(ord(context[-1]), BEYOND)
            before, held = self.singles[last], self.held_by_pairs[last]
            seen = look_up(self.pairs, self.pair_counts, last << BITS | point)
            left = before - held if before > held else 0.0
            chance = (seen + (left + PAIR_PRIOR) * chance) / ((before if before > held else held) + PAIR_PRIOR)
        if len(context) == 2:
            number = key(context)
            place = bisect_left(self.pairs, number)
            if place < len(self.pairs) and self.pairs[place] == number:
                held = self.held_by_triples[place]
                before = max(held, self.pair_counts[place])
                seen = look_up(self.triples, self.triple_counts, number << BITS | point)
                chance = (seen + (before - held + TRIPLE_PRIOR) * chance) / (before + TRIPLE_PRIOR)
        return math.log(chance)


Column = tuple["array[int]", "array[float]"]  # ascending keys, and a number for each


def added(one: Column, other: Column, weight: float) -> Column:
    """Two columns as one, in which the numbers of the other count for `weight`.

    >>> added((array("Q", [1, 3]), array("d", [5, 5])), (array("Q", [2, 3]), array("d", [1, 1])), 2.0)
    (array('Q', [1, 2, 3]), array('d', [5.0, 2.0, 7.0]))
    """
    keys = np.union1d(np.array(one[0]), np.array(other[0]))
    values = np.zeros(len(keys))
    values[np.searchsorted(keys, np.array(one[0]))] += np.array(one[1])
    values[np.searchsorted(keys, np.array(other[0]))] += weight * np.array(other[1])
    return array("Q", keys.tobytes()), array("d", values.tobytes())


@functools.cache
def shipped_grams() -> Grams:
    """The counts of tables/seams_grams.txt."""
    return parse(read_table("seams_grams.txt"))


def parse(rows: list[list[str]]) -> Grams:
    """The counts of a table: in each row a context, and the characters that follow it, each group with its level.

    >>> table = parse([["", "场12景10"], ["场", "景所8地6"]])
    >>> table.count("景"), table.count("场所"), table.count("场地"), table.count("场馆")
    (1.0, 0.5, 0.25, 0.0)
    """
    body = "".join(f"{context}\t{groups}\n" for context, groups in rows)
    points = np.frombuffer(body.encode("utf-16-le", "replace"), dtype=np.uint16).astype(np.uint64)
    places = np.arange(len(points))
    tabs = np.flatnonzero(points == ord("\t"))
    ends = np.flatnonzero(points == ord("\n"))
    starts = np.concatenate([[0], ends[:-1] + 1])
    sizes = tabs - starts
    last, before = points[np.maximum(tabs - 1, 0)], points[np.maximum(tabs - 2, 0)]
    contexts = np.where(sizes == 0, 0, np.where(sizes == 1, last, before << np.uint64(BITS) | last)).astype(np.uint64)
    digit = (points >= ord("0")) & (points <= ord("9"))
    closing = np.flatnonzero(digit & ~np.append(digit[1:], False))  # the last digits of the levels
    tens = np.where(digit[closing - 1], points[closing - 1] - ord("0"), 0)
    levels = (tens * 10 + points[closing] - ord("0")).astype(np.float64) - LOWEST
    line = np.searchsorted(ends, places)
    follower = ~digit & (places > tabs[np.minimum(line, len(tabs) - 1)]) & (points != ord("\n"))
    where = np.flatnonzero(follower)
    keys = contexts[line[where]] << np.uint64(BITS) | points[where]
    counts = 2.0 ** (levels[np.searchsorted(closing, where)] / LEVELS_PER_OCTAVE)
    found_keys, found_counts = [], []
    for size in range(3):
        chosen = np.flatnonzero(sizes[line[where]] == size)
        chosen = chosen[np.argsort(keys[chosen])]
        found_keys.append(keys[chosen])
        found_counts.append(counts[chosen])
    return Grams.of_arrays(found_keys, found_counts)
