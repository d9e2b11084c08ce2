"""How two texts differ, character by character, quickly enough for a page: by what both have once.

What both texts begin and end with is equal. In between, a piece of several characters that stands once in each is
taken for the same place, as long as the order of these pieces is the same in both; what lies between two of them is
looked at again with shorter pieces. This takes time in proportion to the texts, where a full comparison takes their
product.
"""

import bisect
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

PIECES = (12, 6, 3, 2)  # characters, tried one after the other
SMALL = 1 << 12  # product of two lengths, up to which two texts are compared in full
CONTEXT = 12  # characters that are kept on either side of a difference


@dataclass(frozen=True, slots=True)
class Part:
    """A part of two texts: equal in both (then `before` is `after`), or what one has in place of the other."""

    before: str
    after: str

    @property
    def is_equal(self) -> bool:
        return self.before == self.after


def compare(before: str, after: str) -> list[Part]:
    """Two texts in parts, equal ones and others in turn.

    >>> [(part.before, part.after) for part in compare("镇里修好水渠。", "镇里修好了水渠！")]
    [('镇里修好', '镇里修好'), ('', '了'), ('水渠', '水渠'), ('。', '！')]
    """
    parts: list[Part] = []
    for part in pieces(before, after, 0):
        if parts and parts[-1].is_equal == part.is_equal:
            part = Part(parts[-1].before + part.before, parts.pop().after + part.after)
        parts.append(part)
    return parts


def pieces(before: str, after: str, level: int) -> Iterator[Part]:
    """The parts of two texts, cut wherever it was convenient."""
    start = shared_beginning(before, after)
    end = shared_beginning(before[start:][::-1], after[start:][::-1])
    if start:
        yield Part(before[:start], before[:start])
    yield from inner(before[start : len(before) - end], after[start : len(after) - end], level)
    if end:
        yield Part(before[-end:], before[-end:])


def inner(before: str, after: str, level: int) -> Iterator[Part]:
    """The parts of two texts that begin and end differently."""
    if not before or not after:
        if before or after:
            yield Part(before, after)
    elif len(before) * len(after) <= SMALL:
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        for _, i, j, k, m in matcher.get_opcodes():
            yield Part(before[i:j], after[k:m])
    elif level == len(PIECES):
        yield Part(before, after)
    else:
        width, i, j = PIECES[level], 0, 0
        for here, there in anchors(before, after, width):
            if here >= i and there >= j:
                yield from pieces(before[i:here], after[j:there], level + 1)
                yield Part(before[here : here + width], after[there : there + width])
                i, j = here + width, there + width
        yield from pieces(before[i:], after[j:], level + 1)


def shared_beginning(before: str, after: str) -> int:
    """How many characters two texts begin with that are the same."""
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def anchors(before: str, after: str, width: int) -> list[tuple[int, int]]:
    """Where pieces that stand once in each text stand: the most that are in the same order in both."""
    ours, theirs = once(before, width), once(after, width)
    pairs = [(place, theirs[piece]) for piece, place in ours.items() if piece in theirs]
    tails: list[int] = []  # place in the second text of the last piece of the best row of each length
    last: list[int] = []
    back: list[int] = []
    for number, (_, there) in enumerate(pairs):
        at = bisect.bisect_left(tails, there)
        tails[at : at + 1] = [there]
        last[at : at + 1] = [number]
        back.append(last[at - 1] if at else -1)
    found: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = back[number]
    return found[::-1]


def once(text: str, width: int) -> dict[str, int]:
    """The pieces of a text that stand in it once, in order, with their places."""
    seen: dict[str, int] = {}
    for place in range(len(text) - width + 1):
        piece = text[place : place + width]
        seen[piece] = -1 if piece in seen else place
    return {piece: place for piece, place in seen.items() if place >= 0}


def shortened(parts: list[Part], most: int) -> Iterator[Part | int]:
    """Parts with the middle of long equal ones replaced by the number of its characters.

    After `most` differences the rest is one such number too, of characters of the first text.
    """
    differences = 0
    for number, part in enumerate(parts):
        if not part.is_equal:
            differences += 1
            if differences > most:
                yield sum(len(rest.before) for rest in parts[number:])
                return
            yield part
            continue
        text = part.before
        first = 0 if number == 0 else CONTEXT
        last = 0 if number == len(parts) - 1 else CONTEXT
        if len(text) <= first + last + 2:
            yield part
            continue
        if first:
            yield Part(text[:first], text[:first])
        yield len(text) - first - last
        if last:
            yield Part(text[-last:], text[-last:])
