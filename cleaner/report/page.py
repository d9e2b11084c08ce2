"""The report as one HTML page that needs nothing else: no network, no script."""

from html import escape

from cleaner.decode.exact import STAND_INS
from cleaner.files.corpus import Corpus
from cleaner.readings import HEADS, rows_by_encoding, rows_put_aside
from cleaner.report.story import Drop, Example, RuleStory, Story, tell

STYLE = """
:root { color-scheme: light dark; --line: #8884; --faint: #8881; --old: #c0392b; --new: #1e8449; --bar: #5b8def; }
@media (prefers-color-scheme: dark) { :root { --old: #ff8a80; --new: #8fd19e; --bar: #7aa2f7; } }
body { font: 15px/1.6 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem } h2 { font-size: 1.2rem; margin-top: 2.5rem }
table { border-collapse: collapse; width: 100%; margin: .8rem 0 } th, td { padding: .25rem .6rem; text-align: left;
  border-bottom: 1px solid var(--line); vertical-align: top } td.n, th.n { text-align: right;
  font-variant-numeric: tabular-nums; white-space: nowrap }
code, .rule { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9em }
.flow { display: flex; gap: .4rem; align-items: end; margin: 1rem 0 } .flow div { flex: 1; text-align: center }
.flow .bar { background: var(--bar); border-radius: .2rem .2rem 0 0; min-height: 2px }
.source { color: #888; font-size: .85em; overflow-wrap: anywhere } .eg { margin: .15rem 0; overflow-wrap: anywhere }
del { color: var(--old); background: var(--faint); text-decoration: line-through } ins { color: var(--new);
  background: var(--faint); text-decoration: none; font-weight: 600 }
details { border-bottom: 1px solid var(--line); padding: .3rem 0 } summary { cursor: pointer }
summary .n { float: right; color: #888 } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
.pair p { margin: .2rem 0; overflow-wrap: anywhere; white-space: pre-line } .lead { color: #888; margin-top: 0 }
@media print { details { break-inside: avoid } }
"""


def build_page(corpus: Corpus, name: str) -> str:
    """The whole page for a stage folder or version."""
    story = tell(corpus)
    first, last = story.stages[0]["counts"], story.stages[-1]["counts"]
    summary = (
        f"{first['documents_in']:,} documents in · {last['kept']:,} kept · {story.dropped:,} dropped · "
        f"{first['characters_in']:,} characters in · {last['characters_out']:,} out"
    )
    parts = [
        f"<h1>{escape(name)}</h1><p class='lead' id='summary'>{summary}</p>",
        flow(story),
        stage_table(story),
        tallies(story),
        readings(story),
        "<h2 id='rules'>What each rule changed</h2>",
        *[rule_section(rule) for rule in story.rules],
        "<h2 id='dropped'>What was dropped, and why</h2>",
        drops(story),
        ignored(story),
    ]
    return (
        f"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>{escape(name)} – cleaner</title>"
        f"<meta name='viewport' content='width=device-width'><style>{STYLE}</style></head>\n"
        f"<body>{chr(10).join(parts)}</body></html>\n"
    )


def flow(story: Story) -> str:
    """Documents kept after each stage, as bars."""
    counts = [("raw", story.stages[0]["counts"]["documents_in"])]
    counts += [(stage["stage"], stage["counts"]["kept"]) for stage in story.stages]
    most = max(count for _, count in counts) or 1
    bars = "".join(
        f"<div>{count:,}<div class='bar' style='height:{100 * count / most:.0f}px'></div>{escape(name)}</div>"
        for name, count in counts
    )
    return f"<div class='flow' id='flow'>{bars}</div>"


def stage_table(story: Story) -> str:
    """The account of each stage: what came in is what went out, and what was removed, added and dropped."""
    rows = []
    for stage in story.stages:
        counts = stage["counts"]
        removed = sum(rule["removed"] for rule in counts["rules"].values())
        added = sum(rule["added"] for rule in counts["rules"].values())
        numbers = (
            counts["documents_in"],
            counts["documents_in"] - counts["kept"],
            counts["characters_in"],
            removed,
            added,
            counts["characters_dropped"],
            counts["characters_out"],
        )
        rows.append(f"<tr><td>{escape(stage['stage'])}</td>{''.join(f'<td class=n>{n:,}</td>' for n in numbers)}</tr>")
    heads = ("documents in", "dropped", "characters in", "− removed", "+ added", "− in dropped", "= out")
    head = "".join(f"<th class=n>{title}</th>" for title in heads)
    return f"<h2>Stages</h2><table id='stages'><tr><th>stage</th>{head}</tr>{''.join(rows)}</table>"


def tallies(story: Story) -> str:
    """Encodings and scripts of the documents that were kept."""
    tables = [
        f"<div><table><tr><th>{title}</th><th class=n>documents kept</th></tr>{rows}</table></div>"
        for title, tally in (("encoding", story.encodings), ("script, before conversion", story.scripts))
        if (
            rows := "".join(
                f"<tr><td>{escape(key or 'not examined')}</td><td class=n>{count:,}</td></tr>"
                for key, count in sorted(tally.items(), key=lambda item: (-item[1], item[0]))
            )
        )
    ]
    return f"<div class='pair' id='tallies'>{''.join(tables)}</div>"


def readings(story: Story) -> str:
    """How the files were read: those that were kept by encoding, and what was decided about the others."""
    tables = [
        f"<table>{reading_row(heads, 'th')}{''.join(reading_row(row, 'td') for row in rows)}</table>"
        for heads, rows in (
            (HEADS, rows_by_encoding(story.readings)),
            (("put aside", "files"), rows_put_aside(story.readings)),
        )
        if rows
    ]
    return f"<h2 id='readings'>How the files were read</h2>{''.join(tables)}" if tables else ""


def reading_row(cells: tuple[str, ...], tag: str) -> str:
    """A row whose first cell is a name and whose others are numbers."""
    numbers = "".join(f"<{tag} class=n>{escape(cell)}</{tag}>" for cell in cells[1:])
    return f"<tr><{tag}>{escape(cells[0])}</{tag}>{numbers}</tr>"


def rule_section(rule: RuleStory) -> str:
    """One rule with its counts and examples."""
    counts = rule.counts
    numbers = (
        f"{counts['edits']:,} edits in {counts['documents']:,} documents, "
        f"−{counts['removed']:,} +{counts['added']:,} characters"
    )
    if counts.get("left"):  # stage folders of an older cleaner do not have it
        numbers += f"; {counts['left']:,} places left, undecided"
    examples = "".join(example_line(example) for example in rule.examples)
    return (
        f"<details open class='rule-story'><summary><span class='rule'>{escape(rule.stage)} · {escape(rule.rule)}"
        f"</span> <span class='n'>{numbers}</span></summary>{examples}</details>"
    )


def example_line(example: Example) -> str:
    """An edit in its context; invisible characters are shown by a sign or their code."""
    removed = f"<del>{visible(example.before)}</del>" if example.before else ""
    added = f"<ins>{visible(example.after)}</ins>" if example.after else ""
    left, right = visible(example.left), visible(example.right)
    return f"<div class='eg'>…{left}{removed}{added}{right}… <span class='source'>{escape(example.source)}</span></div>"


def visible(text: str, longest: int = 60) -> str:
    """A text on one line, escaped, with signs for what cannot be seen; a long one is cut in the middle."""
    if len(text) > longest:
        half = longest // 2
        skipped = len(text) - 2 * half
        return f"{visible(text[:half])} <i>… {skipped:,} characters …</i> {visible(text[-half:])}"
    return "".join(sign_of(character) for character in text)


def sign_of(character: str) -> str:
    """How one character is shown."""
    signs = {"\n": "↵", "\r": "␍", "\t": "⇥", "\N{IDEOGRAPHIC SPACE}": "□"}
    if character in signs:
        return signs[character]
    if ord(character) >= STAND_INS:
        return f"&lt;{ord(character) - STAND_INS:02X}&gt;"
    if not character.isprintable():
        return f"&lt;U+{ord(character):04X}&gt;"
    return escape(character)


def drops(story: Story) -> str:
    """The dropped documents, each beside the one that stays in its place."""
    if not story.drops:
        return "<p>Nothing was dropped.</p>"
    more = f"<p class='lead'>The first {len(story.drops):,} of {story.dropped:,}.</p>"
    return (more if story.dropped > len(story.drops) else "") + "".join(drop_section(drop) for drop in story.drops)


def drop_section(drop: Drop) -> str:
    """One dropped document."""
    sides = f"<div><b>dropped</b><p>{escape(drop.excerpt)}</p></div>" if drop.excerpt.strip() else ""
    if drop.keeper:
        title = f"<b>stays</b> <span class='source'>{escape(drop.keeper)}</span>"
        sides += f"<div>{title}<p>{escape(drop.keeper_excerpt)}</p></div>"
    return (
        f"<details open class='drop'><summary>{escape(drop.source)} <span class='n'>{escape(drop.stage)} · "
        f"{escape(drop.reason)}</span></summary><div class='pair'>{sides}</div></details>"
    )


def ignored(story: Story) -> str:
    """What lies under raw/ and was no input."""
    if not story.ignored:
        return ""
    rows = "".join(
        f"<tr><td>{escape(entry['source'])}</td><td>{escape(entry['reason'])}</td></tr>"
        for entry in story.ignored[:500]
    )
    return f"<h2 id='ignored'>Passed over in raw/</h2><table>{rows}</table>"
