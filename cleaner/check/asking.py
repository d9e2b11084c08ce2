"""Asking all documents, once: every claim about a document is put to each of them while its shard is at hand.

A shard is one unit of work, as in the stages, so the answers are the same for any number of workers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cleaner.check.asked import Asked, Whole
from cleaner.check.claim import Claim, Failure
from cleaner.check.claims import CLAIMS
from cleaner.check.own import python_claims
from cleaner.check.statistics import Removed
from cleaner.counts import kind_of
from cleaner.dedup.boilerplate import source_of
from cleaner.files.corpus import Corpus, Life, shard_number
from cleaner.files.tables import read_batches
from cleaner.jobs import run_jobs

KINDS = ("dropped", "edits", "readings", "passages", "documents")  # of the files of a stage


@dataclass(slots=True)
class Answers:
    """What some documents said: what breaks each claim, by its name, and what of each source went."""

    failures: dict[str, list[Failure]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)  # why a claim could not be asked of all
    removed: dict[str, Removed] = field(default_factory=dict)

    def add(self, other: "Answers") -> None:
        """Take in the answers of the next shard."""
        for name, failures in other.failures.items():
            self.failures.setdefault(name, []).extend(failures)
        self.errors = other.errors | self.errors
        for source, removed in other.removed.items():
            self.removed.setdefault(source, Removed()).add(removed)


@dataclass(frozen=True, slots=True)
class ShardOfCorpus:
    """One shard, and what is to be asked of its documents."""

    corpus: Corpus  # with the files of this shard only
    asked: Asked  # with the inputs of this shard only
    names: tuple[str, ...]  # of the claims
    python: str  # the file of the user's checks; each process loads it for itself


def ask_documents(claims: Sequence[Claim], whole: Whole) -> Answers:
    """The answers of all documents to those of the claims that are about a document."""
    names = tuple(claim.name for claim in claims if claim.of_document is not None)
    jobs = [
        ShardOfCorpus(shard, replace(whole.asked, inputs=inputs_of(shard, whole.asked)), names, whole.settings.python)
        for shard in shards_of(whole.corpus)
    ]
    answers = Answers()
    for part in run_jobs(ask_shard, jobs, whole.workers, "check"):
        answers.add(part)
    return answers


def shards_of(corpus: Corpus) -> list[Corpus]:
    """A corpus as one for each shard, light enough to be sent to another process: without the reports."""
    files = [{kind: by_number(getattr(stage, kind)) for kind in KINDS} for stage in corpus.stages]
    shards = []
    for number in map(shard_number, corpus.stages[-1].documents):
        stages = []
        for stage, kinds in zip(corpus.stages, files, strict=True):
            own: dict[str, Any] = {kind: paths.get(number, []) for kind, paths in kinds.items()}
            stages.append(replace(stage, report={}, **own))
        shards.append(replace(corpus, stages=stages, manifest=None))
    return shards


def by_number(paths: Iterable[Path]) -> dict[int, list[Path]]:
    """Files by the number of their shard."""
    found: dict[int, list[Path]] = {}
    for path in paths:
        found.setdefault(shard_number(path), []).append(path)
    return found


def inputs_of(shard: Corpus, asked: Asked) -> dict[str, str]:
    """The SHA-256 of the files that the documents of one shard were read from."""
    files = [*shard.stages[-1].documents, *(path for stage in shard.stages for path in stage.dropped)]
    sources = {source for path in files for batch in read_batches(path, ["source"]) for source in batch[0].to_pylist()}
    return {source: asked.inputs[source] for source in sorted(sources) if source in asked.inputs}


def ask_shard(job: ShardOfCorpus) -> Answers:
    """Put the claims to each document of one shard."""
    known = {claim.name: claim for claim in (*CLAIMS, *python_claims(job.python))}
    claims = [known[name] for name in job.names]
    answers = Answers()
    for life in job.corpus.lives():
        count_removed(answers.removed.setdefault(source_of(life.document), Removed()), life)
        for claim in claims:
            if (not life.dropped or claim.of_dropped) and claim.name not in answers.errors:
                ask_one(claim, life, job.asked, answers)
    return answers


def ask_one(claim: Claim, life: Life, asked: Asked, answers: Answers) -> None:
    """Put one claim to one document. A check of the user's that raises is not asked again."""
    assert claim.of_document is not None
    document = life.document
    try:
        found = list(claim.of_document(life, asked))
    except Exception as error:
        if claim.kind != "own":
            raise
        answers.errors[claim.name] = f"the check {claim.name} failed on {document.source}: {error}"
        return
    if found:
        failures = answers.failures.setdefault(claim.name, [])
        failures += [Failure(document.id, document.source, words) for words in found]


def count_removed(removed: Removed, life: Life) -> None:
    """Count what of one document went. Decode is left out: of a web page it reads what is text."""
    length = len(life.document.text)
    later = [edits for stage, edits in life.edits if stage != "decode"]
    removed.documents += 1
    removed.characters += length + sum(int(edits.before_lengths.sum() - edits.after_lengths.sum()) for edits in later)
    if life.dropped:
        removed.dropped += 1
        removed.reasons[kind_of(life.dropped)] += 1
    else:
        removed.characters_kept += length
