"""The commands about published versions: `versions` lists them, `verify` holds one against its manifest and raw/."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleaner.cli.options import print_lines, say
from cleaner.places import place

if TYPE_CHECKING:  # importing it takes seconds, and `cleaner --help` needs none of it
    from cleaner.publish.versions import Version
    from cleaner.verify import Examined

MOST_SHOWN = 20  # of what breaks a sentence

Jsonl = Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")]


def versions(
    clean: Annotated[Path, typer.Argument(parser=place, metavar="CLEAN", help="Folder of versions.")],
    jsonl: Jsonl = False,
) -> None:
    """List the versions.

    With date, counts, size on disk and parent; broken ones, and what a killed publisher left behind, are named.
    """
    import json
    from dataclasses import asdict

    from cleaner.publish.versions import leftovers, list_versions

    found = list(list_versions(clean))
    print_lines((json.dumps(asdict(one), ensure_ascii=False) for one in found) if jsonl else told_versions(found))
    whole = [one for one in found if not one.problem]
    if whole and not whole[-1].latest:
        said = f"does not name the newest version, {whole[-1].version}; the next publish sets it right"
        say([f"{clean / 'latest'} {said}"])
    for path in leftovers(clean):
        say([f"{path} was left by a publisher that was killed, or one is at work; the next one removes it"])


def told_versions(found: list["Version"]) -> Iterator[str]:
    """The versions in columns, and what is to be said of each."""
    from cleaner.readings import aligned

    rows = [("version", "made", "documents", "characters", "on disk", "parent")]
    rows += [
        (one.version, one.created, f"{one.documents:,}", f"{one.characters:,}", told_size(one.bytes), one.parent or "-")
        if not one.problem
        else (one.version, "-", "-", "-", told_size(one.bytes), "-")
        for one in found
    ]
    remarks = [""]
    for one in found:
        said = ["latest"] * one.latest + ["forced"] * one.forced + [f"broken: {one.problem}"] * bool(one.problem)
        remarks.append(", ".join(said))
    yield from (f"{line}  {remark}".rstrip() for line, remark in zip(aligned(rows), remarks, strict=True))


def told_size(size: int) -> str:
    """A number of bytes for people.

    >>> told_size(999), told_size(52_128), told_size(3_400_000_000)
    ('999 B', '52.1 kB', '3.4 GB')
    """
    amount, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"


def verify(
    folder: Annotated[
        Path,
        typer.Argument(parser=place, metavar="VERSION", help="Version, or folder of versions: then the latest."),
    ],
    raw: Annotated[
        Path | None,
        typer.Option("--raw", parser=place, metavar="RAW", help="Compare with the files that it was made from, too."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All versions of the folder, and who follows whom.")
    ] = False,
    jsonl: Jsonl = False,
) -> None:
    """Is a version what it says, to the byte?

    Recomputes every digest and count of the manifest. With --raw, every document, kept or dropped, is led back to the
    bytes that it was made from. Names each file and document that is wrong; exit code 1 if there is one.
    """
    from cleaner.files.raw import find
    from cleaner.verify import versions_in

    paths = versions_in(folder, everything)
    if raw is not None:
        find(raw)  # says that it is not there before hours go by
    faults = sum([verify_one(path, raw, jsonl, everything) for path in paths])
    if faults:
        raise typer.Exit(1)


def verify_one(path: Path, raw: Path | None, jsonl: bool, goes_on: bool) -> int:
    """Examine one version and print what was found, as it is found. Returns the number of faults."""
    import json

    from cleaner.errors import BadDataError, StoreError, WrongUseError
    from cleaner.verify import as_row, notes
    from cleaner.verify import verify as examine

    faults, tell = 0, say if jsonl else print_lines
    try:
        for entry in examine(path, raw):
            faults += len(entry.failures)
            print_lines([json.dumps(as_row(path, entry), ensure_ascii=False)] if jsonl else told_examined(entry))
        tell(f"note   {line}" for line in notes(path, raw))
    except (BadDataError, StoreError, WrongUseError) as error:
        if not goes_on:
            raise
        faults += 1
        tell([f"FAILED {error}"])
    tell([f"{path}: {f'{faults:,} faults' if faults > 1 else 'one fault' if faults else 'verified'}"])
    return faults


def told_examined(entry: "Examined") -> Iterator[str]:
    """A sentence, whether it is true, and what it is not true of."""
    state = "FAILED" if entry.failures else "-" if entry.is_skipped else "ok"
    yield f"{state:6} {entry.sentence}{' (not examined)' * entry.is_skipped}"
    for failure in entry.failures[:MOST_SHOWN]:
        where = " ".join(part for part in (failure.id, failure.source) if part)
        yield f"       {where} {failure.found}" if where else f"       {failure.found}"
    if len(entry.failures) > MOST_SHOWN:
        yield f"       … and {len(entry.failures) - MOST_SHOWN:,} more, all of them with --jsonl"
