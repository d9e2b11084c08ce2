"""Reading bytes so that they can always be written back.

CPython's codecs lose bytes: several pairs decode to one character, and what is undecodable has no character at
all. So a raw text may hold *stand-ins*, 256 characters at the end of the last private-use plane, each for one
byte that its codec cannot give back. For every byte string and every codec, `encode(read(data)) == data`.

>>> text, stand_ins = read("价格".encode("gb18030") + b"\\xff", "gb18030")
>>> text == "价格" + stand_in(0xFF), encode(text, "gb18030") == "价格".encode("gb18030") + b"\\xff"
(True, True)
"""

import re
from dataclasses import dataclass

STAND_INS = 0x10FF00  # U+10FF00 stands for byte 00, U+10FFFF for byte FF
STATEFUL = ("hz",)  # codecs whose bytes cannot be read from the middle of a line
LONGEST_CHARACTER = 4  # bytes, over all codecs

_run_of_stand_ins = re.compile(f"[{chr(STAND_INS)}-{chr(STAND_INS + 0xFF)}]+")


@dataclass(frozen=True, slots=True)
class Spelt:
    """A run of stand-ins in a raw text: where it begins, how many there are, and how its bytes read.

    `reading` is None when the codec cannot read the bytes at all.
    """

    offset: int
    length: int
    reading: str | None


def stand_in(byte: int) -> str:
    """The character that stands for a byte."""
    return chr(STAND_INS + byte)


def stand_ins(data: bytes) -> str:
    """The characters that stand for some bytes."""
    return "".join([chr(STAND_INS + byte) for byte in data])


def encode(text: str, codec: str) -> bytes:
    """The bytes of a raw text: the inverse of `read`. Raises UnicodeEncodeError for a text that is not one."""
    pieces: list[bytes] = []
    position = 0
    for run in _run_of_stand_ins.finditer(text):
        pieces.append(text[position : run.start()].encode(codec))
        pieces.append(bytes([ord(character) - STAND_INS for character in run.group()]))
        position = run.end()
    return b"".join(pieces) + text[position:].encode(codec)


def read(data: bytes, codec: str) -> tuple[str, list[Spelt]]:
    """Any bytes as a raw text of this codec, and its stand-ins.

    The usual file needs none: it decodes strictly and encodes back to the same bytes. Otherwise only the lines
    for which that does not hold are spelt out character by character.
    """
    text = decode_exactly(data, codec)
    if text is not None:
        return text, []
    pieces: list[str] = []
    found: list[Spelt] = []
    length = 0
    for line in split_lines(data, codec):
        piece = decode_exactly(line, codec)
        if piece is None:
            piece, spelt = spell_out(line, codec)
            found += [Spelt(length + entry.offset, entry.length, entry.reading) for entry in spelt]
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces), found


def decode_exactly(data: bytes, codec: str) -> str | None:
    """The text of some bytes, if that text encodes back to the same bytes and needs no stand-in."""
    try:
        text = data.decode(codec)
        exact = text.encode(codec) == data
    except UnicodeError:
        return None
    return text if exact and not _run_of_stand_ins.search(text) else None


def split_lines(data: bytes, codec: str) -> list[bytes]:
    """Lines with their line ends; for UTF-16 and UTF-32, a newline counts only where a code unit begins."""
    newline = "\n".encode(codec)
    unit = len(newline)
    lines: list[bytes] = []
    start = position = 0
    while (position := data.find(newline, position)) >= 0:
        position += unit if position % unit == 0 else 1
        if position % unit == 0 and data[position - unit : position] == newline:
            lines.append(data[start:position])
            start = position
    return [*lines, data[start:]] if start < len(data) else lines


def spell_out(line: bytes, codec: str) -> tuple[str, list[Spelt]]:
    """A line read one character at a time, with stand-ins where its bytes would not come back."""
    if codec in STATEFUL:
        return spell_out_whole(line, codec)
    pieces: list[str] = []
    found: list[Spelt] = []
    offset = position = 0
    while position < len(line):
        size, reading = first_character(line[position : position + LONGEST_CHARACTER], codec)
        data = line[position : position + size]
        if reading is not None and decode_exactly(data, codec) == reading:
            piece = reading
        else:
            piece = stand_ins(data)
            found.append(Spelt(offset, size, reading))
        pieces.append(piece)
        offset += len(piece)
        position += size
    return "".join(pieces), found


def spell_out_whole(line: bytes, codec: str) -> tuple[str, list[Spelt]]:
    """A line of a codec with shift states: all of it stands in, and is read as a whole."""
    body = line.rstrip(b"\r\n")
    try:
        reading: str | None = body.decode(codec)
    except UnicodeError:
        reading = None
    return stand_ins(body) + line[len(body) :].decode("ascii"), [Spelt(0, len(body), reading)]


def first_character(data: bytes, codec: str) -> tuple[int, str | None]:
    """How many bytes the first character takes, and the character; one byte and None if there is none."""
    for size in range(1, len(data) + 1):
        try:
            return size, data[:size].decode(codec)
        except UnicodeDecodeError:
            continue
    return 1, None
