"""The laws: true of every stage, whatever the text."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.config import Config
from cleaner.counts import Counts
from cleaner.decode import decode, encode
from cleaner.dedup import dedup
from cleaner.document import SOME, Document, Edits, Outcome, apply, invert, rewind
from cleaner.files.raw import RawText
from cleaner.normalize import normalize
from cleaner.repair import repair
from cleaner.simplify import simplify
from tests.conftest import Run
from tests.texts import anything, paragraphs, texts

CONFIG = Config()
DEDUP = CONFIG.dedup.model_copy(update={"min_passage": 20})  # so that generated texts are long enough
Stage = Callable[[list[Document]], Iterator[Outcome]]


def on_documents(function: Callable[[Iterable[Document], Any], Iterator[Outcome]], settings: Any) -> Stage:
    return lambda documents: function(documents, settings)


STAGES: dict[str, Stage] = {
    "normalize": on_documents(normalize, CONFIG.normalize),
    "simplify": on_documents(simplify, CONFIG.simplify),
    "repair": on_documents(repair, CONFIG.repair),
    "dedup": lambda documents: dedup(documents, DEDUP),
}
each_stage = pytest.mark.parametrize("stage", STAGES)


def run_on(stage: str, text: str) -> Outcome:
    """One stage over one text."""
    return next(STAGES[stage]([Document("id", "source", text)]))


@each_stage
@given(text=anything)
def test_the_ledger_replays_and_inverts(stage: str, text: str) -> None:
    outcome = run_on(stage, text)
    replayed = text
    for edits in outcome.edits:
        replayed = apply(replayed, edits)
    assert replayed == outcome.document.text
    assert rewind(outcome.document.text, outcome.edits) == text


@each_stage
@given(text=anything)
@example(text="“一“二“")
@example(text="1\n\f1\f1\f")
@example(text="国家高企 110 家\n一,二。")
def test_cleaning_what_is_clean_changes_nothing(stage: str, text: str) -> None:
    once = run_on(stage, text).document.text
    again = run_on(stage, once)
    assert [(edits.rule, list(edits)) for edits in again.edits] == []


@each_stage
@given(some=st.lists(anything, max_size=6))
def test_nothing_vanishes(stage: str, some: list[str]) -> None:
    documents = [Document(f"id{number}", "source", text) for number, text in enumerate(some)]
    counts = Counts()
    outcomes = list(STAGES[stage](documents))
    for outcome in outcomes:
        counts.see(outcome)
    assert [outcome.document.id for outcome in outcomes] == [document.id for document in documents]
    assert counts.documents_in == counts.kept + sum(counts.dropped.values())
    removed = sum(rule.removed for rule in counts.rules.values())
    added = sum(rule.added for rule in counts.rules.values())
    assert counts.characters_in == sum(len(text) for text in some)
    assert counts.characters_in - removed + added - counts.characters_dropped == counts.characters_out


@each_stage
@given(some=st.lists(anything, max_size=5))
def test_documents_do_not_depend_on_their_neighbours(stage: str, some: list[str]) -> None:
    if stage == "dedup":
        return  # the one stage whose business it is to compare
    documents = [Document(f"id{number}", "source", text) for number, text in enumerate(some)]
    together = [outcome.document for outcome in STAGES[stage](documents)]
    assert together == [next(STAGES[stage]([document])).document for document in documents]


@given(data=st.binary(max_size=400))
@example(data=b"\xff\xfe\x00")
@example(data="\N{ZERO WIDTH NO-BREAK SPACE}目录".encode())
@example(data="前\U0010ff41后".encode())
def test_bytes_come_back_whatever_they_are(data: bytes) -> None:
    outcome = next(decode([RawText("source", data)], CONFIG.decode))
    if outcome.document.encoding:
        raw = rewind(outcome.document.text, outcome.edits)
        assert encode(raw, outcome.document.encoding) == data
    else:
        assert outcome.dropped
        assert outcome.quarantine == data


@given(text=paragraphs, codec=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "big5hkscs", "utf-16"]))
def test_bytes_of_text_come_back(text: str, codec: str) -> None:
    data = text.encode(codec, "ignore")
    outcome = next(decode([RawText("source", data)], CONFIG.decode))
    if outcome.document.encoding:
        assert encode(rewind(outcome.document.text, outcome.edits), outcome.document.encoding) == data


@given(text=texts)
def test_repair_changes_nothing_but_white_space_and_what_it_logs(text: str) -> None:
    outcome = run_on("repair", text)
    removed = "".join(edit.before for edits in outcome.edits for edit in edits if not edit.after)
    visible = partial(str.split)
    before, after = "".join(visible(text)), "".join(visible(outcome.document.text))
    assert len(before) == len(after) + len("".join(visible(removed))) - furniture_left(outcome)


def furniture_left(outcome: Outcome) -> int:
    """Characters removed by edits that put something in their place, such as a page number by a line break."""
    return -sum(
        len("".join(edit.before.split())) - len("".join(edit.after.split()))
        for edits in outcome.edits
        for edit in edits
        if edit.after
    )


@pytest.mark.parametrize("at_a_time", [1, 2, SOME])
@given(text=anything, cuts=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 3), texts), max_size=6))
def test_edits_apply_and_invert(at_a_time: int, text: str, cuts: list[tuple[int, int, str]]) -> None:
    changes: list[tuple[int, int, str]] = []
    last = 0
    for place, length, new in sorted(cuts, key=lambda cut: cut[0]):
        start = max(place, last)
        if start + length <= len(text):
            changes.append((start, start + length, new))
            last = start + length
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cleaner.document.SOME", at_a_time)
        edits = Edits.of("rule", text, changes)
    after = apply(text, edits)
    assert invert(after, edits) == text
    assert apply(text, edits.inverse().inverse()) == after
    assert [(edit.offset, edit.before, edit.after) for edit in edits] == [
        (start, text[start:end], new) for start, end, new in changes if text[start:end] != new
    ]


@pytest.mark.parametrize("changes", [[(0, 1, ""), (0, 2, "")], [(1, 2, ""), (0, 1, "")], [(2, 1, "a")], [(3, 5, "")]])
@pytest.mark.parametrize("at_a_time", [1, SOME])
def test_changes_that_overlap_or_lie_outside_are_refused(
    monkeypatch: pytest.MonkeyPatch, at_a_time: int, changes: list[tuple[int, int, str]]
) -> None:
    monkeypatch.setattr("cleaner.document.SOME", at_a_time)
    with pytest.raises(ValueError, match="overlaps or lies outside"):
        Edits.of("rule", "一二三四", changes)


def test_the_whole_pipeline_leaves_its_own_result_alone(demo: Run, seeds: Run) -> None:
    from cleaner.files.corpus import open_corpus

    for run in (demo, seeds):
        for document in open_corpus(run.clean).documents():
            plain = Document(document.id, document.source, document.text)
            for stage in STAGES:
                outcome = run_on(stage, plain.text)
                rules = [(edits.rule, list(edits)[:3]) for edits in outcome.edits]
                assert (document.source, stage, rules) == (document.source, stage, [])
                plain = replace(plain, text=outcome.document.text)
