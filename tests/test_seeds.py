"""The five real documents that this project was started for. They are kept beside it and skipped where absent."""

import json
from typing import Any

import pytest

from cleaner.files.corpus import Life, open_corpus
from tests.conftest import SEEDS, Run


def lives(run: Run) -> dict[str, Life]:
    return {life.document.source[:3]: life for life in open_corpus(run.clean).lives()}


def done(life: Life, rule: str) -> list[str]:
    return [edit.before for _, edits in life.edits if edits.rule == rule for edit in edits]


def test_five_come_in_and_five_are_kept(seeds: Run) -> None:
    corpus = open_corpus(seeds.clean)
    assert [document.source[:3] for document in corpus.documents()] == ["000", "001", "002", "003", "004"]
    assert list(corpus.dropped()) == []


def test_000_loses_its_jump_line_and_its_heading_is_one_line(seeds: Run) -> None:
    life = lives(seeds)["000"]
    lines = life.document.text.split("\n")
    assert "上接第5版" not in life.document.text
    assert life.document.continued_from == "5"
    (heading,) = [line for line in lines if line.startswith("四、全面从严治党")]
    assert (heading[8:11], heading[-8:], len(heading)) == ("，为“", "建设提供根本保证", 29)
    assert (done(life, "join_cut_headings"), done(life, "join_cut_paragraphs")) == (["\n"], [])


def test_001_is_joined_in_six_places_and_no_other(seeds: Run) -> None:
    life = lives(seeds)["001"]
    text = life.document.text
    assert "紧接4版" not in text
    for joined in (
        "应用场景功能",
        "思想力量充分彰显",
        "发展思想，瞄准",
        "打造善于塑造变革",
        "系统党建“双领双治”",
        "风清气正的政治生态",
    ):
        assert joined in text
    assert len(done(life, "join_cut_paragraphs")) == 6
    assert done(life, "join_cut_headings") == done(life, "unwrap_hard_wrapped_lines") == []
    lines = text.split("\n")
    (title,) = [line for line in lines if line.startswith("高水平打造时尚之都") and " " in line]
    assert (title[-5:], len(title)) == ("示范新局面", 41)
    for start in ("3.聚焦", "4.聚焦", "5.聚焦", "四、加强"):
        heading = next(line for line in lines if line.startswith(start))
        assert len(heading) < 40
        assert not heading.endswith("。")


def test_002_is_simplified_throughout(seeds: Run) -> None:
    life = lives(seeds)["002"]
    text = life.document.text
    assert life.document.script == "traditional"
    assert not set("與發開園區質範學國創會為著這後裏裡") & set(text)
    assert "分享" not in text.split("\n")[-1]
    assert "共富裕”的" in text
    assert not any(done(life, rule) for rule in ("join_cut_paragraphs", "join_cut_headings"))


def test_003_keeps_its_lines(seeds: Run) -> None:
    life = lives(seeds)["003"]
    raw = (SEEDS / life.document.source).read_text(encoding="utf-8")
    assert life.document.text.count("\n") == raw.count("\n")
    assert "国家高企110家" in life.document.text


def test_004_keeps_one_copy_of_its_text(seeds: Run) -> None:
    life = lives(seeds)["004"]
    assert len(life.document.text.strip().split("\n")) == 53
    (second,) = done(life, "remove_repeated_passage")
    assert second.strip() == life.document.text.strip()


def test_no_ascii_mark_is_left_beside_a_chinese_character(seeds: Run) -> None:
    for life in lives(seeds).values():
        assert not [mark for mark in ",;:?!()" if mark in life.document.text]


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_the_ledger_gives_the_raw_bytes_back(seeds: Run, number: str) -> None:
    from cleaner.decode import encode
    from cleaner.document import rewind

    life = lives(seeds)[number]
    raw = encode(rewind(life.document.text, [edits for _, edits in life.edits]), life.document.encoding)
    assert raw == (SEEDS / life.document.source).read_bytes()


def test_the_manifest_counts_them(seeds: Run) -> None:
    manifest: dict[str, Any] = json.loads((seeds.clean / "v1" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["documents"] == 5
    assert len(manifest["stages"][0]["inputs"]) == 5
