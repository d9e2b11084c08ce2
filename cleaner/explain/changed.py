"""What differs between two texts, told place by place in its context, in colour or between signs."""

from collections.abc import Iterator, Sequence

from cleaner.changes import Difference, changes
from cleaner.explain.shown import CONTEXT, one_line, shortened

MAX_PLACES = 8  # of a document
RED, GREEN, PLAIN = "\x1b[31;9m", "\x1b[32m", "\x1b[0m"  # red and struck through, green, and neither


def told_changes(old: str, new: str, colours: bool, everything: bool) -> Iterator[str]:
    """What differs between two texts, a line for each place, with what stands around it."""
    places = grouped(changes(old, new))
    shown = places if everything else places[:MAX_PLACES]
    for group in shown:
        last = group[-1]
        end = last.offset + len(last.before)
        line = one_line(old[max(group[0].offset - CONTEXT, 0) : group[0].offset])
        for number, difference in enumerate(group):
            if number:
                before = group[number - 1]
                line += one_line(old[before.offset + len(before.before) : difference.offset])
            line += told_difference(difference, colours)
        yield f"  {group[0].offset:>9}  …{line}{one_line(old[end : end + CONTEXT])}…"
    if len(shown) < len(places):
        yield f"  … and {len(places) - len(shown):,} more places (--all shows them)"


def grouped(found: Sequence[Difference]) -> list[list[Difference]]:
    """Differences so close to each other that one context shows them."""
    groups: list[list[Difference]] = []
    for difference in found:
        last = groups[-1][-1] if groups else None
        if last and difference.offset - last.offset - len(last.before) <= CONTEXT:
            groups[-1].append(difference)
        else:
            groups.append([difference])
    return groups


def told_difference(difference: Difference, colours: bool) -> str:
    """What was removed and what was added, in colour or between signs."""
    removed, added = shortened(difference.before), shortened(difference.after)
    if colours:
        return (f"{RED}{removed}{PLAIN}" if removed else "") + (f"{GREEN}{added}{PLAIN}" if added else "")
    return (f"[-{removed}-]" if removed else "") + (f"{{+{added}+}}" if added else "")
