"""Which lines recur in the documents of a source, in how many, and where they stand: counted shard by shard.

What is wrong with counting them plainly: nearly all lines stand once, and a table of all of them would take hundreds of
bytes for each document. So they are sifted first (`sift_lines`): each shard counts in how many documents the lines of
each of 2**24 cells stand, by hash; the counts are added, and only the lines of cells that are full enough (`promising`)
are counted exactly in a second look (`count_lines`, `merged`), with where they stand.

A *source* is the first folder of a document's path below raw/; a table that lies in no folder is one of its own, and
text files in no folder are one together. Lines are compared as texts are, folded: blind to script, width, case, spaces
and punctuation. A line counts once for each document.

The sieve of a shard takes 5 bytes for each of its lines, the sum of all 17 MB, whatever the size of the corpus. With 25
million different lines a cell holds one or two, and one in 100,000 holds ten. Of the lines that are counted exactly
there are at most a tenth as many as lines, since each is believed to stand in ten documents.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from hashlib import blake2b
from itertools import groupby
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from cleaner.dedup.folding import fold_texts
from cleaner.dedup.line_forms import LONGEST_NOTICE, PAGE, TEXT, form_of
from cleaner.document import Document, batches, code_points
from cleaner.kernels.shingles import Hashes

MIN_DOCUMENTS = 10  # in which a line must stand
MIN_SHARE = 0.1  # of the documents of its source
MIN_RUN, MIN_RUN_WITH_PAGE_LINE = 6, 3  # lines
MAX_GAP = 3  # short lines in a row between the edge and a recurring line: title, date, author
MIN_PARAGRAPH, MIN_SENTENCE = 40, 12  # folded characters of a line of running text, and of one with a full stop
FULL_STOP, QUOTE = ord("。"), ord("”")  # titles may end with other marks, but hardly with these
CELL_BITS = 24
FULL = 255  # where a cell stops counting

Cells = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Place = tuple[str, int]  # source path and row of a document


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of some texts that hold anything to compare, in columns: which text, where, how long, which line."""

    joined: str
    texts: Numbers
    starts: Numbers
    ends: Numbers
    are_long: Flags  # whether they would be running text, if they stood once
    hashes: Hashes


@dataclass(frozen=True, slots=True, eq=False)
class Sieve:
    """In how many documents the lines of each cell stand, at most; 255 stands for all that is more."""

    cells: Cells  # ascending
    counts: Bytes
    documents: dict[str, int]  # by source


@dataclass(frozen=True, slots=True, order=True)
class LineCount:
    """One recurring line of one source. The smallest place is where it stands first."""

    source: int  # hash
    line: int  # hash
    place: Place
    text: str
    documents: int  # in which it stands
    with_edge: int  # of these, the documents in which an edge can be told
    at_edge: int  # of those, where it stands at the edge
    in_run: int  # of those, where its neighbours recur too

    def key(self) -> tuple[int, int]:
        """Which line it is."""
        return self.source, self.line

    def plus(self, other: "LineCount") -> "LineCount":
        """The same line in two sets of documents."""
        first = min(self, other)
        return replace(
            first,
            documents=self.documents + other.documents,
            with_edge=self.with_edge + other.with_edge,
            at_edge=self.at_edge + other.at_edge,
            in_run=self.in_run + other.in_run,
        )


@dataclass(frozen=True, slots=True, eq=False)
class LineCounts:
    """The recurring lines, ascending by source and line, in columns."""

    keys: Hashes  # shape (n, 2): source and line
    counts: Cells  # shape (n, 4): the four numbers of a LineCount
    places: tuple[Place, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, rows: Iterable[LineCount]) -> "LineCounts":
        """Put rows in order, and together where they are of the same line: a sum, whatever was added first."""
        summed = [reduce(LineCount.plus, group) for _, group in groupby(sorted(rows), key=LineCount.key)]
        keys = np.array([(row.source, row.line) for row in summed], dtype=np.uint64)
        counts = np.array([(row.documents, row.with_edge, row.at_edge, row.in_run) for row in summed], dtype=np.uint32)
        places, texts = tuple(row.place for row in summed), tuple(row.text for row in summed)
        return cls(keys.reshape(-1, 2), counts.reshape(-1, 4), places, texts)

    def __iter__(self) -> Iterator[LineCount]:
        columns = zip(self.keys.tolist(), self.places, self.texts, self.counts.tolist(), strict=True)
        for (source, line), place, text, counts in columns:
            yield LineCount(source, line, place, text, *counts)


def source_of(document: Document) -> str:
    """The source that a document belongs to.

    >>> source_of(Document("1", "site-a/2024/05.txt", "")), source_of(Document("2", "crawl.jsonl", "", row=7))
    ('site-a', 'crawl.jsonl')
    """
    return origin(document.source, document.row)


def origin(source: str, row: int | None) -> str:
    """The source of a document that has this path below raw/, and this row in it."""
    first, slash, _ = source.partition("/")
    return first if slash or row is not None else "."


def required(documents: int) -> int:
    """In how many documents of a source with so many a line must stand."""
    return max(MIN_DOCUMENTS, ceil(MIN_SHARE * documents))


def lines_in(texts: Sequence[str]) -> Lines:
    """Cut texts into lines, fold and hash them, all at once."""
    joined, folded = "\n".join(texts), fold_texts(texts)
    points = code_points(joined)
    numbers = texts_of_lines(folded)
    before = np.cumsum(folded.sizes + 1) - folded.sizes - 1  # the characters of the texts before, and their breaks
    starts, ends = (folded.lines[:, column] + before[numbers] for column in (0, 1))
    firsts = folded.lines[:, 2] + (folded.ends - np.diff(folded.ends, prepend=0))[numbers]
    lengths = np.diff(firsts, append=len(folded.points))
    last, last_but_one = points[ends - 1], points[np.maximum(ends - 2, 0)]
    ends_sentence = (last == FULL_STOP) | ((last == QUOTE) & (last_but_one == FULL_STOP))
    are_long = lengths >= np.where(ends_sentence, MIN_SENTENCE, MIN_PARAGRAPH)
    return Lines(joined, numbers, starts, ends, are_long, folded.hashes)


def texts_of_lines(folded: Any) -> Numbers:
    """The number of the text that each line is of."""
    return np.repeat(np.arange(len(folded.sizes)), np.diff(folded.line_ends, prepend=0))


@lru_cache(maxsize=1 << 12)
def source_hash(source: str) -> int:
    """The name of a source in 64 bits."""
    return int.from_bytes(blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def sources_of(documents: Sequence[Document]) -> Hashes:
    """The hash of the source of each document."""
    return np.array([source_hash(source_of(document)) for document in documents], dtype=np.uint64)


def cells_of(hashes: Hashes, sources: Hashes) -> Cells:
    """The cell of each line, by its hash and that of its source: the same line of another source has another."""
    mixed = (hashes ^ sources) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(64 - CELL_BITS)).astype(np.uint32)


def cells_in(folded: Any, sources: Hashes) -> tuple[Cells, Cells]:
    """The cells of the lines of some texts, each once for each text, and how many each text has.

    `sources` are the hashes of those of the texts.
    """
    texts = texts_of_lines(folded)
    # The number of the text above, the cell below.
    both = np.sort(texts << CELL_BITS | cells_of(folded.hashes, sources[texts]).astype(np.int64))
    both = both[begins(both)]
    counts = np.bincount(both >> CELL_BITS, minlength=len(sources))
    return (both & ((1 << CELL_BITS) - 1)).astype(np.uint32), counts.astype(np.uint32)


def sift_lines(documents: Iterable[Document]) -> Sieve:
    """Step 1, of one shard: in how many documents the lines of each cell stand."""
    found = [np.zeros(0, dtype=np.uint32)]
    found_in: Counter[str] = Counter()
    for batch in batches(documents):
        found_in.update(map(source_of, batch))
        found.append(cells_in(fold_texts([document.text for document in batch]), sources_of(batch))[0])
    return sieve_of(np.concatenate(found), found_in)


def sieve_of(cells: Cells, found_in: Mapping[str, int]) -> Sieve:
    """The cells of one shard, counted. `found_in` says how many documents each source has there."""
    cells, counts = np.unique(cells, return_counts=True)
    return Sieve(cells, np.minimum(counts, FULL).astype(np.uint8), dict(sorted(found_in.items())))


def promising(sieves: Iterable[Sieve]) -> Sieve:
    """The sum of the sieves of all shards, in whatever order, without the cells that no recurring line can be in."""
    total = np.zeros(1 << CELL_BITS, dtype=np.uint8)
    found_in: Counter[str] = Counter()
    full = [np.zeros(0, dtype=np.uint32)]
    for sieve in sieves:
        counts = total[sieve.cells]
        counts += np.minimum(sieve.counts, FULL - counts)
        total[sieve.cells] = counts
        full.append(sieve.cells[counts >= MIN_DOCUMENTS])
        found_in.update(sieve.documents)
    cells = np.unique(np.concatenate(full))
    return Sieve(cells, total[cells], dict(sorted(found_in.items())))


def may_recur(cells: Cells, counts: Cells, needed: Bytes, sieve: Sieve) -> Flags:
    """The documents of which a line may be one that recurs; no other can count.

    `cells` are those of the lines of all documents, `counts` says how many each has, and `needed` in how many documents
    of its source a line must stand.
    """
    full = np.zeros(1 << CELL_BITS, dtype=np.uint8)
    full[sieve.cells] = sieve.counts
    documents = np.repeat(np.arange(len(counts)), counts)
    found = np.zeros(len(counts), dtype=np.bool_)
    found[documents[full[cells] >= needed[documents]]] = True
    return found


def least_counts(sieve: Sieve) -> dict[int, int]:
    """In how many documents of each source a line must stand, by the hash of the source, as far as a cell counts."""
    return {source_hash(source): min(FULL, required(count)) for source, count in sieve.documents.items()}


def count_lines(documents: Iterable[Document], sieve: Sieve) -> LineCounts:
    """Step 2, of one shard: count the lines whose cells are full enough, and note where they stand."""
    full = np.zeros(1 << CELL_BITS, dtype=np.uint8)
    full[sieve.cells] = sieve.counts
    least = least_counts(sieve)
    counted: list[LineCounts] = []
    for batch in batches(documents):
        lines = lines_in([document.text for document in batch])
        sources = sources_of(batch)
        needed = np.array([least[source] for source in sources.tolist()], dtype=np.uint8)
        often = full[cells_of(lines.hashes, sources[lines.texts])] >= needed[lines.texts]
        counted.append(counts_of(batch, sources, lines, often))
    return merged(counted)


def counts_of(batch: Sequence[Document], sources: Hashes, lines: Lines, often: Flags) -> LineCounts:
    """Of one batch, the lines that come often and may be boilerplate by their form."""
    numbers = np.flatnonzero(often & (lines.ends - lines.starts <= LONGEST_NOTICE))
    spans = map(slice, lines.starts[numbers].tolist(), lines.ends[numbers].tolist())
    forms = list(map(form_of, map(lines.joined.__getitem__, spans)))
    all_forms = np.full(len(often), TEXT, dtype=np.int64)
    all_forms[numbers] = forms
    recurring = all_forms != TEXT
    numbers = np.flatnonzero(recurring)
    with_edge = with_paragraph(lines.texts, lines.are_long & ~recurring)
    at_edge = with_edge & at_edges(lines.texts, lines.are_long, all_forms)
    columns = np.stack([with_edge, at_edge, at_edge & in_runs(lines.texts, all_forms)])
    places = [(document.source, document.row or 0) for document in batch]
    return summed(places, sources, lines, numbers, columns[:, numbers].T)


def summed(names: Sequence[Place], sources: Hashes, lines: Lines, numbers: Numbers, flags: Flags) -> LineCounts:
    """How many documents each of some lines stands in, and in how many of them it has each of the flags somewhere."""
    rank = np.empty(len(names), dtype=np.int64)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    texts = lines.texts[numbers]
    keys = np.stack([sources[texts], lines.hashes[numbers]], axis=1)
    order = np.lexsort((rank[texts], keys[:, 1], keys[:, 0]))
    keys, texts, numbers, flags = keys[order], texts[order], numbers[order], flags[order]
    is_new_line = begins(keys[:, 0]) | begins(keys[:, 1])
    is_new_text = is_new_line | begins(texts)
    starts, firsts = np.flatnonzero(is_new_text), np.flatnonzero(is_new_line)
    counts = np.zeros((len(firsts), 4), dtype=np.uint32)
    if len(firsts):
        counts[:, 0] = np.add.reduceat(is_new_text, firsts, dtype=np.uint32)
        by_text = np.logical_or.reduceat(flags, starts, axis=0)
        counts[:, 1:] = np.add.reduceat(by_text, np.flatnonzero(is_new_line[starts]), axis=0, dtype=np.uint32)
    places = tuple(names[text] for text in texts[firsts].tolist())
    spans = zip(lines.starts[numbers[firsts]].tolist(), lines.ends[numbers[firsts]].tolist(), strict=True)
    return LineCounts(keys[firsts], counts, places, tuple(lines.joined[start:end].strip() for start, end in spans))


def at_edges(texts: Numbers, are_long: Flags, forms: Numbers) -> Flags:
    """Whether each line recurs and stands at the edge of its text. `texts` says which text a line is of, ascending.

    One comes to it from the first line or the last over recurring lines and a few short others. What is certainly of
    the page may have any short lines before it, such as related titles, if it stands outside of the paragraphs.

    >>> are_long, forms = np.array([0, 0, 0, 1, 0, 1, 0], dtype=bool), np.array([1, 0, 1, 0, 1, 0, 1])
    >>> np.flatnonzero(at_edges(np.zeros(7, dtype=int), are_long, forms)).tolist()
    [0, 2, 6]
    """
    recurring = forms != TEXT
    is_paragraph = are_long & ~recurring
    too_far_down = is_paragraph | (gaps(texts, recurring) > MAX_GAP)
    too_far_up = is_paragraph | (gaps(texts[::-1], recurring[::-1])[::-1] > MAX_GAP)
    is_near = from_both_ends(texts, too_far_down, too_far_up)
    is_outside = from_both_ends(texts, is_paragraph, is_paragraph) & with_paragraph(texts, is_paragraph)
    found: Flags = (recurring & is_near) | ((forms == PAGE) & is_outside)
    return found


def with_paragraph(texts: Numbers, is_paragraph: Flags) -> Flags:
    """Whether the text of each line has a paragraph."""
    found: Flags = np.bincount(texts, weights=is_paragraph)[texts] > 0
    return found


def gaps(texts: Numbers, recurring: Flags) -> Numbers:
    """For each line how many lines in a row do not recur up to it, itself included."""
    here = np.arange(len(texts))
    return here - np.maximum.accumulate(np.where(recurring, here, np.where(begins(texts), here - 1, -1)))


def begins(values: npt.NDArray[Any]) -> Flags:
    """Whether each value is another than the one before."""
    found: Flags = np.append(True, values[1:] != values[:-1])[: len(values)]
    return found


def from_both_ends(texts: Numbers, ends_down: Flags, ends_up: Flags) -> Flags:
    """Whether one comes to each line from the first line of its text, or from the last, before something ends it."""
    return before_first(texts, ends_down) | before_first(texts[::-1], ends_up[::-1])[::-1]


def before_first(texts: Numbers, flags: Flags) -> Flags:
    """Whether each line stands before the first with a flag in its text."""
    so_far = np.cumsum(flags)
    first = np.maximum.accumulate(np.where(begins(texts), np.arange(len(texts)), 0))
    found: Flags = so_far == (so_far - flags)[first]
    return found


def in_runs(texts: Numbers, forms: Numbers) -> Flags:
    """Whether each line recurs and stands in a run of such lines of one text.

    Three are enough if one of them is certainly of the page, or else six if they begin or end the text: what stands
    between title and text may also be the persons of a play, in each of its parts.
    """
    recurring = forms != TEXT
    is_first, is_last = begins(texts), begins(texts[::-1])[::-1]
    runs = np.cumsum(is_first | begins(recurring)) - 1
    sizes = np.bincount(runs)
    has_page_line = np.bincount(runs[forms == PAGE], minlength=len(sizes)) > 0
    is_outermost = np.bincount(runs[is_first | is_last], minlength=len(sizes)) > 0
    is_long = ((sizes >= MIN_RUN) & is_outermost) | ((sizes >= MIN_RUN_WITH_PAGE_LINE) & has_page_line)
    found: Flags = recurring & is_long[runs]
    return found


def merged(counts: Iterable[LineCounts]) -> LineCounts:
    """The sum of the counts of several shards, in whatever order."""
    return LineCounts.of(row for found in counts for row in found)
