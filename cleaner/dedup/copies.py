"""Which documents are copies of each other: found by sketches, believed only after an exact check.

A sketch is a MinHash signature (Broder 1997) of the text's shingles, bit for bit what datasketch makes, with a digest
of the folded text. Texts with the same digest are the same text. Texts that share a band of their signature are
candidates; bands are chosen so that a pair at the threshold is missed less often than once in a thousand. Every
candidate is then compared on its exact set of shingles with a text that stays.

What is as alike as copies, and none: texts of few different shingles, such as one character over and over, when they
have these unequally often; and texts that differ in nothing but digits, which are one form filled in twice.
"""

import functools
import hashlib
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.config import DedupConfig
from cleaner.days import day_of
from cleaner.dedup.folding import Offsets, fold_texts
from cleaner.document import Document, Sketches, batches
from cleaner.engines.threads import in_threads
from cleaner.kernels.shingles import BASE, Hashes, Points, shared

MIN_RECALL = 0.999  # of pairs exactly at the threshold
DEVIATIONS = 5.0  # that an estimate may lie below the threshold: more happens less than once in a million
SURE = 3.0  # deviations above it, where there is no text to compare: less happens less than once in 700 times
DIGEST = 16  # bytes of SHA-256 (FIPS 180-4), which processors have instructions for
SEED = 1  # of the permutations: that of datasketch
STAYS = -1
CONVERTED = ("traditional", "mixed")  # the scripts of texts that simplify has changed

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float64]
Signatures = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike two texts are, by their shingles: shared of all, and shared of the smaller text's own."""

    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """For each document the number of the one that stays in its place, or STAYS, and how alike they are."""

    keeper: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float64]  # Jaccard similarity and containment, of shape (documents, 2)
    is_same: Flags  # folded, letter for letter
    earlier: int = 0  # the first so many documents are those of an earlier version


def similarity(a: Hashes, b: Hashes) -> Similarity:
    """Exact similarity of two sets of shingles; 0 for an empty one."""
    if not len(a) or not len(b):
        return Similarity(0.0, 0.0)
    both = shared(a, b)
    return Similarity(both / (len(a) + len(b) - both), both / min(len(a), len(b)))


def choose_bands(threshold: float, permutations: int) -> tuple[int, int]:
    """Bands and rows for a signature: the most rows with which pairs at `threshold` are found often enough.

    More rows make a band rarer to share and so leave fewer candidates to check.

    >>> choose_bands(0.8, 128)
    (25, 5)
    """
    for rows in range(permutations, 1, -1):
        bands = permutations // rows
        if chance_to_meet(threshold, bands, rows) >= MIN_RECALL:
            return bands, rows
    return permutations, 1


def chance_to_meet(jaccard: float, bands: int, rows: int) -> float:
    """How likely two texts with this similarity share a band: the S-curve of MinHash LSH (Leskovec et al. 2020)."""
    return 1 - (1 - jaccard**rows) ** bands


@functools.cache
def permutations_of(count: int) -> Any:
    """The coefficients of the permutations h → a·h + b mod 2³² that datasketch 2 draws for its scheme affine32.

    They are drawn here, with its seed, since importing datasketch takes most of a second (it loads scipy to integrate).
    """
    draw = np.random.RandomState(SEED).randint
    a = draw(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)  # odd, so that none collide
    return np.array([a, draw(0, 1 << 32, count, dtype=np.uint32)])


def sketch(documents: Iterable[Document], config: DedupConfig) -> Iterator[Sketches]:
    """The sketches of documents, a batch at a time."""
    return (sketch_batch(batch, config) for batch in batches(documents))


def sketch_batch(documents: list[Document], config: DedupConfig) -> Sketches:
    """The sketches of some documents."""
    folded = fold_texts([document.text for document in documents])
    ids, sources = (pa.array([getattr(document, name) for document in documents]) for name in ("id", "source"))
    is_converted = np.array([document.script in CONVERTED for document in documents])
    return sketch_folded(folded, (ids.cast(pa.string()), sources.cast(pa.string())), is_converted, config)


def sketch_folded(folded: Any, names: tuple[Any, Any], is_converted: Flags, config: DedupConfig) -> Sketches:
    """The sketches of documents whose texts were folded together; `names` are the Arrow arrays of ids and sources."""
    from cleaner.kernels.minhash import signatures  # numba takes half a second to load: not before it is needed

    a, b = permutations_of(config.permutations)
    return Sketches(
        *names,
        folded.sizes,
        is_converted,
        np.diff(folded.ends, prepend=0),
        digests_of(folded),
        signatures(folded.points, folded.ends, config.shingle, a, b),
    )


def digests_of(folded: Any) -> npt.NDArray[np.uint64]:
    """The beginning of the SHA-256 of each of some texts that were folded together."""
    data = folded.points.data.cast("B")
    digests = b"".join(
        hashlib.sha256(data[4 * start : 4 * end]).digest()[:DIGEST]
        for start, end in itertools.pairwise([0, *folded.ends.tolist()])
    )
    return np.frombuffer(digests, dtype="<u8").reshape(-1, 2)


def joined(parts: list[Sketches]) -> Sketches:
    """Sketches of several batches as one."""
    columns = [[getattr(part, name) for part in parts] for name in ("ids", "sources")]
    arrays = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("lengths", "is_converted", "folded", "digests", "signatures")
    ]
    return Sketches(*[pa.concat_arrays(column) for column in columns], *arrays)


Fold = Callable[[Flags], tuple[Points, Offsets, Offsets]]  # some documents: all points, starts and ends of each
Near = Callable[[Offsets], tuple[Numbers, Scores]]  # documents, those to keep first: which stay for them, how alike


def find_copies(known: Sketches, fold: Fold, config: DedupConfig, earlier: int = 0) -> Copies:
    """Which documents go, and which stay in their place.

    `fold` gives the folded texts of the documents that are marked; it is asked for candidates only. The first `earlier`
    documents are those of an earlier version: they stay, whatever they are copies of.
    """
    return copies_by(
        partial(find_near, known.signatures, earlier=earlier, fold=fold, config=config), known, config, earlier
    )


def copies_by(near: Near, known: Sketches, config: DedupConfig, earlier: int) -> Copies:
    """`find_copies`, where `near` decides about those that all differ; of `known` the signatures are not looked at."""
    keeper = np.full(len(known), STAYS, dtype=np.int32)
    scores = np.zeros((len(known), 2))
    if not config.documents or not len(known):
        return Copies(keeper, scores, keeper != STAYS)
    order = ranked(known, config)
    order = np.concatenate([np.arange(earlier), order[order >= earlier]])
    first = first_of_same(known, order)
    is_same: Flags = (first != np.arange(len(known))) & (known.folded > 0)
    is_same[:earlier] = False
    keeper[is_same], scores[is_same] = first[is_same], 1.0
    found, alike = near(order[~is_same[order] & (known.folded[order] > 0)])
    is_near = found != STAYS
    keeper[is_near], scores[is_near] = found[is_near], alike[is_near]
    # What stays in place of a text that goes stays in place of those that are the same as it, too.
    again: Flags = is_same & (found[first] != STAYS)
    keeper[again], scores[again] = found[first[again]], alike[first[again]]
    return Copies(keeper, scores, is_same & ~again, earlier)


def ranked(known: Sketches, config: DedupConfig) -> Offsets:
    """The numbers of the documents, those to keep first: by source, then as `keep` says; their ids break ties."""
    keys: dict[str, Any] = {}
    if config.source_order:
        keys["preference"] = [preference(source, config) for source in known.sources.to_pylist()]
    if config.keep == "earliest":
        keys["day"] = [day_of(source) for source in known.sources.to_pylist()]
    if config.keep == "first":
        keys["number"] = np.arange(len(known))
    keys |= {"shortness": -known.lengths, "is_converted": known.is_converted, "id": known.ids}
    table = pa.table(keys)
    return np.asarray(pc.sort_indices(table, [(name, "ascending") for name in keys]), dtype=np.int64)


def preference(source: str, config: DedupConfig) -> int:
    """The place in `source_order` of the first entry that a source begins with, or the one after the last."""
    order = config.source_order
    return next((place for place, start in enumerate(order) if source.startswith(start)), len(order))


def first_of_same(known: Sketches, order: Offsets) -> Offsets:
    """For each document the first in `order` with the same digest: itself, if there is none before it."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    by_digest = np.lexsort((rank, known.digests[:, 1], known.digests[:, 0]))
    digests = known.digests[by_digest]
    begins = np.concatenate([[True], (digests[1:] != digests[:-1]).any(axis=1)])
    first = np.empty(len(order), dtype=np.int64)
    first[by_digest] = by_digest[np.flatnonzero(begins)][np.cumsum(begins) - 1]
    return first


def find_near(
    signatures: Signatures, order: Offsets, earlier: int, fold: Fold, config: DedupConfig
) -> tuple[Numbers, Scores]:
    """Of documents that all differ, those to keep first: which one stays in place of each, and how alike they are."""
    groups = bands_of(signatures, order, config)
    if earlier:
        has_later = np.zeros(groups.max(initial=-1) + 2, dtype=np.bool_)
        has_later[groups[earlier:]] = True
        has_later[-1] = False
        groups[~has_later[groups]] = -1  # earlier documents are not compared among themselves
    is_candidate: Flags = np.asarray((groups >= 0).any(axis=1))
    if not is_candidate.any():
        return np.full(len(signatures), STAYS, dtype=np.int32), np.zeros((len(signatures), 2))
    from cleaner.kernels.stars import Limits, Sketched, Texts, stars

    sketched = Sketched(signatures, groups, Texts(*fold(is_candidate)))
    spread = math.sqrt(config.threshold * (1 - config.threshold) / config.permutations)
    lower, upper = config.threshold - DEVIATIONS * spread, min(1.0, config.threshold + SURE * spread)
    limits = Limits(config.threshold, lower, upper)
    found: tuple[Numbers, Scores] = stars(order[is_candidate[order]], earlier, sketched, config.shingle, limits)
    return found


def bands_of(signatures: Signatures, order: Offsets, config: DedupConfig) -> Numbers:
    """The bands of the documents in `order`, of shape (documents, bands): equal ones have one number, others -1."""
    bands, rows = choose_bands(config.threshold, config.permutations)
    groups = np.full((len(signatures), bands), -1, dtype=np.int32)
    count = 0
    in_band = partial(groups_in_band, signatures, order, rows=rows)
    for band, (documents, begins) in enumerate(in_threads(in_band, range(bands if len(order) else 0))):
        groups[documents, band] = count - 1 + np.cumsum(begins)
        count += int(np.count_nonzero(begins))
    return groups


def groups_in_band(signatures: Signatures, order: Offsets, band: int, rows: int) -> tuple[Offsets, Flags]:
    """The documents that share this band with another, those with the same side by side; where each group begins."""
    keys = keys_of(signatures, band, rows)[order]
    by_key = np.argsort(keys)
    is_same = np.diff(keys[by_key]) == 0
    is_shared = np.append(False, is_same) | np.append(is_same, False)
    return order[by_key[is_shared]], np.append(True, ~is_same)[is_shared]


def keys_of(signatures: Signatures, band: int, rows: int) -> Hashes:
    """The keys of one band: signatures that are equal in it have the same."""
    keys = np.zeros(len(signatures), dtype=np.uint64)
    for values in np.ascontiguousarray(signatures[:, band * rows : (band + 1) * rows].T):
        keys = keys * BASE + values
    return keys
