"""Throw mutated bytes at the decode stage, and check what holds for any bytes whatever.

    python bench/fuzz_decode.py [--seconds 60] [--seed 1]

The inputs are the real files and seeds in ../shared, their text in other encodings, and random bytes of alphabets
that hurt; most are then cut, spliced, doubled and bent. Of each input must hold: no exception, the very bytes come
back from text and edits, no surrogate and no stand-in is left in the text, the bytes of what is dropped are in
quarantine, a second run says the same, and 100 kB take less than two seconds. The first failure is saved and ends
the run; with the same seed, the same inputs come in the same order.
"""

import functools
import itertools
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Annotated

import typer
from encoding_texts import SHARED, missing, real_files

from cleaner.config import Config
from cleaner.decode import charsets, decode, encode
from cleaner.document import Outcome, rewind
from cleaner.files.raw import RawText

SECONDS_PER_BYTE, LEAST_SECONDS = 2 / 100_000, 1.0
LONGEST = 60_000  # bytes of an input, before it is spliced or repeated
CHARSETS = ("gb18030", "big5", "utf-8", "utf-16-le", "utf-16-be", "euc-tw", "hz", "iso-2022-cn")
UNICODE = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
MARKS = {charset: "\ufeff".encode(charset) for charset in UNICODE[:4]}
MISREAD = (("utf-8", "cp1252"), ("gb18030", "latin-1"), ("utf-8", "gb18030"), ("big5", "gb18030"), ("gb18030", "big5"))
STAND_INS, SURROGATES = re.compile("[\U0010ff00-\U0010ffff]"), re.compile("[\ud800-\udfff]")
EVERY_STAND_IN = [chr(0x10FF00 + byte) for byte in range(0x100)]
ALPHABETS = {
    "any bytes": [bytes([byte]) for byte in range(0x100)],
    "high bytes": [bytes([byte]) for byte in range(0x80, 0x100)],
    "A1 to FE": [bytes([byte]) for byte in range(0xA1, 0xFF)],
    "80 and FF": [b"\x80", b"\xff"],
    "ISO-2022": b"\x1b $ ) A G *H N \x0e \x0f \x1b$)A\x0e VPND \n".split(b" "),
    "HZ": b"~ { } ~{ ~} VP ND \n".split(b" "),
    "surrogates": [b"\xed\xa0\xbd", b"\xed\xb8\x80", b"\xed", b"\xa0", b"\xb0\x80", "好".encode(), b"\n", b"a"],
    "C1": [bytes([byte]) for byte in range(0x80, 0xA0)],
    "C1 in UTF-8": [bytes([0xC2, byte]) for byte in range(0x80, 0xA0)],
    "four bytes": [bytes([lead, trail]) for lead in range(0x81, 0xFF) for trail in range(0x30, 0x3A)],
    "stand-ins": [*(one.encode() for one in EVERY_STAND_IN), *["好人".encode()] * 99, b"\n"],
    "stand-ins in GB 18030": [*(one.encode("gb18030") for one in EVERY_STAND_IN), *["好人".encode("gbk")] * 99, b"\n"],
    "marks": [*MARKS.values(), b"\0", b"\n", "好".encode(), "好".encode("gbk")],
    "ruins": ["锟斤拷".encode(), "锟斤拷".encode("gbk"), "烫".encode("gbk"), "\ufffd".encode(), b"\xff", b"a"],
    "controls": [*(bytes([byte]) for byte in range(0x20)), b"\x7f", "天气".encode("gbk")],
}


@functools.cache
def corpus() -> list[bytes]:
    """All real files and seeds."""
    seeds = [path.read_bytes() for path in sorted((SHARED / "seeds").glob("*.txt"))]
    return [*seeds * 10, *(data for _, data in sorted(real_files().items()) if data)]


@functools.cache
def texts() -> list[str]:
    """What the real files say, as far as Python reads them as Chinese."""
    found = [data.decode(codec, "ignore") for data in corpus() for codec in ("utf-8", "gb18030", "big5hkscs")]
    return [text for text in found if sum("\u4e00" <= character < "\ua000" for character in text) > 0.3 * len(text)]


@functools.lru_cache(maxsize=1 << 16)
def has(charset: str, character: str) -> bool:
    """Whether a character set has a character."""
    try:
        return bool(charsets.encode(character, charset))
    except UnicodeEncodeError:
        return False


def text_in(charset: str, draw: random.Random) -> bytes:
    text = draw.choice(texts())
    start = draw.randrange(len(text))
    text = "".join(one for one in text[start : start + int(10 ** draw.uniform(0, 4))] if has(charset, one))
    return draw.choice([MARKS.get(charset, b""), b"", b""]) + charsets.encode(text, charset)


def mojibake(draw: random.Random) -> bytes:
    right, wrong = draw.choice(MISREAD)
    return text_in(right, draw).decode(wrong, draw.choice(["ignore", "replace"])).encode()


def random_bytes(alphabet: str, draw: random.Random) -> bytes:
    return b"".join(draw.choices(ALPHABETS[alphabet], k=int(10 ** draw.uniform(0, 4))))


SOURCES: dict[str, Callable[[random.Random], bytes]] = {
    "real file": lambda draw: slice_of(draw, draw.choice(corpus()), LONGEST),
    **{f"text in {charset}": functools.partial(text_in, charset) for charset in CHARSETS},
    "mojibake": mojibake,
    **{f"random {name}": functools.partial(random_bytes, name) for name in ALPHABETS},
}


def slice_of(draw: random.Random, data: bytes, most: int) -> bytes:
    start = draw.randrange(len(data) + 1)
    return data[start : start + draw.randint(1, most)]


def at_places(draw: random.Random, data: bytes, change: Callable[[bytes, bytes], bytes]) -> bytes:
    """Change the data behind some places; the change is also given a random byte."""
    places = sorted(draw.randrange(len(data) + 1) for _ in range(int(10 ** draw.uniform(0, 2.5))))
    rest = [data[first:last] for first, last in itertools.pairwise([*places, len(data)])]
    bytes_drawn = draw.choices([*ALPHABETS["any bytes"], *[b"\x80", b"\xff", b"\0", b"\n", b"\x1b"] * 50], k=len(rest))
    return data[: places[0]] + b"".join(map(change, rest, bytes_drawn))


def repeat_slice(draw: random.Random, data: bytes) -> bytes:
    piece, middle = slice_of(draw, data, 300), draw.randrange(len(data) + 1)
    return data[:middle] + piece * draw.randint(2, 1 + 30_000 // (len(piece) or 1)) + data[middle:]


CHANGES: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "cut": lambda draw, data: slice_of(draw, data, len(data) or 1),
    "cut end": lambda draw, data: data[: -draw.randint(1, 4)],
    "splice": lambda draw, data: data[:LONGEST] + SOURCES[draw.choice(list(SOURCES))](draw)[:LONGEST],
    "insert": lambda draw, data: at_places(draw, data, lambda rest, byte: byte + rest),
    "delete": lambda draw, data: at_places(draw, data, lambda rest, byte: rest[1:]),
    "flip": lambda draw, data: at_places(draw, data, lambda rest, byte: byte + rest[1:]),
    "duplicate": lambda draw, data: at_places(draw, data, lambda rest, byte: rest[:1] + rest),
    "short lines": lambda draw, data: at_places(draw, data, lambda rest, byte: b"\n" + rest),
    "pad": lambda draw, data: b"\0" * draw.randrange(600) + data + b"\0" * draw.randrange(600),
    "one line": lambda draw, data: data.replace(b"\n", b"").replace(b"\r", b""),
    "swap halves": lambda draw, data: data[len(data) // 2 :] + data[: len(data) // 2],
    "repeat": repeat_slice,
}


def make_input(seed: str) -> tuple[str, list[str], bytes]:
    """Where an input comes from, what was done to it, and its bytes."""
    draw = random.Random(seed)
    source = draw.choice([*SOURCES, *["real file", "text in gb18030", "text in big5"] * 3])
    data, changes = SOURCES[source](draw), draw.choices(list(CHANGES), k=draw.choice([0, 1, 1, 1, 2, 2, 3, 4]))
    for change in changes:
        data = CHANGES[change](draw, data)
    return source, changes, data


def run(data: bytes) -> tuple[Outcome, float]:
    start = time.process_time()
    return next(decode([RawText("x", data)], Config().decode)), time.process_time() - start


def problems(data: bytes) -> Iterator[str]:
    """What is wrong with what the decode stage makes of some bytes."""
    (outcome, seconds), (again, seconds_again) = run(data), run(data)
    one, other = (replace(each, edits=tuple(map(list, each.edits))) for each in (outcome, again))
    text, charset = outcome.document.text, outcome.document.encoding
    if min(seconds, seconds_again) > max(len(data) * SECONDS_PER_BYTE, LEAST_SECONDS):
        yield f"takes {seconds:.1f} s for {len(data):,} bytes"
    if charset and encode(rewind(text, outcome.edits), charset) != data:
        yield f"other bytes come back from {charset}"
    if outcome.dropped and not charset and (outcome.quarantine or b"") != data:
        yield "dropped, but not in quarantine"
    if SURROGATES.search(text):
        yield "surrogates in the text"
    if not all(any(one.encode(codec) in data for codec in UNICODE) for one in set(STAND_INS.findall(text))):
        yield "stand-ins in the text"
    if one != other:
        yield "another answer the second time"


def main(seconds: Annotated[float, typer.Option()] = 60, seed: Annotated[int, typer.Option()] = 1) -> None:
    """Fuzz the decode stage."""
    if absent := missing():
        print(f"no evaluation data: {SHARED} lacks {', '.join(absent)}")
        raise typer.Exit(1)
    list(problems("今天天气很好，我们去公园。\n".encode("gbk") * 20 + b"\xff"))  # fills the caches
    tried, done, end = Counter[str](), Counter[str](), time.monotonic() + seconds
    while time.monotonic() < end:
        name = f"{seed}/{sum(tried.values())}"
        source, changes, data = make_input(name)
        tried[source] += 1
        done.update(changes or ["unchanged"])
        try:
            found = list(problems(data))
        except Exception as error:  # any exception is what we look for
            found = [f"raises {type(error).__name__}: {error}"]
        if found:
            with tempfile.NamedTemporaryFile(prefix="fuzz-", suffix=".bin", delete=False) as file:
                file.write(data)
            print(f"input {name}, {' + '.join([source, *changes])}: {'; '.join(found)}: see {file.name}")
            raise typer.Exit(1)
    print(f"{sum(tried.values()):,} inputs, seed {seed}: no failure")
    for counts in (tried, done):
        print("; ".join(f"{name} {count:,}" for name, count in sorted(counts.items())))


if __name__ == "__main__":
    typer.run(main)
