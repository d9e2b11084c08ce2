"""Verify: whatever is done to a version or to the raw folder is found, and named."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner.files import sha256
from cleaner.files.manifest import content_of, digest_of, is_data, read_manifest
from cleaner.verify import verify
from tests.conftest import ROOT, Ran, Run

Call = Callable[..., Ran]


def copied(run: Run, place: Path) -> Path:
    """A version that may be changed."""
    shutil.copytree(run.clean / "v1", place / "v1")
    return place / "v1"


def faults(version: Path, raw: Path | None = None) -> list[tuple[str, str]]:
    """What is wrong: files or documents by their path, and what was found."""
    return [(failure.source, failure.found) for entry in verify(version, raw) for failure in entry.failures]


def test_the_demo_verifies_with_its_raw_files(cleaner: Call, demo: Run) -> None:
    ran = cleaner("verify", demo.clean, "--raw", demo.raw)
    assert (ran.code, ran.err) == (0, "")
    *lines, last = ran.out.rstrip("\n").split("\n")
    assert {line[:7] for line in lines} == {"ok     "}
    assert last == f"{demo.clean}/v1: verified"


def test_the_seeds_verify_with_their_raw_files(cleaner: Call, seeds: Run) -> None:
    assert cleaner("verify", seeds.clean, "--raw", seeds.raw).code == 0


def test_a_flipped_bit_in_any_file_is_found_and_named(demo: Run, tmp_path: Path) -> None:
    version = copied(demo, tmp_path)
    for path in sorted(version.rglob("*")):
        if path.is_dir() or path.name == "manifest.json":
            continue
        content = path.read_bytes()
        for place in (0, len(content) // 2, len(content) - 1):
            damaged = bytearray(content)
            damaged[place] ^= 1
            path.write_bytes(damaged)
            found = next(verify(version)).failures
            assert [failure.source for failure in found] == [path.relative_to(version).as_posix()]
        path.write_bytes(content)
    assert faults(version) == []


def test_a_flipped_bit_anywhere_in_the_manifest_is_found(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    version = copied(demo, tmp_path)
    content = (version / "manifest.json").read_bytes()
    for place in range(0, len(content), len(content) // 60):
        damaged = bytearray(content)
        damaged[place] ^= 4
        (version / "manifest.json").write_bytes(damaged)
        try:
            is_same = json.loads(damaged) == json.loads(content)  # in white space between the values
        except ValueError:
            is_same = False
        ran = cleaner("verify", version)
        assert (ran.code == 0) == is_same, place
        assert is_same or "manifest.json" in ran.out + ran.err


@pytest.mark.parametrize(
    ("damage", "name", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "data/documents-00000.parquet", "is cut short: it has"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "data/documents-00000.parquet", "no readable Parquet"),
        (lambda path: path.write_bytes(path.read_bytes()[:-8] + b"\xff\xff\xff\x7fPAR1"),
         "edits/2-normalize-00000.parquet", "and is no readable Parquet"),
        (lambda path: path.write_bytes(b""), "dropped/1-decode-00000.parquet", "it has 0 bytes"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\n"), "README.md", "has grown"),
        (lambda path: path.unlink(), "readings/1-decode-00000.parquet", "is in the manifest, but not there"),
        (lambda path: path.unlink(), "data/documents-00000.parquet", "is in the manifest, but not there"),
        (lambda path: path.write_text("mine"), "data/documents-00009.parquet", "is there, but not in the manifest"),
        (lambda path: path.symlink_to("nowhere"), "quarantine/link", "is there, but not in the manifest"),
    ],
)  # fmt: skip
def test_each_kind_of_damage_gets_its_sentence(
    cleaner: Call, demo: Run, tmp_path: Path, damage: Callable[[Path], None], name: str, said: str
) -> None:
    version = copied(demo, tmp_path)
    damage(version / name)
    ran = cleaner("verify", version, "--raw", demo.raw)
    assert ran.code == 1
    (line,) = [line for line in ran.out.split("\n") if line.startswith("       ") and name in line]
    assert said in line
    assert "Traceback" not in ran.err


def test_a_missing_data_file_is_missed_by_those_who_read(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    version = copied(demo, tmp_path)
    (version / "data/documents-00000.parquet").unlink()
    ran = cleaner("cat", version)
    assert (ran.code, "documents-00000.parquet cannot be read" in ran.err) == (1, True)


def forged(version: Path, name: str, change: Callable[[list[dict[str, object]]], None]) -> None:
    """Change the rows of a file, and make the manifest agree in every digest, as a skilled forger would."""
    path = version / name
    rows = pq.read_table(path).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)
    manifest = json.loads((version / "manifest.json").read_text(encoding="utf-8"))
    for file in manifest["files"]:
        if file["path"] == name:
            file.update(bytes=path.stat().st_size, sha256=sha256(path), rows=len(rows))
    manifest["content"] = content_of(
        (file["path"], file["sha256"]) for file in manifest["files"] if is_data(file["path"])
    )
    manifest["digest"] = digest_of(manifest)
    (version / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_forged_text_does_not_lead_back_to_its_bytes(demo: Run, tmp_path: Path) -> None:
    version = copied(demo, tmp_path)

    def forge(rows: list[dict[str, object]]) -> None:
        row = next(row for row in rows if row["source"] == "notices/already-clean.txt")
        row["text"] = str(row["text"])[::-1]  # as many characters as before

    forged(version, "data/documents-00000.parquet", forge)
    assert [source for source, _ in faults(version)] == ["notices/already-clean.txt"]
    assert [source for source, _ in faults(version, demo.raw)] == ["notices/already-clean.txt"]


def test_a_forged_ledger_or_a_lost_document_breaks_the_account(demo: Run, tmp_path: Path) -> None:
    version = copied(demo, tmp_path)
    forged(version, "data/documents-00000.parquet", lambda rows: rows.pop())
    said = " ".join(found for _, found in faults(version))
    assert "says that there are 21 documents; there are 20" in said
    assert "28 documents were read, but 20 kept and 7 dropped" in said
    shutil.rmtree(version)
    version = copied(demo, tmp_path)
    forged(version, "edits/3-simplify-00000.parquet", lambda rows: rows.pop())
    assert any("ledger" in found or "lead back" in found for _, found in faults(version))


def test_a_forged_count_is_found_by_the_files(demo: Run, tmp_path: Path) -> None:
    version = copied(demo, tmp_path)
    content = (version / "manifest.json").read_text(encoding="utf-8")
    for change, said in (
        (lambda counts: counts["dropped"].update({"near copy": 2, "exact copy": 0}), "dedup reports dropped {"),
        (lambda counts: counts.update(kept=22), "dedup reports kept 22; by its files it is 21"),
        (lambda counts: counts["scripts"].update(none=9), "dedup reports scripts"),
        (
            lambda counts: counts["rules"]["remove_repeated_passage"].update(edits=2),
            "reports of remove_repeated_passage",
        ),
        (lambda counts: counts["rules"].clear(), "dedup reports of remove_repeated_passage {}"),
    ):
        manifest = json.loads(content)
        change(manifest["stages"][-1]["counts"])
        manifest["digest"] = digest_of(manifest)
        (version / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        assert any(said in found for _, found in faults(version)), said


def test_a_version_under_the_name_of_another_is_found(demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.clean / "v1", tmp_path / "v2")
    assert faults(tmp_path / "v2") == [("manifest.json", "is that of v1")]
    shutil.copytree(demo.clean / "v1", tmp_path / "downloaded")
    assert faults(tmp_path / "downloaded") == []


def test_a_row_of_a_table_is_compared_with_its_own_text(demo: Run, tmp_path: Path) -> None:
    """Without the raw folder there is no telling what a row of a table was; with it there is."""
    version = copied(demo, tmp_path)

    def forge(rows: list[dict[str, object]]) -> None:
        row = next(row for row in rows if row["source"] == "notices/board.jsonl")
        row["text"] = str(row["text"])[::-1]

    forged(version, "data/documents-00000.parquet", forge)
    assert faults(version) == []
    ((source, found),) = faults(version, demo.raw)
    assert source == "notices/board.jsonl"
    assert "is not what text and ledger lead back to" in found


def test_what_changed_in_raw_is_named(demo: Run, tmp_path: Path, cleaner: Call) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(demo.raw, raw)
    (raw / "letters/two-hands.txt").unlink()
    (raw / "damage/map-of-the-town.txt").write_bytes((raw / "damage/map-of-the-town.txt").read_bytes()[::-1])
    (raw / "verse/ferry-song.txt").write_bytes((raw / "verse/ferry-song.txt").read_bytes() + b"!")
    (raw / "new.txt").write_text("新来的。", encoding="utf-8")
    ran = cleaner("verify", demo.clean, "--raw", raw)
    assert ran.code == 1
    said = [line.strip() for line in ran.out.split("\n") if line.startswith("       ")]
    assert any(line.startswith("letters/two-hands.txt was read, but is not in") for line in said)
    assert any(line.startswith("damage/map-of-the-town.txt has changed: in") for line in said)
    assert any(line.startswith("verse/ferry-song.txt has changed: it has") for line in said)
    assert any("damage/map-of-the-town.txt the file is not what is in quarantine" in line for line in said)
    assert any("verse/ferry-song.txt the file is not what text and ledger lead back to" in line for line in said)
    assert f"note   new.txt is in {raw}, but was not when it was made" in ran.out
    assert len(said) == 5


def test_new_inputs_alone_are_no_fault(demo: Run, tmp_path: Path, cleaner: Call) -> None:
    shutil.copytree(demo.raw, tmp_path / "raw")
    (tmp_path / "raw/new.txt").write_text("新来的。", encoding="utf-8")
    assert cleaner("verify", demo.clean, "--raw", tmp_path / "raw").code == 0


def test_tables_of_every_kind_lead_back_row_by_row(cleaner: Call, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    texts = ["老石橋修好了，第一個過橋的是送牛奶的小何。", "国家高企 110 家", "  \n", "水渠\ufeff修好了\udbff。"]
    lines = "".join(json.dumps({"body": text}) + "\n" for text in texts).encode() + b'\n{"no": 1}\n{broken\n'
    (raw / "a.jsonl").write_bytes(lines)
    (raw / "b.jsonl.gz").write_bytes(gzip.compress(lines)[:-12])
    with pa.CompressedOutputStream(str(raw / "c.jsonl.zst"), "zstd") as stream:
        stream.write(lines)
    pq.write_table(pa.table({"body": [*texts[:3], None]}), raw / "d.parquet")
    pq.write_table(pa.table({"other": texts[:3]}), raw / "e.parquet")
    (raw / "f.parquet").write_bytes(b"PAR1 broken")
    (raw / "g.txt").write_bytes("旧的GBK文本，修了一半。".encode("gbk") + b"\xff")
    (raw / "h.txt").write_bytes(b"")
    (tmp_path / "small.toml").write_text('[decode]\nshard_bytes = 200\ntext_field = "body"\n')
    ran = cleaner("run", raw, tmp_path / "clean", "--config", tmp_path / "small.toml", "--workers", 1, "--force")
    assert ran.code == 0, ran.err
    assert faults(tmp_path / "clean/v1", raw) == []
    changed = lines.replace(b"110", b"111")
    (raw / "a.jsonl").write_bytes(changed)
    found = faults(tmp_path / "clean/v1", raw)
    assert [source for source, _ in found] == ["a.jsonl", "a.jsonl"]
    assert found[1][1].startswith("row 2 is not what")
    (raw / "a.jsonl").write_bytes(lines + b'{"body": "one more"}\n')
    assert "row 8 is neither kept nor dropped" in [found for _, found in faults(tmp_path / "clean/v1", raw)]
    (raw / "a.jsonl").write_bytes(lines.split(b"\n")[0] + b"\n")
    assert "row 2 was read, but is not there any more" in [found for _, found in faults(tmp_path / "clean/v1", raw)]


def test_whatever_the_settings_every_document_leads_back(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    """With parts of articles joined, passages and boilerplate dropped, a web page, and an earlier version known."""
    pytest.importorskip("trafilatura")
    raw, work = tmp_path / "raw", tmp_path / "work"
    shutil.copytree(demo.raw, raw)
    story = "镇里修好了水渠，大家都高兴。今年又种下两千多棵果树，乡亲们都说好，孩子们放学以后常到树下看书。" * 3
    (raw / "page.html").write_bytes(
        f"<html><body><nav>首页</nav><article><p>{story}</p></article></html>".encode("gbk")
    )
    for number in range(40):
        text = f"新闻首页 > 第{number}条\n第{number}天，水渠修到了第{number * 7}里。\n责任编辑：小何 分享到微博\n"
        (raw / f"site-{number}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "all.toml").write_text(
        "[decode]\nshard_bytes = 4000\n[repair]\nlink = 'join'\n"
        "[dedup]\nboilerplate = 'drop'\ncontained = 'drop'\npassages = 'drop'\nmin_passage = 40\n"
    )
    config = ("--config", tmp_path / "all.toml", "--workers", 1)
    clean = tmp_path / "clean"
    assert cleaner("run", raw, clean, "--work", work, "--force", *config).code == 0
    assert faults(clean / "v1", raw) == []
    assert cleaner("dedup", work / "4-repair", tmp_path / "6-dedup", "--against", clean, *config).code == 0
    assert cleaner("publish", tmp_path / "6-dedup", clean, "--force").code == 0
    assert faults(clean / "v2", raw) == []
    stages = [read_manifest(clean / name / "manifest.json").stages for name in ("v1", "v2")]
    assert stages[0][3].links
    assert stages[0][4].boilerplate
    assert stages[1][4].against
    assert stages[1][4].against.version == "v1"


def test_other_tables_are_a_note_and_no_fault(cleaner: Call, demo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.verify.table_digests", lambda: {"simplify.txt": "0" * 64})
    ran = cleaner("verify", demo.clean)
    assert ran.code == 0
    assert "note   this cleaner has another simplify.txt than the one that it was published with" in ran.out


def test_all_versions_and_who_follows_whom(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    shutil.copytree(demo.clean, clean)
    assert cleaner("publish", demo.work / "3-simplify", clean, "--force").code == 0
    ran = cleaner("verify", clean, "--all")
    assert (ran.code, ran.out.count(": verified\n")) == (0, 2)
    assert "note   it was published although this did not hold: jump-lines" in ran.out
    forged(clean / "v1", "data/documents-00000.parquet", lambda rows: rows.reverse())
    ran = cleaner("verify", clean)
    assert (ran.code, "v1 has the content" in ran.out, "but this version followed one with" in ran.out) == (
        1,
        True,
        True,
    )
    shutil.rmtree(clean / "v1")
    ran = cleaner("verify", clean / "v2")
    assert (ran.code, "note   its parent v1 is not here any more" in ran.out) == (0, True)


def test_a_broken_version_does_not_hide_the_others(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    shutil.copytree(demo.clean, clean)
    assert cleaner("publish", demo.work / "4-repair", clean, "--force").code == 0
    (clean / "v1/manifest.json").write_text("{")
    (clean / "v3").mkdir()
    ran = cleaner("verify", clean, "--all")
    assert ran.code == 1
    assert ran.out.count("FAILED") == 2
    assert f"{clean}/v2: verified" in ran.out


def test_wrong_use_gets_a_sentence(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    for arguments, code, said in (
        ((demo.work / "5-dedup",), 2, "is no version and holds none"),
        ((tmp_path / "no",), 2, "there is no folder"),
        ((demo.clean, "--raw", tmp_path / "no"), 2, "there is no folder or file"),
        ((demo.clean / "v1", "--all"), 2, "is one version; --all wants a folder of versions"),
    ):
        ran = cleaner("verify", *arguments)
        assert (ran.code, said in ran.err, ran.out) == (code, True, ""), arguments


def test_what_was_examined_for_programs(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    version = copied(demo, tmp_path)
    (version / "data/documents-00000.parquet").write_bytes(b"")
    ran = cleaner("verify", version, "--jsonl")
    rows = [json.loads(line) for line in ran.out.split("\n") if line]
    assert [row["state"] for row in rows] == ["failed", *["skipped"] * (len(rows) - 1)]
    assert rows[0]["failures"][0]["source"] == "data/documents-00000.parquet"


def test_the_raw_folder_is_only_read(cleaner: Call, demo: Run) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted((ROOT / "raw").rglob("*"))}
    assert cleaner("verify", demo.clean, "--raw", ROOT / "raw").code == 0
    assert {path: path.stat().st_mtime_ns for path in sorted((ROOT / "raw").rglob("*"))} == before
