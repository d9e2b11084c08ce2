"""Crash safety: what was finished is kept, what was not is made again, and the bytes are the same."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cleaner import pipeline, provenance
from cleaner.config import parse
from cleaner.document import Document, Outcome
from cleaner.files.durable import scratch_folder
from cleaner.files.folder import ShardFiles
from cleaner.files.resume import note_finished, resuming_folder
from cleaner.jobs import Done, ShardJob
from tests.conftest import ROOT, Ran
from tests.faults import kill, refuse
from tests.faults.corpus import SETTINGS, digests, make_raw

Call = Callable[..., Ran]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a raw corpus of several shards and its settings."""
    make_raw(tmp_path / "raw")
    (tmp_path / "cleaner.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def run_in(cleaner: Call, place: Path, name: str) -> Ran:
    here = place / name
    arguments = ("--work", here / "work", "--config", place / "cleaner.toml", "--workers", 1)
    return cleaner("run", place / "raw", here / "clean", *arguments)


def test_killed_runs_end_the_same(tmp_path: Path) -> None:
    assert kill.survive(tmp_path, moments=3, seed=20261122) > 0


@pytest.mark.parametrize("keeps", [True, False])
def test_refused_calls_are_said_and_survived(tmp_path: Path, keeps: bool) -> None:
    assert refuse.survive(tmp_path, every=29, keeps=keeps) > 5


def test_finished_shards_are_not_made_again(cleaner: Call, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_in(cleaner, place, "whole").code == 0
    write = pipeline.write_streamed
    made: list[tuple[str, int]] = []

    def failing(job: Any) -> Any:
        if (job.stage, job.number) == ("simplify", 2) and made.count(("simplify", 2)) == 0:
            made.append(("simplify", 2))
            raise OSError("the cable was pulled")
        made.append((job.stage, job.number))
        return write(job)

    monkeypatch.setattr(pipeline, "write_streamed", failing)
    ran = run_in(cleaner, place, "cut")
    assert (ran.code, "the cable was pulled" in ran.err) == (1, True)
    assert not (place / "cut/work/1-decode").exists()
    ran = run_in(cleaner, place, "cut")
    assert ran.code == 0
    assert made.count(("simplify", 0)) == made.count(("simplify", 1)) == 1
    assert digests(place / "cut/clean") == digests(place / "whole/clean")


def test_what_is_done_is_not_done_again_unless_it_is_damaged(cleaner: Call, place: Path) -> None:
    assert run_in(cleaner, place, "one").code == 0
    before = digests(place / "one/work")
    assert run_in(cleaner, place, "one").err.count("as in the run before") == len(pipeline.STAGES)
    for kind in ("documents", "edits"):
        victim = next((place / "one/work/4-repair").glob(f"{kind}-*.parquet"))
        victim.write_bytes(victim.read_bytes()[:-100])
        assert run_in(cleaner, place, "one").err.count("as in the run before") == len(pipeline.STAGES) - 1
        assert digests(place / "one/work") == before
    next((place / "one/work/5-dedup").glob("sketches-*.parquet")).unlink()
    assert run_in(cleaner, place, "one").err.count("as in the run before") == len(pipeline.STAGES) - 1
    assert digests(place / "one/work") == before


def test_what_passes_through_is_not_kept_and_changes_nothing(cleaner: Call, place: Path, tmp_path: Path) -> None:
    kept = run_in(cleaner, place, "kept")
    arguments = ("--config", place / "cleaner.toml", "--workers", 2)
    passed = cleaner("run", place / "raw", tmp_path / "clean", *arguments)
    assert passed.err.replace(str(tmp_path), "") == kept.err.replace(str(place / "kept"), "")
    assert digests(tmp_path / "clean") == digests(place / "kept/clean")
    assert [path.name for path in (tmp_path / "clean").iterdir() if path.name.startswith(".")] == []


def test_a_streamed_pass_that_was_cut_short_goes_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = parse(SETTINGS, "settings")
    whole = [dict(report) for _, report in pipeline.run_stages(place / "raw", place / "a", config, 1, keeps=False)]
    write = pipeline.write_streamed
    made, faults = list[int](), list[str]()

    def failing(job: ShardJob) -> list[Done]:
        if job.number == 2 and not faults:
            faults.append("once")
            raise OSError("the cable was pulled")
        made.append(job.number)
        return write(job)

    monkeypatch.setattr(pipeline, "write_streamed", failing)
    with pytest.raises(OSError, match="cable"):
        list(pipeline.run_stages(place / "raw", place / "b", config, 1, keeps=False))
    again = [report for _, report in pipeline.run_stages(place / "raw", place / "b", config, 1, keeps=False)]
    assert [report["counts"] for report in again] == [report["counts"] for report in whole]
    assert made.count(0) == made.count(1) == 1
    assert not list((place / "b/1-decode").glob("documents-*"))
    assert {path.suffix for path in (place / "b/3-simplify").glob("documents-*")} == {".arrow"}
    last = [report for _, report in pipeline.run_stages(place / "raw", place / "b", config, 1, keeps=False)]
    assert all(report["unchanged"] for report in last)
    shutil.rmtree(place / "b/2-normalize")  # its documents cannot be had from decode's folder, so all three are made
    made.clear()
    list(pipeline.run_stages(place / "raw", place / "b", config, 1, keeps=False))
    assert 0 in made
    assert digests(place / "b") == digests(place / "a")


def test_stage_folders_that_were_removed_in_part_are_in_nobodys_way(cleaner: Call, place: Path) -> None:
    arguments = ("run", place / "raw", place / "one/clean", "--config", place / "cleaner.toml", "--workers", 1)
    gone = place / "one/clean/.work.gone/4-repair"
    gone.mkdir(parents=True)
    (gone / "documents-00000.arrow").touch()
    assert cleaner(*arguments).code == 0

    def half(folder: Path, **more: Any) -> None:
        """Remove the report of a stage, and then no more, as when the process is killed."""
        for path in list(folder.glob("4-repair/report.json")):
            path.unlink()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "rmtree", half)
        assert cleaner(*arguments).code == 0
    assert gone.is_dir()
    assert cleaner(*arguments).code == 0
    assert not list((place / "one/clean").glob(".work*"))


@pytest.mark.parametrize("change", ["settings", "input", "code"])
def test_what_changed_is_done_again(cleaner: Call, place: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    assert run_in(cleaner, place, "one").code == 0
    if change == "settings":
        (place / "cleaner.toml").write_text(SETTINGS + "\n[normalize]\nstrip_indents = false\n", encoding="utf-8")
    elif change == "input":
        (place / "raw/more.txt").write_text("水渠在三月里修好了，乡亲们都说好。\n", encoding="utf-8")
    else:
        monkeypatch.setattr(provenance, "code_digest", lambda: "0" * 64)
    kept = {"settings": 1, "input": 0, "code": 0}[change]
    assert run_in(cleaner, place, "one").err.count("as in the run before") == kept


def test_what_was_planned_otherwise_is_thrown_away(tmp_path: Path) -> None:
    for plan, expected in (("a", set()), ("a", {"half"}), ("b", set())):
        with pytest.raises(OSError, match="full"), resuming_folder(tmp_path / "1-decode", plan) as partial:
            assert {path.name for path in partial.iterdir()} - {".plan", ".done-decode-00000"} == expected
            (partial / "half").touch()
            (partial / ".done-decode-00000").touch()
            raise OSError("full")
    assert not (tmp_path / "1-decode").exists()


def test_a_shard_that_two_write_at_once_is_whole_at_any_time(tmp_path: Path) -> None:
    put_aside = Outcome(Document("b", "b.txt", ""), dropped="unreadable", quarantine=b"\xff")
    outcomes = [Outcome(Document("a", "a.txt", "水渠")), put_aside]
    first, second = ShardFiles(tmp_path, 0, "decode"), ShardFiles(tmp_path, 0, "decode")
    written = first.passed(outcomes)
    next(written)
    with second:
        assert len(list(second.passed(outcomes))) == 1
    note_finished(tmp_path, "decode-00000", 0, b"{}")
    whole = {name: digest for name, digest in digests(tmp_path).items() if not name.endswith(".writing")}
    assert len(whole) == 6
    with first:  # the one that was taken for dead
        assert list(written) == []
    note_finished(tmp_path, "decode-00000", 0, b"{}")
    assert digests(tmp_path) == whole


def test_a_shard_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"), ShardFiles(tmp_path, 0, "decode") as files:
        list(files.passed([Outcome(Document("a", "a.txt", "水渠"))]))
        raise OSError("full")
    assert list(tmp_path.iterdir()) == []


def test_two_runs_in_one_work_folder(cleaner: Call, place: Path) -> None:
    with scratch_folder(place / "one/clean", place / "one/work"):
        ran = run_in(cleaner, place, "one")
    assert (ran.code, "another run is at work in" in ran.err) == (1, True)
    assert run_in(cleaner, place, "one").code == 0


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Path]:
    """A raw folder that takes long enough to be interrupted."""
    for number in range(40):
        shutil.copytree(ROOT / "raw/news", tmp_path / f"raw/{number}")
    (tmp_path / "cleaner.toml").write_text(SETTINGS, encoding="utf-8")
    yield tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_run_and_its_workers(many: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        kill.command(many, "stopped", workers=2, keeps=True),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    partial = many / "stopped/work/.2-normalize.partial"
    while not partial.exists() and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, number)
    _, said = process.communicate()
    assert process.returncode == 128 + number
    assert said.endswith("cleaner: stopped; the same command goes on with what is left to do\n")
    assert "Traceback" not in said
    kill.refuse_orphans(process.pid)
