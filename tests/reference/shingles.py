"""The kernel of `cleaner.kernels.shingles`, one character at a time."""

BASE = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


def mix(value: int) -> int:
    """The finalizer of SplitMix64."""
    value ^= value >> 30
    value = value * 0xBF58476D1CE4E5B9 & MASK
    value ^= value >> 27
    value = value * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def shingle_hashes(points: list[int], size: int) -> list[int]:
    """The sorted hashes of all runs of `size` code points."""
    size = min(size, len(points))
    found = set()
    for start in range(len(points) - size + 1 if points else 0):
        total = 0
        for point in points[start : start + size]:
            total = (total * BASE + point) & MASK
        found.add(mix(total))
    return sorted(found)


def jaccard(a: set[int], b: set[int]) -> float:
    """Shared of all."""
    return len(a & b) / len(a | b) if a or b else 0.0
