"""Where in a text a mark is punctuation: not in code, tables, addresses and the like."""

import bisect
import re
from collections.abc import Iterator, Sequence
from operator import itemgetter

from cleaner.lines import HAN, TABLE_ROW, is_comma_table
from cleaner.patterns import compile_later

_front_matter = re.compile(r"\A---\n(?:[^\n]{0,1000}\n){0,200}?---(?:\n|\Z)")
_fence = re.compile(r"(?m)^[ ]{0,3}(?:>[ ]?)?(`{3,})")  # a line of ~~~ is an ornament more often than a fence
_indented = re.compile(r"(?: {4}|\t)\s*\S")
_han = compile_later(f"[{HAN}]")
_protected = compile_later(
    r"""(?: (?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,15}://                   # an address, which ends with no mark
        [^\s\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”]{0,2000}[A-Za-z0-9/=&\#_~%+-]
    | (?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,8}  # e-mail
    | &(?:\#[0-9]{1,7}|\#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});           # an entity
    | <[A-Za-z/!][^<>\n]{0,500}>                                                  # a tag
    | `[^`\n]{1,500}`                                                             # code
    | \]\([^()\n]{1,500}\)                                                        # where a link leads
    | (?<![A-Za-z0-9])[A-Za-z]:\\[^\s，。；：？！（）“”]{0,300}                     # a path of Windows
    )""",
    re.VERBOSE,
)
_anchor = re.compile(r"://|[@&<`]|\]\(|:\\")


def lines_of_prose(text: str, places: Sequence[int]) -> Iterator[tuple[int, str, list[int]]]:
    """The lines of running text that hold some of the `places`, each with its start and the places in it.

    Places are ascending; lines that are code or rows of tables are left out, and so are places in addresses and tags.
    """
    code = code_spans(text)
    number = 0
    while number < len(places):
        start = text.rfind("\n", 0, places[number]) + 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        last = bisect.bisect_left(places, end, number)
        line = text[start:end]
        if not is_within(start, code) and not is_code_or_table(text, start, line):
            yield start, line, unprotected(line, [place - start for place in places[number:last]])
        number = last


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where fenced code stands in a text, and the front matter of a markdown page."""
    spans = [match.span() for match in _front_matter.finditer(text)] if text.startswith("---\n") else []
    if "```" in text:
        opened: re.Match[str] | None = None
        for match in _fence.finditer(text):
            if opened is None:
                opened = match
            elif match.group(1).startswith(opened.group(1)):
                spans.append((opened.start(), match.end()))
                opened = None
        if opened is not None:
            spans.append((opened.start(), len(text)))
    return sorted(spans)


def is_within(place: int, spans: list[tuple[int, int]]) -> bool:
    """Whether a place lies in one of some ascending spans."""
    number = bisect.bisect_right(spans, place, key=itemgetter(0))
    return number > 0 and place < spans[number - 1][1]


def is_code_or_table(text: str, start: int, line: str) -> bool:
    """Whether the line of a text that begins at `start` is a row of a table or indented code."""
    if _indented.match(line) and 2 * len(_han.findall(line)) < len(line.strip()):
        return True
    if "。" not in line and TABLE_ROW.search(line):
        return True
    if line.count(",") < 2:
        return False
    before = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)]
    next_start = start + len(line) + 1
    next_end = text.find("\n", next_start)
    after = text[next_start:] if next_end < 0 else text[next_start:next_end]
    return is_comma_table([before, line, after])[1]


def unprotected(line: str, places: list[int]) -> list[int]:
    """Those of the places in a line that are not in an address, a tag, code or the like."""
    if not _anchor.search(line):
        return places
    spans = [match.span() for match in _protected.finditer(line)]
    return [place for place in places if not is_within(place, spans)]
