"""The character sets of Chinese files, as strict codecs that are exact inverses wherever the standard allows it.

CPython's codecs are the engines, put right where they lag behind the standards or behind the files:

- GB 18030 as of 2022. CPython has the tables of 2000, in which 26 characters still lie in the private use area.
- One Big5 for all files that say so: Microsoft's cp950, with the Hong Kong characters (HKSCS-2008) where it has
  none, and ETEN's numbers, kana and Cyrillic letters in rows C6 to C8, which CPython reads by a forgotten table.
- HZ that forgives a line end inside a GB region.
- EUC-TW and ISO-2022-CN, which CPython does not have (see `cns`).

>>> decode(bytes.fromhex("a8bc c6a1"), "gb18030")[0], decode(bytes.fromhex("c6a1"), "big5")
('ḿ', '①')
"""

import codecs
import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.decode.cns import decode_euc_tw, decode_iso_2022_cn, encode_euc_tw, encode_iso_2022_cn

STATEFUL = ("hz", "iso-2022-cn")  # their bytes cannot be read from the middle of a line
Cells = npt.NDArray[np.bool_]
CUT_SHORT = ("incomplete", "unexpected end", "truncated", "half")  # words of the codecs' reasons
CHUNK = 1 << 20  # characters that are looked at in one go
LONGEST_CUT = 3  # bytes of a character that the end of a file can leave over
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")

# Where CPython's gb18030 has a private character, the standard has another; the two swap their bytes. The first 18
# moved in GB 18030-2022 (a8bc in 2005), the last six are those that Unicode has as U+20087 and so on.
PRIVATE = (
    "\ue7c7\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864"
)
STANDARD = "ḿ︐︒︑︓︔︕︖︗︘︙龴龵龶龷龸龹龺龻"
PRIVATE_HAN = "\ue816\ue817\ue818\ue831\ue83b\ue855"
STANDARD_HAN = "\U00020087\U00020089\U000200cc\U000215d7\U0002298f\U000241fe"
SWAP = str.maketrans(PRIVATE + STANDARD + PRIVATE_HAN + STANDARD_HAN, STANDARD + PRIVATE + STANDARD_HAN + PRIVATE_HAN)
HIGH_BITS = bytes([byte | 0x80 for byte in range(256)])
_not_in_hz = re.compile(rb"[^\x21-\x7e]")
_hz_escape = re.compile(rb"~\{(?P<region>[^~\n]*+(?:~(?!\})[^~\n]*+)*+)(?:~\}|(?=\n)|$)|~.?", re.DOTALL)

# Pairs of HKSCS-2008 that CPython's big5hkscs (HKSCS-2004) lacks, 877A to 87DF, and ETEN's six that HKSCS merged.
HKSCS_2008 = (
    "㡵𡵓𣚞𦀡㻬"
    "𥣞㫵竼龗𤅡𨤍𣇪𠪊𣉞䌊蒄龖鐯䤰蘓墖靊鈘秐稲晠権袝瑌篅枂稬剏遆㓦珄𥶹瓆鿇垳䤯呌䄱𣚎堘穲𧭥讏䚮𦺈䆁"
    "𥶙箮𢒼鿈𢓁𢓉𢓌鿉蔄𣖻䂴鿊䓡𪷿拁灮鿋"
)
ETEN_MERGED = {0xC6CF: "廴", 0xC6D3: "无", 0xC6D5: "癶", 0xC6D7: "辶", 0xC6DE: "〃", 0xC6DF: "仝"}

SPARE = 0xF0000  # plane 15 is private use: there, no cp950 text has a character


def decode(data: bytes, charset: str) -> str:
    """The text of some bytes. Raises UnicodeDecodeError for what the character set does not have."""
    own = DECODERS.get(charset)
    return own(data) if own else data.decode(charset)


def encode(text: str, charset: str) -> bytes:
    """The bytes of a text. Raises UnicodeEncodeError for what the character set does not have."""
    own = ENCODERS.get(charset)
    return own(text) if own else text.encode(charset)


def is_cut(error: UnicodeDecodeError) -> bool:
    """Whether what cannot be decoded is the beginning of a character, cut off by the end of the data."""
    if len(error.object) - error.start > LONGEST_CUT:
        return False
    begins_nothing = error.encoding in ("gb18030", "cp950") and error.object[error.start] in (0x80, 0xFF)
    return not begins_nothing and any(word in error.reason for word in CUT_SHORT)


def decode_leniently(data: bytes, charset: str) -> str:
    """The text of some bytes, with U+FFFD for what the character set does not have. CPython's and Big5."""
    if charset == "big5":
        return decode_big5(data, "cleaner-replace-special")
    text = data.decode(charset, "replace")
    return text.translate(SWAP) if charset == "gb18030" and may_swap(text) else text


# GB 18030


def decode_gb18030(data: bytes) -> str:
    """GB 18030 as of 2022, a superset of GB 2312 and GBK."""
    text = data.decode("gb18030")
    return text.translate(SWAP) if may_swap(text) else text


def encode_gb18030(text: str) -> bytes:
    """The inverse of `decode_gb18030`."""
    return (text.translate(SWAP) if may_swap(text) else text).encode("gb18030")


def may_swap(text: str) -> bool:
    """Whether a text may hold characters that swap."""
    return holds_any(text, swapping())


@functools.cache
def swapping() -> Cells:
    """The characters that swap, for `holds_any`."""
    return cells(chr(point) for point in SWAP)


def cells(characters: Iterable[str]) -> Cells:
    """A table of UTF-16 code units that is true for some characters, and for all surrogates; shape (65536,)."""
    table = np.zeros(0x10000, dtype=np.bool_)
    table[0xD800:0xE000] = True
    table[[ord(character) for character in characters if character < "\U00010000"]] = True
    return table


def holds_any(text: str, table: Cells) -> bool:
    """Whether any code unit of a text is in a table; several times as fast as a pattern of many characters."""
    return any(
        np.take(table, np.frombuffer(text[start : start + CHUNK].encode("utf-16-le", "surrogatepass"), np.uint16)).any()
        for start in range(0, len(text), CHUNK)
    )


def pairs_of(charset: str) -> dict[int, str]:
    """What each pair of bytes reads in GB 18030 or Big5, by the pair as a number."""
    numbers = [256 * lead + trail for lead in range(0x81, 0xFF) for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF))]
    if charset == "gb18030":
        return dict(zip(numbers, decode_gb18030(b"".join(pair.to_bytes(2, "big") for pair in numbers)), strict=True))
    known = big5_tables().pairs
    found = {pair: known.get(pair) or text for pair, text in zip(numbers, read_each(numbers, "cp950"), strict=True)}
    return {pair: text for pair, text in found.items() if text}


# Big5


@dataclass(frozen=True, slots=True)
class Big5Tables:
    """Where our Big5 is not cp950. A *spare* is a character of plane 15 that stands for a pair in between."""

    pairs: dict[int, str]  # what a pair reads
    written: dict[str, int]  # the pair of what cp950 cannot write
    readings: dict[str, str]  # what to put for a spare, or for a character that cp950 reads from such a pair
    spares: dict[str, str]  # the spare of what cp950 would write otherwise; U+FFFD if no pair has it
    changed: re.Pattern[str]  # finds the keys of `readings`
    special: re.Pattern[str]  # finds the keys of `spares`
    any_of_either: Cells  # true for the characters that either of them may find


@functools.cache
def big5_tables() -> Big5Tables:
    """Compare CPython's codecs pair by pair."""
    pairs = dict(ETEN_MERGED)
    missing = [0x8700 + trail for trail in (*range(0x7A, 0x7F), *range(0xA1, 0xE0))]
    pairs |= dict(zip(missing, HKSCS_2008, strict=True))
    numbers = [256 * lead + trail for lead in range(0x81, 0xFF) for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF))]
    microsoft = dict(zip(numbers, read_each(numbers, "cp950"), strict=True))
    for pair, hong_kong in zip(numbers, read_each(numbers, "big5hkscs"), strict=True):
        if hong_kong and (0xC6A1 <= pair <= 0xC8FE or not microsoft[pair]):  # the former are of ETEN
            pairs.setdefault(pair, hong_kong)
    written = {text: pair for pair, text in sorted(pairs.items(), reverse=True)}
    replaced = {known: text for pair, text in pairs.items() if (known := microsoft[pair])}
    spares = {
        text: chr(SPARE + written[text]) if text in written else "\N{REPLACEMENT CHARACTER}"
        for text in (*replaced, *(text for text in written if len(text) > 1))
    }
    readings = {chr(SPARE + pair): text for pair, text in pairs.items()} | replaced
    changed = re.compile(f"[{''.join(replaced)}{chr(SPARE)}-{chr(SPARE + 0xFFFF)}]")
    letters = "|".join(text for text in spares if len(text) > 1)  # four with two accents are one pair each
    special = re.compile(f"{letters}|[{''.join(text for text in spares if len(text) == 1)}]")
    table = cells({*"".join(replaced), *"".join(spares)})
    return Big5Tables(pairs, written, readings, spares, changed, special, table)


def read_each(pairs: Sequence[int], codec: str) -> list[str]:
    """What each pair of bytes reads in a codec of CPython, or nothing: all at once, since a call takes its time."""
    lines = np.empty((len(pairs), 3), dtype=np.uint8)
    lines[:, 0], lines[:, 1], lines[:, 2] = np.array(pairs) >> 8, np.array(pairs) & 0xFF, ord("\n")  # part of no pair
    data = lines.tobytes()[:-1]
    return ["" if text.isascii() else text for text in data.decode(codec, "ignore").split("\n")]


def read_special(error: UnicodeError) -> tuple[str, int]:
    """Error handler of `decode_big5`: the spare of a pair that cp950 does not have."""
    if isinstance(error, UnicodeDecodeError):
        pair = int.from_bytes(error.object[error.start : error.start + 2], "big")
        if pair in big5_tables().pairs:
            return chr(SPARE + pair), error.start + 2
    raise error


def write_special(error: UnicodeError) -> tuple[bytes, int]:
    """Error handler of `encode_big5`: the pair of a spare, or of a character that cp950 does not have."""
    if isinstance(error, UnicodeEncodeError):
        tables, character = big5_tables(), error.object[error.start]
        pair = tables.written.get(character, ord(character) - SPARE)
        if pair in tables.pairs:
            return pair.to_bytes(2, "big"), error.start + 1
    raise error


codecs.register_error("cleaner-read-special", read_special)
codecs.register_error("cleaner-write-special", write_special)


def replace_special(error: UnicodeError) -> tuple[str, int]:
    """Error handler of `decode_big5`: the same, and U+FFFD for a byte that nobody can read."""
    try:
        return read_special(error)
    except UnicodeDecodeError:
        return "\N{REPLACEMENT CHARACTER}", error.start + 1  # type: ignore[attr-defined]  # it is a decoding error


codecs.register_error("cleaner-replace-special", replace_special)


def decode_big5(data: bytes, errors: str = "cleaner-read-special") -> str:
    """Big5 as Microsoft, ETEN and Hong Kong wrote it."""
    text = data.decode("cp950", errors)
    tables = big5_tables()
    if not holds_any(text, tables.any_of_either):
        return text
    return tables.changed.sub(lambda found: tables.readings.get(found.group(), "\N{REPLACEMENT CHARACTER}"), text)


def encode_big5(text: str) -> bytes:
    """The inverse of `decode_big5`, but for the few characters that have two pairs."""
    tables = big5_tables()
    if holds_any(text, tables.any_of_either):
        text = tables.special.sub(lambda found: tables.spares[found.group()], text)
    return text.encode("cp950", "cleaner-write-special")


# HZ


def decode_hz(data: bytes) -> str:
    """HZ as of RFC 1843: ~{ and ~} about GB 2312 with the high bits off. A line end closes a region, as it must."""
    pieces: list[str] = []
    position = 0
    for found in _hz_escape.finditer(data):
        pieces.append(data[position : found.start()].decode("ascii"))
        region, sign = found.group("region"), found.group()
        if region is not None:
            pieces.append(decode_hz_region(region, data, found.start("region")))
        elif sign == b"~~":
            pieces.append("~")
        elif sign != b"~\n":
            raise UnicodeDecodeError("hz", data, found.start(), found.end(), "not an escape of HZ")
        position = found.end()
    return "".join(pieces) + data[position:].decode("ascii")


def decode_hz_region(region: bytes, data: bytes, start: int) -> str:
    """What stands between ~{ and ~}, at an offset of `data`."""
    if wrong := _not_in_hz.search(region):
        place = start + wrong.start()
        raise UnicodeDecodeError("hz", data, place, place + 1, "not a byte of HZ")
    if len(region) % 2:
        end = start + len(region)
        raise UnicodeDecodeError("hz", data, end - 1, end, "half a character")
    return region.translate(HIGH_BITS).decode("gb18030")


def encode_hz(text: str) -> bytes:
    """The usual spelling: a region about every run of characters that are not ASCII, and ~~ for a tilde."""
    pieces: list[bytes] = []
    for run in re.findall("[\x00-\x7f]+|[^\x00-\x7f]+", text):
        data = run.encode("gb18030")
        if run.isascii():
            pieces.append(data.replace(b"~", b"~~"))
        elif len(data) == 2 * len(run) and min(data) > 0xA0:
            pieces.append(b"~{" + bytes([byte & 0x7F for byte in data]) + b"~}")
        else:
            raise UnicodeEncodeError("hz", run, 0, len(run), "not in GB 2312")
    return b"".join(pieces)


DECODERS: dict[str, Callable[[bytes], str]] = {
    "gb18030": decode_gb18030,
    "big5": decode_big5,
    "hz": decode_hz,
    "euc-tw": decode_euc_tw,
    "iso-2022-cn": decode_iso_2022_cn,
}
ENCODERS: dict[str, Callable[[str], bytes]] = {
    "gb18030": encode_gb18030,
    "big5": encode_big5,
    "hz": encode_hz,
    "euc-tw": encode_euc_tw,
    "iso-2022-cn": encode_iso_2022_cn,
}
