"""What happened to one document, for a person at a terminal: its life stage by stage, and where a character is from.

A document is found without reading the others (`Corpus.find`). Then it is told: where it is from and what became of it,
how its file was read, what each rule of each stage did, before and after and why, and, if it was dropped as a copy,
what sets it apart from the one that stays. What a single stage decides, and would decide, is told by the modules beside
this one: `reading` (decode), `script` (simplify), `breaks` (repair). `origin` leads from a character to its bytes and
back.
"""

import json
from collections.abc import Iterator

from cleaner.config import DedupConfig
from cleaner.dedup.differences import in_words
from cleaner.document import Document
from cleaner.explain.breaks import explain_repair
from cleaner.explain.changed import told_changes
from cleaner.explain.edits import told_edits
from cleaner.explain.origin import explain_byte, explain_offset, of_file
from cleaner.explain.reading import explain_file, told_candidates, told_reading
from cleaner.explain.script import explain_script
from cleaner.explain.shown import facts, one_line
from cleaner.files.corpus import Corpus

__all__ = [
    "explain",
    "explain_byte",
    "explain_edits",
    "explain_file",
    "explain_offset",
    "explain_repair",
    "explain_script",
    "told_candidates",
    "told_reading",
]


def explain(corpus: Corpus, key: str, everything: bool = False) -> Iterator[str]:
    """What happened to one document, rule by rule, before and after. Yields lines."""
    life = corpus.find(key)
    document = life.document
    yield of_file(document)
    yield f"id {document.id} · {len(document.text):,} characters{facts(document)}"
    if life.dropped:
        in_its_place = f"; {life.by} stays in its place" if life.by else ""
        yield f"dropped in {life.dropped_in}: {one_line(life.dropped)}{in_its_place}"
    else:
        yield "kept"
    reading = corpus.reading(document.id)
    if reading is not None:
        yield from told_reading(reading)
    yield from told_links(corpus, document.id)
    if not life.edits:
        yield "\nnothing was changed"
    yield from told_edits(life, everything)
    if life.by:
        stays = corpus.document(life.by) if life.by != document.id else None  # its older self has the same id
        if stays is None:
            yield f"\nthe document that stays in its place ({life.by}) is in an earlier version"
        else:
            yield from difference(document, stays, everything)


def explain_edits(corpus: Corpus, key: str) -> Iterator[str]:
    """Every edit of one document in the order it was made, as one JSON object a line."""
    life = corpus.find(key)
    for stage, edits in life.edits:
        for edit in edits:
            told = {"rule": edit.rule, "offset": edit.offset, "before": edit.before, "after": edit.after}
            named = {"id": life.document.id, "source": life.document.source, "row": life.document.row, "stage": stage}
            yield json.dumps(named | told | {"reason": edit.reason}, ensure_ascii=False)


def told_links(corpus: Corpus, name: str) -> Iterator[str]:
    """The parts of the same article, and why they are taken for such; or that one is missing."""
    for stage in corpus.stages:
        for link in stage.report.get("links", []):
            if name in (link["first"], link["second"]):
                goes_on = name == link["first"]
                yield f"goes on in {link['second_source']}" if goes_on else f"goes on from {link['first_source']}"
                yield from (f"  {vote:+.1f}  {reason}" for reason, vote in link["reasons"])
        orphans = stage.report.get("orphans", [])
        yield from (f"{orphan['expects']}, which is not here" for orphan in orphans if orphan["id"] == name)


def difference(copy: Document, keeper: Document, everything: bool) -> Iterator[str]:
    """What sets a copy apart from the document that stays, in words and place by place."""
    yield f"\nhow it differs from {keeper.source} ({keeper.id})"
    yield f"  {in_words(copy.text, keeper.text, DedupConfig().shingle)}"
    yield from told_changes(keeper.text, copy.text, colours=False, everything=everything)
