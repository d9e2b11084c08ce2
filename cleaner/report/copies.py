"""Copies: groups of documents of which one stays, each with what sets it apart; what stands in several; boilerplate."""

from typing import Any

from cleaner.document import Document
from cleaner.report.compare import Part, compare, shortened
from cleaner.report.markup import counted, number, sampled, section, table, visible
from cleaner.report.story import LONGEST_SHOWN, Drop, Story
from cleaner.report.survey import Survey

MOST_DIFFERENCES = 24  # of one pair
ROWS = 40  # of a table
EXCERPT = 160  # characters of a passage


def copies_section(stages: list[dict[str, Any]], found: Survey, story: Story) -> str:
    """All that dedup found."""
    report = next((stage for stage in reversed(stages) if stage["stage"] == "dedup"), {})
    gone = sum(found.victims.values())
    parts = ["<h3>Groups of copies</h3>" if story.clusters else "<p>No document was dropped for another.</p>"]
    if story.clusters:
        said = f"{counted(gone, 'document')} went for {number(len(found.victims))} that stay."
        more = " The largest groups come first." if len(story.clusters) < len(found.victims) else ""
        parts.append(f"<p class='lead'>{said}{more} In a comparison, <del>only in the copy</del>, <ins>only in the one that stays</ins>.</p>")
        parts.append(sampled(len(story.clusters), len(found.victims), "group"))
        parts += [cluster(name, found.victims[name], drops, story.keepers.get(name)) for name, drops in story.clusters.items()]
    parts.append(contained_part(report.get("contained", [])))
    parts.append(passages_part(report, story))
    parts.append(boilerplate_part(report.get("boilerplate", []), report.get("settings", {}).get("boilerplate", "")))
    return section("copies", "Copies", "".join(parts))


def cluster(name: str, victims: int, drops: list[Drop], keeper: Document | None) -> str:
    """One document that stays, and those that went for it."""
    title = visible(keeper.source, 120) if keeper else f"a document of an earlier version, <code>{visible(name[:8])}</code>"
    more = f"<p class='sample'>{len(drops):,} of {counted(victims, 'document')}</p>" if len(drops) < victims else ""
    return (
        f"<details open class='cluster group' data-stage='dedup'><summary><span class='name' lang='zh-Hans'>{title}</span>"
        f"<span class='told'>stays for {counted(victims, 'other')}</span></summary>"
        f"{''.join(victim(drop, keeper) for drop in drops)}{more}</details>"
    )


def victim(drop: Drop, keeper: Document | None) -> str:
    """One document that went, with the reason, and what sets it apart from the one that stays."""
    head = (
        f"<p class='source'><span lang='zh-Hans'>{visible(drop.document.source, 120)}</span> "
        f"<code>{visible(drop.document.id[:8])}</code> <span class='why'>{visible(drop.reason, 200)}</span></p>"
    )
    told = comparison(drop.document.text, keeper.text) if keeper else ""
    return f"<div class='entry eg'>{head}{told}</div>"


def comparison(copy: str, keeper: str) -> str:
    """Two texts in one, with what only one of them has marked; what both have is cut to what is around it."""
    cut = max(len(copy), len(keeper)) > LONGEST_SHOWN
    parts = compare(copy[:LONGEST_SHOWN], keeper[:LONGEST_SHOWN])
    if all(part.is_equal for part in parts) and not cut:
        return "<p class='same'>The same, character by character.</p>"
    told = "".join(part_told(part) for part in shortened(parts, MOST_DIFFERENCES))
    note = f" <i>the first {LONGEST_SHOWN:,} characters</i>" if cut else ""
    return f"<p class='apart' lang='zh-Hans'>{told}{note}</p>"


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
    body = "".join(
        f"<tr class='entry'><th scope='row' lang='zh-Hans'>{visible(row['source'], 120)}</th><td class='n'>{row['containment']:.2f}</td>"
        f"<td lang='zh-Hans'>{visible(row['by_source'], 120)}</td><td>{visible(row['where'], 120)}</td></tr>"
        for row in chosen
    )
    heads = "".join(f"<th scope='col'>{head}</th>" for head in ("document", "share of it", "stands in", "where"))
    more = f"<p class='sample'>{len(chosen):,} of {counted(len(rows), 'document')}</p>" if len(chosen) < len(rows) else ""
    return f"<h3>Documents in longer ones</h3><div class='wide' tabindex='0' role='region' aria-label='contained documents'><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>{more}"


def passages_part(report: dict[str, Any], story: Story) -> str:
    """Passages that stand in several documents; with their words where they are still there."""
    if not story.passages:
        return ""
    across = report.get("across", {})
    in_place = report.get("settings", {}).get("passages") == "report"
    told = (
        f"{counted(across.get('passages', 0), 'passage')} with {counted(across.get('characters_in_passages', 0), 'character')} in "
        f"{counted(across.get('documents_with_passages', 0), 'document')}; {'they stay' if in_place else 'they were removed'}. "
        f"The longest {len(story.passages):,}:"
    )
    entries = "".join(passage(row, story.keepers.get(row["id"]) if in_place else None) for row in story.passages)
    return f"<h3>Passages in several documents</h3><p class='lead'>{told}</p>{entries}"


def passage(row: dict[str, Any], document: Document | None) -> str:
    """One passage."""
    words = f"<p>{visible(document.text[row['start'] : row['end']], EXCERPT)}</p>" if document else ""
    return (
        f"<div class='entry eg' lang='zh-Hans'>{words}<p class='source'>{visible(row['source'], 120)} from {number(row['start'])} on, and "
        f"{visible(row['by_source'], 120)} from {number(row['by_start'])} on <span class='why'>{counted(row['characters'], 'character')}</span></p></div>"
    )


def boilerplate_part(rows: list[dict[str, Any]], mode: str) -> str:
    """Lines that recur in the documents of a source."""
    if not rows:
        return ""
    chosen = sorted(rows, key=lambda row: (-row["documents"], row["source"], row["line"]))[:ROWS]
    cells = [(f"<span lang='zh-Hans'>{visible(row['line'], 100)}</span>", f"<span lang='zh-Hans'>{visible(row['source'])}</span>", number(row["documents"]), number(row["of"])) for row in chosen]
    more = f"<p class='sample'>{len(chosen):,} of {counted(len(rows), 'line')}</p>" if len(chosen) < len(rows) else ""
    done = "They were removed." if mode == "drop" else "They stay; <code>dedup.boilerplate = \"drop\"</code> removes them."
    return f"<h3>Lines that recur</h3><p class='lead'>{done}</p>{table(('line', 'source', 'documents', 'of'), cells)}{more}"
