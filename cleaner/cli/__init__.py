"""The command line: one command per stage, `run` for all of them, and what one needs to look at the result.

Each command parses its arguments, calls one function and prints what came of it. Exit codes: 0 fine, 1 the data or
a check failed, 2 wrong use. What goes wrong is said in a sentence on standard error, never in a traceback.
"""

import errno
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from cleaner.cli import check, estimate, export, index, look, report, stages, versions
from cleaner.engines import IN_USE
from cleaner.errors import BadDataError, EditedManifestWarning, Stopped, StoreError, WrongUseError
from cleaner.progress import LOG, tell
from cleaner.worker import collect_rarely, leave_cycles

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
    estimate.estimate,
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
    report.report,
    versions.versions,
    versions.verify,
    export.export,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(index.index, name="index")


GO_ON = "the same command goes on with what is left to do"


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
    LOG.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", EditedManifestWarning)
            warnings.showwarning = show_warning
            with IN_USE.until_end:
                command()
    except (WrongUseError, BadDataError, StoreError) as error:
        return failed(str(error), 2 if isinstance(error, WrongUseError) else 1)
    except Stopped as stop:
        return failed(f"stopped; {GO_ON}", 128 + stop.signal_number)
    except (OSError, MemoryError) as error:
        return failed(told_failure(error), 1)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def failed(message: str, code: int) -> int:
    """Say what went wrong. Returns the exit code."""
    if LOG.is_for_machines:
        tell("error", message=message, code=code)
    else:
        sys.stderr.write(f"cleaner: {message}\n")
    return code


def told_failure(error: OSError | MemoryError) -> str:
    """What the system could not do, and what helps."""
    if isinstance(error, MemoryError):
        return f"out of memory; with fewer --workers or a smaller decode.shard_bytes, {GO_ON}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full ({error}); make room, then {GO_ON}"
    return str(error)


def stop(number: int, _: object) -> NoReturn:
    """What a signal does: the stage cleans up behind itself, and the workers are stopped."""
    raise Stopped(number)


def show_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object, **__: object
) -> None:
    """Say a warning of ours in a sentence; those of others say where they come from."""
    is_ours = issubclass(category, EditedManifestWarning)
    where = "" if is_ours else f"{filename}:{lineno}: {category.__name__}: "
    if LOG.is_for_machines:
        tell("warning", message=f"{where}{message}")
    else:
        sys.stderr.write(f"{where or 'cleaner: '}{message}\n")


def main() -> None:
    """The console script `cleaner`."""
    collect_rarely()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it would look through all packages for some
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # it would start a thread for each core, which waits by spinning
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    code = guarded(app)
    leave_cycles()
    sys.exit(code)
