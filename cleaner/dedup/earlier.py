"""What an earlier version already has: a new batch is compared with its sketches, and only candidates with its texts.

The sketches lie in the version. Where its texts are not there any more, a near copy must be estimated to be so far
above the threshold that chance would hardly do it.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cleaner.config import DedupConfig
from cleaner.dedup.copies import Flags, Signatures, joined
from cleaner.dedup.shared_bands import Part
from cleaner.document import Sketches
from cleaner.errors import WrongUseError
from cleaner.files.corpus import open_corpus
from cleaner.files.folder import shards
from cleaner.files.scratch import read_signatures
from cleaner.files.tables import read_documents, read_sketches


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """The documents of an earlier version, as sketches without signatures; and the files with these and the texts.

    An index of several has their `versions`, each with the end of its documents, band runs with the number of the first
    document of each, and a list of those that are left out.
    """

    name: str
    content: str  # the digest in the version's manifest
    sketches: Sketches
    parts: list[Part]
    permutations: int
    versions: Sequence[tuple[str, int]] = ()
    runs: Sequence[tuple[Path, int]] = ()
    removed: Path | None = None

    def version_of(self, number: int) -> str:
        """The name of the version that a document is in."""
        return next((name for name, end in self.versions if number < end), self.name)

    def signatures(self) -> Signatures:
        """All signatures, which takes half a kilobyte for each document."""
        return np.concatenate([read_signatures(part.signatures, self.permutations) for part in self.parts])


def open_earlier(folder: Path, settings: DedupConfig) -> Earlier:
    """Read what is needed of a version. Raises WrongUseError or BadDataError when it has no sketches of this kind."""
    corpus = open_corpus(folder)
    if corpus.manifest is None:
        raise WrongUseError(f"{folder} is no version; publish it first, with `cleaner publish {folder} CLEAN`")
    files = shards(corpus.folder / "sketches", "sketches")
    if not files:
        raise WrongUseError(f"{corpus.folder} has no sketches: it was published without the stage dedup")
    found = [read_sketches(path, settings, signatures=False) for path in files]
    parts = [
        Part(path, corpus.folder / "data" / path.name.replace("sketches", "documents"), len(part))
        for path, part in zip(files, found, strict=True)
    ]
    return Earlier(corpus.name, str(corpus.manifest["content"]), joined(found), parts, settings.permutations)


def wanted_texts(earlier: Earlier, wanted: Flags) -> Iterator[tuple[int, str]]:
    """Number and text of some documents of a version; files without any of them are not read."""
    first = 0
    for part in earlier.parts:
        span = wanted[first : first + part.rows]
        if span.any() and part.texts and part.texts.is_file():
            documents = itertools.compress(enumerate(read_documents(part.texts), first), span.tolist())
            yield from ((number, document.text) for number, document in documents)
        first += part.rows
