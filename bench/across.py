"""What dedup finds of documents within longer ones and of passages in several: python bench/across.py [--seed N]

Texts of ../shared/eval (evaluation only), each used once, are planted with a fixed seed: passages of 200 folded
characters and more, exact, with typos, with other line breaks, in the other script, with furniture in between; whole
documents within longer ones, in pieces of the same kinds. Beside them stands what only looks alike: quotations shorter
than a passage, forms filled in with other numbers, what stands in many documents, lines over and over. What is found
and was not planted is wrong. Then the speed of each pass, and texts made to be slow.
"""

import itertools
import json
import lzma
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import opencc
import typer

from cleaner.config import Config, DedupConfig
from cleaner.dedup import across_among
from cleaner.dedup.across import Across
from cleaner.dedup.fingerprints import bits_for, laid_out, occurring, slots_in, states_of
from cleaner.dedup.folding import folded
from cleaner.document import Document

EVAL = Path(__file__).parent.parent.parent / "shared/eval"
PASSAGES = ("exact", "1 % typos", "other line breaks", "other script", "with furniture")
WHOLE = ("whole", "whole, 1 % typos", "whole, other script", "whole, with furniture", "whole and short")
ALIKE = ("quotation", "form", "boilerplate", "lines over and over", "common phrases")
CONFIG = Config().dedup
LEAST = 200  # folded characters of what is planted
to_traditional = opencc.OpenCC("s2t").convert


@dataclass(slots=True)
class Planted:
    """Documents, and what was planted: pairs of ids by kind, and those that must not be found."""

    documents: list[Document] = field(default_factory=list)
    passages: dict[tuple[str, str], str] = field(default_factory=dict)
    contained: dict[tuple[str, str], str] = field(default_factory=dict)
    alike: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, lines: list[str], kind: str) -> str:
        name = f"{len(self.documents):06}"
        self.documents.append(Document(name, f"{kind}/{name}.txt", "\n".join(lines)))
        return name


def paragraphs(held_out: bool) -> list[list[str]]:
    """The texts as lists of paragraphs, each text once: every second one for development, the others held out."""
    with lzma.open(EVAL / "repair/articles.jsonl.xz", "rt", encoding="utf-8") as stream:
        found = [json.loads(line)["lines"] for line in stream]
    for name in ("simplified-cmrc-dev.txt", "traditional-drcd-dev.txt"):
        lines = (EVAL / "simplify" / name).read_text(encoding="utf-8").split("\n")
        found += [cut_into_paragraphs(line) for line in lines]
    found = [[line for line in text if line.strip()] for text in found]
    once: dict[bytes, list[str]] = {}
    for text in found:
        if len(folded("".join(text))) >= LEAST:
            once.setdefault(folded("".join(text)[-90:]).tobytes(), text)
    return list(once.values())[held_out::2]


def cut_into_paragraphs(text: str) -> list[str]:
    """A text without line breaks in paragraphs of some sentences."""
    sentences = [sentence + "。" for sentence in text.split("。") if sentence]
    return ["".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2)]


def with_typos(lines: list[str], share: float, rng: random.Random) -> list[str]:
    """Lines in which some characters are another, doubled or missing."""

    def typed(character: str) -> str:
        if rng.random() >= share:
            return character
        return rng.choice([chr(rng.randrange(0x4E00, 0x9FA5)), character * 2, "", chr(rng.randrange(0x4E00, 0x9FA5))])

    return ["".join(map(typed, line)) for line in lines]


def broken_otherwise(lines: list[str], rng: random.Random) -> list[str]:
    """The same text in other lines."""
    text = "".join(lines)
    size = rng.randrange(30, 120)
    return [text[at : at + size] for at in range(0, len(text), size)]


def with_furniture(lines: list[str], rng: random.Random) -> list[str]:
    """Lines with a page number or a header of a page between them."""
    place = rng.randrange(len(lines) + 1)
    page = rng.randrange(1, 99)
    return [*lines[:place], rng.choice([f"— {page} —", f"第{page}页", f"青石镇年报 {page}"]), *lines[place:]]


def changed(lines: list[str], kind: str, rng: random.Random) -> list[str]:
    """How a passage looks in the other document."""
    if "typos" in kind:
        return with_typos(lines, 0.01, rng)
    if "breaks" in kind:
        return broken_otherwise(lines, rng)
    if "script" in kind:
        return [to_traditional(line) for line in lines]
    return with_furniture(lines, rng) if "furniture" in kind else lines


def some_lines(text: list[str], rng: random.Random, least: int = LEAST, most: int = 10**9) -> list[str]:
    """Some lines of a text, in a row, with so many folded characters; none if there are no such."""
    for start in rng.sample(range(len(text)), len(text)):
        lines: list[str] = []
        for line in text[start:]:
            lines.append(line)
            size = len(folded("".join(lines)))
            if least <= size <= most:
                return lines
            if size > most:
                break
    return []


def plant(held_out: bool, seed: int) -> Planted:
    """The documents, in an order that says nothing."""
    rng = random.Random(seed)
    texts = paragraphs(held_out)
    rng.shuffle(texts)
    planted = Planted()
    kinds = [*PASSAGES, *WHOLE, "quotation"]
    for kind in itertools.cycle(kinds):
        if len(texts) <= 60:
            break
        first, second = texts.pop(), texts.pop()
        if kind in PASSAGES:
            plant_passage(planted, first, second, kind, rng)
        elif kind in WHOLE:
            plant_whole(planted, first, second, kind, rng)
        else:
            lines = some_lines(first, rng, 60, 180)
            if lines:
                names = planted.add(first, kind), planted.add([*second[:1], *lines, *second[1:]], kind)
                planted.alike[names] = kind
    plant_look_alikes(planted, texts, rng)
    rng.shuffle(planted.documents)
    return planted


def plant_passage(planted: Planted, first: list[str], second: list[str], kind: str, rng: random.Random) -> None:
    """Some lines of one text in another one, so that they are not most of either."""
    lines = some_lines(first, rng, LEAST + 15)
    size = len("".join(lines))
    if not lines or size > 0.7 * len("".join(first)) or size > 2 * len("".join(second)):
        return
    place = rng.randrange(len(second) + 1)
    names = (
        planted.add(first, kind),
        planted.add([*second[:place], *changed(lines, kind, rng), *second[place:]], kind),
    )
    planted.passages[names] = kind


def plant_whole(planted: Planted, first: list[str], second: list[str], kind: str, rng: random.Random) -> None:
    """One text and, within it, another one that is a document of its own; long enough to be no near copy."""
    if "short" in kind:
        first = some_lines(first, rng, 60, 190)
    if not first:
        return
    if len("".join(second)) < 0.6 * len("".join(first)):
        return
    place = rng.randrange(len(second) + 1)
    names = planted.add(first, kind), planted.add([*second[:place], *changed(first, kind, rng), *second[place:]], kind)
    planted.contained[names] = kind


def plant_look_alikes(planted: Planted, texts: list[list[str]], rng: random.Random) -> None:
    """What no rule may take for a copy: a form, a notice below every page, verses, phrases."""
    texts, others = texts[:30], texts[30:]
    notice = [
        "本报所有文字、图片和音视频资料，版权均属本报所有，任何媒体、网站或个人未经本报书面授权不得转载、链接、转贴。"
    ] * 1
    notice += [some_lines(texts[0], rng)[0][:160], "".join(texts[1])[:120]]
    for number, text in enumerate(texts[2:] * 2):  # each in two halves, so in more documents than fifty
        middle = len(text) // 2
        part = text[:middle] if number < len(texts) - 2 else text[middle:]
        if len("".join(part)) > 60:
            planted.add([*part, *notice], "boilerplate")
    form = (
        "兹有本镇居民于{}年{}月{}日申请用水，户号{}，水表底数{}吨，应缴水费{}元，滞纳金{}元，"
        "请在{}月{}日以前到供水站缴清。"
    )
    for _ in range(12):
        rows = [form.format(*(rng.randrange(10, 9999) for _ in range(9))) for _ in range(5)]
        planted.add(rows, "form")
        planted.add([*others.pop(), *rows[:2], *others.pop()], "form")
    for number in range(6):
        planted.add(["燕子飞，燕子飞，飞到东来飞到西"] * (40 + 15 * number), "lines over and over")
        planted.add(["哈" * (400 + 50 * number)], "lines over and over")


@dataclass(slots=True)
class Score:
    """What was found of what was planted, and what else."""

    of: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    def recall(self, kinds: tuple[str, ...]) -> float:
        return sum(self.found[kind] for kind in kinds) / max(1, sum(self.of[kind] for kind in kinds))


def scored(planted: Planted, across: Across) -> Score:
    """Compare what was found with what was planted; which of two documents comes first does not count."""
    score = Score()
    contained = {(entry.id, entry.by) for entry in across.contained}
    passages = {(row.id, row.by) for row in across.passages}
    for gold, pairs in ((planted.passages, passages), (planted.contained, contained)):
        for (a, b), kind in gold.items():
            score.of[kind] += 1
            score.found[kind] += (is_there := (a, b) in pairs or (b, a) in pairs)
            if not is_there:
                score.missed.append((kind, a, b))
    right = {frozenset(pair) for pair in (*planted.passages, *planted.contained)}
    score.wrong = sorted(pair for pair in contained | passages if frozenset(pair) not in right)
    return score


def measure(held_out: bool, seed: int, config: DedupConfig = CONFIG) -> tuple[Planted, Across, Score]:
    planted = plant(held_out, seed)
    across = across_among(lambda: planted.documents, config)
    return planted, across, scored(planted, across)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def hostile(size: int) -> Iterator[tuple[str, list[str]]]:
    """Texts made to be slow, of about so many characters each."""
    yield (
        "one line in all documents",
        [f"{number}号\n" + "守堤的人两个一组，带上哨子手电。" * 4 for number in range(size // 70)],
    )
    yield "identical lines", ["守堤的人两个一组。\n" * (size // 20), "守堤的人两个一组。\n" * (size // 22)]
    yield "one character", ["哈" * (size // 2), "哈" * (size // 3)]
    yield "two alternating halves", [("甲乙" * 9 + "\n") * (size // 60), ("乙甲丙" * 7 + "\n") * (size // 60)]
    block = "".join(chr(0x4E00 + (7 * at * at + at) % 20000) for at in range(300))
    yield "a passage in 50 documents", [block + "\n" + chr(0x5000 + at) * 400 for at in range(min(50, size // 700))]


def print_speed(planted: Planted) -> None:
    """How fast each pass is, and what it holds."""
    documents = planted.documents
    everyone = np.ones(len(documents), dtype=np.bool_)
    size = sum(len(document.text.encode()) for document in documents) / 1e6
    bits = bits_for(sum(len(document.text) for document in documents))
    states = states_of(slots_in(documents, everyone, bits), bits)
    found = occurring(documents, everyone, states)
    print(f"\n{size:.1f} MB; {found.nbytes / len(documents):.0f} bytes a document are held")
    passes: dict[str, Callable[[], object]] = {
        "count": lambda: states_of(slots_in(documents, everyone, bits), bits),
        "write down": lambda: occurring(documents, everyone, states),
        "lay out": lambda: laid_out([document.text for document in documents]),
        "all, with sketches": lambda: across_among(lambda: documents, CONFIG),
    }
    for name, work in passes.items():
        print(f"{name:28} {size / min(timed(work) for _ in range(3)):8.1f} MB/s")
    for small, large in zip(hostile(2_000_000), hostile(4_000_000), strict=True):
        times = [timed(lambda texts=texts: across_of(texts)) for _, texts in (small, large)]
        print(f"{small[0]:28} {times[0]:8.2f} s, twice as much {times[1]:.2f} s")


def across_of(texts: list[str]) -> Across:
    documents = [Document(f"{number:06}", f"{number:06}", text) for number, text in enumerate(texts)]
    return across_among(lambda: documents, CONFIG)


def main(
    seed: Annotated[int, typer.Option(help="Of what is planted where.")] = 1,
    dev: Annotated[bool, typer.Option("--dev", help="The half for development.")] = False,
    listed: Annotated[int, typer.Option("--list", help="Show so many of what is missed and wrong.")] = 0,
    speed: Annotated[bool, typer.Option("--speed/--no-speed")] = True,
) -> None:
    planted, across, score = measure(not dev, seed)
    print(f"{len(planted.documents):,} documents, {across.boilerplate} fingerprints passed over as boilerplate")
    for kind in (*PASSAGES, *WHOLE):
        print(f"{kind:28} {score.found[kind]:5} of {score.of[kind]:5}")
    print(f"recall {score.recall(PASSAGES):.3f} of passages, {score.recall(WHOLE):.3f} of documents")
    print(f"{len(score.wrong)} wrong; beside {len(planted.alike)} quotations and other look-alikes")
    texts = {document.id: document for document in planted.documents}
    for kind, a, b in score.missed[:listed]:
        print(f"\nmissed, {kind}: {a} {b}\n  {texts[a].text[:150]!r}\n  {texts[b].text[:150]!r}")
    for a, b in score.wrong[:listed]:
        rows = [(row.start, row.end) for row in across.passages if (row.id, row.by) == (a, b)]
        places = rows or [(0, 150)]
        print(f"\nwrong: {texts[a].source} {texts[b].source} {rows}")
        print("\n".join(f"  {texts[a].text[start:end]!r}" for start, end in places))
    if speed:
        print_speed(planted)


if __name__ == "__main__":
    typer.run(main)
