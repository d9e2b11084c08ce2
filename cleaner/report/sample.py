"""Which few of many are shown: those with the smallest hash, so the same ones whatever the order and the workers."""

import heapq
import zlib
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Item = TypeVar("Item", bound=Hashable)


def keys_of(names: Iterable[str], salt: str) -> Keys:
    """A pseudo-random number for each name. Another salt gives another order, so rules show different documents."""
    sums = np.array([zlib.crc32(name.encode("utf-8", "surrogatepass")) for name in names], dtype=np.uint64)
    mixed = (sums << np.uint64(32)) ^ (sums + np.uint64(zlib.crc32(salt.encode("utf-8", "surrogatepass"))))
    with np.errstate(over="ignore"):  # multiplication modulo 2**64 is what mixes
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    keys: Keys = mixed ^ (mixed >> np.uint64(31))
    return keys


def smallest(names: list[str], salt: str, count: int) -> list[tuple[int, int]]:
    """The `count` smallest of some names, as (key, place in the list), ascending; ties go by name."""
    keys = keys_of(names, salt)
    places = np.flatnonzero(keys <= np.partition(keys, count - 1)[count - 1]) if len(keys) > count else range(len(keys))
    found = sorted((int(keys[place]), names[place], int(place)) for place in places)
    return [(key, place) for key, _, place in found[:count]]


@dataclass(slots=True)
class Smallest(Generic[Item]):
    """The items with the smallest keys of all that were offered; `seen` counts them all."""

    most: int
    seen: int = 0
    heap: list[tuple[int, int, Item]] = field(default_factory=list)

    def offer(self, key: int, item: Item) -> None:
        """Keep an item if its key is small enough. Of equal keys the first offered stays."""
        if len(self.heap) < self.most:
            heapq.heappush(self.heap, (-key, -self.seen, item))
        elif self.heap and key < -self.heap[0][0]:
            heapq.heapreplace(self.heap, (-key, -self.seen, item))
        self.seen += 1

    def add(self, later: "Smallest[Item]") -> None:
        """Offer what another has kept, after all that this one was offered."""
        for key, _, item in sorted(later.heap, key=lambda entry: (-entry[0], -entry[1])):
            self.offer(-key, item)
        self.seen += later.seen - len(later.heap)

    def __iter__(self) -> Iterator[Item]:
        """The items, smallest key first."""
        return (item for _, _, item in sorted(self.heap, key=lambda entry: (-entry[0], -entry[1])))
