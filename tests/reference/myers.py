"""The kernel of `cleaner.kernels.myers`, by the table of all prefixes."""

from collections.abc import Sequence


def fewest_differences(a: Sequence[int], b: Sequence[int]) -> int:
    """How many insertions and deletions lead from a to b at least."""
    row = list(range(len(b) + 1))
    for i, ours in enumerate(a, start=1):
        last, row = row, [i]
        for j, theirs in enumerate(b, start=1):
            row.append(last[j - 1] if ours == theirs else 1 + min(last[j], row[j - 1]))
    return row[-1]


def longest_ascent(values: Sequence[int]) -> int:
    """The length of the longest strictly ascending subsequence."""
    best: list[int] = []
    for place, value in enumerate(values):
        best.append(1 + max((best[earlier] for earlier in range(place) if values[earlier] < value), default=0))
    return max(best, default=0)
