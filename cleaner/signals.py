"""Signals that stop a program, and code in whose midst they must not."""

import contextlib
import signal
import threading
from collections.abc import Iterator

STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let signals that stop a program wait until the block has ended.

    What a handler raises in the midst of compiled code comes out as an error of that code, or as none; or it leaves
    that code in a state in which it crashes.
    """
    came: list[int] = []
    is_main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.signal(number, lambda number, _: came.append(number)) for number in STOPPING * is_main}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
