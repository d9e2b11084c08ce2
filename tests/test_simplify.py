"""simplify: which parts of a text are traditional, what is decided about dual characters, and bad input."""

import random

import pytest

from cleaner.config import SimplifyConfig
from cleaner.document import apply, rewind
from cleaner.files import read_table
from cleaner.simplify.convert import convert_whole, converter, decisions
from cleaner.simplify.duals import duals
from cleaner.simplify.scripts import classes_of, find_traditional
from tests.test_laws import run_on

CONFIG = SimplifyConfig()
TRADITIONAL = "這裡的學生們看著窗外，說圖書館裡面的專著顯著地多了，還有許多新書。"
SIMPLIFIED = "这里的学生们看着窗外，说图书馆里面的专著显著地多了，还有许多新书。"


def parts(text: str) -> tuple[str, list[str]]:
    """The script of a text, and its traditional parts."""
    script, _, spans = find_traditional(classes_of(text), CONFIG)
    return script, [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "script", "traditional"),
    [
        ("", "none", []),
        ("一二三，上下左右。", "none", []),
        (SIMPLIFIED, "simplified", []),
        (TRADITIONAL, "traditional", [TRADITIONAL]),
        ("图書館で憲法を読むことができる。", "japanese", []),
        ("李小龍们", "simplified", []),
        (f"{SIMPLIFIED}\n{TRADITIONAL}\n{SIMPLIFIED}", "mixed", [TRADITIONAL]),
        (f"他说：「{TRADITIONAL}」{SIMPLIFIED}", "mixed", [TRADITIONAL]),
        (f"{SIMPLIFIED}\n{TRADITIONAL}\n一江春水。\n天長\n读完了。", "mixed", [TRADITIONAL, "天長"]),
        ("他们说，萬里長風，一江春水，吹不斷，我们都说好。", "mixed", ["萬里長風，一江春水，吹不斷，"]),
        (f"显著的变化：图书馆\n{TRADITIONAL * 4}", "traditional", [TRADITIONAL * 4]),
    ],
)
def test_parts(text: str, script: str, traditional: list[str]) -> None:
    assert parts(text) == (script, traditional)


def test_the_script_and_its_counts_are_facts_of_the_document() -> None:
    document = run_on("simplify", f"{TRADITIONAL}\n{SIMPLIFIED}").document
    counts = document.traditional_characters, document.simplified_characters
    assert (document.script, counts) == ("mixed", (14, 12))
    assert run_on("simplify", "").document.script == "none"


def test_a_switch_leaves_the_text_and_notes_the_script() -> None:
    from cleaner.document import Document
    from cleaner.simplify import simplify

    config = SimplifyConfig(convert_traditional=False)
    (outcome,) = simplify([Document("id", "source", TRADITIONAL)], config)
    assert (outcome.document.text, outcome.document.script, outcome.edits) == (TRADITIONAL, "traditional", ())


def test_decisions_say_what_is_done_and_why() -> None:
    text = "隨著乾隆年間的餅乾，狼藉滿地，顯著。"
    found = list(decisions(text, classes_of(text), [(0, len(text))]))
    assert [(made.character, made.becomes) for made in found] == [
        ("著", "着"),
        ("乾", "乾"),
        ("乾", "干"),
        ("藉", "藉"),
        ("著", "著"),
    ]
    assert all(made.votes == tuple(sorted(made.votes, key=lambda vote: -abs(vote[1]))) for made in found)
    assert ("狼藉", 5.0) in found[3].votes
    done = run_on("simplify", text).document.text
    assert [done[made.offset] for made in found] == [made.becomes for made in found]


BAD = {
    "lone surrogates": "臺灣\ud800的\udc00圖書\ud83d館裡",
    "NUL": "臺灣\0的圖書\0館裡",
    "beyond the BMP": "臺灣\U00020000的圖書\U0002a6d6館裡\U000323af",
    "a sequence of description": "臺灣的⿰氵漢與⿱艹黃，圖書館裡",
    "variation selectors": "臺灣的葛\U000e0100與邊\ufe00，圖書館裡",
    "emoji": "臺灣的👨\u200d👩\u200d👧🏽與🇹🇼，圖書館裡",
    "only marks": "，。「」" * 50,
    "private use": "臺灣\ue000的\U0010ff41圖書館裡",
    "unassigned": "臺灣\u0378\U000e0fff的圖書館裡",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_input_is_converted_or_left_and_the_ledger_inverts(text: str) -> None:
    outcome = run_on("simplify", text)
    done = outcome.document.text
    assert len(done) == len(text)
    assert all(old == new or old in "臺灣圖書館裡與邊黃" for old, new in zip(text, done, strict=True))
    assert done.startswith("台湾") or not text.startswith("臺灣")
    assert rewind(done, outcome.edits) == text
    replayed = text
    for edits in outcome.edits:
        replayed = apply(replayed, edits)
    assert replayed == done
    assert run_on("simplify", done).edits == ()


def test_a_single_line_of_megabytes_and_hostile_texts_end() -> None:
    rng = random.Random(4)
    shuffled = "".join(rng.choice("臺们，「」\n的著乾") for _ in range(200_000))
    for text in (TRADITIONAL * 30_000, "著" * 300_000 + "臺", "「臺们" * 100_000, "臺\n" * 100_000 + "们", shuffled):
        done = run_on("simplify", text).document.text
        assert len(done) == len(text)
        assert run_on("simplify", done).edits == ()


# The tables


def test_the_dictionary_is_safe() -> None:
    """What the build refuses, for the tables as they are."""
    rows = dict(read_table("simplify.txt"))
    singles = {key: value for key, value in rows.items() if len(key) == 1}
    traditional = set(singles) - {"於"}
    for key, value in rows.items():
        assert len(key) == len(value)
        assert not traditional & set(value), key
        assert max(value) < "\U00010000", key
        assert set(key) & (traditional | {"於"}), key
        assert len(key) == 1 or value != "".join(singles.get(character, character) for character in key), key
    assert not set(singles) & set(duals()), "a dual character is decided by its context"
    told = {character for character, script in read_table("scripts.tsv") if script == "T"}
    assert told <= traditional, "what speaks for traditional text must go, or a second pass would meet it"


def test_every_phrase_and_variant_written_by_hand_has_its_reason() -> None:
    for name, columns in (("phrases.tsv", 3), ("variants.tsv", 3), ("duals.tsv", 4)):
        rows = read_table(name)
        assert all(len(row) == columns and row[-1] for row in rows), name
        assert len({row[0] for row in rows}) == len(rows), f"{name} says two things of one key"


def test_every_phrase_written_by_hand_comes_out_as_it_says() -> None:
    """Alone, between two traditional words that have nothing to do with it."""
    wrong = []
    for phrase, value, _reason in read_table("phrases.tsv"):
        done = run_on("simplify", f"圖書館，{phrase}，學習。").document.text
        if done != f"图书馆，{value}，学习。":
            wrong.append((phrase, value, done))
    assert wrong == []


def test_the_simplified_demo_texts_and_words_are_not_touched() -> None:
    listed = "显著 专著 孙乾 王丙乾 沈重 毕昇 魏徵 樊於期 答覆 藉口 毛坏 什么 瞭望 甚夥 芸薹 乾县 覆核 沈浮 谿壑"
    words = listed.split()
    assert all(run_on("simplify", f"{word}，都是这样写的。").edits == () for word in words)


def test_lone_surrogates_do_not_stop_opencc() -> None:
    with pytest.raises(UnicodeEncodeError):
        converter().convert("臺\ud800")
    assert convert_whole("臺\ud800灣") == "台\ud800湾"
