"""What the report of a stage folder says of how it came about, and a fingerprint of all that.

A folder whose report has the same fingerprint holds what would be made again: the same inputs, settings, versions and
code lead to the same bytes.
"""

import functools
import hashlib
import importlib.metadata
import json
import platform
import unicodedata
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cleaner
from cleaner.config import Config
from cleaner.dedup.earlier import Earlier
from cleaner.files import code_digest, table_digests
from cleaner.files.manifest import digest_of_tables
from cleaner.files.raw import Ignored, RawFile
from cleaner.jobs import Step
from cleaner.places import way_from

SHAPES_TEXT = ("chardet", "datasketch", "justext", "lxml", "numba", "numpy", "opencc", "pyarrow", "trafilatura")


def decode_head(files: list[RawFile], digests: list[str], ignored: list[Ignored], config: Config) -> dict[str, Any]:
    """What can be said of a decoded folder before it is made."""
    found = zip(files, digests, strict=True)
    inputs = [{"source": file.source, "bytes": file.size, "sha256": sha256} for file, sha256 in found]
    read = {"inputs": inputs, "ignored": [asdict(entry) for entry in ignored]}
    return report_head("decode", config, None, read) | read


def stage_head(
    step: Step, source: Path, before: dict[str, Any], config: Config, earlier: Earlier | None = None
) -> dict[str, Any]:
    """What can be said of the folder of a later stage before it is made, by the report of the one `before`."""
    previous = {
        "stage": before["stage"],
        "folder": way_from(step.folder, source),
        "fingerprint": before["fingerprint"],
    }
    inputs = [before["fingerprint"], earlier.content] if earlier else before["fingerprint"]
    against = {"against": {"version": earlier.name, "content": earlier.content}} if earlier else {}
    return report_head(step.stage, config, previous, inputs) | against


def report_head(stage: str, config: Config, previous: dict[str, str] | None, inputs: Any) -> dict[str, Any]:
    """Stage, settings, versions and where the documents came from, with a fingerprint of all that and of the code."""
    head = {
        "stage": stage,
        "settings": getattr(config, stage).model_dump(),
        "versions": versions(),
        "tables": digest_of_tables(table_digests()),
        "previous": previous,
    }
    known = {name: head[name] for name in ("stage", "settings", "versions")} | {"inputs": inputs, "code": code_digest()}
    content = json.dumps(known, sort_keys=True, ensure_ascii=False)
    return head | {"fingerprint": hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()}


@functools.cache
def versions() -> dict[str, str]:
    """Versions of everything that shapes the text or the bytes of a corpus."""
    found = {"cleaner": cleaner.__version__, "python": ".".join(platform.python_version_tuple()[:2])}
    found["unicode"] = unicodedata.unidata_version
    for name in SHAPES_TEXT:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
