"""Which texts stay and which go, compiled: candidates by their sketches, each pair then compared exactly.

Each text is compared with those that stay, never with another that goes (a star, not a chain), so that nothing is
removed because of a chain of small differences.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit
from cleaner.kernels.minhash import Offsets, Words, shingles
from cleaner.kernels.shingles import Hashes, Points

Numbers = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float64]

STAYS = -1
MOST_COMPARED = 1000  # texts that stay, with which one text is compared by its sketch
MARKS = 4  # of a comparison: a hash is of the first text, of both, of the second only
IN_FIRST, IN_BOTH, IN_SECOND = 1, 2, 3
ROOM = 2  # cells of a table for each hash
VARIED = 0.5  # distinct shingles of a text, as a share of all, from which the set of them says enough
ZERO, NINE = ord("0"), ord("9")
STEPS = 4  # of the interpreter for each shingle of two texts that are compared


class Texts(NamedTuple):
    """Folded texts in one array, and where each begins and ends in it; an empty span where a text is not needed."""

    points: Points
    starts: Offsets
    ends: Offsets


class Likeness(NamedTuple):
    """How alike two texts are by their shingles."""

    jaccard: float  # shared of all
    containment: float  # shared of those of the text that has fewer
    bags: float  # shared of all, each as often as it occurs
    variety: float  # distinct of all shingles, of the text that has fewer distinct ones


class Limits(NamedTuple):
    """Jaccard similarity from which a text is a copy; estimates from which it is compared, and is sure to be one."""

    copy: float
    compared: float
    sure: float


class Table(NamedTuple):
    """A hash table that is not cleared between comparisons: what has a mark below the present ones is free."""

    keys: Hashes
    marks: Offsets
    counts: Numbers


@njit(nogil=True)
def new_table(hashes: int) -> Table:
    """A table with room for so many hashes."""
    size = 1024
    while size < ROOM * hashes:
        size *= 2
    return Table(np.zeros(size, np.uint64), np.zeros(size, np.int64), np.zeros(size, np.int32))


@njit(nogil=True)
def cell_of(value: np.uint64, table: Table, now: int) -> int:
    """The cell of a hash, or a free one for it; marks above `now` are of this comparison."""
    mask = len(table.keys) - 1
    cell = int(np.int64(value & np.uint64(mask)))
    while table.marks[cell] > now and table.keys[cell] != value:
        cell = (cell + 1) & mask
    return cell


@njit(nogil=True)
def likeness(first: Hashes, second: Hashes, table: Table, now: int) -> Likeness:
    """The exact likeness of two texts from their shingles. The table has room for both; its marks are at most `now`."""
    ours = theirs = both = shared = 0
    for value in first:
        cell = cell_of(value, table, now)
        if table.marks[cell] <= now:
            table.keys[cell], table.marks[cell], table.counts[cell] = value, now + IN_FIRST, 0
            ours += 1
        table.counts[cell] += 1
    for value in second:
        cell = cell_of(value, table, now)
        if table.marks[cell] <= now:
            table.keys[cell], table.marks[cell], table.counts[cell] = value, now + IN_SECOND, 0
            theirs += 1
        elif table.marks[cell] == now + IN_FIRST:
            table.marks[cell] = now + IN_BOTH
            both += 1
            theirs += 1
        if table.counts[cell] > 0:
            table.counts[cell] -= 1
            shared += 1
    return Likeness(
        both / (ours + theirs - both),
        both / min(ours, theirs),
        shared / (len(first) + len(second) - shared),
        min(ours / len(first), theirs / len(second)),
    )


@njit(nogil=True)
def are_alike(alike: Likeness, threshold: float) -> bool:
    """Whether two texts are alike enough; where few shingles differ from each other, also by how often they occur."""
    return alike.jaccard >= threshold and (alike.variety >= VARIED or alike.bags >= threshold)


@njit(nogil=True)
def are_one_form(first: Points, second: Points) -> bool:
    """Whether two texts are one form filled in with other numbers: equal but for the digits."""
    i = j = 0
    while i < len(first) and j < len(second):
        if ZERO <= first[i] <= NINE and ZERO <= second[j] <= NINE:
            while i < len(first) and ZERO <= first[i] <= NINE:
                i += 1
            while j < len(second) and ZERO <= second[j] <= NINE:
                j += 1
        elif first[i] == second[j]:
            i += 1
            j += 1
        else:
            return False
    return i == len(first) and j == len(second)


@njit(nogil=True)
def estimate(first: Words, second: Words) -> float:
    """The share of equal values of two signatures, which estimates the Jaccard similarity."""
    equal = 0
    for place in range(len(first)):
        equal += first[place] == second[place]
    return equal / len(first)


class Sketched(NamedTuple):
    """What is known of all texts: their signatures, and their bands as numbers that are equal where bands are.

    `signatures` has shape (texts, permutations) and `groups` (texts, bands); -1 is a band that no other text has.
    """

    signatures: Words
    groups: Numbers
    texts: Texts


class Staying(NamedTuple):
    """The texts that stay, as a linked list for each group: its latest member, and for each member the one before."""

    latest: Numbers
    before: Numbers
    sizes: Numbers  # of the groups, of texts that stay and others
    seen: Numbers  # the last text that each was compared with


@njit(nogil=True)
def none_staying(groups: Numbers) -> Staying:
    """No text stays so far."""
    most = -1
    for group in groups.flat:
        most = max(most, int(group))
    sizes = np.zeros(most + 1, dtype=np.int32)
    for group in groups.flat:
        if group >= 0:
            sizes[group] += 1
    latest = np.full(len(sizes), -1, dtype=np.int32)
    seen = np.full(len(groups), -1, dtype=np.int32)
    return Staying(latest, np.full(groups.shape, -1, dtype=np.int32), sizes, seen)


@njit(nogil=True)
def candidates(text: int, known: Sketched, staying: Staying, least: float) -> Numbers:
    """Texts that stay, share a band with this one, and look at least so alike."""
    found = np.empty(MOST_COMPARED, dtype=np.int32)
    count = compared = 0
    groups = known.groups[text]
    rarity = np.full(len(groups), -1, dtype=np.int64)  # rare groups first: common ones hold many that are not alike
    for band in range(len(groups)):
        if groups[band] >= 0:
            rarity[band] = staying.sizes[groups[band]]
    for band in np.argsort(rarity):
        other = staying.latest[groups[band]] if groups[band] >= 0 else -1
        while other >= 0 and compared < MOST_COMPARED:
            if staying.seen[other] != text:
                staying.seen[other] = text
                compared += 1
                if estimate(known.signatures[text], known.signatures[other]) >= least:
                    found[count] = other
                    count += 1
            other = staying.before[other, band]
    return found[:count]


@njit(nogil=True)
def stay(text: int, groups: Numbers, staying: Staying) -> None:
    """Note that a text stays."""
    for band in range(len(groups)):
        if groups[band] >= 0:
            staying.before[text, band] = staying.latest[groups[band]]
            staying.latest[groups[band]] = text


def steps_of_stars(order: Offsets, earlier: int, known: Sketched, *_: object) -> int:
    """About how many steps `stars` takes: through the bands, and through both texts of each pair that shares one."""
    pairs = 0  # of the band in which most meet: the same pairs meet in others, too
    for numbers in known.groups.T:
        sizes = np.unique(numbers[numbers >= 0], return_counts=True)[1]
        pairs = max(pairs, int((sizes * (sizes - 1) // 2).sum()))
    characters = int(known.texts.ends.sum() - known.texts.starts.sum())
    return len(order) + 2 * int(known.groups.size) + 2 * STEPS * pairs * characters // max(1, len(order))


@njit(cache=True, nogil=True, steps=steps_of_stars)
def stars(order: Offsets, earlier: int, known: Sketched, size: int, limits: Limits) -> tuple[Numbers, Scores]:
    """For each text the one that stays in its place, or STAYS, and how alike they are (Jaccard and containment).

    `order` are the numbers of the texts to be compared, those to keep first, and before them the `earlier` ones that
    stay in any case; `size` is that of a shingle. Of several texts that stay, the most alike is named, and of equally
    alike ones the first. Where a text that stays is not there, the estimate stands for the similarity, and -1 for the
    containment.
    """
    keeper = np.full(len(known.groups), STAYS, dtype=np.int32)
    scores = np.zeros((len(known.groups), 2))
    rank = np.zeros(len(known.groups), dtype=np.int64)
    staying = none_staying(known.groups)
    table, now = new_table(1), 0
    points, starts, ends = known.texts
    for place in range(len(order)):
        text = order[place]
        rank[text] = place
        if text < earlier:
            stay(text, known.groups[text], staying)
            continue
        others = candidates(text, known, staying, limits.compared)
        ours = points[starts[text] : ends[text]]
        hashes = shingles(ours, size) if len(others) else np.empty(0, dtype=np.uint64)
        for other in others:
            theirs = points[starts[other] : ends[other]]
            best = scores[text, 0], -rank[keeper[text]]
            if len(theirs) == 0:
                estimated = estimate(known.signatures[text], known.signatures[other])
                if estimated >= limits.sure and (estimated, -rank[other]) > best:
                    keeper[text] = other
                    scores[text, 0], scores[text, 1] = estimated, -1.0
                continue
            other_hashes = shingles(theirs, size)
            if ROOM * (len(hashes) + len(other_hashes)) > len(table.keys):
                table, now = new_table(len(hashes) + len(other_hashes)), 0
            alike = likeness(hashes, other_hashes, table, now)
            now += MARKS
            is_copy = are_alike(alike, limits.copy) and not are_one_form(ours, theirs)
            if is_copy and (alike.jaccard, -rank[other]) > best:
                keeper[text] = other
                scores[text, 0], scores[text, 1] = alike.jaccard, alike.containment
        if keeper[text] == STAYS:
            stay(text, known.groups[text], staying)
    return keeper, scores
