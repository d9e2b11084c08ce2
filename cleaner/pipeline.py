"""The way of a document from raw/ to clean/: the stages, and how documents flow through them.

    raw/ ── decode ── normalize ── simplify ── repair ── dedup ── publish ──▶ clean/v1/

A stage is a function on documents. Here it is applied to folders: a folder is cut into shards, by the order and
size of its inputs alone; a shard job is a pure function on paths that reads one shard and writes one shard; and
whoever runs the jobs only has to offer `map(function, jobs)`. The bytes do not depend on who does.
"""

import functools
import hashlib
import importlib.metadata
import itertools
import json
import operator
import os
import platform
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cleaner
from cleaner.config import Config, RepairConfig
from cleaner.counts import Counts, total
from cleaner.decode import decode
from cleaner.dedup import drop_copies
from cleaner.dedup.earlier import Earlier, open_earlier
from cleaner.dedup.over_shards import decided
from cleaner.document import Document, Outcome, invert
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files import code_digest, sha256, table_digests
from cleaner.files.corpus import Corpus, Life
from cleaner.files.folder import (
    FORMAT,
    is_stage_folder,
    is_whole,
    read_json,
    read_report,
    shards,
    write_report,
    write_shard,
)
from cleaner.files.manifest import digest_of_tables
from cleaner.files.raw import Ignored, RawFile, RawText, cut_into_shards, find, read
from cleaner.files.resume import resuming_folder
from cleaner.files.tables import read_batches, read_documents
from cleaner.jobs import ShardJob, run_jobs, run_shards
from cleaner.normalize import normalize
from cleaner.readings import Tally
from cleaner.repair import repair
from cleaner.repair.breaks import NOBODY, Others
from cleaner.repair.links import Part, find_links, group_and_page, join_parts, joins_of, part_of
from cleaner.repair.witnesses import Answers, Questions, all_answers, all_questions, answers_of, others_of, questions_of
from cleaner.simplify import simplify

STAGES = ("decode", "normalize", "simplify", "repair", "dedup")
ON_DOCUMENTS: dict[str, Callable[[Iterable[Document], Any], Iterator[Outcome]]] = {
    "normalize": normalize,
    "simplify": simplify,
    "repair": repair,
}
EMPTY = ("empty", "empty file")  # reasons to drop an input in which nothing was lost
SHAPES_TEXT = ("chardet", "datasketch", "justext", "lxml", "numba", "numpy", "opencc", "pyarrow", "trafilatura")


def run_decode(raw: Path, folder: Path, config: Config, workers: int) -> dict[str, Any]:
    """Stage 1, from a folder or file of raw texts to a stage folder. Returns its report.

    Inputs that cannot be read do not stop it; `refuse_unreadable` judges the report. A folder that was made of the same
    inputs with the same settings and code stays as it is, and `unchanged` is set in the report that is returned.
    """
    refuse_bad_output(raw, folder)
    files, ignored = find(raw)
    if not files:
        passed_over = "".join(f"\n  passed over {entry.source}: {entry.reason}" for entry in ignored[:5])
        raise WrongUseError(f"there is nothing to read in {raw}{passed_over}")
    head = decode_head(files, ignored, config)
    if (done_before := report_of_same(folder, head["fingerprint"])) is not None:
        return done_before
    with resuming_folder(folder, head["fingerprint"]) as partial:
        cut = cut_into_shards(files, config.decode.shard_bytes)
        jobs = [ShardJob("decode", number, tuple(shard), partial, config) for number, shard in enumerate(cut)]
        done = run_shards(write_decoded, jobs, workers, tuple[Counts, Tally])
        counts, readings = total(part for part, _ in done), Tally()
        for _, tally in done:
            readings.add(tally)
        report = {**head, "counts": counts.as_json(), "readings": readings.as_json()}
        write_report(partial, report)
    return report


def report_of_same(folder: Path, fingerprint: str) -> dict[str, Any] | None:
    """The report of a folder that is there already and is what would be made; None if it must be made."""
    if not is_stage_folder(folder):
        return None
    report = read_json(folder / "report.json")
    is_same = report.get("format") == FORMAT and report.get("fingerprint") == fingerprint and is_whole(folder, report)
    return report | {"unchanged": True} if is_same else None


def refuse_unreadable(report: dict[str, Any], config: Config) -> None:
    """Fail when more of the inputs could not be read than is allowed. An empty one was read: there is nothing in it."""
    counts = report["counts"]
    unreadable = sum(count for kind, count in counts["dropped"].items() if kind not in EMPTY)
    if unreadable > config.decode.max_unreadable_share * counts["documents_in"]:
        limit = f"decode.max_unreadable_share = {config.decode.max_unreadable_share}"
        raise BadDataError(f"{unreadable} of {counts['documents_in']} inputs cannot be read, more than {limit} allows")


def run_stage(
    stage: str, source: Path, folder: Path, config: Config, workers: int, against: Path | None = None
) -> dict[str, Any]:
    """One of the later stages, from stage folder to stage folder. Returns the report of the new one.

    For dedup, `against` is an earlier version: what that has already is dropped. What is there already is not made
    again, as in `run_decode`.
    """
    refuse_bad_output(source, folder)
    earlier = open_earlier(against, config.dedup) if against else None
    report = stage_head(stage, source, folder, config, earlier)
    if (done_before := report_of_same(folder, report["fingerprint"])) is not None:
        return done_before
    found: dict[str, Any] = {}  # what dedup has to report beside its counts
    with resuming_folder(folder, report["fingerprint"]) as partial:
        jobs = [ShardJob(stage, number, path, partial, config) for number, path in enumerate(shards(source))]
        if stage == "dedup":
            jobs, found = decided(jobs, lambda function, jobs, name: run_jobs(function, jobs, workers, name), earlier)
        elif stage == "repair" and jobs and (config.repair.ask_other_texts or config.repair.learn_from_corpus):
            noted = run_jobs(note_questions, jobs, workers, "breaks")
            jobs = [replace(job, is_candidate=part.is_busy) for job, part in zip(jobs, noted, strict=True)]
            questions = all_questions(noted)
            asking = [replace(job, questions=questions) for job in jobs]
            answers = all_answers(run_jobs(find_answers, asking, workers, "witnesses"))
            jobs = [replace(job, answers=answers) for job in jobs]
        if stage == "repair" and config.repair.link == "join":
            counts = total(run_jobs(write_cleaned, jobs, workers, stage))  # these shards may be written again below
        else:
            counts = total(run_shards(write_cleaned, jobs, workers, Counts))
        report |= found
        if stage == "repair" and config.repair.link != "off":
            links, orphans = find_links(find_parts(shards(partial)))
            report |= {"links": [asdict(link) for link in links], "orphans": [asdict(orphan) for orphan in orphans]}
            if links and config.repair.link == "join":
                reader = DocumentReader(shards(partial))
                joins = joins_of(links, lambda name: reader(name).text)
                jobs = [replace(job, joins=joins) for job in jobs]
                counts = total(run_jobs(write_cleaned, jobs, workers, "join"))
        report["counts"] = counts.as_json()
        write_report(partial, report)
    return report


def run_stages(raw: Path, work: Path, config: Config, workers: int) -> Iterator[tuple[Path, dict[str, Any]]]:
    """All stages one after the other, each into its folder below `work`. Yields each folder and its report.

    Raises BadDataError after decode when too many inputs could not be read.
    """
    folder = work / "1-decode"
    decoded = run_decode(raw, folder, config, workers)
    yield folder, decoded
    refuse_unreadable(decoded, config)
    for number, stage in enumerate(STAGES[1:], start=2):
        source, folder = folder, work / f"{number}-{stage}"
        yield folder, run_stage(stage, source, folder, config, workers)


def text_before(stage: str, life: Life) -> str:
    """The text of a document as a stage saw it, or will see it. Raises ValueError when the ledger does not fit it."""
    text = life.document.text
    for done, edits in reversed(life.edits):
        if STAGES.index(done) >= STAGES.index(stage):
            text = invert(text, edits)
    return text


def texts_before(stage: str, corpus: Corpus) -> Iterator[str]:
    """The texts of all documents as a stage saw them, or will see them."""
    done = STAGES[: STAGES.index(stage)]
    return (text_before(stage, life) for life in corpus.lives() if life.dropped_in not in done)


# Shard jobs: pure functions on paths


def write_decoded(job: ShardJob) -> tuple[Counts, Tally]:
    """Decode the raw files of one shard."""
    assert isinstance(job.source, tuple)
    settings = job.config.decode
    inputs: Iterator[RawText] = (found for file in job.source for found in read(file, settings))
    tally = Tally()

    def seen() -> Iterator[Outcome]:
        for outcome in decode(inputs, settings):
            tally.see(outcome)
            yield outcome

    return write_shard(job.folder, job.number, "decode", seen()), tally


def write_cleaned(job: ShardJob) -> Counts:
    """Run a stage over the documents of one shard."""
    assert isinstance(job.source, Path)
    documents = read_documents(job.source)
    if job.stage == "dedup":
        outcomes = drop_copies(documents, job.decided, job.config.dedup)
    elif job.stage == "repair":
        others = others_of(job.answers) if job.answers is not None else NOBODY
        is_busy = itertools.repeat(True) if job.is_candidate is None else job.is_candidate.tolist()
        outcomes = repair_some(documents, is_busy, job.config.repair, others)
        if job.joins is not None:
            outcomes = join_parts(outcomes, job.joins)
    else:
        outcomes = ON_DOCUMENTS[job.stage](documents, getattr(job.config, job.stage))
    return write_shard(job.folder, job.number, job.stage, outcomes)


def repair_some(
    documents: Iterable[Document], is_busy: Iterable[bool], config: RepairConfig, others: Others
) -> Iterator[Outcome]:
    """Repair the documents that it may change, and pass the others on."""
    for busy, run in itertools.groupby(zip(documents, is_busy, strict=False), key=operator.itemgetter(1)):
        some = (document for document, _ in run)
        yield from repair(some, config, others) if busy else map(Outcome, some)


def note_questions(job: ShardJob) -> Questions:
    """The doubtful breaks of the documents of one shard."""
    assert isinstance(job.source, Path)
    return questions_of(read_documents(job.source), job.config.repair)


def find_answers(job: ShardJob) -> Answers:
    """What the texts of one shard say of the doubtful breaks of all."""
    assert isinstance(job.source, Path)
    assert job.questions is not None
    source = job.source
    return answers_of(lambda: (document.text for document in read_documents(source)), job.questions)


def find_parts(paths: list[Path]) -> Iterator[Part]:
    """The documents with jump lines, and those of the same paper and day, among which their partners are."""
    groups: set[str] = set()
    for path in paths:
        for batch in read_batches(path, ["source", "continued_from", "continued_on"]):
            rows = batch.to_pylist()
            groups |= {group_and_page(row["source"])[0] for row in rows if row["continued_from"] or row["continued_on"]}
    if groups:
        for path in paths:
            found = (document for document in read_documents(path) if group_and_page(document.source)[0] in groups)
            yield from map(part_of, found)


class DocumentReader:
    """Documents by id, for the few that have to be looked at again; holds at most two shards in memory."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths
        self.shard_of: dict[str, int] = {}
        for number, path in enumerate(paths):
            self.shard_of.update(dict.fromkeys((document.id for document in read_documents(path)), number))
        self.load = functools.lru_cache(maxsize=2)(self.read_shard)

    def read_shard(self, number: int) -> dict[str, Document]:
        return {document.id: document for document in read_documents(self.paths[number])}

    def __call__(self, name: str) -> Document:
        return self.load(self.shard_of[name])[name]


# What a report says of how it came about


def decode_head(files: list[RawFile], ignored: list[Ignored], config: Config) -> dict[str, Any]:
    """What can be said of a decoded folder before it is made."""
    inputs = [{"source": file.source, "bytes": file.size, "sha256": digest(file)} for file in files]
    read = {"inputs": inputs, "ignored": [asdict(entry) for entry in ignored]}
    return report_head("decode", config, None, read) | read


def stage_head(stage: str, source: Path, folder: Path, config: Config, earlier: Earlier | None) -> dict[str, Any]:
    """What can be said of the folder of a later stage before it is made."""
    before = read_report(source)
    previous = {
        "stage": before["stage"],
        "folder": Path(os.path.relpath(source, folder)).as_posix(),
        "fingerprint": before["fingerprint"],
    }
    inputs = [before["fingerprint"], earlier.content] if earlier else before["fingerprint"]
    against = {"against": {"version": earlier.name, "content": earlier.content}} if earlier else {}
    return report_head(stage, config, previous, inputs) | against


def report_head(stage: str, config: Config, previous: dict[str, str] | None, inputs: Any) -> dict[str, Any]:
    """Stage, settings, versions and where the documents came from, with a fingerprint of all that and of the code."""
    head = {
        "stage": stage,
        "settings": getattr(config, stage).model_dump(),
        "versions": versions(),
        "tables": digest_of_tables(table_digests()),
        "previous": previous,
    }
    known = {name: head[name] for name in ("stage", "settings", "versions")} | {"inputs": inputs, "code": code_digest()}
    content = json.dumps(known, sort_keys=True, ensure_ascii=False)
    return head | {"fingerprint": hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()}


@functools.cache
def versions() -> dict[str, str]:
    """Versions of everything that shapes the text or the bytes of a corpus."""
    found = {"cleaner": cleaner.__version__, "python": ".".join(platform.python_version_tuple()[:2])}
    found["unicode"] = unicodedata.unidata_version
    for name in SHAPES_TEXT:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def digest(file: RawFile) -> str:
    """The SHA-256 of an input, or an empty string if it cannot be read (which decode then says)."""
    try:
        return sha256(file.path)
    except OSError:
        return ""


def refuse_bad_output(source: Path, folder: Path) -> None:
    """Refuse an output folder whose replacing would harm the input or somebody's files."""
    here, there = source.resolve(), folder.resolve()
    if here == there or there.is_relative_to(here):
        raise WrongUseError(f"the output {folder} lies inside the input {source}; choose a folder beside it")
    if here.is_relative_to(there):
        raise WrongUseError(f"the input {source} lies inside the output {folder}, which would be replaced")
    if folder.exists() and not folder.is_dir():
        raise WrongUseError(f"the output {folder} is a file, not a folder")
    if folder.is_dir() and not is_stage_folder(folder) and any(folder.iterdir()):
        raise WrongUseError(f"the output {folder} is not empty and was not made by cleaner; choose another folder")
