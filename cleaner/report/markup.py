"""Pieces of HTML. Whatever comes from a corpus (texts, paths, reasons, settings) goes through `visible` or `shown`.

Both escape it and give signs for what cannot be seen, so no text can break out of its place, turn the direction of
what follows it, or hide.
"""

from collections.abc import Iterable, Sequence
from html import escape

from cleaner.decode.exact import STAND_INS

SIGNS = {"\n": "↵", "\r": "␍", "\t": "⇥", "\N{IDEOGRAPHIC SPACE}": "□"}
LONGEST = 60  # characters of an inline text, unless it is said otherwise


def visible(text: str, longest: int = LONGEST) -> str:
    """A text on one line, escaped, with signs for what cannot be seen; a long one is cut in the middle."""
    if len(text) > longest:
        half = longest // 2
        skipped = len(text) - 2 * half
        return f"{visible(text[:half])} <i>… {skipped:,} characters …</i> {visible(text[-half:])}"
    return "".join([sign_of(character) for character in text])


def shown(text: str) -> str:
    """A text escaped whole, its lines kept, with signs for what else cannot be seen."""
    return "".join(["\n" if character == "\n" else sign_of(character) for character in text])


def sign_of(character: str) -> str:
    """How one character is shown."""
    if character in SIGNS:
        return SIGNS[character]
    if ord(character) >= STAND_INS:
        return f"&lt;{ord(character) - STAND_INS:02X}&gt;"
    if not character.isprintable():
        return f"&lt;U+{ord(character):04X}&gt;"
    return escape(character)


def opening(text: str, longest: int) -> str:
    """The beginning of a text, on one line, with a sign where it is cut."""
    return visible(text[:longest], longest) + ("…" if len(text) > longest else "")


def number(value: int) -> str:
    """A number for a table.

    >>> number(12345), number(-3)
    ('12,345', '−3')
    """
    return f"{value:,}".replace("-", "\N{MINUS SIGN}")


def counted(value: int, thing: str) -> str:
    """A number of things.

    >>> counted(1, "edit"), counted(1200, "edit")
    ('1 edit', '1,200 edits')
    """
    return f"{value:,} {thing}{'s' * (value != 1)}"


def percent(part: float, whole: float) -> str:
    """A share; a small one is not called nothing, and a large one not all.

    >>> percent(1, 3), percent(1, 100000), percent(99999, 100000), percent(0, 0)
    ('33.3 %', '<0.1 %', '>99.9 %', '0 %')
    """
    if part in (0, whole):
        return "100 %" if part and part == whole else "0 %"
    share = 100 * part / whole
    said = f"{share:.1f}"
    return {"0.0": "<0.1 %", "100.0": ">99.9 %"}.get(said, f"{said} %") if 0 < share < 100 else f"{said} %"


def sampled(seen: int, all_of_them: int, thing: str) -> str:
    """How many of all are on the page, said only where it is not all of them."""
    if seen >= all_of_them:
        return ""
    return f"<p class='sample'>{seen:,} of {counted(all_of_them, thing)}, chosen by the hash of their ids.</p>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], attributes: str = "") -> str:
    """A table of cells that are HTML already; the first column holds names, the others numbers."""
    head = "".join(f"<th scope='col'{' class=n' if at else ''}>{title}</th>" for at, title in enumerate(heads))
    body = "".join(
        f"<tr><th scope='row'>{row[0]}</th>{''.join(f'<td class=n>{cell}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    label = "tabindex='0' role='region' aria-label='table'"  # so that a wide one can be moved by the keyboard
    return f"<div class='wide' {label}><table{attributes}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def section(key: str, title: str, body: str, lead: str = "") -> str:
    """A part of the page, with the anchor by which the list of contents leads to it."""
    said = f"<p class='lead'>{lead}</p>" if lead else ""
    return f"<section id='{key}' aria-labelledby='{key}-title'><h2 id='{key}-title'>{title}</h2>{said}{body}</section>"


def bar(part: float, whole: float, kind: str = "") -> str:
    """A small bar for a share. Drawn as SVG, since the page allows no style attributes."""
    width = 100 * part / whole if whole else 0.0
    width = max(width, 1.0) if part else 0.0
    return (
        f"<svg class='bar {kind}' viewBox='0 0 100 8' preserveAspectRatio='none' aria-hidden='true'>"
        f"<rect class='track' width='100' height='8'/><rect class='fill' width='{width:.1f}' height='8'/></svg>"
    )
