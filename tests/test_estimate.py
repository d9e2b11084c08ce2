"""What is said of a run before it is begun, against what it comes to. Nothing here depends on how fast a machine is."""

import gzip
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cleaner import estimate as estimates
from cleaner.config import Config
from cleaner.estimate import Estimate, Measured, estimate, told
from cleaner.files.corpus import open_corpus
from cleaner.files.pieces import largest_shard
from cleaner.files.raw import RawFile, find
from cleaner.files.sampling import choose, size_below
from tests.conftest import Ran

Call = Callable[..., Ran]
MB = 1_000_000
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


def test_documents_of_tables_that_are_looked_into(
    cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of large tables only the beginnings are in the sample; most documents here are rows of theirs."""
    monkeypatch.setattr(estimates, "SAMPLE", 60_000)
    raw = tmp_path / "raw"
    raw.mkdir()
    for number, count in enumerate((40, 80, 160, 320)):
        rows = [json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts_of(number, count)]
        (raw / f"{number}.jsonl").write_text("".join(rows), encoding="utf-8")
    for number, text in enumerate(texts_of(9, 60)):
        (raw / f"{number}.txt").write_text(text, encoding="utf-8")
    found = estimate(raw, Config(), 1)
    assert found.sample_bytes < found.bytes / 20
    assert 0.7 * 660 < found.documents < 1.4 * 660


MEASURED = Measured(100, 90, 1.0, 3.0, 0.5, 300 * MB, 350 * MB, MB, MB, 1000)


def project(sizes: Sequence[int], workers: int, config: Config | None = None, ending: str = "txt") -> Estimate:
    """What is said of files of these sizes after a sample of one file of 2 MB."""
    files = [RawFile(f"/raw/{number}.{ending}", f"{number}.{ending}", size) for number, size in enumerate(sizes)]
    sample = [(RawFile("/raw/0.txt", "0.txt", 2 * MB), 2 * MB)]
    return estimates.projected(files, sample, 2 * MB, MEASURED, config or Config(), workers)


def test_what_more_processes_change() -> None:
    one, two, many = (project([MB] * 40, workers) for workers in (1, 2, 100))
    assert one.seconds == 1.0 + 20 * (3.0 + 0.5)
    assert two.seconds == 2.0 + 20 * (3.0 / 2 + 0.5)
    assert many.seconds == 2.0 + 20 * (3.0 / 20 + 0.5)  # 20 shards of 2 MB: more processes have nothing to do
    assert one.memory < two.memory < many.memory < 20 * two.memory
    assert project([1000], 2).seconds < 1.01  # one shard is work for one process
    assert one.documents == two.documents == 40


def test_memory_follows_the_shards_that_will_be_made() -> None:
    small, large = project([MB] * 40, 2), project([MB] * 4000, 2)
    assert small.memory < 3 * 360 * MB
    assert large.memory > small.memory + 2 * 60 * 50 * MB / 2
    less = Config.model_validate({"decode": {"shard_bytes": 4 * MB}})
    assert project([MB] * 4000, 2, less).memory < large.memory
    whole = project([10 * MB] * 4, 2, ending="jsonl.gz")  # which cannot be cut
    assert whole.memory > project([10 * MB] * 4, 2).memory


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


def test_tables_and_texts_are_in_it_as_in_the_whole() -> None:
    """A third of the bytes are in six tables, two thirds in many small texts and a large one."""
    files = [RawFile(f"/raw/{number}.jsonl", f"{number}.jsonl", 100_000 * (number + 1)) for number in range(6)]
    files += [RawFile(f"/raw/{number}.txt", f"{number}.txt", 1000 + number) for number in range(2000)]
    files += [RawFile("/raw/large.txt", "large.txt", 1_200_000)]
    sample = choose(files, 60_000)
    of_tables = [size for file, size in sample if file.source.endswith("jsonl")]
    of_texts = [size for file, size in sample if file.source.endswith("txt")]
    assert len(of_tables) == 6
    assert 15_000 < sum(of_tables) < 25_000 < 30_000 < sum(of_texts) <= 45_000
    assert len(of_texts) > 10


def test_the_largest_shard() -> None:
    def largest(*sizes: tuple[str, int]) -> int:
        return largest_shard([RawFile(f"/raw/{name}", name, size) for name, size in sizes], 64 * MB)

    assert largest(("a.txt", 10)) == largest(("a.jsonl", 20 * MB)) == 2 * 1024 * 1024
    assert largest(("a.jsonl", 320 * MB)) == 10 * MB
    assert largest(("a.jsonl", 320_000 * MB)) == 64 * MB
    assert largest(("a.html", 5 * MB)) == 5 * MB
    assert largest(("a.jsonl.gz", 5 * MB)) == largest(("a.parquet", 5 * MB)) == 40 * MB
    assert largest(("a.jsonl.gz", 50 * MB)) == 64 * MB


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
