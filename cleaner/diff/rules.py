"""What two corpora were made by, compared: the work of each rule, settings, versions and tables."""

from collections.abc import Iterator
from typing import Any

from cleaner.files.corpus import Corpus

NONE: dict[str, int] = {"edits": 0, "documents": 0}


def told_rules(old: Corpus, new: Corpus) -> Iterator[str]:
    """The rules whose work differs, those that differ most first."""
    before, after = rules_of(old), rules_of(new)
    found = []
    for rule in dict.fromkeys([*before, *after]):
        was, now = before.get(rule, NONE), after.get(rule, NONE)
        edits, documents = now["edits"] - was["edits"], now["documents"] - was["documents"]
        if edits or documents:
            found.append((-abs(edits), -abs(documents), told_rule(rule, was, now)))
    yield from (line for _, _, line in sorted(found))


def told_rule(rule: str, was: dict[str, int], now: dict[str, int]) -> str:
    """How the work of one rule differs.

    >>> told_rule("repair join_cut_paragraphs", {"edits": 900, "documents": 40}, {"edits": 588, "documents": 39})
    'repair join_cut_paragraphs now makes 312 fewer edits (900 → 588), in 1 fewer document (40 → 39)'
    """
    if not was["edits"]:
        return f"{rule} is new: {told_count(now)}"
    if not now["edits"]:
        return f"{rule} does nothing now: it made {told_count(was)}"
    edits = told_more("edit", was["edits"], now["edits"])
    return f"{rule} now makes {edits}, in {told_more('document', was['documents'], now['documents'])}"


def told_count(counts: dict[str, int]) -> str:
    """Edits and documents, counted."""
    edits, documents = counts["edits"], counts["documents"]
    of = f"{edits:,} edit{'' if edits == 1 else 's'}"
    return f"{of} in {documents:,} document{'' if documents == 1 else 's'}"


def told_more(what: str, was: int, now: int) -> str:
    """How many more or fewer there are of something.

    >>> told_more("edit", 3, 3), told_more("edit", 3, 4)
    ('as many edits (3)', '1 more edit (3 → 4)')
    """
    if was == now:
        return f"as many {what}s ({now:,})"
    many = abs(now - was)
    return f"{many:,} {'more' if now > was else 'fewer'} {what}{'' if many == 1 else 's'} ({was:,} → {now:,})"


def rules_of(corpus: Corpus) -> dict[str, dict[str, int]]:
    """The counts of each rule, by stage and rule."""
    return {
        f"{stage.stage} {rule}": counts
        for stage in corpus.stages
        for rule, counts in stage.report["counts"]["rules"].items()
    }


def told_making(old: Corpus, new: Corpus) -> Iterator[tuple[str, list[tuple[str, Any, Any]]]]:
    """Settings, versions and tables that differ, each as name, what it was and what it is."""
    both = {stage.stage for stage in old.stages} & {stage.stage for stage in new.stages}
    for name, read in (("settings", settings_of), ("versions", versions_of), ("tables", tables_of)):
        before, after = read(old), read(new)
        if before and after:
            keys = sorted(before.keys() | after.keys())
            found = [(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]
            yield name, [one for one in found if name != "settings" or one[0].split(".")[0] in both]
    stages = [[stage.stage for stage in corpus.stages] for corpus in (old, new)]
    if stages[0] != stages[1]:
        yield "stages", [("run", ", ".join(stages[0]), ", ".join(stages[1]))]


def settings_of(corpus: Corpus) -> dict[str, Any]:
    """The settings of all stages, by stage and key."""
    return {f"{stage.stage}.{key}": value for stage in corpus.stages for key, value in stage.report["settings"].items()}


def versions_of(corpus: Corpus) -> dict[str, Any]:
    """The versions of what shapes the text; where stages were run with several, of each stage."""
    found: dict[str, Any] = {}
    for stage in corpus.stages:
        for name, version in stage.report["versions"].items():
            if found.setdefault(name, version) != version:
                found[f"{name} ({stage.stage})"] = version
    return found


def tables_of(corpus: Corpus) -> dict[str, Any]:
    """The SHA-256 of each table that a version was made with, its beginning; a stage folder says nothing of them."""
    tables = (corpus.manifest or {}).get("tables")
    return {name: str(digest)[:16] for name, digest in tables.items()} if isinstance(tables, dict) else {}
