"""A slice of the fuzz: hostile inputs through the whole pipeline (tests/fuzz)."""

from pathlib import Path

import pytest

from tests.fuzz.whole import culprits, problem


def test_hostile_inputs_are_survived(tmp_path: Path) -> None:
    found = problem(range(120), 20261122, tmp_path / "run", 300)
    few = culprits(range(120), 20261122, tmp_path / "run", 300) if found else ()
    assert not found, f"inputs {list(few)}: {found}"


@pytest.mark.parametrize(("number", "seed"), [(5906, 301), (897, 501), (9877, 501)])
def test_what_was_found_is_mended(tmp_path: Path, number: int, seed: int) -> None:
    """5906: repeats of repeats, of which six rounds left one. 897: a number with a space in it, in lines that recur.

    9877: a Parquet file with names of columns that are no UTF-8.
    """
    assert problem([number], seed, tmp_path / "run", 120) == ""
