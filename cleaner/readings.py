"""How the files of a corpus were read, counted by encoding, and put into rows for a terminal or a page.

Only files count here: the rows of a table are text already, so there was nothing to find out about them.
"""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cleaner.document import Outcome

HEADS = ("encoding", "files", "repaired", "lowest confidence", "chardet disagreed", "characters")
FAMILIES = {"gb": "gb18030", "big5": "big5", "cp950": "big5", "ascii": "utf-8"}  # by how a codec's name begins
FAMILIES |= {name: name for name in ("utf-8", "utf-16", "utf-32")}


@dataclass(slots=True)
class EncodingTally:
    """The files that were read in one encoding and kept."""

    files: int = 0
    repaired: int = 0
    lowest_confidence: float = 1.0
    chardet_disagreed: int = 0  # files for which chardet named an encoding of another family
    characters: int = 0  # of the texts as decode left them

    def add(self, other: "EncodingTally") -> None:
        self.files += other.files
        self.repaired += other.repaired
        self.lowest_confidence = min(self.lowest_confidence, other.lowest_confidence)
        self.chardet_disagreed += other.chardet_disagreed
        self.characters += other.characters


@dataclass(slots=True)
class Tally:
    """The files of a corpus: those that were kept by encoding, those that were put aside by decision."""

    encodings: dict[str, EncodingTally] = field(default_factory=dict)
    put_aside: dict[str, int] = field(default_factory=dict)

    def see(self, outcome: Outcome) -> None:
        """Count one file; an outcome without a reading is no file."""
        reading = outcome.reading
        if reading is None:
            return
        if outcome.dropped:
            self.put_aside[reading.decision] = self.put_aside.get(reading.decision, 0) + 1
            return
        tally = self.encodings.get(reading.encoding) or self.encodings.setdefault(reading.encoding, EncodingTally())
        tally.files += 1
        tally.repaired += reading.decision == "repaired"
        tally.lowest_confidence = min(tally.lowest_confidence, reading.confidence)
        tally.chardet_disagreed += bool(reading.chardet) and family(reading.chardet) != family(reading.encoding)
        tally.characters += len(outcome.document.text)

    def add(self, other: "Tally") -> None:
        """Count the files of another shard too."""
        for encoding, tally in other.encodings.items():
            self.encodings.setdefault(encoding, EncodingTally()).add(tally)
        for decision, count in other.put_aside.items():
            self.put_aside[decision] = self.put_aside.get(decision, 0) + count

    def as_json(self) -> dict[str, Any]:
        """The tally as plain values in a fixed order, for a report."""
        plain = asdict(self)
        return {name: dict(sorted(values.items())) for name, values in plain.items()}


def all_readings(shards: Iterable[Tally]) -> Tally:
    """The files of several shards together."""
    whole = Tally()
    for tally in shards:
        whole.add(tally)
    return whole


def family(encoding: str) -> str:
    """What an encoding and its subsets and supersets have in common, whatever they are called.

    >>> family("GB2312"), family("cp936"), family("Big5-HKSCS"), family("US-ASCII"), family("EUC-TW")
    ('gb18030', 'gb18030', 'big5', 'utf-8', 'euc-tw')
    """
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        name = encoding.lower().replace("_", "-")
    return next((common for beginning, common in FAMILIES.items() if name.startswith(beginning)), name)


def rows_by_encoding(readings: dict[str, Any]) -> list[tuple[str, ...]]:
    """The encodings of a report's `readings`, the most frequent first, in the columns of `HEADS`."""
    encodings = sorted(readings.get("encodings", {}).items(), key=lambda item: (-item[1]["files"], item[0]))
    return [
        (
            encoding,
            f"{tally['files']:,}",
            f"{tally['repaired']:,}",
            confidence_in_words(tally["lowest_confidence"]),
            f"{tally['chardet_disagreed']:,}",
            f"{tally['characters']:,}",
        )
        for encoding, tally in encodings
    ]


def rows_put_aside(readings: dict[str, Any]) -> list[tuple[str, ...]]:
    """What was decided about the files that were put aside, and how often."""
    decisions = sorted(readings.get("put_aside", {}).items(), key=lambda item: (-item[1], item[0]))
    return [(decision, f"{count:,}") for decision, count in decisions]


def confidence_in_words(confidence: float) -> str:
    """A confidence with three digits; only certainty itself is called 1.

    >>> confidence_in_words(0.98), confidence_in_words(0.99996), confidence_in_words(1.0)
    ('0.980', '>0.999', '1.000')
    """
    said = f"{confidence:.3f}"
    return ">0.999" if said == "1.000" and confidence < 1 else said


def told_tally(readings: dict[str, Any]) -> Iterator[str]:
    """The two tables of a report's `readings`, line by line; nothing where no file was read."""
    for heads, rows in ((HEADS, rows_by_encoding(readings)), (("put aside", "files"), rows_put_aside(readings))):
        if rows:
            yield from aligned([heads, *rows])


def aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows as lines whose columns stand under each other, the first to the left and the others to the right.

    >>> list(aligned([("encoding", "files"), ("big5", "12")]))
    ['encoding  files', 'big5         12']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        numbers = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join([row[0].ljust(widths[0]), *numbers])
