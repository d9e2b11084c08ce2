"""Stage 5, dedup: one of every text stays, and every other is on record with the one that stays.

What is wrong with the corpus: one decision text is pasted twice into a file and reprinted in ten others, in the
other script, with other punctuation, with a page's furniture around it. This stage is unlike the others: it needs
to see all documents at once. It goes five steps:

1. *passages*: within each document, a passage that repeats an earlier one goes (see `passages`);
2. *sketches*: each text is folded for comparing and summed up in a MinHash signature (see `copies`);
3. *candidates*: texts whose signatures share a band;
4. *verification*: each candidate is compared exactly with the text that would stay in its place;
5. *keeping*: the longest of the copies stays (or the first, as `dedup.keep` says), the others are dropped.

A text of fewer characters than a shingle is compared whole. One without letters or digits is compared with none.

Limits of this first form: a text that is contained in a longer one is not found, and sketches are made by
datasketch one text at a time.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from cleaner.config import DedupConfig
from cleaner.dedup.copies import Similarity, find_stars, hashes_of, similarity, sketch
from cleaner.dedup.passages import remove_repeated_passages
from cleaner.document import Change, Document, Edits, Outcome, Rule, Sketch, apply_rules
from cleaner.kernels.shingles import Hashes

__all__ = ["Copies", "dedup", "drop_copies", "find_copies", "remove_passages", "sketches"]


Copies = dict[str, tuple[str, Similarity]]  # id of a copy: id of the document that stays, and how alike they are


def dedup(documents: list[Document], config: DedupConfig) -> Iterator[Outcome]:
    """All five steps over documents in memory. `cleaner.pipeline` takes the same steps shard by shard."""
    texts = {document.id: document for document in documents}
    copies = find_copies(list(sketches(documents, config)), texts.__getitem__, config)
    yield from drop_copies(documents, copies, config)


def remove_passages(document: Document, config: DedupConfig) -> tuple[Document, tuple[Edits, ...]]:
    """Step 1: the document without its repeated passages, and the record of them."""
    if not config.remove_repeated_passages:
        return document, ()

    def remove_repeated_passage(text: str) -> Iterator[Change]:
        return remove_repeated_passages(text, config)

    rules: list[Rule] = [remove_repeated_passage]
    outcome = apply_rules(document, rules)
    return outcome.document, outcome.edits


def sketches(documents: Iterable[Document], config: DedupConfig) -> Iterator[Sketch]:
    """Step 2: sum up each document, without its repeated passages. Documents with nothing to compare are left out."""
    for document in documents:
        text = remove_passages(document, config)[0].text
        hashes = hashes_of(text, config.shingle)
        if len(hashes):
            is_converted = document.script in ("traditional", "mixed")
            yield Sketch(document.id, len(text), is_converted, sketch(hashes, config.permutations))


def find_copies(found: list[Sketch], read: Callable[[str], Document], config: DedupConfig) -> Copies:
    """Steps 3 to 5: which documents go, and which stay in their place.

    `found` is in input order; `read` gives a document by its id and is asked for candidates only.
    """
    if not config.documents:
        return {}
    ranked = found
    if config.keep == "longest":
        # Of equally long ones an original rather than a converted one, and then the first (sorting is stable).
        ranked = sorted(found, key=lambda entry: (-entry.length, entry.is_converted))

    @functools.lru_cache(maxsize=1024)
    def hashes(name: str) -> Hashes:
        return hashes_of(remove_passages(read(name), config)[0].text, config.shingle)

    def similar(a: str, b: str) -> Similarity:
        return similarity(hashes(a), hashes(b))

    return find_stars(((entry.id, entry.signature) for entry in ranked), similar, config.threshold)


def drop_copies(documents: Iterable[Document], copies: Copies, config: DedupConfig) -> Iterator[Outcome]:
    """Write down what was decided: each document without its repeated passages, or dropped as a copy."""
    remove = partial(remove_passages, config=config)
    for document in documents:
        cleaned, edits = remove(document)
        outcome = Outcome(cleaned, edits)
        if document.id in copies:
            keeper, alike = copies[document.id]
            kind = "exact copy" if alike.jaccard == 1.0 else "near copy"
            outcome = replace(outcome, dropped=f"{kind}: similarity {alike.jaccard:.3f}", by=keeper)
        yield outcome
