"""MinHash of other packages on the same JSON lines: this file runs in a virtual environment of its own.

    python bench/dedup_peers.py PEER FILE     prints seconds, and the ids that are kept as JSON

Each reads the file, cuts the texts into runs of five characters (text-dedup and datatrove: of five words, they know no
other), and drops what it takes for a copy, at the threshold 0.8 with 128 permutations, on one core (datatrove: 14 bands
of 8 hash values, its own default). What it takes to import it is left out (not of text-dedup, which is a command).
`data-juicer, converting` turns the texts into simplified ones before, with its chinese_convert_mapper.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".bench"
PINNED = {"rensa": ["rensa==0.5.0"], "datasketch": ["datasketch==2.0.0"]}
HEAVY = {  # 70 packages each
    "data-juicer": ["py-data-juicer==1.6.1", "aiohttp", "opencc==1.4.2"],
    "text-dedup": ["text-dedup==0.4.0"],
    "datatrove": ["datatrove[io,processing]==0.10.1", "spacy==3.8.18", "jieba==0.42.1"],
}
CONVERTING = "data-juicer, converting"
THRESHOLD, PERMUTATIONS, SHINGLE = 0.8, 128, 5
Timed = tuple[float, list[str]]  # seconds, and the ids that are kept


class NotInstalledError(Exception):
    """A peer that cannot be had here, with what its installation said last."""


def environment(peer: str) -> Path:
    """The python of a peer's environment, which is made when it is not there. Raises NotInstalledError."""
    package = peer.partition(",")[0]
    folder = CACHE / f"dedup-{package}"
    python, stamp = folder / "bin/python", folder / "installed"
    wanted = (PINNED | HEAVY)[package]
    if not stamp.exists() or stamp.read_text() != "\n".join(wanted):
        print(f"installing {', '.join(wanted)} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *wanted]
        done = subprocess.run(pip, check=False, capture_output=True, text=True)
        if done.returncode:
            raise NotInstalledError(done.stderr.strip().split("\n")[-1])
        stamp.write_text("\n".join(wanted))
    return python


def ask(peer: str, path: Path) -> Timed | None:
    """Seconds that a peer takes and what it keeps, or None where it cannot be installed."""
    try:
        python = environment(peer)
    except NotInstalledError:
        return None
    done = subprocess.run([str(python), __file__, peer, str(path)], check=True, capture_output=True, text=True)
    seconds, kept = json.loads(done.stdout.strip().split("\n")[-1])
    return seconds, kept


def runs(text: str) -> list[str]:
    return [text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1))]


def rows(path: str) -> Iterator[dict[str, str]]:
    with Path(path).open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def by_rensa(path: str) -> Timed:
    from rensa import RMinHash, RMinHashDeduplicator

    start = time.perf_counter()
    index = RMinHashDeduplicator(THRESHOLD, PERMUTATIONS, True, 16)  # bands, as its own description has it
    kept = []
    for row in rows(path):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=42)
        sketch.update(runs(row["text"]))
        if index.add(row["id"], sketch):
            kept.append(row["id"])
    return time.perf_counter() - start, kept


def by_datasketch(path: str) -> Timed:
    from datasketch import MinHash, MinHashLSH

    start = time.perf_counter()
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    blank = MinHash(num_perm=PERMUTATIONS)
    kept = []
    for row in rows(path):
        sketch = blank.copy()
        sketch.update_batch([run.encode() for run in runs(row["text"])])
        if not index.query(sketch):
            index.insert(row["id"], sketch)
            kept.append(row["id"])
    return time.perf_counter() - start, kept


def by_data_juicer(path: str, *, is_converting: bool = False) -> Timed:
    from data_juicer.core.data import NestedDataset
    from data_juicer.ops.deduplicator.document_minhash_deduplicator import DocumentMinhashDeduplicator

    start = time.perf_counter()
    search = DocumentMinhashDeduplicator(
        tokenization="character",
        window_size=SHINGLE,
        jaccard_threshold=THRESHOLD,
        num_permutations=PERMUTATIONS,
    )
    texts = NestedDataset.from_list(list(rows(path)))
    if is_converting:
        from data_juicer.ops.mapper.chinese_convert_mapper import ChineseConvertMapper

        texts = texts.map(ChineseConvertMapper(mode="t2s").process, batched=True, num_proc=1)
    kept = search.process(texts.map(search.compute_hash, num_proc=1))[0]["id"]
    return time.perf_counter() - start, list(kept)


def by_text_dedup(path: str) -> Timed:
    from datasets import load_from_disk

    with tempfile.TemporaryDirectory() as folder:
        said = f"--path json --data_files {path} --split train --column text --num_proc 1 --ngram {SHINGLE}"
        said += f" --num_perm {PERMUTATIONS} --threshold {THRESHOLD} --cache_dir {folder}/cache --output {folder}/kept"
        start = time.perf_counter()
        command = [sys.executable, "-m", "text_dedup.minhash", *said.split()]
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start, list(load_from_disk(f"{folder}/kept")["id"])


def by_datatrove(path: str) -> Timed:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
    )
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers.jsonl import JsonlWriter
    from datatrove.utils.typeshelper import Languages

    start = time.perf_counter()
    config, language = MinhashConfig(n_grams=SHINGLE), Languages.mandarin_chinese
    with tempfile.TemporaryDirectory() as folder:
        reader = JsonlReader(str(Path(path).parent), glob_pattern=Path(path).name)
        steps: list[tuple[list[object], int]] = [
            ([reader, MinhashDedupSignature(f"{folder}/signatures", config, language)], 1),
            ([MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config)], config.num_buckets),
            ([MinhashDedupCluster(f"{folder}/buckets", f"{folder}/gone", config=config)], 1),
            ([reader, MinhashDedupFilter(f"{folder}/gone"), JsonlWriter(f"{folder}/kept", compression=None)], 1),
        ]
        for number, (pipeline, tasks) in enumerate(steps):
            LocalPipelineExecutor(pipeline, tasks=tasks, workers=1, logging_dir=f"{folder}/logs{number}").run()
        seconds = time.perf_counter() - start
        kept = [row["id"] for part in sorted(Path(folder, "kept").glob("*.jsonl")) for row in rows(str(part))]
    return seconds, kept


BY_NAME: dict[str, Callable[[str], Timed]] = {
    "rensa": by_rensa,
    "datasketch": by_datasketch,
    "data-juicer": by_data_juicer,
    CONVERTING: lambda path: by_data_juicer(path, is_converting=True),
    "text-dedup": by_text_dedup,
    "datatrove": by_datatrove,
}

if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        answer = BY_NAME[sys.argv[1]](sys.argv[2])
    print(json.dumps(answer))
