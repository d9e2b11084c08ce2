"""What a worker of a cluster is sent: a job, and what it must have in common with the one who leads the run.

    lead            `parcel.pack`: the job in bytes, all paths in it absolute, as each worker has a folder of its own
    worker          `perform`: is this the same cleaner? are these the same files? then the job; its result in bytes
    lead            `unpack`: the result, or the error, raised here as if it had come about here

Errors come back as results: an engine is to do a job again when a worker died, and not when a text was at fault.
Results come back in bytes, too, so that arrays can be written to here as if they had been made here.
"""

import functools
import pickle
import platform
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.engines.parcel import PICKLE, opened
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files import code_digest
from cleaner.files.arrow import load_arrow
from cleaner.files.raw import RawFile
from cleaner.files.resume import plan_in
from cleaner.provenance import versions


class Terms(NamedTuple):
    """What a worker must have in common with the one who leads, named as a sentence names it."""

    lead: str  # the host
    versions: tuple[tuple[str, str], ...]

    @classmethod
    def ours(cls) -> "Terms":
        return cls(platform.node(), (*versions().items(), ("the code of cleaner", code_digest()[:12])))


class Sight(NamedTuple):
    """What the lead sees of the files of a job, and a worker must see, too."""

    file: Path | None = None  # the first that the job reads
    size: int = 0  # bytes
    folder: Path | None = None  # the one that it writes into
    plan: bytes = b""  # what stands in a file there


class Failed(NamedTuple):
    """What went wrong in a job."""

    error: Exception


def look(job: Any) -> Sight:
    """What is seen here of the files of a job. Raises BadDataError when a shard of an earlier stage is gone."""
    file, folder = first_input(job), getattr(job, "folder", None)
    sight = Sight(folder=folder.absolute(), plan=plan_in(folder)) if folder is not None else Sight()
    if file is None or not file.exists():
        if isinstance(getattr(job, "source", None), Path):
            raise BadDataError(f"{file} is gone: it was removed during the run; the same command makes it again")
        return sight  # of a raw file, decode says that it cannot be read
    return sight._replace(file=file.absolute(), size=file.stat().st_size)


def first_input(job: Any) -> Path | None:
    """The first file that a job reads, as far as it names one."""
    if isinstance(job, Path):
        return job
    if isinstance(job, RawFile):
        return job.path
    if isinstance(job, list | tuple):
        return first_input(job[0]) if job else None
    if hasattr(job, "corpus"):
        return first_input(job.corpus.stages[-1].documents)
    return first_input(job.source) if hasattr(job, "source") else None


def perform(parcel: bytes, terms: Terms, sight: Sight, node: str, *common: bytes) -> bytes:
    """Do a job on a worker, if this worker is one that may; an empty parcel only asks whether it is.

    `node` is what errors call it, if it is known. `common` is what the job has in common with others.
    """
    where = node or platform.node()
    try:
        refuse_other_versions(terms, where)
        refuse_other_files(sight, terms.lead, where)
        if not parcel:
            return pickle.dumps(None, PICKLE)
        function, job = opened(parcel, common)
        return pickle.dumps(function(job), PICKLE)
    except Exception as error:
        return told(error, where)


def told(error: Exception, node: str) -> bytes:
    """An error as it is sent. One that is not expected has a traceback with it."""
    if not isinstance(error, WrongUseError | BadDataError | OSError | MemoryError):
        error.add_note(f"on {node}:\n{''.join(traceback.format_exception(error))}")
    try:
        sent = pickle.dumps(Failed(error), PICKLE)
        pickle.loads(sent)
    except Exception:  # some errors of libraries cannot be sent
        return pickle.dumps(Failed(RuntimeError("".join(traceback.format_exception(error)))), PICKLE)
    return sent


def unpack(sent: bytes) -> Any:
    """What came of a job. Raises the error that it ended with."""
    found = pickle.loads(sent)
    if isinstance(found, Failed):
        raise found.error
    return found


@functools.lru_cache(maxsize=8)
def refuse_other_versions(terms: Terms, node: str) -> None:
    """Raise WrongUseError unless this process would make the same bytes as the lead."""
    load_arrow()
    ours, theirs = dict(Terms.ours().versions), dict(terms.versions)
    for name in theirs | ours:
        here, there = ours.get(name, "none"), theirs.get(name, "none")
        if here != there:
            raise WrongUseError(
                f"{name} is {there} on {terms.lead}, which leads the run, and {here} on the worker {node}; "
                "install the same versions on both"
            )


def refuse_other_files(sight: Sight, lead: str, node: str) -> None:
    """Raise WrongUseError unless this process sees the same files as the lead."""
    unseen: Sequence[Path] = ()
    if sight.file is not None and (not sight.file.is_file() or sight.file.stat().st_size != sight.size):
        unseen = (sight.file,)
    if sight.folder is not None and plan_in(sight.folder) != sight.plan:
        unseen = (sight.folder,)
    for path in unseen:
        raise WrongUseError(
            f"the worker {node} does not see {path} as {lead} does, which leads the run; raw texts, --work and "
            "versions must lie where all workers find them under the same path"
        )
