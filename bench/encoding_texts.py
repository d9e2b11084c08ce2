"""What the cases of `encoding_cases` are made of: texts from ../shared beside the project, and codecs to write them in.

Nothing of these texts is part of the project; they are read at run time and split by a fixed seed into a dev half and
a held-out half, document by document. EUC-TW and ISO-2022-CN, which Python does not have, are written by `iconv`.
"""

import functools
import json
import lzma
import random
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import opencc

SHARED = Path(__file__).parent.parent.parent / "shared"
NEEDED = (
    "seeds",
    "eval/decode/real-files.tar.xz",
    "eval/repair/articles.jsonl.xz",
    "eval/simplify/gsd-dev.tsv",
    "eval/simplify/japanese-docs.txt",
    "eval/simplify/simplified-cmrc-dev.txt",
    "eval/simplify/simplified-docs.txt",
    "eval/simplify/traditional-drcd-dev.txt",
    "corpora/prose-modern.txt.xz",
)
SEED = 20261122

BIG5 = ("big5", "cp950", "big5hkscs")
BY_ICONV = ("euc-tw", "iso-2022-cn")
BOMS = {
    "utf-8-sig": (b"\xef\xbb\xbf", "utf-8"),
    "utf-16le-bom": (b"\xff\xfe", "utf-16-le"),
    "utf-16be-bom": (b"\xfe\xff", "utf-16-be"),
    "utf-32le-bom": (b"\xff\xfe\0\0", "utf-32-le"),
}
# Bytes of two readings: python's gb18030 is of 2000, that of 2022 gives U+FE10..., and GB2312's A1A4 and A1AA vary.
DISPUTED = re.compile("[\ue000-\uf8ff\ufe10-\ufe19\u9fb4-\u9fbb\u1e3f\u30fb\u2015\ufeff\0\x80\U00020000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Case:
    """One file: its bytes, and the exact text expected of them, which is None where they must be put aside."""

    group: str
    name: str
    data: bytes
    text: str | None
    codec: str  # what it was written in, for the record; "a>b" for mojibake, empty for binaries
    damaged: int = 0  # bytes that were inserted, deleted or changed; `text` is without the characters that they hit
    untouched: bool = False  # not one edit is allowed


@dataclass(frozen=True, slots=True)
class Texts:
    """Documents, each with several lines or a paragraph, in an order drawn by lot."""

    simplified: list[str]
    traditional: list[str]
    japanese: list[str]


def missing() -> list[str]:
    """The files needed that are not there."""
    return [name for name in NEEDED if not (SHARED / name).exists()]


def hanzi(text: str) -> int:
    """How many Chinese characters a text holds."""
    return sum("\u3400" <= character <= "\u9fff" for character in text)


# Reading what lies in ../shared


@functools.cache
def load_texts(held_out: bool) -> Texts:
    """One half of all documents."""
    simplified, traditional, japanese = list[str](), list[str](), list[str]()
    to_traditional = opencc.OpenCC("s2t").convert
    for name in ("news", "prose", "cmrc", "docs", "seeds"):
        documents = half(list(SIMPLIFIED_SOURCES[name]()), held_out)
        simplified += documents
        if name in ("news", "prose"):
            traditional += [to_traditional(document) for document in documents[::6]]
    pairs = half(list(read_pairs()), held_out)
    simplified += [pair[1] for pair in pairs]
    traditional += [pair[0] for pair in pairs]
    traditional += half(read_lines("eval/simplify/traditional-drcd-dev.txt"), held_out)
    traditional += half(list(blocks(read_lines("seeds/002_b4f9f690818a8c05.txt"), 5)), held_out)
    japanese += half(list(blocks(read_lines("eval/simplify/japanese-docs.txt"), 20)), held_out)
    for documents in (simplified, traditional, japanese):
        random.Random(SEED).shuffle(documents)
    return Texts(simplified, traditional, japanese)


def half(documents: list[str], held_out: bool) -> list[str]:
    """Every second document, in an order drawn by lot."""
    order = list(documents)
    random.Random(SEED).shuffle(order)
    return order[int(held_out) :: 2]


def blocks(lines: Sequence[str], size: int) -> Iterator[str]:
    """Documents of some lines each."""
    for start in range(0, len(lines), size):
        if text := "\n".join(lines[start : start + size]).strip():
            yield text


def read_lines(name: str) -> list[str]:
    text = (SHARED / name).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line.strip()]


def read_pairs() -> Iterator[tuple[str, str]]:
    """Some sentences in traditional, and the same in simplified script."""
    rows = [line.split("\t") for line in read_lines("eval/simplify/gsd-dev.tsv")[1:]]
    for start in range(0, len(rows), 5):
        chosen = rows[start : start + 5]
        yield "\n".join(row[0] for row in chosen), "\n".join(row[1] for row in chosen)


def read_news() -> Iterator[str]:
    with lzma.open(SHARED / "eval/repair/articles.jsonl.xz", "rt", encoding="utf-8") as stream:
        for line in stream:
            yield "\n".join(json.loads(line)["lines"])


def read_prose() -> Iterator[str]:
    """Only the last 5 %: the frequency tables of the project are counted in the rest."""
    with lzma.open(SHARED / "corpora/prose-modern.txt.xz", "rt", encoding="utf-8") as stream:
        lines = stream.read().split("\n")
    yield from blocks(lines[len(lines) * 95 // 100 :], 8)


def read_seeds() -> Iterator[str]:
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        if not path.name.startswith("002"):  # this one is traditional
            yield from blocks(read_lines(f"seeds/{path.name}"), 5)


SIMPLIFIED_SOURCES = {
    "news": read_news,
    "prose": read_prose,
    "cmrc": lambda: read_lines("eval/simplify/simplified-cmrc-dev.txt"),
    "docs": lambda: blocks(read_lines("eval/simplify/simplified-docs.txt"), 20),
    "seeds": read_seeds,
}


@functools.cache
def real_files() -> dict[str, bytes]:
    """Test files of other projects, by path in the archive."""
    with tarfile.open(SHARED / "eval/decode/real-files.tar.xz") as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {member.name: archive.extractfile(member).read() for member in members}  # type: ignore[union-attr]


# Writing text in an encoding


@functools.lru_cache(maxsize=1 << 18)
def holds(codec: str, character: str) -> bool:
    """Whether a codec has a character, at bytes that all tables of its family read alike."""
    if character.isascii():
        return True
    if DISPUTED.match(character):
        return codec.startswith("utf") and character >= "\U00020000"
    if codec == "euc-tw":
        return character in euc_tw_bytes()
    if codec == "iso-2022-cn":
        return holds("gb2312", character) or not euc_tw_bytes().get(character, NOT_IN_2022[0]).startswith(NOT_IN_2022)
    if codec in ("gb2312", "hz"):
        codec = "gb2312" if character not in "·—" or codec == "hz" else "gbk"
    try:
        data = character.encode(BOMS.get(codec, (b"", codec))[1])
    except UnicodeEncodeError:
        return False
    return codec not in BIG5 or all(data.decode(other, "ignore") in (character, "") for other in BIG5)


def fit(text: str, codec: str) -> str:
    """A text without the characters that an encoding lacks."""
    return "".join([character for character in text if holds(codec, character)])


def encode(text: str, codec: str) -> bytes:
    """The bytes of a text that fits."""
    if codec in BOMS:
        mark, codec = BOMS[codec]
        return mark + text.encode(codec)
    if codec == "euc-tw":
        return b"".join(euc_tw_bytes().get(character) or character.encode() for character in text)
    if codec == "iso-2022-cn":
        return iso_2022_cn(text)
    return text.encode("gbk" if codec == "gb2312" else codec)


@functools.cache
def has_iconv() -> bool:
    """Whether there is an iconv that knows EUC-TW, of which ISO-2022-CN is made: not every iconv writes that right."""
    known = shutil.which("iconv") and subprocess.run(["iconv", "-l"], capture_output=True, check=False).stdout
    return bool(known) and b"EUC-TW" in known


NOT_IN_2022 = (b"\x8e\xa3", b"\x8e\xa4", b"\x8e\xa5", b"\x8e\xa6", b"\x8e\xa7", b"\x8e\xaf")  # CNS beyond plane 2


@functools.cache
def euc_tw_bytes() -> dict[str, bytes]:
    """The characters of Big5 and GB2312 that iconv writes in EUC-TW and reads back, and how."""
    possible = [chr(code) for code in range(0xA0, 0xA000) if holds("big5", chr(code)) or holds("gb2312", chr(code))]
    written = by_iconv("\n".join(possible).encode(), "utf-8", "euc-tw", "-c")
    back = by_iconv(written, "euc-tw", "utf-8").decode().split("\n")
    each = zip(possible, written.split(b"\n"), back, strict=True)
    return {character: data for character, data, other in each if character == other}


def iso_2022_cn(text: str) -> bytes:
    """ISO-2022-CN as RFC 1922 has it: GB2312 or CNS plane 1 after SO, plane 2 one by one, all afresh in each line."""
    return b"\n".join(iso_2022_cn_line(line) for line in text.split("\n"))


def iso_2022_cn_line(line: str) -> bytes:
    data = bytearray()
    locked, is_shifted, has_plane_2 = "", False, False
    for character in line:
        if character.isascii():
            data += b"\x0f" * is_shifted + character.encode()
            is_shifted = False
            continue
        in_gb = holds("gb2312", character)
        cns = euc_tw_bytes().get(character, b"")
        wanted = "A" if in_gb and (locked == "A" or len(cns) != 2 or not locked) else "G" if len(cns) == 2 else ""
        if wanted and wanted != locked:
            data += b"\x1b$)" + wanted.encode()
            locked = wanted
        elif not wanted and not has_plane_2:
            data += b"\x1b$*H"
            has_plane_2 = True
        if locked and not is_shifted:
            data += b"\x0e"
            is_shifted = True
        pair = character.encode("gbk") if wanted == "A" else cns[-2:]
        data += (b"" if wanted else b"\x1bN") + bytes(byte & 0x7F for byte in pair)
    return bytes(data) + b"\x0f" * is_shifted


@functools.lru_cache(maxsize=1 << 14)
def by_iconv(data: bytes, source: str, target: str, *options: str) -> bytes:
    """Recode by iconv. Raises ValueError where it cannot; with the option -c, it leaves out what it cannot."""
    command = ["iconv", *options, "-f", source, "-t", target]
    result = subprocess.run(command, input=data, capture_output=True, check=False)
    if result.returncode and not options:
        raise ValueError(result.stderr.decode("utf-8", "replace").strip())
    return result.stdout


def width(character: str, codec: str) -> int:
    """About how many bytes a character takes."""
    if codec.startswith("utf-16"):
        return 2
    if codec.startswith("utf-32"):
        return 4
    if codec.startswith("utf-8"):
        return len(character.encode())
    return 1 if character.isascii() else 2


class Material:
    """The texts, a random generator, and how many cases are wanted: all that a group of cases is made from."""

    def __init__(self, texts: Texts, name: str, share: float) -> None:
        self.texts = texts
        self.share = share
        self.rng = random.Random(f"{SEED} {name}")

    def times(self, number: int) -> range:
        """For so many cases of a kind; fewer of them in a quick run."""
        return range(max(1, round(number * self.share)))

    def documents(self, codec: str) -> list[str]:
        """Texts as they are written in that encoding: traditional in Big5, simplified in GB2312, either in others."""
        if codec in (*BIG5, "euc-tw"):
            return self.texts.traditional
        if codec in ("gb2312", "hz") or self.rng.random() < 0.5:
            return self.texts.simplified
        return self.texts.traditional

    def line(self, codec: str, shortest: int = 10, longest: int = 200) -> str:
        """A stretch of one line, of so many characters, that fits an encoding."""
        while True:
            lines = self.rng.choice(self.documents(codec)).split("\n")
            line = fit(self.rng.choice(lines), codec).strip()
            if len(line) >= shortest:
                length = self.rng.randint(shortest, min(longest, len(line)))
                start = self.rng.randrange(len(line) - length + 1)
                piece = line[start : start + length].strip()
                if hanzi(piece) >= shortest // 2 and len(piece) >= shortest:
                    return piece

    def piece(self, codec: str, size: int) -> str:
        """Running text of about so many bytes that fits an encoding; with size 0, a whole document."""
        documents = self.documents(codec)
        number = self.rng.randrange(len(documents))
        text = fit(documents[number], codec).strip()
        if not size:
            return text
        text = text[self.rng.randrange(len(text) // 2 + 1) :]
        while sum(width(character, codec) for character in text) < size:
            number = (number + 1) % len(documents)
            text += "\n" + fit(documents[number], codec).strip()
        end = used = 0
        while used < size:
            used += width(text[end], codec)
            end += 1
        piece = text[:end].strip()
        return piece if hanzi(piece) >= 2 else self.piece(codec, size)
