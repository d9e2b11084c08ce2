"""From a character of a text to the bytes that it came from, and from a byte to what became of it.

The way leads through every edit on record (`trace`) to the raw text, and from there to the bytes
(`cleaner.decode.places`). None of that needs raw/: with it, the bytes are compared with those of the file, and the file
with its SHA-256 on record.
"""

from collections.abc import Iterator
from pathlib import Path

from cleaner.config import DecodeConfig, decode_settings
from cleaner.decode import encode
from cleaner.decode.places import Places, at_byte, places
from cleaner.document import Document, Edit
from cleaner.errors import BadDataError, WrongUseError
from cleaner.explain.edits import texts_of
from cleaner.explain.shown import CONTEXT, LONGEST, in_context, one_line, shortened
from cleaner.explain.trace import Hop, Span, steps_of_life, way_back, way_on
from cleaner.files.corpus import Corpus, Life
from cleaner.files.raw import is_part, named_row, read_source

SHOWN_BYTES = 8  # on either side


def explain_offset(corpus: Corpus, key: str, offset: int, raw: Path | None = None) -> Iterator[str]:
    """Where the character at an offset of a text comes from, in code points and then in bytes. Yields lines.

    Raises WrongUseError for an offset that the text does not have, and BadDataError when `raw` holds another file.
    """
    life = corpus.find(key)
    text = life.document.text
    if not 0 <= offset < len(text):
        there = f"its offsets go from 0 to {len(text) - 1:,}" if text else "it is empty"
        raise WrongUseError(
            f"there is no character {offset:,} in the text of {one_line(life.document.source)}; {there}"
        )
    yield from told_head(life)
    yield f"character {offset:,}: {named(text[offset])}  {marked(text, (offset, offset + 1))}"
    yield "\nthe way back"
    texts, span, is_still = texts_of(life), (offset, offset + 1), True
    for seen, hop in zip(reversed(texts[:-1]), way_back(steps_of_life(life.edits), span), strict=True):
        span = hop.before
        if line := told_hop(hop, seen):
            is_still = False
            moved = f"{told_span(hop.after)} ← {told_span(hop.before)}"
            nothing = ", where nothing stood" if hop.before[0] == hop.before[1] != hop.after[1] else ""
            yield f"  {line[0]}: {moved}{nothing}{line[1]}"
    if is_still:
        yield "  no rule has touched or moved it"
    yield from told_origin(corpus, life.document, texts[0], span, raw)


def explain_byte(corpus: Corpus, key: str, offset: int, raw: Path | None = None) -> Iterator[str]:
    """What became of the character to which a byte of a file, or of a part of one, belongs. Yields lines.

    Raises WrongUseError for a byte that the file does not have and for a document that is no file, and BadDataError
    when `raw` holds another file.
    """
    life = corpus.find(key)
    document = life.document
    if document.row is not None and not is_part(document.source, document.row):
        remedy = "a character of it is found with --at"
        raise WrongUseError(f"{one_line(document.source)} is a table, whose bytes are not on record; {remedy}")
    texts = texts_of(life)
    data, found = bytes_of(life, texts[0])
    if not 0 <= offset < len(data):
        which = of_file(document)
        raise WrongUseError(f"there is no byte {offset:,} in {which}, which has {len(data):,}")
    yield from told_head(life)
    span = at_byte(found, offset)
    if raw is not None:
        yield verified(corpus, document, data, raw)
    if span[0] == span[1]:
        yield f"byte {offset:,} belongs to no character: it switches between the character sets of {document.encoding}"
        yield f"  {told_bytes(data, (offset, offset + 1))}"
        return
    of = (int(found[span[0], 0]), int(found[span[1] - 1, 1]))
    part = "" if document.row is None else f" of part {document.row}"
    yield f"byte {offset:,}{part} in {document.encoding}: {told_bytes(data, of)}  {marked(texts[0], span)}"
    yield "\nthe way on"
    is_still = True
    for seen, hop in zip(texts, way_on(steps_of_life(life.edits), span), strict=False):
        span = hop.after
        if line := told_hop(hop, seen):
            is_still = False
            went = "removed" if hop.after[0] == hop.after[1] else f"→ {told_span(hop.after)}"
            yield f"  {line[0]}: {told_span(hop.before)} {went}{line[1]}"
        if hop.after[0] == hop.after[1]:
            yield f"\nit is not in the text: {hop.step.edits.rule} in {hop.step.stage} removed it"
            return
    if is_still:
        yield "  no rule has touched or moved it"
    yield f"\nnow character {told_span(span)} of the text: {marked(document.text, span)}"


def told_head(life: Life) -> Iterator[str]:
    """Which document it is, and whether it is still in the corpus."""
    document = life.document
    yield f"{of_file(document)}\nid {document.id}"
    if life.dropped:
        yield f"dropped in {life.dropped_in}: {one_line(life.dropped)}; its text is as that stage found it"


def of_file(document: Document) -> str:
    """The file of a document, and what the document is of it if it is not all."""
    which = "" if document.row is None else f", {named_row(document.source, document.row)}"
    return f"{one_line(document.source)}{which}"


def told_hop(hop: Hop, seen: str) -> tuple[str, str] | None:
    """The stage and rule of a hop, and how it touched or moved the span; None if it did neither."""
    name = f"{hop.step.stage} {hop.step.edits.rule}"
    if hop.number is not None:
        before, after = hop.step.strings(hop.number)
        reasons = hop.step.edits.reasons
        reason = reasons[hop.number] if reasons else ""
        start, part = int(hop.step.old[hop.number]), ""
        if len(before) + len(after) > LONGEST and hop.before[1] - hop.before[0] < len(before):
            place = int(hop.step.new[hop.number])
            after = after[hop.after[0] - place : hop.after[1] - place]
            start, before, part = hop.before[0], seen[slice(*hop.before)], "  (part of a longer edit)"
        return name, f"  {in_context(seen, Edit(start, before, after, hop.step.edits.rule, reason))}{part}"
    moved = hop.after[0] - hop.before[0]
    return (name, f"  moved by {moved:+,}") if moved else None


def told_origin(corpus: Corpus, document: Document, text: str, span: Span, raw: Path | None) -> Iterator[str]:
    """The place of a span of the raw text in the file, or in the field of a row."""
    yield "\nin raw/"
    if not document.encoding:
        yield "  no bytes: the file could not be read"
        return
    data, found = encode(text, document.encoding), places(text, document.encoding)
    start = int(found[span[0], 0]) if span[0] < len(found) else len(data)
    end = int(found[span[1] - 1, 1]) if span[0] < span[1] else start
    if document.row is not None and not is_part(document.source, document.row):
        field = corpus.stages[0].report["settings"].get("text_field", DecodeConfig().text_field)
        place = (len(data[:start].decode("utf-8", "ignore")), len(data[:end].decode("utf-8", "ignore")))
        yield f"  {one_line(document.source)}, row {document.row}: character {told_span(place)} of its field {field!r}"
    else:
        which = f"before byte {start:,}" if start == end else f"bytes {told_span((start, end), ',')}"
        yield f"  {of_file(document)}: {which} of {len(data):,}, in {document.encoding}"
    yield f"  {told_bytes(data, (start, end))}  {marked(text, span)}"
    if raw is not None:
        yield verified(corpus, document, data, raw)


def bytes_of(life: Life, text: str) -> tuple[bytes, Places]:
    """The bytes of a raw text, and where each of its characters stands in them."""
    document = life.document
    if not document.encoding:
        raise WrongUseError(f"{one_line(document.source)} was never read as text: {one_line(life.dropped)}")
    try:
        return encode(text, document.encoding), places(text, document.encoding)
    except UnicodeEncodeError as error:
        raise BadDataError(f"the text of {document.source} does not lead back to bytes: {error}") from None


def verified(corpus: Corpus, document: Document, data: bytes, raw: Path) -> str:
    """That the input is still the one that was read. Raises BadDataError when it is not."""
    settings = decode_settings(corpus.stages[0].report["settings"])
    path, content, sha256, start = read_source(raw, document.source, document.row, settings)
    known = sha256_of_input(corpus, document.source)
    if sha256 and known and sha256 != known:
        raise BadDataError(f"{path} is not the file that was read: its SHA-256 is not {known}")
    if content != data:
        raise BadDataError(f"{path} does not hold the bytes that the text leads back to")
    place = f" from byte {start:,} on" if is_part(document.source, document.row) else ""
    checked = f", and its SHA-256 is that of the input, {known[:16]}…" if sha256 and known else ""
    return f"  checked: {one_line(str(path))} has these {len(data):,} bytes{place}{checked}"


def sha256_of_input(corpus: Corpus, source: str) -> str:
    """The SHA-256 of an input on record, or an empty string."""
    inputs = [*((corpus.manifest or {}).get("inputs") or []), *(corpus.stages[0].report.get("inputs") or [])]
    return next((entry["sha256"] for entry in inputs if source in (entry.get("source"), entry.get("path"))), "")


def named(character: str) -> str:
    """A character and its code point."""
    return f"{one_line(character)} (U+{ord(character):04X})"


def told_span(span: Span, separator: str = ",") -> str:
    """A span as its first and last offset.

    >>> told_span((7, 8)), told_span((7, 1012)), told_span((7, 7))
    ('7', '7–1,011', '7')
    """
    first, last = f"{span[0]:{separator}}", f"{max(span[1] - 1, span[0]):{separator}}"
    return first if first == last else f"{first}–{last}"


def marked(text: str, span: Span) -> str:
    """A span of a text in context, in brackets."""
    left, right = text[max(span[0] - CONTEXT, 0) : span[0]], text[span[1] : span[1] + CONTEXT]
    return f"…{one_line(left)}[{shortened(text[span[0] : span[1]])}]{one_line(right)}…"


def told_bytes(data: bytes, span: Span) -> str:
    """Some bytes in hex, in brackets, between those beside them."""
    left, right = data[max(span[0] - SHOWN_BYTES, 0) : span[0]], data[span[1] : span[1] + SHOWN_BYTES]
    inside = data[span[0] : span[1]]
    said = (
        inside.hex(" ")
        if len(inside) <= 4 * SHOWN_BYTES
        else f"{inside[:SHOWN_BYTES].hex(' ')} … {inside[-SHOWN_BYTES:].hex(' ')}"
    )
    return f"{left.hex(' ')} [{said}] {right.hex(' ')}".strip()
