"""A look at many texts at once that tells those in which no rule has work and no break is doubtful: most of them.

1. The lines are looked at in compiled code, for the signs of all rules together: `signs`.
2. Where a text has a sign, its rule is asked; where a break may be doubtful, its two lines are (`is_doubtful`).
3. Once the corpus has said what it knows of doubtful breaks, those of many texts are weighed at once (`weighing`).

A text that is not idle is gone through as ever. So the rules stay the only place that says what is done.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points, gathered
from cleaner.normalize.spaces import strip_indents
from cleaner.repair.furniture import remove_editor_credits, remove_share_lines
from cleaner.repair.jump_lines import remove_jump_lines
from cleaner.repair.seams import furniture_of, join_cut_headings, unwrap_hard_wrapped_lines, width_of
from cleaner.repair.signs import Seen, seen_in_each
from cleaner.repair.weighing import Break, breaks_in

BATCH = 1 << 19  # characters that are looked at together: few enough for their arrays to stay near the processor


class Batch(NamedTuple):
    """Some texts put together, with a newline behind each, and their code points."""

    joined: str
    sizes: list[int]  # of the texts, without the newlines
    points: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, joined: str, sizes: list[int]) -> "Batch":
        return cls(joined, sizes, code_points(joined))

    def seen(self) -> Iterator[tuple[str, Seen] | None]:
        """What is seen in each of them; see `seen_in_each`."""
        return seen_in_each(self.joined, self.sizes, self.points)


def batches_of(texts: Iterable[str]) -> Iterator[Batch]:
    """Texts in batches of about BATCH characters."""
    for some in gathered(texts, BATCH, len):
        yield Batch.of("\n".join([*some, ""]), list(map(len, some)))


def doubts_in(text: str, seen: Seen) -> list[Break]:
    """The doubtful breaks of a text in which no other rule has work."""
    return list(breaks_in(text, seen)) if seen.breaks and not width_of(text) else []


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
