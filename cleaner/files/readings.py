"""Readings files: how each input was read, in rows."""

import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner.document import Reading
from cleaner.files.tables import READINGS, read_rows

IN_READINGS = operator.attrgetter(*READINGS.names)


def reading_row(reading: Reading) -> tuple[Any, ...]:
    """A record of how a file was read as a row of a readings file."""
    lines = [{"encoding": encoding, "lines": count} for encoding, count in reading.lines]
    values: tuple[Any, ...] = IN_READINGS(reading)
    return *values[:-2], list(reading.damaged), lines


def as_reading(row: dict[str, Any]) -> Reading:
    """A row of a readings file as the record that it is."""
    lines = tuple((entry["encoding"], entry["lines"]) for entry in row["lines"])
    return Reading(**row | {"damaged": tuple(row["damaged"]), "lines": lines})


def read_readings(path: Path) -> Iterator[Reading]:
    """The readings of one shard, in the order of the inputs."""
    return map(as_reading, read_rows(path))
