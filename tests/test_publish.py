"""Versions: whole, checksummed, numbered, opened by other tools; and checks that find what is wrong with them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from cleaner.files.corpus import open_corpus
from cleaner.files.manifest import read_manifest
from cleaner.verify.account import changed_files
from tests.conftest import Ran, Run

Call = Callable[..., Ran]


def test_the_manifest_is_one_and_lists_every_file(demo: Run) -> None:
    version = demo.clean / "v1"
    manifest = read_manifest(version / "manifest.json")
    present = {path.relative_to(version).as_posix() for path in version.rglob("*") if path.is_file()}
    assert {file.path for file in manifest.files} == present - {"manifest.json"}
    assert sum(file.rows or 0 for file in manifest.files if file.path.startswith("data/")) == manifest.documents
    assert [stage.stage for stage in manifest.stages] == ["decode", "normalize", "simplify", "repair", "dedup"]


def test_a_version_holds_the_readings_of_its_files(demo: Run) -> None:
    manifest = json.loads((demo.clean / "v1/manifest.json").read_text(encoding="utf-8"))
    rows = [file["rows"] for file in manifest["files"] if file["path"].startswith("readings/1-decode-")]
    assert sum(rows) == len(list(open_corpus(demo.work / "1-decode").readings())) > 0
    tally = manifest["stages"][0]["readings"]
    kept = sum(encoding["files"] for encoding in tally["encodings"].values())
    assert kept + sum(tally["put_aside"].values()) == sum(rows)


def test_a_version_opens_in_duckdb(demo: Run) -> None:
    rows = duckdb.sql(f"SELECT source, text FROM '{demo.clean}/v1/data/*.parquet' ORDER BY source").fetchall()
    assert [row[0] for row in rows] == sorted(document.source for document in open_corpus(demo.clean).documents())


def test_a_changed_byte_in_any_file_is_found(demo: Run, tmp_path: Path) -> None:
    for path in sorted((demo.clean / "v1").rglob("*")):
        if path.is_dir() or path.name == "manifest.json":
            continue
        version = tmp_path / "v1"
        shutil.rmtree(version, ignore_errors=True)
        shutil.copytree(demo.clean / "v1", version)
        victim = version / path.relative_to(demo.clean / "v1")
        content = bytearray(victim.read_bytes())
        content[len(content) // 2] ^= 1
        victim.write_bytes(content)
        corpus = open_corpus(version)
        names = [failure.source for failure in changed_files(corpus)]
        assert names == [victim.relative_to(version).as_posix()]


def test_a_missing_and_a_foreign_file_are_found(demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.clean / "v1", tmp_path / "v1")
    (tmp_path / "v1/report.html").unlink()
    (tmp_path / "v1/notes.txt").write_text("mine")
    corpus = open_corpus(tmp_path / "v1")
    found = changed_files(corpus)
    assert [(failure.source, failure.found) for failure in found] == [
        ("report.html", "is in the manifest, but not there"),
        ("notes.txt", "is there, but not in the manifest"),
    ]


@pytest.mark.parametrize(
    ("manifest", "said"), [("{", "manifest.json cannot be read"), ("[]", "does not hold a JSON object")]
)
def test_a_manifest_that_is_no_json_gets_a_sentence(cleaner: Call, tmp_path: Path, manifest: str, said: str) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1/manifest.json").write_text(manifest)
    ran = cleaner("check", tmp_path / "v1")
    assert (ran.code, said in ran.err) == (1, True)


def test_a_damaged_parquet_file_gets_a_sentence(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.clean / "v1", tmp_path / "v1")
    (tmp_path / "v1/data/documents-00000.parquet").write_bytes(b"PAR1 nothing of the kind")
    for command in ("check", "cat"):
        ran = cleaner(command, tmp_path / "v1")
        assert (ran.code, "documents-00000.parquet cannot be read" in ran.err) == (1, True)


def test_a_wrong_source_date_epoch_gets_a_sentence(
    cleaner: Call, demo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    ran = cleaner("publish", demo.work / "5-dedup", tmp_path / "clean")
    assert (ran.code, "SOURCE_DATE_EPOCH" in ran.err) == (2, True)


def test_a_version_cannot_be_published_again(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    ran = cleaner("publish", demo.clean, tmp_path / "clean")
    assert (ran.code, "is a version already" in ran.err) == (2, True)
