"""Copies among more documents than fit in memory: groups by their bands, each decided by itself, give the same."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import memory
from cleaner.config import DedupConfig
from cleaner.dedup import by_groups, shared_bands
from cleaner.dedup.by_groups import Near, near_by_groups
from cleaner.dedup.components import by_stars, by_union_find, components_of
from cleaner.dedup.copies import STAYS, find_near, keys_of, sketch_batch
from cleaner.dedup.folding import fold_texts
from cleaner.dedup.shared_bands import Comparison, Part, star_pairs
from cleaner.document import Document
from cleaner.errors import BadDataError
from cleaner.files.aside import ASIDE, AsideFile
from cleaner.files.band_runs import Band, RunFile, cut, read_pairs, write_pairs, write_run
from tests.conftest import ROOT, Ran, Run
from tests.reference import components as plain

CONFIG = DedupConfig()
Pairs = list[tuple[int, int]]


def in_this_process(function: Callable[..., Any], jobs: list[Any], _: str) -> list[Any]:
    return list(map(function, jobs))


def pair_files(folder: Path, pairs: Pairs, files: int = 3) -> list[Path]:
    paths = [folder / f"{number}.parquet" for number in range(files)]
    for number, path in enumerate(paths):
        some = np.array(pairs[number::files], dtype=np.uint32).reshape(-1, 2)
        write_pairs(path, np.ascontiguousarray(some[:, 0]), np.ascontiguousarray(some[:, 1]))
    return paths


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(lambda pair: pair[0] < pair[1]), max_size=40))
def test_components_are_the_same_in_all_ways(tmp_path_factory: pytest.TempPathFactory, pairs: Pairs) -> None:
    folder = tmp_path_factory.mktemp("pairs")
    expected = plain.components(31, pairs)
    connected = [number for number in range(31) if expected.count(expected[number]) > 1]
    paths = pair_files(folder, pairs)
    for found in (by_union_find(paths, 31), by_stars(paths, folder, 10**8)):
        assert found.members.tolist() == connected
        assert found.least.tolist() == [expected[number] for number in connected]


def test_a_long_chain_and_a_hot_star_are_one_component_each(tmp_path: Path) -> None:
    chain = [(number, number + 1) for number in range(20_000)]
    star = [(30_000, number) for number in range(30_001, 90_000)]
    pairs = chain + star
    random.Random(1).shuffle(pairs)
    paths = pair_files(tmp_path, pairs)
    for found in (by_union_find(paths, 100_000), by_stars(paths, tmp_path, 10**8)):
        assert found.members.tolist() == [*range(20_001), *range(30_000, 90_000)]
        assert set(found.least.tolist()) == {0, 30_000}


def test_beyond_the_memory_that_is_allowed_the_database_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = pair_files(tmp_path, [(1, 2), (2, 5), (7, 8)])
    monkeypatch.setattr(memory.ALLOWED, "comparing", 39)
    monkeypatch.setattr("cleaner.dedup.components.by_union_find", None)
    assert components_of(paths, 10, tmp_path).least.tolist() == [1, 1, 1, 7, 7]


@settings(max_examples=60)
@given(st.lists(st.integers(0, 6), max_size=30))
def test_pairs_of_those_that_share_a_key(values: list[int]) -> None:
    keys, numbers = np.array(values, dtype=np.uint64), np.arange(len(values), dtype=np.uint32)
    by_key = np.argsort(keys)
    first, other = star_pairs(keys[by_key], numbers[by_key])
    expected = set()
    for value in set(values):
        sharing = [number for number, key in enumerate(values) if key == value]
        expected |= {(sharing[0], number) for number in sharing[1:]}
    assert len(first) == len(expected)
    assert set(zip(first.tolist(), other.tolist(), strict=True)) == expected


@pytest.mark.parametrize("slices", [1, 2, 8])
def test_a_slice_of_a_run_is_read_alone(tmp_path: Path, slices: int) -> None:
    rng = np.random.default_rng(slices)
    bands = [np.sort(rng.integers(0, 1 << 64, size, dtype=np.uint64)) for size in (100, 0, 3)]
    run = tmp_path / "run.parquet"
    whole = [Band(keys, np.arange(len(keys), dtype=np.uint32)) for keys in bands]
    write_run(run, {"of": "a test"}, slices, [piece for band in whole for piece in cut(band, slices)])
    with RunFile(run) as opened:
        assert opened.scheme == {"of": "a test"}
        for asked in (1, 2, 4, 16):
            for band, keys in enumerate(bands):
                read = [opened.slice_of(band, number, asked) for number in range(asked)]
                assert np.concatenate([part.keys for part in read]).tolist() == keys.tolist()
                assert np.concatenate([part.documents for part in read]).tolist() == list(range(len(keys)))
                for number, part in enumerate(read):
                    assert {int(key) * asked >> 64 for key in part.keys} <= {number}


def test_what_is_no_run_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(BadDataError, match=r"no\.parquet cannot be read"):
        RunFile(path)
    with pytest.raises(BadDataError, match=r"no\.parquet cannot be read"):
        list(read_pairs(path))


def made_texts(seed: int) -> list[str]:
    """Texts of which some are near copies of others, chains of them, and many that begin alike."""
    rng = random.Random(seed)
    texts: list[str] = []
    opening = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(150))
    for _ in range(150):
        if texts and rng.random() < 0.5:
            other = list(rng.choice(texts))
            for _ in range(rng.choice((1, 3, 12))):
                other[rng.randrange(len(other))] = chr(rng.randrange(0x4E00, 0x9000))
            texts.append("".join(other))
        else:
            own = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(rng.randrange(20, 90)))
            texts.append(opening + own if rng.random() < 0.3 else own)
    return texts


def parts_of(texts: list[str], size: int, folder: Path) -> list[Part]:
    """The texts in parts, as dedup leaves them."""
    parts = []
    folder.mkdir(exist_ok=True)
    for first in range(0, len(texts), size):
        some = [Document(str(number), "a.txt", text) for number, text in enumerate(texts[first : first + size])]
        path, signatures = folder / f"documents-{first:05}.scratch", folder / f"left-{first:05}.scratch"
        signatures.write_bytes(sketch_batch(some, CONFIG).signatures.tobytes())
        with AsideFile(path) as aside:
            rows = [{"id": one.id, "source": one.source, "row": None, "script": "", "text": one.text} for one in some]
            aside.add(pa.RecordBatch.from_pylist(rows, schema=ASIDE))
        parts.append(Part(signatures, path, len(some)))
    return parts


@pytest.mark.parametrize(("seed", "size", "earlier"), [(1, 150, 0), (2, 40, 0), (3, 40, 80), (4, 7, 21), (5, 1, 100)])
def test_groups_by_themselves_are_decided_as_all_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, size: int, earlier: int
) -> None:
    monkeypatch.setattr(shared_bands, "RUN_DOCUMENTS", 60)
    monkeypatch.setattr(shared_bands, "SLICE_ROWS", 50)
    monkeypatch.setattr(by_groups, "BATCH_BYTES", 20_000)
    texts = made_texts(seed)
    points, ends = fold_texts(texts)[:3:2]
    starts = np.append(0, ends[:-1])
    order = np.array(random.Random(seed).sample(range(earlier, len(texts)), len(texts) - earlier - 3))
    order = np.append(np.arange(earlier), order)
    signatures = sketch_batch([Document("", "", text) for text in texts], CONFIG).signatures
    expected, alike = find_near(signatures, order, earlier, lambda _: (points, starts, ends), CONFIG)
    comparison = Comparison(
        parts_of(texts, size, tmp_path), earlier, CONFIG, tmp_path / "groups", in_this_process, ends - starts
    )
    found = near_by_groups(order, comparison)
    gone = np.flatnonzero(expected != STAYS)
    assert len(gone) > 5
    assert found.numbers.tolist() == gone.tolist()
    assert found.keepers.tolist() == expected[gone].tolist()
    assert found.scores.tolist() == alike[gone].tolist()
    assert not (tmp_path / "groups").exists()


def test_without_texts_the_estimate_decides(tmp_path: Path) -> None:
    texts = made_texts(6)
    parts = [part._replace(texts=None) for part in parts_of(texts, 50, tmp_path)]
    signatures = sketch_batch([Document("", "", text) for text in texts], CONFIG).signatures
    order, empty = np.arange(len(texts)), np.zeros(len(texts), dtype=np.int64)
    expected, alike = find_near(signatures, order, 0, lambda _: (np.zeros(0, np.uint32), empty, empty), CONFIG)
    found = near_by_groups(order, Comparison(parts, 0, CONFIG, tmp_path / "groups", in_this_process))
    gone = np.flatnonzero(expected != STAYS)
    assert found.keepers.tolist() == expected[gone].tolist() and len(gone)
    assert found.scores.tolist() == alike[gone].tolist()


def test_nothing_to_compare(tmp_path: Path) -> None:
    parts = parts_of(["只有一篇文章在这里，没有别的。"], 1, tmp_path)
    comparison = Comparison(parts, 0, CONFIG, tmp_path / "groups", in_this_process)
    for order in (np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)):
        found: Near = near_by_groups(order, comparison)
        assert not len(found.numbers)


@pytest.mark.parametrize("later", [[], ["", "，。"]])
def test_nothing_new_to_compare(tmp_path: Path, later: list[str]) -> None:
    """Earlier documents are not compared among themselves."""
    text = "镇里修好了水渠，大家都高兴，今年又种下两千多棵果树。"
    parts = parts_of([text, text + "好"], 1, tmp_path)
    parts += parts_of(later, 2, tmp_path / "later") if later else [Part(empty_file(tmp_path), None, 0)]
    found = near_by_groups(np.arange(2), Comparison(parts, 2, CONFIG, tmp_path / "groups", in_this_process))
    assert not len(found.numbers)


def empty_file(folder: Path) -> Path:
    path = folder / "empty.scratch"
    path.write_bytes(b"")
    return path


def test_equal_bands_have_equal_keys() -> None:
    signatures = np.array([[1, 2, 3, 4], [1, 2, 5, 6], [7, 8, 3, 4]], dtype=np.uint32)
    first, second = keys_of(signatures, 0, 2).tolist(), keys_of(signatures, 1, 2).tolist()
    assert first[0] == first[1] != first[2]
    assert second[0] == second[2] != second[1]


@pytest.mark.parametrize(("comparing", "workers"), [(4_000, 1), (0, 2)])
def test_a_corpus_beyond_memory_gives_the_same_bytes(
    cleaner: Callable[..., Ran],
    demo: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    comparing: int,
    workers: int,
) -> None:
    """Passages go, so that dedup looks more than once; and an earlier version is known."""
    config = tmp_path / "cleaner.toml"
    config.write_text('[dedup]\npassages = "drop"\n[decode]\nshard_bytes = 4000\n', encoding="utf-8")
    assert cleaner("decode", ROOT / "raw", tmp_path / "1", "--config", config).code == 0
    again = tmp_path / "raw"
    shutil.copytree(ROOT / "raw", again / "again")
    assert cleaner("decode", again, tmp_path / "new", "--config", config).code == 0
    wanted = [(tmp_path / "1", ()), (tmp_path / "new", ("--against", demo.clean))]
    options = ("--config", config, "--workers", workers)
    for number, (source, more) in enumerate(wanted):
        assert cleaner("dedup", source, tmp_path / f"at-once-{number}", *options, *more).code == 0
    monkeypatch.setattr(memory.ALLOWED, "comparing", comparing)
    monkeypatch.setattr(shared_bands, "RUN_DOCUMENTS", 9)
    monkeypatch.setattr(shared_bands, "SLICE_ROWS", 20)
    monkeypatch.setattr(by_groups, "BATCH_BYTES", 9000)
    for number, (source, more) in enumerate(wanted):
        at_once, in_groups = tmp_path / f"at-once-{number}", tmp_path / f"in-groups-{number}"
        assert cleaner("dedup", source, in_groups, *options, *more).code == 0
        names = sorted(path.name for path in at_once.iterdir())
        assert names == sorted(path.name for path in in_groups.iterdir()) and len(names) > 10
        assert [name for name in names if (at_once / name).read_bytes() != (in_groups / name).read_bytes()] == []
        assert json.loads((in_groups / "report.json").read_text(encoding="utf-8"))["counts"]["dropped"]


def test_a_huge_group_is_decided_as_all_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of signatures that begin alike each is compared with a thousand at most, the rarer groups first."""
    monkeypatch.setattr(shared_bands, "RUN_DOCUMENTS", 1000)
    rng = np.random.default_rng(8)
    signatures = rng.integers(0, 1 << 32, (4000, 128), dtype=np.uint32)
    signatures[::2, :5] = 7
    signatures[1::3, 10:15] = 8
    copies, bases = np.arange(7, 4000, 7), rng.integers(0, 7, len(range(7, 4000, 7)))
    signatures[copies] = signatures[bases + copies // 7 * 3]
    signatures[copies, rng.integers(0, 128, len(copies))] = 0
    parts = []
    for first in range(0, 4000, 500):
        path = tmp_path / f"left-{first:05}.scratch"
        path.write_bytes(signatures[first : first + 500].tobytes())
        parts.append(Part(path, None, 500))
    order, empty = rng.permutation(4000), np.zeros(4000, dtype=np.int64)
    expected, alike = find_near(signatures, order, 0, lambda _: (np.zeros(0, np.uint32), empty, empty), CONFIG)
    gone = np.flatnonzero(expected != STAYS)
    assert len(gone) > 300
    found = near_by_groups(order, Comparison(parts, 0, CONFIG, tmp_path / "groups", in_this_process))
    assert found.numbers.tolist() == gone.tolist()
    assert found.keepers.tolist() == expected[gone].tolist()
    assert found.scores.tolist() == alike[gone].tolist()


def test_what_a_killed_run_left_of_its_groups_is_removed(
    cleaner: Callable[..., Ran], demo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partial, saved = tmp_path / ".out.partial", tmp_path / "saved"

    def kill(*_: object) -> None:
        shutil.copytree(partial, saved)
        raise BadDataError("killed")

    arguments = ("dedup", demo.work / "4-repair", tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(memory.ALLOWED, "comparing", 0)
        patch.setattr(by_groups, "decided", kill)
        assert cleaner(*arguments).code == 1
    assert (saved / "groups").is_dir()
    saved.rename(partial)
    assert cleaner(*arguments).code == 0
    assert not (tmp_path / "out/groups").exists()
