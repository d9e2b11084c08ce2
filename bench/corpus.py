"""A raw corpus of the size asked, for the benchmarks of the whole: always the same for the same kind, size and seed.

    python bench/corpus.py RAW [--megabytes 25] [--kind mixed] [--mean 2000] [--seed 1] [--files-only]

`prose` is simplified text in UTF-8. In `mixed`, one text in five is traditional, one in five is in GBK or Big5, and one
in ten is damaged by pages: jump lines, page numbers, running headers, cut paragraphs, hard wraps. In both, about one
text in ten is a copy of another or has a passage twice; the plan, written to RAW.json, says which. News, reports,
novels and decisions are text files; the pages of sites and an encyclopedia are JSONL. No more than HELD texts are in
memory at a time.
"""

import json
import random
from collections import Counter, deque
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import IO, Annotated

import opencc
import typer
from breaks_texts import tear
from corpus_texts import GENRES, Text, lists, texts
from furniture_texts import lay_out

TABLES = ("forum", "entries")  # genres that lie in JSONL
FOLDER, TABLE = 500, 3000  # files of a folder, rows of a table
HELD = 2000  # latest undamaged texts, of which copies are made
COPIES = {"exact": 0.04, "near": 0.04, "contained": 0.02, "repeats": 0.02}  # shares of the texts
TRADITIONAL, LEGACY, DAMAGED = 0.2, 0.2, 0.1  # shares of the texts of `mixed`
TYPOS, CUT = 0.01, 0.9  # of a near copy: at most so many wrong characters, or at least so much of its original
CUTS = 0.3  # of the long paragraphs of a damaged text
PASSAGE = 400  # characters at least, of a text that stands in another or of a passage that stands twice


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text lies: its path below the raw folder and, in JSONL, its line from 1."""

    source: str
    row: int | None


@dataclass(frozen=True, slots=True)
class Planted:
    """A text that is a copy of another (`exact`, `near`, `contained`), or has a passage twice (`repeats`)."""

    kind: str
    place: Place
    of: Place | None


@dataclass(slots=True)
class Plan:
    """What a corpus was made of."""

    kind: str
    seed: int
    mean: int
    bytes: int = 0
    characters: int = 0
    files: int = 0
    documents: int = 0
    traditional: int = 0
    genres: Counter[str] = field(default_factory=Counter)
    encodings: Counter[str] = field(default_factory=Counter)
    damage: Counter[str] = field(default_factory=Counter)
    planted: list[Planted] = field(default_factory=list)


class Folder:
    """A raw folder that is being written: text files, and JSONL tables that stay open."""

    def __init__(self, raw: Path, plan: Plan, tables: tuple[str, ...]) -> None:
        raw.mkdir(parents=True)
        self.raw, self.plan, self.tables = raw, plan, tables
        self.open: dict[str, tuple[str, IO[bytes]]] = {}
        self.made = Counter[str]()

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for _, stream in self.open.values():
            stream.close()

    def add(self, genre: str, title: str, content: str, encoding: str) -> Place:
        """Write one text, and count it."""
        number = self.made[genre]
        self.made[genre] += 1
        self.plan.documents += 1
        self.plan.characters += len(content)
        self.plan.genres[genre] += 1
        self.plan.encodings[encoding] += 1
        if genre not in self.tables:
            source = f"{genre}/{number // FOLDER:04}/{number:06}.txt"
            if number % FOLDER == 0:
                (self.raw / source).parent.mkdir(parents=True)
            self.plan.files += 1
            self.plan.bytes += (self.raw / source).write_bytes(content.encode(encoding))
            return Place(source, None)
        if number % TABLE == 0:
            self.start_table(genre, number // TABLE)
        source, stream = self.open[genre]
        row = {"url": f"http://{genre}.example/{number}", "title": title, "text": content}
        self.plan.bytes += stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        return Place(source, number % TABLE + 1)

    def start_table(self, genre: str, number: int) -> None:
        if genre in self.open:
            self.open[genre][1].close()
        source = f"{genre}/site-{number:03}.jsonl"
        (self.raw / genre).mkdir(exist_ok=True)
        self.open[genre] = source, (self.raw / source).open("wb")
        self.plan.files += 1


class Copier:
    """Makes copies of the latest texts."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.held: deque[tuple[Text, Place]] = deque(maxlen=HELD)
        self.to_simplified, self.to_traditional = opencc.OpenCC("t2s").convert, opencc.OpenCC("s2tw").convert
        self.letters = "".join(lists()["thing"])

    def planted(self, text: Text) -> tuple[str, str, Place | None] | None:
        """Of one text in ten: what comes in its place, in its script; in what way it is a copy, and of what."""
        kind = self.rng.choices([*COPIES, ""], [*COPIES.values(), 1 - sum(COPIES.values())])[0]
        if kind == "repeats":
            lines = text.text.split("\n")
            passage = self.stretch(lines, PASSAGE)
            return ("\n".join([*lines, *passage]), kind, None) if 0 < len(passage) < len(lines) - 2 else None
        if not kind or not self.held:
            return None
        original, of = self.rng.choice(self.held)
        found = original.text
        if original.is_traditional != text.is_traditional:
            found = self.to_traditional(found) if text.is_traditional else self.to_simplified(found)
        if kind == "near":
            found = self.with_slips(found) if self.rng.random() < 0.5 else self.shortened(found)
        if kind == "contained":
            lines = found.split("\n")
            passage = self.stretch(lines, max(PASSAGE, len(found) // 2))
            if not passage or len("".join(passage)) > 0.7 * len(found):
                return None
            found = "\n".join(passage)
        return found, kind, of

    def stretch(self, lines: list[str], characters: int) -> list[str]:
        """Some lines in a row with so many characters at least; none where the text is too short for that."""
        start = self.rng.randrange(len(lines))
        size = 0
        for at in range(start, len(lines)):
            size += len(lines[at])
            if size >= characters:
                return lines[start : at + 1]
        return []

    def with_slips(self, text: str) -> str:
        """A character in a hundred at most is another one."""
        letters = list(text)
        for _ in range(int(len(text) * TYPOS * self.rng.random())):
            place = self.rng.randrange(len(letters))
            if letters[place] > "\u4dff":
                letters[place] = self.rng.choice(self.letters)
        return "".join(letters)

    def shortened(self, text: str) -> str:
        return text[: int(len(text) * self.rng.uniform(CUT, 1))].rstrip("\n")


def damaged(text: str, rng: random.Random) -> tuple[str, str]:
    """A text as pages leave it, and what they did to it."""
    lines = tuple(line.strip("\u3000 ") for line in text.split("\n") if line)
    if rng.random() < 0.5:
        return tear("", lines, rng, CUTS).text, "cut paragraphs"
    layout = rng.choice(("soft", "wrapped"))
    return "\n".join(lay_out("", lines, layout, f"{rng.random()}").lines), f"pages, {layout}"


def write_corpus(raw: Path, megabytes: float, plan: Plan, tables: tuple[str, ...] = TABLES) -> Plan:
    """Write a corpus of so many megabytes (10**6 bytes) into a new folder, and say what is in it.

    The genres in `tables` become JSONL, which is always UTF-8. Raises FileExistsError when the folder is there.
    """
    rng = random.Random(f"{plan.seed} {plan.kind}")
    copier, is_mixed = Copier(rng), plan.kind == "mixed"
    with Folder(raw, plan, tables) as folder:
        for text in texts(plan.seed, plan.mean, TRADITIONAL if is_mixed else 0.0):
            if plan.bytes >= megabytes * 1e6:
                break
            copy, content, damage = copier.planted(text), text.text, ""
            if copy is not None:
                content = copy[0]
            elif is_mixed and rng.random() < DAMAGED / (1 - sum(COPIES.values())):
                content, damage = damaged(content, rng)
                plan.damage[damage] += 1
            plan.traditional += text.is_traditional
            is_legacy = is_mixed and text.genre not in tables and rng.random() < legacy_share(tables)
            place = folder.add(text.genre, text.title, content, encoding_of(content, text.is_traditional, is_legacy))
            if copy is not None:
                plan.planted.append(Planted(copy[1], place, copy[2]))
            elif not damage:
                copier.held.append((text, place))
    return plan


def legacy_share(tables: tuple[str, ...]) -> float:
    """Of the text files, since tables are UTF-8: so that LEGACY of all texts are in older encodings."""
    return LEGACY * len(GENRES) / (len(GENRES) - len(tables))


def encoding_of(content: str, is_traditional: bool, is_legacy: bool) -> str:
    """The encoding to write a text in; UTF-8 where the older one does not have all characters."""
    wanted = ("big5" if is_traditional else "gbk") if is_legacy else "utf-8"
    try:
        content.encode(wanted)
    except UnicodeEncodeError:
        return "utf-8"
    return wanted


def as_json(plan: Plan) -> str:
    facts = {entry.name: getattr(plan, entry.name) for entry in fields(plan)}
    return json.dumps(facts | {"planted": [asdict(one) for one in plan.planted]}, ensure_ascii=False, indent=1)


def main(
    raw: Annotated[Path, typer.Argument(help="The folder to make; the plan is written beside it.")],
    megabytes: Annotated[float, typer.Option(help="Size of the files, in 10**6 bytes.")] = 25.0,
    kind: Annotated[str, typer.Option(help="prose or mixed.")] = "prose",
    mean: Annotated[int, typer.Option(help="Characters of a text, on average.")] = 2000,
    seed: Annotated[int, typer.Option()] = 1,
    files_only: Annotated[bool, typer.Option(help="No JSONL.")] = False,
) -> None:
    """Make a corpus and write its plan."""
    plan = write_corpus(raw, megabytes, Plan(kind, seed, mean), () if files_only else TABLES)
    raw.with_name(raw.name + ".json").write_text(as_json(plan) + "\n")
    planted = Counter(one.kind for one in plan.planted)
    print(f"{plan.documents:,} texts in {plan.files:,} files, {plan.bytes / 1e6:.1f} MB, planted: {dict(planted)}")


if __name__ == "__main__":
    typer.run(main)
