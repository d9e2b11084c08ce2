"""MinHash signatures, computed as datasketch computes them (its scheme `affine32`), over whole arrays at once."""

import numpy as np
import numpy.typing as npt

from cleaner.kernels.shingles import Hashes

Words = npt.NDArray[np.uint32]
BLOCK = 1 << 9  # hashes at a time, so that the table of hashes x permutations stays in the cache


def signature(hashes: Hashes, a: Words, b: Words) -> Words:
    """The minimum of a * h + b modulo 2**32 for each pair of coefficients, over all hashes h.

    h is the low half of a hash, mixed by the finalizer of MurmurHash3 (Appleby 2011). Of no hashes, all ones.
    """
    mixed = mix(hashes.astype(np.uint32))
    least = np.full(len(a), 0xFFFFFFFF, dtype=np.uint32)
    for start in range(0, len(mixed), BLOCK):
        block = mixed[start : start + BLOCK, np.newaxis]
        least = np.minimum(least, (block * a + b).min(axis=0))
    return least


def mix(words: Words) -> Words:
    """The 32-bit finalizer of MurmurHash3."""
    words = words ^ (words >> np.uint32(16))
    words = words * np.uint32(0x85EBCA6B)
    words ^= words >> np.uint32(13)
    words = words * np.uint32(0xC2B2AE35)
    words ^= words >> np.uint32(16)
    return words
