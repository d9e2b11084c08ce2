"""What changed between two corpora: documents that were added, are gone, moved or changed, and the work of the rules.

1. `documents` finds out which documents differ, by id and by the digest of the text.
2. Of those that changed, both texts are read, a few at a time, and compared character by character (`cleaner.changes`).
3. They are told in the order of their paths: what differs in its context, what was dropped with the reason.
4. `rules` tells which rules did more or less, and for `--stat` which settings and versions differ.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cleaner.changes import Difference, changes
from cleaner.diff.documents import Differing, compared, counts_of, differing, rows
from cleaner.diff.rules import told_making, told_rules
from cleaner.explain.changed import told_changes
from cleaner.explain.shown import one_line
from cleaner.files.corpus import Corpus
from cleaner.files.lookup import Texts
from cleaner.readings import aligned

MAX_DOCUMENTS = 200  # shown unless all are asked for
MAX_FOLDERS = 40
SIGNS = {"added": "+", "gone": "-", "moved": ">", "changed": "~"}
BY_FOLDER = """
WITH every AS (
    SELECT source, size, 0 AS new_size, 1 AS old, 0 AS new FROM old
    UNION ALL SELECT source, 0, size, 0, 1 FROM new
), folders AS (
    SELECT CASE WHEN contains(source, '/') THEN split_part(source, '/', 1) || '/' ELSE '.' END AS folder,
        sum(old) AS documents, sum(new) AS new_documents, sum(size) AS characters, sum(new_size) AS new_characters
    FROM every GROUP BY folder
), counted AS (
    SELECT CASE WHEN contains(source, '/') THEN split_part(source, '/', 1) || '/' ELSE '.' END AS folder,
        count(*) FILTER (status = 'added') AS added, count(*) FILTER (status = 'gone') AS gone,
        count(*) FILTER (status = 'moved') AS moved, count(*) FILTER (status = 'changed') AS changed
    FROM differences GROUP BY folder
)
SELECT folder, documents, new_documents, characters, new_characters,
    coalesce(added, 0), coalesce(gone, 0), coalesce(moved, 0), coalesce(changed, 0)
FROM folders LEFT JOIN counted USING (folder) ORDER BY folder
"""
BY_FACT = """
SELECT coalesce(nullif({fact}, ''), '–'), sum(old), sum(new)
FROM (SELECT {fact}, 1 AS old, 0 AS new FROM old UNION ALL SELECT {fact}, 0, 1 FROM new)
GROUP BY {fact} HAVING sum(old) != sum(new) ORDER BY 1
"""


@dataclass(slots=True)
class Verdict:
    """Whether two corpora were found to differ, once their comparison was told."""

    differs: bool = False


def told_diff(old: Corpus, new: Corpus, verdict: Verdict, colours: bool, everything: bool) -> Iterator[str]:
    """The documents that differ and how, and the rules whose work differs. Yields lines."""
    texts = Texts(), Texts()
    with compared(old, new) as database:
        counts = counts_of(database)
        verdict.differs = is_different(counts)
        yield told_counts(old, new, counts)
        for number, document in enumerate(differing(database)):
            if number == MAX_DOCUMENTS and not everything:
                yield f"… and {sum(counts.values()) - counts['same'] - number:,} more documents (--all shows them)"
                break
            yield told_document(document)
            if document.status == "changed":
                yield from told_changes(*both_texts(document, texts), colours, everything)
    yield from told_rules(old, new)


def told_json(old: Corpus, new: Corpus, verdict: Verdict) -> Iterator[str]:
    """One JSON object for each document that differs, with all of its edits. Yields lines."""
    texts = Texts(), Texts()
    with compared(old, new) as database:
        for document in differing(database):
            verdict.differs = True
            edits: list[Difference] = []
            if document.status == "changed":
                edits = changes(*both_texts(document, texts))
            told: dict[str, Any] = {"id": document.id, "source": document.source, "row": document.row}
            told["status"] = document.status
            if document.status == "moved":
                told |= {"old_source": document.old_source, "old_row": document.old_row}
            if document.reason:
                told |= {"stage": document.stage, "reason": document.reason, "kept": document.kept}
            told |= {"old_length": document.old_size, "new_length": document.new_size}
            told["edits"] = [[edit.offset, edit.before, edit.after] for edit in edits]
            yield json.dumps(told, ensure_ascii=False)


def told_stat(old: Corpus, new: Corpus, verdict: Verdict, everything: bool) -> Iterator[str]:
    """How two corpora differ in numbers, and what they were made by. Yields lines."""
    with compared(old, new) as database:
        counts = counts_of(database)
        verdict.differs = is_different(counts)
        yield told_counts(old, new, counts)
        yield from told_folders(database, everything)
        for fact in ("encoding", "script"):
            found = [(name, f"{was:,} → {now:,}") for name, was, now in rows(database, BY_FACT.format(fact=fact))]
            yield from titled(fact, found)
    rules = list(told_rules(old, new))
    yield from ["", "rules", *(f"  {line}" for line in rules)] if rules else []
    for name, values in told_making(old, new):
        yield from titled(name, [(key, f"{as_value(was)} → {as_value(now)}") for key, was, now in values])


def told_folders(database: duckdb.DuckDBPyConnection, everything: bool) -> Iterator[str]:
    """Documents and characters of each folder below raw/, and of all."""
    found = rows(database, BY_FOLDER)
    total = ("all", *(sum(row[column] for row in found) for column in range(1, 9)))
    heads = ("folder", "documents", "characters", "added", "gone", "moved", "changed")
    shown = found if everything else found[:MAX_FOLDERS]
    table = [
        (
            one_line(str(folder)),
            told_numbers(was, now),
            told_numbers(characters, new_characters),
            *(f"{count:,}" for count in kinds),
        )
        for folder, was, now, characters, new_characters, *kinds in [*shown, total]
    ]
    yield ""
    yield from aligned([heads, *table])
    if len(shown) < len(found):
        yield f"… and {len(found) - len(shown):,} more folders (--all shows them)"


def titled(title: str, found: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Names and what is said of them, under a title; nothing if there are none."""
    if found:
        width = max(len(name) for name, _ in found)
        yield from ("", title, *(f"  {one_line(name):{width}}  {one_line(said)}" for name, said in found))


def told_numbers(was: int, now: int) -> str:
    """A number that may have changed."""
    return f"{now:,}" if was == now else f"{was:,} → {now:,}"


def as_value(value: Any) -> str:
    """A setting as it is written in a file of settings; one that is not there as a dash."""
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def is_different(counts: dict[str, int]) -> bool:
    return any(count for kind, count in counts.items() if kind != "same")


def told_counts(old: Corpus, new: Corpus, counts: dict[str, int]) -> str:
    """How many documents differ, in one line."""
    told = ", ".join(f"{counts[kind]:,} {kind}" for kind in SIGNS)
    return f"{old.name} → {new.name}: {told}, {counts['same']:,} the same"


def told_document(document: Differing) -> str:
    """A document that differs, and what became of it, in one line."""
    name = one_line(named(document.source, document.row))
    sign = SIGNS[document.status]
    if document.status == "moved":
        return f"{sign} {name}  moved from {one_line(named(document.old_source or '', document.old_row))}"
    if document.status == "changed":
        return f"{sign} {name}  {document.old_size or 0:,} → {document.new_size or 0:,} characters"
    if document.reason:
        kept = f"; {one_line(document.kept)} stays" if document.kept else ""
        tense = "dropped" if document.status == "gone" else "was dropped"
        return f"{sign} {name}  {tense} in {document.stage}: {one_line(document.reason)}{kept}"
    return f"{sign} {name}"


def named(source: str, row: int | None) -> str:
    return source if row is None else f"{source}:{row}"


def both_texts(document: Differing, texts: tuple[Texts, Texts]) -> tuple[str, str]:
    """The text of a changed document in both corpora."""
    before = texts[0](Path(document.old_path or ""), document.old_place or 0)
    return before, texts[1](Path(document.new_path or ""), document.new_place or 0)
