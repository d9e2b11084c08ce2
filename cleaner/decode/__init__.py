"""Stage 1, decode: bytes become text, and could become the same bytes again.

What is wrong with the files: they come in GBK, Big5, EUC-TW, UTF-16 or UTF-8 and do not say so, or say something
wrong; some change encoding half-way, some have lost or gained a byte, some are cut in the middle of a character, some
are pictures named .txt, and some were ruined by another program long ago. For each file:

1. `detect` names a character set, or says why there is none: what is no text, not Chinese, or unreadable is put aside.
2. `mend.read` reads the bytes as a *raw text*, which `encode` turns back into the very same bytes. Bytes that the
   character set cannot give back are represented by stand-ins; so are pieces of lines in another encoding, which
   `lattice` finds where a line does not decode or reads badly.
3. Rules make the text out of the raw text, on record like all others: a cut character goes, stand-ins are read (or
   go, where nothing reads them), padding and byte order marks go, mojibake is undone; of a web page the main text
   is taken.
4. A text that was destroyed before it came to us is dropped, but not one that quotes such text.

Most inputs need none of this, and are told first: see `cleaner.decode.plain`.

Every input that is dropped here keeps its bytes in quarantine/. How each file was read is on record as a `Reading`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cleaner.config import DecodeConfig
from cleaner.decode.charsets import LONGEST_CUT
from cleaner.decode.detect import Detection, detect, detect_part
from cleaner.decode.exact import Raw, Spelt, encode
from cleaner.decode.mend import TooDamagedError, read
from cleaner.decode.mojibake import destroyed, undo_mojibake
from cleaner.decode.page import extract_main_text, why_no_text
from cleaner.decode.plain import batches, plain_outcomes
from cleaner.decode.weigh import weigh
from cleaner.document import Change, Document, Edits, Outcome, Reading, Rule, apply, apply_rules
from cleaner.files import document_id
from cleaner.files.raw import RawText, is_part

__all__ = ["candidates", "decode", "encode"]

REPAIRED = 0.94  # the most that we are sure of a file in which lines had to be pieced together
REPAIRS = ("drop_cut_character", "read_stand_ins", "drop_padding", "undo_mojibake")
DECISIONS = {
    "destroyed text": "destroyed",
    "empty file": "empty",
    "unreadable": "not read",
    "too large": "not read",
}  # of a reading, by what is said of a dropped document


def decode(inputs: Iterable[RawText], config: DecodeConfig) -> Iterator[Outcome]:
    """Turn each input into a document, or say why it cannot be read."""
    for batch in batches(inputs):
        for found, outcome in zip(batch, plain_outcomes(batch), strict=True):
            yield outcome or decode_one(found, config)


def decode_one(found: RawText, config: DecodeConfig) -> Outcome:
    """Any input, by the whole procedure."""
    return decode_text(found, config) if isinstance(found.content, str) else decode_bytes(found, config)


def decode_text(found: RawText, config: DecodeConfig) -> Outcome:
    """The text of a row of a table, which was decoded when the table was read."""
    document = Document(document_id(found.source, found.row), found.source, "", found.row)
    data = str(found.content).encode("utf-8", "surrogatepass")
    problem = found.problem or ("" if is_valid(str(found.content)) else "undecodable: holds lone surrogates")
    if problem:
        return Outcome(document, dropped=problem, quarantine=data or None)
    raw = read(data, "utf-8", is_mixed=False, text=str(found.content))  # it may hold characters like our stand-ins
    document = replace(document, text=raw.text, encoding="utf-8")
    return judge(make_text(document, raw, False, config), data)


def decode_bytes(found: RawText, config: DecodeConfig) -> Outcome:
    """A file, or a part of one, with the record of how it was read."""
    document = Document(document_id(found.source, found.row), found.source, "", found.row)
    data = found.content if isinstance(found.content, bytes) else b""
    if found.problem:
        detection = Detection("", found.problem)
    else:
        detection = detect(data) if found.sample is None else detect_part(data, found.sample)
    if detection.problem:
        return recorded(Outcome(document, dropped=detection.problem, quarantine=data or None), detection)
    most = int(config.max_damaged_share * len(data)) + LONGEST_CUT
    try:
        raw = read(data, detection.charset, config.split_encodings_by_line, detection.text, most)
    except TooDamagedError:
        said = f"undecodable: as {detection.charset}, more than {most} of {len(data)} bytes cannot be read"
        return recorded(Outcome(document, dropped=said, quarantine=data), detection)
    if not raw.is_exact and encode(raw.text, detection.charset) != data:
        said = f"undecodable: as {detection.charset}, its bytes cannot be given back"  # a law: it has never happened
        return recorded(Outcome(document, dropped=said, quarantine=data), detection)
    damaged = [place for one in raw.spelt if one.reading is None for place in range(one.start, one.start + one.length)]
    document = replace(document, text=raw.text, encoding=detection.charset)
    outcome = judge(make_text(document, raw, found.is_html, config), data, raw.text if found.is_html else "")
    return recorded(outcome, detection, damaged, raw)


def candidates(data: bytes) -> list[tuple[str, float, str]]:
    """The encodings that a file may be in: name, bits for a sample of it, and how that begins; the best first."""
    found = weigh(data, is_thorough=True)[0] if data else []
    return [(one.charset, one.bits, one.text.strip()) for one in found if one.characters]


def recorded(outcome: Outcome, found: Detection, damaged: Iterable[int] = (), raw: Raw | None = None) -> Outcome:
    """An outcome with the record of how its file was read; a line of a table has none."""
    document = outcome.document
    if document.row is not None and not is_part(document.source, document.row):
        return outcome
    repaired = any(edits.rule in REPAIRS for edits in outcome.edits)
    return replace(
        outcome,
        reading=Reading(
            document.id,
            document.source,
            decision=DECISIONS.get(kind := outcome.dropped.split(":")[0], kind) or ("repaired" if repaired else "read"),
            encoding=document.encoding,
            confidence=min(found.confidence, REPAIRED if is_pieced_together(raw) else 1.0) if found.charset else 0.0,
            runner_up=found.runner_up,
            gap=found.gap,
            bits_per_character=found.per_character,
            chardet=found.chardet,
            declared=found.declared,
            damaged=tuple(damaged),
            lines=tuple(sorted(raw.lines.items())) if raw and len(raw.lines) > 1 else (),
        ),
    )


def is_pieced_together(raw: Raw | None) -> bool:
    """Whether anything but a cut character at the end was not read as it stood."""
    return raw is not None and len(raw.spelt) > (cut_character(raw) is not None)


def cut_character(raw: Raw) -> Spelt | None:
    """The stand-ins at the very end of a raw text that are the beginning of a character, if there are any."""
    if not raw.spelt:
        return None
    last = raw.spelt[-1]
    is_tail = last.reading is None and last.length <= LONGEST_CUT and last.offset + last.length == len(raw.text)
    return last if is_tail else None


def is_valid(text: str) -> bool:
    """Whether a text from a table can be written at all: JSON can spell lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def make_text(document: Document, raw: Raw, is_html: bool, config: DecodeConfig) -> Outcome:
    """Run the rules that lead from the raw text to the text."""

    tail = cut_character(raw)

    def drop_cut_character(text: str) -> Iterator[Change]:
        if tail:
            yield tail.offset, len(text), ""

    def read_stand_ins(text: str) -> Iterator[Change]:
        for entry in raw.spelt:
            if entry is not tail:
                yield entry.offset, entry.offset + entry.length, entry.reading or ""

    # Once only, and in this order: offsets of stand-ins hold for the raw text, and the cut is behind all of them.
    text, history = document.text, list[Edits]()
    for rule in (drop_cut_character, read_stand_ins) if raw.spelt else ():
        edits = Edits.of(rule.__name__, text, rule(text))
        if len(edits):
            text = apply(text, edits)
            history.append(edits)
    rules: list[Rule] = [drop_padding, *([read_private_space] if document.encoding == "gb18030" else [])]
    if config.drop_byte_order_mark:
        rules.append(drop_byte_order_marks)
    if config.undo_mojibake:
        rules.append(undo_mojibake)
    if is_html:
        rules.append(extract_main_text)
    outcome = apply_rules(replace(document, text=text) if history else document, rules, rounds=1)
    return replace(outcome, edits=(*history, *outcome.edits)) if history else outcome


def drop_padding(text: str) -> Iterator[Change]:
    """Remove NUL characters, with which programs fill up blocks; no text has one.

    >>> list(drop_padding("正文\\0\\0"))
    [(2, 4, '')]
    """
    yield from every_run("\0", text)


def read_private_space(text: str) -> Iterator[Change]:
    """Make U+E5E5 an ideographic space: everybody but CPython reads the pair A3A0 of GB 18030 so.

    >>> list(read_private_space("正文\ue5e5"))
    [(2, 3, '\u3000')]
    """
    yield from ((start, end, "\u3000" * (end - start)) for start, end, _ in every_run("\ue5e5", text))


def drop_byte_order_marks(text: str) -> Iterator[Change]:
    """Remove U+FEFF, which says how bytes were ordered: at the start, and where files were joined to one.

    >>> list(drop_byte_order_marks("\\ufeff正文\\n\\ufeff续"))
    [(0, 1, ''), (4, 5, '')]
    """
    yield from every_run("\N{ZERO WIDTH NO-BREAK SPACE}", text)


def every_run(character: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Remove each run of a character."""
    end = 0
    while (start := text.find(character, end)) >= 0:
        end = start + 1
        while text[end : end + 1] == character:
            end += 1
        yield start, end, ""


def judge(outcome: Outcome, data: bytes, page: str = "") -> Outcome:
    """Drop what is no text any more; `page` is that of which it is the main text, if it is one."""
    text = outcome.document.text
    if page.strip() and not text.strip():
        return replace(outcome, dropped=why_no_text(page), quarantine=data)
    if not text.strip():
        return replace(outcome, dropped="empty: nothing but white space")
    if share := destroyed(text):
        said = f"destroyed text: {share:.1%} of its characters were lost before it came here"
        return replace(outcome, dropped=said, quarantine=data)
    return outcome
