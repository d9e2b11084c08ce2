"""MinHash signatures of many folded texts at once, compiled.

Texts lie one behind the other in one array of code points; `ends` says where each of them ends. A shingle's hash is
that of `kernels.shingles`; a signature is bit for bit what datasketch makes of the low halves of these hashes with its
scheme `affine32`.
"""

import itertools

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.shingles import BASE, Hashes, Points, run_hashes

Words = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]

S30, S27, S31 = np.uint64(30), np.uint64(27), np.uint64(31)
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
W16, W13 = np.uint32(16), np.uint32(13)
WORD_1, WORD_2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
LOW_HALF = np.uint64(0xFFFFFFFF)
BLOCK = 1 << 12  # words that are read again for each permutation, from the fastest cache
NONE = np.uint32(0xFFFFFFFF)  # in the signature of a text without shingles


@njit(nogil=True)
def mixed(total: np.uint64) -> np.uint64:
    """The finalizer of SplitMix64 (Steele et al. 2014)."""
    total ^= total >> S30
    total *= MIX_1
    total ^= total >> S27
    total *= MIX_2
    return total ^ (total >> S31)


@njit(cache=True, nogil=True, plain=run_hashes, steps=lambda points, _: len(points) // 4)
def shingles(points: Points, size: int) -> Hashes:
    """The hash of each run of `size` code points of a folded text, in order. A shorter text has one, that of itself."""
    size = min(size, len(points))
    found = np.empty(len(points) - size + 1 if size > 0 else 0, dtype=np.uint64)
    leaving = np.uint64(1)  # what the character that leaves a run counts
    for _ in range(size):
        leaving *= BASE
    total = np.uint64(0)
    for at in range(len(points)):
        total = total * BASE + np.uint64(points[at])
        if at >= size:
            total -= leaving * np.uint64(points[at - size])
        if at >= size - 1:
            found[at - size + 1] = mixed(total)
    return found


def plain_words(hashes: Hashes) -> Words:
    """`words_of` in numpy."""
    words = hashes.astype(np.uint32)
    words ^= words >> W16
    words *= WORD_1
    words ^= words >> W13
    words *= WORD_2
    return words ^ (words >> W16)


@njit(nogil=True, plain=plain_words)
def words_of(hashes: Hashes) -> Words:
    """The low halves of hashes, mixed by the finalizer of MurmurHash3 (Appleby 2011), as datasketch does."""
    words = np.empty(len(hashes), dtype=np.uint32)
    for at in range(len(hashes)):
        word = np.uint32(hashes[at] & LOW_HALF)
        word = np.uint32(word ^ (word >> W16))
        word = np.uint32(word * WORD_1)
        word = np.uint32(word ^ (word >> W13))
        word = np.uint32(word * WORD_2)
        words[at] = np.uint32(word ^ (word >> W16))
    return words


def plain_signatures(points: Points, ends: Offsets, size: int, a: Words, b: Words) -> Words:
    """`signatures` in numpy."""
    found = np.full((len(ends), len(a)), NONE, dtype=np.uint32)
    for text, (start, end) in enumerate(itertools.pairwise([0, *ends.tolist()])):
        words = plain_words(run_hashes(points[start:end], size))
        for first in range(0, len(words), BLOCK):
            least = (words[first : first + BLOCK] * a[:, np.newaxis] + b[:, np.newaxis]).min(axis=1)
            found[text] = np.minimum(found[text], least)
    return found


@njit(cache=True, nogil=True, plain=plain_signatures)
def signatures(points: Points, ends: Offsets, size: int, a: Words, b: Words) -> Words:
    """The MinHash signatures of folded texts, of shape (texts, permutations): the least a * h + b modulo 2**32.

    h goes over the words of all runs of `size` code points; a shorter text has one, itself. Of an empty text, all ones.
    """
    found = np.full((len(ends), len(a)), NONE, dtype=np.uint32)
    start = 0
    for text in range(len(ends)):
        words = words_of(shingles(points[start : ends[text]], size))
        for block in range(0, len(words), BLOCK):
            part = words[block : block + BLOCK]
            for place in range(len(a)):
                # The loop over words inside: the least stays in a register, and eight words are done at a time.
                least, factor, summand = found[text, place], a[place], b[place]
                for at in range(len(part)):
                    least = min(least, np.uint32(part[at] * factor + summand))
                found[text, place] = least
        start = ends[text]
    return found
