"""Long texts are cut into documents: where, in whatever encoding, and that nothing is lost of them."""

import hashlib
import itertools
import json
import random
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.config import DecodeConfig, decode_settings
from cleaner.decode import charsets, decode, encode
from cleaner.decode.detect import detect, detect_part
from cleaner.document import rewind
from cleaner.files import document_id, read_table
from cleaner.files.corpus import open_corpus
from cleaner.files.long_texts import SOON, WIDEST, sample_of_file, spans_of_parts
from cleaner.files.pieces import digest_and_pieces
from cleaner.files.raw import RawFile, RawText, cut_into_shards, read
from cleaner.verify import verify
from tests.conftest import Ran

Call = Callable[..., Ran]
MOST = 6000
SIMPLIFIED = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "hz")
TRADITIONAL = ("big5", "euc-tw", "iso-2022-cn")
LINE_ENDS = ("\n", "\r\n", "\r")
MARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}  # with a byte order mark


@cache
def words(charset: str) -> list[str]:
    """Common words that a character set has, in the script that is usual in it."""
    found = [word for _, _, entry in read_table("seams_words.txt")[:90] for word in entry.split(" ")]
    if charset in TRADITIONAL:
        found = opencc.OpenCC("s2t").convert(" ".join(found)).split(" ")
    return [word for word in found if is_in(word, charset)]


def is_in(word: str, charset: str) -> bool:
    """Whether a character set has a word."""
    try:
        charsets.encode(word, charset)
    except UnicodeError:
        return False
    return True


def prose(charset: str = "utf-8", lines: int = 800, seed: int = 1) -> list[str]:
    """Lines of words in random order, with marks between them; every seventh is empty."""
    chosen = random.Random(seed)
    return [
        "" if number % 7 == 0 else "".join(chosen.choice(words(charset)) for _ in range(10)) + "，上下。"
        for number in range(1, lines + 1)
    ]


def encoded(text: str, charset: str) -> bytes:
    return text.encode(charset) if charset in MARKED else charsets.encode(text, charset)


def whole_text(lines: list[str], line_end: str = "\n") -> str:
    return "".join(line + line_end for line in lines)


def parts_of(path: Path, most: int = MOST) -> list[bytes]:
    """The parts of a file."""
    data = path.read_bytes()
    return [data[start:stop] for start, stop in spans_of_parts(path, most)]


def read_in(path: Path, most: int = MOST) -> list[RawText]:
    """The documents that the shards of a corpus of one file read."""
    settings = DecodeConfig(document_bytes=most)
    _, files = digest_and_pieces(RawFile(path, path.name, path.stat().st_size), 1 << 26, settings)
    return list(itertools.chain.from_iterable(read(file, settings) for file in files))


BYTES = st.sampled_from(
    [
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b" ",
        b"\t",
        b"a",
        b"7",
        b"\0",
        b"\n\0",
        b"\0\n",
        b"\x810\x810",
        b"\x8e\xa2\xa4\xa4",
    ]
    + ["水渠".encode(charset) for charset in ("utf-8", "gbk", "big5", "utf-16-le", "utf-32-be")]
    + [b"\xff\xfe", b"\xfe\xff", b"\xff", b"\x80", b"x" * 90, b"\xcb\xae" * 90, "水".encode() * 90]
)


@given(st.lists(BYTES, max_size=120), st.integers(256, 700))
def test_the_parts_are_the_file(pieces: list[bytes], most: int) -> None:
    data = b"".join(pieces)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(data)
        spans = list(spans_of_parts(path, most))
        assert list(spans_of_parts(path, most)) == spans
        found = [read_in(path, most), list(read(RawFile(path, "a.txt", len(data)), DecodeConfig(document_bytes=most)))]
    assert [start for start, _ in spans] == [0, *(stop for _, stop in spans[:-1])]
    assert spans[-1][1] == len(data)
    assert all(stop - start <= 2 * most + 2 * (most // SOON) + WIDEST for start, stop in spans)
    assert all(stop - start >= most // SOON for start, stop in spans if len(spans) > 1)
    assert (len(spans) == 1) >= (len(data) <= most)
    for documents in found:
        assert b"".join(bytes(one.content) for one in documents if isinstance(one.content, bytes)) == data
        assert [one.row for one in documents] == ([*range(1, len(spans) + 1)] if len(spans) > 1 else [None])


@given(st.lists(BYTES, min_size=30, max_size=150))
def test_whatever_is_cut_leads_back_to_its_bytes(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(b"".join(pieces))
        for found in read_in(path, 256):
            (outcome,) = decode([found], DecodeConfig())
            assert outcome.reading is not None or not found.content
            if outcome.document.encoding:
                raw = rewind(outcome.document.text, list(outcome.edits))
                assert encode(raw, outcome.document.encoding) == found.content
            else:
                assert outcome.dropped and (outcome.quarantine or b"") == found.content


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("charset", SIMPLIFIED + TRADITIONAL + tuple(MARKED))
def test_every_encoding_is_cut_behind_an_empty_line(tmp_path: Path, charset: str, line_end: str) -> None:
    if charset in ("hz", "iso-2022-cn") and line_end == "\r":
        pytest.skip("a region ends with a line feed there")
    text = whole_text(prose(MARKED.get(charset, charset)), line_end)
    data = encoded(text, charset)
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    parts = parts_of(path, most := len(data) // 5)
    assert len(parts) == 5
    name = MARKED.get(charset, charset)
    read_back = [charsets.decode(part, name) for part in parts]
    assert "".join(read_back).removeprefix("\ufeff") == text
    assert all(part.endswith(line_end * 2) for part in read_back[:-1])
    outcomes = list(decode(read_in(path, most), DecodeConfig()))
    assert {outcome.document.encoding for outcome in outcomes} == {name}
    assert "".join(outcome.document.text for outcome in outcomes) == text


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "big5", "euc-tw", *charsets.WIDE])
def test_a_text_without_empty_lines_and_one_without_lines(tmp_path: Path, charset: str) -> None:
    strange = {"gb18030": "𠀋㐂é", "euc-tw": "乂", "utf-8": "𠀋é"}.get(
        charset, ""
    )  # of four bytes, where there are such
    lines = [line + strange for line in prose(charset) if line]
    for line_end in ("\n", ""):
        text = whole_text(lines, line_end)
        path = tmp_path / "a.txt"
        path.write_bytes(charsets.encode(text, charset))
        for most in range(MOST, MOST + 7):
            parts = [charsets.decode(part, charset) for part in parts_of(path, most)]
            assert len(parts) > 3
            assert "".join(parts) == text
            assert all(part.endswith(line_end) for part in parts)


def test_a_surrogate_pair_is_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for charset, before in itertools.product(("utf-16-le", "utf-16-be"), range(4)):
        path.write_bytes(("\ufeff" + "水" * before + "𠀋" * 2000).encode(charset))
        assert len(parts_of(path, 1024)) > 3
        for part in parts_of(path, 1024):
            part.decode(charset)


def test_a_file_of_the_limit_is_one_document(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    data = whole_text(prose(lines=40)).encode()
    path.write_bytes(data)
    for most, parts in ((len(data), 1), (len(data) - 1, 1), (len(data) // 2, 2)):
        found = read_in(path, most)
        assert [one.row for one in found] == ([None] if parts == 1 else [1, 2])
        assert b"".join(bytes(one.content) for one in found if isinstance(one.content, bytes)) == data
    page = tmp_path / "a.html"
    page.write_bytes(data)
    assert [one.row for one in read_in(page, 256)] == [None]
    settings = DecodeConfig(document_bytes=256, max_file_bytes=len(data) - 1)
    _, files = digest_and_pieces(RawFile(path, "a.txt", len(data)), 1 << 26, settings)
    assert [found.problem[:9] for file in files for found in read(file, settings)] == ["too large"]


def test_what_is_added_to_a_file_leaves_its_first_parts_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(whole_text(prose(lines=300)), encoding="utf-8")
    before = parts_of(path)
    path.write_text(whole_text([*prose(lines=300), *prose(seed=2)]), encoding="utf-8")
    assert parts_of(path)[: len(before) - 1] == before[:-1]


@pytest.mark.parametrize("charset", ["gb18030", "big5"])
def test_a_part_with_hardly_any_chinese_is_read_like_the_others(tmp_path: Path, charset: str) -> None:
    chosen = random.Random(3)
    lines = [f"{number} GET /index.html 200 {chosen.random()}" for number in range(3000)]
    for number in range(50, 3000, 200):
        lines[number] += " " + "".join(chosen.choice(words(charset)) for _ in range(2))
    text = whole_text(lines)
    path = tmp_path / "a.txt"
    path.write_bytes(charsets.encode(text, charset))
    found = read_in(path, 8000)
    assert len(found) > 10
    alone = [detect(part).charset for part in parts_of(path, 8000)]
    outcomes = list(decode(found, DecodeConfig()))
    assert "".join(outcome.document.text for outcome in outcomes) == text
    assert {outcome.document.encoding for outcome in outcomes} <= {charset, "utf-8"}  # of ASCII alone: UTF-8
    assert set(alone) - {charset, "utf-8"}, "the parts alone are not told rightly, or this test proves nothing"


def test_a_file_of_several_encodings_is_read_part_by_part(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    both = {charset: whole_text(prose(charset)) for charset in ("gb18030", "utf-8", "big5")}
    path.write_bytes(b"".join(encoded(text, charset) for charset, text in both.items()))
    outcomes = list(decode(read_in(path, 8000), DecodeConfig()))
    assert {outcome.document.encoding for outcome in outcomes} == set(both)
    assert "".join(outcome.document.text for outcome in outcomes) == "".join(both.values())


def test_a_part_in_another_encoding_than_its_file_is_believed() -> None:
    text = whole_text(prose("big5"))
    sample = whole_text(prose("gb18030")).encode("gb18030")
    assert detect_part(encoded(text, "big5"), sample).charset == "big5"
    assert detect_part(encoded("上海", "big5"), sample).charset == "gb18030"  # two characters prove nothing
    assert detect_part("上海\n".encode("utf-16-le"), "\ufeff上海".encode("utf-16-le")).charset == "utf-16-le"
    assert detect_part(b"no Chinese at all", sample).charset == "utf-8"
    assert detect_part(b"\x89PNG\r\n\x1a\n" + b"\0" * 90, sample).problem.startswith("not text")


def test_the_sample_is_from_all_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    lines = ["x" * 999] * 3000
    lines[2500:2500] = ["水渠修好了。"]
    path.write_text(whole_text(lines), encoding="gb18030")
    assert sample_of_file(path).decode("gb18030") == "水渠修好了。"
    path.write_bytes(("\ufeff" + whole_text(lines)).encode("utf-16-be"))
    assert len(sample_of_file(path)) == 4096
    path.write_bytes(b"nothing\n")
    assert sample_of_file(path) == b""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder of long texts in several encodings, one with a part that is no text, and a short one."""
    raw = tmp_path / "raw"
    raw.mkdir()
    for seed, charset in enumerate(("utf-8", "gb18030", "utf-16", "big5")):
        text = whole_text(prose(charset, seed=seed))
        (raw / f"{charset}.txt").write_bytes(encoded(text, charset))
    noise = bytes(random.Random(5).randrange(1, 32) for _ in range(9000)) + b"\n\n"
    text = whole_text(prose(seed=9))
    (raw / "with-noise.txt").write_bytes(text.encode() + noise + text.encode()[:100] + b"\xff\xff\n" * 40)
    (raw / "short.txt").write_text("水渠修好了，大家都高兴。\n", encoding="utf-8")
    (tmp_path / "settings.toml").write_text(f"[decode]\ndocument_bytes = {MOST}\nshard_bytes = 20000\n")
    return raw


def test_a_corpus_of_long_texts(cleaner: Call, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for workers in (1, 2):
        options = ("--config", tmp_path / "settings.toml", "--workers", workers, "--force")
        ran = cleaner("run", many, tmp_path / f"clean{workers}", *options, "--work", tmp_path / f"work{workers}")
        assert ran.code == 0, ran.err
    assert digests(tmp_path / "clean1") == digests(tmp_path / "clean2")
    corpus = open_corpus(tmp_path / "clean1/v1")
    assert [(entry.sentence, entry.failures) for entry in verify(tmp_path / "clean1/v1", many) if entry.failures] == []
    decoded = open_corpus(tmp_path / "work1/1-decode")
    documents = [*decoded.documents(), *(document for document, *_ in decoded.dropped())]
    parts = [document for document in documents if document.source == "utf-16.txt"]
    assert [document.row for document in parts] == [*range(1, len(parts) + 1)]
    assert all(document.id == document_id(document.source, document.row) for document in documents)
    assert "".join(document.text for document in parts) == whole_text(prose("utf-16", seed=2))
    assert {document.row for document in documents if document.source == "short.txt"} == {None}
    assert {reading.id for reading in corpus.readings()} == {document.id for document in documents}
    aside = [path.name for path in corpus.stages[0].quarantine.iterdir()]
    assert aside and all(re.fullmatch(r"with-noise\.txt\.part-\d+", name) for name in aside)
    assert json.loads((tmp_path / "work1/1-decode/report.json").read_text())["counts"]["documents_in"] == len(documents)


def test_a_part_that_changed_is_found(cleaner: Call, many: Path, tmp_path: Path) -> None:
    options = ("--config", tmp_path / "settings.toml", "--workers", 1, "--force")
    assert cleaner("run", many, tmp_path / "clean", *options).code == 0
    data = bytearray((many / "gb18030.txt").read_bytes())
    data[-3] ^= 1
    (many / "gb18030.txt").write_bytes(data)
    ran = cleaner("verify", tmp_path / "clean", "--raw", many)
    assert ran.code == 1
    assert re.search(r"gb18030\.txt part \d is not what text and ledger lead back to", ran.out)
    aside = next((tmp_path / "clean/v1/quarantine").iterdir())
    aside.write_bytes(b"other")
    ran = cleaner("verify", tmp_path / "clean", "--raw", many)
    assert f"quarantine/{aside.name}" in ran.out


def test_explain_leads_from_a_part_to_its_bytes_and_back(cleaner: Call, many: Path, tmp_path: Path) -> None:
    options = ("--config", tmp_path / "settings.toml", "--workers", 1, "--force")
    assert cleaner("run", many, tmp_path / "clean", *options).code == 0
    data = (many / "gb18030.txt").read_bytes()
    ran = cleaner("explain", tmp_path / "clean", "gb18030.txt")
    assert (ran.code, "documents, such as" in ran.err) == (2, True)
    start = len(parts_of(many / "gb18030.txt")[0])
    name = document_id("gb18030.txt", 2)
    assert cleaner("explain", tmp_path / "clean", name).out.startswith("gb18030.txt, part 2\n")
    ran = cleaner("explain", tmp_path / "clean", name, "--at", 5, "--raw", many)
    assert ran.code == 0
    assert "gb18030.txt, part 2: bytes 10–11 of" in ran.out
    assert f"bytes from byte {start:,} on, and its SHA-256 is that of the input" in ran.out
    assert data[start + 10 : start + 12].hex(" ") in ran.out
    ran = cleaner("explain", tmp_path / "clean", name, "--byte", 10, "--raw", many)
    assert (ran.code, "byte 10 of part 2 in gb18030" in ran.out) == (0, True)
    assert "now character 5 of the text" in ran.out
    ran = cleaner("explain", tmp_path / "clean", name, "--byte", len(data))
    assert (ran.code, "in gb18030.txt, part 2, which has" in ran.err) == (2, True)
    (many / "gb18030.txt").write_bytes(data + b"\n")
    ran = cleaner("explain", tmp_path / "clean", name, "--at", 5, "--raw", many)
    assert (ran.code, "is not the file that was read" in ran.err) == (1, True)
    (many / "gb18030.txt").write_bytes(data[:100])
    ran = cleaner("explain", tmp_path / "clean", name, "--at", 5, "--raw", many)
    assert (ran.code, "has no text in part 2" in ran.err) == (2, True)
    ran = cleaner("decode", "--only", many / "big5.txt", "--config", tmp_path / "settings.toml")
    assert (ran.code, ran.out.count("as big5")) == (0, len(parts_of(many / "big5.txt")))


def test_a_version_from_before_texts_were_cut(cleaner: Call, tmp_path: Path) -> None:
    settings = DecodeConfig().model_dump()
    del settings["document_bytes"]
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 255 + b"\n")
    file = RawFile(path, "a.txt", 20 << 20)  # as large as it says
    assert [found.row for found in read(file, decode_settings(settings))] == [None]
    assert decode_settings(settings | {"document_bytes": 300}).document_bytes == 300


def test_the_parts_of_a_text_are_work_for_several(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(whole_text(prose()), encoding="utf-8")
    _, files = digest_and_pieces(RawFile(path, "a.txt", path.stat().st_size), 7000, DecodeConfig(document_bytes=MOST))
    shards = cut_into_shards(files, 7000)
    assert len(shards) > 2
    assert sum(file.work for shard in shards for file in shard) == path.stat().st_size


def digests(folder: Path) -> list[tuple[str, str]]:
    """Every file below a folder with its SHA-256."""
    return [
        (path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
