"""Stage 3, simplify: traditional text becomes simplified; everything else stays as it is.

What is wrong with the text: part of a corpus is from Taiwan, Hong Kong, or simplified text that a program made
traditional, and parts of one text can be. What goes wrong with converting it: every converter damages text that is
simplified already (显著 becomes 显着, 孙乾 becomes 孙干) and Japanese (憲法), and many characters have two readings.

So we look before we convert:

1. `scripts`: which script each text, line and clause is in, by the characters that only one script has;
2. `convert`: opencc converts what is traditional, with our own dictionary, which never changes vocabulary;
3. `duals`: characters that simplified text uses too (著 乾 藉) are decided by what stands beside them.

What is simplified is never touched, not even a character that only traditional text has: it is a quotation or a name.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cleaner.config import SimplifyConfig
from cleaner.document import Document, Edits, Outcome, batches
from cleaner.simplify.convert import convert
from cleaner.simplify.scripts import TOGETHER, ScriptCounts, judged


def simplify(documents: Iterable[Document], config: SimplifyConfig) -> Iterator[Outcome]:
    """Convert what is traditional in each document, and note its script."""
    for batch in batches(documents, TOGETHER):
        for document, counts in zip(batch, ScriptCounts.of_each([document.text for document in batch]), strict=True):
            yield simplify_one(document, counts, config)


def simplify_one(document: Document, counts: ScriptCounts, config: SimplifyConfig) -> Outcome:
    """One document, whose characters are counted."""
    script, spans = judged(counts, config)
    text = convert(document.text, counts.classes, spans) if spans and config.convert_traditional else document.text
    edits = Edits.between("convert_traditional", document.text, text) if text != document.text else None
    found = replace(
        document,
        text=text,
        script=script,
        traditional_characters=counts.traditional,
        simplified_characters=counts.simplified,
    )
    return Outcome(found, (edits,) if edits else ())
