"""Near copies among more documents than signatures fit in memory: candidates are split into groups that share bands.

Whether a document goes depends on those it shares a band with, on those that these share one with, and on no others.
So the documents fall into groups, each of which is decided by itself as all of them together would be (`copies`):

1. The keys of all bands are written to sorted files, one for a million documents (`files.band_runs`).
2. Slice by slice of the keys, documents that share one are found (`shared_bands`). Of n come n - 1 pairs, the first
   of them with each other: what a million documents begin with gives a million pairs and not their square.
3. The pairs are joined to groups (`components`), and groups are put together to batches of a size that fits in memory.
4. Signatures and folded texts of the candidates are dealt out to the batches, each shard being read once.
5. The batches are decided.

Steps 1, 2, 4 and 5 are jobs on paths. Of all documents some twenty bytes each are held, of candidates some fifty; and
of one batch signatures and texts, in files that are mapped into memory: a batch that is one huge group needs 300 bytes
for each of its members.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaner.config import DedupConfig
from cleaner.dedup.components import Components
from cleaner.dedup.copies import STAYS, Flags, Scores, find_near
from cleaner.dedup.folding import Offsets, fold_column
from cleaner.dedup.shared_bands import Comparison, Numbers, Part, grouped
from cleaner.files import open_whole
from cleaner.files.aside import read_aside
from cleaner.files.scratch import Span, gathered_words, read_signatures, remove_scratch
from cleaner.files.tables import read_batches

BATCH_BYTES = 250_000_000
PER_CANDIDATE = 900  # bytes: its signature, and what is noted on its bands


class Near(NamedTuple):
    """The documents that go, in ascending order, the one that stays for each, and how alike both are."""

    numbers: Offsets
    keepers: Offsets
    scores: npt.NDArray[np.float64]


def near_by_groups(order: Offsets, comparison: Comparison) -> Near:
    """Of documents that all differ, those to keep first, the ones that go: the same as by `copies.find_near`."""
    remove_scratch(comparison.folder)  # an interrupted run may have left something
    comparison.folder.mkdir()
    groups = grouped(order, comparison) if len(order) else Components(*np.zeros((2, 0), dtype=np.uint32))
    found = decided(order, groups, comparison)
    remove_scratch(comparison.folder)
    return found


def near_in_parts(comparison: Comparison, order: Offsets) -> tuple[npt.NDArray[np.int32], Scores]:
    """The same for all documents, as `copies.find_near` says it: which one stays in place of each, and how alike."""
    count = sum(part.rows for part in comparison.parts)
    found = near_by_groups(order, comparison)
    keeper, scores = np.full(count, STAYS, dtype=np.int32), np.zeros((count, 2))
    keeper[found.numbers], scores[found.numbers] = found.keepers, found.scores
    return keeper, scores


def decided(order: Offsets, groups: Components, comparison: Comparison) -> Near:
    """What is decided about all groups."""
    found = [Near(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2)))]
    if len(groups.members):
        found += comparison.run(decide_batch, list(batch_jobs(order, groups, comparison)), "compare")
    numbers, keepers, scores = (np.concatenate(column) for column in zip(*found, strict=True))
    by_number = np.argsort(numbers)
    return Near(numbers[by_number], keepers[by_number], scores[by_number])


# Batches of groups


class DealJob(NamedTuple):
    """Deal out signatures and folded texts of the candidates of one part: `batches` says to which batch each goes."""

    signatures: Path
    points: Path
    part: Part
    candidates: Flags
    batches: Offsets
    permutations: int


class BatchJob(NamedTuple):
    """Decide about the candidates of one batch."""

    folder: Path
    numbers: Offsets  # in ascending order
    order: Offsets  # their places in it, those to keep first
    sizes: Offsets  # of their folded texts
    files: tuple[list[Span], list[Span]]  # signatures, and folded texts
    earlier: int
    config: DedupConfig


def batch_jobs(order: Offsets, groups: Components, comparison: Comparison) -> Iterator[BatchJob]:
    """Put the groups into batches, and what is needed of their members into files."""
    batches = batches_of(groups, comparison)
    jobs = deal_jobs(groups, batches, comparison)
    sizes = comparison.run(deal_out, jobs, "candidates")
    spans, every = spans_by_batch(jobs, sizes), np.concatenate(sizes)
    by_batch = np.argsort(batches, kind="stable")
    counts = np.bincount(batches)
    ends = np.cumsum(counts)
    within = np.empty(len(batches), dtype=np.int64)  # the place of each candidate in its batch
    within[by_batch] = np.arange(len(batches)) - np.repeat(ends - counts, counts)
    places = np.searchsorted(groups.members, order[are_in(order, groups.members)].astype(np.uint32))
    ranked = within[places[np.argsort(batches[places], kind="stable")]]
    for batch in np.flatnonzero(counts).tolist():
        here = slice(ends[batch] - counts[batch], ends[batch])
        numbers = groups.members[by_batch[here]].astype(np.int64)
        earlier = int(np.searchsorted(numbers, comparison.earlier))
        yield BatchJob(
            comparison.folder, numbers, ranked[here], every[by_batch[here]], spans[batch], earlier, comparison.config
        )


def are_in(order: Offsets, members: Numbers) -> Flags:
    """Which documents in `order` are members."""
    found = np.zeros(int(order.max()) + 1, dtype=np.bool_)
    found[members] = True
    return found[order]


def deal_jobs(groups: Components, batches: Offsets, comparison: Comparison) -> list[DealJob]:
    """The jobs that deal out the candidates of each part."""
    firsts = np.cumsum([0, *(part.rows for part in comparison.parts)])
    cuts = np.searchsorted(groups.members, firsts)
    jobs: list[DealJob] = []
    for number, part in enumerate(comparison.parts):
        here = slice(cuts[number], cuts[number + 1])
        candidates = np.zeros(part.rows, dtype=np.bool_)
        candidates[groups.members[here] - firsts[number]] = True
        signatures, points = (comparison.folder / f"{kind}-{number:05}.scratch" for kind in ("signatures", "points"))
        jobs.append(DealJob(signatures, points, part, candidates, batches[here], comparison.config.permutations))
    return jobs


def batches_of(groups: Components, comparison: Comparison) -> Offsets:
    """The batch of each candidate: groups are taken one after the other; each is in the batch that it begins in."""
    by_group = np.argsort(groups.least, kind="stable")
    weights = np.full(len(by_group), PER_CANDIDATE)
    if comparison.folded is not None:
        weights += 4 * comparison.folded[groups.members[by_group]]
    begins = np.flatnonzero(np.append(True, np.diff(groups.least[by_group]) != 0))
    batch = (np.cumsum(weights) - weights)[begins] // BATCH_BYTES
    found = np.empty(len(by_group), dtype=np.int64)
    found[by_group] = np.repeat(batch, np.diff(begins, append=len(by_group)))
    return found


def deal_out(job: DealJob) -> Offsets:
    """Write signatures and folded texts of the candidates of one part by batch; the sizes of the texts, in order."""
    by_batch = np.argsort(job.batches, kind="stable")
    signatures = np.zeros((0, job.permutations), dtype=np.uint32)
    points, ends = [np.zeros(0, dtype=np.uint32)], [np.zeros(0, dtype=np.int64)]
    if len(by_batch):
        signatures = read_signatures(job.part.signatures, job.permutations)
        for texts in candidate_texts(job):
            folded = fold_column(texts)
            points.append(folded.points)
            ends.append(np.diff(folded.ends, prepend=0))
    with open_whole(job.signatures) as file:
        file.write(signatures[np.flatnonzero(job.candidates)[by_batch]].tobytes())
    sizes = np.concatenate(ends)
    if not len(sizes):
        sizes = np.zeros(len(by_batch), dtype=np.int64)  # there are no texts
    pieces = np.split(np.concatenate(points), np.cumsum(sizes)[:-1])
    with open_whole(job.points) as file:
        file.writelines(pieces[place].tobytes() for place in by_batch.tolist())
    return sizes


def candidate_texts(job: DealJob) -> Iterator[Any]:
    """The texts of the candidates of one part, as Arrow columns; nothing if they are not there."""
    path = job.part.texts
    if path is None or not path.is_file():
        return
    if path.suffix == ".scratch":
        yield from (batch.column("text") for batch in read_aside(path, job.candidates))
        return
    first = 0
    for batch in read_batches(path, ["text"]):
        here = job.candidates[first : first + batch.num_rows]
        first += batch.num_rows
        if here.any():
            yield batch.filter(pa.array(here)).column("text")


def spans_by_batch(jobs: list[DealJob], sizes: list[Offsets]) -> dict[int, tuple[list[Span], list[Span]]]:
    """Where signatures and folded texts of each batch are."""
    found: dict[int, tuple[list[Span], list[Span]]] = {}
    for job, some in zip(jobs, sizes, strict=True):
        by_batch = np.argsort(job.batches, kind="stable")
        batches, rows = np.unique(job.batches, return_counts=True)
        ends = np.cumsum(rows)
        points = np.append(0, np.cumsum(some[by_batch]))
        for batch, start, end in zip(batches.tolist(), (ends - rows).tolist(), ends.tolist(), strict=True):
            signatures, texts = found.setdefault(batch, ([], []))
            signatures.append(Span(job.signatures, start * job.permutations, (end - start) * job.permutations))
            texts.append(Span(job.points, int(points[start]), int(points[end] - points[start])))
    return found


def decide_batch(job: BatchJob) -> Near:
    """Decide about the candidates of one batch."""
    signatures, points = (
        gathered_words(spans, job.folder / f"{kind}-of-{job.numbers[0]}.scratch")
        for kind, spans in zip(("signatures", "points"), job.files, strict=True)
    )
    ends = np.cumsum(job.sizes)
    found, alike = find_near(
        signatures.reshape(-1, job.config.permutations),
        job.order, job.earlier, lambda _: (points, ends - job.sizes, ends), job.config,
    )  # fmt: skip
    gone = np.flatnonzero(found != STAYS)
    return Near(job.numbers[gone], job.numbers[found[gone]], alike[gone])
