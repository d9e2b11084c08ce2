"""One way to write each character, and no character that a program put there."""

import functools
import re
import unicodedata
from collections.abc import Iterator

from cleaner.document import Change
from cleaner.files import read_table
from cleaner.lines import HAN, HAN_MARKS
from cleaner.normalize.kinds import runs_of
from cleaner.patterns import compile_later


def unify_line_ends(text: str) -> Iterator[Change]:
    r"""Every line end becomes `\n`: CR LF, CR, and the separators that only Unicode and printers know.

    >>> list(unify_line_ends("一\r\n二\f三"))
    [(1, 3, '\n'), (4, 5, '\n')]
    """
    for start, end in runs_of(text, "r"):
        place = start
        while place < end:
            # Only of a carriage return is the newline a part.
            is_pair = text.startswith("\r\n", place)
            yield place, place + 1 + is_pair, "\n"
            place += 1


# Controls

_rtl = re.compile("[\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_junk = (
    "\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\u2060-\u2065\u206a-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
)
_direction = "\N{ARABIC LETTER MARK}\u200e\u200f\u202a-\u202e\u2066-\u2069"
_chinese = f"[{HAN}{HAN_MARKS}]"
_controls = compile_later(
    f"""(?P<emoji> \U0001f3f4[\U000e0020-\U000e007e]+\U000e007f )      # a flag: of Scotland, say
    | (?P<junk> [{_junk}\U000e0001\U000e0020-\U000e007f]+ )
    | (?P<direction> [{_direction}]+ )
    | (?P<joiners> (?<={_chinese})[\u200c\u200d]+(?={_chinese}) )
    | (?P<separator> (?<![\u1800-\u18af])\u180e(?![\u1800-\u18af]) )  # Mongolian needs it before a final vowel
    | (?P<half> [\ud800-\udfff]+ )""",
    re.VERBOSE,
)


def remove_stray_controls(text: str) -> Iterator[Change]:
    r"""Remove control characters and those of zero width that no script or emoji needs.

    Joiners go only between Chinese characters, marks of direction only from a text without letters that are written
    from right to left. Half of a surrogate pair stands for a character that is lost; it is left and counted.

    >>> list(remove_stray_controls("前\ufeff后"))
    [(1, 2, '')]
    >>> list(remove_stray_controls("一家\U0001F468\u200d\U0001F469"))
    []
    """
    is_directed: bool | None = None
    for start, end in runs_of(text, "!"):
        # A flag begins with the character before, and a joiner needs the one after.
        for match in _controls.finditer(text, max(start - 1, 0), end + 1):
            if match.lastgroup == "direction" and is_directed is None:
                is_directed = bool(_rtl.search(text))
            if match.lastgroup == "half":
                yield match.start(), match.end(), match.group()
            elif match.lastgroup != "emoji" and not (match.lastgroup == "direction" and is_directed):
                yield match.start(), match.end(), ""


# Characters with two spellings


def replace_radicals(text: str) -> Iterator[Change]:
    """A radical that stands for an ideograph becomes that ideograph: ⼯⼈ is not 工人.

    >>> list(replace_radicals("⼯人"))
    [(0, 1, '工')]
    """
    for start, end in runs_of(text, "R"):
        for place in range(start, end):
            ideograph = ideographs_of_radicals().get(text[place])
            if ideograph:
                yield place, place + 1, ideograph


@functools.cache
def ideographs_of_radicals() -> dict[str, str]:
    """Radicals and their ideographs, from Unicode's EquivalentUnifiedIdeograph.txt."""
    return {row[0]: row[1] for row in read_table("radicals.tsv")}


MOST_MARKS = 64  # combining marks upon one letter; text has five, and sorting very many takes time without end


def compose_nfc(text: str) -> Iterator[Change]:
    r"""Unicode normalization form C: composed letters, and unified ideographs for compatibility ones.

    >>> list(compose_nfc("\uf9e4e\u0301"))
    [(0, 1, '理'), (1, 3, 'é')]
    """
    for start, end in runs_of(text, "n"):
        first = max(start - 1, 0)  # only what is of this kind composes with what stands before it
        piece = text[first:end]
        if len(piece) > MOST_MARKS and has_endless_marks(piece):
            yield first, end, piece
        elif not unicodedata.is_normalized("NFC", piece):
            yield from composed(first, piece)


def composed(start: int, piece: str) -> Iterator[Change]:
    """The changes that compose a piece of text, cut where nothing composes across."""
    for match in re.finditer(rf"[\0-\x7f{HAN}][^\0-\x7f{HAN}]*|^[^\0-\x7f{HAN}]+", piece):
        after = unicodedata.normalize("NFC", match.group())
        if after != match.group():
            yield start + match.start(), start + match.end(), after


def has_endless_marks(piece: str) -> bool:
    """Whether a letter bears so many combining marks that it is no letter any more."""
    marks = 0
    for character in piece:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MOST_MARKS:
            return True
    return False


# Widths

_signs = "．／－＋＝＆＠＿＊＃％"  # of full width, that belong to the letters and digits on both sides
_wide_run = re.compile(
    f"""(?:[０-９]{{1,3}}(?:，[０-９]{{3}})+(?![０-９])
    | [０-９Ａ-Ｚａ-ｚ]+) (?: (?:：／／|[{_signs}]{{1,2}}) [０-９Ａ-Ｚａ-ｚ]+ )*
    (?: [{_signs}]+(?=[0-9A-Za-z]) | ％ | ＋＋ )?""",
    re.VERBOSE,
)


def narrow_letters_and_digits(text: str) -> Iterator[Change]:
    """Full-width Latin letters and digits become ASCII, and with them the signs between them.

    >>> list(narrow_letters_and_digits("Ａ２版，约３０％"))
    [(0, 2, 'A2'), (5, 8, '30%')]
    """
    done = 0
    for start, _ in runs_of(text, "W"):
        if start >= done and (match := _wide_run.match(text, start)):
            first = start
            while first > done and text[first - 1] in _signs:
                first -= 1
            if not (first and text[first - 1].isascii() and text[first - 1].isalnum()):
                first = start
            done = match.end()
            yield first, done, unicodedata.normalize("NFKC", text[first:done])


SMALL_MARKS = dict(
    zip(
        "｡｢｣､･﹐﹑﹔﹕﹖﹗﹙﹚﹝﹞︐︑︒︓︔︕︖︰︵︶︹︺︻︼︽︾︿﹀﹁﹂﹃﹄",
        "。「」、・，、；：？！（）〔〕，、。：；！？：（）〔〕【】《》〈〉「」『』",
        strict=True,
    )
)
_beside = compile_later(f"[{HAN}{HAN_MARKS}\u3040-\u30ff\uff66-\uff9f0-9A-Za-z]")


def widen_small_marks(text: str) -> Iterator[Change]:
    """Marks of half width, small ones and those of vertical lines become the usual ones beside Chinese.

    >>> list(widen_small_marks("好｡好︰好"))
    [(1, 2, '。'), (3, 4, '：')]
    >>> list(widen_small_marks("(｡◕‿◕｡)"))
    [(1, 2, '｡'), (5, 6, '｡')]
    """
    for start, end in runs_of(text, "m"):
        # A face made of marks has no letter on either side.
        is_face = not (_beside.match(text, end) or (start and _beside.match(text, start - 1)))
        for place in range(start, end):
            if text[place] in SMALL_MARKS:
                yield place, place + 1, text[place] if is_face else SMALL_MARKS[text[place]]
