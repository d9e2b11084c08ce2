"""Places in a store, such as `s3://bucket/folder/file`, with those methods of `pathlib.Path` that cleaner uses.

    StorePath     a place: its name and its parents, what lies there and below it, its bytes
    Reading       a stream of an object's bytes, any part of which can be asked for
    Writing       a stream into a new object, which is there whole when the stream is closed, or not at all

A store has no folders: there is a folder where something lies below it. Nothing that was listed is remembered, so
that what another process wrote is seen. fsspec opens the stores; credentials and addresses are found where their
own programs find them (of S3: AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL and the files in ~/.aws).

That there is no such object is said as of a file. All else that a store refuses is a StoreError: nobody must take a
store that cannot be reached for one in which something is missing or damaged.
"""

import contextlib
import fnmatch
import functools
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import IO, Any, cast

import fsspec

from cleaner.errors import StoreError

CHECKED = "AWS_RESPONSE_CHECKSUM_VALIDATION"
AT_ONCE = {"s3": {"max_concurrency": 1}}  # how to ask for all bytes without asking for the size first
MAGIC = frozenset("*?[]")
BLOCK = 8 << 20  # bytes that are asked for at a time, at least
MISSING = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError)
REMEDIES = {
    "PermissionError": "; check the credentials, and what they allow (of S3: AWS_PROFILE or AWS_ACCESS_KEY_ID …)",
    "NoCredentialsError": "; name some, as for the store's own programs (of S3: AWS_PROFILE or AWS_ACCESS_KEY_ID …)",
    "EndpointConnectionError": "; check the network and the address (of S3: AWS_ENDPOINT_URL)",
}


@functools.cache
def opened_store(protocol: str) -> Any:
    """The file system of a kind of store. Raises ImportError when its package is missing, ValueError for no kind."""
    settings: dict[str, Any] = {"use_listings_cache": False}
    if protocol == "s3" and CHECKED not in os.environ:
        # Some servers send the sum of a whole object with a part of it, which is then taken for damaged.
        settings["config_kwargs"] = {"response_checksum_validation": "when_required"}
    return fsspec.filesystem(protocol, **settings)


@contextlib.contextmanager
def asking(place: object) -> Iterator[None]:
    """Ask a store for something. Raises FileNotFoundError and its like, and StoreError for all else."""
    try:
        yield
    except (*MISSING, StoreError):
        raise
    except Exception as error:  # each kind of store has errors of its own, with nothing in common
        kind = type(error).__name__
        why = " ".join(str(error).split()) or kind
        raise StoreError(f"the store refuses {place}: {why}{REMEDIES.get(kind, '')}") from error


@functools.cache
def require_bucket(protocol: str, bucket: str) -> None:
    """Raise StoreError when there is no such bucket: then not only one object is missing."""
    url = f"{protocol}://{bucket}"
    with asking(url):
        try:
            opened_store(protocol).info(bucket)
        except FileNotFoundError:
            try:
                opened_store(protocol).ls(bucket)  # a store may know a bucket only by what it holds
            except FileNotFoundError:
                raise StoreError(f"there is no bucket {url}; make it, or check its name") from None


@dataclass(frozen=True, slots=True, order=True)
class StorePath:
    """A place in a store: the kind of store, and the bucket and key without slashes at their ends."""

    protocol: str
    key: str
    size: int | None = field(default=None, compare=False)  # of an object, as it was listed

    # The name

    def __str__(self) -> str:
        return f"{self.protocol}://{self.key}"

    def as_posix(self) -> str:
        return str(self)

    @property
    def bucket(self) -> tuple[str, str]:
        return self.protocol, self.key.partition("/")[0]

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> "StorePath":
        return StorePath(self.protocol, self.key.rpartition("/")[0] or self.key)

    @property
    def parents(self) -> list["StorePath"]:
        ends = [place for place, sign in enumerate(self.key) if sign == "/"]
        return [StorePath(self.protocol, self.key[:end]) for end in reversed(ends)]

    def __truediv__(self, below: object) -> "StorePath":
        return StorePath(self.protocol, f"{self.key}/{below}")

    def joinpath(self, *below: str) -> "StorePath":
        return StorePath(self.protocol, "/".join((self.key, *below)))

    def with_name(self, name: str) -> "StorePath":
        return self.parent / name

    def absolute(self) -> "StorePath":
        return self

    def resolve(self) -> "StorePath":
        return self

    def is_relative_to(self, other: "StorePath") -> bool:
        return self == other or (self.protocol == other.protocol and self.key.startswith(f"{other.key}/"))

    def relative_to(self, other: "StorePath") -> PurePosixPath:
        if not self.is_relative_to(other):
            raise ValueError(f"{self} does not lie below {other}")
        return PurePosixPath(self.key[len(other.key) + 1 :])

    # What lies there

    @property
    def store(self) -> Any:
        return opened_store(self.protocol)

    def kind(self) -> str:
        """`file`, `directory`, or nothing where nothing lies. Raises StoreError when the bucket is not there."""
        if self.size is not None:
            return "file"
        with asking(self):
            try:
                return str(self.store.info(self.key)["type"])
            except FileNotFoundError:
                require_bucket(*self.bucket)
                return "directory" if "/" not in self.key else ""

    def exists(self) -> bool:
        return bool(self.kind())

    def is_file(self) -> bool:
        return self.kind() == "file"

    def is_dir(self) -> bool:
        return self.kind() == "directory"

    def is_symlink(self) -> bool:
        return False

    def stat(self) -> SimpleNamespace:
        """The size of an object in bytes, as `st_size`."""
        if self.size is not None:
            return SimpleNamespace(st_size=self.size)
        with asking(self):
            return SimpleNamespace(st_size=int(self.store.info(self.key)["size"]))

    def iterdir(self) -> Iterator["StorePath"]:
        """What lies in a folder, in order; nothing in one that is not there."""
        with asking(self):
            try:
                found = self.store.ls(self.key, detail=True)
            except FileNotFoundError:
                found = []
        yield from sorted(self.listed(entry) for entry in found if entry["name"].strip("/") != self.key)

    def glob(self, pattern: str) -> Iterator["StorePath"]:
        """What lies in a folder and has a name like this."""
        return (path for path in self.iterdir() if fnmatch.fnmatchcase(path.name, pattern))

    def rglob(self, pattern: str) -> Iterator["StorePath"]:
        """The objects below a folder whose name is like this, in order."""
        with asking(self):
            try:
                found = self.store.find(self.key, detail=True)
            except FileNotFoundError:
                found = {}
        below = sorted(self.listed(entry) for entry in found.values())
        return (path for path in below if path != self and fnmatch.fnmatchcase(path.name, pattern))

    def listed(self, entry: dict[str, Any]) -> "StorePath":
        """An entry of a listing as a place."""
        size = int(entry["size"] or 0) if entry["type"] == "file" else None
        return StorePath(self.protocol, str(entry["name"]).strip("/"), size)

    # Its bytes

    def open(self, mode: str = "rb", buffering: int = BLOCK) -> IO[bytes]:
        """A stream of the object's bytes, or into a new object; `xb` fails where there is one already."""
        if mode != "rb":
            return cast(IO[bytes], Writing(self, mode))
        if (size := int(self.stat().st_size)) <= BLOCK:
            return io.BytesIO(self.read_bytes())  # one request, where a table takes several
        raw: io.RawIOBase = Reading(self, size)
        return cast(IO[bytes], io.BufferedReader(raw, buffering or BLOCK))

    def read_bytes(self) -> bytes:
        with asking(self):
            return bytes(self.store.cat_file(self.key, **AT_ONCE.get(self.protocol, {})))

    def read_text(self, encoding: str = "utf-8") -> str:
        return self.read_bytes().decode(encoding)

    def write_bytes(self, content: bytes) -> int:
        """Write an object in one request: it is there whole, or as it was before."""
        with asking(self):
            self.store.pipe_file(self.key, content)
        return len(content)

    def create(self, content: bytes) -> None:
        """Write an object that must not be there yet; FileExistsError when it is.

        Where the store knows no condition on a write, two may do so at the same moment: look what is there afterwards.
        """
        if self.is_file():
            raise FileExistsError(str(self))
        with asking(self):
            self.store.pipe_file(self.key, content, mode="create")

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Nothing: there is a folder where something lies below it."""

    def unlink(self, missing_ok: bool = False) -> None:
        with asking(self), contextlib.suppress(*([FileNotFoundError] if missing_ok else [])):
            self.store.rm_file(self.key)

    def remove_below(self, pattern: str = "*") -> None:
        """Remove the objects below a folder whose name is like this, with many in one request."""
        keys = [path.key for path in self.rglob(pattern)]
        odd = [key for key in keys if not MAGIC.isdisjoint(key)]  # which would be taken for patterns
        with asking(self):
            if len(odd) < len(keys):
                self.store.rm([key for key in keys if MAGIC.isdisjoint(key)])
            for key in odd:
                self.store.rm_file(key)


class Reading(io.RawIOBase):
    """An object's bytes, to be read from any place; to be buffered, since each read is a request."""

    def __init__(self, place: StorePath, size: int) -> None:
        super().__init__()
        self.place, self.at, self.size = place, 0, size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: Any) -> int:
        end = min(self.size, self.at + len(buffer))
        if end <= self.at:
            return 0
        with asking(self.place):
            content = self.place.store.cat_file(self.place.key, start=self.at, end=end)
        if not content:
            raise StoreError(f"the store gives no bytes of {self.place} from {self.at} on, which has {self.size}")
        buffer[: len(content)] = content
        self.at += len(content)
        return len(content)


class Writing(io.RawIOBase):
    """A new object, sent in parts; where its block fails, it does not come to be."""

    def __init__(self, place: StorePath, mode: str) -> None:
        super().__init__()
        self.place, self.sent = place, 0
        with asking(place):
            self.file: Any = place.store.open(place.key, mode)

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        with asking(self.place):
            self.file.write(content)
        size = memoryview(content).nbytes
        self.sent += size
        return size

    def tell(self) -> int:
        return self.sent

    def close(self) -> None:
        if not self.closed:
            super().close()
            if self.file is not None:
                with asking(self.place):
                    self.file.close()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            file, self.file = self.file, None
            with contextlib.suppress(Exception):  # what went wrong before is what matters
                file.discard()
            file.closed = True  # so that nobody ends it later
        self.close()
