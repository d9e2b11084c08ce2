"""The report as one HTML page that needs nothing else: no network, no framework, and no script to be read.

The page is built in four steps: the reports of the stages are there already; `survey` looks over the whole corpus
once and chooses what to show; `story` fetches that; and each section is written by the module that knows about it.
`page.css` and `page.js` stand beside this module and are put into the page. Its Content-Security-Policy names their
hashes, so nothing else can be loaded or run, whatever stands in the texts. With the same corpus the page has the
same bytes: there is no time, path or host in it.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cleaner.files.corpus import Corpus
from cleaner.files.pages import OURS, read_asset
from cleaner.report.copies import copies_section
from cleaner.report.documents import documents_section
from cleaner.report.flow import flow_section
from cleaner.report.leaving import drops_section, links_section
from cleaner.report.made import checks_section, holding, made_section
from cleaner.report.markup import counted, number, percent, visible
from cleaner.report.rules import rules_section
from cleaner.report.story import Story, tell
from cleaner.report.survey import Survey, survey
from cleaner.report.texts import readings_section, texts_section

if TYPE_CHECKING:
    from cleaner.check import Finding

ENDING = "Made by cleaner. This page holds all it needs and asks nothing of any network."
NOTHING = (
    "<p id='nothing' class='lead' hidden>Nothing on this page has these words. Of a large corpus it shows samples; "
    "<code>cleaner cat FOLDER --jsonl</code> has all of it.</p>"
)
CONTENTS = {
    "flow": "Stages",
    "texts": "Texts",
    "readings": "Encodings",
    "rules": "Rules",
    "copies": "Copies",
    "dropped": "Dropped",
    "links": "Parts",
    "documents": "Documents",
    "checks": "Claims",
    "made": "Made",
}


def build_page(
    corpus: Corpus,
    name: str,
    findings: Sequence["Finding"] = (),
    parent: str | None = None,
    found: Survey | None = None,
    workers: int = 1,
) -> str:
    """The whole page for a stage folder or version; `findings` are what `cleaner.check.check` found.

    `parent` is the version before, of one that is being made and has no manifest yet. `found` is the survey of the
    corpus, if the caller has made it. So many `workers` fetch the texts that are shown.
    """
    parent = parent or (corpus.manifest or {}).get("parent")
    stages = [stage.report for stage in corpus.stages]
    found = found or survey(corpus, workers)
    story = tell(corpus, found, workers)
    body = sections(corpus, found, story) + "\n" + checks_section(findings) + "\n" + made_section(corpus, parent)
    links = "".join(
        f"<a href='#{key}'>{title}</a>" for key, title in CONTENTS.items() if f"<section id='{key}'" in body
    )
    style, script = (read_asset(kind) for kind in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src '{digest_of(style)}'; script-src '{digest_of(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">{OURS.decode()}'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta name='referrer' content='no-referrer'><meta name='color-scheme' content='light dark'>"
        f"<title>{visible(name)} – cleaner</title><style>{style}</style></head>\n<body>"
        f"{top(name, stages)}<main id='top'><h1>{visible(name)}</h1>{headline(stages, found, findings)}"
        f"<nav aria-label='Contents'>{links}</nav>{NOTHING}{body}</main><footer>{ENDING}</footer>"
        f"<script>{script}</script></body></html>\n"
    )


def sections(corpus: Corpus, found: Survey, story: Story) -> str:
    """All parts of the page that are about the texts, in order."""
    stages = [stage.report for stage in corpus.stages]
    return "\n".join(
        [
            flow_section(stages),
            texts_section(stages, found),
            readings_section(stages[0].get("readings", {}), found),
            rules_section(stages, story.examples),
            copies_section(stages, found, story),
            drops_section(stages, story),
            links_section(stages),
            documents_section(found, story, stages[-1]["counts"]["kept"]),
        ]
    )


def digest_of(content: str) -> str:
    """The hash by which a Content-Security-Policy knows a style or script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def top(name: str, stages: list[dict[str, Any]]) -> str:
    """The bar that stays: what is open, the search, the stages to choose from, light or dark. It works by script."""
    options = "".join(f"<option>{visible(stage['stage'], 80)}</option>" for stage in stages)
    return (
        f"<header><a class='home' href='#top'>{visible(name)}</a><div class='tools' hidden>"
        "<input id='search' type='search' placeholder='Search rules, examples, copies, documents  ( / )' "
        "aria-label='Search this page' autocomplete='off' spellcheck='false'>"
        f"<select id='stage' aria-label='Stage'><option value=''>all stages</option>{options}</select>"
        "<output id='matches' aria-live='polite'></output>"
        "<button id='theme' type='button' aria-label='Light or dark' title='Light or dark'>◐</button></div></header>"
    )


def headline(stages: list[dict[str, Any]], found: Survey, findings: Sequence["Finding"]) -> str:
    """The numbers that one would ask for first."""
    first, last = stages[0]["counts"], stages[-1]["counts"]
    came, kept = first["documents_in"], last["kept"]
    summary = (
        f"{counted(came, 'document')} in · {kept:,} kept · {came - kept:,} dropped · "
        f"{counted(first['characters_in'], 'character')} in · {last['characters_out']:,} out"
    )
    edits = sum(rule["edits"] for stage in stages for rule in stage["counts"]["rules"].values())
    copies = sum(found.victims.values())
    figures = [
        (number(kept), "documents kept", f"{percent(kept, came)} of {number(came)}"),
        (
            number(last["characters_out"]),
            "characters kept",
            f"{percent(last['characters_out'], first['characters_in'])} of {number(first['characters_in'])}",
        ),
        (number(edits), "edits", f"{counted(found.untouched, 'document')} untouched"),
        (number(came - kept), "documents dropped", f"{number(copies)} for another that stays"),
    ]
    if findings:
        hold, asked = holding(findings)
        figures.append(
            (f"{hold} of {asked}", "claims and guards hold", "all of them" if hold == asked else "see below")
        )
    cells = "".join(
        f"<div><dd>{value}</dd><dt>{title}<small>{more}</small></dt></div>" for value, title, more in figures
    )
    return f"<p class='lead' id='summary'>{summary}</p><dl class='figures'>{cells}</dl>"
