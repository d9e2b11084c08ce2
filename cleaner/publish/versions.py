"""What lies in a folder of versions: the whole ones, the broken ones, and what killed publishers left behind.

clean/v1 v2 …            the versions; whole if there is a manifest
      latest             the name of the newest whole one
      .lock              held while somebody publishes
      .v3.partial        left by a publisher that was killed; the next one removes it
                         (in a store a note that v3, which has no manifest yet, is being written)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cleaner.errors import BadDataError, WrongUseError
from cleaner.files.corpus import VERSION, read_latest
from cleaner.files.manifest import NAME, read_manifest
from cleaner.files.stored import without_unfinished
from cleaner.places import lies_in

STRANGERS = "{folder} holds {name}, which cleaner did not put there; choose a folder for versions alone"
AT_HOME = re.compile(r"v\d+|latest|\w+\.md|\..*")  # what may lie in a folder of versions
LEFT_BEHIND = re.compile(r"\.v\d+\.partial.*|\.latest\.partial")


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it lies there. Of a broken one there is only the name, the size and the problem."""

    version: str
    created: str = ""  # ISO 8601, UTC
    documents: int = 0
    characters: int = 0
    bytes: int = 0  # of all its files on the disk
    parent: str | None = None
    forced: bool = False  # published although claims did not hold
    latest: bool = False
    problem: str = ""  # why it cannot be read


def refuse_bad_clean(source: Path, clean: Path) -> None:
    """Refuse a folder of versions that lies in the input, around it, or is somebody's already."""
    here, there = source.resolve(), clean.resolve()
    if lies_in(there, here):
        raise WrongUseError(f"the output {clean} lies inside the input {source}; choose a folder beside it")
    refuse_strangers(clean)


def refuse_strangers(clean: Path) -> None:
    """Refuse to publish into a folder that is somebody's already."""
    if clean.exists() and not clean.is_dir():
        raise WrongUseError(f"the output {clean} is a file, not a folder")
    if clean.is_dir():
        for name in sorted(path.name for path in clean.iterdir()):
            if not AT_HOME.fullmatch(name):
                raise WrongUseError(STRANGERS.format(folder=clean, name=name))


def list_versions(clean: Path) -> Iterator[Version]:
    """All versions, the oldest first. Raises WrongUseError when the folder is not there or holds none."""
    if not clean.is_dir():
        raise WrongUseError(f"there is no folder {clean}")
    names = sorted(named_versions(clean), key=number_of)
    if not names:
        raise WrongUseError(f"{clean} holds no versions; make one with `cleaner run` or `cleaner publish`")
    latest = read_latest(clean)
    for name in names:
        yield describe_version(clean / name, name == latest)


def describe_version(folder: Path, is_latest: bool) -> Version:
    """One version, by its manifest."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if not (folder / NAME).is_file():
        return Version(folder.name, bytes=size, latest=is_latest, problem=f"{folder} has no {NAME}")
    try:
        manifest = read_manifest(folder / NAME)
    except (BadDataError, WrongUseError) as error:
        return Version(folder.name, bytes=size, latest=is_latest, problem=str(error))
    return Version(
        folder.name,
        manifest.created,
        manifest.documents,
        manifest.characters,
        size,
        manifest.parent,
        manifest.forced,
        is_latest,
    )


def newest_version(clean: Path) -> str | None:
    """The name of the newest whole version, or None."""
    whole = [name for name in named_versions(clean) if (clean / name / NAME).is_file()]
    return max(whole, key=number_of, default=None)


def next_version(clean: Path) -> str:
    """The name of the version to come: beyond all that there are, broken ones too, and beyond what `latest` names.

    Somebody may have the version that is gone from here, so its name is not given again.
    """
    latest = read_latest(clean)
    return f"v{max(map(number_of, [*named_versions(clean), *([latest] if latest else [])]), default=0) + 1}"


def named_versions(clean: Path) -> list[str]:
    """The names of all versions, whole or not, in no order."""
    if not clean.is_dir():
        return []
    return [path.name for path in without_unfinished(list(clean.iterdir())) if VERSION.fullmatch(path.name)]


def leftovers(clean: Path) -> list[Path]:
    """What killed publishers left behind, in order. While somebody publishes, it is what they are building."""
    return sorted(path for path in clean.iterdir() if LEFT_BEHIND.fullmatch(path.name))


def number_of(name: str) -> int:
    """The number of a version.

    >>> number_of("v12")
    12
    """
    return int(name[1:])
