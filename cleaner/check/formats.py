"""Findings in words and in formats: text for a person, JSON for a program, JUnit's and GitHub's for who runs tests.

Whatever the format, the names of the claims and the order are the same, and no more than the first failures of each
claim are told; all of them are stored where `--failures` says.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from cleaner.check.claim import Finding
from cleaner.files.corpus import Corpus
from cleaner.patterns import compile_later

MOST_FAILURES = 10  # of a claim
MOST_ANNOTATED = 3  # in the message of an annotation, of which a page shows few
_not_xml = compile_later("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Told:
    """What was checked, and what was found."""

    corpus: Corpus
    findings: Sequence[Finding]
    parent: Corpus | None = None

    @property
    def is_broken(self) -> bool:
        return any(finding.is_broken for finding in self.findings)


# For a person


def told_findings(findings: Sequence[Finding], stages: Sequence[str]) -> Iterator[str]:
    """Each claim, and what breaks it; `stages` are those that have been run. Guards are told if they are broken."""
    for finding in findings:
        claim = finding.claim
        if claim.kind == "guard" and finding.state == "ok":
            continue
        yield f"{WORDS[finding.state]:6} {claim.sentence}{told_tolerance(finding)}"
        if finding.is_broken and claim.stage and claim.stage not in [*stages, "publish"]:
            yield f"       (the stage {claim.stage}, which sees to it, has not been run)"
        if finding.error:
            yield f"       {finding.error}"
        yield from (f"       {line}" for line in told_failures(finding, MOST_FAILURES))
    yield told_sum(findings)


WORDS = {
    "ok": "ok",
    "tolerated": "ok",
    "broken": "FAILED",
    "error": "FAILED",
    "skipped": "skip",
    "warning": "note",
}


def told_tolerance(finding: Finding) -> str:
    """How many documents break a claim for which some are tolerated."""
    if not finding.allowed or not finding.failures:
        return ""
    return f": {finding.documents:,} break it, {finding.allowed:,} are tolerated"


def told_failures(finding: Finding, most: int) -> Iterator[str]:
    """The first failures of a finding, and how many more there are."""
    for failure in finding.failures[:most]:
        where = " ".join(part for part in (failure.id, failure.source) if part)
        yield f"{where}: {failure.found}" if where else failure.found
    if len(finding.failures) > most:
        yield f"… and {len(finding.failures) - most:,} more"


def told_sum(findings: Sequence[Finding]) -> str:
    """How many claims and guards hold."""
    parts = []
    for what, kinds in (("claims", ("claim", "own")), ("guards", ("guard",))):
        asked = [finding for finding in findings if finding.claim.kind in kinds and not finding.is_skipped]
        if asked:
            parts.append(f"{sum(not finding.is_broken for finding in asked)} of {len(asked)} {what} hold")
    skipped = sum(finding.is_skipped for finding in findings)
    return ", ".join([*parts, *([f"{skipped} skipped"] if skipped else [])])


# For programs


def as_json(told: Told) -> str:
    """One JSON object: what was checked, whether it holds, and each claim with its first failures."""
    claims = [
        {
            "name": finding.claim.name,
            "sentence": finding.claim.sentence,
            "kind": finding.claim.kind,
            "stage": finding.claim.stage,
            "state": finding.state,
            "tolerance": finding.claim.tolerance,
            "allowed": finding.allowed,
            "documents": finding.documents,
            "failures": len(finding.failures),
            "first": [asdict(failure) for failure in finding.failures[:MOST_FAILURES]],
            "error": finding.error,
        }
        for finding in told.findings
    ]
    whole = {
        "folder": told.corpus.folder.as_posix(),
        "parent": told.parent.folder.as_posix() if told.parent else None,
        "holds": not told.is_broken,
        "claims": claims,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1)


def as_junit(told: Told) -> str:
    """JUnit's XML: a test case for each claim, with a failure, an error or a reason to skip it."""
    from xml.etree import ElementTree

    counts = {
        "tests": len(told.findings),
        "failures": sum(finding.state == "broken" for finding in told.findings),
        "errors": sum(finding.state == "error" for finding in told.findings),
        "skipped": sum(finding.state == "skipped" for finding in told.findings),
    }
    numbers = {name: str(count) for name, count in counts.items()}
    root = ElementTree.Element("testsuites", {"name": "cleaner check", **numbers})
    suite = ElementTree.SubElement(root, "testsuite", {"name": in_xml(told.corpus.folder.as_posix()), **numbers})
    for finding in told.findings:
        claim = finding.claim
        name = in_xml(f"{claim.name}: {claim.sentence}")
        case = ElementTree.SubElement(suite, "testcase", {"classname": f"cleaner.{claim.kind}", "name": name})
        lines = "\n".join([*([finding.error] if finding.error else []), *told_failures(finding, MOST_FAILURES)])
        if finding.state in ("broken", "error"):
            kind = "failure" if finding.state == "broken" else "error"
            message = in_xml(finding.error or f"{finding.documents:,} break it, {finding.allowed:,} are tolerated")
            ElementTree.SubElement(case, kind, {"message": message, "type": claim.name}).text = in_xml(lines)
        elif finding.is_skipped:
            ElementTree.SubElement(case, "skipped", {"message": "check.skip names it"})
        elif lines:
            ElementTree.SubElement(case, "system-out").text = in_xml(lines)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def in_xml(text: str) -> str:
    """A text without the characters that XML cannot hold, each spelt as in Python.

    >>> in_xml("a\\x00b")
    'a\\\\x00b'
    """
    return _not_xml.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


def as_github(told: Told) -> str:
    """Workflow commands that make annotations: an error for each broken claim, a warning for each notice.

    A page shows ten of each kind, so a claim is told once, at its first document, with the next ones in the message.
    """
    lines = []
    for finding in told.findings:
        if not finding.is_broken and finding.claim.kind != "notice":
            continue
        kind = "error" if finding.is_broken else "warning"
        source = finding.failures[0].source if finding.failures else ""
        properties = [f"file={in_property(source)}"] if source else []
        properties.append(f"title={in_property(f'cleaner check: {finding.claim.name}')}")
        said = [f"not true: {finding.claim.sentence}" if finding.is_broken else finding.claim.sentence]
        said += [finding.error] if finding.error else []
        message = "\n".join([*said, *told_failures(finding, MOST_ANNOTATED)])
        lines.append(f"::{kind} {','.join(properties)}::{in_message(message)}")
    hold = told_sum(told.findings)
    return "\n".join([*lines, hold if told.is_broken else f"::notice title=cleaner check::{in_message(hold)}"])


def in_message(text: str) -> str:
    """The message of a workflow command.

    >>> in_message("100%\\nof it")
    '100%25%0Aof it'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def in_property(text: str) -> str:
    """A property of a workflow command, in which a colon and a comma have a meaning, too.

    >>> in_property("a,b: c")
    'a%2Cb%3A c'
    """
    return in_message(text).replace(":", "%3A").replace(",", "%2C")
