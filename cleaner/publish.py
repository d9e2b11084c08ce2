"""Publish: a stage folder becomes a version of the corpus, numbered, checksummed and never changed again.

    clean/v3/data/        documents-00000.parquet …, the corpus
             dropped/     what is not in it, and why
             edits/       every change, stage by stage
             readings/    how each input file was read
             passages/    what stands in several documents
             sketches/    for finding copies of these documents in later batches
             quarantine/  the bytes of inputs that could not be read
             manifest.json  README.md  report.html
    clean/latest          the name of the newest version

A version is built under a temporary name and renamed when it is whole; `latest` is moved last. The manifest ties
inputs, settings, versions and outputs together by their SHA-256. Nothing in a version but the manifest's creation
time depends on when, where or by how many workers it was made.
"""

import datetime
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from cleaner.errors import BadDataError, WrongUseError
from cleaner.files import new_folder, sha256, table_digests, write_whole
from cleaner.files.corpus import Corpus, StageFiles
from cleaner.files.folder import FORMAT, as_json, read_json, shards
from cleaner.files.tables import count_rows
from cleaner.report import build_card, build_page

STRANGERS = "{folder} holds {name}, which cleaner did not put there; choose a folder for versions alone"
AT_HOME = re.compile(r"v\d+|latest|\w+\.md|\..*")  # what may lie in a folder of versions


class PublishedFile(BaseModel):
    """One file of a version."""

    model_config = ConfigDict(frozen=True)

    path: str  # below the version's folder
    bytes: int
    sha256: str
    rows: int | None  # of a Parquet file


class Manifest(BaseModel):
    """What a version is made of. `content` is the SHA-256 over all data files: equal content, equal corpus."""

    model_config = ConfigDict(frozen=True)

    format: int
    version: str
    parent: str | None
    created: str  # ISO 8601, UTC; from SOURCE_DATE_EPOCH where that is set
    forced: bool  # published although the check failed
    content: str
    documents: int
    characters: int
    tables: dict[str, str]  # SHA-256 of each file in cleaner/tables/
    stages: list[dict[str, Any]]  # reports: stage, settings, versions, counts; decode's has the inputs
    files: list[PublishedFile]


def publish(corpus: Corpus, clean: Path, broken: Sequence[str] = ()) -> tuple[Path, bool]:
    """Publish what is in a stage folder. Returns the version's folder, and whether it is new.

    The same content as that of the newest version makes no new one. Raises WrongUseError for a folder that holds
    other things, and BadDataError when another process publishes at the same moment.
    """
    if corpus.manifest is not None:
        raise WrongUseError(f"{corpus.folder} is a version already; publish a stage folder, such as work/5-dedup")
    refuse_strangers(clean)
    newest = newest_version(clean)
    number = int(newest[1:]) + 1 if newest else 1
    with new_folder(clean / f"v{number}") as partial:
        content = lay_out(corpus, partial)
        if newest and read_json(clean / newest / "manifest.json").get("content") == content:
            shutil.rmtree(partial)
            return clean / newest, False
        describe(corpus, partial, f"v{number}", newest, bool(broken), content)
    write_whole(clean / "latest", f"v{number}\n".encode())
    return clean / f"v{number}", True


def refuse_bad_clean(source: Path, clean: Path) -> None:
    """Refuse a folder of versions that lies in the input, around it, or is somebody's already."""
    here, there = source.resolve(), clean.resolve()
    if here == there or there.is_relative_to(here):
        raise WrongUseError(f"the output {clean} lies inside the input {source}; choose a folder beside it")
    refuse_strangers(clean)


def refuse_strangers(clean: Path) -> None:
    """Refuse to publish into a folder that is somebody's already."""
    if clean.exists() and not clean.is_dir():
        raise WrongUseError(f"the output {clean} is a file, not a folder")
    if clean.is_dir():
        for name in sorted(path.name for path in clean.iterdir()):
            if not AT_HOME.fullmatch(name):
                raise WrongUseError(STRANGERS.format(folder=clean, name=name))


def newest_version(clean: Path) -> str | None:
    """The name of the newest whole version, or None."""
    if not clean.is_dir():
        return None
    numbers = [
        int(path.name[1:])
        for path in clean.iterdir()
        if re.fullmatch(r"v\d+", path.name) and (path / "manifest.json").is_file()
    ]
    return f"v{max(numbers)}" if numbers else None


def lay_out(corpus: Corpus, version: Path) -> str:
    """Copy the data of a corpus into a new version. Returns the digest of the content."""
    for place in ("data", "dropped", "edits", "readings", "passages", "sketches"):
        (version / place).mkdir()
    for path in corpus.stages[-1].documents:
        shutil.copyfile(path, version / "data" / path.name)
    for path in shards(corpus.folder, "sketches"):
        shutil.copyfile(path, version / "sketches" / path.name)
    for number, stage in enumerate(corpus.stages, start=1):
        copy_numbered(stage.dropped, version / "dropped", f"{number}-{stage.stage}")
        copy_numbered(stage.edits, version / "edits", f"{number}-{stage.stage}")
        copy_numbered(stage.readings, version / "readings", f"{number}-{stage.stage}")
        copy_numbered(stage.passages, version / "passages", f"{number}-{stage.stage}")
        copy_quarantine(stage, version)
    digests = [f"{path.relative_to(version).as_posix()} {sha256(path)}\n" for path in files_of(version)]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def copy_numbered(paths: list[Path], folder: Path, prefix: str) -> None:
    """Copy the shards of one stage that have any rows."""
    for path in paths:
        if count_rows(path):
            shutil.copyfile(path, folder / f"{prefix}-{path.stem.rsplit('-', 1)[1]}.parquet")


def copy_quarantine(stage: StageFiles, version: Path) -> None:
    if stage.quarantine.is_dir():
        shutil.copytree(stage.quarantine, version / "quarantine", dirs_exist_ok=True)


def describe(corpus: Corpus, version: Path, name: str, parent: str | None, forced: bool, content: str) -> None:
    """Write what is said about a version: its card, its report and, last, its manifest."""
    write_whole(version / "README.md", build_card(corpus, name, parent).encode())
    write_whole(version / "report.html", build_page(corpus, name).encode())
    counts = corpus.stages[-1].report["counts"]
    manifest = Manifest(
        format=FORMAT,
        version=name,
        parent=parent,
        created=creation_time(),
        forced=forced,
        content=content,
        documents=counts["kept"],
        characters=counts["characters_out"],
        tables=table_digests(),
        stages=[
            {key: value for key, value in stage.report.items() if key not in ("format", "previous", "fingerprint")}
            for stage in corpus.stages
        ],
        files=[published_file(path, version) for path in files_of(version)],
    )
    write_whole(version / "manifest.json", as_json(manifest.model_dump()))


def files_of(version: Path) -> Iterator[Path]:
    """All files of a version in a fixed order."""
    yield from sorted(
        (path for path in version.rglob("*") if path.is_file()),
        key=lambda path: path.relative_to(version).as_posix(),
    )


def published_file(path: Path, version: Path) -> PublishedFile:
    place = path.relative_to(version)
    is_table = place.suffix == ".parquet" and place.parts[0] != "quarantine"
    return PublishedFile(
        path=place.as_posix(),
        bytes=path.stat().st_size,
        sha256=sha256(path),
        rows=count_rows(path) if is_table else None,
    )


def creation_time() -> str:
    """Now, or the moment that SOURCE_DATE_EPOCH names (reproducible-builds.org), in UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        moment = datetime.datetime.now(datetime.UTC)
    elif epoch.isascii() and epoch.isdigit():
        moment = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    else:
        raise WrongUseError(f"SOURCE_DATE_EPOCH is {epoch!r}; it must be a number of seconds since 1970")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def refuse_broken(failed: int, folder: Path) -> None:
    """Stop when a corpus that fails its check was to be published."""
    if failed:
        remedy = "mend the cause, or publish it as it is with `cleaner publish --force`"
        raise BadDataError(f"{failed} claims do not hold of {folder}, so nothing was published; {remedy}")
