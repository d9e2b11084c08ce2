"""What is written about the program is true of it."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import cleaner
from cleaner.check import CLAIMS
from cleaner.config import Config
from cleaner.files.corpus import open_corpus
from cleaner.files.tables import DOCUMENTS, DROPPED, EDITS, PASSAGES, READINGS, SKETCHES
from cleaner.normalize import RULES as NORMALIZE_RULES
from cleaner.repair import RULES as REPAIR_RULES
from tests.conftest import ROOT, Ran, Run
from tests.test_cli import COMMANDS

README = (ROOT / "README.md").read_text(encoding="utf-8")
DATA_FORMAT = (ROOT / "docs/data-format.md").read_text(encoding="utf-8")
RULES = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest
    assert newest.group(1) == cleaner.__version__


def test_the_readme_names_every_command_and_target() -> None:
    for command in COMMANDS:
        assert f"cleaner {command}" in README, command
    for target in re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE):
        assert f"`{target}`" in README or f"make {target}" in README, target


def test_the_readme_shows_the_counts_of_the_demo(demo: Run) -> None:
    corpus = open_corpus(demo.clean)
    first, last = corpus.stages[0].report["counts"], corpus.stages[-1].report["counts"]
    dropped = first["documents_in"] - last["kept"]
    shown = f"{first['documents_in']} in · {last['kept']} kept · {dropped} dropped"
    assert shown in README
    assert f"{len(CLAIMS)} of {len(CLAIMS)} claims hold" in README
    for stage in corpus.stages:
        counts = stage.report["counts"]
        edits = sum(rule["edits"] for rule in counts["rules"].values())
        assert f"{counts['kept']:,} of {counts['documents_in']:,} documents kept, {edits:,} edits" in README


def test_the_readme_shows_what_the_commands_print(
    cleaner: Callable[..., Ran], demo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795348800")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").symlink_to(demo.raw)
    (tmp_path / "other.toml").write_text("repair.join_cut_paragraphs = false\n", encoding="utf-8")
    assert cleaner("run", "raw", "clean").code == 0
    assert cleaner("run", "raw", "clean", "--config", "other.toml").code == 0
    (block,) = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    calls = re.findall(r"^\$ cleaner (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    assert len(calls) == 7
    for arguments, shown in calls:
        ran = cleaner(*arguments.split())
        printed = without_sizes(ran.out + ran.err)
        for part in without_sizes(shown).split("…\n"):  # what is left out
            assert part in printed, f"{arguments}: {printed}"


def without_sizes(text: str) -> str:
    """What was printed without the sizes of files, which follow the versions of what compresses them."""
    return re.sub(r" +[\d.]+ kB", " kB", text)


def test_the_readme_shows_texts_as_the_demo_has_them(demo: Run) -> None:
    texts = {document.source: document.text for document in open_corpus(demo.clean).documents()}
    (after,) = re.findall(r"    after +(.*)\n", README)
    assert after.strip() in texts["reports/water-works-torn.txt"]


def test_every_column_is_described() -> None:
    for schema in (DOCUMENTS, DROPPED, EDITS, PASSAGES, READINGS, SKETCHES):
        for name in schema.names:
            assert f"`{name}`" in DATA_FORMAT, name


def test_every_setting_is_described() -> None:
    for section, default in Config():
        for key in type(default).model_fields:
            assert f"`{key}`" in RULES, f"{section}.{key}"


def test_every_rule_is_described() -> None:
    for rule in (*NORMALIZE_RULES, *REPAIR_RULES):
        assert f"`{rule.__name__}`" in RULES


def test_every_dependency_is_justified() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    decisions = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    for requirement in project["dependencies"]:
        name = re.split("[>=]", requirement)[0]
        assert f"**{name}**" in decisions, name
        assert f"\n{name}==" in pins, name


def test_every_demo_file_is_described() -> None:
    described = (ROOT / "docs/demo-corpus.md").read_text(encoding="utf-8")
    for path in (ROOT / "raw").rglob("*"):
        if path.is_file():
            assert f"`{path.relative_to(ROOT / 'raw').as_posix()}`" in described, path


def test_every_table_says_where_it_is_from() -> None:
    for path in (ROOT / "cleaner/tables").glob("*.t*"):
        first = path.read_text(encoding="utf-8").split("\n")[0]
        assert first.startswith(f"# {path.name}"), path
