"""The report page says what happened, and can be opened anywhere."""

import base64
import hashlib
import itertools
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.check import Claim, Failure, Finding, check
from cleaner.config import Config, parse
from cleaner.document import Document, Edits, Outcome, Reading, rewind
from cleaner.explain import told_candidates, told_reading
from cleaner.files.corpus import Life, open_corpus
from cleaner.pipeline import run_decode
from cleaner.readings import Tally, told_tally
from cleaner.report import build_page
from cleaner.report.compare import CONTEXT, Part, compare, shortened
from cleaner.report.flow import LEFT, TALL, TOP, Step, diagram, leaving
from cleaner.report.made import changed_settings
from cleaner.report.markup import visible
from cleaner.report.sample import Smallest, keys_of, smallest
from cleaner.report.story import Drop, best_victims, examples_of, spread
from cleaner.report.survey import LENGTHS, survey
from tests.conftest import Ran, Run

Call = Callable[..., Ran]
Patch = pytest.MonkeyPatch

VOID = {"meta", "br", "input"}


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

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<rect/>` opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(page: str) -> Balance:
    parser = Balance()
    parser.feed(page)
    return parser


def section(page: str, key: str) -> str:
    """The HTML of one part of the page."""
    return page.split(f"<section id='{key}'")[1].split("</section>")[0]


def plain(html: str) -> str:
    return "".join(parsed(html).text)


@pytest.fixture(scope="module")
def page(demo: Run) -> str:
    """The page of the demo corpus, with the claims."""
    corpus = open_corpus(demo.clean)
    return build_page(corpus, "v1", check(corpus))


def test_the_page_tells_of_every_rule_and_every_drop(page: str, demo: Run) -> None:
    corpus = open_corpus(demo.clean)
    balance = parsed(page)
    text = "".join(balance.text)
    assert (balance.wrong, balance.open) == ([], [])
    for stage in corpus.stages:
        for rule, counts in stage.report["counts"]["rules"].items():
            assert f"{stage.stage} · {rule}" in plain(section(page, "rules"))
            if counts["edits"]:
                story = next(part for part in page.split("<details") if f"</span>{rule}</span>" in part)
                assert "class='entry eg'" in story
    for document, _, reason, _ in corpus.dropped():
        assert document.source in plain(section(page, "dropped"))
        assert reason in text
    assert "28 documents in · 21 kept · 7 dropped" in text
    assert "（下转第3版）" in text


def test_the_published_page_shows_the_corpus(demo: Run) -> None:
    published = (demo.clean / "v1/report.html").read_text(encoding="utf-8")
    assert "28 documents in · 21 kept · 7 dropped" in published
    assert plain(section(published, "rules")) == plain(section(build_page(open_corpus(demo.clean), "v1"), "rules"))


def test_the_page_has_a_table_per_encoding(page: str, demo: Run) -> None:
    told = section(page, "readings")
    tally = open_corpus(demo.clean).stages[0].report["readings"]
    for encoding, counts in tally["encodings"].items():
        assert f"<th scope='row'>{encoding}</th><td class=n>{counts['files']}</td>" in told
        assert f"<td class=n>{counts['characters']:,}</td></tr>" in told
    for decision, count in tally["put_aside"].items():
        assert f"<th scope='row'>{decision}</th><td class=n>{count}</td>" in told


def test_the_flow_is_drawn_and_told_in_words_and_numbers(page: str, demo: Run) -> None:
    told = section(page, "flow")
    assert "28 documents came in. After decode: 23; 5 dropped (1 broken line, 1 destroyed text" in told
    assert "After dedup: 3,632; 297 removed" in told
    stages = open_corpus(demo.clean).stages
    for stage in stages:
        assert f"<td class=n>{stage.report['counts']['characters_out']:,}</td></tr>" in told
    assert told.count("class='node'") == 2 * (len(stages) + 1)
    for kind in ("kept", "replaced", "removed", "dropped"):
        assert f"<path class='{kind}'" in told


def test_bands_that_leave_and_come_are_as_wide_as_their_numbers() -> None:
    before, after = Step("raw", 100), Step("repair", 80, added=10, leaving=leaving("removed", 30, ("30 removed",)))
    drawn = diagram("characters", [before, after])
    assert "30 removed" in drawn and "+10" in drawn
    scale = TALL / 110  # the most that ever stands side by side: what is there after, and what left
    assert f"<rect class='node' x='{LEFT}' y='{TOP}' width='9' height='{100 * scale:.1f}'/>" in drawn
    assert f"v{70 * scale:.1f} " in drawn  # what goes on
    assert f"v{10 * scale:.1f} " in drawn  # what comes from above


@given(st.lists(st.lists(st.integers(0, 30), max_size=8), max_size=5), st.integers(1, 6))
def test_samples_of_shards_add_up_to_that_of_the_whole(shards: list[list[int]], most: int) -> None:
    whole, sum_of_parts = Smallest[str](most), Smallest[str](most)
    for number, keys in enumerate(shards):
        part = Smallest[str](most)
        for place, key in enumerate(keys):
            for sample in (whole, part):
                sample.offer(key, f"{number}.{place}")
        sum_of_parts.add(part)
    assert list(sum_of_parts) == list(whole)
    assert sum_of_parts.seen == whole.seen


def test_lengths_before_and_after_are_counted(demo: Run) -> None:
    corpus = open_corpus(demo.clean)
    found = survey(corpus)
    after = Counter(int(np.searchsorted(LENGTHS, len(document.text), side="right")) for document in corpus.documents())
    before: Counter[int] = Counter()
    for life in corpus.lives():
        if life.document.encoding:
            raw = rewind(life.document.text, [edits for _, edits in life.edits])
            before[int(np.searchsorted(LENGTHS, len(raw), side="right"))] += 1
    assert {at: count for at, count in enumerate(found.after.tolist()) if count} == after
    assert {at: count for at, count in enumerate(found.before.tolist()) if count} == before
    assert found.untouched == sum(not life.edits and not life.dropped for life in corpus.lives())
    assert found.confidences.sum() == sum(bool(reading.encoding) for reading in corpus.readings())


def test_what_is_in_quarantine_is_said_to_be_there(page: str) -> None:
    entries = plain(section(page, "dropped").replace("<div class='entry", "\x00<div")).split("\x00")
    said = {entry.split()[0].strip(","): "its bytes are in quarantine" in entry for entry in entries[1:]}
    assert said["damage/map-of-the-town.txt"] and said["damage/beyond-repair.txt"] and said["notices/board.jsonl"]
    assert not said["damage/nothing.txt"] and not said["news/market-fair-reprint.txt"]


def test_a_copy_stands_beside_the_one_that_stays(page: str) -> None:
    told = section(page, "copies")
    assert "2 documents went for 1 that stay" in plain(told)
    assert "similarity 0.901" in told
    assert "<del>" in told and "<ins>" in told


def test_of_many_copies_those_with_differences_are_shown() -> None:
    reasons = ["exact copy: 1", "near copy: 2", "exact copy: 3", "exact copy: 4", "exact copy: 5", "near copy: 6"]
    drops = [Drop(Document("id", "source", ""), "dedup", reason, "keeper", False) for reason in reasons]
    chosen: list[Drop] = []
    for drop in drops:
        chosen = best_victims([*chosen, drop])
    assert [drop.reason[-1] for drop in chosen] == ["2", "6", "1", "3"]


def test_claims_are_shown_with_what_breaks_them(demo: Run) -> None:
    corpus = open_corpus(demo.work / "1-decode")
    findings = check(corpus)
    told = section(build_page(corpus, "1-decode", findings), "checks")
    broken = [finding for finding in findings if finding.failures]
    assert broken
    assert f"{len(findings) - len(broken)} of {len(findings)} claims and guards hold" in told
    for finding in broken:
        assert finding.failures[0].source in plain(told)
    assert told.count("✗") == len(broken)
    assert "id='checks'" not in build_page(corpus, "1-decode")


def test_settings_can_be_saved_and_read_again(page: str, demo: Run) -> None:
    toml = unescape(section(page, "made").split("<pre tabindex='0'>")[1].split("</pre>")[0])
    assert parse(toml, "cleaner.toml") == Config()
    assert changed_settings([{"stage": "dedup", "settings": {"threshold": 0.9, "keep": "longest"}}]) == [
        "dedup.threshold"
    ]


def test_the_page_is_the_same_each_time_and_elsewhere(page: str, demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.clean / "v1", tmp_path / "elsewhere" / "v1")
    corpus = open_corpus(tmp_path / "elsewhere" / "v1")
    assert build_page(corpus, "v1", check(corpus)) == page
    assert str(demo.clean.parent) not in page


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


def test_the_page_needs_nothing_else(page: str) -> None:
    assert not re.search(r"<script [^>]*src|<link|<img|@import|url\(|https?://| style=| on[a-z]+=", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src 'none'" in policy.group(1)
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy.group(1)


def test_a_hostile_text_is_only_shown(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    name = "<b onmouseover=alert(1)>'\"\u202e.txt"
    text = "\ufeff</script><script>alert('读')</script>\u2028\u202e水渠修好了，大家都很高兴。" * 3
    (tmp_path / "raw" / name).write_text(text, encoding="utf-8")
    (tmp_path / "raw" / "&lt;.txt").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "raw" / "rows.jsonl").write_text('{"text": "水渠\\ud800修好了。"}\n', encoding="utf-8")
    run_decode(tmp_path / "raw", tmp_path / "out", Config(), 1)
    corpus = open_corpus(tmp_path / "out")
    claim = Claim("script", "</script> must not run", "decode")
    findings = [Finding(claim, [Failure("<i>", "\u2067<u>\ud800", "<s>'\"")])]
    page = build_page(corpus, "<i>name</i>\ud800", findings)
    page.encode()
    assert not re.search(r"<b on|<i>name|<u>|<s>|[\u202a-\u202e\u2066-\u2069\u2028\u2029]", page)
    assert page.count("<script>") == page.count("</script>") == 1
    assert "&lt;U+202E&gt;" in page and "&lt;U+2028&gt;" in page and "&lt;U+D800&gt;" in page
    assert (parsed(page).wrong, parsed(page).open) == ([], [])


def test_what_cannot_be_seen_is_shown() -> None:
    assert visible("前\n\ufeff\u3000后\x00") == "前↵&lt;U+FEFF&gt;□后&lt;U+0000&gt;"
    assert visible("\U0010ff41") == "&lt;41&gt;"
    assert visible("字" * 100) == f"{'字' * 30} <i>… 40 characters …</i> {'字' * 30}"


def test_examples_are_taken_from_the_text_that_the_rule_left() -> None:
    first = Edits.of("join", "一\n二，三", [(1, 2, "")])
    second = Edits.of("mark", "一二，三", [(2, 3, "。")])
    life = Life(Document("id", "source", "一二。三"), [("repair", first), ("repair", second)])
    (joined,), (marked,) = (examples_of(life, ("repair", rule), 1) for rule in ("join", "mark"))
    assert (joined.left, joined.before, joined.after, joined.right) == ("一", "\n", "", "二，三")
    assert (marked.left, marked.before, marked.after, marked.right) == ("一二", "，", "。", "三")


def test_a_ledger_that_does_not_fit_gives_no_example() -> None:
    first = Edits.of("join", "一\n二，三", [(1, 2, "")])
    other = Edits.of("mark", "另一个句子，完", [(5, 6, "。")])
    life = Life(Document("id", "source", "一二。三"), [("repair", first), ("repair", other)])
    assert examples_of(life, ("repair", "join"), 1) == []


def test_examples_are_spread_over_a_text() -> None:
    edits = Edits.of("mark", "，" * 90, [(place, place + 1, "。") for place in range(90)])
    assert [place for place, _ in spread(edits, 3)] == [15, 45, 75]


@given(st.permutations([f"{number:020x}" for number in range(40)]))
def test_what_is_shown_does_not_depend_on_the_order(names: list[str]) -> None:
    sample = Smallest[str](6)
    for name, key in zip(names, keys_of(names, "rule").tolist(), strict=True):
        sample.offer(key, name)
    chosen = [names[place] for _, place in smallest(names, "rule", 6)]
    assert list(sample) == chosen
    assert chosen == [sorted(names)[place] for _, place in smallest(sorted(names), "rule", 6)]
    assert sample.seen == 40
    assert chosen != [names[place] for _, place in smallest(names, "another rule", 6)]


@given(st.text("水渠修好了镇里，。", max_size=200), st.text("水渠修好了镇里，。", max_size=200))
def test_a_comparison_holds_both_texts(before: str, after: str) -> None:
    parts = compare(before, after)
    assert "".join(part.before for part in parts) == before
    assert "".join(part.after for part in parts) == after
    assert all(one.is_equal != other.is_equal for one, other in itertools.pairwise(parts))


def test_a_comparison_finds_what_is_different() -> None:
    text = "".join(f"第{number}天，镇里的人都到渠边去看水，" for number in range(300))
    other = text.replace("第100天", "第壹佰天").replace("第200天，", "第200天")
    parts = [(part.before, part.after) for part in compare(text, other) if not part.is_equal]
    assert parts == [("100", "壹佰"), ("，", "")]
    told = list(shortened(compare(text, other), 1))
    assert told[0] == text.index("100") - CONTEXT
    assert Part("100", "壹佰") in told
    assert isinstance(told[-1], int)  # of the second difference there is only its length, with what follows


def test_a_large_corpus_is_shown_by_samples(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    rows = [{"text": f"第{number}号通知：今天下午三点开会。" if number % 2 else ""} for number in range(1000)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "raw" / "rows.jsonl").write_text(lines, encoding="utf-8")
    run_decode(tmp_path / "raw", tmp_path / "out", Config(), 1)
    page = build_page(open_corpus(tmp_path / "out"), "out")
    assert "240 of 500 documents, chosen by the hash of their ids" in section(page, "documents")
    assert section(page, "documents").count("class='entry eg'") == 240
    assert "8 of 500 documents" in section(page, "dropped")
    assert len(page) < 300_000


def test_a_corpus_of_which_nothing_is_left_has_a_page(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(60))
    run_decode(tmp_path / "raw", tmp_path / "out", Config(), 1)
    page = build_page(open_corpus(tmp_path / "out"), "out")
    assert "1 document in · 0 kept · 1 dropped" in page
    assert "No document is kept." in page and "No rule changed anything." in page
    assert (parsed(page).wrong, parsed(page).open) == ([], [])


def test_a_file_that_cannot_be_read_is_named(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.clean / "v1", tmp_path / "v1")
    ledger = next((tmp_path / "v1/edits").iterdir())
    ledger.write_bytes(ledger.read_bytes()[:-9])
    ran = cleaner("report", tmp_path / "v1", tmp_path / "page.html", "--no-check")
    assert (ran.code, ledger.name in ran.err, (tmp_path / "page.html").exists()) == (1, True, False)


def test_report_writes_a_page_beside_the_corpus(cleaner: Call, demo: Run, tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = cleaner("report", demo.clean, "--no-check")
    assert (ran.code, ran.out.strip()) == (0, "clean-v1.html")
    corpus = open_corpus(demo.clean)
    assert (tmp_path / "clean-v1.html").read_text(encoding="utf-8") == build_page(corpus, "v1")
    ran = cleaner("report", demo.work / "5-dedup")
    assert (ran.code, ran.out.strip()) == (0, "work-5-dedup.html")
    told = (tmp_path / "work-5-dedup.html").read_text(encoding="utf-8")
    examined = len(check(corpus))
    assert f"{examined} of {examined} claims and guards hold" in told
    assert cleaner("report", demo.clean, "clean-v1.html", "--no-check").code == 0  # a page is replaced


def test_report_opens_the_page(cleaner: Call, demo: Run, tmp_path: Path, monkeypatch: Patch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    cleaner("report", demo.clean, tmp_path / "page.html", "--no-check", "--open")
    assert opened == [(tmp_path / "page.html").as_uri()]


def test_report_changes_nothing_but_its_page(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("keep me", encoding="utf-8")
    for place, said in (
        (demo.clean / "v1/page.html", "name a place outside of it"),
        (demo.clean / "page.html", "name a place outside of it"),
        (demo.work / "5-dedup/page.html", "name a place outside of it"),
        (tmp_path / "notes.txt", "is no report of cleaner"),
        (tmp_path, "is a folder"),
        (tmp_path / "nowhere/page.html", "there is no folder"),
    ):
        ran = cleaner("report", demo.clean, place, "--no-check")
        assert (ran.code, said in ran.err) == (2, True), ran.err
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "keep me"
    assert cleaner("report", tmp_path).code == 2
