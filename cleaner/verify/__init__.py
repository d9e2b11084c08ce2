"""Verify: is a version what it says that it is, and does it lead back to the bytes that it was made from?

A version is examined from the outside in. First its files: is each there, with its size, SHA-256 and rows, and no
other, and is the manifest as it was written? Where the tables are not as they were published there is no use in
reading on, and the rest is said to be not examined. Then its account: are as many documents and characters there as
it says, and in every stage what came in is what went out or was dropped? Last its origin: does every document, kept or
dropped, lead back to the bytes that were read; with the raw folder at hand, to the very bytes that lie there?

What is no fault of a version is a note: other tables in this cleaner, new inputs, a parent that was removed, and that
it was published although claims did not hold.
"""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from cleaner.errors import BadDataError, EditedManifestWarning, WrongUseError
from cleaner.files import table_digests
from cleaner.files.corpus import VERSION, Corpus, open_version, read_latest
from cleaner.files.manifest import NAME, digest_of_tables, is_table, read_manifest
from cleaner.files.stored import without_unfinished
from cleaner.verify.account import (
    Failure,
    changed_content,
    changed_files,
    miscounted,
    vanished_characters,
    vanished_documents,
)
from cleaner.verify.rebuild import changed_inputs, leading_elsewhere, new_inputs, otherwise_in_raw
from cleaner.verify.recount import misreported

FILES = "every file has the size, SHA-256 and rows that the manifest gives, and there is no other"
ACCOUNT = (
    ("the content digest is that of the data files", changed_content),
    ("there are as many documents and characters as the manifest says", miscounted),
    ("the counts of every stage are those of its ledger and of what it dropped", misreported),
    ("documents read = kept + dropped, in every stage", vanished_documents),
    ("characters in - removed + added - dropped = characters out, in every stage", vanished_characters),
)


@dataclass(frozen=True, slots=True)
class Examined:
    """A sentence that must be true of a version, and what it is not true of."""

    sentence: str
    failures: list[Failure] = field(default_factory=list)
    is_skipped: bool = False  # not examined: the files were not fit for it


def verify(folder: Path, raw: Path | None = None) -> Iterator[Examined]:
    """Examine a version. Raises WrongUseError for one of another format, BadDataError for one without a manifest."""
    corpus = open_quietly(folder)
    files = examined(FILES, partial(changed_files, corpus))
    yield files
    tables = {file["path"] for file in corpus.manifest["files"] if is_table(file["path"])} if corpus.manifest else set()
    readable = tables.isdisjoint(failure.source for failure in files.failures)
    for sentence, function in examinations(corpus, raw):
        yield examined(sentence, function) if readable else Examined(sentence, is_skipped=True)


def examinations(corpus: Corpus, raw: Path | None) -> Iterator[tuple[str, Callable[[], Iterator[Failure]]]]:
    """What is examined when the files are as they were published."""
    for sentence, function in ACCOUNT:
        yield sentence, partial(function, corpus)
    if corpus.manifest and corpus.manifest["parent"]:
        yield "its parent has the content that it had", partial(changed_parent, corpus)
    if raw is None:
        yield "every text leads back to the bytes that were read", partial(leading_elsewhere, corpus)
    else:
        yield f"every input is in {raw}, with its size and SHA-256", partial(changed_inputs, corpus, raw)
        yield f"every document leads back to its bytes in {raw}", partial(otherwise_in_raw, corpus, raw)


def examined(sentence: str, failures: Callable[[], Iterator[Failure]]) -> Examined:
    """Examine one sentence. A file that cannot be read, or an edited value that cannot be used, is a failure of it."""
    found: list[Failure] = []
    try:
        found += failures()
    except (BadDataError, ValueError) as error:
        found.append(Failure("", "", " ".join(str(error).split())))
    return Examined(sentence, found)


def changed_parent(corpus: Corpus) -> Iterator[Failure]:
    """Whether the version that this one followed is another by now. That it is gone is no fault of this one."""
    assert corpus.manifest is not None
    name, content = corpus.manifest["parent"], corpus.manifest["parent_content"]
    with contextlib.suppress(BadDataError, WrongUseError):
        found = read_manifest(corpus.folder.parent / name / NAME).content
        if content not in (None, found):
            yield Failure("", name, f"has the content {found}, but this version followed one with {content}")


def notes(folder: Path, raw: Path | None = None) -> Iterator[str]:
    """What is worth knowing of a version and no fault of it."""
    corpus = open_quietly(folder)
    manifest = corpus.manifest
    assert manifest is not None
    if manifest["forced"]:
        yield f"it was published although this did not hold: {'; '.join(manifest['broken'])}"
    if manifest["parent"] and not (folder.parent / manifest["parent"] / NAME).is_file():
        yield f"its parent {manifest['parent']} is not here any more"
    here, there = table_digests(), manifest["tables"]
    for name in sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name)):
        yield f"this cleaner has another {name} than the one that it was published with"
    for stage in manifest["stages"]:
        if stage["tables"] != digest_of_tables(there):
            yield f"{stage['stage']} was run with other tables than those that it was published with"
    if raw is not None:
        yield from (f"{source} is in {raw}, but was not when it was made" for source in new_inputs(corpus, raw))


def open_quietly(folder: Path) -> Corpus:
    """Open a version; that its manifest was edited is a finding here, not a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EditedManifestWarning)
        return open_version(folder)


def versions_in(folder: Path, every: bool) -> list[Path]:
    """The version that a path names: itself, or of a folder of versions the latest, or all of them.

    Raises WrongUseError when there is none.
    """
    if not folder.is_dir():
        raise WrongUseError(f"there is no folder {folder}")
    if (folder / NAME).is_file() or VERSION.fullmatch(folder.resolve().name):
        if every:
            raise WrongUseError(f"{folder} is one version; --all wants a folder of versions")
        return [folder]
    there = (path for path in without_unfinished(list(folder.iterdir())) if VERSION.fullmatch(path.name))
    found = sorted(there, key=lambda path: int(path.name[1:]))
    if not found:
        raise WrongUseError(f"{folder} is no version and holds none; verify what `cleaner publish` made")
    return found if every else [folder / (read_latest(folder) or found[-1].name)]


def as_row(version: Path, entry: Examined) -> dict[str, Any]:
    """What was examined, for programs."""
    failures = [{"id": one.id, "source": one.source, "found": one.found} for one in entry.failures]
    state = "skipped" if entry.is_skipped else "failed" if failures else "ok"
    return {"version": version.name, "sentence": entry.sentence, "state": state, "failures": failures}
