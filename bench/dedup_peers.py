"""MinHash of other packages on the same JSON lines: this file runs in a virtual environment of its own.

    python bench/dedup_peers.py PEER FILE     prints seconds, and the ids that are kept as JSON

Each reads the file, cuts the texts into runs of five characters, and drops what its index takes for a copy of a text
before it, at the threshold 0.8 with 128 permutations, on one core.
"""

import json
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".bench"
PINNED = {"rensa": "rensa==0.5.0", "datasketch": "datasketch==2.0.0"}
THRESHOLD, PERMUTATIONS, SHINGLE = 0.8, 128, 5


def ask(peer: str, path: Path) -> tuple[float, list[str]] | None:
    """Seconds that a peer takes and what it keeps, or None where it cannot be installed."""
    folder = CACHE / f"dedup-{peer}"
    python, stamp = folder / "bin/python", folder / "installed"
    if not stamp.exists():
        print(f"installing {PINNED[peer]} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", PINNED[peer]]
        if subprocess.run(pip, check=False).returncode:
            return None
        stamp.touch()
    done = subprocess.run([str(python), __file__, peer, str(path)], check=True, capture_output=True, text=True)
    seconds, kept = json.loads(done.stdout)
    return seconds, kept


def runs(text: str) -> list[str]:
    return [text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1))]


def rows(path: str) -> Iterator[dict[str, str]]:
    with Path(path).open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def by_rensa(path: str) -> list[str]:
    from rensa import RMinHash, RMinHashDeduplicator

    index = RMinHashDeduplicator(THRESHOLD, PERMUTATIONS, True, 16)  # bands, as its own description has it
    kept = []
    for row in rows(path):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=42)
        sketch.update(runs(row["text"]))
        if index.add(row["id"], sketch):
            kept.append(row["id"])
    return kept


def by_datasketch(path: str) -> list[str]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    blank = MinHash(num_perm=PERMUTATIONS)
    kept = []
    for row in rows(path):
        sketch = blank.copy()
        sketch.update_batch([run.encode() for run in runs(row["text"])])
        if not index.query(sketch):
            index.insert(row["id"], sketch)
            kept.append(row["id"])
    return kept


if __name__ == "__main__":
    start = time.perf_counter()
    answer = {"rensa": by_rensa, "datasketch": by_datasketch}[sys.argv[1]](sys.argv[2])
    print(json.dumps([time.perf_counter() - start, answer]))
