"""The cheapest cut of bytes into characters, by trying every way: slow, and plain."""

import functools
from collections.abc import Mapping, Sequence

NEWLINE = 2
Edge = tuple[int, int, int]  # length, cost, code point


def cheapest_cost(
    edges: Sequence[Sequence[Edge]], gains: Mapping[tuple[int, int], int], prices: Sequence[int], first: int
) -> int:
    """The least cost of reading all bytes. `prices`: of skipping, changing, beginning otherwise, a torn letter."""
    skip, switch, start, torn = prices

    @functools.cache
    def rest(at: int, charset: int, before: int) -> int:
        """The least cost from a byte on, in a character set, behind a character."""
        if at == len(edges):
            return 0
        ways = [skip + rest(at + 1, charset, before)]
        for other, (length, cost, point) in enumerate(edges[at]):
            if length:
                cost += (start if before == NEWLINE else switch) if other != charset else 0
                cost += torn if point == 1 and before >= 0x3400 else 0
                cost -= gains.get((before, point), 0) if point > NEWLINE and before > NEWLINE else 0
                ways.append(cost + rest(at + length, other, point))
        return min(ways)

    begins = [start + rest(0, charset, 0) for charset in range(3) if charset != first]
    return min(rest(0, first, 0), *begins)
