"""Stage 1, decode: bytes become text, and could become the same bytes again.

What is wrong with the files: they come in GBK, Big5, UTF-16 or UTF-8 and do not say so, or say something wrong;
some change encoding half-way, some are cut in the middle of a character, some are pictures named .txt, and some
were ruined by another program long ago. For each file:

1. `detect` names an encoding, or says why there is none.
2. `read_exactly` reads the bytes as a *raw text*, which `encode` turns back into the very same bytes. Bytes that
   the codec cannot give back are represented by stand-ins (see `codecs`); lines in another encoding are too.
3. Rules make the text out of the raw text, on record like all others: stand-ins are read, a cut character and
   the byte order mark go, mojibake is undone; of a web page the main text is taken.
4. A text that was destroyed before it came to us is dropped. So is every input that cannot be read; its bytes are
   kept in quarantine/.

Limits of this first form: a byte that cannot be read is removed, if there are few of them and the lines around them
read well; a byte that was inserted or lost so that the rest of its line reads as rubbish makes the file unreadable.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cleaner.config import DecodeConfig
from cleaner.decode.codecs import Spelt, encode, read, split_lines, stand_ins
from cleaner.decode.detect import LONGEST_CUT_TAIL, best_codec_of_line, choose_for_damaged, detect, strict_reading
from cleaner.decode.mojibake import MAX_DESTROYED_SHARE, destroyed_share, undo_western_reading
from cleaner.decode.page import extract_main_text
from cleaner.decode.score import has_odd_line
from cleaner.document import Change, Document, Edits, Outcome, Rule, apply, apply_rules
from cleaner.files import document_id
from cleaner.files.raw import RawText

__all__ = ["decode", "encode"]


def decode(inputs: Iterable[RawText], config: DecodeConfig) -> Iterator[Outcome]:
    """Turn each input into a document, or say why it cannot be read."""
    for found in inputs:
        yield decode_one(found, config)


def decode_one(found: RawText, config: DecodeConfig) -> Outcome:
    """One input as a document with the edits that led from its raw text to its text."""
    document = Document(document_id(found.source, found.row), found.source, "", found.row)
    if found.problem:
        content = found.content if isinstance(found.content, bytes) else found.content.encode()
        return Outcome(document, dropped=found.problem, quarantine=content or None)
    if isinstance(found.content, str):
        data = found.content.encode("utf-8", "surrogatepass")
        codec, problem = "utf-8", "" if is_valid(found.content) else "undecodable: holds lone surrogates"
    else:
        data = found.content
        codec, problem = choose_codec(data, config)
    if problem:
        return Outcome(document, dropped=problem, quarantine=data)
    raw, spelt = read_exactly(data, codec, config)
    tail = cut_character(spelt, raw)
    unreadable = sum(entry.length for entry in spelt if entry.reading is None and entry not in tail)
    if encode(raw, codec) != data or unreadable > config.max_damaged_share * len(data):
        said = f"undecodable: as {codec}, {unreadable} of {len(data)} bytes cannot be read"
        return Outcome(document, dropped=said, quarantine=data)
    document = replace(document, text=raw, encoding=codec)
    return judge(make_text(document, spelt, found.is_html, config))


def choose_codec(data: bytes, config: DecodeConfig) -> tuple[str, str]:
    """The main codec of a file and an empty string, or an empty string and the problem."""
    detection = detect(data)
    if not detection.problem or not detection.problem.startswith("undecodable"):
        return detection.codec, detection.problem
    if config.split_encodings_by_line and b"\0" not in data:
        votes = Counter(best_codec_of_line(line) for line in data.split(b"\n") if not line.isascii())
        if votes and "" not in votes:
            return max(sorted(votes), key=lambda codec: votes[codec]), ""
    codec = choose_for_damaged(data, config.max_damaged_share)
    return codec, "" if codec else detection.problem


def read_exactly(data: bytes, codec: str, config: DecodeConfig) -> tuple[str, list[Spelt]]:
    """The raw text of a file, and its stand-ins: of single characters, and of whole lines in another encoding."""
    if not config.split_encodings_by_line or codec not in ("utf-8", "gb18030", "cp950", "big5hkscs"):
        return read(data, codec)
    whole = strict_reading(data, codec)
    if whole is not None and (codec == "utf-8" or not has_odd_line(whole)):
        return read(data, codec)
    pieces: list[str] = []
    found: list[Spelt] = []
    offset = 0
    for line in split_lines(data, codec):
        other = best_codec_of_line(line, codec)
        if other == codec:
            piece, spelt = read(line, codec)
            found += [replace(entry, offset=offset + entry.offset) for entry in spelt]
        else:
            piece = stand_ins(line)
            found.append(Spelt(offset, len(line), strict_reading(line, other)))
        pieces.append(piece)
        offset += len(piece)
    return "".join(pieces), found


def cut_character(spelt: list[Spelt], raw: str) -> list[Spelt]:
    """The unreadable bytes at the very end of a raw text that are the beginning of a character, if there are any."""
    found: list[Spelt] = []
    end = len(raw)
    for entry in reversed(spelt):
        is_last = entry.reading is None and entry.offset + entry.length == end
        if not is_last or len(raw) - entry.offset > LONGEST_CUT_TAIL:
            break
        found.append(entry)
        end = entry.offset
    return found


def is_valid(text: str) -> bool:
    """Whether a text from a table can be written at all: JSON can spell lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else True


def make_text(document: Document, spelt: list[Spelt], is_html: bool, config: DecodeConfig) -> Outcome:
    """Run the rules that lead from the raw text to the text."""

    tail = cut_character(spelt, document.text)

    def drop_cut_character(text: str) -> Iterator[Change]:
        if tail:
            yield min(entry.offset for entry in tail), len(text), ""

    def read_stand_ins(text: str) -> Iterator[Change]:
        for entry in spelt:
            if entry not in tail:
                yield entry.offset, entry.offset + entry.length, entry.reading or ""

    # Once only, and in this order: offsets of stand-ins hold for the raw text, and the cut is behind all of them.
    text, history = document.text, list[Edits]()
    for rule in (drop_cut_character, read_stand_ins):
        edits = Edits.of(rule.__name__, text, rule(text))
        if len(edits):
            text = apply(text, edits)
            history.append(edits)
    rules: list[Rule] = [drop_byte_order_mark] if config.drop_byte_order_mark else []
    rules.append(undo_western_reading)
    if is_html:
        rules.append(extract_main_text)
    outcome = apply_rules(replace(document, text=text), rules, rounds=1)
    return replace(outcome, edits=(*history, *outcome.edits))


def drop_byte_order_mark(text: str) -> Iterator[Change]:
    """Remove U+FEFF at the very start, where it says how bytes were ordered and is no part of the text.

    >>> list(drop_byte_order_mark("\\ufeff正文"))
    [(0, 1, '')]
    """
    if text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}"):
        yield 0, 1, ""


def judge(outcome: Outcome) -> Outcome:
    """Drop what is no text any more."""
    text = outcome.document.text
    if not text.strip():
        return replace(outcome, dropped="empty: nothing but white space")
    share = destroyed_share(text)
    if share > MAX_DESTROYED_SHARE or "\N{REPLACEMENT CHARACTER}" in text:
        return replace(outcome, dropped=f"destroyed text: {share:.1%} of its characters were lost before it came here")
    return outcome
