"""What a dataset hub wants beside Parquet files: a card that names them and their columns, and Croissant metadata."""

from pathlib import Path

from cleaner.export.croissant import croissant
from cleaner.files import write_whole
from cleaner.files.corpus import Corpus
from cleaner.files.exports import file_entry
from cleaner.files.folder import as_json
from cleaner.files.tables import DOCUMENTS
from cleaner.report.card import COLUMNS, build_hub_card, name_of


def write_hub(corpus: Corpus, folder: Path, data: list[Path], columns: list[str]) -> list[Path]:
    """Write README.md and croissant.json beside the finished Parquet files. Returns their paths."""
    card, metadata = folder / "README.md", folder / "croissant.json"
    write_whole(card, build_hub_card(corpus, data, columns).encode())
    counts = corpus.stages[-1].report["counts"]
    described = croissant(
        name_of(corpus),
        f"{counts['kept']:,} Chinese texts with {counts['characters_out']:,} characters, cleaned and deduplicated.",
        [file_entry(path, folder) for path in data],
        {name: "int64" if DOCUMENTS.field(name).type == "int64" else "string" for name in columns},
        COLUMNS,
    )
    write_whole(metadata, as_json(described))
    return [card, metadata]
