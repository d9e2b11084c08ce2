"""Stage 5, dedup: one of every text stays, and every other is on record with the one that stays.

What is wrong with the corpus: one decision text is pasted twice into a file and reprinted in ten others, in the
other script, with other punctuation, with a page's furniture around it. This stage is unlike the others: it needs
to see all documents at once. It goes six steps:

1. *passages*: within each document, a passage that repeats an earlier one goes (see `passages`);
2. *sketches*: each text is folded for comparing (`folding`) and summed up in a digest and a MinHash signature;
3. *candidates*: texts whose signatures share a band (`copies`);
4. *verification*: each candidate is compared exactly with the text that would stay in its place;
5. *keeping*: the longest of the copies stays (or the earliest or first, as `dedup.keep` says), the others are dropped;
6. *across documents*: what of the documents that stay stands in others, too (`across`), is reported, or goes. If it
   goes, the steps are taken again with what is left, until nothing is found.

Lines that recur in the documents of a source (`boilerplate`) are reported at the end; if they are to go, they go first.

The steps are taken over documents in memory here, and shard by shard in `over_shards`; what was decided is kept in
`decisions`. Beside them stand `earlier` (what a version has already), `similar` (is a text there?), `advice` (which
threshold?) and `differences` (what sets two copies apart, in words).

A text of fewer characters than a shingle is compared whole. One without letters or digits is compared with none.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from cleaner.config import DedupConfig
from cleaner.days import day_of
from cleaner.dedup.across import Across, find_across
from cleaner.dedup.boilerplate import Boilerplate, find_boilerplate, source_of
from cleaner.dedup.boilerplate import remove_boilerplate as boilerplate_in
from cleaner.dedup.copies import STAYS, Copies, Flags, find_copies, joined, preference, sketch
from cleaner.dedup.decisions import Copy, Decisions, cut_passages, more_to_do
from cleaner.dedup.fingerprints import readers_of
from cleaner.dedup.folding import Offsets, fold_texts
from cleaner.dedup.passages import remove_repeated_passages
from cleaner.document import Change, Document, Edits, Outcome, Rule, Sketches, apply_rules, batches
from cleaner.kernels.shingles import Points

__all__ = ["Copy", "Decisions", "across_among", "copies_among", "dedup", "remade", "remove_passages", "write_down"]


def dedup(documents: list[Document], config: DedupConfig) -> Iterator[Outcome]:
    """All six steps over documents in memory. `cleaner.dedup.over_shards` takes the same steps shard by shard."""
    decided, more = Decisions(boilerplate=boilerplate_to_remove(documents, config)), True
    while more:
        now = list(current(documents, decided, config))
        parts = list(sketch(now, config))
        if not parts:
            break
        known = joined(parts)
        copies = find_copies(known, partial(fold_some, now), config)
        across = find_across(known, copies.keeper == STAYS, readers_of(partial(iter, now)), config)
        decided = decided.after(settled(known, copies, config), across, config)
        more = more_to_do(across, config)
    decided = decided.resolved()
    yield from (write_down(document, decided, config) for document in documents)


def boilerplate_to_remove(documents: list[Document], config: DedupConfig) -> dict[str, Boilerplate]:
    """The lines that recur in the documents of each source, copies left out: ten of them would make a title recur."""
    if config.boilerplate != "drop":
        return {}
    now = list(current(documents, Decisions(), config))
    copies = copies_among(lambda: now, config)
    return find_boilerplate([document for document in now if document.id not in copies])


def current(documents: Iterable[Document], decided: Decisions, config: DedupConfig) -> Iterator[Document]:
    """The documents as they are after what was decided so far, those that go left out."""
    staying = (document for document in documents if not decided.goes(document.id))
    return (remade(document, decided, config).document for document in staying)


def remade(document: Document, decided: Decisions, config: DedupConfig) -> Outcome:
    """A document without passages that stand twice in it, or in others, nor boilerplate, and the record of them."""
    document, edits = remove_passages(document, config) if decided.may_repeat(document.id) else (document, ())
    if source_of(document) in decided.boilerplate:
        document, removed = remove_lines(document, decided.boilerplate[source_of(document)])
        edits = (*edits, *removed)
    for spans in decided.cuts.get(document.id, ()):
        document, cut = cut_passages(document, spans)
        document, again = remove_passages(document, config)
        edits = (*edits, cut, *again)
    return Outcome(document, edits)


def copies_among(read: Callable[[], Iterable[Document]], config: DedupConfig) -> dict[str, Copy]:
    """Steps 2 to 5: what is decided about the documents that go, by id.

    `read` gives all documents and is called twice. Passages that stand twice in a document are not looked for.
    """
    parts = list(sketch(read(), config))
    if not parts:
        return {}
    known = joined(parts)
    return settled(known, find_copies(known, lambda wanted: fold_some(read(), wanted), config), config)


def across_among(read: Callable[[], Iterable[Document]], config: DedupConfig) -> Across:
    """Step 6 alone: what stands in several documents. `read` gives all documents and is called four times."""
    parts = list(sketch(read(), config))
    if not parts:
        return Across()
    known = joined(parts)
    return find_across(known, np.ones(len(known), dtype=np.bool_), readers_of(read), config)


def fold_some(documents: Iterable[Document], wanted: Flags) -> tuple[Points, Offsets, Offsets]:
    """The folded texts of the documents that are wanted: all points, and start and end of each in them."""
    asked = (document for document, is_wanted in zip(documents, wanted.tolist(), strict=True) if is_wanted)
    parts = [fold_texts([document.text for document in batch])[:3:2] for batch in batches(asked)]
    sizes = np.zeros(len(wanted), dtype=np.int64)
    sizes[wanted] = np.concatenate([[0], *(np.diff(ends, prepend=0) for _, ends in parts)])[1:]
    points = np.concatenate([np.zeros(0, dtype=np.uint32), *(points for points, _ in parts)])
    ends = np.cumsum(sizes)
    return points, ends - sizes, ends


def remove_passages(document: Document, config: DedupConfig) -> tuple[Document, tuple[Edits, ...]]:
    """A document without its repeated passages, and the record of them."""
    if not config.remove_repeated_passages:
        return document, ()

    def remove_repeated_passage(text: str) -> Iterator[Change]:
        return remove_repeated_passages(text, config)

    rules: list[Rule] = [remove_repeated_passage]
    # What goes may bring the halves of another repeat together. Each round takes a passage out, which bounds them.
    rounds = 2 + 2 * len(document.text) // config.min_passage
    outcome = apply_rules(document, rules, rounds)
    return outcome.document, outcome.edits


def remove_lines(document: Document, known: Boilerplate) -> tuple[Document, tuple[Edits, ...]]:
    """A document without the boilerplate of its source, and the record of it."""

    def remove_boilerplate(text: str) -> Iterator[Change]:
        return boilerplate_in(text, known)

    rules: list[Rule] = [remove_boilerplate]
    outcome = apply_rules(document, rules)
    return outcome.document, outcome.edits


def settled(
    known: Sketches, copies: Copies, config: DedupConfig, version_of: Callable[[int], str] | None = None
) -> dict[str, Copy]:
    """What was decided about the documents that go, by id. `version_of` says in which version an earlier one is."""
    numbers = np.flatnonzero(copies.keeper != STAYS)
    found: dict[str, Copy] = {}
    for number, keeper in zip(numbers.tolist(), copies.keeper[numbers].tolist(), strict=True):
        jaccard, containment = copies.scores[number].tolist()
        kind = "exact copy" if copies.is_same[number] else "near copy"
        is_earlier = keeper < copies.earlier
        why = why_it_stays(known, number, keeper, config)
        if version_of and is_earlier:
            why = f"is in {version_of(keeper)}"
        name, stays = known.ids[number].as_py(), known.ids[keeper].as_py()
        found[name] = Copy(stays, kind, jaccard, containment, why, is_earlier)
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
        more = int(known.lengths[keeper] - known.lengths[copy])
        return f"is longer by {more:,} character{'s' * (more != 1)}"
    if known.is_converted[copy] != known.is_converted[keeper]:
        return "was not converted"
    return "has the first id"


def write_down(document: Document, decided: Decisions, config: DedupConfig) -> Outcome:
    """What was decided about a document: it is dropped, or stays without its repeated passages."""
    outcome = remade(document, decided, config)
    if document.id in decided.copies:
        copy = decided.copies[document.id]
        alike = f"similarity {copy.jaccard:.3f}, containment {copy.containment:.3f}"
        if copy.containment < 0:
            alike = f"similarity {copy.jaccard:.3f} as estimated, its text is not there"
        return replace(outcome, dropped=f"{copy.kind}: {alike}; the other {copy.why}", by=copy.keeper)
    if document.id in decided.contained:
        entry = decided.contained[document.id]
        why = f"contained: {entry.containment:.2f} of it stands in {entry.where}"
        return replace(outcome, dropped=why, by=entry.by)
    return outcome
