"""What a person sees of a run on a terminal, and a machine in the lines of JSON."""

import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleaner.files.raw import Piece, RawFile
from cleaner.progress import LOG, LogFormat, Shares, Took, bytes_of, followed
from tests.conftest import ROOT, Ran, Run

Call = Callable[..., Ran]
SMALL_SHARDS = "decode.shard_bytes = 2000\n"


def events_of(printed: str) -> list[dict[str, Any]]:
    """The events in what was printed, which must be nothing else."""
    return [json.loads(line) for line in printed.split("\n") if line]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Settings with which the demo has several shards."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL_SHARDS, encoding="utf-8")
    return path


def test_a_run_for_machines(cleaner: Call, demo: Run, tmp_path: Path, settings: Path) -> None:
    ran = cleaner("run", demo.raw, tmp_path / "clean", "--config", settings, "--log-format", "json", "--workers", 2)
    assert (ran.code, ran.out) == (0, "")
    events = events_of(ran.err)
    stages = [event for event in events if event["event"] == "stage"]
    assert [event["stage"] for event in stages] == ["decode", "normalize", "simplify", "repair", "dedup"]
    for event in stages:
        report = json.loads((demo.work / folder_of(event["stage"]) / "report.json").read_text(encoding="utf-8"))
        counts = report["counts"]
        assert (event["documents"], event["kept"]) == (counts["documents_in"], counts["kept"])
        assert event["documents"] == event["kept"] + event["dropped"]
        assert event["dropped"] == sum(event["reasons"].values())
    written = [event for event in events if event["event"] == "shard" and event["pass"] == "dedup"]
    assert [event["shard"] for event in written] == list(range(len(written)))
    assert len(written) > 2
    assert all(event["bytes"] > 0 and event["seconds"] >= 0 for event in written)
    assert sum(event["kept"] for event in written) == stages[-1]["kept"]
    passes = {event["pass"]: event for event in events if event["event"] == "pass"}
    assert passes["dedup"]["shards"] == len(written)
    assert passes["dedup"]["bytes"] == sum(event["bytes"] for event in written)
    assert passes["check"]["bytes"] > passes["dedup"]["bytes"]  # the ledger, too
    assert [event["state"] for event in events if event["event"] == "claim"].count("broken") == 0
    assert [event["broken"] for event in events if event["event"] == "check"] == [0]
    assert events[-1]["event"] == "publish"
    assert events[-1]["is_new"]


def folder_of(stage: str) -> str:
    return f"{['decode', 'normalize', 'simplify', 'repair', 'dedup'].index(stage) + 1}-{stage}"


def test_errors_and_warnings_for_machines(cleaner: Call, tmp_path: Path) -> None:
    ran = cleaner("run", tmp_path / "nowhere", tmp_path / "clean", "--log-format", "json")
    (event,) = events_of(ran.err)
    assert (ran.code, event["event"], event["code"]) == (2, "error", 2)
    assert "there is no folder or file" in event["message"]
    assert cleaner("run", tmp_path / "nowhere", tmp_path / "clean").err.startswith("cleaner: there is no folder")


def test_without_a_terminal_there_is_no_bar(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    ran = cleaner("decode", demo.raw, tmp_path / "out")
    assert ran.code == 0
    assert "\r" not in ran.err
    assert ran.err.startswith("decode    23 of 28 documents kept")


def test_the_bar_on_a_terminal(demo: Run, tmp_path: Path, settings: Path) -> None:
    main, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 120))
    command = [sys.executable, "-m", "cleaner.cli", "decode", str(demo.raw), str(tmp_path / "out"), "--workers", "1"]
    environment = {**os.environ, "TQDM_MININTERVAL": "0"}
    with subprocess.Popen([*command, "--config", str(settings)], stderr=terminal, cwd=ROOT, env=environment) as ran:
        os.close(terminal)
        shown = b""
        while True:
            try:
                part = os.read(main, 4096)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            shown += part
        assert ran.wait() == 0
    os.close(main)
    bars = [line for line in shown.decode().split("\r") if line.startswith("decode   :")]
    assert any("dropped=" in bar and "kept=" in bar for bar in bars), bars
    assert all("B/s" in bar for bar in bars)


def test_bytes_are_those_that_a_job_reads(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert bytes_of(path) == 5
    assert bytes_of([path, (path, path)]) == 15
    assert bytes_of(tmp_path / "gone") == bytes_of(object()) == 0
    whole = RawFile(path, "a.jsonl", 5)
    pieces = [whole._replace(piece=Piece(0, 2, 0, 2)), whole._replace(piece=Piece(2, 5, 1, 3))]
    assert (bytes_of(whole), bytes_of(pieces)) == (5, 5)


def test_results_are_passed_on_in_order(capfd: pytest.CaptureFixture[str]) -> None:
    LOG.start(LogFormat.json)
    try:
        done = iter([("a", Took(0.5, 0.25)), ("bb", Took(1.0, 0.5))])
        assert list(followed("look", [0, 1], done, lambda result: Shares(3, len(result)))) == ["a", "bb"]
    finally:
        LOG.start()
    events = events_of(capfd.readouterr().err)
    assert [event["processor"] for event in events] == [0.25, 0.5, 0.75]
    assert [(event["event"], event.get("dropped")) for event in events] == [("shard", 2), ("shard", 1), ("pass", None)]
