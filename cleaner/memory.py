"""How much memory a run takes, and what fits into how much: `--memory` and `cleaner estimate` ask here.

The figures are measured (docs/decisions.md, "What a process takes"); they are bounds for prose, not averages.
"""

import ctypes
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from cleaner.errors import WrongUseError

UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "ki": 1024, "mi": 1024**2, "gi": 1024**3}
MB = 1000**2
BASE = 500 * MB  # of each process: the interpreter, the libraries, the tables, what is kept compiled
PER_SHARD_BYTE = 8.0  # bytes of memory for each byte of a shard, in the pass that takes most
PER_DOCUMENT = 1000  # bytes, of the process that compares all documents
LARGEST_DATABASE = 1000 * MB  # that DuckDB is given, where nothing else is said
DATABASE_SHARE = 0.25  # of the memory that is allowed
LARGEST_COMPARING = 4000 * MB  # of what is held of all documents at once, where nothing else is said
COMPARING_SHARE = 0.25  # of the memory that is allowed


@dataclass(slots=True)
class Allowed:
    """What this process was allowed."""

    database: int = LARGEST_DATABASE  # bytes of memory for DuckDB
    comparing: int = LARGEST_COMPARING  # bytes for what dedup holds of all documents


ALLOWED = Allowed()


def read_size(text: str) -> int:
    """A size such as 4GB, 1.5 GiB or 800m in bytes. Raises WrongUseError for what is none.

    >>> read_size("4GB"), read_size("1.5 GiB"), read_size("800m")
    (4000000000, 1610612736, 800000000)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*+((?:[kmg]i?)?)b?", text.strip(), re.IGNORECASE | re.ASCII)
    if not found or not float(found[1]):
        raise WrongUseError(f"--memory {text} is no size; write it like 4GB, 800MB or 1.5GiB")
    return int(float(found[1]) * UNITS[found[2].lower()])


def needed(workers: int, shard_bytes: int) -> int:
    """The bytes that a run takes with so many processes; with more than one there is also the one that leads them."""
    one = BASE + int(PER_SHARD_BYTE * shard_bytes)
    return one if workers == 1 else BASE + workers * one


def limited(memory: int, workers: int, shard_bytes: int) -> int:
    """How many processes, up to `workers`, fit into so many bytes; what else is limited is limited to its share.

    Raises WrongUseError when not even one fits.
    """
    if memory < (least := needed(1, shard_bytes)):
        fitting = int((memory - BASE) / PER_SHARD_BYTE) // MB
        remedy = f"set decode.shard_bytes to {fitting * MB} or less" if fitting >= 1 else "it cannot be less than that"
        raise WrongUseError(
            f"{told_size(memory)} of memory are not enough: one process takes {told_size(least)} with shards of "
            f"{told_size(shard_bytes)}; {remedy}"
        )
    ALLOWED.database = min(LARGEST_DATABASE, int(DATABASE_SHARE * memory))
    ALLOWED.comparing = int(COMPARING_SHARE * memory)
    return max(count for count in range(1, workers + 1) if count == 1 or needed(count, shard_bytes) <= memory)


def give_back() -> None:
    """Give memory that is free back to the system, between two passes: it is seldom wanted again soon.

    Left to itself the C library keeps whatever lies below the last block that is in use. Only glibc can be asked; that
    pyarrow asks it when its pool is told to release what is unused is not so in all of its builds.
    """
    trim_heap()(0)


@functools.cache
def trim_heap() -> Callable[[int], object]:
    """`malloc_trim` of the C library, where it has that."""
    try:
        return cast(Callable[[int], object], ctypes.CDLL(None).malloc_trim)
    except (AttributeError, OSError, TypeError):  # TypeError: Windows has no library without a name
        return lambda _: None


def told_size(size: float) -> str:
    """A size in bytes as a person says it.

    >>> told_size(1_503_000_000), told_size(67_108_864), told_size(900)
    ('1.5 GB', '67 MB', '1 kB')
    """
    for unit, name in ((1000**3, "GB"), (1000**2, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if size < 10 * unit else f"{size / unit:.0f} {name}"
    return f"{max(1, round(size / 1000))} kB"
