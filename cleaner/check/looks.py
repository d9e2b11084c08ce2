"""Quick looks: of which of many documents it is certain that they keep a claim.

A claim is defined by the function that it puts to a document, and by nothing here. A look may only rule out: a document
keeps a claim if its text has none of the characters that the claim is about, and had none where the claim is about an
earlier text. All characters of a batch are looked up once, for all claims, in one table of marks.
"""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from cleaner.check.asked import Asked
from cleaner.decode.mojibake import FILLING as FILLERS
from cleaner.decode.mojibake import NEEDED_BY_SIGNS
from cleaner.dedup.copies import CONVERTED, digests_of
from cleaner.dedup.folding import fold_column
from cleaner.dedup.passages import may_repeat
from cleaner.document import Sketches
from cleaner.normalize.kinds import tables as kinds
from cleaner.pipeline import STAGES
from cleaner.repair.signs import tables as signs_of_repair
from cleaner.simplify.scripts import TRADITIONAL, class_table
from cleaner.verify import rebuild
from cleaner.verify.batches import Batch, Shard
from cleaner.verify.rewinding import Flags

LOST, FILLING, COMPOSABLE, CONVERTIBLE = 1, 2, 4, 8  # bits of a mark: what it may be a sign of
BEYOND = 0x10000

Marks = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


@functools.cache
def marks() -> Marks:
    """The mark of each code point; most have none."""
    table = np.zeros(0x110000, dtype=np.uint8)
    for characters, mark in ((NEEDED_BY_SIGNS.translate(dict.fromkeys(map(ord, FILLERS))), LOST), (FILLERS, FILLING)):
        table[[ord(character) for character in characters]] |= mark
    near, beyond = kinds()
    table[:BEYOND][near == ord("n")] |= COMPOSABLE
    table[BEYOND:][np.repeat(beyond[BEYOND >> 8 :], 256) == ord("n")] |= COMPOSABLE
    table[class_table() == TRADITIONAL[0]] |= CONVERTIBLE
    return table


@functools.lru_cache(maxsize=1)  # the claims look at one batch, one after the other
def marks_in(batch: Batch) -> tuple[Marks, Numbers]:
    """The code points of all texts that have a mark: this mark, and the number of the document."""
    found = marks().take(batch.points)
    places = np.flatnonzero(found != 0)  # of true and false, which numpy finds sooner than of numbers
    return found[places], batch.owners(places)


@functools.lru_cache(maxsize=1)
def folded_in(batch: Batch) -> Any:
    """All texts as they are compared. They must be UTF-8."""
    return fold_column(batch.rows.column("text"))


@functools.lru_cache(maxsize=1)
def marks_before(shard: Shard) -> tuple[Marks, Numbers]:
    """The code points that have a mark and were taken out of a text: this mark, and the number of the run."""
    found = marks().take(shard.edited.before)
    places = np.flatnonzero(found != 0)
    return found[places], shard.runs_at(places)


def forget(shard: bool = False) -> None:
    """Let go of the batch that was looked at last, and, if it is done, of its `shard`."""
    marks_in.cache_clear()
    folded_in.cache_clear()
    if shard:
        marks_before.cache_clear()


def may_be_destroyed(batch: Batch, asked: Asked) -> Flags:
    # 烫 is a sign from four in a row on, and four that were taken apart since are still there or stand in the ledger.
    return had(batch, LOST, "normalize") | has(batch, FILLING, 4) | had_before(batch, FILLING, "normalize")


def may_be_uncomposed(batch: Batch, asked: Asked) -> Flags:
    if not asked.normalize.compose_nfc:
        return np.zeros(len(batch), dtype=np.bool_)
    return has(batch, COMPOSABLE)


def may_be_traditional(batch: Batch, asked: Asked) -> Flags:
    if not asked.simplify.convert_traditional:
        return np.zeros(len(batch), dtype=np.bool_)
    return had(batch, CONVERTIBLE, "repair")


def may_hold_jumps(batch: Batch, asked: Asked) -> Flags:
    if not asked.repair.remove_jump_lines:
        return np.zeros(len(batch), dtype=np.bool_)
    from cleaner.kernels.looks import hold_jumps  # the compiler: not before it is needed

    flags: Flags = hold_jumps(batch.points, batch.texts.bounds, signs_of_repair())
    return flags


def may_stand_twice(batch: Batch, asked: Asked) -> Flags:
    found: Flags = may_repeat(folded_in(batch), asked.dedup)
    return found


def may_lead_elsewhere(batch: Batch, asked: Asked) -> Flags:
    return rebuild.may_lead_elsewhere(batch, asked.inputs)


def has(batch: Batch, mark: int, least: int = 1) -> Flags:
    """Of which documents the text has so many characters with this mark."""
    found, documents = marks_in(batch)
    flags: Flags = np.bincount(documents[found & mark != 0], minlength=len(batch)) >= least
    return flags


def had(batch: Batch, mark: int, stage: str) -> Flags:
    """Of which documents the text has a character with this mark, or had one when it came to `stage`."""
    return has(batch, mark) | had_before(batch, mark, stage)


def had_before(batch: Batch, mark: int, stage: str) -> Flags:
    """From which documents `stage`, or a later one, took a character with this mark: it stands in the ledger."""
    flags = np.zeros(len(batch), dtype=np.bool_)
    found, runs = marks_before(batch.shard)
    stages, wanted = batch.shard.ledger.stages, STAGES[STAGES.index(stage) :]
    marked = np.flatnonzero(np.bincount(runs[found & mark != 0])).tolist()
    later = {run for run in marked if stages[run] in wanted}
    for place, history in enumerate(batch.histories if later else ()):
        flags[place] = not later.isdisjoint(history)
    return flags


def is_as_sketched(batch: Batch, known: Sketches, first: int) -> bool:
    """Whether the sketches from number `first` on are those of these very documents, as far as digests tell."""
    folded, here = folded_in(batch), slice(first, first + len(batch))
    return (
        first + len(batch) <= len(known)
        and known.ids[here].equals(batch.rows.column("id"))
        and known.sources[here].equals(batch.rows.column("source"))
        and known.is_converted[here].tolist() == [script in CONVERTED for script in batch.columns["script"]]
        and np.array_equal(known.lengths[here], folded.sizes)
        and np.array_equal(known.folded[here], np.diff(folded.ends, prepend=0))
        and np.array_equal(known.digests[here], digests_of(folded))
    )
