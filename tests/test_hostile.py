"""Inputs that are made to harm: they are put aside with a reason, and the rest of the corpus is cleaned."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from cleaner.decode.page import MOST_TAGS
from cleaner.files.corpus import open_corpus
from tests.conftest import Ran

Call = Callable[..., Ran]
GOOD = json.dumps({"text": "水渠在三月里修好了，乡亲们都说好。"}, ensure_ascii=False).encode() + b"\n"


def dropped_from(cleaner: Call, place: Path) -> dict[str, str]:
    """Decode a folder of which at least one document is good, and give the reasons by source."""
    ran = cleaner("decode", place / "raw", place / "1")
    assert (ran.code, "Traceback" in ran.err) == (0, False)
    corpus = open_corpus(place / "1")
    assert any("水渠在三月里修好了" in document.text for document in corpus.documents())
    return {document.source: reason for document, _, reason, _ in corpus.dropped()}


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_what_unpacks_without_end_is_put_aside(
    cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("cleaner.files.raw.UNPACKED", 1_000_000)
    (tmp_path / "raw").mkdir()
    bomb = GOOD + b"\n" * 5_000_000
    packed = gzip.compress(bomb) if kind == "gz" else pa.compress(bomb, "zstd", asbytes=True)
    (tmp_path / f"raw/bomb.jsonl.{kind}").write_bytes(packed)
    ((source, reason),) = dropped_from(cleaner, tmp_path).items()
    assert source == f"bomb.jsonl.{kind}"
    assert "unpacks to more than decode.max_unpacking = 200 times its size" in reason


def test_a_packed_text_that_repeats_itself_is_read(cleaner: Call, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/much.jsonl.gz").write_bytes(gzip.compress(GOOD * 20_000))
    assert dropped_from(cleaner, tmp_path) == {}


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<p>" * (MOST_TAGS + 1) + "水渠修好了。", f"no main text: the page has more than {MOST_TAGS:,} tags"),
        ("<div>" * 5000 + "水渠修好了。", "no main text: nothing in the page reads like an article, or it is broken"),
    ],
)
def test_a_page_that_cannot_be_read_is_kept_in_quarantine(
    cleaner: Call, tmp_path: Path, page: str, reason: str
) -> None:
    pytest.importorskip("trafilatura")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/good.jsonl").write_bytes(GOOD)
    (tmp_path / "raw/page.html").write_text(page, encoding="utf-8")
    assert dropped_from(cleaner, tmp_path) == {"page.html": reason}
    assert (tmp_path / "1/quarantine/page.html").read_text(encoding="utf-8") == page
