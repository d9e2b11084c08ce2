"""Clusters of processes on this machine, whose workers are killed (-9) at seeded moments: runs must end the same.

python -m tests.faults.cluster --moments 10 [--seed 1] [--engine ray]

Each worker has a folder of its own to be in, as on machines of their own.
"""

import contextlib
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from tests.conftest import ROOT
from tests.faults.corpus import SETTINGS, digests, make_raw, refuse_half_versions

STARTED = 60.0  # seconds in which a process of a cluster must be up
QUICK = {"RAY_health_check_period_ms": "500", "RAY_health_check_timeout_ms": "1000"}  # to see that a node is dead
ALIVE = {  # programs that say how many workers there are
    "ray": """
import ray
ray.init(address={!r}, log_to_driver=False)
print(sum("CPU" in node["Resources"] for node in ray.nodes() if node["Alive"]))
""",
    "dask": """
from distributed import Client
print(len(Client({!r}).scheduler_info()["workers"]))
""",
}
EPOCH = {"SOURCE_DATE_EPOCH": "1795348800"}


@dataclass
class Cluster:
    """The processes of a cluster: the one that leads it, and its workers."""

    engine: str
    place: Path
    environ: dict[str, str]
    address: str = ""
    lead: list[subprocess.Popen[str]] = field(default_factory=list)
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def started(self, name: str, said: str, *command: str) -> subprocess.Popen[str]:
        """Start a process in a folder of its own, and wait until it has said that it is up."""
        folder = self.place / name
        folder.mkdir()
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=folder,
                stdout=log,
                stderr=log,
                env=self.environ,
                text=True,
                start_new_session=True,
            )
        until = time.monotonic() + STARTED
        while said not in (folder / "log").read_text(encoding="utf-8"):
            assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text(encoding="utf-8")
            time.sleep(0.1)
        return process

    def add_worker(self) -> None:
        """Let one more worker join."""
        name = f"worker-{len(list(self.place.iterdir()))}"
        if self.engine == "ray":
            ray = ("ray.scripts.scripts", "start", f"--address={self.address}", "--num-cpus=1", f"--node-name={name}")
            self.workers.append(self.started(name, "Ray runtime started", *ray, "--block"))
        else:
            dask = ("distributed.cli.dask_worker", self.address, "--nthreads=1", f"--name={name}", "--no-dashboard")
            local = f"--local-directory={self.place / name}"
            self.workers.append(self.started(name, "Registered to", *dask, local))

    def alive(self) -> int:
        """How many workers the cluster itself takes to be alive."""
        program = [sys.executable, "-c", ALIVE[self.engine].format(self.address)]
        ran = subprocess.run(program, env=self.environ, capture_output=True, text=True, check=True)
        return int(ran.stdout)

    def kill_worker(self) -> None:
        """Kill a worker with all its processes, at once."""
        end([self.workers.pop(0)])


def end(processes: list[subprocess.Popen[str]]) -> None:
    """Kill processes with all that they have started, by their ids."""
    import psutil

    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
            for one in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.send_signal(signal.SIGSTOP)  # so that none has time to see that another is gone
            for one in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
        process.wait()


@contextlib.contextmanager
def cluster_of(engine: str, workers: int) -> Iterator[Cluster]:
    """A cluster of processes of this machine, which are gone at the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = Path(tempfile.mkdtemp(prefix=engine, dir="/tmp"))  # Ray's sockets must have short paths
    own = {"PYTHONPATH": str(ROOT), "RAY_TMPDIR": str(place / "tmp"), "RAY_AUTH_MODE": "token"}
    own |= {"RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}
    cluster = Cluster(engine, place, os.environ | QUICK | EPOCH | own)
    try:
        if engine == "ray":
            head = ("--head", "--num-cpus=0", f"--port={port}", "--include-dashboard=false", "--block")
            cluster.lead.append(cluster.started("head", "Ray runtime started", "ray.scripts.scripts", "start", *head))
            said = (place / "head/log").read_text(encoding="utf-8")
            cluster.address = said.partition("ray start --address='")[2].partition("'")[0]
        else:
            scheduler = ("--host=127.0.0.1", f"--port={port}", "--no-dashboard")
            lead = cluster.started("head", "Scheduler at", "distributed.cli.dask_scheduler", *scheduler)
            cluster.lead.append(lead)
            cluster.address = f"127.0.0.1:{port}"
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        end([*cluster.workers, *cluster.lead])
        shutil.rmtree(place, ignore_errors=True)


def run_on(cluster: Cluster, place: Path, name: str, *more: str) -> subprocess.Popen[str]:
    """Start a run on a cluster, over the raw texts of a place, with paths that lead on from there."""
    run = [sys.executable, "-m", "cleaner.cli", "run", "raw", f"{name}/clean", "--work", f"{name}/work"]
    run += ["--config", "cleaner.toml", "--engine", cluster.engine, "--address", cluster.address, *more]
    return subprocess.Popen(
        run, cwd=place, env=cluster.environ, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def make_place(place: Path) -> dict[str, str]:
    """Raw texts and settings, and what must become of them: by processes of this machine."""
    make_raw(place / "raw", files=40)
    (place / "cleaner.toml").write_text(SETTINGS, encoding="utf-8")
    run = [
        sys.executable,
        "-m",
        "cleaner.cli",
        "run",
        "raw",
        "whole/clean",
        "--config",
        "cleaner.toml",
        "--workers",
        "1",
    ]
    environ = os.environ | EPOCH | {"PYTHONPATH": str(ROOT)}
    subprocess.run([*run, "--workers", "1"], cwd=place, check=True, stderr=subprocess.DEVNULL, env=environ)
    return digests(place / "whole/clean")


def refuse_other(place: Path, name: str, expected: dict[str, str]) -> None:
    """Raise AssertionError unless a run has ended with these bytes, and with no others."""
    refuse_half_versions(place / name / "clean")
    found = digests(place / name / "clean")
    assert found == expected, sorted(found.items() ^ expected.items())
    left = [path.name for path in (place / name).rglob(".*")]
    assert not left, left


def survive(place: Path, moments: int, seed: int, engine: str) -> int:
    """Kill a worker in so many runs. Returns how many of them were still at work when the moment came."""
    rng = random.Random(seed)
    expected = make_place(place)
    caught, lasts = 0, 20.0
    with cluster_of(engine, 2) as cluster:
        for moment in range(moments + 1):
            assert cluster.alive() == 2
            start = time.monotonic()
            process = run_on(cluster, place, "run")
            if moment:  # the first is let alone, to see how long it lasts
                time.sleep(rng.uniform(0.1, lasts))
                caught += process.poll() is None
                assert [worker.poll() for worker in cluster.workers] == [None, None]
                cluster.kill_worker()
            _, said = process.communicate()
            assert process.returncode == 0, said
            lasts = lasts if moment else time.monotonic() - start
            refuse_other(place, "run", expected)
            shutil.rmtree(place / "run")
            if moment:
                cluster.add_worker()
                while cluster.alive() != 2:
                    time.sleep(0.5)
    return caught


def main(
    moments: Annotated[int, typer.Option(help="In how many runs a worker is killed.")] = 10,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 1,
    engine: Annotated[str, typer.Option(help="ray or dask.")] = "ray",
) -> None:
    """Kill workers and say how many runs survived it."""
    with tempfile.TemporaryDirectory() as place:
        caught = survive(Path(place), moments, seed, engine)
    typer.echo(f"a worker killed in {moments} runs, in {caught} before they had ended; all ended with the same bytes")


if __name__ == "__main__":
    typer.run(main)
