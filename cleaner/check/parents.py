"""The version that a corpus is compared with."""

from pathlib import Path

from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.corpus import Corpus, open_corpus


def parent_of(corpus: Corpus) -> Corpus | None:
    """The version that a version says it comes after, if that still lies beside it and can be read."""
    name = corpus.manifest.get("parent") if corpus.manifest else None
    return readable(corpus.folder.parent / name) if isinstance(name, str) and name else None


def readable(version: Path) -> Corpus | None:
    """A version, or None if there is none there, or one of another format: there is nothing to compare with then."""
    try:
        return open_corpus(version)
    except (WrongUseError, BadDataError):
        return None
