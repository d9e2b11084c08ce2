"""Build seams_weights.tsv: python -m cleaner.tables.build_seams_weights SHARED_FOLDER, after build_seams

What each piece of evidence for a cut weighs. It is learnt from documents put together here out of the paragraphs of
build_seams, with headings, bylines, decks and captions such as newspapers have them, and cut at random. The counts that
the evidence rests on are made without the paragraphs of these documents, or it would look too good. The words for a
person are written here, too. No newspaper was looked at for a weight.
"""

import itertools
import random
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cleaner.lines import ends_sentence
from cleaner.repair import score
from cleaner.repair.breaks import is_doubtful
from cleaner.repair.grams import Grams
from cleaner.repair.words import shipped_words
from cleaner.tables.build import write
from cleaner.tables.build_seams import (
    SOURCES,
    fit,
    grams_of,
    modern_paragraphs,
    pairs_of,
    prose_paragraphs,
    sentences,
)

FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
OPENINGS = (
    "近年来，",
    "日前，",
    "据了解，",
    "据介绍，",
    "今年以来，",
    "与此同时，",
    "目前，",
    "此外，",
    "当前，",
    "近日，",
    "{}月{}日，",
    "{}年，",
    "截至目前，",
    "据悉，",
    "记者了解到，",
    "记者从有关部门获悉，",
    "如今，",
    "去年，",
    "同时，",
    "对此，",
    "会上，",
    "随后，",
    "其中，",
    "那么，",
    "事实上，",
    "{}指出，",
    "{}表示，",
)
NUMBERS = (
    "一、",
    "（二）",
    "第{}条\u3000",
    "{}.",
    "——",
    "一是",
    "二是",
    "首先，",
    "第三，",
    "【{}】",
    "●",
)
BYLINES = (
    "本报记者\u3000{}",
    "本报记者 {} {}",
    "记者 {}",
    "{}",
    "（作者单位：{}）",
    "{}摄",
    "（{}报道）",
    "本报记者\u3000{}摄",
    "新华社记者 {}",
)
LEADS = (
    "本报北京{}月{}日电\u3000（记者{}）",
    "新华社上海{}月{}日电\u3000（记者{}）",
    "（{}月{}日\u3000记者{}）",
)
BY_HAND = {"dash goes on": 6.0, "number goes on": 4.5, "short name begins": 2.0}  # too rare in the paragraphs
BY_HAND |= {"goes on in other texts": 1.0}  # what a corpus says; the paragraphs stand in none
CUT_SHARE = 0.3  # of the long paragraphs
DOCUMENTS = {"modern": 2200, "prose": 700}
HELD_OUT = {"modern": 6, "prose": 20}  # one block of paragraphs in so many is for documents
BLOCK, SEED = 20, 7


class Writer:
    """Writes documents of the paragraphs of a source, with everything between them."""

    def __init__(self, paragraphs: Sequence[str], seed: int) -> None:
        # Some sources break paragraphs off; their ends are no ends.
        self.paragraphs = [text for text in paragraphs if re.search("[。！？][”’）]?$", text)]
        self.rng = random.Random(seed)
        self.lines: list[str] = []
        self.joins: list[bool] = []  # whether a line goes on with the one before

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def name(self) -> str:
        return self.rng.choice(FAMILY) + "".join(self.rng.choices(GIVEN, k=self.rng.choice([1, 2, 2])))

    def filled(self, form: str) -> str:
        """A form with names in its gaps, or numbers where these stand before a unit."""
        form = re.sub("{}(?=[月日年条.])", lambda _: str(self.rng.randrange(1, 29)), form)
        return re.sub("{}", lambda _: self.name(), form)

    def any_of(self, forms: Sequence[str]) -> str:
        return self.filled(self.rng.choice(forms))

    def clause(self, paragraphs: Sequence[str]) -> str:
        """A clause without the mark at its end, such as a heading is; sometimes two with a space."""
        for _ in range(50):
            sentence = self.rng.choice([*sentences(self.rng.choice(paragraphs)), ""])
            parts = [part for part in re.split("[，；：。！？,;:!?”“（）()]", sentence) if 4 <= len(part) <= 26]
            if parts:
                kind = self.rng.random()
                if kind < 0.2:
                    return f"{self.rng.choice(parts)} {self.rng.choice(parts)}"
                return sentence.rstrip("。！？，；：”")[:60] if kind < 0.3 else self.rng.choice(parts)
        return "概况"

    def deck(self, paragraphs: Sequence[str]) -> str:
        """Some clauses with commas between, as a summary above the text has them."""
        found = self.clause(paragraphs)
        for _ in range(self.rng.randrange(3)):
            found += self.rng.choice("，， 、") + self.clause(paragraphs)
        return found

    def add(self, line: str, joins: bool = False) -> None:
        self.lines.append(line)
        self.joins.append(joins)

    def quoted(self, paragraph: str) -> str:
        """A paragraph that begins with what somebody says."""
        parts = sentences(paragraph)
        said = self.rng.randrange(1, len(parts) + 1)
        speech = "".join(parts[:said]).replace("“", "‘").replace("”", "’")
        found = f"“{speech}”{self.any_of(['', '{}说，', '{}告诉记者。', '{}介绍，'])}" + "".join(parts[said:])
        return found if ends_sentence(found) else found + "。"

    def begun(self, paragraph: str, is_first: bool) -> str:
        """A paragraph as one of its kind may begin."""
        kind = self.rng.random()
        if is_first and self.chance(0.3):
            return self.any_of(LEADS) + paragraph
        if kind < 0.12:
            return self.any_of(OPENINGS) + paragraph
        if kind < 0.19:
            return self.any_of(NUMBERS) + paragraph
        return self.quoted(paragraph) if kind < 0.3 else paragraph

    def head(self, paragraphs: Sequence[str]) -> None:
        self.add(self.clause(paragraphs))
        while self.chance(0.3):
            self.add(self.clause(paragraphs))
        if self.chance(0.15):
            self.add(self.deck(paragraphs))
        if self.chance(0.3):
            self.add(self.any_of(BYLINES))

    def subhead(self, paragraphs: Sequence[str]) -> None:
        kind = self.rng.random()
        number = self.rng.choice("一二三四五") + "、" if kind > 0.85 else ""
        self.add(self.deck(paragraphs)[:24] if 0.7 < kind <= 0.85 else number + self.clause(paragraphs))

    def pieces(self, text: str) -> list[str]:
        """A paragraph, whole or cut."""
        place = self.rng.randrange(1, len(text)) if len(text) > 40 and self.chance(CUT_SHARE) else 0
        found = [text[:place].rstrip(), text[place:].lstrip()]
        return found if all(found) else [text]

    def document(self) -> tuple[list[str], list[bool]]:
        """The lines of one document, and which of them go on with the one before."""
        start = self.rng.randrange(len(self.paragraphs) - 10)
        chosen = self.paragraphs[start : start + self.rng.randrange(4, 10)]
        self.lines, self.joins = [], []
        self.head(chosen)
        subheads = self.rng.choice([0, 0, 0, 0.15, 0.3])
        for number, paragraph in enumerate(chosen):
            if self.chance(subheads):
                self.subhead(chosen)
            text = self.begun(paragraph, number == 0)
            if self.chance(0.003):
                text = text.rstrip("。")
            for count, piece in enumerate(self.pieces(text)):
                self.add(piece, joins=count > 0)
            if self.chance(0.03):
                self.add(self.any_of(BYLINES))
        return self.lines, self.joins


def examples(
    documents: Iterator[tuple[list[str], list[bool]]], grams: Grams, pairs: dict[str, float]
) -> Iterator[tuple[dict[str, float], bool]]:
    """The evidence at every doubtful break, and whether it is a cut."""
    words = shipped_words()
    for lines, joins in documents:
        text = "\n".join(lines)
        for number, (left, right) in enumerate(itertools.pairwise(lines)):
            if is_doubtful(left, right):
                seam = score.Seam(left, right, number, text)
                yield dict(score.evidence(seam, score.Knowledge(grams, words, pairs))), joins[number + 1]


def parted(paragraphs: Sequence[str], one_in: int) -> tuple[list[str], list[str]]:
    """Paragraphs to count in, and paragraphs for documents, in blocks that keep neighbours together."""
    blocks = [paragraphs[start : start + BLOCK] for start in range(0, len(paragraphs), BLOCK)]
    random.Random(SEED).shuffle(blocks)
    size = len(blocks) // one_in
    return [text for block in blocks[size:] for text in block], [text for block in blocks[:size] for text in block]


def main() -> None:
    shared = Path(sys.argv[1])
    modern, new = parted(modern_paragraphs(shared), HELD_OUT["modern"])
    prose, old = parted(prose_paragraphs(shared), HELD_OUT["prose"])
    grams, pairs = Grams.of(grams_of(modern, prose)), pairs_of(modern, prose, shipped_words())
    found: list[tuple[dict[str, float], bool]] = []
    for number, (paragraphs, size) in enumerate(zip((new, old), DOCUMENTS.values(), strict=True)):
        writer = Writer(paragraphs, SEED + number)
        found += examples((writer.document() for _ in range(size)), grams, pairs)
    weights = fit([row for row, _ in found], [joins for _, joins in found], [1.0] * len(found))
    weights |= BY_HAND
    unknown = set(weights) - set(score.WORDS)
    assert not unknown, unknown
    rows = [(name, f"{weights.get(name, 0.0):.2f}", words) for name, words in score.WORDS.items()]
    write("seams_weights.tsv", f"{SOURCES} for the paragraphs; weights only.", rows)
    print(f"{len(found)} breaks, {sum(joins for _, joins in found)} of them cuts")


if __name__ == "__main__":
    main()
