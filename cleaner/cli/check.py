"""The command that guards a corpus: `check`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cleaner.cli.options import Folder, say


def check(
    folder: Folder,
    failures: Annotated[
        Path | None, typer.Option("--failures", help="Write what breaks a claim here, one JSONL file per claim.")
    ] = None,
) -> None:
    """Examine the claims that must hold.

    Names the documents that break a claim; exit code 1 if one is broken.
    """
    from cleaner.files.corpus import open_corpus

    if say_findings(open_corpus(folder), failures):
        raise typer.Exit(1)


def say_findings(corpus: Any, folder: Path | None) -> list[str]:
    """Print each claim and what breaks it. Returns the broken claims."""
    from dataclasses import asdict

    from cleaner.check import check as examine
    from cleaner.files import write_failures
    from cleaner.summary import told_findings

    findings = examine(corpus)
    say(told_findings(findings, [stage.stage for stage in corpus.stages]))
    broken = [finding for finding in findings if finding.failures]
    if folder is not None:
        write_failures(
            folder, {finding.claim.sentence: [asdict(failure) for failure in finding.failures] for finding in broken}
        )
    return [finding.claim.sentence for finding in broken]
