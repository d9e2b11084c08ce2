"""A sheet for choosing `dedup.threshold`: how many documents have another that is so much like them, with examples.

Jaccard similarity means little by itself: of two Chinese texts of which one has a wrong character in a hundred, it is
about 0.9 with shingles of five characters. So pairs of every similarity are shown, and a person decides which of
them are copies.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from cleaner.config import DedupConfig
from cleaner.dedup import fold_some
from cleaner.dedup.copies import STAYS, chance_to_meet, choose_bands, find_copies, joined, sketch
from cleaner.document import Document

LOWEST, STEP, STEPS = 0.5, 0.05, 10
TINY = 1e-9  # so that 0.6 is not taken for 0.599…
MOST_SAMPLED = 200_000  # documents, from the beginning
BEFORE, AFTER = 8, 22  # characters around the first difference


def advice(read: Callable[[], Iterable[Document]], config: DedupConfig) -> Iterator[str]:
    """The sheet, in lines. `read` gives all documents and is called three times."""
    settings = config.model_copy(update={"threshold": LOWEST, "documents": True, "keep": "longest", "source_order": ()})

    def sample() -> Iterator[Document]:
        return itertools.islice(read(), MOST_SAMPLED)

    parts = list(sketch(sample(), settings))
    if not parts:
        yield "there are no documents to compare"
        return
    known = joined(parts)
    copies = find_copies(known, lambda wanted: fold_some(sample(), wanted), settings)
    same = int(copies.is_same.sum())
    gone = np.flatnonzero((copies.keeper != STAYS) & ~copies.is_same)
    steps = np.floor((copies.scores[gone, 0] - LOWEST + TINY) / STEP).clip(max=STEPS - 1)
    rows = [(LOWEST + STEP * step, gone[steps == step]) for step in reversed(range(STEPS))]
    pairs = {int(numbers[0]): int(copies.keeper[numbers[0]]) for _, numbers in rows if len(numbers)}
    texts = {number: document for number, document in enumerate(sample()) if number in {*pairs, *pairs.values()}}
    yield f"{len(known):,} documents; each is counted once, with that of the others that is most like it"
    bands, width = choose_bands(config.threshold, config.permutations)
    yield f"now dedup.threshold = {config.threshold}: {bands} bands of {width} rows, shingles of {config.shingle}"
    yield f"{'similarity':>11} {'documents':>10} {'would be found':>15}  for example"
    yield f"{'the same':>11} {same:10,} {'all':>15}"
    for low, numbers in rows:
        found = f"{chance_to_meet(low, bands, width):.2%}"
        shown = example(texts[int(numbers[0])], texts[pairs[int(numbers[0])]]) if len(numbers) else ""
        yield f"{f'{low:.2f}–{low + STEP:.2f}':>11} {len(numbers):10,} {found:>15}  {shown}".rstrip()


def example(copy: Document, keeper: Document) -> str:
    """One pair: where they are, and where they first differ."""
    pairs = enumerate(zip(copy.text, keeper.text, strict=False))
    at = next((place for place, (a, b) in pairs if a != b), min(len(copy.text), len(keeper.text)))
    ours, theirs = (" ".join(one.text[max(0, at - BEFORE) : at + AFTER].split()) for one in (copy, keeper))
    return f"{copy.source}: …{ours}… / {keeper.source}: …{theirs}…"
