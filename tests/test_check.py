"""What is asked of a corpus: the claims, the user's own checks, the guards, and how the findings are told."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from cleaner.check import CLAIMS, Finding, check, claims_of, guards
from cleaner.check.asked import Whole, asked_of
from cleaner.check.claim import Claim, Failure
from cleaner.check.formats import Told, as_github, as_json, as_junit
from cleaner.check.guards import GUARDS
from cleaner.check.notices import notices
from cleaner.check.sql import Query, rows_of
from cleaner.check.statistics import Statistics, divergence, measured
from cleaner.config import CheckConfig
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.corpus import Corpus, open_corpus
from tests.conftest import ROOT, Ran, Run

Call = Callable[..., Ran]
DOCS = (ROOT / "docs/checks.md").read_text(encoding="utf-8")
WORKFLOW = ROOT / "docs/github-workflow.yml"
NAMES = [claim.name for claim in CLAIMS]


def broken_claims(corpus: Corpus, settings: CheckConfig | None = None) -> dict[str, list[tuple[str, str]]]:
    """The names of the claims that do not hold, with the sources they name."""
    return {
        finding.claim.name: [(failure.source, failure.found) for failure in finding.failures]
        for finding in check(corpus, settings or CheckConfig())
        if finding.is_broken
    }


def finding_of(name: str, corpus: Corpus, settings: CheckConfig, parent: Corpus | None = None) -> Finding:
    return next(finding for finding in check(corpus, settings, parent) if finding.claim.name == name)


def changed(demo: Run, place: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Path:
    """A copy of the demo's last stage with other rows."""
    shutil.copytree(demo.work, place / "work")
    path = place / "work/5-dedup/documents-00000.parquet"
    rows = change(pq.read_table(path).to_pylist())
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)
    return place / "work/5-dedup"


def with_text(demo: Run, place: Path, source: str, text: str) -> Path:
    """A copy of the demo's last stage in which one document has another text."""

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"text": text} if row["source"] == source else row for row in rows]

    return changed(demo, place, change)


# The claims


def test_the_demo_passes_its_check(demo: Run) -> None:
    for folder in (demo.clean, demo.work / "5-dedup"):
        findings = check(open_corpus(folder))
        assert [finding for finding in findings if finding.state != "ok"] == []
        assert [finding.claim.name for finding in findings if finding.claim.kind == "claim"] == NAMES
        assert notices(open_corpus(folder), CheckConfig()) == []


def test_an_unfinished_folder_breaks_the_claims_of_later_stages(cleaner: Call, demo: Run) -> None:
    ran = cleaner("check", demo.work / "1-decode")
    assert ran.code == 1
    assert "FAILED no jump line such as (上接第5版) is left" in ran.err
    assert "news/bridge-page-3.txt: jump line: (上接第1版)" in ran.err
    assert "(the stage repair, which sees to it, has not been run)" in ran.err


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("水渠\ufffd修好了。", "destroyed-text"),
        ("水渠修好了。caf\u0065\u0301", "nfc"),
        ("水渠修好了。\n(上接第5版)", "jump-lines"),
        ("水渠修好了，這裡的學生們都很開心。", "traditional-text"),
    ],
)
def test_a_bad_text_is_found_and_named(demo: Run, tmp_path: Path, text: str, claim: str) -> None:
    broken = broken_claims(open_corpus(with_text(demo, tmp_path, "letters/two-hands.txt", text)))
    assert [source for source, _ in broken[claim]] == ["letters/two-hands.txt"]
    # Whatever was put in, the ledger notices that it is not what the stages wrote.
    assert "raw-bytes" in broken
    assert "character-counts" in broken


def test_what_was_dropped_need_not_be_simplified(cleaner: Call, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/good.txt").write_text("水渠在三月里修好了，乡亲们都说好。", encoding="utf-8")
    (tmp_path / "raw/ruin.txt").write_text("這裡的學生們都很開心，" + "\ufffd" * 9 + "電車來了。", encoding="utf-8")
    ran = cleaner("run", tmp_path / "raw", tmp_path / "clean")
    assert (ran.code, "destroyed text" in ran.err) == (0, True)


def test_a_traditional_text_with_nothing_to_convert_is_done(cleaner: Call, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    # What tells that it is traditional stands in a Japanese line, which stays.
    (tmp_path / "raw/a.txt").write_text("憲法の話をする。\n春天到了，山上的花很多。", encoding="utf-8")
    assert cleaner("run", tmp_path / "raw", tmp_path / "clean").code == 0


def test_lost_characters_are_judged_as_decode_judged_them(cleaner: Call, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    # Nearly a twentieth of it is lost, and more than that once what cannot be seen is gone.
    text = "水渠在三月里修好了，乡亲们都说好。" * 6 + "\ufffd" * 6 + "\u200b" * 20
    (tmp_path / "raw/a.txt").write_text(text, encoding="utf-8")
    assert cleaner("run", tmp_path / "raw", tmp_path / "clean").code == 0


def test_a_copy_is_found_and_named(demo: Run, tmp_path: Path) -> None:
    market = next(document for document in open_corpus(demo.clean).documents() if "market" in document.source)
    broken = broken_claims(open_corpus(with_text(demo, tmp_path, "letters/two-hands.txt", market.text)))
    ((_, found),) = broken["copies"]
    assert "similarity 1.000" in found


def test_a_passage_that_stands_twice_is_found(demo: Run, tmp_path: Path) -> None:
    market = next(document for document in open_corpus(demo.clean).documents() if "market" in document.source)
    folder = with_text(demo, tmp_path, "letters/two-hands.txt", f"{market.text}\n{market.text}")
    assert "repeated-passages" in broken_claims(open_corpus(folder))


def test_an_id_that_stands_twice_is_found(demo: Run, tmp_path: Path) -> None:
    folder = changed(demo, tmp_path, lambda rows: [*rows[:-1], rows[-1] | {"id": rows[0]["id"]}])
    rows = pq.read_table(folder / "documents-00000.parquet").to_pylist()
    broken = broken_claims(open_corpus(folder))
    assert [source for source, _ in broken["unique-ids"]] == [rows[0]["source"], rows[-1]["source"]]


def test_a_document_that_vanished_is_missed(demo: Run, tmp_path: Path) -> None:
    broken = broken_claims(open_corpus(changed(demo, tmp_path, lambda rows: rows[:-1])))
    ((_, found),) = broken["document-counts"]
    assert found == "28 documents were read, but 20 kept and 7 dropped"
    assert "character-counts" in broken


def test_a_text_that_is_not_utf8_is_all_that_is_found(demo: Run, tmp_path: Path) -> None:
    folder = changed(demo, tmp_path, lambda rows: rows)
    path = folder / "documents-00000.parquet"
    table = pq.read_table(path)
    texts = [text.encode() for text in table["text"].to_pylist()]
    texts[3] = texts[3][:6] + b"\xff" + texts[3][6:]
    column = pa.array(texts, pa.large_binary())
    raw = pa.Array.from_buffers(pa.large_string(), len(column), column.buffers())
    pq.write_table(table.set_column(table.schema.get_field_index("text"), table.schema.field("text"), raw), path)
    (finding,) = check(open_corpus(folder))
    assert finding.claim.name == "utf-8"
    assert [(failure.source, failure.found) for failure in finding.failures] == [
        (table["source"][3].as_py(), "byte 6 is not valid UTF-8")
    ]


def test_any_number_of_workers_finds_the_same(cleaner: Call, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for number in range(12):
        text = f"第{number}号水渠修好了，乡亲们都说好。\n(上接第{number}版)\n今年又种下{number}棵果树。\n"
        (raw / f"{number}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "cleaner.toml").write_text("[decode]\nshard_bytes = 200\n")
    cleaner("decode", raw, tmp_path / "decoded", "--config", tmp_path / "cleaner.toml")
    assert len(list((tmp_path / "decoded").glob("documents-*.parquet"))) > 2
    told = [cleaner("check", tmp_path / "decoded", "--format", "json", "--workers", count).out for count in (1, 2)]
    assert told[0] == told[1]
    jump_lines = next(claim for claim in json.loads(told[0])["claims"] if claim["name"] == "jump-lines")
    assert (jump_lines["failures"], jump_lines["state"]) == (12, "broken")
    assert [first["source"] for first in jump_lines["first"]] == sorted(
        first["source"] for first in jump_lines["first"]
    )


def test_settings_of_another_cleaner_get_a_sentence(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.work, tmp_path / "work")
    path = tmp_path / "work/5-dedup/report.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    report["settings"]["phrases"] = "drop"
    report["versions"]["cleaner"] = "7.0"
    path.write_text(json.dumps(report), encoding="utf-8")
    ran = cleaner("check", tmp_path / "work/5-dedup")
    assert (ran.code, "was made by cleaner 7.0, whose setting dedup.phrases this one does not know" in ran.err) == (
        2,
        True,
    )


# Tolerances, and what is not asked


def test_what_is_tolerated_is_told_and_does_not_fail(demo: Run, tmp_path: Path) -> None:
    corpus = open_corpus(with_text(demo, tmp_path, "letters/two-hands.txt", "(上接第5版)\n水渠修好了。\n(下转第6版)"))
    for tolerance, allowed, is_broken in (
        (0, 0, True),
        (1, 1, False),
        (0.04, 0, True),
        (0.05, 1, False),
        (30, 30, False),
    ):
        finding = finding_of("jump-lines", corpus, CheckConfig(tolerate={"jump-lines": tolerance}))
        assert (len(finding.failures), finding.documents) == (2, 1), "both lines stand in one document"
        assert (finding.allowed, finding.is_broken) == (allowed, is_broken)
    assert broken_claims(corpus, CheckConfig(skip=tuple(NAMES))) == {}


def test_a_tolerated_claim_lets_a_corpus_be_published(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    folder = with_text(demo, tmp_path, "letters/two-hands.txt", "(上接第5版)水渠修好了。")
    settings = tmp_path / "own.toml"
    settings.write_text(
        '[check]\ntolerate = { jump-lines = 1, raw-bytes = 0.5 }\nskip = ["character-counts"]\n', encoding="utf-8"
    )
    assert cleaner("publish", folder, tmp_path / "clean").code == 1
    ran = cleaner("publish", folder, tmp_path / "clean", "--config", settings)
    assert ran.code == 0
    assert "ok     no jump line such as (上接第5版) is left: 1 break it, 1 are tolerated\n" in ran.err
    assert "skip   characters in - removed + added" in ran.err
    assert "13 of 13 claims hold, 2 of 2 guards hold, 1 skipped\n" in ran.err
    assert json.loads((tmp_path / "clean/v1/manifest.json").read_text())["forced"] is False


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"tolerate": {"jump-line": 1}},
            "check.tolerate names 'jump-line', which is no claim; the claims are: utf-8, ",
        ),
        ({"skip": ("drift",)}, "check.skip names 'drift', which is no claim; the claims are: utf-8, "),
        (
            {"sql": {"Jump lines": "SELECT id FROM documents"}},
            "two checks have the name jump-lines; call yours otherwise",
        ),
    ],
)
def test_a_wrong_name_is_told(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongUseError) as caught:
        claims_of(CheckConfig(**settings))
    assert said in str(caught.value)


def test_a_mistake_in_a_check_stops_a_run_before_it_begins(cleaner: Call, tmp_path: Path) -> None:
    settings = tmp_path / "own.toml"
    settings.write_text('[check.sql]\n"all is well" = "SELECT id FROM document"\n', encoding="utf-8")
    ran = cleaner("run", ROOT / "raw", tmp_path / "clean", "--config", settings)
    assert (ran.code, "decode" in ran.err, (tmp_path / "clean").exists()) == (2, False, False)
    assert (
        "the check 'all is well' is not valid SQL: Catalog Error: Table with name document does not exist!" in ran.err
    )


# What is published


def test_a_failed_check_publishes_nothing_unless_forced(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    folder = with_text(demo, tmp_path, "letters/two-hands.txt", "(上接第5版)水渠修好了。")
    ran = cleaner("publish", folder, tmp_path / "clean")
    assert (ran.code, (tmp_path / "clean").exists()) == (1, False)
    assert "so nothing was published" in ran.err
    assert cleaner("publish", folder, tmp_path / "clean", "--force").code == 0
    assert json.loads((tmp_path / "clean/v1/manifest.json").read_text())["forced"] is True


def test_what_breaks_a_claim_is_stored(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    place = tmp_path / "checks"
    place.mkdir()
    (place / "mine.jsonl").write_text("{}")
    assert cleaner("check", demo.work / "3-simplify", "--failures", place).code == 1
    rows = [json.loads(line) for line in (place / "jump-lines.jsonl").read_text(encoding="utf-8").split("\n") if line]
    assert {row["source"] for row in rows} == {"news/bridge-page-1.txt", "news/bridge-page-3.txt"}
    ids = {document.source: document.id for document in open_corpus(demo.work / "3-simplify").documents()}
    assert all(row["id"] == ids[row["source"]] for row in rows)
    assert cleaner("check", demo.work / "5-dedup", "--failures", place).code == 0
    assert [path.name for path in place.iterdir()] == ["mine.jsonl"], (
        "what holds now has nothing left, other files stay"
    )


# The user's own checks


def with_checks(place: Path, source: str) -> CheckConfig:
    """Settings that name a file of checks."""
    place.mkdir(exist_ok=True)
    (place / "checks.py").write_text(source, encoding="utf-8")
    return CheckConfig(python=str(place / "checks.py"))


OWN = '''
from collections import Counter
LIMIT = 3

def _first(text):
    return text[:2]

def no_bridge(document):
    """No text is about a bridge.

    The rest of this is not told.
    """
    if "桥" in document.text:
        return f"speaks of one after {document.text.find('桥')} characters, {_first(document.text)}"

def has_a_source(document):
    print("looking at", document.id)
    return None if document.source else "has none"
'''


def test_own_checks_in_python_are_asked(demo: Run, tmp_path: Path) -> None:
    settings = with_checks(tmp_path, OWN)
    findings = check(open_corpus(demo.clean), settings)
    own = {finding.claim.name: finding for finding in findings if finding.claim.kind == "own"}
    assert {name: finding.claim.sentence for name, finding in own.items()} == {
        "no-bridge": "No text is about a bridge",
        "has-a-source": "has a source",
    }
    assert own["has-a-source"].state == "ok"
    with_bridge = [document for document in open_corpus(demo.clean).documents() if "桥" in document.text]
    assert [failure.id for failure in own["no-bridge"].failures] == [document.id for document in with_bridge] != []
    assert own["no-bridge"].failures[0].found.startswith("speaks of one after ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checks.py"], "nothing is left beside it"


def test_own_checks_are_found_from_the_settings_and_only_if_they_are_named(
    cleaner: Call, demo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with_checks(tmp_path, OWN)
    assert "about a bridge" not in cleaner("check", demo.clean).err
    (tmp_path / "settings").mkdir()
    shutil.move(tmp_path / "checks.py", tmp_path / "settings/checks.py")
    (tmp_path / "settings/own.toml").write_text('[check]\npython = "checks.py"\n')
    ran = cleaner("check", demo.clean, "--config", "settings/own.toml", "--workers", "2")
    assert ran.code == 1
    assert "FAILED No text is about a bridge\n" in ran.err
    assert "15 of 16 claims hold" in ran.err
    told = cleaner("check", demo.clean, "--config", "settings/own.toml", "--format", "json")
    assert json.loads(told.out)["holds"] is False, "what a check prints does not stand among the findings"
    assert "looking at" in told.err


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "import nowhere_at_all\n",
            "cannot be loaded: ModuleNotFoundError: No module named 'nowhere_at_all' (checks.py, line 1)",
        ),
        ("def f(document)\n", "cannot be loaded: expected ':' (line 1)"),
        ("LIMIT = 3\n", "defines no check; a check is a function that takes a document"),
        (
            "def f(a, b):\n    return None\n",
            "f takes 2 parameters; a check takes one, the document; name other functions",
        ),
        ("raise SystemExit(3)\n", "cannot be loaded: SystemExit: 3 (checks.py, line 1)"),
    ],
)
def test_a_bad_file_of_checks_gets_a_sentence(tmp_path: Path, source: str, said: str) -> None:
    with pytest.raises(WrongUseError) as caught:
        claims_of(with_checks(tmp_path, source))
    assert said in str(caught.value)


def test_a_missing_file_of_checks_gets_a_sentence(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[check]\npython = "checks.py"\n')
    ran = cleaner("check", demo.clean, "--config", tmp_path / "own.toml")
    assert (ran.code, ran.err) == (2, f"cleaner: there is no file {tmp_path / 'checks.py'}, which check.python names\n")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 1 / 0", "ZeroDivisionError: division by zero (checks.py, line 2)"),
        ("return len(document.text)", "it returned "),
        ("return False", "it returned False; a check returns None, or in words what is wrong"),
        ("return document.title", "AttributeError: 'Document' object has no attribute 'title' (checks.py, line 2)"),
    ],
)
def test_an_own_check_that_fails_is_named_and_the_others_are_told(
    demo: Run, tmp_path: Path, body: str, said: str
) -> None:
    settings = with_checks(tmp_path, f"def odd(document):\n    {body}\n")
    findings = check(open_corpus(demo.clean), settings.model_copy(update={"tolerate": {"odd": 1.0}}))
    (odd,) = [finding for finding in findings if finding.claim.kind == "own"]
    assert (odd.state, odd.is_broken) == ("error", True)
    first = next(iter(open_corpus(demo.clean).documents())).source
    assert odd.error.startswith(f"the check odd failed on {first}: ") and said in odd.error
    assert [finding.claim.name for finding in findings if finding.is_broken] == ["odd"]


SHORT = "SELECT id, source, length(text) AS found FROM documents WHERE length(text) < 60 -- short"


def test_own_checks_in_sql_are_asked(demo: Run) -> None:
    corpus = open_corpus(demo.clean)
    queries = {
        "no text is short": SHORT,
        "nothing was dropped by dedup": "SELECT id, source, reason, stage FROM dropped WHERE stage = 'dedup';",
        "every file was read surely": "SELECT id, source FROM readings WHERE decision = 'read' AND confidence < 0.1",
        "no page number went": "WITH e AS (FROM edits) SELECT DISTINCT id FROM e WHERE rule = 'remove_page_numbers'",
    }
    found = {finding.claim.sentence: finding for finding in check(corpus, CheckConfig(sql=queries))}
    short = sorted((document.id, str(len(document.text))) for document in corpus.documents() if len(document.text) < 60)
    assert [(failure.id, failure.found) for failure in found["no text is short"].failures] == short != []
    dropped = [row[0].id for row in corpus.dropped() if row[1] == "dedup"]
    finding = found["nothing was dropped by dedup"]
    assert [failure.id for failure in finding.failures] == sorted(dropped)
    assert re.match(r"reason (near|exact) copy: .*, stage dedup$", finding.failures[0].found)
    assert found["every file was read surely"].state == "ok"
    ledger = {
        life.document.id for life in corpus.lives() for _, edits in life.edits if edits.rule == "remove_page_numbers"
    }
    assert {failure.id for failure in found["no page number went"].failures} == ledger != set()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "SELECT id FROM documents WHERE lenght(text) < 3",
            "Scalar Function with name lenght does not exist! Did you mean",
        ),
        ("SELECT source FROM documents", "selects no id, only source; select the id of a document"),
        ("SELECT id FROM documents; SELECT id FROM dropped", "must be one query, a SELECT"),
        ("DELETE FROM documents", "must be one query, a SELECT"),
        ("COPY documents TO 'there.csv'", "must be one query, a SELECT"),
        ("SET enable_external_access = true", "must be one query, a SELECT"),
        ("", "must be one query, a SELECT"),
        ("SELEKT id", "is not valid SQL: Parser Error"),
        (
            "SELECT content AS id FROM read_text('/etc/hostname')",
            "file system operations are disabled by configuration",
        ),
        ("SELECT file AS id FROM glob('/etc/*')", "file system operations are disabled by configuration"),
    ],
)
def test_a_bad_query_gets_a_sentence(query: str, said: str) -> None:
    with pytest.raises(WrongUseError) as caught:
        claims_of(CheckConfig(sql={"all is well": query}))
    assert str(caught.value).startswith("the check 'all is well' ")
    assert said in str(caught.value)


def test_a_query_cannot_read_other_files_later_either(demo: Run) -> None:
    corpus = open_corpus(demo.clean)
    query = Query("all is well", "SELECT content AS id FROM read_text('/etc/hostname')", ())  # was never tried
    with pytest.raises(BadDataError, match="disabled by configuration"):
        list(rows_of(query, Whole(corpus, asked_of(corpus), CheckConfig())))


def test_a_query_finds_the_files_of_a_folder_of_any_name(demo: Run, tmp_path: Path) -> None:
    folder = tmp_path / "it's a [1] * 文件夹?"
    shutil.copytree(demo.clean / "v1", folder)
    every = finding_of("all-go", open_corpus(folder), CheckConfig(sql={"all go": "SELECT id FROM documents"}))
    assert len(every.failures) == 21
    assert every.failures[0].found == "is selected"


def test_a_query_that_fails_on_the_data_is_named(demo: Run) -> None:
    query = "SELECT id FROM documents WHERE CAST(text AS INTEGER) > 3"
    findings = check(open_corpus(demo.clean), CheckConfig(sql={"numbers are big": query}))
    (finding,) = [finding for finding in findings if finding.claim.kind == "own"]
    assert finding.state == "error"
    assert finding.error.startswith("the check 'numbers are big' failed: Conversion Error: ")
    assert "\n" not in finding.error


def test_the_examples_in_the_docs_are_true(cleaner: Call, demo: Run, tmp_path: Path) -> None:
    python, settings = (re.search(rf"```{kind}\n(.*?)```", DOCS, re.DOTALL) for kind in ("python", "toml"))
    assert python and settings
    (tmp_path / "checks.py").write_text(python.group(1), encoding="utf-8")
    (tmp_path / "cleaner.toml").write_text(settings.group(1), encoding="utf-8")
    ran = cleaner("check", demo.clean, "--config", tmp_path / "cleaner.toml", "--format", "json")
    own = {claim["sentence"]: claim for claim in json.loads(ran.out)["claims"] if claim["kind"] == "own"}
    assert {sentence: claim["state"] for sentence, claim in own.items()} == {
        "no text calls itself a draft": "ok",
        "no text is shorter than 20 characters": "ok",
        "nothing was dropped without a reason": "ok",
    }
    corpus = open_corpus(with_text(demo, tmp_path, "letters/two-hands.txt", "水渠管理办法（征求意见稿）"))
    checks = CheckConfig(python=str(tmp_path / "checks.py"))
    assert finding_of("no-drafts", corpus, checks).failures[0].found == "calls itself a draft"


# Guards


def corpus_of(cleaner: Call, place: Path, files: dict[str, bytes]) -> Corpus:
    """The last stage over some files."""
    for name, content in files.items():
        path = place / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    folder = place / "1"
    assert cleaner("decode", place / "raw", folder).code == 0
    for stage in ("normalize", "simplify", "dedup"):
        assert cleaner(stage, folder, place / stage).code == 0
        folder = place / stage
    return open_corpus(folder)


PLANTS = "桃李杏梨枣柳榆槐松柏竹菊兰荷莲桂枫桐杨梅"
PLACES = "东西南北前后上下里外"


def note(number: int) -> str:
    """A short note that is like no other: its plants and places are digits of its number."""
    first, second, third = number % 20, number * 7 % 20, number * 3 % 20
    return (
        f"{PLACES[number % 10]}村今年种{PLANTS[first]}树{number * 37 + 11}棵，{PLANTS[second]}花开在"
        f"{PLACES[number // 10 % 10]}山，{PLANTS[third]}果送给{PLACES[number // 100]}邻。"
    )


def notes(count: int, encoding: str = "utf-8") -> dict[str, bytes]:
    """Some notes as files."""
    return {f"notes/{number:03}.txt": note(number).encode(encoding) for number in range(count)}


def broken_guards(corpus: Corpus, settings: CheckConfig, parent: Corpus | None = None) -> dict[str, str]:
    findings = check(corpus, settings, parent)
    return {
        finding.claim.name: finding.failures[0].found
        for finding in findings
        if finding.claim.kind == "guard" and finding.is_broken
    }


def test_a_source_that_lost_too_much_is_found(cleaner: Call, tmp_path: Path) -> None:
    same = "请先登录。登录以后才能看到这一页的全部内容，没有账号的读者请先注册。".encode()
    pages = {f"crawl/{number:02}.txt": same for number in range(60)}
    corpus = corpus_of(cleaner, tmp_path, pages | notes(60))
    assert broken_guards(corpus, CheckConfig()) == {
        "documents-removed": "59 of 60 documents (98.3%) were dropped, 59 of them for 'exact copy'; "
        "check.max_documents_removed is 0.9",
        "characters-removed": "2,006 of 2,040 characters (98.3%) are gone since decode; "
        "check.max_characters_removed is 0.9",
    }
    assert broken_guards(corpus, CheckConfig(max_documents_removed=1.0, max_characters_removed=1.0)) == {}
    finding = finding_of("documents-removed", corpus, CheckConfig())
    assert [failure.source for failure in finding.failures] == ["crawl"]


def test_a_version_that_drifted_is_found(cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = corpus_of(cleaner, tmp_path / "a", notes(300))
    other = {
        name: f"{content.decode()}{content.decode() * 8 if number < 200 else ''}\n這裡的學生們都種過樹。".encode(
            "gb18030"
        )
        for number, (name, content) in enumerate(notes(240).items())
    }
    after = corpus_of(cleaner, tmp_path / "b", other)
    assert list(broken_guards(after, CheckConfig(), parent)) == ["documents-lost"], "the others want more documents"
    monkeypatch.setattr(guards, "MIN_OF_VERSION", 200)
    monkeypatch.setattr(guards, "MIN_CHARACTERS", 5000)
    assert broken_guards(parent, CheckConfig(), parent) == {}
    found = broken_guards(after, CheckConfig(max_frequency_drift=0.001), parent)
    assert found["documents-lost"] == "300 documents in dedup, 240 now (20.0% fewer); check.max_documents_lost is 0.1"
    assert found["encoding-drift"].startswith(
        "gb18030 was 0.0% of the documents, now 100.0%; 100.0% of the documents are"
    )
    assert found["script-drift"].startswith("mixed was 0.0% of the documents, now 100.0%")
    assert re.match(r"a document had 2\d characters on average, now 2\d\d; ", found["length-drift"])
    assert re.match(
        r"characters are used otherwise, more of .*, fewer of .*: 0\.\d{4} bits; ", found["frequency-drift"]
    )
    assert "characters-lost" not in found
    switched_off = {name: 1.0 for name in CheckConfig.model_fields if name.startswith("max_")}
    assert broken_guards(after, CheckConfig(**switched_off), parent) == {}


def test_more_documents_are_no_drift_and_few_are_not_judged(
    cleaner: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, parent, more = (corpus_of(cleaner, tmp_path / str(count), notes(count)) for count in (30, 250, 500))
    one = corpus_of(cleaner, tmp_path / "one", notes(1))
    monkeypatch.setattr(guards, "MIN_OF_VERSION", 200)
    monkeypatch.setattr(guards, "MIN_CHARACTERS", 5000)
    assert broken_guards(more, CheckConfig(), parent) == {}
    assert broken_guards(one, CheckConfig(), few) == {}


def test_divergence_is_that_of_the_definition(demo: Run) -> None:
    whole = measured(open_corpus(demo.clean).stages[-1].documents[0])
    texts = [document.text for document in open_corpus(demo.clean).documents()]
    assert (whole.documents, whole.characters) == (len(texts), sum(map(len, texts)))
    assert sum(whole.lengths) == len(texts)
    assert dict(zip(map(chr, whole.used), whole.counts, strict=True))["的"] == "".join(texts).count("的")
    assert divergence(whole, whole) == 0
    empty = Statistics.total([])
    one, other = (
        replace(empty, used=pa.array(used).to_numpy(), counts=pa.array(counts).to_numpy())
        for used, counts in (([65, 66], [1, 1]), ([66, 67], [1, 1]))
    )
    assert divergence(one, other) == pytest.approx(0.5)
    assert Statistics.total([whole, whole]).counts.tolist() == [2 * count for count in whole.counts.tolist()]


def test_a_version_is_compared_with_its_parent_and_a_folder_with_what_is_named(cleaner: Call, tmp_path: Path) -> None:
    many = corpus_of(cleaner, tmp_path / "a", notes(100)).folder
    few = corpus_of(cleaner, tmp_path / "b", notes(60)).folder
    clean = tmp_path / "clean"
    assert cleaner("publish", many, clean).code == 0
    (tmp_path / "strict.toml").write_text("check.max_documents_lost = 0.1\n", encoding="utf-8")
    ran = cleaner("publish", few, clean, "--config", tmp_path / "strict.toml")
    assert (ran.code, (clean / "v2").exists()) == (1, False), "the user has set the limit"
    assert f"compared with {clean}/v1\n" in ran.err
    assert "FAILED documents are not fewer than before\n       100 documents in v1, 60 now (40.0% fewer)" in ran.err
    assert "14 of 14 claims hold, 6 of 8 guards hold\n" in ran.err
    ran = cleaner("publish", few, clean)
    assert (ran.code, "FAILED documents are not fewer than before" in ran.err) == (0, True), "our limit only warns"
    assert ran.err.endswith("; a guard does not hold, so `cleaner check` fails: look at what is told above\n")
    manifest = json.loads((clean / "v2/manifest.json").read_text(encoding="utf-8"))
    assert (manifest["forced"], manifest["broken"]) == (False, ["documents-lost", "characters-lost"])
    assert cleaner("check", clean).code == 1, "v2 is compared with v1"
    assert cleaner("check", few).code == 0, "a stage folder has no parent"
    assert cleaner("check", few, "--parent", clean / "v1").code == 1
    shutil.rmtree(clean / "v1")
    assert cleaner("check", clean).code == 0, "the parent is gone"


# Notices


def test_what_has_no_effect_is_noticed(cleaner: Call, tmp_path: Path) -> None:
    for name, content in notes(3).items():
        path = tmp_path / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    settings = tmp_path / "own.toml"
    settings.write_text(
        """[normalize]
restore_fullwidth_marks = true
[repair]
link = "join"
[dedup]
passages = "drop"
contained = "drop"
boilerplate = "drop"
source_order = ["notes/", "gazete/"]
[check.sql]
"nothing was dropped" = "SELECT id FROM dropped"
""",
        encoding="utf-8",
    )
    ran = cleaner("run", tmp_path / "raw", tmp_path / "clean", "--config", settings)
    assert ran.code == 0
    for said in (
        "normalize.restore_fullwidth_marks = true, but it changed nothing",
        'repair.link = "join", but no two documents are parts of one article',
        'dedup.contained = "drop", but no document stands in a longer one',
        'dedup.passages = "drop", but it changed nothing',
        'dedup.boilerplate = "drop", but it changed nothing',
        "dedup.source_order names 'gazete/', but the path of no input begins so",
        "the check 'nothing was dropped' looked at nothing: there are no rows in dropped",
    ):
        assert f"       {said}\n" in ran.err
    assert "'notes/'" not in ran.err
    assert "note   what is switched on has an effect\n" in ran.err
    assert cleaner("check", tmp_path / "clean", "--config", settings).code == 0
    strict = cleaner("check", tmp_path / "clean", "--config", settings, "--strict")
    assert (strict.code, "FAILED what is switched on has an effect\n" in strict.err) == (1, True)


# Formats


NASTY = Failure("1f", "folder, with: 100%/a.txt", "line one\nline\rtwo \x00 ]]> <b> & 50% \ud800")


def told_of(corpus: Corpus) -> Told:
    broken = Finding(Claim("nasty", "a <claim> & 100%", kind="own"), [NASTY] * 12)
    failed = Finding(Claim("odd", "all is odd", kind="own"), error="the check odd failed: KeyError")
    skipped = Finding(CLAIMS[1], is_skipped=True)
    tolerated = Finding(CLAIMS[2], [NASTY], allowed=1)
    notice = Finding(Claim("no-effect", "it has an effect", kind="notice"), [Failure("", "", "none")])
    return Told(corpus, [Finding(CLAIMS[0]), broken, failed, skipped, tolerated, notice])


def test_json_is_one_object(cleaner: Call, demo: Run) -> None:
    ran = cleaner("check", demo.work / "1-decode", "--format", "json")
    told = json.loads(ran.out)
    assert (ran.code, ran.err, told["holds"], told["parent"]) == (1, "", False, None)
    assert [claim["name"] for claim in told["claims"] if claim["kind"] == "claim"] == NAMES
    jump_lines = next(claim for claim in told["claims"] if claim["name"] == "jump-lines")
    assert jump_lines["state"] == "broken"
    assert jump_lines["failures"] == len(jump_lines["first"]) > 0
    assert jump_lines["first"][0].keys() == {"id", "source", "found"}
    states = [claim["state"] for claim in json.loads(as_json(told_of(open_corpus(demo.clean))))["claims"]]
    assert states == ["ok", "broken", "error", "skipped", "tolerated", "warning"]


def test_junit_is_what_its_readers_expect(cleaner: Call, demo: Run) -> None:
    root = ElementTree.fromstring(as_junit(told_of(open_corpus(demo.clean))).encode())
    (suite,) = root
    assert (root.tag, suite.tag, {case.tag for case in suite}) == ("testsuites", "testsuite", {"testcase"})
    for element in (root, suite):
        counts = {name: element.get(name) for name in ("tests", "failures", "errors", "skipped")}
        assert counts == {"tests": "6", "failures": "1", "errors": "1", "skipped": "1"}
    assert all(case.get("name") and case.get("classname") for case in suite)
    inside = [[child.tag for child in case] for case in suite]
    assert inside == [[], ["failure"], ["error"], ["skipped"], ["system-out"], ["system-out"]]
    failure = suite[1][0]
    assert (failure.get("type"), failure.get("message")) == ("nasty", "1 break it, 0 are tolerated")
    assert failure.text and failure.text.endswith("… and 2 more")
    assert "line one" in failure.text and r"\x00 ]]> <b> & 50% \ud800" in failure.text
    ran = cleaner("check", demo.work / "1-decode", "--format", "junit")
    assert (ran.code, ElementTree.fromstring(ran.out.encode()).get("tests")) == (1, "16")


def unescaped(text: str) -> str:
    """What GitHub makes of a property or a message."""
    for code, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_github_shows_annotations(cleaner: Call, demo: Run) -> None:
    lines = as_github(told_of(open_corpus(demo.clean))).split("\n")
    command = re.compile(r"::(error|warning|notice) (?:file=([^,:]*),)?title=([^,:]*)::(.*)")
    matches = [command.fullmatch(line) for line in lines[:3]]
    assert all(matches) and len(lines) == 4
    found = [tuple(map(unescaped, match.groups(""))) for match in matches if match]
    assert [row[:3] for row in found] == [
        ("error", NASTY.source, "cleaner check: nasty"),
        ("error", "", "cleaner check: odd"),
        ("warning", "", "cleaner check: no-effect"),
    ]
    assert found[0][3].startswith(f"not true: a <claim> & 100%\n1f {NASTY.source}: {NASTY.found}\n")
    assert found[0][3].endswith("… and 9 more")
    ran = cleaner("check", demo.clean, "--format", "github")
    assert (ran.code, ran.out) == (0, "::notice title=cleaner check::14 of 14 claims hold, 2 of 2 guards hold\n")


# Around it: the workflow, the hook, make


def shim(place: Path) -> dict[str, str]:
    """An environment in which `cleaner` is this cleaner, as if it were installed."""
    place.mkdir(parents=True, exist_ok=True)
    script = place / "cleaner"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m cleaner.cli "$@"\n')
    script.chmod(0o755)
    return {**os.environ, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}


def corpus_repository(place: Path) -> Path:
    """What a user of the workflow has: raw texts and settings."""
    (place / "raw").mkdir(parents=True)
    for name, content in notes(3).items():
        (place / "raw" / Path(name).name).write_bytes(content)
    (place / "cleaner.toml").write_text('[check]\nskip = ["nfc"]\n')
    return place


def test_the_workflow_does_what_it_says(tmp_path: Path) -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    assert set(workflow) == {"name", True, "permissions", "env", "jobs"}, "YAML reads `on` as true"
    (job,) = workflow["jobs"].values()
    lines = [step["run"] for step in job["steps"] if "run" in step]
    assert lines[0] == 'pip install "$CLEANER"'
    here = corpus_repository(tmp_path / "repository")
    environment = shim(tmp_path / "bin")
    for line in lines[1:]:
        ran = subprocess.run(["bash", "-ec", line], cwd=here, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
    assert (here / "clean/latest").read_text() == "v1\n"
    assert ran.stdout == "::notice title=cleaner check::13 of 13 claims hold, 2 of 2 guards hold, 1 skipped\n"
    uploaded = [step["with"]["path"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
    assert uploaded == ["checks", "clean"]


def test_the_hook_checks_the_corpus_of_a_repository(demo: Run, tmp_path: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (hook,) = hooks
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("cleaner-check", "python", False)
    assert re.search(hook["files"], "clean/v3/manifest.json")
    assert not re.search(hook["files"], "notes/clean/readme.md")
    shutil.copytree(demo.clean, tmp_path / "clean")
    command = [*hook["entry"].split(), *hook["args"]]
    environment = shim(tmp_path / "bin")
    assert subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True).returncode == 0
    with (tmp_path / "clean/v1/README.md").open("a") as card:
        card.write("A better sentence.\n")
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "README.md: has grown" in ran.stderr


PRE_COMMIT = Path(sys.executable).with_name("pre-commit")  # of this environment, whatever the path names


@pytest.mark.skipif(not PRE_COMMIT.exists(), reason="pre-commit is not installed")
def test_pre_commit_runs_the_hook_when_the_corpus_changes(demo: Run, tmp_path: Path) -> None:
    manifest = ROOT / ".pre-commit-hooks.yaml"
    (hook,) = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    environment = {**shim(tmp_path / "bin"), "PRE_COMMIT_HOME": str(tmp_path / "home")}
    here = tmp_path / "repository"
    shutil.copytree(demo.clean, here / "clean")
    local = {"repos": [{"repo": "local", "hooks": [hook | {"language": "system"}]}]}  # cleaner is here: no network
    (here / ".pre-commit-config.yaml").write_text(yaml.safe_dump(local))

    def call(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True)

    assert call(str(PRE_COMMIT), "validate-manifest", str(manifest)).returncode == 0
    for command in (("git", "init", "-q"), ("git", "add", "-A")):
        assert call(*command).returncode == 0
    assert "Passed" in call(str(PRE_COMMIT), "run").stdout
    with (here / "clean/v1/README.md").open("a") as card:
        card.write("A better sentence.\n")
    call("git", "add", "-A")
    ran = call(str(PRE_COMMIT), "run")
    assert (ran.returncode, "README.md: has grown" in ran.stdout) == (1, True)
    call("git", "rm", "-rfq", "--cached", "clean")
    assert "no files to check" in call(str(PRE_COMMIT), "run").stdout


def test_make_data_check_checks_the_newest_version(demo: Run, tmp_path: Path) -> None:
    environment = shim(tmp_path / "venv/bin")
    (tmp_path / "venv/corpus.stamp").touch()
    command = ["make", "data-check", f"CLEAN={demo.clean}", f"VENV={tmp_path / 'venv'}"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (ran.returncode, "14 of 14 claims hold, 2 of 2 guards hold\n" in ran.stderr) == (0, True)
    ran = subprocess.run([*command, "FORMAT=github"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "::notice title=cleaner check::14 of 14 claims hold" in ran.stdout
    broken = [*command[:2], f"CLEAN={demo.work / '1-decode'}", command[3]]
    assert subprocess.run(broken, cwd=ROOT, env=environment, capture_output=True).returncode != 0


def test_every_claim_and_guard_is_described() -> None:
    for claim in (*CLAIMS, *GUARDS):
        assert f"| `{claim.name}` | {claim.sentence} |" in DOCS, claim.name
