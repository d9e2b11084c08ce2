"""What is said after a stage, in lines for a person; the report has all of it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from cleaner.dedup.across import told
from cleaner.document import Document
from cleaner.files.corpus import Corpus

MOST_SHOWN = 5  # of each kind of news of a stage
INDENT = " " * 10


def told_stage(report: dict[str, Any]) -> Iterator[str]:
    """One line about a finished stage, one for each reason to drop, and what else was found."""
    counts = report["counts"]
    edits = sum(rule["edits"] for rule in counts["rules"].values())
    left = sum(rule["left"] for rule in counts["rules"].values())
    kept, came = counts["kept"], counts["documents_in"]
    undecided = f", {left:,} {'place' if left == 1 else 'places'} left undecided" if left else ""
    as_before = ", as in the run before" if report.get("unchanged") else ""
    yield f"{report['stage']:9} {kept:,} of {came:,} documents kept, {edits:,} edits{undecided}{as_before}"
    for reason, count in counts["dropped"].items():
        many = f"{count:,} ({reason}), such as " if count > 1 else ""
        yield f"{INDENT}dropped {many}{counts['dropped_first'][reason]}"
    if came and not kept:
        yield f"{INDENT}warning: nothing is left; all {came:,} were dropped"
    yield from shown([told_link(link) for link in report.get("links", [])])
    yield from shown(
        [f"{orphan['source']}: {orphan['expects']}, which is not here" for orphan in report.get("orphans", [])]
    )
    yield from (INDENT + line for line in told(report))
    yield from shown(told_boilerplate(report.get("boilerplate", []), report["settings"].get("boilerplate") == "drop"))
    yield from shown([f"passed over {entry['source']}: {entry['reason']}" for entry in report.get("ignored", [])])


def told_link(link: dict[str, Any]) -> str:
    """Two parts of one article, and the two strongest reasons to think so."""
    why = " and ".join([reason for reason, vote in link["reasons"] if vote > 0][:2])
    return f"{link['first_source']} goes on in {link['second_source']}: {why}"


def told_boilerplate(rows: list[dict[str, Any]], is_removed: bool) -> list[str]:
    """How many lines recur in the documents of each source, and the one that recurs most."""
    hint = "removed" if is_removed else 'dedup.boilerplate = "drop" removes them'
    found = []
    for source in sorted({row["source"] for row in rows}):
        of_source = [row for row in rows if row["source"] == source]
        most = f"{of_source[0]['line']} (in {of_source[0]['documents']:,} of {of_source[0]['of']:,})"
        lines = "line recurs" if len(of_source) == 1 else "lines recur"
        found.append(f"{len(of_source):,} {lines} in many documents of {source}, such as {most}; {hint}")
    return found


def shown(lines: list[str]) -> Iterator[str]:
    """The first of some lines, and how many more there are."""
    yield from (INDENT + line for line in lines[:MOST_SHOWN])
    if len(lines) > MOST_SHOWN:
        yield f"{INDENT}… and {len(lines) - MOST_SHOWN:,} more"


def told_documents(corpus: Corpus, as_json: bool, dropped: bool) -> Iterator[str]:
    """The documents of a corpus, or those that were dropped, as text or as one JSON object a line."""
    rows: Iterable[tuple[Document, dict[str, str]]] = ((document, {}) for document in corpus.documents())
    if dropped:
        rows = (
            (document, {"reason": reason, "by": by, "stage": stage}) for document, stage, reason, by in corpus.dropped()
        )
    for document, more in rows:
        if as_json:
            yield json.dumps(asdict(document) | more, ensure_ascii=False)
        else:
            yield from [f"{document.source}: {more['reason']}"] if dropped else []
            yield document.text.removesuffix("\n")
