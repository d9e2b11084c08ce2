"""The documents that are kept: how each begins, what it was, and how much was done to it."""

from cleaner.document import Document
from cleaner.files.raw import is_part
from cleaner.report.markup import aside, counted, entry, key_of, number, opening, sampled, section, visible, words
from cleaner.report.story import Story
from cleaner.report.survey import Survey

OPENING = 150  # characters


def documents_section(found: Survey, story: Story, kept: int) -> str:
    """A sample of the documents, in the order of the corpus."""
    entries = "".join(document_entry(document, found) for document in story.documents)
    body = sampled(len(story.documents), kept, "document") + (entries or "<p>No document is kept.</p>")
    lead = "How each begins. <code>cleaner explain FOLDER ID</code> tells the whole life of one."
    return section("documents", "Documents", body, lead)


def document_entry(document: Document, found: Survey) -> str:
    """One document."""
    edits, characters = found.edits.get(document.id, (0, len(document.text)))
    now = len(document.text)
    size = f"{number(characters)} → {number(now)} characters" if characters != now else counted(now, "character")
    facts = [visible(fact) for fact in (document.encoding, document.script) if fact]
    facts += [size, counted(edits, "edit") if edits else "untouched"]
    kind = "part" if is_part(document.source, document.row) else "row"
    row = f", {kind} {number(document.row)}" if document.row is not None else ""
    head = f"{words(document.source)}{row} {key_of(document.id)} {aside(' · '.join(facts))}"
    return entry(head, f"<p lang='zh-Hans'>{opening(document.text, OPENING)}</p>")
