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


def in_threads(
    function: Callable[[Item], Result], items: Iterable[Item], at_a_time: int | None = None
) -> Iterator[Result]:
    """`map(function, items)`, the results in order. What has not begun when one fails, or nobody asks on, is left.

    `at_a_time` is for what waits for a disk or a store, and needs no processor of its own.
    """
    count = at_a_time or IN_USE.threads
    if count == 1:
        yield from map(function, items)
        return
    threads = ThreadPoolExecutor(count)
    try:
        yield from threads.map(function, items)
    finally:
        threads.shutdown(cancel_futures=True)
