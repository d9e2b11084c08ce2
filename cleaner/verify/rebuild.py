"""Every document, kept or dropped, led back to the bytes that it came from: by its text and its ledger alone.

With the raw folder at hand the bytes themselves are compared, of tables those of each row; without it, those of whole
files by the SHA-256 that the manifest gives. A shard is in memory at a time, as digests.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from cleaner.config import decode_settings
from cleaner.decode import charsets, encode
from cleaner.decode.exact import STAND_INS
from cleaner.document import rewind
from cleaner.files import sha256
from cleaner.files.columns import bytes_of
from cleaner.files.corpus import Corpus, Life
from cleaner.files.folder import place_in_quarantine
from cleaner.files.raw import RawFile, RawText, find, named_row, read
from cleaner.verify.account import Failure
from cleaner.verify.batches import Batch, Shard, batches_of, shards_of
from cleaner.verify.rewinding import Flags


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What text and ledger of a document lead back to."""

    id: str
    digest: str = ""  # SHA-256 of the bytes; empty of one that could not be read
    problem: str = ""  # why they lead nowhere
    dropped_in: str = ""  # the stage


def leading_elsewhere(corpus: Corpus) -> Iterator[Failure]:
    """Documents whose text, with the ledger taken back, does not give the bytes that were read."""
    inputs = {entry["source"]: entry["sha256"] for entry in inputs_of(corpus)}
    with tqdm(desc="documents", unit="document", disable=None, leave=False) as progress:
        for shard in map(Shard, shards_of(corpus)):
            for batch in batches_of(shard):
                for place in np.flatnonzero(may_lead_elsewhere(batch, inputs)).tolist():
                    life = batch.life(place)
                    if found := why_elsewhere(life, inputs):
                        yield Failure(life.document.id, life.document.source, found)
                progress.update(len(batch))


def why_elsewhere(life: Life, inputs: Mapping[str, str]) -> str:
    """Why a document does not lead back to its file, of which the SHA-256 is given by its path; else nothing."""
    document, found = life.document, rebuild(life)
    if found.digest and document.row is None and found.digest != inputs.get(document.source):
        return "text and ledger do not lead back to the bytes that were read"
    return found.problem


def may_lead_elsewhere(batch: Batch, inputs: Mapping[str, str]) -> Flags:
    """Of which documents `why_elsewhere` may say something: a quick look at all of them."""
    names = ("row", "source", "encoding")
    rows = zip(*(batch.columns[name] for name in names), digests_of(batch), strict=True)
    return np.array(
        [
            encoding != "" and (not digest or (row is None and digest != inputs.get(source)))
            for row, source, encoding, digest in rows
        ],
        dtype=np.bool_,
    )


def rebuild_all(batch: Batch) -> list[Rebuilt]:
    """`rebuild` of all documents of a batch; it is called of those alone that are not so easily taken back."""
    return [
        Rebuilt(name, digest, dropped_in=batch.dropped_in) if digest else rebuild(batch.life(place))
        for place, (name, digest) in enumerate(zip(batch.columns["id"], digests_of(batch), strict=True))
    ]


def digests_of(batch: Batch) -> list[str]:
    """The SHA-256 of the bytes that each document leads back to; empty of one that has none, or not so easily."""
    data, cuts = bytes_of(batch.rows.column("text"))
    with_stand_ins = set(batch.owners(np.flatnonzero(batch.points >= STAND_INS)).tolist())
    found = []
    for place, encoding in enumerate(batch.columns["encoding"]):
        if encoding == "utf-8" and not batch.histories[place] and place not in with_stand_ins:
            found.append(hashlib.sha256(data[cuts[place] : cuts[place + 1]]).hexdigest())  # the text is the bytes
        else:
            found.append(digest_of_rewound(batch, place, encoding))
    return found


def digest_of_rewound(batch: Batch, place: int, encoding: str) -> str:
    """The SHA-256 of the bytes of one document; empty if it has none, or not so easily."""
    texts, fits = batch.rewound
    points = texts[place]
    if not encoding or not fits[place] or points.max(initial=0) >= STAND_INS:
        return ""
    try:
        return hashlib.sha256(charsets.encode(str(points.data, "utf-32-le"), encoding)).hexdigest()
    except (ValueError, LookupError):
        return ""


def rebuild(life: Life) -> Rebuilt:
    """Take everything back that was done to a document, to the bytes that it was read from."""
    document = life.document
    if not document.encoding:  # could not be read; its bytes are in quarantine
        return Rebuilt(document.id, dropped_in=life.dropped_in)
    try:
        raw = encode(rewind(document.text, [edits for _, edits in life.edits]), document.encoding)
    except (ValueError, LookupError) as error:
        return Rebuilt(document.id, problem=f"the ledger does not fit the text: {error}")
    return Rebuilt(document.id, hashlib.sha256(raw).hexdigest(), dropped_in=life.dropped_in)


def changed_inputs(corpus: Corpus, raw: Path) -> Iterator[Failure]:
    """Inputs that are not in the raw folder any more, or are not what they were."""
    there = {file.source: file for file in find(raw)[0]}
    for entry in tqdm(inputs_of(corpus), desc="inputs", unit="file", disable=None, leave=False):
        name, size = entry["source"], entry["bytes"]
        file = there.get(name)
        if file is None:
            yield Failure("", name, f"was read, but is not in {raw} any more")
        elif file.size != size:
            yield Failure("", name, f"has changed: it has {file.size:,} bytes in {raw}, and had {size:,}")
        elif entry["sha256"] and digest_of_file(file) != entry["sha256"]:
            yield Failure("", name, f"has changed: in {raw} it does not have the SHA-256 that the manifest gives")


def inputs_of(corpus: Corpus) -> list[dict[str, Any]]:
    """The files that decode read: source, bytes and SHA-256."""
    return corpus.stages[0].report.get("inputs") or []


def digest_of_file(file: RawFile) -> str:
    """The SHA-256 of an input, or nothing if it cannot be read."""
    try:
        return sha256(file.path)
    except OSError:
        return ""


def new_inputs(corpus: Corpus, raw: Path) -> list[str]:
    """The inputs in a raw folder that were not there when the version was made."""
    known = {entry["source"] for entry in inputs_of(corpus)}
    return [file.source for file in find(raw)[0] if file.source not in known]


def otherwise_in_raw(corpus: Corpus, raw: Path) -> Iterator[Failure]:
    """Documents that do not lead back to their bytes in the raw folder, and those that are only on one side.

    Of a file that is gone, which `changed_inputs` names, nothing is said here.
    """
    files = {file.source: file for file in find(raw)[0]}
    settings = decode_settings(corpus.stages[0].report["settings"])
    with tqdm(desc="documents", unit="document", disable=None, leave=False) as progress:
        known: dict[str, dict[int | None, Rebuilt]] = {}
        for shard in [*shards_of(corpus), None]:
            here: set[str] = set()  # a table may lie in several shards, one after the other
            for batch in batches_of(Shard(shard)) if shard else ():
                columns = (batch.columns["source"], batch.columns["row"], rebuild_all(batch))
                for source, row, found in zip(*columns, strict=True):
                    known.setdefault(source, {})[row] = found
                here.update(batch.columns["source"])
                progress.update(len(batch))
            for source in sorted(known.keys() - here):
                rebuilt = known.pop(source)
                if source in files:
                    quarantine = corpus.stages[0].quarantine
                    yield from compared(source, rebuilt, read(files[source], settings), quarantine)


def compared(
    source: str, known: dict[int | None, Rebuilt], inputs: Iterator[RawText], quarantine: Path
) -> Iterator[Failure]:
    """Compare the documents of one file with what stands in it."""
    for found in inputs:
        rebuilt = known.pop(found.row, None)
        content = found.content if isinstance(found.content, bytes) else found.content.encode("utf-8", "surrogatepass")
        if rebuilt is None:
            yield Failure("", source, f"{named_row(source, found.row)} is neither kept nor dropped")
        elif said := rebuilt.problem or difference(rebuilt, found, content, quarantine):
            yield Failure(rebuilt.id, source, said)
    for row, rebuilt in known.items():
        yield Failure(rebuilt.id, source, f"{named_row(source, row)} was read, but is not there any more")


def difference(rebuilt: Rebuilt, found: RawText, content: bytes, quarantine: Path) -> str:
    """How the bytes of an input differ from those that its document leads back to, or that were put aside."""
    digest, name = hashlib.sha256(content).hexdigest(), named_row(found.source, found.row)
    if rebuilt.digest and rebuilt.digest != digest:
        return f"{name} is not what text and ledger lead back to"
    place = place_in_quarantine(quarantine, found.source, found.row)
    if rebuilt.dropped_in == "decode" and place.is_file():
        return "" if sha256(place) == digest else f"{name} is not what is in quarantine"
    if content and not rebuilt.digest:
        return f"{name} could not be read, and is not in quarantine"
    return ""
