"""When an answer to a case of `encoding_cases` counts as right."""

import difflib
from dataclasses import dataclass

from encoding_texts import Case

SLASHES = str.maketrans("∕﹨", "／＼")  # two signs of Big5 on which good tables differ, in real files
RAISED = "raised "  # begins the note where there was an exception instead of an answer
LONGEST_ALIGNED = 4000  # characters between the common ends of two texts; beyond that nothing is aligned


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool made of a file: its text, or None where it put it aside or named no encoding."""

    text: str | None
    note: str = ""  # the encoding it named, or its reason
    confidence: float | None = None
    edits: int = 0


def is_right(case: Case, answer: Answer) -> bool:
    """Exactly the text that was expected; of damaged files, at most one character lost for a damaged byte."""
    if answer.note.startswith(RAISED):
        return False
    if case.text is None:
        return answer.text is None or is_foreign_reading(case, answer.text)
    if answer.text is None:
        return False
    if case.untouched:
        return answer.text == case.text and not answer.edits
    if case.damaged and answer.text != case.text:
        lost, added = difference(case.text, answer.text)
        return lost <= case.damaged and added <= 2 * case.damaged
    if case.group == "real files":
        return answer.text.translate(SLASHES) == case.text.translate(SLASHES)
    return answer.text == case.text


def is_foreign_reading(case: Case, text: str) -> bool:
    """Whether a foreign file was not put aside, but read in its own encoding."""
    try:
        return case.group.startswith("foreign") and text == case.data.decode(case.codec).removeprefix("\ufeff")
    except (UnicodeError, LookupError):
        return False


def difference(expected: str, found: str) -> tuple[int, int]:
    """How many characters of the expected text are missing, and how many there are that do not belong.

    >>> difference("前天下午开会", "前下午里开会")
    (1, 1)
    """
    start = 0
    while start < min(len(expected), len(found)) and expected[start] == found[start]:
        start += 1
    expected, found = expected[start:], found[start:]
    end = 0
    while end < min(len(expected), len(found)) and expected[-end - 1] == found[-end - 1]:
        end += 1
    expected, found = expected[: len(expected) - end], found[: len(found) - end]
    if len(expected) > LONGEST_ALIGNED or len(found) > LONGEST_ALIGNED:
        return len(expected), len(found)
    matcher = difflib.SequenceMatcher(None, expected, found, autojunk=False)
    common = sum(block.size for block in matcher.get_matching_blocks())
    return len(expected) - common, len(found) - common
