"""What is not in the corpus: what was dropped and why, quarantine, what was passed over; and articles in parts."""

from typing import Any

from cleaner.files.raw import is_part
from cleaner.report.markup import (
    aside,
    counted,
    entry,
    first_of,
    group,
    key_of,
    line_entry,
    named,
    number,
    opening,
    sampled,
    section,
    visible,
    words,
)
from cleaner.report.story import Drop, Story

EXCERPT = 160  # characters of a dropped document
ROWS = 40


def drops_section(stages: list[dict[str, Any]], story: Story) -> str:
    """What was dropped, by stage and kind of reason."""
    sizes = {item["source"]: item["bytes"] for item in stages[0].get("inputs", [])}
    parts = []
    for stage in stages:
        kinds = sorted(stage["counts"]["dropped"].items(), key=lambda item: (-item[1], item[0]))
        for kind, count in kinds:
            parts.append(kind_story(stage["stage"], kind, count, story, sizes))
    body = "".join(parts) or "<p>Nothing was dropped.</p>"
    return section("dropped", "What was dropped, and why", body + ignored_part(stages[0].get("ignored", [])))


def kind_story(stage: str, kind: str, count: int, story: Story, sizes: dict[str, int]) -> str:
    """All that went for one kind of reason."""
    drops = story.drops.get((stage, kind), [])
    name = f"<span class='stage'>{visible(stage)} · </span>{visible(kind, 120)}"
    entries = "".join(drop_entry(drop, story, sizes) for drop in drops)
    inner = entries + sampled(len(drops), count, "document")
    return group("drops", stage, named(name, counted(count, "document")), inner)


def drop_entry(drop: Drop, story: Story, sizes: dict[str, int]) -> str:
    """One dropped document."""
    document = drop.document
    kind = "part" if is_part(document.source, document.row) else "row"
    row = f", {kind} {number(document.row)}" if document.row is not None else ""
    head = [words(document.source) + row, key_of(document.id)]
    if document.row is None and (size := sizes.get(document.source, 0)):
        head.append(aside(counted(size, "byte")))
    head.append(aside(visible(drop.reason, 200)))
    if drop.by:
        keeper = story.keepers.get(drop.by)
        head.append(aside(f"stays: {words(keeper.source) if keeper else key_of(drop.by) + ', of an earlier version'}"))
    if drop.is_quarantined:
        head.append(aside("its bytes are in quarantine"))
    if document.text.strip():
        body = f"<p lang='zh-Hans'>{opening(document.text, EXCERPT)}</p>"
    else:
        body = "<p class='none'>There is no text.</p>"
    return entry(" ".join(head), body)


def ignored_part(rows: list[dict[str, str]]) -> str:
    """What lies under raw/ and was no input."""
    if not rows:
        return ""
    entries = "".join(line_entry(f"{words(row['source'])} {aside(visible(row['reason'], 120))}") for row in rows[:ROWS])
    return f"<h3 id='ignored'>Passed over in raw/</h3>{entries}{first_of(min(ROWS, len(rows)), len(rows))}"


def links_section(stages: list[dict[str, Any]]) -> str:
    """Articles that stand in two documents, and parts whose other part is not here."""
    links = [link for stage in stages for link in stage.get("links", [])]
    orphans = [orphan for stage in stages for orphan in stage.get("orphans", [])]
    parts = []
    if links:
        chosen = sorted(links, key=lambda link: (-link["score"], link["first"]))[:ROWS]
        parts += ["<h3>Goes on in another document</h3>", *map(link_entry, chosen)]
        parts.append(first_of(len(chosen), len(links), "the surest"))
    if orphans:
        parts.append("<h3>The other part is not here</h3>")
        for orphan in orphans[:ROWS]:
            parts.append(line_entry(f"{words(orphan['source'])} {aside(visible(orphan['expects'], 120))}"))
        parts.append(first_of(min(ROWS, len(orphans)), len(orphans)))
    return section("links", "Articles in parts", "".join(parts)) if parts else ""


def link_entry(link: dict[str, Any]) -> str:
    """Two parts of one article, and why they are taken for such."""
    why = ", ".join(f"{reason} {vote:+.1f}" for reason, vote in link["reasons"])
    told = aside(f"score {link['score']:.1f}: {visible(why, 300)}")
    return entry(f"{words(link['first_source'])} → {words(link['second_source'])} {told}")
