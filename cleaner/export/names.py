"""File names for the texts of a corpus: like the paths below raw/, but such as every disk can hold.

A path below raw/ is what somebody once called a file, on some system, or what a hand-made Parquet file says it is. As a
name to be written it may climb out of the folder (`..`), hold characters that other systems refuse, be too long, or
differ from another name only in case. Whatever is done to a name, the index tells which document it belongs to.
"""

import hashlib
import re
import unicodedata

from cleaner.document import Document

LONGEST_PART = 200  # bytes of one part of a path; disks allow 255
LONGEST_PATH = 900  # bytes of a whole path; Windows and archives allow less than Linux
ELSEWHERE = "elsewhere"  # the folder of texts whose own path cannot be had
REFUSED = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*]')
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)  # names that Windows keeps for itself


class Names:
    """Gives each document a name that no other has, whatever the disk thinks of case and accents."""

    def __init__(self) -> None:
        # Hashes take a tenth of what the names would. Two names with one hash only cost the second its plain name.
        self.files: set[int] = set()
        self.folders: set[int] = set()

    def name_of(self, document: Document) -> str:
        """The path of a document's text, with forward slashes, ending in .txt."""
        name = plain_name(document.source, document.row)
        if len(name.encode()) > LONGEST_PATH:
            name = f"{ELSEWHERE}/{document.id}.txt"
        if not self.is_free(name):
            name = f"{name.removesuffix('.txt')}~{document.id}.txt"
        if not self.is_free(name):
            name = f"{ELSEWHERE}/{document.id}.txt"
        self.files.add(folded(name))
        parts = name.split("/")
        self.folders.update(folded("/".join(parts[:depth])) for depth in range(1, len(parts)))
        return name

    def is_free(self, name: str) -> bool:
        parts = name.split("/")
        above = {folded("/".join(parts[:depth])) for depth in range(1, len(parts))}
        mine = folded(name)
        return mine not in self.files and mine not in self.folders and not above & self.files


def plain_name(source: str, row: int | None) -> str:
    r"""A path below raw/ as a name that any disk can hold.

    >>> plain_name("news/a.txt", None), plain_name("board.jsonl", 12), plain_name("a.html", None)
    ('news/a.txt', 'board.jsonl/12.txt', 'a.html.txt')
    >>> plain_name("../../etc/passwd", None), plain_name("/c:\\aux.txt", None), plain_name("a/./ b .", None)
    ('%2E%2E/%2E%2E/etc/passwd.txt', 'c%3A%5Caux.txt', 'a/%2E/%20b %2E.txt')
    """
    parts = [part for part in source.split("/") if part] or ["unnamed"]
    if row is not None:
        parts.append(f"{row}.txt")
    elif not parts[-1].endswith(".txt"):
        parts[-1] += ".txt"
    return "/".join(plain_part(part) for part in parts)


def plain_part(part: str) -> str:
    """One part of a path without what some system refuses, by its bytes in hex; too long a one ends in its digest."""
    if part.strip(".") == "":
        part = part.replace(".", "%2E")
    part = REFUSED.sub(in_hex, part)
    part = re.sub(r"^ |[ .](?=\.txt$)|[ .]$", in_hex, part)
    part = DEVICES.sub(lambda match: in_hex(match[0][0]) + match[0][1:], part, count=1) if DEVICES.match(part) else part
    part = part.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if len(part.encode()) <= LONGEST_PART:
        return part
    digest = hashlib.sha256(part.encode()).hexdigest()[:8]
    end = ".txt" if part.endswith(".txt") else ""
    return part.encode()[: LONGEST_PART - 20].decode("utf-8", "ignore") + f"~{digest}{end}"


def in_hex(character: re.Match[str] | str) -> str:
    text = character if isinstance(character, str) else character[0]
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def folded(name: str) -> int:
    """A hash of a name that is the same for names that some disk takes for one."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    return int.from_bytes(hashlib.blake2b(plain.encode(), digest_size=8).digest(), "big")
