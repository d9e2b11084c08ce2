"""How much a reading looks like Chinese: its description length, in bits, by how often each character is used.

A right reading of Chinese takes 9 to 11 bits for a character; GBK read as Big5 takes 17, Big5 read as GBK 22,
Korean read as GBK 14.5. Simplified and traditional text have a table each (tables/frequencies.txt), and a reading
counts by the one that suits it better. What the tables do not list costs what its kind costs.

>>> round(bits_per_character("今天天气很好"), 1) < 12 < 16 < round(bits_per_character("擄鞨辤灏芥"), 1)
True
"""

import functools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points
from cleaner.files import read_table
from cleaner.kernels.oddness import behind_han, hash_of, odd_at

Costs = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

UNIT = 8  # table cells are eighths of a bit
ASCII_BITS = 6.5  # of a letter, a digit, a space; the same in every reading unless a wrong one swallows it
LETTER = 6.0  # more bits for a letter right behind a Han character: half of a pair that was torn looks like this
RARE_HAN = 19.0  # of level 2 in GB 2312 or Big5, but not in the tables
ODD_HAN = 22.0
UNASSIGNED = 26.0  # private use, control characters, what Unicode has not given a meaning
KINDS = (  # first and last code point, bits; later lines win
    (0x00A0, 0x024F, 16.0),  # Latin
    (0x0250, 0x0FFF, 17.0),  # Greek, Cyrillic, Hebrew, Arabic, Thai …
    (0x1000, 0x1FFF, 19.0),
    (0x2000, 0x206F, 13.0),  # general punctuation
    (0x2070, 0x2BFF, 16.0),  # symbols, arrows, box drawing
    (0x2C00, 0x2FFF, 19.0),
    (0x3000, 0x303F, 14.0),  # CJK punctuation
    (0x3040, 0x30FF, 18.0),  # kana
    (0x3100, 0x33FF, 16.0),
    (0x3400, 0x4DBF, ODD_HAN),
    (0x4E00, 0x9FFF, ODD_HAN),
    (0xA000, 0xABFF, 20.0),
    (0xAC00, 0xD7A3, 17.0),  # Hangul
    (0xF900, 0xFAFF, ODD_HAN),
    (0xFB00, 0xFEFF, 20.0),
    (0xFE10, 0xFE1F, 16.0),  # vertical forms
    (0xFE30, 0xFE6F, 16.0),  # compatibility and small forms
    (0xFF01, 0xFF5E, 13.0),  # full-width ASCII
    (0xFF5F, 0xFFEF, 17.0),  # half-width kana and Hangul
    (0x1F300, 0x1FAFF, 15.0),  # emoji
    (0x20000, 0x323AF, ODD_HAN),
)
# The tables' sources spell some marks in their own way; printed text has these everywhere.
TYPESET = {"\u3000": 9.0, "“": 9.5, "”": 9.5, "‘": 12.0, "’": 12.0, "…": 11.0, "—": 11.0, "·": 11.0, "；": 10.0}
USUAL = (  # first and last code point, bits: what a foreign text is made of
    (0x00A0, 0x00BF, 12.0),
    (0x00C0, 0x00DE, 10.0),
    (0x00DF, 0x00FF, 7.5),
    (0x0100, 0x017F, 9.0),
    (0x0370, 0x03AB, 8.0),
    (0x03AC, 0x03CE, 5.5),
    (0x0400, 0x042F, 8.0),
    (0x0430, 0x045F, 5.5),
    (0x05D0, 0x05EA, 5.0),
    (0x0600, 0x06FF, 6.0),
    (0x0E00, 0x0E7F, 6.5),
    (0x3040, 0x309F, 6.0),
    (0x30A0, 0x30FF, 7.5),
    (0xAC00, 0xD7A3, 9.5),
    (0xFF61, 0xFF9F, 10.0),
)
RARE_HANGUL = 18  # bits for a syllable that KS X 1001 left out
KANA, KANA_GAIN = (0x3041, 0x30FF), 7  # bits: one of them is strange in a Chinese text, the next is not


@functools.cache
def fallbacks() -> Costs:
    """The cost of each code point that the tables do not list, by its kind, in eighths of a bit."""
    table = np.full(0x110000, UNASSIGNED * UNIT, dtype=np.uint8)
    table[0x20:0x7F] = ASCII_BITS * UNIT
    table[[0x00, 0x09, 0x0A, 0x0D]] = ASCII_BITS * UNIT  # NUL pads files; it is dropped, and says nothing of their text
    table[0xFEFF] = ASCII_BITS * UNIT  # a byte order mark says nothing about the text
    for first, last, cost in KINDS:
        table[first : last + 1] = cost * UNIT
    for codec in ("gb2312", "big5"):
        table[those_in(codec, range(0x4E00, 0xA000))] = RARE_HAN * UNIT
    table[0xFFFD] = UNASSIGNED * UNIT
    return table


def those_in(codec: str, points: range) -> npt.NDArray[np.uint32]:
    """Those of some code points that a codec can write."""
    return code_points("".join(map(chr, points)).encode(codec, "ignore").decode(codec))


@functools.cache
def costs(script: str) -> Costs:
    """The cost of every code point in `simplified` or `traditional` text, in eighths of a bit, shape (0x110000,)."""
    table = fallbacks().copy()
    for row_script, level, characters in read_table("frequencies.txt"):
        if row_script == script:
            points = code_points(characters)
            table[points] = np.minimum(table[points], int(float(level) * UNIT))
    for character, cost in TYPESET.items():
        table[ord(character)] = min(table[ord(character)], int(cost * UNIT))
    return table


@functools.cache
def cheapest() -> Costs:
    """The cost of every code point in whichever script uses it more, in eighths of a bit."""
    return np.minimum(costs("simplified"), costs("traditional"))


@functools.cache
def foreign_costs() -> npt.NDArray[np.uint8]:
    """The cost of every code point in a foreign text, in eighths of a bit."""
    table = cheapest().copy()
    table[0x4E00:0xA000] = np.minimum(table[0x4E00:0xA000].astype(np.int64) + UNIT, 255)  # fewer, and others
    for first, last, bits in USUAL:
        table[first : last + 1] = int(bits * UNIT)
    usual = table[hangul := those_in("euc_kr", range(0xAC00, 0xD7A4))]
    table[0xAC00:0xD7A4] = RARE_HANGUL * UNIT  # left out of KS X 1001, with four fifths of all
    table[hangul] = usual
    return table


@functools.cache
def fold() -> npt.NDArray[np.uint16]:
    """Code points of the BMP in simplified spelling, for looking up pairs, shape (65536,)."""
    table = np.arange(0x10000, dtype=np.uint16)
    for row in read_table("simplify.txt"):
        if len(row[0]) == len(row[1]) == 1 and max(*row) < "\U00010000":
            table[ord(row[0])] = ord(row[1])
    return table


@functools.cache
def pair_gains() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Characters that often stand side by side, as first << 16 | second in ascending order, and the bits they save.

    The latter in eighths of a bit. From tables/pairs.txt, in simplified spelling; and kana stand beside kana.
    """
    rows = [(ord(first) << 16, int(gain), followers) for first, gain, followers in read_table("pairs.txt")]
    sizes = [len(followers) for _, _, followers in rows]
    firsts = np.repeat(np.array([first for first, _, _ in rows], dtype=np.uint32), sizes)
    listed = firsts | code_points("".join([followers for _, _, followers in rows]))
    kana = np.arange(*KANA, dtype=np.uint32)
    beside_kana = (kana[:, np.newaxis] << np.uint32(16) | kana).ravel()
    keys, places = np.unique(np.concatenate([listed, beside_kana]), return_index=True)
    gains = np.concatenate([np.repeat([gain for _, gain, _ in rows], sizes), np.full(len(beside_kana), KANA_GAIN)])
    return keys, (gains[places] * UNIT).astype(np.uint8)


def bits_in_context(text: str) -> float:
    """The description length of a text in any script, less what common pairs save, plus what torn pairs cost."""
    points = code_points(text)
    bits = float(cheapest()[points].sum(dtype=np.int64)) / UNIT
    return bits + LETTER * int(np.count_nonzero(behind_han(points))) - saved_by_pairs(points)


@functools.cache
def hashed_gains() -> npt.NDArray[np.uint8]:
    """What pairs save, by a hash of 20 bits; where two pairs fall together, the greater."""
    keys, gains = pair_gains()
    table = np.zeros(1 << 20, dtype=np.uint8)
    np.maximum.at(table, hash_of(keys), gains)
    return table


def gains_of(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """What each character of a text but the first saves because of the one before it, in eighths of a bit."""
    folded = fold()[np.minimum(points, 0xFFFF)].astype(np.uint32)
    gains: npt.NDArray[np.uint8] = hashed_gains()[hash_of(folded[:-1] << np.uint32(16) | folded[1:])]
    return gains


def saved_by_pairs(points: npt.NDArray[np.uint32]) -> float:
    """The bits that a text saves because its characters often stand side by side."""
    return float(gains_of(points).sum(dtype=np.int64)) / UNIT


def bits_per_character(text: str) -> float:
    """The mean cost of the characters of a text that are not ASCII; 0 when there are none."""
    points = code_points(text)
    points = points[points >= 0x80]
    if not len(points):
        return 0.0
    return min(float(costs(script)[points].mean()) for script in ("simplified", "traditional")) / UNIT


def count_han(text: str) -> int:
    """How many Han characters a text has.

    >>> count_han("中文 ABC，第3页")
    4
    """
    points = code_points(text)
    is_han = (points >= 0x3400) & (points <= 0x9FFF) | (points >= 0x20000) & (points <= 0x323AF)
    return int(np.count_nonzero(is_han | (points >= 0xF900) & (points <= 0xFAFF)))


USUAL_BITS = 12.0  # hardly any good text takes more for two characters, given the one before
ODD_PAIR, ODD_FOUR = 10.0, 8.0  # bits beyond that, for two and four characters in a row
RARE = 15.0  # bits: one character in 32,768
CHUNK = 1 << 20  # characters that are looked at in one go
DENSE, WINDOW = 4, 8  # rare characters in so many


def odd_places(text: str) -> Places:
    """Offsets at which a few characters in a row make little sense: they may be misread.

    One good line in thirty has such a place, so this only says where a closer look is worth its time.
    """
    if len(text) > CHUNK:
        return in_chunks(odd_places, text)
    prices = int(2 * LETTER * UNIT), int(ODD_PAIR * UNIT), int(ODD_FOUR * UNIT)
    found: Places = odd_at(code_units(text), excesses(), fold(), hashed_gains(), prices)
    return found


def rare_places(text: str) -> Places:
    """Offsets at which rare characters are dense: they may be mojibake."""
    if len(text) > CHUNK:
        return in_chunks(rare_places, text)
    rare = np.flatnonzero(np.take(is_rare(), code_units(text)))
    return rare[: -DENSE + 1][rare[DENSE - 1 :] - rare[: -DENSE + 1] < WINDOW]


def in_chunks(find: Callable[[str], Places], text: str) -> Places:
    """What `find` finds in a long text, looked for piece by piece: its arrays take several times the memory of one.

    The pieces overlap, as what is found depends on a few characters to either side.
    """
    found = [find(text[:CHUNK])]
    for start in range(CHUNK - 2 * WINDOW, len(text), CHUNK - 2 * WINDOW):
        places = find(text[start : start + CHUNK])
        found.append(places[places >= WINDOW] + start)
    return np.unique(np.concatenate(found))


@functools.cache
def excesses() -> npt.NDArray[np.int16]:
    """What each code unit costs beyond the usual, in eighths of a bit, shape (65536,)."""
    return cheapest()[:0x10000].astype(np.int16) - np.int16(USUAL_BITS * UNIT)


@functools.cache
def is_rare() -> npt.NDArray[np.bool_]:
    """Which code units are rare, shape (65536,)."""
    return cheapest()[:0x10000] >= RARE * UNIT


def code_units(text: str) -> npt.NDArray[np.uint16]:
    """A text in 16 bits a character, with U+FFFF for what is beyond the BMP; half the work of code points."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    return units if len(units) == len(text) else np.minimum(code_points(text), 0xFFFF).astype(np.uint16)


def lines_at(text: str, places: Places) -> list[tuple[int, int]]:
    """Start and end of each line of a text that some ascending places are in, without its line end."""
    found: list[tuple[int, int]] = []
    for place in places.tolist():
        if not found or place > found[-1][1]:
            end = text.find("\n", place)
            found.append((text.rfind("\n", 0, place) + 1, end if end >= 0 else len(text)))
    return found
