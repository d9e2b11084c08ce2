"""Engines: clusters of processes on this machine make the same bytes, also when workers die; and say what is wrong."""

import dataclasses
import importlib.util
import itertools
import json
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cleaner import engines
from cleaner.config import Config
from cleaner.engines import errand, parcel
from cleaner.engines.cluster import LostError
from cleaner.engines.errand import Sight, Terms
from cleaner.engines.local import LARGE, fetched, shelf_here
from cleaner.engines.parcel import Shelf, opened, pack
from cleaner.engines.threads import in_threads
from cleaner.errors import BadDataError, Stopped, WrongUseError
from cleaner.files.raw import RawFile
from cleaner.files.resume import resuming_folder
from cleaner.jobs import ShardJob, Step
from cleaner.repair.links import Joins
from cleaner.repair.witnesses import Answers
from cleaner.signals import undisturbed
from tests.conftest import Ran
from tests.faults import cluster as clusters

Call = Callable[..., Ran]
PACKAGES = {"ray": "ray", "dask": "distributed"}


def needs(engine: str) -> None:
    if importlib.util.find_spec(PACKAGES[engine]) is None:
        pytest.skip(f"the extra {engine} is not installed")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with raw texts and settings."""
    return tmp_path_factory.mktemp("engines")


@pytest.fixture(scope="module")
def expected(place: Path) -> dict[str, str]:
    """What must become of the raw texts."""
    return clusters.make_place(place)


def said_by(process: "subprocess.Popen[str]") -> Ran:
    """What a run came to."""
    _, said = process.communicate()
    return Ran(process.returncode, "", said)


def wait_until_at_work(here: Path, process: "subprocess.Popen[str]") -> None:
    """Wait until a run has finished a stage more, or more shards of one."""
    before = progress_in(here)
    while progress_in(here) <= before:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)


def progress_in(here: Path) -> tuple[int, int]:
    """How many stages a run has finished, and how many shards of the next: notes of shards go when a stage is done."""
    return len(list(here.glob("work/[1-5]-*/report.json"))), len(list(here.glob("work/.*.partial/.done-*")))


def an_error_in_a_job_is_said_as_it_is_here(cluster: clusters.Cluster, place: Path, cleaner: Call) -> None:
    broken = place / f"broken-{cluster.engine}"
    assert cleaner("decode", place / "raw", broken, "--workers", 1).code == 0
    victim = broken / "documents-00000.parquet"
    victim.write_bytes(victim.read_bytes()[:-100])
    here = cleaner("normalize", broken, f"{broken}-2", "--workers", 1)
    command = [sys.executable, "-m", "cleaner.cli", "normalize", str(broken), f"{broken}-2"]
    command += ["--engine", cluster.engine, "--address", cluster.address]
    there = subprocess.run(command, env=cluster.environ, capture_output=True, text=True)
    assert (here.code, there.returncode) == (1, 1)
    assert there.stderr == here.err


def a_signal_cancels_what_is_to_be_done(cluster: clusters.Cluster, place: Path) -> None:
    process = clusters.run_on(cluster, place, cluster.engine)
    wait_until_at_work(place / cluster.engine, process)
    process.send_signal(signal.SIGTERM)
    ran = said_by(process)
    assert ran.code == 128 + signal.SIGTERM
    assert ran.err.endswith("cleaner: stopped; the same command goes on with what is left to do\n")
    assert "Traceback" not in ran.err
    if cluster.engine == "ray":  # Dask cannot stop what has begun
        assert not list(place.rglob("*.writing"))


def a_worker_is_killed_in_mid_run(cluster: clusters.Cluster, place: Path, expected: dict[str, str]) -> None:
    assert cluster.alive() == 2
    process = clusters.run_on(cluster, place, cluster.engine)
    wait_until_at_work(place / cluster.engine, process)
    cluster.kill_worker()
    ran = said_by(process)
    assert ran.code == 0, ran.err
    clusters.refuse_other(place, cluster.engine, expected)


def no_worker_is_left(cluster: clusters.Cluster, place: Path, expected: dict[str, str]) -> None:
    name = f"{cluster.engine}-none"
    process = clusters.run_on(cluster, place, name, "--timeout", "2")
    wait_until_at_work(place / name, process)
    cluster.kill_worker()
    ran = said_by(process)
    assert ran.code == 1
    assert "is alive, and none came in 2 seconds (--timeout); the same command goes on" in ran.err
    assert "Traceback" not in ran.err
    cluster.add_worker()
    ran = said_by(clusters.run_on(cluster, place, name, "--log-format", "json"))
    assert ran.code == 0, ran.err
    told = [json.loads(line) for line in ran.err.strip().split("\n")]
    assert [entry["stage"] for entry in told if entry["event"] == "stage"][-1] == "dedup"
    clusters.refuse_other(place, name, expected)


@pytest.mark.parametrize("engine", PACKAGES)
def test_a_cluster_loses_its_workers(cleaner: Call, place: Path, expected: dict[str, str], engine: str) -> None:
    """One cluster for all of this, each part as the one before has left it: to start one takes longest."""
    needs(engine)
    with clusters.cluster_of(engine, 2) as cluster:
        an_error_in_a_job_is_said_as_it_is_here(cluster, place, cleaner)
        a_signal_cancels_what_is_to_be_done(cluster, place)
        a_worker_is_killed_in_mid_run(cluster, place, expected)
        no_worker_is_left(cluster, place, expected)


@pytest.mark.parametrize("engine", PACKAGES)
def test_a_cluster_of_this_machine_ends_with_the_run(place: Path, expected: dict[str, str], engine: str) -> None:
    needs(engine)
    import psutil

    mark = {"CLEANER_TEST": os.urandom(8).hex()}
    run = [sys.executable, "-m", "cleaner.cli", "run", "raw", f"own-{engine}/clean", "--config", "cleaner.toml"]
    environ = os.environ | clusters.EPOCH | mark | {"PYTHONPATH": str(clusters.ROOT)}
    ran = subprocess.run([*run, "--engine", engine, "--workers", "2"], cwd=place, env=environ, capture_output=True)
    assert ran.returncode == 0, ran.stderr
    clusters.refuse_other(place, f"own-{engine}", expected)

    def is_left(process: psutil.Process) -> bool:
        try:
            return process.status() != psutil.STATUS_ZOMBIE and mark.items() <= process.environ().items()
        except psutil.Error:
            return False

    until = time.monotonic() + 10
    while left := [process for process in psutil.process_iter() if is_left(process)]:
        assert time.monotonic() < until, left
        time.sleep(0.1)


def test_a_signal_waits_until_a_call_has_ended() -> None:
    done = []

    def stop(number: int, _: object) -> None:
        raise Stopped(number)

    @undisturbed()
    def call(error: Exception | None) -> None:
        signal.raise_signal(signal.SIGTERM)
        done.append(error)
        if error:
            raise error

    before = signal.signal(signal.SIGTERM, stop)
    try:
        for error in (None, LostError("of a job")):
            with pytest.raises(Stopped) as stopped:
                call(error)
            assert (done[-1], stopped.value.signal_number) == (error, signal.SIGTERM)
            assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("engine", PACKAGES)
def test_a_wrong_address_is_said_at_once(cleaner: Call, tmp_path: Path, engine: str) -> None:
    needs(engine)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.txt").write_text("水渠修好了。\n", encoding="utf-8")
    for address, said in (("127.0.0.1:9", "cluster at 127.0.0.1:9: "), ("auto", "auto is not HOST:PORT")):
        ran = cleaner("run", tmp_path / "raw", tmp_path / "clean", "--engine", engine, "--address", address)
        assert (ran.code, said in ran.err) == (2, True), ran.err


def test_a_missing_extra_is_named(cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda name: None)
    for engine in PACKAGES:
        ran = cleaner("run", tmp_path, tmp_path / "clean", "--engine", engine)
        assert (ran.code, f"pip install 'cleaner[{engine}]'" in ran.err) == (2, True)


def test_an_address_needs_an_engine(cleaner: Call, tmp_path: Path) -> None:
    ran = cleaner("run", tmp_path, tmp_path / "clean", "--address", "127.0.0.1:9")
    assert (ran.code, "it needs --engine ray or --engine dask" in ran.err) == (2, True)


# What is sent


def same(job: Any) -> Any:
    return job


def fail(job: Any) -> Any:
    raise job


class UnsendableError(Exception):
    def __init__(self) -> None:
        super().__init__("cannot be sent")
        self.lock = threading.Lock()


def test_paths_are_sent_as_absolute_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for kind in (str, Path):
        file = RawFile(kind("raw/a.txt"), "a.txt", 1)
        job = ShardJob(0, (file,), (Step("decode", Path("work")),), Config())
        sent = errand.perform(pack(same, job)[0], Terms.ours(), Sight(), "")
        step = Step("decode", tmp_path / "work")
        there = file._replace(place=kind(tmp_path / "raw/a.txt"))
        assert errand.unpack(sent) == dataclasses.replace(job, source=(there,), steps=(step,))


def test_what_all_jobs_have_in_common_is_sent_once() -> None:
    brought: list[bytes] = []
    shelf = Shelf(lambda common: brought.append(pickle.dumps(common)) or len(brought) - 1)
    joins = [Joins({"a": ("水",)}, {}), Joins({}, {"b": "a"})]
    jobs = [ShardJob(number, Path("a"), (), Config(), joins=joins[number % 2]) for number in range(4)]
    for job in jobs:
        sent_job, places = pack(same, job, shelf)
        assert places == [job.number % 2]
        sent = errand.perform(sent_job, Terms.ours(), Sight(), "", *(brought[place] for place in places))
        assert errand.unpack(sent).joins == job.joins
    assert len(brought) == 2


def test_what_jobs_have_in_common_is_made_once_in_a_process() -> None:
    joins = [Joins({"a": ("水",)}, {}), Joins({}, {"b": "a"}), None]
    shelf = Shelf(pickle.dumps)
    jobs = [ShardJob(number, Path("a"), (), Config(), joins=joins[number // 2]) for number in range(6)]
    done = [opened(*pack(same, job, shelf, is_far=False))[1] for job in jobs]
    assert done == jobs  # the paths as they were
    assert [one.joins is other.joins for one, other in itertools.pairwise(done)] == [True, False, True, False, True]
    assert not parcel.KEPT


def test_what_is_large_lies_in_a_file_as_long_as_the_pass_takes() -> None:
    small, large = (
        Answers(numbers, np.ones(3, bool), numbers[:1]) for numbers in (np.arange(2), np.arange(LARGE // 8))
    )
    with shelf_here() as shelf:
        jobs = [ShardJob(number, Path("a"), (), Config(), answers=large if number else small) for number in range(3)]
        parcels = [pack(same, job, shelf, is_far=False) for job in jobs]
        (beside,), (one,), (other,) = (places for _, places in parcels)
        assert (beside.arrays, one, one.sizes) == (None, other, (LARGE, 3, 8))
        assert all(len(pickle.dumps(parcel)) < LARGE // 8 for parcel in parcels)
        for job, (sent, places) in zip(jobs, parcels, strict=True):
            answers = opened(sent, places, fetched)[1].answers
            assert np.array_equal(answers.unbroken, job.answers.unbroken)
            for array in (answers.unbroken, answers.fours, answers.counts):
                # For others the kernels would be compiled once more.
                assert array.flags.writeable
                assert array.flags.aligned
        assert one.arrays.is_file()
    assert not one.arrays.exists()


def half_a_result(_: int) -> None:
    """A job whose worker dies while it writes what came of it."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None
        frame = frame.f_back
    frame.f_locals["result_queue"]._writer._send(struct.pack("!i", 1000) + b"half of it")
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_dies_while_it_writes_a_result_is_missed() -> None:
    program = (
        "from cleaner.engines import local; from tests.test_engines import half_a_result\n"
        "if __name__ == '__main__':\n"
        "    local.PATIENCE = 0.2\n"
        "    list(local.map_jobs(half_a_result, [1, 2, 3], 2, 'sketch'))\n"
    )
    # Neither does the pass wait for the other half, nor Python at its end.
    ran = subprocess.run([sys.executable, "-c", program], cwd=clusters.ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "BadDataError: a worker of the stage sketch was killed, most likely for want of memory" in ran.stderr


@pytest.mark.parametrize("error", [WrongUseError("so not"), BadDataError("broken"), OSError(28, "full"), KeyError("x")])
def test_errors_come_back_as_they_are(error: Exception) -> None:
    sent = errand.perform(pack(fail, error)[0], Terms.ours(), Sight(), "one")
    with pytest.raises(type(error)) as raised:
        errand.unpack(sent)
    assert raised.value.args == error.args
    expects = isinstance(error, KeyError)
    assert ["on one:" in note for note in getattr(raised.value, "__notes__", [])] == [True] * expects


def test_an_error_that_cannot_be_sent_is_told() -> None:
    sent = errand.told(UnsendableError(), "one")
    with pytest.raises(RuntimeError, match="UnsendableError: cannot be sent"):
        errand.unpack(sent)


def test_a_worker_with_other_versions_is_refused() -> None:
    ours = Terms.ours()
    for name in ("pyarrow", "python", "the code of cleaner"):
        theirs = Terms("lead", tuple((key, "0.1" if key == name else value) for key, value in ours.versions))
        with pytest.raises(WrongUseError) as refused:
            errand.unpack(errand.perform(b"", theirs, Sight(), "node-7"))
        said = f"{name} is 0.1 on lead, which leads the run, and {dict(ours.versions)[name]} on the worker node-7"
        assert said in str(refused.value)


def test_a_worker_that_does_not_see_the_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = Path("a.parquet")
    source.write_bytes(b"shard")
    with resuming_folder(Path("work"), "plan") as partial:
        sight = errand.look(ShardJob(0, source, (Step("repair", partial),), Config()))
        assert errand.unpack(errand.perform(b"", Terms.ours(), sight, "")) is None
        for other, path in (
            (sight._replace(size=4), tmp_path / source),
            (sight._replace(file=tmp_path / "b.parquet"), tmp_path / "b.parquet"),
            (sight._replace(plan=b"another"), tmp_path / partial),
            (sight._replace(folder=tmp_path / "elsewhere"), tmp_path / "elsewhere"),
        ):
            with pytest.raises(WrongUseError, match="does not see") as refused:
                errand.unpack(errand.perform(b"", Terms.ours(), other, "node-7"))
            assert f"the worker node-7 does not see {path} as " in str(refused.value)
    source.unlink()
    with pytest.raises(BadDataError, match=r"a\.parquet is gone"):
        errand.look(ShardJob(0, source, (Step("repair", Path("work")),), Config()))


def test_the_first_file_of_each_kind_of_job(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    file = RawFile(path, "a.txt", 1)
    for job in (path, [file], (path, Config().dedup), ShardJob(0, (file,), (), Config())):
        assert errand.first_input(job) == path
    assert errand.first_input([]) is None


# Threads of the leading process


@pytest.mark.parametrize("count", [1, 2, 5])
def test_results_of_threads_come_in_order(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    def work(item: int) -> tuple[int, int]:
        time.sleep(0.02 * (item % 3 == 0))  # some end after those that began later
        return item, threading.get_ident()

    monkeypatch.setattr(engines.IN_USE, "threads", count)
    found = list(in_threads(work, range(20)))
    assert [item for item, _ in found] == list(range(20))
    used = {thread for _, thread in found}
    assert used == {threading.get_ident()} if count == 1 else threading.get_ident() not in used and len(used) > 1


@pytest.mark.parametrize("count", [1, 2])
def test_what_fails_in_a_thread_is_raised_and_the_rest_is_left(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    begun = list[int]()

    def work(item: int) -> None:
        begun.append(item)
        time.sleep(0.01)
        if item == 3:
            raise OSError("no space is left")

    monkeypatch.setattr(engines.IN_USE, "threads", count)
    with pytest.raises(OSError, match="no space"):
        list(in_threads(work, range(1000)))
    assert 4 <= len(begun) < 50


def test_there_are_as_many_threads_as_processes_while_an_engine_is_in_use() -> None:
    assert engines.IN_USE.threads == 1
    with engines.engine(engines.Place(engines.Engine.local, workers=3)):
        assert engines.IN_USE.threads == 3
    assert engines.IN_USE.threads == 1
