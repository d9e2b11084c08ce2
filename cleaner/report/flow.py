"""How documents and characters go through the stages: a diagram whose bands are as wide as what flows in them.

What goes on flows to the right. What is dropped or removed leaves downwards, what is added comes from above. Below
the two diagrams stands the table of exact numbers, of which they are the picture.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

from cleaner.report.markup import number, section, sign_of, table, visible

Report = dict[str, Any]

LEFT, TOP, STEP, TALL, THIN = 8, 62, 172, 104, 9  # place of the first node; distance, height and width of nodes
FALL = 66  # from the foot of the tallest node to the head of an arrow
LINE = 15  # height of a line of text
LEAST = 1.5  # width of the thinnest band
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves the flow in one stage."""

    kind: str  # dropped or removed: the class of its colour
    count: int
    words: tuple[str, ...]  # lines below the arrow


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: what goes on, of which some is replaced by as much, what leaves, and what is added."""

    name: str
    count: int  # after the stage
    replaced: int = 0
    added: int = 0
    leaving: tuple[Leaving, ...] = field(default=())


def flow_section(stages: list[Report]) -> str:
    """The two diagrams and the table."""
    first = stages[0]["counts"]
    documents = [Step("raw", first["documents_in"]), *map(documents_of, stages)]
    characters = [Step("raw", first["characters_in"]), *map(characters_of, stages)]
    body = (
        f"<figure><figcaption>Documents</figcaption>{diagram('documents', documents)}</figure>"
        f"<figure><figcaption>Characters</figcaption>{diagram('characters', characters)}"
        "<p class='key'><span class='kept'>unchanged</span> <span class='replaced'>replaced by as many</span> "
        "<span class='added'>added</span> <span class='removed'>removed</span> "
        f"<span class='dropped'>in dropped documents</span></p></figure>{account(stages)}"
    )
    lead = "Nothing vanishes: what came in went on, or left with a reason."
    return section("flow", "Through the stages", body, lead)


def documents_of(stage: Report) -> Step:
    """The documents of one stage."""
    dropped = sorted(stage["counts"]["dropped"].items(), key=lambda item: (-item[1], item[0]))
    words = [f"{count:,} {reason}" for reason, count in dropped[:MOST_REASONS]]
    if rest := sum(count for _, count in dropped[MOST_REASONS:]):
        words.append(f"{rest:,} for other reasons")
    gone = sum(count for _, count in dropped)
    return Step(stage["stage"], stage["counts"]["kept"], leaving=leaving("dropped", gone, tuple(words)))


def characters_of(stage: Report) -> Step:
    """The characters of one stage. What a rule replaces by as many characters goes on."""
    rules = stage["counts"]["rules"].values()
    removed = sum(max(0, rule["removed"] - rule["added"]) for rule in rules)
    added = sum(max(0, rule["added"] - rule["removed"]) for rule in rules)
    replaced = sum(min(rule["added"], rule["removed"]) for rule in rules)
    dropped = stage["counts"]["characters_dropped"]
    gone = leaving("removed", removed, (f"{removed:,} removed",))
    gone += leaving("dropped", dropped, (f"{dropped:,} dropped",))
    return Step(stage["stage"], stage["counts"]["characters_out"], replaced, added, gone)


def leaving(kind: str, count: int, words: tuple[str, ...]) -> tuple[Leaving, ...]:
    return (Leaving(kind, count, words),) if count else ()


def diagram(thing: str, steps: list[Step]) -> str:
    """The SVG of one flow, with its account in words for those who cannot see it."""
    scale = TALL / max(1, max(step.count + sum(part.count for part in step.leaving) for step in steps))
    below = max((sum(len(part.words) for part in step.leaving) for step in steps), default=0)
    width = LEFT + STEP * (len(steps) - 1) + 104
    height = TOP + TALL + (FALL + LINE * below if below else 0) + 10
    bands = "".join(
        band(before, after, LEFT + STEP * place, scale)
        for place, (before, after) in enumerate(itertools.pairwise(steps))
    )
    nodes = "".join(node(step, LEFT + STEP * place, scale) for place, step in enumerate(steps))
    return (
        f"<div class='wide' tabindex='0' role='region' aria-label='Flow of {thing}'>"
        f"<svg class='flow' viewBox='0 0 {width} {height}' role='img' aria-labelledby='{thing}-title {thing}-account'>"
        f"<title id='{thing}-title'>Flow of {thing} through the stages</title>"
        f"<desc id='{thing}-account'>{in_words(thing, steps)}</desc>{bands}{nodes}</svg></div>"
    )


def in_words(thing: str, steps: list[Step]) -> str:
    """The whole flow as sentences."""
    sentences = [f"{steps[0].count:,} {thing} came in."]
    for step in steps[1:]:
        gone = [f"{part.count:,} {part.kind} ({', '.join(part.words)})" for part in step.leaving]
        gone += [f"{step.added:,} added"] if step.added else []
        gone += [f"{step.replaced:,} replaced"] if step.replaced else []
        sentences.append(f"After {step.name}: {step.count:,}{'; ' * bool(gone)}{', '.join(gone)}.")
    return "".join(sign_of(character) for character in " ".join(sentences))


def node(step: Step, x: float, scale: float) -> str:
    """The bar of one stage with its name and number."""
    tall = max(LEAST, step.count * scale)
    return (
        f"<rect class='node' x='{x}' y='{TOP}' width='{THIN}' height='{tall:.1f}'/>"
        f"<text class='count' x='{x}' y='{TOP - 28}'>{number(step.count)}</text>"
        f"<text class='stage' x='{x}' y='{TOP - 12}'>{visible(step.name)}</text>"
    )


def band(before: Step, after: Step, x: float, scale: float) -> str:
    """What flows from one stage to the next, and what leaves or comes in between."""
    start, end = x + THIN, x + STEP
    gone = sum(part.count for part in after.leaving)
    through = before.count - gone
    y = TOP + after.added * scale  # where it arrives, below what is added
    unchanged = max(0, through - after.replaced) * scale
    found = [ribbon("kept", start, (TOP, unchanged), end, (y, unchanged))]
    if after.replaced:
        tall = max(LEAST, after.replaced * scale)
        found.append(ribbon("replaced", start, (TOP + unchanged, tall), end, (y + unchanged, tall)))
    if after.added:
        tall = max(LEAST, after.added * scale)
        found.append(rise(end, max(LEAST, after.added * scale)))
        label = f"+{number(after.added)}"
        found.append(f"<text class='note' x='{end - 62}' y='{TOP - 16}' text-anchor='middle'>{label}</text>")
    y, foot, line = TOP + through * scale, TOP + TALL + FALL - 14, TOP + TALL + FALL + 2
    at = start + 34 + sum(max(LEAST, part.count * scale) + 10 for part in after.leaving)
    for part in after.leaving:  # the uppermost turns outside the others, so that none crosses another
        tall = max(LEAST, part.count * scale)
        at -= tall + 10
        found.append(fall(part.kind, (start, y), (at, foot), tall))
        for words in part.words:
            found.append(f"<text class='note {part.kind}' x='{start + 20}' y='{line}'>{visible(words, 40)}</text>")
            line += LINE
        y += part.count * scale
    return "".join(found)


def ribbon(kind: str, x: float, one: tuple[float, float], end: float, other: tuple[float, float]) -> str:
    """A band from a place and height on the left to a place and height on the right."""
    (y, tall), (to, tall_there), middle = one, other, (x + end) / 2
    return (
        f"<path class='{kind}' d='M{x:.1f} {y:.1f} C{middle:.1f} {y:.1f} {middle:.1f} {to:.1f} {end:.1f} {to:.1f} "
        f"v{tall_there:.1f} C{middle:.1f} {to + tall_there:.1f} {middle:.1f} {y + tall:.1f} {x:.1f} {y + tall:.1f} Z'/>"
    )


def fall(kind: str, origin: tuple[float, float], foot: tuple[float, float], tall: float) -> str:
    """A band that turns from the right to downwards and ends in an arrow."""
    (x, y), (at, ground) = origin, foot
    tip = max(4.0, tall / 4)
    right = f"{at + tall:.1f} {y:.1f} {at + tall:.1f} {y:.1f} {at + tall:.1f} {ground:.1f}"
    arrow = f"h{tip / 2:.1f} L{at + tall / 2:.1f} {ground + tip:.1f} L{at - tip / 2:.1f} {ground:.1f} h{tip / 2:.1f}"
    left = f"{at:.1f} {y + tall:.1f} {at:.1f} {y + tall:.1f} {x:.1f} {y + tall:.1f}"
    return f"<path class='{kind}' d='M{x:.1f} {y:.1f} C{right} {arrow} C{left} Z'/>"


def rise(x: float, tall: float) -> str:
    """A band that comes from above and turns to the right, into a stage."""
    start, foot, sky = x - 58, TOP + tall, TOP - 10
    upper = f"{x - 30:.1f} {sky} {x - 30:.1f} {TOP} {x:.1f} {TOP}"
    lower = f"{x - 34:.1f} {foot:.1f} {start - tall:.1f} {foot:.1f} {start - tall:.1f} {sky}"
    return f"<path class='added' d='M{start:.1f} {sky} C{upper} v{tall:.1f} C{lower} Z'/>"


def account(stages: list[Report]) -> str:
    """What came in is what went out, and what was removed, added and dropped: the exact numbers."""
    rows = []
    for stage in stages:
        counts = stage["counts"]
        numbers = (
            counts["documents_in"],
            counts["documents_in"] - counts["kept"],
            counts["kept"],
            counts["characters_in"],
            sum(rule["removed"] for rule in counts["rules"].values()),
            sum(rule["added"] for rule in counts["rules"].values()),
            counts["characters_dropped"],
            counts["characters_out"],
        )
        rows.append((visible(stage["stage"]), *map(number, numbers)))
    heads = (
        *("stage", "documents in", "− dropped", "= kept"),
        *("characters in", "− removed", "+ added", "− dropped", "= out"),
    )
    return table(heads, rows, " id='stages'")
