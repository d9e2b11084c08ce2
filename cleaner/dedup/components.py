"""Which documents hang together: the connected components of pairs that lie in files.

Four bytes are held for each document, and the pairs stream by (`kernels.components`). Where even that is more than is
allowed, DuckDB does it in a limited amount of memory, by alternating large-star and small-star operations (Kiveris et
al. 2014): each puts neighbours of a document at the least of them, the greater ones and then the lesser, until every
component is one star. Both give the same.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cleaner.files.access import local
from cleaner.files.band_runs import Numbers, read_pairs
from cleaner.memory import ALLOWED
from cleaner.places import on_disk

PER_NUMBER = np.dtype(np.uint32).itemsize

LOAD = "CREATE TABLE pairs AS SELECT DISTINCT other AS child, first AS parent FROM read_parquet($paths)"
LARGE_STAR = """
    CREATE TABLE larger AS
    WITH sides AS (SELECT child, parent FROM pairs UNION ALL SELECT parent, child FROM pairs),
         least AS (SELECT child AS middle, least(child, min(parent)) AS parent FROM sides GROUP BY child)
    SELECT DISTINCT sides.parent AS child, least.parent
    FROM sides JOIN least ON sides.child = least.middle WHERE sides.parent > sides.child
"""
SMALL_STAR = """
    CREATE TABLE smaller AS
    WITH least AS (SELECT child AS middle, min(parent) AS parent FROM larger GROUP BY child)
    SELECT larger.parent AS child, least.parent
    FROM larger JOIN least ON larger.child = least.middle WHERE larger.parent <> least.parent
    UNION SELECT middle, parent FROM least
"""
IS_DONE = """
    SELECT NOT EXISTS (SELECT 1 FROM smaller SEMI JOIN (SELECT child FROM smaller) AS children
                       ON smaller.parent = children.child)
       AND (SELECT count(*) = count(DISTINCT child) FROM smaller)
"""
STARS = "SELECT child, parent FROM smaller UNION SELECT parent, parent FROM smaller ORDER BY child"


class Components(NamedTuple):
    """The documents that are connected with others, in ascending order, and the least one of the component of each."""

    members: Numbers
    least: Numbers


def components_of(paths: Sequence[Path], documents: int, folder: Path) -> Components:
    """The components of the pairs in some files; scratch goes to `folder`."""
    if documents * PER_NUMBER <= ALLOWED.comparing:
        return by_union_find(paths, documents)
    return by_stars(paths, folder, ALLOWED.database)


def by_union_find(paths: Sequence[Path], documents: int) -> Components:
    """The components by union-find, in four bytes for each document."""
    from cleaner.kernels import components as kernels  # numba takes a while to load

    parents = np.arange(documents, dtype=np.uint32)
    for path in paths:
        for first, other in read_pairs(path):
            kernels.join(parents, first, other)
    kernels.flatten(parents)
    is_member = parents != np.arange(documents, dtype=np.uint32)
    is_member[parents[is_member]] = True
    members = np.flatnonzero(is_member).astype(np.uint32)
    return Components(members, parents[members])


def by_stars(paths: Sequence[Path], folder: Path, memory: int) -> Components:
    """The components by star operations in DuckDB, which holds so many bytes at most; the rest goes to `folder`."""
    import duckdb

    place = folder if on_disk(folder) else None  # else where temporary files lie
    with tempfile.TemporaryDirectory(prefix="components-", dir=place) as scratch:
        settings: dict[str, Any] = {
            "memory_limit": f"{memory}B",
            "temp_directory": f"{scratch}/spilled",
            "preserve_insertion_order": "false",
        }
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute(LOAD, {"paths": [str(local(path, Path(scratch))) for path in paths]})
            found = stars_in(database)
    return Components(*(np.asarray(found[name], dtype=np.uint32) for name in ("child", "parent")))


def stars_in(database: Any) -> dict[str, Any]:
    """The stars that the table `pairs` is made of."""
    is_done = False
    while not is_done:
        database.execute(LARGE_STAR)
        database.execute("DROP TABLE pairs")
        database.execute(SMALL_STAR)
        database.execute("DROP TABLE larger")
        is_done = database.execute(IS_DONE).fetchall()[0][0]
        if not is_done:
            database.execute("ALTER TABLE smaller RENAME TO pairs")
    found: dict[str, Any] = database.execute(STARS).fetchnumpy()
    return found
