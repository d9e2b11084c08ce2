"""The report page says what happened, and can be opened anywhere."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from cleaner.document import Document, Edits, Outcome, Reading
from cleaner.explain import told_candidates, told_reading
from cleaner.files.corpus import open_corpus
from cleaner.pipeline import run_decode
from cleaner.readings import Tally, told_tally
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
    assert "28 documents in · 21 kept · 7 dropped" in text
    assert "（下转第3版）" in text


def test_the_page_has_a_table_per_encoding(demo: Run) -> None:
    page = (demo.clean / "v1/report.html").read_text(encoding="utf-8")
    section = page.split("<h2 id='readings'>")[1].split("<h2")[0]
    tally = open_corpus(demo.clean).stages[0].report["readings"]
    for encoding, counts in tally["encodings"].items():
        assert f"<td>{encoding}</td><td class=n>{counts['files']}</td>" in section
        assert f"<td class=n>{counts['characters']:,}</td></tr>" in section
    for decision, count in tally["put_aside"].items():
        assert f"<td>{decision}</td><td class=n>{count}</td>" in section


def test_files_are_counted_by_encoding() -> None:
    read = Reading("id", "source", "read", "gb18030", 0.99996, chardet="GB2312")
    repaired = replace(read, decision="repaired", confidence=0.875, chardet="Big5")
    aside = Reading("id", "source", "not text")
    outcomes = [Outcome(Document("id", "source", "水渠"), reading=entry) for entry in (read, repaired, None)]
    outcomes.append(Outcome(Document("id", "source", ""), dropped="not text: a picture", reading=aside))
    one, other = Tally(), Tally()
    for number, outcome in enumerate(outcomes * 2):
        (one if number < 3 else other).see(outcome)
    one.add(other)
    assert list(told_tally(one.as_json())) == [
        "encoding  files  repaired  lowest confidence  chardet disagreed  characters",
        "gb18030       4         2              0.875                  2           8",
        "put aside  files",
        "not text       2",
    ]
    assert list(told_tally(Tally().as_json())) == []


def test_a_reading_is_told_in_words() -> None:
    damaged, lines = tuple(range(100, 107)), (("gb18030", 1200), ("utf-8", 2))
    full = Reading("id", "a.txt", "repaired", "gb18030", 0.99996, "big5", 1234.56, 9.14, "Big5", "gbk", damaged, lines)
    assert list(told_reading(full)) == [
        "\nhow the file was read",
        "  as gb18030, with confidence >0.999",
        "  the next best was big5, worse by 1,234.6 bits",
        "  9.1 bits per character (the fewer, the more it reads like Chinese)",
        "  chardet says Big5, which does not agree",
        "  the file declares gbk, which agrees",
        "  7 damaged bytes, at offset 100, 101, 102, 103, 104 and 2 more",
        "  lines: 1,200 in gb18030, 2 in utf-8",
        "  decision: repaired",
    ]
    foreign = Reading("id", "a.txt", "not Chinese", chardet="SHIFT_JIS", declared="\x1b[2J", damaged=(7,))
    assert list(told_reading(foreign)) == [
        "\nhow the file was read",
        "  chardet says SHIFT_JIS",
        "  the file declares <001B>[2J",
        "  1 damaged byte, at offset 7",
        "  decision: not Chinese",
    ]


def test_candidates_stand_in_columns() -> None:
    assert list(told_candidates([("gb18030", 9.14, "水渠\n修好"), ("big5", 16.9, "阨э")])) == [
        "\nwhat was weighed",
        "  encoding  bits  reads as",
        "  gb18030      9  水渠↵修好",
        "  big5        17  阨э",
    ]
    assert list(told_candidates([])) == []


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
