"""What an earlier version already has: a new batch is compared with its sketches, and only candidates with its texts.

The sketches lie in the version. Where its texts are not there any more, a near copy must be estimated to be so far
above the threshold that chance would hardly do it.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cleaner.config import DedupConfig
from cleaner.dedup.copies import Flags, joined
from cleaner.document import Sketches
from cleaner.errors import WrongUseError
from cleaner.files.corpus import open_corpus
from cleaner.files.folder import shards
from cleaner.files.tables import read_documents, read_sketches


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """The documents of an earlier version, as sketches; and the files of their texts, with the rows of each."""

    name: str
    content: str  # the digest in the version's manifest
    sketches: Sketches
    texts: list[tuple[Path, int]]


def open_earlier(folder: Path, settings: DedupConfig) -> Earlier:
    """Read what is needed of a version. Raises WrongUseError or BadDataError when it has no sketches of this kind."""
    corpus = open_corpus(folder)
    if corpus.manifest is None:
        raise WrongUseError(f"{folder} is no version; publish it first, with `cleaner publish {folder} CLEAN`")
    files = shards(corpus.folder / "sketches", "sketches")
    if not files:
        raise WrongUseError(f"{corpus.folder} has no sketches: it was published without the stage dedup")
    parts = [read_sketches(path, settings) for path in files]
    texts = [
        (corpus.folder / "data" / path.name.replace("sketches", "documents"), len(part))
        for path, part in zip(files, parts, strict=True)
    ]
    return Earlier(corpus.name, str(corpus.manifest["content"]), joined(parts), texts)


def wanted_texts(earlier: Earlier, wanted: Flags) -> Iterator[tuple[int, str]]:
    """Number and text of some documents of a version; files without any of them are not read."""
    first = 0
    for path, rows in earlier.texts:
        span = wanted[first : first + rows]
        if span.any() and path.is_file():
            documents = itertools.compress(enumerate(read_documents(path), first), span.tolist())
            yield from ((number, document.text) for number, document in documents)
        first += rows
