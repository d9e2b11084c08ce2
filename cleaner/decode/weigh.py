"""The encodings that a file may be in, weighed against each other by how well it reads in each.

What is weighed are the runs of a file that hold bytes from 80 up, since ASCII reads the same in all; of a long file
a sample from all parts. Each candidate's reading costs its description length in bits (see `score`), plus a price
for every byte that it cannot read, plus what the encoding costs to assume before looking: few Chinese files are
EUC-TW, and in a folder of Chinese texts few are Korean. Foreign readings count by what is usual in their script.

chardet is one voice among these: its answer takes some bits off the candidate that it names. So does the charset
that a web page declares, which is wrong too often to be believed.
"""

import itertools
import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cleaner.decode import charsets
from cleaner.decode.score import UNIT, costs, foreign_costs, saved_by_pairs
from cleaner.document import code_points

CUT = 12.0  # bits for a character that the end of the sample cuts off
ERROR = 24.0  # bits for a byte that a candidate cannot read
MANY_ERRORS = 40  # after so many, a candidate of ours is given up
SAMPLE, SLICES = 3072, 8  # bytes weighed of a long file, and from how many places
QUICK = 768  # bytes that settle the usual file
ENOUGH = 40  # characters that make a quick answer safe
PLAINLY_CHINESE, PLAINLY_BETTER = 11.3, 3.5  # bits for a character, and of the difference to the rival
WITHIN_WORD = 16.0  # bits
CHARDET_BYTES, SHORT_FILE = 256, 16_384  # what chardet is shown of a plain file, and up to which length
VOTE, VOTE_BY_CONFIDENCE = 3.0, 6.0  # bits
HINT = 3.0  # bits for a declared charset
CHINESE = {"utf-8": 0.0, "gb18030": 1.0, "big5": 2.0, "euc-tw": 10.0}  # bits to assume them
FOREIGN = {
    "cp932": 14.0,
    "euc_jis_2004": 14.0,
    "cp949": 14.0,
    "koi8-r": 10.0,
    "cp1251": 10.0,
    "cp866": 14.0,
    "iso8859-7": 12.0,
    "cp1255": 14.0,
    "cp1256": 14.0,
    "cp874": 14.0,
    "cp1252": 8.0,
    "iso8859-2": 14.0,
}
# By chardet's names without compatibility spellings. The Western ones are left out: it names them for want of better.
CHARDET_CANDIDATES = (
    "ascii",
    "utf-8",
    "gb18030",
    "big5hkscs",
    "cp932",
    "shift_jis_2004",
    "euc_jis_2004",
    "cp949",
    "euc_kr",
    "koi8-r",
)
ALIASES = {"big5hkscs": "big5", "shift_jis_2004": "cp932", "euc_kr": "cp949", "ascii": "utf-8"}
_low = re.compile(rb"[\x00-\x2f]")
_separated = re.compile(rb"[A-Za-z]?[\x80-\xff][\x30-\xff]*")  # bytes below 30 are part of no longer character
_declared = re.compile(
    rb"""<(?:meta\b[^>]{0,200}?charset|\?xml\b[^>]{0,100}?encoding)\s*+=\s*+["']?\s*+([\w.:-]{1,30})""", re.I
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An encoding, and the price in bits of reading the sample in it."""

    charset: str
    bits: float
    per_character: float  # over the characters that are not ASCII, without what errors and assumptions cost
    characters: int  # that are not ASCII
    errors: int  # bytes it cannot read
    text: str


def sample_of(data: bytes, size: int) -> bytes:
    """The runs of `data` that hold bytes from 80 up, joined by spaces, about `size` bytes from all parts of it.

    Each run once: what is repeated says no more than it did at first.
    """
    runs: list[bytes] = []
    seen: set[bytes] = set()
    filled = 0
    places = [0] if len(data) <= 4 * size else [len(data) * part // SLICES for part in range(SLICES)]
    for number, (place, end) in enumerate(itertools.pairwise([*places, len(data)])):
        limit = size * (number + 1) // len(places)
        if place:
            boundary = _low.search(data, place)
            place = boundary.start() if boundary else len(data)
        for found in _separated.finditer(data, place, max(place, end)):
            run, room = found.group(), limit - filled
            if run in seen:
                continue
            seen.add(run)
            run = run if len(run) <= room else run[: max(room // 12, 1) * 12]  # whole characters of 2, 3 or 4 bytes
            runs.append(run)
            filled += len(run) + 1
            if filled >= limit:
                break
    return b" ".join(runs)


def reading(data: bytes, charset: str) -> tuple[str, int, bool]:
    """The text of a sample as far as it can be read, the number of bytes that cannot, and whether its end is cut."""
    if charset != "euc-tw":
        text = charsets.decode_leniently(data, charset)
        errors = text.count("\N{REPLACEMENT CHARACTER}")
        is_cut = text.endswith("\N{REPLACEMENT CHARACTER}")
        return text.replace("\N{REPLACEMENT CHARACTER}", ""), errors - is_cut, is_cut
    pieces: list[str] = []
    position = errors = 0
    is_cut = False
    while position < len(data) and not is_cut:
        try:
            pieces.append(charsets.decode(data[position:], charset))
            break
        except UnicodeDecodeError as error:
            pieces.append(charsets.decode(data[position : position + error.start], charset))
            is_cut = charsets.is_cut(error)
            position += error.start + 1
            errors += not is_cut
            if errors > MANY_ERRORS:
                errors += (len(data) - position) // 2
                break
    return "".join(pieces), errors, is_cut


def within_word(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Where one Han character stands between two ASCII letters: in GBK, ü and c are one, in a German word."""
    lower = points | np.uint32(0x20)
    is_letter = (lower >= 0x61) & (lower <= 0x7A)
    found: npt.NDArray[np.bool_] = (points[1:-1] >= 0x3400) & is_letter[:-2] & is_letter[2:]
    return found


def weigh_one(sample: bytes, charset: str, in_context: bool = True) -> Candidate:
    """One candidate, without chardet's vote and what is declared."""
    text, errors, is_cut = reading(sample, charset if in_context or charset != "big5" else "cp950")
    points = code_points(text)
    tables = [foreign_costs()] if charset in FOREIGN else [costs("simplified"), costs("traditional")]
    high = points >= 0x80
    count = int(np.count_nonzero(high))
    per_table = [table[points] for table in tables]
    best = min(per_table, key=lambda bits: int(bits.sum(dtype=np.int64)))
    bits = float(best.sum(dtype=np.int64)) / UNIT + ERROR * errors + CUT * is_cut
    bits += CHINESE.get(charset, 0.0) + FOREIGN.get(charset, 0.0)
    if charset in CHINESE and len(points) > 1 and in_context:
        bits -= saved_by_pairs(points)
    if charset in ("gb18030", "big5"):
        bits += WITHIN_WORD * int(np.count_nonzero(within_word(points)))
    mean = float(best[high].mean()) / UNIT if count else 0.0
    return Candidate(charset, bits, mean, count, errors, text)


def weigh(data: bytes, is_thorough: bool = False) -> tuple[list[Candidate], str, str]:
    """The candidates for a file, best first; chardet's own answer; and the charset that the file declares.

    A quick look settles the usual file: when one of the two great encodings reads plainly as Chinese and the other
    plainly does not, no third can be better, and no vote can change it. A long file is then not shown to chardet.
    """
    declared = declared_charset(data)
    sample = sample_of(data, QUICK)
    found = [weigh_one(sample, charset, in_context=False) for charset in ("gb18030", "big5")]
    best, second = sorted(found, key=lambda candidate: candidate.bits)
    is_plain = (
        best.characters >= ENOUGH
        and best.per_character <= PLAINLY_CHINESE
        and second.per_character - best.per_character >= PLAINLY_BETTER
        and best.errors * 50 <= best.characters
    )
    if is_thorough or not is_plain:
        sample = sample_of(data, SAMPLE)
        found = [weigh_one(sample, charset) for charset in (*CHINESE, *FOREIGN)]
    voice, confidence = "", 0.0
    if is_thorough or not is_plain or len(data) < SHORT_FILE:
        voice, confidence = ask_chardet(sample[: CHARDET_BYTES if is_plain else len(sample)])
    favour = VOTE + VOTE_BY_CONFIDENCE * confidence
    hint = ALIASES.get(normal_name(declared), normal_name(declared))
    for number, candidate in enumerate(found):
        bits = candidate.bits - favour * (candidate.charset == ALIASES.get(voice, voice))
        found[number] = replace(candidate, bits=bits - HINT * (candidate.charset == hint))
    return sorted(found, key=lambda candidate: candidate.bits), voice, declared


def ask_chardet(sample: bytes) -> tuple[str, float]:
    """chardet's name for the encoding, out of those it is asked about, and its confidence; or an empty string."""
    import chardet  # not before it is asked: most files are plainly UTF-8

    answer = chardet.detect(
        sample,
        max_bytes=max(len(sample), 1),
        compat_names=False,
        include_encodings=CHARDET_CANDIDATES,
        no_match_encoding="ascii",
    )
    return str(answer["encoding"] or "").lower(), float(answer["confidence"] or 0.0)


def declared_charset(data: bytes) -> str:
    """What a web page or an XML file says of itself near its beginning, in its own spelling."""
    found = _declared.search(data[:2048])
    return found.group(1).decode("ascii", "backslashreplace") if found else ""


def normal_name(name: str) -> str:
    """The name that the candidates use for a declared charset."""
    plain = name.lower().replace("_", "-")
    if plain.startswith(("gb", "x-gbk", "cp936", "windows-936")):
        return "gb18030"
    if plain.startswith(("big5", "cp950", "windows-950", "x-x-big5")):
        return "big5"
    return {"utf8": "utf-8", "shift-jis": "cp932", "euc-kr": "cp949", "x-euc-tw": "euc-tw"}.get(plain, plain)
