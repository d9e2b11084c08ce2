"""Doubtful breaks weighed together score what the rule says of each, and none that would be joined is passed by."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.repair.breaks import NOBODY, Others
from cleaner.repair.corpus_grams import Learnt, four_of
from cleaner.repair.grams import Grams, fold, key, shipped_grams
from cleaner.repair.score import NEAR, evidence_nearby, is_han, knowledge, marks
from cleaner.repair.seams import around_breaks, doubts, has_furniture
from cleaner.repair.signs import seen_in
from cleaner.repair.unbroken import key_of
from cleaner.repair.unbroken import keys_of as keys_of_breaks
from cleaner.repair.weighing import ROUNDING, breaks_in, may_be_cuts, noted, reading, rows_of, sum_of, votes_of
from cleaner.repair.word_arrays import keys_of, kinds_of, shipped_vocabulary, together
from cleaner.repair.words import LONGEST, divide, pair_names, shipped_pairs, shipped_words
from tests.texts import texts

SENTENCES = (
    "镇里修好了水渠，今年又种下两千多棵果树，乡亲们都说好。",
    "青溪的纺麻车换了新的棚子，买的人排到了桥头。",
    "2019年3月，全镇粮食产量达到3.2万吨，比上年增长6%。",
    "他说：“水渠修好了，日子就好过了。”大家都笑了。",
    "《青溪志》（以下简称《志》）由县里的老先生们编成，共十二卷。",
    "这些应用场景的功能还要在实践中不断完善，A1型设备也要更新。",
)
PIECES = (
    *"的了是一不上，、：”（《12％aZ¶\ufffe\U00020000é ",
    "今年",
    "应用场景",
    "乡亲们",
    "水渠",
    "第三章",
    "之一",
    "上海市",
)
words = st.sampled_from([word for word in shipped_words().shares if len(word) < 5][::97])
lines = st.lists(st.one_of(st.sampled_from(PIECES), words), min_size=1, max_size=8).map("".join)


def cut_up(sentence: str, places: list[int], gap: str) -> str:
    """A sentence that is cut at some places."""
    cuts = sorted({0, len(sentence), *(place % len(sentence) for place in places)})
    return gap.join(sentence[start:end] for start, end in itertools.pairwise(cuts))


paragraphs = st.builds(
    cut_up,
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map("".join),
    st.lists(st.integers(0, 100), max_size=2),
    st.sampled_from(["\n", "\n\n"]),
)
cut_texts = st.lists(st.one_of(paragraphs, paragraphs, lines), min_size=1, max_size=6).map("\n".join)


def learnt_of(pairs: list[tuple[str, str]]) -> Learnt:
    """A little that was learnt of every other break."""
    votes = {four_of(a, b): 0.5 + number % 5 / 2 for number, (a, b) in enumerate(pairs[::2]) if four_of(a, b)}
    counts = {run: 1.0 + number for number, (a, b) in enumerate(pairs) for run in (a[-1] + b[0], a[-2:] + b[0], a[-1])}
    return Learnt(shipped_grams().plus(Grams.of(counts), 2.0), votes)


@given(st.lists(cut_texts | texts, min_size=1, max_size=3))
def test_breaks_noted_together_ask_what_each_does(some: list[str]) -> None:
    found = [(number, text, list(breaks_in(text, seen_in(text)))) for number, text in enumerate(some)]
    flat = [one for _, _, breaks in found for one in breaks]
    breaks = noted(found)
    assert breaks.fours.tolist() == [four_of(fold(one.left), fold(one.right)) for one in flat]
    assert breaks.keys.tolist() == [key_of(one.left, one.right) for one in flat]
    assert breaks.texts.tolist() == [number for number, _, breaks in found for _ in breaks]


sides = st.text("一二三四五六七𠮷a1，。 \0\ud800", max_size=30)


@given(st.lists(st.tuples(sides, sides), max_size=5))
def test_keys_of_many_breaks_are_those_of_each(pairs: list[tuple[str, str]]) -> None:
    assert keys_of_breaks(pairs).tolist() == [key_of(left, right) for left, right in pairs]


def may_be_cut_in(some: list[str], others: Others) -> list[bool]:
    """Of each text, whether one of its breaks may be a page's."""
    breaks = noted([(number, text, list(breaks_in(text, seen_in(text)))) for number, text in enumerate(some)])
    found = set(breaks.texts[may_be_cuts(breaks, others, least=1)].tolist())
    return [number in found for number in range(len(some))]


@settings(max_examples=300)
@given(st.lists(st.tuples(lines, lines), min_size=1, max_size=8), st.booleans())
def test_breaks_weighed_together_score_what_each_does(breaks: list[tuple[str, str]], is_learnt: bool) -> None:
    pairs = [(fold(left[-NEAR:]), fold(right[:NEAR])) for left, right in breaks]
    known = knowledge(learnt_of(pairs) if is_learnt else None)
    rows = rows_of(breaks).astype(np.uint64)
    votes, has_vote = votes_of(np.array([four_of(a, b) for a, b in pairs], dtype=np.uint64), known)
    scores = reading(rows, has_vote, known) + together(rows)
    for number, (left, right) in enumerate(breaks):
        found, expected = evidence_nearby(left[-NEAR:], right[:NEAR], known)
        assert votes[number] == expected
        (a, b), signs = pairs[number], sum_of(list(marks(*pairs[number])))
        is_rare = any(character >= "\uffff" for character in left + right)
        if is_han(a[-1]) and is_han(b[0]) and min(len(a), len(b)) > 1 and not is_rare:
            assert abs(scores[number] + signs - sum_of(found)) < ROUNDING / 100


@settings(max_examples=400)
@given(st.lists(cut_texts, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_no_text_with_a_cut_is_passed_by(some: list[str], is_learnt: bool, is_unbroken: bool) -> None:
    breaks = [found for text in some for found in around_breaks(text)]
    keys = frozenset(key_of(left, right) for left, right in breaks[::2]) - {0}
    pairs = [(fold(left), fold(right)) for left, right in breaks]
    others = Others(keys if is_unbroken else frozenset(), learnt_of(pairs) if is_learnt else None)
    for text, may_be_cut in zip(some, may_be_cut_in(some, others), strict=True):
        is_torn = has_furniture(text)  # which is work for another rule
        assert may_be_cut or is_torn or not any(doubt.is_cut for doubt in doubts(text, others=others))


def test_words_become_numbers_together_as_each_does() -> None:
    words = [*shipped_words().shares, "水", "水渠", "水渠边", "𠮷水", "A", ""]
    words = [word for word in words if len(word) <= LONGEST]
    assert keys_of(words).tolist() == list(map(key, words))
    known = shipped_vocabulary()
    assert np.all(np.diff(known.words.astype(np.int64)) > 0)
    assert np.all(np.diff(known.pairs) >= 0)


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_both_kinds_of_text_are_met(gap: str) -> None:
    """Of sentences cut at each place, some are surely whole, and some are not."""
    some = [cut_up("".join(SENTENCES[:2]), [place], gap) for place in range(1, 45)]
    found = may_be_cut_in(some, NOBODY)
    cut = [any(doubt.is_cut for doubt in doubts(text)) for text in some]
    assert any(cut) and not all(found) and all(map(bool.__ge__, found, cut))


def test_every_pair_has_its_number() -> None:
    known, names = shipped_vocabulary(), shipped_pairs()
    numbers = {side: place for place, side in enumerate({side for name in names for side in name.split("|") if side})}
    assert [name for name in names if not list(kinds_of(name, known.codes, numbers))] == []
    assert len(known.pairs) == len(set(known.pairs.tolist())) >= len(names)


def test_the_names_of_pairs_are_those_that_are_looked_up() -> None:
    """The kinds stand in the order of `pair_names`."""
    known, words = shipped_vocabulary(), shipped_words()
    before, after = divide("乡亲们又种下", words), divide("果树都活了", words, from_end=True)
    numbers = {word: number for number, word in enumerate((before.words[-1], after.words[0]))}
    kinds = [{kind for kind, _ in kinds_of(name, known.codes, numbers)} for name in pair_names(before, after, words)]
    assert kinds == [{kind} for kind in range(12)]
