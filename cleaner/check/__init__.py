"""Check: what must be true of a corpus before it is published, and ever after.

A *claim* is a sentence in plain words, a function that returns the rows that break it, and a tolerance (`claim`). All
of them stand in one place (`claims`), and the user adds others, in Python (`own`) or as a query (`sql`). *Guards* are
claims with a limit, about what went of each source and about the version before (`guards`). A check goes four steps:

1. the claims are collected, and the settings about them looked at: a wrong name is told before anything is done;
2. all claims about a document are put to the documents, in one pass over the shards (`asking`);
3. if a text is not even UTF-8, that is all that is found; nothing else could be asked;
4. the claims about the corpus as a whole follow; what several of them need is computed once (`asked`).

A *notice* (`notices`) is no claim: something was switched on, and nothing came of it. `formats` tells the findings to a
person, a program, or a service that runs tests.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import floor

from cleaner.check.asked import Whole, asked_of
from cleaner.check.asking import Answers, ask_documents
from cleaner.check.claim import Claim, Failure, Finding
from cleaner.check.claims import CLAIMS, UTF_8
from cleaner.check.guards import GUARDS, OF_VERSIONS
from cleaner.check.own import python_claims
from cleaner.check.sql import sql_claims
from cleaner.config import CheckConfig
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.corpus import Corpus

__all__ = ["CLAIMS", "Claim", "Failure", "Finding", "check", "claims_of", "forbidding"]

DEFAULT = CheckConfig()


def check(
    corpus: Corpus, settings: CheckConfig = DEFAULT, parent: Corpus | None = None, workers: int = 1
) -> list[Finding]:
    """Examine a corpus by all claims and, if there is a `parent`, compare it with that. Findings come in a fixed order.

    Raises WrongUseError for settings that name a claim that is not there, or a check that is none.
    """
    claims = [claim for claim in claims_of(settings) if parent is not None or claim not in OF_VERSIONS]
    whole = Whole(corpus, asked_of(corpus), settings, parent, workers)
    answers = ask_documents([claim for claim in claims if claim.name not in settings.skip], whole)
    if answers.not_utf8:
        return [find(claim, whole, answers) for claim in claims if claim.name == UTF_8]
    whole.ids, whole.removed = answers.ids, answers.removed
    whole.characters, whole.sketches = answers.characters, answers.sketches
    return [find(claim, whole, answers) for claim in claims]


def forbidding(findings: Sequence[Finding], settings: CheckConfig = DEFAULT) -> list[Finding]:
    """The findings that forbid to publish: claims that do not hold, and guards if the user has set their limit.

    Our own limits are for a person, or a service that runs the check, to look at: a corpus may lose a tenth by right.
    """
    return [finding for finding in findings if finding.is_broken and is_wanted(finding.claim, settings)]


def is_wanted(claim: Claim, settings: CheckConfig) -> bool:
    """Whether a claim is one that all must keep, or a guard whose limit stands in the settings."""
    return claim.kind != "guard" or f"max_{claim.name.replace('-', '_')}" in settings.model_fields_set


def claims_of(settings: CheckConfig) -> tuple[Claim, ...]:
    """All claims, the user's own and the guards, with the tolerances that the settings give them."""
    claims = (*CLAIMS, *python_claims(settings.python), *sql_claims(settings.sql))
    refuse_twins((*claims, *GUARDS))
    refuse_unknown("check.tolerate", settings.tolerate, claims)
    refuse_unknown("check.skip", settings.skip, (*claims, *GUARDS))
    tolerances = {claim.name: settings.tolerate.get(claim.name, claim.tolerance) for claim in claims}
    return (*(replace(claim, tolerance=tolerances[claim.name]) for claim in claims), *GUARDS)


def find(claim: Claim, whole: Whole, answers: Answers) -> Finding:
    """Ask one claim about the corpus as a whole, or collect what the documents said to it."""
    if claim.name in whole.settings.skip:
        return Finding(claim, is_skipped=True)
    if claim.name == UTF_8:
        failures, error = answers.not_utf8, ""
    elif claim.of_corpus is None:
        failures, error = answers.failures.get(claim.name, []), answers.errors.get(claim.name, "")
    else:
        try:
            failures, error = list(claim.of_corpus(whole)), ""
        except BadDataError as problem:
            if claim.kind != "own":
                raise
            failures, error = [], str(problem)
    kept = whole.corpus.stages[-1].report["counts"]["kept"]
    allowed = claim.tolerance * kept if claim.tolerance < 1 else claim.tolerance
    return Finding(claim, failures, floor(allowed), error)


def refuse_twins(claims: Sequence[Claim]) -> None:
    names = [claim.name for claim in claims]
    for name in names:
        if names.count(name) > 1:
            raise WrongUseError(f"two checks have the name {name}; call yours otherwise")


def refuse_unknown(setting: str, names: Sequence[str] | dict[str, float], claims: Sequence[Claim]) -> None:
    known = [claim.name for claim in claims]
    for name in names:
        if name not in known:
            raise WrongUseError(f"{setting} names {name!r}, which is no claim; the claims are: {', '.join(known)}")
