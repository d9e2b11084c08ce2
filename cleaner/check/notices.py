"""Notices: something was switched on, and nothing came of it.

Most often that is a slip: a folder that is spelt otherwise, a rule for texts that are not there, a check that looks at
an empty table. Only what differs from the default is looked at, since what everybody has switched on finds nothing in
many a good corpus. A notice never fails a check, unless the user wants it to (`--strict`).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cleaner.check.claim import Claim, Failure, Finding
from cleaner.check.own import python_claims
from cleaner.check.sql import tried
from cleaner.config import CheckConfig
from cleaner.files.corpus import Corpus
from cleaner.files.tables import count_rows

MANY = 10_000  # documents among which copies are expected
SWITCHED_ON = (  # stage, setting, the value that is not the default, the rule whose edits it makes
    ("normalize", "restore_fullwidth_marks", True, "restore_fullwidth_marks"),
    ("dedup", "passages", "drop", "remove_shared_passage"),
    ("dedup", "boilerplate", "drop", "remove_boilerplate"),
)
NO_EFFECT = Claim("no-effect", "what is switched on has an effect", kind="notice")


def notices(corpus: Corpus, settings: CheckConfig) -> list[Finding]:
    """All notices about a corpus, as findings that break nothing."""
    told = [*of_settings(corpus), *of_copies(corpus), *of_own_checks(corpus, settings)]
    return [Finding(NO_EFFECT, [Failure("", "", words) for words in told])] if told else []


def of_settings(corpus: Corpus) -> Iterator[str]:
    reports = {stage.stage: stage.report for stage in corpus.stages}
    for stage, setting, value, rule in SWITCHED_ON:
        report = reports.get(stage)
        if report and report["settings"].get(setting) == value and not edits_of(report, rule):
            yield f"{stage}.{setting} = {told_value(value)}, but it changed nothing"
    repair, dedup = reports.get("repair"), reports.get("dedup")
    if repair and repair["settings"].get("link") == "join" and not repair.get("links"):
        yield 'repair.link = "join", but no two documents are parts of one article'
    if dedup and dedup["settings"].get("contained") == "drop" and "contained" not in dedup["counts"]["dropped"]:
        yield 'dedup.contained = "drop", but no document stands in a longer one'
    if dedup and "against" in dedup and not dedup["counts"]["dropped"]:
        yield f"dedup ran against {dedup['against']['version']}, but that has none of the documents"
    sources = [entry["source"] for entry in corpus.stages[0].report.get("inputs", [])]
    for beginning in dedup["settings"].get("source_order", ()) if dedup else ():
        if not any(source.startswith(beginning) for source in sources):
            yield f"dedup.source_order names {beginning!r}, but the path of no input begins so"


def of_copies(corpus: Corpus) -> Iterator[str]:
    for stage in corpus.stages:
        came, dropped = (stage.report["counts"][name] for name in ("documents_in", "dropped"))
        if stage.stage == "dedup" and stage.report["settings"].get("documents") and came >= MANY and not dropped:
            yield f"dedup found no copy among {came:,} documents; were they read as they should be?"


def of_own_checks(corpus: Corpus, settings: CheckConfig) -> Iterator[str]:
    if not settings.python and not settings.sql:
        return
    rows = {
        "documents": sum(count_rows(path) for path in corpus.stages[-1].documents),
        "dropped": sum(count_rows(path) for stage in corpus.stages for path in stage.dropped),
        "edits": sum(count_rows(path) for stage in corpus.stages for path in stage.edits),
        "readings": sum(count_rows(path) for stage in corpus.stages for path in stage.readings),
    }
    for claim in python_claims(settings.python) if not rows["documents"] else ():
        yield f"the check {claim.name} looked at nothing: there are no documents"
    for sentence, text in settings.sql.items():
        views = tried(sentence, text).views
        if not any(rows[view] for view in views):
            said = f"there are no rows in {' or '.join(views)}" if views else "it names none of the views"
            yield f"the check {sentence!r} looked at nothing: {said}"


def edits_of(report: dict[str, Any], rule: str) -> int:
    """How many edits a rule made in a stage."""
    return int(report["counts"]["rules"].get(rule, {}).get("edits", 0))


def told_value(value: object) -> str:
    """A value as it stands in the settings."""
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def hardened(findings: list[Finding]) -> list[Finding]:
    """Notices as guards, which fail."""
    return [replace(finding, claim=replace(finding.claim, kind="guard")) for finding in findings]
