"""The shingles of a folded text, hashed.

A text is folded for comparing only: script, width and case are made one, punctuation and white space go. What is
left is cut into all runs of n characters (Broder 1997), and each run is hashed to 64 bits.
"""

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]

BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing; the golden ratio in 64 bits


def fold(points: Points, table: Points) -> Points:
    """Map each code point through `table` and leave out those that become 0.

    `table` has one cell per code point from 0; points beyond its end are left out.
    """
    folded: Points = table[np.minimum(points, len(table) - 1)]
    kept: Points = folded[folded != 0]
    return kept


def shingle_hashes(points: Points, size: int) -> Hashes:
    """The hashes of all runs of `size` code points, sorted, each once. A shorter text has one: that of itself.

    An empty text has none.
    """
    hashes = np.sort(run_hashes(points, size))  # numpy's `unique` hashes them first, which takes much longer
    found: Hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]]
    return found


def run_hashes(points: Points, size: int) -> Hashes:
    """The hash of each run of `size` code points, in order: a polynomial in its code points modulo 2**64.

    It is mixed by the finalizer of SplitMix64 (Steele et al. 2014).
    """
    if len(points) == 0 or size == 0:
        return np.zeros(0, dtype=np.uint64)
    size = min(size, len(points))
    runs = len(points) - size + 1
    wide = points.astype(np.uint64)
    total = np.zeros(runs, dtype=np.uint64)
    for place in range(size):
        total = total * BASE + wide[place : place + runs]
    total ^= total >> np.uint64(30)
    total *= np.uint64(0xBF58476D1CE4E5B9)
    total ^= total >> np.uint64(27)
    total *= np.uint64(0x94D049BB133111EB)
    total ^= total >> np.uint64(31)
    return total


def shared(a: Hashes, b: Hashes) -> int:
    """How many hashes two sorted sets have in common."""
    return len(np.intersect1d(a, b, assume_unique=True))
