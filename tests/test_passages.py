"""Passages that stand twice in one document: the kernel against its plain twin, and what must go or stay."""

import itertools
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.config import Config
from cleaner.dedup import passages, remove_passages
from cleaner.dedup.folding import fold_texts
from cleaner.dedup.passages import may_repeat, remove_repeated_passages
from cleaner.document import Document, rewind
from tests.reference import repeats as plain

DEDUP = Config().dedup
STORY = [
    "入冬以后，守堤的人少了一半，剩下的两个老人轮流住在石桥边的小屋里，夜里听着风声，白天看水位尺。",
    "高的那个姓何，年轻时撑过船，说起哪一段水底有石头、哪一段有旧桩子，比镇上的图还清楚。",
    "矮的那个不大说话，只在账本上记数，哪天几点水到哪一格，谁来过，带了什么工具，借走的有没有还。",
    "三月里下了九天雨，第七天夜里水漫过第四格，两个人敲着脸盆把下游的人家一户一户喊起来，天亮时谁也没有少。",
    "后来镇里给他们照了相，挂在文化站的墙上，相片里两个人都看着别处，好像还在听水的声音。",
    "再后来小屋拆了，水位尺换成了会自己报数的那种，账本收进了柜子，有人要看就得登记。",
]
OTHER = "东坡村的茶园今年添了两台炒茶机，采茶的人还是从前那些人，天不亮就背着竹篓上山，中午才下来吃饭。"
END = "第二天早上雾散了，孩子们照旧从桥上走过去上学。"


def pasted(*lines: str) -> str:
    """The story, something else, and what is given."""
    return "\n".join([*STORY, OTHER, *lines])


def cleaned(text: str) -> str:
    return remove_passages(Document("id", "source", text), DEDUP)[0].text


def wrapped(lines: list[str], columns: int) -> list[str]:
    return [line[start : start + columns] for line in lines for start in range(0, len(line), columns)]


@pytest.mark.parametrize(
    "copy",
    [
        STORY,
        wrapped(STORY, 12),
        ["".join(STORY)],
        [line.replace("，", ",").replace("。", "．") for line in STORY],
        [line.replace("，", "").replace("。", "") for line in STORY],
        [line.replace("水", "氺", 1).replace("两个", "两") for line in STORY],
        [*STORY[:3], "— 12 —", *STORY[3:]],
        [line + "的" for line in STORY],
    ],
    ids=["exact", "wrapped", "joined", "other marks", "no marks", "slips", "a page number", "a character more"],
)
def test_a_second_copy_goes(copy: list[str]) -> None:
    assert cleaned(pasted(*copy, END)) == pasted(END)


def test_a_second_and_a_third_copy_go() -> None:
    text = pasted(*STORY, *STORY)
    assert cleaned(text) == pasted()
    assert cleaned(pasted(*STORY) + "\n" + pasted(*STORY)).count(STORY[0]) == 1


def test_a_line_put_in_stays() -> None:
    note = "编者按：何师傅上个月去世了，享年八十一岁，这一段是他的女儿寄来的。"
    assert cleaned(pasted(*STORY[:3], note, *STORY[3:])) == pasted(note)


def test_the_reason_says_where_and_how_much() -> None:
    text = pasted(*STORY[:5], STORY[5].replace("柜子", "柜于"))
    (edits,) = remove_passages(Document("id", "source", text), DEDUP)[1]
    assert edits.reasons == (f"stands {len(pasted()) + 1} characters above, 1 character differs",)
    assert rewind(pasted(), [edits]) == text


@pytest.mark.parametrize(
    "lines",
    [
        STORY[:3],
        [*STORY[:2], "何：", "我听见了。"],
        ["何师傅在信里写道：“" + "".join(STORY) + "”"],
        ["".join(STORY).replace("九天", "五天").replace("第七天", "第三天")],
        ["".join(STORY).replace("老人", "小伙").replace("石桥", "水站")],
    ],
    ids=["too short", "parts", "a quotation", "other numbers", "other words"],
)
def test_what_repeats_by_right_stays(lines: list[str]) -> None:
    assert cleaned(pasted(*lines)) == pasted(*lines)


def test_verse_tables_and_forms_stay() -> None:
    verse = [clause for line in STORY for clause in line.replace("。", "，").split("，") if clause]
    table = ["\t".join(line.split("，")) for line in STORY]
    form = ["：____".join(line.split("，")) for line in STORY]
    for part in (verse, table, form):
        text = "\n".join([*part, OTHER, *part])
        assert cleaned(text) == text


@pytest.mark.parametrize(
    "text", ["一" * 30_000, "短句\n" * 10_000, (STORY[0] + "\n") * 1000, "一二三\n" * 4000 + OTHER]
)
def test_a_text_of_one_line_is_no_passage(text: str) -> None:
    assert list(remove_repeated_passages(text, DEDUP)) == []


def varied(seed: int, length: int) -> list[int]:
    rng = random.Random(seed)
    return [rng.randrange(1, 300) for _ in range(length)]


@st.composite
def repeating(draw: st.DrawFn) -> list[int]:
    """Points of which a part comes again, with differences; or of few kinds, so that everything repeats."""
    points = varied(draw(st.integers(0, 99)), draw(st.integers(30, 200)))
    if draw(st.booleans()):
        points = [point % draw(st.integers(1, 3)) + 1 for point in points]
    copy = points[draw(st.integers(0, 20)) :]
    for place in draw(st.lists(st.integers(0, len(copy) - 1), max_size=4)):
        copy[place : place + draw(st.integers(0, 3))] = draw(st.lists(st.integers(1, 300), max_size=12))
    return points + varied(7, draw(st.integers(0, 50))) + copy + varied(8, draw(st.integers(0, 9)))


@pytest.mark.usefixtures("kernels_both_ways")
@settings(max_examples=50)
@given(points=repeating(), start=st.integers(1, 40))
def test_extending_equals_its_twin(points: list[int], start: int) -> None:
    from cleaner.kernels.repeats import extend

    array = np.array(points, dtype=np.uint32)
    half = len(points) // 2
    runs = np.zeros((len(points), 3), dtype=np.int64)
    for a, b in ((0, half), (start - 1, half + start)):
        count, end_a, end_b = extend(array, a, b, (half, len(points)), 1, runs)
        expected, used_a, used_b = plain.extend(points[a:half], points[b:])
        assert (end_a - a, end_b - b) == (used_a, used_b)
        assert [(x - a, y - b, length) for x, y, length in runs[:count].tolist()] == expected
        backwards = extend(array, half - 1, len(points) - start, (-1, half - 1), -1, runs[:0])
        _, used_a, used_b = plain.extend(points[:half][::-1], points[half : len(points) - start + 1][::-1])
        assert (half - 1 - backwards[1], len(points) - start - backwards[2]) == (used_a, used_b)


@pytest.mark.usefixtures("kernels_both_ways")
@settings(max_examples=50)
@given(points=repeating())
@example(points=[1] * 200)
def test_finding_equals_its_twin(points: list[int]) -> None:
    from cleaner.kernels.repeats import next_repeat

    bits, least = 8, 24
    first, latest = np.zeros(1 << bits, dtype=np.int32), np.zeros(1 << bits, dtype=np.int32)
    state, removed = np.zeros(3, dtype=np.int64), np.zeros((0, 2), dtype=np.int64)
    found = []
    while (region := next_repeat(np.array(points, dtype=np.uint32), first, latest, removed, state, least))[3]:
        found.append(region)
    assert found == plain.repeats(points, bits, least)


@settings(max_examples=50)
@given(some=st.lists(repeating(), max_size=3), least=st.integers(5, 60))
def test_a_look_at_many_texts_finds_those_in_which_anything_repeats(some: list[list[int]], least: int) -> None:
    from cleaner.kernels.repeats import repeating as kernel

    points = np.array(list(itertools.chain.from_iterable(some)), dtype=np.uint32)
    found = kernel(points, np.cumsum([len(part) for part in some], dtype=np.int64), least)
    for part, repeats in zip(some, found.tolist(), strict=True):
        bits = max(8, (len(part) // 2).bit_length())
        assert repeats == (len(part) >= 2 * least and bool(plain.repeats(part, bits, least)))


def test_what_is_not_looked_at_again_has_nothing_to_remove() -> None:
    drawn = random.Random(3)
    some = [pasted(*drawn.choices(STORY, k=drawn.randrange(0, 6)), END) for _ in range(40)] + [pasted(*STORY, END)]
    flags = may_repeat(fold_texts(some), DEDUP).tolist()
    changed = [bool(list(remove_repeated_passages(text, DEDUP))) for text in some]
    assert any(changed) and not all(flags)
    assert all(flag for flag, has_changed in zip(flags, changed, strict=True) if has_changed)


def test_the_compiler_is_loaded_for_long_texts_only() -> None:
    program = (
        "import sys; from cleaner.config import Config; from cleaner.dedup.passages import remove_repeated_passages;"
        f"list(remove_repeated_passages({STORY[0]!r}, Config().dedup)); sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_what_repeats_within_one_long_line_is_not_looked_at_as_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text without line breaks whose sentences stand twice, in another order: each is little of the line."""
    rng = random.Random(41)
    clauses = ["".join(chr(0x4E00 + rng.randrange(3000)) for _ in range(25)) for _ in range(300)]
    some = ["，".join(clauses[at : at + 10]) + "。" for at in range(0, 300, 10)]
    text, looked_at = "".join(some + rng.sample(some, len(some))), []
    lines_at = passages.lines_at
    monkeypatch.setattr(passages, "lines_at", lambda *asked: looked_at.append(asked) or lines_at(*asked))
    assert not list(remove_repeated_passages(text, Config().dedup))
    assert not looked_at
    assert list(remove_repeated_passages("\n".join([*some, *some]), Config().dedup))
    assert looked_at
