"""The compiled looks of repair: they rule out nothing that a rule would change, and count what a plain loop counts."""

import re
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.config import RepairConfig
from cleaner.document import Document, Edit, Outcome, code_points
from cleaner.kernels import looks as looks_kernel
from cleaner.kernels import runs as kernel
from cleaner.lines import wrap_width
from cleaner.normalize import strip_indents
from cleaner.repair import RULES, corpus_grams, repair, repairer, unbroken
from cleaner.repair import SIGNS as SIGNS_OF_RULES
from cleaner.repair.breaks import NOBODY, is_among_titles, is_doubtful
from cleaner.repair.corpus_grams import BETWEEN, UNIT, count, four_of, lines_of, runs_of
from cleaner.repair.furniture import _share_words as share_words
from cleaner.repair.grams import EDGE, fold
from cleaner.repair.jump_grammar import HINT, SIGNS, TURN, has_sign_of_turn, lines_with_signs
from cleaner.repair.looks import Batch, batches_of
from cleaner.repair.page_numbers import BARE_NUMBER, PAGE_NUMBER, numbers_of
from cleaner.repair.seams import doubts, has_furniture, text_lines, width_of
from cleaner.repair.signs import FURNITURE, JUMP, SHARE, seen_in, tables
from cleaner.repair.witnesses import note, to_be_repaired
from tests.reference import looks as plain_looks
from tests.reference import runs as plain
from tests.test_lines import JUMP_PIECES, ODD_PIECES, PAGE_PIECES, SHARE_PIECES, made_of
from tests.texts import anything, paragraphs, texts

SEAM_PIECES = (
    *"一二三四（(、，,。！”）:.1ab \n\n\n\t\u3000\u00a0",
    "今年又种下两千多棵果", "树，乡亲们都说好", "水渠修好了。", "三、办好学校，", "让孩子在家门口上学",
    "（责编：何山）", "上一篇：水渠",
    "一行正好有二十个字的长文本就是这样子的呀", "\n一行正好有二十个字的长文本就是这样子的呀\n",
)  # fmt: skip
mixtures = st.one_of(
    made_of(SEAM_PIECES),
    made_of((*JUMP_PIECES, *SEAM_PIECES)),
    made_of((*PAGE_PIECES, *ODD_PIECES)),
    made_of((*SHARE_PIECES, *SEAM_PIECES)),
    paragraphs,
    anything,
)


def matches(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    """Lines that a pattern of ours matches as a whole."""
    return st.from_regex(re.compile(pattern.pattern, pattern.flags), fullmatch=True)


def batch_of(*some: str) -> Batch:
    (batch,) = batches_of(some)
    return batch


@settings(max_examples=400)
@given(st.lists(mixtures, min_size=1, max_size=3))
def test_no_rule_has_work_in_an_idle_text(some: list[str]) -> None:
    known = note([batch_of(*some)], RepairConfig())
    idle = {*range(len(some))} - {*np.flatnonzero(known.is_busy).tolist(), *known.breaks.texts.tolist()}
    for number, text in enumerate(some):
        if number in idle:
            assert [rule.__name__ for rule in (*RULES, strip_indents) if next(iter(rule(text)), None)] == []
            assert doubts(text) == ()
            assert not any(line.furniture_before for line in text_lines(text)) and not width_of(text)


@given(st.lists(mixtures, min_size=1, max_size=6))
def test_in_each_of_some_texts_is_seen_what_is_seen_in_it_alone(some: list[str]) -> None:
    alone = [seen for (seen,) in (list(batch_of(text).seen()) for text in some)]
    assert list(batch_of(*some).seen()) == alone
    for text, seen in zip(some, alone, strict=True):
        assert (text, seen_in(text)) == seen or (seen is None and not seen_in(text).signs)


@given(st.lists(mixtures, min_size=1, max_size=6))
def test_what_is_passed_on_would_not_be_changed(some: list[str]) -> None:
    documents = [Document(str(number), f"{number}.txt", text) for number, text in enumerate(some)]
    config = RepairConfig()
    is_busy, has_no_seams = to_be_repaired(note([batch_of(*some)], config), NOBODY, least=1)

    def told(outcomes: Iterable[Outcome]) -> list[tuple[Document, list[Edit]]]:
        return [(outcome.document, [edit for edits in outcome.edits for edit in edits]) for outcome in outcomes]

    repaired = told(repair(documents, config))
    assert [(document, []) for document, busy in zip(documents, is_busy, strict=True) if not busy] == [
        found for found, busy in zip(repaired, is_busy, strict=True) if not busy
    ]
    assert told(map(repairer(config), documents, has_no_seams)) == repaired


@given(mixtures)
def test_no_rule_has_work_in_a_text_without_its_signs(text: str) -> None:
    for rule, signs in SIGNS_OF_RULES.items():
        assert seen_in(text).signs & signs or not list(rule(text))
    lines = plain_looks.text_lines(text)
    assert width_of(text) == wrap_width([line.text for line in lines])


@given(st.lists(mixtures, max_size=5))
def test_the_short_look_tells_all_texts_in_which_the_long_one_sees_a_jump_line(some: list[str]) -> None:
    bounds = np.cumsum([0, *map(len, some)], dtype=np.int64)
    found = looks_kernel.hold_jumps(code_points("".join(some)), bounds, tables())
    assert not [text for text, is_told in zip(some, found, strict=True) if seen_in(text).signs & JUMP and not is_told]
    assert not looks_kernel.hold_jumps(code_points("水渠修好了。"), np.array([0, 6]), tables()).any()


@given(mixtures)
def test_no_doubtful_break_is_passed_by(text: str) -> None:
    lines = plain_looks.text_lines(text)
    if has_furniture(text):
        return  # they are looked for over furniture, before all lines
    assert text_lines(text) == tuple(lines)
    seen = set(seen_in(text).breaks)
    for number in range(1, len(lines)):
        left, right = lines[number - 1].text, lines[number].text
        if left[-1] != "。" and not is_among_titles(left.rstrip(), right, number == 1):
            assert number in seen or not is_doubtful(left.rstrip(), right)


@pytest.mark.parametrize("pattern", [PAGE_NUMBER, BARE_NUMBER])
def test_every_page_number_is_seen(pattern: re.Pattern[str]) -> None:
    @given(matches(pattern).filter(lambda line: "\n" not in line))
    def see(line: str) -> None:
        assert seen_in(f"水渠修好了。\n{line}\n大家都说好。").signs & FURNITURE or not numbers_of([line])

    see()


@given(matches(share_words))
def test_every_word_of_a_toolbar_is_seen(word: str) -> None:
    assert seen_in(f"水渠修好了{word}").signs & SHARE


@given(st.sampled_from(list(SIGNS.values())).flatmap(matches), matches(HINT))
def test_every_sign_of_a_jump_line_is_seen(sign: str, hint: str) -> None:
    text = f"水渠{sign}水渠{hint}"
    assert seen_in(text).signs & JUMP or not lines_with_signs(text)


@given(matches(TURN))
def test_every_turn_has_a_sign(turn: str) -> None:
    assert has_sign_of_turn(turn)


@pytest.mark.usefixtures("kernels_both_ways")
@given(st.text() | texts | st.text(st.characters(codec="utf-8")) | st.just("\ud800x\U0010ffff\né߿ࠀ"))
def test_checksums_equal_their_twin(text: str) -> None:
    found = kernel.line_checksums(code_points(text), corpus_grams.checksum_tables())
    assert found.tolist() == plain.checksums(text)


@pytest.mark.usefixtures("kernels_both_ways")
@given(st.lists(st.text("一二三。，a\n ", max_size=60) | texts, min_size=1, max_size=3), st.randoms())
def test_breaks_are_found_as_their_twin_finds_them(some: list[str], random: object) -> None:
    runs = sorted(set().union(*map(plain.unbroken, some)))
    keys = {unbroken.hash_of(run): run for run in runs}
    wanted = unbroken.merged([np.array([*keys, 3, 5], dtype=np.uint64)])
    search = unbroken.Search(wanted)
    search.see(code_points(BETWEEN.join(some)))
    assert {keys[key] for key in search.found().tolist()} == set(runs)
    for text in some:  # the first run of each is parted from its rest, and not found
        alone = unbroken.Search(wanted)
        alone.see(code_points(text))
        assert {keys[key] for key in alone.found().tolist()} == plain.unbroken(text)


@pytest.mark.usefixtures("kernels_both_ways")
@given(st.text("一二三。，a\n ", max_size=80), st.lists(st.text("一二三a", min_size=4, max_size=4), max_size=4))
def test_runs_are_counted_as_their_twin_counts_them(text: str, breaks: list[str]) -> None:
    fours = np.unique(np.array([four_of(fold(run[:2]), fold(run[2:])) for run in breaks], dtype=np.uint64))
    found = count([text], fours, corpus_grams.NO_LINES)[3 * corpus_grams.ONES :] / UNIT
    counted = plain.runs(text + BETWEEN)
    keys = [run for wanted in runs_of(fours) for run in wanted.tolist()]
    spelt = ["".join(chr(key >> shift & 0xFFFF) for shift in (48, 32, 16, 0) if key >> shift) for key in keys]
    assert dict(zip(spelt, found.tolist(), strict=True)) == {run: counted[run] for run in spelt}
    assert kernel.SIDE == unbroken.SIDE and chr(int(kernel.EDGE)) == EDGE and lines_of([]).cells.tolist() == []


def test_a_text_may_be_known_to_have_no_seams_though_other_rules_change_it() -> None:
    told = [
        f"水渠修好了第{number}段，大家都说好。\n今年的果树\n乡亲们都来看热闹。\n【字体：大 中 小】"
        for number in range(9)
    ]
    known = note([batch_of(*told)], RepairConfig())
    is_busy, has_no_seams = to_be_repaired(known, NOBODY, least=1)
    assert is_busy.all() and has_no_seams.all() and len(known.breaks.texts) == 9
