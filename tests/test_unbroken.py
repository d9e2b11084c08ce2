"""Breaks that other texts do not have: what is noted, what is found, and what the pipeline makes of it."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cleaner.document import code_points
from cleaner.files.corpus import open_corpus
from cleaner.repair.unbroken import FACTOR, NO_KEYS, SIDE, Keys, Search, hash_of, key_of, kinds, merged
from tests.test_cli import Call, raw_folder

LEFT = "镇上的人都来看热闹。木匠老罗带来了自己做的小板凳，卖的是三块一条，买的人排"
RIGHT = "队排到了桥头，小何的牛奶也跟着卖光了。"


def keys(*numbers: int) -> np.ndarray:
    return merged([np.array(numbers, dtype=np.uint64)])


def found_in(texts: list[str], wanted: Keys) -> Keys:
    search = Search(wanted)
    for text in texts:
        search.see(code_points(text))
    return search.found()


def test_marks_and_spaces_do_not_count_and_the_place_of_the_break_does() -> None:
    assert key_of(LEFT, RIGHT) == key_of(LEFT.replace("，", ","), " " + RIGHT.replace("，", ""))
    assert key_of(LEFT, RIGHT) != key_of(LEFT + RIGHT[0], RIGHT[1:])
    assert key_of("短", RIGHT) == key_of(LEFT, "短") == 0


def test_a_run_is_found_in_a_line_and_not_over_a_break() -> None:
    wanted = keys(key_of(LEFT, RIGHT), 1, 2**64 - 1)
    assert found_in([f"前面的话\n{LEFT}{RIGHT}\n后面"], wanted).tolist() == [key_of(LEFT, RIGHT)]
    assert len(found_in([f"{LEFT}\n{RIGHT}", "", "短", LEFT, RIGHT], wanted)) == 0
    assert len(found_in([LEFT + RIGHT], NO_KEYS)) == 0


def test_the_end_of_a_sentence_parts_what_stands_side_by_side() -> None:
    """A lead without a full stop stands in the text again, as a sentence: that is no copy without the break."""
    wanted = keys(key_of(LEFT, RIGHT))
    assert len(found_in([f"{LEFT}。{RIGHT}"], wanted)) == 0
    assert found_in([f"{LEFT}，{RIGHT}"], wanted).tolist() == wanted.tolist()


def test_markup_is_not_asked_for() -> None:
    assert key_of('<rss version="2.0" xmlns:a="http://a.cn/a"', 'xmlns:dc="http://b.cn/b" lang="zh">') == 0


@given(st.text("一二a，\u3000", max_size=40), st.text("三四5！b", max_size=40))
def test_what_counts_makes_the_key(left: str, right: str) -> None:
    before = "".join(character for character in left[-4 * SIDE :] if kinds()[ord(character)] == 1)[-SIDE:]
    after = "".join(character for character in right[: 4 * SIDE] if kinds()[ord(character)] == 1)[:SIDE]
    is_chinese = all(len([character for character in half if character > "z"]) >= 4 for half in (before, after))
    is_asked = min(len(before), len(after)) == SIDE and is_chinese
    assert key_of(left, right) == (hash_of(before + after) if is_asked else 0)


@given(st.text(max_size=2 * SIDE))
def test_the_hash_is_a_polynomial(run: str) -> None:
    value = 0
    for character in run:
        value = (value * int(FACTOR) + ord(character)) % (1 << 64)
    assert hash_of(run) == value


def test_a_copy_without_the_break_decides(cleaner: Call, tmp_path: Path) -> None:
    torn = f"集市又开了\n{LEFT}\n\n{RIGHT}\n大家都说明年还来。"
    # Not a copy of the whole, or dedup would have the last word.
    other = f"小何的一天\n那天{LEFT[-12:]}{RIGHT[:12]}，小何从来没有见过这样的集市。\n他记了很久，后来写进了日记。"
    raw = raw_folder(tmp_path, a__txt=torn, b__txt=other)
    (tmp_path / "alone.toml").write_text("[repair]\nask_other_texts = false\n")

    def joined(name: str, *more: object) -> bool:
        assert cleaner("run", raw, tmp_path / name, *more).code == 0
        texts = {document.source: document.text for document in open_corpus(tmp_path / name).documents()}
        assert texts["b.txt"] == other
        return LEFT + RIGHT in texts["a.txt"]

    assert joined("asked")
    (raw / "b.txt").write_text("小何的一天\n小何没有去集市。\n", encoding="utf-8")
    other = "小何的一天\n小何没有去集市。\n"
    alone = joined("alone", "--config", tmp_path / "alone.toml")
    assert joined("nothing to ask") == alone
