"""The command that looks ahead: `estimate`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cleaner.cli.options import CORES, ConfigFile, Raw, Workers, load_settings, print_lines


def estimate(
    raw: Raw,
    config: ConfigFile = None,
    workers: Workers = CORES,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with bytes and seconds.")] = False,
) -> None:
    """Say what a run will take: time, memory, disk.

    Runs all stages over a sample of the inputs, in a scratch folder that is removed. Nothing else is written.
    """
    from cleaner.estimate import estimate as estimated
    from cleaner.estimate import told

    found = estimated(raw, load_settings(config), workers)
    print_lines([json.dumps(asdict(found))] if as_json else told(found))
