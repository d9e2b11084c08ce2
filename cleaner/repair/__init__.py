"""Stage 4, repair: a text reads as its author wrote it, whatever the page did to it.

What is wrong with the text: newspapers say where an article goes on, `(上接第5版)`, `(紧接4版)`, in the middle of
it; web pages ask to be shared; a page ends in mid-word, with its number and its header between the halves of the
paragraph; a text was wrapped at the width of a screen.

1. `remove_jump_lines` takes jump lines out and keeps the page they name as a fact of the document.
2. `remove_share_lines` takes share and toolbar lines out.
3. `remove_page_numbers` takes page numbers and running headers out where pages cut the text.
4. `unwrap_hard_wrapped_lines`, `join_cut_paragraphs` and `join_cut_headings` sew up seams, with the page numbers
   and headers that lie in them.
5. `strip_indents` removes the indents that told paragraphs apart in wrapped text, as normalize did elsewhere.

A jump line is no evidence for a seam: what follows it may be another article.

Limits of this first form: seams are judged by marks, widths and headings, not by whether the words go on, so a
cut right after a comma-free clause or before a quotation is left; page numbers stay in a text that is neither cut nor
wrapped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cleaner.config import RepairConfig
from cleaner.document import Change, Document, Outcome, Rule, apply_rules
from cleaner.normalize import strip_indents
from cleaner.repair.furniture import remove_share_lines
from cleaner.repair.jump_lines import find_jumps
from cleaner.repair.seams import (
    join_cut_headings,
    join_cut_paragraphs,
    remove_page_numbers,
    unwrap_hard_wrapped_lines,
)


def repair(documents: Iterable[Document], config: RepairConfig) -> Iterator[Outcome]:
    """Run the rules that are switched on over each document, and note the pages that jump lines named."""
    rules: list[Rule] = [rule for rule in RULES if getattr(config, rule.__name__)]
    if config.unwrap_hard_wrapped_lines:
        rules.append(strip_indents)
    for document in documents:
        outcome = apply_rules(document, rules)
        if config.remove_jump_lines:
            outcome = replace(outcome, document=note_jumps(outcome.document, document.text))
        yield outcome


def remove_jump_lines(text: str) -> Iterator[Change]:
    """Remove jump lines; one that had a line of its own goes with that line.

    >>> list(remove_jump_lines("(上接第5版)\\n正文。(下转第6版)张三摄"))
    [(0, 8, ''), (11, 18, '')]
    """
    last = 0
    for jump in find_jumps(text):
        start, end = jump.start, jump.end
        starts_line = start == 0 or text[start - 1] == "\n"
        ends_line = end == len(text) or text[end] == "\n"
        if starts_line and ends_line:
            # With the newline behind it or, on the last line, with the one before it.
            start = max(start - 1, last) if end == len(text) else start
            end = min(end + 1, len(text))
        elif starts_line:
            while text[end : end + 1] in (" ", "\u3000"):
                end += 1
        yield start, end, ""
        last = end


def note_jumps(document: Document, text: str) -> Document:
    """Note which page the document says it came from, and on which it goes on."""
    jumps = find_jumps(text)
    back = next((jump.page for jump in jumps if jump.is_back), "")
    forward = next((jump.page for jump in reversed(jumps) if not jump.is_back), "")
    if not back and not forward:
        return document
    return replace(
        document,
        continued_from=back or document.continued_from,
        continued_on=forward or document.continued_on,
    )


RULES: tuple[Rule, ...] = (
    remove_jump_lines,
    remove_share_lines,
    remove_page_numbers,
    unwrap_hard_wrapped_lines,
    join_cut_paragraphs,
    join_cut_headings,
)
