"""Which words stand on both sides of a line break, and which word it would cut.

The characters before and after a break are divided into words in the likeliest way, as by a unigram model (Viterbi
1967). Words, how often they are used and what part of speech they are come from jieba's dictionary
(tables/seams_words.txt). How well two words go together over a break, or stand at the end and the beginning of a
paragraph, was learnt from running text (tables/seams_pairs.tsv).
"""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cleaner.files import read_table

LONGEST = 4  # characters of a word
LOOK = 6  # characters on each side that are divided
UNKNOWN = -15.0  # the logarithm of the share of a character that is no word of the table
DIGIT, LETTER, MARK, STRANGE, NONE = "digit", "letter", "mark", "?", "-"  # beside jieba's parts of speech


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a dictionary: the logarithm of the share of each, and its part of speech."""

    shares: Mapping[str, float]
    parts: Mapping[str, str]

    def part(self, word: str) -> str:
        """The part of speech of a word, or what it is made of."""
        known = self.parts.get(word)
        if known:
            return known
        last = word[-1:]
        if "\u3400" <= last <= "\u9fff":
            return STRANGE
        return {"０": DIGIT, "ａ": LETTER, "": NONE}.get(last, MARK)


class Division(NamedTuple):
    """A text divided into words: the words, and the logarithm of the likeliest division of each part of it."""

    words: list[str]
    costs: list[float]  # of the first n characters; where it was divided from the end, of the last n


@functools.cache
def shipped_words() -> Words:
    """The words of tables/seams_words.txt."""
    shares: dict[str, float] = {}
    parts: dict[str, str] = {}
    for part, level, listed in read_table("seams_words.txt"):
        words = listed.split(" ")
        shares |= dict.fromkeys(words, -int(level) / 2 * math.log(2))
        parts |= dict.fromkeys(words, part)
    return Words(shares, parts)


@functools.cache
def shipped_pairs() -> dict[str, float]:
    """The weights of tables/seams_pairs.tsv, in nats."""
    rows = read_table("seams_pairs.tsv")
    return {name: float(weight) for weight, names in rows for name in names.split(" ")}


@functools.lru_cache(maxsize=1 << 12)  # a text that is repaired is looked at again
def divide(text: str, words: Words, from_end: bool = False) -> Division:
    """Divide a text into words in the likeliest way.

    >>> divide("应用场", Words({"应用": -7.0, "场": -9.0}, {})).words
    ['应用', '场']
    """
    size, share_of = len(text), words.shares.get
    costs, steps = [0.0], [0]
    for end in range(1, size + 1):
        first = size - end if from_end else end - 1
        found, step = costs[-1] + share_of(text[first], UNKNOWN), 1
        for length in range(2, end + 1 if end < LONGEST else LONGEST + 1):
            share = share_of(text[first : first + length] if from_end else text[end - length : end])
            if share is not None and costs[end - length] + share > found:
                found, step = costs[end - length] + share, length
        costs.append(found)
        steps.append(step)
    cut, left = [], size
    while left:
        start = size - left if from_end else left - steps[left]
        cut.append(text[start : start + steps[left]])
        left -= steps[left]
    return Division(cut if from_end else cut[::-1], costs)


def cut_word(left: str, right: str, words: Words) -> tuple[str, float]:
    """The likeliest word over the break between two texts, and how much likelier it makes the whole.

    >>> some = {"应用": -7.0, "场景": -9.0, "功能": -7.0, "场": -9.0, "景": -9.5}
    >>> cut_word("应用场", "景功能", Words(some, {}))
    ('场景', 9.5)
    >>> cut_word("应用", "场景功能", Words(some, {}))
    ('', 0.0)
    """
    return word_over(divide(left, words), divide(right, words, from_end=True), words)


def word_over(before: Division, after: Division, words: Words) -> tuple[str, float]:
    """The same for texts that are divided already, the second from its end."""
    left, right = "".join(before.words), "".join(after.words)
    best, gain = "", 0.0
    without = before.costs[-1] + after.costs[-1]
    for taken in range(1, min(LONGEST, len(left) + 1)):
        head = left[len(left) - taken :]
        for added in range(1, min(LONGEST - taken, len(right)) + 1):
            word = head + right[:added]
            share = words.shares.get(word)
            if share is not None:
                whole = before.costs[len(left) - taken] + share + after.costs[len(right) - added]
                if whole - without > gain:
                    best, gain = word, whole - without
    return best, gain


def pair_names(before: Division, after: Division, words: Words) -> list[str]:
    """What is known of the words on both sides of a break: their parts of speech, their lengths, themselves.

    >>> some = Words({"应用": -7.0, "很": -7.0}, {"应用": "v", "很": "d"})
    >>> pair_names(divide("应用", some), divide("很好", some, from_end=True), some)[:4]
    ['v2|', '-+v|', '|d1', '|d+?']
    """
    a, b = before.words[-1], after.words[0]
    second_last = before.words[-2] if len(before.words) > 1 else ""
    second = after.words[1] if len(after.words) > 1 else ""
    left, right = words.part(a), words.part(b)
    further_left, further_right = words.part(second_last), words.part(second)
    return [
        f"{left}{len(a)}|",
        f"{further_left}+{left}|",
        f"|{right}{len(b)}",
        f"|{right}+{further_right}",
        f"{left}|{right}",
        f"{further_left}+{left}|{right}",
        f"{left}|{right}+{further_right}",
        f"{len(a)}|{len(b)}",
        f"{a}|{right}",
        f"{left}|{b}",
        f"{a}|",
        f"|{b}",
    ]
