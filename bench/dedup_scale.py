"""How time and memory of the decisions about copies grow with the number of documents.

    python bench/dedup_scale.py [--documents 100000 --documents 1000000]

Made sketches of short made texts, a fifth of them copies with one wrong character; each size in a process of its own.
Memory is what the process grows by over the texts themselves.
"""

import multiprocessing
import resource
import time
from typing import Annotated

import numpy as np
import pyarrow as pa
import typer

from cleaner.config import DedupConfig
from cleaner.dedup.copies import STAYS, find_copies, permutations_of
from cleaner.document import Sketches

LENGTH = 60  # characters of a text
COPIES = 5  # every fifth text is a copy
CONFIG = DedupConfig()


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


def main(
    documents: Annotated[list[int] | None, typer.Option(help="Number of documents; may be given again.")] = None,
) -> None:
    for count in documents or [100_000, 1_000_000]:
        context = multiprocessing.get_context("spawn")
        answer: multiprocessing.Queue[tuple[float, float, int]] = context.Queue()
        process = context.Process(target=decide, args=(count, answer))
        process.start()
        seconds, size, gone = answer.get()
        process.join()
        told = f"{seconds:7.2f} s, {size:6.0f} bytes a document, {gone:,} of {count // COPIES:,} gone"
        print(f"{count:10,} documents: {told}")


if __name__ == "__main__":
    typer.run(main)
