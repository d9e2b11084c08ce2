"""The commands that only look: `cat`, `explain`, `diff`, `similar`."""

import enum
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cleaner.cli.options import ConfigFile, Folder, load_settings, print_lines, with_options_of
from cleaner.errors import BadDataError, StoreError, WrongUseError
from cleaner.places import place as place_of


class Color(enum.StrEnum):
    """When to use colours."""

    auto = "auto"
    always = "always"
    never = "never"


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


@dataclass(frozen=True, slots=True)
class Place:
    """The options of `explain` that ask where a character comes from or went to."""

    at: Annotated[
        int | None,
        typer.Option(
            metavar="OFFSET", help="Where this character of the text comes from: edits, file, byte, encoding."
        ),
    ] = None
    byte: Annotated[
        int | None, typer.Option(metavar="OFFSET", help="The way back: where this byte of the raw file went to.")
    ] = None
    raw: Annotated[
        Path | None,
        typer.Option(parser=place_of, metavar="RAW", help="With --at or --byte: compare with the file in this folder."),
    ] = None


@with_options_of(Place)
def explain(
    folder: Folder,
    document: Annotated[str, typer.Argument(metavar="ID", help="Id, beginning of an id, or path below raw/.")],
    everything: Annotated[bool, typer.Option("--all", help="Show every edit, not the first of each rule.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line for each edit.")] = False,
    place: Place = Place(),
) -> None:
    """What happened to one document.

    Stage by stage and rule by rule, before and after; of a copy, how it differs from the one that stays. Offsets count
    characters (code points) of the text in FOLDER from 0, and bytes of the raw file from 0.
    """
    from cleaner.explain import explain as lines_about
    from cleaner.explain import explain_byte, explain_edits, explain_offset
    from cleaner.files.corpus import open_corpus

    if (place.at is not None) + (place.byte is not None) + jsonl > 1:
        raise WrongUseError("give one of --at, --byte and --jsonl")
    if place.raw is not None and place.at is None and place.byte is None:
        raise WrongUseError("--raw goes with --at or --byte")
    corpus = open_corpus(folder)
    if place.at is not None:
        print_lines(explain_offset(corpus, document, place.at, place.raw))
    elif place.byte is not None:
        print_lines(explain_byte(corpus, document, place.byte, place.raw))
    elif jsonl:
        print_lines(explain_edits(corpus, document))
    else:
        print_lines(lines_about(corpus, document, everything))


def diff(
    old: Annotated[
        Path, typer.Argument(parser=place_of, metavar="OLD", help="Stage folder, version, or folder of versions.")
    ],
    new: Annotated[
        Path, typer.Argument(parser=place_of, metavar="NEW", help="Stage folder, version, or folder of versions.")
    ],
    stat: Annotated[
        bool, typer.Option("--stat", help="Numbers only: by folder, rule, encoding, script; settings, versions.")
    ] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One JSON object a line for each document that differs.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Show all documents and places, not the first.")] = False,
    color: Annotated[
        Color, typer.Option("--color", help="Colours; auto is on a terminal, unless NO_COLOR is set.")
    ] = Color.auto,
) -> None:
    """What changed between two versions.

    Documents that were added, are gone, moved or changed, character by character, and the rules that did more or less.
    Exit code 0 if all documents are the same, 1 if not, 2 if they cannot be compared.
    """
    from cleaner.diff import Verdict, told_diff, told_json, told_stat
    from cleaner.files.corpus import open_corpus

    if stat and jsonl:
        raise WrongUseError("give one of --stat and --jsonl")
    verdict = Verdict()
    try:
        pair = open_corpus(old), open_corpus(new)
        if stat:
            print_lines(told_stat(*pair, verdict, everything))
        elif jsonl:
            print_lines(told_json(*pair, verdict))
        else:
            print_lines(told_diff(*pair, verdict, in_colour(color), everything))
    except (
        BadDataError,
        StoreError,
        OSError,
    ) as error:  # 1 says that they differ, so what goes wrong must be another code
        raise WrongUseError(str(error)) from None
    if verdict.differs:
        raise typer.Exit(1)


def in_colour(color: Color) -> bool:
    """Whether to colour what is printed (no-color.org)."""
    wanted = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return color == Color.always or (color == Color.auto and wanted)


def similar(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A text file, in any encoding.")],
    folder: Annotated[Path, typer.Argument(parser=place_of, metavar="VERSION", help="Version, or folder of versions.")],
    config: ConfigFile = None,
) -> None:
    """Is this text, or part of it, in my corpus already?

    The documents that are most alike, with the passage that they share.
    """
    from cleaner.dedup.similar import similar_to

    print_lines(similar_to(file, folder, load_settings(config)))
