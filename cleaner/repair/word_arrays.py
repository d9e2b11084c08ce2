"""How the words on both sides of many doubtful breaks go together: `words`, for a row of characters each.

1. The characters on each side are divided into words, as `divide` does, all rows at once: `side_of`.
2. The likeliest word over each break is looked for, as `word_over` does.
3. The pairs of `pair_names` are looked up by numbers instead of names: `pair_weights`.

Words, parts of speech and pairs are numbers in sorted arrays. Sums of a division are made in the same order as in
`words`, so that it is the same to the last bit.
"""

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.repair.grams import BEYOND, BITS
from cleaner.repair.score import MOST, weights_alone
from cleaner.repair.words import (
    DIGIT,
    LETTER,
    LONGEST,
    LOOK,
    MARK,
    NONE,
    STRANGE,
    UNKNOWN,
    shipped_pairs,
    shipped_words,
)

Points = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]

FIELDS, FIELD = 3, 1 << 19  # of a key of a pair: numbers of words and of parts of speech, and lengths
_bits = np.uint64(BITS)
_lengths = tuple(map(str, range(1, LONGEST + 1)))
_kinds = {  # what a name of a pair is made of, before and after the break: see `pair_names`
    forms: kind
    for kind, forms in enumerate(
        (
            ("part and length", ""),
            ("parts", ""),
            ("", "part and length"),
            ("", "parts"),
            ("part", "part"),
            ("parts", "part"),
            ("part", "parts"),
            ("length", "length"),
            ("word", "part"),
            ("part", "word"),
            ("word", ""),
            ("", "word"),
        )
    )
}


class Side(NamedTuple):
    """The words on one side of each break, and their parts of speech, all as numbers."""

    word: Numbers
    length: Numbers
    part: Numbers
    further_part: Numbers  # of the next word, away from the break
    costs: list[Scores]  # as in `Division`


class Vocabulary(NamedTuple):
    """The words of the dictionary and of the pairs, and the weights of pairs, in ascending order."""

    words: Points
    shares: Scores  # minus infinity for a word that the dictionary does not have
    parts: Numbers  # -1 likewise
    codes: dict[str, int]  # of parts of speech
    pairs: Numbers  # their keys: see `pair_key`
    weights: Scores


def together(rows: Points) -> Scores:
    """The weighed evidence of `going_together` for each break."""
    by_name, vocabulary = weights_alone(), shipped_vocabulary()
    left, right = rows[:, LOOK - 1 :: -1].T, rows[:, LOOK:].T  # both from the break
    before, after = side_of(left, True, vocabulary), side_of(right, False, vocabulary)
    without = before.costs[-1] + after.costs[-1]
    gain, length = np.zeros(len(rows)), np.zeros(len(rows), dtype=np.int64)
    for taken in range(1, LONGEST):
        for added in range(1, LONGEST - taken + 1):
            word = number_of([*left[:taken][::-1], *right[:added]])
            places, is_there = places_in(vocabulary.words, word)
            share = np.where(is_there, vocabulary.shares[places], -np.inf)
            gained = before.costs[LOOK - taken] + share + after.costs[LOOK - added] - without
            is_better = gained > gain
            gain, length = np.where(is_better, gained, gain), np.where(is_better, taken + added, length)
    weight = np.where(length == 2, by_name["word cut"], by_name["long word cut"])
    words = weight * np.minimum(gain, 2 * MOST) / 2
    found: Scores = words + by_name["words go together"] * np.clip(pair_weights(before, after), -MOST, 2 * MOST)
    return found


def number_of(characters: Sequence[Points]) -> Points:
    """Words as numbers, as `key` has them, from their first characters, their second ones and so on."""
    return functools.reduce(lambda number, points: number << _bits | points, characters)


def side_of(points: Points, is_before: bool, vocabulary: Vocabulary) -> Side:
    """Divide the characters of each break into words, as `divide` does; the first row of characters is at the break.

    Whichever the side, the division begins away from the break. BEYOND stands for characters that are missing there.
    """
    size, missing = points.shape[1], (points == BEYOND).sum(axis=0)
    costs, steps = [np.zeros(size)], [np.zeros(size, dtype=np.int64)]
    numbers = np.full((LOOK + 1, LONGEST + 1, size), -1, dtype=np.int64)
    for end in range(1, LOOK + 1):  # characters that are divided so far
        found, step = np.full(size, -np.inf), np.zeros(size, dtype=np.int64)
        for taken in range(1, min(end, LONGEST) + 1):
            word = points[LOOK - end : LOOK - end + taken]  # from the one nearest to the break
            places, is_there = places_in(vocabulary.words, number_of(list(word[::-1] if is_before else word)))
            numbers[end, taken] = np.where(is_there, places, -1)
            share = np.where(is_there, vocabulary.shares[places], -np.inf)
            if taken == 1:
                share = np.where(share == -np.inf, UNKNOWN, share)
            cost = costs[end - taken] + share
            is_better = cost > found
            found, step = np.where(is_better, cost, found), np.where(is_better, taken, step)
        costs.append(np.where(end > missing, found, 0.0))
        steps.append(np.where(end > missing, step, 0))
    every = np.arange(size)
    length: Numbers = steps[LOOK]
    rest = LOOK - length
    further = np.array(steps)[rest, every]
    word, second = numbers[LOOK, length, every], numbers[rest, further, every]
    last, second_last = (0 * length, length) if is_before else (length - 1, np.minimum(length + further, LOOK) - 1)
    part = parts_of(word, points[last, every], vocabulary)
    further_part = parts_of(second, points[np.minimum(second_last, LOOK - 1), every], vocabulary)
    return Side(word, length, part, np.where(rest > missing, further_part, vocabulary.codes[NONE]), costs)


def parts_of(words: Numbers, last: Points, vocabulary: Vocabulary) -> Numbers:
    """The parts of speech of words, or what they are made of, as their last characters tell."""
    codes = vocabulary.codes
    is_ideograph = (last >= 0x3400) & (last <= 0x9FFF)
    made = np.where(last == ord("０"), codes[DIGIT], np.where(last == ord("ａ"), codes[LETTER], codes[MARK]))
    listed = vocabulary.parts[words]
    return np.where((words >= 0) & (listed >= 0), listed, np.where(is_ideograph, codes[STRANGE], made))


def pair_weights(before: Side, after: Side) -> Scores:
    """The sum of what is known of the pairs of `pair_names`."""
    a, b = before, after
    fields = (
        (a.part, a.length),
        (a.further_part, a.part),
        (b.part, b.length),
        (b.part, b.further_part),
        (a.part, b.part),
        (a.further_part, a.part, b.part),
        (a.part, b.part, b.further_part),
        (a.length, b.length),
        (a.word, b.part),
        (a.part, b.word),
        (a.word,),
        (b.word,),
    )
    known = shipped_vocabulary()
    total = np.zeros(len(a.word))
    for kind, values in enumerate(fields):
        found = looked_up(known.pairs, known.weights, pair_key(kind, values))
        total += np.where(functools.reduce(np.minimum, values) >= 0, found, 0.0)
    return total


def pair_key(kind: int, values: Sequence[Numbers]) -> Numbers:
    """A number for each pair of a kind."""
    found: Numbers = np.full_like(values[0], kind)
    for value in values:
        found = found * FIELD + value
    found *= FIELD ** (FIELDS - len(values))
    return found


@functools.cache
def shipped_vocabulary() -> Vocabulary:
    """The words and pairs of the tables."""
    known, names = shipped_words(), shipped_pairs()
    codes = {
        part: code for code, part in enumerate(sorted({*known.parts.values(), DIGIT, LETTER, MARK, STRANGE, NONE}))
    }
    sides = {side for name in names for side in name.split("|") if 0 < len(side) <= LONGEST}
    words = sorted({*(word for word in known.shares if len(word) <= LONGEST), *sides})
    keys = keys_of(words)
    order = np.argsort(keys, kind="stable")
    words = [words[place] for place in order.tolist()]
    numbers = {word: number for number, word in enumerate(words)}
    pairs, weights = keys_of_pairs(names, codes, numbers)
    return Vocabulary(
        keys[order],
        np.array([known.shares.get(word, -np.inf) for word in words]),
        np.array([codes[known.parts[word]] if word in known.parts else -1 for word in words]),
        codes,
        pairs,
        weights,
    )


def keys_of(words: Sequence[str]) -> Points:
    """`key` of each word, of all words at once."""
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    points = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.uint32)
    points = np.minimum(points, np.uint32(BEYOND)).astype(np.uint64)
    starts = np.cumsum(lengths) - lengths
    found = np.zeros(len(words), dtype=np.uint64)
    for place in range(LONGEST):
        longer = np.flatnonzero(lengths > place)
        found[longer] = found[longer] << _bits | points[starts[longer] + place]
    return found


def keys_of_pairs(names: Mapping[str, float], codes: dict[str, int], numbers: dict[str, int]) -> tuple[Numbers, Scores]:
    """The keys of all pairs that their names may stand for, in ascending order, and their weights."""
    rows, weights = defaultdict[int, list[list[int]]](list), defaultdict[int, list[float]](list)
    for name, weight in names.items():
        for kind, values in kinds_of(name, codes, numbers):
            rows[kind].append(values)
            weights[kind].append(weight)
    if not rows:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    keys = np.concatenate([pair_key(kind, [*np.array(values).T]) for kind, values in rows.items()])
    found = np.concatenate([np.array(weights[kind]) for kind in rows])
    order = np.lexsort((found, keys))
    return keys[order], found[order]


def kinds_of(name: str, codes: dict[str, int], numbers: dict[str, int]) -> Iterator[tuple[int, list[int]]]:
    """What pairs the name of a pair may stand for: their kinds, and the numbers of what they are made of."""
    before, after = name.split("|")
    for left, values in forms_of(before, codes, numbers):
        for right, more in forms_of(after, codes, numbers):
            if (left, right) in _kinds:
                yield _kinds[left, right], [*values, *more]


def forms_of(side: str, codes: dict[str, int], numbers: dict[str, int]) -> Iterator[tuple[str, list[int]]]:
    """What one side of the name of a pair may stand for. The parts of the words before a break come further one first.

    >>> list(forms_of("v2", {"v": 7}, {}))
    [('part and length', [7, 2])]
    """
    if not side:
        yield "", []
    if side in numbers:
        yield "word", [numbers[side]]
    if side in codes:
        yield "part", [codes[side]]
    if side in _lengths:
        yield "length", [int(side)]
    if side[:-1] in codes and side[-1] in _lengths:
        yield "part and length", [codes[side[:-1]], int(side[-1])]
    first, plus, second = side.partition("+")
    if plus and first in codes and second in codes:
        yield "parts", [codes[first], codes[second]]


def places_in(keys: Points | Numbers, wanted: Points | Numbers) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Where numbers stand among ascending keys, and whether they do."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=np.bool_)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return places, keys[places] == wanted


def looked_up(keys: Points | Numbers, counts: Scores, wanted: Points | Numbers) -> Scores:
    """The count of each number, 0 where it is not among the keys."""
    if not len(keys):
        return np.zeros(len(wanted))
    places, is_there = places_in(keys, wanted)
    return np.where(is_there, counts[places], 0.0)
