"""What kinds of characters a text has: one byte for each character, found in one look at the whole text.

Most text needs no rule at all. So each rule first asks the kinds whether what it mends occurs, which costs next to
nothing; to search the text itself once for every rule would take ten times as long. Offsets in the kinds of a text
are offsets in the text.
"""

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points
from cleaner.lines import HAN, HAN_MARKS

# Each kind is a byte. Where two of the classes share characters, the later one has them.
KINDS = (
    ("n", "\0-\uffff"),  # what Unicode form C may change, or may compose with what stands before it
    ("x", "\0-\u02ff\u2002-\u20cf\u212c-\u2328\u232b-\u2adb\u2e80-\u3029\u3030-\u3098\u309b-\u4dff"),  # what it does
    ("x", "\ua000-\ua4cf\uac00-\ud7a3\ue000-\uf8ff\ufe00-\ufe0f\ufe30-\uffef"),  # not change
    ("H", HAN),
    ("n", "\uf900-\ufaff"),
    ("M", HAN_MARKS),
    ("k", "\u3041-\u3096\u30a1-\u30fa"),  # kana
    ("a", "A-Za-z"),
    ("0", "0-9"),
    (" ", " "),
    ("_", "\t\u00a0\u1680\u2002-\u200a\u202f\u205f\u3000"),  # other white space
    ("n", "\u2000\u2001"),  # white space, too, once they are composed
    ("\n", "\n"),
    ("r", "\r\v\f\x85\u2028\u2029"),  # other line ends
    (",", ",;:?!"),  # marks that may be folded Chinese ones
    ("(", "("),
    (")", ")"),
    ('"', '"'),
    ("W", "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"),  # letters and digits of full width
    ("m", "\uff61-\uff65\ufe10-\ufe19\ufe30-\ufe6b"),  # marks of half width, small ones, those of vertical lines
    ("R", "\u2e80-\u2fd5"),  # radicals
    ("O", "“"), ("C", "”"), ("o", "‘"), ("c", "’"),
    (".", ".\N{FULLWIDTH FULL STOP}・·"),  # dots
    ("s", "。"),
    ("E", "⋯"),  # and three full stops or more
    ("-", "\\-\N{EN DASH}\N{HORIZONTAL BAR}\N{BOX DRAWINGS LIGHT HORIZONTAL}\N{FULLWIDTH HYPHEN-MINUS}"),
    ("d", "\N{EM DASH}"),
    # what nobody typed, and what may be that: joiners, marks of direction, halves of a surrogate pair, tags
    ("!", "\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"),
    ("!", "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"),
)  # fmt: skip
BEYOND = (  # the same for what lies beyond U+FFFF, by the first and last block of 256 characters
    ("n", 0x100, 0x10FF),
    ("x", 0x1F0, 0x1FA),
    ("H", 0x200, 0x3FF),
    ("n", 0x2F8, 0x2FA),
    ("x", 0xE01, 0x10FF),
    ("!", 0xE00, 0xE00),
    *(("!", plane << 8 | 0xFF, plane << 8 | 0xFF) for plane in range(1, 17)),  # each plane ends with noncharacters
)
_members = re.compile(r"(?s)\\?(.)(?:-(.))?")  # of a class: a character, or a range of them
COMMON = b"HMxaks"  # what running text is made of
SEPARATOR = b"\0"
PIECE = 1 << 16  # characters that are looked at together: few enough for their arrays to stay in the cache


@dataclass(frozen=True)
class Look:
    """What one look at a text found: its kinds, and which signs stand in them."""

    text: str
    kinds: bytes
    signs: int  # bits, in the order of the signs that were looked for

    @functools.cached_property
    def outline(self) -> bytes:
        """The kinds without the common ones; most texts are never asked for it."""
        return b"\n" + self.kinds.translate(None, COMMON) + b"\n"


_latest: list[Look] = []  # the rules of a stage look at the same text one after the other


def kinds_of(text: str) -> bytes:
    r"""The kind of every character.

    >>> kinds_of("共 12 家：\ufeff(完)")
    b'H 00 HM!(H)'
    """
    return latest(text).kinds


def outline_of(text: str) -> bytes:
    r"""The kinds without those that running text is made of: short, and so quickly searched for what is wrong.

    What stands together in the text stands together here, but not the reverse. There is a newline at either end.

    >>> outline_of("一共有 12 家商店：\ufeff(完)。")
    b'\n 00 !()\n'
    """
    return latest(text).outline


def latest(text: str) -> Look:
    """The look at a text, taken now unless it was the latest that was taken."""
    if not (_latest and _latest[0].text is text):
        remember(next(looks_at([text])))
    return _latest[0]


def remember(look: Look) -> None:
    """Keep a look as the latest."""
    _latest[:] = [look]


def looks_at(texts: Sequence[str], signs: tuple[bytes, ...] = ()) -> Iterator[Look]:
    """The looks at many texts, at once as far as their arrays stay in the cache.

    A sign is one kind, or two that stand together. Each text has a newline before and behind it.
    """
    start = 0
    while start < len(texts):
        end, size = start + 1, len(texts[start])
        while end < len(texts) and size + len(texts[end]) < PIECE:
            size += len(texts[end]) + 1
            end += 1
        yield from looks_at_piece(texts[start:end], signs)
        start = end


def looks_at_piece(texts: Sequence[str], signs: tuple[bytes, ...]) -> Iterator[Look]:
    """The looks at some texts that are short, or at one."""
    if len(texts) == 1 and len(texts[0]) > PIECE:
        text = texts[0]
        kinds = b"".join(kinds_of_piece(text[start : start + PIECE]) for start in range(0, len(text), PIECE))
    else:
        kinds = kinds_of_joined(texts)
    kinds = with_whole_marks(kinds)
    found = signs_in(kinds, [len(text) for text in texts], signs) if signs else itertools.repeat(0)
    start = 0
    for text, own in zip(texts, found, strict=False):
        end = start + len(text)
        yield Look(text, kinds[start:end], own)
        start = end + 1


def signs_in(kinds: bytes, sizes: Sequence[int], signs: tuple[bytes, ...]) -> list[int]:
    """Which of some signs stand in each of some texts of such sizes, whose kinds are joined by separators.

    >>> signs_in(b"H,\\0-0", [2, 2], (b",", b"0", b"H,", b"0\\n"))
    [5, 10]
    """
    framed = b"\n" + kinds.replace(SEPARATOR, b"\n") + b"\n"
    bits, is_sign = table_of(signs)
    pairs = np.zeros(len(framed) - 1, dtype=np.uint16)
    for first in (0, 1):  # two kinds are one number, read where they lie: from even places on, then from odd ones
        pairs[first::2] = np.frombuffer(framed, dtype="<u2", offset=first, count=(len(framed) - first) // 2)
    places = np.flatnonzero(is_sign.take(pairs))
    found = np.zeros(len(sizes), dtype=np.int64)
    if len(places):
        ends = np.cumsum(np.array(sizes) + 1)  # a pair belongs to the text of its second kind, or that it ends
        texts = np.searchsorted(ends, places, side="right")
        starts = np.flatnonzero(np.diff(texts, prepend=-1))
        found[texts[starts]] = np.bitwise_or.reduceat(bits[pairs[places]], starts)
    return found.tolist()


@functools.cache
def table_of(signs: tuple[bytes, ...]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The bits of each pair of kinds, as the number first | second << 8, and whether it has any."""
    bits = np.zeros((256, 256), dtype=np.int64)  # by the second kind, then by the first
    for number, sign in enumerate(signs):
        if len(sign) == 1:
            bits[sign[0]] |= 1 << number
        else:
            bits[sign[1], sign[0]] |= 1 << number
    return bits.ravel(), bits.ravel() > 0


def kinds_of_joined(texts: Sequence[str]) -> bytes:
    """The kinds of some texts, with a separator, which is no kind, between one and the next."""
    cells = cells_of_piece("\n".join(texts))
    cells[np.cumsum([len(text) + 1 for text in texts[:-1]], dtype=np.int64) - 1] = SEPARATOR[0]
    return cells.tobytes()


def with_whole_marks(kinds: bytes) -> bytes:
    """Kinds in which a dash and an ellipsis of several characters are told from half of one."""
    if b"d" in kinds:
        kinds = kinds.replace(b"dd", b"MM")  # a dash as it should be
    is_stop = np.frombuffer(kinds, dtype=np.uint8) == ord("s")  # frequent, which a search for three takes its time over
    if (is_stop[:-2] & is_stop[1:-1] & is_stop[2:]).any():
        kinds = re.sub(b"sss+", lambda stops: b"E" * len(stops.group()), kinds)  # an ellipsis as it should not
    return kinds


def runs_of(text: str, kind: str, least: int = 1) -> Iterator[tuple[int, int]]:
    """Where at least so many characters of one kind stand together, each run from its start to its end.

    >>> list(runs_of("共 12 家", "0"))
    [(2, 4)]
    """
    one = kind.encode()
    if one * least in outline_of(text):
        # A pattern that begins with the character itself, and not with its repetition, is searched for much faster.
        for match in re.finditer(re.escape(one) * least + re.escape(one) + b"*", kinds_of(text)):
            yield match.span()


def is_japanese(text: str) -> bool:
    """Whether there is so much kana that the text is not Chinese with a Japanese name in it.

    >>> is_japanese("本当?行きますか"), is_japanese("日本动画《もののけ姫》是当年票房最高的影片，打破了多项纪录。")
    (True, False)
    """
    kinds = kinds_of(text)
    if b"k" not in kinds:
        return False
    cells = np.frombuffer(kinds, dtype=np.uint8)  # bytes.count takes its time over what is frequent
    return bool(4 * np.count_nonzero(cells == ord("k")) > np.count_nonzero(cells == ord("H")))


def kinds_of_piece(piece: str) -> bytes:
    """The kind of every character of a text that is not long."""
    return cells_of_piece(piece).tobytes()


def cells_of_piece(piece: str) -> npt.NDArray[np.uint8]:
    """The same as an array."""
    near, beyond = tables()
    units = piece.encode("utf-16-le", "surrogatepass")
    if len(units) == 2 * len(piece):
        return near.take(np.frombuffer(units, dtype="<u2"))
    points = code_points(piece)
    return np.where(points < 1 << 16, near.take(points & 0xFFFF), beyond.take(points >> 8))


@functools.cache
def tables() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The kinds of the characters up to U+FFFF, and of the blocks beyond."""
    near, beyond = np.zeros(1 << 16, dtype=np.uint8), np.zeros(0x1100, dtype=np.uint8)
    for kind, members in KINDS:
        for found in _members.finditer(members):
            first, last = found.group(1), found.group(2) or found.group(1)
            near[ord(first) : ord(last) + 1] = ord(kind)  # what lies beyond U+FFFF is cut off
    for kind, first, last in BEYOND:
        beyond[first : last + 1] = ord(kind)
    return near, beyond
