"""What a command costs: wall time, and processor time and memory of all its processes, seen from outside.

The processor time is what the kernel says of the command and of every process that it waited for; or, where that is
less, what all its processes had taken when they were last looked at: it does not wait for workers. The memory is the
most that all of them held at one moment (proportional set size: what two share counts once), looked at every
INTERVAL seconds, or the most that one of them held, whichever is more. Linux only.
"""

import functools
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.1  # seconds
KILO = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall and of processor time, bytes, and the exit code."""

    wall: float
    processor: float
    peak: int
    code: int


class CommandError(Exception):
    """A command that failed, with the end of what it said."""


def cost_of(command: Sequence[str | Path], folder: Path, env: Mapping[str, str], cores: int | None = None) -> Cost:
    """Run a command in a folder, on the first so many of the cores that this process has. Raises CommandError."""
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    said = folder / ".said"
    with said.open("wb") as stream:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*map(str, command)], cwd=folder, env=dict(env), stdout=stream, stderr=stream, stdin=subprocess.DEVNULL
        )
        os.sched_setaffinity(process.pid, allowed)
        spent = dict[int, float]()
        watch = Watch(functools.partial(held_and_spent, process.pid, spent))
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    peak = max(watch.stop(), usage.ru_maxrss * KILO)
    if process.returncode:
        raise CommandError(f"{' '.join(map(str, command))}: {said.read_text(errors='replace')[-2000:]}")
    processor = max(usage.ru_utime + usage.ru_stime, sum(spent.values()))
    return Cost(wall, processor, peak, process.returncode)


class Watch:
    """Measures something in bytes again and again until it is stopped."""

    def __init__(self, measure: Callable[[], int]) -> None:
        self.measure, self.peak, self.is_over = measure, 0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self) -> None:
        while not self.is_over.wait(INTERVAL):
            self.peak = max(self.peak, self.measure())

    def stop(self) -> int:
        """The most that was measured."""
        self.is_over.set()
        self.thread.join()
        return self.peak


def held_and_spent(process: int, spent: dict[int, float]) -> int:
    """The bytes that a process and its descendants hold; `spent` is told the processor time of each, in seconds."""
    there = family(process)
    spent.update((one, seconds) for one in there if (seconds := seconds_of(one)))
    return sum(map(held_by, there))


def memory_of(process: int) -> int:
    """The bytes that a process and its descendants hold."""
    return sum(map(held_by, family(process)))


def family(process: int) -> list[int]:
    """A process and all that it started, and they did."""
    found = [process]
    for one in found:
        for path in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, read(path).split())
    return found


def seconds_of(process: int) -> float:
    """The processor time of a process, proc(5); 0 when it is gone."""
    fields = read(Path(f"/proc/{process}/stat")).rpartition(") ")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def held_by(process: int) -> int:
    """The proportional set size in bytes; 0 when the process is gone."""
    for line in read(Path(f"/proc/{process}/smaps_rollup")).split("\n"):
        if line.startswith("Pss:"):
            return int(line.split()[1]) * KILO
    return 0


def read(path: Path) -> str:
    """What a file of /proc says; empty when its process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""
