"""Text that went through the wrong codec before it came to us.

Somebody read UTF-8 or GBK as Windows-1252, or GBK as Big5, and saved what he saw. As long as no character was lost,
the way can be gone back: write the line in the wrong character set, read the bytes in the right one. We do so where
the evidence is overwhelming: the line reads badly, the bytes are valid, and what comes out reads as Chinese and is
shorter to describe by far. Twice, since some did it twice. A line that somebody else could have meant stays.

What was read with replacement characters is gone. It can only be recognised, and told from a text that quotes it.
"""

import functools
import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from cleaner.decode import charsets
from cleaner.decode.score import (
    UNIT,
    bits_in_context,
    bits_per_character,
    code_units,
    count_han,
    foreign_costs,
    lines_at,
    rare_places,
)
from cleaner.document import Change, code_points

WRONG = ("cp1252", "mac_roman", "cp437", "gb18030", "big5", "cp950")  # what lines were read as; Big5 in two ways
RIGHT = ("utf-8", "gb18030", "big5")  # what they were
LONG = 100_000  # characters: so long a line is not tried twice
MIN_GAIN, MIN_GAIN_PER_CHARACTER = 12.0, 1.2  # bits; the latter for each character that is not ASCII
MIN_BITS = 12.5  # for a character of a line that may be mojibake
MAX_BITS = 12.5  # for a character of what comes out
MIN_HAN, MIN_WESTERN = 2, 6  # two Han characters, or six that are not ASCII: ÄãºÃ is 你好, ×÷ is 作, or just × and ÷
MAX_SWALLOWED = 0.2  # ASCII letters that become part of a character, for each such
MIN_SWALLOWING, MAX_SWALLOWING_BITS = 5, 11.5  # Han characters, and bits for each, where more do

SIGNS_OF_DESTRUCTION = re.compile(
    "\N{REPLACEMENT CHARACTER}+"
    "|(?:锟斤拷|锟斤)+锟?|(?:嚙踝蕭|嚙|踝蕭){2,}|嚙踝蕭|(?:占쏙옙)+|(?:ï¿½)+"  # two U+FFFD, read in GBK and others
    "|烫{4,}|屯{4,}|葺{4,}"  # memory that Visual C++ fills with CC, CD and DD
)
NEEDED_BY_SIGNS = "\N{REPLACEMENT CHARACTER}锟嚙踝쏙½烫屯葺"  # no sign is without one of these
FILLING, MIN_FILLING = "烫屯葺", 4  # those that count from so many in a row on
FIRST_OF_SIGNS = "\N{REPLACEMENT CHARACTER}锟嚙踝占ï烫屯葺"
MAX_DESTROYED_SHARE = 0.005  # of the characters
PLAINLY_DESTROYED = 0.05
MIN_DESTROYED_RUNS = 3  # below the plain share: an article may show one
MAX_QUOTED = 12  # characters
MAX_SINGLE = 20  # mentions of 锟斤拷 that an article about it may have

_opening, _closing = "“‘\"'「『《（(【`", "”’\"'」』》）)】`"


def undo_mojibake(text: str) -> Iterator[Change]:
    """Restore lines that were read in the wrong character set.

    >>> wrong = "今天天气很好".encode("gbk").decode("latin-1")
    >>> [new for _, _, new in undo_mojibake(wrong)]
    ['今天天气很好']
    >>> list(undo_mojibake("Où est né Müller, à Besançon ? ÀÁÂÃÄÅ ×÷ °C"))
    []
    """
    for start, end in lines_at(text, rare_places(text)):
        line = text[start:end]
        if bits_per_character(line) > MIN_BITS and (reading := restored(line)):
            yield start, end, reading


def restored(line: str) -> str:
    """What a line of mojibake said, or an empty string if it is none."""
    bits = float(foreign_costs()[code_points(line)].sum(dtype=np.int64)) / UNIT  # letters may well be meant
    high = sum(character > "\x7f" for character in line)
    best, least = "", bits - MIN_GAIN - MIN_GAIN_PER_CHARACTER * high
    for right, once in readings(line):
        twice = readings(once) if right == "utf-8" else ()
        for reading in (once, *(second for _, second in twice)) if len(line) < LONG else (once,):
            if is_plausible(line, reading, high) and (price := bits_in_context(reading)) < least:
                best, least = reading, price
    return best if best and bits_per_character(best) <= MAX_BITS else ""


def readings(line: str) -> Iterator[tuple[str, str]]:
    """What a line may have been before it was misread once, each with the character set that it was in."""
    for wrong in WRONG:
        data = written(line, wrong)
        for right in RIGHT if data else ():
            if right != wrong and (right, wrong) != ("big5", "cp950"):
                try:
                    yield right, charsets.decode(data, right)
                except UnicodeDecodeError:
                    continue


def written(line: str, wrong: str) -> bytes:
    """The bytes of a line in a character set, or none. Windows-1252 has holes, which most programs pass through."""
    try:
        if wrong == "big5":
            return charsets.encode(line, wrong)
        if wrong != "cp1252":
            return line.encode(wrong)  # GB 18030 as of 2000: most programs that misread are no younger
        return b"".join(
            bytes([ord(character)]) if ord(character) < 0x100 else character.encode(wrong) for character in line
        )
    except UnicodeEncodeError:
        return b""


def is_plausible(line: str, reading: str, high: int) -> bool:
    """Whether a reading has enough to it, and did not take many ASCII letters out of the line.

    Half of the pairs of Big5 end in an ASCII byte, so the letters of a line of Big5 may be none. Then there have to be
    more characters, and commoner ones.
    """
    han = count_han(reading)
    swallowed = sum(character <= "\x7f" for character in line) - sum(character <= "\x7f" for character in reading)
    if swallowed > MAX_SWALLOWED * max(han, high):
        return han >= MIN_SWALLOWING and swallowed <= han and bits_per_character(reading) <= MAX_SWALLOWING_BITS
    return han >= MIN_HAN or high >= MIN_WESTERN


def signs_of_destruction(text: str) -> Iterator[re.Match[str]]:
    """Where a text shows that characters were lost. Looked for only where a sign can begin, which is fast."""
    if not any(sign in text and (sign not in FILLING or MIN_FILLING * sign in text) for sign in NEEDED_BY_SIGNS):
        return
    end = 0
    for place in np.flatnonzero(np.take(begins_sign(), code_units(text))).tolist():
        if place >= end and (sign := SIGNS_OF_DESTRUCTION.match(text, place)):
            end = sign.end()
            yield sign


@functools.cache
def begins_sign() -> npt.NDArray[np.bool_]:
    """Which code units a sign begins with, shape (65536,)."""
    table = np.zeros(0x10000, dtype=np.bool_)
    table[[ord(character) for character in FIRST_OF_SIGNS]] = True
    return table


def destroyed(text: str) -> float:
    """The share of a text's characters that stand for characters nobody can restore; 0 if it only quotes such text.

    >>> destroyed("锟斤拷锟斤拷锟斤拷日锟斤拷锟斤拷") > 0.9
    True
    >>> destroyed("网页上为什么会出现“锟斤拷”？锟斤拷是两个 U+FFFD 被当成 GBK 读出来的结果。")
    0.0
    """
    lost = runs = single = 0
    for sign in signs_of_destruction(text):
        before, after = text[max(sign.start() - 1, 0) : sign.start()], text[sign.end() : sign.end() + 1]
        size = len(sign.group())
        if size <= MAX_QUOTED and before and before in _opening and after and after in _closing:
            continue
        if size == 3 and sign.group()[0] in "锟嚙占":
            single += 1
            continue
        lost += size
        runs += 1
    if single > MAX_SINGLE or lost:
        lost, runs = lost + 3 * single, runs + single
    share = lost / len(text) if text else 0.0
    is_destroyed = share > PLAINLY_DESTROYED or (share > MAX_DESTROYED_SHARE and runs >= MIN_DESTROYED_RUNS)
    return share if is_destroyed else 0.0
