"""The way of a document from raw/ to clean/: the stages, and how documents flow through them.

    raw/ ── decode ── normalize ── simplify ── repair ── dedup ── publish ──▶ clean/v1/

A stage is a function on documents. Here it is applied to folders: a folder is cut into shards, by the order and
size of its inputs alone; a shard job is a pure function on paths that reads one shard and writes one shard; and
whoever runs the jobs only has to offer `map(function, jobs)`. The bytes do not depend on who does.

The first three stages look at one document at a time: documents stream through them, and each leaves its files. Repair
asks the whole corpus about doubtful breaks and dedup compares all documents: they are passes of their own.
"""

import contextlib
import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cleaner.config import Config
from cleaner.counts import total
from cleaner.decode import decode
from cleaner.dedup import write_down
from cleaner.dedup.index import open_against
from cleaner.dedup.over_shards import decided
from cleaner.document import Document, Outcome, Unchanged, code_points, invert
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.ahead import in_order, read_all
from cleaner.files.columns import joined_texts
from cleaner.files.corpus import Corpus, Life
from cleaner.files.folder import (
    BYTES_PER_HAN,
    FORMAT,
    ShardFiles,
    Store,
    is_stage_folder,
    is_whole,
    read_json,
    read_report,
    shards,
    write_report,
    write_shard,
)
from cleaner.files.pieces import digest_and_pieces
from cleaner.files.raw import RawFile, cut_into_shards, find, shard_size
from cleaner.files.resume import resuming_folder
from cleaner.files.stored import is_resumable
from cleaner.files.tables import documents_of, read_batches, read_documents, read_some
from cleaner.jobs import Done, ShardJob, Step, run_jobs, run_shards
from cleaner.normalize import normalize
from cleaner.places import lies_in
from cleaner.provenance import decode_head, stage_head
from cleaner.readings import Tally, all_readings
from cleaner.repair import repairer
from cleaner.repair.corpus_grams import BATCH as COUNT
from cleaner.repair.corpus_grams import BETWEEN
from cleaner.repair.links import Part, find_links, group_and_page, join_parts, joins_of, names_day, part_of
from cleaner.repair.looks import BATCH as LOOK
from cleaner.repair.looks import Batch
from cleaner.repair.witnesses import (
    Answers,
    Noted,
    all_answers,
    all_questions,
    answers_of,
    note,
    others_of,
    to_be_repaired,
)
from cleaner.simplify import simplify

STAGES = ("decode", "normalize", "simplify", "repair", "dedup")
STREAMED = STAGES[:3]
PASSING: tuple[Store, ...] = ("", "", "arrow", "arrow", "parquet")  # how documents pass through folders not for keeps
ON_DOCUMENTS: dict[str, Callable[[Iterable[Document], Any], Iterator[Outcome]]] = {
    "normalize": normalize,
    "simplify": simplify,
}
EMPTY = ("empty", "empty file")  # reasons to drop an input in which nothing was lost
MARKS = ["source", "continued_from", "continued_on"]  # what tells whether a document may be a part of an article


def run_decode(raw: Path, folder: Path, config: Config, workers: int) -> dict[str, Any]:
    """Stage 1, from a folder or file of raw texts to a stage folder. Returns its report.

    Inputs that cannot be read do not stop it; `refuse_unreadable` judges the report. A folder that was made of the same
    inputs with the same settings and code stays as it is, and `unchanged` is set in the report that is returned.
    """
    return run_streamed(raw, [Step("decode", folder)], config, workers)[0]


def run_streamed(source: Path, steps: list[Step], config: Config, workers: int) -> list[dict[str, Any]]:
    """Some of the first three stages in a row, from raw texts or a stage folder. Returns their reports, as they are.

    Folders that are there already are not made again, up to the first that must be made.
    """
    before, reports, are_same = source, list[dict[str, Any]](), True
    for step in steps:
        refuse_bad_output(before, step.folder)
        if step.stage == "decode":
            parts, head = look_at_inputs(source, config, workers)
        else:
            head = stage_head(step, before, reports[-1] if reports else read_report(before), config)
        same = report_of_same(step, head["fingerprint"]) if are_same else None
        reports.append(same or head)
        before, are_same = step.folder, same is not None
    first = sum("unchanged" in report for report in reports)
    if 0 < first < len(steps) and not steps[first - 1].store:
        first = 0  # there are no documents to go on from
    left, making = reports[first:], list[Step]()
    with contextlib.ExitStack() as stack:
        for step, report in zip(steps[first:], left, strict=True):
            partial = stack.enter_context(resuming_folder(step.folder, report["fingerprint"]))
            making.append(step._replace(folder=partial))
        if not making:
            return reports
        if making[0].stage != "decode":
            parts = shards(steps[first - 1].folder if first else source)
        jobs = [ShardJob(number, part, tuple(making), config) for number, part in enumerate(parts)]
        done = run_shards(write_streamed, jobs, workers)
        for number, (step, report) in enumerate(zip(making, left, strict=True)):
            report.pop("unchanged", None)
            report["counts"] = total(shard[number].counts for shard in done).as_json()
            if step.stage == "decode":
                report["readings"] = all_readings(shard[number].readings for shard in done).as_json()
            write_report(step.folder, report)
    return reports


def look_at_inputs(raw: Path, config: Config, workers: int) -> tuple[list[Any], dict[str, Any]]:
    """The inputs in a folder of raw texts, cut into shards, and what a report says of them.

    Raises WrongUseError when there is nothing to read.
    """
    files, ignored = find(raw)
    if not files:
        passed_over = "".join(f"\n  passed over {entry.source}: {entry.reason}" for entry in ignored[:5])
        raise WrongUseError(f"there is nothing to read in {raw}{passed_over}")
    size = shard_size(files, config.decode.shard_bytes)
    look = functools.partial(digests_and_pieces, shard_bytes=size, config=config)
    looks = list(itertools.chain.from_iterable(run_jobs(look, cut_into_shards(files, size), workers, "inputs")))
    pieces = itertools.chain.from_iterable(cut or [file] for file, (_, cut) in zip(files, looks, strict=True))
    parts = [tuple(shard) for shard in cut_into_shards(pieces, size)]
    return parts, decode_head(files, [sha256 for sha256, _ in looks], ignored, config)


def report_of_same(step: Step, fingerprint: str) -> dict[str, Any] | None:
    """The report of a folder that is there already and is what would be made; None if it must be made."""
    if not is_stage_folder(step.folder):
        return None
    report = read_json(step.folder / "report.json")
    if report.get("format") != FORMAT or report.get("fingerprint") != fingerprint:
        return None
    return report | {"unchanged": True} if is_whole(step.folder, report, step.store) else None


def refuse_unreadable(report: dict[str, Any], config: Config) -> None:
    """Fail when more of the inputs could not be read than is allowed. An empty one was read: there is nothing in it."""
    counts = report["counts"]
    unreadable = sum(count for kind, count in counts["dropped"].items() if kind not in EMPTY)
    if unreadable > config.decode.max_unreadable_share * counts["documents_in"]:
        limit = f"decode.max_unreadable_share = {config.decode.max_unreadable_share}"
        raise BadDataError(f"{unreadable} of {counts['documents_in']} inputs cannot be read, more than {limit} allows")


def run_stage(step: Step, source: Path, config: Config, workers: int, against: Path | None = None) -> dict[str, Any]:
    """One of the later stages, from stage folder to stage folder. Returns the report of the new one.

    For dedup, `against` is an earlier version, or an index: what that has already is dropped. What is there already is
    not made again, as in `run_decode`.
    """
    if step.stage in STREAMED:
        return run_streamed(source, [step], config, workers)[0]
    stage = step.stage
    refuse_bad_output(source, step.folder)
    earlier = open_against(against, config.dedup) if against else None
    report = stage_head(step, source, read_report(source), config, earlier)
    if (done_before := report_of_same(step, report["fingerprint"])) is not None:
        return done_before
    found: dict[str, Any] = {}  # what dedup has to report beside its counts
    with resuming_folder(step.folder, report["fingerprint"]) as partial:
        making = (step._replace(folder=partial),)
        jobs = [ShardJob(number, path, making, config) for number, path in enumerate(shards(source))]
        if stage == "dedup":
            jobs, found = decided(jobs, lambda function, jobs, name: run_jobs(function, jobs, workers, name), earlier)
        elif stage == "repair" and jobs:
            noted = run_jobs(note_questions, jobs, workers, "breaks")
            questions = all_questions([part.questions for part in noted])
            asking = [replace(job, questions=questions) for job in jobs]
            answers = all_answers(run_jobs(find_answers, asking, workers, "witnesses"))
            jobs = [replace(job, answers=answers, noted=part) for job, part in zip(jobs, noted, strict=True)]
        if stage == "repair" and config.repair.link == "join":
            done = run_jobs(write_cleaned, jobs, workers, stage)  # these shards may be written again below
        else:
            done = run_shards(write_cleaned, jobs, workers)
        report |= found
        if stage == "repair" and config.repair.link != "off":
            links, orphans = find_links(*parts_in(shards(partial)))
            report |= {"links": [asdict(link) for link in links], "orphans": [asdict(orphan) for orphan in orphans]}
            if links and config.repair.link == "join":
                reader = DocumentReader(shards(partial))
                joins = joins_of(links, lambda name: reader(name).text)
                jobs = [replace(job, joins=joins) for job in jobs]
                done = run_jobs(write_cleaned, jobs, workers, "join")
        report["counts"] = total(shard.counts for (shard,) in done).as_json()
        write_report(partial, report)
    return report


def run_stages(
    raw: Path, work: Path, config: Config, workers: int, keeps: bool = True
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """All stages one after the other, each into its folder below `work`. Yields each folder and its report.

    If the folders are not for keeps, those before the last are left without the documents, or with them as Arrow.
    Raises BadDataError after decode when too many inputs could not be read.
    """
    stores = ("parquet",) * 5 if keeps else PASSING
    named = zip(STAGES, stores, strict=True)
    steps = [Step(stage, work / f"{number}-{stage}", store) for number, (stage, store) in enumerate(named, start=1)]
    streamed = steps[: len(STREAMED)]
    for step, report in zip(streamed, run_streamed(raw, streamed, config, workers), strict=True):
        yield step.folder, report
        if step.stage == "decode":
            refuse_unreadable(report, config)
    for before, step in itertools.pairwise(steps[len(STREAMED) - 1 :]):
        yield step.folder, run_stage(step, before.folder, config, workers)


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


def digests_and_pieces(files: list[RawFile], shard_bytes: int, config: Config) -> list[tuple[str, list[RawFile]]]:
    """What must be known of some inputs before they are read: their digests, and the pieces of those that are cut."""
    look = functools.partial(digest_and_pieces, shard_bytes=shard_bytes, config=config.decode)
    return [(sha256, pieces if len(pieces) > 1 else []) for sha256, pieces in in_order(look, files)]


def write_streamed(job: ShardJob) -> list[Done]:
    """Let the documents of one shard go through some of the first three stages."""
    documents: Iterator[Document] = iter(())
    tally = Tally()
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(ShardFiles(step.folder, job.number, step.stage, step.store)) for step in job.steps]
        for step, file in zip(job.steps, files, strict=True):
            if step.stage == "decode":
                outcomes = decoded(job, tally)
            else:
                documents = documents if file is not files[0] else documents_in(job)
                outcomes = ON_DOCUMENTS[step.stage](documents, getattr(job.config, step.stage))
            documents = file.passed(outcomes)
        for _ in documents:
            pass
    return [
        Done(file.counts, tally if step.stage == "decode" else Tally())
        for step, file in zip(job.steps, files, strict=True)
    ]


def decoded(job: ShardJob, tally: Tally) -> Iterator[Outcome]:
    """Decode the raw files of one shard, and count how they were read."""
    assert isinstance(job.source, tuple)
    settings = job.config.decode
    for outcome in decode(read_all(job.source, settings), settings):
        tally.see(outcome)
        yield outcome


def documents_in(job: ShardJob) -> Iterator[Document]:
    """The documents of one shard."""
    assert not isinstance(job.source, tuple)
    return read_documents(job.source)


def write_cleaned(job: ShardJob) -> list[Done]:
    """Run repair or dedup over the documents of one shard, with what was found out about them."""
    if job.stage == "dedup":
        outcomes: Iterable[Outcome | Unchanged] = deduplicated(job)
    elif job.joins is None:
        outcomes = repaired(job)
    else:
        outcomes = join_parts(each_outcome(repaired(job)), job.joins)
    (step,) = job.steps
    return [Done(write_shard(step.folder, job.number, step.stage, outcomes, step.store))]


def deduplicated(job: ShardJob) -> Iterator[Outcome | Unchanged]:
    """What dedup makes of the documents of one shard."""
    assert not isinstance(job.source, tuple)
    for found in read_some(job.source, job.decided.concern):
        yield found if isinstance(found, Unchanged) else write_down(found, job.decided, job.config.dedup)


def repaired(job: ShardJob) -> Iterator[Outcome | Unchanged]:
    """What repair makes of the documents of one shard."""
    assert job.noted is not None and job.answers is not None and not isinstance(job.source, tuple)
    others = others_of(job.answers)
    is_busy, has_no_seams = to_be_repaired(job.noted, others)
    flags, known = iter(is_busy.tolist()), iter(has_no_seams[is_busy].tolist())
    repair_one = repairer(job.config.repair, others)
    for found in read_some(job.source, lambda batch: list(itertools.islice(flags, batch.num_rows))):
        yield found if isinstance(found, Unchanged) else repair_one(found, next(known))


def each_outcome(outcomes: Iterable[Outcome | Unchanged]) -> Iterator[Outcome]:
    """What became of each document by itself, unchanged or not."""
    for outcome in outcomes:
        if isinstance(outcome, Unchanged):
            yield from map(Outcome, documents_of(outcome.rows))
        else:
            yield outcome


def note_questions(job: ShardJob) -> Noted:
    """The doubtful breaks of the documents of one shard."""
    assert not isinstance(job.source, tuple)
    texts = joined_texts(job.source, "\n", BYTES_PER_HAN * LOOK)
    return note(itertools.starmap(Batch.of, texts), job.config.repair)


def find_answers(job: ShardJob) -> Answers:
    """What the texts of one shard say of the doubtful breaks of all."""
    assert job.questions is not None and not isinstance(job.source, tuple)
    texts = joined_texts(job.source, BETWEEN, BYTES_PER_HAN * COUNT)
    return answers_of((code_points(joined) for joined, _ in texts), job.questions)


def parts_in(paths: list[Path]) -> tuple[Iterator[Part], Counter[str]]:
    """The documents that may be parts of articles, and how many of them there are of each paper and day.

    They are the documents with jump lines, and those of the same paper and day, among which their partners are.
    """
    members, named = Counter[str](), set[str]()
    for path in paths:
        for batch in read_batches(path, MARKS):
            marked = groups_in(batch)
            members.update(group for group, is_marked in marked if is_marked or names_day(group))
            named.update(group for group, is_marked in marked if is_marked)

    def wanted(batch: Any) -> list[bool]:
        return [is_marked or (group in named and names_day(group)) for group, is_marked in groups_in(batch)]

    found = (document for path in paths if named for document in read_documents(path, wanted))
    return map(part_of, found), members


def groups_in(batch: Any) -> list[tuple[str, bool]]:
    """Of some documents, the paper and day, or the folder, and whether it has a jump line."""
    sources, *pages = (batch.column(name).to_pylist() for name in MARKS)
    groups = {source: group_and_page(source)[0] for source in set(sources)}  # the rows of a table have one source
    return [(groups[source], bool(back or on)) for source, back, on in zip(sources, *pages, strict=True)]


class DocumentReader:
    """Documents by id, for the few that have to be looked at again; holds at most two shards in memory."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths
        self.shard_of: dict[str, int] = {}
        for number, path in enumerate(paths):
            for batch in read_batches(path, ["id"]):
                self.shard_of.update(dict.fromkeys(batch.column("id").to_pylist(), number))
        self.load = functools.lru_cache(maxsize=2)(self.read_shard)

    def read_shard(self, number: int) -> dict[str, Document]:
        return {document.id: document for document in read_documents(self.paths[number])}

    def __call__(self, name: str) -> Document:
        return self.load(self.shard_of[name])[name]


def refuse_bad_output(source: Path, folder: Path) -> None:
    """Refuse an output folder whose replacing would harm the input or somebody's files."""
    here, there = source.resolve(), folder.resolve()
    if lies_in(there, here):
        raise WrongUseError(f"the output {folder} lies inside the input {source}; choose a folder beside it")
    if lies_in(here, there):
        raise WrongUseError(f"the input {source} lies inside the output {folder}, which would be replaced")
    if folder.exists() and not folder.is_dir():
        raise WrongUseError(f"the output {folder} is a file, not a folder")
    if folder.is_dir() and not is_stage_folder(folder) and any(folder.iterdir()) and not is_resumable(folder):
        raise WrongUseError(f"the output {folder} is not empty and was not made by cleaner; choose another folder")
