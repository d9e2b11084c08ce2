"""What sets a copy apart from the text that stays, in words: what was folded away, or how much each has of its own."""

import difflib
import unicodedata
from collections.abc import Callable

import numpy as np

from cleaner.dedup.folding import folded, hashes_of
from cleaner.document import code_points
from cleaner.kernels.shingles import shared


def without_spaces(text: str) -> str:
    return "".join(text.split())


def without_marks(text: str) -> str:
    return "".join([character for character in text if unicodedata.category(character)[0] not in "PSC"])


def of_one_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


DRESS: tuple[tuple[str, Callable[[str], str]], ...] = (  # what is taken off, one after the other, until two are equal
    ("white space", without_spaces),
    ("punctuation", without_marks),
    ("width and case", of_one_width),
)


def in_words(copy: str, keeper: str, shingle: int) -> str:
    """A sentence about how two texts differ.

    >>> in_words("镇里 修好了水渠", "镇里修好了水渠！", 5)
    'they differ in white space and punctuation only'
    >>> in_words("臺灣的水渠", "台湾的水渠", 5)
    'they differ in script only'
    """
    if copy == keeper:
        return "they are the same, character by character"
    if np.array_equal(folded(copy), folded(keeper)):
        return f"they differ in {' and '.join(layers(copy, keeper))} only"
    ours, theirs = hashes_of(copy, shingle), hashes_of(keeper, shingle)
    both = shared(ours, theirs)
    return (
        f"about {own_share(len(ours) - both, len(ours))} of the copy is not in the one that stays, "
        f"and {own_share(len(theirs) - both, len(theirs))} of that is not in the copy"
    )


def layers(copy: str, keeper: str) -> list[str]:
    """What has to be stripped from two texts that are equal when folded."""
    found: list[str] = []
    for name, strip in DRESS:
        ours, theirs = strip(copy), strip(keeper)
        if (ours, theirs) != (copy, keeper) and difference(ours, theirs) < difference(copy, keeper):
            found.append(name)
        copy, keeper = ours, theirs
    return found if copy == keeper else [*found, "script"]


def difference(a: str, b: str) -> int:
    """How many characters two texts have of which the other has fewer, wherever they stand."""
    counts = [np.bincount(code_points(text), minlength=0x110000) for text in (a, b)]
    return int(np.abs(counts[0] - counts[1]).sum())


def own_share(own: int, all_of_it: int) -> str:
    return f"{own / max(1, all_of_it):.0%}"


def spans_that_differ(before: str, after: str) -> list[tuple[int, int, int, int]]:
    """The spans of two strings that differ: character by character, or shifted if fewer differ then.

    Two names may share a character without being one name with slips.
    """
    steps = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    shifted = [(a, b, c, d) for tag, a, b, c, d in steps if tag != "equal"]
    differ = [place for place, (x, y) in enumerate(zip(before, after, strict=False)) if x != y]
    if len(before) != len(after) or sum(max(b - a, d - c) for a, b, c, d in shifted) < len(differ):
        return shifted
    starts = [place for place in differ if place - 1 not in differ]
    ends = [place + 1 for place in differ if place + 1 not in differ]
    return [(start, end, start, end) for start, end in zip(starts, ends, strict=True)]
