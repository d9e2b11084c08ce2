"""Where a few characters in a row make little sense, compiled: one look at each character, and few at pairs.

All costs are eighths of a bit, as in `cleaner.decode.score`, which says what they mean.
"""

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.lattice import FIRST_HAN

FIRST_LETTER, LAST_LETTER = 0x40, 0x7E  # ASCII that could be the second byte of a pair
KNUTH = np.uint32(2654435761)
HASH_SHIFT = np.uint32(12)  # a hash of 20 bits is left
_16 = np.uint32(16)

Units = npt.NDArray[np.uint16]
Costs = npt.NDArray[np.int16]
Gains = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


def hash_of(pairs: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Knuth's multiplicative hash of pairs of characters, its upper 20 bits."""
    return (pairs * KNUTH) >> HASH_SHIFT


def behind_han(points: npt.NDArray[np.uint32] | Units) -> npt.NDArray[np.bool_]:
    """Where ASCII that could be the second byte of a pair stands right behind a Han character."""
    found = (points >= FIRST_LETTER) & (points <= LAST_LETTER)
    found[1:] &= points[:-1] >= FIRST_HAN
    found[:1] = False
    return found


def plain_saved(units: Units, places: Places, fold: Units, gains: Gains) -> Costs:
    """What the characters at some places save because of those before them."""
    first = fold[units[np.maximum(places - 1, 0)]].astype(np.uint32)
    second = fold[units[places]].astype(np.uint32)
    saved: Costs = gains[hash_of(first << _16 | second)].astype(np.int16) * (places > 0)
    return saved


def plain_odd(units: Units, excesses: Costs, fold: Units, gains: Gains, prices: tuple[int, int, int]) -> Places:
    """`odd_at` in numpy: what pairs of characters save is looked up only where they could be odd without it."""
    torn, least_pair, least_four = prices
    excess = np.take(excesses, units) + behind_han(units) * np.int16(torn)
    pairs = excess[1:] + excess[:-1]
    fours = pairs[2:] + pairs[:-2]
    suspect = np.flatnonzero(pairs >= least_pair)
    saved = sum(plain_saved(units, suspect + place, fold, gains) for place in range(2))
    odd = suspect[pairs[suspect] - saved >= least_pair]
    suspect = np.flatnonzero(fours >= least_four)
    saved = sum(plain_saved(units, suspect + place, fold, gains) for place in range(4))
    return np.union1d(odd, suspect[fours[suspect] - saved >= least_four])


@njit(nogil=True)
def excess_at(units: Units, at: int, excesses: Costs, torn: int) -> int:
    """What the character at a place costs beyond the usual; more if it is a letter right behind a Han character."""
    unit = units[at]
    is_torn = FIRST_LETTER <= unit <= LAST_LETTER and at > 0 and units[at - 1] >= FIRST_HAN
    return int(excesses[unit]) + torn * is_torn


@njit(nogil=True)
def saved_at(units: Units, at: int, fold: Units, gains: Gains) -> int:
    """What the character at a place saves because of the one before it."""
    if at == 0:
        return 0
    pair = np.uint32(np.uint32(fold[units[at - 1]]) << _16 | np.uint32(fold[units[at]]))
    return int(gains[np.uint32(pair * KNUTH) >> HASH_SHIFT])


@njit(cache=True, nogil=True, plain=plain_odd, steps=lambda units, *_: len(units) // 8)
def odd_at(units: Units, excesses: Costs, fold: Units, gains: Gains, prices: tuple[int, int, int]) -> Places:
    """The places at which two or four characters in a row cost so much more than is usual.

    `excesses` says of each code unit what it costs beyond the usual, `fold` how pairs are looked up, and `gains` what
    a pair saves, by its hash. `prices` are that of a letter right behind a Han character, and what two characters and
    what four must cost beyond the usual, less what they save.
    """
    torn, least_pair, least_four = prices
    found = np.empty(len(units), dtype=np.int64)
    count = 0
    excess = np.zeros(4, dtype=np.int64)  # of the four characters from a place on
    for at in range(-3, len(units) - 1):
        excess[0], excess[1], excess[2] = excess[1], excess[2], excess[3]
        excess[3] = excess_at(units, at + 3, excesses, torn) if at + 3 < len(units) else 0
        if at < 0:
            continue
        pair, four = excess[0] + excess[1], excess[0] + excess[1] + excess[2] + excess[3]
        is_odd = pair >= least_pair and (
            pair - saved_at(units, at, fold, gains) - saved_at(units, at + 1, fold, gains) >= least_pair
        )
        if not is_odd and four >= least_four and at + 3 < len(units):
            for place in range(4):
                four -= saved_at(units, at + place, fold, gains)
            is_odd = four >= least_four
        if is_odd:
            found[count] = at
            count += 1
    return found[:count].copy()
