"""Lines that recur in the documents of a source: counted right however they are cut, and taken only at the edge."""

import itertools
import random
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.dedup.boilerplate import (
    Boilerplate,
    boilerplate_of,
    count_lines,
    find_boilerplate,
    merged,
    promising,
    remove_boilerplate,
    report_rows,
    sift_lines,
    source_of,
)
from cleaner.dedup.folding import folded
from cleaner.dedup.line_forms import PAGE, PERHAPS, TEXT, form_of
from cleaner.dedup.recurring import FULL, LineCounts, Sieve, lines_in
from cleaner.document import BATCH, Document, Edits, Outcome, apply, apply_rules, rewind
from cleaner.summary import told_boilerplate
from tests.texts import paragraphs

FILE = Path(__file__).parent / "cases/dedup/boilerplate.toml"
CASES = tomllib.loads(FILE.read_text(encoding="utf-8"))["case"]
WORDS = ["水渠", "石桥", "果树", "燕子", "村口", "船家", "学堂", "山路", "磨坊", "渡口", "灯笼", "竹林", "稻田", "茶园"]
SITE = """首页
新闻
文学
水利
图片
关于我们
{title}
{body}
分享到微信
版权所有 青石网"""


def filled(page: str, number: int) -> str:
    """One page of a made site."""
    rng = random.Random(number)
    title = f"{rng.choice(WORDS)}边上的第{number}个{rng.choice(WORDS)}"
    while "{body}" in page:
        body = "，".join(f"{a}和{b}的{rng.randrange(1000)}个日子" for a, b in itertools.pairwise(rng.sample(WORDS, 6)))
        page = page.replace("{body}", f"{body}。", 1)
    return page.replace("{title}", title).replace("{n}", str(number))


def made_site(page: str, pages: int = 30, source: str = "site") -> list[Document]:
    return [Document(f"{source}{n}", f"{source}/{n:03}.txt", filled(page, n)) for n in range(1, pages + 1)]


def drop(document: Document, found: dict[str, Boilerplate]) -> Outcome:
    """What the switch does to one document."""
    known = found.get(source_of(document))

    def rule(text: str) -> Any:
        return remove_boilerplate(text, known) if known else ()

    return apply_rules(document, [rule])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_case(case: dict[str, Any]) -> None:
    documents = made_site(case["page"])
    if "quoted" in case["label"]:  # and stands at the edge of other pages
        documents += [Document(f"w{n}", f"site/w{n}.txt", filled(SITE, n)) for n in range(100, 500)]
    found = find_boilerplate(documents)
    outcome = drop(documents[0], found)
    assert outcome.document.text == filled(case.get("after", case["page"]), 1)
    assert rewind(outcome.document.text, outcome.edits) == documents[0].text


def test_a_line_must_recur_often_enough() -> None:
    for pages, is_found in ((9, False), (10, True), (100, True)):
        found = find_boilerplate(made_site(SITE, pages))
        assert bool(found) == is_found
    rare = made_site(SITE, 19) + made_site("{title}\n{body}", 200)[19:]
    assert not find_boilerplate(rare)  # in 19 of 200
    assert find_boilerplate(rare[:180])  # in 19 of 180


def test_sources_are_counted_apart() -> None:
    documents = [document for n in range(5) for document in made_site(SITE, 6, f"site{n}")]
    assert not find_boilerplate(documents)
    assert source_of(Document("", "a.txt", "")) == "."


def test_copies_of_a_line_in_one_document_count_once() -> None:
    documents = made_site("{title}\n{body}\n" + "分享到微信\n" * 10, 9)
    assert not find_boilerplate(documents)


def test_counts_and_reasons_are_told() -> None:
    documents = made_site(SITE, 30) + made_site("{title}\n{body}", 40)[30:]
    found = find_boilerplate(documents)
    rows = report_rows(found)
    assert [row["line"] for row in rows if "版权" in row["line"]] == ["版权所有 青石网"]
    assert all((row["documents"], row["of"], row["share"], row["source"]) == (30, 40, 0.75, "site") for row in rows)
    assert len(rows) == 8
    (sentence,) = told_boilerplate(rows, is_removed=False)
    assert sentence.startswith("8 lines recur in many documents of site, such as ")
    assert "(in 30 of 40)" in sentence
    edits = drop(documents[3], found).edits
    assert {edit.reason for step in edits for edit in step} == {"stands in 30 of 40 documents of site"}


def test_a_line_is_told_as_it_first_stands() -> None:
    documents = made_site("{title}\n{body}\n分享到：微信！", 5) + made_site("{title}\n{body}\n分享到 微信", 30)[5:]
    for some in (documents, documents[::-1]):
        assert [row["line"] for row in report_rows(find_boilerplate(some))] == ["分享到：微信！"]


def as_rows(counts: LineCounts) -> list[Any]:
    return list(counts)


def test_shards_make_no_difference() -> None:
    documents = made_site(SITE, 30) + made_site("书库\n{title}\n{body}\n下一章", 30, "books")
    expected = find_boilerplate(documents)
    assert set(expected) == {"site", "books"}
    rng = random.Random(3)
    for size in (1, 7, 59):
        shuffled = rng.sample(documents, len(documents))
        shards = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
        sieve = promising(map(sift_lines, shards))
        parts = [count_lines(shard, sieve) for shard in shards]
        assert as_rows(merged(parts)) == as_rows(merged(parts[::-1]))
        assert as_rows(merged([merged(parts[:2]), merged(parts[2:])])) == as_rows(merged(parts))
        found = boilerplate_of(merged(parts), sieve.documents)
        assert report_rows(found) == report_rows(expected)
        for source, known in expected.items():
            assert found[source].lines.tolist() == known.lines.tolist()
            assert found[source].documents.tolist() == known.documents.tolist()


def test_batches_make_no_difference() -> None:
    long = "石" * (BATCH // 8)
    documents = made_site("分享到微信\n{title}\n{body}\n" + long, 20)
    (row,) = report_rows(find_boilerplate(documents))
    assert (row["line"], row["documents"]) == ("分享到微信", 20)


def test_full_cells_stay_full() -> None:
    cells = np.array([3, 9], dtype=np.uint32)
    sieves = [Sieve(cells, np.array([200, 4], dtype=np.uint8), {"a": 300, "b": 1})] * 3
    sieve = promising(sieves)
    assert sieve.cells.tolist() == [3, 9]
    assert sieve.counts.tolist() == [FULL, 12]
    assert sieve.documents == {"a": 900, "b": 3}
    assert promising([]).documents == {}
    assert as_rows(count_lines([], promising([]))) == []
    assert find_boilerplate([]) == {}


@given(texts=st.lists(paragraphs, min_size=1, max_size=5))
def test_lines_are_cut_as_they_are_one_by_one(texts: list[str]) -> None:
    lines = lines_in(texts)
    expected = [
        (number, line, folded(line).tolist())
        for number, text in enumerate(texts)
        for line in text.split("\n")
        if len(folded(line))
    ]
    spans = zip(lines.texts.tolist(), lines.starts.tolist(), lines.ends.tolist(), strict=True)
    assert [(number, lines.joined[start:end]) for number, start, end in spans] == [row[:2] for row in expected]
    assert all(is_long for is_long, row in zip(lines.are_long.tolist(), expected, strict=True) if len(row[2]) >= 40)
    known = {
        bytes(np.array(row[2], dtype=np.uint32)): value
        for row, value in zip(expected, lines.hashes.tolist(), strict=True)
    }
    for row, value in zip(expected, lines.hashes.tolist(), strict=True):
        assert known[bytes(np.array(row[2], dtype=np.uint32))] == value
    assert len(set(known.values())) == len(known)


PAGE_LINES = [
    "首页",
    "分享到微信",
    "财经",
    "责任编辑：甲",
    "版权所有",
    "姓名：",
    "姓名",
    "标题",
    "——",
    "",
    " ",
    "水" * 50,
]


@given(lines=st.lists(st.sampled_from(PAGE_LINES), max_size=14))
def test_removing_is_idempotent_and_leaves_something(lines: list[str]) -> None:
    named = ["首页", "分享到微信", "财经", "责任编辑：甲", "版权所有", "姓名"]
    hashes = np.unique(lines_in(named).hashes)
    known = Boilerplate("site", 40, hashes, np.full(len(hashes), 30, dtype=np.uint32), tuple(named))
    text = "\n".join(lines)
    outcome = drop(Document("id", "site/1.txt", text), {"site": known})
    once = outcome.document.text
    assert rewind(once, outcome.edits) == text
    assert len(outcome.edits) <= 1
    assert not drop(Document("id", "site/1.txt", once), {"site": known}).edits
    assert bool(len(folded(once))) == bool(len(folded(text)))
    left, had = Counter(filter(str.strip, once.split("\n"))), Counter(filter(str.strip, text.split("\n")))
    assert left <= had
    assert set(had - left) <= set(named), "whole lines, and those of the list only"
    assert "姓名：" not in had - left
    changed = apply(text, Edits.of("rule", text, remove_boilerplate(text, known)))
    assert changed == once


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        (PAGE, "分享到微信|版权所有 青石网|责任编辑：林小满|责任编辑|【关闭窗口】|上一篇：石桥|扫一扫，看手机版"),
        (PAGE, "首页 > 水利 > 正文|回到顶部|溪ICP备12345678号|【字体：大 中 小】|下一章"),
        (PERHAPS, "财经|青石网|首页|水利要闻|English|作者专区|通知公告"),
        (TEXT, "一、版权声明|第一章 总则|本报讯|新华社青石5月1日电|本报记者 林小满|作者：甲|姓名：|性别：男"),
        (TEXT, "2024年5月1日|二〇二四年五月|目　录|附件|摘要|参考文献|特此通知。|谢谢大家！|（完）|此致|公告"),
        (TEXT, "各位代表|青石镇人民政府|工作总结|注：同上|他把船推进水里，跳了上去，|水" + "渠" * 40),
    ],
)
def test_forms(form: int, lines: str) -> None:
    assert {line: form_of(line) for line in lines.split("|")} == dict.fromkeys(lines.split("|"), form)
