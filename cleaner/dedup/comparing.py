"""How parts of two documents are compared, once fingerprints have said where: what both searches use."""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from cleaner.config import DedupConfig
from cleaner.dedup.fingerprints import BOILERPLATE, Folds, Occurrences, States, fingerprints_in, states_at
from cleaner.dedup.folding import Offsets
from cleaner.document import Sketches, code_points, from_code_points
from cleaner.kernels.shingles import Points, shared, shingle_hashes

VARIED = 0.5  # distinct shingles, as a share of all
MAX_JUMP = 64  # folded characters that one text has in between and the other has not
LONG_NUMBER = 3  # digits of a number that is recognized when others are joined to it

_number = re.compile("[0-9〇一二三四五六七八九十百千万亿零两]{2,}|[0-9〇]")  # 一 alone is seldom a number


@dataclass(frozen=True, slots=True)
class Contained:
    """A document that stands in another one, which stays."""

    id: str
    source: str
    by: str
    by_source: str
    containment: float  # share of it
    where: str  # in words


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of a document that stand in another one, which is kept before it. Offsets are in code points."""

    id: str
    source: str
    start: int
    end: int
    by: str
    by_source: str
    by_start: int
    by_end: int
    characters: int  # folded


class Corpus(NamedTuple):
    """What is known while passages are looked for."""

    known: Sketches
    folds: Folds
    ranks: Offsets
    states: States  # of the slots of fingerprints
    config: DedupConfig


def groups_of(occurrences: Occurrences) -> Any:
    """A number for each fingerprint, equal ones the same, from 0 on without a gap."""
    hashes = occurrences["hash"]
    order = np.argsort(hashes)
    groups = np.empty(len(hashes), dtype=np.int32)
    groups[order] = np.cumsum(np.diff(hashes[order], prepend=hashes[order[:1]]) != 0)
    return groups


def met_in(occurrences: Occurrences, groups: Any, ranks: Offsets) -> Any:
    """Fingerprints by document and, in the order in which documents are preferred, by hash."""
    from cleaner.kernels.fingerprints import Met, dealt_out

    texts = occurrences["document"].astype(np.int32)
    firsts = np.searchsorted(texts, np.arange(len(ranks) + 1))
    starts = np.concatenate([[0], np.cumsum(np.bincount(groups))])
    by_group = dealt_out(groups, np.argsort(ranks), firsts, starts)
    return Met(texts, occurrences["place"].astype(np.int32), groups, firsts, by_group, starts)


def points_of(folds: Folds, number: int) -> Points:
    start, end = folds.spans[number]
    return folds.points[start:end]


def stands_in(needle: Points, hay: Points) -> bool:
    """Whether one folded text stands in another, letter for letter."""
    data, part = hay.tobytes(), needle.tobytes()
    at = data.find(part)
    while at >= 0 and at % needle.itemsize:
        at = data.find(part, at + 1)
    return at >= 0


def is_varied(points: Points, config: DedupConfig) -> bool:
    """Whether a folded text says something, and is not one character or line over and over."""
    return len(shingle_hashes(points, config.shingle)) >= VARIED * (len(points) - config.shingle + 1)


def is_boilerplate(points: Points, states: States) -> bool:
    """Whether most of a folded text stands in very many documents."""
    found = states_at(states, fingerprints_in(points))
    return 2 * int(np.count_nonzero(found == BOILERPLATE)) > len(found)


def differs_in_numbers(ours: Points, theirs: Points, config: DedupConfig) -> bool:
    """Whether most of what one text has and the other has not is numbers: they are one form, filled in twice.

    A number that has grown longer in the other text has met a page number there: once folded, nothing is between them.
    """
    missing, without = (
        len(mine) - shared(mine, shingle_hashes(other, config.shingle))
        for mine, other in (
            (shingle_hashes(ours, config.shingle), theirs),
            (shingle_hashes(same_numbers(ours), config.shingle), same_numbers(theirs)),
        )
    )
    if 2 * without >= missing:
        return False
    mine, others = (set(_number.findall(from_code_points(points))) for points in (ours, theirs))
    return any(not has_grown(number, others) for number in mine - others) or not mine - others


def has_grown(number: str, others: set[str]) -> bool:
    """Whether a long number is the beginning or the end of another one.

    >>> has_grown("102600", {"10260045", "7"}), has_grown("12", {"123"})
    (True, False)
    """
    return len(number) >= LONG_NUMBER and any(other.startswith(number) or other.endswith(number) for other in others)


def same_numbers(points: Points) -> Points:
    """A folded text in which all numbers are one."""
    return code_points(_number.sub("0", from_code_points(points)))


def as_contained(known: Sketches, number: int, keeper: int, share: float, where: str) -> Contained:
    (name, source), (by, by_source) = (names_of(known, at) for at in (number, keeper))
    return Contained(name, source, by, by_source, share, where)


def names_of(known: Sketches, number: int) -> tuple[str, str]:
    """Id and source of a document."""
    return known.ids[number].as_py(), known.sources[number].as_py()
