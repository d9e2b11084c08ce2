"""The model of what a corpus costs finds the costs that runs were made of, and says so of others."""

import random

import pytest
from cost_model import LEADING, MB, Measured, fit, told_checks, told_sizes

FIXED, PER_DOCUMENT, PER_MEGABYTE = 1.5, 2e-4, 0.3  # seconds
LEADS = 5e-5  # seconds of the leading process a document
BASE, HELD, PER_SHARD_BYTE = 400e6, 900.0, 6.0  # bytes


def made(megabytes: float, mean: int, shards: int) -> Measured:
    """A run that costs exactly what is said above."""
    documents = round(megabytes * MB / mean)
    decode = FIXED + PER_DOCUMENT * documents + PER_MEGABYTE * megabytes
    repair = 2 * PER_MEGABYTE * megabytes
    peak = BASE + HELD * documents + PER_SHARD_BYTE * megabytes * MB / shards
    processor = decode + repair + LEADS * documents
    aside, clean, read = (factor * megabytes * MB for factor in (2.0, 0.5, 6.0))
    passes = {"decode": decode, "repair": repair}
    return Measured(megabytes, mean, documents, shards, processor, passes, peak, read, aside, clean)


def test_costs_are_found() -> None:
    chance = random.Random(1)
    model = fit([made(chance.uniform(1, 90), chance.randrange(500, 9000), chance.randrange(1, 40)) for _ in range(9)])
    assert model.seconds["decode"] == pytest.approx([FIXED, PER_DOCUMENT, PER_MEGABYTE], rel=1e-3)
    assert model.seconds["repair"] == pytest.approx([0, 0, 2 * PER_MEGABYTE], rel=1e-3, abs=1e-7)
    assert model.seconds[LEADING] == pytest.approx([0, LEADS, 0], rel=1e-3, abs=1e-7)
    assert model.memory == pytest.approx([BASE, HELD, PER_SHARD_BYTE], rel=1e-3)
    assert (model.aside, model.clean, model.read) == pytest.approx((2.0, 0.5, 6.0))


def test_errors_and_extrapolations_are_told() -> None:
    model = fit(
        [made(size, mean, shards) for size, mean, shards in ((2, 900, 1), (9, 300, 3), (30, 5000, 7), (60, 2000, 9))]
    )
    checked = list(told_checks(model, [made(200, 1000, 32)]))
    assert len(checked) == 8
    assert all(row.endswith((" +0% |", " -0% |")) for row in checked[2:])
    rows = [row.split(" | ") for row in list(told_sizes(model, [10, 100], 16, 3000.0))[2:]]
    assert [row[0] for row in rows] == ["| 1 TB", "| 10 TB", "| 100 TB"]
    leading, ten, hundred = (float(rows[2][place].rstrip(" |")) for place in (4, 8, 9))
    shared = float(rows[2][3].replace(",", ""))
    assert ten == pytest.approx(shared / 160 + leading, rel=1e-3)
    assert hundred == pytest.approx(shared / 1600 + leading, rel=1e-3)
