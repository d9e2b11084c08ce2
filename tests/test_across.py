"""Documents that stand in longer ones, and passages that stand in several."""

import itertools
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from across import measure
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.check import check
from cleaner.config import Config, DedupConfig
from cleaner.dedup import across_among, contained, dedup, shared_passages
from cleaner.dedup.across import told
from cleaner.dedup.fingerprints import SURE, bits_for, fingerprints_of_folded, laid_out, slots_of
from cleaner.dedup.folding import fold_texts, folded
from cleaner.document import Document, Outcome, rewind
from cleaner.files.corpus import open_corpus
from cleaner.jobs import Step
from cleaner.kernels import Kernel, alignment
from cleaner.kernels import fingerprints as kernel
from cleaner.kernels.alignment import Laid, align, covered_by_lines
from cleaner.kernels.containment import Prints, share_of, shares_in_windows
from cleaner.kernels.minhash import shingles
from cleaner.pipeline import run_decode, run_stage
from cleaner.publish import publish
from tests.reference import fingerprints as plain
from tests.test_quality import EVAL

REPORT = Config().dedup
DROP = REPORT.model_copy(update={"contained": "drop", "passages": "drop"})
WORDS = (
    "堤水石桥田村路灯船风雨春秋麦米茶竹柳燕鱼井磨坊渡口山坡谷场门窗瓦墙炉碗布针线鞋帽书纸笔墨信钟表琴鼓歌舞花草树叶果根"
)


def lines(seed: int, count: int) -> list[str]:
    """Lines of running text that no other seed has."""
    rng = random.Random(seed)
    return ["".join(rng.choices(WORDS, k=rng.randrange(30, 60))) + "。" for _ in range(count)]


def documents(*texts: list[str]) -> list[Document]:
    return [Document(f"{number:02}", f"{number:02}.txt", "\n".join(text)) for number, text in enumerate(texts)]


def found_in(*texts: list[str], config: DedupConfig = REPORT) -> Any:
    some = documents(*texts)
    return across_among(lambda: some, config)


def pairs(entries: list[Any]) -> list[tuple[str, str]]:
    return [(entry.id, entry.by) for entry in entries]


# What is found


def test_a_document_within_a_longer_one() -> None:
    inner = lines(1, 8)
    found = found_in([*lines(2, 4), *inner, *lines(3, 9)], inner)
    assert pairs(found.contained) == [("01", "00")]
    assert found.contained[0].containment > 0.98
    assert found.passages == []


def test_a_document_with_typos_and_in_other_lines() -> None:
    inner = lines(1, 8)
    text = "".join(inner)
    other = text[:50] + "某" + text[51:200] + text[201:]
    found = found_in([*lines(2, 8), other[:133], other[133:], *lines(3, 9)], inner)
    assert pairs(found.contained) == [("01", "00")]


def test_a_chain_names_the_one_that_stays() -> None:
    inner = lines(1, 8)
    middle = [*inner, *lines(2, 8)]
    whole = [*lines(4, 6), *middle, *lines(3, 20)]
    outcomes = list(dedup(documents(inner, middle, whole), DROP))
    assert [outcome.by for outcome in outcomes] == ["02", "02", ""]
    assert outcomes[0].dropped.startswith("contained: ")


def test_a_passage_of_two_documents() -> None:
    passage = lines(1, 6)
    found = found_in([*lines(2, 9), *passage, *lines(3, 9)], [*lines(4, 5), *passage, *lines(5, 9)])
    assert found.contained == []
    (row,) = found.passages
    assert (row.id, row.by) == ("01", "00")
    some = documents([*lines(2, 9), *passage, *lines(3, 9)], [*lines(4, 5), *passage, *lines(5, 9)])
    assert some[1].text[row.start : row.end] == "\n".join(passage)
    assert some[0].text[row.by_start : row.by_end] == "\n".join(passage)[:-1]  # to the last letter
    assert row.characters == len(folded("".join(passage)))


def test_what_stands_between_the_lines_stays() -> None:
    passage = lines(1, 8)
    later = [*lines(4, 5), *passage[:4], "第三页", *passage[4:], *lines(5, 5)]
    outcome = list(dedup(documents([*lines(2, 9), *passage, *lines(3, 9)], later), DROP))[1]
    assert outcome.document.text.split("\n") == [*lines(4, 5), "第三页", *lines(5, 5)]
    assert next(edit for edits in outcome.edits for edit in edits).reason.split(",")[0].endswith("stand in 00.txt")
    assert rewind(outcome.document.text, outcome.edits) == "\n".join(later)


@pytest.mark.parametrize("keep", ["longest", "first"])
def test_the_first_copy_stays_in_the_order_of_keeping(keep: str) -> None:
    passage = lines(1, 6)
    short, long = [*passage, *lines(2, 5)], [*lines(3, 9), *passage, *lines(4, 9)]
    found = found_in(short, long, config=REPORT.model_copy(update={"keep": keep}))
    assert pairs(found.passages) == ([("00", "01")] if keep == "longest" else [("01", "00")])


def test_a_document_of_other_documents_passages_counts_as_contained() -> None:
    a, b = lines(1, 7), lines(2, 7)
    texts = ([*lines(3, 30), *a, *lines(4, 5)], [*lines(5, 30), *b, *lines(6, 5)], [*a, *b])
    found = found_in(*texts)
    assert pairs(found.contained) in ([("02", "00")], [("02", "01")])
    assert found.contained[0].where == "other documents"
    assert [outcome.dropped[:9] for outcome in dedup(documents(*texts), DROP)] == ["", "", "contained"]
    kept = list(dedup(documents(*texts), REPORT.model_copy(update={"passages": "drop"})))
    assert kept[2].document.text == "\n".join(texts[2])  # never emptied


def test_the_order_of_sources_is_heard() -> None:
    inner = lines(1, 8)
    config = REPORT.model_copy(update={"source_order": ("01",), "passages": "off"})
    assert found_in([*lines(2, 4), *inner, *lines(3, 9)], inner, config=config).contained == []


def test_a_copy_names_the_one_that_stays_in_the_end() -> None:
    inner = lines(1, 9)
    copy = [*inner[:-1], inner[-1][:-3]]
    outcomes = list(dedup(documents(copy, inner, [*lines(2, 9), *inner, *lines(3, 9)]), DROP))
    assert [(outcome.dropped.split(":")[0], outcome.by) for outcome in outcomes] == [
        ("near copy", "02"),
        ("contained", "02"),
        ("", ""),
    ]
    assert outcomes[0].dropped.endswith("the other stands in the one that stays")


def test_what_is_left_may_be_a_copy() -> None:
    a, b, footer = lines(1, 6), lines(2, 6), lines(3, 4)
    texts = ([*lines(4, 30), *a], [*lines(5, 30), *b], [*a, *footer], [*b, *footer])
    outcomes = list(dedup(documents(*texts), DROP))
    assert [outcome.dropped.split(":")[0] for outcome in outcomes] == ["", "", "", "exact copy"]
    assert [outcome.document.text for outcome in outcomes[2:]] == ["\n".join(footer)] * 2


# What must not be found

FORM = "兹有本镇居民{}号于{}月{}日申请用水，水表底数{}吨，应缴水费{}元，请在{}月{}日以前到供水站缴清，过期另收滞纳金。"
NOTICE = lines(99, 7)
ALIKE: dict[str, tuple[list[str], ...]] = {
    "a quotation": ([*lines(1, 9), *lines(2, 3)], [*lines(3, 9), *lines(2, 3)]),
    "a form with other numbers": (
        [*lines(1, 3), *[FORM.format(*range(at, at + 7)) for at in range(10, 60, 7)], *lines(2, 9)],
        [FORM.format(*range(at, at + 7)) for at in range(310, 360, 7)],
    ),
    "one line over and over": (["燕子飞，燕子飞，飞到东来飞到西"] * 90, ["燕子飞，燕子飞，飞到东来飞到西"] * 40),
    "one character": (["哈" * 900], ["哈" * 400]),
    "a very short text": ([*lines(1, 9), "石桥镇供水站年度工作报告", *lines(2, 9)], ["石桥镇供水站年度工作报告"]),
    "a short text with a typo": (
        [*lines(1, 9), *lines(2, 3), *lines(3, 9)],
        ["".join(lines(2, 3))[:60] + "某" + "".join(lines(2, 3))[61:]],
    ),
    "the short lines of a list": (
        [*lines(1, 9), *[f"{word}家{word}坊" for word in WORDS], *lines(2, 9)],
        [*lines(3, 9), *[f"{word}家{word}坊" for word in WORDS], *lines(4, 9)],
    ),
    "what stands in very many documents": tuple([*lines(200 + at, 8), *NOTICE] for at in range(60)),
    "part of a line": ([*lines(1, 9), "".join(lines(2, 8))], ["".join(lines(3, 8)) + "".join(lines(2, 8))]),
}


def test_a_short_document_letter_for_letter() -> None:
    inner = lines(1, 2)
    assert len(folded("".join(inner))) < REPORT.min_passage
    assert pairs(found_in([*lines(2, 4), *inner, *lines(3, 9)], inner).contained) == [("01", "00")]
    assert found_in(["哈" * 100], ["哈" * 90]).contained == []  # they share one fingerprint


@pytest.mark.parametrize("kind", ALIKE)
def test_what_only_looks_alike(kind: str) -> None:
    found = found_in(*ALIKE[kind])
    assert (found.contained, found.passages) == ([], [])
    assert (found.boilerplate > 0) == (kind == "what stands in very many documents")


# Laws

PIECES = [*[lines(seed, 3) for seed in range(6)], ["第三页"], ["　"], ["青石镇", "五月二十日"]]


def in_a_row(parts: list[list[str]]) -> list[str]:
    return [line for part in parts for line in part]


some_texts = st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map(in_a_row), max_size=7)


@settings(max_examples=20)
@given(texts=some_texts, keep=st.sampled_from(["longest", "first"]), contained=st.sampled_from(["drop", "report"]))
def test_a_second_run_finds_nothing_and_nothing_vanishes(texts: list[list[str]], keep: str, contained: str) -> None:
    config = DROP.model_copy(update={"keep": keep, "min_passage": 100, "contained": contained})
    before = documents(*texts)
    outcomes = list(dedup(before, config))
    assert [outcome.document.id for outcome in outcomes] == [document.id for document in before]
    for outcome, document in zip(outcomes, before, strict=True):
        assert rewind(outcome.document.text, outcome.edits) == document.text
    stays = [outcome.document for outcome in outcomes if not outcome.dropped]
    names = {document.id for document in stays}
    assert {outcome.by for outcome in outcomes if outcome.dropped} <= names
    again = list(dedup(stays, config))
    assert [(outcome.dropped, outcome.edits) for outcome in again] == [("", ())] * len(stays)
    kept = {line for document in stays for line in document.text.split("\n") if len(line) > 20}
    # One copy of each line is there; only a near copy, and a document that is contained, may have a fifth of its own.
    may_lose = ("near copy", "contained: 0.")
    whole = [
        text
        for text, outcome in zip(texts, outcomes, strict=True)
        if not outcome.dropped.startswith(may_lose) and not outcome.dropped.endswith("stands in the one that stays")
    ]
    assert kept == {line for text in whole for line in text if len(line) > 20}


def corpus_of(place: Path, shard_bytes: int, workers: int, config: DedupConfig) -> tuple[Path, dict[str, Any]]:
    """A stage folder of dedup over some documents that share passages."""
    raw = place / "raw"
    raw.mkdir(parents=True)
    rng = random.Random(5)
    for number in range(24):
        text = [*lines(number, 4), *PIECES[rng.randrange(6)], *PIECES[rng.randrange(6)], *lines(100 + number, 5)]
        whole = text if number % 6 else [*text, *lines(number + 1, 4), *lines(101 + number, 5)]
        (raw / f"{number:02}.txt").write_text("\n".join(whole), encoding="utf-8")
    decoding = Config().decode.model_copy(update={"shard_bytes": shard_bytes})
    settings = Config().model_copy(update={"decode": decoding, "dedup": config})
    run_decode(raw, place / "1", settings, 1)
    return place / "2", run_stage(Step("dedup", place / "2"), place / "1", settings, workers)


@pytest.mark.parametrize("mode", ["report", "drop"])
def test_shards_and_workers_do_not_matter(tmp_path: Path, mode: str) -> None:
    config = REPORT.model_copy(update={"contained": mode, "passages": mode, "min_passage": 100})
    results = []
    for number, (shard_bytes, workers) in enumerate([(1 << 26, 1), (5000, 1), (5000, 2)]):
        folder, report = corpus_of(tmp_path / str(number), shard_bytes, workers, config)
        corpus = open_corpus(folder)
        dropped = [(document.id, reason, by) for document, _, reason, by in corpus.dropped()]
        rows = [row for path in corpus.stages[-1].passages for row in pq.read_table(path).to_pylist()]
        assert not list(folder.glob("*.scratch"))
        results.append((list(corpus.documents()), sorted(dropped), report["contained"], report["passages"], rows))
    assert results[0] == results[1] == results[2]
    inputs = list(open_corpus(tmp_path / "0/1").documents())
    in_memory = list(dedup(inputs, config))
    assert [outcome.document for outcome in in_memory if not outcome.dropped] == results[0][0]
    in_order = [sorted(rows, key=lambda row: (row["id"], row["start"])) for rows in results[0][3:]]
    assert in_order[0] == in_order[1] != []
    assert bool(results[0][1]) == (mode == "drop")


def test_the_claims_the_version_and_what_is_told(tmp_path: Path) -> None:
    config = DROP.model_copy(update={"min_passage": 100})
    folder, report = corpus_of(tmp_path, 5000, 1, config)
    assert report["across"]["passages"] == len(report["passages"]) > 5
    said = told(report)
    assert len(said) == 6 and said[-1].startswith("… and ")
    assert told(json.loads(json.dumps({"stage": "repair"}))) == []
    assert [finding.claim.sentence for finding in check(open_corpus(folder)) if finding.failures] == []
    version, _ = publish(open_corpus(folder), tmp_path / "clean")
    rows = [row for path in open_corpus(version).stages[-1].passages for row in pq.read_table(path).to_pylist()]
    assert len(rows) == report["across"]["passages"]


def test_the_claims_see_what_breaks_them(tmp_path: Path) -> None:
    config = REPORT.model_copy(update={"min_passage": 100})
    folder, report = corpus_of(tmp_path, 5000, 1, config)
    assert [finding.claim.sentence for finding in check(open_corpus(folder)) if finding.failures] == []
    corpus = open_corpus(folder)
    asked = {**report["settings"], "contained": "drop", "passages": "drop"}
    stages = [*corpus.stages[:-1], replace(corpus.stages[-1], report={**report, "settings": asked})]
    broken = [finding.claim.sentence for finding in check(replace(corpus, stages=stages)) if finding.failures]
    assert [sentence.split(",")[0] for sentence in broken] == [
        "no document stands in a longer one",
        "no passage stands in two documents",
    ]


# Kernels


@pytest.mark.usefixtures("kernels_both_ways")
@given(text=st.text("甲乙丙丁", max_size=120))
def test_winnowing_equals_its_twin(text: str) -> None:
    grams = shingles(folded(text), kernel.GRAM)
    assert kernel.winnow(grams).tolist() == plain.winnow(grams.tolist(), kernel.WINDOW)


@given(left=st.text("甲乙丙丁戊己", max_size=60), right=st.text("子丑寅卯辰巳", max_size=60), seed=st.integers(0, 99))
def test_texts_that_share_enough_share_a_fingerprint(left: str, right: str, seed: int) -> None:
    middle = "".join(random.Random(seed).choices(WORDS, k=SURE))
    ends = [kernel.fingerprints(folded(text), np.array([len(text)])) for text in (left + middle, middle + right)]
    assert SURE == kernel.SURE
    assert set(ends[0][0].tolist()) & set(ends[1][0].tolist())


def test_fingerprints_hardly_meet_by_chance() -> None:
    draw = random.Random(5)
    texts = ["".join(chr(draw.randrange(0x4E00, 0x9FA5)) for _ in range(2_000)) for _ in range(100)]
    hashes, _, counts = fingerprints_of_folded(fold_texts(texts))
    bits = bits_for(sum(map(len, texts)))
    slots = slots_of(hashes, bits)
    met = len(slots) - len(np.unique(slots))
    assert counts.sum() == len(hashes) > 10_000
    assert met < 1.2 * len(slots) ** 2 / 2 ** (bits + 1)  # as many as if they were thrown there


def test_the_way_along_a_text_passes_over_typos() -> None:
    a = "".join(lines(1, 4))[:150]
    b = "某某" + a[:40] + "错" + a[41:80] + a[81:120] + "多出" + a[120:]
    path = align(folded(a), folded(b), np.array([[0, 2]]))
    assert path[0] == 2 and path[-1] == len(folded(b)) - 1
    assert np.count_nonzero(path < 0) <= 3


@given(ours=st.text("甲乙丙丁", max_size=60), theirs=st.text("甲乙丙丁", max_size=60))
def test_the_share_of_a_text_is_that_of_its_set_of_shingles(ours: str, theirs: str) -> None:
    a, b = (set(shingles(folded(text), 5).tolist()) for text in (ours, theirs))
    assert share_of(shingles(folded(ours), 5), shingles(folded(theirs), 5)) == (len(a & b) / len(a) if a else 0.0)


def test_a_document_is_looked_for_where_most_of_what_it_shares_stands() -> None:
    some = ["".join(lines(7, 6)), "".join(lines(8, 9)) + "".join(lines(7, 6)) + "".join(lines(9, 30))]
    found = laid_out(some)
    hashes, places, counts = fingerprints_of_folded(fold_texts(some))
    prints = Prints(hashes, places, np.cumsum([0, *counts]))
    containers = np.array([[1, -1], [0, -1]], dtype=np.int32)
    shifts, shares = shares_in_windows(containers, prints, found.points, found.spans, 5, 64)
    assert shifts.tolist() == [[len(folded("".join(lines(8, 9)))), 0], [-len(folded("".join(lines(8, 9)))), 0]]
    assert shares[0].tolist() == [1.0, 0.0]
    assert 0 < shares[1, 0] < 0.5


@given(seed=st.integers(0, 200), broken=st.integers(0, 60), begin=st.integers(0, 3))
def test_lines_that_another_text_covers_are_measured_as_on_the_way_along_it(seed: int, broken: int, begin: int) -> None:
    drawn = random.Random(seed)
    ours, theirs = lines(1, 5), lines(2, 2) + lines(1, 5)[begin:]
    cut = [line[: drawn.randrange(9, 99)] for line in theirs]
    marred = ["某错" + line[1:] if drawn.random() * 60 < broken else line for line in cut]
    found = laid_out(["\n".join(ours), "\n".join(marred)])
    a, b = (found.points[start:end] for start, end in found.spans)
    at = {tuple(b[place : place + 12].tolist()): place for place in range(len(b) - 11)}
    keys = [(place, at.get(tuple(a[place : place + 12].tolist()))) for place in range(0, len(a) - 11, 20)]
    pairs = np.array([pair for pair in keys if pair[1] is not None] or [(0, 0)], dtype=np.int64)
    seeds = np.concatenate([np.array([[0, 1]] * len(pairs), dtype=np.int64), pairs], axis=1)
    laid = Laid(found.points, found.spans, found.lines, found.line_spans)
    low, high = max(pairs[:, 0].min() - len(b) - 64, 0), pairs[:, 0].max() + len(b) + 64
    path = align(a[low:high], b, pairs - np.array([low, 0]))
    bounds = [*found.lines[slice(*found.line_spans[0]), 2].tolist(), len(a)]
    expected = 0
    for first, last in itertools.pairwise(bounds):
        if first >= low and last <= low + len(path):
            is_covered = np.count_nonzero(path[first - low : last - low] >= 0) >= 0.8 * (last - first)
            expected += (last - first) * is_covered
    assert covered_by_lines(seeds, np.array([0, len(seeds)]), laid, 0.8, 64).tolist() == [expected]


@pytest.mark.parametrize("seed", range(6))
def test_quick_looks_rule_out_nothing_that_is_found(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = random.Random(seed)
    pool = [line[:20] + "某" * drawn.randrange(3) + line[20:] for line in lines(seed, 60)]
    texts = [
        [line[: drawn.randrange(5, 300)] for line in pool[start : start + drawn.randrange(3, 25)]]
        + lines(100 * seed + start, drawn.randrange(5))
        for start in drawn.choices(range(50), k=30)
    ]
    found = found_in(*texts)
    assert found.contained and found.passages
    shares_in = contained.shares_in

    def all_shares(*asked: Any) -> tuple[Any, Any]:
        return shares_in(*asked)[0], np.where(asked[2] >= 0, 1.0, 0.0)

    monkeypatch.setattr(contained, "shares_in", all_shares)
    monkeypatch.setattr(shared_passages, "with_whole_lines", lambda seeds, folds, config: seeds)
    assert found_in(*texts) == found


# Quality


@pytest.mark.skipif(not EVAL.is_dir(), reason=f"no evaluation data in {EVAL}")
def test_what_is_planted_in_other_documents() -> None:
    _, _, score = measure(held_out=True, seed=11)
    assert score.wrong == []
    assert sum(score.found.values()) >= 0.98 * sum(score.of.values())
    assert score.found["exact"] == score.of["exact"] > 20
    assert score.found["whole"] == score.of["whole"] > 20


def outcome_of(text: str) -> Outcome:
    return next(iter(dedup([Document("id", "source", text)], DROP)))


def test_one_document_has_nothing_to_share() -> None:
    text = "\n".join(lines(1, 9))
    assert outcome_of(text).document.text == text


@pytest.mark.parametrize("count", [200, 400])
def test_sentences_in_another_order_are_hashed_once(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences of one line stand far apart in the other document: what is between them is not hashed for each line."""
    hashed: list[int] = []

    def counted(points: Any, size: int) -> Any:
        hashed.append(len(points))
        return shingles(points, size)

    sentences = lines(31, count)
    shuffled = random.Random(32).sample(sentences, count)
    texts = [["".join(some[at : at + 4]) for at in range(0, count, 4)] for some in (sentences, shuffled)]
    monkeypatch.setattr(shared_passages, "shingle_hashes", counted)
    assert not found_in(*texts).passages
    assert sum(hashed) <= 2 * sum(map(len, sentences))


@pytest.mark.parametrize(("here", "is_strewn"), [(40, True), (75, False)])
def test_strewn(here: int, is_strewn: bool) -> None:
    """With a threshold of 0.8 it is where 96 shingles there are more than two and a half times those here."""
    assert shared_passages.is_strewn(here, 100, REPORT) == is_strewn
    assert not shared_passages.is_strewn(here, 10**6, REPORT.model_copy(update={"threshold": 0.0}))


def test_rows_of_one_form_in_another_order_are_not_followed_from_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row leads through the whole of the other text, in which but the numbers differ."""
    rows = [
        f"第{number}户村民分得新修水渠边上的水田由村里统一丈量登记张榜公布之后没有人提出不同的意见"
        for number in range(100, 200)
    ]
    a, b = (folded("".join(some)) for some in (rows, random.Random(33).sample(rows, len(rows))))
    places = [[np.flatnonzero(text[:-1] == ord("第"))[number] for number in range(100)] for text in (a, b)]
    order = [
        int(np.flatnonzero([np.array_equal(b[at : at + 6], a[i : i + 6]) for at in places[1]])[0]) for i in places[0]
    ]
    seeds = np.array([[i, places[1][at]] for i, at in zip(places[0], order, strict=True)])
    followed: list[int] = []
    follow = alignment.follow

    def counted(*arguments: Any) -> Any:
        followed.append(follow(*arguments))
        return followed[-1]

    monkeypatch.setattr(alignment, "follow", counted)
    path = next(known.function for known in Kernel.known if known.__name__ == "align")(a, b, seeds)
    assert sum(followed) <= 33 * len(a)
    assert np.count_nonzero(path >= 0) >= 0.9 * len(a)
