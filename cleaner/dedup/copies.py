"""Which texts are copies of each other: found by sketches, believed only after an exact check.

A sketch is a MinHash signature (Broder 1997) of the text's shingles, made and searched with datasketch. Texts that
share a band of their signature are candidates; bands are chosen so that a pair at the threshold is missed less
often than once in a thousand. Every candidate is then compared on its exact set of shingles.
"""

import functools
import unicodedata
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from datasketch import MinHash, MinHashLSH

from cleaner.document import Signature, code_points
from cleaner.files import read_table
from cleaner.kernels.minhash import signature
from cleaner.kernels.shingles import Hashes, Points, fold, shared, shingle_hashes

MIN_RECALL = 0.999  # of pairs exactly at the threshold
LAST_FOLDED = 0x2FFFF

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike two texts are, by their shingles: shared of all, and shared of the smaller text's own."""

    jaccard: float
    containment: float


@functools.cache
def fold_table() -> Points:
    """What each code point is compared as; 0 for what is not compared at all.

    Letters and digits of all scripts count, in their compatible form, lower case and simplified.
    """
    table = np.zeros(LAST_FOLDED + 2, dtype=np.uint32)
    for point in range(0x10000):
        character = chr(point)
        if unicodedata.category(character)[0] in "LN":
            plain = unicodedata.normalize("NFKC", character).lower()
            table[point] = ord(plain[0]) if plain else 0
    table[0x20000 : LAST_FOLDED + 1] = np.arange(0x20000, LAST_FOLDED + 1)
    for traditional, simplified in read_table("simplify.txt"):
        if len(traditional) == 1:
            table[ord(traditional)] = ord(simplified)
    return table


def folded(text: str) -> Points:
    """A text as it is compared.

    >>> [chr(point) for point in folded("臺灣，Ａ1。")]
    ['台', '湾', 'a', '1']
    """
    return fold(code_points(text), fold_table())


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
        if 1 - (1 - threshold**rows) ** bands >= MIN_RECALL:
            return bands, rows
    return permutations, 1


@functools.cache
def permutations_of(count: int) -> Any:
    """The coefficients of datasketch's permutations, made once: they are most of the cost of a MinHash."""
    return MinHash(num_perm=count, scheme="affine32").permutations


def sketch(hashes: Hashes, permutations: int) -> Signature:
    """The MinHash signature of a set of shingles, as datasketch computes it from the low 32 bits of each."""
    a, b = permutations_of(permutations)
    return signature(hashes, a, b)


def find_stars(
    ranked: Iterable[tuple[Name, Signature]],
    similar: Callable[[Name, Name], Similarity],
    threshold: float,
) -> dict[Name, tuple[Name, Similarity]]:
    """For each copy, the text that stays in its place and how alike they are.

    `ranked` names the texts, the ones to keep first. Each is compared with those that stay, never with another
    copy: so nothing is removed because of a chain of small differences.
    """
    copies: dict[Name, tuple[Name, Similarity]] = {}
    index: MinHashLSH | None = None
    order: dict[Name, int] = {}
    for name, values in ranked:
        minhash = MinHash(
            num_perm=len(values),
            hashvalues=values,
            permutations=permutations_of(len(values)),
            scheme="affine32",
        )
        if index is None:
            index = MinHashLSH(num_perm=len(values), params=choose_bands(threshold, len(values)))
        found = [(similar(name, other), other) for other in sorted(index.query(minhash), key=order.__getitem__)]
        best = max(found, key=lambda pair: (pair[0].jaccard, -order[pair[1]]), default=None)
        if best is not None and best[0].jaccard >= threshold:
            copies[name] = (best[1], best[0])
        else:
            order[name] = len(order)
            index.insert(name, minhash)
    return copies


def hashes_of(text: str, shingle: int) -> Hashes:
    """The set of shingles of a text."""
    return shingle_hashes(folded(text), shingle)
