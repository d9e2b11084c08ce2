"""How much memory a run may take, and what is said when it is too little."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner import memory
from cleaner.config import Config
from cleaner.errors import WrongUseError
from cleaner.files.raw import LEAST_SHARD
from tests.conftest import Ran, Run

Call = Callable[..., Ran]
SHARD = Config().decode.shard_bytes


@pytest.fixture(autouse=True)
def allowed_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "ALLOWED", memory.Allowed())


@pytest.mark.parametrize("size", ["", "4", "4XB", "-4GB", "0GB", "4 G B", "much", "4GBB"])
def test_what_is_no_size_is_refused(size: str) -> None:
    if size == "4":
        assert memory.read_size(size) == 4
        return
    with pytest.raises(WrongUseError, match="is no size"):
        memory.read_size(size)


def test_as_many_processes_as_fit() -> None:
    for workers in range(1, 9):
        enough = memory.needed(workers, SHARD)
        assert memory.limited(enough, 8, SHARD) == workers
        assert memory.limited(enough, 1, SHARD) == 1
    assert memory.needed(1, SHARD) < memory.needed(2, SHARD) < memory.needed(3, SHARD)


def test_too_little_is_refused_with_what_helps() -> None:
    with pytest.raises(WrongUseError, match=r"set decode\.shard_bytes to (\d+) or less") as refused:
        memory.limited(memory.needed(1, SHARD) - 1, 4, SHARD)
    smaller = int(str(refused.value).split("shard_bytes to ")[1].split()[0])
    assert memory.limited(memory.needed(1, SHARD) - 1, 4, smaller) >= 1
    with pytest.raises(WrongUseError, match="cannot be less"):
        memory.limited(memory.BASE, 4, SHARD)


def test_the_database_and_what_is_compared_have_their_share() -> None:
    memory.limited(memory.needed(1, SHARD), 1, SHARD)
    assert memory.ALLOWED.database == memory.needed(1, SHARD) * memory.DATABASE_SHARE
    assert memory.ALLOWED.comparing == memory.needed(1, SHARD) * memory.COMPARING_SHARE
    memory.limited(100 * memory.LARGEST_DATABASE, 1, SHARD)
    assert memory.ALLOWED.database == memory.LARGEST_DATABASE
    assert memory.ALLOWED.comparing > memory.LARGEST_COMPARING


def test_a_run_within_its_memory(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    size = f"{memory.needed(1, SHARD) // 10**6 + 1}MB"
    ran = cleaner("decode", demo.raw, tmp_path / "out", "--memory", size, "--workers", 4)
    assert ran.code == 0
    assert f"{size} of memory are enough for 1 of 4 processes" in ran.err
    size = f"{memory.needed(1, LEAST_SHARD) // 10**6 + 1}MB"
    assert cleaner("decode", demo.raw, tmp_path / "small", "--memory", size, "--workers", 1).code == 0
    refused = cleaner("normalize", tmp_path / "small", tmp_path / "2", "--memory", size)  # its shards are not known
    assert refused.code == 2
    refused = cleaner("run", demo.raw, tmp_path / "clean", "--memory", "100MB")
    assert refused.code == 2
    assert refused.err.startswith("cleaner: 100 MB of memory are not enough: one process takes ")
    assert not (tmp_path / "clean").exists()
