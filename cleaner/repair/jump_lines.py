"""Jump lines: how a newspaper says that an article goes on elsewhere, as in (上接第5版) and （下转Ａ2版）.

    jump   :=  OPEN? ARROW* PREFIX? turn (SEPARATOR turn)* TITLE? ARROW* CLOSE?
    turn   :=  DIRECTION 第? PAGE UNIT

A unit (版, 页) is required: 紧接, 上接 and 转第 are ordinary words. Three kinds of page do without: one with the letter
of a section (A08), the cover of a journal (封三) and a neighbour (上页). A number that got lost leaves its unit: 第 页.

In brackets a strong direction (上接, 下转) makes a jump line wherever it stands; a weak one (接, 转), which also sends
the reader of a form or a bibliography to a page, only at the edge of a line. Without brackets a jump line is a line
of its own, a head set off by a space or an arrow, or a tail after a full stop. A jump line in quotes is a mention and
stays, as does a cross reference to another text (全文见第三版).

A serial says the same without a page: （未完待续）, 本章未完，点击下一页继续阅读. （续完） and （全文完） say that a
text is whole, which stays true when it is taken off its page, so they stay.

The patterns, and the variants they were written against, are in `jump_grammar`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from cleaner.document import Change
from cleaner.repair.jump_grammar import (
    AFTER,
    ARROWS_AFTER,
    ARROWS_BEFORE,
    BEFORE,
    CLOSING,
    FOLD,
    MARKUP,
    MENTIONED_AFTER,
    MENTIONED_BEFORE,
    OPENING,
    PAIRS,
    POINTER,
    POINTERS,
    SENTENCE_END,
    SERIAL,
    SERIAL_LINE,
    has_sign_of_turn,
    lines_with_signs,
    turns_in,
)

QUOTES = {"“": "”", "「": "」", "『": "』", "‘": "’", "`": "`", '"': '"', "'": "'"}
QUOTED = 16  # how far from a jump line the quotes around a mention may stand
LEFT = 50  # how far before its verb a jump line may begin
LONGEST_SERIAL_LINE = 80  # characters
ROUNDS = 8  # how often a line is looked at again after what was found in it is taken out
_quote = re.compile("[“”「」『』‘’`\"']")
_condition = re.compile("[见如若请详]")  # 版面不够，如需全文请转第5版
_roman = [unicodedata.normalize("NFKC", chr(0x2160 + number)) for number in range(12)]  # I to XII


@dataclass(frozen=True, slots=True)
class Jump:
    """One jump line: its span in the text, and what it says.

    One that names both directions is two of these, whose spans adjoin.
    """

    start: int
    end: int
    is_back: bool  # the article came from that page; otherwise it goes on there
    page: str = ""  # as it is written, without 第 and 版; empty when there is none, or it was lost
    number: str = ""  # the page in one notation for all, to compare: 5, A2, 12-13, 封3; empty when it is not known
    title: str = ""  # of the article, when the jump line names it


@dataclass(frozen=True, slots=True)
class View:
    """A line, how the patterns see it, and where it begins and ends without white space and marks of Markdown."""

    line: str
    folded: str
    head: int
    tail: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in its line."""

    begins: bool
    ends: bool
    follows_sentence: bool
    before_space: bool

    @property
    def is_whole(self) -> bool:
        return self.begins and self.ends


def find_jumps(text: str) -> list[Jump]:
    """All jump lines of a text, in order.

    >>> [(jump.is_back, jump.page, jump.number) for jump in find_jumps("（上接第五版）\\n好。（下转Ａ０2版《水渠》）")]
    [(True, '五', '5'), (False, 'Ａ０2', 'A2')]
    >>> find_jumps("他写道：“（上接第一版）”三个字。网上接第三方统计。（全文见第三版）（转第二幕）")
    []
    """
    return [
        replace(jump, start=start + jump.start, end=start + jump.end)
        for start, _, jumps in lines_with_jumps(text)
        for jump in jumps
    ]


def remove_jump_lines(text: str) -> Iterator[Change]:
    """Remove jump lines; a line that holds nothing else goes with its newline.

    >>> list(remove_jump_lines("(上接第5版)\\n正文。(下转第6版)张三摄"))
    [(0, 8, ''), (11, 18, '')]
    """
    last = 0
    for start, line, jumps in lines_with_jumps(text):
        rest = without(line, jumps)
        if not rest.strip():
            # With the newline behind it or, on a last line without white space, with the one before it.
            end = start + len(line)
            start = max(start - 1, last) if end == len(text) and not rest else start
            last = min(end + 1, len(text))
            yield start, last, ""
            continue
        head = len(line) - len(line.lstrip())
        for jump in jumps:
            end = jump.end
            if jump.start == head:  # nothing stands before it, so the space behind it sets nothing apart
                while line[end : end + 1] in (" ", "\u3000"):
                    end += 1
                head = end
            last = start + end
            yield start + jump.start, last, ""


@lru_cache(maxsize=2)  # to note the pages and to remove the jump lines
def lines_with_jumps(text: str) -> tuple[tuple[int, str, tuple[Jump, ...]], ...]:
    """The lines that hold jump lines: where each begins, and the jumps in it."""
    found = ((start, line, tuple(jumps_in_line(line))) for start, line in lines_with_signs(text))
    return tuple(place for place in found if place[2])


def jumps_in_line(line: str) -> list[Jump]:
    """The jump lines in one line, also those that only come to stand alone when others are taken out.

    >>> [jump.page for jump in jumps_in_line("上接第一版（上接第5版）")]
    ['一', '5']
    """
    found: list[Jump] = []
    for _ in range(ROUNDS):
        new = jumps_seen(without(line, found))
        if not new:
            break
        found = merge(found, new)
    return found


def without(line: str, jumps: Sequence[Jump]) -> str:
    """The line without its jump lines."""
    ends = [0, *(jump.end for jump in jumps)]
    starts = [*(jump.start for jump in jumps), len(line)]
    return "".join(line[end:start] for end, start in zip(ends, starts, strict=True))


def merge(found: list[Jump], new: list[Jump]) -> list[Jump]:
    """Add to the jump lines found in a line those that were then found in the rest of it."""
    merged: list[Jump] = []
    waiting = list(reversed(found))
    shift = 0  # of the rest against the line
    for jump in new:
        while waiting and waiting[-1].start - shift <= jump.start:
            merged.append(waiting.pop())
            shift += merged[-1].end - merged[-1].start
        start = jump.start + shift
        while waiting and waiting[-1].start - shift < jump.end:  # one within another
            inner = waiting.pop()
            shift += inner.end - inner.start
        merged.append(replace(jump, start=start, end=jump.end + shift))
    return merged + waiting[::-1]


def jumps_seen(line: str) -> list[Jump]:
    """The jump lines in a line as it stands, in order and without overlap."""
    head, tail = len(line) - len(line.lstrip(MARKUP + POINTERS)), len(line.rstrip(MARKUP + POINTERS + "。"))
    view = View(line, line.translate(FOLD), head, tail)
    found: list[Jump] = []
    for jumps in sorted((*turns_seen(view), *serials_seen(view)), key=lambda jumps: jumps[0].start):
        if not found or jumps[0].start >= found[-1].end:
            found += jumps
    rest = without(line, found) if found else ""
    if rest.strip() and not rest.strip(MARKUP + POINTERS + "。…·"):  # only marks that were around the jump line
        ends = [*(jump.start for jump in found[1:]), len(line)]
        found = [replace(jump, end=end) for jump, end in zip(found, ends, strict=True)]
        found[0] = replace(found[0], start=0)
    return found


def turns_seen(view: View) -> Iterator[list[Jump]]:
    """The jump lines that name a page; several jumps where one jump line names both directions."""
    last = 0
    for turns in turns_in(view.folded) if has_sign_of_turn(view.line) else ():
        first, behind = turns[0].start(), turns[-1].end()
        left = view.folded[max(first - LEFT, last) : first]
        opening, closing = OPENING.search(left), CLOSING.match(view.folded, behind)
        title = ""
        if opening and closing and PAIRS.get(opening["open"]) == closing["pair"]:
            start, end = first - len(left) + opening.start(), closing.end()
            stands = may_stand_in_brackets(turns[0], opening, place_of(view, start, end, last))
            before = slice(*opening.span("before")) if opening["before"] else slice(0, 0)
            title = view.line[slice(*closing.span("title"))] if closing["title"] else view.line[start:][before]
        else:
            start, end = bare_span(view.folded, left, (first, behind))
            stands = may_stand_bare(turns[0], view.folded[start:end], place_of(view, start, end, last))
        if stands and not is_mention(view.folded, start, end):
            start, end = with_marks(view.folded, start, end)
            yield jumps_of(view.line, turns, (start, end), clean_title(title))
            last = end


def bare_span(folded: str, left: str, span: tuple[int, int]) -> tuple[int, int]:
    """The span of a jump line without brackets, or with one of them, with its arrows and the words before it."""
    first, behind = span
    before, after = BEFORE.search(left), AFTER.match(folded, behind)
    return first - len(before.group()) if before else first, after.end() if after else behind


def place_of(view: View, start: int, end: int, last: int = 0) -> Place:
    """Where a span stands in its line; it may also begin where another jump line ended last."""
    return Place(
        begins=start <= view.head or start == last > 0,
        ends=end >= view.tail,
        follows_sentence=bool(SENTENCE_END.search(view.line, max(start - 8, 0), start)),
        before_space=view.folded[max(end - 1, 0) : end + 1].strip() != view.folded[max(end - 1, 0) : end + 1],
    )


def is_strong(turn: re.Match[str]) -> bool:
    return bool(turn["strong_back"] or turn["strong_forward"])


def may_stand_in_brackets(turn: re.Match[str], opening: re.Match[str], place: Place) -> bool:
    """Whether a jump line in brackets may stand where it does; see the head of this module."""
    at_edge = place.begins or (place.ends and place.follows_sentence)
    if turn["issue"] and not is_strong(turn):
        return False  # 转自第3期第5页 is where a text was first printed
    if place.is_whole:
        return True
    if opening["open"] in PAIRS or turn["sheet"]:
        return False
    if opening["open"] == "[" or turn["english"] or (turn["strong_back"] or "").startswith("紧"):
        return at_edge
    if is_strong(turn):
        return not (opening["before"] and _condition.search(opening["before"]))
    return at_edge or (place.ends and bool(turn["neighbour"]))


def may_stand_bare(turn: re.Match[str], jump: str, place: Place) -> bool:
    """Whether a jump line without brackets is set off: alone, before a space or after an arrow, or at the end."""
    points = bool(POINTER.search(jump))
    if place.is_whole:
        return bool(is_strong(turn) or turn["sheet"] or turn["english"] or turn["neighbour"] or points)
    if jump[0] in "([" or jump[-1] in ")]" or turn["lettered"]:
        return False
    if not (is_strong(turn) or (turn["neighbour"] and (turn["weak_back"] or "") == "续")):
        return False
    if place.begins:
        return points or place.before_space
    if place.ends:
        return points or place.follows_sentence
    return place.follows_sentence and place.before_space


def serials_seen(view: View) -> Iterator[list[Jump]]:
    """How a serial says that it goes on: in brackets, or as a line or the tail of a line."""
    for match in SERIAL.finditer(view.folded):
        place = place_of(view, *match.span())
        sure = match["sure"] and (place.ends or (place.begins and place.before_space))
        if place.is_whole or sure or (place.ends and place.follows_sentence):
            start, end = with_marks(view.folded, *match.span())
            if not is_mention(view.folded, start, end):
                yield [Jump(start, end, is_back=False)]
    end = len(view.line.rstrip())
    start = max(end - LONGEST_SERIAL_LINE, view.head)
    stops = [view.line.rfind(mark, start, end - 1) + 1 for mark in "。！？!?”」"]
    for place_to_try in dict.fromkeys((view.head, max(stops))):
        if place_to_try >= start and SERIAL_LINE.fullmatch(view.folded, place_to_try, end):
            yield [Jump(place_to_try, end, is_back=False)]
            return


def is_mention(folded: str, start: int, end: int) -> bool:
    """Whether a jump line is quoted or spoken about, as in: 写着“（上接第一版）”; 文末的（下转第三版）字样."""
    before, after = folded[max(start - QUOTED, 0) : start], folded[end : end + QUOTED]
    opened = _quote.findall(before)
    closed = _quote.search(after)
    if opened and closed and QUOTES.get(opened[-1]) == closed.group():
        # Straight quotes open and close alike; there only those that touch it tell.
        if opened[-1] != closed.group() or (before.rstrip()[-1] == opened[-1] and after.lstrip()[0] == opened[-1]):
            return True
        if opened[-1] == "`" and folded.count("`", 0, start) % 2:
            return True
    if MENTIONED_AFTER.match(after):
        return True
    return bool(MENTIONED_BEFORE.search(before)) and bool(after.strip())


def with_marks(folded: str, start: int, end: int) -> tuple[int, int]:
    """The span with the arrows and the asterisks or underscores of Markdown that are around it.

    >>> with_marks("正文。**（下转第3版）**", 5, 12)
    (3, 14)
    """
    arrows = ARROWS_BEFORE.search(folded, max(start - 8, 0), start)
    start = arrows.start() if arrows else start
    arrows = ARROWS_AFTER.match(folded, end)
    end = arrows.end() if arrows else end
    while start > 0 and folded[start - 1] in "*_" and folded[start - 1] == folded[end : end + 1]:
        start, end = start - 1, end + 1
    return start, end


def jumps_of(line: str, turns: list[re.Match[str]], span: tuple[int, int], title: str) -> list[Jump]:
    """One jump for each thing that a jump line says; what it says twice (第5页 continued on page 5) counts once."""
    jumps: list[Jump] = []
    for turn in turns:
        group = next((name for name in ("page", "cover", "lettered", "english") if turn[name]), "")
        page = re.sub(r"\s", "", line[slice(*turn.span(group))]) if group else ""
        jump = Jump(turn.start(), span[1], points_back(turn), page, page_number(page), title)
        if jumps and (jumps[-1].is_back, jumps[-1].number) == (jump.is_back, jump.number):
            continue
        jumps[-1:] = [replace(last, end=jump.start) for last in jumps[-1:]]
        jumps.append(jump)
    jumps[0] = replace(jumps[0], start=span[0])
    return jumps


def points_back(turn: re.Match[str]) -> bool:
    """Whether a jump line says where the text comes from, not where it goes on."""
    side = (turn["neighbour"] or turn["turned"] or "")[:1]
    if side and side in "上前下后次":
        return side in "上前"
    return bool(turn["strong_back"] or turn["weak_back"] or turn["sheet"] or turn["preposition"] == "from")


def clean_title(title: str) -> str:
    """The title in a jump line without the marks around it; nothing when it is the page in English."""
    title = title.strip(' \t\u3000\u00a0,，:：;；、·|/-—《》“”"')
    return "" if len(title) < 2 or "continued" in title.lower() else title


@lru_cache(1024)
def page_number(page: str) -> str:
    """A page in one notation for all, so that what two jump lines say can be compared; nothing if it is not known.

    >>> [page_number(page) for page in ("Ａ０2", "一百二十三", "头", "A-1—A-3", "2、三", "封三", "要闻2", "XX")]
    ['A2', '123', '1', 'A1-A3', '2,3', '封3', '要闻2', '']
    """
    plain = unicodedata.normalize("NFKC", page).translate(FOLD).upper().replace(" ", "")
    if plain in ("头", "首"):
        return "1"
    plain = plain.replace("廿", "二十")
    plain = re.sub("[一二三四五六七八九十百零〇○两廿]+", lambda match: str(chinese_number(match.group())), plain)
    plain = re.sub("(?<=[A-Z])[.-](?=[0-9])", "", plain)
    plain = re.sub("[第版页面张()]", "", plain)
    plain = re.sub("[~至]", "-", re.sub("[、/和及与]", ",", plain))
    plain = re.sub("(?<![0-9])0+(?=[0-9])", "", plain)
    if plain in _roman and plain != "X":  # a lone X stands for a number that was not known yet
        return str(_roman.index(plain) + 1)
    unknown = re.search(r"[X×Y*?□_{}]|(?<![A-Z0-9])N(?![0-9])", plain)
    return "" if unknown else plain


def chinese_number(numeral: str) -> int:
    """The value of a Chinese numeral, also of one without 十 and 百.

    >>> [chinese_number(numeral) for numeral in ("五", "十二", "二十", "一百零三", "一二")]
    [5, 12, 20, 103, 12]
    """
    digits = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
    total = value = 0
    for character in numeral:
        if character in "十百":
            total += (value or 1) * (10 if character == "十" else 100)
            value = 0
        else:
            value = 10 * value + digits[character]
    return total + value
