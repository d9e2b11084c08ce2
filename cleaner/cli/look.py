"""The commands that only look: `cat`, `explain`, `diff`, `similar`."""

from pathlib import Path
from typing import Annotated

import typer

from cleaner.cli.options import ConfigFile, Folder, load_settings, print_lines


def cat(
    folder: Folder,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One JSON object a line: id, source, text and the rest.")
    ] = False,
    dropped: Annotated[bool, typer.Option("--dropped", help="The documents that were dropped, instead.")] = False,
) -> None:
    """Print the documents, in order."""
    from cleaner.files.corpus import open_corpus
    from cleaner.summary import told_documents

    print_lines(told_documents(open_corpus(folder), jsonl, dropped))


def explain(
    folder: Folder,
    document: Annotated[str, typer.Argument(metavar="ID", help="Id, beginning of an id, or path below raw/.")],
    everything: Annotated[bool, typer.Option("--all", help="Show every edit, not the first of each rule.")] = False,
) -> None:
    """What happened to one document.

    Stage by stage and rule by rule, before and after; of a copy, how it differs from the one that stays.
    """
    from cleaner.explain import explain as lines_about
    from cleaner.files.corpus import open_corpus

    print_lines(lines_about(open_corpus(folder), document, everything))


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Version or stage folder.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Version or stage folder.")],
) -> None:
    """What changed between two versions."""
    from cleaner.explain import compare
    from cleaner.files.corpus import open_corpus

    print_lines(compare(open_corpus(old), open_corpus(new)))


def similar(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A text file, in any encoding.")],
    folder: Annotated[Path, typer.Argument(metavar="VERSION", help="Version, or folder of versions.")],
    config: ConfigFile = None,
) -> None:
    """Is this text, or part of it, in my corpus already?

    The documents that are most alike, with the passage that they share.
    """
    from cleaner.dedup.similar import similar_to

    print_lines(similar_to(file, folder, load_settings(config)))
