"""The documents of a shard in batches, as columns, with the ledger of the shard at hand.

What asks something of every document looks at a batch first, at all its code points in one go, and takes the life of a
document out of it only where there is something to look at.
"""

import functools
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cleaner.document import BATCH, Offsets, code_points
from cleaner.files.columns import Strings, bytes_of, row_groups, strings
from cleaner.files.corpus import Corpus, Life, shard_number
from cleaner.files.ledger import Ledger, read_ledger
from cleaner.files.tables import DOCUMENTS, DROPPED, as_document
from cleaner.verify.rewinding import Edited, Flags, Points, rewind_all


class Shard:
    """A corpus of one shard, and its ledger: by document, and in a form in which it is taken back from many of them."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.ledger: Ledger = read_ledger(path for stage in corpus.stages for path in stage.edits)
        self.histories: dict[str, list[int]] = self.ledger.histories()

    @functools.cached_property
    def edited(self) -> Edited:
        return Edited.of(self.ledger)

    @functools.cached_property
    def shortened(self) -> list[int]:
        """By how many characters each run made its text shorter."""
        ledger = self.ledger
        shortened: list[int] = np.diff((ledger.before.bounds - ledger.after.bounds)[ledger.bounds]).tolist()
        return shortened

    def runs_at(self, places: Offsets) -> Offsets:
        """The runs that took out the code points at some places of all that were taken out."""
        edits = np.searchsorted(self.ledger.before.bounds, places, side="right") - 1
        runs: Offsets = np.searchsorted(self.ledger.bounds, edits, side="right") - 1
        return runs


@dataclass(eq=False)
class Batch:
    """Some documents of one file, in order, and the ledger of their shard."""

    path: Path
    rows: pa.RecordBatch
    shard: Shard
    dropped_in: str = ""  # the stage

    def __len__(self) -> int:
        return len(self.rows)

    @functools.cached_property
    def columns(self) -> dict[str, list[Any]]:
        """All columns but the text, as lists."""
        names = [name for name in self.rows.schema.names if name != "text"]
        return {name: self.rows.column(name).to_pylist() for name in names}

    @functools.cached_property
    def texts(self) -> Strings:
        """All texts. Raises UnicodeDecodeError when one is not UTF-8."""
        return strings(self.rows.column("text"))

    @functools.cached_property
    def points(self) -> Points:
        """The code points of all texts, one behind the other."""
        return code_points(self.texts.joined)

    @functools.cached_property
    def histories(self) -> list[list[int]]:
        """The numbers of the runs over each document."""
        return [self.shard.histories.get(name, []) for name in self.columns["id"]]

    @functools.cached_property
    def rewound(self) -> tuple[list[Points], Flags]:
        """The code points of each document as it was read, and whether its ledger fits; if not, they mean nothing."""
        texts = [self.points[first:last] for first, last in itertools.pairwise(self.texts.bounds.tolist())]
        return texts, rewind_all(texts, self.histories, self.shard.edited)

    def life(self, place: int) -> Life:
        """One of the documents with all that happened to it."""
        row = {name: values[place] for name, values in self.columns.items()} | {"text": self.texts[place]}
        history = self.shard.ledger.history(self.histories[place])
        return Life(as_document(row), history, row.get("reason", ""), row.get("by", ""), self.dropped_in)

    def owners(self, places: Offsets) -> Offsets:
        """The numbers of the documents in which some places, among all code points, stand."""
        found: Offsets = np.searchsorted(self.texts.bounds, places, side="right") - 1
        return found


KINDS = ("dropped", "edits", "readings", "passages", "sketches", "documents")  # of the files of a stage


def shards_of(corpus: Corpus) -> list[Corpus]:
    """A corpus as one for each shard, light enough to be sent to another process: without the reports."""
    files = [{kind: by_number(getattr(stage, kind)) for kind in KINDS} for stage in corpus.stages]
    shards = []
    for number in map(shard_number, corpus.stages[-1].documents):
        stages = []
        for stage, kinds in zip(corpus.stages, files, strict=True):
            own: dict[str, Any] = {kind: paths.get(number, []) for kind, paths in kinds.items()}
            stages.append(replace(stage, report={}, **own))
        shards.append(replace(corpus, stages=stages, manifest=None))
    return shards


def by_number(paths: Iterable[Path]) -> dict[int, list[Path]]:
    """Files by the number of their shard."""
    found: dict[int, list[Path]] = {}
    for path in paths:
        found.setdefault(shard_number(path), []).append(path)
    return found


def batches_of(shard: Shard) -> Iterator[Batch]:
    """All documents of a shard, kept, then dropped. Raises BadDataError for a file that is not readable."""
    stages = shard.corpus.stages
    files = [(path, "", DOCUMENTS) for path in stages[-1].documents]
    files += [(path, stage.stage, DROPPED) for stage in stages for path in stage.dropped]
    for path, stage, schema in files:
        for group in row_groups(path, schema):
            for rows in in_batches(group):
                yield Batch(path, rows, shard, stage)


def in_batches(rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Rows of documents in pieces of about BATCH characters."""
    _, cuts = bytes_of(rows.column("text"))
    first = 0
    while first < len(rows):
        last = max(first + 1, int(np.searchsorted(cuts, cuts[first] + 3 * BATCH, side="right")) - 1)
        yield rows.slice(first, last - first)
        first = last
