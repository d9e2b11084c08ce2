r"""Long texts cut into parts, each a document: so memory stays bounded, and all workers have something to read.

A text file of more than `decode.document_bytes` is cut into runs of whole lines. Where a part ends depends on the bytes
of the file alone:

1. behind the first empty line after so many bytes, if one comes soon;
2. or else behind the first line end, if one comes before there are twice as many;
3. or else between two characters.

No decoding is needed to find a line end: in all character sets but the wide ones, the bytes 0A and 0D are part of no
other character. In UTF-16 and UTF-32 they may be, so code units are looked at, not bytes.

>>> units = {"gb18030": "u1", "utf-16-le": "<u2"}
>>> [LINE_END.search(narrow("上海\n".encode(name), units[name])).end() for name in units]
[5, 3]
"""

import codecs
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

NARROW = "u1"  # code units of one byte; the other names are numpy's, too
MARKS = (  # a longer mark first: that of UTF-32-LE begins with that of UTF-16-LE
    (codecs.BOM_UTF32_LE, "<u4"),
    (codecs.BOM_UTF32_BE, ">u4"),
    (codecs.BOM_UTF16_LE, "<u2"),
    (codecs.BOM_UTF16_BE, ">u2"),
)
# Line end, space, ideographic space and the commonest marks. Their bytes in wide units, NUL, 02 and 0C with FF, do not
# stand so in narrow text.
FREQUENT = np.array([0x0A, 0x20, 0x3000, 0x3002, 0xFF0C], dtype=np.uint32)
MIN_FREQUENT = 0.001  # of the code units
HEAD = 1 << 16  # bytes that tell the width of the units
WIDEST = 4  # bytes of a code unit, and of a character in all but EUC-TW and CESU-8
SOON = 16  # an empty line is looked for in so manieth of a part; a part is no shorter than that
OTHER = 0x80  # in what stands for a wide text: anything but ASCII
LOW_SURROGATE = 0x81
BLOCK = 1 << 20  # bytes
SAMPLE, FROM_BLOCK, WIDE_SAMPLE = 8192, 256, 4096  # bytes, or a run of characters more
LONGEST_RUN = 1024  # bytes
# CR CR LF is one line end, and so is a CR before anything but LF.
EMPTY_LINE = re.compile(rb"\n(?:[ \t\r]*+\n)++|\r(?:[ \t]*+\r)++(?=[^\n])")
LINE_END = re.compile(rb"\n|\r++(?=[^\n])")
LOW = re.compile(rb"[\x00-\x2f]")  # bytes that are part of no longer character
RUN = re.compile(rb"[\x80-\xff][\x30-\xff]*+")
# Characters of GB 18030, Big5 and EUC-TW one after the other; what begins one of four bytes needs all four.
PAIRS = re.compile(
    rb"(?:[\x00-\x7f]|[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]|\x8e[\xa1-\xb0][\xa1-\xfe]{2}"
    rb"|(?:\x8e[\xa1-\xb0]|[\x80-\xff][\x30-\x39])(?=..)|(?!\x8e[\xa1-\xb0])[\x80-\xff][\x3a-\xff])*+",
    re.DOTALL,
)


def spans_of_parts(path: Path, most: int) -> Iterator[tuple[int, int]]:
    """The first byte of each part of a text file, and the one behind its last; one part for a file of `most` bytes.

    A part may be longer, up to twice `most` and a bit more. Raises OSError when the file cannot be read.
    """
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        units = units_of(stream.read(HEAD)) if size > most else NARROW
        start = 0
        while size - start > most:
            stop = end_of_part(stream, start, most, units)
            if size - stop < most // SOON:
                break  # such a rest is no document of its own
            yield start, stop
            start = stop
        yield start, size


def units_of(head: bytes) -> str:
    """The code units of a text, by its beginning: a byte order mark, or characters that no Chinese text is without.

    >>> units_of("水渠修好了。".encode("utf-16-be")), units_of("水渠修好了。\\n".encode("big5"))
    ('>u2', 'u1')
    """
    for mark, units in MARKS:
        if head.startswith(mark):
            return units
    for units in ("<u4", ">u4", "<u2", ">u2"):
        cells = cells_of(head, units)
        if np.count_nonzero(np.isin(cells, FREQUENT)) > MIN_FREQUENT * len(cells):
            return units
    return NARROW


def end_of_part(stream: BinaryIO, start: int, most: int, units: str) -> int:
    """Where a part ends that begins at `start` and has about `most` bytes."""
    width = np.dtype(units).itemsize
    bound = start + -(-most // WIDEST) * WIDEST
    stream.seek(bound)
    window = stream.read(most // SOON)
    if found := EMPTY_LINE.search(narrow(window, units)):
        return bound + found.end() * width
    window += stream.read(most)
    if found := LINE_END.search(narrow(window, units)):
        return bound + found.end() * width
    stream.seek(start)
    return start + end_of_character(stream.read(bound - start + WIDEST), bound - start, units)


def end_of_character(data: bytes, most: int, units: str) -> int:
    """How many of some bytes, `most` or some fewer, end with a whole character; the first character is whole, too."""
    most = min(most, len(data))
    if units != NARROW:
        width = np.dtype(units).itemsize
        return most - width if narrow(data, units)[most // width :].startswith(bytes([LOW_SURROGATE])) else most
    low = np.flatnonzero(np.frombuffer(data, dtype=np.uint8, count=most) < 0x30)
    known = int(low[-1]) + 1 if len(low) else 0  # a character begins here, whatever the character set
    if known > most - most // SOON:
        return known
    try:
        return known + codecs.utf_8_decode(data[known:most], "strict", False)[1]
    except UnicodeDecodeError:
        found = PAIRS.match(data, known, most)
        return found.end() if found else most


def narrow(data: bytes, units: str) -> bytes:
    """One byte for each code unit: ASCII as it is."""
    if units == NARROW:
        return data
    cells = cells_of(data, units)
    found = np.where(cells < OTHER, cells, OTHER).astype(np.uint8)
    found[(cells >= 0xDC00) & (cells < 0xE000)] = LOW_SURROGATE
    return found.tobytes()


def cells_of(data: bytes, units: str) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """The code units of some bytes; a rest that is none is left out."""
    width = np.dtype(units).itemsize
    return np.frombuffer(data, dtype=units, count=len(data) // width).astype(np.uint32)


def sample_of_file(path: Path) -> bytes:
    """Bytes that tell the character set of a whole text file, for those of its parts that hardly do themselves.

    Of a wide text it is the beginning. Of others it is what is not ASCII, from many places, a line each, every
    character whole; empty if there is none. Raises OSError when the file cannot be read.
    """
    with path.open("rb") as stream:
        block = stream.read(BLOCK)
        if units_of(block[:HEAD]) != NARROW:
            return block[:WIDE_SAMPLE]
        runs, filled, place = list[bytes](), 0, 0
        while block and filled < SAMPLE:
            until = filled + FROM_BLOCK
            for found in RUN.finditer(block, place) if not block.isascii() else ():
                if filled >= until:
                    break
                if len(found.group()) <= LONGEST_RUN and found.end() < len(block):
                    runs.append(found.group())
                    filled += len(runs[-1])
            block = stream.read(BLOCK)
            first = LOW.search(block)
            place = first.start() if first else len(block)
    return b"\n".join(runs)
