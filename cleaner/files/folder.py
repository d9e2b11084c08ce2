"""Stage folders: what a stage kept, what it dropped, what it edited, and its report, written last.

    documents-00000.parquet   id, source, text, and the facts found so far
    dropped-00000.parquet     the same, with the reason and the document that stays in its place
    edits-00000.parquet       id, stage, step, rule, offset, before, after: the ledger, one row per edit
    readings-00000.parquet    decode only: how each file was read, and on what evidence
    passages-00000.parquet    dedup only: what stands in several documents
    quarantine/               the bytes of inputs that could not be read, under their path below raw/
    report.json               counts; its presence says that the folder is whole

A folder remembers which folder it was made from, so the life of a document can be followed back to raw/.

Where stage folders are only on the way to a version, documents are left for the next stage as Arrow, which is quicker
to write and to read, or not at all, if the next stage follows at once: see `Store`.
"""

import contextlib
import json
import operator
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from cleaner.counts import Counts
from cleaner.document import Document, Outcome, Unchanged
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files import open_whole, write_whole
from cleaner.files.columns import lengths
from cleaner.files.raw import is_part
from cleaner.files.readings import reading_row
from cleaner.files.tables import DOCUMENTS, DROPPED, READINGS, LedgerFile, TableFile, count_rows
from cleaner.places import at_way

FORMAT = 3  # of stage folders and versions; raised when a reader of the old format would misread the new
ROW_OVERHEAD, BYTES_PER_HAN, BYTES_PER_OFFSET = 100, 3, 8  # about the size of a row in memory
LONGEST_NAME = 200  # bytes of a file name in quarantine/; an escaped odd name can exceed what a disk allows

Store = Literal["parquet", "arrow", ""]  # how documents are left in a stage folder: for good, on the way, or not at all


class ShardFiles:
    """The files of one shard of a stage, filled document by document; `counts` say what they hold."""

    def __init__(self, folder: Path, shard: int, stage: str, store: Store = "parquet") -> None:
        self.folder = folder
        self.counts = Counts()
        self.in_columns = operator.attrgetter(*DOCUMENTS.names)
        self.kept = TableFile(folder / f"documents-{shard:05}.{store}", DOCUMENTS) if store else None
        self.dropped = TableFile(folder / f"dropped-{shard:05}.parquet", DROPPED)
        self.ledger = LedgerFile(folder / f"edits-{shard:05}.parquet", stage)
        readings = folder / f"readings-{shard:05}.parquet"
        self.readings = TableFile(readings, READINGS) if stage == "decode" else None

    def passed(self, outcomes: Iterable[Outcome]) -> Iterator[Document]:
        """Write what a stage did, and pass on the documents that it kept."""
        for outcome in outcomes:
            self.add(outcome)
            if not outcome.dropped:
                yield outcome.document

    def add(self, outcome: Outcome) -> None:
        """Write what a stage did with one document."""
        self.counts.see(outcome)
        document = outcome.document
        size = ROW_OVERHEAD + BYTES_PER_HAN * len(document.text)
        if outcome.dropped:
            self.dropped.add((*self.in_columns(document), outcome.dropped, outcome.by), size)
        elif self.kept is not None:
            self.kept.add(self.in_columns(document), size)
        if outcome.edits:
            self.ledger.add(document.id, outcome.edits)
        if self.readings is not None and outcome.reading is not None:
            reading = outcome.reading
            self.readings.add(reading_row(reading), ROW_OVERHEAD + BYTES_PER_OFFSET * len(reading.damaged))
        if outcome.quarantine is not None:
            keep_bytes(self.folder / "quarantine", document, outcome.quarantine)

    def keep(self, unchanged: Unchanged) -> None:
        """Write documents that stay as they are."""
        rows = unchanged.rows
        scripts, encodings = (rows.column(name).to_pylist() for name in ("script", "encoding"))
        characters = int(lengths(rows.column("text")).sum())
        self.counts.see_unchanged(characters, scripts, encodings)
        if self.kept is not None:
            self.kept.add_rows(rows, ROW_OVERHEAD * len(scripts) + BYTES_PER_HAN * characters)

    def __enter__(self) -> "ShardFiles":
        return self

    def __exit__(self, *problem: Any) -> None:
        files = contextlib.ExitStack()  # all are closed, even if one cannot be
        for file in (self.kept, self.dropped, self.ledger, self.readings):
            if file is not None:
                files.push(file)
        files.__exit__(*problem)


def write_shard(
    folder: Path, shard: int, stage: str, outcomes: Iterable[Outcome | Unchanged], store: Store = "parquet"
) -> Counts:
    """Write the files of one shard of a stage, and count what they hold."""
    with ShardFiles(folder, shard, stage, store) as files:
        for outcome in outcomes:
            if isinstance(outcome, Unchanged):
                files.keep(outcome)
            else:
                files.add(outcome)
    return files.counts


def keep_bytes(quarantine: Path, document: Document, content: bytes) -> None:
    """Keep the bytes of an input that could not be read, under its own path."""
    place = place_in_quarantine(quarantine, document.source, document.row)
    place.parent.mkdir(parents=True, exist_ok=True)
    with open_whole(place, quarantine.parent) as stream:
        stream.write(content)  # not flushed one by one: there may be very many


def place_in_quarantine(quarantine: Path, source: str, row: int | None) -> Path:
    """Where the bytes of an input, or of one row or part of it, are kept if they cannot be read."""
    parts = [part.encode()[:LONGEST_NAME].decode("utf-8", "ignore") for part in source.split("/")]
    place = quarantine.joinpath(*parts)
    kind = "part" if is_part(source, row) else "line"
    return place if row is None else place.with_name(f"{place.name}.{kind}-{row}")


def is_stage_folder(folder: Path) -> bool:
    """Whether a folder is one that a stage has finished."""
    return (folder / "report.json").is_file()


def is_whole(folder: Path, report: dict[str, Any], store: Store) -> bool:
    """Whether the files of a stage folder can be read and have the rows that its report counts."""
    counts = report["counts"]
    try:
        kept, dropped, edits = (
            sum(map(count_rows, shards(folder, kind))) for kind in ("documents", "dropped", "edits")
        )
        sketched = sum(map(count_rows, shards(folder, "sketches")))
    except BadDataError:
        return False
    is_kept = kept == counts["kept"] if store else not kept
    is_kept = is_kept and all(path.suffix == f".{store}" for path in shards(folder))
    has_documents = is_kept and counts["kept"] + dropped == counts["documents_in"]
    has_edits = edits == sum(rule["edits"] for rule in counts["rules"].values())
    return bool(has_documents and has_edits and (report["stage"] != "dedup" or sketched == kept))


def shards(folder: Path, kind: str = "documents") -> list[Path]:
    """The files of one kind in a stage folder, in order."""
    return sorted([*folder.glob(f"{kind}-*.parquet"), *folder.glob(f"{kind}-*.arrow")])


def read_report(folder: Path) -> dict[str, Any]:
    """The report of a stage folder. Raises WrongUseError when the folder is none, or not whole."""
    path = folder / "report.json"
    if not folder.is_dir():
        raise WrongUseError(f"there is no folder {folder}")
    if not path.is_file():
        raise WrongUseError(f"{folder} is no stage folder: it has no report.json (was the stage interrupted?)")
    report = read_json(path)
    if report.get("format") != FORMAT:
        whose = f"was made by another cleaner (format {report.get('format')}; this one reads {FORMAT})"
        raise WrongUseError(f"{folder} {whose}; run its stage again, from raw/ on")
    return report


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises BadDataError when it is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadDataError(f"{path} cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise BadDataError(f"{path} does not hold a JSON object")
    return value


def write_report(folder: Path, report: dict[str, Any]) -> None:
    """Say that a stage folder is whole, and what is in it."""
    write_whole(folder / "report.json", as_json({"format": FORMAT} | report))


def as_json(value: dict[str, Any]) -> bytes:
    """JSON for people and programs: indented, with Chinese characters as they are."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def chain(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The stage folders that led to this one, first to last, with their reports.

    Raises WrongUseError when one is gone or changed.
    """
    found = [(folder, read_report(folder))]
    while previous := found[0][1]["previous"]:
        after = found[0][0]
        before = at_way(after, previous["folder"])
        if not is_stage_folder(before):
            remedy = f"make it again with `cleaner {previous['stage']}`"
            raise WrongUseError(f"{after} was made from {before}, which is gone; {remedy}")
        report = read_report(before)
        if report["fingerprint"] != previous["fingerprint"]:
            raise WrongUseError(f"{before} has changed since {after} was made from it; make that again")
        found.insert(0, (before, report))
    return found
