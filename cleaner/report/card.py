"""The dataset card of a version: what it holds, how it was made, what to know before using it."""

from cleaner.files.corpus import Corpus

CARD = """---
language:
- zh
configs:
- config_name: default
  data_files: data/*.parquet
---

# {version}

{kept:,} documents with {characters_out:,} characters, out of {documents_in:,} inputs with
{characters_in:,} characters. Made by cleaner {cleaner}{follows}.

| stage | documents in | kept | characters in | characters out | edits |
|---|--:|--:|--:|--:|--:|
{stages}

Dropped:

{reasons}

## How to use it

```python
import duckdb
duckdb.sql("SELECT id, source, text FROM 'data/*.parquet'")
```

`data/` holds the documents (id, source, row, text, encoding, script, continued_from, continued_on), `dropped/`
those that were left out with the reason and the document that stays in their place, `edits/` every change to every
text (offsets count code points of the text that the rule saw), `readings/` the evidence on which each file was read,
`quarantine/` the bytes of inputs that could not be read. `manifest.json` ties them to the inputs, the settings and
the versions of everything that shaped the text. `report.html` shows what happened. Show one document's history with
`cleaner explain`, all of it with `cleaner cat`.

## Limits

The texts belong to whoever wrote them; cleaner adds no right to use them. What was dropped is not worthless, and
what was kept was judged by rules: look at the report before you train on it.
"""


def build_card(corpus: Corpus, version: str, parent: str | None) -> str:
    """A README.md with the YAML header that dataset hubs read."""
    first, last = corpus.stages[0].report["counts"], corpus.stages[-1].report["counts"]
    stages = "\n".join(
        f"| {stage.stage} | {stage.report['counts']['documents_in']:,} | {stage.report['counts']['kept']:,} "
        f"| {stage.report['counts']['characters_in']:,} | {stage.report['counts']['characters_out']:,} "
        f"| {sum(rule['edits'] for rule in stage.report['counts']['rules'].values()):,} |"
        for stage in corpus.stages
    )
    reasons = "\n".join(
        f"- {reason} ({stage.stage}): {count:,}"
        for stage in corpus.stages
        for reason, count in stage.report["counts"]["dropped"].items()
    )
    return CARD.format(
        version=version,
        kept=last["kept"],
        characters_out=last["characters_out"],
        documents_in=first["documents_in"],
        characters_in=first["characters_in"],
        cleaner=corpus.stages[-1].report["versions"]["cleaner"],
        follows=f"; follows {parent}" if parent else "",
        stages=stages,
        reasons=reasons or "- nothing",
    )
