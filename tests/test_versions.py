"""Publishing: whole or not there, whoever kills it and whatever the disk does; and `cleaner versions`."""

import contextlib
import errno
import fcntl
import filecmp
import io
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from cleaner.check import CLAIMS, Failure, Finding
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.corpus import open_corpus
from cleaner.files.durable import locked
from cleaner.files.manifest import Manifest, digest_of, json_schema, read_manifest
from cleaner.publish import newest_version, publish
from cleaner.verify import verify
from tests.conftest import ROOT, Ran, Run
from tests.faults.disk import Counted, fail_with, faulty
from tests.test_pipeline import digests

Call = Callable[..., Ran]
NEVER = 10**6
TEXTS = ("水渠边又添了一座凉亭，走累了可以坐一坐。", "春天来了，燕子从南方飞回来，停在屋檐下面。")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Two stage folders, of one text and of two, and a folder with a version of the first."""
    place = tmp_path_factory.mktemp("small")
    folders = []
    for count in (1, 2):
        raw = place / f"raw{count}"
        raw.mkdir()
        for number, text in enumerate(TEXTS[:count]):
            (raw / f"{number}.txt").write_text(text, encoding="utf-8")
        (raw / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
        run_command("decode", raw, place / f"stage{count}")
        folders.append(place / f"stage{count}")
    publish(open_corpus(folders[0]), place / "clean")
    return folders[0], folders[1], place / "clean"


def run_command(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, which must end well."""
    command = [sys.executable, "-m", "cleaner.cli", *map(str, arguments)]
    found = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, encoding="utf-8", check=False
    )
    assert found.returncode == 0, found.stderr
    return found


def is_whole(version: Path) -> bool:
    """Whether a version verifies."""
    return not any(entry.failures or entry.is_skipped for entry in verify(version))


def visible(clean: Path) -> list[str]:
    """What lies in a folder of versions, but for the lock of one who was killed."""
    return sorted(path.name for path in clean.iterdir() if path.name != ".lock")


def test_killed_at_every_call_there_is_a_whole_version_or_none(
    small: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    _, stage, clean = small
    shutil.copytree(clean, tmp_path / "calm")
    publish(open_corpus(stage), tmp_path / "calm")
    calm = digests(tmp_path / "calm")
    shutil.copytree(clean, tmp_path / "clean")
    (tmp_path / "clean/.v2.partial/data").mkdir(parents=True)  # of one that was killed before
    (tmp_path / "clean/.v2.partial/data/documents-00000.parquet").write_bytes(b"PAR1")
    command = [sys.executable, "-m", "tests.faults.disk", str(stage), str(tmp_path / "clean"), str(tmp_path / "killed")]
    subprocess.run(command, cwd=ROOT, check=True)
    cleans = sorted((tmp_path / "killed").iterdir(), key=lambda path: int(path.name))
    assert len(cleans) > 40, "the calls are counted"
    seen = set()
    for place in cleans:
        versions = [name for name in visible(place) if name.startswith("v")]
        seen.add((*versions, (place / "latest").read_text().strip()))
        assert all(is_whole(place / name) for name in versions), place
        publish(open_corpus(stage), place)
        assert digests(place) == calm, place
    # Killed before it had its name, between that and `latest`, and not at all.
    assert seen == {("v1", "v1"), ("v1", "v2", "v1"), ("v1", "v2", "v2")}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_or_broken_disk_gets_a_sentence_and_leaves_nothing_half(
    small: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    _, stage, clean = small
    corpus = open_corpus(stage)
    shutil.copytree(clean, tmp_path / "calm")
    calls = Counted(NEVER, lambda: None)
    with faulty(calls):
        publish(corpus, tmp_path / "calm")
    assert {"open", "write", "mkdir", "fsync", "rename", "replace", "flock"} <= set(calls.names)
    calm, before = digests(tmp_path / "calm"), digests(clean)
    for call, name in enumerate(calls.names):
        place = tmp_path / str(call)
        shutil.copytree(clean, place)
        with faulty(Counted(call, fail_with(number))), contextlib.ExitStack() as checked:
            if name != "unlink":  # of the lock, when all is done
                raised = checked.enter_context(pytest.raises(BadDataError, match=os.strerror(number)))
            publish(corpus, place)
        if name == "unlink":
            assert digests(place, but=(".lock",)) == calm
            continue
        if "nothing was published" in str(raised.value):
            assert digests(place, but=(".lock",)) == before, (
                call,
                name,
            )  # without a lock there is no removing its file
        else:
            assert "v2 is published, but" in str(raised.value)
            assert is_whole(place / "v2"), (call, name)
        publish(corpus, place)
        assert digests(place) == calm, (call, name)


def test_of_two_publishers_at_once_one_wins_and_the_other_says_so(
    small: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    """Two real processes; the first waits with its lock held until the other has tried."""
    stage, _, _ = small
    clean = tmp_path / "clean"
    clean.mkdir()
    script = (
        "import sys; from pathlib import Path; from cleaner.files.corpus import open_corpus\n"
        "import cleaner.publish as room\n"
        "plan = room.plan_of\n"
        "room.plan_of = lambda corpus: (print('at work', flush=True), sys.stdin.readline(), plan(corpus))[2]\n"
        "room.publish(open_corpus(Path(sys.argv[1])), Path(sys.argv[2]))\n"
    )
    command = [sys.executable, "-c", script, str(stage), str(clean)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as first:
        assert first.stdin
        assert first.stdout
        assert first.stdout.readline() == "at work\n"
        command = [sys.executable, "-m", "cleaner.cli", "publish", str(stage), str(clean), "--force"]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
        first.stdin.write("go on\n")
        first.stdin.flush()
        assert first.wait() == 0
    assert (second.returncode, "another process is publishing into" in second.stderr) == (1, True)
    assert visible(clean) == ["latest", "v1"]
    assert is_whole(clean / "v1")


def test_many_publishers_at_once_leave_whole_versions(small: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second, _ = small
    script = (
        "import sys; from pathlib import Path; from cleaner.files.corpus import open_corpus\n"
        "from cleaner.errors import BadDataError; from cleaner.publish import publish\n"
        "for _ in range(10):\n"
        "    try:\n"
        "        publish(open_corpus(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "    except BadDataError as error:\n"
        "        assert 'another process is publishing' in str(error), error\n"
    )
    clean = tmp_path / "clean"
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(stage), str(clean)], cwd=ROOT) for stage in (first, second)
    ]
    assert [process.wait() for process in running] == [0, 0]
    names = [f"v{number}" for number in range(1, len(visible(clean)))]
    assert visible(clean) == sorted(["latest", *names])
    assert all(is_whole(clean / name) for name in names)
    assert (clean / "latest").read_text() == f"{newest_version(clean)}\n"
    # The chain holds: no version has the content of its parent, and each names the one before it.
    manifests = [read_manifest(clean / name / "manifest.json") for name in names]
    for before, after in itertools.pairwise(manifests):
        assert (after.parent, after.parent_content) == (before.version, before.content)
        assert after.content != before.content


def test_the_lock_is_freed_when_its_process_dies(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from cleaner.files.durable import locked\n"
        "with locked(Path(sys.argv[1]), 'no'): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, tmp_path / ".lock"], cwd=ROOT, check=False).returncode == -9
    with locked(tmp_path / ".lock", "nobody"), pytest.raises(BadDataError, match="somebody"):  # noqa: SIM117 -- in turn
        with locked(tmp_path / ".lock", "somebody"):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_file_was_removed_is_taken_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened before its owner removed it, locked after: it would keep out nobody."""
    calls, lock = [], fcntl.flock

    def late(stream: io.BufferedWriter, how: int) -> None:
        if not calls:
            (tmp_path / ".lock").unlink()
        calls.append(how)
        lock(stream, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with locked(tmp_path / ".lock", "nobody"):
        assert (len(calls), (tmp_path / ".lock").is_file()) == (2, True)


def test_a_second_run_without_a_folder_of_its_own_is_told(cleaner: Call, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.txt").write_text(TEXTS[0], encoding="utf-8")
    (tmp_path / "clean").mkdir()
    with locked(tmp_path / "clean/.work.lock", "nobody"):
        ran = cleaner("run", tmp_path / "raw", tmp_path / "clean")
    assert (ran.code, "another run is at work in" in ran.err, "--work" in ran.err) == (1, True, True)


def test_the_same_content_makes_no_new_version(small: tuple[Path, Path, Path], tmp_path: Path) -> None:
    stage, other, clean = small
    shutil.copytree(clean, tmp_path / "clean")
    before = digests(tmp_path / "clean")
    assert publish(open_corpus(stage), tmp_path / "clean") == (tmp_path / "clean/v1", False)
    assert digests(tmp_path / "clean") == before
    assert publish(open_corpus(other), tmp_path / "clean") == (tmp_path / "clean/v2", True)


def test_latest_never_goes_back(cleaner: Call, small: tuple[Path, Path, Path], tmp_path: Path) -> None:
    stage, _, clean = small
    shutil.copytree(clean, tmp_path / "clean")
    (tmp_path / "clean/latest").write_text("v7\n")  # somebody removed v2 to v7
    assert "latest does not name the newest version, v1" in cleaner("versions", tmp_path / "clean").err
    assert publish(open_corpus(stage), tmp_path / "clean") == (tmp_path / "clean/v8", True)
    assert (tmp_path / "clean/latest").read_text() == "v8\n"


def test_what_is_broken_keeps_its_name_and_does_not_keep_out_the_next(
    small: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    stage, _, clean = small
    shutil.copytree(clean, tmp_path / "clean")
    (tmp_path / "clean/v2").mkdir()
    (tmp_path / "clean/v1/manifest.json").write_text("{")
    assert publish(open_corpus(stage), tmp_path / "clean") == (tmp_path / "clean/v3", True)
    manifest = read_manifest(tmp_path / "clean/v3/manifest.json")
    assert (manifest.parent, manifest.parent_content) == ("v1", None)


def test_latest_that_names_nothing_gets_a_sentence(
    cleaner: Call, small: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(small[2], tmp_path / "clean")
    (tmp_path / "clean/latest").write_text("v4\n")
    ran = cleaner("cat", tmp_path / "clean")
    assert (ran.code, "latest names v4, which is not there" in ran.err) == (2, True)
    (tmp_path / "clean/latest").unlink()  # killed before the first one was written
    ran = cleaner("cat", tmp_path / "clean")
    assert (ran.code, "has no `latest` to say which version is meant" in ran.err) == (2, True)
    (tmp_path / "clean/latest").write_bytes(b"\xff\xfe../../etc")
    ran = cleaner("cat", tmp_path / "clean")
    assert (ran.code, "instead of the name of a version; remove it and publish again" in ran.err) == (1, True)


def test_a_version_does_not_share_its_files_with_the_stage_folder(small: tuple[Path, Path, Path]) -> None:
    stage, _, clean = small
    there = (clean / "v1/data/documents-00000.parquet").stat()
    assert (there.st_nlink, there.st_ino == (stage / "documents-00000.parquet").stat().st_ino) == (1, False)


def test_versions_are_listed(cleaner: Call, small: tuple[Path, Path, Path], tmp_path: Path) -> None:
    _, other, clean = small
    shutil.copytree(clean, tmp_path / "clean")
    broken = Finding(CLAIMS[0], [Failure("", "", "a text is not")])
    publish(open_corpus(other), tmp_path / "clean", [broken])
    (tmp_path / "clean/v3").mkdir()
    (tmp_path / "clean/.v4.partial").mkdir()
    ran = cleaner("versions", tmp_path / "clean")
    assert ran.code == 0
    head, *lines = ran.out.rstrip("\n").split("\n")
    assert head.split() == ["version", "made", "documents", "characters", "on", "disk", "parent"]
    assert lines[0].split()[2:4] == ["1", str(len(TEXTS[0]))]
    assert lines[1].endswith("v1  latest, forced")
    assert lines[2].endswith("v3 has no manifest.json")
    assert ".v4.partial was left by a publisher" in ran.err


def test_versions_are_listed_for_programs(cleaner: Call, small: tuple[Path, Path, Path]) -> None:
    rows = [json.loads(line) for line in cleaner("versions", small[2], "--jsonl").out.split("\n") if line]
    size = sum(path.stat().st_size for path in (small[2] / "v1").rglob("*") if path.is_file())
    (row,) = rows
    assert (row["version"], row["documents"], row["bytes"], row["latest"], row["parent"]) == ("v1", 1, size, True, None)


@pytest.mark.parametrize("command", ["versions", "verify"])
def test_the_commands_have_help(cleaner: Call, command: str) -> None:
    ran = cleaner(command, "--help")
    assert (ran.code, f"Usage: cleaner {command}" in ran.out) == (0, True)
    assert f"  {command} " in cleaner("--help").out


def test_a_folder_without_versions_gets_a_sentence(cleaner: Call, tmp_path: Path) -> None:
    for place, said in ((tmp_path, "holds no versions"), (tmp_path / "no", "there is no folder")):
        ran = cleaner("versions", place)
        assert (ran.code, said in ran.err) == (2, True)


# The manifest


def test_the_schema_in_docs_is_that_of_the_model(demo: Run) -> None:
    text = (ROOT / "docs/manifest.schema.json").read_text(encoding="utf-8")
    assert text == json_schema(), "renew it: python -m cleaner.files.manifest > docs/manifest.schema.json"
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    manifest = json.loads((demo.clean / "v1/manifest.json").read_text(encoding="utf-8"))
    jsonschema.validate(manifest, schema)
    manifest["files"][0]["sha256"] = "no digest"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest, schema)


def test_the_manifest_ties_inputs_settings_and_files_together(demo: Run) -> None:
    manifest = read_manifest(demo.clean / "v1/manifest.json")
    inputs = {file.source: file for file in manifest.stages[0].inputs or []}
    market = (ROOT / "raw/news/market-fair.txt").read_bytes()
    assert inputs["news/market-fair.txt"].bytes == len(market)
    assert {"decode", "normalize", "simplify", "repair", "dedup"} <= manifest.config.keys()
    assert all(manifest.config[stage.stage] == stage.settings for stage in manifest.stages)
    assert {"cleaner", "python", "unicode", "numba", "numpy", "opencc", "pyarrow"} <= manifest.versions.keys()
    assert manifest.tables.keys() >= {"simplify.txt", "frequencies.txt"}
    assert sum(manifest.stages[0].counts.dropped.values()) == 5
    assert [file.path for file in manifest.files] == sorted(file.path for file in manifest.files)


def edited(demo: Run, place: Path, change: Callable[[dict[str, object]], None], seal: bool = True) -> Path:
    """A copy of the demo's version with another manifest, sealed again or not."""
    shutil.copytree(demo.clean / "v1", place / "v1")
    path = place / "v1/manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    if seal:
        manifest["digest"] = digest_of(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return place / "v1"


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (
            lambda m: m.update(format=99),
            2,
            "was written by a newer cleaner (format 99; this one reads 3); upgrade cleaner",
        ),
        (lambda m: m.update(format=2), 2, "was written by an older cleaner (format 2; this one reads 3)"),
        (lambda m: m.pop("format"), 1, "it does not say its format"),
        (lambda m: m.pop("parent"), 1, "the field parent is missing"),
        (lambda m: m.update(documents="21"), 1, "the field documents is '21': input should be a valid integer"),
        (lambda m: m.update(colour="red"), 1, "the field colour is unknown"),
        (lambda m: m["stages"][0]["counts"].pop("kept"), 1, "the field stages.0.counts.kept is missing"),
        (lambda m: m["files"][0].update(bytes=-1), 1, "the field files.0.bytes is -1"),
        (lambda m: m.update(stages=[]), 1, "the field stages is []"),
    ],
)
def test_a_manifest_that_is_none_gets_a_sentence(
    cleaner: Call, demo: Run, tmp_path: Path, change: Callable[[dict[str, object]], None], code: int, said: str
) -> None:
    version = edited(demo, tmp_path, change)
    for command in ("cat", "verify"):
        ran = cleaner(command, version)
        assert (ran.code, ran.out) == (code, "")
        assert said in ran.err
        assert ran.err.startswith("cleaner: ")
        assert ran.err.count("\n") == 1


def test_an_edited_manifest_is_read_with_a_warning_and_named(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    version = edited(demo, tmp_path, lambda manifest: manifest.update(created="2001-01-01T00:00:00Z"), seal=False)
    ran = cleaner("cat", version)
    assert ran.code == 0
    assert ran.out == cleaner("cat", demo.clean).out
    assert "manifest.json was edited after it was written" in ran.err
    verified = cleaner("verify", version)
    assert (verified.code, "manifest.json was edited after it was written" in verified.out) == (1, True)
    checked = cleaner("check", version)
    assert (checked.code, "manifest.json: was edited after it was written" in checked.err) == (1, True)


def test_every_value_of_a_manifest_is_under_its_digest(demo: Run) -> None:
    manifest = json.loads((demo.clean / "v1/manifest.json").read_text(encoding="utf-8"))
    assert manifest["digest"] == digest_of(manifest)
    for name in Manifest.model_fields.keys() - {"digest"}:
        assert digest_of(manifest | {name: "another"}) != manifest["digest"], name


def test_a_wrong_creation_time_is_refused_before_anything_is_written(
    small: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for epoch in ("yesterday", "-1", "99999999999999", "", "٣"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        with pytest.raises(WrongUseError, match="SOURCE_DATE_EPOCH"):
            publish(open_corpus(small[0]), tmp_path / "clean")
        assert not (tmp_path / "clean").exists()


# The same bytes everywhere


def test_another_place_hash_seed_time_zone_and_number_of_workers_give_the_same_bytes(tmp_path: Path) -> None:
    settings = tmp_path / "small.toml"
    settings.write_text("[decode]\nshard_bytes = 3000\n")
    shutil.copytree(ROOT / "raw", tmp_path / "elsewhere/deep/raw")
    for raw, place, workers, more in (
        (ROOT / "raw", tmp_path / "one", 1, {"PYTHONHASHSEED": "1", "TZ": "Asia/Taipei", "LC_ALL": "C"}),
        (
            tmp_path / "elsewhere/deep/raw",
            tmp_path / "two",
            2,
            {"PYTHONHASHSEED": "2", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
        ),
    ):
        arguments = ("--workers", workers, "--config", settings, *(("--work", place / "work") if workers == 2 else ()))
        run_command("run", raw, place / "clean", *arguments, SOURCE_DATE_EPOCH="1700000000", **more)
    one, two = tmp_path / "one/clean", tmp_path / "two/clean"
    command = ["diff", "-r", one, two]
    found = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_only_the_creation_time_varies(
    demo: Run, cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert cleaner("publish", demo.work / "5-dedup", tmp_path / "clean").code == 0
    old, new = (
        json.loads((place / "v1/manifest.json").read_text(encoding="utf-8"))
        for place in (demo.clean, tmp_path / "clean")
    )
    assert new["created"] == "1970-01-01T00:00:01Z"
    assert {name for name in old if old[name] != new[name]} == {"created", "digest"}
    mismatch = filecmp.cmpfiles(
        demo.clean / "v1", tmp_path / "clean/v1", [file["path"] for file in old["files"]], False
    )
    assert mismatch[1:] == ([], [])
