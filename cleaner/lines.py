"""What a line of Chinese text looks like: how wide it is, whether it was wrapped, what it is a part of.

Shared by the stages that must tell running text from what only looks like it: headings, list items, tables,
verse. A width counts a Han character or full-width mark as 1 and anything else as a half, as it was printed.
"""

import functools
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from cleaner.document import code_units
from cleaner.patterns import compile_later

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HAN_MARKS = "\u3001-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’—…·"
STOPS, CLOSERS = "。！？!?…；;：:.", "”’」』）)》〉】]"  # what ends a sentence, and what may stand behind it
SENTENCE_END = re.compile(rf"[{STOPS}](?:[{re.escape(CLOSERS)}]|\s)*$")

_numeral = "[一二三四五六七八九十百零〇\\d]"
HEADING = compile_later(
    rf"""\s*(?:
      第\s*{_numeral}{{1,6}}\s*[章节節条條编編部分篇卷回讲講课課项項款]  # 第三章 第十二条
    | [（(]\s*{_numeral}{{1,4}}\s*[)）]                                     # （一） (3)
    | [一二三四五六七八九十]{{1,3}}\s*[、.．，,]                            # 一、
    | \d{{1,3}}\s*(?:[、．)）]|\.(?!\d))                                    # 1、 2. 3）
    | \d{{1,2}}(?:\.\d{{1,2}}){{1,3}}(?![\d%％万萬亿億千百倍个個元米公吨噸])                            # 1.2.3
    | [①-⑳⑴-⒇㈠-㈩Ⅰ-Ⅻ]
    | [●○■□◆◇▲△★☆※▪•➢►▶]
    | [—─-]{{1,2}}\s*(?=[^\s\d—─-])                                         # —— an item
    | 附(?:件|录|錄|表|图|圖)\s*+{_numeral}*+\s*[：:.、]
    | (?:图|圖|表)\s*\d+
    | (?:注|註|备注|備註|资料来源|資料來源|来源|來源)\s*[：:]
    | [【［\[]
    | \#{{1,6}}\s
    | [>|*+]\s?
    )""",
    re.VERBOSE,
)
# The numbered headings that may go over two lines: 四、… (二)… 第三章 …
NUMBERED_HEADING = re.compile(
    r"\s*(?:第\s*[一二三四五六七八九十百\d]{1,4}\s*[章节節编編部篇]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）])"
)
TABLE_ROW = re.compile(r"\t|[|｜│┃]|[─━]{4}|\S(?:[ \u00a0]{3,}|\u3000{2,})\S+(?:[ \u00a0]{3,}|\u3000{2,})\S")
_begins_heading = frozenset("第附图圖表注註备備资資来來一二三四五六七八九十")  # of all Han characters, only these do

ENDS_LIKE_VERSE = re.compile("[。！？；!?;]$")
FEW_LINES = 16  # so few are measured faster one by one
LONGEST_VALUE = 12  # characters of a value in a row of comma-separated ones, on average
MIN_WRAPPED_LINES = 6
MIN_WRAP_WIDTH, MAX_WRAP_WIDTH = 16, 60
WIDER, MOST_WIDER = 3, 0.12  # how far beyond the common width a line is too wide, and how many of those may be

_narrow = re.compile(
    r"[^\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60“”‘’—…·\U00020000-\U0003ffff]"
)


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text, without their newlines, each with the offset at which it starts.

    Only the newline ends a line here: str.splitlines would also cut at form feeds, U+0085 and U+2028.

    >>> list(lines_of("一\\n二三"))
    [(0, '一'), (2, '二三')]
    """
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


@functools.lru_cache(maxsize=2)
def open_lines(text: str) -> tuple[list[str], list[int]]:
    """The lines of a text, and the numbers of those that neither are empty nor end with a full stop: mostly few.

    >>> open_lines("水渠修好了\\n\\n大家都说好。")
    (['水渠修好了', '', '大家都说好。'], [0])
    """
    lines = text.split("\n")
    return lines, [number for number, line in enumerate(lines) if line and line[-1] != "。"]


def width(line: str) -> float:
    """The printed width of a line in Han characters.

    >>> width("共12.5万元")
    5.0
    """
    return len(line) - len(_narrow.findall(line)) / 2  # the narrow ones are few


def widths_of(lines: Sequence[str]) -> list[float]:
    """The printed widths of many lines, in one look at all of them.

    >>> widths_of(["共12.5万元", "", "水渠"])
    [5.0, 0.0, 2.0]
    """
    if len(lines) < FEW_LINES:
        return [width(line) for line in lines]
    units = code_units("\n".join([*lines, ""]))
    narrow = narrow_characters().take(units if units.itemsize == 2 else np.minimum(units, 0xFFFF))
    if units.itemsize > 2:
        narrow[(units >= 0x20000) & (units <= 0x3FFFF)] = 0
    ends = np.flatnonzero(units == ord("\n"))
    reached = np.concatenate([[-1.0], ends - np.cumsum(narrow, dtype=np.int64)[ends] / 2])
    return list((reached[1:] - reached[:-1] - 0.5).tolist())  # without the newline, which is narrow


@functools.cache
def narrow_characters() -> npt.NDArray[np.uint8]:
    """For each character up to U+FFFF, whether it is narrow; the last cell stands for all beyond, too."""
    narrow = np.zeros(1 << 16, dtype=np.uint8)
    narrow[[match.start() for match in _narrow.finditer("".join(map(chr, range(1 << 16))))]] = 1
    return narrow


def unspaced(line: str) -> str:
    """A line without its spaces: 第 1 2 期 as 第12期."""
    return "".join(line.split())


def is_heading(line: str) -> bool:
    """Whether a line begins like a heading, a list item or a note: it stands for itself, or begins something.

    >>> is_heading("（一）总体要求"), is_heading("2.加强管理。"), is_heading("2.5万人次"), is_heading("一天早上，")
    (True, True, False, False)
    """
    if "\u4e00" <= line[:1] <= "\u9fff" and line[0] not in _begins_heading:
        return False  # most lines
    return bool(HEADING.match(line))


def is_table_row(line: str) -> bool:
    """Whether a line is a row of a table: it has rules, tabs, or two wide gaps.

    >>> is_table_row("张三   30   青石镇"), is_table_row("张三 三十岁")
    (True, False)
    """
    # A single character is found many times faster than the pattern.
    is_spaced = " " in line or "\u3000" in line or "\u00a0" in line
    is_ruled = "|" in line or "\t" in line or "｜" in line or "│" in line or "┃" in line or "─" in line or "━" in line
    return (is_spaced or is_ruled) and bool(TABLE_ROW.search(line))


def ends_sentence(line: str) -> bool:
    """Whether a line ends where a paragraph or a sentence can end.

    >>> ends_sentence("都活了。”"), ends_sentence("又种下果")
    (True, False)
    """
    last = line[-1:]
    if "\u4e00" <= last <= "\u9fff":
        return False
    return last == "。" or bool(SENTENCE_END.search(line[-12:]))


def is_prose(line: str) -> bool:
    """Whether a line with commas is a sentence rather than a row of values: by its marks, or by its long clauses."""
    return bool(re.search("[。！？；!?;]", line)) or len(line) > LONGEST_VALUE * (line.count(",") + 1)


def is_comma_table(lines: list[str]) -> list[bool]:
    """For each line, whether it is a row of comma-separated values: like its neighbour, and without sentences.

    >>> is_comma_table(["姓名,年龄,籍贯", "张三,30,青石镇", "他来了,又走了。"])
    [True, True, False]
    """
    commas = [0 if is_prose(line) else line.count(",") for line in lines]
    alike = [a == b and a >= 2 for a, b in itertools.pairwise(commas)]
    return [before or after for before, after in zip([False, *alike], [*alike, False], strict=True)]


def has_wide_lines(lines: list[str]) -> bool:
    """Whether there are so many lines too wide for any wrapped text that the others need not be looked at."""
    widest, left = MAX_WRAP_WIDTH + WIDER, MOST_WIDER * len(lines)
    for line in lines:
        if len(line) > widest:
            line = line.strip()
            if len(line) > 2 * widest or width(line) > widest:
                left -= 1
                if left < 0:
                    return True
    return False


def wrap_width(lines: list[str]) -> float:
    """The width at which a text was wrapped, or 0 when its lines are paragraphs.

    A text is wrapped when nearly all of its longer lines have about the same width: at least 40 % within 1.6 of
    the commonest, at most 12 % wider than 3 beyond it. Lines that mostly end with a sentence are verse.
    """
    if has_wide_lines(lines):
        return 0.0  # most texts
    stripped = [line for line in map(str.strip, lines) if line]
    if sum([len(line) >= MIN_WRAP_WIDTH for line in stripped]) < MIN_WRAPPED_LINES:
        return 0.0
    widths = widths_of(stripped)
    long = [w for w in widths if w >= MIN_WRAP_WIDTH]
    if len(long) < MIN_WRAPPED_LINES:
        return 0.0
    commonest = Counter(round(w) for w in long)
    best = max(commonest, key=lambda w: (commonest[w - 1] + commonest[w] + commonest[w + 1], w))
    full = [line for line, w in zip(stripped, widths, strict=True) if abs(w - best) <= 1.6]
    near = len(full)
    if 2 * sum(bool(ENDS_LIKE_VERSE.search(line)) for line in full) > near:
        return 0.0
    wider = sum(w > best + WIDER for w in widths)
    wrapped = near >= 0.4 * len(long) and wider <= MOST_WIDER * len(widths) and best <= MAX_WRAP_WIDTH
    return float(best) if wrapped else 0.0
