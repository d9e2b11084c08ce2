"""Exports: what other tools read is what the corpus holds, and nothing is written where it must not be."""

import gzip
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.document import Document, Outcome
from cleaner.errors import WrongUseError
from cleaner.export import FORMS, Order, export
from cleaner.export.mnbvc import Repetition, as_file, paragraphs_of, simhash
from cleaner.export.names import LONGEST_PATH, Names
from cleaner.files import document_id
from cleaner.files.corpus import Corpus, open_corpus
from cleaner.files.folder import write_report, write_shard
from cleaner.files.tables import write_passages
from tests.conftest import ROOT, Ran, Run

os.environ["HF_DATASETS_OFFLINE"] = os.environ["HF_HUB_OFFLINE"] = "1"
Call = Callable[..., Ran]
DOCS = (ROOT / "docs/exports.md").read_text(encoding="utf-8")
TEXTS = {
    "plain.txt": "镇里修好了水渠。\n大家都高兴。\n",
    "astral.txt": "𠮷野家的门口种着𣗋树，树下有人喝茶😀。",
    "separators.txt": "第一行\u2028还是第一行\u2029也是\x85这里\x0b那里\x0c完",
    "blank-lines.txt": "\n\n上一段\n\n\n下一段\n\n",
    "quotes.txt": "他说：“好。”\"'\\ \\n \\u4e00 \t制表\r回车，逗号,分号;",
    "markdown.txt": "```\n# 标题\n---\n| 甲 | 乙 |\n<b>粗</b> [链](x)\n`````",
    "long.txt": "水" * 300_000 + "。",
    "empty.txt": "",
    "spaces.txt": "  \n\u3000\u3000缩进\u3000\n",
    "rmrb/2020-05/27/bridge.txt": "桥修好了。\n桥修好了。\n大家都高兴。",
}
SOURCES = [*TEXTS, "board.jsonl", "board.jsonl"]


def made(source: str, text: str, row: int | None = None) -> Document:
    return Document(document_id(source, row), source, text, row, encoding="utf-8", script="simplified")


def stage_folder(folder: Path, shards: list[list[Outcome]], stage: str = "decode", **more: Any) -> Corpus:
    """A stage folder that holds these outcomes, as a stage would leave it."""
    folder.mkdir(parents=True)
    counts = [write_shard(folder, number, stage, outcomes).as_json() for number, outcomes in enumerate(shards)]
    whole = counts[0] | {
        "kept": sum(count["kept"] for count in counts),
        "characters_out": sum(count["characters_out"] for count in counts),
    }
    settings = {"passages": "report"} if stage == "dedup" else {}
    report = {"stage": stage, "settings": settings, "versions": {"cleaner": "0"}, "counts": whole, "previous": None}
    write_report(folder, report | more)
    return open_corpus(folder)


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Two shards of texts that some format or reader might stumble over."""
    documents = [made(source, text) for source, text in TEXTS.items()]
    rows = [made("board.jsonl", "公告栏在桥头。", 1), made("board.jsonl", "寻物：一把黑布雨伞。", 3)]
    place = tmp_path_factory.mktemp("hard") / "1-decode"
    return stage_folder(place, [[Outcome(document) for document in shard] for shard in (documents, rows)])


def pairs(corpus: Corpus) -> list[tuple[str, str]]:
    return [(document.id, document.text) for document in corpus.documents()]


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().decode().split("\n") if line]


def written(corpus: Corpus, out: Path, to: str, **options: Any) -> dict[str, Any]:
    return export(corpus, out, Order(to, **options))


# jsonl


def test_jsonl_holds_every_column_of_every_document(hard: Corpus, tmp_path: Path) -> None:
    seal = written(hard, tmp_path / "out", "jsonl")
    rows = json_lines(tmp_path / "out/documents-00000.jsonl")
    assert rows == [asdict(document) for document in hard.documents()]
    assert seal["documents"] == len(SOURCES)


@pytest.mark.parametrize("to", ["jsonl", "jsonl.gz", "jsonl.zst"])
def test_jsonl_opens_in_duckdb(hard: Corpus, tmp_path: Path, to: str) -> None:
    written(hard, tmp_path / "out", to)
    query = f"SELECT id, text FROM read_json('{tmp_path}/out/*.{to}', maximum_object_size = 10000000)"
    assert duckdb.sql(query).fetchall() == pairs(hard)


def test_the_packed_lines_are_the_plain_ones(hard: Corpus, tmp_path: Path) -> None:
    for to in ("jsonl", "jsonl.gz", "jsonl.zst"):
        written(hard, tmp_path / to, to)
    plain = (tmp_path / "jsonl/documents-00000.jsonl").read_bytes()
    packed = tmp_path / "jsonl.gz/documents-00000.jsonl.gz"
    assert gzip.decompress(packed.read_bytes()) == plain
    assert packed.read_bytes()[3:8] == bytes(5), "no name and no time in the head"
    with pa.input_stream(str(tmp_path / "jsonl.zst/documents-00000.jsonl.zst"), compression="zstd") as stream:
        assert stream.read() == plain


# parquet


def test_parquet_opens_in_every_reader(hard: Corpus, tmp_path: Path) -> None:
    written(hard, tmp_path / "out", "parquet")
    path = tmp_path / "out/documents-00000.parquet"
    assert pq.read_schema(path).field("text").type == pa.string()
    assert polars.read_parquet(path).select("id", "text").rows() == pairs(hard)
    assert duckdb.sql(f"SELECT id, text FROM '{path}'").fetchall() == pairs(hard)
    frame = pandas.read_parquet(path)
    assert list(zip(frame["id"], frame["text"], strict=True)) == pairs(hard)
    assert [row["row"] for row in pq.read_table(path).to_pylist()] == [document.row for document in hard.documents()]


def test_parquet_keeps_no_statistics_of_texts(hard: Corpus, tmp_path: Path) -> None:
    written(hard, tmp_path / "out", "parquet")
    group = pq.read_metadata(tmp_path / "out/documents-00000.parquet").row_group(0)
    columns = {group.column(number).path_in_schema: group.column(number) for number in range(group.num_columns)}
    assert columns["text"].statistics is None
    assert columns["id"].statistics is not None
    assert columns["text"].compression == "ZSTD"


def test_large_texts_go_into_row_groups_and_files(tmp_path: Path) -> None:
    """300 texts of 250 kB: row groups of 32 MiB, and files of the size that was asked for, in order."""
    documents = [made(f"{number:03}.txt", f"{number}" + "渠" * 83_000) for number in range(300)]
    corpus = stage_folder(tmp_path / "work", [[Outcome(document) for document in documents]])
    written(corpus, tmp_path / "out", "parquet", shard_bytes=50 << 20)
    paths = sorted((tmp_path / "out").glob("*.parquet"))
    groups = [pq.read_metadata(path).num_row_groups for path in paths]
    assert groups == [2, 1]
    assert [row["text"] for path in paths for row in pq.read_table(path, columns=["text"]).to_pylist()] == [
        document.text for document in documents
    ]


# hf


def test_hf_opens_in_datasets(hard: Corpus, tmp_path: Path) -> None:
    import datasets

    written(hard, tmp_path / "out", "hf", shard_bytes=300)
    names = sorted(path.name for path in (tmp_path / "out/data").iterdir())
    assert names[0] == f"train-00000-of-{len(names):05}.parquet"
    assert len(names) > 2
    read = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert list(zip(read["id"], read["text"], strict=True)) == pairs(hard)
    assert read.features["text"].dtype == "string"
    assert read.features["row"].dtype == "int64"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the library that mlcroissant stands on
def test_the_croissant_metadata_is_valid_and_leads_to_the_documents(hard: Corpus, tmp_path: Path) -> None:
    import mlcroissant

    out = tmp_path / "out"
    written(hard, out, "hf", shard_bytes=300)
    dataset = mlcroissant.Dataset(jsonld=str(out / "croissant.json"))
    assert not dataset.metadata.issues.errors
    records = [
        (record["documents/id"].decode(), record["documents/text"].decode()) for record in dataset.records("documents")
    ]
    assert records == pairs(hard)
    described = json.loads((out / "croissant.json").read_text(encoding="utf-8"))
    files = [entry for entry in described["distribution"] if entry["@type"] == "cr:FileObject"]
    assert len(files) == len(list((out / "data").iterdir()))
    for entry in files:
        content = (out / entry["contentUrl"]).read_bytes()
        assert (entry["sha256"], entry["contentSize"]) == (hashlib.sha256(content).hexdigest(), f"{len(content)} B")


def test_a_folder_for_a_hub_with_some_columns(hard: Corpus, tmp_path: Path) -> None:
    import datasets

    written(hard, tmp_path / "out", "hf", columns=("text", "row"))
    read = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert read.column_names == ["text", "row"]
    assert "key" not in json.loads((tmp_path / "out/croissant.json").read_text(encoding="utf-8"))["recordSet"][0]


# txt


def test_txt_holds_each_text_under_its_path(hard: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "out"
    written(hard, out, "txt")
    assert (out / "texts/rmrb/2020-05/27/bridge.txt").read_bytes().decode() == TEXTS["rmrb/2020-05/27/bridge.txt"]
    assert (out / "texts/board.jsonl/3.txt").read_bytes().decode() == "寻物：一把黑布雨伞。"
    index = json_lines(out / "index.jsonl")
    assert [(row["id"], (out / row["path"]).read_bytes().decode()) for row in index] == pairs(hard)
    assert all(row["sha256"] == hashlib.sha256((out / row["path"]).read_bytes()).hexdigest() for row in index)
    assert {row["path"] for row in index} == {
        path.relative_to(out).as_posix() for path in (out / "texts").rglob("*") if path.is_file()
    }


ODD = [
    "../../up.txt",
    "/etc/absolute.txt",
    "a/../../b.txt",
    "nul\0inside.txt",
    "A.txt",
    "a.txt",
    "ａ.txt",
    "caf\u00e9.txt",
    "cafe\u0301.txt",
    "page.html",
    "page.html.txt",
    "CON",
    "com1.txt",
    "dir.txt/inside.txt",
    "DIR.txt",
    "ends./with .txt",
    "长" * 300 + ".txt",
    "长" * 300 + "二.txt",
    "/".join(["深"] * 400) + ".txt",
    'q"<>|?*:\\.txt',
    "",
    "..",
]


def test_odd_names_stay_in_the_folder_and_apart(tmp_path: Path) -> None:
    documents = [made(source, f"{number}：{source[:20]}") for number, source in enumerate(ODD)]
    corpus = stage_folder(tmp_path / "work", [[Outcome(document) for document in documents]])
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    written(corpus, tmp_path / "out", "txt")
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    texts = {path for path in new if path.is_relative_to(tmp_path / "out/texts")}
    assert {path.name for path in new - texts} == {"index.jsonl", "export.json"}
    assert len(texts) == len(ODD)
    for row, document in zip(json_lines(tmp_path / "out/index.jsonl"), documents, strict=True):
        assert (tmp_path / "out" / row["path"]).read_bytes().decode() == document.text


def test_a_text_and_a_folder_of_one_name_do_not_meet() -> None:
    """On a disk that takes `Q.txt` and `q.txt` for one, neither can be had as both a file and a folder."""
    first, second = Names(), Names()
    file, inside = made("Q.txt", ""), made("q.txt/inside.txt", "")
    assert [first.name_of(file), first.name_of(inside)] == ["Q.txt", f"elsewhere/{inside.id}.txt"]
    assert [second.name_of(inside), second.name_of(file)] == ["q.txt/inside.txt", f"Q~{file.id}.txt"]


@given(st.lists(st.tuples(st.text("aA.é\u0301/\\: \0长", max_size=12), st.none() | st.integers(0, 2)), unique=True))
def test_names_never_meet_nor_leave(keys: list[tuple[str, int | None]]) -> None:
    names = Names()
    given_names = [names.name_of(made(source, "", row)) for source, row in keys]
    lowered = [name.lower() for name in given_names]
    assert len(set(lowered)) == len(keys)
    for name in given_names:
        parts = name.split("/")
        assert all(part and part.strip(".") and not part.endswith((" ", ".")) for part in parts)
        assert not set(name) & set('\0\\:<>"|?*')
        assert len(name.encode()) <= LONGEST_PATH
        assert not {"/".join(parts[:depth]).lower() for depth in range(1, len(parts))} & set(lowered)


# mnbvc

KEYS = {
    "文件名": str,
    "是否待查文件": bool,
    "是否重复文件": bool,
    "文件大小": int,
    "simhash": int,
    "最长段落长度": int,
    "段落数": int,
    "去重段落数": int,
    "低质量段落数": int,
    "段落": list,
    "扩展字段": str,
    "时间": str,
}
PARAGRAPH_KEYS = {
    "行号": int,
    "是否重复": bool,
    "是否跨文件重复": bool,
    "md5": str,
    "内容": str,
    "扩展字段": str,
}


def slow_simhash(paragraphs: list[str]) -> int:
    """Bit by bit: what the field's library computes for a list of features of weight one."""
    hashes = [int(hashlib.md5(text.encode()).hexdigest(), 16) & (2**64 - 1) for text in paragraphs]
    return sum(1 << bit for bit in range(64) if 2 * sum(value >> bit & 1 for value in hashes) > len(hashes))


def check_mnbvc(row: dict[str, Any]) -> None:
    """The rules of the checker (names, types, nothing missing), and of the converter (what the values mean)."""
    assert {key: type(value) for key, value in row.items()} == KEYS
    assert list(row) == list(KEYS)
    seen: list[str] = []
    for paragraph in row["段落"]:
        assert {key: type(value) for key, value in paragraph.items()} == PARAGRAPH_KEYS
        assert list(paragraph) == list(PARAGRAPH_KEYS)
        assert paragraph["内容"] == paragraph["内容"].strip() != ""
        assert paragraph["md5"] == hashlib.md5(paragraph["内容"].encode()).hexdigest()
        assert paragraph["是否重复"] == (paragraph["内容"] in seen)
        assert json.loads(paragraph["扩展字段"]) == {}
        seen.append(paragraph["内容"])
    assert row["段落数"] == len(seen)
    assert row["去重段落数"] == len(set(seen))
    assert row["最长段落长度"] == max(map(len, seen), default=0)
    assert row["simhash"] == slow_simhash(list(dict.fromkeys(seen)))
    assert row["是否待查文件"] == (2 * len(set(seen)) < len(seen))
    assert 0 <= row["simhash"] < 2**64
    assert [paragraph["行号"] for paragraph in row["段落"]] == sorted({p["行号"] for p in row["段落"]})
    assert isinstance(json.loads(row["扩展字段"]), dict)
    assert row["时间"] == "" or (len(row["时间"]) == 8 and row["时间"].isdigit())


def test_mnbvc_follows_its_schema(hard: Corpus, tmp_path: Path) -> None:
    written(hard, tmp_path / "out", "mnbvc")
    rows = json_lines(tmp_path / "out/0.jsonl")
    for row, document in zip(rows, hard.documents(), strict=True):
        check_mnbvc(row)
        lines = document.text.split("\n")
        assert [lines[p["行号"] - 1].strip() for p in row["段落"]] == [p["内容"] for p in row["段落"]]
        assert row["文件大小"] == len(document.text.encode())
        assert json.loads(row["扩展字段"])["id"] == document.id
    of = {row["文件名"]: row for row in rows}
    assert of["rmrb/2020-05/27/bridge.txt"]["时间"] == "20200527"
    assert of["plain.txt"]["时间"] == "", "a stage folder has no day of its own"
    assert "board.jsonl/3" in of
    told = [json.loads(of[name]["扩展字段"])["day_from"] for name in ("plain.txt", "rmrb/2020-05/27/bridge.txt")]
    assert told == ["unknown", "path"]


def test_mnbvc_knows_the_day_of_a_version(demo: Run, tmp_path: Path) -> None:
    written(open_corpus(demo.clean), tmp_path / "out", "mnbvc")
    day = json.loads((demo.clean / "v1/manifest.json").read_bytes())["created"][:10].replace("-", "")
    rows = json_lines(tmp_path / "out/0.jsonl")
    for row in rows:
        check_mnbvc(row)
    assert {row["时间"] for row in rows} == {day}


def test_paragraphs_that_stand_in_an_earlier_document_are_marked(tmp_path: Path) -> None:
    texts = ["甲\n乙\n甲", "丙\n乙 \n丁", "乙\n丁\n丁\n戊", "己"]
    documents = [made(f"{number}.txt", text) for number, text in enumerate(texts)]
    shards = [[Outcome(document) for document in documents[:2]], [Outcome(document) for document in documents[2:]]]
    written(stage_folder(tmp_path / "work", shards), tmp_path / "out", "mnbvc")
    rows = json_lines(tmp_path / "out/0.jsonl")
    marked = [[p["内容"] for p in row["段落"] if p["是否跨文件重复"]] for row in rows]
    assert marked == [[], ["乙"], ["乙", "丁", "丁"], []]
    assert not list((tmp_path / "out").glob("*.parquet")), "the scratch file is gone"


def test_passages_that_dedup_found_elsewhere_are_marked(tmp_path: Path) -> None:
    first, second = made("a.txt", "开头\n" + "渠" * 300), made("b.txt", "另一个开头\n" + "渠" * 299 + "口\n结尾")
    corpus = stage_folder(tmp_path / "5-dedup", [[Outcome(first), Outcome(second)]], "dedup")
    place = {"source": "b.txt", "id": second.id, "start": 6, "end": 306, "by": first.id, "by_source": "a.txt"}
    row = place | {"by_start": 3, "by_end": 302, "characters": 299}
    write_passages(tmp_path / "5-dedup/passages-00000.parquet", [row])
    written(open_corpus(corpus.folder), tmp_path / "out", "mnbvc")
    marks = [[p["是否跨文件重复"] for p in row["段落"]] for row in json_lines(tmp_path / "out/0.jsonl")]
    assert marks == [[False, False], [False, True, False]]


def test_copies_come_with_their_mark_when_asked_for(demo: Run, tmp_path: Path) -> None:
    corpus = open_corpus(demo.clean)
    written(corpus, tmp_path / "without", "mnbvc")
    written(corpus, tmp_path / "with", "mnbvc", copies=True)
    without, everything = (json_lines(tmp_path / name / "0.jsonl") for name in ("without", "with"))
    assert everything[: len(without)] == without
    assert not any(row["是否重复文件"] for row in without)
    copies = [(row["文件名"], json.loads(row["扩展字段"])["copy_of"]) for row in everything if row["是否重复文件"]]
    assert copies == [(document.source, by) for document, _, _, by in corpus.dropped() if by]
    assert len(copies) == 2


def test_a_file_of_repetitions_is_to_be_looked_at(tmp_path: Path) -> None:
    shard = [Outcome(made("a.txt", "好\n好\n好\n好\n坏")), Outcome(made("b.txt", "甲\n好\n好\n乙"))]
    written(stage_folder(tmp_path / "work", [shard]), tmp_path / "out", "mnbvc")
    (doubtful,) = json_lines(tmp_path / "out/problem_0.jsonl")
    check_mnbvc(doubtful)
    assert doubtful["文件名"] == "a.txt"
    assert doubtful["是否待查文件"]


# As the simhash library 2.1.2, which MNBVC's converter has a copy of, gave them.
@pytest.mark.parametrize(
    ("paragraphs", "value"),
    [
        (["甲乙丙"], 6797451010449704412),
        (["镇里修好了水渠。", "大家都高兴。", "今年又种下两千多棵果树。"], 12114528434576226618),
        ([str(number) for number in range(1000)], 7994783356231524236),
        (["a", "b"], 3513678945095583233),
    ],
)
def test_simhash_is_that_of_the_field(paragraphs: list[str], value: int) -> None:
    digests = [hashlib.md5(text.encode()).digest() for text in paragraphs]
    assert simhash(digests) == slow_simhash(paragraphs) == value


@given(st.lists(st.text(max_size=3), max_size=40))
def test_simhash_equals_its_slow_twin(paragraphs: list[str]) -> None:
    different = list(dict.fromkeys(paragraphs))
    assert simhash([hashlib.md5(text.encode()).digest() for text in different]) == slow_simhash(different)


@given(st.text("甲乙 \n\r\u2028\u3000"))
def test_paragraphs_keep_their_places(text: str) -> None:
    for paragraph in paragraphs_of(text):
        assert text[paragraph.start : paragraph.end].strip() == paragraph.content
    check_mnbvc(as_file(made("a.txt", text), Repetition(), "20200101"))


# every form


def digests_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("to", FORMS)
def test_the_same_corpus_gives_the_same_bytes(demo: Run, tmp_path: Path, to: str) -> None:
    shutil.copytree(demo.clean / "v1", tmp_path / "elsewhere")
    written(open_corpus(demo.clean), tmp_path / "first", to)
    written(open_corpus(tmp_path / "elsewhere"), tmp_path / "a/b/second", to)
    assert digests_of(tmp_path / "first") == digests_of(tmp_path / "a/b/second")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")], "no scratch is left"


@pytest.mark.parametrize("to", FORMS)
def test_the_seal_names_what_is_there(demo: Run, tmp_path: Path, to: str) -> None:
    seal = written(open_corpus(demo.clean), tmp_path / "out", to)
    assert json.loads((tmp_path / "out/export.json").read_bytes()) == seal
    assert (seal["of"], seal["form"]) == ("v1", to)
    found = {name: digest for name, digest in digests_of(tmp_path / "out").items() if not name.startswith("texts/")}
    assert {entry["path"]: entry["sha256"] for entry in seal["files"]} == {
        name: digest for name, digest in found.items() if name != "export.json"
    }


@pytest.mark.parametrize("to", ["jsonl", "jsonl.zst", "mnbvc"])
def test_files_of_lines_are_cut_by_their_size(hard: Corpus, tmp_path: Path, to: str) -> None:
    seal = written(hard, tmp_path / "out", to, shard_bytes=400)
    assert len(seal["files"]) > 2
    if to == "jsonl":
        rows = [row for entry in seal["files"] for row in json_lines(tmp_path / "out" / entry["path"])]
        assert [row["id"] for row in rows] == [document.id for document in hard.documents()]


@pytest.mark.parametrize("to", FORMS)
def test_an_empty_corpus_can_be_exported(tmp_path: Path, to: str) -> None:
    seal = written(stage_folder(tmp_path / "work", [[]]), tmp_path / "out", to)
    assert seal["documents"] == 0
    assert seal["files"]


@pytest.mark.parametrize("to", FORMS)
def test_an_export_that_fails_leaves_the_earlier_one(hard: Corpus, tmp_path: Path, to: str) -> None:
    shutil.copytree(hard.folder, tmp_path / "work")
    written(open_corpus(tmp_path / "work"), tmp_path / "out", to)
    before = digests_of(tmp_path / "out")
    broken = tmp_path / "work/documents-00001.parquet"
    broken.write_bytes(broken.read_bytes()[:-20])
    with pytest.raises(Exception, match=r"documents-00001\.parquet cannot be read"):
        written(open_corpus(tmp_path / "work"), tmp_path / "out", to)
    assert digests_of(tmp_path / "out") == before
    assert {path.name for path in tmp_path.iterdir()} == {"work", "out"}


def test_an_earlier_export_is_replaced(hard: Corpus, tmp_path: Path) -> None:
    written(hard, tmp_path / "out", "txt")
    written(hard, tmp_path / "out", "jsonl")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"documents-00000.jsonl", "export.json"}


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("notes.md", "mine", "is not of the earlier export and would be lost"),
        ("data/more.parquet", "mine", "is not of the earlier export and would be lost"),
        ("README.md", "mine", "was changed since it was exported"),
        ("export.json", "{}", "is no earlier export"),
        ("export.json", "[", "is no earlier export"),
        ("export.json", '{"made_by": "cleaner export", "files": [1]}', "is no earlier export"),
    ],
)
def test_what_somebody_did_to_an_export_is_not_lost(
    hard: Corpus, tmp_path: Path, file: str, content: str, said: str
) -> None:
    written(hard, tmp_path / "out", "hf")
    (tmp_path / "out" / file).write_text(content)
    with pytest.raises(WrongUseError, match=said):
        written(hard, tmp_path / "out", "hf")
    assert (tmp_path / "out" / file).read_text() == content


def test_columns_are_those_that_were_asked_for(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    ran = cleaner("export", demo.clean, tmp_path / "out", "--to", "jsonl", "--columns", "text, id")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"exported 21 documents to {tmp_path / 'out'} (1 file)\n"
    rows = json_lines(tmp_path / "out/documents-00000.jsonl")
    assert {tuple(row) for row in rows} == {("text", "id")}
    written(open_corpus(demo.clean), tmp_path / "tables", "parquet", columns=("text", "id"))
    assert pq.read_schema(tmp_path / "tables/documents-00000.parquet").names == ["text", "id"]


@pytest.mark.parametrize(
    ("out", "options", "said"),
    [
        ("out", ["--to", "csv"], "there is no form 'csv'; known: jsonl, jsonl.gz"),
        ("out", ["--to", "jsonl", "--columns", "id,title"], "documents have no column 'title'; known: id, source"),
        ("out", ["--to", "jsonl", "--columns", "id,id"], "none twice"),
        ("out", ["--to", "txt", "--columns", "id"], "--columns does not go with --to txt"),
        ("out", ["--to", "jsonl", "--copies"], "--copies goes with --to mnbvc alone"),
        ("out", ["--to", "jsonl", "--shard-bytes", "0"], "--shard-bytes"),
        ("out", [], "Missing option"),
        ("full", ["--to", "jsonl"], "is not empty and is no earlier export"),
        ("full/notes.txt", ["--to", "jsonl"], "is a file, not a folder"),
        ("clean/v1/out", ["--to", "jsonl"], "lies inside the corpus"),
        ("clean/out", ["--to", "jsonl"], "lies in the folder of versions"),
        ("clean", ["--to", "jsonl"], "lies inside the output"),
        ("work/out", ["--to", "jsonl"], "lies inside a version or stage folder"),
    ],
)
def test_what_cannot_be_is_refused(
    cleaner: Call, demo: Run, tmp_path: Path, out: str, options: list[str], said: str
) -> None:
    shutil.copytree(demo.clean, tmp_path / "clean")
    shutil.copytree(demo.work / "1-decode", tmp_path / "work")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes.txt").write_text("mine")
    before = digests_of(tmp_path)
    ran = cleaner("export", tmp_path / "clean", tmp_path / out, *options)
    assert ran.code == 2
    assert said in " ".join(ran.err.split())
    assert digests_of(tmp_path) == before


def shown(language: str) -> list[str]:
    """The blocks of one language in docs/exports.md."""
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)


def test_the_documentation_shows_what_is_written(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    """Each line of JSON in docs/exports.md is one that the demo corpus gives, and each reading example runs."""
    copied = shutil.copytree(demo.clean, tmp_path / "clean")
    manifest = json.loads((copied / "v1/manifest.json").read_bytes())
    (copied / "v1/manifest.json").write_text(json.dumps(manifest | {"created": "2026-11-22T00:00:00Z"}))
    for form in FORMS:
        assert f"--to {form}" in DOCS
        assert cleaner("export", copied, tmp_path / form, "--to", form).code == 0
    lines = [line for block in shown("json") for line in block.split("\n") if line]
    present = {
        line
        for path in [*tmp_path.glob("*/*.jsonl"), *tmp_path.glob("*/*.json")]
        for line in path.read_bytes().decode().split("\n")
    }
    assert len(lines) >= 3
    assert [line for line in lines if line not in present] == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the library that mlcroissant stands on
def test_the_examples_of_reading_run(demo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for form in FORMS:
        written(open_corpus(demo.clean), tmp_path / form, form)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    examples = shown("python")
    assert len(examples) >= 4
    for example in examples:
        exec(example, {})


def test_a_form_that_is_not_known_is_refused_in_python(hard: Corpus, tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="there is no form"):
        export(hard, tmp_path / "out", Order("xml"))
