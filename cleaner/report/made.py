"""How a corpus was made, and whether it keeps its promises: claims, settings, versions, how to repeat it."""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cleaner.config import Config
from cleaner.files.corpus import Corpus
from cleaner.report.markup import (
    counted,
    first_of,
    group,
    key_of,
    line_entry,
    named,
    number,
    section,
    shown,
    table,
    visible,
    words,
)

if TYPE_CHECKING:
    from cleaner.check import Finding

MOST_FAILURES = 20  # of a claim
MARKS = {  # of the state of a finding: a sign, and the word that is read out
    "ok": ("✓", "holds"),
    "tolerated": ("✓", "broken, as far as is tolerated"),
    "broken": ("✗", "broken"),
    "error": ("✗", "could not be asked"),
    "skipped": ("–", "skipped"),
    "warning": ("!", "noticed"),
}
REPEAT = (
    "The same inputs, settings and versions give the same bytes, on any machine and with any number of workers. Save "
    "the settings below as <code>cleaner.toml</code>, install these versions, and run <code>cleaner run RAW CLEAN "
    "--config cleaner.toml</code>. <code>cleaner verify CLEAN/vN --raw RAW</code> proves it."
)


def checks_section(findings: Sequence["Finding"]) -> str:
    """Each claim, and what breaks it. Nothing if the claims were not examined."""
    if not findings:
        return ""
    hold, asked = holding(findings)
    return section("checks", "Claims", "".join(map(claim, findings)), f"{hold} of {asked} claims and guards hold.")


def holding(findings: Sequence["Finding"]) -> tuple[int, int]:
    """How many claims and guards hold, and how many were asked; notices are none."""
    asked = [finding for finding in findings if finding.state not in ("skipped", "warning")]
    return sum(not finding.is_broken for finding in asked), len(asked)


def claim(finding: "Finding") -> str:
    """One claim."""
    sentence, state = visible(finding.claim.sentence, 300), finding.state
    sign, said = MARKS[state]
    mark = f"<span class='mark' aria-hidden='true'>{sign}</span><span class='said'>{said}: </span>"
    told = [finding.error] if finding.error else []
    rows = [line_entry(words(error, 200)) for error in told] + [
        line_entry(f"{words(failure.source)} {key_of(failure.id)} {words(failure.found, 200)}")
        for failure in finding.failures[:MOST_FAILURES]
    ]
    if not rows:
        return f"<div class='entry claim {state}'>{mark}{sentence}</div>"
    count = len(finding.failures) + len(told)
    return group(
        f"claim {state}", "", named(f"{mark}{sentence}", number(count)), "".join(rows) + first_of(len(rows), count)
    )


def made_section(corpus: Corpus, parent: str | None) -> str:
    """Inputs, parent, settings, versions."""
    stages = [stage.report for stage in corpus.stages]
    inputs = stages[0].get("inputs", [])
    facts = [
        ("inputs", f"{counted(len(inputs), 'file')}, {counted(sum(entry['bytes'] for entry in inputs), 'byte')}"),
        ("SHA-256 of their list", f"<code>{digest_of(inputs)}</code>"),
        ("stages", " → ".join(visible(stage["stage"]) for stage in stages)),
        *([("version before", visible(parent))] if parent else []),
        ("settings changed", ", ".join(f"<code>{name}</code>" for name in changed_settings(stages)) or "none"),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    versions: dict[str, str] = {}
    for stage in stages:
        versions |= stage.get("versions", {})
    known = [(visible(name), visible(version)) for name, version in sorted(versions.items())]
    settings = f"<div><h3>Settings</h3><pre tabindex='0'>{shown(as_toml(stages))}</pre></div>"
    tools = f"<div><h3>Versions of what shaped the text</h3>{table(('name', 'version'), known)}</div>"
    body = f"<dl class='facts'>{rows}</dl><div class='two'>{settings}{tools}</div>"
    return section("made", "How it was made", body, REPEAT)


def digest_of(inputs: list[dict[str, Any]]) -> str:
    """The SHA-256 of the list that `sha256sum` would print for the inputs, in their order."""
    listed = "".join(f"{entry['sha256']}  {entry['source']}\n" for entry in inputs)
    return hashlib.sha256(listed.encode("utf-8", "surrogatepass")).hexdigest()


def changed_settings(stages: list[dict[str, Any]]) -> list[str]:
    """The names of the settings that do not have their defaults."""
    return [
        visible(f"{stage['stage']}.{key}")
        for stage in stages
        for key, value in stage.get("settings", {}).items()
        if key in defaults(stage["stage"]) and value != defaults(stage["stage"])[key]
    ]


def defaults(stage: str) -> dict[str, Any]:
    """The default settings of a stage, as a report has them."""
    settings = getattr(Config(), stage, None)
    usual: dict[str, Any] = json.loads(settings.model_dump_json()) if settings is not None else {}
    return usual


def as_toml(stages: list[dict[str, Any]]) -> str:
    """All settings as the text of a cleaner.toml; those that were changed say what they are by default.

    >>> as_toml([{"stage": "dedup", "settings": {"threshold": 0.9, "keep": "longest"}}])
    '[dedup]\\nthreshold = 0.9  # by default 0.8\\nkeep = "longest"\\n'
    """
    sections = []
    for stage in stages:
        usual = defaults(stage["stage"])
        lines = [f"[{stage['stage']}]"]
        for key, value in stage.get("settings", {}).items():
            note = f"  # by default {json.dumps(usual[key])}" if key in usual and usual[key] != value else ""
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}{note}")
        sections.append("\n".join(lines) + "\n")
    return "\n".join(sections)
