"""Pieces of HTML. Whatever comes from a corpus (texts, paths, reasons, settings) goes through `visible` or `shown`.

Both escape it and give signs for what cannot be seen, so no text can break out of its place, turn the direction of
what follows it, or hide.
"""

import functools
from collections.abc import Iterable, Sequence
from html import escape

from cleaner.decode.exact import STAND_INS

SIGNS = {"\n": "↵", "\r": "␍", "\t": "⇥", "\N{IDEOGRAPHIC SPACE}": "□"}
PATH = 120  # characters of a path that are shown
LONGEST = 60  # characters of an inline text, unless it is said otherwise


def visible(text: str, longest: int = LONGEST) -> str:
    """A text on one line, escaped, with signs for what cannot be seen; a long one is cut in the middle."""
    if len(text) > longest:
        half = longest // 2
        skipped = len(text) - 2 * half
        return f"{visible(text[:half])} <i>… {skipped:,} characters …</i> {visible(text[-half:])}"
    return "".join(map(sign_of, text))


def shown(text: str) -> str:
    """A text escaped whole, its lines kept, with signs for what else cannot be seen."""
    return "".join(["\n" if character == "\n" else sign_of(character) for character in text])


@functools.lru_cache(maxsize=1 << 14)
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


def words(text: str, longest: int = PATH) -> str:
    """Words of the corpus on one line: marked as Chinese, so that they are not drawn in Japanese forms."""
    return f"<span lang='zh-Hans'>{visible(text, longest)}</span>"


def key_of(name: str) -> str:
    """The beginning of an id, enough to find the document by."""
    return f"<code>{visible(name[:8])}</code>"


def aside(told: str) -> str:
    """What is said beside a name, in a quieter colour; HTML already."""
    return f"<span class='why'>{told}</span>"


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
    return note(f"{seen:,} of {counted(all_of_them, thing)}, chosen by the hash of their ids.")


def first_of(seen: int, all_of_them: int, which: str = "the first") -> str:
    """The same, of what is shown from the beginning of its order."""
    return note(f"{which} {seen:,} of {all_of_them:,}") if seen < all_of_them else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], attributes: str = "") -> str:
    """A table of cells that are HTML already; the first column holds names, the others numbers."""
    head = "".join(f"<th scope='col'{' class=n' if at else ''}>{title}</th>" for at, title in enumerate(heads))
    body = "".join(
        f"<tr><th scope='row'>{row[0]}</th>{''.join(f'<td class=n>{cell}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return framed(f"<table{attributes}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", "table")


def listing(label: str, heads: Sequence[str], rows: Iterable[str]) -> str:
    """A table of words, whose rows are HTML already and can be searched."""
    head = "".join(f"<th scope='col'>{title}</th>" for title in heads)
    body = "".join(f"<tr class='entry'>{row}</tr>" for row in rows)
    return framed(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", label)


def framed(inner: str, label: str) -> str:
    """Something wide, in a frame that can be moved by the keyboard too."""
    return f"<div class='wide' tabindex='0' role='region' aria-label='{label}'>{inner}</div>"


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


def group(kind: str, stage: str, summary: str, inner: str) -> str:
    """Entries that can be folded under a summary and chosen by stage."""
    chosen = f" data-stage='{visible(stage, 80)}'" if stage else ""
    return f"<details open class='{kind} group'{chosen}><summary>{summary}</summary>{inner}</details>"


def named(name: str, told: str) -> str:
    """The summary of a group: its name, and what is told of it on the right."""
    return f"<span class='name'>{name}</span><span class='told'>{told}</span>"


def entry(head: str, body: str = "") -> str:
    """One thing that can be searched: a quiet line that says where it is, and below it what stands there."""
    return f"<div class='entry eg'><p class='source'>{head}</p>{body}</div>"


def line_entry(told: str) -> str:
    """One thing of one line that can be searched."""
    return f"<div class='entry line'>{told}</div>"


def note(told: str) -> str:
    """A remark about what is shown, such as how much of it."""
    return f"<p class='sample'>{told}</p>"
