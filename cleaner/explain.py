"""For a person at a terminal: how one file is read, what simplify decides about a document, its life, and a diff."""

import difflib
import itertools
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from cleaner.config import DecodeConfig, DedupConfig, RepairConfig, SimplifyConfig
from cleaner.decode import candidates, decode
from cleaner.decode.exact import STAND_INS
from cleaner.dedup.differences import in_words
from cleaner.document import Document, Edit, Edits, Outcome, Reading, invert
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.corpus import Corpus, Life
from cleaner.files.raw import JSONL, PARQUET, find, read, readable_name
from cleaner.lines import width
from cleaner.pipeline import text_before, texts_before
from cleaner.readings import aligned, confidence_in_words, family
from cleaner.repair import repair
from cleaner.repair.seams import explain_breaks
from cleaner.repair.witnesses import asked
from cleaner.simplify.convert import decisions
from cleaner.simplify.duals import Decision
from cleaner.simplify.scripts import TRADITIONAL, classes_of, find_traditional

CONTEXT = 16  # characters shown on either side of an edit
LONGEST = 60  # characters shown of what an edit removed or added
MAX_DECISIONS = 40  # dual characters and spans shown unless all are asked for
MAX_EDITS = 8  # shown per rule unless all are asked for
MAX_DIFF_LINES = 60
MAX_CANDIDATES = 6  # encodings shown of those that were weighed
MAX_OFFSETS = 5  # of damaged bytes, shown
FIRST_LINES = 3  # of a text, shown


def explain(corpus: Corpus, key: str, everything: bool = False) -> Iterator[str]:
    """What happened to one document, rule by rule, before and after. Yields lines."""
    life = corpus.find(key)
    document = life.document
    row = "" if document.row is None else f", row {document.row}"
    yield f"{document.source}{row}"
    yield f"id {document.id} · {len(document.text):,} characters{facts(document)}"
    if life.dropped:
        in_its_place = f"; {life.by} stays in its place" if life.by else ""
        yield f"dropped in {life.dropped_in}: {life.dropped}{in_its_place}"
    else:
        yield "kept"
    reading = next((reading for reading in corpus.readings() if reading.id == document.id), None)
    if reading is not None:
        yield from told_reading(reading)
    yield from told_links(corpus, document.id)
    if not life.edits:
        yield "\nnothing was changed"
    yield from told_edits(life, everything)
    if life.by:
        others = itertools.chain(
            corpus.documents(), (other for other, *_ in corpus.dropped() if other.id != document.id)
        )
        stays = next((other for other in others if other.id == life.by), None)
        if stays is None:
            yield f"\nthe document that stays in its place ({life.by}) is in an earlier version"
        else:
            yield from difference(document, stays)


def explain_file(path: Path, settings: DecodeConfig) -> Iterator[str]:
    """What decode makes of one file and why, without writing anything. Yields lines.

    Raises WrongUseError when there is no such file.
    """
    if path.is_dir():
        raise WrongUseError(f"{path} is a folder; name one file in it")
    ((file,), _) = find(path)
    yield one_line(readable_name(str(path)))
    if path.name.lower().endswith(JSONL + PARQUET):
        yield "a table: its rows are UTF-8 text already, so there is no encoding to find out"
        return
    yield f"{file.size:,} bytes"
    for found in read(file, settings):
        for outcome in decode([found], settings):
            yield from told_outcome(outcome)
        if isinstance(found.content, bytes):
            yield from told_candidates(candidates(found.content)[:MAX_CANDIDATES])


def told_outcome(outcome: Outcome) -> Iterator[str]:
    """What decode made of a file: how it was read, what was changed, and how the text begins."""
    document = outcome.document
    yield f"put aside: {outcome.dropped}" if outcome.dropped else f"kept, {len(document.text):,} characters"
    if outcome.reading is not None:
        yield from told_reading(outcome.reading)
    yield from told_edits(Life(document, [("decode", edits) for edits in outcome.edits]), everything=False)
    lines = (line.strip() for line in document.text.split("\n") if line.strip())
    for number, line in enumerate(itertools.islice(lines, FIRST_LINES)):
        if number == 0:
            yield "\nthe text begins"
        yield f"  {fitted(line, shutil.get_terminal_size().columns - 2)}"


def told_reading(reading: Reading) -> Iterator[str]:
    """How the bytes of a file were read, and on what evidence."""
    yield "\nhow the file was read"
    if reading.encoding:
        yield f"  as {reading.encoding}, with confidence {confidence_in_words(reading.confidence)}"
    if reading.runner_up:
        yield f"  the next best was {reading.runner_up}, worse by {reading.gap:,.1f} bits"
    if reading.bits_per_character:
        yield f"  {reading.bits_per_character:.1f} bits per character (the fewer, the more it reads like Chinese)"
    if reading.chardet:
        yield f"  chardet says {one_line(reading.chardet)}{compared(reading.chardet, reading.encoding)}"
    if reading.declared:
        yield f"  the file declares {one_line(reading.declared)}{compared(reading.declared, reading.encoding)}"
    if reading.damaged:
        yield f"  {told_damage(reading.damaged)}"
    if reading.lines:
        yield f"  lines: {', '.join(f'{count:,} in {encoding}' for encoding, count in reading.lines)}"
    yield f"  decision: {reading.decision}"


def compared(name: str, encoding: str) -> str:
    """Whether a name given for an encoding is right, as the end of a sentence."""
    if not encoding:
        return ""
    return ", which agrees" if family(name) == family(encoding) else ", which does not agree"


def told_damage(damaged: Sequence[int]) -> str:
    """How many bytes were damaged, and where the first of them are."""
    shown = ", ".join(str(offset) for offset in damaged[:MAX_OFFSETS])
    more = f" and {len(damaged) - MAX_OFFSETS:,} more" if len(damaged) > MAX_OFFSETS else ""
    return f"{len(damaged):,} damaged {'byte' if len(damaged) == 1 else 'bytes'}, at offset {shown}{more}"


def told_candidates(candidates: Sequence[tuple[str, float, str]]) -> Iterator[str]:
    """The encodings that were weighed: the bits that it takes to write a sample down, and how that begins."""
    if candidates:
        yield "\nwhat was weighed"
        rows = [("encoding", "bits"), *((name, f"{bits:,.0f}") for name, bits, _ in candidates)]
        beginnings = ["reads as", *(shortened(beginning) for _, _, beginning in candidates)]
        yield from (f"  {row}  {beginning}" for row, beginning in zip(aligned(rows), beginnings, strict=True))


def fitted(line: str, columns: int) -> str:
    """As much of a line as goes into some columns of a terminal, where a Han character takes two.

    >>> fitted("镇里修好了水渠", 14), fitted("镇里修好了水渠", 10)
    ('镇里修好了水渠', '镇里修好…')
    """
    shown = one_line(line[: max(columns, 0) + 1])  # no more of a line that may be a whole book
    if 2 * width(shown) <= columns:
        return shown
    while shown and 2 * width(shown + "…") > columns:
        shown = shown[:-1]
    return f"{shown}…"


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
            yield f"      … and {len(edits) - limit:,} more (`cleaner explain --all` shows them)"
            return
        yield f"      {edit.offset:>7}  {in_context(text, edit)}"


def in_context(text: str, edit: Edit) -> str:
    """An edit on one line: …left[-before-]{+after+}right…"""
    end = edit.offset + len(edit.before)
    left, right = text[max(edit.offset - CONTEXT, 0) : edit.offset], text[end : end + CONTEXT]
    removed = f"[-{shortened(edit.before)}-]" if edit.before else ""
    added = f"{{+{shortened(edit.after)}+}}" if edit.after else ""
    reason = f"  {one_line(edit.reason)}" if edit.reason else ""
    return f"…{one_line(left)}{removed}{added}{one_line(right)}…{reason}"


def shortened(text: str) -> str:
    """A text on one line; of a long one the beginning and the end."""
    if len(text) <= LONGEST:
        return one_line(text)
    half = LONGEST // 2
    return f"{one_line(text[:half])} …{len(text) - 2 * half:,} characters… {one_line(text[-half:])}"


def one_line(text: str) -> str:
    """A text with signs for line breaks and codes for what cannot be shown; a stand-in as the byte it stands for."""
    return "".join("↵" if c == "\n" else c if c.isprintable() else code(ord(c)) for c in text)


def code(point: int) -> str:
    """The code of a character that cannot be shown."""
    return f"<{point - STAND_INS:02X}>" if point >= STAND_INS else f"<{point:04X}>"


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


def explain_script(corpus: Corpus, key: str, settings: SimplifyConfig, everything: bool = False) -> Iterator[str]:
    """Which parts of a document are traditional, and what becomes of each dual character in them, and why."""
    life = corpus.find(key)
    text = text_before("simplify", life)
    classes = classes_of(text)
    script, counts, spans = find_traditional(classes, settings)
    yield f"{life.document.source}\nid {life.document.id}"
    told = f"{counts.traditional:,} characters that only traditional text has, {counts.simplified:,} only simplified"
    yield f"script {script}: {told}"
    yield f"\ntraditional parts: {'' if spans else 'none'}"
    yield from told_some([f"{start}–{end}  {shortened(text[start:end])}" for start, end in spans], everything)
    yield "\ndual characters in them, and the votes (in nats; above zero for leaving the character)"
    yield from told_some([told_decision(text, made) for made in decisions(text, classes, spans)], everything)
    outside = bytearray(classes)
    for start, end in spans:
        outside[start:end] = bytes(end - start)
    left = [place for place, letter in enumerate(outside) if letter == TRADITIONAL[0]]
    if left:
        yield "\ntraditional characters that are left, since what stands around them is not traditional"
        yield from told_some([around(text, place, text[place]) for place in left], everything)


def explain_repair(corpus: Corpus, key: str, settings: RepairConfig, everything: bool = False) -> Iterator[str]:
    """What repair does to a document and why, and the line breaks that it weighed and left. Writes nothing."""
    life = corpus.find(key)
    document = replace(life.document, text=text_before("repair", life))
    others = asked([document], lambda: texts_before("repair", corpus), settings)
    outcome = next(repair([document], settings, others))
    yield f"{document.source}\nid {document.id}{facts(outcome.document)}"
    if not outcome.edits:
        yield "\nnothing would be changed"
    yield from told_edits(Life(outcome.document, [("repair", edits) for edits in outcome.edits]), everything)
    left = [doubt for doubt in explain_breaks(outcome.document.text, others=others) if not doubt[2]]
    yield "\nline breaks that were weighed and are left (in nats; above zero for a cut)"
    yield from told_some(
        [told_break(outcome.document.text, end, score, why) for end, score, _, why in left], everything
    )


def told_break(text: str, end: int, score: float, why: Sequence[tuple[str, float]]) -> str:
    """One line break in context, its score, and what counted most."""
    votes = ", ".join(f"{reason} {vote:+.1f}" for reason, vote in why)
    return f"{around(text, end, '↵')}  {score:+.1f}: {votes}"


def told_some(lines: list[str], everything: bool) -> Iterator[str]:
    """Some of many lines, or all that are asked for."""
    limit = len(lines) if everything else MAX_DECISIONS
    yield from (f"  {line}" for line in lines[:limit])
    if len(lines) > limit:
        yield f"  … and {len(lines) - limit:,} more (--all shows them)"


def told_decision(text: str, decision: Decision) -> str:
    """One dual character in context, what becomes of it, and the votes."""
    stays = decision.becomes == decision.character
    becomes = f"{decision.character} stays" if stays else f"{decision.character} → {decision.becomes}"
    votes = ", ".join(f"{told_vote(name)} {vote:+.1f}" for name, vote in decision.votes)
    return f"{around(text, decision.offset, becomes)}  {votes}"


def told_vote(name: str) -> str:
    """What cast a vote: 看_ stands for the character after 看."""
    return name if name == "default" else f"beside {one_line(name)}" if "_" in name else f"phrase {name}"


def around(text: str, place: int, shown: str) -> str:
    """A character in context on one line, in whose place something else is shown."""
    left, right = text[max(place - CONTEXT, 0) : place], text[place + 1 : place + 1 + CONTEXT]
    return f"{place:>7}  …{one_line(left)}[{shown}]{one_line(right)}…"


def difference(copy: Document, keeper: Document) -> Iterator[str]:
    """What sets a copy apart from the document that stays, in words and line by line."""
    yield f"\nhow it differs from {keeper.source} ({keeper.id})"
    yield f"  {in_words(copy.text, keeper.text, DedupConfig().shingle)}"
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
