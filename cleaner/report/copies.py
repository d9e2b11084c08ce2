"""Copies: groups of documents of which one stays, each with what sets it apart; what stands in several; boilerplate."""

from typing import Any

from cleaner.document import Document
from cleaner.report.compare import Part, compare, shortened
from cleaner.report.markup import (
    aside,
    counted,
    entry,
    first_of,
    group,
    key_of,
    listing,
    named,
    note,
    number,
    section,
    table,
    visible,
    words,
)
from cleaner.report.story import LONGEST_SHOWN, Drop, Story
from cleaner.report.survey import Survey

MOST_DIFFERENCES = 24  # of one pair
ROWS = 40  # of a table
EXCERPT = 160  # characters of a passage
BOILERPLATE = {
    "drop": "They were removed.",
    "report": 'They stay; <code>dedup.boilerplate = "drop"</code> removes them.',
}


def copies_section(stages: list[dict[str, Any]], found: Survey, story: Story) -> str:
    """All that dedup found."""
    report: dict[str, Any] = next((stage for stage in reversed(stages) if stage["stage"] == "dedup"), {})
    parts = [
        clusters_part(found, story),
        contained_part(report.get("contained", [])),
        passages_part(report, story),
        boilerplate_part(report.get("boilerplate", []), report.get("settings", {}).get("boilerplate", "")),
    ]
    return section("copies", "Copies", "".join(parts))


def clusters_part(found: Survey, story: Story) -> str:
    """The documents that stay in the place of others."""
    if not story.clusters:
        return "<p>No document was dropped for another.</p>"
    gone = sum(found.victims.values())
    said = f"{counted(gone, 'document')} went for {number(len(found.victims))} that stay. In a comparison:"
    lead = f"<p class='lead'>{said} <del>only in the copy</del> <ins>only in the one that stays</ins></p>"
    shown = len(story.clusters)
    more = f"{shown:,} of {counted(len(found.victims), 'group')}: the largest, and some by the hash of their ids."
    groups = [
        cluster(name, found.victims[name], drops, story.keepers.get(name)) for name, drops in story.clusters.items()
    ]
    return f"<h3>Groups</h3>{lead}{note(more) if shown < len(found.victims) else ''}{''.join(groups)}"


def cluster(name: str, victims: int, drops: list[Drop], keeper: Document | None) -> str:
    """One document that stays, and those that went for it."""
    title = words(keeper.source) if keeper else f"a document of an earlier version, {key_of(name)}"
    inner = "".join(victim(drop, keeper) for drop in drops) + first_of(len(drops), victims, "shown are")
    return group("cluster", "dedup", named(title, f"stays for {counted(victims, 'other')}"), inner)


def victim(drop: Drop, keeper: Document | None) -> str:
    """One document that went, with the reason, and what sets it apart from the one that stays."""
    head = f"{words(drop.document.source)} {key_of(drop.document.id)} {aside(visible(drop.reason, 200))}"
    return entry(head, comparison(drop.document.text, keeper.text) if keeper else "")


def comparison(copy: str, keeper: str) -> str:
    """Two texts in one, with what only one of them has marked; what both have is cut to what is around it."""
    cut = max(len(copy), len(keeper)) > LONGEST_SHOWN
    parts = compare(copy[:LONGEST_SHOWN], keeper[:LONGEST_SHOWN])
    if copy == keeper:
        return "<p class='same'>The same, character by character.</p>"
    told = "".join(part_told(part) for part in shortened(parts, MOST_DIFFERENCES))
    ending = f" <i>the first {LONGEST_SHOWN:,} characters of each</i>" if cut else ""
    return f"<p class='apart' lang='zh-Hans'>{told}{ending}</p>"


def part_told(part: Part | int) -> str:
    """One part of a comparison."""
    if isinstance(part, int):
        return f" <i>… {counted(part, 'character')} …</i> "
    if part.is_equal:
        return visible(part.before, 80)
    removed = f"<del>{visible(part.before, 120)}</del>" if part.before else ""
    return removed + (f"<ins>{visible(part.after, 120)}</ins>" if part.after else "")


def contained_part(rows: list[dict[str, Any]]) -> str:
    """Documents that stand in a longer one."""
    if not rows:
        return ""
    chosen = sorted(rows, key=lambda row: (-row["containment"], row["id"]))[:ROWS]
    body = (
        f"<th scope='row'>{words(row['source'])}</th><td class='n'>{row['containment']:.2f}</td>"
        f"<td>{words(row['by_source'])}</td><td>{visible(row['where'], 120)}</td>"
        for row in chosen
    )
    told = listing("contained documents", ("document", "share of it", "stands in", "where"), body)
    return f"<h3>Documents in longer ones</h3>{told}{first_of(len(chosen), len(rows))}"


def passages_part(report: dict[str, Any], story: Story) -> str:
    """Passages that stand in several documents; with their words where they are still there."""
    if not story.passages:
        return ""
    across = report.get("across", {})
    in_place = report.get("settings", {}).get("passages") == "report"
    told = (
        f"{counted(across.get('passages', 0), 'passage')} with "
        f"{counted(across.get('characters_in_passages', 0), 'character')} in "
        f"{counted(across.get('documents_with_passages', 0), 'document')}; "
        f"{'they stay' if in_place else 'they were removed'}. The longest {len(story.passages):,}:"
    )
    entries = "".join(passage(row, story.keepers.get(row["id"]) if in_place else None) for row in story.passages)
    return f"<h3>Passages in several documents</h3><p class='lead'>{told}</p>{entries}"


def passage(row: dict[str, Any], document: Document | None) -> str:
    """One passage."""
    head = (
        f"{words(row['source'])} from {number(row['start'])} on, and {words(row['by_source'])} from "
        f"{number(row['by_start'])} on {aside(counted(row['characters'], 'character'))}"
    )
    body = f"<p>{words(document.text[row['start'] : row['end']], EXCERPT)}</p>" if document else ""
    return entry(head, body)


def boilerplate_part(rows: list[dict[str, Any]], mode: str) -> str:
    """Lines that recur in the documents of a source."""
    if not rows:
        return ""
    chosen = sorted(rows, key=lambda row: (-row["documents"], row["source"], row["line"]))[:ROWS]
    cells = [
        (words(row["line"], 100), words(row["source"], 60), number(row["documents"]), number(row["of"]))
        for row in chosen
    ]
    told = f"<p class='lead'>{BOILERPLATE.get(mode, '')}</p>{table(('line', 'source', 'documents', 'of'), cells)}"
    return f"<h3>Lines that recur</h3>{told}{first_of(len(chosen), len(rows), 'the most frequent')}"
