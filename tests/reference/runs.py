"""The kernels of `cleaner.kernels.runs`, one line and one run at a time."""

import zlib
from collections import Counter

from cleaner.repair.corpus_grams import MARKS, STOPS
from cleaner.repair.grams import EDGE, fold
from cleaner.repair.unbroken import ENDS, SIDE, kinds


def checksums(text: str) -> list[int]:
    """The CRC-32 of each line."""
    return [zlib.crc32(line.encode("utf-8", "surrogatepass")) for line in text.split("\n")]


def unbroken(text: str) -> set[str]:
    """The runs of 2 * SIDE characters that count, in one line, in whose middle no sentence ends."""
    found = set()
    for line in text.split("\n"):
        kept = [(place, character) for place, character in enumerate(line) if kinds()[ord(character)] == 1]
        for start in range(len(kept) - 2 * SIDE + 1):
            run = kept[start : start + 2 * SIDE]
            if not set(line[run[SIDE - 1][0] : run[SIDE][0]]) & set(ENDS):
                found.add("".join(character for _, character in run))
    return found


def runs(text: str) -> Counter[str]:
    """How often each run of two to four characters stands in a text, and each pair at an edge of marks with a stop."""
    found: Counter[str] = Counter()
    folded = fold(text)
    for size in (2, 3, 4):
        found.update(folded[at : at + size] for at in range(len(folded) - size + 1))
    marks = set(MARKS + STOPS)
    at = 0
    while at < len(folded):
        end = at
        while end < len(folded) and folded[end] in marks:
            end += 1
        if set(folded[at:end]) & set(STOPS):
            found[folded[max(at - 2, 0) : at] + EDGE] += 1
            found[EDGE + folded[end : end + 2]] += 1
        at = max(end, at + 1)
    return found
