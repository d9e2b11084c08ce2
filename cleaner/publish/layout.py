"""Where the files of a stage folder, and of those that led to it, lie in a version, and whether they are there."""

from collections.abc import Iterator
from pathlib import Path

from cleaner.files import sha256
from cleaner.files.corpus import Corpus, shard_number
from cleaner.files.folder import shards
from cleaner.files.manifest import Manifest, is_data
from cleaner.files.tables import count_rows

Plan = list[tuple[str, Path]]  # the path below the version's folder, and the file that is to lie there


def plan_of(corpus: Corpus) -> Plan:
    """All data files of a version to be, in the order of their paths. Empty shards are left out, but of data/."""
    return sorted(places(corpus))


def places(corpus: Corpus) -> Iterator[tuple[str, Path]]:
    """The same in no order."""
    for kind, paths in (("data", corpus.stages[-1].documents), ("sketches", shards(corpus.folder, "sketches"))):
        yield from ((f"{kind}/{path.name}", path) for path in paths)
    for number, stage in enumerate(corpus.stages, start=1):
        kinds = {"dropped": stage.dropped, "edits": stage.edits, "readings": stage.readings, "passages": stage.passages}
        for kind, paths in kinds.items():
            for path in paths:
                if count_rows(path):
                    yield f"{kind}/{number}-{stage.stage}-{shard_number(path):05}.parquet", path
        for path in stage.quarantine.rglob("*"):
            if path.is_file():
                yield f"quarantine/{path.relative_to(stage.quarantine).as_posix()}", path


def has_content(manifest: Manifest, plan: Plan) -> bool:
    """Whether a version holds what is planned already; files are read only as long as it may be so."""
    there = {file.path: file for file in manifest.files if is_data(file.path)}
    if [path for path, _ in plan] != sorted(there):
        return False
    if any(source.stat().st_size != there[path].bytes for path, source in plan):
        return False
    return all(sha256(source) == there[path].sha256 for path, source in plan)
