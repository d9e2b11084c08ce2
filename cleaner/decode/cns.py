"""EUC-TW and ISO-2022-CN, which Python lacks: codecs as pure functions, over the table of CNS 11643-1992.

EUC-TW (Extended Unix Code) writes plane 1 in two bytes A1-FE, and any plane in four: 8E, A0 + plane, row, column.
ISO-2022-CN (RFC 1922) writes everything in seven bits. Escape sequences *designate* a character set to one of three
places; SO and SI switch between ASCII and the set in the first place, and ESC N and ESC O take one character from the
second and third. ISO-2022-CN-EXT, of the same RFC, adds more sets; we read it, and write only ISO-2022-CN.

>>> decode_euc_tw(encode_euc_tw("中文標準交換碼")), decode_iso_2022_cn(encode_iso_2022_cn("中文：標準交换碼"))
('中文標準交換碼', '中文：標準交换碼')
"""

import functools
import re
from collections.abc import Iterable, Iterator

from cleaner.files import read_table

HOLE = "."  # a cell without a character, in the table
FIRST = 0x21  # the byte of the first row and column
ROWS_OF_GB_2312 = range(0x21, 0x78)
COLUMNS = range(FIRST, 0x7F)
SECOND_BYTES = [bytes([column]) for column in COLUMNS]
HIGH = bytes(byte | 0x80 for byte in range(256))  # with the high bit on, as EUC has them
SHIFT_OUT, SHIFT_IN, SINGLE_SHIFT = b"\x0e", b"\x0f", b"\x1bN"
ESCAPE = 0x1B
GB_2312, CNS_1, CNS_2 = b"\x1b$)A", b"\x1b$)G", b"\x1b$*H"  # what designates them, and the place is the third byte
PLACE_OF_SHIFT = {b"N": b"*", b"O": b"+"}  # the places from which ESC N and ESC O take a character

CharacterSet = dict[bytes, str]  # by pairs of bytes 21-7E

_euc_tw_character = re.compile(rb"[\x00-\x7f]|[\xa1-\xfe]{2}|\x8e[\xa1-\xaf][\xa1-\xfe]{2}")
_euc_tw_block = re.compile(rb"(?:%s){1,4096}" % _euc_tw_character.pattern)  # what is in memory as a list at one time
_euc_tw_beginning = re.compile(rb"[\xa1-\xfe]|\x8e(?:[\xa1-\xaf][\xa1-\xfe]?)?")
_escape = (
    rb"|(?P<shift>[\x0e\x0f])|(?P<designation>\x1b\$(?:\)[AEG]|\*H|\+[I-M]))"
    rb"|(?P<single>(?:\x1bN[\x21-\x7e]{2})+|(?:\x1bO[\x21-\x7e]{2})+)"
)
_ascii_token = re.compile(rb"(?P<ascii>[\x00-\x0d\x10-\x1a\x1c-\x7f]+)" + _escape)
_shifted_token = re.compile(
    rb"(?P<pairs>[\x21-\x7e]+)|(?P<ascii>[\x00-\x09\x0b\x0c\x10-\x1a\x1c-\x20\x7f]+)|(?P<line>[\r\n]+)" + _escape
)
_escape_beginning = re.compile(rb"\x1b(?:\$[)*+]?|[NO][\x21-\x7e]?)?")


@functools.cache
def planes() -> dict[int, CharacterSet]:
    """The planes of CNS 11643 that have characters: 1 to 7 and 15."""
    found: dict[int, CharacterSet] = {}
    for name, characters in read_table("cns11643.txt"):
        plane, row = name.split("-")
        pairs = map(bytes([int(row, 16)]).__add__, SECOND_BYTES)
        known = without_holes(pairs, characters) if HOLE in characters else zip(pairs, characters, strict=False)
        found.setdefault(int(plane), {}).update(known)
    return found


def without_holes(pairs: Iterable[bytes], characters: str) -> Iterator[tuple[bytes, str]]:
    """The cells of a row that have a character."""
    return ((pair, one) for pair, one in zip(pairs, characters, strict=False) if one != HOLE)


@functools.cache
def gb_2312() -> CharacterSet:
    """GB 2312, read as GB 18030 reads it, like every other file in a GB encoding.

    Python's own codec `gb2312` knows the same cells, but has other characters for the middle dot and the dash.
    """
    found: CharacterSet = {}
    for row in ROWS_OF_GB_2312:
        for column in COLUMNS:
            high = bytes([row | 0x80, column | 0x80])
            if high.decode("gb2312", "ignore"):
                found[bytes([row, column])] = high.decode("gb18030")
    return found


@functools.cache
def character_set(designation: bytes) -> CharacterSet:
    """What an escape sequence designates: ... A is GB 2312, E ISO-IR-165, G to M are the planes 1 to 7.

    Of ISO-IR-165 we know what it shares with GB 2312, and that its g is the script form, U+0261.
    """
    final = designation[-1:]
    if final == b"A":
        return gb_2312()
    if final == b"E":
        return gb_2312() | {b"#g": "\N{LATIN SMALL LETTER SCRIPT G}"}
    return planes()[final[0] - ord("G") + 1]


@functools.cache
def euc_tw_characters() -> dict[bytes, str]:
    """The character of each sequence of one, two or four bytes."""
    found = {bytes([byte]): chr(byte) for byte in range(0x80)}
    for plane, characters in planes().items():
        high = [pair.translate(HIGH) for pair in characters]
        found.update(zip(map(bytes([0x8E, 0xA0 + plane]).__add__, high), characters.values(), strict=True))
        if plane == 1:
            found.update(zip(high, characters.values(), strict=True))
    return found


@functools.cache
def euc_tw_bytes() -> dict[str, bytes]:
    """The bytes of each character: ASCII, or the lowest plane that has it.

    Plane 1 has 十 and 卅 twice, as numerals among the signs and, further on, as ideographs: the last place counts.
    """
    found = {chr(byte): bytes([byte]) for byte in range(0x80)}
    for plane, characters in sorted(planes().items(), reverse=True):
        prefix = bytes([0x8E, 0xA0 + plane]) if plane > 1 else b""
        for pair, character in characters.items():
            found[character] = prefix + bytes([pair[0] | 0x80, pair[1] | 0x80])
    return found


@functools.cache
def iso_2022_cn_bytes() -> dict[str, tuple[bytes, bytes]]:
    """The designation and the pair of bytes of each character: of GB 2312 if it is there, else of the lower plane."""
    return {
        character: (designation, pair)
        for designation in (CNS_2, CNS_1, GB_2312)
        for pair, character in character_set(designation).items()
    }


def decode_euc_tw(data: bytes) -> str:
    """Read EUC-TW. Raises UnicodeDecodeError, with byte offsets, at the first bytes that are none of its characters.

    >>> decode_euc_tw(b"CNS \\xc4\\xe3\\xc5\\xc6 \\x8e\\xa2\\xa1\\xa1")
    'CNS 中文 乂'
    """
    characters = euc_tw_characters()
    pieces: list[str] = []
    position = 0
    while position < len(data):
        block = _euc_tw_block.match(data, position)
        if block is None:
            raise not_euc_tw(data, position)
        try:
            pieces += [characters[found] for found in _euc_tw_character.findall(block.group())]
        except KeyError:
            raise not_euc_tw(data, position) from None
        position = block.end()
    return "".join(pieces)


def not_euc_tw(data: bytes, position: int) -> UnicodeDecodeError:
    """The error for the first bytes from `position` on, where a character begins, that are no character."""
    characters = euc_tw_characters()
    while True:
        width = 1 if data[position] < 0x80 else 4 if data[position] == 0x8E else 2
        found = data[position : position + width]
        if found not in characters:
            break
        position += width
    end, reason = position + 1, "illegal multibyte sequence"
    if _euc_tw_character.fullmatch(found):
        end, reason = position + width, "no character of CNS 11643"
    elif position + len(found) == len(data) and _euc_tw_beginning.fullmatch(found):
        end, reason = len(data), "incomplete multibyte sequence"
    return UnicodeDecodeError("euc-tw", data, position, end, reason)


def encode_euc_tw(text: str) -> bytes:
    """Write EUC-TW, plane 1 in two bytes. Raises UnicodeEncodeError at a character that neither it nor ASCII has."""
    known = euc_tw_bytes()
    try:
        return b"".join([known[character] for character in text])
    except KeyError:
        at = next(place for place, character in enumerate(text) if character not in known)
        raise UnicodeEncodeError("euc-tw", text, at, at + 1, "not in planes 1 to 7 and 15 of CNS 11643") from None


def decode_iso_2022_cn(data: bytes) -> str:
    """Read ISO-2022-CN or ISO-2022-CN-EXT. Raises UnicodeDecodeError, with byte offsets, where they are violated.

    A line end switches to ASCII, as RFC 1922 has it. It should also end all designations, but some programs do not
    repeat them in each line: they stay. Spaces and control characters may stand among the pairs.
    """
    pieces: list[str] = []
    for start, end, characters in text_tokens(data):
        if characters is None:
            pieces.append(data[start:end].decode("ascii"))
        else:
            pieces += read_pairs(data, start, end, characters)
    return "".join(pieces)


def text_tokens(data: bytes) -> Iterator[tuple[int, int, CharacterSet | None]]:
    """The runs of bytes that are characters, and in which set; None for ASCII. What switches lies between them."""
    sets: dict[bytes, CharacterSet] = {}  # by their places, the third bytes of their designations
    shifted = False
    position = 0
    while position < len(data):
        token = (_shifted_token if shifted else _ascii_token).match(data, position)
        if token is None:
            raise not_iso_2022_cn(data, position)
        found = token.group()
        kind = token.lastgroup
        if kind in ("ascii", "line"):
            yield position, token.end(), None
            shifted = shifted and kind == "ascii"
        elif kind == "designation":
            sets[found[2:3]] = character_set(found)
        elif kind in ("single", "pairs"):
            place = b")" if kind == "pairs" else PLACE_OF_SHIFT[found[1:2]]
            yield position, token.end(), designated_set(sets, place, data, position)
        elif found == SHIFT_OUT and b")" not in sets:
            raise UnicodeDecodeError("iso-2022-cn", data, position, position + 1, "no character set to shift to")
        else:
            shifted = found == SHIFT_OUT
        position = token.end()


def designated_set(sets: dict[bytes, CharacterSet], place: bytes, data: bytes, start: int) -> CharacterSet:
    """The set in a place. Raises UnicodeDecodeError when none was designated to it."""
    if place not in sets:
        width = 4 if data[start] == ESCAPE else 2
        raise UnicodeDecodeError("iso-2022-cn", data, start, start + width, "no character set to shift to")
    return sets[place]


def character_spans(data: bytes) -> Iterator[tuple[int, int]]:
    """The bytes of each character of valid ISO-2022-CN, in order; a single shift is part of its character."""
    for start, end, characters in text_tokens(data):
        width = 1 if characters is None else 4 if data[start] == ESCAPE else 2
        yield from ((at, at + width) for at in range(start, end, width))


def read_pairs(data: bytes, start: int, end: int, characters: CharacterSet) -> list[str]:
    """The characters of a run of pairs of bytes, each of them after a single shift if the first one is."""
    shift, width = (2, 4) if data[start] == ESCAPE else (0, 2)
    run = data[start:end]
    try:
        return [characters[run[at + shift : at + width]] for at in range(0, len(run), width)]
    except KeyError:
        at = next(at for at in range(0, len(run), width) if run[at + shift : at + width] not in characters)
    if at + width <= len(run):
        reason = "no character of the designated set"
    else:
        reason = "incomplete multibyte sequence" if end == len(data) else "illegal multibyte sequence"
    raise UnicodeDecodeError("iso-2022-cn", data, start + at, min(start + at + width, end), reason)


def not_iso_2022_cn(data: bytes, position: int) -> UnicodeDecodeError:
    """The error for bytes that begin neither a character nor a known escape sequence."""
    if _escape_beginning.fullmatch(data, position):
        return UnicodeDecodeError("iso-2022-cn", data, position, len(data), "incomplete escape sequence")
    reason = "unknown escape sequence" if data[position] == 0x1B else "a byte with its eighth bit set"
    return UnicodeDecodeError("iso-2022-cn", data, position, position + 1, reason)


def encode_iso_2022_cn(text: str) -> bytes:
    """Write ISO-2022-CN: GB 2312 where it has the character, else CNS 11643 plane 1, else plane 2.

    As RFC 1922 asks, each line designates anew what it needs, and ends in ASCII. Raises UnicodeEncodeError at any
    other character, and at ESC, SO and SI, which would be taken for switches.
    """
    return b"".join([part for parts in written_iso_2022_cn(text) for part in parts])


def written_iso_2022_cn(text: str) -> Iterator[tuple[bytes, bytes]]:
    """Each character of a text as the switches that it needs before it and its own bytes; at the end what closes it."""
    known = iso_2022_cn_bytes()
    designated: dict[bytes, bytes] = {}
    shifted = False
    for at, character in enumerate(text):
        if character < "\x80" and character not in "\x1b\x0e\x0f":
            yield SHIFT_IN if shifted else b"", character.encode("ascii")
            shifted = False
            if character in "\r\n":
                designated.clear()
            continue
        if character not in known:
            raise UnicodeEncodeError("iso-2022-cn", text, at, at + 1, "in neither GB 2312 nor planes 1 and 2")
        designation, pair = known[character]
        place, switches = designation[2:3], b""
        if designated.get(place) != designation:
            switches = designation
            designated[place] = designation
        if designation == CNS_2:
            pair = SINGLE_SHIFT + pair
        elif not shifted:
            switches += SHIFT_OUT
            shifted = True
        yield switches, pair
    yield SHIFT_IN if shifted else b"", b""
