"""What the leading process does in threads: numpy, Arrow and the disk do without Python's lock.

While the process that leads works alone, all workers wait. So what it does many times over, in libraries that let go of
the lock meanwhile, is done by as many threads as there are workers. A worker has one.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from cleaner.engines import IN_USE

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`map(function, items)`, the results in order. What has not begun when one fails, or nobody asks on, is left."""
    if IN_USE.threads == 1:
        yield from map(function, items)
        return
    threads = ThreadPoolExecutor(IN_USE.threads)
    try:
        yield from threads.map(function, items)
    finally:
        threads.shutdown(cancel_futures=True)
