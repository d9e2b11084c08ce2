"""Links between the parts of an article: which are found, which are left, and what joining makes of them."""

from collections import Counter
from pathlib import Path

import pytest
from linking import ARTICLES, measure

from cleaner.document import Document
from cleaner.files.corpus import open_corpus
from cleaner.repair.links import LOST_PAGE, find_links, joins_of, part_of
from tests.conftest import Run
from tests.test_cli import Call, raw_folder

FIRST = (
    "水渠修好了\n青石镇的水渠修了三年。今年春天，最后一段通到了梯田，乡亲们都来看水，老石匠站在渠边说，这是他见过的最"
)
SECOND = "长的一条水渠。镇里还要在渠边种上果树。\n老石匠把工具收进箱子，回家去了。"
OTHER = "集市又开了\n集市上有豆腐、茶叶和竹器。从邻镇来的人说，青石镇的豆腐最好。"


def part(name: str, text: str, back: str = "", forward: str = "") -> Document:
    return Document(name, f"qsz/{name}.txt", text, continued_from=back, continued_on=forward)


def linked(*documents: Document) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The links and the orphans of some documents."""
    links, orphans = find_links(map(part_of, documents))
    return [(link.first, link.second) for link in links], [(orphan.id, orphan.expects) for orphan in orphans]


def test_two_parts_that_name_each_other_are_linked() -> None:
    first, second = part("20200527-01-1", FIRST, forward="3"), part("20200527-03-2", SECOND, back="1")
    assert linked(first, part("20200527-03-1", OTHER), second) == ([(first.id, second.id)], [])
    assert linked(second, first) == ([(first.id, second.id)], [])


def test_pages_are_the_same_however_they_are_written() -> None:
    first, second = part("20200527-A01-1", FIRST, forward="Ａ０３"), part("20200527-A03-2", SECOND, back="A1")
    assert linked(first, second) == ([(first.id, second.id)], [])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (part("20200527-01-1", FIRST, forward="4"), part("20200527-03-2", SECOND, back="1")),  # another page
        (part("20200527-01-1", FIRST, forward="3"), part("20200528-03-2", SECOND, back="1")),  # another day
        (part("20200527-01-1", FIRST), part("20200527-03-2", SECOND)),  # no jump line
        (part("20200527-01-1", FIRST, forward=LOST_PAGE), part("20200527-03-2", OTHER)),  # nothing but that one goes on
    ],
)
def test_what_contradicts_or_says_nothing_is_not_linked(first: Document, second: Document) -> None:
    links, orphans = linked(first, second)
    assert links == []
    assert len(orphans) == sum(bool(page) for document in (first, second) for page in facts(document))


def facts(document: Document) -> tuple[str, str]:
    return document.continued_from, document.continued_on


def test_orphans_say_what_they_expect() -> None:
    documents = part("a", FIRST, back="5", forward="Ａ７"), part("b", OTHER, forward=LOST_PAGE)
    assert linked(*documents) == (
        [],
        [("a", "continuation of page 5"), ("a", "goes on on page A7"), ("b", "goes on, page unknown")],
    )


def test_a_chain_of_three_parts_becomes_one() -> None:
    third = "渠边的果树是第二年种的。"
    documents = [
        part("20200527-01-1", FIRST, forward="2"),
        part("20200527-02-1", SECOND, back="1", forward="3"),
        part("20200527-03-1", third + "水渠、水渠、老石匠，梯田，果树，镇里，乡亲们。", back="2"),
    ]
    links, orphans = find_links(map(part_of, documents))
    assert orphans == []
    joins = joins_of(links, {document.id: document.text for document in documents}.__getitem__)
    assert joins.rest == {documents[0].id: (documents[1].text, documents[2].text)}
    assert joins.absorbed == {documents[1].id: documents[0].id, documents[2].id: documents[0].id}


def test_a_day_that_is_looked_at_when_it_is_whole_gives_the_same() -> None:
    documents = [
        part("20200527-01-1", FIRST, forward="3"),
        part("20200528-01-1", FIRST, forward="3"),
        part("20200527-02-1", OTHER),
        part("20200528-03-2", SECOND, back="1"),
        part("20200527-03-2", SECOND, back="1"),
        part("loose", SECOND, back="9"),
    ]
    parts = [part_of(document) for document in documents]
    links, orphans = find_links(parts, Counter(part.group for part in parts))
    assert (links, orphans) == find_links(parts)
    assert [link.first for link in links] == ["20200527-01-1", "20200528-01-1"]
    assert [orphan.id for orphan in orphans] == ["loose"]


def test_parts_are_reported_and_only_joined_when_asked(cleaner: Call, tmp_path: Path) -> None:
    texts = {"20200527-01-1.txt": f"{FIRST}\n（下转第3版）\n", "20200527-03-2.txt": f"（上接第1版）{SECOND}\n"}
    raw = raw_folder(tmp_path)
    for name, text in texts.items():
        (raw / name).write_text(text, encoding="utf-8")
    ran = cleaner("run", raw, tmp_path / "clean", "--work", tmp_path / "work")
    assert ran.code == 0
    assert "20200527-01-1.txt goes on in 20200527-03-2.txt: page 3 is named and page 1 is named" in ran.err
    assert len(list(open_corpus(tmp_path / "clean").documents())) == 2
    assert "goes on in 20200527-03-2.txt" in cleaner("explain", tmp_path / "clean", "20200527-01-1.txt").out

    (tmp_path / "join.toml").write_text('[repair]\nlink = "join"\n')
    assert cleaner("run", raw, tmp_path / "joined", "--config", tmp_path / "join.toml").code == 0
    (document,) = open_corpus(tmp_path / "joined").documents()
    assert document.text == f"{FIRST}{SECOND}\n"
    told = cleaner("explain", tmp_path / "joined", "20200527-03-2.txt").out
    assert "dropped in repair: joined to the part before it" in told

    (tmp_path / "off.toml").write_text('[repair]\nlink = "off"\n')
    assert "goes on in" not in cleaner("run", raw, tmp_path / "off", "--config", tmp_path / "off.toml").err


def test_the_bridge_of_the_demo_is_one_article(demo: Run) -> None:
    report = open_corpus(demo.work / "4-repair").stages[-1].report
    links = [(link["first_source"], link["second_source"]) for link in report["links"]]
    assert (links, report["orphans"]) == ([("news/bridge-page-1.txt", "news/bridge-page-3.txt")], [])


def test_the_seeds_that_begin_elsewhere_are_orphans(seeds: Run) -> None:
    report = open_corpus(seeds.work / "4-repair").stages[-1].report
    assert [(orphan["source"][:3], orphan["expects"]) for orphan in report["orphans"]] == [
        ("000", "continuation of page 5"),
        ("001", "continuation of page 4"),
    ]
    assert report["links"] == []


@pytest.mark.skipif(not ARTICLES.is_file(), reason=f"no evaluation data in {ARTICLES}")
def test_split_articles_find_each_other() -> None:
    whole, missing = measure("markers and pages", 0.0), measure("markers and pages", 0.4)
    assert whole.precision >= 0.995 and whole.recall >= 0.98
    assert missing.precision >= 0.99 and missing.recall >= 0.97
    assert measure("half of the markers lost", 0.4).precision >= 0.98
