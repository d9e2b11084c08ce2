"""Which encoding the bytes of a file are in.

The order goes from proof to guess: a byte order mark; bytes that no text has; strict UTF-8, which other text
passes by accident only when it is very short; then chardet's opinion, given the whole file and a short list to
choose from, and checked by how the text reads in the codec it names and in its rivals.
"""

import codecs
from dataclasses import dataclass

import chardet

from cleaner.decode.codecs import first_character, read
from cleaner.decode.score import MIN_TELLING_HAN, common_share, count_classes, has_odd_line

MARKS = (  # a longer mark first: that of UTF-32-LE begins with that of UTF-16-LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
BINARY = (  # files whose first bytes no text begins with
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x1f\x8b\x08", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"PAR1", "a Parquet table"),
)
# Superset codecs only: GB 2312 and GBK are read by gb18030, Big5 by one of the last two. They disagree about a few
# hundred symbols; cp950 first, because far more files come from Windows than hold Hong Kong characters.
CHINESE = ("gb18030", "cp950", "big5hkscs")
FOREIGN = ("cp932", "shift_jis_2004", "euc_jis_2004", "cp949", "euc_kr", "iso2022_jp_2", "iso2022_kr", "koi8-r")
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
CANDIDATES = ("ascii", "utf-8", "hz", "gb18030", "big5hkscs", *WIDE, *FOREIGN)
SHIFTS = (b"\0", b"~{", b"\x1b$")  # of UTF-16, HZ and ISO-2022: ASCII bytes that may mean something else
MIN_COMMON_SHARE = 0.75
ABOUT_AS_GOOD = 0.05  # of a share of common characters
LONGEST_CUT_TAIL = 3  # bytes: a file cut in the middle of its last character


@dataclass(frozen=True, slots=True)
class Detection:
    """The codec of a file; or why there is none."""

    codec: str
    problem: str = ""


def detect(data: bytes) -> Detection:
    """Name the codec that reads all of `data` strictly, but for a last character that was cut."""
    for mark, codec in MARKS:
        if data.startswith(mark) and reads_strictly(data, codec):
            return Detection(codec)
    for magic, what in BINARY:
        if data.startswith(magic) and not reads_as_plain_text(data):
            return Detection("", f"not text: looks like {what}")
    if not any(sign in data for sign in SHIFTS) and reads_strictly(data, "utf-8"):
        return Detection("utf-8")
    for codec in WIDE:
        if reads_as_wide(data, codec):
            return Detection(codec)
    if reads_nearly_as_utf8(data):
        return Detection("utf-8")
    guess = ask_chardet(data)
    if guess in (*WIDE, "hz", "utf-8", "ascii"):
        codec = "utf-8" if guess == "ascii" else guess
        return Detection(codec) if reads_strictly(data, codec) else Detection("", "undecodable")
    return choose_chinese(data, guess)


def choose_chinese(data: bytes, guess: str) -> Detection:
    """Decide between the Chinese codecs by how the text reads; `guess` is chardet's opinion."""
    if data.count(0) * 100 > len(data):
        return Detection("", "not text: holds too many NUL bytes")
    # chardet's family goes first: in a short text, a wrong reading can consist of common characters by chance.
    order = CHINESE if guess != "big5hkscs" else ("cp950", "big5hkscs", "gb18030")
    readings = [(codec, strict_reading(data, codec)) for codec in order]
    scored = [(common_share(text), codec) for codec, text in readings if text is not None]
    if not scored:
        return Detection("", "undecodable: no encoding reads the whole file")
    best = max(share for share, _ in scored)
    share, codec = next((share, codec) for share, codec in scored if share > best - ABOUT_AS_GOOD)
    if guess in FOREIGN:
        return Detection("", f"not Chinese: looks like {guess}")
    if share < MIN_COMMON_SHARE:
        return Detection("", f"undecodable: read as {codec}, only {share:.0%} of the Han characters are common ones")
    return Detection(codec)


def ask_chardet(data: bytes) -> str:
    """chardet's name for the encoding, out of the candidates; an empty string when it has none.

    It takes its statistics from the first 16 kB, so plain ASCII lines are left out: only the others can tell.
    """
    if not any(sign in data for sign in SHIFTS):
        data = b"\n".join([line for line in data.split(b"\n") if not line.isascii()])
    answer = chardet.detect(
        data,
        max_bytes=max(len(data), 1),
        compat_names=False,
        include_encodings=CANDIDATES,
        no_match_encoding="ascii",
    )
    return str(answer["encoding"] or "").lower()


def strict_reading(data: bytes, codec: str) -> str | None:
    """The text of `data` in a codec, or None if it has an error before its last three bytes."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        if len(data) - error.start > LONGEST_CUT_TAIL or first_character(data[error.start :], codec)[1]:
            return None
        return data[: error.start].decode(codec)


def reads_strictly(data: bytes, codec: str) -> bool:
    """Whether a codec reads all of `data`, but for a last character that was cut."""
    return strict_reading(data, codec) is not None


def reads_as_wide(data: bytes, codec: str) -> bool:
    """Whether UTF-16 without a mark makes sense: chardet needs NUL bytes to think of it, which pure Chinese lacks."""
    text = strict_reading(data, codec) if len(data) % 2 == 0 else None
    if text is None or "\0" in text:
        return False
    han, common = count_classes(text)
    return han >= 4 and han >= 0.4 * len(text) and common >= 0.85 * han


def reads_nearly_as_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 but for a few: no other text is so by chance, and chardet is misled by a single one."""
    text = data.decode("utf-8", "replace")
    han = count_classes(text)[0]
    return b"\0" not in data and han >= 4 and text.count("\N{REPLACEMENT CHARACTER}") * 50 <= han


def choose_for_damaged(data: bytes, max_share: float) -> str:
    """The Chinese codec that reads all of `data` well but for at most a share of its bytes; empty if there is none."""
    found: list[tuple[int, str]] = []
    for codec in CHINESE if b"\0" not in data else ():
        text, spelt = read(data, codec)
        unreadable = sum(entry.length for entry in spelt if entry.reading is None)
        han, common = count_classes(text)
        if unreadable <= max_share * len(data) and common >= MIN_COMMON_SHARE * han > 0 and not has_odd_line(text):
            found.append((unreadable, codec))
    return min(found, default=(0, ""), key=lambda entry: entry[0])[1]


def reads_as_plain_text(data: bytes) -> bool:
    """Whether bytes that begin like a binary file are text after all: an article may begin with `%PDF-`."""
    return b"\0" not in data and any(
        (text := strict_reading(data, codec)) is not None and (text.isascii() or common_share(text) > MIN_COMMON_SHARE)
        for codec in ("utf-8", *CHINESE)
    )


def best_codec_of_line(line: bytes, main: str = "") -> str:
    """The codec of one line: `main`, that of the file, unless another one reads the line better without doubt."""
    if main and (reading := strict_reading(line, main)) is not None:
        han, common = count_classes(reading)
        if main == "utf-8" or han < MIN_TELLING_HAN or 2 * common >= han:
            return main
    if strict_reading(line, "utf-8") is not None:
        return "utf-8"
    rivals = [(common_share(text), codec) for codec in CHINESE if (text := strict_reading(line, codec)) is not None]
    best = max((share for share, _ in rivals), default=0.0)
    return next((codec for share, codec in rivals if share > best - ABOUT_AS_GOOD and best >= MIN_COMMON_SHARE), main)
