"""Stage 4, repair: a text reads as its author wrote it, whatever the page did to it.

What is wrong with the text: newspapers say where an article goes on, `(上接第5版)`, `(紧接4版)`, in the middle of
it; web pages ask to be shared; a page ends in mid-word, with its number and its header between the halves of the
paragraph; a text was wrapped at the width of a screen.

1. `remove_jump_lines` takes jump lines out and keeps the page they name as a fact of the document.
2. `remove_share_lines` and `remove_editor_credits` take out what a web page stands around a text.
3. `remove_page_numbers` takes page numbers and running headers out where pages cut the text, or are sure: `pages`.
4. `unwrap_hard_wrapped_lines`, `join_cut_paragraphs` and `join_cut_headings` sew up seams, with the page numbers
   and headers that lie in them.
5. `strip_indents` removes the indents that told paragraphs apart in wrapped text, as normalize did elsewhere, and
   `compose_nfc` composes what came to stand side by side.

A jump line alone is no evidence for a seam: what follows it may be another article. It says that pages cut the text, so
less evidence from the words is asked for. Counts of characters, words and shapes of lines make that evidence: `score`;
other texts of the corpus, which share its words and may have it whole, are asked first: `witnesses`. Which document
goes on in which other one is found last: `links`.

Limits: a cut right after a sentence leaves no trace; a first half without any mark, as short as a title, is joined only
where a word or a name is cut; `— 1 —` between whole paragraphs may head a section and stays, and so does a header that
stands once, if no sentence is cut at it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial, wraps
from unicodedata import is_normalized

from cleaner.config import RepairConfig
from cleaner.document import Change, Document, Outcome, Rule, apply_rules, one_round
from cleaner.normalize import strip_indents
from cleaner.normalize.characters import compose_nfc
from cleaner.repair.breaks import NOBODY, Others
from cleaner.repair.furniture import remove_editor_credits, remove_share_lines
from cleaner.repair.jump_lines import Jump, find_jumps, remove_jump_lines
from cleaner.repair.links import LOST_PAGE
from cleaner.repair.seams import (
    has_furniture,
    join_cut_headings,
    join_cut_paragraphs,
    remove_page_numbers,
    unwrap_hard_wrapped_lines,
    width_of,
)
from cleaner.repair.signs import BREAK, EDITOR, FURNITURE, HEADING, INDENTED, JUMP, SHARE, WRAPPED, seen_in


def repair(documents: Iterable[Document], config: RepairConfig, others: Others = NOBODY) -> Iterator[Outcome]:
    """Run the rules that are switched on over each document, and note the pages that jump lines named.

    `others` is what the other texts of the corpus say of doubtful breaks (see `witnesses`).
    """
    repaired = repairer(config, others)
    return (repaired(document, False) for document in documents)


def repairer(config: RepairConfig, others: Others = NOBODY) -> Callable[[Document, bool], Outcome]:
    """What repairs one document, idle or not: see `repair`; it may be told that there are no seams in it.

    That is, as it is when its seams are looked at for the first time: see `before_seams`.
    """
    plain, torn = all_rules(config, others)

    def repaired(document: Document, has_no_seams: bool) -> Outcome:
        noted = note_jumps(document, document.text)
        is_torn = noted is not document
        rules = torn if is_torn else plain
        if has_no_seams:
            rules = [without_seams(rule) if rule.__name__ == join_cut_paragraphs.__name__ else rule for rule in rules]
        outcome = apply_rules(document, rules)
        outcome = composed(document, without_jumps(outcome) if config.remove_jump_lines else outcome)
        if config.remove_jump_lines and is_torn:
            facts = replace(outcome.document, continued_from=noted.continued_from, continued_on=noted.continued_on)
            return replace(outcome, document=facts)
        return outcome

    return repaired


def before_seams(text: str, config: RepairConfig) -> str | None:
    """A text as it is when its seams are looked at for the first time, if what other texts say has no part in that."""
    if not config.join_cut_paragraphs or seen_in(text).signs & JUMP:
        return None
    for rule in (remove_share_lines, remove_editor_credits):
        if has_furniture(text):
            return None
        if getattr(config, rule.__name__):
            text, *_ = one_round(text, [rule])
    return None if has_furniture(text) or width_of(text) else text


def without_seams(rule: Rule) -> Rule:
    """A rule that is not asked of the first text that it sees, since it would find nothing."""
    known: list[str] = []

    def asked_later(text: str) -> Iterable[Change]:
        known.append(text)
        return () if text == known[0] else rule(text)

    return wraps(rule)(asked_later)


def toucher(config: RepairConfig) -> Callable[[str], bool]:
    """What tells whether a text would be changed, without doing so: whether any rule says anything of it."""
    plain, torn = all_rules(config, NOBODY)

    def is_touched(text: str) -> bool:
        document = Document("", "", text)
        rules = plain if note_jumps(document, text) is document else torn
        return any(next(iter(rule(text)), None) is not None for rule in rules)

    return is_touched


def all_rules(config: RepairConfig, others: Others) -> tuple[list[Rule], list[Rule]]:
    """The rules that are switched on: for a text without jump lines, and for one that has some."""
    rules: list[Rule] = [rule for rule in RULES if getattr(config, rule.__name__)]
    if config.unwrap_hard_wrapped_lines:
        rules.append(strip_indents)
    return informed(rules, False, others), informed(rules, True, others)


def without_jumps(outcome: Outcome) -> Outcome:
    """Take out the jump lines that the last round of the rules uncovered, in a text that did not settle.

    Only nonsense is like that: a credit behind a jump line behind a credit, many times over. It may keep its last
    credit, but jump lines must not remain. Each pass makes the text shorter, which bounds their number.
    """
    while outcome.edits and find_jumps(outcome.document.text):
        more = apply_rules(outcome.document, [remove_jump_lines])
        outcome = replace(outcome, document=more.document, edits=(*outcome.edits, *more.edits))
    return outcome


def composed(document: Document, outcome: Outcome) -> Outcome:
    """Compose what came to stand side by side: a line may begin with an accent. A text that was not in NFC stays so."""
    if not outcome.edits or is_normalized("NFC", outcome.document.text) or not is_normalized("NFC", document.text):
        return outcome
    more = apply_rules(outcome.document, [compose_nfc])
    return replace(outcome, document=more.document, edits=(*outcome.edits, *more.edits))


def informed(rules: Iterable[Rule], is_torn: bool, others: Others) -> list[Rule]:
    """The rules with what is known beyond the text: that jump lines say pages cut it, and what other texts say.

    Less evidence is then asked for. The rules keep their names, and are asked only where their signs are.
    """
    more = partial(partial, is_torn=is_torn, others=others)
    return [wraps(rule)(partial(asked, more(rule) if rule in FOR_SEAMS else rule, SIGNS[rule])) for rule in rules]


def asked(rule: Rule, signs: int, text: str) -> Iterable[Change]:
    """What a rule says of a text, if there is one of its signs."""
    return rule(text) if seen_in(text).signs & signs else ()


def note_jumps(document: Document, text: str) -> Document:
    """Note which page the document says it came from, and on which it goes on."""
    jumps = find_jumps(text) if seen_in(text).signs & JUMP else []
    back = next((page_of(jump) for jump in jumps if jump.is_back), "")
    forward = next((page_of(jump) for jump in reversed(jumps) if not jump.is_back), "")
    if not back and not forward:
        return document
    return replace(
        document,
        continued_from=back or document.continued_from,
        continued_on=forward or document.continued_on,
    )


def page_of(jump: Jump) -> str:
    """The page of a jump line as it is noted: `A2` for 第Ａ０２版, and a sign where there is none."""
    return jump.number or jump.page or LOST_PAGE


SIGNS: dict[Rule, int] = {  # each rule, in the order in which they run, and the signs of its work
    remove_jump_lines: JUMP,
    remove_share_lines: SHARE,
    remove_page_numbers: FURNITURE,
    remove_editor_credits: EDITOR,
    unwrap_hard_wrapped_lines: WRAPPED | FURNITURE,
    join_cut_paragraphs: BREAK | FURNITURE,
    join_cut_headings: HEADING,
    strip_indents: INDENTED,
}
RULES: tuple[Rule, ...] = tuple(rule for rule in SIGNS if rule is not strip_indents)
FOR_SEAMS = (remove_page_numbers, join_cut_paragraphs)  # these can be told more than the text says
