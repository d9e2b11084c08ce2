"""The edits of one document, told in the order in which they were made, each in the text that its rule saw."""

from collections.abc import Iterator

from cleaner.document import Edits, invert
from cleaner.errors import BadDataError
from cleaner.explain.shown import in_context
from cleaner.files.corpus import Life

MAX_EDITS = 8  # shown per rule unless all are asked for


def told_edits(life: Life, everything: bool) -> Iterator[str]:
    """The edits of a document in the order they were made, each in the text that its rule saw."""
    last = ""
    for (stage, edits), seen in zip(life.edits, texts_of(life), strict=False):
        if stage != last:
            yield f"\n{stage}"
            last = stage
        yield f"  {edits.rule}: {len(edits)} {'edit' if len(edits) == 1 else 'edits'}"
        yield from told_run(seen, edits, len(edits) if everything else MAX_EDITS)


def texts_of(life: Life) -> list[str]:
    """The text of a document before each run of a rule, and as it is now; the first is the raw text."""
    texts = [life.document.text]
    for _, edits in reversed(life.edits):
        try:
            texts.append(invert(texts[-1], edits))
        except ValueError as error:
            raise BadDataError(f"the ledger does not fit the text of {life.document.source}: {error}") from None
    return texts[::-1]


def told_run(text: str, edits: Edits, limit: int) -> Iterator[str]:
    """Some edits of one run of a rule, in context."""
    for number, edit in enumerate(edits):
        if number == limit:
            yield f"      … and {len(edits) - limit:,} more (`cleaner explain --all` shows them)"
            return
        yield f"      {edit.offset:>7}  {in_context(text, edit)}"
