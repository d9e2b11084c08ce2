"""Publish: a stage folder becomes a version of the corpus, numbered, checksummed and never changed again.

    clean/v3/data/        documents-00000.parquet …, the corpus
             dropped/     what is not in it, and why
             edits/       every change, stage by stage
             readings/    how each input file was read
             passages/    what stands in several documents
             sketches/    for finding copies of these documents in later batches
             quarantine/  the bytes of inputs that could not be read
             README.md  report.html  manifest.json
    clean/latest          the name of the newest version

1. Whoever publishes holds a lock on the folder of versions; of two at once, one is told so and does nothing.
2. What killed publishers left behind is removed, and `latest` is moved on if one of them did not come to that.
3. If the newest version has this very content, there is nothing to publish.
4. The files are copied under a hidden name, then described: card, report and, last, the manifest, which ties inputs,
   settings, versions and files together by their SHA-256. All of it is flushed to the disk.
5. The hidden folder gets its name, in one step, and `latest` is moved to it.

So a version is whole or not there, whenever the program is stopped. Nothing in it but the manifest's creation time
depends on when, where or by how many workers it was made.
"""

import datetime
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cleaner.check import Finding, forbidding
from cleaner.config import Config
from cleaner.engines.threads import in_threads
from cleaner.errors import BadDataError, StoreError, WrongUseError
from cleaner.files import table_digests, write_whole
from cleaner.files.corpus import Corpus, read_latest
from cleaner.files.durable import copy_file, flush, locked, make_folder, new_folder, remove_leftovers, write_file
from cleaner.files.folder import FORMAT, as_json
from cleaner.files.manifest import NAME, Manifest, PublishedFile, content_of, is_data, is_table, read_manifest, seal
from cleaner.files.tables import count_rows
from cleaner.pipeline import STAGES
from cleaner.provenance import versions as versions_at_work
from cleaner.publish.layout import has_content, plan_of
from cleaner.publish.versions import (
    leftovers,
    newest_version,
    next_version,
    number_of,
    refuse_bad_clean,
    refuse_strangers,
)
from cleaner.report import build_card, build_page, survey

__all__ = ["newest_version", "publish", "refuse_bad_clean", "refuse_broken"]

AT_A_TIME = 4  # files that are copied
TIME = "%Y-%m-%dT%H:%M:%SZ"
NOT_IN_MANIFEST = ("format", "previous", "fingerprint")  # of a stage's report: where its folder lay, and in what state


def publish(
    corpus: Corpus, clean: Path, findings: Sequence[Finding] = (), config: Config | None = None, workers: int = 1
) -> tuple[Path, bool]:
    """Publish what is in a stage folder. Returns the version's folder, and whether it is new.

    `findings` are shown on the page; the manifest says which of them do not hold, and whether it was forced. Of
    `config` the sections that are of no stage go into the manifest; the stages say themselves how they were run. The
    same content as that of the newest version makes no new one. So many `workers` look over the corpus for the report.

    Raises WrongUseError for a folder that holds other things, and BadDataError when another process is publishing or
    the disk does not take it; then there is no new version, or the message says that there is.
    """
    if corpus.manifest is not None:
        raise WrongUseError(f"{corpus.folder} is a version already; publish a stage folder, such as work/5-dedup")
    refuse_strangers(clean)
    creation_time()  # a wrong one is refused before anything is written
    config = config or Config()
    forced = bool(forbidding(findings, config.check))
    broken = [finding.claim.name for finding in findings if finding.is_broken]
    try:
        make_folder(clean)
        with locked(clean / ".lock", f"another process is publishing into {clean}; run again when it is done"):
            remove_leftovers(leftovers(clean))
            newest, name = newest_version(clean), next_version(clean)
            move_latest(clean, newest)
            plan = plan_of(corpus)
            parent = readable_manifest(clean / newest / NAME) if newest else None
            # Where `latest` names a version that is gone, only a new one makes the folder good again.
            if newest and parent and read_latest(clean) == newest and has_content(parent, plan):
                return clean / newest, False
            with new_folder(clean / name) as partial:
                files = copied_all(plan, partial)
                files += describe(corpus, partial, (name, newest), findings, workers)
                manifest = manifest_of(corpus, files, config)
                lineage = {"version": name, "parent": newest, "parent_content": parent.content if parent else None}
                manifest |= lineage | {"created": creation_time(), "forced": forced, "broken": broken}
                write_whole(partial / NAME, as_json(seal(manifest)))
            announce(clean, name)
    except OSError as error:
        raise BadDataError(f"cannot publish into {clean}: {error}; nothing was published") from None
    return clean / name, True


def copied_all(plan: Sequence[tuple[str, Path]], version: Path) -> list[PublishedFile]:
    """Copy all data files, some at a time: the disk, or a store, takes its time with each."""
    return list(in_threads(lambda entry: copied(entry[1], version, entry[0]), plan, AT_A_TIME))


def copied(source: Path, version: Path, path: str) -> PublishedFile:
    """Copy a data file to its place in a version. No link: a file that lies in work/, too, could be changed there."""
    target = version / path
    if not target.parent.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)  # another thread may have been here
    size, digest = copy_file(source, target)
    return PublishedFile(path=path, bytes=size, sha256=digest, rows=count_rows(target) if is_table(path) else None)


def describe(
    corpus: Corpus, version: Path, names: tuple[str, str | None], findings: Sequence[Finding], workers: int
) -> list[PublishedFile]:
    """Write what is said about a version to people: its card and its report. `names` are its own and its parent's."""
    name, parent = names
    found = survey(corpus, workers)  # all that is said of the texts comes from one look at them
    card = build_card(corpus, name, parent, found.held)
    page = build_page(corpus, name, findings, parent, found, workers)
    files = []
    for path, text in (("README.md", card), ("report.html", page)):
        content = text.encode()
        write_whole(version / path, content)
        digest = hashlib.sha256(content).hexdigest()
        files.append(PublishedFile(path=path, bytes=len(content), sha256=digest, rows=None))
    return files


def manifest_of(corpus: Corpus, files: list[PublishedFile], config: Config) -> dict[str, Any]:
    """What is said about a version to programs, but for its place among the others."""
    settings = {stage.stage: stage.report["settings"] for stage in corpus.stages}
    of_no_stage = {name: value for name, value in config.model_dump(mode="json").items() if name not in STAGES}
    of_no_stage["check"]["python"] = Path(config.check.python).name  # not where it lay
    counts = corpus.stages[-1].report["counts"]
    return {
        "format": FORMAT,
        "content": content_of((file.path, file.sha256) for file in files if is_data(file.path)),
        "documents": counts["kept"],
        "characters": counts["characters_out"],
        "config": settings | of_no_stage,
        "versions": versions_at_work(),
        "tables": table_digests(),
        "stages": [
            {key: value for key, value in stage.report.items() if key not in NOT_IN_MANIFEST} for stage in corpus.stages
        ],
        "files": [file.model_dump() for file in sorted(files, key=lambda file: file.path)],
    }


def readable_manifest(path: Path) -> Manifest | None:
    """The manifest of the newest version, or None: a version that cannot be read must not keep out the next one."""
    try:
        return read_manifest(path)
    except (BadDataError, WrongUseError):
        return None


def announce(clean: Path, name: str) -> None:
    """Make `latest` name a version that has just got its own name. Raises BadDataError when that fails: it is there."""
    try:
        flush(clean)
        move_latest(clean, name)
    except (OSError, StoreError) as error:
        said = f"{clean / name} is published, but {clean / 'latest'} could not be moved to it: {error}"
        raise BadDataError(f"{said}; the next `cleaner publish` does that") from None


def move_latest(clean: Path, name: str | None) -> None:
    """Make `latest` name a version, unless it names it or a later one already: it never goes back."""
    latest = read_latest(clean)
    if name and (latest is None or number_of(latest) < number_of(name)):
        write_file(clean / "latest", f"{name}\n".encode())


def creation_time() -> str:
    """Now, or the moment that SOURCE_DATE_EPOCH names (reproducible-builds.org), in UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.datetime.now(datetime.UTC).strftime(TIME)
    try:
        seconds = int(epoch) if epoch.isascii() and epoch.isdigit() else -1
        if seconds >= 0:
            return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime(TIME)
    except (ValueError, OverflowError, OSError):  # of a moment beyond the year 9999
        pass
    raise WrongUseError(f"SOURCE_DATE_EPOCH is {epoch!r}; it must be a number of seconds since 1970")


def refuse_broken(failed: int, folder: Path) -> None:
    """Stop when a corpus that fails its check was to be published."""
    if failed:
        remedy = "mend the cause, or publish it as it is with `cleaner publish --force`"
        raise BadDataError(f"{failed} claims do not hold of {folder}, so nothing was published; {remedy}")
