"""What there is to ask of: what the stages were told to do, and the corpus as a whole.

A check asks for no more than the stages were told to do. What several claims need that are about the corpus as a whole
(the sketches, what stands in several documents) is computed once, when the first of them asks.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from cleaner.check.statistics import Removed, Statistics, measured
from cleaner.config import CheckConfig, DedupConfig, NormalizeConfig, RepairConfig, SimplifyConfig
from cleaner.dedup import Copy, fold_some, settled
from cleaner.dedup.across import Across, find_across
from cleaner.dedup.copies import find_copies, joined, sketch
from cleaner.dedup.fingerprints import readers_of
from cleaner.document import Sketches
from cleaner.errors import WrongUseError
from cleaner.files.corpus import Corpus
from cleaner.files.tables import read_documents
from cleaner.jobs import run_jobs
from cleaner.verify.account import Characters

Settings = TypeVar("Settings", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the stages were asked to do; the defaults for those that have not been run."""

    normalize: NormalizeConfig
    simplify: SimplifyConfig
    repair: RepairConfig
    dedup: DedupConfig
    inputs: Mapping[str, str]  # the SHA-256 of each file that was read, by its path below raw/


def asked_of(corpus: Corpus) -> Asked:
    """What the stages that made a corpus were asked to do. Raises WrongUseError for settings that are not known."""
    return Asked(
        recorded(corpus, "normalize", NormalizeConfig),
        recorded(corpus, "simplify", SimplifyConfig),
        recorded(corpus, "repair", RepairConfig),
        recorded(corpus, "dedup", DedupConfig),
        {entry["source"]: entry["sha256"] for entry in corpus.stages[0].report.get("inputs", [])},
    )


def recorded(corpus: Corpus, stage: str, kind: type[Settings]) -> Settings:
    """The settings with which a stage was run."""
    report = next((entry.report for entry in reversed(corpus.stages) if entry.stage == stage), {})
    try:
        return kind.model_validate(report.get("settings", {}))
    except ValidationError as error:
        key = ".".join([stage, *(str(part) for part in error.errors()[0]["loc"])])
        by = report.get("versions", {}).get("cleaner", "of another version")
        remedy = "check it with that version, or make it again with this one"
        raise WrongUseError(
            f"{corpus.folder} was made by cleaner {by}, whose setting {key} this one does not know; {remedy}"
        ) from None


@dataclass
class Whole:
    """A corpus as a whole, and what claims about it have in common."""

    corpus: Corpus
    asked: Asked
    settings: CheckConfig
    parent: Corpus | None = None  # the version before, to compare with
    workers: int = 1
    # Known when the documents have been asked:
    removed: dict[str, Removed] = field(default_factory=dict)  # by source
    characters: Characters | None = None

    @functools.cached_property
    def known(self) -> Sketches | None:
        """The sketches of all documents, made anew; None if there are no documents."""
        jobs = [(path, self.asked.dedup) for path in self.corpus.stages[-1].documents]
        parts = [part for parts in run_jobs(sketches_of, jobs, self.workers, "sketch") for part in parts]
        return joined(parts) if parts else None

    @functools.cached_property
    def copies(self) -> dict[str, Copy]:
        """The documents that are copies of another, by id."""
        if self.known is None:
            return {}
        found = find_copies(self.known, lambda wanted: fold_some(self.corpus.documents(), wanted), self.asked.dedup)
        return settled(self.known, found, self.asked.dedup)

    @functools.cached_property
    def across(self) -> Across:
        """What stands in several documents."""
        if self.known is None:
            return Across()
        everyone = np.ones(len(self.known), dtype=np.bool_)
        return find_across(self.known, everyone, readers_of(self.corpus.documents), self.asked.dedup)

    @functools.cached_property
    def statistics(self) -> tuple[Statistics, Statistics]:
        """What the documents of the corpus and of its parent are like."""
        ours, theirs = (corpus.stages[-1].documents if corpus else [] for corpus in (self.corpus, self.parent))
        measures = run_jobs(measured, [*ours, *theirs], self.workers, "drift")
        return Statistics.total(measures[: len(ours)]), Statistics.total(measures[len(ours) :])


def sketches_of(job: tuple[Path, DedupConfig]) -> list[Any]:
    """The sketches of one shard."""
    path, config = job
    return list(sketch(read_documents(path), config))
