"""Passages that stand twice in one document: somebody pasted the text, or a part of it, a second time.

A passage is a run of paragraphs that repeats an earlier run. It begins where one paragraph is a copy of an earlier
one and goes as far, up and down, as the paragraphs beside them are copies too. Long paragraphs may differ by a few
characters. Only passages of some length count: refrains, headings and lines of a form repeat by right.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cleaner.config import DedupConfig
from cleaner.dedup.copies import Similarity, similarity
from cleaner.dedup.folding import folded
from cleaner.document import Change
from cleaner.kernels.shingles import Hashes, shingle_hashes
from cleaner.lines import lines_of

MIN_REPEATED_SHARE = 0.8
MIN_LINE = 20  # folded characters of a line of running text
MAX_LINES_UP = 20  # short lines before the first long one that may belong to a passage
MIN_HASHED = 10  # folded characters of a line that may be a copy without being equal
NO_HASHES = np.zeros(0, dtype=np.uint64)
MIN_LIKENESS = 0.5  # Jaccard similarity of two paragraphs in a repeated run; the whole must reach the threshold


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line with text: its span, its folded form, and how many characters and which shingles that has."""

    start: int
    end: int
    key: bytes
    length: int
    hashes: Hashes


def remove_repeated_passages(text: str, config: DedupConfig) -> Iterator[Change]:
    """Remove the second copy of a passage, with the line break before it; the first copy stays."""
    if not may_repeat(text, config):
        return
    paragraphs = cut_paragraphs(text, config)
    for first, last in repeated_runs(paragraphs, config):
        yield paragraphs[first - 1].end, paragraphs[last].end, ""


def may_repeat(text: str, config: DedupConfig) -> bool:
    """Whether enough shingles of a text occur twice for a passage to do so. Of nearly all texts, they do not.

    Of two runs with Jaccard similarity J, a share of 2J / (1 + J) of the shingles is shared (J of the union).
    """
    if len(text) < 2 * config.min_passage:
        return False
    points = folded(text)
    repeated = len(points) - config.shingle + 1 - len(shingle_hashes(points, config.shingle))
    share = 2 * config.threshold / (1 + config.threshold)
    # Shingles at the ends of paragraphs differ where these are cut differently.
    return repeated >= share * (config.min_passage - config.shingle) * MIN_REPEATED_SHARE


def cut_paragraphs(text: str, config: DedupConfig) -> list[Paragraph]:
    """The lines of a text that hold anything to compare."""
    found: list[Paragraph] = []
    for start, line in lines_of(text):
        points = folded(line)
        if len(points):
            hashes = shingle_hashes(points, config.shingle) if len(points) >= MIN_HASHED else NO_HASHES
            found.append(Paragraph(start, start + len(line), points.tobytes(), len(points), hashes))
    return found


def repeated_runs(paragraphs: list[Paragraph], config: DedupConfig) -> Iterator[tuple[int, int]]:
    """First and last paragraph of each run that repeats an earlier one and is long enough.

    A run is looked for where a long line is a copy, and taken up to the short lines before it, such as its title.
    """
    earlier = earlier_copies(paragraphs, config)
    position, free = 1, 1
    while position < len(paragraphs):
        first = last = position
        for copy in earlier.get(position, []):
            length = run_length(paragraphs, copy, position, config)
            room = min(MAX_LINES_UP, position - free, position - copy - length)
            start = position - run_up(paragraphs, copy, position, room)
            if position + length - start > last - first:
                first, last = start, position + length
        if is_passage(paragraphs[first:last], config):
            yield first, last - 1
            position = free = last
        else:
            position += 1


def run_up(paragraphs: list[Paragraph], earlier: int, later: int, room: int) -> int:
    """How many paragraphs right before two others are equal too, up to `room`."""
    count = 0
    while count < min(room, earlier) and paragraphs[earlier - count - 1].key == paragraphs[later - count - 1].key:
        count += 1
    return count


def is_passage(run: list[Paragraph], config: DedupConfig) -> bool:
    """Whether a repeated run is long enough, and running text rather than a refrain or the rows of a form."""
    characters = sum(paragraph.length for paragraph in run)
    in_long_lines = sum(paragraph.length for paragraph in run if paragraph.length >= MIN_LINE)
    return characters >= config.min_passage and 2 * in_long_lines >= characters


def earlier_copies(paragraphs: list[Paragraph], config: DedupConfig) -> dict[int, list[int]]:
    """For each long line that is a copy, some earlier ones that it is a copy of: the first and the nearest equal
    ones, and the best of the nearly equal ones."""
    found: dict[int, list[int]] = {}
    first: dict[bytes, int] = {}
    latest: dict[bytes, int] = {}
    for number, paragraph in enumerate(paragraphs):
        if paragraph.length < MIN_LINE:
            continue
        if paragraph.key in first:
            found[number] = sorted({first[paragraph.key], latest[paragraph.key]})
        first.setdefault(paragraph.key, number)
        latest[paragraph.key] = number
    return found


def similarity_at(paragraphs: list[Paragraph], a: int, b: int) -> Similarity:
    """Exact similarity of two paragraphs, by number."""
    return similarity(paragraphs[a].hashes, paragraphs[b].hashes)


def run_length(paragraphs: list[Paragraph], earlier: int, later: int, config: DedupConfig) -> int:
    """How many paragraphs from `later` on repeat those from `earlier` on; the two runs do not overlap.

    They are alike paragraph by paragraph, and similar enough as a whole; if not, they go as far as they are equal.
    """
    equal = length = 0
    while earlier + length < later and later + length < len(paragraphs):
        a, b = paragraphs[earlier + length], paragraphs[later + length]
        if a.key == b.key:
            equal += equal == length
        elif similarity(a.hashes, b.hashes).jaccard < MIN_LIKENESS:
            break
        length += 1
    if equal == length:
        return length
    runs = [
        np.unique(np.concatenate([paragraph.hashes for paragraph in paragraphs[start : start + length]]))
        for start in (earlier, later)
    ]
    return length if similarity(*runs).jaccard >= config.threshold else equal
