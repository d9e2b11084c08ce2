"""An index of what versions have answers as the versions do: in memory and beyond, before and after runs are merged."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from cleaner import memory
from cleaner.config import DedupConfig
from cleaner.dedup import index as indexes
from cleaner.dedup.earlier import Earlier
from cleaner.dedup.index import open_index
from cleaner.dedup.shared_bands import meeting
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.band_runs import Band, RunFile
from cleaner.files.corpus import open_corpus
from cleaner.files.index import link_or_copy, read_listed
from tests.conftest import Ran
from tests.test_dedup import text_of, typos

Call = Callable[..., Ran]
CONFIG = DedupConfig()


def write_texts(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def versions(cleaner: Call, tmp_path: Path) -> Path:
    """Two versions; the second has other documents, and two of those of the first."""
    first = {f"first-{number}.txt": text_of(number, 200) for number in range(5)}
    second = {f"second-{number}.txt": text_of(50 + number, 200) for number in range(4)}
    second |= {name: first[name] for name in ("first-0.txt", "first-1.txt")}
    for number, texts in enumerate((first, second), start=1):
        assert cleaner("run", write_texts(tmp_path / f"raw-{number}", texts), tmp_path / "clean").code == 0
        assert (tmp_path / "clean" / f"v{number}").is_dir()
    return tmp_path / "clean"


@pytest.fixture
def batch(cleaner: Call, tmp_path: Path) -> Path:
    """New documents, of which some are copies of those of the first version, or of the second, or of both."""
    texts = {
        "near-1.txt": typos(text_of(2, 200), 150),
        "same-2.txt": text_of(51, 200),
        "near-2.txt": typos(text_of(52, 200), 150),
        "near-both.txt": typos(text_of(1, 200), 150),
        "same-3.txt": text_of(3, 200),
        "new.txt": text_of(99, 200),
        "newer.txt": typos(text_of(99, 200), 150),
    }
    settings = tmp_path / "small.toml"
    settings.write_text("[decode]\nshard_bytes = 1000\n", encoding="utf-8")
    out = tmp_path / "decoded"
    assert cleaner("decode", write_texts(tmp_path / "raw-new", texts), out, "--config", settings).code == 0
    return out


def dropped_against(cleaner: Call, batch: Path, known: Path, out: Path) -> dict[str, str]:
    """Which documents of the batch go, and why."""
    ran = cleaner("dedup", batch, out, "--against", known)
    assert ran.code == 0, ran.err
    return {document.source: reason for document, _, reason, _ in open_corpus(out).dropped()}


def tables_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


@pytest.fixture(params=[False, True], ids=["in memory", "in groups"])
def beyond_memory(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Where there are more documents than fit, no signatures are read but those of candidates."""

    def refuse(_: Earlier) -> None:
        raise AssertionError("all signatures are read")

    if request.param:
        monkeypatch.setattr(memory.ALLOWED, "comparing", 0)
        monkeypatch.setattr(Earlier, "signatures", refuse)
    return bool(request.param)


@pytest.mark.usefixtures("beyond_memory")
def test_an_index_of_one_version_answers_as_the_version(
    cleaner: Call, versions: Path, batch: Path, tmp_path: Path
) -> None:
    assert cleaner("index", "add", tmp_path / "index", versions / "v1").code == 0
    expected = dropped_against(cleaner, batch, versions / "v1", tmp_path / "by-version")
    found = dropped_against(cleaner, batch, tmp_path / "index", tmp_path / "by-index")
    assert found == expected
    assert set(found) == {"near-1.txt", "near-both.txt", "same-3.txt", "newer.txt"}
    assert found["near-1.txt"].endswith("the other is in v1")
    assert tables_of(tmp_path / "by-index") == tables_of(tmp_path / "by-version")
    against = json.loads((tmp_path / "by-index/report.json").read_text(encoding="utf-8"))["against"]
    assert against["version"] == "index"


def test_merged_runs_answer_as_before(
    cleaner: Call, versions: Path, batch: Path, tmp_path: Path, beyond_memory: bool
) -> None:
    folder = tmp_path / "index"
    assert "5 of 5 documents of v1 are new" in cleaner("index", "add", folder, versions / "v1").out
    assert "4 of 6 documents of v2 are new" in cleaner("index", "add", folder, versions / "v2").out
    found = dropped_against(cleaner, batch, folder, tmp_path / "before")
    assert set(found) == {"near-1.txt", "same-2.txt", "near-2.txt", "near-both.txt", "same-3.txt", "newer.txt"}
    where = {name: reason.rpartition(" ")[2] for name, reason in found.items()}
    assert where["near-1.txt"] == where["near-both.txt"] == where["same-3.txt"] == "v1"
    assert where["same-2.txt"] == where["near-2.txt"] == "v2"
    known = open_index(folder, CONFIG)
    assert len(read_listed(folder).runs) == 2
    ran = cleaner("index", "compact", folder)
    assert ran.code == 0 and "9 documents in 1 run of" in ran.out
    assert open_index(folder, CONFIG).content == known.content
    assert dropped_against(cleaner, batch, folder, tmp_path / "after") == found
    assert tables_of(tmp_path / "after") == tables_of(tmp_path / "before")
    merged = (folder / read_listed(folder).runs[0].bands).read_bytes()
    assert cleaner("index", "compact", folder).code == 0
    assert (folder / read_listed(folder).runs[0].bands).read_bytes() == merged


def test_what_a_newer_version_has_not_is_known_no_longer(
    cleaner: Call, versions: Path, batch: Path, tmp_path: Path, beyond_memory: bool
) -> None:
    folder = tmp_path / "index"
    assert cleaner("index", "add", folder, versions / "v1").code == 0
    ran = cleaner("index", "add", folder, versions / "v2", "--replace")
    assert "3 documents are known no longer" in ran.out and "6 documents in 2 runs" in ran.out
    found = dropped_against(cleaner, batch, folder, tmp_path / "before")
    assert set(found) == {"same-2.txt", "near-2.txt", "near-both.txt", "newer.txt"}
    content = open_index(folder, CONFIG).content
    for _ in range(2):
        assert cleaner("index", "compact", folder).code == 0
        assert dropped_against(cleaner, batch, folder, tmp_path / "after") == found
        assert tables_of(tmp_path / "after") == tables_of(tmp_path / "before")
        assert open_index(folder, CONFIG).content == content
    listed = read_listed(folder)
    with RunFile(folder / listed.runs[0].bands) as run:
        assert sum(run.rows) == 6 * 25
    ran = cleaner("index", "add", folder, versions / "v1", "--replace")
    assert "3 of 5 documents of v1 are new" in ran.out and "4 documents are known no longer" in ran.out
    assert "0 of 5 documents of v1 are new" in cleaner("index", "add", folder, versions / "v1", "--replace").out
    found = dropped_against(cleaner, batch, folder, tmp_path / "again")
    assert set(found) == {"near-1.txt", "near-both.txt", "same-3.txt", "newer.txt"}


def test_parts_of_which_nothing_is_left_go(cleaner: Call, versions: Path, batch: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    other = write_texts(tmp_path / "raw-other", {"other.txt": text_of(2, 200)})
    assert cleaner("run", other, tmp_path / "others").code == 0
    for version, more in ((tmp_path / "others/v1", ()), (versions / "v2", ()), (versions / "v1", ("--replace",))):
        assert cleaner("index", "add", folder, version, *more).code == 0
    before = dropped_against(cleaner, batch, folder, tmp_path / "before")
    assert len(read_listed(folder).parts) == 3
    assert cleaner("index", "compact", folder).code == 0
    listed = read_listed(folder)
    assert [part.version for part in listed.parts] == ["v2", "v1"]
    assert len(list((folder / "sketches").iterdir())) == 2
    assert dropped_against(cleaner, batch, folder, tmp_path / "after") == before
    columns = pq.read_table(folder / listed.runs[0].bands).to_pydict()
    assert set(columns["document"]) <= set(range(sum(part.rows for part in listed.parts)))


def test_other_settings_are_refused_in_words(cleaner: Call, versions: Path, batch: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    assert cleaner("index", "add", folder, versions / "v1").code == 0
    with pytest.raises(BadDataError, match=r"is of shingle 5, and 7 is needed; use the same settings"):
        open_index(folder, DedupConfig(shingle=7))
    settings = tmp_path / "other.toml"
    settings.write_text("[dedup]\nthreshold = 0.6\n", encoding="utf-8")
    ran = cleaner("dedup", batch, tmp_path / "out", "--against", folder, "--config", settings)
    assert ran.code == 1 and "is of bands 25, and" in ran.err
    assert cleaner("index", "add", folder, versions / "v2", "--config", settings).code == 1
    assert len(read_listed(folder).parts) == 1


def test_what_is_no_index_is_refused(cleaner: Call, versions: Path, batch: Path, tmp_path: Path) -> None:
    ran = cleaner("index", "compact", versions)
    assert ran.code == 2 and "is no index; make one with `cleaner index add" in ran.err
    ran = cleaner("index", "add", versions, versions / "v1")
    assert ran.code == 2 and "is not empty and is no index" in ran.err
    folder = tmp_path / "index"
    assert cleaner("index", "add", folder, batch).code == 2
    assert not folder.exists()
    assert cleaner("index", "add", folder, versions / "v1").code == 0
    (folder / "index.json").write_text("{}", encoding="utf-8")
    ran = cleaner("dedup", batch, tmp_path / "out", "--against", folder)
    assert ran.code == 1 and "index.json cannot be read" in ran.err
    (folder / "index.json").write_text('{"format": 7, "scheme": {}}', encoding="utf-8")
    assert "of another cleaner (format 7" in cleaner("dedup", batch, tmp_path / "out", "--against", folder).err
    (folder / "index.json").write_text(json.dumps({"scheme": indexes.scheme_of(CONFIG)}), encoding="utf-8")
    with pytest.raises(WrongUseError, match="there is nothing in the index"):
        open_index(folder, CONFIG)
    assert "0 documents in 0 runs" in cleaner("index", "compact", folder).out


@pytest.mark.parametrize("step", ["write_listed", "write_runs"])
def test_stopped_half_way_the_index_is_as_it_was(
    cleaner: Call, versions: Path, batch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def stop(*_: object) -> None:
        raise BadDataError("stopped")

    folder = tmp_path / "index"
    for known, version in enumerate(("v1", "v2")):
        with monkeypatch.context() as patch:
            patch.setattr(indexes, step, stop)
            assert cleaner("index", "add", folder, versions / version).code == 1
        assert len(read_listed(folder).parts) == known
        assert cleaner("index", "add", folder, versions / version).code == 0
    listed = read_listed(folder)
    named = {run.bands for run in listed.runs} | {"index.json", "sketches", listed.removed}
    assert {path.name for path in folder.iterdir()} == named
    assert "same-2.txt" in dropped_against(cleaner, batch, folder, tmp_path / "out")


def test_without_texts_estimates_decide(cleaner: Call, versions: Path, batch: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    assert cleaner("index", "add", folder, versions / "v1").code == 0
    versions.rename(tmp_path / "elsewhere")
    found = dropped_against(cleaner, batch, folder, tmp_path / "out")
    assert "same-3.txt" in found and "as estimated, its text is not there" in found["near-1.txt"]


def test_where_files_cannot_have_two_names_they_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not supported")

    (tmp_path / "a").write_bytes(b"sketches")
    monkeypatch.setattr("os.link", refuse)
    for _ in range(2):
        link_or_copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"sketches"
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_rows_that_have_a_key() -> None:
    band = Band(np.array([1, 3, 3, 5, 9], dtype=np.uint64), np.arange(5, dtype=np.uint32))
    for keys, expected in (([3, 4, 9], [1, 2, 4]), ([], []), ([0, 10], [])):
        assert meeting(band, np.array(keys, dtype=np.uint64)).documents.tolist() == expected
