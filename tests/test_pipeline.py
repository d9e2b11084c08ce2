"""Folders in, folders out: the same bytes whoever runs the stages, in whatever way, and never half of anything."""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner.config import DecodeConfig
from cleaner.document import Document, Edits, Outcome, Reading, Unchanged
from cleaner.errors import BadDataError
from cleaner.files.columns import joined_texts
from cleaner.files.corpus import open_corpus
from cleaner.files.folder import Store, write_shard
from cleaner.files.pieces import digest_and_pieces
from cleaner.files.raw import RawFile, content_of, cut_into_shards, shard_size
from cleaner.files.readings import read_readings
from cleaner.files.tables import read_documents, read_some
from tests.conftest import ROOT, Ran, Run

Call = Callable[..., Ran]


def digests(folder: Path, but: tuple[str, ...] = ()) -> dict[str, str]:
    """The SHA-256 of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in but
    }


def test_a_run_is_the_chain_of_its_stages(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    folder = tmp_path / "1-decode"
    assert cleaner("decode", ROOT / "raw", folder).code == 0
    for number, stage in enumerate(("normalize", "simplify", "repair", "dedup"), start=2):
        source, folder = folder, tmp_path / f"{number}-{stage}"
        assert cleaner(stage, source, folder).code == 0
        assert digests(folder) == digests(demo.work / f"{number}-{stage}")
    assert cleaner("publish", folder, tmp_path / "clean").code == 0
    assert digests(tmp_path / "clean", but=("manifest.json",)) == digests(demo.clean, but=("manifest.json",))


def test_workers_and_place_make_no_difference(cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    (tmp_path / "small.toml").write_text("[decode]\nshard_bytes = 3000\n")
    for place, workers in (("one", 1), ("elsewhere/two", 2)):
        arguments = ("--workers", workers, "--config", tmp_path / "small.toml", "--work", tmp_path / place / "work")
        assert cleaner("run", ROOT / "raw", tmp_path / place / "clean", *arguments).code == 0
    one, two = tmp_path / "one" / "clean", tmp_path / "elsewhere/two" / "clean"
    assert len(list((one / "v1" / "data").iterdir())) > 3
    assert len(list((one / "v1" / "readings").iterdir())) > 3
    assert digests(one) == digests(two)


def test_shards_do_not_change_the_documents(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text("[decode]\nshard_bytes = 1000\n")
    assert cleaner("run", ROOT / "raw", tmp_path / "clean", "--config", tmp_path / "small.toml").code == 0
    assert list(open_corpus(tmp_path / "clean").documents()) == list(open_corpus(demo.clean).documents())


def test_every_file_has_its_reading(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text("[decode]\nshard_bytes = 1000\n")
    assert cleaner("decode", ROOT / "raw", tmp_path / "out", "--config", tmp_path / "small.toml").code == 0
    for folder in (tmp_path / "out", demo.work / "1-decode", demo.work / "5-dedup", demo.clean):
        corpus = open_corpus(folder)
        documents = [*corpus.documents(), *(document for document, *_ in corpus.dropped())]
        files = {document.id: document for document in documents if document.row is None}
        readings = {reading.id: reading for reading in corpus.readings()}
        assert len(list(corpus.readings())) == len(readings)
        assert readings.keys() == files.keys()
        assert all(reading.source == files[name].source for name, reading in readings.items())
        assert [reading.source for reading in corpus.readings()] == sorted(file.source for file in files.values())


def test_readings_come_back_as_they_were_written(tmp_path: Path) -> None:
    plain = Reading("id0", "a.txt", "not text")
    lines = (("gb18030", 40), ("utf-8", 2))
    full = Reading(
        "id1", "b.txt", "repaired", "gb18030", 0.99, "big5", 120.5, 9.25, "GB2312", "utf-8", (7, 2**40), lines
    )
    outcomes = [Outcome(Document(entry.id, entry.source, ""), reading=entry) for entry in (plain, full)]
    write_shard(tmp_path, 0, "decode", [*outcomes, Outcome(Document("id2", "c.jsonl", "", 1))])
    assert list(read_readings(tmp_path / "readings-00000.parquet")) == [plain, full]
    write_shard(tmp_path, 1, "repair", outcomes)
    assert [path.name for path in tmp_path.glob("readings-*")] == ["readings-00000.parquet"]


@pytest.mark.parametrize("store", ["parquet", "arrow"])
@pytest.mark.parametrize("busy", [0.0, 0.02, 0.5, 1.0])
def test_documents_that_stay_as_they_are_are_kept_as_any_others(tmp_path: Path, store: Store, busy: float) -> None:
    random = Random(7)
    documents = [
        Document(f"id{number}", "a.txt", random.choice(["", "水渠", "A\0𠮷\n" * number]), random.choice([None, number]),
                 random.choice(["", "gb18030"]), random.choice(["", "mixed"]), number, 0, "", random.choice(["", "A2"]))
        for number in range(2500)
    ]  # fmt: skip
    write_shard(tmp_path, 0, "simplify", map(Outcome, documents), store)

    def changed(document: Document) -> Outcome:
        if document.row == 5 or not document.text:
            return Outcome(document, dropped="copy: of another")
        edits = Edits.of("cut", document.text, [(0, 1, "")])
        return Outcome(replace(document, text=document.text[1:]), (edits,))

    is_busy = [random.random() < busy for _ in documents]
    flags = iter(is_busy)
    found = read_some(tmp_path / f"documents-00000.{store}", lambda batch: list(islice(flags, batch.num_rows)))
    outcomes = (one if isinstance(one, Unchanged) else changed(one) for one in found)
    counts = write_shard(tmp_path, 1, "repair", outcomes, store)
    expected = [changed(one) if flag else Outcome(one) for one, flag in zip(documents, is_busy, strict=True)]
    assert counts == write_shard(tmp_path, 2, "repair", expected, store)
    kept = [outcome.document for outcome in expected if not outcome.dropped]
    for number in (1, 2):
        assert list(read_documents(tmp_path / f"documents-0000{number}.{store}")) == kept


def test_a_text_that_is_not_utf_8_is_not_passed_on(tmp_path: Path) -> None:
    write_shard(tmp_path, 0, "simplify", [Outcome(Document("id0", "a.txt", "水渠"))])
    path = tmp_path / "documents-00000.parquet"
    table = pq.read_table(path)
    odd = pa.array([b"\xe6\xb0"], pa.large_binary()).view(pa.large_string())
    pq.write_table(table.set_column(table.schema.get_field_index("text"), table.schema.field("text"), odd), path)
    with pytest.raises(BadDataError, match="not UTF-8"):
        list(read_some(path, lambda batch: [False] * batch.num_rows))
    with pytest.raises(BadDataError, match="not UTF-8"):
        list(joined_texts(path, "\n", 10))


@pytest.mark.parametrize("store", ["parquet", "arrow"])
@pytest.mark.parametrize("most", [1, 10, 1000, 1 << 20])
@pytest.mark.parametrize("choice", [("", "水渠", "A\0𠮷\n" * 30), ("",), ()])
def test_texts_come_joined(tmp_path: Path, store: Store, most: int, choice: tuple[str, ...]) -> None:
    texts = [Random(number).choice(choice) for number in range(1500)] if choice else []
    write_shard(tmp_path, 0, "simplify", [Outcome(Document("id", "a.txt", text)) for text in texts], store)
    found = list(joined_texts(tmp_path / f"documents-00000.{store}", "|", most))
    assert "".join(joined for joined, _ in found) == "".join(f"{text}|" for text in texts)
    assert [size for _, sizes in found for size in sizes] == list(map(len, texts))
    assert all(len(joined) == sum(sizes) + len(sizes) for joined, sizes in found)


def test_a_folder_from_before_there_were_readings(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.work, tmp_path / "work")
    for path in (tmp_path / "work/1-decode").glob("readings-*"):
        path.unlink()
    report = json.loads((tmp_path / "work/1-decode/report.json").read_text(encoding="utf-8"))
    del report["readings"]
    (tmp_path / "work/1-decode/report.json").write_text(json.dumps(report), encoding="utf-8")
    assert list(open_corpus(tmp_path / "work/5-dedup").readings()) == []
    told = cleaner("explain", tmp_path / "work/5-dedup", "reports/water-works-torn.txt")
    assert (told.code, "how the file was read" in told.out) == (0, False)
    assert cleaner("publish", tmp_path / "work/5-dedup", tmp_path / "clean").code == 0
    assert "id='readings'" not in (tmp_path / "clean/v1/report.html").read_text(encoding="utf-8")


def test_stages_can_be_left_out(cleaner: Call, tmp_path: Path) -> None:
    assert cleaner("decode", ROOT / "raw", tmp_path / "1").code == 0
    assert cleaner("repair", tmp_path / "1", tmp_path / "2").code == 0
    corpus = open_corpus(tmp_path / "2")
    assert [stage.stage for stage in corpus.stages] == ["decode", "repair"]
    bridge = next(document for document in corpus.documents() if document.source == "news/bridge-page-3.txt")
    assert bridge.text.startswith("那块石头。")


def test_one_file_is_enough_for_decode(cleaner: Call, tmp_path: Path) -> None:
    assert cleaner("decode", ROOT / "raw/news/bridge-page-1.txt", tmp_path / "out").code == 0
    (document,) = open_corpus(tmp_path / "out").documents()
    assert (document.source, document.encoding) == ("bridge-page-1.txt", "gb18030")


def test_a_changed_or_missing_input_folder_is_noticed(cleaner: Call, tmp_path: Path) -> None:
    assert cleaner("decode", ROOT / "raw", tmp_path / "1").code == 0
    assert cleaner("normalize", tmp_path / "1", tmp_path / "2").code == 0
    assert cleaner("decode", ROOT / "raw/news", tmp_path / "1").code == 0
    changed = cleaner("check", tmp_path / "2")
    assert (changed.code, "has changed since" in changed.err) == (2, True)
    shutil.rmtree(tmp_path / "1")
    gone = cleaner("check", tmp_path / "2")
    assert (gone.code, "which is gone; make it again with `cleaner decode`" in gone.err) == (2, True)


def test_a_half_written_folder_is_not_taken_for_a_whole_one(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.work / "1-decode", tmp_path / "1-decode")
    (tmp_path / "1-decode" / "report.json").unlink()
    ran = cleaner("normalize", tmp_path / "1-decode", tmp_path / "2")
    assert (ran.code, "was the stage interrupted?" in ran.err) == (2, True)


def test_readers_give_the_same_text_from_every_container(cleaner: Call, tmp_path: Path) -> None:
    import gzip

    import pyarrow as pa
    import pyarrow.parquet as pq

    raw = tmp_path / "raw"
    raw.mkdir()
    texts = ["水渠边又添了一座凉亭，走累了可以坐一坐。", "春天来了，燕子从南方飞回来，停在屋檐下面。"]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    (raw / "a.jsonl").write_bytes(lines)
    (raw / "b.jsonl.gz").write_bytes(gzip.compress(lines))
    with pa.CompressedOutputStream(str(raw / "c.jsonl.zst"), "zstd") as stream:
        stream.write(lines)
    pq.write_table(pa.table({"text": texts, "other": [1, 2]}), raw / "d.parquet")
    pq.write_table(pa.table({"body": texts}), raw / "e.parquet")
    (raw / "f.parquet").write_bytes(b"PAR1 broken")
    (raw / "g.jsonl.gz").write_bytes(gzip.compress(lines)[:-12])
    assert cleaner("decode", raw, tmp_path / "out").code == 0
    corpus = open_corpus(tmp_path / "out")
    found: dict[str, list[str]] = {}
    for document in corpus.documents():
        found.setdefault(document.source, []).append(document.text)
    assert all(found[name] == texts for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.parquet"))
    reasons = {document.source: reason for document, _, reason, _ in corpus.dropped()}
    assert reasons["e.parquet"] == "no text: there is no column 'text', only body"
    assert reasons["f.parquet"].startswith("unreadable: not a Parquet file")
    assert reasons["g.jsonl.gz"].startswith("unreadable: after line")


@pytest.mark.parametrize("content", [b"", b"\xe6\xb8\xa0", bytes(range(256)) * 9])
@pytest.mark.parametrize("most", [1, 7, sys.maxsize])
def test_a_file_is_read_to_its_end_whatever_the_system_gives_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, most: int
) -> None:
    path, read = tmp_path / "a.txt", os.read
    path.write_bytes(content)
    monkeypatch.setattr(os, "read", lambda handle, size: read(handle, min(size, most)))
    for size in (0, len(content), len(content) + 5):  # it may have grown or shrunk since it was listed
        assert content_of(RawFile(path, "a.txt", size)) == content


def test_web_pages_give_their_main_text(cleaner: Call, tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    raw = tmp_path / "raw"
    raw.mkdir()
    stories = [
        "镇里修好了水渠，大家都高兴。今年又种下两千多棵果树，乡亲们都说好，孩子们放学以后常到树下看书。",
        "水渠从西坡村的泉眼开始，绕过石桥，一直通到小学后面的菜地，一共三里半，修了整整一个冬天。",
        "带头修渠的何大叔说，他小时候挑水要走两里山路，一天挑四担，现在站在家门口就能听见水响。",
    ]
    menu = "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in ("首页", "新闻", "登录", "注册", "联系我们"))
    body = "".join(f"<p>{story}</p>" for story in stories)
    page = (
        f"<html><head><title>果树</title></head><body><nav><ul>{menu}</ul></nav><main><article><h1>水渠和果树</h1>"
        f"{body}</article></main><footer><p>版权所有</p></footer></body></html>"
    )
    (raw / "page.html").write_bytes(page.encode("gbk"))
    assert cleaner("decode", raw, tmp_path / "out").code == 0
    (document,) = open_corpus(tmp_path / "out").documents()
    assert all(story in document.text for story in stories)
    assert "登录" not in document.text
    assert cleaner("check", tmp_path / "out").code == 0


def test_web_pages_without_the_extra_get_a_sentence(
    cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/page.html").write_text("<p>水渠修好了，大家都来看。</p>", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    ran = cleaner("decode", tmp_path / "raw", tmp_path / "out")
    assert (ran.code, "pip install 'cleaner[html]'" in ran.err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_shards_are_cut_by_order_and_size_alone() -> None:
    files = [RawFile(Path(name), name, size) for name, size in (("a", 40), ("b", 70), ("c", 10), ("d", 300), ("e", 1))]
    cut = [[file.source for file in shard] for shard in cut_into_shards(files, 100)]
    assert cut == [["a", "b"], ["c", "d"], ["e"]]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_large_table_is_cut_and_reads_the_same(cleaner: Call, tmp_path: Path, suffix: str) -> None:
    rows = [{"text": f"第{number}条水渠在三月里修好了，乡亲们都说好。" * (number % 7)} for number in range(300)]
    path = tmp_path / f"raw/table{suffix}"
    path.parent.mkdir()
    if suffix == ".jsonl":
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        lines[40:40] = [
            "",
            "{broken",
            json.dumps({"text": "长" * 900}, ensure_ascii=False),
        ]  # the last is over the limit
        path.write_text("\n".join(lines), encoding="utf-8")  # one of the lines is over the limit
    else:
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=37)
    found = []
    for size in (1 << 26, 3000):
        (tmp_path / "settings.toml").write_text(f"[decode]\nshard_bytes = {size}\nmax_file_bytes = 2000\n")
        out = tmp_path / f"out{size}"
        assert cleaner("decode", tmp_path / "raw", out, "--config", tmp_path / "settings.toml").code == 0
        corpus = open_corpus(out)
        found.append((list(corpus.documents()), [(document, why) for document, _, why, _ in corpus.dropped()]))
        shards = len(corpus.stages[0].documents)
    assert found[0] == found[1]
    assert shards > 5


def test_pieces_begin_where_lines_begin(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(b"%d\n" % number for number in range(1000)) + b"last")
    settings = DecodeConfig()
    sha256, files = digest_and_pieces(RawFile(path, "a.jsonl", path.stat().st_size), 500, settings)
    pieces = [file.piece for file in files if file.piece is not None]
    content = path.read_bytes()
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert [piece.start for piece in pieces[1:]] == [piece.stop for piece in pieces[:-1]]
    assert (pieces[0].start, pieces[-1].stop) == (0, len(content))
    assert all(content[: piece.start].count(b"\n") == piece.row for piece in pieces)
    assert all(content[piece.start - 1 : piece.start] == b"\n" for piece in pieces[1:])
    small = RawFile(path, "a.jsonl", 499)
    assert digest_and_pieces(small, 500, settings)[1] == [small]


def test_shards_are_neither_few_nor_small(tmp_path: Path) -> None:
    def cut(sizes: list[int], most: int = 1 << 26) -> list[int]:
        files = [RawFile(tmp_path / str(number), str(number), size) for number, size in enumerate(sizes)]
        return [len(shard) for shard in cut_into_shards(files, shard_size(files, most))]

    megabyte = 1 << 20
    assert cut([megabyte // 4] * 8) == [8]
    assert cut([megabyte] * 64) == [2] * 32
    assert cut([megabyte] * 64, most=megabyte) == [1] * 64
    assert cut([32 * megabyte] * 320) == [2] * 160


def test_a_damaged_table_has_its_digest_and_is_read_whole(tmp_path: Path) -> None:
    for number, content in enumerate((b"PAR1", b"PAR1" + b"\xff" * 40 + b"PAR1", b"no table at all")):
        path = tmp_path / f"{number}.parquet"
        path.write_bytes(content)
        file = RawFile(path, path.name, len(content))
        assert digest_and_pieces(file, 1, DecodeConfig()) == (hashlib.sha256(content).hexdigest(), [file])
