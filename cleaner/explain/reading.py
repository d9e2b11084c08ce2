"""How the bytes of one file were read, and on what evidence: `cleaner decode --only`, and a part of `explain`."""

import itertools
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from cleaner.config import DecodeConfig
from cleaner.decode import candidates, decode
from cleaner.document import Outcome, Reading
from cleaner.errors import WrongUseError
from cleaner.explain.edits import told_edits
from cleaner.explain.shown import fitted, one_line, shortened
from cleaner.files.corpus import Life
from cleaner.files.raw import JSONL, PARQUET, find, named_row, read, readable_name
from cleaner.readings import aligned, confidence_in_words, family

MAX_CANDIDATES = 6  # encodings shown of those that were weighed
MAX_OFFSETS = 5  # of damaged bytes, shown
FIRST_LINES = 3  # of a text, shown


def explain_file(path: Path, settings: DecodeConfig) -> Iterator[str]:
    """What decode makes of one file and why, without writing anything. Yields lines.

    Raises WrongUseError when there is no such file.
    """
    if path.is_dir():
        raise WrongUseError(f"{path} is a folder; name one file in it")
    ((file,), _) = find(path)
    yield one_line(readable_name(str(path)))
    if path.name.lower().endswith(JSONL + PARQUET):
        yield "a table: its rows are UTF-8 text already, so there is no encoding to find out"
        return
    yield f"{file.size:,} bytes"
    for found in read(file, settings):
        if found.row is not None:
            yield f"\n{named_row(found.source, found.row)}, from byte {found.start:,} on"
        for outcome in decode([found], settings):
            yield from told_outcome(outcome)
        if isinstance(found.content, bytes):
            yield from told_candidates(candidates(found.content)[:MAX_CANDIDATES])


def told_outcome(outcome: Outcome) -> Iterator[str]:
    """What decode made of a file: how it was read, what was changed, and how the text begins."""
    document = outcome.document
    yield f"put aside: {outcome.dropped}" if outcome.dropped else f"kept, {len(document.text):,} characters"
    if outcome.reading is not None:
        yield from told_reading(outcome.reading)
    yield from told_edits(Life(document, [("decode", edits) for edits in outcome.edits]), everything=False)
    lines = (line.strip() for line in document.text.split("\n") if line.strip())
    for number, line in enumerate(itertools.islice(lines, FIRST_LINES)):
        if number == 0:
            yield "\nthe text begins"
        yield f"  {fitted(line, shutil.get_terminal_size().columns - 2)}"


def told_reading(reading: Reading) -> Iterator[str]:
    """How the bytes of a file were read, and on what evidence."""
    yield "\nhow the file was read"
    if reading.encoding:
        yield f"  as {reading.encoding}, with confidence {confidence_in_words(reading.confidence)}"
    if reading.runner_up:
        yield f"  the next best was {reading.runner_up}, worse by {reading.gap:,.1f} bits"
    if reading.bits_per_character:
        yield f"  {reading.bits_per_character:.1f} bits per character (the fewer, the more it reads like Chinese)"
    if reading.chardet:
        yield f"  chardet says {one_line(reading.chardet)}{compared(reading.chardet, reading.encoding)}"
    if reading.declared:
        yield f"  the file declares {one_line(reading.declared)}{compared(reading.declared, reading.encoding)}"
    if reading.damaged:
        yield f"  {told_damage(reading.damaged)}"
    if reading.lines:
        yield f"  lines: {', '.join(f'{count:,} in {encoding}' for encoding, count in reading.lines)}"
    yield f"  decision: {reading.decision}"


def compared(name: str, encoding: str) -> str:
    """Whether a name given for an encoding is right, as the end of a sentence."""
    if not encoding:
        return ""
    return ", which agrees" if family(name) == family(encoding) else ", which does not agree"


def told_damage(damaged: Sequence[int]) -> str:
    """How many bytes were damaged, and where the first of them are."""
    shown = ", ".join(str(offset) for offset in damaged[:MAX_OFFSETS])
    more = f" and {len(damaged) - MAX_OFFSETS:,} more" if len(damaged) > MAX_OFFSETS else ""
    return f"{len(damaged):,} damaged {'byte' if len(damaged) == 1 else 'bytes'}, at offset {shown}{more}"


def told_candidates(candidates: Sequence[tuple[str, float, str]]) -> Iterator[str]:
    """The encodings that were weighed: the bits that it takes to write a sample down, and how that begins."""
    if candidates:
        yield "\nwhat was weighed"
        rows = [("encoding", "bits"), *((name, f"{bits:,.0f}") for name, bits, _ in candidates)]
        beginnings = ["reads as", *(shortened(beginning) for _, _, beginning in candidates)]
        yield from (f"  {row}  {beginning}" for row, beginning in zip(aligned(rows), beginnings, strict=True))
