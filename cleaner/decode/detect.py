"""Which encoding the bytes of a file are in, or why they are in none.

The order goes from proof to guess: a byte order mark; signs of what is no text; escape sequences; strict UTF-8, which
other text passes by accident only when it is very short; then the candidates, weighed (see `weigh`), with UTF-16
among them where bytes look like it. The best has to read as Chinese, or else the file is said to be something else.
"""

import codecs
import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from cleaner.decode import charsets, lattice
from cleaner.decode.mend import price, reading_of
from cleaner.decode.score import UNIT, bits_in_context, bits_per_character, count_han, foreign_costs
from cleaner.decode.weigh import (
    CHINESE,
    PLAINLY_CHINESE,
    SAMPLE,
    Candidate,
    declared_charset,
    sample_of,
    weigh,
    weigh_one,
)
from cleaner.document import code_points

MARKS = (  # a longer mark first: that of UTF-32-LE begins with that of UTF-16-LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
BINARY = (  # first bytes that no text has
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"\x1f\x8b\x08", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"\xde\x12\x04\x95", "a message catalogue"),
    (b"\x95\x04\x12\xde", "a message catalogue"),
)
PRINTABLE = (  # first bytes that an article can have too: they only name what does not read as text
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"BM", "a BMP picture"),
    (b"MZ", "a program"),
    (b"ID3", "an MP3 recording"),
    (b"BZh", "a bzip2 file"),
    (b"PAR1", "a Parquet table"),
    (b"PK", "a ZIP archive"),
)
CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])  # no text has them; ESC it may
MAX_CONTROLS = 0.01  # of the bytes
CHINESE_BITS, SHORT_CHINESE_BITS = 14.5, 15.5  # for a character: the most that reads as Chinese
SHORT = 8  # characters
ESCAPED_BITS = 16.0  # for a character: chance does not spell much in HZ
WITHIN_WORD = 5.0  # bits less for a letter on one side of it
MAX_GAP = 100.0  # bits, where there is nothing to compare with
UTF_8_CONFIDENCE = 0.9999
FEW_PAIRS = 12  # characters of two bytes: fewer of them, and UTF-8 may be GBK by accident
WIDE_SAMPLE = 4096  # bytes
WIDE_ASCII_BITS = 7.5  # for a character: half of the bytes are NUL, the rest is hardly anything but ASCII
WIDE_PRIOR = 10.0  # bits to assume UTF-16 without a mark
SURE = 0.99  # a part of a long text that is read with such confidence needs no other part to tell
MANY = 20  # characters for each error, or fewer: worth a look at what several encodings together make of it
DAMAGED = 16.0  # bits to assume that a file is damaged, or in several encodings


@dataclass(frozen=True, slots=True)
class Detection:
    """The character set of a file, or why there is none, with what was weighed."""

    charset: str
    problem: str = ""
    confidence: float = 1.0
    runner_up: str = ""
    gap: float = 0.0  # bits
    per_character: float = 0.0  # bits
    chardet: str = ""
    declared: str = ""
    text: str | None = None  # what the bytes decode to, where detecting them took decoding them


def detect(data: bytes) -> Detection:
    """Name the character set of a whole file."""
    for mark, charset in MARKS:
        if data.startswith(mark) and strict_reading(data, charset) is not None:
            return Detection(charset)
    for magic, what in BINARY:
        if data.startswith(magic):
            return Detection("", f"not text: looks like {what}")
    body = data.strip(b"\0") if data[:1] == b"\0" or data[-1:] == b"\0" else data
    found = as_escaped(body) or as_utf_8(data, body) or by_weight(data, body)
    declared = found.declared or declared_charset(body)
    return replace(found, declared=declared) if declared != found.declared else found


def detect_part(data: bytes, sample: bytes) -> Detection:
    """Name the character set of a part of a long text, of which there is a sample from all over.

    Files are joined of several, so a part is believed first. In one with hardly any Chinese, or in UTF-16, of which the
    mark stands in the first part alone, what the file is in counts for more, if the part can be read so.
    """
    found = detect(data)
    if found.charset and found.confidence >= SURE:
        return found
    whole = detect(sample) if sample else found
    if not whole.charset or whole.confidence <= found.confidence * bool(found.charset):
        return found
    if found.problem.startswith("not text") and whole.charset not in charsets.WIDE:
        return found  # anything is text in some narrow character sets
    return replace(whole, declared="", text=None) if strict_reading(data, whole.charset) is not None else found


def as_escaped(data: bytes) -> Detection | None:
    """HZ and ISO-2022, which write Chinese in ASCII."""
    if not data.isascii() or (b"~{" not in data and b"\x1b$" not in data):
        return None
    charset = "hz" if b"~{" in data else "iso-2022-cn"
    text = strict_reading(data, charset)
    if text and count_han(text) and bits_per_character(text) <= ESCAPED_BITS:
        return Detection(charset, confidence=0.999, per_character=bits_per_character(text))
    for foreign in ("iso2022_jp_2", "iso2022_kr"):
        if b"\x1b$" in data and strict_reading(data, foreign) is not None:
            return Detection("", f"not Chinese: looks like {foreign}")
    return None


def as_utf_8(data: bytes, body: bytes) -> Detection | None:
    """Strict UTF-8 over the whole file, but for a cut end. Few characters of two bytes can be GBK by accident."""
    if body.isascii():
        return as_wide(data) or (None if is_binary(body) else Detection("utf-8"))
    try:
        text, size = codecs.utf_8_decode(body, "strict", False)
    except UnicodeDecodeError:
        return None
    if is_binary(body):
        return Detection("", f"not text: {guess_from_name(data)}")
    high = re.sub("[\0-\x7f]+", "", text) if size - len(text) < FEW_PAIRS else ""
    if not high or max(high) >= "\u0800":
        return Detection("utf-8", confidence=UTF_8_CONFIDENCE, text=text if size == len(data) else None)
    gap = better_as_letters(body, text)
    if gap < 0 and not (found := by_weight(data, body)).problem:
        return found
    return Detection("utf-8", "", confidence(gap, len(high)), "gb18030", gap)


def better_as_letters(data: bytes, text: str) -> float:
    """By how many bits a few characters of two bytes in UTF-8 are better than Han in GBK: 目录 is valid UTF-8, for Ŀ¼.

    Where they stand among ASCII letters (café), they are letters themselves.
    """
    try:
        chinese = charsets.decode(data, "gb18030")
    except UnicodeDecodeError:
        return MAX_GAP
    letters = re.sub("[\0-\x7f]+", "", text)
    as_letters = float(foreign_costs()[code_points(letters)].sum(dtype=np.int64)) / UNIT
    as_letters -= WITHIN_WORD * len(re.findall("[A-Za-z][\x80-\u07ff]|[\x80-\u07ff][A-Za-z]", text))
    return bits_in_context(re.sub("[\0-\x7f]+", "", chinese)) + CHINESE["gb18030"] - as_letters


def is_binary(data: bytes) -> bool:
    """Whether there are too many control characters in the beginning, middle or end of a file for a text."""
    middle = len(data) // 2
    sample = data if len(data) <= 3072 else data[:1024] + data[middle : middle + 1024] + data[-1024:]
    return len(sample) - len(sample.translate(None, CONTROLS)) > MAX_CONTROLS * len(sample)


def guess_from_name(data: bytes) -> str:
    """What a file that is no text may be, from its first bytes."""
    found = next((what for magic, what in PRINTABLE if data.startswith(magic)), "")
    return f"looks like {found}" if found else "holds too many control characters"


def as_wide(data: bytes) -> Detection | None:
    """UTF-32 or UTF-16 without a mark, by how it reads: Chinese in UTF-16 need not have a single NUL byte."""
    sample = data[:WIDE_SAMPLE]
    rivals = [weigh_one(sample, charset) for charset in ("gb18030", "big5", "utf-8", "cp1252")]
    eight_bit = min(rival.bits for rival in rivals)
    for width, charsets_of_width in ((4, charsets.WIDE[2:]), (2, charsets.WIDE[:2])):
        found = sorted(
            (weigh_one(sample[: len(sample) // width * width], name) for name in charsets_of_width), key=bits
        )
        best = found[0]
        is_chinese = best.characters and best.per_character <= SHORT_CHINESE_BITS and count_han(best.text)
        is_ascii = b"\0" in sample and best.bits <= WIDE_ASCII_BITS * len(best.text)
        if (
            (is_chinese or is_ascii)
            and best.bits + WIDE_PRIOR < eight_bit
            and strict_reading(data, best.charset) is not None
        ):
            gap = min(eight_bit, found[1].bits) - best.bits
            return Detection(best.charset, "", confidence(gap, best.characters), "", gap, best.per_character)
    return None


def bits(candidate: Candidate) -> float:
    """What candidates are ordered by."""
    return candidate.bits


def by_weight(data: bytes, body: bytes) -> Detection:
    """The best of the candidates, if it reads as Chinese; where none does well, several together may."""
    found, voice, declared = weigh(body)
    best, second = found[:2]
    most = CHINESE_BITS if best.characters >= SHORT else SHORT_CHINESE_BITS
    is_plain = best.charset in CHINESE and best.per_character <= PLAINLY_CHINESE and best.characters >= SHORT
    if (b"\0" in data or not is_plain) and (wide := as_wide(data)):
        return wide
    if best.charset not in CHINESE or best.per_character > most or best.errors * MANY > best.characters:
        best = min(best, by_lattice(body), key=bits)
        second = next(candidate for candidate in found if candidate.charset != best.charset)
    gap = second.bits - best.bits
    weighed = Detection("", "", 0.0, second.charset, gap, best.per_character, voice, declared)
    if is_binary(body):
        return replace(weighed, problem=f"not text: {guess_from_name(data)}")
    if best.charset not in CHINESE:
        return replace(weighed, problem=f"not Chinese: looks like {best.charset}")
    if not best.characters:
        return replace(weighed, problem="undecodable: no encoding makes sense of it")
    if best.per_character > most:
        said = f"read as {best.charset}, it takes {best.per_character:.1f} bits for a character; Chinese takes 9 to 11"
        return replace(weighed, problem=f"undecodable: {said}")
    return replace(weighed, charset=best.charset, confidence=confidence(gap, best.characters))


def by_lattice(data: bytes) -> Candidate:
    """What a damaged or mixed file reads like, by the character set that most of it is in."""
    sample = sample_of(data, SAMPLE)
    spans = lattice.cut(sample, "utf-8")
    sizes = Counter[str]()
    text, skipped = "", 0
    for span in spans:
        piece = sample[span.start : span.end]
        if span.charset:
            reading = reading_of(piece, span)
            text += reading
            sizes[span.charset] += sum(character > "\x7f" for character in reading)
        else:
            skipped += len(piece)
    main = max(lattice.CHARSETS, key=lambda charset: sizes[charset])
    return Candidate(
        main, price(sample, spans, main) + DAMAGED, bits_per_character(text), sum(sizes.values()), skipped, text
    )


def confidence(gap: float, characters: int) -> float:
    """How sure a gap of so many bits makes us; never quite of fewer than four characters."""
    sure = 1.0 - 0.5 ** (1.0 + max(gap, 0.0) / 4.0)
    return float(min(sure, 0.9 if characters < 4 else 0.9999))


def strict_reading(data: bytes, charset: str) -> str | None:
    """The text of `data` in a character set, or None if it has an error, but for a character cut off at its end."""
    try:
        return charsets.decode(data, charset)
    except UnicodeDecodeError as error:
        return charsets.decode(data[: error.start], charset) if charsets.is_cut(error) else None
