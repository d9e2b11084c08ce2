"""The command line: what it prints, what it refuses, and how it says so."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner import cli
from tests.conftest import ROOT, Ran, Run

Call = Callable[..., Ran]
TEXT = "镇里修好了水渠，大家都高兴。今年又种下两千多棵果树，乡亲们都说好。\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)
COMMANDS = tuple(command.__name__ for command in cli.COMMANDS)


def raw_folder(place: Path, **files: str | bytes) -> Path:
    """A folder raw/ with some files; a double underscore in a name is a dot."""
    raw = place / "raw"
    raw.mkdir(exist_ok=True)
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (raw / name.replace("__", ".")).write_bytes(data)
    return raw


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cleaner: Call, command: str) -> None:
    ran = cleaner(command, "--help")
    assert ran.code == 0
    assert "Usage: cleaner " + command in ran.out


def test_help_names_every_command(cleaner: Call) -> None:
    ran = cleaner("--help")
    assert ran.code == 0
    assert [command for command in COMMANDS if f"  {command} " not in ran.out] == []


def test_version(cleaner: Call) -> None:
    assert cleaner("--version").out.startswith("cleaner 0.")


def test_a_run_and_the_same_run_again(cleaner: Call, tmp_path: Path) -> None:
    raw = raw_folder(tmp_path, a__txt=TEXT)
    first = cleaner("run", raw, tmp_path / "clean")
    assert (first.code, sorted(path.name for path in (tmp_path / "clean").iterdir())) == (0, ["latest", "v1"])
    again = cleaner("run", raw, tmp_path / "clean")
    assert again.code == 0
    assert "nothing new" in again.err
    assert sorted(path.name for path in (tmp_path / "clean").iterdir()) == ["latest", "v1"]
    (raw / "b.txt").write_text("水渠边又添了一座凉亭，走累了可以坐一坐。", encoding="utf-8")
    assert cleaner("run", raw, tmp_path / "clean").code == 0
    assert (tmp_path / "clean" / "latest").read_text() == "v2\n"
    difference = cleaner("diff", tmp_path / "clean" / "v1", tmp_path / "clean" / "v2")
    assert "1 added, 0 gone, 0 moved, 0 changed, 1 the same\n+ b.txt\n" in difference.out


def test_cat_prints_one_object_a_line(cleaner: Call, demo: Run) -> None:
    rows = [json.loads(line) for line in cleaner("cat", demo.clean, "--jsonl").out.split("\n") if line]
    assert all({"id", "source", "text"} <= row.keys() for row in rows)
    assert [row["source"] for row in rows] == sorted(row["source"] for row in rows)
    dropped = [json.loads(line) for line in cleaner("cat", demo.clean, "--jsonl", "--dropped").out.split("\n") if line]
    assert all(row["reason"] for row in dropped)
    assert len(rows) + len(dropped) == 28


def test_cat_to_a_reader_that_stops(demo: Run) -> None:
    command = f"{sys.executable} -m cleaner.cli cat {demo.clean} | head -n 1"
    ran = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, cwd=ROOT)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_explain_tells_a_copy_from_what_stays(cleaner: Call, demo: Run) -> None:
    ran = cleaner("explain", demo.clean, "news/market-fair-reprint.txt")
    assert ran.code == 0
    assert "dropped in dedup: near copy" in ran.out
    assert "remove_share_lines" in ran.out
    assert "六十[-多-]{+来+}斤" in ran.out


def test_explain_shows_the_seam_in_a_stage_folder(cleaner: Call, demo: Run) -> None:
    ran = cleaner("explain", demo.work / "4-repair", "reports/water-works-torn.txt")
    assert "人家的水[-" in ran.out
    assert "-]压。春节以前" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "nowhere", "clean"), 2, "there is no folder or file nowhere"),
        (("run", "empty", "clean"), 2, "there is nothing to read in empty"),
        (("run", "raw", "raw/clean"), 2, "lies inside the input"),
        (("decode", "raw", "raw/work"), 2, "lies inside the input"),
        (("decode", "raw", "."), 2, "lies inside the output"),
        (("decode", "raw", "full"), 2, "is not empty and was not made by cleaner"),
        (("run", "raw", "full"), 2, "holds notes.txt, which cleaner did not put there"),
        (("run", "raw", "full/notes.txt"), 2, "is a file, not a folder"),
        (("normalize", "raw", "out"), 2, "raw is no stage folder"),
        (("normalize", "nowhere", "out"), 2, "there is no folder nowhere"),
        (("check", "raw"), 2, "is neither a stage folder nor a version"),
        (("cat", "nowhere"), 2, "there is no folder nowhere"),
        (("run", "raw", "clean", "--work", "clean"), 2, "they must be two folders"),
        (("run", "raw", "clean", "--config", "wrong-key.toml"), 2, "unknown key normalize.compose_nfcc; did you mean"),
        (("run", "raw", "clean", "--config", "wrong-type.toml"), 2, "dedup.threshold = 'high'"),
        (("run", "raw", "clean", "--config", "no-toml.toml"), 2, "no-toml.toml is not valid TOML"),
        (("run", "raw", "clean", "--config", "nowhere.toml"), 2, "cannot read the configuration nowhere.toml"),
        (("run", "raw", "clean", "--workers", "0"), 2, "--workers"),
        (("run",), 2, "Missing argument"),
        (("decode",), 2, "give either RAW and OUT, or --only FILE"),
        (("decode", "raw"), 2, "give either RAW and OUT, or --only FILE"),
        (("decode", "raw", "clean", "--only", "raw/a.txt"), 2, "give either RAW and OUT, or --only FILE"),
        (("simplify", "raw"), 2, "give either IN and OUT, or IN and --only ID"),
        (("simplify", "raw", "out", "--only", "a.txt"), 2, "give either IN and OUT, or IN and --only ID"),
        (("decode", "--only", "raw"), 2, "raw is a folder; name one file in it"),
        (("decode", "--only", "nowhere.txt"), 2, "there is no folder or file nowhere.txt"),
        (("polish", "raw"), 2, "No such command"),
    ],
)
def test_wrong_use_gets_a_sentence(
    cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, said: str
) -> None:
    raw_folder(tmp_path, a__txt=TEXT)
    for name in ("empty", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    (tmp_path / "wrong-key.toml").write_text("[normalize]\ncompose_nfcc = true\n")
    (tmp_path / "wrong-type.toml").write_text('[dedup]\nthreshold = "high"\n')
    (tmp_path / "no-toml.toml").write_text("[[[")
    monkeypatch.chdir(tmp_path)
    ran = cleaner(*arguments)
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert ran.code == code
    assert (tmp_path / "full" / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "clean").exists()


def test_odd_inputs_are_survived_and_said(cleaner: Call, tmp_path: Path) -> None:
    place = tmp_path / "一 个 文件夹"
    place.mkdir()
    raw = raw_folder(
        place, a__txt=TEXT, zero__txt=b"", picture__txt=b"\x89PNG\r\n\x1a\n" + bytes(200), paper__pdf=b"%PDF-1.4"
    )
    (raw / "folder.txt").mkdir()
    (raw / "folder.txt" / "里面 的.txt").write_text("凉亭修在水渠边上，走累了可以坐一坐。", encoding="utf-8")
    (raw / ".hidden").write_text("hidden")
    (tmp_path / "outside.txt").write_text("外面的文字，不应该读进来。", encoding="utf-8")
    (raw / "out.txt").symlink_to(tmp_path / "outside.txt")
    (raw / "gone.txt").symlink_to(tmp_path / "gone.txt")
    (raw / "loop").symlink_to(raw, target_is_directory=True)
    lines = [
        '{"text": "第一行写的是水渠的长度和宽度。"}',
        '{"text": "没有写完',
        '{"title": "没有正文"}',
        "",
        '["不是对象"]',
        f'{{"text": "这一行的编号长得很，正文却没有问题。", "number": {"9" * 5000}}}',
        '{"text": 12}',
    ]
    (raw / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ran = cleaner("run", raw, place / "clean", "--work", place / "work")
    assert ran.code == 0
    kept = [json.loads(line)["source"] for line in cleaner("cat", place / "clean", "--jsonl").out.split("\n") if line]
    assert kept == ["a.txt", "folder.txt/里面 的.txt", "rows.jsonl", "rows.jsonl"]
    rows = [
        json.loads(line) for line in cleaner("cat", place / "clean", "--dropped", "--jsonl").out.split("\n") if line
    ]
    reasons = {(row["source"], row["row"]): row["reason"] for row in rows}
    assert reasons[("zero.txt", None)] == "empty file"
    assert reasons[("picture.txt", None)] == "not text: looks like a PNG picture"
    assert reasons[("rows.jsonl", 2)].startswith("broken line: line 2 is not valid JSON")
    assert [reasons[("rows.jsonl", row)] for row in (3, 7)] == [
        f"no text: line {row} has none in a field 'text'" for row in (3, 7)
    ]
    assert (place / "work/1-decode/quarantine/rows.jsonl.line-2").read_text(encoding="utf-8") == lines[1]
    assert (place / "work/1-decode/quarantine/picture.txt").read_bytes() == (raw / "picture.txt").read_bytes()
    assert "dropped zero.txt: empty file" in ran.err
    for said in ("paper.pdf: not a kind of file", "out.txt: a link that leads out of the folder", ".hidden: hidden"):
        assert said in ran.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_must_not_be_read(cleaner: Call, tmp_path: Path) -> None:
    raw = raw_folder(tmp_path, a__txt=TEXT, secret__txt=TEXT + "密")
    (raw / "secret.txt").chmod(0)
    assert cleaner("run", raw, tmp_path / "clean").code == 0
    (row,) = [
        json.loads(line) for line in cleaner("cat", tmp_path / "clean", "--dropped", "--jsonl").out.split("\n") if line
    ]
    assert row["reason"] == "unreadable: permission denied"


def test_too_many_unreadable_inputs_fail_the_run(cleaner: Call, tmp_path: Path) -> None:
    raw = raw_folder(tmp_path, a__txt=TEXT, picture__txt=PICTURE)
    (tmp_path / "strict.toml").write_text("[decode]\nmax_unreadable_share = 0.1\n")
    for command, out in (("run", "clean"), ("decode", "out")):
        ran = cleaner(command, raw, tmp_path / out, "--config", tmp_path / "strict.toml")
        assert ran.code == 1
        assert "1 of 2 inputs cannot be read, more than decode.max_unreadable_share = 0.1 allows" in ran.err
        assert "dropped picture.txt: not text" in ran.err
    assert cleaner("cat", tmp_path / "out").out == TEXT
    (raw / "picture.txt").write_bytes(b"")
    assert cleaner("run", raw, tmp_path / "clean", "--config", tmp_path / "strict.toml").code == 0


def test_a_run_that_is_left_with_nothing_says_so(cleaner: Call, tmp_path: Path) -> None:
    raw = raw_folder(tmp_path, picture__txt=PICTURE, zero__txt=b"")
    ran = cleaner("run", raw, tmp_path / "clean")
    assert (ran.code, "warning: nothing is left; all 2 were dropped" in ran.err) == (0, True)
    assert (tmp_path / "clean/v1/quarantine/picture.txt").read_bytes() == PICTURE


def test_decode_ends_with_a_table_per_encoding(cleaner: Call, tmp_path: Path) -> None:
    raw = raw_folder(tmp_path, a__txt=TEXT, b__txt=TEXT * 2, c__txt=TEXT.encode("gb18030"), picture__txt=PICTURE)
    lines = [line.split() for line in cleaner("decode", raw, tmp_path / "out").err.split("\n")]
    heads = next(number for number, line in enumerate(lines) if line[:2] == ["encoding", "files"])
    (utf8, gb18030), rest = lines[heads + 1 : heads + 3], lines[heads + 3 :]
    assert (utf8[:2], utf8[-1]) == (["utf-8", "2"], f"{3 * len(TEXT):,}")
    assert (gb18030[:2], gb18030[-1]) == (["gb18030", "1"], f"{len(TEXT):,}")
    assert rest == [["put", "aside", "files"], ["not", "text", "1"], []]


def test_rows_of_tables_need_no_table_of_encodings(cleaner: Call, tmp_path: Path) -> None:
    raw = raw_folder(tmp_path, rows__jsonl=json.dumps({"text": TEXT}) + "\n")
    ran = cleaner("decode", raw, tmp_path / "out")
    assert (ran.code, ran.err) == (0, "decode    1 of 1 documents kept, 0 edits\n")


def test_explain_tells_how_the_file_was_read(cleaner: Call, demo: Run) -> None:
    for folder in (demo.work / "1-decode", demo.work / "5-dedup", demo.clean):
        kept = cleaner("explain", folder, "reports/water-works-torn.txt").out
        assert "\nhow the file was read\n  as gb18030, with confidence " in kept
        dropped = cleaner("explain", folder, "damage/map-of-the-town.txt").out
        assert "\nhow the file was read\n" in dropped
        assert "\n  decision: not text\n" in dropped


def test_one_file_can_be_looked_at_alone(cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    raw = raw_folder(tmp_path, a__txt=f"\n{TEXT}一\n二\n三\n".encode("gb18030"), picture__txt=PICTURE)
    before = sorted(tmp_path.rglob("*"))
    ran = cleaner("decode", "--only", raw / "a.txt")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(
        f"{raw / 'a.txt'}\n77 bytes\nkept, 41 characters\n\nhow the file was read\n  as gb18030, "
    )
    assert "\nthe text begins\n  镇里修好了水渠，大家都高兴。今年又种…\n  一\n  二\n" in ran.out
    assert re.search(r"\nwhat was weighed\n  encoding +bits  reads as\n  gb18030 +[\d,]+  镇里修好了水渠", ran.out)
    assert "\nhow the file was read\n" in cleaner("decode", "--only", raw / "a.txt").out
    assert "put aside: not text: looks like a PNG picture\n" in cleaner("decode", "--only", raw / "picture.txt").out
    assert sorted(tmp_path.rglob("*")) == before


def test_looking_at_one_file_shows_what_decode_changes(cleaner: Call) -> None:
    ran = cleaner("decode", "--only", ROOT / "raw/damage/mojibake.txt")
    assert "\ndecode\n  " in ran.out
    assert "有丢。\n" in ran.out.split("\nthe text begins\n")[1]


def test_a_table_has_no_encoding_to_look_at(cleaner: Call) -> None:
    ran = cleaner("decode", "--only", ROOT / "raw/notices/board.jsonl")
    assert (ran.code, "its rows are UTF-8 text already" in ran.out) == (0, True)


def test_a_rule_that_is_switched_off_does_nothing(cleaner: Call, tmp_path: Path) -> None:
    raw = raw_folder(tmp_path, a__txt="(上接第5版)\n" + TEXT)
    (tmp_path / "off.toml").write_text("[repair]\nremove_jump_lines = false\n")
    assert cleaner("run", raw, tmp_path / "clean", "--config", tmp_path / "off.toml").code == 0
    assert "上接第5版" in cleaner("cat", tmp_path / "clean").out


def test_the_cleaner_toml_of_the_folder_is_used(cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = raw_folder(tmp_path, a__txt="(上接第5版)\n" + TEXT)
    (tmp_path / "cleaner.toml").write_text("[repair]\nremove_jump_lines = false\n")
    monkeypatch.chdir(tmp_path)
    assert cleaner("run", raw, tmp_path / "clean").code == 0
    assert "上接第5版" in cleaner("cat", tmp_path / "clean").out


def test_simplify_tells_what_it_decides_about_one_document(cleaner: Call, demo: Run) -> None:
    name = "letters/a-friends-notes.txt"
    for folder in (demo.work / "2-normalize", demo.work / "4-repair", demo.clean):  # before it, after it, a version
        told = cleaner("simplify", folder, "--only", name).out
        assert "\nscript mixed: 27 characters that only traditional text has, 37 only simplified\n" in told
        assert "[乾 stays]隆年間" in told and "phrase 乾隆 +5.0" in told
        assert "专[著" not in told, "a character of a simplified part is not decided about"
    assert "traditional parts: none" in cleaner("simplify", demo.clean, "--only", "verse/ferry-song.txt").out
    assert "has no document with" in cleaner("simplify", demo.clean, "--only", "nowhere.txt").err


def test_repair_tells_what_it_would_do_and_the_ledger_says_why(cleaner: Call, demo: Run) -> None:
    name = "reports/water-works-torn.txt"
    before = sorted(demo.work.rglob("*"))
    told = cleaner("repair", demo.work / "3-simplify", "--only", name).out
    assert "join_cut_paragraphs: 2 edits" in told and "the word 水压 would be cut" in told
    assert "line breaks that were weighed and are left" in told
    assert sorted(demo.work.rglob("*")) == before
    for folder in (demo.work / "5-dedup", demo.clean):
        assert re.search(r"水\[-↵-\]压.*  score [\d.]+ of 1\.5: ", cleaner("explain", folder, name).out)
    clean = cleaner("repair", demo.clean, "--only", "notices/already-clean.txt").out
    assert "nothing would be changed" in clean
