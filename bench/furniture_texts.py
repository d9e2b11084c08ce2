"""Texts with page furniture of which it is known where it stands, for `furniture.py`.

Undamaged articles, alone or several in one text, are laid out on pages with a fixed seed: as paragraphs that a page
cuts at any character, or wrapped at a width; with page numbers of many forms and running headers of many kinds. A page
seldom ends with a paragraph in print, so most pages end within one.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from breaks_texts import articles, rows_of

Form = Callable[[int, int], str]  # of a page and the number of pages
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ROMAN = {90: "xc", 50: "l", 40: "xl", 10: "x", 9: "ix", 5: "v", 4: "iv", 1: "i"}
NUMBERS: dict[str, Form] = {
    "none": lambda page, pages: "",
    "bare": lambda page, pages: f"{page}",
    "bare, indented": lambda page, pages: " " * 38 + f"{page}",
    "bare, full width": lambda page, pages: f"{page}".translate(FULL_WIDTH),
    "roman": lambda page, pages: roman(page),
    "- 3 -": lambda page, pages: f"- {page} -",
    "—3—": lambda page, pages: f"—{page}—",
    "－３－": lambda page, pages: f"－{page}－".translate(FULL_WIDTH),
    "·3·": lambda page, pages: f"·{page}·",
    "第 3 页": lambda page, pages: f"第 {page} 页",
    "第3页 共9页": lambda page, pages: f"第{page}页 共{pages}页",
    "3 / 9": lambda page, pages: f"{page} / {pages}",
    "3/9": lambda page, pages: f"{page}/{pages}",
    "comment": lambda page, pages: f"<!-- 第 {page} 页 -->",
    "Page 3 of 9": lambda page, pages: f"Page {page} of {pages}",
}
TITLES = (
    "青石县供水站年度报告",
    "青石镇志",
    "石桥股份有限公司  首次公开发行股票招股说明书",
    "水利学报",
    "2019年年度报告全文",
)
CHAPTERS = ("第一章 总论", "水渠与梯田", "第二节 公司基本情况", "资料汇编")
HEADERS = ("none", "fixed", "two lines", "alternating", "numbered", "dated paper", "once", "chapters")
PLACES = ("foot, then head", "number over header", "header over number")


@dataclass(frozen=True, slots=True)
class Paged:
    """A text on pages: its lines, and which of them are furniture."""

    id: str
    layout: str
    number: str
    header: str
    lines: tuple[str, ...]
    is_furniture: tuple[bool, ...]


def roman(page: int) -> str:
    letters = ""
    for value, letter in ROMAN.items():
        letters += letter * (page // value)
        page %= value
    return letters


def header_lines(kind: str, page: int, last: int, rng: random.Random) -> list[str]:
    """The running header of a page; what does not change within a text is drawn by its caller's seed."""
    title, chapter = rng.choice(TITLES), rng.choice(CHAPTERS)
    day, once = rng.randrange(1, 28), rng.randrange(last)
    if kind == "fixed":
        return [title]
    if kind == "two lines":
        return [title, chapter]
    if kind == "alternating":
        return [title if page % 2 else chapter]
    if kind == "numbered":
        return [f"{title}  {page}" if rng.random() < 0.5 else f"{page}  {title}"]
    if kind == "dated paper":
        return [f"青石日报 2020年5月{day}日 第{page}版" if rng.random() < 0.5 else f"2020年5月{day}日 星期三 青石日报"]
    if kind == "once":
        return [title] * (page == once)
    if kind == "chapters":
        return [CHAPTERS[page * len(CHAPTERS) // (last + 1)]]
    return []


def pieces_of(lines: tuple[str, ...], layout: str, rng: random.Random) -> tuple[list[str], int]:
    """What a page may end after: rows of wrapped text, or pieces of paragraphs; and how many fill a page."""
    if layout == "soft":
        return list(lines), rng.randrange(350, 1000)
    columns, kinsoku = rng.randrange(26, 43), rng.random() < 0.7
    indent = rng.choice(["\u3000\u3000", "\u3000\u3000", "    ", ""])
    rows = []
    for line in lines:
        is_title = len(line) < 30 and not re.search("[。！？]", line)
        rows += rows_of(line if is_title else indent + line, columns, kinsoku)
    return rows, rng.randrange(22, 44)


def pages_of(lines: tuple[str, ...], layout: str, rng: random.Random) -> list[list[str]]:
    """The lines of each page."""
    rows, size = pieces_of(lines, layout, rng)
    if layout == "wrapped":
        return [rows[start : start + size] for start in range(0, len(rows), size)]
    pages: list[list[str]] = [[]]
    room = size
    for row in rows:
        while len(row) > room:
            # A page that would end just before or after a paragraph ends with it.
            if min(room, len(row) - room) < 4 or rng.random() < 0.2:
                break
            pages[-1].append(row[:room].rstrip())
            row = row[room:].lstrip()
            pages.append([])
            room = size
        if len(row) > room:
            pages.append([])
            room = size
        pages[-1].append(row)
        room -= min(room, len(row))
    return [page for page in pages if page]


def lay_out(identity: str, lines: tuple[str, ...], layout: str, seed: str) -> Paged:
    """One text on pages, all of which look alike."""
    rng = random.Random(seed)
    number, header = rng.choice(list(NUMBERS)), rng.choice(HEADERS)
    if number == "none" and header in ("none", "once"):
        header = "fixed"
    place, blank, first = rng.choice(PLACES), [""] * rng.randrange(2), rng.choice([1, 1, 1, 2, 17, 86])
    ends_with_number, starts_with_header = rng.random() < 0.5, rng.random() < 0.3
    pages = pages_of(lines, layout, rng)
    last, style = first + len(pages) - 1, rng.random()
    found: list[tuple[str, bool]] = []

    def add(added: list[str]) -> None:
        for line in added:
            found.extend([(gap, False) for gap in blank] + [(line, True)])
        found.extend((gap, False) for gap in blank)

    for at, page in enumerate(pages):
        value = first + at
        seen = random.Random(f"{seed} {style}")
        heads = header_lines(header, value, last + 1, seen) if at or starts_with_header else []
        numbers = [NUMBERS[number](value, last)] if number != "none" else []
        ends = at + 1 < len(pages) or ends_with_number
        if place == "foot, then head":
            # At the top of the first page nothing tells a header from the title.
            top, bottom = heads if at else [], numbers if ends else []
        else:
            top, bottom = numbers + heads if place == "number over header" else heads + numbers, []
            top = top if at or starts_with_header else []
        if top:
            add(top)
        found.extend((line, False) for line in page)
        if bottom:
            add(bottom)
    texts, flags = zip(*found, strict=True)
    return Paged(identity, layout, number, header, texts, flags)


SECTIONS: dict[str, Callable[[int], list[str]]] = {
    "1": lambda number: [f"{number}"],
    "I": lambda number: [roman(number).upper()],
    "一": lambda number: ["一二三四五六七八九"[number - 1]],
    "— 1 —": lambda number: [f"— {number} —"],
    "·1·": lambda number: [f"·{number}·"],
    "37": lambda number: [f"{36 + number}"],
    "第1节": lambda number: [f"第{number}节", "青石的水渠"],
    "2017": lambda number: [f"{2016 + number}"],
    "编者按": lambda number: ["编者按", f"青石讲坛第{number}讲"],
    "1/4": lambda number: [f"{number}/4"],
    "1, a table": lambda number: [f"{number}", "12", "9", "合计 30"],
    "a score": lambda number: [f"{number} - 2", "青石队 - 石桥队"],
    "a telephone": lambda number: ["咨询电话", f"0571-860{number}2{number}", f"{number}20"],
}


def sections(seed: int = 1) -> Iterator[Paged]:
    """Four articles in one text, each under a number that heads it and is no page's."""
    rows = [row for row in articles() if len(row[1]) > 2]
    for layout in ("soft", "wrapped"):
        for start in range(0, len(rows) - 3, 4):
            rng = random.Random(f"{seed} sections {layout} {start}")
            form = rng.choice(list(SECTIONS))
            lines: list[str] = [] if rng.random() < 0.5 else [rows[start][1][0]]
            blank = [""] * rng.randrange(2)
            indent = rng.choice(["\u3000\u3000", ""])
            for number, (_, more) in enumerate(rows[start : start + 4], 1):
                lines += blank + SECTIONS[form](number) + blank
                for line in more[1:]:
                    lines += [line] if layout == "soft" else rows_of(indent + line, 34, True)
            yield Paged(rows[start][0], f"{layout}, sections", form, "none", tuple(lines), (False,) * len(lines))


def paged(seed: int = 1) -> Iterator[Paged]:
    """Each article on pages of both layouts, and every fourth with the three after it in one text."""
    rows = [row for row in articles() if sum(map(len, row[1])) > 500]
    for layout in ("soft", "wrapped"):
        for at, (identity, lines) in enumerate(rows):
            yield lay_out(identity, lines, layout, f"{seed} {layout} {at}")
            if at % 4 == 0:
                book = tuple(line for _, more in rows[at : at + 4] for line in more)
                yield lay_out(identity, book, layout, f"{seed} {layout} book {at}")
