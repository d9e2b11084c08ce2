"""Showing pieces of a text to a person: on one line, cut to size, in context, and nothing that a terminal obeys.

A text from anywhere may hold control characters, with which it could move the cursor or rewrite the title of a window.
None of them gets through: what cannot be printed is shown by its code.
"""

from collections.abc import Iterator, Sequence

from cleaner.decode.exact import STAND_INS
from cleaner.document import Document, Edit
from cleaner.lines import width

CONTEXT = 16  # characters shown on either side of an edit
LONGEST = 60  # characters shown of what an edit removed or added
MAX_DECISIONS = 40  # of what is told line by line, unless all is asked for


def facts(document: Document) -> str:
    """What the stages found out about a document."""
    known = {
        "encoding": document.encoding,
        "script": document.script,
        "continued from page": document.continued_from,
        "continued on page": document.continued_on,
    }
    return "".join(f" · {name} {value}" for name, value in known.items() if value)


def in_context(text: str, edit: Edit) -> str:
    """An edit on one line: …left[-before-]{+after+}right…"""
    end = edit.offset + len(edit.before)
    left, right = text[max(edit.offset - CONTEXT, 0) : edit.offset], text[end : end + CONTEXT]
    removed = f"[-{shortened(edit.before)}-]" if edit.before else ""
    added = f"{{+{shortened(edit.after)}+}}" if edit.after else ""
    reason = f"  {one_line(edit.reason)}" if edit.reason else ""
    return f"…{one_line(left)}{removed}{added}{one_line(right)}…{reason}"


def around(text: str, place: int, shown: str) -> str:
    """A character in context on one line, in whose place something else is shown."""
    left, right = text[max(place - CONTEXT, 0) : place], text[place + 1 : place + 1 + CONTEXT]
    return f"{place:>7}  …{one_line(left)}[{shown}]{one_line(right)}…"


def shortened(text: str) -> str:
    """A text on one line; of a long one the beginning and the end."""
    if len(text) <= LONGEST:
        return one_line(text)
    half = LONGEST // 2
    return f"{one_line(text[:half])} …{len(text) - 2 * half:,} characters… {one_line(text[-half:])}"


def fitted(line: str, columns: int) -> str:
    """As much of a line as goes into some columns of a terminal, where a Han character takes two.

    >>> fitted("镇里修好了水渠", 14), fitted("镇里修好了水渠", 10)
    ('镇里修好了水渠', '镇里修好…')
    """
    shown = one_line(line[: max(columns, 0) + 1])  # no more of a line that may be a whole book
    if 2 * width(shown) <= columns:
        return shown
    while shown and 2 * width(shown + "…") > columns:
        shown = shown[:-1]
    return f"{shown}…"


def one_line(text: str) -> str:
    """A text with signs for line breaks and codes for what cannot be shown; a stand-in as the byte it stands for."""
    return "".join("↵" if c == "\n" else c if c.isprintable() else code(ord(c)) for c in text)


def code(point: int) -> str:
    """The code of a character that cannot be shown."""
    return f"<{point - STAND_INS:02X}>" if point >= STAND_INS else f"<{point:04X}>"


def told_some(lines: Sequence[str], everything: bool) -> Iterator[str]:
    """Some of many lines, or all that are asked for."""
    limit = len(lines) if everything else MAX_DECISIONS
    yield from (f"  {line}" for line in lines[:limit])
    if len(lines) > limit:
        yield f"  … and {len(lines) - limit:,} more (--all shows them)"
