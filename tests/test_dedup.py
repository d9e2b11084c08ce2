"""Copies: what goes, what stays in its place and why, whatever the order, the shards and the earlier versions."""

import json
import random
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.config import DedupConfig
from cleaner.dedup import copies_among, dedup
from cleaner.dedup.copies import joined, sketch
from cleaner.dedup.differences import in_words
from cleaner.dedup.earlier import open_earlier
from cleaner.dedup.folding import folded, hashes_of
from cleaner.dedup.similar import as_lsh, as_minhash, longest_shared
from cleaner.document import Document
from cleaner.errors import BadDataError
from cleaner.files.corpus import open_corpus
from tests.conftest import ROOT, Ran, Run
from tests.reference import stars as plain

Call = Callable[..., Ran]
CONFIG = DedupConfig()
SENTENCES = [
    "镇里修好了水渠，大家都高兴，今年又种下两千多棵果树。",
    "守堤的人两个一组，带上哨子和铁锹，每天早晚各走一遍。",
    "图书馆星期一不开门，别的日子从早上八点开到晚上九点。",
    "磨坊的石磨每年春天要重新凿一次，凿的时候先把水闸放下。",
    "渡口的船一次能载十二个人，刮大风的日子不开，等风停了再走。",
    "茶园里新装了三台水泵，天旱的时候一天能浇完半面山坡。",
]


def text_of(seed: int, length: int = 300) -> str:
    """A text of its own: Han characters by chance, with marks."""
    rng = random.Random(seed)
    return "".join(
        rng.choice("，。") if place % 17 == 16 else chr(rng.randrange(0x4E00, 0x9000)) for place in range(length)
    )


def documents(*texts: str, names: Sequence[str] = ()) -> list[Document]:
    names = names or [f"{number:02}.txt" for number in range(len(texts))]
    return [Document(name, name, text) for name, text in zip(names, texts, strict=True)]


def gone(found: list[Document], config: DedupConfig = CONFIG) -> dict[str, str]:
    """Each document that goes, and the one that stays."""
    return {outcome.document.id: outcome.by for outcome in dedup(found, config) if outcome.dropped}


def typos(text: str, every: int) -> str:
    return "".join("错" if place % every == every - 1 else character for place, character in enumerate(text))


def test_reprints_in_other_dress_are_the_same_text() -> None:
    text = "臺灣的茶園裏，新裝了三臺水泵；天旱的時候，一天能澆完半面山坡。"
    other = "台湾的茶园里新装了三台水泵\n天旱的时候 一天能浇完半面山坡"
    assert gone(documents(text, other)) == {"01.txt": "00.txt"}
    (_, outcome) = dedup(documents(text, other), CONFIG)
    assert outcome.dropped == ("exact copy: similarity 1.000, containment 1.000; the other is longer by 2 characters")


def test_a_near_copy_goes_and_what_only_looks_like_one_stays() -> None:
    text = text_of(1, 400)
    assert gone(documents(text, typos(text, 80))) == {"01.txt": "00.txt"}
    assert gone(documents(text, typos(text, 20))) == {}
    assert gone(documents(text, text_of(2, 400))) == {}


def test_a_chain_of_small_differences_removes_nothing_that_differs_much() -> None:
    first = text_of(3, 600)
    second = first[60:] + text_of(4, 60)
    third = second[60:] + text_of(5, 60)
    assert gone(documents(first, second, third)) == {"01.txt": "00.txt"}


def test_texts_of_one_pattern_are_no_copies() -> None:
    assert gone(documents("啊" * 100, "啊" * 300)) == {}
    assert gone(documents("啊" * 100, "啊" * 100)) == {"01.txt": "00.txt"}


def test_one_form_with_other_numbers_is_no_copy() -> None:
    form = "".join(SENTENCES) + "本月雨量{}毫米，比去年同月多{}毫米，水位在第{}格。"
    assert gone(documents(form.format(12, 3, 7), form.format(108, 21, 8))) == {}
    assert gone(documents(form.format(12, 3, 7), form.format(12, 3, 7) + "第 3 页")) == {"00.txt": "01.txt"}


def test_short_texts_are_compared_whole_and_empty_ones_with_none() -> None:
    assert gone(documents("水渠", "水渠", "水泵", "", "", "——", "——")) == {"01.txt": "00.txt"}


@pytest.mark.parametrize(
    ("config", "stays", "why"),
    [
        ({}, "b/2020-03-02.txt", "is longer by 3 characters"),
        ({"keep": "earliest"}, "c/2019-05-27.txt", "is earlier"),
        ({"keep": "first"}, "a/2021-01-01.txt", "comes first"),
        ({"source_order": ["c/", "b/"]}, "c/2019-05-27.txt", "comes from c/"),
        ({"source_order": ["z/", "a/"], "keep": "earliest"}, "a/2021-01-01.txt", "comes from a/"),
    ],
)
def test_what_stays_and_why(config: dict[str, object], stays: str, why: str) -> None:
    text = "".join(SENTENCES)
    names = ["a/2021-01-01.txt", "b/2020-03-02.txt", "c/2019-05-27.txt"]
    found = list(dedup(documents(text, text + "。。。", text, names=names), DedupConfig.model_validate(config)))
    assert [outcome.document.id for outcome in found if not outcome.dropped] == [stays]
    assert {outcome.by for outcome in found if outcome.dropped} == {stays}
    assert any(outcome.dropped.endswith(f"; the other {why}") for outcome in found)


def test_an_original_stays_before_a_converted_text_of_the_same_length() -> None:
    text = "".join(SENTENCES)
    found = [Document("a", "a", text, script="traditional"), Document("b", "b", text, script="simplified")]
    assert gone(found) == {"a": "b"}


variants = st.tuples(
    st.integers(0, 3), st.lists(st.tuples(st.integers(0, 119), st.sampled_from("天地人12")), max_size=6)
)


def varied(seed: int, changes: list[tuple[int, str]]) -> str:
    characters = list(text_of(seed, 120))
    for place, character in changes:
        characters[place] = character
    return "".join(characters)


@pytest.mark.usefixtures("kernels_both_ways")
@settings(max_examples=40)
@given(made=st.lists(variants, max_size=7), threshold=st.sampled_from([0.6, 0.8, 0.9]))
def test_stars_equal_their_twin(made: list[tuple[int, list[tuple[int, str]]]], threshold: float) -> None:
    texts = [varied(*one) for one in made]
    config = DedupConfig(threshold=threshold, keep="first", permutations=512)
    expected = plain.stars([folded(text).tolist() for text in texts], config.shingle, threshold)
    found = copies_among(lambda: documents(*texts), config)
    assert {name: copy.keeper for name, copy in found.items()} == {
        f"{number:02}.txt": f"{keeper:02}.txt" for number, keeper in enumerate(expected) if keeper >= 0
    }


@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_the_order_of_the_input_does_not_matter(seed: int) -> None:
    base = [text_of(number, 200) for number in range(6)]
    found = documents(*base, *(typos(text, 90) for text in base), *base[:3])
    shuffled = random.Random(seed).sample(found, len(found))
    assert gone(shuffled) == gone(found)
    assert len(gone(found)) == 9


def test_many_texts_that_are_the_same_take_no_more_than_one_comparison() -> None:
    found = gone(documents(*["".join(SENTENCES)] * 3000, names=[f"{number:05}" for number in range(3000)]))
    assert len(found) == 2999
    assert set(found.values()) == {"00000"}


def test_sketches_in_the_index_of_datasketch() -> None:
    text = text_of(7, 400)
    parts = joined(list(sketch(documents(text, text_of(8, 400)), CONFIG)))
    index = as_lsh(parts, CONFIG)
    ours = MinHash(num_perm=CONFIG.permutations, hashfunc=int, scheme="affine32")
    ours.update_batch([value & 0xFFFFFFFF for value in hashes_of(typos(text, 90), CONFIG.shingle).tolist()])
    assert index.query(ours) == ["00.txt"]
    assert as_minhash(parts.signatures[0], CONFIG).jaccard(ours) > 0.8


def test_the_longest_passage_that_two_texts_share() -> None:
    a, b, shared = text_of(9, 100), text_of(10, 100), "".join(SENTENCES)
    assert longest_shared(a + shared, b + shared.replace("，", ""), CONFIG).strip("，。") == shared.strip("。")
    assert longest_shared(a, b, CONFIG) == ""


# Folders


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw texts of which some are in the demo corpus already."""
    raw = tmp_path_factory.mktemp("batch")
    fair = (ROOT / "raw/news/market-fair.txt").read_bytes()
    (raw / "again.txt").write_bytes(fair)
    (raw / "nearly.txt").write_text(typos("".join(SENTENCES) * 2, 200) + text_of(12, 300), encoding="utf-8")
    (raw / "new.txt").write_text("".join(SENTENCES) + text_of(11, 300), encoding="utf-8")
    return raw


def test_what_an_earlier_version_has_is_dropped(cleaner: Call, demo: Run, batch: Path, tmp_path: Path) -> None:
    assert cleaner("decode", batch, tmp_path / "1").code == 0
    ran = cleaner("dedup", tmp_path / "1", tmp_path / "2", "--against", demo.clean)
    assert ran.code == 0
    assert "dropped again.txt: exact copy" in ran.err
    assert ran.err.rstrip().endswith("the other is in v1")
    corpus = open_corpus(tmp_path / "2")
    assert [document.source for document in corpus.documents()] == ["nearly.txt", "new.txt"]
    explained = cleaner("explain", tmp_path / "2", "again.txt")
    assert explained.code == 0 and "is in an earlier version" in explained.out
    report = json.loads((tmp_path / "2" / "report.json").read_text(encoding="utf-8"))
    assert report["against"]["version"] == "v1"


def test_an_earlier_version_without_its_texts(cleaner: Call, demo: Run, batch: Path, tmp_path: Path) -> None:
    assert cleaner("decode", batch, tmp_path / "1").code == 0
    shutil.copytree(demo.clean, tmp_path / "clean")
    shutil.rmtree(tmp_path / "clean" / "v1" / "data")
    ran = cleaner("dedup", tmp_path / "1", tmp_path / "2", "--against", tmp_path / "clean" / "v1")
    assert ran.code == 0 and "dropped again.txt: exact copy" in ran.err


def test_sketches_of_another_kind_are_refused(demo: Run) -> None:
    with pytest.raises(BadDataError, match=re.escape("shingle 5, and 7 is needed")):
        open_earlier(demo.clean, DedupConfig(shingle=7))


def test_a_stage_folder_is_no_version(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    ran = cleaner("dedup", demo.work / "4-repair", tmp_path / "out", "--against", demo.work / "5-dedup")
    assert ran.code == 2 and "is no version; publish it first" in ran.err


def test_sketches_are_those_of_the_documents_that_stay(demo: Run) -> None:
    earlier = open_earlier(demo.clean, CONFIG)
    assert earlier.sketches.ids.to_pylist() == [document.id for document in open_corpus(demo.clean).documents()]


def test_similar_names_the_document_and_the_passage(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    ran = cleaner("similar", ROOT / "raw/news/market-fair-taiwan.txt", demo.clean)
    assert ran.code == 0
    assert "similarity 1.000" in ran.out and "news/market-fair.txt" in ran.out and "characters in a row" in ran.out
    part = tmp_path / "part.txt"
    document = next(one for one in open_corpus(demo.clean).documents() if one.source == "news/market-fair.txt")
    part.write_text(document.text[100:220], encoding="gb18030")
    assert "news/market-fair.txt" in cleaner("similar", part, demo.clean).out
    part.write_text(text_of(13), encoding="utf-8")
    assert "none of them is like it" in cleaner("similar", part, demo.clean).out
    assert cleaner("similar", tmp_path, demo.clean).code == 2


def test_advice_shows_pairs_of_every_similarity(cleaner: Call, demo: Run) -> None:
    ran = cleaner("dedup", demo.work / "4-repair", "--advise")
    assert ran.code == 0
    assert re.search(r"the same +1 ", ran.out) and re.search(r"0\.90–0\.95 +1 .*market-fair", ran.out)
    assert cleaner("dedup", demo.work / "4-repair").code == 2


def test_candidates_are_folded_in_the_order_of_the_corpus() -> None:
    texts = [text_of(20), text_of(21), typos(text_of(20), 100), "", typos(text_of(21), 100)]
    found = copies_among(lambda: documents(*texts), CONFIG)
    assert {name: copy.keeper for name, copy in found.items()} == {"02.txt": "00.txt", "04.txt": "01.txt"}
    assert np.isclose(found["02.txt"].jaccard, plain.jaccard(*[folded(text).tolist() for text in texts[0:3:2]], 5))


def test_the_same_file_again_is_dropped_for_its_older_self(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    """Its id is the same in both, so what stays must not be looked for among what goes."""
    settings = tmp_path / "cleaner.toml"
    settings.write_text('[dedup]\npassages = "drop"\ncontained = "drop"\n', encoding="utf-8")
    ran = cleaner("dedup", demo.work / "4-repair", tmp_path / "2", "--against", demo.clean, "--config", settings)
    assert ran.code == 0
    dropped = {document.source: (document.id, by) for document, stage, _, by in open_corpus(tmp_path / "2").dropped()}
    assert dropped["news/market-fair.txt"][0] == dropped["news/market-fair.txt"][1]
    explained = cleaner("explain", tmp_path / "2", "news/market-fair.txt")
    assert explained.code == 0 and "is in an earlier version" in explained.out


MENU = "首页 > 要闻\n分享到微信\n打印本页\n{}\n版权所有 青石网\n上一篇：水渠\n下一篇：石桥\n"


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("mode", ["off", "report", "drop"])
def test_boilerplate_is_reported_or_removed(cleaner: Call, tmp_path: Path, mode: str, workers: int) -> None:
    (tmp_path / "raw/site").mkdir(parents=True)
    for number in range(14):
        text = MENU.format("\n".join(text_of(100 * number + part, 120) + "。" for part in range(3)))
        (tmp_path / "raw/site" / f"{number:02}.txt").write_text(text, encoding="utf-8")
    settings = tmp_path / "cleaner.toml"
    settings.write_text(f'[dedup]\nboilerplate = "{mode}"\n[decode]\nshard_bytes = 4000\n', encoding="utf-8")
    more = ["--config", settings, "--workers", workers]
    assert cleaner("decode", tmp_path / "raw", tmp_path / "1", *more).code == 0
    ran = cleaner("dedup", tmp_path / "1", tmp_path / "2", *more)
    assert ran.code == 0
    texts = [document.text for document in open_corpus(tmp_path / "2").documents()]
    assert all(("版权所有" in text) == (mode != "drop") for text in texts) and len(texts) == 14
    assert ("lines recur in many documents of site" in ran.err) == (mode != "off")
    again = cleaner("dedup", tmp_path / "2", tmp_path / "3", *more)
    assert again.code == 0 and "14 of 14 documents kept, 0 edits" in again.err


def test_texts_that_differ_in_their_boilerplate_only_are_copies_without_it() -> None:
    bodies = ["\n".join(text_of(1000 * number + part, 60) + "。" for part in range(2)) for number in range(14)]
    found = documents(
        *[MENU.format(body) for body in bodies],
        bodies[0],
        names=[*[f"site/{number:02}" for number in range(14)], "other/00"],
    )
    assert gone(found, DedupConfig(boilerplate="drop")) == {"other/00": "site/00"}


def test_differences_are_told_in_words(cleaner: Call, demo: Run) -> None:
    text = "".join(SENTENCES)
    assert in_words(text, text, 5) == "they are the same, character by character"
    assert in_words(text, text.replace("，", ""), 5) == "they differ in punctuation only"
    assert in_words("ＡＢＣ 水渠", "abc水渠", 5) == "they differ in white space and width and case only"
    assert in_words(text, text + text_of(30, 40), 5).startswith(
        "about 0% of the copy is not in the one that stays, and "
    )
    explained = cleaner("explain", demo.work / "5-dedup", "news/market-fair-reprint.txt").out
    assert "of the copy is not in the one that stays" in explained
