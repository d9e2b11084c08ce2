"""What changed between two corpora, and the character differences on which that rests."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.changes import changes, common_runs
from cleaner.diff.rules import told_rule
from cleaner.document import code_points
from cleaner.files.lookup import Texts
from cleaner.kernels import myers
from tests.conftest import ROOT, Ran, Run
from tests.reference.myers import fewest_differences, longest_ascent
from tests.texts import anything, texts

Call = Callable[..., Ran]
few = st.text("甲乙丙丁", max_size=24)


def rebuilt(old: str, new: str) -> str:
    """The new text, made of the old one and the differences."""
    pieces: list[str] = []
    position = length = 0
    for one in changes(old, new):
        assert old[one.offset : one.offset + len(one.before)] == one.before != one.after
        length += one.offset - position
        assert length == one.new_offset
        pieces += [old[position : one.offset], one.after]
        position, length = one.offset + len(one.before), length + len(one.after)
    return "".join([*pieces, old[position:]])


@given(old=anything, new=anything)
def test_the_differences_lead_from_one_text_to_the_other(old: str, new: str) -> None:
    assert rebuilt(old, new) == new


@pytest.mark.usefixtures("kernels_both_ways")
@given(old=few, new=few)
def test_the_script_is_as_short_as_its_twin_says(old: str, new: str) -> None:
    fewest = fewest_differences([*map(ord, old)], [*map(ord, new)])
    a, b = code_points(old), code_points(new)
    is_found, runs = myers.shortest(a, b, len(old) + len(new))
    assert is_found
    assert len(old) + len(new) - 2 * int(runs[:, 2].sum()) == fewest
    for i, j, size in runs.tolist():
        assert size > 0 and old[i : i + size] == new[j : j + size]
    assert myers.shortest(a, b, fewest - 1)[0] is False or fewest == 0


@pytest.mark.usefixtures("kernels_both_ways")
@given(st.lists(st.integers(0, 30), max_size=20, unique=True))
def test_a_chain_is_as_long_as_its_twin_says(places: list[int]) -> None:
    # Sequences in which no two neighbours are neighbours in both, so that no anchor swallows the next.
    a = np.array([100 + 2 * place for place in range(len(places)) for _ in range(1)], dtype=np.uint32)
    b = np.zeros(64, dtype=np.uint32)
    for number, place in enumerate(places):
        b[2 * place] = a[number]
    theirs = np.array([2 * place for place in places], dtype=np.int64)
    runs = myers.chain(a, b, np.arange(len(places), dtype=np.int64), theirs)
    assert len(runs) == longest_ascent(places)
    assert all(a[i] == b[j] for i, j, _ in runs.tolist())


def test_many_differences_in_a_long_line_are_found_one_by_one() -> None:
    points = np.random.default_rng(7).integers(0x4E00, 0x9000, 60_000)
    old = "".join(map(chr, points.tolist()))
    new = "".join("改" if number % 20 == 7 else character for number, character in enumerate(old))
    found = changes(old, new)
    assert rebuilt(old, new) == new
    assert len(found) == 3000  # more than are looked for at once, and no two of them run together
    assert int(common_runs(old, new)[:, 2].sum()) == 57_000


def test_a_moved_paragraph_is_one_removal_and_one_addition() -> None:
    paragraphs = [f"第{number}段说的是{chr(0x6C34 + number) * 3}和桥头的事情。\n" for number in range(40)]
    new = [*paragraphs[:5], *paragraphs[6:], paragraphs[5]]
    found = changes("".join(paragraphs), "".join(new))
    assert len(found) == 2 and "".join(one.before for one in found) != ""
    assert sorted(len(one.before) + len(one.after) for one in found) == [len(paragraphs[5])] * 2


@given(texts)
def test_equal_texts_have_no_differences(text: str) -> None:
    assert changes(text, text) == []


def test_what_two_phrases_share_by_accident_is_not_told_apart() -> None:
    (found,) = changes("天上的云", "地下的水草")
    assert (found.before, found.after) == ("天上的云", "地下的水草")


def edited(version: Path, place: Path, edit: Callable[[list[dict[str, object]]], list[dict[str, object]]]) -> Path:
    """A copy of a version in which the documents are others."""
    shutil.copytree(version, place)
    path = place / "data/documents-00000.parquet"
    rows = edit(pq.read_table(path).to_pylist())
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)
    return place


def shuffled_and_changed(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """One text changed in two places, one document gone, one moved, one added, all in another order."""
    found = []
    for row in rows:
        if row["source"] == "letters/two-hands.txt":
            continue
        if row["source"] == "news/school-garden.txt":
            row["text"] = "头" + str(row["text"])[1:] + "\x1b[31m尾"
        if row["source"] == "verse/ferry-song.txt":
            row |= {"id": "f" * 20, "source": "verse/moved.txt"}
        found.append(row)
    added = dict(found[0]) | {"id": "a" * 20, "source": "new.txt", "text": "新来的文章。"}
    return [added, *reversed(found)]


@pytest.fixture(scope="module")
def other(demo: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return edited(demo.clean / "v1", tmp_path_factory.mktemp("other") / "v2", shuffled_and_changed)


def test_documents_are_matched_by_id(cleaner: Call, demo: Run, other: Path) -> None:
    ran = cleaner("diff", demo.clean, other)
    lines = ran.out.split("\n")
    assert ran.code == 1
    assert lines[0] == "v1 → v2: 1 added, 1 gone, 1 moved, 1 changed, 18 the same"
    assert "+ new.txt" in lines and "- letters/two-hands.txt" in lines
    assert "> verse/moved.txt  moved from verse/ferry-song.txt" in lines
    assert any(line.startswith("~ news/school-garden.txt  ") for line in lines)
    assert "[-" in ran.out and "{+头+}" in ran.out and "{+<001B>[31m尾+}" in ran.out
    assert "\x1b" not in ran.out


def test_colours_only_where_they_are_wanted(
    cleaner: Call, demo: Run, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    always = cleaner("diff", demo.clean, other, "--color", "always").out
    assert "\x1b[32m头\x1b[0m" in always and "\x1b[31;9m" in always and "[-" not in always
    assert "\x1b[32m<001B>[31m尾\x1b[0m" in always  # a text cannot colour anything itself
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "\x1b" in cleaner("diff", demo.clean, other).out
    assert "\x1b" not in cleaner("diff", demo.clean, other, "--color", "never").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in cleaner("diff", demo.clean, other).out
    assert "\x1b" in cleaner("diff", demo.clean, other, "--color", "always").out


def test_the_same_is_exit_code_0_whatever_the_kind_of_folder(cleaner: Call, demo: Run) -> None:
    for pair in ((demo.clean, demo.clean / "v1"), (demo.clean, demo.work / "5-dedup")):
        for option in ((), ("--stat",), ("--jsonl",)):
            assert cleaner("diff", *pair, *option).code == 0
    assert cleaner("diff", demo.clean, demo.clean, "--jsonl").out == ""


def test_what_is_gone_says_why(cleaner: Call, demo: Run) -> None:
    ran = cleaner("diff", demo.work / "4-repair", demo.clean)
    assert ran.code == 1
    assert "- news/market-fair-reprint.txt  dropped in dedup: near copy: " in ran.out
    assert "; news/market-fair.txt stays\n" in ran.out
    assert "dedup remove_repeated_passage is new: 1 edit in 1 document\n" in ran.out
    back = cleaner("diff", demo.clean, demo.work / "4-repair")
    assert "+ news/market-fair-reprint.txt  was dropped in dedup: near copy: " in back.out
    assert "dedup remove_repeated_passage does nothing now: it made 1 edit in 1 document\n" in back.out


def test_one_object_for_each_document_that_differs(cleaner: Call, demo: Run, other: Path) -> None:
    ran = cleaner("diff", demo.clean, other, "--jsonl")
    rows = [json.loads(line) for line in ran.out.split("\n") if line]
    assert ran.code == 1
    assert [(row["source"], row["status"]) for row in rows] == [
        ("letters/two-hands.txt", "gone"),
        ("new.txt", "added"),
        ("news/school-garden.txt", "changed"),
        ("verse/moved.txt", "moved"),
    ]
    gone, added, changed, moved = rows
    assert (gone["new_length"], added["old_length"], added["new_length"]) == (None, None, 6)
    assert moved["old_source"] == "verse/ferry-song.txt"
    texts = [
        {row["id"]: row["text"] for row in pq.read_table(folder / "data/documents-00000.parquet").to_pylist()}
        for folder in (demo.clean / "v1", other)
    ]
    text, shift = texts[0][changed["id"]], 0
    assert (len(text), len(texts[1][changed["id"]])) == (changed["old_length"], changed["new_length"])
    for offset, before, after in changed["edits"]:
        assert text[offset + shift :].startswith(before)
        text = text[: offset + shift] + after + text[offset + shift + len(before) :]
        shift += len(after) - len(before)
    assert text == texts[1][changed["id"]]


def test_numbers_only(cleaner: Call, demo: Run, other: Path, tmp_path: Path) -> None:
    ran = cleaner("diff", demo.clean, other, "--stat")
    table = {line.split()[0]: line.split()[1:] for line in ran.out.split("\n") if line}
    assert ran.code == 1
    assert table["letters/"][:3] == ["3", "→", "2"]
    assert table["verse/"][0] == "1" and table["verse/"][-4:] == ["0", "0", "1", "0"]
    assert table["all"][0] == "21" and table["all"][-4:] == ["1", "1", "1", "1"]
    (tmp_path / "one.toml").write_text('[dedup]\nthreshold = 0.95\nkeep = "longest"\n', encoding="utf-8")
    arguments = (demo.work / "4-repair", tmp_path / "5-dedup", "--config", tmp_path / "one.toml")
    assert cleaner("dedup", *arguments).code == 0
    ran = cleaner("diff", demo.work / "5-dedup", tmp_path / "5-dedup", "--stat")
    assert "settings\n  dedup.threshold  0.8 → 0.95\n" in ran.out
    assert "versions" not in ran.out


def test_rules_are_told_by_how_much_they_differ(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("[repair]\njoin_cut_paragraphs = false\nremove_share_lines = false\n")
    arguments = (demo.work / "3-simplify", tmp_path / "4-repair", "--config", tmp_path / "one.toml")
    assert cleaner("repair", *arguments).code == 0
    lines = cleaner("diff", demo.work / "4-repair", tmp_path / "4-repair").out.split("\n")[:-1]
    last = [line for line in lines if line.startswith("repair ")]
    assert last[:2] == [
        "repair remove_share_lines does nothing now: it made 4 edits in 2 documents",
        "repair join_cut_paragraphs does nothing now: it made 2 edits in 1 document",
    ]
    assert lines[-len(last) :] == last
    assert told_rule("a b", {"edits": 5, "documents": 2}, {"edits": 7, "documents": 2}) == (
        "a b now makes 2 more edits (5 → 7), in as many documents (2)"
    )


def test_trouble_is_exit_code_2(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.clean / "v1", tmp_path / "v1")
    (tmp_path / "v1/data/documents-00000.parquet").write_bytes(b"PAR1 nothing of the kind")
    for option in ((), ("--stat",), ("--jsonl",)):
        ran = cleaner("diff", demo.clean, tmp_path / "v1", *option)
        assert (ran.code, "documents-00000.parquet cannot be read" in ran.err) == (2, True)
    for arguments in (("nowhere", demo.clean), (demo.clean, tmp_path), (demo.clean, demo.clean, "--stat", "--jsonl")):
        ran = cleaner("diff", *arguments)
        assert ran.code == 2 and "Traceback" not in ran.err
    (tmp_path / "v1/manifest.json").write_text("{")
    assert cleaner("diff", demo.clean, tmp_path / "v1").code == 2


def test_a_reader_that_stops_ends_it_without_a_word(demo: Run) -> None:
    command = f"{sys.executable} -m cleaner.cli diff {demo.work / '1-decode'} {demo.clean} --all | head -n 1"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, env=dict(os.environ))
    assert (ran.stdout.count("\n"), ran.stderr) == (1, "")


def test_only_the_first_is_shown_unless_all_is_asked_for(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    def many(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        more = [dict(rows[0]) | {"id": f"{number:020}", "source": f"more/{number}.txt"} for number in range(250)]
        rows[0]["text"] = "".join(f"{character}改" for character in str(rows[0]["text"]) for _ in range(20))
        return [*rows, *more]

    version = edited(demo.clean / "v1", tmp_path / "v2", many)
    some, every = (cleaner("diff", demo.clean, version, *option).out for option in ((), ("--all",)))
    assert "… and 51 more documents (--all shows them)" in some
    assert "more documents" not in every and every.count("\n+ more/") == 250


def test_texts_are_read_by_file_and_row_across_row_groups(tmp_path: Path) -> None:
    values = [f"第{number}篇" for number in range(25)]
    pq.write_table(pa.table({"text": values}), tmp_path / "some.parquet", row_group_size=7)
    texts = Texts()
    for row in (0, 24, 6, 7, 13, 14, 3):
        assert texts(tmp_path / "some.parquet", row) == values[row]
