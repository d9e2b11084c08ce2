"""How time and memory of the decisions about copies grow with the number of documents.

    python bench/dedup_scale.py [--documents 100000 --documents 1000000]
    python bench/dedup_scale.py --in-groups --documents 5000000 [--memory 4GB] [--folder DIR] [--permutations 64]

At once: made sketches of short made texts, a fifth of them copies with one wrong character. In groups, as dedup does it
beyond memory: made signatures without texts, a fifth of them copies with one wrong value of 32, and a fiftieth
of all begin alike, as boilerplate does, which makes one huge group of them. What is planted must be found, and nothing
else. It takes 800 bytes of disk for each document. Each size runs in a process of its own; at once, memory is what that
grows by over the texts themselves, and in groups what all processes hold together.
"""

import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import typer
from measured import Watch, family, memory_of, read

from cleaner import memory
from cleaner.config import DedupConfig
from cleaner.dedup.by_groups import decided
from cleaner.dedup.copies import STAYS, find_copies, permutations_of
from cleaner.dedup.shared_bands import Comparison, Part, grouped
from cleaner.document import Sketches
from cleaner.engines.local import stop_workers
from cleaner.jobs import run_jobs

LENGTH = 60  # characters of a text
COPIES = 5  # every fifth text is a copy
WRONG = 32  # of so many values of its signature one is wrong
HOT = 50  # every so many-th signature begins like all such
PART = 50_000  # documents
CONFIG = DedupConfig()
BYTES = 900  # of disk for each
TICKS = os.sysconf("SC_CLK_TCK")


def made(documents: int) -> tuple[np.ndarray, Sketches]:
    """Folded texts of shape (documents, LENGTH), and their sketches."""
    from cleaner.kernels.minhash import signatures

    rng = np.random.default_rng(1)
    points = rng.integers(0x4E00, 0x9000, (documents, LENGTH), dtype=np.uint32)
    copies = np.arange(COPIES - 1, documents, COPIES)
    points[copies] = points[copies - rng.integers(1, COPIES, len(copies))]
    points[copies, -1] = ord("错")
    ends = np.arange(LENGTH, LENGTH * (documents + 1), LENGTH)
    found = signatures(points.reshape(-1), ends, CONFIG.shingle, *permutations_of(CONFIG.permutations))
    ids = pa.array([f"{number:020x}" for number in range(documents)])
    lengths = np.full(documents, LENGTH)
    digests = points[:, :4].copy().view(np.uint64) + np.arange(documents, dtype=np.uint64)[:, None]
    return points, Sketches(ids, ids, lengths, np.zeros(documents, dtype=np.bool_), lengths, digests, found)


def decide(documents: int, answer: "multiprocessing.Queue[tuple[float, float, int]]") -> None:
    """Time the decisions about so many documents."""
    find_copies(made(100)[1], lambda wanted: whole(made(100)[0], wanted), CONFIG)  # the kernels are loaded
    points, known = made(documents)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    copies = find_copies(known, lambda wanted: whole(points, wanted), CONFIG)
    seconds = time.perf_counter() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    held = known.signatures.nbytes + known.digests.nbytes + known.ids.nbytes * 2 + 17 * documents
    answer.put((seconds, (grown + held) / documents, int((copies.keeper != STAYS).sum())))


def whole(points: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    starts = np.arange(len(points)) * LENGTH
    return points.reshape(-1), starts, np.where(wanted, starts + LENGTH, starts)


# In groups


def bases_of(numbers: np.ndarray) -> np.ndarray:
    """The document that each is a copy of, anywhere before it in the corpus; itself if it is none."""
    drawn = hashed(numbers.astype(np.uint64)) % np.maximum(numbers, 1).astype(np.uint64)
    base = drawn.astype(np.int64) // COPIES * COPIES + drawn.astype(np.int64) % (COPIES - 1)
    return np.where((numbers % COPIES == COPIES - 1), np.minimum(base, numbers - 1), numbers)


def hashed(values: np.ndarray) -> np.ndarray:
    """Numbers that look drawn by chance (SplitMix64), so that any part can be made by itself."""
    values = (values + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def make_part(job: tuple[Path, int, int, int]) -> None:
    """Write the signatures of one part."""
    path, first, last, permutations = job
    wrong = permutations // WRONG
    with path.open("wb") as file:
        for start in range(first, last, 5000):
            numbers = np.arange(start, min(start + 5000, last))
            bases = bases_of(numbers)
            cells = bases.astype(np.uint64)[:, None] * np.uint64(permutations)
            signatures = hashed(cells + np.arange(permutations, dtype=np.uint64)).astype(np.uint32)
            signatures[bases % HOT == 0, :8] = 7
            copies = np.flatnonzero(bases != numbers)
            for at in range(wrong):
                places = hashed((numbers[copies] * wrong + at).astype(np.uint64)) % np.uint64(permutations)
                signatures[copies, places.astype(np.int64)] ^= np.uint32(1)
            file.write(signatures.tobytes())


def processor_time() -> float:
    """Seconds of processor time of this process and of all that it started and that are there."""
    stats = [read(Path(f"/proc/{process}/stat")).rpartition(")")[2].split() for process in family(os.getpid())]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats if stat) / TICKS


class Steps:
    """Runs jobs, and tells what every step takes."""

    def __init__(self, workers: int) -> None:
        self.workers, self.pairs, self.start, self.processor = workers, 0, time.perf_counter(), processor_time()

    def run(self, function: Callable[[Any], Any], jobs: list[Any], name: str) -> list[Any]:
        self.tell("between")
        found = run_jobs(function, jobs, self.workers, name)
        self.pairs += sum(found) if name == "pairs" else 0
        self.tell(f"{name}, {len(jobs):,} jobs")
        return found

    def tell(self, name: str) -> None:
        now, processor = time.perf_counter(), processor_time()
        print(f"    {name:30} {now - self.start:8.1f} s {processor - self.processor:8.1f} CPU s", flush=True)
        self.start, self.processor = now, processor


def decide_in_groups(documents: int, workers: int, place: Path, config: DedupConfig) -> None:
    """Decide about so many made signatures, and tell what it takes."""
    steps, watch, begun = Steps(workers), Watch(partial(memory_of, os.getpid())), time.perf_counter()
    firsts = range(0, documents, PART)
    parts = [Part(place / f"{first:012}.scratch", None, min(PART, documents - first)) for first in firsts]
    jobs = [
        (part.signatures, first, first + part.rows, config.permutations)
        for part, first in zip(parts, firsts, strict=True)
    ]
    steps.run(make_part, jobs, "made")
    made_by = time.perf_counter()
    processor = processor_time()
    (place / "groups").mkdir()
    comparison = Comparison(parts, 0, config, place / "groups", steps.run)
    order = np.arange(documents)
    groups = grouped(order, comparison)
    steps.tell("components")
    found = decided(order, groups, comparison)
    took, used = time.perf_counter() - made_by, processor_time() - processor
    planted = order[COPIES - 1 :: COPIES]
    is_right = len(found.numbers) == len(planted) and bool((found.numbers == planted).all())
    is_right = is_right and bool((found.keepers == bases_of(planted)).all())
    sizes = np.unique(groups.least, return_counts=True)[1]
    print(
        f"{documents:,} documents: {took:.1f} s, {used:.1f} CPU s, made in {made_by - begun:.1f} s; "
        f"at most {memory.told_size(watch.stop())} held by all processes\n    {steps.pairs:,} pairs, {len(sizes):,} "
        f"groups of {sizes.sum():,} documents, the largest of {sizes.max():,}; {len(found.numbers):,} go, "
        + ("all that were planted and no other" if is_right else f"NOT the {len(planted):,} that were planted")
    )
    stop_workers()
    if not is_right:
        sys.exit(1)


def in_place(documents: int, allowed: str, folder: Path | None, permutations: int) -> None:
    """Decide in groups, in a folder that is gone afterwards."""
    workers = memory.limited(memory.read_size(allowed), 2, 10**6)
    with tempfile.TemporaryDirectory(dir=folder, prefix="dedup-scale-") as place:
        needed = BYTES * documents * permutations // CONFIG.permutations
        if shutil.disk_usage(place).free < needed:
            sys.exit(f"there are less than {memory.told_size(needed)} free in {place}")
        decide_in_groups(documents, workers, Path(place), DedupConfig(permutations=permutations))


def main(
    documents: Annotated[list[int] | None, typer.Option(help="Number of documents; may be given again.")] = None,
    in_groups: Annotated[bool, typer.Option("--in-groups", help="As beyond memory.")] = False,
    allowed: Annotated[str, typer.Option("--memory", help="Memory for all processes.")] = "4GB",
    folder: Annotated[Path | None, typer.Option(help="Place for scratch files.")] = None,
    permutations: Annotated[int, typer.Option(help="Values of a signature, in groups.")] = CONFIG.permutations,
) -> None:
    context = multiprocessing.get_context("spawn")
    for count in documents or [100_000, 1_000_000]:
        if in_groups:
            process = context.Process(target=in_place, args=(count, allowed, folder, permutations))
            process.start()
            process.join()
            if process.exitcode:
                raise typer.Exit(1)
            continue
        answer: multiprocessing.Queue[tuple[float, float, int]] = context.Queue()
        process = context.Process(target=decide, args=(count, answer))
        process.start()
        seconds, size, gone = answer.get()
        process.join()
        told = f"{seconds:7.2f} s, {size:6.0f} bytes a document, {gone:,} of {count // COPIES:,} gone"
        print(f"{count:10,} documents: {told}")


if __name__ == "__main__":
    typer.run(main)
