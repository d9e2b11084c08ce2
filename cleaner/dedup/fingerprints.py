"""Fingerprints that several documents have: where texts may share a passage, without comparing all with all.

What is held is little. First each fingerprint is counted, in a table of one byte a slot, in how many documents it
stands; then, if any stands in several, those are written down with their place. Those of very many documents are
boilerplate: a line below every page says nothing about two of them. Over shards the fingerprints are computed once and
read from scratch files (`survey`); of documents at hand they are computed twice.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.dedup.copies import Flags
from cleaner.dedup.folding import Offsets, fold_texts
from cleaner.document import BATCH, Document
from cleaner.kernels.shingles import Hashes, Points

MOST_DOCUMENTS = 50  # that may have a fingerprint; of more, it is boilerplate
SURE = 43  # folded characters in a row that are sure to give a fingerprint (kernels.fingerprints)
SLOTS_FOR_EACH = 4  # in the table, for each fingerprint: with fewer, many would meet others by chance
CHARACTERS_FOR_EACH = 16  # of folded text, for each fingerprint
LEAST_BITS, MOST_BITS = 16, 30  # of the size of the table: 64 kB to 1 GB, which is for 13 GB of text
UNIQUE, SEVERAL, BOILERPLATE = 0, 1, 2  # states of a slot

States = npt.NDArray[np.uint8]
Occurrences = npt.NDArray[Any]  # of OCCURRENCE, by document and then by hash
OCCURRENCE = np.dtype([("hash", "<u8"), ("document", "<u4"), ("place", "<u4")])
Slots = npt.NDArray[np.uint32]


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

    slots: Callable[[Flags, int], Iterable[Slots]]  # of all fingerprints, those of one document each once
    occurring: Callable[[Flags, States], Occurrences]
    folded: Callable[[Flags], Folds]


def bits_for(characters: int) -> int:
    """The size of the table, as a power of two, for so many folded characters: the same however they are read."""
    wanted = SLOTS_FOR_EACH * characters // CHARACTERS_FOR_EACH
    return int(np.clip(wanted.bit_length(), LEAST_BITS, MOST_BITS))


def slots_of(hashes: Hashes, bits: int) -> Slots:
    """The places of fingerprints in the table: their low bits, as the high ones of what is least are mostly zero."""
    return hashes.astype(np.uint32) & np.uint32((1 << bits) - 1)


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
    hashes, places, counts = fingerprints_of_folded(fold_texts(texts))
    return occurrences_of(hashes, places, np.repeat(np.array(numbers, dtype=np.uint32), counts))


def fingerprints_of_folded(folded: Any) -> tuple[Hashes, Points, Points]:
    """The fingerprints of texts that were folded together: hashes, places, and how many each text has."""
    from cleaner.kernels.fingerprints import fingerprints  # numba takes half a second to load: not before it is needed

    hashes, places, ends = fingerprints(folded.points, folded.ends)
    return hashes, places, np.diff(ends, prepend=0).astype(np.uint32)


def occurrences_of(hashes: Hashes, places: Points, documents: Points) -> Occurrences:
    """Columns as one array."""
    found = np.empty(len(hashes), dtype=OCCURRENCE)
    found["hash"], found["place"], found["document"] = hashes, places, documents
    return found


def slots_in(documents: Iterable[Document], asked: Flags, bits: int) -> Iterator[Slots]:
    """The slots of the fingerprints of some documents."""
    return (slots_of(batch["hash"], bits) for batch in fingerprints_of(documents, asked))


def states_of(parts: Iterable[Slots], bits: int) -> States:
    """For each slot whether one document has it, several, or so many that it is boilerplate."""
    from cleaner.kernels.fingerprints import FULL, count_slots

    table = np.zeros(1 << bits, dtype=np.uint8)
    for slots in parts:
        count_slots(table, slots)
    states = np.full(FULL + 1, SEVERAL, dtype=np.uint8)
    states[:2], states[MOST_DOCUMENTS + 1 :] = UNIQUE, BOILERPLATE
    return states[table]


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


def laid_out(texts: Sequence[str]) -> Folds:
    """The folded texts of some documents in one record."""
    folded = fold_texts(texts)
    sizes = (np.diff(ends, prepend=0) for ends in (folded.ends, folded.line_ends))
    return Folds(folded.points, folded.places, folded.lines, *map(spans_of, sizes))


def spans_of(lengths: Offsets) -> Offsets:
    """Start and end of each of some things that lie one behind the other."""
    ends = np.cumsum(lengths, dtype=np.int64)
    return np.stack([ends - lengths, ends], axis=1)


def readers_of(read: Callable[[], Iterable[Document]]) -> Readers:
    """Those who read documents that are at hand."""

    def folded(asked: Flags) -> Folds:
        pairs = zip(read(), asked.tolist(), strict=True)
        return laid_out([document.text if is_asked else "" for document, is_asked in pairs])

    return Readers(
        lambda asked, bits: slots_in(read(), asked, bits),
        lambda asked, states: occurring(read(), asked, states),
        folded,
    )
