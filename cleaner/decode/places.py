"""Where each character of a raw text stands in its file: from code points to bytes, and from bytes to code points.

A raw text encodes to the bytes of its file (see `exact`), so the place of a character follows from the text and the
character set alone, and the file need not be there. A stand-in is one byte; a pair of Big5 that is read as two code
points gives both of them the same bytes; in HZ and ISO-2022-CN the escapes that switch between character sets belong
to no character.

>>> places("水a", "gb18030").tolist(), places("a水", "hz").tolist()
([[0, 2], [2, 3]], [[0, 1], [3, 5]])
"""

import re

import numpy as np
import numpy.typing as npt

from cleaner.decode import charsets
from cleaner.decode.cns import written_iso_2022_cn
from cleaner.decode.exact import STAND_INS
from cleaner.document import code_points

Places = npt.NDArray[np.int64]  # of shape (code points, 2): the first byte of each, and the one after its last

_run = re.compile(f"[{chr(STAND_INS)}-{chr(STAND_INS + 0xFF)}]+|[^{chr(STAND_INS)}-{chr(STAND_INS + 0xFF)}]+")
_run_of_hz = re.compile("[\x00-\x7f]+|[^\x00-\x7f]+")
ESCAPE_OF_HZ = 2  # bytes of ~{ and of ~}


def places(text: str, charset: str) -> Places:
    """The bytes of each code point of a raw text. Raises UnicodeEncodeError for a text that is not one."""
    found = [np.empty((0, 2), dtype=np.int64)]
    start = 0
    for run in _run.finditer(text):
        piece = run.group()
        if ord(piece[0]) >= STAND_INS and ord(piece[0]) <= STAND_INS + 0xFF:
            inside, size = consecutive(np.ones(len(piece), dtype=np.int64)), len(piece)
        else:
            inside, size = places_in_run(piece, charset)
        found.append(inside + start)
        start += size
    return np.concatenate(found)


def places_in_run(text: str, charset: str) -> tuple[Places, int]:
    """The bytes of each code point of a text without stand-ins, and how many bytes it has in all."""
    if charset == "hz":
        return places_in_hz(text)
    if charset == "iso-2022-cn":
        return places_in_iso_2022_cn(text)
    inside = consecutive(widths(text, charset))
    if charset == "big5":
        for pair in charsets.big5_tables().special.finditer(text):
            if pair.end() - pair.start() > 1:
                inside[pair.start() + 1 : pair.end()] = inside[pair.start()]
    return inside, int(inside[-1, 1]) if len(inside) else 0


def consecutive(sizes: npt.NDArray[np.int64]) -> Places:
    """Places one behind the other, from how many bytes each has."""
    ends = np.cumsum(sizes)
    return np.stack([ends - sizes, ends], axis=1)


def widths(text: str, charset: str) -> npt.NDArray[np.int64]:
    """How many bytes each code point takes; of several that are one pair of Big5, the first takes all."""
    points = code_points(text)
    if charset == "utf-8":
        return 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
    if charset in charsets.WIDE:
        return np.where((points >= 0x10000) | charset.startswith("utf-32"), 4, 2).astype(np.int64)
    combining = np.zeros(len(points), dtype=np.bool_)
    if charset == "big5":
        for pair in charsets.big5_tables().special.finditer(text):
            combining[pair.start() + 1 : pair.end()] = True
    unique, which = np.unique(points[~combining], return_inverse=True)
    sizes = np.array([len(charsets.encode(chr(point), charset)) for point in unique.tolist()], dtype=np.int64)
    found = np.zeros(len(points), dtype=np.int64)
    found[~combining] = sizes[which] if len(sizes) else 0
    return found


def places_in_hz(text: str) -> tuple[Places, int]:
    """HZ as `charsets.encode_hz` writes it: a region about each run that is not ASCII, and ~~ for a tilde."""
    found = []
    start = 0
    for run in _run_of_hz.finditer(text):
        piece = run.group()
        escape = 0 if piece.isascii() else ESCAPE_OF_HZ
        sizes = np.array([2 if character > "\x7f" or character == "~" else 1 for character in piece], dtype=np.int64)
        found.append(consecutive(sizes) + start + escape)
        start = int(found[-1][-1, 1]) + escape
    return np.concatenate(found), start


def places_in_iso_2022_cn(text: str) -> tuple[Places, int]:
    """ISO-2022-CN as `cns` writes it; a single shift is part of its character."""
    found = np.empty((len(text), 2), dtype=np.int64)
    end = 0
    for number, (switches, own) in enumerate(written_iso_2022_cn(text)):
        start, end = end + len(switches), end + len(switches) + len(own)
        if number < len(text):
            found[number] = start, end
    return found, end


def at_byte(found: Places, offset: int) -> tuple[int, int]:
    """The span of code points to which a byte belongs; an empty one for a byte that switches the character set."""
    first = int(np.searchsorted(found[:, 1], offset, side="right"))
    if first == len(found) or offset < found[first, 0]:
        return first, first
    return first, int(np.searchsorted(found[:, 0], offset, side="right"))
