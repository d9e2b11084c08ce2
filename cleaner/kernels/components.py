"""Connected components by union-find (Tarjan 1975), over numbers from 0 on, with four bytes for each.

Pairs are seen once, in any order and in any pieces; the least number of a component stands for it. So the result
depends on the pairs alone.
"""

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit

Parents = npt.NDArray[np.uint32]


def steps_of_join(parents: Parents, first: Parents, other: Parents) -> int:
    """About how many steps `join` takes."""
    return 8 * len(first)


@njit(cache=True, nogil=True, steps=steps_of_join)
def join(parents: Parents, first: Parents, other: Parents) -> None:
    """Put the components of both numbers of each pair together. No parent is greater than its child."""
    for place in range(len(first)):
        a, b = first[place], other[place]
        while parents[a] != a:  # paths are halved on the way
            parents[a] = parents[parents[a]]
            a = parents[a]
        while parents[b] != b:
            parents[b] = parents[parents[b]]
            b = parents[b]
        if a < b:
            parents[b] = a
        elif b < a:
            parents[a] = b


def plain_flatten(parents: Parents) -> None:
    """`flatten` in numpy."""
    while (parents[parents] != parents).any():
        parents[:] = parents[parents]


@njit(cache=True, nogil=True, plain=plain_flatten, steps=lambda parents: len(parents) // 16)
def flatten(parents: Parents) -> None:
    """Make the least number of its component the parent of each."""
    for number in range(len(parents)):
        parents[number] = parents[parents[number]]  # that of a lesser number is final already
