"""The stage normalize: what input it bears, which documents it takes for folded, and what it counts as left."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.config import Config, NormalizeConfig
from cleaner.counts import Counts, total
from cleaner.document import Change, Document, Edits, Outcome, apply, apply_rules, apply_to_all, rewind
from cleaner.normalize import RULES, UNCOVERS_NOTHING, busy, kinds, normalize
from cleaner.normalize.characters import MOST_MARKS, compose_nfc
from cleaner.normalize.kinds import PIECE, kinds_of, looks_at, outline_of
from tests.texts import anything

SURROGATE = "\ud83d"  # half of a pair, as JSON can spell it


def run(text: str, **settings: Any) -> Outcome:
    return next(normalize([Document("id", "source", text)], NormalizeConfig(**settings)))


# Bad input: right, or left alone and said

BAD = {
    "lone surrogates": f"前{SURROGATE}后{SURROGATE}{SURROGATE},好,完",
    "NULs": "\0前\0\0后\0",
    "beyond the BMP": "𠀀𪛖𫝀𬺰𭀀𰀀𱍐,好,\U0002f800 12 家",
    "planes without characters": "前\U0003ffff后\U00050000\U0005fffe\U0010ff41\U0010ffff",
    "ideographic description": "⿰亻言⿱⿲彳氵亍一,好,完",
    "variation selectors": "葛\U000e0100,辻\U000e0101,好︎",
    "emoji": "👨‍👩‍👧‍👦,好,👍🏽,🏳️‍🌈,🇨🇳,1️⃣,🏴\U000e0067\U000e0062\U000e007f",
    "tags without a flag": "\U000e0041好\U000e0042,好\U000e007f",
    "a heap of marks": "e" + "\u0301\u0323" * 500,
    "nothing": "",
    "a newline": "\n",
    "marks alone": ",;:?!()\"'" * 30,
    "brackets that never close": "好(" * 300,
    "everything once": "".join(map(chr, range(0x10000))) + "".join(map(chr, range(0x1F000, 0x20400))),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
@pytest.mark.parametrize("marks", ["auto", True, False])
def test_bad_input_is_taken_back_and_stays_as_it_is_the_second_time(text: str, marks: bool | str) -> None:
    outcome = run(text, restore_fullwidth_marks=marks)
    assert rewind(outcome.document.text, outcome.edits) == text
    again = run(outcome.document.text, restore_fullwidth_marks=marks)
    assert [(edits.rule, list(edits)) for edits in again.edits] == []
    assert again.left == outcome.left


def test_half_a_surrogate_pair_is_left_and_said() -> None:
    outcome = run(f"前{SURROGATE}后,好")
    assert outcome.document.text == f"前{SURROGATE}后，好"
    assert dict(outcome.left) == {"remove_stray_controls": 1}


def test_a_letter_with_very_many_marks_is_left_and_said() -> None:
    text = "e" + "\u0301\u0323" * MOST_MARKS
    assert list(compose_nfc(text)) == [(0, len(text), text)]
    assert list(compose_nfc("e\u0323\u0301")) == [(0, 3, "\u1eb9\u0301")]


PIECES = (
    *"好，。、,;:?!()\"'“”‘’「」—…-.·・⋯1aＡ１．，％｡﹐ \u3000\n\u200d\u0301\u202a`<>|か⼯𠀀😀\ufeff",
    "...", "。。。", "--", "http://a.cn/", "好,好", "(好", "```\n", "    ", " 12 ", "\r\n",
    "1,000", "A,B", "&nbsp;", "](a)",
)  # fmt: skip


@given(text=st.lists(st.sampled_from(PIECES), max_size=40).map("".join), marks=st.sampled_from(["auto", True]))
def test_what_was_normalized_stays_as_it_is(text: str, marks: bool | str) -> None:
    outcome = run(text, restore_fullwidth_marks=marks)
    assert rewind(outcome.document.text, outcome.edits) == text
    again = run(outcome.document.text, restore_fullwidth_marks=marks)
    assert [(edits.rule, list(edits)) for edits in again.edits] == []
    assert again.left == outcome.left


# The kinds

each_size = pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 7])


@each_size
@pytest.mark.parametrize("beyond", ["", "😀", "𠀀"])
def test_every_character_has_a_kind(size: int, beyond: str) -> None:
    text = ("春1," * size)[:size] + beyond
    assert kinds_of(text)[:size] == (b"H0," * size)[:size]
    assert len(kinds_of(text)) == len(text)


@given(text=anything)
def test_what_stands_together_in_a_text_stands_together_in_its_outline(text: str) -> None:
    outline = outline_of(text)
    for run_of_kinds in re.findall(rb"[^HMxaks]+", kinds_of(text)):
        assert run_of_kinds in outline


@given(texts=st.lists(anything, max_size=6), size=st.sampled_from([1, 7, 40, PIECE]))
def test_many_texts_are_looked_at_as_each_is(texts: list[str], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kinds, "PIECE", size)
        assert list(looks_at(texts)) == [next(looks_at([text])) for text in texts]


SIGNS = (b",", b"0", b"H,", b" 0", b"\n ", b" \n", b"HH", b"O", b"\n\n")


@given(texts=st.lists(anything, max_size=6), size=st.sampled_from([1, 7, 40, PIECE]))
def test_signs_are_those_that_a_search_finds(texts: list[str], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kinds, "PIECE", size)
        found = [look.signs for look in looks_at(texts, SIGNS)]
    framed = [b"\n" + kinds_of(text) + b"\n" for text in texts]
    assert found == [sum(1 << number for number, sign in enumerate(SIGNS) if sign in kinds) for kinds in framed]


@given(text=anything)
def test_a_rule_that_is_not_busy_has_nothing_to_do(text: str) -> None:
    found = set(next(busy(RULES, [text])))
    for rule in RULES:
        if rule not in found:
            assert list(rule(text)) == [], rule


@given(text=anything)
def test_what_uncovers_nothing_makes_no_rule_busy_and_leaves_itself_nothing(text: str) -> None:
    for rule in UNCOVERS_NOTHING:
        before = next(busy(RULES, [text]))
        done = apply(text, Edits.of("rule", text, rule(text)))
        assert set(next(busy(RULES, [done]))) <= set(before)
        assert list(rule(done)) == []


@given(some=st.lists(anything, max_size=4))
def test_leaving_out_a_round_leaves_out_nothing(some: list[str]) -> None:
    documents = [Document("id", "source", text) for text in some]
    found = list(normalize(documents, NormalizeConfig()))
    for outcome, whole in zip(found, apply_to_all(documents, RULES), strict=True):
        assert outcome.document == whole.document
        assert outcome.left == whole.left
        assert [list(edits) for edits in outcome.edits] == [list(edits) for edits in whole.edits]


# No quadratic time: lines of Python are counted, which are the same on every machine.

LONG = {
    "brackets that open": "好(",
    "brackets in brackets": "好(好)",
    "quotes that open": "“",
    "quotes that close": "”好",
    "joiners": "好\u200d",
    "tags": "\U0001f3f4\U000e0067",
    "wide signs": "Ａ．．",
    "wide commas": "１，０００",
    "dots": "好...",
    "lone dashes": "好—",
    "spaces": "好 1 ",
    "marks upon marks": "\u0301\u0323",
    "addresses": "好,好a://",
    "tags of a page": "好,好<a",
    "fences": "```\n好,好\n",
    "rows": "好,好,好\n",
}


def steps_of(work: Callable[[], object]) -> int:
    """How many lines of Python some work executes."""
    steps = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal steps
        steps += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_twice_the_text_is_twice_the_work(piece: str) -> None:
    short, long = (piece * count for count in (200, 400))
    run("好,好")  # so that tables are loaded
    steps = [steps_of(lambda text=text: run(text)) for text in (short, long)]  # type: ignore[misc]
    assert steps[1] <= 2.2 * steps[0] + 200


# Documents that show folding


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("，" * 1 + "好,好" * 9, True),
        ("，" * 2 + "好,好" * 9, False),
        ("好,好" * 9 + "？" * 9, True),
        ("好,好" * 9 + "？" * 10, False),
        ("好?好" * 9 + "；", True),
        ("好?好" * 9 + "；；", False),
        ("好,Latin,1,2", False),
    ],
)
def test_how_many_folded_marks_show_folding(text: str, share: bool) -> None:
    assert bool(run(text).edits) == share


def test_the_switch_of_the_marks() -> None:
    mixed = "早上，大家出发了,走到石桥。"
    assert run(mixed).document.text == mixed
    assert run(mixed, restore_fullwidth_marks=True).document.text == "早上，大家出发了，走到石桥。"
    assert run("早上,大家", restore_fullwidth_marks=False).document.text == "早上,大家"
    assert [edits.rule for edits in run("早上,大家", restore_fullwidth_marks=True).edits] == ["restore_fullwidth_marks"]


# What is left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("早上，大家出发了,走到石桥(旧的)，歇息，吃饭，喝水。", {"restore_fullwidth_marks": 2}),
        ("早上,大家(共5人出发,走了。", {"restore_fullwidth_marks": 1}),
        ("早上,大家出发了。\n```\n甲,乙\n```", {}),
        ("他说：“好。\n她说：”好。", {"turn_wrong_quotes": 2}),
        ("表 1 人口，图 2 雨量，共5个站，另有3人。", {"remove_spaces_beside_digits": 4}),
        ("北京—上海，天津—广州", {"widen_dashes": 2}),
        ("他想，还是...算了。", {"widen_ellipses": 1}),
        ('老何说:"水渠修好了,放水。\n"好,"他说。', {}),
        ("他说：“好。”——然后走了……（完）", {}),
    ],
)
def test_what_cannot_be_decided_is_left_and_counted(text: str, left: dict[str, int]) -> None:
    outcome = run(text)
    assert dict(outcome.left) == left
    assert dict(run(outcome.document.text).left) == left


def leave_stars(text: str) -> Iterator[Change]:
    for match in re.finditer("[*+]", text):
        yield match.start(), match.end(), "*"


def test_only_the_last_round_counts_what_is_left() -> None:
    outcome = apply_rules(Document("id", "source", "*+*"), [leave_stars])
    assert (outcome.document.text, outcome.left) == ("***", (("leave_stars", 3),))
    counts = Counts()
    counts.see(outcome)
    counts.see(outcome)
    both = total([counts, counts]).as_json()["rules"]["leave_stars"]
    assert (both["edits"], both["left"], both["documents"]) == (4, 12, 4)


def test_every_setting_can_be_switched_off() -> None:
    text = "\ufeffＡ⼯“一“二” \r\n\u3000\u3000好,好......好--好﹐好 12 家\u0301"
    off = dict.fromkeys(NormalizeConfig.model_fields, False)
    assert run(text, **off).document.text == text
    assert json.loads(Config().normalize.model_dump_json())["restore_fullwidth_marks"] == "auto"
