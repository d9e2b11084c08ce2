"""Jump lines in the forms that newspapers, journals and serials give them, and what only looks like one."""

import pytest

from cleaner.config import RepairConfig
from cleaner.document import Document, Edits, apply, rewind
from cleaner.repair import repair
from cleaner.repair.jump_lines import find_jumps, remove_jump_lines

# Each a line of its own; written for this test, by the grammar and beside it.
FORMS = """
（上接第5版）|(紧接4版)|（上接第一版）|（上接A08版）|（上接 Ａ ０８ 版）|（上接Ａ０８）|（下转 A08）|（下转要闻2版）
（上接要闻版）|（上接头版）|（下转首版）|（下转封三）|（上接封二）|（下转封底）|（下转中缝）|（下转第2、3版）
（下转第2-3版）|（下转第二、三版）|（下转第2版、第3版）|（下转第二版至第四版）|（上接A01—A03版）|（上接第十二版）
（上接第一百二十三页）|（上接第壹版）|（上接第廿三版）|（下轉第五版）|（緊接第四版）|（續上頁）|（轉下頁）
（接第三版）|（轉第５版）|（下轉第 頁 ）|【上接第3版】|〔下转第2版〕|［下转第2版］|[上接第95页]|「上接第3版」
《上接第3版》|<上接第3版>|〖上接第3版〗|｛上接第3版｝|〈上接第5版〉|(上接第5版】|（上接第5版)|（上接第5版
（ 上 接 第 5 版 ）|（　下转　第　五　版　）|▲上接第5版|▲（上接第5版）|（▲上接第5版）|→下转第5版|下转第5版→
（下转第5版▶）|（下转第四版）▶|☞转第5版|◀◀上接A01版|>>下转A08|★★上接第5版★★|上接第5版|下转第二版|紧接第一版|上接一版
下转2版|上接第5版。|（上接第5版。）|（上接第5版）。|#（上接第95页）|## (上接第95页)|**（上接第5版）**
_（上接第5版）_|> （上接第5版）|(下转第123页 continued on page 123)|（下转第123页）（continued on page 123）
下转第 123 页 (continued on page 123)|(Continued from page 5)|（下转第5版）（下转第5版）|（上接第3版，下转第5版）
上接第3版、下转第5版|（上接第1版/下转第4版）|（上接第3版） （下转第5版）|（下转第版）|（下转版）|（上接第__版）
(上接第  版)|（下转第×版）|（下转第Ⅳ版）|（下转第④版）|（下转T03版）|（下转B叠3版）|（下转第Ａ２版）|（下转Ｐ５）
（下转第5版《水渠修好了》）|（上接第3版·水渠）|（《水渠修好了》上接第3版）|（水渠修好了 下转第3版）
（下转第三版中缝）|（下转第3版左下角）|（下转第3面）|（下转3张）|（未完，下转第5版）|（未完，转第5版）
（未完待续，见第5版）|（下文转第3版）|（上文接第2版）|（全文下转第3版）|报道上接第5版|（续见第五版）|（续第3版）
（续一版）|（接1版）|（转2版）|（下转至第5页）|（转至第五页）|（转自第一版）|（上接2020年第3期第45页）
（上接本报今日第一版）|（文接第3版）|（文转第3版）|（紧转第3版）|（下续第3版）|（下转第五、六两版）|（上接本版）
（下转次页）|（下转背面）|接下页|续上页|续前页 / 下页续|（接下页）|（续下页）|续表|（续表）|（接上表）
续页 / 承上页 / 续表|（未完待续）|（未完，待续）|（待续）|（未完）|未完待续……|——未完待续——
（未完待续。欢迎到站里投推荐票。）|（未 完 待 续）|（未完待續）|本章未完|本节未完|（本章未完）
本章未完，点击下一页继续阅读|（本章未完，请点击下一页继续阅读）|-->>本章未完，点击下一页继续阅读
内容未完，下一页继续阅读|这一章后面还有哦，请点击下一页继续阅读，后面更精彩！|请点击下一页继续阅读
"""
NONE = """
在静态托管上接第三方统计。|上接天气、下接地气。|（转第二幕）|（紧接行动后触发）|粮食产量连续第5年增加。
从线下转移到线上。|（讲话全文见第三版）|详见四版▶|（相关报道见第十版）|（见第5版）|（第3版）|转第五版
一九八五年印行第四版，次年转第五版，由青石书局出版。|1998年修订后转第五版。|水利词典（第三版，接第二版修订）
《水利词典》（续第三版）|见何山《水利》，载《青石文物》1984年第3期（接第3页）。|（转自2001年第3期第5页）
[3] 何山. 水渠考[J]. 水利, 2001, (3): 12-15(接第3页)|[3] 何山. 水渠考[J]. 水利, 2001, (3): 12-15, 转80页
如下引文 [上接第85页]|是否同意？1. 同意 2. 不同意（转第5页）|不同意（转至第5页第12题）|上接第三方|（上接第三方服务）
（上接第三章）|（下转第二卷）|（紧接第2版本发布）|（上接第三版本的讨论）|（上接第五面墙）|（上接第3页的讨论）
上接第3页的内容，我们继续讨论。|- 上接第3页的内容，我们继续讨论。|本文上接第3页的讨论。|写着“（上接第一版）”三个字
“上接第一版”|「（上接第一版）」是什么意思|他寫道：『上接第一版』。|文末的（下转第三版）字样
文末写着（下转第三版）的字样|例如（上接第5版）这样的标记|代码里用 `（上接第5版）` 匹配
if line.startswith("(上接第5版)"):|re.sub('（上接第5版）', '', text)|# 删除 (上接第5版) 这类标记
把线上接第3页的内容删掉|改革开放未完待续|改革，未完待续|他说故事未完待续。|“未完待续”|何山《水渠》（未完）
（未完成）|（未完工程）|（未完待续的故事）|本章未完，作者就去世了。|点击下一页按钮继续。|他还有下一章要写。
续表3-2 各省产量|续表 2|（续完）|（完）|（全文完）|（续）|（上）|（续保）|转下页面后再试|用户从第3页跳转至第5页。
转至第5页|请转至第5页继续填写。|第1页........下转第3页|型号转A08|结转下年继续使用|（接第2张网卡）
（上接A08针脚，下接B02针脚）|打印纸张转第3张|上接第 37 节：蛇的移动|磁盘满（转第 9 章）
"""
IN_TEXT = [
    ("(紧接4版)今年又种下两千棵果树。", "今年又种下两千棵果树。"),
    ("大家都来看。（下转Ａ2版）张三摄", "大家都来看。张三摄"),
    ("(上接C1版)青石水务公告(下转C3版)", "青石水务公告"),
    ("## 水渠修好了（下转第3版）", "## 水渠修好了"),
    ("水渠修好了。**（下转第3版）**", "水渠修好了。"),
    ("上接第5版 修好水渠", "修好水渠"),
    ("◀上接A01版修好水渠", "修好水渠"),
    ("大家都来看。下转第二版", "大家都来看。"),
    ("推动经济（下转第3版）（紧接第1版）的发展", "推动经济的发展"),
    ("（上接第1版）的重要讲话", "的重要讲话"),
    ("参见文献（下转第123 页）[5] 何山", "参见文献[5] 何山"),
    ("建议复核（转下页）", "建议复核"),
    ("推进乡村振兴▶下转第3版", "推进乡村振兴"),
    ("他走了。（未完待续）", "他走了。"),
    ("第三章 相遇（未完待续）", "第三章 相遇"),
    ("他走了。本章未完，点击下一页继续阅读", "他走了。"),
    ("上接第一版（上接第5版）", ""),
    ("# （上接第3版） - （下转第5版）\n水渠修好了。", "水渠修好了。"),
]


def forms(block: str) -> list[str]:
    return [form for line in block.strip().split("\n") for form in line.split("|")]


def cleaned(text: str) -> str:
    return apply(text, Edits.of("remove_jump_lines", text, remove_jump_lines(text)))


@pytest.mark.parametrize("form", forms(FORMS))
def test_a_jump_line_goes_with_its_line(form: str) -> None:
    assert find_jumps(form)
    assert cleaned(f"水渠修好了。\n{form}\n秋天再看。") == "水渠修好了。\n秋天再看。"


@pytest.mark.parametrize("text", forms(NONE))
def test_what_looks_like_a_jump_line_stays(text: str) -> None:
    assert cleaned(text) == text
    assert find_jumps(text) == []


@pytest.mark.parametrize(("before", "after"), IN_TEXT)
def test_a_jump_line_within_a_line(before: str, after: str) -> None:
    assert cleaned(before) == after


def test_nothing_is_found_in_what_was_cleaned() -> None:
    for text in [*forms(FORMS), *(before for before, _ in IN_TEXT)]:
        for whole in (text, f"水渠修好了。{text}", f"{text}秋天再看。", f"{text}\n{text} {text}"):
            assert find_jumps(cleaned(whole)) == [], whole


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("（上接第５版）", [(True, "5", "")]),
        ("（上接第3版，下转第5版）", [(True, "3", ""), (False, "5", "")]),
        ("下转第 X 版 / 上接第 X 版", [(False, "", ""), (True, "", "")]),
        ("（下转第 123 页 continued on page 123）", [(False, "123", "")]),
        ("（上接 Ａ 08 版）", [(True, "A8", "")]),
        ("（上接2020年第3期第45页）", [(True, "45", "")]),
        ("（下转第二版至第四版）", [(False, "2-4", "")]),
        ("（下转第2版、第3版）", [(False, "2,3", "")]),
        ("（转上页）", [(True, "", "")]),
        ("（接下页）", [(False, "", "")]),
        ("（下转第Ⅳ版《水渠修好了》）", [(False, "4", "水渠修好了")]),
        ("（上接头版·水渠修好了）", [(True, "1", "水渠修好了")]),
        ("（《水渠修好了》上接第3版）", [(True, "3", "水渠修好了")]),
        ("（未完待续）", [(False, "", "")]),
    ],
)
def test_what_a_jump_line_says(text: str, facts: list[tuple[bool, str, str]]) -> None:
    assert [(jump.is_back, jump.number, jump.title) for jump in find_jumps(text)] == facts


@pytest.mark.parametrize(
    "piece",
    [
        "（上接第5版）",
        "上接第5版 ",
        "（上接第5版）\n",
        "转而修水渠的方面，",
        "上接第1、",
        "（未完待续 ",
        "`上接第5版`",
        "接\r第\f5\u2028版",
    ],
)
def test_long_texts_of_one_piece_are_gone_through(piece: str) -> None:
    """A size at which a quadratic pass would not end while one waits."""
    done = cleaned(piece * 20_000)
    assert len(done) <= len(piece) * 20_000


@pytest.mark.parametrize("times", range(1, 12))
def test_no_jump_line_remains_where_the_rules_do_not_settle(times: int) -> None:
    """Each credit at the end uncovers a jump line, and each jump line a credit, more often than the rules are run."""
    text = "水渠修好了。" + "（责编：何山）（转第3版）" * times + "（责编：李石）"
    (outcome,) = repair([Document("1", "a.txt", text)], RepairConfig())
    assert find_jumps(outcome.document.text) == []
    assert rewind(outcome.document.text, outcome.edits) == text
    assert outcome.document.continued_on == ""  # it stood in none when the text came
