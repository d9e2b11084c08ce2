"""Seams: line breaks that a page made in the middle of a paragraph, and the rules that sew them up.

"No full stop at the end of the line" is true of nearly every fifth natural line of a newspaper: titles, captions,
bylines, lists. So in ordinary text a seam needs evidence (`breaks`, `score`). In wrapped text (all lines equally long)
the break itself means nothing; there a short line, an indent or a heading says that a paragraph ends (`wrapped`).
"""

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from cleaner.document import Change
from cleaner.lines import NUMBERED_HEADING, is_heading, open_lines, wrap_width
from cleaner.repair.breaks import LOW, NOBODY, Doubt, Line, Others, doubtful, doubtful_breaks, is_doubtful, told
from cleaner.repair.page_numbers import numbers_of
from cleaner.repair.pages import Furniture, find_furniture, repeated_lines
from cleaner.repair.score import Seam, weighed
from cleaner.repair.signs import FURNITURE, WRAPPED, seen_in
from cleaner.repair.wrapped import wrapped_seams

MAX_HEADING = 30  # characters of the first half of a heading over two lines
MAX_HEADING_REST = 45
REASONS = 3  # told of a break

_mark = re.compile("[。！？；，、：]")
_latin = re.compile("[A-Za-z0-9]")


@functools.lru_cache(maxsize=2)
def furniture_of(text: str) -> Furniture:
    """The lines that pages added to a text. Most texts have none that could be: no furniture ends with a full stop."""
    if not seen_in(text).signs & FURNITURE:
        return Furniture([], False)
    lines, ends_open = open_lines(text)
    suspects = [lines[number] for number in ends_open]
    if not numbers_of(suspects) and not repeated_lines(suspects, {}):
        return Furniture([], False)
    return find_furniture(lines)


def has_furniture(text: str) -> bool:
    """Whether pages may have added lines to a text."""
    return any(furniture_of(text).is_there)


@functools.lru_cache(maxsize=2)
def text_lines(text: str) -> tuple[Line, ...]:
    """The lines that hold text, with what lies between them."""
    if not has_furniture(text):
        starts, ends = seen_in(text).starts, seen_in(text).ends
        spans = zip(starts, ends, [-1, *ends], strict=False)
        return tuple([Line(text[start:end], start, end, start - last > 1, False) for start, end, last in spans])
    lines, furniture = text.split("\n"), furniture_of(text).is_there
    found: list[Line] = []
    blank = page = False
    start = 0
    for line, is_furniture in zip(lines, furniture, strict=True):
        if not line or line.isspace():
            blank = True
        elif is_furniture:
            page = True
        else:
            found.append(Line(line, start, start + len(line), blank, page))
            blank = page = False
        start += len(line) + 1
    return tuple(found)


@functools.lru_cache(maxsize=2)
def width_of(text: str) -> float:
    """The width at which a text was wrapped, or 0."""
    if not seen_in(text).signs & WRAPPED and not has_furniture(text):
        return 0.0
    return wrap_width([line.text for line in text_lines(text)])


@functools.lru_cache(maxsize=2)
def doubts(text: str, is_torn: bool = False, others: Others = NOBODY) -> tuple[Doubt, ...]:
    """The doubtful breaks of a text that was not wrapped."""
    numbers = places_of_breaks(text)
    return tuple(doubtful_breaks(text_lines(text), numbers, text, is_torn, others)) if numbers else ()


def places_of_breaks(text: str) -> Sequence[int]:
    """The lines before which a break may be doubtful, in a text that was not wrapped."""
    if not has_furniture(text) and not seen_in(text).breaks:
        return ()
    numbers = range(1, len(text_lines(text))) if has_furniture(text) else seen_in(text).breaks
    return () if width_of(text) else numbers


def some_lines(text: str, numbers: Iterable[int]) -> dict[int, Line]:
    """The lines with these numbers, and those before them, in a text without furniture."""
    starts, ends = seen_in(text).starts, seen_in(text).ends
    spans = {place: (starts[place], ends[place]) for number in numbers for place in (number - 1, number)}
    return {place: Line(text[start:end], start, end, False, False) for place, (start, end) in spans.items()}


def around_breaks(text: str) -> list[tuple[str, str]]:
    """The lines around each doubtful break, without what speaks for or against it."""
    numbers = places_of_breaks(text)
    lines = text_lines(text) if has_furniture(text) else some_lines(text, numbers)
    return [(lines[number - 1].text.rstrip(), lines[number].text) for number in doubtful(lines, numbers)]


def remove_page_numbers(text: str, is_torn: bool = False, others: Others = NOBODY) -> Iterator[Change]:
    """Remove page numbers and running headers, in a text that was cut at one of them at least, or where they are sure.

    >>> torn = "水渠在三月里修好了。今年又种下两千多棵果\\n\\n— 1 —\\n\\n树，都活了。\\n\\n— 2 —\\n\\n秋天再看。"
    >>> [torn[start:end] for start, end, _ in remove_page_numbers(torn)]
    ['\\n\\n— 1 —\\n\\n', '\\n\\n— 2 —\\n\\n']
    """
    lines = text_lines(text)
    if not any(line.furniture_before for line in lines) and not (lines and text[lines[-1].end :].strip()):
        return
    torn = torn_at(text, is_torn, others)
    if not torn and not furniture_of(text).is_sure:
        return
    ends = [Line("", 0, 0, False, False), *lines]
    for a, b in itertools.pairwise(ends):
        if b.furniture_before:
            # Where the text goes on, no blank line is left to set the halves apart.
            gap = "\n\n" if b.blank_before and b.start not in torn else "\n"
            yield a.end, b.start, gap if a.end else ""
    if text[lines[-1].end :].strip():
        yield lines[-1].end, len(text), "\n" if text.endswith("\n") else ""


def torn_at(text: str, is_torn: bool, others: Others) -> set[int]:
    """Where lines begin that go on with the one before a page number."""
    lines = text_lines(text)
    if width_of(text):
        return {b.start for _, b in wrapped_seams(lines, width_of(text)) if b.furniture_before}
    found = doubts(text, is_torn, others)
    return {doubt.after.start for doubt in found if doubt.after.furniture_before and doubt.is_cut}


def join_cut_paragraphs(text: str, is_torn: bool = False, others: Others = NOBODY) -> Iterator[Change]:
    """Join a paragraph that was cut in mid-sentence, over blank lines and page numbers; the reasons go on record.

    >>> cut = "镇里修好了水渠。今年又种下两千多棵果\\n\\n— 3 —\\n\\n树，乡亲们都说好。"
    >>> [change[:3] for change in join_cut_paragraphs(cut)]
    [(18, 27, '')]
    >>> list(join_cut_paragraphs("镇里修好了水渠\\n今年又种下两千多棵果树，乡亲们都说好。"))
    []
    """
    for doubt in doubts(text, is_torn, others):
        if doubt.is_cut:
            why = "; ".join(f"{reason} {vote:+.1f}" for reason, vote in told(doubt, text, others)[:REASONS])
            yield *seam(doubt.before, doubt.after), f"score {doubt.score:.1f} of {doubt.threshold:g}: {why}"


def explain_breaks(
    text: str, is_torn: bool = False, others: Others = NOBODY
) -> list[tuple[int, float, bool, list[tuple[str, float]]]]:
    """Each doubtful break: where the line before it ends, its score, whether it is joined, and the main reasons.

    >>> [row[:3:2] for row in explain_breaks("镇里修好了水渠。今年又种下两千多棵果\\n树，大家都说好。")]
    [(18, True)]
    """
    return [
        (doubt.before.end, doubt.score, doubt.is_cut, told(doubt, text, others)[:REASONS])
        for doubt in doubts(text, is_torn, others)
    ]


def is_cut(a: str, b: str) -> bool:
    """Whether paragraph `a` breaks off and line `b` goes on with it, as far as the two lines alone say.

    >>> is_cut("镇里修好了水渠。今年又种下两千多棵果", "树，乡亲们都说好。")
    True
    """
    return is_doubtful(a, b) and sum(weight for _, weight in weighed(Seam(a, b))) >= LOW


def join_cut_headings(text: str) -> Iterator[Change]:
    """Join a numbered heading that goes over two lines.

    >>> list(join_cut_headings("三、办好学校，\\n让孩子在家门口上学\\n我们修了新校舍，请来了三位老师。"))
    [(7, 8, '')]
    """
    lines = text_lines(text)
    for number, (a, b) in enumerate(itertools.pairwise(lines)):
        if a.text[-1] not in "，、," or len(a.text) > MAX_HEADING or not NUMBERED_HEADING.match(a.text):
            continue
        is_rest = len(b.text) <= MAX_HEADING_REST and not _mark.search(b.text[-1]) and "。" not in b.text
        body = lines[number + 2].text if number + 2 < len(lines) else ""
        if is_rest and not is_heading(b.text) and len(body) > len(b.text):
            yield seam(a, b)


def unwrap_hard_wrapped_lines(text: str) -> Iterator[Change]:
    """Join the lines of paragraphs that were wrapped at a fixed width.

    A full line goes on in the next, unless that is indented, a heading, or set off by a blank line.
    """
    full = width_of(text)
    if not full:
        return
    for a, b in wrapped_seams(text_lines(text), full):
        yield seam(a, b)


def seam(a: Line, b: Line) -> tuple[int, int, str]:
    """Sew two lines together: nothing between Chinese, a space between Latin words."""
    both_latin = _latin.match(a.text[-1]) and _latin.match(b.text[0])
    in_number = a.text[-1].isdigit() and b.text[0].isdigit()
    return a.end, b.start, " " if both_latin and not in_number else ""
