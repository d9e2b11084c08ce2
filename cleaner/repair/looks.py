"""A look at many texts at once that tells those in which no rule has work and no break is doubtful: most of them.

1. The lines are looked at in compiled code (`cleaner.kernels.looks`), for the signs of all rules together. A sign is
   less than what a rule asks for. The characters of the signs are taken from the patterns of the rules.
2. Where a text has a sign, its rule is asked; where a break may be doubtful, its two lines are (`is_doubtful`).

A text that is not idle is gone through as ever. So the rules stay the only place that says what is done.
"""

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.document import Document, code_points
from cleaner.lines import CLOSERS, ENDS_LIKE_VERSE, STOPS, narrow_characters
from cleaner.normalize.spaces import MARGINS, strip_indents
from cleaner.repair.breaks import INNER_MARK, is_doubtful
from cleaner.repair.furniture import CREDIT_SIGNS, SHARE_PAIRS, remove_editor_credits, remove_share_lines
from cleaner.repair.jump_grammar import BEGINS, LINK, NEIGHBOURS, RESTS, SIGN_PAIRS, UNITS, VERBS
from cleaner.repair.jump_lines import remove_jump_lines
from cleaner.repair.page_numbers import NUMERAL, NUMERIC
from cleaner.repair.pages import MARK
from cleaner.repair.seams import furniture_of, join_cut_headings, unwrap_hard_wrapped_lines

if TYPE_CHECKING:  # the compiler takes half a second to load
    from cleaner.kernels.looks import Looks

BATCH = 1 << 19  # characters that are looked at together: few enough for their arrays to stay near the processor
CHARACTERS = "".join(map(chr, range(1 << 16)))  # that the tables know
FIRST_SHARE_PAIR = 8  # the bits of pairs below it are those of jump lines


class Batch(NamedTuple):
    """Some documents, and their texts put together, each with a newline behind it."""

    documents: Sequence[Document]
    text: str
    points: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "Batch":
        text = "\n".join([*(document.text for document in documents), ""])
        return cls(documents, text, code_points(text))


def batches_of(documents: Iterable[Document]) -> Iterator[Batch]:
    """Documents in batches of about BATCH characters."""
    held: list[Document] = []
    size = 0
    for document in documents:
        held.append(document)
        size += len(document.text)
        if size >= BATCH:
            yield Batch.of(held)
            held, size = [], 0
    if held:
        yield Batch.of(held)


def are_idle(batch: Batch) -> list[bool]:
    """Of each document, whether it is idle.

    >>> texts = ("水渠修好了。\\n大家都说好。", "镇里修好了水渠。今年又种下果\\n树，都活了。")
    >>> are_idle(Batch.of([Document("1", "a.txt", text) for text in texts]))
    [True, False]
    """
    found = looks_at(batch)
    signs = zip(batch.documents, found.flags.tolist(), strict=True)
    is_idle = [not signed or not has_work(document.text, signed) for document, signed in signs]
    numbers = np.searchsorted(found.counts, found.breaks, side="right").tolist()
    for number, line in zip(numbers, found.breaks.tolist(), strict=True):
        if is_idle[number]:
            (a, _, b, *_), (c, _, _, d, *_) = found.lines[line - 1 : line + 1].tolist()
            is_idle[number] = not is_doubtful(batch.text[a:b], batch.text[c:d])
    return is_idle


def has_work(text: str, signs: int) -> bool:
    """Whether one of the rules whose signs a text has would change it."""
    return any(next(iter(rule(text)), None) is not None for bit, rule in enumerate(SIGNED) if signs >> bit & 1)


def furniture_in(text: str) -> Iterator[int]:
    """The numbers of the lines that pages may have added; where there are any, breaks are looked for over them."""
    return (number for number, is_there in enumerate(furniture_of(text).is_there) if is_there)


SIGNED: tuple[Callable[[str], Iterable[object]], ...] = (  # in the order of the bits in `cleaner.kernels.looks`
    remove_jump_lines,
    remove_share_lines,
    furniture_in,
    remove_editor_credits,
    unwrap_hard_wrapped_lines,
    join_cut_headings,
    strip_indents,
)


def looks_at(batch: Batch) -> "Looks":
    """What the compiled look finds in some documents."""
    from cleaner.kernels.looks import look

    ends = np.cumsum([len(document.text) + 1 for document in batch.documents], dtype=np.int64) - 1
    found: Looks = look(batch.points, ends, tables())
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
