"""The documents of a corpus for an export, one after the other, with a progress bar on a terminal."""

import json
from collections.abc import Iterator
from typing import Any

from tqdm import tqdm

from cleaner.document import Document
from cleaner.files.corpus import Corpus, shard_number
from cleaner.files.tables import count_rows, read_documents, read_rows

Spans = tuple[tuple[int, int], ...]


def progress(corpus: Corpus, what: str = "export") -> "tqdm[Any]":
    """A progress bar over the documents, on a terminal only."""
    total = sum(count_rows(path) for path in corpus.stages[-1].documents)
    return tqdm(total=total, desc=f"{what:9}", unit=" documents", disable=None, leave=False)


def kept(corpus: Corpus, what: str = "export") -> Iterator[Document]:
    """The documents that were kept, in order."""
    with progress(corpus, what) as bar:
        for document in corpus.documents():
            yield document
            bar.update()


def kept_with_spans(corpus: Corpus) -> Iterator[tuple[Document, Spans]]:
    """The documents that were kept, each with the spans of its text that dedup found in an earlier one.

    There are none unless such passages were reported and left: where they were cut, the spans are of another text.
    """
    dedup = next((stage for stage in corpus.stages[-1:] if stage.stage == "dedup"), None)
    files = dedup.passages if dedup and dedup.report["settings"].get("passages") == "report" else []
    with progress(corpus) as bar:
        for path in corpus.stages[-1].documents:
            spans: dict[str, Spans] = {}
            for passages in files:
                if shard_number(passages) == shard_number(path):
                    for row in read_rows(passages):
                        spans[row["id"]] = (*spans.get(row["id"], ()), (row["start"], row["end"]))
            for document in read_documents(path):
                yield document, spans.get(document.id, ())
                bar.update()


def copies(corpus: Corpus) -> Iterator[tuple[Document, str]]:
    """The documents that were dropped because another has their text, with the id of that one."""
    return ((document, by) for document, _, _, by in corpus.dropped() if by)


def as_line(row: dict[str, Any]) -> bytes:
    """A JSON object in UTF-8, on one line."""
    return json.dumps(row, ensure_ascii=False).encode()
