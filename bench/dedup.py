"""How fast and how right the search for copies is, beside other packages in the same run.

    python bench/dedup.py [--megabytes 25] [--no-peers] [--all-peers]

JSON lines go in and the ids of what is kept come out, on one core; the texts and their planted copies are those of
`dedup_texts`. Which copies are at the threshold is computed from the sets of shingles themselves.
"""

import gc
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from dedup_peers import HEAVY, PINNED, ask
from dedup_texts import KINDS, Planted, write_corpus

from cleaner.config import DedupConfig
from cleaner.dedup import copies_among
from cleaner.dedup.copies import similarity
from cleaner.dedup.folding import hashes_of
from cleaner.document import Document

CONFIG = DedupConfig()


def as_document(row: dict[str, str]) -> Document:
    return Document(id=row["id"], source=row["id"], row=None, text=row["text"], encoding="utf-8", script="")


def by_cleaner(path: Path) -> dict[str, str]:
    """Each copy that goes and what stays in its place."""
    with path.open(encoding="utf-8") as stream:
        documents = [as_document(json.loads(line)) for line in stream]
    return {name: copy.keeper for name, copy in copies_among(lambda: documents, CONFIG).items()}


def judged(texts: list[Planted], gone: dict[str, str]) -> tuple[Counter[str], Counter[str], int, int]:
    """Planted copies at the threshold and those that are found, by kind; removals below it, and of strangers."""
    by_id = {one.id: one for one in texts}
    due: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for one in texts:
        if one.kind and jaccard(one, by_id[one.original]) >= CONFIG.threshold:
            due[one.kind] += 1
            found[one.kind] += one.id in gone or one.original in gone
    below = sum(jaccard(by_id[name], by_id[keeper]) < CONFIG.threshold for name, keeper in gone.items())
    strangers = sum(by_id[name].original != by_id[keeper].original for name, keeper in gone.items())
    return due, found, below, strangers


def jaccard(a: Planted, b: Planted) -> float:
    return similarity(hashes_of(a.text, CONFIG.shingle), hashes_of(b.text, CONFIG.shingle)).jaccard


def main(
    megabytes: Annotated[float, typer.Option(help="Size of the texts.")] = 25.0,
    peers: Annotated[bool, typer.Option(help="Other packages, too.")] = True,
    all_peers: Annotated[bool, typer.Option(help="Also those that take many minutes to install.")] = False,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.jsonl"
        texts = write_corpus(path, megabytes)
        size = path.stat().st_size / 1e6
        copies_among(lambda: [as_document({"id": "a", "text": "水渠修好了"})], CONFIG)  # the kernels are loaded
        gc.collect()
        start = time.perf_counter()
        gone = by_cleaner(path)
        ours = time.perf_counter() - start
        print(f"{len(texts):,} texts, {size:.0f} MB of JSON\n{'cleaner':12} {size / ours:8.1f} MB/s")
        for peer in (*(PINNED if peers else ()), *(HEAVY if all_peers else ())):
            answer = ask(peer, path)
            if answer is None:
                print(f"{peer:12} could not be installed and is left out")
                continue
            seconds, kept = answer
            print(f"{peer:12} {size / seconds:8.1f} MB/s, cleaner is {seconds / ours:.1f} times as fast")
            print_found(texts, set(kept))
        due, found, below, strangers = judged(texts, gone)
        for kind in KINDS:
            print(
                f"  {kind:14} {found[kind]:6,} of {due[kind]:6,} copies with a similarity of {CONFIG.threshold} or more"
            )
        print(f"  all            {found.total():6,} of {due.total():6,}: {found.total() / max(1, due.total()):.5f}")
        print(f"  removals below the threshold {below}, of texts that are no copies {strangers}")


def print_found(texts: list[Planted], kept: set[str]) -> None:
    """How many copies a peer finds, by kind: of each pair, one is not kept."""
    planted = Counter(one.kind for one in texts if one.kind)
    found = Counter(one.kind for one in texts if one.kind and not {one.id, one.original} <= kept)
    print("             " + ", ".join(f"{kind} {found[kind]}/{planted[kind]}" for kind in KINDS))


if __name__ == "__main__":
    typer.run(main)
