"""Asking all documents, once: every claim about a document is put to each of them while its shard is at hand.

A shard is one unit of work, as in the stages, so the answers are the same for any number of workers. Its texts are read
once; what else is counted over all texts is counted on the way. Most documents keep most claims, and a quick look at
many of them together says of which ones that is certain: the claim is put to the others only.
"""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cleaner.check.asked import Asked, Whole
from cleaner.check.claim import Claim, Failure
from cleaner.check.claims import CLAIMS, COMPARING, UTF_8, not_utf8_in
from cleaner.check.looks import forget, is_as_sketched
from cleaner.check.own import python_claims
from cleaner.check.statistics import Removed
from cleaner.counts import kind_of
from cleaner.dedup.recurring import origin
from cleaner.document import Sketches
from cleaner.errors import BadDataError
from cleaner.files.corpus import Corpus, Life
from cleaner.files.tables import read_batches, read_sketches
from cleaner.jobs import run_jobs
from cleaner.progress import bytes_of
from cleaner.verify.account import Characters
from cleaner.verify.batches import Batch, Shard, batches_of, shards_of


@dataclass(slots=True)
class Answers:
    """What some documents said: what breaks each claim, by its name, and what of each source went."""

    failures: dict[str, list[Failure]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)  # why a claim could not be asked of all
    removed: defaultdict[str, Removed] = field(default_factory=lambda: defaultdict(Removed))
    not_utf8: list[Failure] = field(default_factory=list)  # if there are any, nothing else was asked
    ids: list[Any] = field(default_factory=list)  # Arrow arrays
    characters: Characters = field(default_factory=Characters)
    sketches: list[Path | None] = field(default_factory=list)  # of each shard; None where they must be made

    def add(self, other: "Answers") -> None:
        """Take in the answers of the next shard."""
        for name, failures in other.failures.items():
            self.failures.setdefault(name, []).extend(failures)
        self.errors = other.errors | self.errors
        for source, removed in other.removed.items():
            self.removed[source].add(removed)
        self.not_utf8 += other.not_utf8
        self.ids += other.ids
        self.characters.add(other.characters)
        self.sketches += other.sketches


@dataclass(frozen=True, slots=True)
class ShardOfCorpus:
    """One shard, and what is to be asked of its documents."""

    corpus: Corpus  # with the files of this shard only
    asked: Asked  # with the inputs of this shard only
    names: tuple[str, ...]  # of the claims
    compares: bool  # whether documents will be compared
    python: str  # the file of the user's checks; each process loads it for itself

    @property
    def work(self) -> int:
        """The bytes that are to be read."""
        stages = self.corpus.stages
        return bytes_of([stages[-1].documents, *(path for stage in stages for path in (*stage.dropped, *stage.edits))])


def ask_documents(claims: Sequence[Claim], whole: Whole) -> Answers:
    """The answers of all documents to those of the claims that are about a document."""
    names = tuple(claim.name for claim in claims if claim.of_document is not None or claim.name == UTF_8)
    compares = any(claim.name in COMPARING for claim in claims)
    python = whole.settings.python and str(Path(whole.settings.python).absolute())
    jobs = [
        ShardOfCorpus(shard, replace(whole.asked, inputs=inputs_of(shard, whole.asked)), names, compares, python)
        for shard in shards_of(whole.corpus)
    ]
    answers = Answers()
    for part in run_jobs(ask_shard, jobs, whole.workers, "check"):
        answers.add(part)
    return answers


def inputs_of(shard: Corpus, asked: Asked) -> dict[str, str]:
    """The SHA-256 of the files that the documents of one shard were read from."""
    files = [*shard.stages[-1].documents, *(path for stage in shard.stages for path in stage.dropped)]
    sources = {source for path in files for batch in read_batches(path, ["source"]) for source in batch[0].to_pylist()}
    return {source: asked.inputs[source] for source in sorted(sources) if source in asked.inputs}


def ask_shard(job: ShardOfCorpus) -> Answers:
    """Put the claims to each document of one shard."""
    known = {claim.name: claim for claim in (*CLAIMS, *python_claims(job.python))}
    claims = [known[name] for name in job.names if name != UTF_8]
    shard = Shard(job.corpus)
    answers = Answers(characters=characters_edited(shard))
    sketches, sketched = sketches_beside(job), 0
    path = Path()
    try:
        for batch in batches_of(shard):
            path = batch.path
            count_removed(batch, answers)
            if sketches is not None and not batch.dropped_in:
                sketches = sketches if is_as_sketched(batch, sketches, sketched) else None
                sketched += len(batch)
            for claim in claims:
                if not batch.dropped_in or claim.of_dropped:
                    ask_batch(claim, batch, job.asked, answers)
            forget()
    except UnicodeDecodeError as error:
        if UTF_8 in job.names and path in job.corpus.stages[-1].documents:
            return Answers(not_utf8=not_utf8_in(path))
        raise BadDataError(f"{path} holds a text that is not UTF-8: {error}") from None
    finally:
        forget(shard=True)
    is_sketched = sketches is not None and len(sketches) == sketched
    answers.sketches = [job.corpus.stages[-1].sketches[0] if is_sketched else None]
    answers.ids = [pa.concat_arrays(answers.ids)] if answers.ids else []
    return answers


def sketches_beside(job: ShardOfCorpus) -> Sketches | None:
    """The sketches that lie beside the documents of a shard, if they are wanted, and of the kind that is needed."""
    paths = job.corpus.stages[-1].sketches
    try:
        return read_sketches(paths[0], job.asked.dedup, signatures=False) if paths and job.compares else None
    except BadDataError:
        return None


def ask_batch(claim: Claim, batch: Batch, asked: Asked, answers: Answers) -> None:
    """Put one claim to those documents that may break it."""
    is_open = claim.may_break(batch, asked) if claim.may_break else np.ones(len(batch), dtype=np.bool_)
    for place in np.flatnonzero(is_open).tolist():
        if claim.name in answers.errors:
            return
        ask_one(claim, batch.life(place), asked, answers)


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


def characters_edited(shard: Shard) -> Characters:
    """The characters that each stage took out of the texts of a shard, and those that it put in."""
    found, ledger = Characters(), shard.ledger
    files = iter(itertools.pairwise(ledger.files))
    for number, stage in enumerate(shard.corpus.stages):
        for first, last in itertools.islice(files, len(stage.edits)):
            found.removed[number] += int(ledger.before.bounds[last] - ledger.before.bounds[first])
            found.added[number] += int(ledger.after.bounds[last] - ledger.after.bounds[first])
    return found


def count_removed(batch: Batch, answers: Answers) -> None:
    """Count ids, characters and what of each source went. Decode is left out: of a web page it reads what is text."""
    shard, stages = batch.shard, batch.shard.ledger.stages
    answers.ids.append(batch.rows.column("id"))
    lengths = batch.texts.lengths.tolist()
    if batch.dropped_in:
        number = [stage.stage for stage in shard.corpus.stages].index(batch.dropped_in)
        answers.characters.dropped[number] += sum(lengths)
    else:
        answers.characters.kept += sum(lengths)
    reasons = batch.columns.get("reason", [""] * len(batch))
    rows = zip(batch.columns["source"], batch.columns["row"], reasons, lengths, batch.histories, strict=True)
    for source, row, reason, length, runs in rows:
        removed = answers.removed[origin(source, row)]
        removed.documents += 1
        removed.characters += length + sum([shard.shortened[run] for run in runs if stages[run] != "decode"])
        if reason:
            removed.dropped += 1
            removed.reasons[kind_of(reason)] += 1
        else:
            removed.characters_kept += length
