"""Quick looks at lines against their plain twins: they may be faster, but must not decide otherwise."""

from hypothesis import given
from hypothesis import strategies as st

from cleaner.lines import is_heading, is_table_row, widths_of
from cleaner.repair.furniture import remove_share_lines
from cleaner.repair.jump_lines import find_jumps
from cleaner.repair.seams import text_lines
from tests.reference import looks as plain
from tests.texts import paragraphs

JUMP_PIECES = (
    *"接转轉续續承上下前后後次本同页頁版表面张未完待一三第5０Ａa×*?$（）()。，：:自至见到 \u3000\u00a0\n",
    *"封中缝插背反要闻国际今日专题综合副刊特头末底ⅣⅷXvİſ",
    *("接下来", "继续", "转入", "对接", "全文", "Continued on page 3", "ｃｏｎｔｉｎｕｅｄ", "(上接第5版)", "{page}"),
)
PAGE_PIECES = (
    *"01９٣ivxXIVLLpP第共页頁版三百—–-·•~=/／（(【[<)>。\n\n\n \u3000\t\x0c\u2028",
    "— 3 —", "第 3 页 共 9 页", "3/12", "Page 4 of 9", "<!-- 第 5 页 -->", "页码：7", "\n12\n",
    "青石文物 第3期 191", "青石文物 第3期 192", "\n青石文物 第3期 193\n",
    "水渠修好了，大家都说好。\n", "今年又种下两千多棵果\n",
)  # fmt: skip
SHARE_PIECES = (
    "分享", "分享到：", "微信", "分享让更多人看到", "扫一扫", "打印", "关闭", "關閉", "【打印】", "收藏", "纠错",
    "大 中 小", "字号：", "返回顶部", "上一章", "下一页", "目录", "上一篇：水渠", "下一条: 果树", "阅读量：123",
    "来源：青石镇", "第(1/3)页", "水渠修好了", "。", "》", "12", "|", " ", "\u3000", "\n", "\n",
)  # fmt: skip
ODD_PIECES = (*"一二附图注来—●│─|｜\u00a0", "   ", "\u3000\u3000", "\U00020000", "🙂", "한", "\uffff", "\ud800")


def made_of(pieces: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=40).map("".join)


@given(text=made_of(JUMP_PIECES) | paragraphs)
def test_no_jump_line_is_passed_by(text: str) -> None:
    assert [(jump.start, jump.end, jump.page) for jump in find_jumps(text)] == plain.pages(text)


@given(text=made_of(SHARE_PIECES) | paragraphs)
def test_no_share_line_is_passed_by(text: str) -> None:
    assert [(start, end) for start, end, _ in remove_share_lines(text)] == plain.share_lines(text)


@given(text=made_of(PAGE_PIECES) | paragraphs)
def test_no_page_number_is_passed_by(text: str) -> None:
    assert list(text_lines(text)) == plain.text_lines(text)


@given(text=made_of((*PAGE_PIECES, *ODD_PIECES)) | paragraphs)
def test_lines_look_the_same(text: str) -> None:
    lines = text.split("\n") * 4  # enough of them to be measured at once
    found = zip(widths_of(lines), map(is_heading, lines), map(is_table_row, lines), strict=True)
    assert list(found) == list(map(plain.looks_of, lines))


def test_only_some_ideographs_begin_a_heading() -> None:
    rests = (
        "",
        "、水渠",
        "3章",
        "一节",
        "件：",
        "件一",
        "录.",
        "表3",
        "：",
        " 3",
        "注：",
        "料来源：",
        "源：",
        "（一）",
    )
    for first in map(chr, range(0x4E00, 0xA000)):
        for rest in rests:
            assert is_heading(first + rest) == plain.looks_of(first + rest)[1]
