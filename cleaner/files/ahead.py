"""Asking a store for several inputs at a time: each answer takes a while, however small it is."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from cleaner.config import DecodeConfig
from cleaner.files.raw import JSONL, PARQUET, RawFile, RawText, read

Result = TypeVar("Result")

AT_A_TIME = 16  # requests that are under way
AHEAD = 64  # inputs whose answers may wait to be used
SMALL = 1 << 20  # bytes of an input that may wait; larger ones take long anyway


def in_order(function: Callable[[RawFile], Result], files: Sequence[RawFile]) -> Iterator[Result]:
    """`map(function, files)`, for inputs in a store with several at a time. What fails is raised in its turn."""
    if all(file.is_on_disk for file in files):
        yield from map(function, files)
        return
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        for start in range(0, len(files), AHEAD):
            yield from threads.map(function, files[start : start + AHEAD])


def read_all(files: Sequence[RawFile], config: DecodeConfig) -> Iterator[RawText]:
    """The documents of some inputs, in order."""

    def found_in(file: RawFile) -> list[RawText] | Iterator[RawText]:
        is_small = file.size <= SMALL and not file.has_ending(JSONL + PARQUET)
        return list(read(file, config)) if is_small and not file.is_on_disk else read(file, config)

    for found in in_order(found_in, files):
        yield from found
