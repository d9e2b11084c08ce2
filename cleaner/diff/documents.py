"""Which documents of two corpora differ: found by DuckDB from ids and digests, without holding a text.

Documents are matched by id, whatever their order. Of those that are in one corpus only, two with the same text are one
that moved. What became of the others is looked up among the documents that the other corpus dropped.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cleaner.errors import BadDataError
from cleaner.files.access import local
from cleaner.files.corpus import Corpus

MEMORY = "1GB"
ROWS_AT_ONCE = 1000
KINDS = ("added", "gone", "moved", "changed")

_DOCUMENTS = """
CREATE TABLE {name} (
    id VARCHAR, source VARCHAR, row BIGINT, digest VARCHAR, size BIGINT, encoding VARCHAR, script VARCHAR,
    path VARCHAR, place BIGINT
)
"""
_FILL = """
INSERT INTO {name}
SELECT id, source, row, md5(text), length(text), encoding, script, filename, file_row_number
FROM read_parquet(?, filename = true, file_row_number = true)
"""
_DROPPED = "CREATE TABLE {name}_dropped (id VARCHAR, stage VARCHAR, reason VARCHAR, kept_by VARCHAR)"
_FILL_DROPPED = 'INSERT INTO {name}_dropped SELECT id, ?, reason, "by" FROM read_parquet(?)'
_ALONE = """
CREATE TABLE {name}_only AS
SELECT *, row_number() OVER (PARTITION BY digest, size ORDER BY source, row) AS copy
FROM {name} ANTI JOIN {other} USING (id)
"""
_MOVED = """
CREATE TABLE moved AS
SELECT o.id AS old_id, n.id AS new_id
FROM old_only o JOIN new_only n USING (digest, size, copy)
WHERE size > 0
"""
_DIFFERENCES = """
CREATE TABLE differences AS
SELECT 'changed' AS status, n.id, n.source, n.row, o.source AS old_source, o.row AS old_row, o.size AS old_size,
    n.size AS new_size, o.path AS old_path, o.place AS old_place, n.path AS new_path, n.place AS new_place,
    '' AS stage, '' AS reason, '' AS kept
FROM old o JOIN new n USING (id)
WHERE o.digest != n.digest OR o.size != n.size
UNION ALL
SELECT 'moved', n.id, n.source, n.row, o.source, o.row, o.size, n.size, NULL, NULL, NULL, NULL, '', '', ''
FROM moved JOIN old o ON o.id = old_id JOIN new n ON n.id = new_id
UNION ALL
SELECT 'gone', o.id, o.source, o.row, o.source, o.row, o.size, NULL, NULL, NULL, NULL, NULL,
    coalesce(d.stage, ''), coalesce(d.reason, ''), coalesce(k.source, '')
FROM old_only o ANTI JOIN moved ON o.id = old_id
LEFT JOIN new_dropped d ON d.id = o.id LEFT JOIN new k ON k.id = d.kept_by
UNION ALL
SELECT 'added', n.id, n.source, n.row, NULL, NULL, NULL, n.size, NULL, NULL, NULL, NULL,
    coalesce(d.stage, ''), coalesce(d.reason, ''), coalesce(k.source, '')
FROM new_only n ANTI JOIN moved ON n.id = new_id
LEFT JOIN old_dropped d ON d.id = n.id LEFT JOIN old k ON k.id = d.kept_by
"""


@dataclass(frozen=True, slots=True)
class Differing:
    """A document that is not the same in both corpora; what one of them does not have is None."""

    status: str  # one of KINDS
    id: str
    source: str
    row: int | None
    old_source: str | None
    old_row: int | None
    old_size: int | None  # characters
    new_size: int | None
    old_path: str | None  # of a changed document: the file and the row in it where its text stands
    old_place: int | None
    new_path: str | None
    new_place: int | None
    stage: str  # of one that is gone (or was not there): the stage that dropped it, and why
    reason: str
    kept: str  # the source of the document that stays in its place


@contextlib.contextmanager
def compared(old: Corpus, new: Corpus) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables old, new and differences. Raises BadDataError when a file cannot be read."""
    with (
        tempfile.TemporaryDirectory(prefix="cleaner-diff-") as place,
        duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": place}) as database,
    ):
        for name, corpus in (("old", old), ("new", new)):
            database.execute(_DOCUMENTS.format(name=name))
            database.execute(_DROPPED.format(name=name))
            for path in corpus.stages[-1].documents:
                load(database, _FILL.format(name=name), path, [str(local(path, Path(place)))])
            for stage in corpus.stages:
                for path in stage.dropped:
                    load(database, _FILL_DROPPED.format(name=name), path, [stage.stage, str(local(path, Path(place)))])
        for query in (_ALONE.format(name="old", other="new"), _ALONE.format(name="new", other="old")):
            database.execute(query)
        database.execute(_MOVED)
        database.execute(_DIFFERENCES)
        yield database


def load(database: duckdb.DuckDBPyConnection, query: str, path: Path, values: list[str]) -> None:
    """Fill a table from a Parquet file."""
    try:
        database.execute(query, values)
    except (duckdb.Error, UnicodeDecodeError) as error:
        why = str(error).split("\n")[0]
        raise BadDataError(f"{path} cannot be read: {why}") from None


def counts_of(database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many documents were added, are gone, moved, changed, and are the same."""
    found = dict(database.execute("SELECT status, count(*) FROM differences GROUP BY status").fetchall())
    counts = {kind: found.get(kind, 0) for kind in KINDS}
    in_both = "SELECT count(*) FROM old JOIN new USING (id) WHERE old.digest = new.digest AND old.size = new.size"
    return counts | {"same": rows(database, in_both)[0][0]}


def differing(database: duckdb.DuckDBPyConnection) -> Iterator[Differing]:
    """The documents that differ, in the order of their paths."""
    cursor = database.cursor()
    cursor.execute("SELECT * FROM differences ORDER BY source, row, status, id")
    while batch := cursor.fetchmany(ROWS_AT_ONCE):
        yield from (Differing(*row) for row in batch)


def rows(database: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """The few rows of a query that counts."""
    return database.execute(query).fetchall()
