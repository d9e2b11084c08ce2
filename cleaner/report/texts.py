"""What the texts are like: how long before and after, in which encodings and scripts, and how surely they were read."""

from collections.abc import Sequence
from typing import Any

from cleaner.document import Reading
from cleaner.readings import HEADS, confidence_in_words, rows_by_encoding, rows_put_aside
from cleaner.report.markup import bar, listing, number, percent, section, table, visible, words
from cleaner.report.survey import CONFIDENCES, LENGTHS, Cells, Survey

WIDTH, HEIGHT, FOOT = 640, 150, 22  # of a histogram


def texts_section(stages: list[dict[str, Any]], found: Survey) -> str:
    """Lengths, scripts and encodings."""
    simplify: dict[str, Any] = next((stage["counts"] for stage in stages if stage["stage"] == "simplify"), {})
    scripts = simplify.get("scripts", {})
    converted = simplify.get("rules", {}).get("convert_traditional", {}).get("documents", 0)
    parts = [
        "<h3>Characters per document</h3>",
        f"<figure>{lengths_chart(found.before, found.after)}<p class='key'><span class='then'>as read, "
        f"{number(int(found.before.sum()))} documents</span> <span class='kept'>as kept, "
        f"{number(int(found.after.sum()))}</span></p></figure>",
        lengths_table(found.before, found.after),
        "<div class='two'>",
        tally("script, before conversion", scripts, f"{number(converted)} converted to simplified, wholly or in part"),
        tally("encoding of what is kept, before", stages[-1]["counts"]["encodings"], "all of it is UTF-8 now"),
        "</div>",
    ]
    return section("texts", "The texts", "".join(parts))


def lengths_chart(before: Cells, after: Cells) -> str:
    """Two histograms in one: outlines for what was read, bars for what is kept."""
    first, last = span(before, after)
    most = max(1, int(before.max()), int(after.max()))
    step = WIDTH / max(6, last - first)
    drawn = []
    for place, at in enumerate(range(first, last)):
        x, (low, high) = place * step, (HEIGHT * int(cells[at]) / most for cells in (after, before))
        label = f"{bin_name(LENGTHS, at)}: {number(int(before[at]))} read, {number(int(after[at]))} kept"
        drawn.append(
            f"<g><title>{label}</title>{column('kept', x + 3, step - 6, low)}{column('then', x + 1.5, step - 3, high)}"
            f"<text x='{x:.1f}' y='{HEIGHT + 16}'>{short(LENGTHS[at - 1]) if at else '0'}</text></g>"
        )
    size = f"viewBox='-4 -4 {WIDTH + 8} {HEIGHT + FOOT + 4}'"
    title = "Documents by length, as read and as kept; the numbers are in the table below"
    return (
        f"<svg class='histogram' {size} role='img' aria-labelledby='lengths-title'>"
        f"<title id='lengths-title'>{title}</title>"
        f"<line x1='0' x2='{WIDTH}' y1='{HEIGHT}' y2='{HEIGHT}'/>{''.join(drawn)}</svg>"
    )


def column(kind: str, x: float, width: float, height: float) -> str:
    """One bar of a histogram, on its ground line."""
    place = f"x='{x:.1f}' y='{HEIGHT - height:.1f}'"
    return f"<rect class='{kind}' {place} width='{width:.1f}' height='{height:.1f}'/>"


def lengths_table(before: Cells, after: Cells) -> str:
    """The numbers of the histogram."""
    first, last = span(before, after)
    rows = [
        (bin_name(LENGTHS, at), number(int(before[at])), number(int(after[at])), number(int(after[at] - before[at])))
        for at in range(first, last)
    ]
    body = table(("characters", "as read", "as kept", "difference"), rows)
    return f"<details class='folded' open><summary>The numbers of this histogram</summary>{body}</details>"


def span(*histograms: Cells) -> tuple[int, int]:
    """The cells from the first to the last that holds anything in any of some histograms."""
    filled = [at for at in range(len(histograms[0])) if any(cells[at] for cells in histograms)]
    return (filled[0], filled[-1] + 1) if filled else (0, 1)


def bin_name(bounds: Sequence[float], at: int) -> str:
    """What a cell of a histogram holds.

    >>> bin_name((1, 2, 5), 0), bin_name((1, 2, 5), 1), bin_name((1, 2, 5), 2), bin_name((1, 2, 5), 3)
    ('0', '1', '2 – 4', '5 and more')
    """
    low = int(bounds[at - 1]) if at else 0
    if at == len(bounds):
        return f"{low:,} and more"
    high = int(bounds[at]) - 1
    return f"{low:,}" if low == high else f"{low:,} – {high:,}"


def short(value: float) -> str:
    """A round number for an axis.

    >>> short(500), short(2000), short(10_000_000)
    ('500', '2k', '10M')
    """
    for unit, sign in ((1_000_000, "M"), (1_000, "k")):
        if value >= unit:
            return f"{value / unit:.0f}{sign}"
    return f"{value:.0f}"


def tally(title: str, counts: dict[str, int], note: str) -> str:
    """How many documents there are of each kind, with bars."""
    whole = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [
        (visible(name or "not examined"), number(count), percent(count, whole), bar(count, whole))
        for name, count in ordered
    ]
    said = table((title, "documents", "share", ""), rows, " class='tally'")
    return f"<div>{said}<p class='note'>{note}</p></div>" if rows else ""


def readings_section(readings: dict[str, Any], found: Survey) -> str:
    """How the files were read: those kept by encoding, how surely, and what was decided about the others."""
    rows = rows_by_encoding(readings)
    aside = rows_put_aside(readings)
    parts = [table(HEADS, [(visible(row[0]), *row[1:]) for row in rows])] if rows else []
    if aside:
        parts.append(table(("put aside", "files"), [(visible(name), count) for name, count in aside]))
    if found.confidences.sum():
        parts += ["<h3>Confidence of the encoding</h3>", confidence_table(found.confidences)]
    doubtful = list(found.doubtful)
    if doubtful:
        said = f"<p class='sample'>The least sure {len(doubtful):,} of {found.doubtful.seen:,} below 0.999.</p>"
        parts += ["<h3>Read with doubt</h3>", said, doubtful_table(doubtful)]
    lead = "Each file is weighed in every encoding that can read it. The rows of tables are text already."
    return section("readings", "How the files were read", "".join(parts), lead) if parts else ""


def confidence_table(cells: Cells) -> str:
    """How many files were read how surely."""
    names = [
        f"below {bound}" if at == 0 else f"{CONFIDENCES[at - 1]} – {bound}" for at, bound in enumerate(CONFIDENCES)
    ]
    names.append("1")
    whole = int(cells.sum())
    rows = [
        (names[at], number(int(cells[at])), percent(int(cells[at]), whole), bar(int(cells[at]), whole))
        for at in reversed(range(len(cells)))
        if cells[at]
    ]
    return table(("confidence", "files", "share", ""), rows, " class='tally'")


def doubtful_table(readings: list[Reading]) -> str:
    """The files whose encoding is the least sure."""
    rows = (
        f"<th scope='row'>{words(reading.source)}</th><td>{visible(reading.encoding)}</td>"
        f"<td class='n'>{confidence_in_words(reading.confidence)}</td><td>{visible(reading.runner_up or '–')}</td>"
        f"<td>{visible(reading.chardet or '–')}</td><td>{visible(reading.decision)}</td>"
        for reading in readings
    )
    heads = ("file", "read as", "confidence", "next best", "chardet", "decision")
    return listing("files read with doubt", heads, rows)
