"""All claims that must hold of a corpus, in one place: what breaks each of them, and at the end their sentences.

All claims are made of every corpus, a stage folder or a version, so an unfinished one breaks those that a later
stage will see to. Only what a setting switched off is not asked for.

Claims about a document look at one `Life` and say in words what is wrong with it; all of them are asked in one pass
over the corpus. Claims about the corpus as a whole look at a `Whole`.

To add a claim: write the function below, name it in CLAIMS, give it a case in tests/test_check.py and a line in
docs/checks.md.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from cleaner.check.asked import Asked, Whole
from cleaner.check.claim import Claim, Failure
from cleaner.check.looks import (
    may_be_destroyed,
    may_be_traditional,
    may_be_uncomposed,
    may_hold_jumps,
    may_lead_elsewhere,
    may_stand_twice,
)
from cleaner.decode.mojibake import destroyed
from cleaner.dedup import remove_passages
from cleaner.files.corpus import Life
from cleaner.files.tables import read_batches
from cleaner.normalize.characters import compose_nfc
from cleaner.pipeline import STAGES, text_before
from cleaner.repair.jump_lines import find_jumps
from cleaner.simplify.scripts import TRADITIONAL, classes_of, find_traditional
from cleaner.verify import account
from cleaner.verify.rebuild import why_elsewhere

COMPARING = ("copies", "contained", "shared-passages")  # the claims for which documents are compared
UTF_8 = "utf-8"  # the claim without which no other can be asked
BEFORE_SIMPLIFY = STAGES[: STAGES.index("simplify")]

# About a document


def with_destroyed_text(life: Life, asked: Asked) -> Iterator[str]:
    # As decode left it, which judged the same: where other characters went, the share of lost ones is greater.
    if share := destroyed(text_seen_by("normalize", life)):
        yield f"{share:.1%} of its characters were lost before it came here"


def not_in_nfc(life: Life, asked: Asked) -> Iterator[str]:
    text = life.document.text
    if not asked.normalize.compose_nfc or unicodedata.is_normalized("NFC", text):
        return
    # The rule leaves a letter that bears hundreds of marks, and says so; that is no reason to refuse the corpus.
    if any(text[start:end] != after for start, end, after, *_ in compose_nfc(text)):
        yield "the text is not in Unicode normalization form C"


def with_traditional_text(life: Life, asked: Asked) -> Iterator[str]:
    if not asked.simplify.convert_traditional or life.dropped_in in BEFORE_SIMPLIFY:
        return
    # As simplify left it: two names, each alone in its line and rightly left, look like a quotation once repair has
    # joined the lines.
    text = text_seen_by("repair", life)
    classes = classes_of(text)
    for start, end in find_traditional(classes, asked.simplify)[2]:
        if TRADITIONAL in classes[start:end]:  # a line of a traditional text may have nothing to convert
            yield f"traditional text: {text[start : start + 30]}…"
            break


def text_seen_by(stage: str, life: Life) -> str:
    """The text as a stage saw it, or as it is if the ledger does not fit it, which breaks another claim."""
    try:
        return text_before(stage, life)
    except ValueError:
        return life.document.text


def with_jump_lines(life: Life, asked: Asked) -> Iterator[str]:
    if asked.repair.remove_jump_lines:
        for jump in find_jumps(life.document.text):
            yield f"jump line: {life.document.text[jump.start : jump.end]}"


def with_repeated_passages(life: Life, asked: Asked) -> Iterator[str]:
    for edits in remove_passages(life.document, asked.dedup)[1]:
        for edit in edits:
            yield f"stands twice: {edit.before.strip()[:30]}…"


# About the corpus as a whole


def not_utf8_in(path: Path) -> list[Failure]:
    """The texts of one shard that are not UTF-8: Arrow looks at a batch, and we only where it finds something."""
    found = []
    for batch in read_batches(path, ["id", "source", "text"]):
        try:
            batch.column("text").validate(full=True)
        except pa.ArrowInvalid:
            texts = batch.column("text").cast(pa.large_binary()).to_pylist()
            for number, text in enumerate(texts):
                try:
                    text.decode("utf-8")
                except UnicodeDecodeError as error:
                    name, source = (batch.column(column)[number].as_py() for column in ("id", "source"))
                    found.append(Failure(name, source, f"byte {error.start} is not valid UTF-8"))
    return found


def repeated_ids(whole: Whole) -> Iterator[Failure]:
    if not whole.repeated:
        return
    for path in [
        *whole.corpus.stages[-1].documents,
        *(path for stage in whole.corpus.stages for path in stage.dropped),
    ]:
        for batch in read_batches(path, ["id", "source"]):
            for row in batch.to_pylist():
                if row["id"] in whole.repeated:
                    yield Failure(row["id"], row["source"], f"this id stands {whole.repeated[row['id']]} times")


def copies(whole: Whole) -> Iterator[Failure]:
    for document in whole.corpus.documents() if whole.copies else ():
        if document.id in whole.copies:
            copy = whole.copies[document.id]
            yield Failure(document.id, document.source, f"a copy of {copy.keeper}, similarity {copy.jaccard:.3f}")


def contained(whole: Whole) -> Iterator[Failure]:
    if whole.asked.dedup.contained == "drop":
        for entry in whole.across.contained:
            yield Failure(entry.id, entry.source, f"{entry.containment:.2f} of it stands in {entry.by_source}")


def with_shared_passages(whole: Whole) -> Iterator[Failure]:
    if whole.asked.dedup.passages == "drop":
        for row in whole.across.passages:
            yield Failure(
                row.id, row.source, f"{row.characters} characters from {row.start} on stand in {row.by_source}"
            )


# What `verify` asks, too: that nothing has changed since, and that all of it leads back to raw/


def leading_elsewhere(life: Life, asked: Asked) -> Iterator[str]:
    """Whether the text, with the ledger taken back, gives the bytes that were read."""
    if found := why_elsewhere(life, asked.inputs):
        yield found


def vanished_documents(whole: Whole) -> Iterator[Failure]:
    yield from account.vanished_documents(whole.corpus)


def vanished_characters(whole: Whole) -> Iterator[Failure]:
    yield from account.vanished_characters(whole.corpus, whole.characters)


def changed_files(whole: Whole) -> Iterator[Failure]:
    yield from account.changed_files(whole.corpus)


CLAIMS = (
    Claim(UTF_8, "every text is valid UTF-8", "decode"),  # found while the documents are read to be asked
    Claim("unique-ids", "every id is unique", "decode", of_corpus=repeated_ids),
    Claim(
        "destroyed-text",
        "no text was destroyed before it came here (U+FFFD, 锟斤拷)",
        "decode",
        of_document=with_destroyed_text,
        may_break=may_be_destroyed,
    ),
    Claim(
        "nfc",
        "every text is in Unicode normalization form C",
        "normalize",
        of_document=not_in_nfc,
        may_break=may_be_uncomposed,
    ),
    Claim(
        "traditional-text",
        "no traditional text is left",
        "simplify",
        of_document=with_traditional_text,
        may_break=may_be_traditional,
        of_dropped=True,
    ),
    Claim(
        "jump-lines",
        "no jump line such as (上接第5版) is left",
        "repair",
        of_document=with_jump_lines,
        may_break=may_hold_jumps,
    ),
    Claim(
        "repeated-passages",
        "no passage stands twice in one document",
        "dedup",
        of_document=with_repeated_passages,
        may_break=may_stand_twice,
    ),
    Claim("copies", "no document is a copy of another", "dedup", of_corpus=copies),
    Claim("contained", "no document stands in a longer one, if such were to go", "dedup", of_corpus=contained),
    Claim(
        "shared-passages",
        "no passage stands in two documents, if such were to go",
        "dedup",
        of_corpus=with_shared_passages,
    ),
    Claim(
        "raw-bytes",
        "every text leads back to the bytes that were read",
        "decode",
        of_document=leading_elsewhere,
        may_break=may_lead_elsewhere,
        of_dropped=True,
    ),
    Claim("document-counts", "documents read = kept + dropped, in every stage", "decode", of_corpus=vanished_documents),
    Claim(
        "character-counts",
        "characters in - removed + added - dropped = characters out, in every stage",
        "decode",
        of_corpus=vanished_characters,
    ),
    Claim("checksums", "every file has the checksum that the manifest gives", "publish", of_corpus=changed_files),
)
