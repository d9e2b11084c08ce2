"""A look over a whole corpus: the numbers that the reports of the stages do not have, and which documents to show.

Goes through every file once, column by column; no text is kept. Shards are looked at by several processes, and what
they found is added up in their order. What is chosen here is fetched by `story`, which reads only those rows.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.counts import kind_of
from cleaner.document import Reading
from cleaner.files.columns import ROWS_OF_LEDGER, ROWS_OF_TEXT, lengths, read_columns
from cleaner.files.corpus import Corpus
from cleaner.files.tables import count_rows, read_batches
from cleaner.jobs import run_jobs
from cleaner.report.holdings import Holdings, hold, spread
from cleaner.report.sample import Smallest, keys_of, smallest
from cleaner.verify.batches import shards_of

Cells = npt.NDArray[np.int64]

EXAMPLES = 8  # documents from which a rule has its examples
MANY_EDITS = 20_000  # of one rule in one document: it is an example only if there is no other
DOCUMENTS = 240  # of those that are kept
DROPS_PER_KIND = 8
CLUSTERS, LARGEST = 24, 8  # shown; of these, the largest of all
DOUBTFUL = 12  # files that were read with the least confidence

# Upper bounds of the bins of a histogram, each holding what is less.
LENGTHS = tuple(step * 10**power for power in range(8) for step in (1, 2, 5))  # characters of a document
CONFIDENCES = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)


@dataclass(slots=True)
class Survey:
    """What was counted and chosen. Histograms have one cell more than bounds."""

    before: Cells = field(default_factory=lambda: np.zeros(len(LENGTHS) + 1, dtype=np.int64))  # of all that was read
    after: Cells = field(default_factory=lambda: np.zeros(len(LENGTHS) + 1, dtype=np.int64))  # of what is kept
    untouched: int = 0  # documents that are kept as they were read
    confidences: Cells = field(default_factory=lambda: np.zeros(len(CONFIDENCES) + 1, dtype=np.int64))
    doubtful: Smallest[Reading] = field(default_factory=lambda: Smallest(DOUBTFUL))
    examples: dict[tuple[str, str], Smallest[str]] = field(default_factory=dict)  # ids, by stage and rule
    documents: Smallest[str] = field(default_factory=lambda: Smallest(DOCUMENTS))
    drops: dict[tuple[str, str], Smallest[str]] = field(default_factory=dict)  # ids, by stage and kind of reason
    victims: Counter[str] = field(default_factory=Counter)  # how many documents went for one that stays, by its id
    held: Holdings = field(default_factory=Holdings)  # what the card wants to know
    edits: dict[str, tuple[int, int]] = field(default_factory=dict)  # of the documents chosen: edits, characters read

    def clusters(self) -> list[str]:
        """The documents in whose place others went: the largest groups first, then some of all the others."""
        ordered = sorted(self.victims, key=lambda name: (-self.victims[name], name))
        rest = ordered[LARGEST:]
        chosen = [rest[place] for _, place in smallest(rest, "cluster", CLUSTERS - LARGEST)]
        return ordered[:LARGEST] + sorted(chosen, key=ordered.index)

    def add(self, later: "Survey") -> None:
        """Count in what was found in a later shard."""
        for name in ("before", "after", "untouched", "confidences"):
            setattr(self, name, getattr(self, name) + getattr(later, name))
        self.doubtful.add(later.doubtful)
        self.documents.add(later.documents)
        for key, sample in later.examples.items():
            self.examples.setdefault(key, Smallest(EXAMPLES)).add(sample)
        for key, sample in later.drops.items():
            self.drops.setdefault(key, Smallest(DROPS_PER_KIND)).add(sample)
        self.victims.update(later.victims)
        self.held.add(later.held)
        self.edits |= later.edits


@dataclass(slots=True)
class Changes:
    """What was done to each document of a shard: how many edits, and by how many characters they shortened it."""

    edits: Counter[str] = field(default_factory=Counter)
    shortened: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class SurveyJob:
    """One shard, and the numbers of those of its documents whose beginnings are shown."""

    corpus: Corpus  # with the files of this shard only
    wanted: frozenset[int]

    @property
    def source(self) -> list[Path]:
        """The files whose bytes are told of while it goes on."""
        return self.corpus.stages[-1].documents


def survey(corpus: Corpus, workers: int = 1) -> Survey:
    """Look over the whole corpus, with so many processes."""
    found, first, jobs = Survey(), 0, list[SurveyJob]()
    wanted = set(spread(corpus.stages[-1].report["counts"]["kept"]))
    for shard in shards_of(corpus):
        rows = sum(map(count_rows, shard.stages[-1].documents))
        jobs.append(SurveyJob(shard, frozenset(number - first for number in wanted if 0 <= number - first < rows)))
        first += rows
    for part in run_jobs(survey_shard, jobs, workers, "survey"):
        found.add(part)
    return found


def survey_shard(job: SurveyJob) -> Survey:
    """Look over one shard."""
    found, changes = Survey(), Changes()
    for stage, ledger in files_of("edits", job.corpus):
        for batch in read_columns(ledger, ["id", "rule", "before", "after"], ROWS_OF_LEDGER):
            count_edits(batch, stage, changes, found)
    for path in job.corpus.stages[-1].documents:
        for documents in read_batches(path):
            hold(found.held, documents, documents.schema.names, job.wanted)
            count_kept(documents.column("id").to_pylist(), found.held.lengths[-1], changes, found)
    for stage, dropped in files_of("dropped", job.corpus):
        count_dropped(dropped, stage, changes, found)
    for _, readings in files_of("readings", job.corpus):
        count_readings(readings, found)
    return found


def files_of(kind: str, shard: Corpus) -> Iterator[tuple[str, Path]]:
    """The files of one kind, with the stage that wrote them."""
    for stage in shard.stages:
        yield from ((stage.stage, path) for path in getattr(stage, kind))


def count_edits(batch: pa.RecordBatch, stage: str, changes: Changes, found: Survey) -> None:
    """Add up the edits of each document, and choose documents as examples of each rule."""
    names, rules = (batch.column(name).dictionary.to_pylist() for name in ("id", "rule"))
    which, by = (batch.column(name).indices.to_numpy(zero_copy_only=False) for name in ("id", "rule"))
    less = np.subtract(lengths(batch.column("before")), lengths(batch.column("after")), dtype=np.int64)
    runs = np.bincount(which.astype(np.int64) * len(rules) + by, minlength=len(names) * len(rules))
    per_rule = runs.reshape(len(names), len(rules))
    shortened = np.bincount(which, weights=less, minlength=len(names))
    for place in np.flatnonzero(per_rule.sum(axis=1)).tolist():
        changes.edits[names[place]] += int(per_rule[place].sum())
        changes.shortened[names[place]] += int(shortened[place])
    for at, rule in enumerate(rules):
        sample = found.examples.setdefault((stage, rule), Smallest(EXAMPLES))
        usual = np.flatnonzero((per_rule[:, at] > 0) & (per_rule[:, at] < MANY_EDITS))
        others = np.flatnonzero(per_rule[:, at] >= MANY_EDITS)
        for places, later in ((usual, 0), (others, 1 << 64)):
            candidates = [names[place] for place in places]
            for key, place in smallest(candidates, f"{stage} {rule}", EXAMPLES):
                if candidates[place] not in list(sample):  # a document's edits may lie in two batches
                    sample.offer(key + later, candidates[place])


def count_kept(names: list[str], now: Cells, changes: Changes, found: Survey) -> None:
    """Count documents that stay, which have so many characters `now`, and choose some."""
    then = now + np.array([changes.shortened[name] for name in names], dtype=np.int64)
    found.after += histogram(now, LENGTHS)
    found.before += histogram(then, LENGTHS)
    found.untouched += sum(name not in changes.edits for name in names)
    for name, key, characters in zip(names, keys_of(names, "document").tolist(), then.tolist(), strict=True):
        found.documents.offer(key, name)
        if key <= -found.documents.heap[0][0]:
            found.edits[name] = (changes.edits[name], characters)


def count_dropped(path: Path, stage: str, changes: Changes, found: Survey) -> None:
    """Count the documents that went, and choose some of each kind."""
    for batch in read_columns(path, ["id", "encoding", "text", "reason", "by"], ROWS_OF_TEXT):
        names = batch.column("id").to_pylist()
        was_read = np.array([bool(encoding) for encoding in batch.column("encoding").to_pylist()], dtype=bool)
        then = lengths(batch.column("text")) + np.array([changes.shortened[name] for name in names], dtype=np.int64)
        found.before += histogram(then[was_read], LENGTHS)
        found.victims.update(filter(None, batch.column("by").to_pylist()))
        keys = keys_of(names, "drop").tolist()
        for name, key, reason in zip(names, keys, batch.column("reason").to_pylist(), strict=True):
            found.drops.setdefault((stage, kind_of(reason)), Smallest(DROPS_PER_KIND)).offer(key, name)


def count_readings(path: Path, found: Survey) -> None:
    """Count how surely files were read, and keep the least sure."""
    columns = ["id", "source", "decision", "encoding", "confidence", "runner_up", "chardet"]
    for batch in read_columns(path, columns, ROWS_OF_TEXT):
        read = batch.filter(pc.not_equal(batch.column("encoding"), ""))
        found.confidences += histogram(read.column("confidence").to_numpy(), CONFIDENCES)
        doubtful = read.filter(pc.less(read.column("confidence"), CONFIDENCES[-2])).to_pylist()
        for row, key in zip(doubtful, keys_of([row["id"] for row in doubtful], "reading").tolist(), strict=True):
            found.doubtful.offer(int(row["confidence"] * 1e6) << 64 | key, Reading(**row))


def histogram(values: npt.NDArray[Any], bounds: tuple[float, ...]) -> Cells:
    """How many values lie below each bound and not below the one before; the last cell has all others."""
    return np.bincount(np.searchsorted(bounds, values, side="right"), minlength=len(bounds) + 1).astype(np.int64)
