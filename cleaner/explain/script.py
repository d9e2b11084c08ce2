"""What simplify decides about one document, and why: `cleaner simplify --only`."""

from collections.abc import Iterator

from cleaner.config import SimplifyConfig
from cleaner.explain.shown import around, one_line, shortened, told_some
from cleaner.files.corpus import Corpus
from cleaner.pipeline import text_before
from cleaner.simplify.convert import decisions
from cleaner.simplify.duals import Decision
from cleaner.simplify.scripts import TRADITIONAL, classes_of, find_traditional


def explain_script(corpus: Corpus, key: str, settings: SimplifyConfig, everything: bool = False) -> Iterator[str]:
    """Which parts of a document are traditional, and what becomes of each dual character in them, and why."""
    life = corpus.find(key)
    text = text_before("simplify", life)
    classes = classes_of(text)
    script, counts, spans = find_traditional(classes, settings)
    yield f"{life.document.source}\nid {life.document.id}"
    told = f"{counts.traditional:,} characters that only traditional text has, {counts.simplified:,} only simplified"
    yield f"script {script}: {told}"
    yield f"\ntraditional parts: {'' if spans else 'none'}"
    yield from told_some([f"{start}–{end}  {shortened(text[start:end])}" for start, end in spans], everything)
    yield "\ndual characters in them, and the votes (in nats; above zero for leaving the character)"
    yield from told_some([told_decision(text, made) for made in decisions(text, classes, spans)], everything)
    outside = bytearray(classes)
    for start, end in spans:
        outside[start:end] = bytes(end - start)
    left = [place for place, letter in enumerate(outside) if letter == TRADITIONAL[0]]
    if left:
        yield "\ntraditional characters that are left, since what stands around them is not traditional"
        yield from told_some([around(text, place, text[place]) for place in left], everything)


def told_decision(text: str, decision: Decision) -> str:
    """One dual character in context, what becomes of it, and the votes."""
    stays = decision.becomes == decision.character
    becomes = f"{decision.character} stays" if stays else f"{decision.character} → {decision.becomes}"
    votes = ", ".join(f"{told_vote(name)} {vote:+.1f}" for name, vote in decision.votes)
    return f"{around(text, decision.offset, becomes)}  {votes}"


def told_vote(name: str) -> str:
    """What cast a vote: 看_ stands for the character after 看."""
    return name if name == "default" else f"beside {one_line(name)}" if "_" in name else f"phrase {name}"
