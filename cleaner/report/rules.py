"""What each rule changed: its counts, the share of documents it touched, and examples in their context."""

from typing import Any

from cleaner.report.markup import aside, bar, counted, group, key_of, note, number, percent, section, visible, words
from cleaner.report.story import Example

Stage = dict[str, Any]


def rules_section(stages: list[Stage], examples: dict[tuple[str, str], list[Example]]) -> str:
    """All rules that did anything, stage by stage."""
    parts = []
    for stage in stages:
        for rule, counts in stage["counts"]["rules"].items():
            parts.append(rule_story(stage, rule, counts, examples.get((stage["stage"], rule), [])))
    lead = (
        "The bar is the share of the documents of its stage that a rule changed; then its edits, the characters that "
        "it removed and added, and the places that it looked at and left. Examples are a sample, chosen by the hash of "
        "their documents: <del>what stood there</del> <ins>what stands there now</ins>."
    )
    body = "".join(parts) or "<p>No rule changed anything.</p>"
    return section("rules", "What each rule changed", body, lead)


def rule_story(stage: Stage, rule: str, counts: dict[str, int], examples: list[Example]) -> str:
    """One rule with its counts and examples."""
    came = stage["counts"]["documents_in"]
    left = counts.get("left", 0)  # stage folders of an older cleaner do not have it
    cells = (
        ("share", f"{bar(counts['documents'], came)} {percent(counts['documents'], came)}"),
        ("edits", counted(counts["edits"], "edit")),
        ("gone", f"−{number(counts['removed'])}"),
        ("come", f"+{number(counts['added'])}"),
        ("left", f"{number(left)} undecided" if left else ""),
    )
    told = "".join(f"<span class='{kind}'>{value}</span>" for kind, value in cells)
    name = f"<span class='stage'>{visible(stage['stage'])} · </span>{visible(rule, 80)}"
    more = (
        note(f"{len(examples):,} of {counted(counts['edits'], 'edit')}") if 0 < len(examples) < counts["edits"] else ""
    )
    inner = "".join(map(example_line, examples)) + more
    return group("rule", stage["stage"], f"<span class='name'>{name}</span>{told}", inner)


def example_line(example: Example) -> str:
    """An edit in its context; invisible characters are shown by a sign or their code."""
    removed = f"<del>{visible(example.before)}</del>" if example.before else ""
    added = f"<ins>{visible(example.after)}</ins>" if example.after else ""
    why = aside(visible(example.reason, 160)) if example.reason else ""
    text = f"{visible(example.left)}{removed}{added}{visible(example.right)}"
    head = f"{words(example.source)} {key_of(example.id)} {why}"
    return f"<div class='entry eg'><p lang='zh-Hans'>{text}</p><p class='source'>{head}</p></div>"
