"""Fingerprints that several documents have: where texts may share a passage, without comparing all with all.

What is read is every document, twice; what is held is little. First each fingerprint is counted, in a table of one
byte a slot, in how many documents it stands; then only those that stand in several are written down with their place.
Those of very many documents are boilerplate: a line below every page says nothing about two of them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.dedup.copies import Flags
from cleaner.dedup.folding import Offsets, fold_table, fold_texts
from cleaner.document import BATCH, Document, code_points
from cleaner.kernels.shingles import Hashes, Points

MOST_DOCUMENTS = 50  # that may have a fingerprint; of more, it is boilerplate
SURE = 43  # folded characters in a row that are sure to give a fingerprint (kernels.fingerprints)
SLOTS_FOR_EACH = 8  # in the table, for each fingerprint: with fewer, some would meet others by chance
CHARACTERS_FOR_EACH = 16  # of folded text, for each fingerprint
LEAST_BITS, MOST_BITS = 16, 28  # of the table's size: 64 kB to 256 MB
UNIQUE, SEVERAL, BOILERPLATE = 0, 1, 2  # states of a slot
NEWLINE = ord("\n")

States = npt.NDArray[np.uint8]
Occurrences = npt.NDArray[Any]  # of OCCURRENCE, by document and then by hash
OCCURRENCE = np.dtype([("hash", "<u8"), ("document", "<u4"), ("place", "<u4")])
Counted = tuple[npt.NDArray[np.uint32], States]  # slots, each once, and in how many documents each is


class Folds(NamedTuple):
    """Folded texts one behind the other, where their characters and lines stood, and where each begins and ends.

    `places` are the offsets of the characters in their own texts. `lines`, of shape (lines, 3), are those that hold
    anything to compare: start and end in the text, and the number of their first character in the folded text.
    """

    points: Points
    places: Points
    lines: Points
    spans: Offsets  # of shape (documents, 2), in points and places
    line_spans: Offsets  # of shape (documents, 2), in lines


class Readers(NamedTuple):
    """Who reads the documents: from memory or, shard by shard, from files. Asked for those that are marked only."""

    counted: Callable[[Flags, int], Iterable[Counted]]
    occurring: Callable[[Flags, States], Occurrences]
    folded: Callable[[Flags], Folds]


def bits_for(characters: int) -> int:
    """The size of the table, as a power of two, for so many folded characters: the same however they are read."""
    wanted = SLOTS_FOR_EACH * characters // CHARACTERS_FOR_EACH
    return int(np.clip(wanted.bit_length(), LEAST_BITS, MOST_BITS))


def slots_of(hashes: Hashes, bits: int) -> npt.NDArray[np.uint32]:
    return (hashes >> np.uint64(64 - bits)).astype(np.uint32)


def fingerprints_of(documents: Iterable[Document], asked: Flags) -> Iterator[Occurrences]:
    """The fingerprints of the documents that are asked for, a batch at a time; documents are numbered from 0."""
    batch: list[str] = []
    numbers: list[int] = []
    size = 0
    for number, document in enumerate(documents):
        if asked[number]:
            batch.append(document.text)
            numbers.append(number)
            size += len(document.text)
        if size >= BATCH:
            yield fingerprints_of_batch(batch, numbers)
            batch, numbers, size = [], [], 0
    yield fingerprints_of_batch(batch, numbers)


def fingerprints_of_batch(texts: list[str], numbers: list[int]) -> Occurrences:
    from cleaner.kernels.fingerprints import fingerprints  # numba takes half a second to load: not before it is needed

    hashes, places, ends = fingerprints(*fold_texts(texts))
    found = np.zeros(len(hashes), dtype=OCCURRENCE)
    found["hash"], found["place"] = hashes, places
    found["document"] = np.repeat(np.array(numbers, dtype=np.uint32), np.diff(ends, prepend=0))
    return found


def counted(documents: Iterable[Document], asked: Flags, bits: int) -> Counted:
    """In how many of some documents each slot is met."""
    batches = [slots_of(batch["hash"], bits) for batch in fingerprints_of(documents, asked)]
    slots, counts = np.unique(np.concatenate(batches), return_counts=True)
    return slots, np.minimum(counts, 255).astype(np.uint8)


def states_of(parts: Iterable[Counted], bits: int) -> States:
    """For each slot whether one document has it, several, or so many that it is boilerplate."""
    table = np.zeros(1 << bits, dtype=np.uint8)
    for slots, counts in parts:
        table[slots] = np.minimum(table[slots].astype(np.uint16) + counts, 255)
    states = (table > 1).astype(np.uint8)
    states[table > MOST_DOCUMENTS] = BOILERPLATE
    return states


def occurring(documents: Iterable[Document], asked: Flags, states: States) -> Occurrences:
    """Where the fingerprints stand that several documents have."""
    batches = fingerprints_of(documents, asked)
    return np.concatenate([batch[states_at(states, batch["hash"]) == SEVERAL] for batch in batches])


def states_at(states: States, hashes: Hashes) -> States:
    """The states of fingerprints."""
    return states[slots_of(hashes, len(states).bit_length() - 1)]


def fingerprints_in(points: Points) -> Hashes:
    """The fingerprints of one folded text."""
    from cleaner.kernels.fingerprints import fingerprints

    found: Hashes = fingerprints(points, np.array([len(points)]))[0]
    return found


def laid_out(text: str) -> tuple[Points, Points, Points]:
    """A folded text, the offsets of its characters, and its lines, as in `Folds`."""
    points, table = code_points(text), fold_table()
    folded = table[np.minimum(points, len(table) - 1)]
    places = np.flatnonzero(folded)
    breaks = np.flatnonzero(points == NEWLINE)
    starts, ends = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(points)]])
    firsts, lasts = np.searchsorted(places, starts), np.searchsorted(places, ends)
    lines = np.stack([starts, ends, firsts], axis=1)[lasts > firsts]
    return folded[places], places.astype(np.uint32), lines.astype(np.uint32)


def joined_folds(parts: list[tuple[Points, Points, Points]]) -> Folds:
    """The folded texts of several documents in one record."""
    points, places, lines = (np.concatenate([part[column] for part in parts]) for column in range(3))
    sizes = np.array([[len(part[0]), len(part[2])] for part in parts], dtype=np.int64)
    return Folds(points, places, lines, spans_of(sizes[:, 0]), spans_of(sizes[:, 1]))


def spans_of(lengths: Offsets) -> Offsets:
    """Start and end of each of some things that lie one behind the other."""
    ends = np.cumsum(lengths, dtype=np.int64)
    return np.stack([ends - lengths, ends], axis=1)


def readers_of(read: Callable[[], Iterable[Document]]) -> Readers:
    """Those who read documents that are at hand."""
    nothing = laid_out("")

    def folded(asked: Flags) -> Folds:
        return joined_folds(
            [
                laid_out(document.text) if is_asked else nothing
                for document, is_asked in zip(read(), asked.tolist(), strict=True)
            ]
        )

    return Readers(
        lambda asked, bits: [counted(read(), asked, bits)],
        lambda asked, states: occurring(read(), asked, states),
        folded,
    )
