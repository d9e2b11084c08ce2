"""What stands in several documents: a document within a longer one, and passages that two documents share.

What is wrong with the corpus: a page of a newspaper holds five articles that are there as documents, too, and a decree
is quoted whole in the reports about it. Neither makes two documents copies of each other. It goes four steps, over the
documents that stay when copies are gone:

1. *fingerprints* that several documents have say which to compare (`fingerprints`);
2. *contained documents* (`contained`): one is, if enough of its shingles stand in one place of a longer one. Where the
   differences are numbers, it is another copy of a form. One shorter than a passage must stand there letter for letter;
3. *passages* (`shared_passages`): whole lines of a document that stand, but for typos, in one that is kept before it.
   Like passages within a document they are long, running text and varied. Lines in between that are not there stay;
4. a document of which passages would leave next to nothing, less than could be looked for, counts as contained.

Documents of less than 43 folded characters, and text that stands in more than 50, are not looked at.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from cleaner.config import DedupConfig
from cleaner.dedup.comparing import Contained, Corpus, Passage, groups_of, met_in
from cleaner.dedup.contained import find_contained, likely_containers
from cleaner.dedup.copies import Flags, ranked
from cleaner.dedup.fingerprints import BOILERPLATE, SEVERAL, SURE, Readers, bits_for, states_of
from cleaner.dedup.folding import Offsets
from cleaner.dedup.shared_passages import as_passage, find_passages, likely_passages
from cleaner.document import Sketches

MOST_LISTED = 1000  # passages in a report; all are in the Parquet files
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Across:
    """What was found in several documents."""

    contained: list[Contained] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    boilerplate: int = 0  # fingerprints in too many documents to be looked at


def find_across(known: Sketches, stays: Flags, readers: Readers, config: DedupConfig) -> Across:
    """All four steps, on the documents that stay."""
    asked: Flags = stays & (known.folded >= SURE)
    if np.count_nonzero(asked) < 2 or config.contained == config.passages == "off":
        return Across()
    bits = bits_for(int(known.folded[asked].sum()))
    states = states_of(readers.slots(asked, bits), bits)
    boilerplate = int(np.count_nonzero(states == BOILERPLATE))
    if not (states == SEVERAL).any():
        return Across(boilerplate=boilerplate)
    occurrences = readers.occurring(asked, states)
    ranks = ranks_of(ranked(known, config))
    longest = ranks_of(np.lexsort((ranks, -known.folded)))
    groups = groups_of(occurrences)
    containers = likely_containers(met_in(occurrences, groups, longest), known, longest)
    seeds = likely_passages(met_in(occurrences, groups, ranks), ranks, config)
    involved = np.zeros(len(known), dtype=np.bool_)
    involved[seeds[:, :2].ravel()] = True
    involved[containers[containers >= 0]] = True
    involved |= (containers >= 0).any(axis=1)
    if not involved.any():
        return Across(boilerplate=boilerplate)
    corpus = Corpus(known, readers.folded(involved), ranks, states, config)
    contained = dict(find_contained(corpus, occurrences, containers, np.argsort(longest)))
    passages = dict(find_passages(corpus, seeds, contained)) if config.passages != "off" else {}
    if config.contained == "off":
        contained = {}
    rows = [
        as_passage(corpus, number, block, other) for number in sorted(passages) for block, other in passages[number]
    ]
    return Across([contained[number] for number in sorted(contained)], rows, boilerplate)


def ranks_of(order: Offsets) -> Offsets:
    """The place of each document in an order."""
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


# The report


def as_report(across: Across) -> dict[str, Any]:
    """What the report of the stage says: the contained documents, the first passages, and how many there are."""
    rows = across.passages
    return {
        "contained": [asdict(entry) for entry in across.contained],
        "passages": [asdict(row) for row in rows[:MOST_LISTED]],
        "across": {
            "contained": len(across.contained),
            "passages": len(rows),
            "documents_with_passages": len({row.id for row in rows}),
            "characters_in_passages": sum(row.characters for row in rows),
            "boilerplate_fingerprints": across.boilerplate,
        },
    }


def told(report: dict[str, Any]) -> list[str]:
    """A few lines for people about what stands in several documents."""
    lines = [
        f"{entry['source']}: {entry['containment']:.0%} of it stands in {entry['by_source']}"
        for entry in report.get("contained", [])[:MOST_TOLD]
    ]
    lines += [
        f"{row['source']}: {row['characters']:,} characters stand in {row['by_source']}, too"
        for row in report.get("passages", [])[:MOST_TOLD]
    ]
    counts = report.get("across", {})
    more = counts.get("contained", 0) + counts.get("passages", 0) - len(lines[:MOST_TOLD])
    return lines[:MOST_TOLD] + ([f"… and {more:,} more"] if more else [])
