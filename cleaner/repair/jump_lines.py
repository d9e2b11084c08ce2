"""Jump lines: how a newspaper says that an article goes on elsewhere, as in (上接第5版) and （下转Ａ2版）.

    jump  :=  OPEN? ARROW* PREFIX? DIRECTION 第? PAGE UNIT TITLE? ARROW* CLOSE?

A unit (版, 页) is always required: 紧接, 上接 and 转第 are ordinary words. In brackets a jump line is one wherever it
stands; without them only as a line of its own, before a space at the head of a line, or after a full stop at its
end. A jump line in quotes is a mention and stays. A cross reference (全文见第三版) points to another text and stays.

The 103 variants and 31 look-alikes that this grammar was written against were collected from newspapers,
journals and code; see docs/decisions.md.
"""

import re
from dataclasses import dataclass

from cleaner.lines import lines_of

OPEN = r"[（(【\[〔［「『<《]"
CLOSE = r"[）)】\]〕］」』>》]"
ARROW = r"[▲△▶►◀◄■●★☞☜→←↓⤻*_\-—…·]"
PREFIX = r"(?:报道|報道|文章|全文|本文|此文|表格跨[页頁]|左栏|右栏|图片)[，,：:、 ]{0,2}"
BACK = r"紧接|緊接|上接|文接|续接|續接|接续|接續|承接|转自|轉自"
FORWARD = r"下转至|下轉至|下转|下轉|转至|轉至|文转|文轉|紧转|緊轉|下续|下續|下接"
WEAK = r"接|转|轉|续|續|承"  # ordinary words: only in brackets
UNIT = r"(?:版面|[版页頁面张張])"
NUMERAL = (
    r"(?:[0-9０-９]{1,4}(?:[-—~～、,，][0-9０-９]{1,4})?|[一二三四五六七八九十百〇零]{1,5}|[①-⑳]"
    r"|[IVXivxＩＶＸ]{1,5}|[XYNxyn]{1,2}|0X)"  # the last: written by a layouter who had no number yet
)
SECTION = r"(?:[A-Za-zＡ-Ｚａ-ｚ]{1,2}\s?[-－]?|封|要闻|要聞|特)"
PAGE = rf"(?:第\s?)?(?P<page>{SECTION}?\s?{NUMERAL}|(?:头|頭|首|封|要闻|要聞)(?={UNIT}))\s?{UNIT}"
NEIGHBOUR = r"(?P<neighbour>(?:上一|下一|前|上|下)[页頁版])"  # 续上页, 转下页
LOST = rf"第\s{{0,4}}{UNIT}"  # the number was lost: （下转第 页 ）
TITLE = r"(?P<title>[^\n（）()【】\[\]]{0,30})"

_S = r"[ \t\u3000\u00a0]"
BRACKETED = re.compile(
    rf"{OPEN}{_S}{{0,3}}(?:{ARROW}{_S}?){{0,3}}(?:{PREFIX})?"
    rf"(?:(?P<back>{BACK})|(?P<forward>{FORWARD})|(?P<weak>{WEAK})){_S}?[:：]?{_S}{{0,3}}"
    rf"(?:{PAGE}|{NEIGHBOUR}|{LOST}){_S}{{0,3}}{TITLE}(?:{ARROW}{_S}?){{0,3}}{CLOSE}"
)
BARE = re.compile(
    rf"(?P<arrow>(?:{ARROW}{_S}?){{0,3}})(?:{PREFIX})?"
    rf"(?:(?P<back>{BACK}|续(?=上[页頁])|續(?=上[页頁]))|(?P<forward>{FORWARD})){_S}?[:：]?{_S}{{0,3}}"
    rf"(?:{PAGE}|{NEIGHBOUR}|{LOST}){_S}{{0,3}}(?:{ARROW}{_S}?){{0,3}}"
)
QUOTES_AROUND = {"“": "”", "「": "」", "『": "』", "‘": "’", "`": "`", '"': '"', "'": "'"}
_hint = re.compile("[接转轉续續承]")


@dataclass(frozen=True, slots=True)
class Jump:
    """One jump line: its span in the text, and what it says."""

    start: int
    end: int
    is_back: bool  # the article came from that page; otherwise it goes on there
    page: str  # as it is written, without 第 and 版; empty when the number was lost


def find_jumps(text: str) -> list[Jump]:
    """All jump lines of a text, in order.

    >>> [(jump.is_back, jump.page) for jump in find_jumps("（上接第5版）\\n正文。（下转Ａ2版）")]
    [(True, '5'), (False, 'Ａ2')]
    >>> find_jumps("他写道：“（上接第一版）”三个字。网上接第三方统计。（全文见第三版）（转第二幕）")
    []
    """
    found: list[Jump] = []
    for start, line in lines_of(text):
        if _hint.search(line):
            found += [
                Jump(start + jump.start, start + jump.end, jump.is_back, jump.page) for jump in jumps_in_line(line)
            ]
    return found


def jumps_in_line(line: str) -> list[Jump]:
    """The jump lines in one line."""
    found: list[Jump] = []
    first, last = len(line) - len(line.lstrip()), len(line.rstrip())
    for match in BRACKETED.finditer(line):
        at_edge = match.start() <= first or match.end() >= last
        if is_mention(line, match) or (match["weak"] and not at_edge):
            continue
        is_back = bool(match["back"]) or match["weak"] in ("接", "续", "續", "承")
        if match["neighbour"]:
            is_back = match["neighbour"][0] in "上前"
        found.append(Jump(match.start(), match.end(), is_back, page_of(match)))
    if found:
        return found
    for match in BARE.finditer(line):
        if stands_apart(line, match, first, last) and not is_mention(line, match):
            return [Jump(match.start(), match.end(), bool(match["back"]), page_of(match))]
    return []


def page_of(match: re.Match[str]) -> str:
    """The page a jump line names."""
    return re.sub(r"\s", "", match["page"] or "")


def is_mention(line: str, match: re.Match[str]) -> bool:
    """Whether a jump line is quoted, as in: 写着“（上接第一版）”."""
    closing = QUOTES_AROUND.get(line[match.start() - 1 : match.start()])
    return closing is not None and line[match.end() : match.end() + 1] == closing


def stands_apart(line: str, match: re.Match[str], first: int, last: int) -> bool:
    """Whether a jump line without brackets is set off: alone, before a space or after an arrow, or at the end.

    `first` and `last` are where the line begins and ends without its white space.
    """
    if match.start() <= first:
        return match.end() >= last or bool(match["arrow"].strip()) or match.group()[-1].isspace()
    return match.end() >= last and line[max(match.start() - 8, 0) : match.start()].rstrip()[-1:] in tuple("。！？!?”")
