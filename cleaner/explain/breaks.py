"""What repair does to one document, and which line breaks it weighed and left: `cleaner repair --only`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cleaner.config import RepairConfig
from cleaner.explain.edits import told_edits
from cleaner.explain.shown import around, facts, told_some
from cleaner.files.corpus import Corpus, Life
from cleaner.pipeline import text_before, texts_before
from cleaner.repair import repair
from cleaner.repair.seams import explain_breaks
from cleaner.repair.witnesses import asked


def explain_repair(corpus: Corpus, key: str, settings: RepairConfig, everything: bool = False) -> Iterator[str]:
    """What repair does to a document and why, and the line breaks that it weighed and left. Writes nothing."""
    life = corpus.find(key)
    document = replace(life.document, text=text_before("repair", life))
    others = asked([document], lambda: texts_before("repair", corpus), settings)
    outcome = next(repair([document], settings, others))
    yield f"{document.source}\nid {document.id}{facts(outcome.document)}"
    if not outcome.edits:
        yield "\nnothing would be changed"
    yield from told_edits(Life(outcome.document, [("repair", edits) for edits in outcome.edits]), everything)
    left = [doubt for doubt in explain_breaks(outcome.document.text, others=others) if not doubt[2]]
    yield "\nline breaks that were weighed and are left (in nats; above zero for a cut)"
    yield from told_some(
        [told_break(outcome.document.text, end, score, why) for end, score, _, why in left], everything
    )


def told_break(text: str, end: int, score: float, why: Sequence[tuple[str, float]]) -> str:
    """One line break in context, its score, and what counted most."""
    votes = ", ".join(f"{reason} {vote:+.1f}" for reason, vote in why)
    return f"{around(text, end, '↵')}  {score:+.1f}: {votes}"
