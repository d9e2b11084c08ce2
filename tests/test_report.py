"""The report page and the dataset card say what happened, and can be opened anywhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

from cleaner.document import Document, Edits, Outcome
from cleaner.files.corpus import open_corpus
from cleaner.pipeline import run_decode
from cleaner.report import build_page
from cleaner.report.page import visible
from tests.conftest import Run

VOID = {"meta", "br"}


class Balance(HTMLParser):
    """Notes tags that are closed wrongly, and the text of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(page: str) -> Balance:
    parser = Balance()
    parser.feed(page)
    return parser


def test_the_page_tells_of_every_rule_and_every_drop(demo: Run) -> None:
    page = (demo.clean / "v1/report.html").read_text(encoding="utf-8")
    corpus = open_corpus(demo.clean)
    balance = parsed(page)
    text = "".join(balance.text)
    assert (balance.wrong, balance.open) == ([], [])
    for stage in corpus.stages:
        for rule in stage.report["counts"]["rules"]:
            assert f"{stage.stage} · {rule}" in text
    for document, _, reason, _ in corpus.dropped():
        assert document.source in text
        assert reason in text
    assert "26 documents in · 19 kept · 7 dropped" in text
    assert "（下转第3版）" in text


def test_the_page_needs_nothing_else(demo: Run) -> None:
    page = (demo.clean / "v1/report.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://", page)


def test_a_hostile_text_is_only_shown(tmp_path: Path) -> None:
    from cleaner.config import Config

    (tmp_path / "raw").mkdir()
    name = "<b onmouseover=alert(1)>.txt"
    (tmp_path / "raw" / name).write_text("\ufeff<script>alert('读')</script>水渠修好了。", encoding="utf-8")
    (tmp_path / "raw" / "&lt;.txt").write_bytes(b"\xff\xfe\xff")
    run_decode(tmp_path / "raw", tmp_path / "out", Config(), 1)
    page = build_page(open_corpus(tmp_path / "out"), "<i>name</i>")
    assert not re.search(r"<script|<b on|<i>name", page)
    assert (parsed(page).wrong, parsed(page).open) == ([], [])


def test_what_cannot_be_seen_is_shown() -> None:
    assert visible("前\n\ufeff\u3000后\x00") == "前↵&lt;U+FEFF&gt;□后&lt;U+0000&gt;"
    assert visible("\U0010ff41") == "&lt;41&gt;"
    assert visible("字" * 100) == f"{'字' * 30} <i>… 40 characters …</i> {'字' * 30}"


def test_the_card_has_the_header_that_hubs_read(demo: Run) -> None:
    card = (demo.clean / "v1/README.md").read_text(encoding="utf-8")
    assert card.startswith(
        "---\nlanguage:\n- zh\nconfigs:\n- config_name: default\n  data_files: data/*.parquet\n---\n"
    )
    assert "- near copy (dedup): 1" in card


def test_examples_are_taken_from_the_text_that_the_rule_left() -> None:
    from cleaner.files.corpus import Life
    from cleaner.report.story import collect_examples

    first = Edits.of("join", "一\n二，三", [(1, 2, "")])
    second = Edits.of("mark", "一二，三", [(2, 3, "。")])
    outcome = Outcome(Document("id", "source", "一二。三"), (first, second))
    examples: dict[tuple[str, str], list[object]] = {("repair", "join"): [], ("repair", "mark"): []}
    life = Life(outcome.document, [("repair", edits) for edits in outcome.edits])
    collect_examples(life, examples)  # type: ignore[arg-type]
    (joined,), (marked,) = examples.values()
    assert (joined.left, joined.before, joined.after, joined.right) == ("一", "\n", "", "二，三")  # type: ignore[attr-defined]
    assert (marked.left, marked.before, marked.after, marked.right) == ("一二", "，", "。", "三")  # type: ignore[attr-defined]
