"""Many doubtful breaks weighed at once, so that texts in which none is a page's are passed by.

To weigh one break takes some hundred look-ups, of characters (`grams`) and of words (`words`); for the breaks of many
texts together each is one search in a sorted array.

1. The characters next to each break are folded and put into rows: `rows_of`.
2. For all rows: how the characters go on over the break (`reading`), and how the words do (`word_arrays`).
3. What the rest says, marks, shapes of lines and the text itself, is asked of the rules (`score`), break by break.

So each break has a score that differs from the rule's by no more than the order of additions does. A text is passed by
only if all its scores stay below what they must be by more than that; all others are gone through as ever, and so are
those with a line of one character or rare ones at a break, which have no score here.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from cleaner.document import code_points
from cleaner.repair.breaks import FEW_BLANK, HIGH, LOW, PAGE, STOPS, UNBROKEN, Line, Others, around, doubtful
from cleaner.repair.grams import BEYOND, BITS, EDGE, PAIR_PRIOR, TRIPLE_PRIOR, Grams, fold
from cleaner.repair.score import (
    MOST,
    NEAR,
    Evidence,
    Knowledge,
    Seam,
    elsewhere,
    is_han,
    knowledge,
    marks,
    shapes,
    weights_alone,
)
from cleaner.repair.signs import Seen
from cleaner.repair.unbroken import key_of
from cleaner.repair.word_arrays import Points, Scores, looked_up, places_in, together
from cleaner.repair.words import LOOK

LEAST = 2  # characters on each side of a break that can be looked up here
ROUNDING = 1e-6  # nats: far more than sums in another order can differ
_edge, _bits = np.uint64(ord(EDGE)), np.uint64(BITS)


class Break(NamedTuple):
    """A doubtful break of a text in which no page left more than breaks."""

    before: Line
    left: str  # the same without spaces at its end
    right: str
    number: int  # of the line before, counted from 0
    is_page: bool  # it has a blank line, in a text that has few


class Counts(NamedTuple):
    """Counts of `Grams` as arrays."""

    singles: Scores
    pairs: Points
    pair_counts: Scores
    triples: Points
    triple_counts: Scores
    held_by_pairs: Scores
    held_by_triples: Scores


def are_whole(texts: Sequence[tuple[str, Seen]], others: Others) -> Iterator[bool]:
    """Of each text and what was seen in it, whether surely none of its breaks is a page's, if pages left nothing else.

    >>> from cleaner.repair.signs import seen_in
    >>> cut = "镇里修好了水渠。今年又种下两千多棵果\\n树，乡亲们都说好。"
    >>> texts = [cut, "镇里的水渠终于修好了。今年又种下果树\\n老张说了这样一个消息"]
    >>> list(are_whole([(text, seen_in(text)) for text in texts], Others()))
    [False, True]
    """
    found = [list(breaks_in(text, looks)) for text, looks in texts]
    flat = [one for breaks in found for one in breaks]
    pairs = [(fold(one.left[-NEAR:]), fold(one.right[:NEAR])) for one in flat]
    scores = iter(nearby_scores(pairs, knowledge(others.learnt)))
    for (text, _), breaks in zip(texts, found, strict=True):
        own = list(zip(itertools.islice(scores, len(breaks)), breaks, strict=True))
        own.sort(key=lambda pair: -pair[0][0])  # those first that may soonest be a page's
        yield all(is_whole(one, text, nearby, others) for nearby, one in own)


def breaks_in(text: str, seen: Seen) -> Iterator[Break]:
    """The doubtful breaks of a text, as far as no furniture lies between its lines."""
    starts, ends = seen.starts, seen.ends
    has_few = sum(b - a > 1 for a, b in zip(ends, starts[1:], strict=False)) <= FEW_BLANK * (len(starts) - 1)
    around_them = {place for number in seen.breaks for place in (number - 1, number)}
    lines = {
        place: Line(text[starts[place] : ends[place]], starts[place], ends[place], False, False)
        for place in around_them
    }
    for number in doubtful(lines, seen.breaks):
        a, b = lines[number - 1], lines[number]
        yield Break(a, a.text.rstrip(), b.text, number - 1, has_few and b.start - a.end > 1)


def is_whole(one: Break, text: str, nearby: tuple[float, float], others: Others) -> bool:
    """Whether a break surely scores too little, whatever the others of its text say for it."""
    points, vote = nearby
    if points == np.inf:
        return False
    seam = Seam(one.left, one.right, one.number, around(one.before, text))
    rest = [*shapes(seam), *elsewhere(seam, vote)]
    points += weights_alone()["bias"] + sum_of(rest) + ROUNDING
    points += STOPS * any(name.startswith("sentences") for name, _ in rest)
    points += UNBROKEN * (bool(others.unbroken) and key_of(one.left, one.right) in others.unbroken)
    return points < (LOW - PAGE if one.is_page else HIGH)


def sum_of(found: Sequence[Evidence]) -> float:
    """The sum of weights times amounts."""
    by_name = weights_alone()
    return sum([by_name[name] * amount for name, amount in found])


def nearby_scores(pairs: Sequence[tuple[str, str]], known: Knowledge) -> list[tuple[float, float]]:
    """What the folded characters on both sides of breaks add to their scores, and what other texts say of each.

    The score is infinite where the characters are too few or too rare to be looked up here.
    """
    scores, votes = np.full(len(pairs), np.inf), np.zeros(len(pairs))
    among_han = []
    for place, (a, b) in enumerate(pairs):
        if is_han(a[-1]) and is_han(b[0]):
            if min(len(a), len(b)) >= LEAST:
                among_han.append(place)
        else:
            scores[place], votes[place] = sum_of(list(marks(a, b))), known.at(a, b)[1]
    if among_han:
        rows = rows_of([pairs[place] for place in among_han])
        scores[among_han], votes[among_han] = reading(rows, known)
        scores[among_han] += together(rows)
        missing = [2 * LOOK - min(len(a), LOOK) - min(len(b), LOOK) for a, b in (pairs[place] for place in among_han)]
        scores[among_han] = np.where((rows == BEYOND).sum(axis=1) == missing, scores[among_han], np.inf)
    return list(zip(scores.tolist(), votes.tolist(), strict=True))


def rows_of(pairs: Sequence[tuple[str, str]]) -> Points:
    """The LOOK characters before each break and those after it, a row for each break, with BEYOND where a line ends."""
    none = chr(BEYOND)
    points = code_points("".join([a[-LOOK:].rjust(LOOK, none) + b[:LOOK].ljust(LOOK, none) for a, b in pairs]))
    return np.minimum(points.reshape(-1, 2 * LOOK), BEYOND).astype(np.uint64)


def reading(rows: Points, known: Knowledge) -> tuple[Scores, Scores]:
    """How the characters go on over each break, and whether lines end and begin so; and the votes."""
    votes = np.zeros(len(rows))
    if known.learnt is None:
        return going_on(rows, known.grams), votes
    a, b, c, d = rows[:, LOOK - 2 : LOOK + 2].T
    fours = ((a << _bits | b) << _bits | c) << _bits | d
    found = [known.learnt.votes.get(four) for four in fours.tolist()]
    is_known = np.array([vote is not None for vote in found])
    votes[is_known] = [vote for vote in found if vote is not None]
    scores = np.empty(len(rows))
    for chosen, grams in ((is_known, known.learnt.grams), (~is_known, known.grams)):
        scores[chosen] = going_on(rows[chosen], grams)
    return scores, votes


def going_on(rows: Points, grams: Grams) -> Scores:
    """The weighed evidence of `reading_on` for each break."""
    by_name = weights_alone()
    a, b, c, d = rows[:, LOOK - 2 : LOOK + 2].T
    edge = np.full(len(rows), _edge)
    size = len(rows)
    first = np.concatenate([a, b, edge, a])
    second = np.concatenate([b, c, c, b])
    third = np.concatenate([c, d, d, edge])
    found = log_probabilities(first, second, third, grams)
    begins = pair_chances(edge, c, grams)
    amounts = {
        "reads on": found[:size] - np.log(begins),
        "reads on further": found[size : 2 * size] - found[2 * size : 3 * size],
        "does not end so": -3 - found[3 * size :],
    }
    total: Scores = sum(
        [by_name[name] * np.clip(found, -MOST, MOST) for name, found in amounts.items()], np.zeros(size)
    )
    return total


def log_probabilities(first: Points, second: Points, third: Points, grams: Grams) -> Scores:
    """`Grams.log_probability` of each third character after two others."""
    chance = pair_chances(second, third, grams)
    contexts = first << _bits | second
    before, held, is_known = np.zeros(len(first)), np.zeros(len(first)), np.zeros(len(first), dtype=np.bool_)
    seen = np.zeros(len(first))
    for counts, weight in levels(grams):
        places, is_there = places_in(counts.pairs, contexts)
        before += np.where(is_there, weight * counts.pair_counts[places], 0.0)
        held += np.where(is_there, weight * counts.held_by_triples[places], 0.0)
        is_known |= is_there
        seen += weight * looked_up(counts.triples, counts.triple_counts, contexts << _bits | third)
    before = np.maximum(before, held)
    smoothed = (seen + (before - held + TRIPLE_PRIOR) * chance) / (before + TRIPLE_PRIOR)
    found: Scores = np.log(np.where(is_known, smoothed, chance))
    return found


def pair_chances(first: Points, second: Points, grams: Grams) -> Scores:
    """How likely each second character is after one other."""
    (counts, _), *_ = levels(grams)
    chance = (counts.singles[second] + 0.05) / (grams.total + 500)
    before, held = counts.singles[first], counts.held_by_pairs[first]
    numbers = first << _bits | second
    seen = np.zeros(len(first))
    for level, weight in levels(grams):
        seen += weight * looked_up(level.pairs, level.pair_counts, numbers)
    left = np.maximum(before - held, 0.0)
    found: Scores = (seen + (left + PAIR_PRIOR) * chance) / (np.maximum(held, before) + PAIR_PRIOR)
    return found


@functools.lru_cache(maxsize=4)
def levels(grams: Grams) -> list[tuple[Counts, float]]:
    """The counts of grams, and of those that lie behind them, each with the weight of one."""
    counts = Counts(
        np.frombuffer(grams.singles),
        np.frombuffer(grams.pairs, dtype=np.uint64),
        np.frombuffer(grams.pair_counts),
        np.frombuffer(grams.triples, dtype=np.uint64),
        np.frombuffer(grams.triple_counts),
        np.frombuffer(grams.held_by_pairs),
        np.frombuffer(grams.held_by_triples),
    )
    behind = levels(grams.other) if grams.other else []
    return [(counts, 1.0), *[(level, grams.weight * weight) for level, weight in behind]]
