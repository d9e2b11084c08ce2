"""Dual characters: 著 乾 藉 …, which simplified text uses too, but not in all the senses of traditional text.

著 becomes 着 in 看著 and stays in 顯著; 乾 becomes 干 in 餅乾 and stays in 乾隆. What else stands beside the character
decides, read after all else was simplified:

1. phrases (tables/dual_phrases.tsv, from tables/phrases.tsv and OpenCC), the longer the more they count;
2. for 著 and 乾 the characters before and after (tables/dual_contexts.tsv, learnt from simplified text);
3. what tables/duals.tsv says of the character where nothing else is known.
"""

import functools
from dataclasses import dataclass

from cleaner.files import read_table

PHRASE_VOTE = 5.0  # nats of a phrase of two characters
LONGER_VOTE = 5.0  # nats of each further character: a longer phrase outweighs the shorter one in it
DEFAULT_VOTE = 1.0  # nats, where no contexts were learnt


Phrase = tuple[str, int, float]  # the phrase, the place of the character in it, its vote


@dataclass(frozen=True, slots=True)
class Dual:
    """What is known of one dual character. Votes are in nats: for keeping it above zero, for converting it below."""

    simplified: str  # what it becomes when it is converted
    bias: float
    after: dict[str, list[Phrase]]  # by the character before it: the phrases that go on with it
    first: dict[str, list[Phrase]]  # by the character after it: the phrases that begin with it
    contexts: dict[str, float]  # as `contexts_of` names them: vote


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one dual character, and the votes that decided it, the strongest first."""

    offset: int
    character: str
    becomes: str
    votes: tuple[tuple[str, float], ...]  # by "default", a phrase, or a context


def contexts_of(text: str, place: int) -> list[str]:
    """Names of the contexts of a character: one and two characters before, after, and one on both sides.

    The edge of the text counts as a newline.

    >>> contexts_of("他看著我", 2)
    ['看_', '他看_', '_我', '_我\\n', '看_我']
    """
    before = text[max(place - 2, 0) : place].rjust(2, "\n")
    after = text[place + 1 : place + 3].ljust(2, "\n")
    return [f"{before[1]}_", f"{before}_", f"_{after[0]}", f"_{after}", f"{before[1]}_{after[0]}"]


def votes_on(text: str, place: int, dual: Dual) -> list[tuple[str, float]]:
    """What speaks for keeping the dual character at a place of a text that is simplified but for such characters."""
    votes = [("default", dual.bias)]
    before, after = text[max(place - 1, 0) : place], text[place + 1 : place + 2]
    for phrase, offset, vote in dual.after.get(before, ()):
        if offset <= place and text.startswith(phrase, place - offset):
            votes.append((phrase, vote))
    for phrase, _, vote in dual.first.get(after, ()):
        if text.startswith(phrase, place):
            votes.append((phrase, vote))
    contexts = dual.contexts
    if contexts:
        votes += [(context, contexts[context]) for context in contexts_of(text, place) if context in contexts]
    return votes


def is_kept(text: str, place: int, dual: Dual) -> bool:
    """Whether the dual character at a place of a text stays as it is."""
    return sum([vote for _, vote in votes_on(text, place, dual)]) > 0


def decide(text: str, place: int) -> Decision:
    """What becomes of the dual character at a place of a text, with the votes.

    >>> decision = decide("显著", 1)
    >>> decision.becomes, decision.votes[0]
    ('著', ('显著', 5.0))
    """
    character = text[place]
    dual = duals()[character]
    becomes = character if is_kept(text, place, dual) else dual.simplified
    votes = sorted(votes_on(text, place, dual), key=lambda vote: -abs(vote[1]))
    return Decision(place, character, becomes, tuple(votes))


@functools.cache
def duals() -> dict[str, Dual]:
    """All dual characters, from the tables."""
    contexts: dict[str, dict[str, float]] = {}
    for character, context, vote in read_table("dual_contexts.tsv"):
        contexts.setdefault(character, {})[context.replace("\\n", "\n")] = float(vote)
    found: dict[str, Dual] = {}
    for character, simplified, default, _reason in read_table("duals.tsv"):
        own = contexts.get(character, {})
        bias = own.pop("", DEFAULT_VOTE if default == "keep" else -DEFAULT_VOTE)
        found[character] = Dual(simplified, bias, {}, {}, own)
    for phrase, value in read_table("dual_phrases.tsv"):
        weight = PHRASE_VOTE + LONGER_VOTE * (len(phrase) - 2)
        for offset, character in enumerate(phrase):
            if character in found:
                listed = (phrase, offset, weight if value[offset] == character else -weight)
                dual = found[character]
                if offset:
                    dual.after.setdefault(phrase[offset - 1], []).append(listed)
                else:
                    dual.first.setdefault(phrase[1], []).append(listed)
    return found
