"""The command that guards a corpus: `check`."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cleaner.cli.options import CORES, ConfigFile, Folder, Workers, load_settings, print_lines, say, with_options_of
from cleaner.places import place
from cleaner.progress import LOG, tell


class Format(StrEnum):
    """How findings are told."""

    text = "text"
    json = "json"
    junit = "junit"
    github = "github"


@dataclass(frozen=True, slots=True)
class Telling:
    """The options of `check` that say how it is told, and when it fails."""

    format: Annotated[
        Format,
        typer.Option(help="text on standard error; json, junit (XML) or github (annotations) on standard output."),
    ] = Format.text
    failures: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write what breaks a claim here, one JSONL file per claim."),
    ] = None
    strict: Annotated[bool, typer.Option("--strict", help="Fail for notices, too: what had no effect.")] = False


@with_options_of(Telling)
def check(
    folder: Folder,
    parent: Annotated[
        Path | None,
        typer.Option(
            "--parent",
            parser=place,
            metavar="VERSION",
            help="Compare with this version; without it, with a version's own parent.",
        ),
    ] = None,
    config: ConfigFile = None,
    workers: Workers = CORES,
    telling: Telling = Telling(),
) -> None:
    """Examine the claims that must hold.

    Names the documents that break a claim; exit code 1 if one is broken. Limits, tolerances and checks of your own
    stand in the section [check] of the settings.
    """
    from cleaner.check.formats import Told, as_github, as_json, as_junit
    from cleaner.check.parents import parent_of
    from cleaner.files.corpus import open_corpus

    settings = load_settings(config).check
    corpus = open_corpus(folder)
    before = open_corpus(parent) if parent is not None else parent_of(corpus)
    findings = examine(corpus, before, settings, workers, telling.strict)
    store(findings, telling.failures)
    told = Told(corpus, findings, before)
    if telling.format is Format.text:
        say_findings(told)
    else:
        print_lines([{"json": as_json, "junit": as_junit, "github": as_github}[telling.format](told)])
    if told.is_broken:
        raise typer.Exit(1)


def examine(corpus: Any, parent: Any, settings: Any, workers: int, strict: bool = False) -> Any:
    """All findings, and the notices, which are as bad as they when it is to be strict."""
    from cleaner.check import check as examine_claims
    from cleaner.check.notices import hardened, notices

    found = examine_claims(corpus, settings, parent, workers)
    noticed = notices(corpus, settings)
    return [*found, *(hardened(noticed) if strict else noticed)]


def store(findings: Any, folder: Path | None) -> None:
    """Write what breaks each claim, if that is wanted."""
    from dataclasses import asdict

    from cleaner.files import write_failures

    if folder is not None:
        write_failures(
            folder, {finding.claim.name: [asdict(failure) for failure in finding.failures] for finding in findings}
        )


def say_findings(told: Any) -> None:
    """Print each claim and what breaks it."""
    from cleaner.check.formats import told_findings

    if LOG.is_for_machines:
        for finding in told.findings:
            claim = finding.claim
            facts = {"documents": finding.documents, "allowed": finding.allowed, "error": finding.error}
            tell("claim", claim=claim.name, sentence=claim.sentence, state=finding.state, **facts)
        tell("check", broken=sum(finding.is_broken for finding in told.findings), seconds=LOG.seconds())
        return
    if told.parent is not None:
        say([f"compared with {told.parent.folder}"])
    say(told_findings(told.findings, [stage.stage for stage in told.corpus.stages]))
