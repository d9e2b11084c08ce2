"""The counts that the stages reported, counted again: what each rule did by the ledger, what was dropped by its rows.

What a rule could not decide (`left`) stands in no file and is taken on trust; so are scripts and encodings of the
stages but the last, whose documents are not kept.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cleaner.counts import kind_of
from cleaner.files.corpus import Corpus
from cleaner.files.tables import read_batches
from cleaner.verify.account import Failure

SUMS = {
    "documents": ("id", "count_distinct"),
    "edits": ("id", "count"),
    "removed": ("removed", "sum"),
    "added": ("added", "sum"),
}


def misreported(corpus: Corpus) -> Iterator[Failure]:
    """Counts of a stage that are not those of its files."""
    for stage in corpus.stages:
        said = stage.report["counts"]
        found = dropped_again(stage.dropped)
        found["kept"] = said["documents_in"] - sum(found["dropped"].values())
        if stage is corpus.stages[-1]:
            found |= {name: dict(values_of(stage.documents, name[:-1])) for name in ("scripts", "encodings")}
        for name, value in found.items():
            if value != said[name]:
                yield Failure("", "", f"{stage.stage} reports {name} {said[name]}; by its files it is {value}")
        reported = {name: rule for name, rule in said["rules"].items() if any(rule[key] for key in SUMS)}
        done = rules_again(stage.edits)
        for name in sorted(reported.keys() | done.keys()):
            told = {key: reported[name][key] for key in SUMS} if name in reported else {}
            if told != done.get(name, {}):
                yield Failure(
                    "", "", f"{stage.stage} reports of {name} {told}; by the ledger it is {done.get(name, {})}"
                )


def dropped_again(paths: list[Path]) -> dict[str, Any]:
    """What a stage dropped: how many of each kind, the first of each, and their characters."""
    kinds, first, characters = Counter[str](), dict[str, str](), 0
    for path in paths:
        for batch in read_batches(path, ["source", "reason", "text"]):
            characters += pc.sum(pc.utf8_length(batch.column("text"))).as_py() or 0
            for source, reason in zip(
                batch.column("source").to_pylist(), batch.column("reason").to_pylist(), strict=True
            ):
                kinds[kind_of(reason)] += 1
                first.setdefault(kind_of(reason), f"{source}: {reason}")
    return {"dropped": dict(kinds), "dropped_first": first, "characters_dropped": characters}


def values_of(paths: list[Path], column: str) -> Counter[str]:
    """How often each value of a column stands in some files."""
    found = Counter[str]()
    for path in paths:
        for batch in read_batches(path, [column]):
            found.update(batch.column(0).to_pylist())
    return found


def rules_again(paths: list[Path]) -> dict[str, dict[str, int]]:
    """What each rule did, by the ledger. A document is in one shard only, so those of the shards add up."""
    found: dict[str, dict[str, int]] = {}
    for path in paths:
        parts = [
            pa.table(
                {
                    "id": batch.column("id"),
                    "rule": batch.column("rule"),
                    "removed": pc.utf8_length(batch.column("before")),
                    "added": pc.utf8_length(batch.column("after")),
                }
            )
            for batch in read_batches(path, ["id", "rule", "before", "after"])
        ]
        grouped = pa.concat_tables(parts).group_by("rule").aggregate(list(SUMS.values())) if parts else None
        for row in grouped.to_pylist() if grouped else ():
            sums = found.setdefault(row["rule"], dict.fromkeys(SUMS, 0))
            for name, (column, function) in SUMS.items():
                sums[name] += row[f"{column}_{function}"]
    return found
