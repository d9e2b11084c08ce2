"""Reading a whole file, whatever happened to it, as a raw text (see `exact`).

What is wrong with the bytes: some are missing, some are too many, some changed; lines are in another encoding than
their file, or half of a line is; the last character is cut. Most files have none of this and decode as they are. In
GB 18030 and Big5, though, nearly all pairs of bytes are characters, and wrong ones decode too; so places that make
little sense are looked at more closely.

1. A file that decodes, and reads well everywhere, is taken as it is.
2. Otherwise it is read in blocks, and a block that does not decode or reads badly, line by line: as it stands, or as
   the `lattice` cuts it, if that is better by far.
"""

import bisect
import itertools
import re
from collections.abc import Iterator, Sequence

import numpy as np

from cleaner.decode import charsets, lattice
from cleaner.decode.exact import Line, Raw, Spelt, decode_exactly, join_pairs, spell_out, stand_ins
from cleaner.decode.lattice import Span
from cleaner.decode.score import UNIT, bits_in_context, lines_at, odd_places

BLOCK = 1 << 16  # bytes that are read at a time, and on to the end of their last line
CAN_BE_ODD = ("gb18030", "big5")  # nearly all pairs of bytes are characters there, so that wrong ones decode
WINDOW = 24  # characters on either side of an odd place that are looked at
MIN_GAIN = 12.0  # bits by which another reading of a line that decodes must be better
MOST_REFUSED = 200  # odd lines in a block that were right all the same
CUT = 4.0  # bits for each byte of a character that the end of a file cut off

_line = re.compile(rb"[^\n]*\n|[^\n]+")


class TooDamagedError(Exception):
    """A file of which more bytes cannot be read than was allowed."""


def read(data: bytes, charset: str, is_mixed: bool = True, text: str | None = None, most: int | None = None) -> Raw:
    """Any bytes as a raw text of a character set.

    `is_mixed` allows other character sets in it. `text` is what the bytes are in UTF-8, if that is known. Raises
    TooDamagedError when more than `most` bytes cannot be read.
    """
    if text is None or b"\xf4" in data:
        text = decode_exactly(data, charset)
    can_be_odd = is_mixed and charset in CAN_BE_ODD
    if text is not None and not (can_be_odd and odd_lines(text, charset)):
        return Raw(text, is_exact=True)
    raw = Raw("")
    pieces: list[str] = []
    offset = start = unreadable = 0
    for block in blocks(data, charset):
        for line, (piece, spelt, used) in read_block(block, charset, is_mixed):
            raw.spelt += [one.moved(offset, start) for one in spelt]
            unreadable += sum(one.length for one in spelt if one.reading is None)
            raw.lines.update({name: count_lines(line) for name in used})
            pieces.append(piece)
            offset += len(piece)
            start += len(line)
        if most is not None and unreadable > most:
            raise TooDamagedError
    raw.text = "".join(pieces)
    return raw


def count_lines(data: bytes) -> int:
    """How many lines there are that say anything of their character set."""
    return 0 if data.isascii() else sum(not line.isascii() for line in data.split(b"\n"))


def read_block(block: bytes, charset: str, is_mixed: bool) -> Iterator[tuple[bytes, Line]]:
    """The lines of a block, several at a time where nothing is wrong with them, each with what it is read as."""
    text = decode_exactly(block, charset)
    can_mix = is_mixed and charset in lattice.CHARSETS
    if text is not None and not (can_mix and charset in CAN_BE_ODD and odd_lines(text, charset)):
        yield block, (text, [], {charset})
    elif can_mix:
        yield from mend(split_lines(block, charset), charset)
    else:
        for line in split_lines(block, charset):
            yield line, spell_out(line, charset)


def mend(lines: Sequence[bytes], charset: str) -> Iterator[tuple[bytes, Line]]:
    """Lines of which some are damaged or in another character set, as they stand or as the lattice cuts them."""
    spans = lattice.cut(b"".join(lines), charset)
    span_ends = [span.end for span in spans]
    ends = list(itertools.accumulate(map(len, lines)))
    touched = {
        number
        for span in spans
        if span.charset != charset
        for number in range(bisect.bisect_right(ends, span.start), bisect.bisect_left(ends, span.end) + 1)
    }
    position = refused = 0
    for number in sorted(touched):
        if position < number:
            before = b"".join(lines[position:number])
            yield before, spell_out(before, charset)
        line, start, end = lines[number], ends[number] - len(lines[number]), ends[number]
        own = spans[bisect.bisect_right(span_ends, start) : bisect.bisect_left(span_ends, end) + 1]
        within = [Span(max(span.start, start) - start, min(span.end, end) - start, span.charset) for span in own]
        as_it_is = decode_exactly(line, charset)
        # In a dictionary of rare characters every line looks odd: after so many in vain, the others are believed.
        mended = None if as_it_is is not None and refused > MOST_REFUSED else mend_line(line, within, charset)
        refused += mended is not None and mended[0] == as_it_is
        yield line, mended or (as_it_is or "", [], {charset})
        position = number + 1
    if position < len(lines):
        rest = b"".join(lines[position:])
        yield rest, spell_out(rest, charset)


def mend_line(line: bytes, spans: Sequence[Span], charset: str) -> Line:
    """One line that the lattice cuts into spans of several character sets; those not of the main one stand in.

    A character that the end of the file cuts off is not for the lattice, which would make another of its bytes.
    """
    body, tail = split_tail(line, charset)
    if tail:
        without = lattice.cut(body, charset)
        if price(body, without, charset) + CUT * len(tail) < price(line, spans, charset):
            spans = without
        else:
            body, tail = line, b""
    as_it_is = decode_exactly(body, charset)
    if as_it_is is not None and bits_in_context(as_it_is) - price(body, spans, charset) < MIN_GAIN:
        return with_tail((as_it_is, [], {charset}), tail, len(body))
    pieces: list[str] = []
    spelt: list[Spelt] = []
    offset = 0
    for span in spans:
        data = body[span.start : span.end]
        if span.charset == charset:
            piece, inside, _ = spell_out(data, charset)
        else:
            piece = stand_ins(data)
            inside = [Spelt(0, len(piece), reading_of(data, span) if span.charset else euro(body, span, charset), 0)]
        spelt += [one.moved(offset, span.start) for one in inside]
        pieces.append(piece)
        offset += len(piece)
    used = {span.charset for span in spans if span.charset and not body[span.start : span.end].isascii()}
    return with_tail(("".join(pieces), spelt, used or {charset}), tail, len(body))


def with_tail(line: Line, tail: bytes, start: int) -> Line:
    """A line and the bytes of a cut character behind it."""
    text, spelt, used = line
    return (text + stand_ins(tail), [*spelt, Spelt(len(text), len(tail), None, start)], used) if tail else line


def split_tail(line: bytes, charset: str) -> tuple[bytes, bytes]:
    """A line without the beginning of a character that its end cut off, and that beginning."""
    try:
        charsets.decode(line, charset)
    except UnicodeDecodeError as error:
        if charsets.is_cut(error):
            return line[: error.start], line[error.start :]
    return line, b""


def price(data: bytes, spans: Sequence[Span], charset: str) -> float:
    """The description length of a cut, in bits: of its characters, of what is skipped and of what changes."""
    bits, before = 0.0, charset
    pieces: list[str] = []
    for span in spans:
        if not span.charset:
            bits += lattice.SKIP / UNIT * (span.end - span.start)
            continue
        pieces.append(reading_of(data[span.start : span.end], span))
        changes = lattice.SWITCH if span.start else lattice.START
        bits += changes / UNIT * (span.charset != before)
        before = span.charset
    return bits + bits_in_context("".join(pieces))


def reading_of(data: bytes, span: Span) -> str:
    """The text of bytes that the lattice found to be of a character set."""
    if span.charset == "utf-8":
        return join_pairs(data).decode("utf-8", "ignore")
    text = charsets.decode_leniently(data, span.charset)
    return text.replace("\N{REPLACEMENT CHARACTER}", "")


def euro(line: bytes, span: Span, charset: str) -> str | None:
    """The euro sign of cp936, one byte 80; anywhere but beside a number the byte is damage."""
    beside = line[span.start - 1 : span.start], line[span.end : span.end + 1]
    is_price = charset == "gb18030" and line[span.start : span.end] == b"\x80" and any(map(bytes.isdigit, beside))
    return "€" if is_price else None


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


def blocks(data: bytes, charset: str, size: int = BLOCK) -> Iterator[bytes]:
    """A file in blocks of at least `size` bytes, each on to the end of its last line.

    In UTF-16 and UTF-32 a newline counts only where a code unit begins.
    """
    newline = "\n".encode(charset) if charset in charsets.WIDE else b"\n"
    start = 0
    while start < len(data):
        end = data.find(newline, start + size)
        while end >= 0 and (end - start) % len(newline):
            end = data.find(newline, end + 1)
        end = end + len(newline) if end >= 0 else len(data)
        yield data[start:end]
        start = end


def split_lines(data: bytes, charset: str) -> list[bytes]:
    """Lines with their line ends."""
    return list(blocks(data, charset, 0)) if charset in charsets.WIDE else _line.findall(data)
