"""The signs of what repair mends, looked for in compiled code: most texts, and most lines of the others, have none.

A sign is less than what a rule asks for, so it decides nothing; where there is none, the rule would find nothing. The
characters of the signs are taken from the patterns of the rules.
"""

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points
from cleaner.lines import CLOSERS, ENDS_LIKE_VERSE, STOPS, narrow_characters
from cleaner.normalize.spaces import MARGINS
from cleaner.repair.breaks import INNER_MARK
from cleaner.repair.furniture import CREDIT_SIGNS, SHARE_PAIRS
from cleaner.repair.jump_grammar import BEGINS, LINK, NEIGHBOURS, RESTS, SIGN_PAIRS, UNITS, VERBS
from cleaner.repair.page_numbers import NUMERAL, NUMERIC
from cleaner.repair.pages import MARK

if TYPE_CHECKING:  # the compiler takes half a second to load
    from cleaner.kernels.looks import Looks

# What a text may hold, as in `cleaner.kernels.looks`, and that one of its breaks may be doubtful.
JUMP, SHARE, FURNITURE, EDITOR, WRAPPED, HEADING, INDENTED, BREAK = (1 << bit for bit in range(8))
CHARACTERS = "".join(map(chr, range(1 << 16)))  # that the tables know
FIRST_SHARE_PAIR = 8  # the bits of pairs below it are those of jump lines
REMEMBERED = 4  # texts: each rule asks for the signs of the text as it is then


class Seen(NamedTuple):
    """What was seen in one text."""

    signs: int
    starts: list[int]  # of the lines that are not blank
    ends: list[int]
    breaks: list[int]  # numbers of those before which a break may be doubtful, unless furniture lies between lines


_seen: dict[str, Seen] = {}  # what was seen in the latest texts


def seen_in(text: str) -> Seen:
    """The signs in one text."""
    if text not in _seen:
        (seen,) = all_seen(looks_at(code_points(text + "\n"), [len(text)]), [len(text)])
        remember(text, seen)
    return _seen[text]


def seen_in_each(
    joined: str, sizes: Sequence[int], points: npt.NDArray[np.uint32]
) -> Iterator[tuple[str, Seen] | None]:
    """Those of some texts that have signs, and the signs, None for the others, from one look at all.

    The texts are joined, with a newline behind each, and so are their code points. `seen_in` knows a text that has
    signs while the caller is at it.
    """
    offset = 0
    for size, seen in zip(sizes, all_seen(looks_at(points, sizes), sizes), strict=True):
        if seen.signs:
            text = joined[offset : offset + size]
            yield text, remember(text, seen)
        else:
            yield None
        offset += size + 1


def all_seen(found: "Looks", sizes: Sequence[int]) -> Iterator[Seen]:
    """What was seen in each of several texts."""
    from cleaner.kernels.looks import END, START

    begins = np.cumsum([0, *sizes[:-1]]) + np.arange(len(sizes))
    first_lines = np.concatenate([[0], found.counts[:-1]])
    offsets = np.repeat(begins, found.counts - first_lines)
    starts, ends = ((found.lines[:, column] - offsets).tolist() for column in (START, END))
    cuts = np.searchsorted(found.breaks, found.counts)  # a line belongs to the text before whose end it is counted
    numbers = (found.breaks - np.repeat(first_lines, np.diff(cuts, prepend=0))).tolist()
    rows, breaks = (itertools.pairwise([0, *ends_of.tolist()]) for ends_of in (found.counts, cuts))
    for flags, row, part in zip(found.flags.tolist(), rows, breaks, strict=True):
        own = numbers[slice(*part)]
        yield Seen(flags | BREAK * (len(own) > 0), starts[slice(*row)], ends[slice(*row)], own)


def remember(text: str, seen: Seen) -> Seen:
    """Keep what was seen in a text, in the place of the oldest."""
    for oldest in list(_seen)[: max(0, len(_seen) + 1 - REMEMBERED)]:
        del _seen[oldest]
    _seen[text] = seen
    return seen


def looks_at(points: npt.NDArray[np.uint32], sizes: Sequence[int]) -> "Looks":
    """What the compiled look finds in texts of some sizes, given by their code points with a newline behind each."""
    from cleaner.kernels.looks import look

    ends = np.cumsum(np.array(sizes, dtype=np.int64) + 1) - 1
    found: Looks = look(points, ends, tables())
    return found


@functools.cache
def tables() -> npt.NDArray[np.uint32]:
    """What each character may be a part of."""
    from cleaner.kernels import looks as kernel

    kinds = np.zeros(len(CHARACTERS), dtype=np.uint32)
    kinds |= narrow_characters() * np.uint32(kernel.NARROW)
    for kind, pattern in (
        (kernel.SPACE, r"\s"),
        (kernel.INNER, INNER_MARK.pattern),
        (kernel.MARK, MARK.pattern),
        (kernel.NUMERIC, NUMERIC.pattern),
        (kernel.NUMERAL, NUMERAL.pattern),
        (kernel.DIGIT, r"\d"),
        (kernel.CLOSER, f"[{re.escape(CLOSERS)}]"),
        (kernel.STOP, f"[{STOPS}]"),
        (kernel.COMMA, "[，、,]"),
        (kernel.VERSE, ENDS_LIKE_VERSE.pattern.removesuffix("$")),
        (kernel.INDENT, "[\u3000\u00a0\t]"),
        (kernel.MARGIN, f"[{MARGINS}]"),
        (kernel.ITEM, "[第一二三四五六七八九十（(]"),
        (kernel.CREDIT, f"[{CREDIT_SIGNS}]"),
        (kernel.ARTICLE, "[一篇条條]"),
        (kernel.VERB, f"[{VERBS}]"),
        (kernel.LINK, LINK.pattern),
        (kernel.BEGINS, BEGINS.pattern),
        (kernel.NEAR, f"[{NEIGHBOURS}]"),
        (kernel.REST, f"[{RESTS}]"),
        (kernel.UNIT, f"(?i:[{UNITS}])"),
    ):
        kinds[[match.start() for match in re.finditer(pattern, CHARACTERS)]] |= np.uint32(kind)
    firsts, seconds = np.zeros_like(kinds), np.zeros_like(kinds)
    pairs = [*enumerate(SIGN_PAIRS), *enumerate(SHARE_PAIRS, FIRST_SHARE_PAIR)]
    for bit, (first, second) in pairs:
        firsts[list(map(ord, first))] |= np.uint32(1 << bit)
        seconds[list(map(ord, second))] |= np.uint32(1 << bit)
    kinds[firsts > 0] |= np.uint32(kernel.PAIRED)
    return np.array([kinds, firsts, seconds])
