"""The commands about an index of what versions have: `index add` and `index compact`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cleaner.cli.options import AS_USUAL, ConfigFile, Machine, print_lines, with_options_of
from cleaner.places import place

index = typer.Typer(
    help="Keep an index of what versions have, for batches to come: cleaner dedup IN OUT --against INDEX.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Index = Annotated[Path, typer.Argument(parser=place, metavar="INDEX", help="Folder of the index.")]


@index.command()
@with_options_of(Machine)
def add(
    folder: Index,
    version: Annotated[Path, typer.Argument(parser=place, metavar="VERSION", help="A version, as clean/v2.")],
    replace: Annotated[bool, typer.Option("--replace", help="What this version has not is known no longer.")] = False,
    config: ConfigFile = None,
    machine: Machine = AS_USUAL,
) -> None:
    """Add the documents of a version that the index has not; the index is made if there is none."""
    from cleaner.dedup.index import add as added
    from cleaner.jobs import run_jobs

    settings, workers = machine.start(config)
    print_lines(added(folder, version, settings.dedup, partial(run_jobs, workers=workers), replace))


@index.command()
def compact(folder: Index) -> None:
    """Merge the runs of an index into one, without what is known no longer; the answers stay the same."""
    from cleaner.dedup.index import compact as compacted

    print_lines(compacted(folder))
