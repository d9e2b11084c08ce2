"""How pyarrow is loaded by a program that is ours alone."""

import os
import sys

POOL = "ARROW_DEFAULT_MEMORY_POOL"  # where a user says which allocator is to be used


class NoPandas:
    """A finder of modules that knows none, and refuses pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not needed here")


def load_arrow() -> None:
    """Load pyarrow without pandas, and let it use the memory of the C library.

    It looks for pandas, where that is installed, when it makes its first array of a list, in case the list is a series.
    That takes a third of a second, and nothing here needs it: here it looks in vain. Whoever asks for `to_pandas()`
    later has it, since pyarrow then looks again.

    Its own allocators keep a hundred megabytes for themselves once a large shard has passed (docs/decisions.md). Who
    wants one of them sets ARROW_DEFAULT_MEMORY_POOL.
    """
    import pyarrow as pa

    if POOL not in os.environ:
        pa.set_memory_pool(pa.system_memory_pool())
    sys.meta_path.insert(0, NoPandas)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(NoPandas)
