"""Where a span of a text was before each edit, and where it went: offsets through a chain of edits, both ways.

What no rule touched moves by what was added and removed before it. What a rule put in came from what stood in its
place: from one character if the rule replaced character by character, or left it as it was within a longer edit; for
decode's rules from the bytes that the character was read from; otherwise from all that stood there, which may be
nothing. So a span leads to the smallest span that it is known to come from. An empty span is a place between two
characters, before which what was put in stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from cleaner.changes import common_runs
from cleaner.decode.cuts import Cuts, mojibake_cuts, reading_cuts
from cleaner.document import Edits, Offsets

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One run of one rule: where each of its edits begins and ends, in the text it saw and in the one it left."""

    stage: str
    edits: Edits
    old: Offsets
    old_ends: Offsets
    new: Offsets
    new_ends: Offsets
    known: dict[int, Cuts] = field(default_factory=dict)  # cuts that were asked for, by the number of the edit

    @classmethod
    def of(cls, stage: str, edits: Edits) -> "Step":
        new = edits.inverse().offsets
        old = edits.offsets
        return cls(stage, edits, old, old + edits.before_lengths, new, new + edits.after_lengths)

    def strings(self, number: int) -> tuple[str, str]:
        """What stood at an edit, and what stands there now."""
        start, first = int(self.edits.before_lengths[:number].sum()), int(self.edits.after_lengths[:number].sum())
        end, last = start + int(self.edits.before_lengths[number]), first + int(self.edits.after_lengths[number])
        return self.edits.before[start:end], self.edits.after[first:last]

    def cuts(self, number: int) -> Cuts:
        """Which of the characters of an edit came from which, as pairs of offsets into both strings."""
        if number not in self.known:
            self.known[number] = cuts_of(self.edits.rule, *self.strings(number))
        return self.known[number]

    def before(self, offset: int) -> tuple[Span, int | None]:
        """From which span of the text the rule saw a character is, and the number of the edit that put it in."""
        number = int(np.searchsorted(self.new, offset, side="right")) - 1
        if number < 0:
            return (offset, offset + 1), None
        if offset >= self.new_ends[number]:
            old = offset + int(self.old_ends[number] - self.new_ends[number])
            return (old, old + 1), None
        start = int(self.old[number])
        (first, last), _ = piece(self.cuts(number), offset - int(self.new[number]), side=1)
        return (start + first, start + last), number

    def after(self, offset: int) -> tuple[Span, int | None]:
        """What became of a character of the text the rule saw, and the number of the edit that replaced it, if any."""
        number = int(np.searchsorted(self.old, offset, side="right")) - 1
        if number < 0:
            return (offset, offset + 1), None
        if offset >= self.old_ends[number]:
            new = offset + int(self.new_ends[number] - self.old_ends[number])
            return (new, new + 1), None
        start = int(self.new[number])
        _, (first, last) = piece(self.cuts(number), offset - int(self.old[number]), side=0)
        return (start + first, start + last), number


@dataclass(frozen=True, slots=True)
class Hop:
    """A span on both sides of one run of a rule; `number` is that of the edit that touched it, if one did."""

    step: Step
    before: Span
    after: Span
    number: int | None


def steps_of_life(history: Sequence[tuple[str, Edits]]) -> list[Step]:
    """The edits of a document, ready to be followed."""
    return [Step.of(stage, edits) for stage, edits in history]


def way_back(steps: Sequence[Step], span: Span) -> Iterator[Hop]:
    """From a span of the last text to the raw text: a hop for each run of a rule, the last one first."""
    for step in reversed(steps):
        start, end = span
        if start < end:
            ((first, _), number), ((_, last), other) = step.before(start), step.before(end - 1)
            number = other if number is None else number
        else:
            (first, last), number = place_before(step, start)
        yield Hop(step, (first, last), span, number)
        span = (first, last)


def place_before(step: Step, place: int) -> tuple[Span, int | None]:
    """Where a place between two characters was; within what replaced something as a whole, that is all of it."""
    if place == 0:
        return (0, 0), None
    left, right = step.before(place - 1), step.before(place)
    return left if left == right else ((left[0][1], left[0][1]), None)


def way_on(steps: Sequence[Step], span: Span) -> Iterator[Hop]:
    """From a span of the raw text towards the last one: a hop for each run of a rule, until nothing is left of it."""
    for step in steps:
        (first, _), number = step.after(span[0])
        (_, last), other = step.after(span[1] - 1)
        yield Hop(step, span, (first, last), other if number is None else number)
        if first == last:
            return
        span = (first, last)


def piece(cuts: Cuts, offset: int, side: int) -> tuple[Span, Span]:
    """The piece between two cuts in which an offset of one side lies (0 before, 1 after), as spans of both sides."""
    low, high = 0, len(cuts) - 1  # the last cut at or before the offset
    while low < high:
        middle = (low + high + 1) // 2
        if cuts[middle][side] <= offset:
            low = middle
        else:
            high = middle - 1
    (start, first), (end, last) = cuts[low], cuts[low + 1]
    return (start, end), (first, last)


def cuts_of(rule: str, before: str, after: str) -> Cuts:
    """Which characters of an edit came from which, as pairs of ascending offsets from (0, 0) to the ends of both."""
    whole = [(0, 0), (len(before), len(after))]
    if not before or not after:
        return whole
    if rule == "read_stand_ins":
        return reading_cuts(before, after)
    if rule == "undo_mojibake":
        return mojibake_cuts(before, after)
    if len(before) == len(after):
        return [(offset, offset) for offset in range(len(before) + 1)]
    cuts = [(0, 0)]
    for old, new, size in common_runs(before, after).tolist():
        cuts += [(old + place, new + place) for place in range(size + 1) if (old + place, new + place) != cuts[-1]]
    return cuts if cuts[-1] == whole[-1] else [*cuts, whole[-1]]
