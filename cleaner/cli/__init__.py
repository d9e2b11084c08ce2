"""The command line: one command per stage, `run` for all of them, and what one needs to look at the result.

Each command parses its arguments, calls one function and prints what came of it. Exit codes: 0 fine, 1 the data or
a check failed, 2 wrong use. What goes wrong is said in a sentence on standard error, never in a traceback.
"""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from cleaner.cli import check, export, look, stages
from cleaner.errors import BadDataError, WrongUseError

app = typer.Typer(
    help="Turn a folder of Chinese texts into a clean, deduplicated, versioned corpus, with every change on record.",
    epilog="For example: cleaner run raw clean && cleaner explain clean news/a.txt",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


# In the order in which `--help` lists them.
COMMANDS = (
    stages.run,
    stages.decode,
    stages.normalize,
    stages.simplify,
    stages.repair,
    stages.dedup,
    stages.publish,
    check.check,
    look.cat,
    look.explain,
    look.diff,
    look.similar,
    export.export,
)
for command in COMMANDS:
    app.command()(command)


@app.callback(invoke_without_command=True)
def start(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        import cleaner

        typer.echo(f"cleaner {cleaner.__version__}")
        raise typer.Exit


def guarded(command: Callable[[], None]) -> int:
    """Run the command line and turn what went wrong into a sentence and an exit code."""
    try:
        command()
    except (WrongUseError, BadDataError) as error:
        sys.stderr.write(f"cleaner: {error}\n")
        return 2 if isinstance(error, WrongUseError) else 1
    except (OSError, MemoryError) as error:
        sys.stderr.write(f"cleaner: {error or 'out of memory'}\n")
        return 1
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def main() -> None:
    """The console script `cleaner`."""
    sys.exit(guarded(app))
