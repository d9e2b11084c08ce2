"""Versions: whole, checksummed, numbered, opened by other tools; and checks that find what is wrong with them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner.check import CLAIMS, check
from cleaner.files.corpus import Corpus, open_corpus
from cleaner.files.manifest import read_manifest
from tests.conftest import Ran, Run

Call = Callable[..., Ran]


def broken_claims(corpus: Corpus) -> dict[str, list[tuple[str, str]]]:
    """The claims that do not hold, with the sources they name."""
    return {
        finding.claim.sentence: [(failure.source, failure.found) for failure in finding.failures]
        for finding in check(corpus)
        if finding.failures
    }


def with_text(demo: Run, place: Path, source: str, text: str) -> Path:
    """A copy of the demo's last stage in which one document has another text."""
    shutil.copytree(demo.work, place / "work")
    path = place / "work/5-dedup/documents-00000.parquet"
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        row["text"] = text if row["source"] == source else row["text"]
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)
    return place / "work/5-dedup"


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


def test_the_demo_passes_its_check(demo: Run) -> None:
    assert broken_claims(open_corpus(demo.clean)) == {}
    assert broken_claims(open_corpus(demo.work / "5-dedup")) == {}


def test_an_unfinished_folder_breaks_the_claims_of_later_stages(cleaner: Call, demo: Run) -> None:
    ran = cleaner("check", demo.work / "1-decode")
    assert ran.code == 1
    assert "FAILED no jump line such as (上接第5版) is left" in ran.err
    assert "news/bridge-page-3.txt: jump line: (上接第1版)" in ran.err
    assert "(the stage repair, which sees to it, has not been run)" in ran.err


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("水渠\ufffd修好了。", "no text was destroyed before it came here (U+FFFD, 锟斤拷)"),
        ("水渠修好了。caf\u0065\u0301", "every text is in Unicode normalization form C"),
        ("水渠修好了。\n(上接第5版)", "no jump line such as (上接第5版) is left"),
        ("水渠修好了，這裡的學生們都很開心。", "no traditional text is left"),
    ],
)
def test_a_bad_text_is_found_and_named(demo: Run, tmp_path: Path, text: str, claim: str) -> None:
    broken = broken_claims(open_corpus(with_text(demo, tmp_path, "letters/two-hands.txt", text)))
    assert [source for source, _ in broken[claim]] == ["letters/two-hands.txt"]
    # Whatever was put in, the ledger notices that it is not what the stages wrote.
    assert "every text leads back to the bytes that were read" in broken
    assert "characters in - removed + added - dropped = characters out, in every stage" in broken


def test_a_copy_is_found_and_named(demo: Run, tmp_path: Path) -> None:
    market = next(document for document in open_corpus(demo.clean).documents() if "market" in document.source)
    broken = broken_claims(open_corpus(with_text(demo, tmp_path, "letters/two-hands.txt", market.text)))
    ((_, found),) = broken["no document is a copy of another"]
    assert "similarity 1.000" in found


def test_a_passage_that_stands_twice_is_found(demo: Run, tmp_path: Path) -> None:
    market = next(document for document in open_corpus(demo.clean).documents() if "market" in document.source)
    folder = with_text(demo, tmp_path, "letters/two-hands.txt", f"{market.text}\n{market.text}")
    assert "no passage stands twice in one document" in broken_claims(open_corpus(folder))


def test_a_failed_check_publishes_nothing_unless_forced(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    folder = with_text(demo, tmp_path, "letters/two-hands.txt", "(上接第5版)水渠修好了。")
    ran = cleaner("publish", folder, tmp_path / "clean")
    assert (ran.code, (tmp_path / "clean").exists()) == (1, False)
    assert "so nothing was published" in ran.err
    assert cleaner("publish", folder, tmp_path / "clean", "--force").code == 0
    assert json.loads((tmp_path / "clean/v1/manifest.json").read_text())["forced"] is True


def test_what_breaks_a_claim_is_stored(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    assert cleaner("check", demo.work / "3-simplify", "--failures", tmp_path / "checks").code == 1
    (stored,) = (tmp_path / "checks").glob("no-jump-line*.jsonl")
    rows = [json.loads(line) for line in stored.read_text(encoding="utf-8").split("\n") if line]
    assert {row["source"] for row in rows} == {"news/bridge-page-1.txt", "news/bridge-page-3.txt"}


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
        checksums = next(claim for claim in CLAIMS if claim.stage == "publish")
        names = [failure.source for failure in checksums.failures(open_corpus(version))]
        assert names == [victim.relative_to(version).as_posix()]


def test_a_missing_and_a_foreign_file_are_found(demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.clean / "v1", tmp_path / "v1")
    (tmp_path / "v1/report.html").unlink()
    (tmp_path / "v1/notes.txt").write_text("mine")
    broken = broken_claims(open_corpus(tmp_path / "v1"))
    assert broken["every file has the checksum that the manifest gives"] == [
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
