"""The corpus that the benchmarks of the whole are run on: the same for the same seed, of the kind and size asked."""

import hashlib
import json
from pathlib import Path

import opencc
import pytest
from corpus import COPIES, TABLES, Place, Plan, write_corpus
from corpus_found import found_of
from corpus_texts import GENRES, LONGEST, SHORTEST, texts
from speed_plot import draw

from cleaner.config import Config
from cleaner.dedup.copies import similarity
from cleaner.dedup.folding import hashes_of
from cleaner.files.corpus import open_corpus
from cleaner.pipeline import run_stages
from cleaner.publish import publish


@pytest.fixture(scope="module", params=["prose", "mixed"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    raw = tmp_path_factory.mktemp("corpus") / "raw"
    return raw, write_corpus(raw, 1.5, Plan(request.param, 7, 1500))


def digest(raw: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(raw.rglob("*")):
        found.update(f"{path.relative_to(raw)}\n".encode() + (path.read_bytes() if path.is_file() else b""))
    return found.hexdigest()


def text_at(raw: Path, place: Place) -> str:
    data = (raw / place.source).read_bytes()
    if place.row is not None:
        return str(json.loads(data.split(b"\n")[place.row - 1])["text"])
    for encoding in ("utf-8", "gbk", "big5"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError(place)


def test_the_same_seed_makes_the_same_bytes(made: tuple[Path, Plan], tmp_path: Path) -> None:
    raw, plan = made
    again = write_corpus(tmp_path / "again", 1.5, Plan(plan.kind, 7, 1500))
    assert again == plan
    assert digest(tmp_path / "again") == digest(raw)
    write_corpus(tmp_path / "other", 0.2, Plan(plan.kind, 8, 1500))
    assert not {path.read_bytes() for path in (tmp_path / "other").rglob("*.txt")} & {
        path.read_bytes() for path in raw.rglob("*.txt")
    }


def test_the_plan_says_what_is_there(made: tuple[Path, Plan]) -> None:
    raw, plan = made
    files = [path for path in raw.rglob("*") if path.is_file()]
    assert plan.files == len(files)
    assert 1.5e6 <= plan.bytes == sum(path.stat().st_size for path in files) < 1.6e6
    rows = [line for path in raw.rglob("*.jsonl") for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    assert plan.documents == len(rows) + sum(path.suffix == ".txt" for path in files)
    assert set(plan.genres) == set(GENRES) and len(rows) == sum(plan.genres[genre] for genre in TABLES)
    assert {one.kind for one in plan.planted} == set(COPIES)


def test_shares_of_encodings_scripts_and_damage(made: tuple[Path, Plan]) -> None:
    raw, plan = made
    if plan.kind == "prose":
        assert plan.encodings == {"utf-8": plan.documents} and not plan.traditional and not plan.damage
        return
    legacy = plan.encodings["gbk"] + plan.encodings["big5"]
    assert 0.12 < legacy / plan.documents < 0.28 and plan.encodings["big5"]
    assert 0.12 < plan.traditional / plan.documents < 0.28
    assert 0.04 < plan.damage.total() / plan.documents < 0.16 and len(plan.damage) == 3
    written = sum(path.read_bytes().decode("utf-8", "replace").count("\ufffd") > 0 for path in raw.rglob("*.txt"))
    assert written == legacy


def test_copies_are_what_the_plan_calls_them(made: tuple[Path, Plan]) -> None:
    raw, plan = made
    convert = opencc.OpenCC("t2s").convert
    for one in plan.planted:
        copy = convert(text_at(raw, one.place))
        if one.of is None:
            assert any(copy.count(line) == 2 for line in copy.split("\n") if len(line) > 20)
            continue
        found = similarity(hashes_of(copy, 5), hashes_of(convert(text_at(raw, one.of)), 5))
        assert (found.jaccard >= 0.8) == (one.kind != "contained"), (one, found)
        assert one.kind != "contained" or found.containment > 0.95


def test_texts_that_are_no_copies_share_little(made: tuple[Path, Plan]) -> None:
    raw, plan = made
    involved = {one.place.source for one in plan.planted} | {one.of.source for one in plan.planted if one.of}
    rows = [
        path.read_bytes() for path in sorted(raw.rglob("*.txt")) if path.relative_to(raw).as_posix() not in involved
    ]
    known: set[str] = set()
    shared = total = 0
    for row in rows:
        text = row.decode("utf-8", "ignore")
        runs = {text[at : at + 20] for at in range(0, len(text) - 20, 20)}
        every = {text[at : at + 20] for at in range(len(text) - 20)}
        shared, total = shared + len(runs & known), total + len(runs)
        known |= every
    assert shared < 0.02 * total


def test_lengths() -> None:
    rows = [text for text, _ in zip(texts(3, 2000, 0.5), range(1500), strict=False)]
    lengths = [len(row.text) for row in rows]
    assert 1600 < sum(lengths) / len(rows) < 2500
    assert min(lengths) > SHORTEST - 50 and 8000 < max(lengths) < LONGEST + 2000
    assert 600 < sum(row.is_traditional for row in rows) < 900
    assert all(row.text.startswith(row.title) for row in rows)


def test_what_a_version_knows_of_the_plan(tmp_path: Path) -> None:
    plan = write_corpus(tmp_path / "raw", 0.6, Plan("mixed", 3, 1500))
    *_, (folder, _) = run_stages(tmp_path / "raw", tmp_path / "work", Config(), 1)
    publish(open_corpus(folder), tmp_path / "clean", [])
    planted, found, strangers = found_of(tmp_path / "clean" / "v1", plan)
    assert found == planted and planted.total() > 5
    assert strangers == 0
    plan.planted[:] = plan.planted[:1]
    assert found_of(tmp_path / "clean" / "v1", plan)[2] > 0, "what nobody planted is a stranger"


def test_the_plot_has_a_dot_for_each_speed() -> None:
    drawn = draw({"prose": {"raw OpenCC t2s": 80.0, "run": 7.5}, "mixed": {"run": 4.25}})
    assert drawn.count("MB/s</title>") == 3
    assert "cleaner run, mixed: 4.25 MB/s" in drawn
