"""Texts in which a passage stands twice, and texts in which something repeats by right: for bench/passages.py.

The texts are the 800 articles of ../shared/eval/repair (evaluation only); where that is absent, those of raw/. Of the
articles those with even numbers are for development, the others held out. What repeats by right is made from their
paragraphs and from a few words below.
"""

import functools
import json
import lzma
import random
import re
from collections.abc import Callable
from pathlib import Path

import opencc

from cleaner.dedup.folding import folded
from cleaner.lines import width

ROOT = Path(__file__).parent.parent
ARTICLES = ROOT.parent / "shared/eval/repair/articles.jsonl.xz"
COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
)
PAGE = "— {} —"
HEADER = "青石日报  二〇二一年五月二十日  星期四  第{}版"
SURNAMES, GIVEN = "张王李赵陈林周吴", "建国志强秀英海燕文斌晓梅永福"

to_traditional = opencc.OpenCC("s2t").convert

Lines = list[str]
Variant = Callable[[Lines, random.Random], Lines]


@functools.cache
def articles(*, held_out: bool) -> tuple[Lines, ...]:
    """The paragraphs of each article that has some."""
    if ARTICLES.exists():
        with lzma.open(ARTICLES, "rt", encoding="utf-8") as stream:
            found = [json.loads(line)["lines"] for line in stream]
    else:
        texts = [path.read_bytes().decode("utf-8", "replace") for path in sorted((ROOT / "raw").rglob("*.txt"))]
        found = [[line.strip() for line in text.split("\n") if line.strip()] for text in texts]
    return tuple(lines for lines in found[held_out::2] if len(lines) >= 2)


def size(lines: Lines) -> int:
    """Folded characters."""
    return len(folded("\n".join(lines)))


# What becomes of a passage when it is pasted again


def exact(lines: Lines, rng: random.Random) -> Lines:
    return list(lines)


def with_slips(lines: Lines, rng: random.Random, rate: float = 0.01) -> Lines:
    """One character in a hundred is replaced, lost, or has another behind it."""
    made: Lines = []
    for line in lines:
        row = ""
        for character in line:
            if rng.random() >= rate:
                row += character
            else:
                row += rng.choice([rng.choice(COMMON), "", character + rng.choice(COMMON)])
        made.append(row)
    return made


def wrapped(lines: Lines, rng: random.Random) -> Lines:
    """Cut at a width, as on a page or in a column."""
    columns = rng.randrange(14, 42)
    made: Lines = []
    for line in lines:
        row, used = "", 0.0
        for character in "\u3000\u3000" + line:
            used += width(character)
            if used > columns and character not in "，。、；：！？”）》":
                made.append(row)
                row, used = "", width(character)
            row += character
        made.append(row)
    return made


def joined(lines: Lines, rng: random.Random) -> Lines:
    return ["".join(lines)]


def split(lines: Lines, rng: random.Random) -> Lines:
    """Each sentence on a line of its own."""
    return [piece for line in lines for piece in re.split("(?<=[。！？])(?![”’）》])", line) if piece]


def without_marks(lines: Lines, rng: random.Random) -> Lines:
    return [re.sub("[，。、；：！？“”（）《》]", "", line) for line in lines]


def with_other_marks(lines: Lines, rng: random.Random) -> Lines:
    """Marks of half the width, digits and letters of full width."""
    table: dict[int, int | str] = dict(zip(map(ord, "，。；：！？（）"), ",.;:!?()", strict=True))
    table |= {point: point + 0xFEE0 for point in range(0x30, 0x5B)}
    return [line.translate(table) for line in lines]


def with_furniture(lines: Lines, rng: random.Random) -> Lines:
    """Page numbers and running headers between the paragraphs, or between the wrapped lines."""
    made: Lines = []
    page = rng.randrange(2, 9)
    for number, line in enumerate(lines):
        made.append(line)
        if number + 1 < len(lines) and rng.random() < 0.1:
            made += [PAGE.format(page)] if rng.random() < 0.5 else [PAGE.format(page), HEADER.format(page + 1)]
            page += 1
    return made


def traditional(lines: Lines, rng: random.Random) -> Lines:
    return [to_traditional(line) for line in lines]


def in_a_row(*variants: Variant) -> Variant:
    def all_of_them(lines: Lines, rng: random.Random) -> Lines:
        for variant in variants:
            lines = variant(lines, rng)
        return lines

    return all_of_them


VARIANTS: dict[str, Variant] = {
    "exact": exact,
    "slips, 1 %": with_slips,
    "wrapped": wrapped,
    "paragraphs joined": joined,
    "sentences split": split,
    "no marks": without_marks,
    "other marks": with_other_marks,
    "page furniture": with_furniture,
    "traditional": traditional,
    "wrapped, slips": in_a_row(with_slips, wrapped),
    "wrapped, furniture": in_a_row(wrapped, with_furniture),
    "joined, slips": in_a_row(with_slips, joined),
    "split, slips, other marks": in_a_row(split, with_slips, with_other_marks),
    "all of it": in_a_row(with_slips, with_other_marks, wrapped, with_furniture),
}


def planted(lines: Lines, variant: Variant, rng: random.Random) -> tuple[str, tuple[int, int]] | None:
    """An article with a second copy of some of its paragraphs further down, and where that stands."""
    start = rng.randrange(len(lines))
    end = start + 1
    aim = rng.choice([200, 200, 300, 500, 1000, 5000])
    while end < len(lines) and size(lines[start:end]) < aim:
        end += 1
    if size(lines[start:end]) < 200:
        return None
    place = rng.randrange(end, len(lines) + 1)
    before = "".join(line + "\n" for line in lines[:place])
    copy = "\n".join(variant(lines[start:end], rng))
    after = "".join("\n" + line for line in lines[place:])
    return before + copy + after, (len(before), len(before) + len(copy))


def without_furniture(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line[:2] not in (HEADER[:2], PAGE[:2]))


# What repeats by right


def sample(rng: random.Random, low: int, high: int, *, held_out: bool) -> str:
    """A paragraph of a length, in folded characters, from sentences of one article."""
    while True:
        sentences = split(list(rng.choice(articles(held_out=held_out))), rng)
        start = rng.randrange(len(sentences))
        text = ""
        for sentence in sentences[start:]:
            text += sentence
            if size([text]) >= low:
                break
        if low <= size([text]) <= high:
            return text


def name(rng: random.Random) -> str:
    return rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, 2))


def date(rng: random.Random) -> str:
    return f"{rng.randrange(1990, 2021)}年{rng.randrange(1, 13)}月{rng.randrange(1, 29)}日"


def undamaged(rng: random.Random, *, held_out: bool) -> str:
    return "\n".join(rng.choice(articles(held_out=held_out)))


def prose_with_refrain(rng: random.Random, *, held_out: bool) -> str:
    """A paragraph of up to 190 characters that comes back after each part of a story."""
    refrain = sample(rng, 60, 190, held_out=held_out)
    parts = [sample(rng, 40, 400, held_out=held_out) for _ in range(rng.randrange(3, 7))]
    return "\n".join(line for part in parts for line in (part, refrain))


def song(rng: random.Random, *, held_out: bool, longest: int = 30) -> str:
    """Stanzas in short lines, with a chorus as long as a passage."""

    def stanza(count: int) -> Lines:
        clauses = re.split("[，。；：、！？“”（）]", sample(rng, 30 * count, 60 * count, held_out=held_out))
        return [clause for clause in clauses if 3 <= len(clause) <= 16][:count]

    chorus = stanza(rng.randrange(4, longest))
    return "\n".join(line for _ in range(4) for line in [*stanza(4), *chorus])


def wide_song(rng: random.Random, *, held_out: bool) -> str:
    """The same with two clauses a line, and a chorus of up to 190 characters."""
    lines = song(rng, held_out=held_out, longest=12).split("\n")
    return "\n".join(f"{a}，{b}。" for a, b in zip(lines[::2], lines[1::2], strict=False))


def notices(rng: random.Random, *, held_out: bool) -> str:
    """One notice, several times, each for another person and day."""
    body = sample(rng, 200, 500, held_out=held_out)
    place = rng.randrange(len(body))
    made = []
    for _ in range(rng.randrange(2, 6)):
        person = name(rng)
        made.append(f"{person}：{body[:place]}{person}{body[place:]}特此通知。{date(rng)}")
    return "\n".join(made)


def other_numbers(rng: random.Random, *, held_out: bool) -> str:
    """One report, several times, with other figures."""
    clauses = re.findall("[^，。；]+[，。；]", sample(rng, 220, 600, held_out=held_out))
    wanted = set(rng.sample(range(len(clauses)), min(len(clauses), max(2, len(clauses) // 8))))

    def report() -> str:
        return "".join(
            f"共{rng.randrange(10, 9999)}户，{clause}" if number in wanted else clause
            for number, clause in enumerate(clauses)
        )

    return "\n".join(report() for _ in range(3))


def blank_form(rng: random.Random, *, held_out: bool) -> str:
    """An empty form, printed several times."""
    fields = [
        clause[:6] for clause in re.split("[，。；：]", sample(rng, 300, 500, held_out=held_out)) if len(clause) > 5
    ]
    style = rng.randrange(3)
    if style == 0:
        form = [f"{field}：" for field in fields]
    elif style == 1:
        form = ["    ".join(f"{field}：" for field in fields[start : start + 4]) for start in range(0, len(fields), 4)]
    else:
        form = ["".join(f"{field}：____" for field in fields[start : start + 4]) for start in range(0, len(fields), 4)]
    return "\n".join(form * 3)


def table(rng: random.Random, *, held_out: bool) -> str:
    """A table whose rows, or most of them, stand in several pages of it."""
    mark = rng.choice(["\t", "|", ",", "    "])
    cells = [[sample(rng, 4, 60, held_out=held_out)[:4] for _ in range(6)] for _ in range(12)]
    rows = [mark.join(re.sub("[，。；,]", "", cell) for cell in row) for row in cells]
    return "\n".join([*rows, sample(rng, 60, 200, held_out=held_out), *rows])


def bylines(rng: random.Random, *, held_out: bool) -> str:
    """Several articles under the same head and over the same foot."""
    head = [
        sample(rng, 10, 60, held_out=held_out)[:20],
        f"本报讯 记者 {name(rng)} 通讯员 {name(rng)}",
        "图为活动现场。",
    ]
    foot = sample(rng, 60, 150, held_out=held_out)
    chosen = rng.sample(articles(held_out=held_out), 3)
    parts = [[*head, *lines, foot] for lines in chosen]
    return "\n".join(line for part in parts for line in part)


def quotation(rng: random.Random, *, held_out: bool) -> str:
    """A later paragraph that quotes an earlier one."""
    lines = list(rng.choice(articles(held_out=held_out)))
    quoted = sample(rng, 200, 400, held_out=held_out)
    lead, end = rng.choice([("原审法院查明：“", "”"), ("对此他在信中写道：", ""), ("“", "”这一段后来常被引用。")])
    return "\n".join([quoted, *lines, lead + quoted + end])


LOOK_ALIKES: dict[str, Callable[..., str]] = {
    "undamaged articles": undamaged,
    "prose with a refrain": prose_with_refrain,
    "songs": song,
    "songs in wide lines": wide_song,
    "notices to several people": notices,
    "reports with other numbers": other_numbers,
    "empty forms": blank_form,
    "tables": table,
    "heads, bylines, captions, feet": bylines,
    "quotations in a paragraph": quotation,
}
