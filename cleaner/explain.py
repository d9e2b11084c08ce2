"""The life of one document, and what sets two versions apart, for a person at a terminal."""

import difflib
from collections.abc import Iterator

import duckdb

from cleaner.document import Document, Edit, Edits, invert
from cleaner.errors import BadDataError
from cleaner.files.corpus import Corpus, Life

CONTEXT = 16  # characters shown on either side of an edit
LONGEST = 60  # characters shown of what an edit removed or added
MAX_EDITS = 8  # shown per rule unless all are asked for
MAX_DIFF_LINES = 60


def explain(corpus: Corpus, key: str, everything: bool = False) -> Iterator[str]:
    """What happened to one document, rule by rule, before and after. Yields lines."""
    life = corpus.find(key)
    document = life.document
    row = "" if document.row is None else f", row {document.row}"
    yield f"{document.source}{row}"
    yield f"id {document.id} · {len(document.text):,} characters{facts(document)}"
    if life.dropped:
        stays = f"; {life.by} stays in its place" if life.by else ""
        yield f"dropped in {life.dropped_in}: {life.dropped}{stays}"
    else:
        yield "kept"
    if not life.edits:
        yield "nothing was changed"
    yield from told_edits(life, everything)
    if life.by:
        yield from difference(document, corpus.find(life.by).document)


def facts(document: Document) -> str:
    """What the stages found out about a document."""
    known = {
        "encoding": document.encoding,
        "script": document.script,
        "continued from page": document.continued_from,
        "continued on page": document.continued_on,
    }
    return "".join(f" · {name} {value}" for name, value in known.items() if value)


def told_edits(life: Life, everything: bool) -> Iterator[str]:
    """The edits of a document in the order they were made, each in the text that its rule saw."""
    texts: list[str] = []  # before each run of a rule
    text = life.document.text
    for _, edits in reversed(life.edits):
        try:
            text = invert(text, edits)
        except ValueError as error:
            raise BadDataError(f"the ledger does not fit the text of {life.document.source}: {error}") from None
        texts.append(text)
    last = ""
    for (stage, edits), seen in zip(life.edits, reversed(texts), strict=True):
        if stage != last:
            yield f"\n{stage}"
            last = stage
        yield f"  {edits.rule}: {len(edits)} {'edit' if len(edits) == 1 else 'edits'}"
        yield from told_run(seen, edits, len(edits) if everything else MAX_EDITS)


def told_run(text: str, edits: Edits, limit: int) -> Iterator[str]:
    """Some edits of one run of a rule, in context."""
    for number, edit in enumerate(edits):
        if number == limit:
            yield f"      … and {len(edits) - limit} more (--all shows them)"
            return
        yield f"      {edit.offset:>7}  {in_context(text, edit)}"


def in_context(text: str, edit: Edit) -> str:
    """An edit on one line: …left[-before-]{+after+}right…"""
    end = edit.offset + len(edit.before)
    left, right = text[max(edit.offset - CONTEXT, 0) : edit.offset], text[end : end + CONTEXT]
    removed = f"[-{shortened(edit.before)}-]" if edit.before else ""
    added = f"{{+{shortened(edit.after)}+}}" if edit.after else ""
    return f"…{one_line(left)}{removed}{added}{one_line(right)}…"


def shortened(text: str) -> str:
    """A text on one line; of a long one the beginning and the end."""
    if len(text) <= LONGEST:
        return one_line(text)
    half = LONGEST // 2
    return f"{one_line(text[:half])} …{len(text) - 2 * half:,} characters… {one_line(text[-half:])}"


def one_line(text: str) -> str:
    """A text with signs for line breaks and codes for what cannot be shown."""
    return "".join(
        "↵" if character == "\n" else character if character.isprintable() else f"<{ord(character):04X}>"
        for character in text
    )


def difference(copy: Document, keeper: Document) -> Iterator[str]:
    """What sets a copy apart from the document that stays, line by line."""
    yield f"\nhow it differs from {keeper.source} ({keeper.id}):"
    lines = difflib.unified_diff(keeper.text.split("\n"), copy.text.split("\n"), lineterm="", n=0)
    changed = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    yield from (f"  {line[0]} {one_line(line[1:])}" for line in changed[:MAX_DIFF_LINES])
    if len(changed) > MAX_DIFF_LINES:
        yield f"  … and {len(changed) - MAX_DIFF_LINES} more lines"
    if not changed:
        yield "  not at all"


def compare(old: Corpus, new: Corpus) -> Iterator[str]:
    """What changed between two versions: documents that came, went and changed, and rules that did more or less."""
    came, went, changed = compared_documents(old, new)
    yield f"{old.name} → {new.name}: {len(came)} came, {len(went)} went, {len(changed)} changed"
    yield from (f"+ {source}" for source in came)
    yield from (f"- {source}" for source in went)
    for source, before, after in changed:
        yield f"~ {source}"
        yield from (f"    {line}" for line in changed_lines(before, after))
    yield from compared_rules(old, new)


def compared_documents(old: Corpus, new: Corpus) -> tuple[list[str], list[str], list[tuple[str, str, str]]]:
    """Sources of the documents that came and went; source and both texts of those that changed."""
    with duckdb.connect() as database:
        for name, corpus in (("old", old), ("new", new)):
            files = [str(path) for path in corpus.stages[-1].documents]
            view = database.read_parquet(files)  # noqa: F841 -- DuckDB finds it by its name
            database.execute(f"CREATE TABLE {name}_documents AS SELECT id, source, row, text FROM view")
        rows = database.execute(
            """
            SELECT coalesce(n.source, o.source) || coalesce(':' || coalesce(n.row, o.row), ''), o.text, n.text
            FROM old_documents o FULL JOIN new_documents n USING (id)
            WHERE o.text IS DISTINCT FROM n.text
            ORDER BY 1
            """
        ).fetchall()
    came = [source for source, before, _ in rows if before is None]
    went = [source for source, _, after in rows if after is None]
    return came, went, [row for row in rows if row[1] is not None and row[2] is not None]


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that differ between two texts, the first of them."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0)
    found = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return [f"{line[0]} {shortened(line[1:])}" for line in found[:MAX_EDITS]]


def compared_rules(old: Corpus, new: Corpus) -> Iterator[str]:
    """Rules whose work differs between two versions."""
    tables = [
        {
            f"{stage.stage} {rule}": counts["edits"]
            for stage in corpus.stages
            for rule, counts in stage.report["counts"]["rules"].items()
        }
        for corpus in (old, new)
    ]
    for rule in dict.fromkeys([*tables[0], *tables[1]]):
        before, after = (table.get(rule, 0) for table in tables)
        if before != after:
            yield f"  {rule}: {before:,} edits → {after:,}"
