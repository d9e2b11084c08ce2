"""What each rule changed: its counts, the share of documents it touched, and examples in their context."""

from typing import Any

from cleaner.report.markup import bar, counted, number, percent, section, visible
from cleaner.report.story import Example

Stage = dict[str, Any]


def rules_section(stages: list[Stage], examples: dict[tuple[str, str], list[Example]]) -> str:
    """All rules that did anything, stage by stage."""
    parts = []
    for stage in stages:
        for rule, counts in stage["counts"]["rules"].items():
            parts.append(rule_story(stage, rule, counts, examples.get((stage["stage"], rule), [])))
    lead = (
        "The bar is the share of the documents of that stage in which the rule found something. Examples are a sample, "
        "chosen by the hash of their documents; <del>what stood there</del> and <ins>what stands there now</ins>."
    )
    body = "".join(parts) or "<p>No rule changed anything.</p>"
    return section("rules", "What each rule changed", body, lead)


def rule_story(stage: Stage, rule: str, counts: dict[str, int], examples: list[Example]) -> str:
    """One rule with its counts and examples."""
    came = stage["counts"]["documents_in"]
    told = [
        f"{counted(counts['edits'], 'edit')} in {counted(counts['documents'], 'document')} "
        f"({percent(counts['documents'], came)})",
        f"−{number(counts['removed'])} +{number(counts['added'])} characters",
    ]
    if counts.get("left"):  # stage folders of an older cleaner do not have it
        told.append(f"{counted(counts['left'], 'place')} left, undecided")
    name = visible(stage["stage"], 80)
    more = ""
    if len(examples) < counts["edits"] and examples:
        more = f"<p class='sample'>{len(examples):,} of {counted(counts['edits'], 'edit')}</p>"
    return (
        f"<details open class='rule group' data-stage='{name}'><summary><span class='name'>"
        f"<span class='stage'>{name} · </span>{visible(rule, 80)}</span>{bar(counts['documents'], came)}"
        f"<span class='told'>{' · '.join(told)}</span></summary>{''.join(map(example_line, examples))}{more}</details>"
    )


def example_line(example: Example) -> str:
    """An edit in its context; invisible characters are shown by a sign or their code."""
    removed = f"<del>{visible(example.before)}</del>" if example.before else ""
    added = f"<ins>{visible(example.after)}</ins>" if example.after else ""
    why = f" <span class='why'>{visible(example.reason, 160)}</span>" if example.reason else ""
    left, right = visible(example.left), visible(example.right)
    return (
        f"<div class='entry eg' lang='zh-Hans'><p>{left}{removed}{added}{right}</p>"
        f"<p class='source'>{visible(example.source, 120)} <code>{visible(example.id[:8])}</code>{why}</p></div>"
    )
