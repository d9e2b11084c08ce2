"""The speeds that `whole.py` measured as a plot: a dot for each command on a logarithmic axis, as SVG by hand."""

import math
from collections.abc import Mapping
from html import escape

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 190, 40, 66, 26  # pixels
COLOURS = {"prose": "#1f6feb", "mixed": "#d9622b", "peers": "#6e7781"}
TOLD = {
    "prose": "simplified prose in UTF-8",
    "mixed": "mixed scripts and encodings, torn pages",
    "peers": "other packages, for copies only",
}
TITLE = "Megabytes of raw text a second, one core"


def draw(speeds: Mapping[str, Mapping[str, float]]) -> str:
    """An SVG with one row for each command and one colour for each corpus; speeds in MB/s, more than 0."""
    names = list(dict.fromkeys(name for found in speeds.values() for name in found))
    values = [value for found in speeds.values() for value in found.values()]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    height = TOP + ROW * len(names) + 34

    def across(value: float) -> float:
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{TITLE}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(14, 22, TITLE, weight="600", size=15),
    ]
    at = 14.0
    for kind in speeds:
        parts.append(dot(at + 5, 42, COLOURS[kind]) + text(at + 15, 46, TOLD[kind], size=12, colour="#57606a"))
        at += 34 + 6.0 * len(TOLD[kind])
    bottom = TOP + ROW * len(names)
    for power in range(low, high + 1):
        x = across(10.0**power)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#d8dee4"/>')
        parts.append(text(x, bottom + 18, f"{10.0**power:g}", anchor="middle", size=12, colour="#57606a"))
    for number, name in enumerate(names):
        y = TOP + ROW * (number + 0.5)
        is_whole = name == "run"
        said = "cleaner run" if is_whole else name
        parts.append(text(LEFT - 12, y + 4, said, anchor="end", weight="600" if is_whole else "400"))
        parts.append(f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#f0f2f4"/>')
        for kind, found in speeds.items():
            if name in found:
                parts.append(dot(across(found[name]), y, COLOURS[kind], f"{said}, {kind}: {found[name]:.2f} MB/s"))
    return "\n".join([*parts, "</svg>", ""])


def text(x: float, y: float, said: str, *, anchor: str = "start", weight: str = "400", **look: float | str) -> str:
    size, colour = look.get("size", 13), look.get("colour", "#1f2328")
    style = f'text-anchor="{anchor}" font-weight="{weight}" font-size="{size}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(said)}</text>'


def dot(x: float, y: float, colour: str, told: str = "") -> str:
    title = f"<title>{escape(told)}</title>" if told else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}" fill-opacity="0.85">{title}</circle>'
