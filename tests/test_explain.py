"""One document told: its life, and the way from every character to its bytes and back."""

import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.decode import charsets, encode
from cleaner.decode.cuts import mojibake_cuts, reading_cuts
from cleaner.decode.exact import STAND_INS, spell_out, stand_ins
from cleaner.decode.places import at_byte, places
from cleaner.document import Edits, apply
from cleaner.explain.edits import texts_of
from cleaner.explain.shown import one_line
from cleaner.explain.trace import Step, cuts_of, steps_of_life, way_back, way_on
from cleaner.files.corpus import Corpus, Life, open_corpus
from tests.conftest import Ran, Run
from tests.texts import anything

Call = Callable[..., Ran]
ENCODINGS = (
    "utf-8",
    "gb18030",
    "big5",
    "euc-tw",
    "hz",
    "iso-2022-cn",
    "utf-16-le",
    "utf-16-be",
    "utf-32-le",
    "utf-32-be",
)
# 䶮 and 㐀 take four bytes in GB 18030; Ê̄ and ê̌ are one pair of HKSCS each; 〇 is in no plane of CNS 11643.
CHARACTERS = "水渠修好了，鎮裡橋頭~a\r\n \t①€䶮㐀𠀀𡃁乂乜Ê̄ê̌嘅喺"
ESCAPES = {"hz": (b"~{", b"~}"), "iso-2022-cn": (b"", b"")}


def encodable(text: str, charset: str) -> str:
    """The longest beginning of a text, without what a character set does not have, that leads back to itself."""
    kept: list[str] = []
    for character in text:
        try:
            charsets.encode("".join(kept[-1:]) + character, charset)
            kept.append(character)
        except UnicodeEncodeError:
            continue
    return "".join(kept)


def one_by_one(text: str, charset: str) -> Iterator[tuple[str, bytes]]:
    """Each character of a raw text (both of two that are one pair) and the bytes at its place."""
    data, found = encode(text, charset), places(text, charset).tolist()
    offset = 0
    while offset < len(text):
        size = (
            2 if text[offset + 1 : offset + 2] and found[offset : offset + 1] == found[offset + 1 : offset + 2] else 1
        )
        start, end = found[offset]
        yield text[offset : offset + size], data[start:end]
        offset += size


def read_back(data: bytes, charset: str, said: str) -> str:
    """What the bytes of one character are in a character set."""
    if len(data) == 1 and ord(said[0]) >= STAND_INS:
        return chr(STAND_INS + data[0])
    if charset == "hz" and said > "\x7f":
        return charsets.decode(b"~{" + data + b"~}", charset)
    if charset == "iso-2022-cn" and said > "\x7f":
        heads = [b"\x1b$*H"] if data[:1] == b"\x1b" else [b"\x1b$)A\x0e", b"\x1b$)G\x0e"]
        found = [head for head in heads if reads_as(head + data, charset) == said]
        return said if found else ""
    return charsets.decode(data, charset)


def reads_as(data: bytes, charset: str) -> str:
    try:
        return charsets.decode(data, charset)
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("charset", ENCODINGS)
@given(text=st.lists(st.sampled_from(CHARACTERS), max_size=40).map("".join))
def test_the_bytes_at_a_place_are_the_character(charset: str, text: str) -> None:
    raw = encodable(text, charset)
    found = places(raw, charset)
    data = encode(raw, charset)
    assert [read_back(one, charset, said) for said, one in one_by_one(raw, charset)] == [
        said for said, _ in one_by_one(raw, charset)
    ]
    assert (np.diff(found, axis=0) >= 0).all() and (found[:, 0] < found[:, 1]).all()
    for byte in range(len(data)):
        first, last = at_byte(found, byte)
        assert all(found[one, 0] <= byte < found[one, 1] for one in range(first, last))
        assert first < last or not any(start <= byte < end for start, end in found.tolist())
        assert first < last or charset in ESCAPES
    # No byte but those of escapes is without a character.
    assert charset in ESCAPES or len({tuple(one) for one in found.tolist()}) == len(list(one_by_one(raw, charset)))


@pytest.mark.parametrize("charset", ["gb18030", "big5", "utf-8", "hz", "iso-2022-cn", "euc-tw"])
@given(data=st.binary(max_size=60))
def test_places_of_any_bytes(charset: str, data: bytes) -> None:
    text, _, _ = spell_out(data, charset)
    if encode(text, charset) != data:
        return  # such a line is not exact, and decode would refuse it
    for said, one in one_by_one(text, charset):
        assert read_back(one, charset, said) == said


def test_two_code_points_of_one_pair_have_the_same_bytes() -> None:
    assert places("字Ê̄字", "big5").tolist() == [[0, 2], [2, 4], [2, 4], [4, 6]]
    assert at_byte(places("字Ê̄字", "big5"), 3) == (1, 3)


def test_escapes_belong_to_no_character() -> None:
    assert encode("a水b", "hz") == b"a~{K.~}b"
    assert places("a水b", "hz").tolist() == [[0, 1], [3, 5], [7, 8]]
    assert [at_byte(places("a水b", "hz"), byte) for byte in (1, 2, 5, 6)] == [(1, 1), (1, 1), (2, 2), (2, 2)]


@pytest.mark.parametrize(
    ("charset", "said"),
    [("utf-8", "水渠a好"), ("gb18030", "水渠䶮"), ("big5", "水渠a好"), ("hz", "水~渠"), ("iso-2022-cn", "水渠")],
)
def test_stand_ins_that_were_read_lead_to_their_own_bytes(charset: str, said: str) -> None:
    data = charsets.encode(said, charset)
    cuts = reading_cuts(stand_ins(data), said)
    found = places(said, charset).tolist()
    for number, (start, end) in enumerate(found):
        assert (start, number) in cuts and (end, number + 1) in cuts
    assert cuts[0] == (0, 0) and cuts[-1] == (len(data), len(said))


def test_mojibake_leads_to_its_own_characters_even_if_done_twice() -> None:
    said = "打开来满是怪字"
    once = said.encode().decode("cp1252", "ignore")
    assert once  # what cp1252 has no character for would be lost; the rule sees only whole lines
    wrong = said.encode().decode("latin-1")
    assert mojibake_cuts(wrong, said) == [(3 * number, number) for number in range(len(said) + 1)]
    twice = wrong.encode().decode("latin-1")
    assert mojibake_cuts(twice, said) == [(6 * number, number) for number in range(len(said) + 1)]


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, list[tuple[str, Edits]]]:
    """A text, and some runs of rules on it, one on the result of the other."""
    text = raw = draw(anything)
    history = []
    for number in range(draw(st.integers(0, 4))):
        ends = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
        changes = [
            (start, end, draw(st.text("水渠桥头，a\n", max_size=4)))
            for start, end in zip(ends[::2], ends[1::2], strict=False)
        ]
        edits = Edits.of(f"rule_{number}", text, changes)
        if len(edits):
            text = apply(text, edits)
            history.append(("normalize", edits))
    return raw, history


@example(
    (
        "0",
        [
            ("normalize", Edits.of("a", "0", [(0, 0, "a"), (1, 1, "a")])),
            ("normalize", Edits.of("b", "a0a", [(0, 2, "a")])),
            ("normalize", Edits.of("c", "aa", [(0, 2, "\n")])),
        ],
    )
)
@given(histories())
def test_every_offset_leads_back_and_there_again(history_of: tuple[str, list[tuple[str, Edits]]]) -> None:
    raw, history = history_of
    texts = [raw]
    for _, edits in history:
        texts.append(apply(texts[-1], edits))
    follow_all(texts, steps_of_life(history))


def follow_all(texts: Sequence[str], steps: Sequence[Step]) -> list[tuple[int, int]]:
    """Follow every character of the last text back, and on again. Returns the spans of the raw text."""
    back: list[tuple[int, int]] = []
    for offset in range(len(texts[-1])):
        span, is_touched, is_from_nothing = (offset, offset + 1), False, False
        for hop in way_back(steps, span):
            span = hop.before
            is_touched = is_touched or hop.number is not None
            is_from_nothing = is_from_nothing or span[0] == span[1]
        assert 0 <= span[0] <= span[1] <= len(texts[0])
        if not is_touched:
            assert texts[0][span[0] : span[1]] == texts[-1][offset]
        if not is_from_nothing:  # what was put in beside a character does not come from it
            *_, last = [*way_on(steps, span), None][:-1] or [None]
            reached = last.after if last is not None else span
            if reached[0] == reached[1]:  # it went, and two that were put in around it were then replaced as a whole
                assert any((step.edits.before_lengths == 0).any() for step in steps)
            else:
                assert reached[0] <= offset < reached[1]
        back.append(span)
    assert all(one[0] <= other[0] and one[1] <= other[1] for one, other in itertools.pairwise(back))
    return back


@given(before=anything, after=anything)
def test_cuts_ascend_and_cover_both_sides(before: str, after: str) -> None:
    for rule in ("any_rule", "undo_mojibake"):
        cuts = cuts_of(rule, before, after)
        assert cuts[0] == (0, 0) and cuts[-1] == (len(before), len(after))
        assert all(a <= c and b <= d and (a, b) != (c, d) for (a, b), (c, d) in itertools.pairwise(cuts)) or (
            before == after == ""
        )


def check_corpus(corpus: Corpus, raw: Path) -> int:
    """Follow every character of every document that was read from a file to its bytes. Returns how many there were."""
    count = 0
    for life in corpus.lives():
        document = life.document
        if document.row is not None or not document.encoding:
            continue
        data = (raw / document.source).read_bytes()
        texts = texts_of(life)
        assert encode(texts[0], document.encoding) == data
        found = places(texts[0], document.encoding)
        for said, one in one_by_one(texts[0], document.encoding):
            assert read_back(one, document.encoding, said) == said
        spans = follow_all(texts, steps_of_life(life.edits))
        for start, end in spans:
            if start < end:
                assert at_byte(found, int(found[start, 0]))[0] <= start
                assert int(found[start, 0]) < int(found[end - 1, 1]) <= len(data)
        count += len(spans)
    return count


def test_every_character_of_the_demo_leads_to_its_bytes(demo: Run) -> None:
    assert check_corpus(open_corpus(demo.clean), demo.raw) > 3000


def test_every_character_of_the_seeds_leads_to_its_bytes(seeds: Run) -> None:
    assert check_corpus(open_corpus(seeds.clean), seeds.raw) > 3000


def test_offset_to_bytes_and_back_on_the_command_line(cleaner: Call, demo: Run) -> None:
    there = cleaner("explain", demo.clean, "news/market-fair-taiwan.txt", "--at", 60, "--raw", demo.raw)
    assert there.code == 0
    assert "character 60: 灯 (U+706F)" in there.out
    assert "simplify convert_traditional: 60 ← 60  …起，集市添了夜場，石橋兩頭掛起了[-燈-]{+灯+}籠" in there.out
    assert "news/market-fair-taiwan.txt: bytes 117–118 of 686, in big5" in there.out
    assert "[bf 4f]" in there.out and "its SHA-256 is that of the input" in there.out
    for byte in (117, 118):
        back = cleaner("explain", demo.clean, "news/market-fair-taiwan.txt", "--byte", byte, "--raw", demo.raw)
        assert "now character 60 of the text" in back.out


def test_a_byte_that_a_rule_removed(cleaner: Call, demo: Run) -> None:
    data = (demo.raw / "reports/water-works-torn.txt").read_bytes()
    reading = open_corpus(demo.clean).find("reports/water-works-torn.txt").document.encoding
    place = data.index("— 1 —".encode(reading))
    ran = cleaner("explain", demo.clean, "reports/water-works-torn.txt", "--byte", place)
    assert ran.code == 0
    assert "in repair removed it" in ran.out


def test_the_character_of_a_row_is_told_by_its_field(cleaner: Call, demo: Run) -> None:
    document = next(one for one in open_corpus(demo.clean).documents() if one.row is not None)
    ran = cleaner("explain", demo.clean, document.id, "--at", 3, "--raw", demo.raw)
    assert ran.code == 0
    assert f"{document.source}, row {document.row}: character" in ran.out
    assert "of its field 'text'" in ran.out and "checked: " in ran.out
    ran = cleaner("explain", demo.clean, document.id, "--byte", 3)
    assert (ran.code, "is a table" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("news/market-fair.txt", "--at", 100000), "there is no character 100,000 in the text of news/market-fair.txt"),
        (("news/market-fair.txt", "--at", -1), "there is no character -1"),
        (("news/market-fair.txt", "--byte", 100000), "there is no byte 100,000 in news/market-fair.txt"),
        (("damage/map-of-the-town.txt", "--byte", 1), "was never read as text: not text"),
        (("damage/map-of-the-town.txt", "--at", 0), "it is empty"),
        (("news/market-fair.txt", "--at", 1, "--jsonl"), "give one of --at, --byte and --jsonl"),
        (("news/market-fair.txt", "--at", 1, "--byte", 1), "give one of --at, --byte and --jsonl"),
        (("news/market-fair.txt", "--raw", "raw"), "--raw goes with --at or --byte"),
        (("news/market-fair.txt", "--at", 1, "--raw", "nowhere"), "nowhere has no file news/market-fair.txt"),
        (("nothing.txt",), "has no document with the id or path 'nothing.txt'"),
        (("notices/board.jsonl",), "stands for 4 documents"),
        (("",), "name a document"),
    ],
)
def test_wrong_questions_get_a_sentence(cleaner: Call, demo: Run, arguments: tuple[object, ...], said: str) -> None:
    ran = cleaner("explain", demo.clean, *arguments)
    assert (ran.code, said in ran.err) == (2, True), ran.err
    assert "Traceback" not in ran.err


def test_another_file_in_raw_is_noticed(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(demo.raw, raw)
    path = raw / "news/market-fair.txt"
    path.write_bytes(path.read_bytes() + b"\n")
    ran = cleaner("explain", demo.clean, "news/market-fair.txt", "--at", 3, "--raw", raw)
    assert (ran.code, "is not the file that was read: its SHA-256" in ran.err) == (1, True)


def test_a_name_that_is_not_utf_8_is_found_again(cleaner: Call, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    name = os.fsdecode("水渠.txt".encode("gb18030"))
    (tmp_path / "raw" / name).write_text("镇里修好了水渠，大家都高兴。", encoding="utf-8")
    assert cleaner("run", tmp_path / "raw", tmp_path / "clean").code == 0
    (document,) = open_corpus(tmp_path / "clean").documents()
    ran = cleaner("explain", tmp_path / "clean", document.id, "--at", 2, "--raw", tmp_path / "raw")
    assert (ran.code, "bytes 6–8 of 42, in utf-8" in ran.out) == (0, True), ran.err


def test_edits_as_json(cleaner: Call, demo: Run) -> None:
    ran = cleaner("explain", demo.clean, "news/market-fair-taiwan.txt", "--jsonl")
    rows = [json.loads(line) for line in ran.out.split("\n") if line]
    life = open_corpus(demo.clean).find("news/market-fair-taiwan.txt")
    assert [(row["stage"], row["rule"], row["offset"], row["before"], row["after"], row["reason"]) for row in rows] == [
        (stage, edit.rule, edit.offset, edit.before, edit.after, edit.reason)
        for stage, edits in life.edits
        for edit in edits
    ]
    assert {row["id"] for row in rows} == {life.document.id}


def test_a_document_found_is_the_one_that_reading_all_gives(demo: Run) -> None:
    def told(life: Life) -> tuple[object, ...]:
        edits = [(stage, list(edits)) for stage, edits in life.edits]
        return life.document, edits, life.dropped, life.by, life.dropped_in

    for folder in (demo.clean, demo.work / "3-simplify", demo.work / "5-dedup"):
        corpus = open_corpus(folder)
        for life in corpus.lives():
            assert told(corpus.find(life.document.id)) == told(life)
            assert corpus.document(life.document.id) == life.document
        readings = {reading.id: reading for reading in corpus.readings()}
        assert readings and all(corpus.reading(name) == reading for name, reading in readings.items())


def test_nothing_that_a_terminal_obeys_is_shown() -> None:
    shown = one_line("水\x1b]0;title\x07渠\r\b\u202e\x9b31m")
    assert shown.isprintable()
    assert shown == "水<001B>]0;title<0007>渠<000D><0008><202E><009B>31m"


def spans_of(corpus: Corpus, source: str) -> tuple[Life, list[bytes]]:
    """A document, and the bytes that each of its characters comes from."""
    life = corpus.find(source)
    texts = texts_of(life)
    data, found = encode(texts[0], life.document.encoding), places(texts[0], life.document.encoding)
    spans = follow_all(texts, steps_of_life(life.edits))
    return life, [data[found[start, 0] : found[end - 1, 1]] if start < end else b"" for start, end in spans]


def test_each_character_of_a_mixed_file_leads_to_its_own_bytes(cleaner: Call, tmp_path: Path) -> None:
    lines = {
        "gb18030": "镇里今年修好了三条水渠，大家都说办了一件好事。乡亲们在渠边种下两千多棵果树，等着秋天结果。\n" * 4,
        "big5": "老石橋修好了，第一個過橋的是送牛奶的小何，後面跟著一群學生，他們都很開心。\n",
        "utf-8": "图书馆明天闭馆整理新书，后天照常开放，借书的读者请提前来办理手续。\n",
    }
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/mixed.txt").write_bytes(b"".join(text.encode(charset) for charset, text in lines.items()))
    assert cleaner("decode", tmp_path / "raw", tmp_path / "out").code == 0
    life, found = spans_of(open_corpus(tmp_path / "out"), "mixed.txt")
    assert life.document.text == "".join(lines.values())
    assert [edits.rule for _, edits in life.edits] == ["read_stand_ins"]
    assert found == [character.encode(charset) for charset, text in lines.items() for character in text]


def test_each_character_of_a_web_page_leads_to_its_place_in_the_file(cleaner: Call, tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    paragraphs = [
        f"镇里修好了第{number}条水渠，<b>水从桥头</b>流到村口，乡亲们在渠边种下{number * 37 + 11}棵果树。"
        for number in range(9)
    ]
    menu = "".join(f"<li><a href='/{number}'>水渠</a></li>" for number in range(5))
    body = "".join(f"<p>{text}</p>\n" for text in paragraphs)
    page = (
        f"<html><head><title>渠</title></head><body><ul>{menu}</ul><article><h1>修渠</h1>{body}</article></body></html>"
    )
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/page.html").write_text(page, encoding="gb18030")
    assert cleaner("decode", tmp_path / "raw", tmp_path / "out").code == 0
    life, found = spans_of(open_corpus(tmp_path / "out"), "page.html")
    text = life.document.text
    for number in range(9):
        place = text.index(f"第{number}条水渠")
        assert b"".join(found[place : place + 5]) == f"第{number}条水渠".encode("gb18030")
        offset = page.index(f"第{number}条水渠")
        ran = cleaner("explain", tmp_path / "out", "page.html", "--at", place, "--raw", tmp_path / "raw")
        start = len(page[:offset].encode("gb18030"))
        assert f"page.html: bytes {start:,}–{start + 1:,} of " in ran.out
