"""A whole corpus in MNBVC's schema: two passes over the documents, one to learn which paragraphs stand in several.

The first pass writes the digest of every paragraph to a scratch file; DuckDB finds those that stand in an earlier
document, on the disk if memory is short. The second pass writes the documents, each with what was found about it.
"""

import itertools
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from cleaner.document import Document
from cleaner.export.documents import as_line, copies, kept, kept_with_spans
from cleaner.export.mnbvc import Repetition, as_file, paragraphs_of
from cleaner.files.corpus import Corpus
from cleaner.files.exports import LineFiles, ParagraphFile


def write_collection(corpus: Corpus, folder: Path, shard_bytes: int, with_copies: bool) -> tuple[list[Path], int]:
    """Write 0.jsonl, 1.jsonl … and, for files that are to be looked at, problem_0.jsonl … Returns them, and the count.

    With `with_copies`, the documents that were dropped as copies come after those that were kept.
    """
    count = 0
    with (
        LineFiles(folder, "{}.jsonl", shard_bytes) as good,
        LineFiles(folder, "problem_{}.jsonl", shard_bytes, may_be_none=True) as doubtful,
    ):
        for row in rows_of(corpus, folder, with_copies):
            lines = doubtful if row["是否待查文件"] else good
            lines.add(as_line(row))
            count += 1
    return [*good.paths, *doubtful.paths], count


def rows_of(corpus: Corpus, folder: Path, with_copies: bool) -> Iterator[dict[str, Any]]:
    """The objects of all documents. `folder` is for scratch files, which are gone afterwards."""
    day = str(corpus.manifest["created"])[:10].replace("-", "") if corpus.manifest else ""
    with ParagraphFile(folder / "paragraphs.parquet") as paragraphs:
        for number, document in enumerate(all_documents(corpus, with_copies)):
            paragraphs.add(number, {paragraph.digest: None for paragraph in paragraphs_of(document.text)})
    repeated = itertools.groupby(paragraphs.repeated(), key=itemgetter(0))
    of_next, digests = next_group(repeated)
    known = ((document, "", spans) for document, spans in kept_with_spans(corpus))
    dropped = ((document, by, ()) for document, by in copies(corpus)) if with_copies else iter(())
    for number, (document, by, spans) in enumerate(itertools.chain(known, dropped)):
        here = frozenset[bytes]()
        if number == of_next:
            here = digests
            of_next, digests = next_group(repeated)
        yield as_file(document, Repetition(here, spans, by), day)
    paragraphs.remove()


def all_documents(corpus: Corpus, with_copies: bool) -> Iterator[Document]:
    """Those that were kept and, if wanted, the copies, in the order in which they are exported."""
    yield from kept(corpus, "compare")
    if with_copies:
        yield from (document for document, _ in copies(corpus))


def next_group(groups: Iterator[tuple[int, Iterator[tuple[int, bytes]]]]) -> tuple[int, frozenset[bytes]]:
    """The number of the next document with repeated paragraphs, and these; -1 when there is none."""
    for number, rows in groups:
        return number, frozenset(digest for _, digest in rows)
    return -1, frozenset()
