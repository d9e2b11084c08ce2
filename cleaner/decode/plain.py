"""Inputs with nothing odd about them: they are good UTF-8, and no rule has anything to do. Most inputs are.

They are looked at together. Whatever might be odd about one, it is left to the whole procedure; so what is said here
of a file is what that would have said, only sooner.

1. What can be told from the bytes of a file: no mark of byte order, no sign of another kind of file, strict UTF-8
   with more characters than chance makes, no declared charset, nothing like our stand-ins.
2. What can be told from the characters of many texts in one look: no control character, of which a binary file has
   many, no byte order mark, no sign of destruction, and no line in which characters are so rare that it could be
   mojibake.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from cleaner.decode.detect import BINARY, CONTROLS, FEW_PAIRS, MARKS, UTF_8_CONFIDENCE
from cleaner.decode.mojibake import FILLING, MIN_BITS, MIN_FILLING, NEEDED_BY_SIGNS
from cleaner.decode.score import DENSE, UNIT, WINDOW, code_units, costs, is_rare, lines_at
from cleaner.decode.weigh import declared_charset
from cleaner.document import Document, Outcome, Reading, gathered
from cleaner.files import document_id
from cleaner.files.raw import RawText

TOGETHER = 1 << 20  # bytes of inputs, or characters of rows, that are looked at together
LONGEST = 1 << 18  # bytes of one: a longer one gains nothing
RARE, SIGN, FILLER = 1, 2, 4  # bits of a class
BEGINNINGS = (b"\0", *(mark for mark, _ in MARKS), *(magic for magic, _ in BINARY))
FIRST_STAND_IN = b"\xf4"  # the byte that a stand-in begins with in UTF-8


def batches(inputs: Iterable[RawText]) -> Iterator[list[RawText]]:
    """Inputs in lists of about the size that is looked at together."""
    return gathered(inputs, TOGETHER, lambda found: len(found.content))


def plain_outcomes(batch: Sequence[RawText]) -> Iterator[Outcome | None]:
    """For each of some inputs its outcome if it is plain, or else None."""
    texts = [plain_text(found) for found in batch]
    looked_at = [number for number, text in enumerate(texts) if text is not None]
    odd = {looked_at[number] for number in odd_ones([text for text in texts if text is not None])}
    for number, (found, text) in enumerate(zip(batch, texts, strict=True)):
        if text is None or number in odd:
            yield None
            continue
        name = document_id(found.source, found.row)
        document = Document(name, found.source, text, found.row, "utf-8")
        if found.row is None:
            yield Outcome(document, reading=Reading(name, found.source, "read", "utf-8", UTF_8_CONFIDENCE))
        else:
            yield Outcome(document)


def plain_text(found: RawText) -> str | None:
    """The text of an input, if nothing about its bytes is odd."""
    if found.problem or found.is_html or not 0 < len(found.content) <= LONGEST:
        return None
    if isinstance(found.content, str):
        return plain_row(found.content)
    data = found.content
    if found.row is not None or data[-1] == 0 or data.startswith(BEGINNINGS) or FIRST_STAND_IN in data:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if len(data) - len(text) < FEW_PAIRS or declared_charset(data) or text.isspace():
        return None
    return text


def plain_row(text: str) -> str | None:
    """The text of a row, if it could be written and says something."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return None
    return None if FIRST_STAND_IN in data or text.isspace() else text


def odd_ones(texts: Sequence[str]) -> set[int]:
    """The numbers of the texts with characters that some rule might have to do with."""
    if not texts:
        return set()
    joined = "\n".join(texts)  # no line is of two texts
    units = code_units(joined)
    classes = classes_of_units()
    places = np.flatnonzero(is_of_note().take(units))
    found = classes[units[places]]
    rare, fillers = places[found & RARE > 0], places[found & FILLER > 0]
    odd = [
        places[found & SIGN > 0],
        fillers[: 1 - MIN_FILLING][fillers[MIN_FILLING - 1 :] - fillers[: 1 - MIN_FILLING] < MIN_FILLING],
        dear_lines(joined, units, rare[: 1 - DENSE][rare[DENSE - 1 :] - rare[: 1 - DENSE] < WINDOW]),
    ]
    ends = np.cumsum([len(text) + 1 for text in texts])
    return set(np.searchsorted(ends, np.concatenate(odd), side="right").tolist())


def dear_lines(text: str, units: npt.NDArray[np.uint16], places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The starts of those lines with rare characters at some places whose characters take too many bits."""
    lines = lines_at(text, places)
    if not lines:
        return places
    starts = np.array([start for start, _ in lines])
    sizes = np.array([end - start for start, end in lines])
    within = np.concatenate([units[start:end] for start, end in lines])
    first = np.cumsum(sizes) - sizes
    high = within >= 0x80
    count = np.add.reduceat(high, first, dtype=np.int64)
    sums = [np.add.reduceat(costs(script)[within] * high, first, dtype=np.int64) for script in SCRIPTS]
    return starts[np.minimum(*sums) / np.maximum(count, 1) / UNIT > MIN_BITS]


SCRIPTS = ("simplified", "traditional")


@functools.cache
def classes_of_units() -> npt.NDArray[np.uint8]:
    """The class of each code unit: whether it is rare, in a sign of destruction, or what memory was filled with."""
    classes = is_rare() * np.uint8(RARE)
    for character in NEEDED_BY_SIGNS:
        classes[ord(character)] |= FILLER if character in FILLING else SIGN
    classes[[*CONTROLS, 0xFEFF]] |= SIGN
    return classes


@functools.cache
def is_of_note() -> npt.NDArray[np.bool_]:
    """Which code units have a class."""
    return classes_of_units() > 0
