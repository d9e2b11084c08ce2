"""How a worker process begins. It loads next to nothing, so that it soon knows when its parent dies."""

import os
import signal
import threading
from multiprocessing import connection, parent_process


def start_worker() -> None:
    """Leave Ctrl-C to the parent, which stops its workers; and do not outlive it, should it be killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()

    from cleaner.files.arrow import load_without_pandas  # now that it follows its parent, it may load more

    load_without_pandas()
