"""Text that went through the wrong codec before it came to us.

What was read as a Western one-byte codec can be undone without loss: every byte is still there. We do so for a
line that holds nothing but such characters and plain ASCII, reads strictly as UTF-8 or GBK, and gives common
Chinese characters only. What was read with replacement characters is gone; it can only be recognised.
"""

import re
from collections.abc import Iterator

from cleaner.decode.score import common_share, count_han
from cleaner.document import Change
from cleaner.lines import lines_of

MIN_HAN = 4  # fewer characters are no evidence: ÄãºÃ is 你好, but so are accents in a Western name
MIN_COMMON_SHARE = 0.9
SIGNS_OF_DESTRUCTION = re.compile("\N{REPLACEMENT CHARACTER}|锟斤拷|嚙踝蕭")
MAX_DESTROYED_SHARE = 0.005  # of the characters; below it, an article may be quoting the signs

_western = re.compile("[\x80-\xff\u0152-\u02dc\u2013-\u2122]")


def western_bytes(line: str) -> bytes | None:
    """The bytes of a line that was read as Windows-1252 or Latin-1, or None if it holds anything else."""
    points = bytearray()
    for character in line:
        if ord(character) < 0x100:
            points.append(ord(character))
            continue
        try:
            points += character.encode("cp1252")
        except UnicodeEncodeError:
            return None
    return bytes(points)


def undo_western_reading(text: str) -> Iterator[Change]:
    """Restore lines of UTF-8 or GBK that somebody read as Windows-1252.

    >>> wrong = "今天天气很好".encode("gbk").decode("latin-1")
    >>> [new for _, _, new in undo_western_reading(wrong)]
    ['今天天气很好']
    >>> list(undo_western_reading("Où est né Müller, à Besançon?"))
    []
    """
    if not _western.search(text):
        return
    for start, line in lines_of(text):
        if _western.search(line) and (reading := read_western(line)):
            yield start, start + len(line), reading


def read_western(line: str) -> str | None:
    """What a line of mojibake said, or None if it is none."""
    data = western_bytes(line)
    if data is None:
        return None
    for codec in ("utf-8", "gb2312"):
        try:
            reading = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if count_han(reading) >= MIN_HAN and common_share(reading) >= MIN_COMMON_SHARE:
            return reading
    return None


def destroyed_share(text: str) -> float:
    """The share of a text's characters that stand for characters nobody can restore."""
    lost = sum(len(sign.group()) for sign in SIGNS_OF_DESTRUCTION.finditer(text))
    return lost / len(text) if text else 0.0
