"""What there is to ask of: what the stages were told to do, and the corpus as a whole.

A check asks for no more than the stages were told to do. What several claims need that are about the corpus as a whole
(the sketches, what stands in several documents) is computed once, when the first of them asks.
"""

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ValidationError

from cleaner.check.statistics import Removed, Statistics, measured
from cleaner.config import CheckConfig, DedupConfig, NormalizeConfig, RepairConfig, SimplifyConfig
from cleaner.dedup import Copy, settled
from cleaner.dedup.across import Across, find_across
from cleaner.dedup.by_groups import near_in_parts
from cleaner.dedup.copies import copies_by, find_copies, joined, sketch
from cleaner.dedup.fingerprints import readers_of
from cleaner.dedup.folding import fold_column
from cleaner.dedup.shared_bands import Comparison, Part
from cleaner.document import Offsets, Sketches
from cleaner.engines.local import map_jobs
from cleaner.engines.threads import in_threads
from cleaner.errors import WrongUseError
from cleaner.files.columns import row_groups
from cleaner.files.corpus import Corpus
from cleaner.files.scratch import scratch_on_disk
from cleaner.files.tables import DOCUMENTS, count_rows, read_documents, read_sketches
from cleaner.jobs import run_jobs
from cleaner.memory import ALLOWED, PER_DOCUMENT
from cleaner.verify.account import Characters
from cleaner.verify.rewinding import Flags, Points

TEXTS = pa.schema([DOCUMENTS.field("text")])
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
    ids: list[Any] = field(default_factory=list)  # of each shard, as an Arrow array
    removed: dict[str, Removed] = field(default_factory=dict)  # by source
    characters: Characters | None = None
    sketches: list[Path | None] = field(default_factory=list)  # of each shard the file beside it, if that is its own

    @functools.cached_property
    def repeated(self) -> dict[str, int]:
        """The ids that stand more than once, and how often they do."""
        ids = pa.chunked_array(self.ids, pa.string())
        if pc.count_distinct(ids).as_py() == len(ids):
            return {}
        counted = pc.value_counts(ids)
        found = counted.filter(pc.greater(counted.field("counts"), 1))
        return {entry["values"]: entry["counts"] for entry in found.to_pylist()}

    @functools.cached_property
    def known(self) -> Sketches | None:
        """The sketches of all documents, made where those beside a shard are not its own; None without documents.

        They are without signatures if these lie in files, all of them, and are too many to be held.
        """
        paths, config = self.corpus.stages[-1].documents, self.asked.dedup
        there = self.sketches or [None] * len(paths)
        jobs = [(path, config) for path, known in zip(paths, there, strict=True) if known is None]
        made = iter(run_jobs(sketches_of, jobs, self.workers, "sketch"))
        rows = sum(map(count_rows, paths))
        is_held = bool(jobs) or rows * PER_DOCUMENT <= ALLOWED.comparing
        beside = [path for path in there if path is not None]
        read = in_threads(lambda path: read_sketches(path, config, signatures=is_held), beside)
        parts = (part for known in there for part in ([next(read)] if known is not None else next(made)))
        return put_together(parts, rows, config.permutations if is_held else 0) if paths else None

    @functools.cached_property
    def copies(self) -> dict[str, Copy]:
        """The documents that are copies of another, by id."""
        if self.known is None:
            return {}
        if self.known.signatures.shape[1]:
            found = find_copies(self.known, self.folded, self.asked.dedup)
        else:
            found = copies_by(partial(near_in_parts, self.compared(self.known)), self.known, self.asked.dedup, 0)
        return settled(self.known, found, self.asked.dedup)

    def compared(self, known: Sketches) -> Comparison:
        """How documents are compared whose signatures lie in files: by this machine, which has the scratch folder."""
        documents = self.corpus.stages[-1].documents
        parts = [
            Part(sketches, path, count_rows(path))
            for sketches, path in zip(self.sketches, documents, strict=True)
            if sketches is not None
        ]

        def run(function: Callable[[Any], Any], jobs: list[Any], name: str) -> list[Any]:
            with contextlib.closing(map_jobs(function, jobs, self.workers, name)) as done:
                return list(done)

        return Comparison(parts, 0, self.asked.dedup, scratch_on_disk() / "groups", run, known.folded)

    def folded(self, wanted: Flags) -> tuple[Points, Offsets, Offsets]:
        """The folded texts of the documents that are wanted: all points, and start and end of each in them."""
        paths = self.corpus.stages[-1].documents
        cuts = np.cumsum([0, *map(count_rows, paths)]).tolist()
        jobs = [(path, wanted[first:last]) for path, (first, last) in zip(paths, itertools.pairwise(cuts), strict=True)]
        parts = run_jobs(folded_of, [job for job in jobs if job[1].any()], self.workers, "compare")
        sizes = np.zeros(len(wanted), dtype=np.int64)
        sizes[wanted] = np.concatenate([sizes[:0], *(found for _, found in parts)])
        ends = np.cumsum(sizes)
        return np.concatenate([np.zeros(0, dtype=np.uint32), *(points for points, _ in parts)]), ends - sizes, ends

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


def folded_of(job: tuple[Path, Flags]) -> tuple[Points, Offsets]:
    """The folded texts of those documents of one shard that are wanted, one behind the other, and their sizes."""
    path, wanted = job
    points, sizes, first = [np.zeros(0, dtype=np.uint32)], [np.zeros(0, dtype=np.int64)], 0
    for texts in row_groups(path, TEXTS):
        here = np.flatnonzero(wanted[first : first + len(texts)])
        if len(here):
            found = fold_column(texts.column("text").take(pa.array(here)))
            points.append(found.points)
            sizes.append(np.diff(found.ends, prepend=0))
        first += len(texts)
    return np.concatenate(points), np.concatenate(sizes)


def put_together(parts: Iterable[Sketches], rows: int, permutations: int) -> Sketches:
    """Sketches of several shards as one, with so many documents. Of the signatures no two copies are held."""
    signatures = np.empty((rows, permutations), dtype=np.uint32)
    others: list[Sketches] = []
    end = 0
    for part in parts:
        start, end = end, end + len(part)
        signatures[start:end] = part.signatures
        others.append(replace(part, signatures=np.empty((len(part), 0), dtype=np.uint32)))
    return replace(joined(others), signatures=signatures)


def sketches_of(job: tuple[Path, DedupConfig]) -> list[Any]:
    """The sketches of one shard."""
    path, config = job
    return list(sketch(read_documents(path), config))
