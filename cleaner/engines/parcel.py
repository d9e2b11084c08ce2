"""A job as a worker is sent it: in bytes, and without what it has in common with the other jobs of the pass.

That can be as large as the corpus. It is sent by itself, so that it can be sent once, and is made once in each process,
so that the jobs that come there find what was made of it, such as tables.
"""

import copyreg
import io
import pickle
from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from cleaner.dedup.boilerplate import Sieve
from cleaner.files.raw import RawFile
from cleaner.repair.links import Joins
from cleaner.repair.witnesses import Answers, Questions

PICKLE = 5  # the protocol
COMMON = (Questions, Answers, Joins, Sieve)  # as large as the corpus makes them, and the same for all shards
KEPT: dict[Hashable, Any] = {}  # what the latest job of this process had in common with others, by how it was sent


class Shelf:
    """What all jobs of a pass have in common: it is brought to the workers once, and jobs name where it lies."""

    def __init__(self, bring: Callable[[Any], Hashable]) -> None:
        self.bring = bring
        self.known: dict[int, tuple[Any, Any]] = {}  # by identity: the object, which stays as long, and its place

    def place_of(self, common: Any) -> Any:
        """Where an object lies that was brought."""
        if id(common) not in self.known:
            self.known[id(common)] = (common, self.bring(common))
        return self.known[id(common)][1]


def pack(
    function: Callable[[Any], Any], job: Any, shelf: Shelf | None = None, is_far: bool = True
) -> tuple[bytes, list[Any]]:
    """A job as it is sent, with what is to be done with it, and the places of what it has in common with others.

    That stands in fields of the job, which are empty on the way. A worker that is far has a folder of its own, so it is
    sent absolute paths.
    """
    held: dict[str, Any] = {}
    if shelf is not None and is_dataclass(job) and not isinstance(job, type):
        held = {field.name: value for field in fields(job) if isinstance(value := getattr(job, field.name), COMMON)}
        job = replace(job, **dict.fromkeys(held))
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, PICKLE)
    if is_far:
        pickler.dispatch_table = copyreg.dispatch_table | {type(Path()): absolute, RawFile: absolute_file}
    pickler.dump((function, job, tuple(held)))
    return stream.getvalue(), [shelf.place_of(value) for value in held.values()] if shelf is not None else []


def absolute(path: Path) -> tuple[Callable[[str], Path], tuple[str]]:
    """How a path is sent."""
    return Path, (str(path.absolute()),)


def absolute_file(file: RawFile) -> tuple[type[RawFile], tuple[Any, ...]]:
    """How an input is sent."""
    place = str(file.path.absolute()) if isinstance(file.place, str) else file.place
    return RawFile, (place, *file[1:])


def opened(
    parcel: bytes, common: Sequence[Hashable], fetched: Callable[[Any], Any] = pickle.loads
) -> tuple[Callable[[Any], Any], Any]:
    """What is to be done, and the job. `common` is what it has in common with others, as it was brought.

    That is `fetched` once for the jobs of a pass that come to this process, so that they find what was made of it:
    tables.
    """
    kept = {place: KEPT[place] if place in KEPT else fetched(place) for place in common}
    KEPT.clear()  # what belongs to an earlier pass
    KEPT.update(kept)
    function, job, names = pickle.loads(parcel)
    if names:
        job = replace(job, **{name: kept[place] for name, place in zip(names, common, strict=True)})
    return function, job
