"""Stage 2, normalize: one way to write each character and mark, and no mark that a program put there.

What is wrong with the text: line ends of three systems, byte order marks in the middle, ideographs replaced by
the radicals that look like them (from PDF), full-width letters, indents made of spaces, and Chinese punctuation
folded to ASCII by a "normalization" that meant well.

First the characters (a later rule must not meet two spellings), then the lines, then the marks within a line: those
that were folded last, because the rules before them ask whether the document shows the folding, which a document
that was restored does not. NFKC is never used on a text: it does the very folding that we undo, and turns ① into 1
and ㎡ into m2.

Each rule says which spans it would replace; `cleaner.document.apply_to_all` does and records it. A span replaced by
itself is a place that the rule looked at and could not decide; it is left, and counted.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence

from cleaner.config import NormalizeConfig
from cleaner.document import Change, Document, Outcome, Rule, apply_to_all, batches
from cleaner.normalize.characters import (
    compose_nfc,
    narrow_letters_and_digits,
    remove_stray_controls,
    replace_radicals,
    unify_line_ends,
    widen_small_marks,
)
from cleaner.normalize.dashes import widen_dashes, widen_ellipses
from cleaner.normalize.kinds import looks_at, remember
from cleaner.normalize.marks import restore_fullwidth_marks
from cleaner.normalize.quotes import quotes_alternate, restore_quotes, turn_wrong_quotes
from cleaner.normalize.spaces import remove_spaces_beside_digits, strip_indents, strip_line_ends

__all__ = ["RULES", "normalize", "restore_fullwidth_marks", "strip_indents"]


def normalize(documents: Iterable[Document], config: NormalizeConfig) -> Iterator[Outcome]:
    """Run the rules that are switched on over each document."""
    rules = [rule for rule in RULES if getattr(config, rule.__name__)]
    if config.restore_fullwidth_marks is True:
        rules[rules.index(restore_fullwidth_marks)] = restore_in_every_document
    for batch in batches(documents):
        yield from apply_to_all(batch, rules, busy, UNCOVERS_NOTHING)


def busy(rules: Sequence[Rule], texts: Sequence[str]) -> Iterator[Sequence[Rule]]:
    """The rules that may have work on each text, by signs that are quickly found; on most texts none."""
    for look in looks_at(texts, _signs):
        remember(look)  # for the rules
        names = rules_of(look.signs & ~_quoted)
        if look.signs & _quoted and not quotes_alternate(look.kinds):
            names = names | {turn_wrong_quotes.__name__}
        yield [rule for rule in rules if rule.__name__ in names] if names else ()


@functools.cache
def rules_of(signs: int) -> frozenset[str]:
    """The names of the rules whose signs stand in a text, by their bits."""
    return frozenset(name for number, name in enumerate(_rule_of.values()) if signs >> number & 1)


@functools.wraps(restore_fullwidth_marks)  # the ledger knows it by the name of its switch
def restore_in_every_document(text: str) -> Iterator[Change]:
    return restore_fullwidth_marks(text, everywhere=True)


SIGNS = {  # each rule, in the order in which they run, and what its work looks like in the kinds of a text
    unify_line_ends: (b"r",),
    remove_stray_controls: (b"!",),
    replace_radicals: (b"R",),
    compose_nfc: (b"n",),
    strip_line_ends: (b" \n", b"_\n", b"r\n"),
    strip_indents: (b"\n ", b"\n_"),
    narrow_letters_and_digits: (b"W",),
    widen_small_marks: (b"m",),
    remove_spaces_beside_digits: (b" 0", b"0 "),
    widen_dashes: (b"--", b"d"),
    widen_ellipses: (b"..", b"EE"),
    turn_wrong_quotes: (),  # quotes that do not alternate
    restore_quotes: (b'"',),
    restore_fullwidth_marks: (b",", b"("),
}
RULES: tuple[Rule, ...] = tuple(SIGNS)
# What stood before the spaces is no sign before a newline, and what stood behind an indent is none behind one.
UNCOVERS_NOTHING = (strip_line_ends, strip_indents)
_rule_of = {sign: rule.__name__ for rule, signs in SIGNS.items() for sign in signs}
_signs = (*_rule_of, b"O", b"C", b"o", b"c")
_quoted = (1 << len(_signs)) - (1 << len(_rule_of))  # the bits of the quotes
