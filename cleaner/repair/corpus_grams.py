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
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points
from cleaner.repair import grams
from cleaner.repair.grams import EDGE, Grams, fold, key, shipped_grams
from cleaner.repair.unbroken import FACTOR, Keys, bits_of

if TYPE_CHECKING:  # the compiler takes half a second to load
    from cleaner.kernels.runs import Wanted

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

    def weights(self) -> npt.NDArray[np.int32]:
        """The weight of a line in each cell of the table."""
        table = np.full(1 << LINE_BITS, UNIT, dtype=np.int32)
        table[self.cells] = UNIT // self.copies
        return table


NO_LINES = Lines(np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.int64))


def four_of(left: str, right: str) -> int:
    """A break between two folded lines as a number, or 0 where they are too short.

    >>> four_of("应用场", "景功能") == four_of("用场", "景功"), four_of("场", "景功能")
    (True, 0)
    """
    return key(left[-SIDE:] + right[:SIDE]) if min(len(left), len(right)) >= SIDE else 0


def cells_of(points: npt.NDArray[np.uint32]) -> Cells:
    """The cell of each line of some texts, which newlines part, from their code points.

    It is the upper bits of the CRC-32 of the line in UTF-8.
    """
    from cleaner.kernels.runs import line_checksums

    found: Cells = line_checksums(points, checksum_tables()) >> np.uint32(32 - LINE_BITS)
    return found


@functools.cache
def checksum_tables() -> Counts:
    """The CRC-32 of each byte, without the inversions at both ends, and with up to three zero bytes behind it."""
    first = np.array([zlib.crc32(bytes([byte]), 0xFFFFFFFF) ^ 0xFFFFFFFF for byte in range(256)], dtype=np.int64)
    tables = [first]
    for _ in range(3):
        tables.append(tables[-1] >> 8 ^ first[tables[-1] & 0xFF])
    return np.array(tables)


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


def wanted_of(fours: Keys) -> "Wanted":
    """The runs that some breaks ask for, as they are looked for."""
    from cleaner.kernels.runs import PAIR_BITS, Wanted, slots_of

    pairs, triples, _ = runs_of(fours)
    bits = bits_of(pairs * FACTOR, PAIR_BITS)
    return Wanted(pairs, triples, fours, bits, slots_of(pairs), slots_of(triples))


class Counter:
    """Counts the runs that were asked for, some texts at a time."""

    def __init__(self, wanted: "Wanted", weights: npt.NDArray[np.int32]) -> None:
        from cleaner.kernels.runs import Tallies

        self.wanted, self.weights = wanted, weights
        ones = np.zeros((3, ONES), dtype=np.int64)  # characters; how often each is an end, and a beginning
        runs = (wanted.pairs, wanted.triples, wanted.fours)
        self.found = Tallies(ones, *(np.zeros(len(column), dtype=np.int64) for column in runs))

    def see(self, points: npt.NDArray[np.uint32]) -> None:
        """Count the lines of some texts with newlines between them, from their code points."""
        from cleaner.kernels.runs import count_edges, count_runs

        spelt, kinds = spellings()
        weights = self.weights[cells_of(points)].astype(np.int64)
        spelt_points = spelt[points]
        count_runs(spelt_points, weights, self.wanted, self.found)
        count_edges(spelt_points, kinds, weights, self.wanted, self.found)

    def counts(self) -> Counts:
        return np.concatenate([self.found.ones.ravel(), *self.found[1:]])


def count(texts: Iterable[str], fours: Keys, lines: Lines) -> Counts:
    """How often the runs around some breaks stand in the lines of some texts; `lines` are those of all texts."""
    counter = Counter(wanted_of(fours), lines.weights())
    for points in batches(texts) if len(fours) else ():
        counter.see(points)
    return counter.counts()


def batches(texts: Iterable[str]) -> Iterator[npt.NDArray[np.uint32]]:
    """The code points of texts put together, as short ones would be counted slowly one by one."""
    held: list[str] = []
    size = 0
    for text in texts:
        held += [text, BETWEEN]
        size += len(text)
        if size >= BATCH:
            yield code_points("".join(held))
            held, size = [], 0
    if held:
        yield code_points("".join(held))


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
