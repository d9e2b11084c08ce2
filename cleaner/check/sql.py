"""The user's own checks in SQL: a query selects the rows that the user does not want.

    [check.sql]
    "no text is shorter than 20 characters" = "SELECT id, source, length(text) FROM documents WHERE length(text) < 20"

The key is the sentence that must be true. A row has an `id`, and may have a `source` and `found`, in words what is
wrong; without it, the other columns are told. DuckDB runs the query over views of the Parquet files:

    documents   the documents that were kept
    dropped     those that were dropped, with `reason`, `by` and `stage`
    edits       the ledger
    readings    how each file was read

A query is tried on empty tables first, so a slip in it is told before anything is done. It reads no other files, writes
none and cannot change the settings of DuckDB that see to that.
"""

import functools
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cleaner.check.asked import Whole
from cleaner.check.claim import Claim, Failure
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.access import local
from cleaner.files.corpus import Corpus
from cleaner.files.tables import DOCUMENTS, DROPPED, EDITS, READINGS, count_rows
from cleaner.memory import ALLOWED

if TYPE_CHECKING:
    import duckdb  # at run time where it is used: most corpora have no check in SQL

VIEWS = {
    "documents": DOCUMENTS,
    "dropped": pa.schema([*DROPPED, pa.field("stage", pa.string())]),
    "edits": EDITS,
    "readings": READINGS,
}
ROWS = 10_000  # fetched at a time


@dataclass(frozen=True, slots=True)
class Query:
    """A check in SQL: its sentence, the query, and the views that it looks at."""

    sentence: str
    text: str
    views: tuple[str, ...]


def sql_claims(queries: dict[str, str]) -> tuple[Claim, ...]:
    """The checks in SQL. Raises WrongUseError for one that is not a query, or has a mistake in it."""
    claims = []
    for sentence, text in queries.items():
        query = tried(sentence, text)
        name = re.sub(r"[\W_]+", "-", sentence).strip("-").lower()
        claims.append(Claim(name, sentence, of_corpus=functools.partial(rows_of, query), kind="own"))
    return tuple(claims)


def tried(sentence: str, text: str) -> Query:
    """Try a query on empty tables."""
    import duckdb

    text = text.strip().rstrip(";")
    with duckdb.connect(":memory:") as database:
        for view, schema in VIEWS.items():
            make_empty(database, view, schema)
        restrict(database, [])
        try:
            statements = database.extract_statements(text)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise WrongUseError(f"the check {sentence!r} must be one query, a SELECT")
            columns = [column[0] for column in database.execute(ordered(text)).description or ()]
            views = tuple(sorted(view for view in VIEWS if re.search(rf"\b{view}\b", text, re.IGNORECASE)))
        except duckdb.Error as error:
            raise WrongUseError(f"the check {sentence!r} is not valid SQL: {first_line(error)}") from None
    if "id" not in columns:
        raise WrongUseError(
            f"the check {sentence!r} selects no id, only {', '.join(columns)}; select the id of a document"
        )
    return Query(sentence, text, views)


def rows_of(query: Query, whole: Whole) -> Iterator[Failure]:
    """The rows that a query selects, in a fixed order."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect(":memory:") as database:
        database.execute(f"SET temp_directory = {quoted(folder)}")  # not the folder that the user stands in
        restrict(database, open_views(database, whole.corpus, Path(folder)))
        try:
            result = database.execute(ordered(query.text))
            columns = [column[0] for column in result.description or ()]
            while rows := result.fetchmany(ROWS):
                for row in rows:
                    yield failure_of(dict(zip(columns, row, strict=True)))
        except duckdb.Error as error:
            raise BadDataError(f"the check {query.sentence!r} failed: {first_line(error)}") from None


def ordered(text: str) -> str:
    """A query whose rows come in an order that does not depend on threads. The new line ends a comment."""
    return f"SELECT * FROM ({text}\n) ORDER BY ALL"


def failure_of(row: dict[str, Any]) -> Failure:
    """A row as what breaks a claim."""
    name, source = str(row.pop("id") or ""), str(row.pop("source", "") or "")
    if set(row) == {"found"}:
        return Failure(name, source, str(row["found"]))
    return Failure(name, source, ", ".join(f"{column} {value}" for column, value in row.items()) or "is selected")


def open_views(database: "duckdb.DuckDBPyConnection", corpus: Corpus, folder: Path) -> list[Path]:
    """Make the views over the files of a corpus, which are copied to `folder` from a store. Returns the files."""
    last = corpus.stages[-1]
    parts = {
        "documents": [("", last.documents)],
        "dropped": [(f", {quoted(stage.stage)} AS stage", stage.dropped) for stage in corpus.stages],
        "edits": [("", stage.edits) for stage in corpus.stages],
        "readings": [("", stage.readings) for stage in corpus.stages],
    }
    files: list[Path] = []
    for view, stages in parts.items():
        selects = []
        for more, paths in stages:
            filled = [local(path, folder).resolve() for path in paths if count_rows(path)]
            if filled:
                names = ", ".join(quoted(path) for path in filled)
                selects.append(f"SELECT *{more} FROM read_parquet([{names}])")
                files += filled
        if selects:
            database.execute(f"CREATE VIEW {view} AS {' UNION ALL BY NAME '.join(selects)}")
        else:
            make_empty(database, view, VIEWS[view])
    return files


def make_empty(database: "duckdb.DuckDBPyConnection", view: str, schema: pa.Schema) -> None:
    """Make a table without rows in the place of a view."""
    database.register("nothing", schema.empty_table())
    database.execute(f"CREATE TABLE {view} AS SELECT * FROM nothing")
    database.unregister("nothing")


def restrict(database: "duckdb.DuckDBPyConnection", files: list[Path]) -> None:
    """From now on, these files and no others may be read; nothing may be written but what does not fit in memory."""
    database.execute(f"SET memory_limit = '{ALLOWED.database} B'")  # what does not fit goes to a temporary folder
    database.execute(f"SET allowed_paths = [{', '.join(quoted(path) for path in files)}]")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")


def quoted(text: object) -> str:
    """A path or a name as a string of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """What DuckDB says, without the picture of the query, and with its suggestion."""
    lines = [line.strip() for line in str(error).split("\n") if line.strip()]
    more = [line for line in lines[1:] if line.startswith(("Did you mean", "Candidate"))]
    return " ".join([*lines[:1], *more])
