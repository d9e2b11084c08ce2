"""The manifest of a version: what went in, what was done with it, by what, and what came out, down to the byte.

A `Manifest` is read strictly: a field that is missing, unknown or of another type is named. Its last field, `digest`,
is the SHA-256 over everything else, so a value that was edited by hand is noticed; it is no signature, and whoever
edits the digest, too, is not found out by it. The JSON schema is docs/manifest.schema.json, made by

    python -m cleaner.files.manifest > docs/manifest.schema.json
"""

import hashlib
import json
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cleaner.errors import BadDataError, EditedManifestWarning, WrongUseError
from cleaner.files.folder import FORMAT, read_json

STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)
NAME = "manifest.json"
DATA = ("data", "dropped", "edits", "passages", "quarantine", "readings", "sketches")  # what `content` is about

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Number = Annotated[int, Field(ge=0)]
Settings = dict[str, Any]  # of one section of the configuration


class InputFile(BaseModel):
    """One file under raw/."""

    model_config = STRICT

    source: str  # path below raw/
    bytes: Number
    sha256: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")]  # empty if it could not be read


class PassedOver(BaseModel):
    """Something under raw/ that is no input."""

    model_config = STRICT

    source: str
    reason: str


class RuleReport(BaseModel):
    """What one rule did: `removed` and `added` count characters, `left` places that it could not decide."""

    model_config = STRICT

    documents: Number
    edits: Number
    removed: Number
    added: Number
    left: Number = 0


class CountsReport(BaseModel):
    """The account of a stage: in = kept + dropped, and characters in - removed + added - dropped = out."""

    model_config = STRICT

    documents_in: Number
    kept: Number
    characters_in: Number
    characters_out: Number
    characters_dropped: Number
    dropped: dict[str, Number]  # by kind of reason
    dropped_first: dict[str, str]  # of each kind
    scripts: dict[str, Number]
    encodings: dict[str, Number]
    rules: dict[str, RuleReport]


class EncodingReport(BaseModel):
    """The files that were read in one encoding and kept."""

    model_config = STRICT

    files: Number
    repaired: Number
    lowest_confidence: float
    chardet_disagreed: Number
    characters: Number


class ReadingsReport(BaseModel):
    """How the files were read."""

    model_config = STRICT

    encodings: dict[str, EncodingReport]
    put_aside: dict[str, Number]


class LinkReport(BaseModel):
    """Two parts of one article."""

    model_config = STRICT

    first: str
    second: str
    first_source: str
    second_source: str
    score: float  # nats
    reasons: list[list[str | float]]  # each with its vote


class OrphanReport(BaseModel):
    """A part of an article whose other part is not there."""

    model_config = STRICT

    id: str
    source: str
    expects: str


class ContainedReport(BaseModel):
    """A document that stands in a longer one."""

    model_config = STRICT

    id: str
    source: str
    by: str
    by_source: str
    containment: float
    where: str


class PassageReport(BaseModel):
    """Lines of a document that stand in another one; offsets in code points."""

    model_config = STRICT

    id: str
    source: str
    start: Number
    end: Number
    by: str
    by_source: str
    by_start: Number
    by_end: Number
    characters: Number


class AcrossReport(BaseModel):
    """How much stands in several documents."""

    model_config = STRICT

    contained: Number
    passages: Number
    documents_with_passages: Number
    characters_in_passages: Number
    boilerplate_fingerprints: Number


class RecurringLine(BaseModel):
    """A line that recurs in the documents of a source."""

    model_config = STRICT

    source: str
    line: str
    documents: Number
    of: Number
    share: float


class EarlierVersion(BaseModel):
    """The version whose documents were not taken again."""

    model_config = STRICT

    version: str
    content: Sha256


class StageReport(BaseModel):
    """What one stage was told, what it is made of, and what it did."""

    model_config = STRICT

    stage: str
    settings: Settings
    versions: dict[str, str]  # of all that shapes the text
    tables: Sha256  # over the names and digests of the files in cleaner/tables/ that it ran with
    counts: CountsReport
    # Of decode:
    inputs: list[InputFile] | None = None
    ignored: list[PassedOver] | None = None
    readings: ReadingsReport | None = None
    # Of repair, unless repair.link is "off":
    links: list[LinkReport] | None = None
    orphans: list[OrphanReport] | None = None
    # Of dedup, by its settings:
    contained: list[ContainedReport] | None = None
    passages: list[PassageReport] | None = None
    across: AcrossReport | None = None
    boilerplate: list[RecurringLine] | None = None
    against: EarlierVersion | None = None


class PublishedFile(BaseModel):
    """One file of a version."""

    model_config = STRICT

    path: str  # below the version's folder
    bytes: Number
    sha256: Sha256
    rows: Number | None  # of a Parquet file


class Manifest(BaseModel):
    """All there is to know of a version."""

    model_config = STRICT

    format: int
    version: Annotated[str, Field(pattern="^v[0-9]+$")]
    parent: str | None  # the newest version when this one was published
    parent_content: Sha256 | None  # its `content`
    created: str  # ISO 8601, UTC; from SOURCE_DATE_EPOCH where that is set
    forced: bool  # published although claims did not hold
    broken: list[str]  # those claims
    content: Sha256  # over the names and digests of the data files: equal content, equal corpus
    documents: Number
    characters: Number
    config: dict[str, Settings]  # every section: of the stages as they were run, and those that are of no stage
    versions: dict[str, str]  # of all that shapes the text, when it was published
    tables: dict[str, Sha256]  # each file in cleaner/tables/, when it was published
    stages: Annotated[list[StageReport], Field(min_length=1)]
    files: list[PublishedFile]  # all but the manifest itself
    digest: Sha256  # over all of the above


def seal(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest with its digest, its fields in order. Raises ValidationError where it is none."""
    sealed = {**manifest, "digest": digest_of(manifest)}
    Manifest.model_validate(sealed)
    return {name: sealed[name] for name in Manifest.model_fields}


def digest_of(manifest: dict[str, Any]) -> str:
    """The SHA-256 over the canonical JSON of a manifest without its digest: sorted keys, no spaces, UTF-8."""
    rest = {key: value for key, value in manifest.items() if key != "digest"}
    canonical = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def digest_of_tables(tables: dict[str, str]) -> str:
    """One digest for all tables, from their names and digests."""
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in sorted(tables.items())).encode()).hexdigest()


def is_edited(manifest: dict[str, Any]) -> bool:
    """Whether a manifest is not what cleaner wrote: its digest is that of other values."""
    return bool(manifest["digest"] != digest_of(manifest))


def read_manifest(path: Path) -> Manifest:
    """A manifest from its file. Raises WrongUseError for one of another format, BadDataError for what is none."""
    return Manifest.model_validate(read_plain_manifest(path))


def read_plain_manifest(path: Path) -> dict[str, Any]:
    """The same as plain values. Warns of one that was edited by hand, but reads it: its texts may be as they were."""
    manifest = read_json(path)
    refuse_other_format(manifest.get("format"), path)
    try:
        Manifest.model_validate(manifest)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        said = {"missing": "is missing", "extra_forbidden": "is unknown"}.get(problem["type"])
        said = said or f"is {problem['input']!r:.60}: {problem['msg'][0].lower()}{problem['msg'][1:]}"
        raise BadDataError(
            f"{path} is not a manifest that cleaner wrote: the field {field} {said}; take it from a copy of the version"
        ) from None
    if is_edited(manifest):
        remedy = "run `cleaner verify` to see what else is wrong, or take it from a copy of the version"
        warnings.warn(f"{path} was edited after it was written; {remedy}", EditedManifestWarning, stacklevel=2)
    return manifest


def refuse_other_format(found: Any, path: Path) -> None:
    """Raise for a manifest that is of another format, or of none."""
    if type(found) is not int:
        raise BadDataError(f"{path} is not a manifest that cleaner wrote: it does not say its format")
    if found > FORMAT:
        raise WrongUseError(
            f"{path} was written by a newer cleaner (format {found}; this one reads {FORMAT}); upgrade cleaner"
        )
    if found < FORMAT:
        remedy = "read it with that one, or publish its texts again"
        raise WrongUseError(
            f"{path} was written by an older cleaner (format {found}; this one reads {FORMAT}); {remedy}"
        )


def is_table(path: str) -> bool:
    """Whether a file of a version is one of our Parquet files. An input in quarantine is none, whatever its name."""
    return path.endswith(".parquet") and not path.startswith("quarantine/")


def is_data(path: str) -> bool:
    """Whether a file is part of what makes two versions equal or different."""
    return path.split("/")[0] in DATA


def content_of(files: Iterable[tuple[str, str]]) -> str:
    """The digest of a corpus: the SHA-256 over path and SHA-256 of each data file, in the order of the paths."""
    return hashlib.sha256("".join(f"{path} {digest}\n" for path, digest in sorted(files)).encode()).hexdigest()


def json_schema() -> str:
    """The JSON schema of a manifest, as it stands in docs/."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Manifest.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(json_schema())
