"""What a version says of itself, held against its files: sizes, digests and rows, and the account of every stage."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.compute as pc
from tqdm import tqdm

from cleaner.errors import BadDataError
from cleaner.files import sha256
from cleaner.files.corpus import VERSION, Corpus
from cleaner.files.manifest import NAME, PublishedFile, content_of, is_data, is_edited
from cleaner.files.tables import count_rows, read_batches


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is not as it must be: a document, a file (`source` is its path), or else the whole corpus."""

    id: str
    source: str
    found: str


@dataclass(slots=True)
class Characters:
    """The code points that are in the files of a corpus; of the stages by their numbers, from 0 on."""

    kept: int = 0
    removed: Counter[int] = field(default_factory=Counter)  # by the edits of a stage
    added: Counter[int] = field(default_factory=Counter)
    dropped: Counter[int] = field(default_factory=Counter)  # with documents

    def add(self, other: "Characters") -> None:
        self.kept += other.kept
        for name in ("removed", "added", "dropped"):
            getattr(self, name).update(getattr(other, name))


def changed_files(corpus: Corpus) -> Iterator[Failure]:
    """Files of a version that are missing, changed or not in its manifest, and the manifest if it was edited."""
    if corpus.manifest is None:
        return
    if is_edited(corpus.manifest):
        yield Failure("", NAME, "was edited after it was written: its digest is that of other values")
    if VERSION.fullmatch(name := corpus.folder.resolve().name) and corpus.manifest["version"] != name:
        yield Failure("", NAME, f"is that of {corpus.manifest['version']}")
    present = {
        path.relative_to(corpus.folder).as_posix(): path
        for path in sorted(corpus.folder.rglob("*"))
        if not path.is_dir() and path != corpus.folder / NAME
    }
    listed = [PublishedFile.model_validate(entry) for entry in corpus.manifest["files"]]
    for file in tqdm(listed, desc="files", unit="file", disable=None, leave=False):
        found = what_is_wrong(file, present[file.path]) if file.path in present else "is in the manifest, but not there"
        if found:
            yield Failure("", file.path, found)
    for name in sorted(present.keys() - {file.path for file in listed}):
        yield Failure("", name, "is there, but not in the manifest")


def what_is_wrong(file: PublishedFile, path: Path) -> str:
    """How a file differs from what the manifest says of it, or an empty string."""
    if not path.is_file():
        return "is no regular file any more"
    try:
        size = path.stat().st_size
        is_same = size == file.bytes and sha256(path) == file.sha256
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    try:
        rows = count_rows(path) if file.rows is not None else None
    except BadDataError:
        return f"{change_of(size, file)}, and is no readable Parquet file any more"
    if not is_same:
        return change_of(size, file)
    return "" if rows == file.rows else f"has {rows:,} rows, and {file.rows:,} in the manifest"


def change_of(size: int, file: PublishedFile) -> str:
    """What happened to a file, as far as its size tells."""
    if size < file.bytes:
        return f"is cut short: it has {size:,} bytes, and {file.bytes:,} in the manifest"
    if size > file.bytes:
        return f"has grown: it has {size:,} bytes, and {file.bytes:,} in the manifest"
    return "does not have the SHA-256 that the manifest gives"


def changed_content(corpus: Corpus) -> Iterator[Failure]:
    """Whether the content digest is that of the data files, as the manifest lists them."""
    assert corpus.manifest is not None
    files = [(file["path"], file["sha256"]) for file in corpus.manifest["files"] if is_data(file["path"])]
    if (found := content_of(files)) != corpus.manifest["content"]:
        yield Failure("", NAME, f"says that the content is {corpus.manifest['content']}; by its files it is {found}")


def miscounted(corpus: Corpus) -> Iterator[Failure]:
    """Whether there are as many documents and characters as the manifest says."""
    assert corpus.manifest is not None
    paths = corpus.stages[-1].documents
    found = {"documents": sum(map(count_rows, paths)), "characters": sum_of_lengths(paths, "text")}
    for what, count in found.items():
        if count != corpus.manifest[what]:
            yield Failure("", NAME, f"says that there are {corpus.manifest[what]:,} {what}; there are {count:,}")


def vanished_documents(corpus: Corpus) -> Iterator[Failure]:
    """Stages after which documents are missing, by their files and not by their word."""
    kept = sum(count_rows(path) for path in corpus.stages[-1].documents)
    dropped = [sum(count_rows(path) for path in stage.dropped) for stage in corpus.stages]
    was_read = corpus.stages[0].report["counts"]["documents_in"]
    if was_read != kept + sum(dropped):
        yield Failure("", "", f"{was_read} documents were read, but {kept} kept and {sum(dropped)} dropped")
    for before, after in zip(corpus.stages, corpus.stages[1:], strict=False):
        out, into = before.report["counts"]["kept"], after.report["counts"]["documents_in"]
        if out != into:
            yield Failure("", "", f"{out} documents left {before.stage}, but {into} came to {after.stage}")


def vanished_characters(corpus: Corpus, found: Characters | None = None) -> Iterator[Failure]:
    """Stages in which characters in - removed + added - dropped is not characters out, by the ledger's own columns.

    What is `found` in the files is counted here, unless the caller has done so.
    """
    found = found or characters_in(corpus)
    characters = corpus.stages[0].report["counts"]["characters_in"]
    for number, stage in enumerate(corpus.stages):
        characters += found.added[number] - found.removed[number] - found.dropped[number]
        said = stage.report["counts"]["characters_out"]
        if characters != said:
            yield Failure("", "", f"after {stage.stage} there should be {characters} characters, not {said}")
            characters = said
    if found.kept != characters:
        yield Failure("", "", f"the documents have {found.kept} characters; by the ledger it should be {characters}")


def characters_in(corpus: Corpus) -> Characters:
    """The characters that are in the files of a corpus."""
    found = Characters(sum_of_lengths(corpus.stages[-1].documents, "text"))
    for number, stage in enumerate(corpus.stages):
        found.removed[number] = sum_of_lengths(stage.edits, "before")
        found.added[number] = sum_of_lengths(stage.edits, "after")
        found.dropped[number] = sum_of_lengths(stage.dropped, "text")
    return found


def sum_of_lengths(paths: list[Path], column: str) -> int:
    """The code points in a text column of some files."""
    count = 0
    for path in paths:
        for batch in read_batches(path, [column]):
            count += pc.sum(pc.utf8_length(batch.column(0))).as_py() or 0
    return count
