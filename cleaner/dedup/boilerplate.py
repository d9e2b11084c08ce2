"""Boilerplate across documents: the menus, share lines and disclaimers that a source puts around each of its texts.

What is wrong: 分享到微信 stands in 132 of the 140 documents of a site. No single document shows that it is not a part
of the text; the count does. First the lines are counted that recur in the documents of a source (see `recurring`), then
it is decided which of them are boilerplate (`boilerplate_of`), and these are told of (`report_rows`) or
removed (`remove_boilerplate`). Copies of a document must be left out before, or a title that ten copies share recurs in
ten documents. Over shards:

    sieve = promising(map(sift_lines, shards))
    counts = merged(count_lines(shard, sieve) for shard in shards)
    found = boilerplate_of(counts, sieve.documents)

A line is boilerplate if all of this holds:

- it stands in at least 10 documents of the source and in a tenth of them, however often in each;
- its form is not that of a heading, byline, dateline, date, label, title of a part or closing formula (`line_forms`);
- it stands at the edge of the page in nine tenths of the documents where an edge can be told: from the first or last
  line one comes to it over recurring lines and at most three short others (title, date) in a row, and never over a
  paragraph; to what only a page says, such as 版权所有, over any short lines. A document without a paragraph of its own
  has no edge that could be told. What recurs between the paragraphs, such as 工作目标 in reports, is thereby left;
- it says what only a page says, or in most of these documents it stands in a run of three or more recurring lines one
  of which does, or of six or more that begin or end the document. So a title that comes back is left, and a refrain, a
  signature, the persons of a play.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cleaner.dedup.line_forms import PAGE, TEXT, form_of
from cleaner.dedup.recurring import (
    MIN_DOCUMENTS,
    Cells,
    LineCount,
    LineCounts,
    Sieve,
    at_edges,
    count_lines,
    least_counts,
    lines_in,
    may_recur,
    merged,
    promising,
    required,
    sieve_of,
    sift_lines,
    source_hash,
    source_of,
)
from cleaner.document import Change, Document
from cleaner.kernels.shingles import Hashes

__all__ = [
    "Boilerplate",
    "LineCounts",
    "Sieve",
    "boilerplate_of",
    "count_lines",
    "find_boilerplate",
    "least_counts",
    "may_recur",
    "merged",
    "promising",
    "remove_boilerplate",
    "report_rows",
    "sieve_of",
    "sift_lines",
    "source_hash",
    "source_of",
]

MIN_AT_EDGE = 0.9  # of the documents with the line and with an edge
MIN_IN_RUN = 0.7  # of the same, for a line that does not itself say that it belongs to a page

_blank_lines = re.compile(r"(?:\n[^\S\n]*)*\n")


@dataclass(frozen=True, slots=True, eq=False)
class Boilerplate:
    """The boilerplate of one source, ascending by hash."""

    source: str
    of: int  # documents of the source
    lines: Hashes
    documents: Cells  # in which each line stands
    texts: tuple[str, ...]  # of each line as it first stands


def boilerplate_of(counts: LineCounts, documents: dict[str, int]) -> dict[str, Boilerplate]:
    """Step 3: the boilerplate of each source that has any. `documents` counts those of each source (see `Sieve`)."""
    names = {source_hash(source): source for source in sorted(documents)}
    found: dict[str, list[LineCount]] = {}
    for row in counts:
        source = names[row.source]
        if is_boilerplate(row, documents[source]):
            found.setdefault(source, []).append(row)
    return {
        source: Boilerplate(
            source,
            documents[source],
            np.array([row.line for row in rows], dtype=np.uint64),
            np.array([row.documents for row in rows], dtype=np.uint32),
            tuple(row.text for row in rows),
        )
        for source, rows in sorted(found.items())
    }


def is_boilerplate(row: LineCount, documents: int) -> bool:
    """Whether a line recurs enough, and stands where boilerplate does."""
    stands_out = form_of(row.text) == PAGE or row.in_run >= MIN_IN_RUN * row.with_edge
    enough = row.documents >= required(documents) and row.with_edge >= MIN_DOCUMENTS
    return enough and stands_out and row.at_edge >= MIN_AT_EDGE * row.with_edge


def find_boilerplate(documents: Sequence[Document]) -> dict[str, Boilerplate]:
    """Steps 1 to 3 over documents in memory."""
    sieve = promising([sift_lines(documents)])
    return boilerplate_of(count_lines(documents, sieve), sieve.documents)


def report_rows(found: dict[str, Boilerplate]) -> list[dict[str, Any]]:
    """Step 4, telling: one row for each line, those that recur most often first."""
    rows = [
        {"source": known.source, "line": text, "documents": count, "of": known.of, "share": round(count / known.of, 3)}
        for known in found.values()
        for text, count in zip(known.texts, known.documents.tolist(), strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["documents"], row["source"], row["line"]))


def remove_boilerplate(text: str, known: Boilerplate) -> Iterator[Change]:
    """Step 4, removing: the lines of a text that are boilerplate of its source and stand at its edge.

    A text of which nothing would be left stays. Blank lines beside what is removed go with it.
    """
    lines = lines_in([text])
    slots = np.searchsorted(known.lines, lines.hashes)
    slots[slots == len(known.lines)] = 0
    spans = list(zip(lines.starts.tolist(), lines.ends.tolist(), strict=True))
    # The form again: a label such as 姓名： is folded to what may stand in a menu.
    same = (known.lines[slots] == lines.hashes).tolist()
    forms = [form_of(text[slice(*span)]) if again else TEXT for again, span in zip(same, spans, strict=True)]
    is_gone = at_edges(lines.texts, lines.are_long, np.array(forms, dtype=np.int64))
    if is_gone.all():
        return
    last = len(spans) - int(np.argmin(is_gone[::-1]))  # the first of the lines that go from the end on
    for number in np.flatnonzero(is_gone).tolist():
        count = int(known.documents[slots[number]])
        reason = f"stands in {count:,} of {known.of:,} documents of {known.source}"
        yield *whole_lines(text, *spans[number], is_last=number >= last), "", reason


def whole_lines(text: str, start: int, end: int, is_last: bool) -> tuple[int, int]:
    """The span of a line with its line break and the blank lines behind it; of the last lines, those before it."""
    if is_last:
        return text.index("\n", len(text[:start].rstrip())), end
    breaks = _blank_lines.match(text, end)
    return start, breaks.end() if breaks else end
