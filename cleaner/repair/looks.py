"""A look at many texts at once that tells those in which no rule has work and no break is doubtful: most of them.

1. The lines are looked at in compiled code, for the signs of all rules together: `signs`.
2. Where a text has a sign, its rule is asked; where a break may be doubtful, its two lines are (`is_doubtful`).
3. Once the corpus has said what it knows of doubtful breaks, those of many texts are weighed at once (`weighing`).

A text that is not idle is gone through as ever. So the rules stay the only place that says what is done.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.document import Document, batches, code_points
from cleaner.normalize.spaces import strip_indents
from cleaner.repair.breaks import Others, is_doubtful
from cleaner.repair.furniture import remove_editor_credits, remove_share_lines
from cleaner.repair.jump_lines import remove_jump_lines
from cleaner.repair.seams import furniture_of, join_cut_headings, unwrap_hard_wrapped_lines
from cleaner.repair.signs import Seen, remember, seen_in_each
from cleaner.repair.weighing import are_whole

WORTH_WHILE = 100  # doubtful breaks: one by one they take 10 ms, and the arrays of all words half a second
BATCH = 1 << 19  # characters that are looked at together: few enough for their arrays to stay near the processor


class Batch(NamedTuple):
    """Some documents, and the code points of their texts put together, each with a newline behind it."""

    documents: Sequence[Document]
    points: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "Batch":
        return cls(documents, code_points("\n".join([*(document.text for document in documents), ""])))

    def seen(self) -> Iterator[Seen | None]:
        """What is seen in each of them; see `seen_in_each`."""
        return seen_in_each([document.text for document in self.documents], self.points)


def batches_of(documents: Iterable[Document]) -> Iterator[Batch]:
    """Documents in batches of about BATCH characters."""
    return map(Batch.of, batches(documents, BATCH))


def are_idle(batch: Batch) -> Iterator[bool]:
    """Of each document, whether it is idle; what was found in one is at hand while the caller is at it.

    >>> texts = ("水渠修好了。\\n大家都说好。", "镇里修好了水渠。今年又种下果\\n树，都活了。")
    >>> list(are_idle(Batch.of([Document("1", "a.txt", text) for text in texts])))
    [True, False]
    """
    for document, seen in zip(batch.documents, batch.seen(), strict=True):
        yield seen is None or not (has_doubts(document.text, seen) or has_work(document.text, seen.signs))


def may_change(documents: Sequence[Document], others: Others) -> Iterator[bool]:
    """Of each document, whether repair may change it, given what other texts say of its doubtful breaks.

    What was found in one is at hand while the caller is at it.
    """
    every = list(Batch.of(documents).seen())
    signed = [(document.text, seen) for document, seen in zip(documents, every, strict=True) if seen is not None]
    are_many = sum(len(seen.breaks) for _, seen in signed) >= WORTH_WHILE
    whole = are_whole(signed, others) if are_many else itertools.repeat(False)
    for document, seen in zip(documents, every, strict=True):
        if seen is not None:
            remember(document.text, seen)
        yield seen is not None and (not next(whole) or has_work(document.text, seen.signs))


def has_doubts(text: str, seen: Seen) -> bool:
    """Whether one of the breaks of a text is doubtful, unless furniture lies between its lines."""
    lines = list(zip(seen.starts, seen.ends, strict=True)) if seen.breaks else []
    neighbours = ((lines[number - 1], lines[number]) for number in seen.breaks)
    return any(is_doubtful(text[a:b].rstrip(), text[c:d]) for (a, b), (c, d) in neighbours)


def has_work(text: str, signs: int) -> bool:
    """Whether one of the rules whose signs a text has would change it."""
    return any(next(iter(rule(text)), None) is not None for bit, rule in enumerate(SIGNED) if signs >> bit & 1)


def furniture_in(text: str) -> Iterator[int]:
    """The numbers of the lines that pages may have added; where there are any, breaks are looked for over them."""
    return (number for number, is_there in enumerate(furniture_of(text).is_there) if is_there)


SIGNED: tuple[Callable[[str], Iterable[object]], ...] = (  # in the order of the bits in `signs`
    remove_jump_lines,
    remove_share_lines,
    furniture_in,
    remove_editor_credits,
    unwrap_hard_wrapped_lines,
    join_cut_headings,
    strip_indents,
)
