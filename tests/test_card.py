"""The dataset card: machines read its header, and no text in the corpus can break its page."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.document import Document, Outcome
from cleaner.export import Order, export
from cleaner.files import document_id
from cleaner.files.corpus import Corpus, open_corpus
from cleaner.files.folder import write_report, write_shard
from cleaner.files.tables import DOCUMENTS
from cleaner.report import build_card
from cleaner.report.card import COLUMNS, limits_of
from cleaner.report.front_matter import size_category
from cleaner.report.holdings import holdings_of, spread
from cleaner.report.markdown import escaped, fenced
from tests.conftest import Run

os.environ["HF_DATASETS_OFFLINE"] = os.environ["HF_HUB_OFFLINE"] = "1"
HOSTILE = [
    "```\n# Not a heading\n---\nlicense: mit\n---\n<script>alert(1)</script>",
    "````````\n\n## Limits\n\n- none",
    "a\u202eb\u200b\x07c",
    "~~~\n| a | b |\n|---|---|\n",
]


def corpus_of(place: Path, documents: list[Document], **report: object) -> Corpus:
    """A stage folder of decode that holds these documents."""
    folder = place / "1-decode"
    folder.mkdir()
    counts = write_shard(folder, 0, "decode", [Outcome(document) for document in documents]).as_json()
    settings = {"text_field": "body | <b>", "drop_byte_order_mark": True}
    said = {"stage": "decode", "settings": settings, "versions": {"cleaner": "0.1.0"}, "counts": counts}
    write_report(folder, said | {"previous": None} | report)
    return open_corpus(folder)


def made(source: str, text: str) -> Document:
    return Document(document_id(source), source, text, encoding="utf-8")


def outside_of_fences(card: str) -> Iterator[str]:
    """The lines of a card, without its header and its blocks of code, by the rules of CommonMark."""
    _, _, body = card.removeprefix("---\n").partition("\n---\n")
    fence = ""
    for line in body.split("\n"):
        opening = re.match(r"(`{3,}|~{3,})", line)
        if not fence and opening:
            fence = opening[1]
        elif fence and line.strip() and not line.strip().strip(fence[0]) and len(line.strip()) >= len(fence):
            fence = ""
        elif not fence:
            yield line
    assert not fence, "every block is closed"


def test_the_header_of_a_version_is_one_that_the_hub_reads(demo: Run) -> None:
    from huggingface_hub import DatasetCard

    card = DatasetCard.load(demo.clean / "v1/README.md")
    data = card.data.to_dict()
    assert (data["language"], data["license"], data["size_categories"]) == (["zh"], "unknown", ["n<1K"])
    assert data["task_categories"] == ["text-generation", "fill-mask"]
    assert [feature["name"] for feature in data["dataset_info"]["features"]] == DOCUMENTS.names
    (split,) = data["dataset_info"]["splits"]
    assert split["num_examples"] == 21
    sizes = sum(path.stat().st_size for path in (demo.clean / "v1/data").iterdir())
    assert data["dataset_info"]["download_size"] == sizes
    assert data["dataset_info"]["dataset_size"] == split["num_bytes"] > 10_000


def test_a_version_opens_in_datasets_as_it_is(demo: Run, tmp_path: Path) -> None:
    import datasets

    read = datasets.load_dataset(str(demo.clean / "v1"), cache_dir=str(tmp_path))
    assert list(read) == ["train"]
    expected = [(document.id, document.text) for document in open_corpus(demo.clean).documents()]
    assert list(zip(read["train"]["id"], read["train"]["text"], strict=True)) == expected
    assert read["train"].features["text"].dtype == "large_string"


def test_the_card_tells_what_the_reports_tell(demo: Run) -> None:
    card = (demo.clean / "v1/README.md").read_text(encoding="utf-8")
    corpus = open_corpus(demo.clean)
    for stage in corpus.stages:
        counts = stage.report["counts"]
        assert f"| {stage.stage} | {counts['documents_in']:,} | {counts['kept']:,} |" in card
        for reason, count in counts["dropped"].items():
            assert f"- {reason} ({stage.stage}): {count:,}" in card
    for encoding, count in corpus.stages[-1].report["counts"]["encodings"].items():
        assert f"| {encoding} | {count:,} |" in card
    assert "All settings are the defaults." in card
    assert "2 files could not be read (destroyed 1, not text 1)" in card
    lengths = sorted(len(document.text) for document in corpus.documents())
    assert f"| {lengths[0]} |" in card
    assert f"| {lengths[-1]} |" in card


def test_the_card_does_not_depend_on_where_it_is_made(demo: Run, tmp_path: Path) -> None:
    card = build_card(open_corpus(demo.work / "5-dedup"), "v1", None)
    assert card == (demo.clean / "v1/README.md").read_text(encoding="utf-8")
    assert str(demo.clean.parent) not in card
    assert "It follows v6." in build_card(open_corpus(demo.work / "5-dedup"), "v7", "v6")


def test_hostile_texts_and_names_stay_text(tmp_path: Path) -> None:
    documents = [made(f"# {number}\n<img src=x>|[a](b).txt", text) for number, text in enumerate(HOSTILE)]
    corpus = corpus_of(tmp_path, documents)
    harmless = corpus_of_harmless(tmp_path, len(HOSTILE))
    lines = list(outside_of_fences(build_card(corpus, "v1", None)))
    expected = list(outside_of_fences(build_card(harmless, "v1", None)))
    heads = [line for line in lines if line.startswith("#")]
    assert heads == [line for line in expected if line.startswith("#")]
    assert not [line for line in lines if re.search(r"(?<!\\)<", line)], "no tag"
    assert not [line for line in lines if re.search(r"(?<!\\)\]\(", line)], "no link"
    assert len(lines) == len(expected)
    card = build_card(corpus, "v1", None)
    assert "a<U+202E>b<U+200B><U+0007>c" in card


def corpus_of_harmless(place: Path, count: int) -> Corpus:
    (place / "harmless").mkdir()
    return corpus_of(place / "harmless", [made(f"{number}.txt", "镇里修好了水渠。") for number in range(count)])


def test_the_header_of_a_hostile_corpus_is_still_ours(tmp_path: Path) -> None:
    from huggingface_hub import DatasetCard

    corpus = corpus_of(tmp_path, [made("a.txt", HOSTILE[0])])
    export(corpus, tmp_path / "out", Order("hf"))
    card = DatasetCard.load(tmp_path / "out/README.md")
    assert card.data.license == "unknown"
    assert "license: mit" in card.text


def test_the_examples_of_a_card_run(demo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(open_corpus(demo.clean), tmp_path / "corpus", Order("hf", columns=("text", "script")))
    card = (tmp_path / "corpus/README.md").read_text(encoding="utf-8")
    assert "| `script` |" in card
    assert "| `source` |" not in card
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    for place, text in ((tmp_path, card), (demo.clean.parent, (demo.clean / "v1/README.md").read_text("utf-8"))):
        monkeypatch.chdir(place)
        (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        exec(example, {})


def test_settings_that_differ_from_the_defaults_are_named(tmp_path: Path) -> None:
    card = build_card(corpus_of(tmp_path, [made("a.txt", "好")]), "v1", None)
    assert "- `decode.text_field` = body \\| \\<b\\>" in card
    assert "decode.drop_byte_order_mark" not in card


def test_limits_are_those_of_the_data(tmp_path: Path) -> None:
    readings = {"put_aside": {"empty": 3, "not text": 1}, "encodings": {"big5": {"repaired": 1}}}
    corpus = corpus_of(tmp_path, [made("a.txt", "好")], readings=readings)
    assert list(limits_of(corpus.stages)) == [
        "1 file could not be read (not text 1); the bytes are kept.",
        "1 file was damaged, and repaired as far as the bytes allowed.",
    ]


def test_the_card_of_nothing(tmp_path: Path) -> None:
    card = build_card(corpus_of(tmp_path, []), "v1", None)
    assert "0 documents with 0 characters" in card
    assert "## Samples" not in card


def test_every_column_has_its_meaning() -> None:
    assert list(COLUMNS) == DOCUMENTS.names


def test_lengths_and_samples_are_those_of_the_documents(tmp_path: Path) -> None:
    texts = ["甲" * length for length in (7, 1, 400, 3, 5)]
    held = holdings_of(corpus_of(tmp_path, [made(f"{number}.txt", text) for number, text in enumerate(texts)]))
    assert held.quantiles() == [1, 1, 3, 5, 7, 400, 400]
    assert [sample.source for sample in held.samples] == [f"{number}.txt" for number in spread(5)]
    assert all(texts[int(sample.source[0])].startswith(sample.text) for sample in held.samples)
    assert [sample.is_cut for sample in held.samples] == [len(texts[number]) > 160 for number in spread(5)]


@pytest.mark.parametrize(
    ("documents", "name"),
    [
        (0, "n<1K"),
        (9_999, "1K<n<10K"),
        (10_000, "10K<n<100K"),
        (999_999, "100K<n<1M"),
        (10**11, "100B<n<1T"),
        (10**12, "n>1T"),
    ],
)
def test_size_categories_are_those_of_the_hub(documents: int, name: str) -> None:
    assert size_category(documents) == name


@given(st.text("`~#\n a<"))
def test_no_text_gets_out_of_its_fence(text: str) -> None:
    inside = list(outside_of_fences(f"---\nlicense: unknown\n---\nbefore\n{fenced(text)}\nafter"))
    assert inside == ["before", "after"]


@given(st.text("`*_[]<>|~&$@#-1.) \n甲w:/"))
def test_an_escaped_text_is_one_line_without_marks(text: str) -> None:
    line = escaped(text)
    assert "\n" not in line
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]<>|~&$@]", line)
    assert not re.match(r"[#-]|\d+[.)](\s|$)", line)
    assert re.sub(r"\\(.)", r"\1", line) == text.replace("\n", " ")
