"""The ledger of many documents, read by columns: a converted text has an edit at every third character.

Nothing here goes through the edits one by one. A `Ledger` keeps the columns as they lie in the files, and knows where
one run of a rule over a document ends and the next begins; only a run that is asked for becomes `Edits`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.document import Edits, Offsets
from cleaner.errors import BadDataError
from cleaner.files.access import for_arrow
from cleaner.files.columns import Strings, strings
from cleaner.files.tables import EDITS

FEW = ["id", "stage", "rule", "reason"]  # columns with few distinct values: they come as numbers into a dictionary
COLUMNS = pa.schema(
    [field.with_type(pa.dictionary(pa.int32(), pa.string())) if field.name in FEW else field for field in EDITS]
)
KEYS = ("id", "stage", "step", "rule")  # of a run: while they are the same, it is the same run


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Edits in the order they were done, and the runs of rules that made them.

    Run number r made the edits from `bounds[r]` to `bounds[r + 1]`, to the document with the id `ids[r]`.
    """

    ids: Any  # Arrow array of strings
    stages: list[str]
    rules: list[str]
    bounds: Offsets
    files: list[int]  # the first edit of each file that it was read from, and the number of edits
    offsets: Offsets  # of each edit, in code points of the text that its run saw
    before: Strings  # of each edit
    after: Strings
    reasons: Any  # of each edit: Arrow array of strings
    has_reasons: npt.NDArray[np.bool_]  # of each run: whether there is one that is not empty

    def __len__(self) -> int:
        return len(self.rules)

    def edits(self, run: int) -> Edits:
        """What one run did."""
        first, last = self.bounds[run], self.bounds[run + 1]
        before, after = self.before, self.after
        return Edits(
            self.rules[run],
            self.offsets[first:last],
            before.joined[before.bounds[first] : before.bounds[last]],
            before.lengths[first:last],
            after.joined[after.bounds[first] : after.bounds[last]],
            after.lengths[first:last],
            tuple(self.reasons[first:last].to_pylist()) if self.has_reasons[run] else (),
        )

    def history(self, runs: Sequence[int]) -> "History":
        """What some runs did, in order."""
        return History(self, runs)

    def runs(self) -> Iterator[tuple[str, str, Edits]]:
        """All runs, as (document, stage, edits)."""
        for run, name in enumerate(self.ids.to_pylist()):
            yield name, self.stages[run], self.edits(run)

    def histories(self) -> dict[str, list[int]]:
        """The runs over each document, by its id, in the order they were done."""
        found: dict[str, list[int]] = {}
        for run, name in enumerate(self.ids.to_pylist()):
            found.setdefault(name, []).append(run)
        return found


@dataclass(frozen=True, slots=True)
class History(Sequence[tuple[str, Edits]]):
    """What was done to one document, as (stage, edits) of each run; put together when it is looked at."""

    ledger: Ledger
    of: Sequence[int]  # the numbers of the runs

    def __len__(self) -> int:
        return len(self.of)

    def __getitem__(self, place: Any) -> Any:
        run = self.of[place]
        return self.ledger.stages[run], self.ledger.edits(run)


def read_ledger(paths: Iterable[Path]) -> Ledger:
    """The ledger that some files hold, one behind the other. Raises BadDataError when one is not readable."""
    return joined_ledger(paths, lambda file: [file.read(EDITS.names)])


def read_ledger_of(paths: Iterable[Path], ids: Collection[str]) -> Ledger:
    """The same, of the documents with these ids alone; only the row groups that hold them are in memory."""
    values = pa.array(sorted(ids), pa.string())

    def wanted(file: pq.ParquetFile) -> Iterator[pa.Table]:
        for group in range(file.num_row_groups if ids else 0):
            mine = pc.is_in(file.read_row_group(group, ["id"]).column("id").cast(pa.string()), value_set=values)
            if pc.any(mine).as_py():
                yield file.read_row_group(group, EDITS.names).filter(mine)

    return joined_ledger(paths, wanted)


def joined_ledger(paths: Iterable[Path], read: Callable[[pq.ParquetFile], Iterable[pa.Table]]) -> Ledger:
    """The ledger from what is read of each file. A run does not go on from one file to the next."""
    tables, starts = [EDITS.empty_table()], [0]
    for path in paths:
        try:
            with pq.ParquetFile(for_arrow(path), read_dictionary=FEW) as file:
                tables += read(file)
            starts.append(sum(map(len, tables)))
        except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
            raise BadDataError(f"{path} cannot be read: {error}") from None
    try:
        return in_runs(pa.concat_tables([in_columns(table) for table in tables]), starts)
    except UnicodeDecodeError as error:
        raise BadDataError(f"the ledger holds a text that is not UTF-8: {error}") from None


def in_columns(table: pa.Table) -> pa.Table:
    """A table of edits with dictionaries where there are few values, whoever wrote it."""
    columns = [table.column(name) for name in EDITS.names]
    for place, (column, kind) in enumerate(zip(columns, COLUMNS.types, strict=True)):
        if pa.types.is_dictionary(kind) and not pa.types.is_dictionary(column.type):
            columns[place] = column.cast(pa.string()).dictionary_encode()
        elif column.type != kind:
            columns[place] = column.cast(kind)
    return pa.Table.from_arrays(columns, schema=COLUMNS)


def in_runs(table: pa.Table, starts: list[int]) -> Ledger:
    """A table of edits cut into runs, and cut at `starts` in any case."""
    columns = {name: whole(table.column(name)) for name in EDITS.names}
    is_first = np.zeros(len(table) + 1, dtype=np.bool_)
    is_first[starts] = is_first[-1] = True
    for name in KEYS:
        column = columns[name].indices if name in FEW else columns[name]
        numbers = column.to_numpy(zero_copy_only=False)
        is_first[1:-1] |= numbers[1:] != numbers[:-1]
    bounds = np.flatnonzero(is_first)
    ids, stages, rules = (columns[name].take(pa.array(bounds[:-1])).dictionary_decode() for name in FEW[:3])
    is_told = np.array(columns["reason"].dictionary.to_pylist(), dtype=np.str_) != ""
    reasoned = np.concatenate([[0], np.cumsum(is_told[columns["reason"].indices.to_numpy(zero_copy_only=False)])])
    return Ledger(
        ids,
        stages.to_pylist(),
        rules.to_pylist(),
        bounds,
        starts,
        columns["offset"].to_numpy(zero_copy_only=False),
        strings(columns["before"]),
        strings(columns["after"]),
        columns["reason"],
        np.diff(reasoned[bounds]) > 0,
    )


def whole(column: pa.ChunkedArray) -> Any:
    """A column in one piece."""
    pieces = column.unify_dictionaries().combine_chunks() if pa.types.is_dictionary(column.type) else column
    return pieces.combine_chunks() if isinstance(pieces, pa.ChunkedArray) else pieces
