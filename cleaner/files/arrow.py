"""How pyarrow is loaded by a program that is ours alone."""

import sys


class NoPandas:
    """A finder of modules that knows none, and refuses pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not needed here")


def load_without_pandas() -> None:
    """Load pyarrow so that it does not load pandas, which takes a third of a second and which nothing here needs.

    pyarrow looks for pandas, where that is installed, when it makes its first array of a list, in case the list is a
    series. Here it looks in vain. Whoever asks for `to_pandas()` later has it, since pyarrow then looks again.
    """
    import pyarrow as pa

    sys.meta_path.insert(0, NoPandas)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(NoPandas)
