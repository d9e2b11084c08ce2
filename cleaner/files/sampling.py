"""A sample of the inputs, copied aside: for `cleaner estimate`, which runs the stages over it."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from cleaner.files.pieces import PACKED
from cleaner.files.raw import JSONL, PARQUET, RawFile

SEVERAL = 6  # files of a kind: those of one site, or one year, are like each other


def is_table(file: RawFile) -> bool:
    """Whether a file holds many documents."""
    return file.has_ending(JSONL + PARQUET)


def choose(files: Sequence[RawFile], most: int) -> list[tuple[RawFile, int]]:
    """Files that are like all of them, and how many bytes of each; about `most` bytes together.

    Tables and texts get as much of it as they have of the whole. If not even one file fits, it is the smallest.
    """
    filled = [file for file in files if file.size]
    total = sum(file.size for file in filled)
    chosen: list[tuple[RawFile, int]] = []
    for kind in (True, False):
        alike = [file for file in filled if is_table(file) is kind]
        chosen += choose_of(alike, most * sum(file.size for file in alike) // max(total, 1))
    if not chosen and filled:
        smallest = min(filled, key=lambda file: (file.size, file.source))
        chosen = [(smallest, smallest.size)]
    return sorted(chosen, key=lambda entry: entry[0].source)


def choose_of(files: Sequence[RawFile], most: int) -> list[tuple[RawFile, int]]:
    """The same, of files of one kind.

    Ordered by size and path, every so manieth is taken, but at least SEVERAL. What small ones leave is shared by the
    larger ones, each of which gives its beginning; a packed file is taken whole, or not at all.
    """
    if not files or not most:
        return []
    ordered = sorted(files, key=lambda file: (file.size, file.source))
    step = -(-sum(file.size for file in ordered) // most)
    step = max(1, min(step, len(ordered) // SEVERAL))
    picked = ordered[(len(ordered) - 1) % step // 2 :: step]
    chosen: list[tuple[RawFile, int]] = []
    for number, file in enumerate(picked):
        size = min(file.size, most // (len(picked) - number))
        if size and (size == file.size or not file.has_ending(PACKED)):
            chosen.append((file, size))
            most -= size
    return chosen


def copy_sample(sample: Sequence[tuple[RawFile, int]], folder: Path) -> int:
    """Copy a sample below a folder. Returns how many bytes it has; what was cut ends with a line, if it has lines."""
    total = 0
    for number, (file, size) in enumerate(sample):
        place = folder / f"{number:06}" / file.path.name  # a path can hold what no other folder may hold
        place.parent.mkdir(parents=True)
        if size == file.size:
            with file.path.open("rb") as stream, place.open("xb") as copy:
                shutil.copyfileobj(stream, copy)
        else:
            with file.path.open("rb") as stream:
                content = stream.read(size)
            content = content[: content.rfind(b"\n") + 1] or content
            place.write_bytes(content)
        total += place.stat().st_size
    return total


def size_below(folder: Path) -> int:
    """The bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
