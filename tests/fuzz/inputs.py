"""Hostile inputs from a seed: a file name and its bytes."""

import functools
import gzip
import io
import json
import random
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

from tests.conftest import ROOT
from tests.texts import PIECES

Maker = Callable[[random.Random], tuple[str, bytes]]
CODECS = ("utf-8", "utf-8", "utf-8-sig", "gb18030", "gb18030", "big5hkscs", "utf-16", "utf-32", "hz", "euc_jp")
LONGEST = 6000  # characters of a generated text
ODD = (
    *"\0\x01\x1a\x1b\x7f\x85\xa0\xad\u0378\u061c\u1680\u180e\u200b\u200d\u200e\u2028\u2029\u202e\u2060\u2066\ufdd0\ufe0f",
    *"\ufeff\ufff9\ufffc\ufffd\uffff\U0001f468\U0001f3fd\U000e0001\U000e0100\U0010ff41\U0010ffff\u0301\u0489\u3099\u20dd",
    *"ﷺ㍿㌀①Ⅷ〇㊣㎡ｶﾞ가ไทย\u1100\u1161\U00020bb7\U0002f8a6\ue000",
)
HEADS = (
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\x84\x31\x95\x33",
    b"\x1b$)A",
    b"~{",
    b"PK\x03\x04",
    b"\x89PNG\r\n",
    b"%PDF",
)
TAGS = (
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<script>",
    "<!--",
    "-->",
    "<table>",
    "<td>",
    "&nbsp;",
    "&#1114112;",
    "<![CDATA[",
)
NAMES = (
    "a",
    "新闻",
    "2020-05-27-04",
    "rmrb_20200527_13-01",
    "x" * 120,
    "a b",
    "-rf",
    "%2e%2e",
    "'\"<&>",
    "e\u0301",
    "ｶﾞ",
)


@functools.cache
def demo() -> tuple[bytes, ...]:
    """The bytes of the demo's files."""
    files = (path for path in sorted((ROOT / "raw").rglob("*")) if path.is_file())
    return tuple(path.read_bytes() for path in files)


def make(number: int, seed: int) -> tuple[str, bytes]:
    """One input: its name, unlike any other's, and its bytes."""
    rng = random.Random(f"{seed} {number}")
    maker: Maker = rng.choices((plain, bent, lines, packed, table, page, noise), (6, 8, 4, 2, 2, 2, 2))[0]
    name, content = maker(rng)
    folder = rng.choice(("", "", "news/", "2020/05/27/", "深/很深/"))
    return f"{folder}{number:06}-{rng.choice(NAMES)}{name}", content


def text(rng: random.Random) -> str:
    """Chinese text with all that occurs in real files, in wrong combinations, and with what should not."""
    size = int(rng.paretovariate(0.8)) * rng.randint(1, 40)
    pieces = rng.choices(PIECES, k=min(size, LONGEST // 4))
    if rng.random() < 0.3:
        for _ in range(rng.randint(1, 12)):
            pieces.insert(rng.randint(0, len(pieces)), rng.choice(ODD) * rng.choice((1, 1, 1, 3, 200)))
    if rng.random() < 0.2:
        start = rng.randint(0, len(pieces))
        pieces += pieces[start : start + rng.randint(1, 300)] * rng.choice((1, 1, 2, 30))
    if rng.random() < 0.2:
        width = rng.choice((1, 7, 20, 38))
        whole = "".join(pieces)
        return "\n".join(whole[start : start + width] for start in range(0, len(whole), width))
    return "".join(pieces)[:LONGEST]


def encoded(rng: random.Random, said: str) -> bytes:
    """A text in some encoding, as far as that goes."""
    content = said.encode(rng.choice(CODECS), "ignore")
    return rng.choice(HEADS) + content if rng.random() < 0.05 else content


def plain(rng: random.Random) -> tuple[str, bytes]:
    return ".txt", encoded(rng, text(rng))


def bend(rng: random.Random, content: bytes) -> bytes:
    """Bytes with some flipped, lost, doubled, put in, or cut off."""
    bent = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        at = rng.randint(0, len(bent))
        deed = rng.randint(0, 4)
        if deed == 0 and at < len(bent):
            bent[at] ^= 1 << rng.randint(0, 7)
        elif deed == 1:
            del bent[at : at + rng.choice((1, 1, 2, 3, 500))]
        elif deed == 2:
            bent[at:at] = rng.randbytes(rng.choice((1, 1, 2, 60)))
        elif deed == 3:
            bent[at:at] = bent[max(0, at - rng.randint(1, 400)) : at]
        elif rng.random() < 0.2:
            del bent[at:]
    return bytes(bent)


def bent(rng: random.Random) -> tuple[str, bytes]:
    content = rng.choice(demo()) if rng.random() < 0.5 else encoded(rng, text(rng))
    if rng.random() < 0.2:
        content += rng.choice(demo())
    return rng.choice((".txt", ".txt", ".txt", ".jsonl", ".html")), bend(rng, content)


def value(rng: random.Random) -> object:
    """What somebody might put where a text is expected."""
    odd = (None, 3, 1e400, -0.0, True, [], {}, ["水"], {"text": "水"}, "\ud83d", "\udc00水", "", " ", 10**400)
    return rng.choice(odd) if rng.random() < 0.25 else text(rng)


def lines(rng: random.Random) -> tuple[str, bytes]:
    """JSON lines, some of them broken."""
    rows = []
    for _ in range(rng.randint(0, 12)):
        row = json.dumps(
            {rng.choice(("text", "text", "text", "Text", "正文")): value(rng), "id": 1}, ensure_ascii=rng.random() < 0.5
        )
        content = row.encode("utf-8", "surrogatepass")
        deed = rng.random()
        rows.append(bend(rng, content) if deed < 0.15 else b"[" * 5000 if deed < 0.17 else content)
    return ".jsonl", rng.choice((b"\n", b"\n", b"\r\n", b"\n\n")).join(rows)


def packed(rng: random.Random) -> tuple[str, bytes]:
    """JSON lines, packed, whole or damaged; or something else under that name."""
    _, content = lines(rng)
    kind = rng.choice((".jsonl.gz", ".jsonl.zst"))
    whole = gzip.compress(content) if kind.endswith("gz") else pa.compress(content, "zstd", asbytes=True)
    deed = rng.random()
    return kind, whole if deed < 0.3 else bend(rng, whole) if deed < 0.8 else content if deed < 0.9 else whole + whole


def table(rng: random.Random) -> tuple[str, bytes]:
    """A Parquet table, with a text column of some type or without one, whole or damaged."""
    kind = rng.choice((pa.string(), pa.string(), pa.large_string(), pa.binary(), pa.int64(), pa.list_(pa.string())))
    rows: list[object] = [text(rng) for _ in range(rng.randint(0, 8))]
    if pa.types.is_integer(kind):
        rows = [7 for _ in rows]
    elif pa.types.is_list(kind):
        rows = [[row] for row in rows]
    elif pa.types.is_binary(kind):
        rows = [encoded(rng, str(row)) for row in rows]
    rows = [None if rng.random() < 0.1 else row for row in rows]
    stream = io.BytesIO()
    names = rng.choice((["text"], ["text"], ["text"], ["content"], ["Text"]))
    pq.write_table(pa.table([pa.array(rows, kind)], names=names), stream)
    content = stream.getvalue()
    return ".parquet", content if rng.random() < 0.4 else bend(rng, content)


def page(rng: random.Random) -> tuple[str, bytes]:
    """A web page, or what is left of one."""
    parts = [rng.choice(TAGS) if rng.random() < 0.5 else text(rng)[:300] for _ in range(rng.randint(1, 60))]
    if rng.random() < 0.05:
        parts.append("<div>" * 20_000)
    return rng.choice((".html", ".htm")), encoded(rng, "".join(parts))


def noise(rng: random.Random) -> tuple[str, bytes]:
    """Random bytes of some alphabet."""
    low = rng.choice((0, 0, 0x20, 0x80, 0xA1))
    content = bytes(rng.randint(low, rng.choice((0xFF, 0xFE))) for _ in range(rng.randint(0, 400)))
    return rng.choice((".txt", ".jsonl", ".parquet", ".jsonl.gz", ".jsonl.zst", ".html")), content * rng.choice(
        (1, 1, 9)
    )
