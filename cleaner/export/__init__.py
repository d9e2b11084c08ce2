"""Export: the documents of a corpus in the form that another tool reads.

    jsonl, jsonl.gz, jsonl.zst   one object a line; any tool
    parquet                      columns; DuckDB, Polars, pandas, Spark
    txt                          one file per document under its path below raw/, and an index
    mnbvc                        the schema of the MNBVC collection (`mnbvc`, `collection`)
    hf                           a folder for a dataset hub: Parquet, a card and Croissant metadata (`hub`, `croissant`)

An export is made from what was published and can be thrown away: it holds the documents that were kept, and nothing of
the ledger. Documents are streamed, so memory does not grow with the corpus, and the same corpus gives the same bytes.
A folder is built under a temporary name and takes its place when it is whole; `export.json` in it, written last, says
what it was made from and lists its files with their SHA-256. Only a folder that is still as it says is ever replaced.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import cleaner
from cleaner.errors import WrongUseError
from cleaner.export.collection import write_collection
from cleaner.export.documents import as_line, kept, progress
from cleaner.export.hub import write_hub
from cleaner.export.names import Names
from cleaner.files.corpus import Corpus
from cleaner.files.durable import replacing_folder
from cleaner.files.exports import TEXTS, LineFiles, ParquetFiles, TextTree, refuse_bad_export, sealed
from cleaner.files.tables import DOCUMENTS, read_batches

SHARD_BYTES = 500 * 1024 * 1024  # of text per file, before compression; what MNBVC and the hubs ask for
WHOLE = 1 << 62  # never begin a second file


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of an export."""

    to: str
    columns: tuple[str, ...] = tuple(DOCUMENTS.names)
    shard_bytes: int = SHARD_BYTES
    copies: bool = False  # mnbvc: also the documents that were dropped as copies, marked as such


def export(corpus: Corpus, out: Path, order: Order) -> dict[str, Any]:
    """Write a corpus into a folder, in place of an earlier export. Returns what `export.json` says.

    Raises WrongUseError for a form, a column or a folder that cannot be had, and BadDataError when the corpus cannot
    be read.
    """
    refuse_bad_order(order)
    refuse_bad_export(corpus.folder, out)
    with replacing_folder(out.resolve()) as partial:
        paths, documents = FORMS[order.to](corpus, partial, order)
        about = {
            "cleaner": cleaner.__version__,
            "form": order.to,
            "of": corpus.manifest["version"] if corpus.manifest else corpus.stages[-1].stage,
            "content": corpus.manifest["content"] if corpus.manifest else None,
            "documents": documents,
        }
        return sealed(partial, about, paths)


def refuse_bad_order(order: Order) -> None:
    """Refuse forms and columns that are not known, and options that another form has."""
    if order.to not in FORMS:
        raise WrongUseError(f"there is no form {order.to!r}; known: {', '.join(FORMS)}")
    for name in order.columns:
        if name not in DOCUMENTS.names:
            raise WrongUseError(f"documents have no column {name!r}; known: {', '.join(DOCUMENTS.names)}")
    if len(set(order.columns)) < len(order.columns) or not order.columns:
        raise WrongUseError("--columns must name at least one column, and none twice")
    if order.to in ("txt", "mnbvc") and order.columns != Order(order.to).columns:
        raise WrongUseError(f"--columns does not go with --to {order.to}, which has its own fields")
    if order.copies and order.to != "mnbvc":
        raise WrongUseError(f"--copies goes with --to mnbvc alone; {order.to} has no mark for a copy")


def write_jsonl(corpus: Corpus, folder: Path, order: Order) -> tuple[list[Path], int]:
    """One object a line, keys in the order of the columns."""
    with LineFiles(folder, f"documents-{{:05}}.{order.to}", order.shard_bytes) as lines:
        count = 0
        for document in kept(corpus):
            lines.add(as_line({name: getattr(document, name) for name in order.columns}))
            count += 1
    return lines.paths, count


def write_txt(corpus: Corpus, folder: Path, order: Order) -> tuple[list[Path], int]:
    """Each text in its own file below texts/, and an index that tells which is which."""
    names, tree, count = Names(), TextTree(folder / TEXTS), 0
    with LineFiles(folder, "index.jsonl", WHOLE) as index:
        for document in kept(corpus):
            content = document.text.encode()
            path = names.name_of(document)
            tree.add(path, content)
            row = {name: getattr(document, name) for name in DOCUMENTS.names if name != "text"}
            index.add(as_line({"path": f"{TEXTS}/{path}", "sha256": hashlib.sha256(content).hexdigest()} | row))
            count += 1
    return index.paths, count


def write_parquet(corpus: Corpus, folder: Path, order: Order) -> tuple[list[Path], int]:
    """Plain Parquet files with the columns that are wanted."""
    tables = in_parquet(corpus, folder, order)
    return tables.named("documents-{:05}.parquet"), tables.rows


def write_hf(corpus: Corpus, folder: Path, order: Order) -> tuple[list[Path], int]:
    """A folder for a dataset hub."""
    data = folder / "data"
    data.mkdir()
    tables = in_parquet(corpus, data, order)
    paths = tables.named("train-{:05}-of-{:05}.parquet")
    return [*paths, *write_hub(corpus, folder, paths, list(order.columns))], tables.rows


def write_mnbvc(corpus: Corpus, folder: Path, order: Order) -> tuple[list[Path], int]:
    """MNBVC's schema."""
    return write_collection(corpus, folder, order.shard_bytes, order.copies)


def in_parquet(corpus: Corpus, folder: Path, order: Order) -> ParquetFiles:
    """The documents in Parquet files, passed on as they are read."""
    schema = pa.schema([DOCUMENTS.field(name) for name in order.columns])
    with ParquetFiles(folder, schema, order.shard_bytes) as tables, progress(corpus) as bar:
        for path in corpus.stages[-1].documents:
            for batch in read_batches(path, list(order.columns)):
                tables.add(batch.select(order.columns))
                bar.update(len(batch))
    return tables


Writer = Callable[[Corpus, Path, Order], tuple[list[Path], int]]
FORMS: dict[str, Writer] = {
    "jsonl": write_jsonl,
    "jsonl.gz": write_jsonl,
    "jsonl.zst": write_jsonl,
    "txt": write_txt,
    "parquet": write_parquet,
    "mnbvc": write_mnbvc,
    "hf": write_hf,
}
