"""What a report tells, collected from the counts and the ledger. Examples are the first of each rule, in order."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cleaner.document import Edit, Edits, invert
from cleaner.files.corpus import Corpus, Life

EXAMPLES_PER_RULE = 6
EXAMPLES_PER_DOCUMENT = 2
CONTEXT = 18  # characters shown on either side of an edit
EXCERPT = 160  # characters shown of a dropped document
MAX_DROPS = 200


@dataclass(frozen=True, slots=True)
class Example:
    """One edit in its place."""

    source: str
    left: str
    before: str
    after: str
    right: str


@dataclass(frozen=True, slots=True)
class RuleStory:
    """What one rule did: its counts and some examples."""

    stage: str
    rule: str
    counts: dict[str, int]
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class Drop:
    """A document that was dropped, and the one that stays in its place."""

    source: str
    id: str
    stage: str
    reason: str
    excerpt: str
    keeper: str  # path of the document that stays
    keeper_excerpt: str


@dataclass(slots=True)
class Story:
    """All that a report tells."""

    name: str
    stages: list[dict[str, Any]]  # the reports of the stages
    rules: list[RuleStory] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)
    dropped: int = 0
    encodings: Counter[str] = field(default_factory=Counter)
    scripts: Counter[str] = field(default_factory=Counter)
    readings: dict[str, Any] = field(default_factory=dict)  # how files were read, counted; empty if decode did not say
    ignored: list[dict[str, str]] = field(default_factory=list)


def tell(corpus: Corpus) -> Story:
    """Collect what a report tells, in one pass over the documents and one over those that were dropped."""
    story = Story(corpus.name, [stage.report for stage in corpus.stages])
    story.readings = corpus.stages[0].report.get("readings", {})
    story.ignored = corpus.stages[0].report.get("ignored", [])
    wanted = {
        (stage.stage, rule): counts["documents"]
        for stage in corpus.stages
        for rule, counts in stage.report["counts"]["rules"].items()
    }
    examples: dict[tuple[str, str], list[Example]] = {key: [] for key in wanted}
    texts: dict[str, tuple[str, str]] = {}
    keepers = {by for _, _, _, by in corpus.dropped() if by}
    for life in corpus.lives():
        document = life.document
        if document.id in keepers:
            texts[document.id] = (document.source, document.text[:EXCERPT])
        if not life.dropped:
            story.encodings[document.encoding] += 1
            story.scripts[document.script] += 1
        collect_examples(life, examples)
    for stage in corpus.stages:
        for rule, counts in stage.report["counts"]["rules"].items():
            story.rules.append(RuleStory(stage.stage, rule, counts, examples[stage.stage, rule]))
    for document, stage_name, reason, by in corpus.dropped():
        story.dropped += 1
        if len(story.drops) < MAX_DROPS:
            source, excerpt = texts.get(by, ("", ""))
            drop = Drop(document.source, document.id, stage_name, reason, document.text[:EXCERPT], source, excerpt)
            story.drops.append(drop)
    return story


def collect_examples(life: Life, examples: dict[tuple[str, str], list[Example]]) -> None:
    """Take examples from one document for the rules that have too few, walking its history backwards."""
    wanted = [(stage, edits) for stage, edits in life.edits if len(examples[stage, edits.rule]) < EXAMPLES_PER_RULE]
    text = life.document.text
    for stage, edits in reversed(life.edits):
        if not wanted:
            return
        if any(edits is candidate for _, candidate in wanted):
            wanted = [(name, candidate) for name, candidate in wanted if candidate is not edits]
            found = examples[stage, edits.rule]
            found += [
                Example(life.document.source, *context_of(text, edit))
                for edit in first_edits(edits, min(EXAMPLES_PER_DOCUMENT, EXAMPLES_PER_RULE - len(found)))
            ]
        try:
            text = invert(text, edits)
        except ValueError:
            return  # the ledger does not fit, which the check has said; there is nothing right to show


def first_edits(edits: Edits, count: int) -> list[tuple[int, Edit]]:
    """The first edits of a run of a rule, each with its place in the text that came out."""
    found: list[tuple[int, Edit]] = []
    for place, edit in zip(edits.inverse().offsets.tolist(), edits, strict=True):
        if len(found) == count:
            break
        found.append((place, edit))
    return found


def context_of(text: str, placed: tuple[int, Edit]) -> tuple[str, str, str, str]:
    """What stands left of an edit, what stood there, what stands there now, and what stands right of it."""
    place, edit = placed
    end = place + len(edit.after)
    return text[max(place - CONTEXT, 0) : place], edit.before, edit.after, text[end : end + CONTEXT]
