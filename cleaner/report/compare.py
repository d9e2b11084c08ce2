"""Two texts side by side on the page: what they have in common and what not, in turn, long common parts cut short."""

from collections.abc import Iterator
from dataclasses import dataclass

from cleaner.changes import changes

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
    done = 0
    for difference in changes(before, after):
        if common := before[done : difference.offset]:
            parts.append(Part(common, common))
        parts.append(Part(difference.before, difference.after))
        done = difference.offset + len(difference.before)
    rest = before[done:]
    return [*parts, *([Part(rest, rest)] if rest else [])]


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
