"""What a web page adds to a text: share and toolbar lines, and editor credits. They are known by their words.

What a printed page adds, its number and its running header, is known by what stands around it: see `pages`.
"""

import itertools
import re
from collections.abc import Iterator

from cleaner.document import Change
from cleaner.lines import HAN, open_lines
from cleaner.patterns import compile_later

# Each line can be read in one way only, or its repeats are possessive: hostile ones would hardly end otherwise.
_gap = r"[ \u3000\u00a0|｜│·/]*+"
_platform = (
    "微信好友|微信|朋友圈|新浪微博|腾讯微博|微博|QQ好友|QQ|空间|人人网|豆瓣|百度贴吧|贴吧|今日头条|头条|抖音|邮件|更多"
)
_sure_item = rf"""分享[让讓]更多人看到
    | (?:微信)?扫一扫[，,]?\ ?(?:在手机(?:上)?打开(?:当前页面?|本页)|分享(?:到|至|给)?(?:朋友圈|好友|手机)?)
    | (?:用微信)?扫(?:描|码)二维码分享(?:到|至)(?:手机|微信|好友和朋友圈|朋友圈)
    | 分享(?:到|至)[:：][ \u3000]*(?:(?:{_platform}){_gap})*+
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
_value = r"[^\s:：，。！？!?()（）【\[]{0,24}(?<![|｜])(?:[ ]\d\d[:：]\d\d(?:[:：]\d\d)?)?"
_field = rf"[\u4e00-\u9fff]{{2,5}}[ \u3000]?[:：][ \u3000]*+{_value}"
_count = "(?:点击|浏览|阅读|访问)(?:量|数|次数|率)"
SHARE_LINE = compile_later(  # a whole line, or its tail after a full stop
    rf"(?:^|(?<=[。！？!?”」）)]))[ \u3000]*(?P<sure>(?:(?:{_sure_item}|{_item}){_gap})++)$", re.VERBOSE
)
TOOLBAR = compile_later(rf"[ \u3000]*(?:(?:{_item}){_gap}){{2,}}+")
PAGER = compile_later(rf"[ \u3000]*(?:(?:[\[［【]?(?:{_pager})[\]］】]?|\d|\.{{3}}|…)[ \u3000|｜>»<«→←-]*+){{2,}}+")
COUNTER_BAR = compile_later(
    rf"""[ \u3000]*(?:{_field}(?:[ \u3000|｜]++|$|(?<=[ \u3000])|(?=[【\[（(]))){{2,}}
    (?:(?:{_sure_item})[ \u3000]*)*+""",
    re.VERBOSE,
)
NEIGHBOURS = compile_later(
    r"[ \u3000]*(?:[<«←◀]\ ?)?[上下]一?[篇条條][ \u3000]?[:：][^。！？]{0,80}"
)  # of an article on its site
_sure = compile_later(_sure_item, re.VERBOSE)
_toolbar_word = compile_later("打印|[关關][闭閉]|收藏|[纠糾][错錯]|分享|复制链接|举报|字[体體号號]")
_pager_word = compile_later("上一[章页篇]|下一[章页篇]")
_counted = compile_later(rf"{_count}[ \u3000]?[:：][ \u3000]*\d+(?:次|人次)?(?!\d|万)")
_published = compile_later("(?:发布|來源|来源|作者|时间|日期|编辑|部门|单位)[\u4e00-\u9fff]{0,2}[ \u3000]?[:：]")
LONGEST_SHARE_LINE = 120  # characters; what is longer is no share line, and need not be searched
_share_words = compile_later(
    "分享|扫一扫|二维码|当前页|大 ?中|小 ?中|字[体體号號]|打印|关[闭閉]|關[闭閉]|纠[错錯]|糾[错錯]|收藏|顶部|頂部"
    "|第 ?[（(]|上一[章页篇]|下一[章页篇]|点击|浏览|阅读|访问"  # that all begin with a character makes it fast
)

SHARE_PAIRS = (  # each of these words begins with one of these and one of those, maybe with a space between
    *(
        ("分", "享"),
        ("扫", "一"),
        ("二", "维"),
        ("当", "前"),
        ("大小", "中"),
        ("字", "体體号號"),
        ("打", "印"),
        ("收", "藏"),
    ),
    *(("关關", "闭閉"), ("纠糾", "错錯"), ("顶頂", "部"), ("第", "（("), ("一", "章页篇"), ("点", "击"), ("浏", "览")),
    *(("阅", "读"), ("访", "问")),
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
CREDIT = compile_later(
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
CREDIT_SIGNS = "编編校审監监统"
_credit_words = compile_later("编|編|校|审|監|监制|统筹")
_sentence_end = compile_later("[。！？!?”」』）)…]")


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
