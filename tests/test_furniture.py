"""What a page adds to a text: toolbars, credits, page numbers and running headers; and what only looks like them."""

import itertools
import random
from collections.abc import Callable, Iterator

import pytest

from cleaner.document import Edits, Rule, apply
from cleaner.repair.furniture import remove_editor_credits, remove_share_lines
from cleaner.repair.pages import find_furniture, repeated_lines
from cleaner.repair.seams import remove_page_numbers
from tests.test_jump_lines import forms

SHARE_LINES = """
分享让更多人看到|分享讓更多人看到|分享到：|分享到：微信 微博 QQ空间|分享到: 新浪微博 ¦ 腾讯微博 ¦ 人人网
分享至 微信 朋友圈|扫一扫在手机打开当前页|扫一扫，在手机上打开当前页面|微信扫一扫分享到朋友圈|扫描二维码分享到手机
【字体：大 中 小】|[字体:小 中 大]|【大 中 小】|字号：[ 大 中 小 ]|【字体： 】大中小【打印内容】【内容纠错】
打印本页 关闭窗口|打印 关闭|【打印】【关闭】|[打印] [关闭]|收藏 纠错|打印 ¦ 收藏 ¦ 分享|返回顶部|第(1/3)页
上一章 目录 下一章|首页 上一页 1 2 3 下一页 尾页|上一篇 返回列表 下一篇
发布时间：2020-05-03 来源：青石镇政府 浏览次数：123|来源：青石镇 作者：何山 点击量：1024次 【字体：大 中 小】
"""
NO_SHARE_LINES = """
欢迎分享让更多人看到哦，谢谢。|打印本页数据|请打印本页，再关闭窗口。|打印|分享|收藏 研究|大 中 小|微信 微博
分享到朋友圈的人越来越多。|分享到：这一次我们看到了什么。|扫一扫门前的雪|点击量：5000次|来源：青石镇政府
来源：青石镇 作者：何山|目录|下一章|首页|上一篇文章讲过水渠。|他站在第(1/3)页的地方。|关闭|收藏：一个人的爱好
阅读量：10万|时间：2020-05-03 地点：青石镇
"""
CREDITS = """
(责编：何山、林小河)|（编辑 李莉）|（责任编辑：何山）|责任编辑：何山|责编：何　山|【编辑:何山】|[责任编辑：何山]
（编辑：何山 校对：林小河）|责任编辑：何山 校对：林小河|编辑：何山|编辑：何山 审核：林小河|責任編輯：何山
责任编辑 何山|校对：何山|【责任编辑:heshan01】|（责编：何山，林小河）
"""
NO_CREDITS = """
（编辑手记）|（编辑部）|他当过编辑。|编辑：请你再说一遍。|责任编辑：这篇稿子是谁写的？|（记者 何山）|来源：青石日报
版式设计：何山|（作者为青石出版社编辑）|编辑何山说，水渠修好了。|校对工作从今天开始|（何山系本报编辑）|责任编辑制度
（编辑、校对）|（本报记者何山）|何山（编辑）
"""
PARAGRAPHS = (  # written for this test
    "镇里修好了水渠，大家都高兴。今年又种下两千多棵果树，乡亲们都说好，秋天要请邻村的人来看。",
    "何山说：“水来了，树就活了。”他在渠边走了一上午，把每一道闸都看了一遍，又在本子上记下几个数字。",
    "从前浇一亩地要半天。现在打开闸门，一顿饭的工夫就够了；省下的时间，有人去学修剪，有人去镇上做工。",
    "图书室也搬了新地方。窗子朝南，桌子是木匠老林做的，冬天太阳能晒到最里面一排书架。",
)
FORMS: dict[str, Callable[[int], str]] = {
    "- 3 -": lambda page: f"- {page} -",
    "— 12 —": lambda page: f"— {page} —",
    "·5·": lambda page: f"·{page}·",
    "第 3 页 共 9 页": lambda page: f"第 {page} 页 共 99 页",
    "3/12": lambda page: f"{page}/99",
    "1 / 25": lambda page: f"{page} / 99",
    "bare": str,
    "indented": lambda page: " " * 40 + str(page),
    "comment": lambda page: f"<!-- 第 {page} 页 -->",
    "roman": lambda page: ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"][page - 1],
}
HEADERS: dict[str, Callable[[int], list[str]]] = {
    "none": lambda page: [],
    "one": lambda page: ["供水站年度报告"],
    "gap": lambda page: ["青石镇自来水股份有限公司" + " " * 30 + "年度报告"],
    "dated": lambda page: ["青石日报", f"2020年5月{page}日 第{page}版"],
    "alternating": lambda page: ["青石镇志" if page % 2 else "第三章 水利"],
    "numbered": lambda page: [f"{page}  青石镇志"],
}


def applied(rule: Rule, text: str) -> str:
    return apply(text, Edits.of(rule.__name__, text, rule(text)))


@pytest.mark.parametrize("line", forms(SHARE_LINES))
def test_a_toolbar_goes_with_its_line(line: str) -> None:
    line = line.replace("¦", "|")  # which parts the forms
    assert applied(remove_share_lines, f"水渠修好了。\n{line}\n秋天再看。") == "水渠修好了。\n秋天再看。"


@pytest.mark.parametrize("line", forms(NO_SHARE_LINES))
def test_words_of_a_toolbar_in_a_text_stay(line: str) -> None:
    for text in (line, f"水渠修好了。\n{line}\n秋天再看。", f"水渠修好了。\n{line}", f"水渠修好了。{line}"):
        assert applied(remove_share_lines, text) == text


def test_the_articles_before_and_after_are_named_in_the_last_lines_only() -> None:
    links = "上一篇：青石镇的水渠\n下一篇：没有了"
    assert applied(remove_share_lines, f"水渠修好了。\n{links}\n打印 关闭") == "水渠修好了。"
    assert applied(remove_share_lines, f"{links}\n水渠修好了。") == f"{links}\n水渠修好了。"


@pytest.mark.parametrize("line", forms(CREDITS))
def test_a_credit_goes_from_the_end(line: str) -> None:
    assert applied(remove_editor_credits, f"水渠修好了。\n{line}") == "水渠修好了。"
    assert applied(remove_editor_credits, f"水渠修好了。\n{line}\n校对：林小河\n") == "水渠修好了。\n"
    assert applied(remove_editor_credits, f"{line}\n水渠修好了。") == f"{line}\n水渠修好了。"


@pytest.mark.parametrize("line", forms(NO_CREDITS))
def test_words_about_editors_stay(line: str) -> None:
    assert applied(remove_editor_credits, f"水渠修好了。\n{line}") == f"水渠修好了。\n{line}"


def test_a_credit_behind_the_last_sentence_leaves_the_sentence() -> None:
    assert applied(remove_editor_credits, "水渠修好了。（责编：何山）") == "水渠修好了。"


def paged(lines: list[str], form: str, header: str, rng: random.Random) -> tuple[list[str], set[int]]:
    """Lines with a page number every 20 to 40 of them, half of them within a paragraph; and where furniture stands."""
    pages: list[str] = []
    furniture: set[int] = set()
    page, left = 1, rng.randrange(20, 41)
    for line in lines:
        left -= 1
        place = rng.randrange(len(line) // 3, 2 * len(line) // 3) if len(line) > 60 and rng.random() < 0.5 else 0
        if left > 0 or page > 12:
            pages.append(line)
            continue
        blank = [""] * rng.randrange(2)
        pages += [line[:place]] * bool(place) + blank
        added = [FORMS[form](page), *HEADERS[header](page)]
        furniture.update(range(len(pages), len(pages) + len(added)))
        pages += [*added, *blank, line[place:]]
        page, left = page + 1, rng.randrange(20, 41)
    return pages, furniture


def measured(texts: list[list[str]], form: str, header: str) -> tuple[int, int, int]:
    """How many lines of furniture there are, how many of them are found, and how many others are marked."""
    rng = random.Random(f"{form} {header}")
    there = found = wrong = 0
    for text in texts:
        lines, furniture = paged(text, form, header, rng)
        marked = {place for place, is_furniture in enumerate(find_furniture(lines).is_there) if is_furniture}
        there, found, wrong = there + len(furniture), found + len(furniture & marked), wrong + len(marked - furniture)
    return there, found, wrong


def written_texts() -> Iterator[list[str]]:
    rng = random.Random(1)
    for _ in range(20):
        yield ["青石镇的水渠", *("".join(rng.sample(PARAGRAPHS, 2)) for _ in range(150))]


@pytest.mark.parametrize(("form", "header"), list(itertools.product(FORMS, HEADERS)))
def test_page_numbers_and_running_headers_are_found(form: str, header: str) -> None:
    there, found, wrong = measured(list(written_texts()), form, header)
    # Without a header a bare number has the torn sentences only to show what it is, and half are between sentences.
    floor = 0.85 if header == "none" and form in ("bare", "indented", "roman") else 0.98
    assert (found >= floor * there, wrong) == (True, 0)


@pytest.mark.parametrize(
    "headings",
    [
        ["1", "2", "3", "4"],
        ["一", "二", "三", "四"],
        ["2017", "2018", "2019", "2020"],
        ["I", "II", "III", "IV"],
        ["1/3"] * 4,
    ],
)
def test_numbers_that_head_a_part_are_no_page_numbers(headings: list[str]) -> None:
    lines = ["青石镇的水渠"]
    for heading in headings:
        lines += [heading, *PARAGRAPHS * 3]
    assert not any(find_furniture(lines).is_there)


@pytest.mark.parametrize("number", ["— {} —", "·{}·", "{}/4", "第{}页"])
@pytest.mark.parametrize("columns", [0, 30])
def test_numbers_over_whole_sections_stay(number: str, columns: int) -> None:
    """Nothing is cut at them, and one stands before all text; wrapped text may have sections, too."""
    rng = random.Random(1)
    lines = []
    for section in range(1, 5):
        paragraphs = ["\u3000\u3000" + "".join(rng.sample(PARAGRAPHS, 2)) for _ in range(1 if "页" in number else 6)]
        lines += [number.format(section), "", *(rows(paragraphs, columns) if columns else paragraphs), ""]
    assert applied(remove_page_numbers, "\n".join(lines)) == "\n".join(lines)


def rows(paragraphs: list[str], columns: int) -> list[str]:
    return [line[start : start + columns] for line in paragraphs for start in range(0, len(line), columns)]


@pytest.mark.parametrize(
    "numbers",
    [
        ["第 1 页 共 2 页", "第 2 页 共 2 页"],
        ["Page 1 of 2", "Page 2 of 2"],
        ["<!-- 第 1 页 -->", "<!-- 第 2 页 -->"],
        ["1 / 2", "2 / 2"],
        ["- 1 -", "- 2 -"],
        ["7", "8"],
    ],
)
def test_pages_that_end_with_a_paragraph(numbers: list[str]) -> None:
    """Nothing is torn; but a section's number is never the last line."""
    pages = [*PARAGRAPHS * 3, numbers[0], *PARAGRAPHS * 3, numbers[1]]
    assert applied(remove_page_numbers, "\n".join(pages)) == "\n".join(PARAGRAPHS * 6)


@pytest.mark.parametrize("header", ["青石镇志", "青石日报 2020年5月3日", "供水站年度报告" + " " * 20 + "第三章"])
def test_a_header_without_a_number_is_known_by_the_tears(header: str) -> None:
    text = "青石的水渠\n" + "".join(PARAGRAPHS * 8)
    pieces = [text[start : start + 420] for start in range(0, len(text), 420)]
    marked = find_furniture(f"\n{header}\n".join(pieces).split("\n"))
    assert (sum(marked.is_there), marked.is_sure) == (len(pieces) - 1, True)


def test_what_stands_again_in_a_text_that_stands_twice_is_no_header() -> None:
    lines = ["青石镇人民政府关于修好水渠", "的通知", *PARAGRAPHS * 3] * 2
    assert not any(find_furniture(lines).is_there)
    wrapped = ["青石镇人民政府关于修好水渠种好果树", "的通知", *rows(list(PARAGRAPHS * 3), 17)] * 2
    assert not any(find_furniture(wrapped).is_there)


def test_the_second_half_of_a_title_is_no_header() -> None:
    title = ["青石镇人民政府关于修好水渠、种好果树", "的通知"]
    lines = [*PARAGRAPHS, *title, "12", "各村村民委员会，镇直各单位", *PARAGRAPHS]
    assert not any(find_furniture(lines).is_there)


@pytest.mark.parametrize(
    "line", ["咨询电话\n0571-8602220\n220", "3 - 2", "2019\n2020", "1.5", "第3页的插图", "三", "3/5"]
)
def test_other_lines_with_numbers_stay(line: str) -> None:
    text = "\n".join([*PARAGRAPHS * 3, *line.split("\n"), *PARAGRAPHS * 3])
    assert applied(remove_page_numbers, text) == text


def test_numbers_in_a_table_are_no_page_numbers() -> None:
    lines = [*PARAGRAPHS, "各组种下的果树，单位是棵。见下表", "12", "13", "14", "合计", "39", *PARAGRAPHS]
    assert not any(find_furniture(lines).is_there)


def test_a_heading_that_counts_up_is_no_running_header() -> None:
    lines = [line for number in range(1, 6) for line in (f"第{number}阶段目标任务", *PARAGRAPHS * 3)]
    assert not any(find_furniture(lines).is_there)


@pytest.mark.parametrize("rule", [remove_share_lines, remove_editor_credits])
@pytest.mark.parametrize(
    "piece",
    [
        "分享到：微信 ",
        "打印 关闭\n",
        "责任编辑：何山\n",
        "（编辑 何山）",
        "何山 ",
        "\n",
        "上一篇：何山\n",
        "来源：何山 ",
    ],
)
def test_long_texts_of_one_piece_are_gone_through(rule: Rule, piece: str) -> None:
    """Sizes at which a quadratic pass would not end while one waits; what goes is a whole line or a tail."""
    done = applied(rule, piece * 20_000)
    assert len(done) <= len(piece) * 20_000
    assert applied(rule, done) == done


@pytest.mark.parametrize("line", ["12", "— 12 —", "3/12", "供水站年度报告", "青石文物 第3期 191", ""])
@pytest.mark.parametrize("other", ["水渠修好了", ""])
def test_many_lines_of_one_kind_are_gone_through(line: str, other: str) -> None:
    """A number of lines at which a quadratic pass would not end while one waits."""
    found = find_furniture([PARAGRAPHS[0][:-4], *[line, other] * 20_000, PARAGRAPHS[0]]).is_there
    assert len(found) == 40_002
    assert not (found[0] or found[-1])


def test_dates_of_a_chronology_are_no_running_headers() -> None:
    """They are alike but for their digits, and every page begins with one."""
    years = [[f"{2005 + year}年10月12日", f"这一年{year}月，水渠又修了一段，从后山通到了梯田。"] for year in range(6)]
    lines = [line for number, year in enumerate(years, 1) for line in (*year, f"— {number} —")]
    found = find_furniture(lines).is_there
    assert [line for line, marked in zip(lines, found, strict=True) if marked] == [f"— {n} —" for n in range(1, 7)]


def test_a_number_with_a_space_in_it_counts_up_like_any_other() -> None:
    lines = ["青石文物 第 1 2 期", "水渠修好了。", "青石文物 第13期"]
    assert repeated_lines(lines, {}) == [[0, 2]]
    assert repeated_lines(["青石文物 第 1 2 期", "水渠修好了。", "青石文物 第15期"], {}) == []
    assert repeated_lines(["2  2019年年度报告全文", "水渠修好了。", "3  2019年年度报告全文"], {}) == [[0, 2]]
