"""What the corpus itself says of a doubtful break: how often its own lines have the characters around it.

A corpus has names and terms that no table knows, and it repeats them. So its lines are counted, and that twice helps to
tell a cut from an end: the counts are added to the shipped ones (`grams`), and where the two characters before a break
and the two after it stand side by side in other texts, more often than these pairs would by chance, the break is likely
a page's.

1. Each doubtful break is noted as one number, its four characters: `four_of`.
2. Lines are noted by their hash, in a table of fixed size: `Lines`. What stands in the corpus a thousand times counts
   once, or copies would vote for themselves. Lines that share a cell by chance count less, and in a huge corpus all do.
3. All lines are searched for the runs that these breaks ask for, and for no others: `count`. So nothing is pruned;
   counts are whole numbers, and those of shards are added in any order.
4. `learnt` makes evidence of them.

A break must not teach that it is right. A beginning and an end are counted only around a full stop, within a line or
between two: both sides of a line break without one teach nothing, be it a title's or a page's.
"""

import functools
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points
from cleaner.repair import grams
from cleaner.repair.grams import EDGE, Grams, fold, key, shipped_grams
from cleaner.repair.unbroken import FACTOR, Keys

Counts = npt.NDArray[np.int64]  # in units of a line's weight: characters, ends, beginnings, pairs, triples, fours
Points = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Cells = npt.NDArray[np.uint32]

LEAST_CHARACTERS = 20_000  # in a smaller corpus nothing is learnt
WEIGHT = 2.0  # of a count in the corpus, beside one of the shipped table
CHANCE = 0.1  # counts by which a run is smoothed: how seldom is still no evidence
MOST = 3.0  # of a vote, in nats: a subhead and its paragraph, too, can begin and end like a turn that is often used
UNIT = 1 << 16  # the weight of a line that stands in the corpus once
LINE_BITS = 22
BATCH = 1 << 18  # characters that are counted at once
SIDE = 2  # characters on each side of a break
BITS, ONES = np.uint64(grams.BITS), 1 << grams.BITS
STOPS, MARKS = "。！？", "，、；：”’」』）》〉】〕…\N{IDEOGRAPHIC SPACE}\N{NO-BREAK SPACE} \t\r\n"
MARK, STOP = 1, 2
NEWLINE, BETWEEN = ord("\n"), "\n\0\n"  # a text begins anew, so what ends the one before it says nothing there
FILTER_BITS = 20  # of a first look-up that rules most runs out
SHIFT = np.uint64(64 - FILTER_BITS)
_edge = np.uint64(ord(EDGE))
_pair, _triple = (np.uint64((1 << size * grams.BITS) - 1) for size in (2, 3))  # the last so many characters of a run


@dataclass(frozen=True, eq=False, slots=True)
class Learnt:
    """What was learnt from a corpus: its counts with the shipped ones, and for each break that was asked for a vote."""

    grams: Grams
    votes: Mapping[int, float]  # by `four_of`: how much oftener its halves stand side by side than by chance, in nats


@dataclass(frozen=True, slots=True)
class Lines:
    """The cells of lines that stand in a corpus: ascending, and how many lines each has."""

    cells: Cells
    copies: npt.NDArray[np.int64]

    def weights(self) -> Counts:
        """The weight of a line in each cell of the table."""
        table = np.full(1 << LINE_BITS, UNIT, dtype=np.int64)
        table[self.cells] = UNIT // self.copies
        return table


NO_LINES = Lines(np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.int64))


def four_of(left: str, right: str) -> int:
    """A break between two folded lines as a number, or 0 where they are too short.

    >>> four_of("应用场", "景功能") == four_of("用场", "景功"), four_of("场", "景功能")
    (True, 0)
    """
    return key(left[-SIDE:] + right[:SIDE]) if min(len(left), len(right)) >= SIDE else 0


def cells_of(text: str) -> Cells:
    """The cell of each line of a text."""
    lines = text.encode("utf-8", "surrogatepass").split(b"\n")
    return np.array([zlib.crc32(line) for line in lines], dtype=np.uint32) >> np.uint32(32 - LINE_BITS)


def lines_of(cells: Iterable[Cells]) -> Lines:
    """The lines of some texts, from the cells of each text."""
    return Lines(*np.unique(np.concatenate([NO_LINES.cells, *cells]), return_counts=True))


def all_lines(parts: Iterable[Lines]) -> Lines:
    """The lines of several shards together."""
    found = [NO_LINES, *parts]
    cells, places = np.unique(np.concatenate([part.cells for part in found]), return_inverse=True)
    copies = np.bincount(places, np.concatenate([part.copies for part in found]), len(cells))
    return Lines(cells, copies.astype(np.int64))


def runs_of(fours: Keys) -> tuple[Keys, Keys, Keys]:
    """The pairs, triples and fours that are evidence for some breaks; beginnings and ends are triples with an edge."""
    before, over, after = halves_of(fours)
    triples = (fours >> BITS, fours & _triple, before << BITS | _edge, _edge << BITS + BITS | after)
    return np.unique(np.concatenate([before, over, after])), np.unique(np.concatenate(triples)), fours


def halves_of(fours: Keys) -> tuple[Points, Points, Points]:
    """The pairs in runs of four: before a break, over it, and after it."""
    return fours >> BITS + BITS, fours >> BITS & _pair, fours & _pair


@functools.cache
def spellings() -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
    """How each code point is spelt in a run, and of each of those whether it is a mark or a full stop."""
    spelt = np.minimum(np.arange(0x110000), ONES - 1).astype(np.uint16)
    for point in (*range(0x80), *range(0xFF00, 0xFF80)):
        spelt[point] = ord(fold(chr(point)))
    spelt[ord(EDGE)] = ONES - 1  # one in a text is none
    kinds = np.zeros(ONES, dtype=np.uint8)
    kinds[[ord(mark) for mark in MARKS]] = MARK
    kinds[[ord(stop) for stop in STOPS]] = STOP
    return spelt, kinds


class Counter:
    """Counts the runs that were asked for, text by text."""

    def __init__(self, fours: Keys, lines: Lines) -> None:
        self.weights = lines.weights()
        self.wanted = runs_of(fours)
        self.looks = [first_look(wanted) for wanted in self.wanted]
        self.ones = np.zeros((3, ONES), dtype=np.int64)  # characters; how often each is an end, and a beginning
        self.runs = [np.zeros(len(wanted), dtype=np.int64) for wanted in self.wanted]

    def see(self, text: str) -> None:
        """Count the lines of one text, or of several with newlines between them."""
        points = spellings()[0][code_points(text)]
        lengths = np.diff(np.flatnonzero(points == NEWLINE), prepend=-1, append=len(points))
        weights = np.repeat(self.weights[cells_of(text)], lengths)[: len(points)]
        self.ones[0] += weighed_count(points, weights)
        # A run over a newline is never asked for; nor is a triple or four that holds a pair which is not.
        wide = points.astype(np.uint64)
        keys = wide[:-1] << BITS | wide[1:]
        places = self.tally(0, keys, np.arange(len(keys)), weights)
        places = places[:-1][np.diff(places) == 1]
        keys = keys[places] << BITS | wide[places + 2]
        places = self.tally(1, keys, places, weights)
        places = places[:-1][np.diff(places) == 1]
        self.tally(2, keys_of(wide, places, 4), places, weights)
        self.see_edges(wide, spellings()[1][points], weights)

    def see_edges(self, points: Points, kinds: npt.NDArray[np.uint8], weights: Counts) -> None:
        """Count what stands before and after marks among which is a full stop."""
        marks = np.flatnonzero(kinds)
        if not len(marks):
            return
        firsts = np.flatnonzero(np.diff(marks, prepend=-2) > 1)
        is_stop = np.maximum.reduceat(kinds[marks], firsts) == STOP
        lasts = np.append(firsts[1:], len(marks)) - 1
        ends, starts = marks[firsts[is_stop]] - 1, marks[lasts[is_stop]] + 1
        ends, starts = ends[ends >= 0], starts[starts < len(points)]
        self.ones[1] += weighed_count(points[ends], weights[ends])
        self.ones[2] += weighed_count(points[starts], weights[starts])
        ends, starts = ends[ends > 0], starts[starts + 1 < len(points)]
        self.tally(1, keys_of(points, ends - 1, 2) << BITS | _edge, ends, weights)
        self.tally(1, _edge << BITS + BITS | keys_of(points, starts, 2), starts, weights)

    def tally(self, size: int, keys: Points, places: Places, weights: Counts) -> Places:
        """Add the weights of those runs that were asked for. Returns their places."""
        wanted = self.wanted[size]
        likely = np.flatnonzero(self.looks[size][keys * FACTOR >> SHIFT])
        found = np.minimum(np.searchsorted(wanted, keys[likely]), len(wanted) - 1)
        hits = wanted[found] == keys[likely]
        places = places[likely[hits]]
        np.add.at(self.runs[size], found[hits], weights[places])
        return places

    def counts(self) -> Counts:
        return np.concatenate([*self.ones, *self.runs])


def keys_of(points: Points, places: Places, size: int) -> Points:
    """The runs of a size that begin at some places."""
    keys = points[places]
    for place in range(1, size):
        keys = keys << BITS | points[places + place]
    return keys


def weighed_count(points: npt.NDArray[Any], weights: Counts) -> Counts:
    """How often each character stands there; sums of whole numbers below 2 ** 53, so they are exact."""
    return np.bincount(points.astype(np.int64), weights, ONES).astype(np.int64)


def first_look(wanted: Keys) -> npt.NDArray[np.bool_]:
    """A table that rules out most runs that nobody asked for."""
    table = np.zeros(1 << FILTER_BITS, dtype=np.bool_)
    table[wanted * FACTOR >> SHIFT] = True
    return table


def count(texts: Iterable[str], fours: Keys, lines: Lines) -> Counts:
    """How often the runs around some breaks stand in the lines of some texts; `lines` are those of all texts."""
    counter = Counter(fours, lines)
    for batch in batches(texts) if len(fours) else ():
        counter.see(batch)
    return counter.counts()


def batches(texts: Iterable[str]) -> Iterator[str]:
    """Texts put together, as short ones would be counted slowly one by one."""
    held: list[str] = []
    size = 0
    for text in texts:
        held += [text, BETWEEN]
        size += len(text)
        if size >= BATCH:
            yield "".join(held)
            held, size = [], 0
    if held:
        yield "".join(held)


def learnt(fours: Keys, counts: Counts) -> Learnt | None:
    """What the counts of a whole corpus tell of some breaks; nothing where it is too small."""
    pairs, triples, _ = wanted = runs_of(fours)
    cuts = np.cumsum([ONES, ONES, ONES, *map(len, wanted)])
    singles, ends, starts, of_pairs, of_triples, of_fours, _ = np.split(counts / UNIT, cuts)
    singles[[0, NEWLINE]] = starts[0] = 0.0
    total = float(singles.sum())
    if not len(fours) or total < LEAST_CHARACTERS:
        return None
    before, _, after = (of_pairs[np.searchsorted(pairs, half)] for half in halves_of(fours))
    ratios = np.log((of_fours + CHANCE) / (before * after / total + CHANCE))
    votes = dict(zip(fours.tolist(), np.clip(ratios, 0.0, MOST).tolist(), strict=True))
    edges = np.flatnonzero(ends).astype(np.uint64) << BITS | _edge
    begins = _edge << BITS | np.flatnonzero(starts).astype(np.uint64)
    keys = np.concatenate([pairs, edges, begins])
    order = np.argsort(keys)
    values = np.concatenate([of_pairs, ends[ends > 0], starts[starts > 0]])
    singles[ord(EDGE)] = starts.sum()
    ones = np.arange(ONES, dtype=np.uint64)
    own = Grams.of_arrays([ones, keys[order], triples], [singles, values[order], of_triples])
    # All that follows a run was counted, if not noted: nothing of its count is left for what was never seen.
    own = replace(own, held_by_pairs=array("d", (singles + ends).tobytes()), held_by_triples=own.pair_counts)
    return Learnt(shipped_grams().plus(own, WEIGHT), votes)
