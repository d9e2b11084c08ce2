"""What is not in the corpus: what was dropped and why, quarantine, what was passed over; and articles in parts."""

from typing import Any

from cleaner.report.markup import counted, number, opening, sampled, section, visible
from cleaner.report.story import Drop, Story

EXCERPT = 160  # characters of a dropped document
ROWS = 40
NO_TEXT = "There is no text; the bytes are in quarantine, as they were."


def drops_section(stages: list[dict[str, Any]], story: Story) -> str:
    """What was dropped, by stage and kind of reason."""
    sizes = {entry["source"]: entry["bytes"] for entry in stages[0].get("inputs", [])}
    parts = []
    for stage in stages:
        kinds = sorted(stage["counts"]["dropped"].items(), key=lambda item: (-item[1], item[0]))
        for kind, count in kinds:
            parts.append(kind_story(stage["stage"], kind, count, story, sizes))
    parts.append(ignored_part(stages[0].get("ignored", [])))
    body = "".join(parts) or "<p>Nothing was dropped.</p>"
    return section("dropped", "What was dropped, and why", body)


def kind_story(stage: str, kind: str, count: int, story: Story, sizes: dict[str, int]) -> str:
    """All that went for one kind of reason."""
    drops = story.drops.get((stage, kind), [])
    entries = "".join(drop_entry(drop, story, sizes) for drop in drops)
    return (
        f"<details open class='drops group' data-stage='{visible(stage, 80)}'><summary><span class='name'><span class='stage'>"
        f"{visible(stage)} · </span>{visible(kind, 120)}</span><span class='told'>{counted(count, 'document')}</span></summary>"
        f"{entries}{sampled(len(drops), count, 'document')}</details>"
    )


def drop_entry(drop: Drop, story: Story, sizes: dict[str, int]) -> str:
    """One dropped document."""
    document = drop.document
    place = visible(document.source, 120) + (f", row {number(document.row)}" if document.row is not None else "")
    stays = ""
    if drop.by:
        keeper = story.keepers.get(drop.by)
        name = visible(keeper.source, 120) if keeper else f"<code>{visible(drop.by[:8])}</code>, of an earlier version"
        stays = f" <span class='why'>stays: <span lang='zh-Hans'>{name}</span></span>"
    size = sizes.get(document.source, 0) if document.row is None else 0
    was = f" <span class='why'>{counted(size, 'byte')}</span>" if size else ""
    empty = NO_TEXT if not document.encoding else "The text is empty."
    words = f"<p lang='zh-Hans'>{opening(document.text, EXCERPT)}</p>" if document.text.strip() else f"<p class='none'>{empty}</p>"
    return (
        f"<div class='entry eg'><p class='source'><span lang='zh-Hans'>{place}</span> <code>{visible(document.id[:8])}</code>{was} "
        f"<span class='why'>{visible(drop.reason, 200)}</span>{stays}</p>{words}</div>"
    )


def ignored_part(rows: list[dict[str, str]]) -> str:
    """What lies under raw/ and was no input."""
    if not rows:
        return ""
    entries = "".join(
        f"<div class='entry line'><span lang='zh-Hans'>{visible(row['source'], 120)}</span> <span class='why'>{visible(row['reason'], 120)}</span></div>"
        for row in rows[:ROWS]
    )
    more = f"<p class='sample'>{ROWS:,} of {len(rows):,}</p>" if len(rows) > ROWS else ""
    return f"<h3 id='ignored'>Passed over in raw/</h3>{entries}{more}"


def links_section(stages: list[dict[str, Any]]) -> str:
    """Articles that stand in two documents, and parts whose other part is not here."""
    links = [link for stage in stages for link in stage.get("links", [])]
    orphans = [orphan for stage in stages for orphan in stage.get("orphans", [])]
    if not links and not orphans:
        return ""
    parts = []
    if links:
        chosen = sorted(links, key=lambda link: (-link["score"], link["first"]))[:ROWS]
        more = f"<p class='sample'>The surest {len(chosen):,} of {len(links):,}.</p>" if len(chosen) < len(links) else ""
        parts += ["<h3>Goes on in another document</h3>", more, *map(link_entry, chosen)]
    if orphans:
        more = f"<p class='sample'>The first {ROWS:,} of {len(orphans):,}.</p>" if len(orphans) > ROWS else ""
        parts.append(f"<h3>The other part is not here</h3>{more}")
        parts += [
            f"<div class='entry line'><span lang='zh-Hans'>{visible(orphan['source'], 120)}</span> <span class='why'>{visible(orphan['expects'], 120)}</span></div>"
            for orphan in orphans[:ROWS]
        ]
    return section("links", "Articles in parts", "".join(parts))


def link_entry(link: dict[str, Any]) -> str:
    """Two parts of one article, and why they are taken for such."""
    why = ", ".join(f"{reason} {vote:+.1f}" for reason, vote in link["reasons"])
    return (
        f"<div class='entry eg'><p class='source'><span lang='zh-Hans'>{visible(link['first_source'], 120)} → {visible(link['second_source'], 120)}</span> "
        f"<span class='why'>score {link['score']:.1f}: {visible(why, 300)}</span></p></div>"
    )
