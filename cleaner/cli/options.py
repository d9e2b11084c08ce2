"""What the commands share: their arguments, reading the settings, and printing."""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from cleaner.engines import IN_USE, PATIENCE, Engine, Place, engine
from cleaner.places import place
from cleaner.progress import LOG, LogFormat, tell, tell_stage

RAW = typer.Argument(
    parser=place, metavar="RAW", help="Folder of raw texts (.txt .html .jsonl[.gz|.zst] .parquet), or one file."
)
OUT = typer.Argument(parser=place, metavar="OUT", help="Stage folder to write; an older one is replaced.")
Raw = Annotated[Path, RAW]
In = Annotated[Path, typer.Argument(parser=place, metavar="IN", help="Stage folder to read.")]
Out = Annotated[Path, OUT]
Clean = Annotated[
    Path, typer.Argument(parser=place, metavar="CLEAN", help="Folder of versions; the new one is added to it.")
]
Folder = Annotated[
    Path, typer.Argument(parser=place, metavar="FOLDER", help="Stage folder, version, or folder of versions.")
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings; without it cleaner.toml, if there is one.")
]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Processes to use. The result is the same for any number.")
]
Only = Annotated[
    str | None, typer.Option("--only", metavar="ID", help="Say what is done to this document, and why; write nothing.")
]
All = Annotated[bool, typer.Option("--all", help="With --only: everything, not only the first.")]


Memory = Annotated[
    str | None,
    typer.Option(
        "--memory", metavar="SIZE", help="Use no more than this, such as 4GB; with fewer processes if need be."
    ),
]
EngineName = Annotated[
    Engine, typer.Option("--engine", help="Who does the work: processes of this machine, or a cluster of Ray or Dask.")
]
Address = Annotated[
    str,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="Of the cluster; without it --engine ray and dask start one on this machine, for this run.",
    ),
]
Patience = Annotated[
    float,
    typer.Option("--timeout", min=1, metavar="SECONDS", help="How long to wait while no worker of a cluster is alive."),
]
Told = Annotated[
    LogFormat, typer.Option("--log-format", help="json: one object a line on standard error, for machines.")
]


@dataclass(frozen=True, slots=True)
class Machine:
    """The options that say how much of the machine is used, and how it is told what happens."""

    workers: Workers = CORES
    memory: Memory = None
    log_format: Told = LogFormat.text
    engine: EngineName = Engine.local
    address: Address = ""
    timeout: Patience = PATIENCE

    def start(self, config: Path | None, raw: Path | None = None) -> tuple[Any, int]:
        """Begin to work, on raw texts if there are some. Returns the settings, and how many processes to use."""
        from cleaner.files.arrow import load_arrow

        LOG.start(self.log_format)
        settings = load_settings(config)
        load_arrow()
        workers = self.limited_workers(settings, raw)
        place = Place(self.engine, self.address, workers, self.timeout)
        IN_USE.until_end.enter_context(engine(place))
        return settings, workers

    def limited_workers(self, settings: Any, raw: Path | None) -> int:
        """How many processes to use. Of a stage folder it is only known how large its shards are at most."""
        from cleaner.files.pieces import largest_shard
        from cleaner.files.raw import find
        from cleaner.memory import limited, read_size

        if self.memory is None:
            return self.workers
        memory, most = read_size(self.memory), settings.decode.shard_bytes
        workers = limited(memory, self.workers, largest_shard(find(raw)[0], most) if raw else most)
        if workers < self.workers:
            say([f"{self.memory} of memory are enough for {workers} of {self.workers} processes"])
        return workers


AS_USUAL = Machine()


def with_options_of(kind: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let the last parameter of a command be a dataclass, each of whose fields is an option of its own."""

    def widened(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(kind, include_extras=True)
        *before, last = inspect.signature(command).parameters.values()
        options = [
            inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name])
            for one in fields(kind)
        ]

        @functools.wraps(command)
        def call(**given: Any) -> None:
            chosen = kind(**{one.name: given.pop(one.name) for one in fields(kind)})
            command(**given, **{last.name: chosen})

        vars(call)["__signature__"] = inspect.Signature([*before, *options])  # which typer reads
        call.__annotations__ = {one.name: one.annotation for one in [*before, *options]}
        return call

    return widened


def load_settings(path: Path | None) -> Any:
    """The settings of a file, or of cleaner.toml, or the defaults."""
    from cleaner.config import Config, beside, default_file, parse
    from cleaner.files import read_settings

    chosen = path or default_file()
    return beside(parse(read_settings(chosen), str(chosen)), chosen.parent) if chosen else Config()


def print_lines(lines: Iterable[str]) -> None:
    """Print lines on standard output, until the reader (`| head`) has had enough."""
    try:
        for line in lines:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(lines: Iterable[str]) -> None:
    """Print news on standard error."""
    for line in lines:
        if LOG.is_for_machines:
            tell("note", message=line.strip())
        else:
            typer.echo(line, err=True)


def say_stage(report: dict[str, Any]) -> None:
    """Print what there is to say about a finished stage."""
    from cleaner.summary import told_stage

    if LOG.is_for_machines:
        tell_stage(report)
    else:
        say(told_stage(report))
