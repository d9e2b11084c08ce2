"""The dataset card (README.md) of a version, or of a folder for a hub: what it holds, how it was made, what to know.

A YAML header for machines (`front_matter`), then for people: counts, the stages with their settings, why documents were
dropped, a few beginnings, the limits that the data itself shows, and how to load and check it. Everything is taken from
the corpus and its reports; no time, path or host stands in it, so the same corpus has the same card.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cleaner.config import Config
from cleaner.files.corpus import Corpus, StageFiles
from cleaner.files.raw import named_row
from cleaner.files.tables import DOCUMENTS
from cleaner.report.front_matter import front_matter
from cleaner.report.holdings import SHARES, Holdings, holdings_of
from cleaner.report.markdown import escaped, fenced, some, table

COLUMNS = {
    "id": "Identity of the document, from its path and row; the same in every version.",
    "source": "Path of the file that it came from.",
    "row": "Line or row of a table, or number of a part of a long text; null for a file that is one document.",
    "text": "The text.",
    "encoding": "Character set in which it was found.",
    "script": "Script before conversion: traditional, simplified, mixed, japanese or none.",
    "traditional_characters": "Characters before conversion that only traditional text uses.",
    "simplified_characters": "Characters before conversion that only simplified text uses.",
    "continued_from": "Page that a removed jump line said the article came from.",
    "continued_on": "Page that a removed jump line said the article goes on.",
}
LAYOUT = """`data/` holds the documents, `dropped/` those that were left out with the reason and the document that stays
in their place, `edits/` every change to every text (offsets count code points of the text that the rule saw),
`readings/` the evidence on which each file was read, `passages/` what stands in several documents, `sketches/` what
finds copies of these documents in later batches, `quarantine/` the bytes of inputs that could not be read.
`manifest.json` ties them to the inputs, the settings and the versions of everything that shaped the text. `report.html`
shows what happened."""
LOADING = """{where}:

```python
from datasets import load_dataset
documents = load_dataset("{place}", split="train")

import duckdb
duckdb.sql("SELECT {some} FROM '{place}/data/*.parquet'")

import polars
polars.scan_parquet("{place}/data/*.parquet")
```"""
CHECKING = """`cleaner verify {place}` compares every file with the manifest; with `--raw` it shows that each text leads
back to its bytes. `cleaner check {place}` examines the claims that must hold. `cleaner explain {place} ID` tells the
life of one document, and `cleaner cat {place}` prints them all."""
RIGHTS = """The texts belong to whoever wrote them; cleaner adds no right to use them, so the licence is given as
unknown. What was dropped is not worthless, and what was kept was judged by rules: look at the report before you train
on it."""
BESIDE = """`croissant.json` describes the files and the columns for other readers. It and `export.json` have the
SHA-256 of each file."""
SAMPLED = (
    "The beginnings of a few documents, spread evenly over the corpus; invisible characters are shown by their codes."
)


def build_card(corpus: Corpus, version: str, parent: str | None, held: Holdings | None = None) -> str:
    """The README.md of a version that is to be published from a stage folder. What is `held` the caller may know."""
    held = held or holdings_of(corpus)
    columns = {field.name: str(field.type) for field in DOCUMENTS}
    header = header_of(corpus, held, version, columns, corpus.stages[-1].documents)
    place = f"clean/{version}"
    follows = f" It follows {parent}." if parent else ""
    usage = [
        LOADING.format(where="With `clean` as the folder of versions", place=place, some="id, source, text"),
        columns_table(columns),
        LAYOUT,
        "## How to check it",
        CHECKING.format(place=place),
    ]
    return header + "\n\n".join([*described(corpus, held, version, follows), "## How to load it", *usage]) + "\n"


def build_hub_card(corpus: Corpus, data: list[Path], columns: list[str]) -> str:
    """The README.md of a folder for a hub, with `data` as its Parquet files and these columns."""
    held = holdings_of(corpus, columns)
    # The files do not say that strings are large, so that readers give plain ones.
    kinds = {name: str(DOCUMENTS.field(name).type).removeprefix("large_") for name in columns}
    header = header_of(corpus, held, name_of(corpus), kinds, data)
    loading = LOADING.format(where="With `corpus` as this folder", place="corpus", some=", ".join(columns[:4]))
    usage = [loading, columns_table(kinds), BESIDE]
    return header + "\n\n".join([*described(corpus, held, name_of(corpus), ""), "## How to load it", *usage]) + "\n"


def name_of(corpus: Corpus) -> str:
    """The name of a version, or of the last stage of a folder."""
    return str(corpus.manifest["version"]) if corpus.manifest else corpus.stages[-1].stage


def header_of(corpus: Corpus, held: Holdings, name: str, columns: dict[str, str], files: list[Path]) -> str:
    sizes = {
        "documents": held.documents,
        "bytes": held.bytes,
        "download": sum(path.stat().st_size for path in files),
    }
    return front_matter(f"Chinese texts {name}", "data/*.parquet", columns, sizes) + "\n"


def described(corpus: Corpus, held: Holdings, name: str, follows: str) -> Iterator[str]:
    """The parts of a card that do not depend on where it stands."""
    first, last = corpus.stages[0].report["counts"], corpus.stages[-1].report["counts"]
    yield f"# {escaped(name)}"
    yield (
        f"{last['kept']:,} documents with {last['characters_out']:,} characters, out of {first['documents_in']:,} "
        f"inputs with {first['characters_in']:,} characters.{follows}"
    )
    yield "## What it holds"
    if lengths := held.quantiles():
        heads = ("", "least", *[f"{share:.0%}" for share in SHARES], "most")
        yield table(heads, [("characters of a document", *[f"{length:,}" for length in lengths])])
    yield tally("encoding found", last["encodings"])
    yield tally("script before conversion", last["scripts"])
    yield "## How it was made"
    versions = corpus.stages[-1].report["versions"]
    yield f"By {', '.join(f'{escaped(part)} {escaped(str(number))}' for part, number in versions.items())}."
    yield stage_table(corpus.stages)
    yield settings_told(corpus.stages)
    yield "Dropped:"
    yield reasons_told(corpus.stages)
    if held.samples:
        yield "## Samples"
        yield SAMPLED
    for sample in held.samples:
        where = sample.source if sample.row is None else f"{sample.source}, {named_row(sample.source, sample.row)}"
        yield f"{escaped(where)}{' (cut here)' if sample.is_cut else ''}:"
        yield fenced(sample.text.rstrip("\n"))
    yield "## Limits"
    yield "\n".join(f"- {limit}" for limit in limits_of(corpus.stages)) or "- none that the data shows"
    yield RIGHTS


def columns_table(columns: Iterable[str]) -> str:
    rows = "\n".join(f"| `{name}` | {COLUMNS[name]} |" for name in columns)
    return f"| column | meaning |\n|---|---|\n{rows}"


def tally(title: str, counts: dict[str, int]) -> str:
    """How many documents there are of each kind, most first."""
    rows = [
        (escaped(key) or "not examined", f"{count:,}")
        for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return table((title, "documents"), rows)


def stage_table(stages: list[StageFiles]) -> str:
    """What came to each stage, and what left it."""
    rows = []
    for stage in stages:
        counts = stage.report["counts"]
        edits = sum(rule["edits"] for rule in counts["rules"].values())
        numbers = (counts["documents_in"], counts["kept"], counts["characters_in"], counts["characters_out"], edits)
        rows.append((stage.stage, *[f"{number:,}" for number in numbers]))
    return table(("stage", "documents in", "kept", "characters in", "characters out", "edits"), rows)


def settings_told(stages: list[StageFiles]) -> str:
    """The settings that differ from the defaults."""
    found = [
        f"- `{stage.stage}.{key}` = {escaped(str(value))}"
        for stage in stages
        for key, value in stage.report["settings"].items()
        if value != default_of(stage.stage, key)
    ]
    return (
        "Settings that differ from the defaults:\n\n" + "\n".join(found) if found else "All settings are the defaults."
    )


def default_of(stage: str, key: str) -> Any:
    return getattr(Config(), stage).model_dump(mode="json").get(key)


def reasons_told(stages: list[StageFiles]) -> str:
    """Why documents were dropped, and how many."""
    found = [
        f"- {escaped(reason)} ({stage.stage}): {count:,}"
        for stage in stages
        for reason, count in stage.report["counts"]["dropped"].items()
    ]
    return "\n".join(found) or "- nothing"


def limits_of(stages: list[StageFiles]) -> Iterator[str]:
    """What the reports of the stages say that a reader of the texts should know."""
    reports = {stage.stage: stage.report for stage in stages}
    left = {
        f"`{rule}`": counts["left"]
        for stage in stages
        for rule, counts in stage.report["counts"]["rules"].items()
        if counts.get("left")
    }
    if left:
        which = ", ".join(f"{rule} {count:,}" for rule, count in left.items())
        yield f"Places that rules looked at and left as they are, undecided: {which}."
    yield from reading_limits(reports.get("decode", {}))
    scripts = stages[-1].report["counts"]["scripts"]
    if converted := scripts.get("traditional", 0) + scripts.get("mixed", 0):
        many = some(converted, "document was", "documents were")
        yield f"{many} traditional, wholly or in part, and converted by rules and dictionaries."
    if orphans := len(reports.get("repair", {}).get("orphans", [])):
        yield f"{some(orphans, 'document is', 'documents are')} part of an article whose other part is not here."
    yield from dedup_limits(reports.get("dedup", {}))


def reading_limits(report: dict[str, Any]) -> Iterator[str]:
    """What could not be read, or not wholly."""
    readings = report.get("readings", {})
    aside = {kind: count for kind, count in readings.get("put_aside", {}).items() if kind != "empty"}
    if aside:
        which = ", ".join(f"{kind} {count:,}" for kind, count in aside.items())
        yield f"{some(sum(aside.values()), 'file', 'files')} could not be read ({which}); the bytes are kept."
    if repaired := sum(entry["repaired"] for entry in readings.get("encodings", {}).values()):
        yield f"{some(repaired, 'file was', 'files were')} damaged, and repaired as far as the bytes allowed."


def dedup_limits(report: dict[str, Any]) -> Iterator[str]:
    """What stands more than once, and stays."""
    settings = report.get("settings", {})
    if settings.get("documents"):
        yield f"Copies that are less alike than a similarity of {settings['threshold']} are all here."
    across = report.get("across", {})
    if (count := across.get("passages", 0)) and settings.get("passages") == "report":
        yield f"{some(count, 'passage stands', 'passages stand')} in more than one document."
    if (count := across.get("contained", 0)) and settings.get("contained") == "report":
        yield f"{some(count, 'document stands', 'documents stand')}, almost whole, in a longer one."
    if (lines := report.get("boilerplate", [])) and settings.get("boilerplate") == "report":
        yield f"{some(len(lines), 'line recurs', 'lines recur')} in many documents of a source, as menus do."
