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
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cleaner.files import table_text

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
    for point in map(ord, run):
        number = number << BITS | (point if point < BEYOND else BEYOND)
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
    other: "Grams | None" = None  # pairs and triples that were counted elsewhere, and what their counts are worth
    weight: float = 0.0

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
        """These counts and others, each of which counts for `weight`: few, so they are looked up beside these."""
        singles = np.array(self.singles) + weight * np.array(other.singles)
        held = np.array(self.held_by_pairs) + weight * np.array(other.held_by_pairs)
        return replace(
            self,
            singles=array("d", singles.tobytes()),
            total=self.total + weight * other.total,
            held_by_pairs=array("d", held.tobytes()),
            other=other,
            weight=weight,
        )

    def pair_count(self, number: int) -> float:
        """How often a pair was counted, given as a number."""
        count = look_up(self.pairs, self.pair_counts, number)
        return count + self.weight * self.other.pair_count(number) if self.other else count

    def triple_count(self, number: int) -> float:
        """How often a triple was counted, given as a number."""
        count = look_up(self.triples, self.triple_counts, number)
        return count + self.weight * self.other.triple_count(number) if self.other else count

    def context(self, number: int) -> tuple[float, float] | None:
        """How often a pair was counted, and how often the triples that it begins; None where it was not noted."""
        place = bisect_left(self.pairs, number)
        is_known = place < len(self.pairs) and self.pairs[place] == number
        found = (self.pair_counts[place], self.held_by_triples[place]) if is_known else None
        more = self.other.context(number) if self.other else None
        if more is None:
            return found
        count, held = found or (0.0, 0.0)
        return count + self.weight * more[0], held + self.weight * more[1]

    def count(self, run: str) -> float:
        """How often a run of one, two or three characters was counted."""
        number = key(run)
        if len(run) == 1:
            return self.singles[number]
        return self.pair_count(number) if len(run) == 2 else self.triple_count(number)

    @functools.lru_cache(maxsize=1 << 16)  # noqa: B019 -- keeps few tables alive: what a new corpus is asked for drives out the old
    def log_probability(self, context: str, character: str) -> float:
        """The logarithm of how likely a character is after up to two others; what was rarely seen is smoothed."""
        point = ord(character) if character <= "\uffff" else BEYOND
        chance = (self.singles[point] + 0.05) / (self.total + 500)
        if context:
            last = ord(context[-1]) if context[-1] <= "\uffff" else BEYOND
            before, held = self.singles[last], self.held_by_pairs[last]
            seen = self.pair_count(last << BITS | point)
            left = before - held if before > held else 0.0
            chance = (seen + (left + PAIR_PRIOR) * chance) / ((before if before > held else held) + PAIR_PRIOR)
        if len(context) == 2:
            number = key(context[0]) << BITS | last
            known = self.context(number)
            if known:
                before, held = max(known), known[1]
                seen = self.triple_count(number << BITS | point)
                chance = (seen + (before - held + TRIPLE_PRIOR) * chance) / (before + TRIPLE_PRIOR)
        return math.log(chance)


@functools.cache
def shipped_grams() -> Grams:
    """The counts of tables/seams_grams.txt."""
    return parse(table_text("seams_grams.txt"))


def parse(body: str) -> Grams:
    """The counts of a table: in each line a context, and the characters that follow it, each group with its level.

    >>> table = parse("\\t场12景10\\n场\\t景所8地6\\n")
    >>> table.count("景"), table.count("场所"), table.count("场地"), table.count("场馆")
    (1.0, 0.5, 0.25, 0.0)
    """
    points = np.frombuffer(body.encode("utf-16-le", "replace"), dtype=np.uint16)
    ends = np.flatnonzero(points == ord("\n"))
    tabs = np.flatnonzero(points == ord("\t"))
    starts = np.concatenate([[0], ends[:-1] + 1])
    sizes = tabs - starts
    last, before = (points[np.maximum(tabs - back, 0)].astype(np.uint64) for back in (1, 2))
    contexts = np.where(sizes == 0, 0, np.where(sizes == 1, last, before << np.uint64(BITS) | last)).astype(np.uint64)
    digit = (points >= ord("0")) & (points <= ord("9"))
    is_closing = digit & ~np.append(digit[1:], False)  # the last digit of a level
    closing = np.flatnonzero(is_closing)
    tens = np.where(digit[closing - 1], points[closing - 1] - ord("0"), 0)
    levels = (tens * 10 + points[closing] - ord("0")).astype(np.float64) - LOWEST
    follower = ~digit
    follower[ends] = False
    for back in range(3):  # the context and the tab behind it
        follower[np.maximum(tabs - back, starts)] = False
    where = np.flatnonzero(follower)
    lines = np.repeat(np.arange(len(ends)), ends - starts + 1)[where]
    keys = contexts[lines] << np.uint64(BITS) | points[where]
    counts = (2.0 ** (levels / LEVELS_PER_OCTAVE))[np.cumsum(is_closing)[where]]
    found_keys, found_counts = [], []
    for size in range(3):
        chosen = np.flatnonzero(sizes[lines] == size)
        chosen = chosen[np.argsort(keys[chosen])]
        found_keys.append(keys[chosen])
        found_counts.append(counts[chosen])
    return Grams.of_arrays(found_keys, found_counts)
