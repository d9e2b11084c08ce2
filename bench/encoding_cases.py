"""The cases of `decoding.py`: files in every encoding, at every length, harmless or in trouble.

    from encoding_cases import make_cases
    cases = make_cases(held_out=False, share=0.15)

Each group draws from a random generator of its own, so a case stays the same when other groups change. Here are the
files that are whole; those in `encoding_damage` have lost something, those in `encoding_strangers` are not Chinese.
Both halves share the real files, their lines, and the sentences of other languages; all else is made of other texts.
"""

import functools
import re
from collections.abc import Callable, Iterable, Iterator

from encoding_damage import damage, destroyed, mojibake, mojibake_among_lines, noise, quoted
from encoding_facts import codec_facts
from encoding_strangers import binaries, clean_lines, foreign_pieces, foreign_sentences, real_foreign, unicode_foreign
from encoding_texts import (
    BIG5,
    BY_ICONV,
    Case,
    Material,
    by_iconv,
    encode,
    fit,
    hanzi,
    has_iconv,
    load_texts,
    real_files,
    width,
)

CODECS = (
    *("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16le-bom", "utf-16be-bom"),
    *("utf-32-le", "utf-32-be", "utf-32le-bom", "gb2312", "gbk", "gb18030", "hz"),
    *BIG5,
    *BY_ICONV,
)
BYTEWISE = ("utf-8", "gb2312", "gbk", "gb18030", "big5", "cp950", "big5hkscs")
SIZES = (20, 50, 100, 500, 2000, 0)


def codecs() -> tuple[str, ...]:
    """The encodings that can be written here."""
    return CODECS if has_iconv() else tuple(codec for codec in CODECS if codec not in BY_ICONV)


def plain(material: Material) -> Iterator[Case]:
    """Nothing wrong: 18 encodings, six lengths."""
    for codec in codecs():
        for size in SIZES:
            for number in material.times(24):
                text = material.piece(codec, size)
                group = "plain" if hanzi(text) >= 10 else "plain, under 10 hanzi"
                yield Case(group, f"{codec} {size or 'whole'} {number}", encode(text, codec), text, codec)


def cut(material: Material) -> Iterator[Case]:
    """The last character is cut; it may go, and nothing else."""
    for codec in codecs():
        for size in (50, 100, 500, 2000):
            for number in material.times(12):
                text = until_hanzi(material.piece(codec, size + 8))
                data = encode(text, codec)
                if codec == "hz":
                    data = data.removesuffix(b"~}")
                elif codec == "iso-2022-cn":
                    data = data.removesuffix(b"\x0f")
                data = data[: -material.rng.randint(1, width(text[-1], codec) - 1)]
                group = "cut" if hanzi(text) > 10 else "cut, under 10 hanzi"
                yield Case(group, f"{codec} {size} {number}", data, text[:-1], codec)


def until_hanzi(text: str) -> str:
    """The text up to its last Chinese character."""
    return text[: max(match.end() for match in re.finditer("[\u4e00-\u9fa5]", text))]


def punctuation_heavy(material: Material) -> Iterator[Case]:
    """A mark after every one to three characters."""
    marks = "，。、；：？！（）《》“”‘’…"
    for codec in codecs():
        for number in material.times(24):
            words = re.findall("[\u4e00-\u9fa5]{1,3}", material.piece(codec, 400))
            words = words[: material.rng.choice([8, 20, 60])]
            text = fit("".join(word + material.rng.choice(marks) for word in words), codec)
            if hanzi(text) >= 10:
                yield Case("punctuation heavy", f"{codec} {number}", encode(text, codec), text, codec)


def digit_heavy(material: Material) -> Iterator[Case]:
    """Numbers with a word between them, as in a table of figures."""
    for codec in codecs():
        for number in material.times(24):
            words = re.findall("[\u4e00-\u9fa5]{2,4}", material.piece(codec, 400))
            rows = [digits(material) + word for word in words[: material.rng.choice([6, 15, 50])]]
            text = "\n".join(" ".join(rows[start : start + 4]) for start in range(0, len(rows), 4))
            if hanzi(text) >= 10:
                yield Case("digit heavy", f"{codec} {number}", encode(text, codec), text, codec)


def digits(material: Material) -> str:
    value = material.rng.choice([12, 2019, 40_000, 9_999_999])
    return f"{material.rng.uniform(0, value):,.{material.rng.choice([0, 0, 1, 2])}f}"


ENGLISH = (
    "The bridge was closed for four months and opened again yesterday morning.",
    "He walked across it three times, pushing his bicycle, before anyone else came.",
    "Nobody in the village could say how old the stones were; the records had burned.",
    "Please read the manual before you call us, and keep the receipt for two years.",
)
CODE = (
    "for (int i = 0; i < count; i++) { total += values[i]; }",
    "#include <stdio.h>",
    "static int read_header(FILE *stream, struct header *out);",
    "    if (stream == NULL) return -1;  /* nothing to read */",
    "def area(width, height):",
    "    return width * height",
    "SELECT name, price FROM goods WHERE price > 100 ORDER BY name;",
)


def few_hanzi(material: Material) -> Iterator[Case]:
    """One word of Chinese, or a few characters apart, in English prose or in code."""
    for codec in (*BYTEWISE, "utf-16-le", "hz"):
        for count in (1, 2, 4, 8):
            for number in material.times(14):
                size = material.rng.choice([200, 500, 1000, 2000])
                source = material.rng.choice([ENGLISH, CODE])
                lines: list[str] = []
                while sum(map(len, lines)) < size:
                    lines.append(material.rng.choice(source))
                place = material.rng.randrange(len(lines))
                lines[place] += (" // " if source is CODE else " ") + word(material, codec, count)
                text = "\n".join(lines) + "\n"
                group = f"{'1-2' if count < 4 else '4-8'} hanzi in ASCII"
                yield Case(group, f"{codec} {count} in {size} {number}", encode(text, codec), text, codec)


def word(material: Material, codec: str, length: int) -> str:
    """So many Chinese characters that stand side by side somewhere."""
    while True:
        found = re.findall(f"[\u4e00-\u9fa5]{{{length},}}", material.piece(codec, 300))
        if found:
            return material.rng.choice(found)[:length]


def declared(material: Material) -> Iterator[Case]:
    """A web page whose head names another encoding than the one it is in."""
    names = ("iso-8859-1", "windows-1252", "gb2312", "big5", "utf-8", "shift_jis", "euc-kr")
    family = {"gb2312": "gb2312", "gbk": "gb2312", "gb18030": "gb2312", "utf-8": "utf-8"}
    for codec in BYTEWISE:
        for name in names:
            if family.get(codec, "big5") == name:
                continue
            for number in material.times(10):
                body = "".join(f"<p>{material.line(codec)}</p>\n" for _ in range(material.rng.choice([1, 3, 10])))
                meta = f'<meta http-equiv="Content-Type" content="text/html; charset={name}">'
                title = word(material, codec, 4)
                text = f"<html><head>{meta}<title>{title}</title></head>\n<body>\n{body}</body></html>\n"
                yield Case("wrong charset in the head", f"{codec} {name} {number}", encode(text, codec), text, codec)


def nul_padded(material: Material) -> Iterator[Case]:
    """64 NULs before or after the text, as some devices leave them; they may go."""
    for codec in ("utf-8", "gb18030", "cp950"):
        for number in material.times(40):
            text = material.piece(codec, material.rng.choice([60, 200, 1000]))
            data = encode(text, codec)
            data = data + bytes(64) if number % 2 else bytes(64) + data
            yield Case("NUL padding", f"{codec} {number}", data, text, codec)


def named_like_binaries(material: Material) -> Iterator[Case]:
    """Articles that begin with the printable magic number of some binary format."""
    starts = ("BM25算法", "MZ世代", "ID3标签", "%PDF-1.4格式", "BZh是一种压缩", "PK赛", "PK\u3000", "GIF8动图", "Rar!")
    for codec in ("utf-8", "gb18030", "cp950"):
        for start in starts:
            for number in material.times(8):
                size = material.rng.choice([60, 200, 1000])
                text = fit(start, codec) + material.piece(codec, size)
                yield Case("begins like a binary", f"{codec} {start[:4]} {number}", encode(text, codec), text, codec)


def mixed_lines(material: Material) -> Iterator[Case]:
    """Lines in two or three encodings in one file."""
    for number in material.times(120):
        used = material.rng.choice([("utf-8", "gbk"), ("utf-8", "big5"), ("gbk", "big5"), ("utf-8", "gbk", "big5")])
        chosen = [*used, *material.rng.choices(used, k=material.rng.randint(1, 12))]
        material.rng.shuffle(chosen)
        lines = [(material.line(codec, 12), codec) for codec in chosen]
        data = b"\n".join(encode(line, codec) for line, codec in lines)
        yield Case(
            "lines mixed", f"{'+'.join(used)} {number}", data, "\n".join(line for line, _ in lines), "+".join(used)
        )


def mixed_inside_lines(material: Material) -> Iterator[Case]:
    """Two encodings, or three, inside one line."""
    for number in material.times(160):
        kinds = [("utf-8", "gbk"), ("utf-8", "big5"), ("gbk", "big5"), ("gbk", "utf-8", "big5")]
        used = list(kinds[number % len(kinds)])
        material.rng.shuffle(used)
        pieces = [(material.line(codec, 10, 60), codec) for codec in used]
        data = b"".join(encode(piece, codec) for piece, codec in pieces)
        group = "mixed in a line, with UTF-8" if len(used) == 2 and "utf-8" in used else "mixed in a line, GBK and Big5"
        yield Case(group, f"{'+'.join(used)} {number}", data, "".join(piece for piece, _ in pieces), "+".join(used))


def collisions(material: Material) -> Iterator[Case]:
    """Words whose bytes in GBK happen to be valid UTF-8: alone, in a short line, in some lines."""
    words = colliding_words(material)
    for number in material.times(150):
        first, second, third = (material.rng.choice(words) for _ in range(3))
        forms = [first, f"{number + 1}. {first}", f"{first}\n", f"{first}\n{second}\n{third}\n", f"{first}: {second}"]
        text = material.rng.choice(forms)
        group = "GBK that is valid UTF-8"
        yield Case(group, f"{number} {first}", text.encode("gbk"), text, "gbk")


def colliding_words(material: Material) -> list[str]:
    """Such words out of the texts: runs between marks, or what stands there often."""
    seen: dict[str, int] = {}
    for document in material.texts.simplified:
        for run in re.findall("[\u4e00-\u9fa5]{2,}", document):
            for start in range(len(run) - 1):
                pair = run[start : start + 2]
                seen[pair] = seen.get(pair, 0) + 1
    often = {pair for pair, count in seen.items() if count >= 40} | {"目录", "知识"}
    return sorted(pair for pair in often if is_collision(pair))


def is_collision(text: str) -> bool:
    try:
        text.encode("gbk").decode("utf-8")
    except UnicodeError:
        return False
    return True


def surrogate_pairs(material: Material) -> Iterator[Case]:
    """CESU-8: UTF-8 of UTF-16, as some databases write characters beyond U+FFFF."""
    for number in material.times(40):
        text = material.piece("utf-8", material.rng.choice([60, 300, 2000]))
        for _ in range(material.rng.randint(1, 4)):
            place = material.rng.randrange(len(text) + 1)
            text = text[:place] + material.rng.choice("😀👍🎉𠮷𡃁🐼") + text[place:]
        units = text.encode("utf-16-le").decode("utf-16-le", "surrogatepass")
        pairs = re.sub("[\U00010000-\U0010ffff]", split_pair, units)
        yield Case("CESU-8", f"{number}", pairs.encode("utf-8", "surrogatepass"), text, "cesu-8")


def split_pair(match: re.Match[str]) -> str:
    """The surrogates of one character."""
    value = ord(match[0]) - 0x10000
    return chr(0xD800 + (value >> 10)) + chr(0xDC00 + (value & 0x3FF))


def joined(material: Material) -> Iterator[Case]:
    """Files with byte order marks that were put one after another."""
    for codec in ("utf-8-sig", "utf-16le-bom", "utf-16be-bom"):
        for number in material.times(20):
            pieces = [material.piece(codec, material.rng.choice([60, 300])) + "\n" for _ in range(3)]
            data = b"".join(encode(piece, codec) for piece in pieces)
            yield Case("joined, with inner marks", f"{codec} {number}", data, "".join(pieces), codec)


# Real files of other projects


CHINESE = re.compile(
    r"(chardet/tests/(Big5|GB2312|EUC-TW)/|uchardet/test/zh/|cpython-cjk/(big5|big5hkscs|gb18030|gb2312|gbk|hz)\.)"
)
# Real files mean the signs on the right by what HKSCS reads as those on the left.
AS_MEANT = str.maketrans("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡")


@functools.cache
def real_chinese() -> list[tuple[str, bytes, str]]:
    """The Chinese files: name, bytes, codec."""
    names = {"big5": "big5hkscs", "euc-tw": "euc-tw", "hz.txt": "hz", "utf-8": "utf-8"}
    return [
        (name, data, next((codec for part, codec in names.items() if part in name.lower()), "gb18030"))
        for name, data in sorted(real_files().items())
        if CHINESE.match(name)
    ]


def true_text(data: bytes, codec: str) -> str:
    """The text of a file in a known encoding; empty where something is wrong with it."""
    try:
        if codec in BY_ICONV:
            return by_iconv(data, codec, "utf-8").decode()
        text = data.decode(codec)
    except (OSError, ValueError):  # no iconv, or not in this encoding
        return ""
    return text.translate(AS_MEANT) if codec == "big5hkscs" else text


def real(material: Material) -> Iterator[Case]:
    """Whole files as they were found."""
    for name, data, codec in real_chinese():
        text = true_text(data, codec)
        if hanzi(text) >= 10:
            yield Case("real files", name, data, text, codec)


def real_cuts(material: Material) -> Iterator[Case]:
    """Stretches of those files, from character to character."""
    for name, data, codec in real_chinese():
        text = true_text(data, codec)
        for size in (50, 200, 1000) if text and codec not in BY_ICONV else ():
            for number in material.times(5):
                start = material.rng.randrange(len(text))
                piece = fit(text[start : start + size], codec).strip()
                if hanzi(piece) >= 10:
                    yield Case("cuts of real files", f"{name} {size} {number}", encode(piece, codec), piece, codec)


BANDS = {"2": (2, 2), "3": (3, 3), "4": (4, 4), "5-6": (5, 6), "7-10": (7, 10), "11-20": (11, 20), "> 20": (21, 999)}


def natural_lines(material: Material) -> Iterator[Case]:
    """Distinct lines of the real files, each as its own file, by how many Chinese characters they hold."""
    lines: dict[str, str] = {}
    for _, data, codec in real_chinese():
        if codec in ("gb18030", "big5hkscs"):
            for line in re.split(rb"[<>]|\n" if material.rng.random() < 0.5 else rb"\n", data):
                lines.setdefault(fit(true_text(line, codec), codec).strip(), codec)
    for name, (low, high) in BANDS.items():
        band = [(line, codec) for line, codec in lines.items() if low <= hanzi(line) <= high]
        material.rng.shuffle(band)
        for codec in ("gb18030", "big5hkscs", "utf-8"):
            chosen = [line for line, own in band if codec in (own, "utf-8")]
            for number, line in zip(material.times(400), chosen, strict=False):
                yield Case(f"lines of {name} hanzi", f"{codec} {number}", encode(line, codec), line, codec)


# What makes cases, and which groups they are of.
GROUPS: dict[Callable[[Material], Iterable[Case]], tuple[str, ...]] = {
    plain: ("plain", "plain, under 10 hanzi"),
    cut: ("cut", "cut, under 10 hanzi"),
    punctuation_heavy: ("punctuation heavy",),
    digit_heavy: ("digit heavy",),
    few_hanzi: ("1-2 hanzi in ASCII", "4-8 hanzi in ASCII"),
    declared: ("wrong charset in the head",),
    nul_padded: ("NUL padding",),
    named_like_binaries: ("begins like a binary",),
    mixed_lines: ("lines mixed",),
    mixed_inside_lines: ("mixed in a line, with UTF-8", "mixed in a line, GBK and Big5"),
    collisions: ("GBK that is valid UTF-8",),
    surrogate_pairs: ("CESU-8",),
    joined: ("joined, with inner marks",),
    codec_facts: ("codec facts",),
    real: ("real files",),
    real_cuts: ("cuts of real files",),
    noise: ("stray bytes",),
    damage: ("bytes inserted", "bytes deleted", "bytes changed"),
    natural_lines: tuple(f"lines of {name} hanzi" for name in BANDS),
    real_foreign: ("foreign, real files",),
    unicode_foreign: ("foreign, in Unicode",),
    foreign_pieces: ("foreign, Japanese pieces",),
    foreign_sentences: ("foreign, sentences",),
    binaries: ("binary",),
    mojibake: ("mojibake, western", "mojibake, Chinese"),
    mojibake_among_lines: ("mojibake among good lines",),
    clean_lines: ("clean lines",),
    destroyed: ("destroyed",),
    quoted: ("destroyed text quoted",),
}


def make_cases(held_out: bool = False, share: float = 1.0, only: str = "") -> list[Case]:
    """The cases of one half of the texts; `share` of the full number, and of groups whose name holds `only`."""
    texts = load_texts(held_out)
    cases: list[Case] = []
    for make, names in GROUPS.items():
        if any(only in name for name in names):
            cases += make(Material(texts, f"{held_out} {make.__name__}", share))
    return [case for case in cases if only in case.group]
