"""What a text is compared as: script, width and case are made one, punctuation and white space go.

Folding is for comparing only; the published text keeps its form. It is one look-up table from code points to code
points, so that a kernel can apply it.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cleaner.document import code_points
from cleaner.files import read_table
from cleaner.kernels.shingles import Hashes, Points, fold, shingle_hashes

if TYPE_CHECKING:
    from cleaner.kernels.folding import Folded  # numba takes half a second to load: not before it is needed

LAST_FOLDED = 0x2FFFF

Offsets = npt.NDArray[np.int64]


@functools.cache
def fold_table() -> Points:
    """What each code point is compared as; 0 for what is not compared at all.

    Letters and digits of all scripts count, in their compatible form, lower case and simplified.
    """
    table = np.zeros(LAST_FOLDED + 2, dtype=np.uint32)
    for point in range(0x10000):
        character = chr(point)
        if unicodedata.category(character)[0] in "LN":
            plain = unicodedata.normalize("NFKC", character).lower()
            table[point] = ord(plain[0]) if plain else 0
    table[0x20000 : LAST_FOLDED + 1] = np.arange(0x20000, LAST_FOLDED + 1)
    for traditional, simplified in read_table("simplify.txt"):
        if len(traditional) == 1:
            table[ord(traditional)] = ord(simplified)
    for dual, simplified, *_ in read_table("duals.tsv"):
        table[ord(dual)] = ord(simplified)
    return np.where(table, table[np.minimum(table, LAST_FOLDED + 1)], 0)  # what a compatible form becomes in its turn


def folded(text: str) -> Points:
    """A text as it is compared.

    >>> [chr(point) for point in folded("臺灣，Ａ1。")]
    ['台', '湾', 'a', '1']
    """
    return fold(code_points(text), fold_table())


def fold_texts(texts: Sequence[str]) -> Folded:
    """Texts as they are compared, one behind the other, with the places of their characters and their lines."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    cuts = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return fold_bytes(np.frombuffer(b"".join(encoded), dtype=np.uint8), cuts)


def fold_column(texts: Any) -> Folded:
    """The same of an Arrow array of large strings without nulls, as they lie there: no text is copied."""
    _, cuts, data = texts.buffers()
    here = np.frombuffer(cuts, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return fold_bytes(np.frombuffer(data or b"", dtype=np.uint8), here)


def refolded(before: Folded, changed: Mapping[int, str]) -> Folded:
    """Texts that were folded together, some of which have changed since: by their numbers, in order.

    Only these are folded. The result is that of folding all.
    """
    after, places = fold_texts(list(changed.values())), list(changed)
    found: dict[str, Any] = {"sizes": before.sizes.copy()}
    found["sizes"][places] = after.sizes
    for ends, columns in (("ends", ("points", "places")), ("line_ends", ("lines", "hashes"))):
        old, new = (np.append(0, getattr(folded, ends)) for folded in (before, after))
        for name in columns:
            parts, done = [], 0
            for number, place in enumerate(places):
                parts.append(getattr(before, name)[old[done] : old[place]])
                parts.append(getattr(after, name)[new[number] : new[number + 1]])
                done = place + 1
            found[name] = np.concatenate([*parts, getattr(before, name)[old[done] :]])
        counts = np.diff(old)
        counts[places] = np.diff(new)
        found[ends] = np.cumsum(counts)
    return before._replace(**found)


def fold_bytes(data: npt.NDArray[np.uint8], cuts: Offsets) -> Folded:
    from cleaner.kernels.folding import fold_utf8

    data.flags.writeable = cuts.flags.writeable = False  # as Arrow's are: for others the kernel is compiled once more
    found: Folded = fold_utf8(data, cuts, fold_table())
    return found


def hashes_of(text: str, shingle: int) -> Hashes:
    """The set of shingles of a text."""
    return shingle_hashes(folded(text), shingle)
