"""Passages that stand in several documents: whole lines that stand, but for typos, in a document that is kept before.

From each fingerprint that two documents share, their texts are followed up and down as far as they go on alike (see
`kernels.alignment`). A line belongs to a passage if most of its characters are on that way, and lines belong to one
passage if they follow each other in both documents; a short line in between that the other document does not have,
such as a page number, divides it and stays. The whole must be long, running text, varied, and similar enough.

The documents are taken in the order in which copies are kept, and what a document has from one before it does not count
as its own: so of every passage the first copy stays, and the others name it.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from cleaner.config import DedupConfig
from cleaner.dedup.comparing import (
    MAX_JUMP,
    VARIED,
    Contained,
    Corpus,
    Passage,
    as_contained,
    differs_in_numbers,
    is_boilerplate,
    is_varied,
    names_of,
    points_of,
)
from cleaner.dedup.copies import Flags
from cleaner.dedup.fingerprints import SURE, Folds
from cleaner.dedup.folding import Offsets
from cleaner.dedup.passages import MIN_LINE
from cleaner.kernels.shingles import Points, shared, shingle_hashes

MIN_COVERED = 0.8  # of a line's characters that must stand in the other document
MAX_GAP = 40  # folded characters between the lines of a passage that the other document does not have


class Block(NamedTuple):
    """Lines of a document, by number, their span in its folded text, and the one where they stand in the other's."""

    first: int
    last: int
    start: int
    end: int
    there: int
    there_end: int


Found = list[tuple[Block, int]]  # what of a document stands elsewhere, and in which document


def likely_passages(met: Any, ranks: Offsets, config: DedupConfig) -> Offsets:
    """Fingerprints that two documents have in the same order: document, the one before it, place, place there."""
    from cleaner.kernels.fingerprints import aligned_seeds

    if config.passages == "off":
        return np.zeros((0, 4), dtype=np.int64)
    found: Offsets = aligned_seeds(met, ranks)
    return found


def with_whole_lines(seeds: Offsets, folds: Folds, config: DedupConfig) -> Offsets:
    """The seeds of those pairs of documents that share whole lines enough for a passage; no other pair can have one."""
    from cleaner.kernels.alignment import Laid, covered_by_lines

    pairs = np.flatnonzero((np.diff(seeds[:, :2], axis=0, prepend=-1) != 0).any(axis=1))
    laid = Laid(folds.points, folds.spans, folds.lines, folds.line_spans)
    found = covered_by_lines(seeds, np.append(pairs, len(seeds)), laid, MIN_COVERED, MAX_JUMP)
    sizes = np.diff(pairs, append=len(seeds))
    may_share: Flags = found >= config.min_passage
    return seeds.compress(np.repeat(may_share, sizes), axis=0)


def find_passages(corpus: Corpus, seeds: Offsets, contained: dict[int, Contained]) -> Iterator[tuple[int, Found]]:
    """What of each document stands in one before it. `contained` is added to."""
    known, config = corpus.known, corpus.config
    seeds = with_whole_lines(seeds, corpus.folds, config)
    removed: dict[int, Flags] = {}  # of each document, the folded characters that stand in one before it
    spans = equal_spans(seeds[:, 0])
    for number in sorted(spans, key=lambda number: int(corpus.ranks[number])):
        if number in contained:
            continue
        mine = seeds[spans[number]]
        places = {other: mine[span, 2:] for other, span in equal_spans(mine[:, 1]).items()}
        if config.contained == "drop":
            places = {other: found for other, found in places.items() if other not in contained}
        found = passages_of(corpus, number, places, removed)
        if not found:
            continue
        characters: Counter[int] = Counter()
        for block, other in found:
            characters[other] += block.end - block.start
        left = int(known.folded[number]) - characters.total()
        if left < SURE:
            keeper = max(characters, key=lambda other: (characters[other], -corpus.ranks[other]))
            where = "other documents" if len(characters) > 1 else "another document"
            contained[number] = as_contained(known, number, keeper, 1 - left / int(known.folded[number]), where)
            continue
        removed[number] = np.zeros(known.folded[number], dtype=np.bool_)
        for block, _ in found:
            removed[number][block.start : block.end] = True
        yield number, found


def equal_spans(values: Offsets) -> dict[int, slice]:
    """Where in an array, in which equal values lie together, each value stands."""
    begins = np.flatnonzero(np.diff(values, prepend=-1)).tolist()
    return {int(values[at]): slice(at, end) for at, end in itertools.pairwise([*begins, len(values)])}


def passages_of(corpus: Corpus, number: int, places: dict[int, Offsets], removed: dict[int, Flags]) -> Found:
    """What of one document stands in others, from those that have most of it on; no line twice."""
    from cleaner.kernels.alignment import align

    ours = points_of(corpus.folds, number)
    paths: list[tuple[int, int, int, Any]] = []
    for other, pairs in places.items():
        theirs = points_of(corpus.folds, other)
        begin = max(int(pairs[:, 0].min()) - len(theirs) - MAX_JUMP, 0)  # of a long text, the part that is near
        end = int(pairs[:, 0].max()) + len(theirs) + MAX_JUMP
        path = align(ours[begin:end], theirs, pairs - np.array([begin, 0]))
        if other in removed:  # it does not stay there
            path[(path >= 0) & removed[other][np.maximum(path, 0)]] = -1
        paths.append((-int(np.count_nonzero(path >= 0)), other, begin, path))
    found: Found = []
    bounds = bounds_of_lines(corpus.folds, number)
    is_free = np.ones(len(bounds) - 1, dtype=np.bool_)
    for _, other, begin, path in sorted(paths, key=lambda entry: (entry[0], corpus.ranks[entry[1]])):
        for run in runs_along(bounds, path, begin, is_free):
            if is_passage(corpus, (number, other), bounds, run):
                found += [(block, other) for block in run]
                for block in run:
                    is_free[block.first : block.last + 1] = False
    return sorted(found)


def lines_of_document(folds: Folds, number: int) -> Points:
    start, end = folds.line_spans[number]
    return folds.lines[start:end]


def bounds_of_lines(folds: Folds, number: int) -> Offsets:
    """Where each line begins in the folded text, and where the last one ends."""
    start, end = folds.spans[number]
    return np.append(lines_of_document(folds, number)[:, 2].astype(np.int64), end - start)


def runs_along(bounds: Offsets, path: Any, begin: int, is_free: Flags) -> Iterator[list[Block]]:
    """Runs of lines that stand one behind the other in another document; few characters may stand in between.

    `path` says where each folded character from `begin` on stands there.
    """
    first, last = np.searchsorted(bounds, begin), np.searchsorted(bounds, begin + len(path), "right") - 1
    inner = bounds[first : last + 1] - begin
    counts = np.diff(np.concatenate([[0], np.cumsum(path >= 0)])[inner])
    run: list[Block] = []
    for line in np.flatnonzero(is_free[first:last] & (counts >= MIN_COVERED * np.diff(inner))).tolist():
        there = path[inner[line] : inner[line + 1]]
        there = there[there >= 0]
        start, end = int(inner[line]) + begin, int(inner[line + 1]) + begin
        here = Block(line + int(first), line + int(first), start, end, int(there.min()), int(there.max()) + 1)
        if run:
            before = run[-1]
            gap, jump = here.start - before.end, here.there - before.there_end
            if gap > MAX_GAP or not 0 <= jump <= MAX_JUMP:
                yield run
                run = []
            elif gap == 0:
                run[-1] = before._replace(last=here.last, end=here.end, there_end=here.there_end)
                continue
        run.append(here)
    if run:
        yield run


def is_passage(corpus: Corpus, pair: tuple[int, int], bounds: Offsets, run: list[Block]) -> bool:
    """Whether lines that stand in another document are long enough, running text, varied, and similar enough."""
    config = corpus.config
    lengths = np.concatenate([np.diff(bounds[block.first : block.last + 2]) for block in run])
    if lengths.sum() < config.min_passage or 2 * lengths[lengths >= MIN_LINE].sum() < lengths.sum():
        return False
    ours, theirs = (points_of(corpus.folds, number) for number in pair)
    mine = np.concatenate([ours[block.start : block.end] for block in run])
    if is_strewn(len(mine), sum(block.there_end - block.there for block in run), config):
        return False
    there = np.concatenate([theirs[block.there : block.there_end] for block in run])
    a, b = shingle_hashes(mine, config.shingle), shingle_hashes(there, config.shingle)
    both = shared(a, b)
    if both < config.threshold * (len(a) + len(b) - both) or not is_varied(mine, config):
        return False
    return not differs_in_numbers(mine, there, config) and not is_boilerplate(mine, corpus.states)


def is_strewn(here: int, there: int, config: DedupConfig) -> bool:
    """Whether lines of so many characters stand on so many of the other document that they are no passage of it.

    The sentences of one line may stand far apart in a long document. With all that is between them it has too many
    shingles to be alike, or it says nothing; and to hash it for each line would take the square of the length.
    """
    return VARIED * config.threshold * (there - config.shingle + 1) > max(here - config.shingle + 1, 1)


def as_passage(corpus: Corpus, number: int, block: Block, other: int) -> Passage:
    """A passage with its places in both texts."""
    known, folds = corpus.known, corpus.folds
    lines = lines_of_document(folds, number)
    start, end = folds.spans[other]
    places = folds.places[start:end]
    (name, source), (by, by_source) = (names_of(known, at) for at in (number, other))
    return Passage(
        name,
        source,
        int(lines[block.first, 0]),
        int(lines[block.last, 1]),
        by,
        by_source,
        int(places[block.there]),
        int(places[block.there_end - 1]) + 1,
        block.end - block.start,
    )
