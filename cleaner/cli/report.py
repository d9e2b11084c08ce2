"""The command that shows a corpus: `report`."""

from pathlib import Path
from typing import Annotated

import typer

from cleaner.cli.check import examine
from cleaner.cli.options import CORES, ConfigFile, Folder, Workers, load_settings


def report(
    folder: Folder,
    out: Annotated[
        Path | None,
        typer.Argument(
            metavar="OUT.html", help="The page to write; without it, one in the current folder, such as clean-v1.html."
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Leave out the claims; examining them takes most of the time.")
    ] = False,
    config: ConfigFile = None,
    workers: Workers = CORES,
) -> None:
    """Show on one page what happened, for a person to look at.

    The flow through the stages, what each rule changed with examples, the copies and how they differ, what was
    dropped and why, the claims. One HTML file that needs no network; of a large corpus it shows samples.
    """
    from cleaner.check.parents import parent_of
    from cleaner.files.corpus import open_corpus
    from cleaner.files.pages import place_for, write_page
    from cleaner.report import build_page

    corpus = open_corpus(folder)
    place = place_for(corpus.folder, out)
    findings = [] if no_check else examine(corpus, parent_of(corpus), load_settings(config).check, workers)
    write_page(place, build_page(corpus, corpus.name, findings))
    typer.echo(str(place))
    if show:
        import webbrowser

        webbrowser.open(place.resolve().as_uri())
