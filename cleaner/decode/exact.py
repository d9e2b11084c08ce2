"""Reading bytes so that they can always be written back.

Character sets lose bytes: two pairs read as one character, and what is unreadable has no character at all. So a raw
text may hold *stand-ins*, 256 characters at the end of the last private-use plane, each for one byte that its
character set cannot give back. For every byte string and every character set, `encode(read(data)) == data`.

>>> raw = read("价格".encode("gb18030") + b"\\xff\\n", "gb18030")
>>> raw.text == "价格" + stand_in(0xFF) + "\\n", encode(raw.text, "gb18030") == "价格".encode("gb18030") + b"\\xff\\n"
(True, True)
"""

import bisect
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cleaner.decode import charsets, lattice
from cleaner.decode.score import UNIT, bits_in_context, lines_at, odd_places

STAND_INS = 0x10FF00  # U+10FF00 stands for byte 00, U+10FFFF for byte FF
LONGEST_CHARACTER = 6  # bytes, over all character sets: a surrogate pair in CESU-8
CUT = 4.0  # bits for each byte of a character that the end of a line cut off
MIN_GAIN = 12.0  # bits by which another reading of a line that decodes must be better
WINDOW = 24  # characters on either side of an odd place that are looked at
CAN_BE_ODD = ("gb18030", "big5")  # nearly all pairs of bytes are characters there, so that wrong ones decode
ALWAYS_EXACT = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")  # if they decode: tests say so

_run_of_stand_ins = re.compile(f"[{chr(STAND_INS)}-{chr(STAND_INS + 0xFF)}]+")
_line = re.compile(rb"[^\n]*\n|[^\n]+")
_surrogate_pair = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")  # CESU-8


@dataclass(frozen=True, slots=True)
class Spelt:
    """A run of stand-ins in a raw text: where it begins, how many there are, and how its bytes read.

    `reading` is None when no character set reads the bytes. `start` is the offset of the first byte.
    """

    offset: int
    length: int
    reading: str | None
    start: int

    def moved(self, offset: int, start: int) -> "Spelt":
        """The same, in a text and a file that begin so many characters and bytes earlier."""
        return Spelt(self.offset + offset, self.length, self.reading, self.start + start)


@dataclass(slots=True)
class Raw:
    """A raw text, its stand-ins in order, and how many of its lines were read in which character set, if in several."""

    text: str
    is_exact: bool = False  # encoding it back has been tried, or need not be
    spelt: list[Spelt] = field(default_factory=list)
    lines: Counter[str] = field(default_factory=Counter)


def stand_in(byte: int) -> str:
    """The character that stands for a byte."""
    return chr(STAND_INS + byte)


def stand_ins(data: bytes) -> str:
    """The characters that stand for some bytes."""
    return "".join([chr(STAND_INS + byte) for byte in data])


def encode(text: str, charset: str) -> bytes:
    """The bytes of a raw text: the inverse of `read`. Raises UnicodeEncodeError for a text that is not one."""
    pieces: list[bytes] = []
    position = 0
    for run in _run_of_stand_ins.finditer(text):
        pieces.append(charsets.encode(text[position : run.start()], charset))
        pieces.append(bytes([ord(character) - STAND_INS for character in run.group()]))
        position = run.end()
    return b"".join(pieces) + charsets.encode(text[position:], charset)


def decode_exactly(data: bytes, charset: str) -> str | None:
    """The text of some bytes, if that text encodes back to the same bytes and needs no stand-in."""
    try:
        text = charsets.decode(data, charset)
        if charset not in ALWAYS_EXACT and charsets.encode(text, charset) != data:
            return None
    except UnicodeError:
        return None
    return text if has_no_stand_ins(text) else None


def has_no_stand_ins(text: str) -> bool:
    """Whether no character of a text looks like a stand-in. Those are beyond the BMP, where few texts go at all."""
    is_in_bmp = len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)
    return is_in_bmp or not _run_of_stand_ins.search(text)


def read(data: bytes, charset: str, is_mixed: bool = True, text: str | None = None) -> Raw:
    """Any bytes as a raw text of a character set; `text` is what they are in UTF-8, if that is known.

    The usual file needs no stand-in: it decodes, reads well, and encodes back to the same bytes. Otherwise the lines
    for which that does not hold are cut into characters one by one; `is_mixed` allows other character sets in them.
    """
    if text is None or b"\xf4" in data:
        text = decode_exactly(data, charset)
    if text is None:
        return read_lines(split_lines(data, charset), charset, is_mixed)
    odd = odd_lines(text, charset) if is_mixed and charset in CAN_BE_ODD else []
    return reread_lines(text, odd, charset) if odd else Raw(text, is_exact=True)


def read_lines(lines: Sequence[bytes], charset: str, is_mixed: bool) -> Raw:
    """The lines of a file that does not decode as it is."""
    raw = Raw("")
    read_line = read_with_lattice if is_mixed and charset in lattice.CHARSETS else spell_out
    pieces: list[str] = []
    offset = start = 0
    for line in lines:
        piece, spelt, used = decode_exactly(line, charset), list[Spelt](), {charset}
        if piece is None or (read_line is read_with_lattice and charset in CAN_BE_ODD and odd_lines(piece, charset)):
            piece, spelt, used = read_line(line, charset)
        raw.spelt += [one.moved(offset, start) for one in spelt]
        if not line.isascii() or charset in charsets.STATEFUL:
            raw.lines.update(used)
        pieces.append(piece)
        offset += len(piece)
        start += len(line)
    raw.text = "".join(pieces)
    return raw


def reread_lines(text: str, odd: Sequence[tuple[int, int]], charset: str) -> Raw:
    """A file that decodes, but some lines of which, given by start and end, may have been meant otherwise."""
    raw = Raw("")
    raw.lines[charset] = sum(not line.isascii() for line in text.split("\n")) - len(odd)
    pieces: list[str] = []
    position = length = size = 0
    for start, end in odd:
        before = text[position:start]
        length, size = length + len(before), size + len(charsets.encode(before, charset))
        line = charsets.encode(text[start:end], charset)
        piece, spelt, used = read_with_lattice(line, charset)
        raw.spelt += [one.moved(length, size) for one in spelt]
        raw.lines.update(used)
        pieces += (before, piece)
        length, size, position = length + len(piece), size + len(line), end
    raw.text = "".join(pieces) + text[position:]
    return raw


def odd_lines(text: str, charset: str) -> list[tuple[int, int]]:
    """Start and end of the lines of a text that the lattice would read otherwise, hardly ever any.

    It looks at what stands about each odd place, at all of them in one go.
    """
    places = odd_places(text)
    if not len(places):
        return []
    windows: list[tuple[int, int]] = []
    for place in places.tolist():
        start, end = max(place - WINDOW, 0), place + WINDOW
        windows.append((windows.pop()[0] if windows and start <= windows[-1][1] else start, end))
    data = [charsets.encode(text[start:end] + "\n", charset) for start, end in windows]
    ends = list(itertools.accumulate(map(len, data)))
    misread = {
        number
        for span in lattice.cut(b"".join(data), charset)
        if span.charset != charset
        for number in range(bisect.bisect_right(ends, span.start), bisect.bisect_left(ends, span.end) + 1)
    }
    window_of = np.searchsorted([start for start, _ in windows], places, side="right") - 1
    return lines_at(text, places[np.isin(window_of, list(misread))])


def split_lines(data: bytes, charset: str) -> list[bytes]:
    """Lines with their line ends; for UTF-16 and UTF-32, a newline counts only where a code unit begins."""
    if charset not in charsets.WIDE:
        return _line.findall(data)
    newline = "\n".encode(charset)
    unit = len(newline)
    lines: list[bytes] = []
    start = position = 0
    while (position := data.find(newline, position)) >= 0:
        position += unit if position % unit == 0 else 1
        if position % unit == 0 and data[position - unit : position] == newline:
            lines.append(data[start:position])
            start = position
    return [*lines, data[start:]] if start < len(data) else lines


Line = tuple[str, list[Spelt], set[str]]


def read_with_lattice(line: bytes, charset: str) -> Line:
    """A line cut into spans of several character sets; those that are not of the main one stand in.

    A character that the end of the line cuts off is not for the lattice, which would make another of its bytes.
    """
    body, tail = split_tail(line, charset)
    as_it_is = decode_exactly(body, charset)
    spans = lattice.cut(body, charset)
    bits = price(body, spans, charset) + CUT * len(tail)
    if tail and (other := price(line, spans_of_all := lattice.cut(line, charset), charset)) < bits:
        body, tail, as_it_is, spans, bits = line, b"", None, spans_of_all, other
    if as_it_is is not None and bits_in_context(as_it_is) - bits < MIN_GAIN:
        return as_it_is + stand_ins(tail), spelt_tail(tail, len(as_it_is), len(body)), {charset}
    pieces: list[str] = []
    spelt: list[Spelt] = []
    offset = 0
    for span in spans:
        data = body[span.start : span.end]
        if span.charset == charset:
            piece, inside, _ = spell_out(data, charset)
        else:
            piece, reading = stand_ins(data), lenient(data, span.charset) if span.charset else euro(body, span, charset)
            inside = [Spelt(0, len(piece), reading, 0)]
        spelt += [Spelt(offset + one.offset, one.length, one.reading, span.start + one.start) for one in inside]
        pieces.append(piece)
        offset += len(piece)
    spelt += spelt_tail(tail, offset, len(body))
    used = {span.charset for span in spans if span.charset and not body[span.start : span.end].isascii()}
    return "".join(pieces) + stand_ins(tail), spelt, used or {charset}


def price(data: bytes, spans: list[lattice.Span], charset: str) -> float:
    """The description length of a cut, in bits: of its characters, of what is skipped and of what changes."""
    bits, before, text = 0.0, charset, ""
    for span in spans:
        if not span.charset:
            bits += lattice.SKIP / UNIT * (span.end - span.start)
            continue
        text += lenient(data[span.start : span.end], span.charset)
        changes = lattice.SWITCH if span.start else lattice.START
        bits += changes / UNIT * (span.charset != before)
        before = span.charset
    return bits + bits_in_context(text)


def euro(line: bytes, span: lattice.Span, charset: str) -> str | None:
    """The euro sign of cp936, one byte 80; anywhere but beside a number the byte is damage."""
    beside = line[span.start - 1 : span.start], line[span.end : span.end + 1]
    is_price = charset == "gb18030" and line[span.start : span.end] == b"\x80" and any(map(bytes.isdigit, beside))
    return "€" if is_price else None


def split_tail(line: bytes, charset: str) -> tuple[bytes, bytes]:
    """A line without the beginning of a character that its end cut off, and that beginning."""
    try:
        charsets.decode(line, charset)
    except UnicodeDecodeError as error:
        if charsets.is_cut(error):
            return line[: error.start], line[error.start :]
    return line, b""


def spelt_tail(tail: bytes, offset: int, start: int) -> list[Spelt]:
    """The stand-ins of a cut character."""
    return [Spelt(offset, len(tail), None, start)] if tail else []


def spell_out(line: bytes, charset: str) -> Line:
    """Bytes read one character at a time, with stand-ins where they would not come back."""
    exact = decode_exactly(line, charset)
    if exact is not None:
        return exact, [], {charset}
    if charset in charsets.STATEFUL:
        return spell_out_whole(line, charset)
    pieces: list[str] = []
    spelt: list[Spelt] = []
    offset = position = 0
    while position < len(line):
        size, reading = read_character(line[position : position + LONGEST_CHARACTER], charset)
        data = line[position : position + size]
        if reading is not None and decode_exactly(data, charset) == reading:
            piece = reading
        else:
            piece = stand_ins(data)
            spelt.append(Spelt(offset, size, reading, position))
        pieces.append(piece)
        offset += len(piece)
        position += size
    return "".join(pieces), spelt, {charset}


def spell_out_whole(line: bytes, charset: str) -> Line:
    """A line of a character set with shift states: all of it stands in, and is read as a whole."""
    body = line.rstrip(b"\r\n")
    reading: str | None = None
    end = len(body)
    while reading is None and end >= max(len(body) - charsets.LONGEST_CUT, 0):
        try:
            reading = charsets.decode(body[:end], charset)
        except UnicodeError:
            end -= 1
    if reading is None:
        end = 0
    parts = [(0, end, reading), (end, len(body), None)]
    spelt = [Spelt(first, last - first, said, first) for first, last, said in parts if first < last]
    return stand_ins(body) + line[len(body) :].decode("ascii"), spelt, {charset}


def read_character(data: bytes, charset: str) -> tuple[int, str | None]:
    """How many bytes the first character takes, and the character; one byte and None if there is none."""
    if charset == "utf-8" and _surrogate_pair.match(data):
        return 6, join_surrogates(data[:6])
    for size in range(1, min(len(data), 4) + 1):
        try:
            return size, charsets.decode(data[:size], charset)
        except UnicodeDecodeError:
            continue
    return 1, None


def lenient(data: bytes, charset: str) -> str:
    """The text of bytes that the lattice found to be of a character set."""
    pieces: list[str] = []
    position = 0
    while position < len(data):
        try:
            pieces.append(charsets.decode(data[position:], charset))
            break
        except UnicodeDecodeError as error:
            pieces.append(charsets.decode(data[position : position + error.start], charset))
            position += error.start
            size, reading = read_character(data[position : position + LONGEST_CHARACTER], charset)
            pieces.append(reading or "")
            position += size
    return "".join(pieces)


def join_surrogates(data: bytes) -> str:
    """A character beyond the BMP that was written as two surrogates of three bytes each (CESU-8, UTR #26)."""
    return data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
