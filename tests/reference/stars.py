"""What stays and what goes, by comparing every text with every text that stays, one character at a time."""

from itertools import groupby

VARIED = 0.5


def shingles(points: list[int], size: int) -> list[tuple[int, ...]]:
    """All runs of `size` code points; a shorter text is one."""
    size = min(size, len(points))
    return [tuple(points[at : at + size]) for at in range(len(points) - size + 1)]


def jaccard(a: list[int], b: list[int], size: int) -> float:
    first, second = set(shingles(a, size)), set(shingles(b, size))
    return len(first & second) / len(first | second)


def bags(a: list[int], b: list[int], size: int) -> float:
    """Shared of all shingles, each as often as it occurs."""
    first, second = shingles(a, size), shingles(b, size)
    shared = sum(min(first.count(run), second.count(run)) for run in set(first))
    return shared / (len(first) + len(second) - shared)


def variety(points: list[int], size: int) -> float:
    return len(set(shingles(points, size))) / len(shingles(points, size))


def form(points: list[int]) -> list[int]:
    """A text with one zero for each run of digits."""
    masked = [ord("0") if ord("0") <= point <= ord("9") else point for point in points]
    return [point for point, run in groupby(masked) for _ in (range(1) if point == ord("0") else run)]


def are_copies(a: list[int], b: list[int], size: int, threshold: float) -> bool:
    is_varied = min(variety(a, size), variety(b, size)) >= VARIED
    if a != b and form(a) == form(b):
        return False
    return jaccard(a, b, size) >= threshold and (is_varied or bags(a, b, size) >= threshold)


def stars(texts: list[list[int]], size: int, threshold: float) -> list[int]:
    """For each folded text the number of the one that stays in its place, or -1; the texts to keep come first."""
    keepers: list[int] = []
    for number, text in enumerate(texts):
        best, keeper = -1.0, -1
        for other in range(number):
            if keepers[other] == -1 and text and texts[other] and are_copies(text, texts[other], size, threshold):
                alike = jaccard(text, texts[other], size)
                if alike > best:
                    best, keeper = alike, other
        keepers.append(keeper)
    return keepers
