"""A corpus opened for reading: a stage folder with all that led to it, or a published version."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.document import Document, Edits, Reading
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.folder import chain, is_stage_folder, shards
from cleaner.files.ledger import read_ledger, read_ledger_of
from cleaner.files.lookup import names_in, rows_of
from cleaner.files.manifest import NAME, read_plain_manifest
from cleaner.files.readings import as_reading, read_readings
from cleaner.files.tables import as_document, read_documents, read_rows

VERSION = re.compile("v[1-9][0-9]*")  # the name of a version


@dataclass(frozen=True, slots=True)
class StageFiles:
    """What one stage left: its name, its report, and its files, one of each per shard."""

    stage: str
    report: dict[str, Any]
    dropped: list[Path]
    edits: list[Path]
    readings: list[Path]  # of decode, unless it is from before there were any
    passages: list[Path]  # of dedup, unless they were not looked for
    sketches: list[Path]  # of dedup; of a version: those of the last stage
    documents: list[Path]  # of a version: those of the last stage only
    quarantine: Path


@dataclass(frozen=True, slots=True)
class Life:
    """One document of a corpus with all that happened to it, stage by stage."""

    document: Document
    edits: Sequence[tuple[str, Edits]]  # the stage and what one run of one of its rules did
    dropped: str = ""
    by: str = ""
    dropped_in: str = ""  # the stage


@dataclass(frozen=True, slots=True)
class Corpus:
    """A stage folder or a version. `stages` are those that made it, first to last."""

    folder: Path
    stages: list[StageFiles]
    manifest: dict[str, Any] | None  # of a version: the fields of `cleaner.files.manifest.Manifest` as plain values

    @property
    def name(self) -> str:
        return self.folder.name

    def documents(self) -> Iterator[Document]:
        """The documents that were kept, in order."""
        for path in self.stages[-1].documents:
            yield from read_documents(path)

    def dropped(self) -> Iterator[tuple[Document, str, str, str]]:
        """The documents that were dropped, as (document, stage, reason, id of the one that stays)."""
        for stage in self.stages:
            for path in stage.dropped:
                for row in read_rows(path):
                    yield as_document(row), stage.stage, row["reason"], row["by"]

    def readings(self) -> Iterator[Reading]:
        """How each input file was read, in order."""
        for stage in self.stages:
            for path in stage.readings:
                yield from read_readings(path)

    def lives(self) -> Iterator[Life]:
        """Every document, kept or dropped, with its history; one shard's ledger is in memory at a time."""
        for path in self.stages[-1].documents:
            yield from self.lives_of_shard(shard_number(path), path)

    def lives_of_shard(self, number: int, documents: Path) -> Iterator[Life]:
        ledger = read_ledger(path for stage in self.stages for path in stage.edits if shard_number(path) == number)
        runs = ledger.histories()

        for document in read_documents(documents):
            yield Life(document, ledger.history(runs.get(document.id, [])))
        for stage in self.stages:
            for path in stage.dropped:
                if shard_number(path) == number:
                    for row in read_rows(path):
                        document = as_document(row)
                        history = ledger.history(runs.get(document.id, []))
                        yield Life(document, history, row["reason"], row["by"], stage.stage)

    def find(self, key: str) -> Life:
        """The document with this id, the beginning of its id, or its path below raw/.

        Raises WrongUseError when there is none, or more than one.
        """
        if not key:
            raise WrongUseError("name a document: its id, the beginning of its id, or its path below raw/")
        matches: dict[str, str] = {}
        place: tuple[Path, str] | None = None
        for path, stage in self.files_of_documents():
            for name, source in names_in(path, key):
                place = place or (path, stage)
                matches.setdefault(name, source)
        if not matches or place is None:
            raise WrongUseError(f"{self.folder} has no document with the id or path {key!r}")
        if len(matches) > 1:
            some = ", ".join(f"{name} ({source})" for name, source in list(matches.items())[:5])
            raise WrongUseError(f"{key!r} stands for {len(matches)} documents, such as {some}; give more of the id")
        return self.life_of(next(iter(matches)), *place)

    def files_of_documents(self) -> Iterator[tuple[Path, str]]:
        """The files of kept documents, then those of dropped ones with the stage that dropped them."""
        yield from ((path, "") for path in self.stages[-1].documents)
        yield from ((path, stage.stage) for stage in self.stages for path in stage.dropped)

    def life_of(self, name: str, path: Path, dropped_in: str) -> Life:
        """The document with this id in a file, with its history, of which no more than needed is read."""
        row = next(rows_of([path], [name]))
        shard = shard_number(path)
        ledgers = [path for stage in self.stages for path in stage.edits if shard_number(path) == shard]
        edits = [(stage, edits) for _, stage, edits in read_ledger_of(ledgers, [name]).runs()]
        if not dropped_in:
            return Life(as_document(row), edits)
        return Life(as_document(row), edits, row["reason"], row["by"], dropped_in)

    def document(self, name: str) -> Document | None:
        """The document with this id, kept or dropped, or None."""
        for path, _ in self.files_of_documents():
            for row in rows_of([path], [name]):
                return as_document(row)
        return None

    def reading(self, name: str) -> Reading | None:
        """How the file of the document with this id was read, or None for the row of a table."""
        paths = [path for stage in self.stages for path in stage.readings]
        return next(map(as_reading, rows_of(paths, [name])), None)


def shard_number(path: Path) -> int:
    """The number at the end of a shard's file name."""
    return int(path.stem.rsplit("-", 1)[1])


def open_corpus(folder: Path) -> Corpus:
    """Open a stage folder, a version, or the newest version of a folder of versions."""
    if not folder.is_dir():
        raise WrongUseError(f"there is no folder {folder}")
    if (folder / NAME).is_file():
        return open_version(folder)
    if is_stage_folder(folder):
        return Corpus(folder, [open_stage(place, report) for place, report in chain(folder)], None)
    if latest := read_latest(folder):
        if not (folder / latest).is_dir():
            raise WrongUseError(f"{folder}/latest names {latest}, which is not there; name a version, or publish again")
        return open_version(folder / latest)
    if any(VERSION.fullmatch(path.name) for path in folder.iterdir()):
        raise WrongUseError(f"{folder} has no `latest` to say which version is meant; name one, or publish again")
    raise WrongUseError(f"{folder} is neither a stage folder nor a version: it has no report.json or manifest.json")


def open_stage(folder: Path, report: dict[str, Any]) -> StageFiles:
    return StageFiles(
        report["stage"],
        report,
        shards(folder, "dropped"),
        shards(folder, "edits"),
        shards(folder, "readings"),
        shards(folder, "passages"),
        shards(folder, "sketches"),
        shards(folder),
        folder / "quarantine",
    )


def read_latest(clean: Path) -> str | None:
    """The version that `latest` names in a folder of versions, or None. Raises BadDataError when it names none."""
    path = clean / "latest"
    if not path.is_file():
        return None
    name = path.read_bytes().decode("utf-8", "replace").strip()
    if not VERSION.fullmatch(name):
        raise BadDataError(f"{path} holds {name!r:.60} instead of the name of a version; remove it and publish again")
    return name


def open_version(folder: Path) -> Corpus:
    """Open a published version. Raises WrongUseError for one of another format, BadDataError for a damaged manifest."""
    if not (folder / NAME).is_file():
        raise BadDataError(f"{folder} is no whole version: it has no {NAME}; take it from a copy, or publish again")
    manifest = read_plain_manifest(folder / NAME)
    # By the manifest and not by what lies there: a missing file is then missed, and a foreign one is not read.
    tables = [file["path"] for file in manifest["files"] if file["rows"] is not None]

    def listed(beginning: str) -> list[Path]:
        return [folder / path for path in tables if path.startswith(beginning)]

    stages = []
    for number, report in enumerate(manifest["stages"], start=1):
        dropped, edits, readings, passages = (
            listed(f"{place}/{number}-{report['stage']}-") for place in ("dropped", "edits", "readings", "passages")
        )
        sketches = listed("sketches/") if number == len(manifest["stages"]) else []
        documents, quarantine = listed("data/documents-"), folder / "quarantine"
        files = (dropped, edits, readings, passages, sketches, documents, quarantine)
        stages.append(StageFiles(report["stage"], report, *files))
    return Corpus(folder, stages, manifest)
