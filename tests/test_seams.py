"""Seams: what is joined and what stays, how well on texts whose breaks are known, and any input without an exception.

The measures are those of bench/breaks.py. A floor is what was measured when it was pinned, for both halves of the
texts together; the thresholds were read off one half only.
"""

import itertools

import pytest
from breaks_measures import Score, measure
from breaks_texts import REPAIR, labelled, torn, undamaged, wrapped
from hypothesis import given
from hypothesis import strategies as st

from cleaner.lines import is_heading
from cleaner.repair.breaks import is_doubtful
from cleaner.repair.grams import Grams, shipped_grams
from cleaner.repair.score import WORDS, Seam, reasons, weights
from cleaner.repair.seams import explain_breaks, text_lines
from cleaner.repair.words import divide, shipped_words
from tests.test_laws import run_on
from tests.texts import texts

needs_data = pytest.mark.skipif(not REPAIR.is_dir(), reason=f"no evaluation data in {REPAIR}")


def both(scores: dict[str, Score]) -> Score:
    """The scores of both halves in one."""
    whole = Score()
    for score in scores.values():
        for name in ("texts", "whole", "natural", "right", "wrong", "missed"):
            setattr(whole, name, getattr(whole, name) + getattr(score, name))
    return whole


@needs_data
def test_undamaged_articles_keep_their_breaks() -> None:
    assert both(measure(undamaged())).wrong == 0  # of 9,476


@needs_data
def test_torn_articles_are_joined() -> None:
    score = both(measure(torn()))
    assert score.precision >= 0.991
    assert score.recall >= 0.875


@needs_data
def test_other_texts_are_witnesses() -> None:
    corpus = [broken.text for texts in (undamaged(), torn()) for broken in texts]
    score = both(measure(torn(), corpus))
    assert score.precision >= 0.994
    assert score.recall >= 0.985


@needs_data
def test_a_torn_corpus_helps_itself() -> None:
    score = both(measure(torn(), (broken.text for broken in torn())))
    assert score.precision >= 0.993
    assert score.recall >= 0.91


@needs_data
def test_a_corpus_that_is_whole_stays_whole() -> None:
    assert both(measure(undamaged(), (broken.text for broken in undamaged()))).wrong == 0


@needs_data
def test_in_a_mixed_collection_whole_articles_are_spared() -> None:
    score = both(measure(torn(seed=2, damaged=0.25)))
    assert score.precision >= 0.99
    assert score.recall >= 0.89


@needs_data
def test_wrapped_articles_are_unwrapped() -> None:
    score = both(measure(wrapped()))
    assert score.precision >= 0.994
    assert score.recall >= 0.995


@needs_data
def test_labelled_breaks_of_real_texts() -> None:
    score = both(measure(labelled()))
    assert score.precision >= 0.989
    assert score.recall >= 0.899


KEPT = {
    "verse": "春江花月夜\n\n江南好，\n风景旧曾谙。\n日出江花红胜火，\n春来江水绿如蓝。\n能不忆江南？",
    "verse without marks": "水涨三尺\n船高三尺\n老艄公说\n他的烟斗\n也高三尺",
    "a table": "月份\t上年\t今年\n一月\t31\t28\n二月\t44\t52",
    "a table of spaces": "姓名    年龄    籍贯\n张三    30    青石镇\n李四    41    白水镇",
    "dialogue": "“你来了。天亮再走吧”\n“不了，还要赶路。”他说。\n“那就喝口水”",
    "a list": "这一年办了几件事：\n1. 修水渠\n2. 种果树\n3. 守水源",
    "a list of points": "带这些东西：\n- 水壶\n- 雨衣\n- 干粮",
    "a signature": "特此通知。\n青石镇人民政府\n2020年3月5日",
    "captions": "图为村民在采摘果子 张三摄\n上图：新修的水渠。\n李四摄",
    "code": "先装上它：\n```\npip install cleaner\nimport cleaner\n```\n再运行。",
    "Markdown": "# 水渠\n\n水渠修好了，大家都高兴\n\n## 果树\n\n> 树，都活了\n\n* 一棵\n* 两棵",
    "a numbered heading": "镇里修好了水渠，大家都高兴。今年又种下两千多棵果\n二、明年的打算\n明年再修一条。",
    "an aside after a full stop": "镇里修好了水渠。大家都高兴。（全文见第二版）\n会议在青石镇召开，来了两百多人。",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_is_no_paragraph_stays(text: str) -> None:
    assert run_on("repair", text).document.text == text


@given(pieces=st.lists(texts, min_size=2, max_size=6))
def test_nothing_is_joined_over_a_heading(pieces: list[str]) -> None:
    text = "\n三、明年的打算\n".join(pieces)
    for edits in run_on("repair", text).edits:
        if edits.rule == "join_cut_paragraphs":
            assert not any("三、明年的打算" in edit.before for edit in edits)
    lines = [line.text for line in text_lines(text)]
    assert not any(is_doubtful(a, b) for a, b in itertools.pairwise(lines) if is_heading(b))


HARD = {
    "one long line": "镇里修好了水渠，" * 2_000_000,
    "empty lines": "\n" * 1_000_000,
    "carriage returns": "镇里修好了水渠，大家都高兴。\r今年又种下果\r树" * 10_000,
    "form feeds": "镇里修好了水渠，大家都高兴。\f今年又种下果\n\f树。\n" * 10_000,
    "line separators": "镇里修好了水渠，\u2028大家都高兴。\u0085今年又种下果\n树。\n" * 10_000,
    "many doubtful breaks": "镇里修好了水渠。今年又种下两千多棵果\n树，都活了\n" * 2_000,
    "short lines": "果\n" * 100_000,
    "spaces": (" " * 200 + "\n") * 5_000,
    "surrogates": "镇里修好了\ud800\n水渠，\udc00大家都高兴\n",
}


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_hard_input_is_gone_through(text: str) -> None:
    """Sizes at which a quadratic pass would not end while one waits; nothing but white space and numbers may go."""
    done = run_on("repair", text).document.text
    assert [c for c in done if c in "镇渠果树"] == [c for c in text if c in "镇渠果树"]


def test_glue() -> None:
    joined = {
        ("今年一共种下果树2", "300棵，都活了。"): "2300",
        ("树是从外地买来的Fuji", "Apple，都活了。"): "Fuji Apple",
        ("今年又种下两千多棵果", "树，都活了。"): "果树",
    }
    for (left, right), glued in joined.items():
        text = f"镇里修好了水渠。{left}\n{right}"
        (change,) = [edit for edits in run_on("repair", "（上接第2版）\n" + text).edits for edit in edits][1:]
        assert change.before == "\n"
        assert glued in run_on("repair", "（上接第2版）\n" + text).document.text


def test_a_break_is_explained() -> None:
    ((end, score, is_cut, told),) = explain_breaks("镇里修好了水渠。我们要打造更多应用场\n景，都很好用。")
    assert (end, is_cut) == (18, True)
    assert score > 5
    assert "the word 场景 would be cut" in [words for words, _ in told]


def test_every_weight_has_words_and_every_evidence_a_weight() -> None:
    assert {name: words for name, (_, words) in weights().items()} == WORDS


def test_counts_are_read_as_they_were_written() -> None:
    grams = shipped_grams()
    assert grams.count("场景") > 1
    assert grams.log_probability("场", "景") > grams.log_probability("场", "的") - 5
    assert Grams.of({"甲": 2.0, "甲乙": 1.0}).count("甲乙") == 1.0
    assert divide("应用场景", shipped_words()).words == ["应用", "场景"]


def test_reasons_are_sorted_by_weight() -> None:
    found = [abs(weight) for _, weight in reasons(Seam("镇里修好了水渠。我们要打造更多应用场", "景，都很好用。"))]
    assert found == sorted(found, reverse=True)
