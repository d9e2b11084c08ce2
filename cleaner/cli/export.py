"""The command that hands a corpus to other tools: `export`."""

from pathlib import Path
from typing import Annotated

import typer

from cleaner.cli.options import Folder, say
from cleaner.places import place

TO = "jsonl, jsonl.gz, jsonl.zst, txt, parquet, mnbvc or hf."


def export(
    folder: Folder,
    out: Annotated[
        Path, typer.Argument(parser=place, metavar="OUT", help="Folder to write; an earlier export is replaced.")
    ],
    to: Annotated[str, typer.Option("--to", metavar="FORM", help=TO)],
    columns: Annotated[
        str | None,
        typer.Option("--columns", metavar="A,B,…", help="Only these columns, in this order, such as id,source,text."),
    ] = None,
    shard_bytes: Annotated[
        int | None,
        typer.Option(
            "--shard-bytes", metavar="N", min=1, help="Text per file, before compression; 500 MiB by default."
        ),
    ] = None,
    copies: Annotated[
        bool, typer.Option("--copies", help="mnbvc: also the documents dropped as copies, marked as such.")
    ] = False,
) -> None:
    """Write the documents for another tool.

    jsonl[.gz|.zst]: one object a line. txt: a file per document. parquet: plain columns. mnbvc: the schema of that
    collection. hf: a folder that datasets.load_dataset opens, with a card and Croissant metadata.
    """
    from cleaner.export import SHARD_BYTES, Order
    from cleaner.export import export as write
    from cleaner.files.corpus import open_corpus
    from cleaner.files.tables import DOCUMENTS

    names = tuple(DOCUMENTS.names) if columns is None else tuple(name.strip() for name in columns.split(","))
    order = Order(to, names, shard_bytes or SHARD_BYTES, copies)
    seal = write(open_corpus(folder), out, order)
    files = len(seal["files"]) + (seal["documents"] if to == "txt" else 0)
    say([f"exported {seal['documents']:,} documents to {out} ({files:,} {'file' if files == 1 else 'files'})"])
