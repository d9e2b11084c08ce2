"""Reading bytes so that they can always be written back.

Character sets lose bytes: two pairs read as one character, and what is unreadable has no character at all. So a raw
text may hold *stand-ins*, 256 characters at the end of the last private-use plane, each for one byte that its
character set cannot give back. For every byte string and every character set, `encode` gives the very bytes back.

>>> text, spelt, _ = spell_out("价格".encode("gb18030") + b"\\xff", "gb18030")
>>> text == "价格" + stand_in(0xFF), encode(text, "gb18030") == "价格".encode("gb18030") + b"\\xff"
(True, True)
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from cleaner.decode import charsets
from cleaner.document import from_code_points

STAND_INS = 0x10FF00  # U+10FF00 stands for byte 00, U+10FFFF for byte FF
LONGEST_CHARACTER = 6  # bytes, over all character sets: a surrogate pair in CESU-8
ALWAYS_EXACT = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")  # if they decode: tests say so

_run_of_stand_ins = re.compile(f"[{chr(STAND_INS)}-{chr(STAND_INS + 0xFF)}]+")
# Nearly all of UTF-8, to read it in long runs where only something else needs care.
_good_utf_8 = re.compile(rb"(?:[\x00-\x7f]|[\xc3-\xdf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2})+")
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
    return from_code_points(np.frombuffer(data, dtype=np.uint8).astype(np.uint32) + np.uint32(STAND_INS))


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
    pieces = (text[start : start + charsets.CHUNK] for start in range(0, len(text), charsets.CHUNK))
    is_in_bmp = all(len(piece.encode("utf-16-le", "surrogatepass")) == 2 * len(piece) for piece in pieces)
    return is_in_bmp or not _run_of_stand_ins.search(text)


Line = tuple[str, list[Spelt], set[str]]  # a piece of raw text, its stand-ins, and the character sets that it is in


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
        if charset == "utf-8" and (run := _good_utf_8.match(line, position)):
            pieces.append(run.group().decode())
            offset, position = offset + len(pieces[-1]), run.end()
            continue
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


def join_pairs(data: bytes) -> bytes:
    """UTF-8 of what may be CESU-8."""
    return _surrogate_pair.sub(lambda pair: join_surrogates(pair.group()).encode(), data)


def join_surrogates(data: bytes) -> str:
    """A character beyond the BMP that was written as two surrogates of three bytes each (CESU-8, UTR #26)."""
    return data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
