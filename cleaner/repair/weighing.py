"""Many doubtful breaks weighed at once, so that texts in which none is a page's need not be gone through.

To weigh one break takes some hundred look-ups, of characters (`grams`) and of words (`words`); for the breaks of many
texts together each is one search in a sorted array.

1. In the first pass over a corpus each break is noted, with the characters next to it, and what marks, shapes of lines
   and the text itself say of it: `noted`. They are asked of the rules (`score`), break by break.
2. When the corpus has been asked, all breaks of a shard are weighed without their texts: how the characters go on
   over each (`reading`), how the words do (`word_arrays`), and what other texts say: `may_be_cuts`.

So each break has a score that differs from the rule's by no more than the order of additions does. A text is passed by
only if all its scores stay below what they must be by more than that; all others are gone through as ever, and so are
those with a line of one character or rare ones at a break, which have no score here.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points
from cleaner.repair.breaks import FEW_BLANK, HIGH, LOW, PAGE, STOPS, UNBROKEN, Line, Others, around, doubtful
from cleaner.repair.grams import BEYOND, BITS, EDGE, PAIR_PRIOR, TRIPLE_PRIOR, Grams, fold
from cleaner.repair.score import (
    FIRST,
    LAST,
    MOST,
    NEAR,
    Evidence,
    Knowledge,
    Seam,
    elsewhere,
    knowledge,
    marks,
    shapes,
    weights_alone,
)
from cleaner.repair.signs import Seen
from cleaner.repair.unbroken import keys_of
from cleaner.repair.word_arrays import Points, Scores, looked_up, places_in, together
from cleaner.repair.words import LOOK

LEAST = 2  # characters on each side of a break that can be looked up here
WORTH_WHILE = 100  # breaks: one by one they take 20 ms, and the arrays of all words a third of a second
ROUNDING = 1e-6  # nats: far more than sums in another order can differ
VOTE = "goes on in other texts"
_edge, _bits = np.uint64(ord(EDGE)), np.uint64(BITS)


class Break(NamedTuple):
    """A doubtful break of a text in which no page left more than breaks."""

    before: Line
    left: str  # the same without spaces at its end
    right: str
    number: int  # of the line before, counted from 0
    is_page: bool  # it has a blank line, in a text that has few


class Breaks(NamedTuple):
    """Doubtful breaks of some texts, noted to be weighed later, in columns of equal length."""

    texts: npt.NDArray[np.int64]  # the number of its text
    rows: npt.NDArray[np.uint16]  # the characters next to it, of shape (breaks, 2 * LOOK)
    fours: Points  # as the corpus is asked: see `four_of` and `key_of`
    keys: Points
    is_open: npt.NDArray[np.bool_]  # ideographs stand next to it, which are still to be looked up
    has_vote: npt.NDArray[np.bool_]  # other texts may say something of it
    points: Scores  # what all else adds to its score, less what it must score; infinite where no score can be had here


class Counts(NamedTuple):
    """Counts of `Grams` as arrays."""

    singles: Scores
    pairs: Points
    pair_counts: Scores
    triples: Points
    triple_counts: Scores
    held_by_pairs: Scores
    held_by_triples: Scores


def breaks_in(text: str, seen: Seen) -> Iterator[Break]:
    """The doubtful breaks of a text, as far as no furniture lies between its lines."""
    starts, ends = seen.starts, seen.ends
    around_them = {place for number in seen.breaks for place in (number - 1, number)}
    lines = {
        place: Line(text[starts[place] : ends[place]], starts[place], ends[place], False, False)
        for place in around_them
    }
    numbers = list(doubtful(lines, seen.breaks))
    gaps = zip(ends, starts[1:], strict=False) if numbers else ()
    has_few = sum([b - a > 1 for a, b in gaps]) <= FEW_BLANK * (len(starts) - 1)
    for number in numbers:
        a, b = lines[number - 1], lines[number]
        yield Break(a, a.text.rstrip(), b.text, number - 1, has_few and b.start - a.end > 1)


def noted(texts: Sequence[tuple[int, str, Sequence[Break]]]) -> Breaks:
    """The doubtful breaks of some texts, each of which has a number.

    >>> from cleaner.repair.signs import seen_in
    >>> cut = "镇里修好了水渠。今年又种下两千多棵果\\n树，乡亲们都说好。"
    >>> texts = [cut, "镇里的水渠终于修好了。今年又种下果树\\n老张说了这样一个消息"]
    >>> found = [(number, text, list(breaks_in(text, seen_in(text)))) for number, text in enumerate(texts)]
    >>> breaks = noted(found)
    >>> breaks.texts.tolist(), may_be_cuts(breaks, Others(), least=0).tolist()
    ([0, 1], [True, False])
    """
    flat = [(text, one) for _, text, breaks in texts for one in breaks]
    pairs = [(one.left, one.right) for _, one in flat]
    rows = rows_of(pairs)
    sizes = np.array([(len(left), len(right)) for left, right in pairs], dtype=np.int64).reshape(-1, 2)
    next_to = rows[:, LOOK - 1 : LOOK + 1]
    is_open = np.logical_and.reduce((next_to >= ord(FIRST)) & (next_to <= ord(LAST)), axis=1)
    own = [own_points(text, one) for text, one in flat]
    points = np.array([value for value, _ in own], dtype=np.float64)
    for place in np.flatnonzero(~is_open).tolist():
        left, right = pairs[place]
        points[place] += sum_of(list(marks(fold(left[-NEAR:]), fold(right[:NEAR]))))
    is_rare = (rows == BEYOND).sum(axis=1) != (LOOK - np.minimum(sizes, LOOK)).sum(axis=1)
    is_short = sizes.min(axis=1, initial=LEAST) < LEAST
    points[is_open & (is_rare | is_short)] = np.inf
    return Breaks(
        np.repeat(np.array([number for number, _, _ in texts], dtype=np.int64), [len(own) for _, _, own in texts]),
        rows,
        np.where(is_short, np.uint64(0), fours_of(rows)),
        keys_of(pairs),
        is_open,
        np.array([has_vote for _, has_vote in own], dtype=np.bool_),
        points,
    )


def own_points(text: str, one: Break) -> tuple[float, bool]:
    """What the shapes of lines and the text say of a break, less what it must score; whether other texts may add to it.

    The others of its text may be what is best for it.
    """
    seam = Seam(one.left, one.right, one.number, around(one.before, text))
    by_name = weights_alone()
    points, has_vote = by_name["bias"] + ROUNDING - (LOW - PAGE if one.is_page else HIGH), False
    for name, amount in (*shapes(seam), *elsewhere(seam, vote=1.0)):
        if name == VOTE:
            has_vote = True
        else:
            points += by_name[name] * amount + STOPS * name.startswith("sentences")
    return points, has_vote


def may_be_cuts(breaks: Breaks, others: Others, least: int = WORTH_WHILE) -> npt.NDArray[np.bool_]:
    """Of each break, whether it may be a page's, given what other texts say; `least` are looked up together."""
    known = knowledge(others.learnt)
    votes, has_vote = votes_of(breaks.fours, known)
    points = breaks.points + weights_alone()[VOTE] * votes * breaks.has_vote
    if others.unbroken:
        points += UNBROKEN * np.array([key in others.unbroken for key in breaks.keys.tolist()])
    places = np.flatnonzero(breaks.is_open & np.isfinite(breaks.points))
    if len(places) < least:
        points[places] = np.inf
    else:
        rows = breaks.rows[places].astype(np.uint64)
        points[places] += reading(rows, has_vote[places], known) + together(rows)
    found: npt.NDArray[np.bool_] = points >= 0
    return found


def votes_of(fours: Points, known: Knowledge) -> tuple[Scores, npt.NDArray[np.bool_]]:
    """What other texts say of some breaks, and whether they were asked."""
    votes: Mapping[int, float] = known.learnt.votes if known.learnt else {}
    found = [votes.get(four) for four in fours.tolist()]
    return np.array([vote or 0.0 for vote in found]), np.array([vote is not None for vote in found], dtype=np.bool_)


def sum_of(found: Sequence[Evidence]) -> float:
    """The sum of weights times amounts."""
    by_name = weights_alone()
    return sum([by_name[name] * amount for name, amount in found])


def rows_of(pairs: Sequence[tuple[str, str]]) -> npt.NDArray[np.uint16]:
    """The LOOK characters before each break and those after it, folded, with BEYOND where a line ends."""
    none = chr(BEYOND)
    joined = "".join([left[-LOOK:].rjust(LOOK, none) + right[:LOOK].ljust(LOOK, none) for left, right in pairs])
    return np.minimum(code_points(fold(joined)), BEYOND).astype(np.uint16).reshape(-1, 2 * LOOK)


def fours_of(rows: npt.NDArray[np.uint16]) -> Points:
    """`four_of` for each row in which there are two characters on both sides."""
    a, b, c, d = rows[:, LOOK - 2 : LOOK + 2].astype(np.uint64).T
    found: Points = ((a << _bits | b) << _bits | c) << _bits | d
    return found


def reading(rows: Points, has_vote: npt.NDArray[np.bool_], known: Knowledge) -> Scores:
    """How the characters go on over each break, and whether lines end and begin so."""
    if known.learnt is None:
        return going_on(rows, known.grams)
    scores = np.empty(len(rows))
    for chosen, grams in ((has_vote, known.learnt.grams), (~has_vote, known.grams)):
        scores[chosen] = going_on(rows[chosen], grams)
    return scores


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
