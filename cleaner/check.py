"""Claims that must hold of a corpus. Each is a sentence, and a function that finds what breaks it.

All claims are made of every corpus, a stage folder or a version, so an unfinished one breaks those that a later
stage will see to. Only what a setting switched off is not asked for.

To add a claim: write the function below, name it in CLAIMS, give it a case in tests/test_check.py.
"""

import contextlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from cleaner.config import DedupConfig, SimplifyConfig
from cleaner.decode.mojibake import destroyed
from cleaner.dedup import across_among, copies_among, remove_passages
from cleaner.files.corpus import Corpus
from cleaner.files.tables import read_batches
from cleaner.pipeline import text_before
from cleaner.repair.jump_lines import find_jumps
from cleaner.simplify.scripts import classes_of, find_traditional
from cleaner.verify.account import Failure, changed_files, vanished_characters, vanished_documents
from cleaner.verify.rebuild import leading_elsewhere


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that must be true, what breaks it, and the stage that sees to it."""

    sentence: str
    failures: Callable[[Corpus], Iterator[Failure]]
    stage: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim and all that breaks it."""

    claim: Claim
    failures: list[Failure]


def check(corpus: Corpus) -> list[Finding]:
    """Examine a corpus by all claims. If a text is not even UTF-8, the others cannot be examined."""
    findings = [Finding(CLAIMS[0], list(CLAIMS[0].failures(corpus)))]
    if not findings[0].failures:
        findings += [Finding(claim, list(claim.failures(corpus))) for claim in CLAIMS[1:]]
    return findings


def settings_of(corpus: Corpus, stage: str) -> dict[str, Any]:
    """The settings with which a stage was run, so that a check asks for no more than the stage was told to do."""
    return next((entry.report["settings"] for entry in reversed(corpus.stages) if entry.stage == stage), {})


# Documents


def not_utf8(corpus: Corpus) -> Iterator[Failure]:
    for path in corpus.stages[-1].documents:
        for batch in read_batches(path, ["id", "source", "text"]):
            texts = batch.column("text").cast(pa.large_binary()).to_pylist()
            for number, text in enumerate(texts):
                try:
                    text.decode("utf-8")
                except UnicodeDecodeError as error:
                    name, source = (batch.column(column)[number].as_py() for column in ("id", "source"))
                    yield Failure(name, source, f"byte {error.start} is not valid UTF-8")


def repeated_ids(corpus: Corpus) -> Iterator[Failure]:
    seen = Counter(document.id for document in corpus.documents())
    seen.update(document.id for document, *_ in corpus.dropped())
    for document in corpus.documents():
        if seen[document.id] > 1:
            yield Failure(document.id, document.source, f"this id stands {seen[document.id]} times")


def with_destroyed_text(corpus: Corpus) -> Iterator[Failure]:
    for document in corpus.documents():
        if share := destroyed(document.text):
            yield Failure(document.id, document.source, f"{share:.1%} of its characters were lost before it came here")


def not_in_nfc(corpus: Corpus) -> Iterator[Failure]:
    if not settings_of(corpus, "normalize").get("compose_nfc", True):
        return
    for document in corpus.documents():
        if not unicodedata.is_normalized("NFC", document.text):
            yield Failure(document.id, document.source, "the text is not in Unicode normalization form C")


def with_traditional_text(corpus: Corpus) -> Iterator[Failure]:
    settings = SimplifyConfig.model_validate(settings_of(corpus, "simplify"))
    if not settings.convert_traditional:
        return
    for life in corpus.lives():
        # As simplify left it: two names, each alone in its line and rightly left, look like a quotation once repair has
        # joined the lines.
        document, text = life.document, life.document.text
        with contextlib.suppress(ValueError):  # a ledger that does not fit breaks another claim
            text = text_before("repair", life)
        _, _, spans = find_traditional(classes_of(text), settings)
        if spans:
            start = spans[0][0]
            yield Failure(document.id, document.source, f"traditional text: {text[start : start + 30]}…")


def with_jump_lines(corpus: Corpus) -> Iterator[Failure]:
    if not settings_of(corpus, "repair").get("remove_jump_lines", True):
        return
    for document in corpus.documents():
        for jump in find_jumps(document.text):
            yield Failure(document.id, document.source, f"jump line: {document.text[jump.start : jump.end]}")


def with_repeated_passages(corpus: Corpus) -> Iterator[Failure]:
    settings = DedupConfig.model_validate(settings_of(corpus, "dedup"))
    for document in corpus.documents():
        for edits in remove_passages(document, settings)[1]:
            for edit in edits:
                yield Failure(document.id, document.source, f"stands twice: {edit.before.strip()[:30]}…")


def copies(corpus: Corpus) -> Iterator[Failure]:
    settings = DedupConfig.model_validate(settings_of(corpus, "dedup"))
    found = copies_among(corpus.documents, settings)
    for document in corpus.documents() if found else ():
        if document.id in found:
            copy = found[document.id]
            yield Failure(document.id, document.source, f"a copy of {copy.keeper}, similarity {copy.jaccard:.3f}")


def contained(corpus: Corpus) -> Iterator[Failure]:
    settings = DedupConfig.model_validate(settings_of(corpus, "dedup"))
    if settings.contained == "drop":
        for entry in across_among(corpus.documents, settings).contained:
            yield Failure(entry.id, entry.source, f"{entry.containment:.2f} of it stands in {entry.by_source}")


def with_shared_passages(corpus: Corpus) -> Iterator[Failure]:
    settings = DedupConfig.model_validate(settings_of(corpus, "dedup"))
    if settings.passages == "drop":
        for row in across_among(corpus.documents, settings).passages:
            yield Failure(
                row.id, row.source, f"{row.characters} characters from {row.start} on stand in {row.by_source}"
            )


def around(text: str, place: int) -> str:
    """What stands around a place in a text, on one line."""
    return text[max(place - 12, 0) : place + 12].replace("\n", " ")


CLAIMS = (
    Claim("every text is valid UTF-8", not_utf8, "decode"),
    Claim("every id is unique", repeated_ids, "decode"),
    Claim("no text was destroyed before it came here (U+FFFD, 锟斤拷)", with_destroyed_text, "decode"),
    Claim("every text is in Unicode normalization form C", not_in_nfc, "normalize"),
    Claim("no traditional text is left", with_traditional_text, "simplify"),
    Claim("no jump line such as (上接第5版) is left", with_jump_lines, "repair"),
    Claim("no passage stands twice in one document", with_repeated_passages, "dedup"),
    Claim("no document is a copy of another", copies, "dedup"),
    Claim("no document stands in a longer one, if such were to go", contained, "dedup"),
    Claim("no passage stands in two documents, if such were to go", with_shared_passages, "dedup"),
    Claim("every text leads back to the bytes that were read", leading_elsewhere, "decode"),
    Claim("documents read = kept + dropped, in every stage", vanished_documents, "decode"),
    Claim("characters in - removed + added - dropped = characters out, in every stage", vanished_characters, "decode"),
    Claim("every file has the checksum that the manifest gives", changed_files, "publish"),
)
