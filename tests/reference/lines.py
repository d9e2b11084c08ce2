"""The kernel of `cleaner.kernels.lines`, one character at a time."""

from collections.abc import Mapping

MASK = (1 << 64) - 1
FIRST, STEP, LAST = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def step(value: int, factor: int) -> int:
    """Multiply, and let the upper half reach the lower one."""
    value = value * factor & MASK
    return value ^ value >> 32


def line_hashes(text: str, table: Mapping[str, int]) -> list[tuple[int, int, int]]:
    """Hash, number of characters that count, and start of each line."""
    found, start = [], 0
    for line in text.split("\n"):
        counted = [table[character] for character in line if table.get(character)]
        value = FIRST
        for point in counted:
            value = step(value ^ point, STEP)
        found.append((step(step(value, LAST), STEP), len(counted), start))
        start += len(line) + 1
    return found
