"""How worker processes begin.

They are forked from a server, a process that has loaded what they need and does nothing else. They are not forked from
the process that runs the command: they would inherit the locks of pyarrow's threads as they happen to be. Nothing large
is loaded here, so that the server can be started first, and a worker soon knows when its parent dies.
"""

import contextlib
import gc
import os
import signal
import sys
import threading
from multiprocessing import connection, forkserver, get_context, parent_process
from multiprocessing.context import ForkServerContext
from pathlib import Path

NEEDED = "cleaner.pipeline"  # what workers load
WORTH_WHILE = 4 * 1024 * 1024  # bytes of at least two shards


def context() -> ForkServerContext:
    """Where worker processes come from."""
    found = get_context("forkserver")
    found.set_forkserver_preload([NEEDED])
    return found


def start_server_for(raw: Path) -> None:
    """Start the server if a folder has work for several workers: it loads while this process does so, too."""
    if not isinstance(raw, Path):  # in a store: how much is there is not asked twice
        context()
        forkserver.ensure_running()
        return
    found = 0
    for folder, _, names in os.walk(raw):
        for name in names:
            with contextlib.suppress(OSError):
                found += Path(folder, name).lstat().st_size
            if found >= WORTH_WHILE:
                context()
                forkserver.ensure_running()
                return


def collect_rarely() -> None:
    """Look for cycles of objects once for 50,000 new ones, not for 700: modules and tables are made of many that stay.

    What is large is an array, or a text, and part of no cycle.
    """
    gc.set_threshold(50_000, 20, 50)


def leave_cycles() -> None:
    """Look for cycles no more: at its end Python would look through all modules and kernels, only to free them.

    The system frees them all at once. What must be done at the end (files, locks, workers) hangs on no cycle. DuckDB
    counts what is left of its own, and would complain.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()
        gc.disable()


def start_worker() -> None:
    """Leave Ctrl-C to the parent, which stops its workers; and do not outlive it, should it be killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()

    from cleaner.files.arrow import load_arrow  # now that it follows its parent, it may load more

    load_arrow()
