"""A job as a worker is sent it: in bytes, and without what it has in common with the other jobs of the pass.

That can be as large as the corpus. It is sent by itself, so that it can be sent once, and is made once in each process,
so that the jobs that come there find what was made of it, such as tables.
"""

import copyreg
import io
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cleaner.dedup.boilerplate import Sieve
from cleaner.repair.links import Joins
from cleaner.repair.witnesses import Answers, Questions

PICKLE = 5  # the protocol
COMMON = (Questions, Answers, Joins, Sieve)  # as large as the corpus makes them, and the same for all shards
KEPT: dict[bytes, Any] = {}  # what the latest job of this process had in common with others, by how it was sent


class Shelf:
    """What all jobs of a pass have in common: it is brought to the workers once, and jobs name where it lies."""

    def __init__(self, bring: Callable[[bytes], Any]) -> None:
        self.bring = bring
        self.known: dict[int, tuple[Any, Any]] = {}  # by identity: the object, which stays as long, and its place

    def place_of(self, common: Any) -> Any:
        """Where an object lies that was brought."""
        if id(common) not in self.known:
            self.known[id(common)] = (common, self.bring(pickle.dumps(common, PICKLE)))
        return self.known[id(common)][1]


def pack(
    function: Callable[[Any], Any], job: Any, shelf: Shelf | None = None, is_far: bool = True
) -> tuple[bytes, list[Any]]:
    """A job as it is sent, with what is to be done with it, and the places of what it has in common with others.

    A worker that is far has a folder of its own, so it is sent absolute paths.
    """
    stream, places = io.BytesIO(), list[Any]()
    pickler = pickle.Pickler(stream, PICKLE)
    if is_far:
        pickler.dispatch_table = copyreg.dispatch_table | {type(Path()): absolute}

    def number_of(value: Any) -> int | None:
        if shelf is None or not isinstance(value, COMMON):
            return None
        places.append(shelf.place_of(value))
        return len(places) - 1

    pickler.persistent_id = number_of  # type: ignore[method-assign]  # as it is documented
    pickler.dump((function, job))
    return stream.getvalue(), places


def absolute(path: Path) -> tuple[Callable[[str], Path], tuple[str]]:
    """How a path is sent."""
    return Path, (str(path.absolute()),)


def opened(parcel: bytes, common: Sequence[bytes]) -> tuple[Callable[[Any], Any], Any]:
    """What is to be done, and the job. `common` is what it has in common with others.

    That is made once for the jobs of a pass that come to this process, so that they find what was made of it: tables.
    """
    kept = {content: KEPT[content] if content in KEPT else pickle.loads(content) for content in common}
    KEPT.clear()  # what belongs to an earlier pass
    KEPT.update(kept)
    unpickler = pickle.Unpickler(io.BytesIO(parcel))
    unpickler.persistent_load = lambda number: kept[common[number]]  # type: ignore[method-assign]  # as above
    function, job = unpickler.load()
    return function, job
