"""What a corpus holds, for its card: lengths and a few beginnings, from one pass over the documents."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.document import Offsets
from cleaner.files.columns import lengths
from cleaner.files.corpus import Corpus
from cleaner.files.tables import DOCUMENTS, read_batches

SAMPLES = 4
SAMPLE_CHARACTERS = 160
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of a document."""

    source: str
    row: int | None
    text: str
    is_cut: bool


@dataclass(slots=True)
class Holdings:
    """Counts and samples of the documents that were kept."""

    documents: int = 0
    bytes: int = 0  # in memory, as Arrow holds them
    lengths: list[Offsets] = field(default_factory=list)  # characters, an array for each batch
    samples: list[Sample] = field(default_factory=list)

    def add(self, later: "Holdings") -> None:
        """Count in what comes behind."""
        self.documents += later.documents
        self.bytes += later.bytes
        self.lengths += later.lengths
        self.samples += later.samples

    def quantiles(self) -> list[int]:
        """Lengths in characters: the least, those at SHARES, the greatest; empty if there are no documents."""
        if not self.documents:
            return []
        lengths = np.concatenate(self.lengths)
        found = np.quantile(lengths, [0.0, *SHARES, 1.0], method="inverted_cdf")
        return [int(length) for length in found]


def holdings_of(corpus: Corpus, columns: list[str] | None = None) -> Holdings:
    """Look at all documents once. `columns` are those whose bytes are counted; without it, all."""
    counted = list(DOCUMENTS.names) if columns is None else columns
    wanted = set(spread(corpus.stages[-1].report["counts"]["kept"]))
    held = Holdings()
    for path in corpus.stages[-1].documents:
        for batch in read_batches(path):
            hold(held, batch, counted, wanted)
    return held


def hold(held: Holdings, batch: pa.RecordBatch, counted: list[str], wanted: Set[int]) -> None:
    """Count the documents of a batch in, and take the samples with the numbers that are wanted from it."""
    texts = batch.column("text")
    held.lengths.append(lengths(texts).astype(np.int64))
    held.bytes += batch.select(counted).nbytes
    for number in sorted(wanted & set(range(held.documents, held.documents + len(batch)))):
        here = number - held.documents
        text = pc.utf8_slice_codeunits(texts[here], 0, SAMPLE_CHARACTERS + 1).as_py()
        source, row = (batch.column(name)[here].as_py() for name in ("source", "row"))
        held.samples.append(Sample(source, row, text[:SAMPLE_CHARACTERS], len(text) > SAMPLE_CHARACTERS))
    held.documents += len(batch)


def spread(documents: int) -> Iterator[int]:
    """The numbers of the samples, spread evenly over a corpus: always the same for the same corpus.

    >>> list(spread(2)), list(spread(25))
    ([0, 1], [3, 9, 15, 21])
    """
    wanted = min(SAMPLES, documents)
    yield from ((2 * number + 1) * documents // (2 * wanted) for number in range(wanted))
