"""The kernel of `cleaner.kernels.folding`, one character at a time."""

from collections.abc import Mapping

MASK = (1 << 64) - 1
FIRST, STEP, LAST = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def step(value: int, factor: int) -> int:
    """Multiply, and let the upper half reach the lower one."""
    value = value * factor & MASK
    return value ^ value >> 32


def line_hash(points: list[int]) -> int:
    value = FIRST
    for point in points:
        value = step(value ^ point, STEP)
    return step(step(value, LAST), STEP)


def folded(text: str, table: Mapping[str, int]) -> list[tuple[int, int]]:
    """What each character that counts is compared as, and its place."""
    return [(table[character], place) for place, character in enumerate(text) if table.get(character)]


def lines(text: str, table: Mapping[str, int]) -> list[tuple[int, int, int, int]]:
    """Start, end, number of the first character that counts, and hash of each line that has one."""
    found, start, before = [], 0, 0
    for line in text.split("\n"):
        points = [point for point, _ in folded(line, table)]
        if points:
            found.append((start, start + len(line), before, line_hash(points)))
        start += len(line) + 1
        before += len(points)
    return found
