"""Stage 5, dedup: one of every text stays, and every other is on record with the one that stays.

What is wrong with the corpus: one decision text is pasted twice into a file and reprinted in ten others, in the
other script, with other punctuation, with a page's furniture around it. This stage is unlike the others: it needs
to see all documents at once. It goes five steps:

1. *passages*: within each document, a passage that repeats an earlier one goes (see `passages`);
2. *sketches*: each text is folded for comparing (`folding`) and summed up in a digest and a MinHash signature;
3. *candidates*: texts whose signatures share a band (`copies`);
4. *verification*: each candidate is compared exactly with the text that would stay in its place;
5. *keeping*: the longest of the copies stays (or the earliest or first, as `dedup.keep` says), the others are dropped.

A text of fewer characters than a shingle is compared whole. One without letters or digits is compared with none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from cleaner.config import DedupConfig
from cleaner.dedup.boilerplate import Boilerplate, find_boilerplate, source_of
from cleaner.dedup.boilerplate import remove_boilerplate as boilerplate_in
from cleaner.dedup.copies import STAYS, Copies, Flags, day_of, find_copies, joined, preference, sketch
from cleaner.dedup.folding import Offsets, batches, fold_texts
from cleaner.dedup.passages import remove_repeated_passages
from cleaner.document import Change, Document, Edits, Outcome, Rule, Sketches, apply_rules
from cleaner.kernels.shingles import Points

__all__ = ["Copy", "copies_among", "dedup", "drop_copies", "settled", "trim", "trimmed"]


Boilerplates = Mapping[str, Boilerplate]  # by source


@dataclass(frozen=True, slots=True)
class Copy:
    """What was decided about a document that is a copy: the one that stays, how alike they are, and why it stays."""

    keeper: str  # its id
    kind: str
    jaccard: float
    containment: float
    why: str


def dedup(documents: list[Document], config: DedupConfig) -> Iterator[Outcome]:
    """All steps over documents in memory. `cleaner.dedup.decide` takes the same steps shard by shard."""
    cleaned = list(trimmed(documents, config, None))
    copies = copies_among(lambda: cleaned, config)
    boilerplate: Boilerplates = {}
    if config.boilerplate == "drop":
        boilerplate = find_boilerplate([document for document in cleaned if document.id not in copies])
        cleaned = list(trimmed(documents, config, boilerplate))
        copies = copies_among(lambda: cleaned, config) if boilerplate else copies
    yield from drop_copies(documents, copies, config, boilerplate)


def copies_among(read: Callable[[], Iterable[Document]], config: DedupConfig) -> dict[str, Copy]:
    """Steps 2 to 5: what is decided about the documents that go, by id.

    `read` gives all documents and is called twice. Passages that stand twice in a document are not looked for.
    """
    parts = list(sketch(read(), config))
    if not parts:
        return {}
    known = joined(parts)
    return settled(known, find_copies(known, lambda wanted: fold_some(read(), wanted), config), config)


def fold_some(documents: Iterable[Document], wanted: Flags) -> tuple[Points, Offsets, Offsets]:
    """The folded texts of the documents that are wanted: all points, and start and end of each in them."""
    asked = (document for document, is_wanted in zip(documents, wanted.tolist(), strict=True) if is_wanted)
    parts = [fold_texts([document.text for document in batch]) for batch in batches(asked)]
    sizes = np.zeros(len(wanted), dtype=np.int64)
    sizes[wanted] = np.concatenate([[0], *(np.diff(ends, prepend=0) for _, ends in parts)])[1:]
    points = np.concatenate([np.zeros(0, dtype=np.uint32), *(points for points, _ in parts)])
    ends = np.cumsum(sizes)
    return points, ends - sizes, ends


def trimmed(documents: Iterable[Document], config: DedupConfig, boilerplate: Boilerplates | None) -> Iterator[Document]:
    """The documents as they are compared."""
    return (trim(document, config, boilerplate)[0] for document in documents)


def trim(
    document: Document, config: DedupConfig, boilerplate: Boilerplates | None = None
) -> tuple[Document, tuple[Edits, ...]]:
    """A document without its repeated passages and the boilerplate of its source, and the record of them."""
    known = boilerplate.get(source_of(document)) if boilerplate else None

    def remove_repeated_passage(text: str) -> Iterator[Change]:
        return remove_repeated_passages(text, config)

    def remove_boilerplate(text: str) -> Iterator[Change]:
        return boilerplate_in(text, known) if known else iter(())

    rules: list[Rule] = [remove_repeated_passage] if config.remove_repeated_passages else []
    rules += [remove_boilerplate] if known else []
    if not rules:
        return document, ()
    outcome = apply_rules(document, rules)
    return outcome.document, outcome.edits


def settled(
    known: Sketches, copies: Copies, config: DedupConfig, span: slice = slice(None), version: str = ""
) -> dict[str, Copy]:
    """What was decided about the documents of a span of the corpus that go, by id.

    `version` is the name of that which has the earlier documents.
    """
    numbers = np.arange(len(known))[span]
    numbers = numbers[copies.keeper[numbers] != STAYS]
    found: dict[str, Copy] = {}
    for number, keeper in zip(numbers.tolist(), copies.keeper[numbers].tolist(), strict=True):
        jaccard, containment = copies.scores[number].tolist()
        kind = "exact copy" if copies.is_same[number] else "near copy"
        is_earlier = keeper < copies.earlier
        why = f"is in {version}" if is_earlier else why_it_stays(known, number, keeper, config)
        found[known.ids[number].as_py()] = Copy(known.ids[keeper].as_py(), kind, jaccard, containment, why)
    return found


def why_it_stays(known: Sketches, copy: int, keeper: int, config: DedupConfig) -> str:
    """Why one of two copies stays and not the other, in words."""
    sources = [known.sources[number].as_py() for number in (copy, keeper)]
    if config.source_order and preference(sources[0], config) != preference(sources[1], config):
        return f"comes from {config.source_order[preference(sources[1], config)]}"
    if config.keep == "earliest" and day_of(sources[0]) != day_of(sources[1]):
        return "is earlier"
    if config.keep == "first":
        return "comes first"
    if known.lengths[copy] != known.lengths[keeper]:
        return f"is longer by {known.lengths[keeper] - known.lengths[copy]:,} characters"
    if known.is_converted[copy] != known.is_converted[keeper]:
        return "was not converted"
    return "has the first id"


def drop_copies(
    documents: Iterable[Document],
    copies: Mapping[str, Copy],
    config: DedupConfig,
    boilerplate: Boilerplates | None = None,
) -> Iterator[Outcome]:
    """Write down what was decided: each document without its repeated passages, or dropped as a copy."""
    for document in documents:
        cleaned, edits = trim(document, config, boilerplate)
        outcome = Outcome(cleaned, edits)
        if document.id in copies:
            copy = copies[document.id]
            alike = f"similarity {copy.jaccard:.3f}, containment {copy.containment:.3f}"
            if copy.containment < 0:
                alike = f"similarity {copy.jaccard:.3f} as estimated, its text is not there"
            outcome = replace(outcome, dropped=f"{copy.kind}: {alike}; the other {copy.why}", by=copy.keeper)
        yield outcome
