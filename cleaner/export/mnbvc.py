"""MNBVC's schema: one JSON object for a file, with its paragraphs.

MNBVC is the largest open collection of Chinese text, and its format is what tools of that field read. The fields, their
types and their order are those of its wiki page 现有语料格式 (通用文本) and of `CommonData` in its checker,
X94521/DataCheck_MNBVC; what the values mean is taken from its converter, aplmikex/deduplication_mnbvc:

    a paragraph is a line without the white space around it; empty ones are left out
    md5 is that of the paragraph in UTF-8; a paragraph is 是否重复 if it stood in this file before
    最长段落长度 counts characters, 文件大小 the bytes of the text in UTF-8
    simhash is that of the different paragraphs of a file, 64 bits, as a number
    是否待查文件: less than half of its paragraphs are different ones; such files go into problem_0.jsonl …
    时间 is the first day on which the text is known to have been there, yyyymmdd

The converter leaves two fields to others, and here they are filled: 是否跨文件重复, for a paragraph that stands in an
earlier file or in a passage that dedup found in one, and 是否重复文件, for a copy.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cleaner.days import NO_DAY, day_of
from cleaner.document import Document

LEAST_DIFFERENT = 0.5  # share of different paragraphs; a file with less is to be looked at
SIMHASH_BYTES = 8
HASHES_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of a text that is not empty."""

    line: int  # from 1, empty lines counted
    start: int  # code points of the text before the line
    end: int
    content: str
    digest: bytes  # MD5


@dataclass(frozen=True, slots=True)
class Repetition:
    """What is known of a document beyond itself."""

    paragraphs: frozenset[bytes] = frozenset()  # digests of those that stand in an earlier document
    spans: tuple[tuple[int, int], ...] = ()  # of its text, that dedup found in another document
    copy_of: str = ""  # the document of which it is a copy


def paragraphs_of(text: str) -> Iterator[Paragraph]:
    """The paragraphs of a text, in order."""
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        end = start + len(line)
        if content := line.strip():
            yield Paragraph(number, start, end, content, hashlib.md5(content.encode(), usedforsecurity=False).digest())
        start = end + 1


def simhash(digests: Sequence[bytes]) -> int:
    """64 bits, each set where more than half of the digests have it set in their last 8 bytes.

    >>> simhash([hashlib.md5("甲乙丙".encode()).digest()])
    6797451010449704412
    """
    sums = np.zeros(8 * SIMHASH_BYTES, dtype=np.int64)
    for start in range(0, len(digests), HASHES_AT_ONCE):
        ends = b"".join(digest[-SIMHASH_BYTES:] for digest in digests[start : start + HASHES_AT_ONCE])
        bits = np.unpackbits(np.frombuffer(ends, dtype=np.uint8)).reshape(-1, 8 * SIMHASH_BYTES)
        sums += bits.sum(axis=0, dtype=np.int64)
    return int.from_bytes(np.packbits(sums * 2 > len(digests)).tobytes(), "big")


def as_file(document: Document, known: Repetition, version_day: str) -> dict[str, Any]:
    """A document as one object of the schema. `version_day` is its 时间 if its path names no day.

    The day is that of the version, for the text was there by then. A stage folder has none, and the field is empty.
    """
    seen: dict[bytes, None] = {}
    rows, longest = [], 0
    for paragraph in paragraphs_of(document.text):
        is_elsewhere = paragraph.digest in known.paragraphs or lies_in(paragraph, known.spans)
        rows.append(
            {
                "行号": paragraph.line,
                "是否重复": paragraph.digest in seen,
                "是否跨文件重复": is_elsewhere,
                "md5": paragraph.digest.hex(),
                "内容": paragraph.content,
                "扩展字段": "{}",
            }
        )
        seen[paragraph.digest] = None
        longest = max(longest, len(paragraph.content))
    day, day_from = str(day_of(document.source)), "path"
    if day == str(NO_DAY):
        day, day_from = version_day, "version" if version_day else "unknown"
    return {
        "文件名": document.source if document.row is None else f"{document.source}/{document.row}",
        "是否待查文件": len(seen) < LEAST_DIFFERENT * len(rows),
        "是否重复文件": bool(known.copy_of),
        "文件大小": len(document.text.encode()),
        "simhash": simhash(list(seen)),
        "最长段落长度": longest,
        "段落数": len(rows),
        "去重段落数": len(seen),
        "低质量段落数": 0,  # what cleaner takes for such, it has removed
        "段落": rows,
        "扩展字段": extension(document, known.copy_of, day_from),
        "时间": day,
    }


def lies_in(paragraph: Paragraph, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= paragraph.start and paragraph.end <= end for start, end in spans)


def extension(document: Document, copy_of: str, day_from: str) -> str:
    """What the schema has no field for, as a JSON object in a string: the schema asks for it in this form."""
    told = {
        "id": document.id,
        "source": document.source,
        "row": document.row,
        "encoding": document.encoding,
        "script": document.script,
        "day_from": day_from,
    }
    return json.dumps(told | ({"copy_of": copy_of} if copy_of else {}), ensure_ascii=False)
