"""Stage 3, simplify: traditional text becomes simplified; everything else stays as it is.

What is wrong with the text: part of a corpus is from Taiwan, Hong Kong, or simplified text that a program made
traditional. What goes wrong with converting it: every converter damages text that is simplified already (显著
becomes 显着, 孙乾 becomes 孙干) and Japanese (憲法).

So we look before we convert. Characters that exist in one script only are counted, first in the document, then,
where both scripts occur, in each paragraph; only what is clearly traditional is converted, by opencc with the
dictionary in tables/simplify.txt, which changes characters and never vocabulary. Japanese is recognised by its kana.

Limits of this first form: a paragraph is converted whole or not at all, so a quoted line of traditional verse in
a simplified paragraph stays.
"""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import resources

import numpy as np
import numpy.typing as npt
import opencc

from cleaner.config import SimplifyConfig
from cleaner.document import Document, Edits, Outcome, code_points
from cleaner.errors import WrongUseError
from cleaner.files import read_table
from cleaner.lines import lines_of

OTHER, HAN, TRADITIONAL, SIMPLIFIED, JAPANESE, KANA = range(6)
JAPANESE_KANA_SHARE = 0.08  # of kana and Han characters, from which a text is Japanese


@dataclass(frozen=True, slots=True)
class ScriptCounts:
    """How many characters of a text tell its script: those that exist in one script only, and all the others."""

    han: int  # all Han characters
    traditional: int
    simplified: int
    japanese: int
    kana: int

    @property
    def is_japanese(self) -> bool:
        return self.kana >= 2 and self.kana >= JAPANESE_KANA_SHARE * (self.kana + self.han)

    def is_traditional(self, config: SimplifyConfig) -> bool:
        """Whether a text with these counts is traditional as a whole."""
        telling = self.traditional + self.simplified
        return (
            not self.is_japanese and self.traditional > 0 and self.traditional >= config.min_traditional_share * telling
        )


def simplify(documents: Iterable[Document], config: SimplifyConfig) -> Iterator[Outcome]:
    """Convert what is traditional in each document, and note its script."""
    for document in documents:
        script, places = find_traditional(document.text, config)
        document = replace(document, script=script)
        if not places or not config.convert_traditional:
            yield Outcome(document)
            continue
        text = convert(document.text, places)
        edits = Edits.between("convert_traditional", document.text, text)
        yield Outcome(replace(document, text=text), (edits,) if len(edits) else ())


def find_traditional(text: str, config: SimplifyConfig) -> tuple[str, list[tuple[int, int]]]:
    """The script of a text, and the spans that are to be converted.

    >>> find_traditional("臺灣與大陸", SimplifyConfig()), find_traditional("他说“萬歲”", SimplifyConfig())
    (('traditional', [(0, 5)]), ('simplified', []))
    """
    whole = count_scripts(text)
    if whole.is_japanese:
        return "japanese", []
    if whole.traditional == 0:
        return ("simplified" if whole.simplified else "none"), []
    document_is_traditional = whole.is_traditional(config) and (
        whole.traditional >= config.min_traditional or whole.simplified == 0
    )
    places: list[tuple[int, int]] = []
    for start, line in lines_of(text):
        counts = count_scripts(line)
        if document_is_traditional:
            wanted = not counts.is_japanese and counts.simplified <= counts.traditional
        else:
            wanted = counts.traditional >= config.min_traditional and counts.is_traditional(config)
        if wanted and line:
            places.append((start, start + len(line)))
    if document_is_traditional:
        return "traditional", places
    return ("mixed" if places else "simplified"), places


def convert(text: str, places: list[tuple[int, int]]) -> str:
    """Convert the given spans of a text; its length stays the same."""
    pieces: list[str] = []
    position = 0
    for start, end in places:
        pieces += (text[position:start], converter().convert(text[start:end]))
        position = end
    return "".join(pieces) + text[position:]


@functools.cache
def converter() -> opencc.OpenCC:
    """One converter per process, with our own dictionary. Its objects cannot be passed between processes."""
    if not opencc.__version__.startswith("1."):
        raise WrongUseError(f"cleaner needs opencc 1.4 or newer; opencc {opencc.__version__} is installed")
    return opencc.OpenCC(str(resources.files("cleaner.tables") / "simplify.json"))


@functools.cache
def script_classes() -> npt.NDArray[np.uint8]:
    """The class of each code point below U+30000, as the constants at the head of this module."""
    table = np.zeros(0x30001, dtype=np.uint8)
    for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FFFF)):
        table[first : last + 1] = HAN
    for first, last in ((0x3041, 0x3096), (0x30A1, 0x30FA), (0xFF66, 0xFF9D)):
        table[first : last + 1] = KANA
    classes = {"T": TRADITIONAL, "S": SIMPLIFIED, "J": JAPANESE}
    for character, script in read_table("scripts.tsv"):
        table[ord(character)] = classes[script]
    return table


def count_scripts(text: str) -> ScriptCounts:
    """Count the characters of a text by what they say about its script."""
    counts = np.bincount(script_classes()[np.minimum(code_points(text), 0x30000)], minlength=6).tolist()
    han = sum(counts[HAN : JAPANESE + 1])
    return ScriptCounts(han, counts[TRADITIONAL], counts[SIMPLIFIED], counts[JAPANESE], counts[KANA])
