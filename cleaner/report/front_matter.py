"""The YAML header of a dataset card, which dataset hubs and `datasets.load_dataset` read.

The licence is `unknown`: the texts belong to whoever wrote them, and cleaner was not told more.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# The hub's classes of size, each up to the next.
SIZES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
PLAIN = re.compile(r"[a-zA-Z][\w<./*-]*( [\w<./*-]+)*")  # strings that YAML takes as they are
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}  # and those that it does not take for strings


def front_matter(name: str, data_files: str, columns: Mapping[str, str], sizes: Mapping[str, int]) -> str:
    """The header of a corpus of `documents`, in `bytes` of memory and `download` bytes of files, as `sizes` says.

    `columns` gives the Arrow type of each, as `datasets` calls them.
    """
    header = {
        "language": ["zh"],
        "license": "unknown",
        "pretty_name": name,
        "size_categories": [size_category(sizes["documents"])],
        "task_categories": ["text-generation", "fill-mask"],
        "tags": ["chinese", "deduplicated", "pretraining"],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": data_files}]}],
        "dataset_info": {
            "features": [{"name": column, "dtype": kind} for column, kind in columns.items()],
            "splits": [{"name": "train", "num_bytes": sizes["bytes"], "num_examples": sizes["documents"]}],
            "download_size": sizes["download"],
            "dataset_size": sizes["bytes"],
        },
    }
    return "\n".join(["---", *yaml_lines(header), "---", ""])


def size_category(documents: int) -> str:
    """The hub's name for a number of rows.

    >>> size_category(999), size_category(1000), size_category(2_000_000), size_category(10**12)
    ('n<1K', '1K<n<10K', '1M<n<10M', 'n>1T')
    """
    power = len(str(documents)) - 4
    if power < 0:
        return "n<1K"
    return f"{SIZES[power]}<n<{SIZES[power + 1]}" if power + 1 < len(SIZES) else "n>1T"


def yaml_lines(value: Any) -> Iterator[str]:
    """A value of dicts, lists, strings and numbers as lines of YAML."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if isinstance(entry, dict | list):
                yield f"{key}:"
                yield from (f"  {line}" if isinstance(entry, dict) else line for line in yaml_lines(entry))
            else:
                yield f"{key}: {scalar(entry)}"
    elif isinstance(value, list):
        for entry in value:
            for number, line in enumerate(yaml_lines(entry)):
                yield f"{'  ' if number else '- '}{line}"
    else:
        yield scalar(value)


def scalar(value: str | int) -> str:
    """A string or number of YAML; a JSON string is one, too.

    >>> scalar("data/*.parquet"), scalar("no"), scalar("v1: new"), scalar(12)
    ('data/*.parquet', '"no"', '"v1: new"', '12')
    """
    if isinstance(value, str) and (not PLAIN.fullmatch(value) or value.lower() in WORDS):
        return json.dumps(value)
    return str(value)
