"""Documents that stand in a longer one: enough of their shingles do, in one place of it.

The longest are looked at first, and a document that stands in another is none in which others can stand: each is named
with one that stays. A document from a source that the user prefers is not given up for one from elsewhere.

What is as alike, and is not contained: one form, filled in with other numbers; one line over and over; and what is
shorter than a passage, unless it stands there letter for letter.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from cleaner.dedup.comparing import (
    MAX_JUMP,
    Contained,
    Corpus,
    as_contained,
    differs_in_numbers,
    is_varied,
    points_of,
    stands_in,
)
from cleaner.dedup.copies import preference
from cleaner.dedup.fingerprints import Occurrences
from cleaner.dedup.folding import Offsets
from cleaner.document import Sketches
from cleaner.kernels.shingles import shared, shingle_hashes

LEAST_VOTES = 0.2  # of the fingerprints of a document, that it shares with the longer one
MOST_CONTAINERS = 4  # longer documents that one is compared with


def likely_containers(met: Any, known: Sketches, ranks: Offsets) -> Any:
    """For each document up to some longer ones that share fingerprints with it, of shape (documents, some)."""
    from cleaner.kernels.fingerprints import WINDOW, best_met

    least = np.maximum(1, LEAST_VOTES * 2 / (WINDOW + 1) * known.folded).astype(np.int64)
    return best_met(met, ranks, least, MOST_CONTAINERS)


def find_contained(
    corpus: Corpus, occurrences: Occurrences, containers: Any, longest: Offsets
) -> Iterator[tuple[int, Contained]]:
    """Documents that stand in a longer one that stays itself, the longest first."""
    known, config = corpus.known, corpus.config
    shifts, shares = shares_in(corpus, occurrences, containers)
    gone: set[int] = set()
    for number in longest[(shares[longest] >= config.threshold).any(axis=1)].tolist():
        best, keeper = 0.0, -1
        for other, shift, share in zip(
            containers[number].tolist(), shifts[number].tolist(), shares[number], strict=True
        ):
            if share < config.threshold or other in gone or known.folded[other] <= known.folded[number]:
                continue
            if preference(known.sources[other].as_py(), config) > preference(known.sources[number].as_py(), config):
                continue  # the shorter one comes from where the user would rather have it from
            share = containment(corpus, number, other, shift)
            if share > best:
                best, keeper = share, other
        if keeper >= 0:
            gone.add(number)
            yield number, as_contained(known, number, keeper, best, "a longer document")


def shares_in(corpus: Corpus, occurrences: Occurrences, containers: Any) -> tuple[Offsets, Any]:
    """For each document and each that it may stand in: by how much most of what they share lies further on there, and
    what share of its shingles stands in that place."""
    from cleaner.kernels.containment import Prints, shares_in_windows

    firsts = np.searchsorted(occurrences["document"], np.arange(len(corpus.known) + 1))
    hashes, places = (np.ascontiguousarray(occurrences[name]) for name in ("hash", "place"))
    prints = Prints(hashes, places, firsts)
    found: tuple[Offsets, Any] = shares_in_windows(
        containers, prints, corpus.folds.points, corpus.folds.spans, corpus.config.shingle, MAX_JUMP
    )
    return found


def containment(corpus: Corpus, number: int, other: int, shift: int) -> float:
    """The share of a document's shingles that stand in one place of another one; 0 where that says nothing."""
    config = corpus.config
    ours, theirs = points_of(corpus.folds, number), points_of(corpus.folds, other)
    room = len(ours) // 2 + MAX_JUMP  # for what else may stand in between, as in the kernel
    there = theirs[max(shift - room, 0) : shift + len(ours) + room]
    if len(ours) < config.min_passage:
        return 1.0 if stands_in(ours, there) and is_varied(ours, config) else 0.0
    hashes = shingle_hashes(ours, config.shingle)
    share = shared(hashes, shingle_hashes(there, config.shingle)) / len(hashes)
    is_one = share >= config.threshold and is_varied(ours, config) and not differs_in_numbers(ours, there, config)
    return share if is_one else 0.0
