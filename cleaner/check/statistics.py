"""What the documents of a corpus are like, in numbers to compare with those of another; and what of a source went."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from cleaner.document import code_points
from cleaner.files.tables import read_batches

Numbers = npt.NDArray[np.int64]
BITS = 40  # a text is shorter than 2**40 characters
SPACES = np.array([*range(0x21), 0x3000])  # not counted: how lines are broken is not what a text is written in


@dataclass(slots=True)
class Removed:
    """What of one source went: documents, and characters since decode."""

    documents: int = 0  # that were read
    dropped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)  # kinds of reasons to drop
    characters: int = 0  # as decode left them
    characters_kept: int = 0

    def add(self, other: "Removed") -> None:
        self.documents += other.documents
        self.dropped += other.dropped
        self.reasons.update(other.reasons)
        self.characters += other.characters
        self.characters_kept += other.characters_kept


@dataclass(frozen=True, slots=True)
class Statistics:
    """Documents by length, script and encoding, and characters by how often they stand."""

    documents: int
    characters: int
    lengths: Numbers  # documents by the number of bits of their length: by powers of two
    scripts: dict[str, int]
    encodings: dict[str, int]
    used: Numbers  # code points, ascending, without white space
    counts: Numbers  # of each

    @classmethod
    def total(cls, parts: Iterable["Statistics"]) -> "Statistics":
        """The statistics of several shards together."""
        some = list(parts)
        used, places = np.unique(
            np.concatenate([np.zeros(0, np.int64), *(part.used for part in some)]), return_inverse=True
        )
        counts = np.zeros(len(used), dtype=np.int64)
        np.add.at(counts, places, np.concatenate([np.zeros(0, np.int64), *(part.counts for part in some)]))
        scripts: Counter[str] = Counter()
        encodings: Counter[str] = Counter()
        for part in some:
            scripts.update(part.scripts)
            encodings.update(part.encodings)
        return cls(
            sum(part.documents for part in some),
            sum(part.characters for part in some),
            np.sum([np.zeros(BITS, np.int64), *(part.lengths for part in some)], axis=0),
            dict(scripts),
            dict(encodings),
            used,
            counts,
        )


def measured(path: Path) -> Statistics:
    """The statistics of the documents of one shard."""
    documents = characters = 0
    lengths, counts = np.zeros(BITS, dtype=np.int64), np.zeros(0x110000, dtype=np.int64)
    scripts: Counter[str] = Counter()
    encodings: Counter[str] = Counter()
    for batch in read_batches(path, ["text", "script", "encoding"]):
        text, script, encoding = (batch.column(name) for name in ("text", "script", "encoding"))
        sizes = pc.utf8_length(text).to_numpy(zero_copy_only=False)
        documents += len(sizes)
        characters += int(sizes.sum())
        lengths += np.bincount(np.frexp(sizes)[1], minlength=BITS)
        scripts.update(script.to_pylist())
        encodings.update(encoding.to_pylist())
        points = code_points("".join(text.to_pylist()))
        found, times = np.unique(points, return_counts=True)
        counts[found] += times
    counts[SPACES] = 0
    used = np.flatnonzero(counts)
    return Statistics(documents, characters, lengths, dict(scripts), dict(encodings), used, counts[used])


def share_moved(before: dict[str, int] | Numbers, after: dict[str, int] | Numbers) -> float:
    """The share of documents that are in another class than before: the total variation distance, from 0 to 1.

    >>> share_moved({"utf-8": 9, "gb18030": 1}, {"utf-8": 6, "gb18030": 4})
    0.3
    """
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted(before.keys() | after.keys())
        before, after = (np.array([counts.get(name, 0) for name in names]) for counts in (before, after))
    old, new = (counts / max(int(np.sum(counts)), 1) for counts in (np.asarray(before), np.asarray(after)))
    return round(float(np.abs(old - new).sum() / 2), 6)


def divergence(before: Statistics, after: Statistics) -> float:
    """How differently two corpora use their characters: the Jensen-Shannon divergence in bits, from 0 to 1."""
    used = np.union1d(before.used, after.used)
    shares = []
    for one in (before, after):
        counts = np.zeros(len(used))
        counts[np.searchsorted(used, one.used)] = one.counts
        shares.append(counts / max(counts.sum(), 1))
    middle = (shares[0] + shares[1]) / 2
    bits = 0.0
    for share in shares:
        there = share > 0
        bits += float((share[there] * np.log2(share[there] / middle[there])).sum()) / 2
    return bits
