"""Where a few characters in a row cost more than is usual: as it is defined, one place after the other."""

from collections.abc import Mapping, Sequence


def odd_places(
    excesses: Sequence[int], is_torn: Sequence[bool], saved: Mapping[int, int], prices: tuple[int, int, int]
) -> list[int]:
    """`excesses` of the characters, which of them are letters torn from a pair, what is `saved` at a place, and prices
    as in `cleaner.kernels.oddness.odd_at`."""
    torn, *least = prices
    costs = [excess + torn * flag for excess, flag in zip(excesses, is_torn, strict=True)]
    found = []
    for place in range(len(costs)):
        for size, most in zip((2, 4), least, strict=True):
            if place + size <= len(costs):
                bare = sum(costs[place : place + size])
                if bare >= most and bare - sum(saved.get(place + step, 0) for step in range(size)) >= most:
                    found.append(place)
    return sorted(set(found))
