"""What a report shows of single documents: examples of rules, groups of copies, what was dropped, samples.

`survey` has chosen them by their ids; here their rows are fetched, and their history is walked backwards, so that
each example stands in the text that its rule left.
"""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cleaner.document import Document, Edit, Edits, invert
from cleaner.files.corpus import Corpus, Life
from cleaner.files.folder import place_in_quarantine
from cleaner.files.ledger import read_ledger_of
from cleaner.files.lookup import rows_of
from cleaner.files.tables import as_document
from cleaner.jobs import run_jobs
from cleaner.report.survey import Survey

EXAMPLES_PER_RULE = 8
CONTEXT = 18  # characters shown on either side of an edit
VICTIMS = 4  # of one cluster
PASSAGES = 16
LONGEST_SHOWN = 4_000  # characters of a text that are compared and shown


@dataclass(frozen=True, slots=True)
class Example:
    """One edit in its place."""

    source: str
    id: str
    left: str
    before: str
    after: str
    right: str
    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """A document that was dropped."""

    document: Document
    stage: str
    reason: str
    by: str  # id of the one that stays in its place
    is_quarantined: bool  # its bytes are kept as they were


@dataclass(slots=True)
class Story:
    """All that a page shows of single documents."""

    examples: dict[tuple[str, str], list[Example]] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)  # a sample of those that are kept, in order
    drops: dict[tuple[str, str], list[Drop]] = field(default_factory=dict)  # a sample, by stage and kind of reason
    clusters: dict[str, list[Drop]] = field(default_factory=dict)  # by the id of the keeper: some that went for it
    keepers: dict[str, Document] = field(default_factory=dict)  # those that can be found; others are in a version
    passages: list[dict[str, Any]] = field(default_factory=list)  # rows of the passages files


def tell(corpus: Corpus, chosen: Survey, workers: int = 1) -> Story:
    """Fetch what was chosen. So many `workers` look through the files of the documents that are kept."""
    story = Story(passages=passages_of(corpus))
    examples = {name for sample in chosen.examples.values() for name in sample}
    drops = {name: key for key, sample in chosen.drops.items() for name in sample}
    clusters = chosen.clusters()
    samples = set(chosen.documents)
    story.clusters = {name: [] for name in clusters}
    gone = dropped_of(corpus, examples | drops.keys(), set(clusters), story)
    sides = {row[name] for row in story.passages for name in ("id", "by")}
    keepers = {drop.by for drop in gone.values() if drop.by} | set(clusters) | sides
    kept: dict[str, Document] = {}
    fetch = functools.partial(rows_in, ids=examples | samples | keepers)
    rows = itertools.chain.from_iterable(run_jobs(fetch, corpus.stages[-1].documents, workers, "examples"))
    for row in rows:
        document = as_document(row)
        if document.id in samples:
            story.documents.append(document)
        if document.id in keepers:
            story.keepers[document.id] = document
        if document.id in examples:
            kept[document.id] = document
    for key, sample in chosen.drops.items():
        story.drops[key] = [gone[name] for name in sample if name in gone]
    lives = [Life(document, []) for document in kept.values()]
    lives += [Life(gone[name].document, [], gone[name].reason) for name in examples & gone.keys()]
    find_examples(corpus, sorted(lives, key=lambda life: life.document.id), chosen, story)
    return story


def rows_in(path: Path, ids: set[str]) -> list[dict[str, Any]]:
    """The rows of one file that are of the documents with these ids."""
    return list(rows_of([path], ids))


def dropped_of(corpus: Corpus, names: set[str], keepers: set[str], story: Story) -> dict[str, Drop]:
    """The dropped documents with these ids; those of the clusters go into the story."""
    found: dict[str, Drop] = {}
    for stage in corpus.stages:
        for row in rows_of(stage.dropped, names, keepers):
            document = as_document(row)
            is_there = place_in_quarantine(stage.quarantine, document.source, document.row).is_file()
            drop = Drop(document, stage.stage, row["reason"], row["by"], is_there)
            if document.id in names:
                found[document.id] = drop
            if drop.by in keepers:
                story.clusters[drop.by] = best_victims([*story.clusters[drop.by], drop])
    return found


def best_victims(drops: list[Drop]) -> list[Drop]:
    """Some documents of a cluster: near copies first, since exact ones have less to show, otherwise in order."""
    return sorted(drops, key=lambda drop: not drop.reason.startswith("near copy"))[:VICTIMS]


def passages_of(corpus: Corpus) -> list[dict[str, Any]]:
    """The longest passages that stand in several documents, of those that the report of dedup lists."""
    rows = corpus.stages[-1].report.get("passages", [])
    return sorted(rows, key=lambda row: (-row["characters"], row["id"], row["start"]))[:PASSAGES]


def find_examples(corpus: Corpus, lives: Sequence[Life], chosen: Survey, story: Story) -> None:
    """Take examples of every rule from the lives of the documents that were chosen for it."""
    files = [path for stage in corpus.stages for path in stage.edits]
    ledger = read_ledger_of(files, {life.document.id for life in lives})
    runs = ledger.histories()
    by_id = {life.document.id: replace(life, edits=ledger.history(runs.get(life.document.id, []))) for life in lives}
    for key, sample in chosen.examples.items():
        found = story.examples.setdefault(key, [])
        names = [name for name in sample if name in by_id]
        each = max(1, EXAMPLES_PER_RULE // max(1, len(names)))
        for name in names:
            found += examples_of(by_id[name], key, each)


def examples_of(life: Life, key: tuple[str, str], count: int) -> list[Example]:
    """Examples of one rule from one document: of its first run, evenly spread, in the text that the run left."""
    done = list(life.edits)
    wanted = next((edits for stage, edits in done if (stage, edits.rule) == key), None)
    text = life.document.text
    for _, edits in reversed(done):
        if edits is wanted:
            source, name = life.document.source, life.document.id
            return [Example(source, name, *context_of(text, placed)) for placed in spread(edits, count)]
        try:
            text = invert(text, edits)
        except ValueError:
            return []  # the ledger does not fit, which the check says; there is nothing right to show
    return []


def spread(edits: Edits, count: int) -> list[tuple[int, Edit]]:
    """Some edits of a run of a rule, evenly spread over the text, each with its place in the text that came out."""
    step = max(1, len(edits) // count)
    placed = zip(edits.inverse().offsets.tolist(), edits, strict=True)
    return [pair for number, pair in enumerate(placed) if number % step == step // 2][:count]


def context_of(text: str, placed: tuple[int, Edit]) -> tuple[str, str, str, str, str]:
    """What stands left of an edit, what stood there, what stands there now, what stands right of it, and why."""
    place, edit = placed
    end = place + len(edit.after)
    return text[max(place - CONTEXT, 0) : place], edit.before, edit.after, text[end : end + CONTEXT], edit.reason
