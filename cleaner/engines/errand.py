"""What a worker of a cluster is sent: a job, and what it must have in common with the one who leads the run.

    lead            `pack`: the job in bytes, all paths in it absolute, as each worker has a folder of its own
    worker          `perform`: is this the same cleaner? are these the same files? then the job; its result in bytes
    lead            `unpack`: the result, or the error, raised here as if it had come about here

Errors come back as results: an engine is to do a job again when a worker died, and not when a text was at fault.
Results come back in bytes, too, so that arrays can be written to here as if they had been made here.
"""

import copyreg
import functools
import io
import pickle
import platform
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.dedup.boilerplate import Sieve
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files import code_digest
from cleaner.files.arrow import load_arrow
from cleaner.files.raw import RawFile
from cleaner.files.resume import plan_in
from cleaner.provenance import versions
from cleaner.repair.links import Joins
from cleaner.repair.witnesses import Answers, Questions

PICKLE = 5  # the protocol
COMMON = (Questions, Answers, Joins, Sieve)  # as large as the corpus makes them, and the same for all shards


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


class Shelf:
    """What all jobs of a pass have in common: it is brought to the cluster once, and jobs name where it lies."""

    def __init__(self, bring: Callable[[bytes], Any]) -> None:
        self.bring = bring
        self.known: dict[int, tuple[Any, Any]] = {}  # by identity: the object, which stays as long, and its place

    def place_of(self, common: Any) -> Any:
        """Where an object lies on the cluster."""
        if id(common) not in self.known:
            self.known[id(common)] = (common, self.bring(pickle.dumps(common, PICKLE)))
        return self.known[id(common)][1]


def pack(function: Callable[[Any], Any], job: Any, shelf: Shelf | None = None) -> tuple[bytes, list[Any]]:
    """A job as it is sent, with what is to be done with it, and the places of what it has in common with others."""
    stream, places = io.BytesIO(), list[Any]()
    pickler = pickle.Pickler(stream, PICKLE)
    pickler.dispatch_table = copyreg.dispatch_table | {type(Path()): absolute}

    def number_of(value: Any) -> int | None:
        if shelf is None or not isinstance(value, COMMON):
            return None
        places.append(shelf.place_of(value))
        return len(places) - 1

    pickler.persistent_id = number_of  # type: ignore[method-assign]  # as it is documented
    pickler.dump((function, job))
    return stream.getvalue(), places


def absolute(path: Path) -> tuple[Callable[[str], Path], tuple[str]]:
    """How a path is sent."""
    return Path, (str(path.absolute()),)


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
        unpickler = pickle.Unpickler(io.BytesIO(parcel))
        unpickler.persistent_load = lambda number: pickle.loads(common[number])  # type: ignore[method-assign]  # as above
        function, job = unpickler.load()
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
