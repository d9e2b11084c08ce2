"""The words of jump lines, and how they are put together, as patterns; `jump_lines` decides where they count.

Most text has nothing like a jump line. So the lines that may have one are found in the whole text first, by the few
characters that every jump line has (`lines_with_signs`).

Written against 103 variants and 31 look-alikes that were collected from newspapers, journals and code; see
docs/decisions.md. No pattern sees a line as it is: `FOLD` comes first.
"""

import re
from collections.abc import Iterator

from cleaner.patterns import compile_later

# Patterns see a line through this: every width of letters, digits, brackets and spaces is one, and the traditional
# forms of the words of jump lines are simplified. It maps characters one to one, so offsets stay what they are.
FOLD = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "\t\r\f\v\x85\u2028\u2029\u3000\u00a0\u202f"), " ")
    | dict.fromkeys(range(0x2000, 0x200B), " ")  # en quad to hair space
    | dict.fromkeys(map(ord, "—–‒―−﹣"), "-")
    | dict.fromkeys(map(ord, "〜∼"), "~")
    | str.maketrans(
        "【〔〖〘】〕〗〙〈〉壹贰貳叁參肆伍陆陸柒捌玖拾緊轉續頁張報頭聞圖欄縫疊專題餘請點擊繼閱讀後節見連載內",
        "(((())))《》一二二三三四五六六七八九十紧转续页张报头闻图栏缝叠专题余请点击继阅读后节见连载内",
    )
)


def spaced(words: str) -> str:
    """A pattern for any of some words, whose characters may be set wide: 上 接."""
    return "|".join(" {0,3}".join(word) for word in words.split())


STRONG_BACK = spaced("上接 紧接 上文接 文接 上续")
STRONG_FORWARD = spaced("下转 下文转 文转 紧转 下续 下接")
WEAK_BACK = spaced("续接 接续 承接 转自 接自 续自 上转 接 续")
WEAK_FORWARD = spaced("续见 续转 续至 转")
SECTION = r"(?:[A-Z]{1,2} ?叠? ?-? ?|封|特刊?|副刊|(?:要闻|国际|国内|体育|财经|经济|专题|综合) ?·? ?)"
NUMERAL = (
    r"(?:[0-9](?: ?[0-9]){0,3}(?:[Xx×])?|[一二三四五六七八九十百零〇○两廿](?: ?[一二三四五六七八九十百零〇○两廿]){0,4}"
    r"|[①-⑳⑴-⒇Ⅰ-Ⅻ]|[IVX]{1,5}"
    r"|[XYN×*?□_]{1,3}|0X|\$?\{\w{1,8}\})"  # the last: written by somebody who had no number yet
)
UNIT = r"(?:版面|版(?![本权税块式画图])|页(?![码眉脚边])|面(?![\u4e00-\u9fff])|张(?![\u4e00-\u9fff])|栏(?!目))"
NUMERALS = rf"{NUMERAL}(?: ?{UNIT}? ?[-~、,/和及与至] ?(?:第 ?)?{SECTION}?{NUMERAL}){{0,4}}"
_date = "本报|[今昨前]日|[0-9]{4} ?年|[0-9]{1,2} ?月|[0-9]{1,2} ?日"
_issue = rf"(?P<issue>(?:(?:{_date}|第? ?{NUMERAL} ?[期卷号]) ?,?){{1,4}})"
PAGE = (
    rf"(?:{_issue})?(?:第 {{0,3}})?(?P<page>{SECTION}?{NUMERALS}|(?:[头首封末底]|要 ?闻|[A-Z](?: ?叠)?)(?= ?{UNIT}))"
    rf" {{0,3}}{UNIT}(?: ?中缝)?"
    r"|(?P<cover>封 ?[一二三四1-4底面里]|中缝|插页|[背反]面)(?! ?[\u4e00-\u9fff])"
    r"|(?:第 ?)?(?P<lettered>[A-Z]{1,2}[ .-]?[0-9]{1,3})(?![0-9A-Za-z.])(?! ?[\u4e00-\u9fff])"
    r"|(?P<neighbour>[上下前后] ?一?|[次本同]) ?[页版](?![本码])"
    r"|第 {0,4}[版页面](?![\u4e00-\u9fff])| {0,3}[版页](?= {0,3}[)\]])"  # the number was lost: （下转第 页 ）
)
_turn = (
    rf"(?:(?:(?P<strong_back>{STRONG_BACK})|(?P<strong_forward>{STRONG_FORWARD})"
    rf"|(?P<weak_back>{WEAK_BACK})|(?P<weak_forward>{WEAK_FORWARD}))(?: ?[至到入见])? ?:? {{0,3}}(?:{PAGE})"
    r"|(?P<sheet>续 ?[页表](?! ?[\u4e00-\u9fff0-9])|[续接] ?[上前] ?表|承 ?上 ?页|(?P<turned>[上下前后]) ?页 ?[续接])"
    r"|(?:to be )?continued (?P<preposition>on|from) (?:page|p\.?) ?(?P<english>[A-Z]?[0-9]{1,4}))"
)
# To make a set of ideographs blind to case, each of them would be asked for its cases; they have none.
_turn = re.sub(r"\[\\u4e00-\\u9fff(?:0-9)?\]", r"(?-i:\g<0>)", _turn)
TURN = compile_later(_turn, re.IGNORECASE)
BETWEEN_TURNS = compile_later(" {0,3}[,;、/|·-]? {0,3}")  # nothing in it begins a turn, so it is never too long
MOST_TURNS = 4  # in one jump line
POINTERS = "▲△▶▷►◀◁◄◆◇■●★☆☞☜→←↓↑➡⬅⇒⇐⤻»«<>"  # what is no list mark and no dash
ARROW = rf"[{POINTERS}□○*_…·.~-]"
PREFIX = (
    r"(?:报道|文章|全文|本文|此文|该文|正文|上文|下文|余文|余下|内容|表格跨页|[左右中]栏|图片|图文|新闻|消息|续|未完(?:待续)?|请)"
    r" ?[,:、·-]? ?"
)
BEFORE = compile_later(rf"(?:[(\[] ?)?(?:{ARROW} ?){{0,4}}(?:{PREFIX})?$")
AFTER = compile_later(rf" {{0,3}}(?:{ARROW} ?){{0,4}}[)\]]?")
OPENING = compile_later(
    rf"(?P<open>[(\[《「『{{]) {{0,3}}(?:{ARROW} ?){{0,3}}"
    r"(?:" + PREFIX + r"|(?P<before>[^()\[\],。;!?]{1,30}?(?:(?<=》)| ?[,:·|-] ?| +)))?$"
)
CLOSING = compile_later(
    r"(?: {0,3}(?:(?:[,:;·、|/-]|(?= [^ ])|(?=[《“\"])) ?(?P<title>[^()\[\]。!?]{1,40}?)"
    r"|(?![的中内处里之所后前起])[\u4e00-\u9fff]{1,12}))?"
    rf" {{0,3}}(?:{ARROW} ?){{0,3}}。?(?P<close>[)\]])| {{0,3}}(?P<pair>[》」』}}])"
)
PAIRS = {
    "{": "}",
    "《": "》",
    "「": "」",
    "『": "』",
}  # brackets that quote, and so hold a jump line only on a line of its own
_serial = r"未 {0,2}完 {0,2}待 {0,2}续|本 ?[章节回篇文集] ?未 ?完"
SERIAL = compile_later(rf"\( ?(?:(?P<sure>{_serial})|未 ?完|待 ?续)(?:[,。;:!….·、\ -][^()]{{0,60}})?\)")
SERIAL_LINE = compile_later(  # a line of its own, or its tail after a full stop
    rf"""(?:{ARROW}\ ?){{0,6}}(?:{_serial}|(?:本小?[章节回]|内容)[还還]?未完(?:[,、\ ]?下一页继续(?:阅读)?)?
      | [^()。]{{0,20}}(?:未完|没有结束|[后还]有)[^。]{{0,12}}点击下一[页章][^。]{{0,24}}
      | 本[章节回]未完[^。]{{0,8}}(?:下一[页章]|翻页)[^。]{{0,16}}
      | 请?点击下一[页章]继续阅读
    )[。!]?\ ?(?:{ARROW}\ ?){{0,6}}""",
    re.VERBOSE,
)
MENTIONED_BEFORE = compile_later(
    r"(?:写[着有道明]|[标印注][着有明以]|标注|加[上注]|出现|看到|所谓|例如|比如|诸如|[,、。:(]如|^如|叫做?|称为|搜索|匹配|识别|删[除掉]|去掉"
    r"|包含|遇到)了? ?:? ?$"
)
MENTIONED_AFTER = compile_later(
    r" ?等?(?:字[样眼]|标[记识志注]|提示|之类|等字|几个字|[二四]字|这[样类种]|一类"
    r"|的(?:字|标|提示|说法|符号|做法|形式|方式|文字|格式|链接))"
)
MARKUP = " \t\r\f\v\u3000\u00a0\u2028#>*_-."
SENTENCE_END = compile_later("[。！？!?…；;”’」』）)][ \u3000]*$")
VERBS = "接转轉续續承"
UNITS = "版页頁面张張栏欄表缝縫封0-9A-ZＡ-Ｚ０-９"
HINT = compile_later(  # on the line as it is, to pass by most lines
    rf"[{VERBS}][^\n]{{0,14}}?[{UNITS}]"
    r"|[页頁][ \u3000]?[续續接]|未[ \u3000]{0,3}完|待[ \u3000]?[续續]|下一[页頁章]|continued",
    re.IGNORECASE,
)
# The same, closer to the grammar, for a whole text: what follows a verb must begin a page. One pattern for each sign,
# since what begins with one character is searched for many times as fast as what begins with one of several.
_space = "[ \\t\\r\\f\\v\\x85\\u2028\\u2029\\u3000\\u00a0\\u202f\\u2000-\\u200a]"
_one_begins = (  # a page, by itself
    r"0-9０-９A-Za-zＡ-Ｚａ-ｚ\u0130\u0131\u017f\u212a①-⑳⑴-⒇Ⅰ-Ⅻⅰ-ⅻ×*＊?？□_＿$＄{｛第版表页頁头頭首封末底插背反特副体财经专综"
    r"一二三四五六七八九十百零〇○两廿壹贰貳叁參肆伍陆陸柒捌玖拾專"
)
NEIGHBOURS, RESTS = "上下前后後次本同今昨要国國中", "页頁版表报報日闻聞际內内際缝縫"  # with another one soon
_begins_page = (
    rf"[上下前后後次本同]{_space}?一?{_space}?[页頁版表]|本[报報]|[今昨前]日|要{_space}?[闻聞]|国[际內内際]|中[缝縫]"
    rf"|[{_one_begins}]"
)
BEGINS, LINK = compile_later(f"[{_one_begins}]"), compile_later(f"{_space}|[自见見至到入:：]")
_link = rf"(?:{LINK.pattern}){{0,12}}"
TURN_SIGNS = {  # of a jump line that names a page
    **{verb: compile_later(rf"{verb}{_link}(?:{_begins_page})") for verb in "接转轉续續"},
    "承": compile_later(rf"承{_space}?上"),
    **{page: compile_later(rf"{page}{_space}?[续續接]") for page in "页頁"},
    **{letter: compile_later(f"{letter}[oOｏＯ][nNｎＮ][tTｔＴ]") for letter in "cCｃＣ"},
}
SERIAL_SIGNS = {
    "未": compile_later(rf"未{_space}{{0,3}}完"),
    "待": compile_later(rf"待{_space}?[续續]"),
    "下一": compile_later("下一[页頁章]"),
}
SIGNS = TURN_SIGNS | SERIAL_SIGNS
ARROWS_BEFORE = compile_later("(?:[▲△▶▷►◀◁◄☞☜→←➡⬅⇒⇐⤻»«] ?)+$")
ARROWS_AFTER = compile_later("(?: ?[▶▷►→☞➡⇒»])+")
POINTER = compile_later(f"[{POINTERS}]")


SIGN_PAIRS = (  # what SIGNS without a verb begin with: two characters, maybe with spaces between
    ("cCｃＣ", "oOｏＯ"),
    ("一", "页頁章"),
    ("页頁", "续續接"),
    ("未", "完"),
    ("待", "续續"),
)


def lines_with_signs(text: str) -> list[tuple[int, str]]:
    """The lines that may hold a jump line, by a quick look, each with the offset at which it starts.

    >>> lines_with_signs("接着说。\\n（转第3版）\\n他接到电话。")
    [(5, '（转第3版）')]
    """
    found: dict[int, str] = {}
    for sign, pattern in SIGNS.items():
        match = pattern.search(text) if sign in text else None
        while match:
            start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
            end = end if end >= 0 else len(text)
            found[start] = text[start:end]
            match = pattern.search(text, end)
    return sorted((start, line) for start, line in found.items() if HINT.search(line))


def has_sign_of_turn(line: str) -> bool:
    """Whether a line may hold a jump line that names a page.

    >>> has_sign_of_turn("（转第3版）"), has_sign_of_turn("（未完待续）")
    (True, False)
    """
    return any(sign in line and pattern.search(line) for sign, pattern in TURN_SIGNS.items())


def turns_in(folded: str) -> Iterator[list[re.Match[str]]]:
    """What names a page, together with what does so next to it: a jump line may name both directions.

    >>> [[turn.group() for turn in turns] for turns in turns_in("上接1版,下转3版 图 下转4版")]
    [['上接1版', '下转3版'], ['下转4版']]
    """
    turn = TURN.search(folded)
    while turn:
        turns = [turn]
        while turn and len(turns) < MOST_TURNS:
            between = BETWEEN_TURNS.match(folded, turns[-1].end())
            turn = TURN.match(folded, between.end()) if between else None
            turns += [turn] if turn else []
        yield turns
        turn = TURN.search(folded, turns[-1].end())
