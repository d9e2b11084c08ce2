"""The report page as a file: what is put into it, and where it may be written.

Never into a version or a stage folder, and never over a file that is not such a page.
"""

from importlib import resources
from pathlib import Path

from cleaner.errors import WrongUseError
from cleaner.files import write_whole

OURS = b"<meta name='generator' content='cleaner report'>"  # by which a page is known
HEAD = 4096  # bytes from the beginning in which it stands


def place_for(folder: Path, out: Path | None) -> Path:
    """The path of the page for a corpus: `out`, or one in this folder named after the corpus and the folder it lies in.

    Raises WrongUseError where a page would change a version or a stage folder, or replace something else.
    """
    here = folder.resolve()
    names = [part for part in (here.parent.name, here.name) if part]
    place = out or Path(f"{'-'.join(names)}.html")
    if place.is_dir():
        raise WrongUseError(f"{place} is a folder; name the page, such as {place / 'report.html'}")
    if not place.parent.is_dir():
        raise WrongUseError(f"there is no folder {place.parent} to write {place.name} into")
    for above in place.resolve().parents:
        if (above / "manifest.json").is_file() or (above / "report.json").is_file() or (above / "latest").is_file():
            raise WrongUseError(f"{place} lies in {above}, which cleaner keeps as it is; name a place outside of it")
    if place.exists() and OURS not in beginning(place):
        raise WrongUseError(f"{place} is there already and is no report of cleaner; name another place")
    return place


def beginning(path: Path) -> bytes:
    """The first bytes of a file."""
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD)
    except OSError as error:
        raise WrongUseError(f"cannot read {path}: {error}") from None


def read_asset(name: str) -> str:
    """A file of cleaner/report/ that is put into the page as it is."""
    return (resources.files("cleaner.report") / name).read_bytes().decode("utf-8")


def write_page(place: Path, page: str) -> None:
    """Write a page whole."""
    write_whole(place, page.encode())
