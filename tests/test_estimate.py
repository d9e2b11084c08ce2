"""What is said of a run before it is begun, against what it comes to. Nothing here depends on how fast a machine is."""

import gzip
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cleaner import estimate as estimates
from cleaner.config import Config
from cleaner.estimate import Estimate, estimate, told
from cleaner.files.corpus import open_corpus
from cleaner.files.raw import find
from cleaner.files.sampling import choose, size_below
from tests.conftest import Ran

Call = Callable[..., Ran]
WORDS = ("水渠", "果树", "乡亲", "去年", "春天", "修好", "学校", "操场", "电影", "下午", "来到", "看见", "大家", "高兴")


def texts_of(seed: int, count: int) -> list[str]:
    """Texts that are not like each other, of 100 to 3,000 characters."""
    drawn = random.Random(seed)
    lengths = [drawn.randint(2, 60) for _ in range(count)]
    return ["".join(sentence(drawn) + "\n" * (drawn.random() < 0.3) for _ in range(length)) for length in lengths]


def sentence(drawn: random.Random) -> str:
    odd = "".join(chr(drawn.randint(0x4E00, 0x6FFF)) for _ in range(20))
    return "".join(drawn.choices(WORDS, k=7)) + odd + "。"


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of several kinds and encodings, and a table."""
    raw = tmp_path_factory.mktemp("estimate") / "raw"
    (raw / "a").mkdir(parents=True)
    for number, text in enumerate(texts_of(1, 120)):
        (raw / "a" / f"{number}.txt").write_bytes(text.encode("gb18030" if number % 5 == 0 else "utf-8"))
    rows = [json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts_of(2, 100)]
    (raw / "table.jsonl").write_text("".join(rows), encoding="utf-8")
    return raw


def test_documents_and_disk_are_as_was_said(
    cleaner: Call, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "SAMPLE", 100_000)
    found = estimate(raw, Config(), 2)
    assert found.sample_bytes < found.bytes / 4
    assert cleaner("run", raw, tmp_path / "clean", "--workers", 1).code == 0
    counts = open_corpus(tmp_path / "clean").stages[0].report["counts"]
    assert found.documents / 3 < counts["documents_in"] < found.documents * 3
    assert found.kept / 3 < counts["kept"] < found.kept * 3
    assert found.clean / 3 < size_below(tmp_path / "clean") < found.clean * 3
    assert found.work > found.bytes / 10
    assert min(found.seconds, found.memory) > 0


def test_what_is_told(cleaner: Call, raw: Path, tmp_path: Path) -> None:
    small = tmp_path / "raw"
    small.mkdir()
    (small / "a.txt").write_text("镇里修好了水渠，大家都高兴。\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    as_json = cleaner("estimate", small, "--json", "--workers", 3)
    assert as_json.code == 0
    found = Estimate(**json.loads(as_json.out))
    assert (found.files, found.documents, found.kept, found.workers) == (1, 1, 1, 3)
    assert found.sample_bytes == found.bytes
    lines = list(told(found))
    assert lines[0].endswith("about 1 documents, of which 1 stay")
    assert "(100.0%) from 1 of the files" in lines[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_the_sample_is_bounded_and_always_the_same(raw: Path) -> None:
    files, _ = find(raw)
    for most in (1000, 50_000, 10**9):
        sample = choose(files, most)
        assert sample == choose(list(reversed(files)), most)
        assert 0 < sum(size for _, size in sample) <= most
        assert all(0 < size <= file.size for file, size in sample)
    assert [file.source for file, _ in sample] == [file.source for file in files]
    sizes = [size for _, size in choose(files, 50_000)]
    assert max(sizes) > 2 * min(sizes)  # small ones and large ones


def test_packed_files_are_taken_whole(tmp_path: Path) -> None:
    def lines(texts: Sequence[str]) -> bytes:
        return "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()

    for number in range(2):
        (tmp_path / f"{number}.jsonl.gz").write_bytes(gzip.compress(lines(texts_of(number, 20 * (number + 1)))))
    files, _ = find(tmp_path)
    assert [(file.source, size) for file, size in choose(files, 100)] == [("0.jsonl.gz", files[0].size)]


@pytest.mark.parametrize(
    ("name", "largest", "said"),
    [
        ("nowhere", 1, "there is no folder or file"),
        ("empty", 1, "there is nothing to read in"),
        ("packed", 1, "are packed and have more than 1 kB, so no sample can be taken; unpack one of them"),
    ],
)
def test_what_cannot_be_estimated(
    cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, largest: int, said: str
) -> None:
    monkeypatch.setattr(estimates, "LARGEST", largest)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "a.txt").touch()
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "a.jsonl.gz").write_bytes(gzip.compress(b"{}\n"))
    ran = cleaner("estimate", tmp_path / name)
    assert ran.code == 2
    assert said in ran.err
