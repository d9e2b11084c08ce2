"""What a page adds to a text: share and toolbar lines, editor credits, page numbers, running headers.

A share line is known by its words. A page number is known by its form only where that form cannot be anything
else; `— 12 —` may head a section and `12` may stand in a table, so a page's furniture counts as such only when
text was cut around it (see `seams`).
"""

import bisect
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cleaner.document import Change
from cleaner.lines import HAN, ends_sentence, is_heading, open_lines, width, wrap_width

_gap = r"[ \u3000\u00a0|｜│·/]*"
_platform = (
    "微信好友|微信|朋友圈|新浪微博|腾讯微博|微博|QQ空间|QQ好友|QQ|空间|人人网|豆瓣"
    "|百度贴吧|贴吧|今日头条|头条|抖音|邮件|更多"
)
_sure_item = rf"""分享[让讓]更多人看到
    | (?:微信)?扫一扫[，,]?\ ?(?:在手机(?:上)?打开(?:当前页面?|本页)|分享(?:到|至|给)?(?:朋友圈|好友|手机)?)
    | (?:用微信)?扫(?:描|码)二维码分享(?:到|至)(?:手机|微信|好友和朋友圈|朋友圈)
    | 分享(?:到|至)[:：][ \u3000]*(?:(?:{_platform}){_gap})*
    | 分享(?:到|至)[ \u3000]?(?:(?:{_platform}){_gap}){{2,}}
    | [【\[（(]\ ?(?:[字體体]{{1,2}}[号號]?\ ?[:：])?[ \u3000]?[大小][ \u3000]?中[ \u3000]?[大小][ \u3000]?[】\])）]
    | [【\[（(]\ ?[字體体]{{1,2}}[号號]?\ ?[:：][ \u3000大中小]{{0,9}}[】\])）](?:[ \u3000]?大[ \u3000]?中[ \u3000]?小)?
    | 字[体體号號]\ ?[:：]\ ?[【\[（(]?[ \u3000]?[大小][ \u3000]?中[ \u3000]?[大小][ \u3000]?[】\])）]?
    | 打印本[页頁文](?![数數回])|[关關][闭閉](?:窗口|本[页頁])|(?:返回|回到)[顶頂]部
    | [【\[](?:(?:我要|内容)?[纠糾][错錯]|打印(?:内容|本[页頁])?|[关關][闭閉](?:窗口)?|收藏(?:本[页頁])?)[】\]]
    | 第\ ?[（(]\ ?\d{{1,4}}\ ?[/／]\ ?\d{{1,4}}\ ?[）)]\ ?[页頁]"""
_item = (
    "打印|[关關][闭閉]|收藏|[纠糾][错錯]|我要[纠糾][错錯]|分享|复制链接|举报"
    f"|点赞|评论|放大|缩小|字[体體号號]|[大中小]|{_platform}"
)
_pager = (
    "上一[章页篇]|下一[章页篇]|返回(?:目录|书页|列表|首页)|章节目录|目录|加入书[签架]|首页|尾页|末页|推荐本书|投推荐票"
)
_value = r"[^\s:：，。！？!?()（）【\[]{0,24}(?:[ ]\d\d[:：]\d\d(?:[:：]\d\d)?)?"
_field = rf"[\u4e00-\u9fff]{{2,5}}[ \u3000]?[:：][ \u3000]*{_value}"
_count = "(?:点击|浏览|阅读|访问)(?:量|数|次数|率)"
SHARE_LINE = re.compile(  # a whole line, or its tail after a full stop
    rf"(?:^|(?<=[。！？!?”」）)]))[ \u3000]*(?P<sure>(?:(?:{_sure_item}|{_item}){_gap})+)$", re.VERBOSE
)
TOOLBAR = re.compile(rf"[ \u3000]*(?:(?:{_item}){_gap}){{2,}}")
PAGER = re.compile(
    rf"[ \u3000]*(?:(?:{_pager}|[\[［【]?(?:{_pager})[\]］】]?|\d{{1,3}}|\.{{3}}|…)[ \u3000|｜>»<«→←-]*){{2,}}"
)
COUNTER_BAR = re.compile(
    rf"[ \u3000]*(?:{_field}(?:[ \u3000|｜]+|$|(?=[【\[（(]))){{2,}}(?:(?:{_sure_item})[ \u3000]*)*", re.VERBOSE
)
NEIGHBOURS = re.compile(
    r"[ \u3000]*(?:[<«←◀]\ ?)?[上下]一?[篇条條][ \u3000]?[:：][^。！？]{0,80}"
)  # of an article on its site
_sure = re.compile(_sure_item, re.VERBOSE)
_toolbar_word = re.compile("打印|[关關][闭閉]|收藏|[纠糾][错錯]|分享|复制链接|举报|字[体體号號]")
_pager_word = re.compile("上一[章页篇]|下一[章页篇]")
_counted = re.compile(rf"{_count}[ \u3000]?[:：][ \u3000]*\d+(?:次|人次)?(?!\d|万)")
_published = re.compile("(?:发布|來源|来源|作者|时间|日期|编辑|部门|单位)[\u4e00-\u9fff]{0,2}[ \u3000]?[:：]")
LONGEST_SHARE_LINE = 120  # characters; what is longer is no share line, and need not be searched
_share_words = re.compile(
    "分享|扫一扫|二维码|当前页|大 ?中|小 ?中|字[体體号號]|打印|关[闭閉]|關[闭閉]|纠[错錯]|糾[错錯]|收藏|顶部|頂部"
    "|第 ?[（(]|上一[章页篇]|下一[章页篇]|点击|浏览|阅读|访问"  # that all begin with a character makes it fast
)

_role = (
    "责任编辑|責任編輯|责编|責編|责任校对|责校|值班编辑|执行编辑|网络编辑|文字编辑|图片编辑|视频编辑|本文编辑|本版编辑|本期编辑"
    "|见习编辑|实习编辑|编辑|編輯|校对|校對|审核|編審|编审|初审|复审|终审|监制|统筹|审校"
)
_surname = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許邓鄧韩韓冯馮曹彭曾肖萧田董潘袁蔡蒋蔣余于杜叶葉"
    "程苏蘇魏吕呂丁任卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付傅方邹鄒熊白孟秦邱侯江尹薛闫阎段雷龙龍黎史陶贺賀毛郝顾顧龚龔"
    "邵万萬覃武钱錢戴严嚴莫孔向常汤湯章欧岳齐齊温施洪季申柳樊殷牛"
)
_colon = r"[ \u3000]*[:：][ \u3000]*"
_name = rf"(?:[{HAN}·]{{2,4}}|[{HAN}][ \u3000][{HAN}]|(?:[{HAN}]{{2,3}})?[A-Za-z0-9_.]{{2,20}})"
_names = rf"{_name}(?:[、，,；;/&和 \u3000]{{1,2}}{_name}){{0,5}}"
CREDIT = re.compile(
    rf"""[ \u3000]*(?:
        [（(【\[〔][ \u3000]?(?:(?:{_role})(?:{_colon}|[ \u3000]+){_names}[ \u3000；;|/]*){{1,4}}[）)】\]〕]
      | (?:(?:{_role.replace("|编辑|編輯|", "|")}){_colon}{_names}[ \u3000；;|/]*){{1,4}}
      | (?:编辑|編輯){_colon}(?=[{_surname}]){_names}
        (?:[ \u3000；;|/]+(?:{_role}){_colon}{_names}){{0,3}}
      | (?:责任编辑|責任編輯|责编|責編)[ \u3000]+[{_surname}][{HAN}]{{1,2}}
    )[ \u3000]*""",
    re.VERBOSE,
)
LONGEST_CREDIT = 80  # characters
_credit_words = re.compile("编|編|校|审|監|监制|统筹")
_sentence_end = re.compile("[。！？!?”」』）)…]")

PAGE_NUMBER = re.compile(
    r"""\s*(?:<!--\s*)?[(（\[【]?(?:
        [-—–－·•~～=]{1,3}\s?(?P<dashed>\d{1,4}|[ivxIVX]{1,6})\s?[-—–－·•~～=]{1,3}   # - 3 -  — 12 —  ·5·
      | [-—=]{0,3}\s?(?:共\s?\d{1,4}\s?[页頁][,，\s]{0,2})?                           # 第 3 页 共 9 页
        第\s?(?P<page>[\d一二三四五六七八九十百]{1,4})\s?[页頁](?:\s?[,，/／|]?\s?共\s?\d{1,4}\s?[页頁])?\s?[-—=]{0,3}
      | (?P<part>\d{1,4})\s?[/／]\s?(?:共\s?)?(?P<whole>\d{1,4})(?:\s?[页頁])?        # 3/12  1 / 25
      | [-—=]{0,3}\s?(?:[Pp]age|PAGE|[Pp]\.)\s?(?P<latin>\d{1,4})(?:\s?(?:of|/)\s?\d{1,4})?\s?[-—=]{0,3}
      | (?:页脚|頁腳)?(?:页码|頁碼)\s?[:：]\s?(?P<named>\d{1,4})
    )[)）\]】]?(?:\s*-->)?\s*
    | \s*\d{1,4}\s*""",
    re.VERBOSE,
)
BARE_NUMBER = re.compile(r"\s*(?:(?P<number>\d{1,3})|(?P<roman>[ivxl]{1,7}|[IVXL]{1,7}))\s*")
MIN_HEADER, MAX_HEADER = 3, 40  # characters of a running header; the first without its numbers and marks
MIN_NUMBERED_HEADER = 5  # characters, without its numbers, of one that holds the page number itself
MIN_PAGE_LINES, MIN_PAGE_CHARACTERS = 8, 400  # how much text a page holds at least; either will do
MIN_RUN = 3  # numbers that count up from page to page
LONGEST_MARKS = 1.6  # a full line may be short by as much, for marks that must not begin the next
MAX_HEADER_LINES = 3
MIN_TORN_WIDTH = 16.0  # a shorter line before a number is a title or a caption
INDENT = re.compile(r"[\u3000\u00a0]|[ ]{2,}|\t")
_mark = re.compile("[，。；：！？、…—]")
_goes_on = re.compile(rf"[{HAN}A-Za-z0-9，、。；：！？”’」』》）)%％]")
_date = re.compile(r"[\d年月日号時时分点:：./ -]+")  # a line that is nothing else, as in a chronology
_numeral = re.compile(r"[\s\d〇零一二三四五六七八九十百]+")


def remove_share_lines(text: str) -> Iterator[Change]:
    """Remove the lines by which a web page asks to be shared, printed, enlarged, turned over or closed.

    >>> list(remove_share_lines("正文。\\n分享让更多人看到\\n"))
    [(3, 12, '')]
    >>> list(remove_share_lines("欢迎分享让更多人看到哦。\\n打印本页数据"))
    []
    """
    lines, ends_open = open_lines(text)  # no words of a toolbar end with a full stop
    tails = "\n".join([lines[number][-LONGEST_SHARE_LINE:] for number in ends_open])
    suspects = ends_open if _share_words.search(tails) else []
    found = {number: place for number in suspects if (place := share_place(lines[number])) is not None}
    for number in range(len(lines) - 1, -1, -1):  # the articles before and after this one, below it
        if found.get(number) != 0 and lines[number].strip():
            if not NEIGHBOURS.fullmatch(lines[number]):
                break
            found[number] = 0
    starts = list(itertools.accumulate((len(line) + 1 for line in lines), initial=0)) if found else []
    for start, line, place in ((starts[number], lines[number], found[number]) for number in sorted(found)):
        # A line of its own goes with the newline before it; a tail of a line leaves the line.
        yield start + place - (place == 0 < start), start + len(line), ""


def share_place(line: str) -> int | None:
    """Where in a line the words of a toolbar begin: 0 when it holds nothing else, None when it is no such line.

    >>> share_place("打印 关闭"), share_place("都来看。【打印】【关闭】"), share_place("收藏 研究"), share_place("打印")
    (0, 4, None, None)
    """
    tail = line[-LONGEST_SHARE_LINE:]
    if not _share_words.search(tail):
        return None
    is_short = len(line) <= LONGEST_SHARE_LINE
    match = SHARE_LINE.search(tail)
    # A tail that begins in the middle of a longer line does not begin a line.
    if match and _sure.search(match["sure"]) and (match.start() > 0 or is_short):
        return len(line) - len(tail) + match.start()
    if not is_short:
        return None
    is_toolbar = TOOLBAR.fullmatch(line) and _toolbar_word.search(line)
    is_pager = PAGER.fullmatch(line) and _pager_word.search(line)
    is_bar = _counted.search(line) and _published.search(line) and COUNTER_BAR.fullmatch(line)
    return 0 if is_toolbar or is_pager or is_bar else None


def remove_editor_credits(text: str) -> Iterator[Change]:
    """Remove the names of editors and proofreaders from the end of a text; bylines and sources stay.

    >>> list(remove_editor_credits("都来看。（本报记者张三）\\n(责编：何山、林小河)"))
    [(12, 24, '')]
    >>> list(remove_editor_credits("他当过编辑。\\n（编辑手记）"))
    []
    """
    changes: list[Change] = []
    end = len(text)
    while True:
        while end and text[end - 1].isspace():
            end -= 1
        start = text.rfind("\n", 0, end) + 1
        place = credit_place(text, start, end)
        if place < 0:
            break
        changes.append((place - (place == start > 0), end, ""))
        end = place
    yield from reversed(changes)


def credit_place(text: str, start: int, end: int) -> int:
    """Where in the line from `start` to `end` a credit begins that runs to its end, or -1."""
    first = max(start, end - LONGEST_CREDIT)
    if text[end - 1 : end] == "。" or not _credit_words.search(text, first, end):
        return -1
    stops = [match.end() for match in _sentence_end.finditer(text, first, end - 1)]
    places = [start, *stops] if first == start else stops
    return next((place for place in places if CREDIT.fullmatch(text, place, end)), -1)


def find_furniture(lines: list[str]) -> list[bool]:
    """For each line, whether it is a page number, by its form or by evidence, or a running header.

    A bare number (12, iv) may be a heading or a cell. It needs evidence: the text is torn around it, or it is one
    of several that count up from page to page, one of which stands in a tear or ends the text. A running header is
    a short line without a full stop that stands beside a page number at least twice, or itself counts up.

    >>> find_furniture(["12", "镇里修好了水渠。今年又种下两千多棵果", "13", "树，乡亲们都说好。", "— 2 —"])
    [False, False, True, False, True]
    """
    values = {place: bare_value(line) for place, line in enumerate(lines) if BARE_NUMBER.fullmatch(line)}
    found = [bool(line.strip()) and bool(PAGE_NUMBER.fullmatch(line)) for line in lines]
    for place in unlike_parts(lines):
        found[place] = False
    bare = {place for place, line in enumerate(lines) if place in values or (found[place] and line.strip().isdigit())}
    found = [is_number or place in bare for place, is_number in enumerate(found)]
    counting = headers_that_count(lines)
    if any(found) or counting:
        pages = Pages.of(lines, found, bare, set(values.values()))
        proven = {place for run in pages.runs(values) if pages.are_numbered_by(run, values) for place in run}
        proven.update(place for run in counting if pages.are_headed_by(run) for place in run)
        found = [(is_number and place not in bare) or place in proven for place, is_number in enumerate(found)]
        for place in [place for place, is_number in enumerate(found) if is_number]:
            for head in pages.tear(place) or ():
                found[head] = True
    return [a or b for a, b in zip(found, running_headers(lines, found), strict=True)]


def bare_value(line: str) -> int:
    """The value of a line that holds an Arabic or a Roman number.

    >>> bare_value(" 12"), bare_value("xiv")
    (12, 14)
    """
    numeral = line.strip().upper()
    if numeral.isdecimal():
        return int(numeral)
    values = ["IVXL".index(letter) for letter in numeral]
    worth = [(1, 5, 10, 50)[value] for value in values]
    return sum(-a if a < b else a for a, b in itertools.zip_longest(worth, worth[1:], fillvalue=0))


def unlike_parts(lines: list[str]) -> set[int]:
    """The lines such as 3/12 that are no pages of one book: beyond the end, of another number, or out of order."""
    matches = [(place, PAGE_NUMBER.fullmatch(line)) for place, line in enumerate(lines) if "/" in line or "／" in line]
    parts = [(place, int(match["part"]), int(match["whole"])) for place, match in matches if match and match["part"]]
    totals = Counter(whole for _, _, whole in parts)
    total, often = totals.most_common(1)[0] if parts else (0, 0)
    of_one_book = [part for _, part, whole in parts if whole == total]
    counts_up = all(a < b for a, b in itertools.pairwise(of_one_book)) and (often > 1 or len(parts) == 1)
    return {place for place, part, whole in parts if not counts_up or whole != total or part > whole}


@dataclass(frozen=True, slots=True)
class Pages:
    """Lines that may be pages of text: which hold text, and which are numbers that may be a page's."""

    lines: list[str]
    texts: list[int]  # the lines that hold text, apart from possible page numbers and running headers
    bare: list[int]  # the lines that hold nothing but a number
    values: set[int]  # of those
    headed: list[bool]  # whether a running header stands there
    sizes: list[int]  # characters before each line
    full: float  # the width at which the text was wrapped, or 0

    @classmethod
    def of(cls, lines: list[str], found: list[bool], bare: set[int], values: set[int]) -> "Pages":
        headers = running_headers(lines, found)
        texts = [place for place, line in enumerate(lines) if line.strip() and not found[place] and not headers[place]]
        sizes = list(itertools.accumulate((len(line) for line in lines), initial=0))
        return cls(lines, texts, sorted(bare), values, headers, sizes, wrap_width([lines[place] for place in texts]))

    def gap(self, place: int) -> int:
        """Where among the lines of text a line stands."""
        return bisect.bisect_left(self.texts, place)

    def tear(self, place: int, strict: bool = True) -> list[int] | None:
        """The headers that stand with a line in the middle of torn text; None where the text is not torn.

        Not where numbers are heaped. What has neither comma nor full stop and stands between the halves of a
        sentence is a header, though it stand there only once.
        """
        gap = self.gap(place)
        after = gap + (gap < len(self.texts) and self.texts[gap] == place)
        is_headed = any(self.headed[max(place - 2, 0) : place + 3])  # so no other header is looked for
        for skipped in range(1 if is_headed else MAX_HEADER_LINES + 1):
            for above in range(skipped + 1):
                first, last = gap - 1 - above, after + skipped - above
                if first < 0 or last >= len(self.texts):
                    continue
                heads = [*self.texts[first + 1 : gap], *self.texts[after:last]]
                if all(self.may_be_header(self.lines[head]) for head in heads):
                    a, b = self.texts[first], self.texts[last]
                    if self.is_torn(a, b, strict):
                        numbers = bisect.bisect_left(self.bare, b) - bisect.bisect_right(self.bare, a)
                        return heads if numbers <= 1 else None
        return None

    def may_be_header(self, line: str) -> bool:
        """Whether a line between the halves of a sentence can be no part of it, nor a heading of what follows."""
        is_row = bool(self.full) and width(line) >= self.full - LONGEST_MARKS  # of the wrapped text itself
        return is_short_line(line) and not (_mark.search(line) or is_heading(line) or is_row)

    def is_torn(self, a: int, b: int, strict: bool) -> bool:
        """Whether line `a` breaks off and line `b` goes on with it; if not `strict`, `a` may be a single clause."""
        before, after = self.lines[a].rstrip(), self.lines[b]
        if ends_sentence(before) or is_heading(after) or INDENT.match(after) or not _mark.search(after):
            return False
        if self.full:
            return width(before) >= self.full - LONGEST_MARKS
        is_running = re.search("[。！？；]" if strict else "[。！？；，、]", before[:-1])
        return bool(is_running and width(before) >= MIN_TORN_WIDTH and _goes_on.match(after))

    def is_page_between(self, a: int, b: int) -> bool:
        """Whether as much text as a page holds stands between two lines."""
        lines = bisect.bisect_left(self.texts, b) - bisect.bisect_left(self.texts, a)
        return lines >= MIN_PAGE_LINES or self.sizes[b] - self.sizes[a] >= MIN_PAGE_CHARACTERS

    def runs(self, values: dict[int, int]) -> list[list[int]]:
        """The lines whose numbers count up by one, a page apart; most runs hold one line."""
        by_next: dict[int, list[int]] = {}
        found: list[list[int]] = []
        for place, value in values.items():
            run = by_next.pop(value, None)
            if run is None or not self.is_page_between(run[-1], place):
                run = []
                found.append(run)
            run.append(place)
            by_next[value + 1] = run
        return found

    def are_numbered_by(self, run: list[int], values: dict[int, int]) -> bool:
        """Whether a run of bare numbers counts pages."""
        if any(self.tear(place) is not None for place in run):
            return True
        # What stands before the second part of a text is no title, so less will do to show that it is torn.
        later = [place for place in run if values[place] > 1]
        torn = sum(self.tear(place, strict=False) is not None for place in later)
        alone = len(run) == 1 and not {values[run[0]] - 1, values[run[0]] + 1} & self.values
        if (torn >= 2 and 3 * torn >= len(later)) or (torn and alone):
            return True
        if len(run) > 1 and all(any(self.headed[max(place - 2, 0) : place + 3]) for place in run):
            return True
        ends_text = self.gap(run[-1]) == len(self.texts) and self.is_page_between(0, run[0])
        return len(run) >= MIN_RUN and ends_text  # a section's number stands before its text, so it is never the last

    def are_headed_by(self, places: list[int]) -> bool:
        """Whether running headers that count up stand a page apart, and in a tear at least once."""
        apart = all(self.is_page_between(a, b) for a, b in itertools.pairwise(places))
        return apart and any(self.tear(place) is not None for place in places)


def headers_that_count(lines: list[str]) -> list[list[int]]:
    """Lines that may be running headers with the number of their page: alike but for one number, which counts up.

    >>> headers_that_count(["青石文物 第3期 191", "水渠修好了。", "青石文物 第3期 192", "青石文物 第3期 193"])
    [[0, 2, 3]]
    """
    alike: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if is_short_line(line) and re.search(r"\d", line):
            key = re.sub(r"\d+", "0", re.sub(r"\s+", " ", line.strip()))
            if len(header_key(key)) >= MIN_NUMBERED_HEADER:
                alike.setdefault(key, []).append(place)
    return [places for places in alike.values() if len(places) >= MIN_RUN and counts_up(lines, places)]


def counts_up(lines: list[str], places: list[int]) -> bool:
    """Whether of the numbers in some lines all are alike but one, which rises by one, or by two on even pages."""
    numbers = zip(*(map(int, re.findall(r"\d+", lines[place])) for place in places), strict=True)
    rising = [column for column in numbers if len(set(column)) > 1]
    return len(rising) == 1 and all(1 <= b - a <= 2 for a, b in itertools.pairwise(rising[0]))


def running_headers(lines: list[str], found: list[bool]) -> list[bool]:
    """For each line, whether it is a running header: it stands beside furniture at least twice, but for its digits."""
    headers = [False] * len(lines)
    texts = [place for place, line in enumerate(lines) if line.strip()]
    for _ in range(MAX_HEADER_LINES):
        beside: set[int] = set()
        for before, after in itertools.pairwise(texts):
            marked = [found[place] or headers[place] for place in (before, after)]
            if marked[0] != marked[1]:
                beside.add(after if marked[0] else before)
        short = [place for place in beside if is_short_line(lines[place])]
        seen = Counter(header_key(lines[place]) for place in short)
        keys = {key for key, count in seen.items() if count >= 2 and len(re.findall(r"\w", key)) >= MIN_HEADER}
        new = [place for place in short if header_key(lines[place]) in keys]
        if not new:
            break
        for place in new:
            headers[place] = True
    return headers


def is_short_line(line: str) -> bool:
    """Whether a line is as short as a running header, its gaps left out, and no sentence."""
    return len(line) <= 5 * MAX_HEADER and len("".join(line.split())) <= MAX_HEADER and "。" not in line


def header_key(line: str) -> str:
    """A running header without what changes from page to page: the page. A date does not, so dates differ."""
    return line.strip() if _date.fullmatch(line.strip()) else _numeral.sub("", line)
