"""Where one folded text stands in another, compiled: from a fingerprint that both have as far as they go on alike."""

import numpy as np
import numpy.typing as npt
from numba import njit

from cleaner.kernels.fingerprints import GRAM
from cleaner.kernels.minhash import Offsets, Points

Numbers = npt.NDArray[np.int32]

MOST_SKIPPED = 8  # characters that one of two texts may have and the other not, before they go on alike
SURE_AGAIN = 8  # characters that must then be equal
NONE = -1


@njit(cache=True, nogil=True)
def equal_at(a: Points, b: Points, i: int, j: int, step: int) -> bool:
    """Whether two texts go on equally from i and j, in steps of 1 or -1, for SURE_AGAIN characters."""
    last_i, last_j = i + step * (SURE_AGAIN - 1), j + step * (SURE_AGAIN - 1)
    if min(i, last_i) < 0 or min(j, last_j) < 0 or max(i, last_i) >= len(a) or max(j, last_j) >= len(b):
        return False
    for at in range(SURE_AGAIN):  # noqa: SIM110 -- a generator expression does not compile
        if a[i + step * at] != b[j + step * at]:
            return False
    return True


@njit(cache=True, nogil=True)
def skip(a: Points, b: Points, i: int, j: int, step: int) -> tuple[int, int]:
    """The fewest characters to pass over in each text so that they go on alike; (NONE, NONE) if there is no way."""
    for both in range(1, 2 * MOST_SKIPPED + 1):
        for ours in range(max(both - MOST_SKIPPED, 0), min(both, MOST_SKIPPED) + 1):
            if equal_at(a, b, i + step * ours, j + step * (both - ours), step):
                return ours, both - ours
    return NONE, NONE


@njit(cache=True, nogil=True)
def extend(a: Points, b: Points, path: Numbers, seed: tuple[int, int], step: int) -> None:
    """Note in `path` where the characters of a stand in b, from a seed on, in steps of 1 or -1."""
    i, j = seed
    while 0 <= i < len(a) and 0 <= j < len(b) and path[i] == NONE:
        if a[i] == b[j]:
            path[i] = j
            i += step
            j += step
        else:
            ours, theirs = skip(a, b, i, j, step)
            if ours == NONE:
                return
            i += step * ours
            j += step * theirs


@njit(cache=True, nogil=True)
def align(a: Points, b: Points, seeds: Offsets) -> Numbers:
    """For each character of a where it stands in b, or NONE. `seeds` are places in a and b where both have a gram."""
    path = np.full(len(a), NONE, dtype=np.int32)
    for number in range(len(seeds)):
        i, j = seeds[number]
        if path[i] != NONE or path[min(i + GRAM, len(a)) - 1] != NONE:
            continue
        extend(a, b, path, (i, j), 1)
        extend(a, b, path, (i - 1, j - 1), -1)
    return path
