"""Croissant metadata (mlcommons.org/croissant, 1.0): what the files of an export are, and what fields their rows have.

Each Parquet file stands there with its size and SHA-256. A file set names them all, and one record set says which
column each field comes from, so that a reader such as mlcroissant gives back the documents. A licence, an address and
a day of publication are left out: nobody has told cleaner what they are.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

PARQUET = "application/x-parquet"
TYPES = {"string": "sc:Text", "large_string": "sc:Text", "int64": "cr:Int64"}
# The context that version 1.0 of the format prescribes.
PLAIN_TERMS = (
    *("citeAs", "column", "conformsTo", "equivalentProperty", "extract", "field", "fileProperty", "fileObject"),
    *("fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet"),
    *("references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"{'dct' if term == 'conformsTo' else 'cr'}:{term}" for term in PLAIN_TERMS},
}


FILES = {
    "@type": "cr:FileSet",
    "@id": "parquet-files",
    "name": "parquet-files",
    "description": "All files of documents, in order.",
    "encodingFormat": PARQUET,
    "includes": "data/*.parquet",
}


def croissant(
    name: str,
    description: str,
    files: Iterable[Mapping[str, Any]],
    columns: Mapping[str, str],
    meanings: dict[str, str],
) -> dict[str, Any]:
    """The metadata of an export whose `files` (path, bytes, sha256) hold `columns` (name and Arrow type)."""
    records: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": "documents",
        "name": "documents",
        "description": "One record for each document.",
        **({"key": {"@id": "documents/id"}} if "id" in columns else {}),
        "field": [field(column, kind, meanings[column]) for column, kind in columns.items()],
    }
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        **({"version": f"{name[1:]}.0.0"} if re.fullmatch(r"v\d+", name) else {}),
        "description": description,
        "inLanguage": "zh",
        "distribution": [*map(file_object, files), FILES],
        "recordSet": [records],
    }


def file_object(file: Mapping[str, Any]) -> dict[str, str]:
    """One file, where it lies, and by what it can be checked."""
    return {
        "@type": "cr:FileObject",
        "@id": file["path"],
        "name": file["path"].replace("/", "-"),
        "contentUrl": file["path"],
        "contentSize": f"{file['bytes']} B",
        "encodingFormat": PARQUET,
        "sha256": file["sha256"],
    }


def field(column: str, kind: str, meaning: str) -> dict[str, Any]:
    """One field of the records, and the column of the files that it comes from."""
    return {
        "@type": "cr:Field",
        "@id": f"documents/{column}",
        "name": column,
        "description": meaning,
        "dataType": TYPES[kind],
        "source": {"fileSet": {"@id": FILES["@id"]}, "extract": {"column": column}},
    }
