"""Traditional characters become simplified, one for one, in the parts of a text that are traditional.

opencc converts with our own dictionary (tables/simplify.txt): characters that only traditional text uses, and the
phrases in which they read otherwise. It never touches vocabulary, nor a dual character; those are decided afterwards,
one by one.
"""

import functools
import re
from collections.abc import Iterator
from importlib import resources

import opencc

from cleaner.errors import WrongUseError
from cleaner.simplify.duals import Decision, decide, duals, is_kept
from cleaner.simplify.scripts import DUAL, Span

SURROGATES = re.compile("[\ud800-\udfff]")


def convert(text: str, classes: bytes, spans: list[Span]) -> str:
    """Convert the given spans of a text with these classes; its length stays the same."""
    converted = convert_outright(text, spans)
    dual, pieces, position = duals(), list[str](), 0
    for place in dual_places(classes, spans):
        known = dual[text[place]]
        if not is_kept(converted, place, known):
            pieces += (converted[position:place], known.simplified)
            position = place + 1
    return "".join(pieces) + converted[position:] if pieces else converted


def convert_outright(text: str, spans: list[Span]) -> str:
    """Convert all but the dual characters of the given spans."""
    if spans == [(0, len(text))]:
        return convert_whole(text)
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += (text[position:start], convert_whole(text[start:end]))
        position = end
    return "".join(pieces) + text[position:]


def convert_whole(text: str) -> str:
    """Convert a text that is traditional throughout; lone surrogates, which opencc does not take, stay."""
    try:
        return converter().convert(text)  # type: ignore[no-any-return]  # opencc has no types
    except UnicodeEncodeError:
        converted = converter().convert(SURROGATES.sub("\ufffd", text))
        return "".join(old if SURROGATES.match(old) else new for old, new in zip(text, converted, strict=True))


def decisions(text: str, classes: bytes, spans: list[Span]) -> Iterator[Decision]:
    """What `convert` decides about each dual character of the given spans, and why."""
    converted = convert_outright(text, spans)
    for place in dual_places(classes, spans):
        yield decide(converted, place)


def dual_places(classes: bytes, spans: list[Span]) -> Iterator[int]:
    """The places of the dual characters in the given spans."""
    for start, end in spans:
        place = classes.find(DUAL, start, end)
        while place >= 0:
            yield place
            place = classes.find(DUAL, place + 1, end)


@functools.cache
def converter() -> opencc.OpenCC:
    """One converter per process. Its objects cannot be passed between processes."""
    if not opencc.__version__.startswith("1."):
        raise WrongUseError(f"cleaner needs opencc 1.4 or newer; opencc {opencc.__version__} is installed")
    return opencc.OpenCC(str(resources.files("cleaner.tables") / "simplify.json"))
