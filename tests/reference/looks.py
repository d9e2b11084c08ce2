"""What the quick looks of `cleaner.lines` and `cleaner.repair` decide, without them: every line is asked everything."""

from cleaner.lines import HEADING, TABLE_ROW, lines_of, width
from cleaner.repair.breaks import Line
from cleaner.repair.furniture import NEIGHBOURS, share_place
from cleaner.repair.jump_grammar import HINT
from cleaner.repair.jump_lines import jumps_in_line
from cleaner.repair.pages import find_furniture


def pages(text: str) -> list[tuple[int, int, str]]:
    """Where the jump lines of a text stand, and the pages they name."""
    return [
        (start + jump.start, start + jump.end, jump.page)
        for start, line in lines_of(text)
        if HINT.search(line)
        for jump in jumps_in_line(line)
    ]


def share_lines(text: str) -> list[tuple[int, int]]:
    """Where the words of toolbars stand, from their first character to the end of the line."""
    lines = list(lines_of(text))
    found = [share_place(line) for _, line in lines]
    for number, (_, line) in reversed(list(enumerate(lines))):
        if found[number] != 0 and line.strip():
            if not NEIGHBOURS.fullmatch(line):
                break
            found[number] = 0
    spans = [(start, place, line) for (start, line), place in zip(lines, found, strict=True) if place is not None]
    return [(start + place - (place == 0 < start), start + len(line)) for start, place, line in spans]


def text_lines(text: str) -> list[Line]:
    """The lines that hold text, with what lies between them."""
    found: list[Line] = []
    blank = page = False
    furniture = find_furniture(text.split("\n")).is_there
    for (start, line), is_furniture in zip(lines_of(text), furniture, strict=True):
        if not line.strip():
            blank = True
        elif is_furniture:
            page = True
        else:
            found.append(Line(line, start, start + len(line), blank, page))
            blank = page = False
    return found


def looks_of(line: str) -> tuple[float, bool, bool]:
    """How wide a line is, whether it begins like a heading, and whether it is a row of a table."""
    return width(line), HEADING.match(line) is not None, TABLE_ROW.search(line) is not None
