"""A small corpus in several shards with something for every stage to do; and what versions must be like."""

import hashlib
import json
from pathlib import Path

from tests.conftest import ROOT

SETTINGS = '[decode]\nshard_bytes = 1200\n\n[repair]\nlink = "report"\n\n[dedup]\npassages = "report"\n'


def make_raw(place: Path, files: int = 12) -> Path:
    """A folder of some of the demo's files, small ones first."""
    demo = [path for path in (ROOT / "raw").rglob("*") if path.is_file() and not path.name.startswith(".")]
    for path in sorted(demo, key=lambda path: (path.stat().st_size, path.name))[:files]:
        copy = place / path.relative_to(ROOT / "raw")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return place


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a folder of versions, and of each manifest without its creation time."""
    found = {}
    for path in sorted(folder.rglob("*")):
        # An empty lock may stay where it cannot be removed, and stage folders that were not for keeps.
        is_passing = any(part.startswith(".work") for part in path.relative_to(folder).parts)
        if path.is_file() and path.name != ".lock" and not is_passing:
            content = path.read_bytes()
            if path.name == "manifest.json":
                manifest = json.loads(content)
                content = json.dumps({name: manifest[name] for name in ("content", "files", "stages")}).encode()
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def refuse_half_versions(clean: Path) -> None:
    """Raise AssertionError if anything that looks like a version is not whole."""
    for version in clean.glob("v*"):
        manifest = json.loads((version / "manifest.json").read_text(encoding="utf-8"))
        for file in manifest["files"]:
            assert hashlib.sha256((version / file["path"]).read_bytes()).hexdigest() == file["sha256"], file["path"]
    if (clean / "latest").exists():
        assert (clean / (clean / "latest").read_text(encoding="utf-8").strip() / "manifest.json").is_file()
