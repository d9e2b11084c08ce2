"""A sample of the inputs, copied aside: for `cleaner estimate`, which runs the stages over it."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from cleaner.files.raw import JSONL, PARQUET, RawFile

PACKED = (".gz", ".zst", ".parquet")  # of which a beginning cannot be read


def is_table(file: RawFile) -> bool:
    """Whether a file holds many documents."""
    return file.has_ending(JSONL + PARQUET)


def choose(files: Sequence[RawFile], most: int) -> list[tuple[RawFile, int]]:
    """Files whose sizes are like those of all, and how many bytes of each; about `most` bytes together.

    The files are ordered by size and path, and every so manieth is taken. Of a file that is too large it is the
    beginning, unless it is packed: such a file is taken whole if it fits, or if there is nothing else.
    """
    ordered = sorted((file for file in files if file.size), key=lambda file: (file.size, file.source))
    step = max(1, -(-sum(file.size for file in ordered) // most))
    chosen: list[tuple[RawFile, int]] = []
    left = most
    for file in reversed(ordered[(len(ordered) - 1) % step // 2 :: step] or ordered[-1:]):
        share = max(most // 2, left // 2) if not chosen else left
        size = min(file.size, share)
        if size and (size == file.size or not file.has_ending(PACKED)):
            chosen.append((file, size))
            left -= size
    if not chosen and ordered:
        chosen = [(ordered[0], ordered[0].size)]
    return sorted(chosen, key=lambda entry: entry[0].source)


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
