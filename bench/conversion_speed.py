"""How long simplify and normalize take beside a raw OpenCC t2s, in turns in the same run, on texts of every kind.

The sentences are those of the newspaper articles and the modern prose in ../shared beside the project, or of the demo
corpus where that is absent; the documents are made of them with a fixed seed.
"""

import itertools
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import opencc
from conversion_texts import PROSE, simplified

from cleaner.config import Config
from cleaner.decode import decode
from cleaner.document import Document, Edits
from cleaner.files import document_id
from cleaner.files.raw import RawText
from cleaner.normalize import normalize
from cleaner.simplify import simplify
from cleaner.simplify.convert import convert, convert_outright
from cleaner.simplify.scripts import classes_of, find_traditional

ROOT = Path(__file__).parent.parent
SIZES = {"600 B": 600, "6 kB": 6_000, "300 kB": 300_000}  # of a document, in bytes of UTF-8
ISOLATED_EVERY = 2_000  # bytes of text to a lone traditional character, but at least three in a document
QUOTE_EVERY = 8  # lines to one that is traditional
LINE = 4  # sentences
Functions = dict[str, Callable[[], object]]


def seconds(function: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def measure(functions: Functions, rounds: int) -> dict[str, list[float]]:
    """Processor seconds of each call of each function, called in turns in so many rounds."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(seconds(function))
    return times


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios in each round: what slows a round slows both."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


class Maker:
    """Makes documents of sentences drawn by lot."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = sentences
        self.rng = random.Random(20261122)
        self.traditional: Callable[[str], str] = opencc.OpenCC("s2tw").convert

    def line(self) -> str:
        return "。".join(self.rng.choices(self.sentences, k=LINE)) + "。"

    def simplified(self, size: int) -> str:
        """A document of about so many bytes."""
        lines: list[str] = []
        used = 0
        while used < size:
            lines.append(self.line())
            used += len(lines[-1].encode())
        return "\n".join(lines).encode()[:size].decode(errors="ignore")

    def isolated(self, size: int) -> str:
        """A simplified document in which a few characters are traditional."""
        text = self.simplified(size)
        characters = list(text)
        for _ in range(max(3, size // ISOLATED_EVERY)):
            while True:
                place = self.rng.randrange(len(text))
                if (character := self.traditional(text[place])) != text[place]:
                    break
            characters[place] = character
        return "".join(characters)

    def quoting(self, size: int) -> str:
        """A simplified document with traditional lines."""
        lines = self.simplified(size).split("\n")
        for place in range(len(lines) // 2 % QUOTE_EVERY, len(lines), QUOTE_EVERY):
            lines[place] = self.traditional(lines[place])
        return "\n".join(lines)

    def documents(self, kind: str, size: int, total: float) -> list[str]:
        """Documents of a kind in KINDS."""
        count = max(5, round(total / size))
        if kind == "traditional":
            return [self.traditional(self.simplified(size)) for _ in range(count)]
        if kind == "one in five traditional":
            texts = [self.simplified(size) for _ in range(count)]
            return [self.traditional(text) if number % 5 == 4 else text for number, text in enumerate(texts)]
        make = {"simplified": self.simplified, "isolated traditional": self.isolated, "traditional lines": self.quoting}
        return [make[kind](size) for _ in range(count)]


KINDS = ("simplified", "traditional", "one in five traditional", "isolated traditional", "traditional lines")


def demo_texts() -> list[str]:
    """The simplified documents of the demo corpus, as the decode stage reads them."""
    folders = ("news", "reports", "notices")
    paths = [path for path in sorted((ROOT / "raw").rglob("*.txt")) if path.parent.name in folders]
    inputs = [RawText(path.name, path.read_bytes()) for path in paths]
    return [outcome.document.text for outcome in decode(inputs, Config().decode) if not outcome.dropped]


def find_sentences() -> tuple[str, list[str]]:
    """Where the sentences are from, and the sentences."""
    try:
        texts, source = [*simplified("articles"), *simplified(PROSE)], "articles and prose of ../shared"
    except FileNotFoundError:
        texts, source = demo_texts(), "the demo corpus"
    sentences = itertools.chain.from_iterable(text.replace("\n", "。").split("。") for text in texts)
    return source, [sentence for sentence in sentences if 8 < len(sentence) <= 120]


def make_documents(texts: Sequence[str]) -> list[Document]:
    return [Document(document_id(str(number)), str(number), text) for number, text in enumerate(texts)]


def print_conversion_speed(megabytes: float, rounds: int) -> None:
    """A line for each kind and size: raw OpenCC, and the stages as so many times its speed."""
    source, sentences = find_sentences()
    maker = Maker(sentences)
    print(f"\nOf {source}, {megabytes:g} MB of each, median of {rounds} rounds; times the speed of raw OpenCC t2s")
    print(f"{'':26}{'size':>8}{'t2s MB/s':>10}{'simplify':>10}{'normalize':>10}")
    for kind, (name, size) in itertools.product(KINDS, SIZES.items()):
        texts = maker.documents(kind, size, megabytes * 1e6)
        times = measure(stages(texts, with_normalize=kind == "simplified"), rounds)
        raw = times.pop("raw")
        rate = sum(len(text.encode()) for text in texts) / statistics.median(raw) / 1e6
        speeds = "".join(f"{ratio(raw, found):>10.2f}" for found in times.values())
        print(f"{kind:26}{name:>8}{rate:10.1f}{speeds}", flush=True)


def stages(texts: Sequence[str], with_normalize: bool) -> Functions:
    """Raw OpenCC and the stages, each over the same texts; normalize over what it made of them, which is clean."""
    config, documents = Config(), make_documents(texts)
    raw = opencc.OpenCC("t2s").convert
    functions: Functions = {
        "raw": lambda: [raw(text) for text in texts],
        "simplify": lambda: list(simplify(documents, config.simplify)),
    }
    if with_normalize:
        clean = [outcome.document for outcome in normalize(documents, config.normalize)]
        functions["normalize"] = lambda: list(normalize(clean, config.normalize))
    return functions


def print_shares(megabytes: float, rounds: int) -> None:
    """What each part of simplify takes of the time of raw OpenCC t2s, in documents of 6 kB."""
    maker = Maker(find_sentences()[1])
    names = ("classes", "scripts", "opencc", "duals", "ledger", "stage")
    print(f"\n{'share of the time of raw OpenCC t2s':36}" + "".join(f"{name:>10}" for name in names))
    for kind in KINDS:
        times = measure(parts(maker.documents(kind, SIZES["6 kB"], megabytes * 1e6)), rounds)
        shares = {name: ratio(found, times["raw"]) for name, found in times.items()}
        shares["duals"] = shares["opencc and duals"] - shares["opencc"]
        print(f"{kind:36}" + "".join(f"{shares[name]:>10.2f}" for name in names), flush=True)


def parts(texts: Sequence[str]) -> Functions:
    """Raw OpenCC, the parts of the stage one after the other, and the whole of it."""
    config, documents = Config().simplify, make_documents(texts)
    raw = opencc.OpenCC("t2s").convert
    classes = [classes_of(text) for text in texts]
    found = [(text, each, find_traditional(each, config)[2]) for text, each in zip(texts, classes, strict=True)]
    wanted = [(text, each, spans) for text, each, spans in found if spans]
    pairs = [(text, convert(text, each, spans)) for text, each, spans in wanted]
    return {
        "raw": lambda: [raw(text) for text in texts],
        "classes": lambda: [classes_of(text) for text in texts],
        "scripts": lambda: [find_traditional(each, config) for each in classes],
        "opencc": lambda: [convert_outright(text, spans) for text, _, spans in wanted],
        "opencc and duals": lambda: [convert(text, each, spans) for text, each, spans in wanted],
        "ledger": lambda: [Edits.between("convert_traditional", text, new) for text, new in pairs],
        "stage": lambda: list(simplify(documents, config)),
    }
