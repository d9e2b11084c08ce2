"""How fast each stage is, as a ratio to a raw OpenCC("t2s") over the same text in the same run.

    python bench/stages.py [--megabytes 8] [--rounds 3] [--no-kinds]

The text is made of the demo corpus, shuffled and varied with a fixed seed: simplified, a fifth of it traditional.
Then simplify on text of every kind, and its parts, on other text; see `conversion_speed`. Machines differ and are
shared; the ratios, measured in turns, are what can be compared.
"""

import random
import statistics
from collections.abc import Callable
from typing import Annotated

import opencc
import typer
from conversion_speed import demo_texts, measure, print_conversion_speed, print_shares

from cleaner.config import Config
from cleaner.decode import decode
from cleaner.dedup import dedup
from cleaner.document import Document
from cleaner.files import document_id
from cleaner.files.raw import RawText
from cleaner.normalize import normalize
from cleaner.repair import repair
from cleaner.simplify import simplify


def make_texts(megabytes: float) -> list[str]:
    """Documents of about 6 kB of UTF-8, every fifth of them traditional."""
    rng = random.Random(20261122)
    sentences = [
        sentence for text in demo_texts() for sentence in text.replace("\n", "").split("。") if len(sentence) > 10
    ]
    characters = [character for sentence in sentences for character in sentence if character > "\u4dff"]
    to_traditional = opencc.OpenCC("s2tw").convert
    texts: list[str] = []
    size = 0
    while size < megabytes * 1e6:
        # Every seventh character is another one, or all documents would be made of the same sentences.
        chosen = rng.sample(sentences, 50)
        varied = [
            "".join(rng.choice(characters) if rng.random() < 0.15 else c for c in sentence) for sentence in chosen
        ]
        text = "\n".join("。".join(varied[start : start + 5]) + "。" for start in range(0, len(varied), 5))
        texts.append(to_traditional(text) if len(texts) % 5 == 4 else text)
        size += len(text.encode())
    return texts


def main(
    megabytes: Annotated[float, typer.Option(help="How much text, in megabytes of UTF-8.")] = 4.0,
    rounds: Annotated[int, typer.Option(help="How often to measure everything in turn.")] = 3,
    kinds: Annotated[bool, typer.Option(help="Measure simplify on text of every kind, too.")] = True,
) -> None:
    """Measure each stage beside raw OpenCC."""
    config = Config()
    texts = make_texts(megabytes)
    size = sum(len(text.encode()) for text in texts) / 1e6
    documents = [Document(document_id(str(number)), str(number), text) for number, text in enumerate(texts)]
    inputs = [RawText(str(number), text.encode("gb18030")) for number, text in enumerate(texts)]
    convert = opencc.OpenCC("t2s").convert
    measured: dict[str, Callable[[], object]] = {
        "raw OpenCC t2s": lambda: [convert(text) for text in texts],
        "decode (GB18030)": lambda: list(decode(inputs, config.decode)),
        "normalize": lambda: list(normalize(documents, config.normalize)),
        "simplify": lambda: list(simplify(documents, config.simplify)),
        "repair": lambda: list(repair(documents, config.repair)),
        "dedup": lambda: list(dedup(documents, config.dedup)),
    }
    times = measure(measured, rounds)
    base = statistics.median(times["raw OpenCC t2s"])
    print(f"{size:.1f} MB of UTF-8 in {len(texts):,} documents, one core, median of {rounds} rounds")
    for name, found in times.items():
        median = statistics.median(found)
        print(f"{name:18} {size / median:8.1f} MB/s {base / median:8.3f} of raw OpenCC")
    if kinds:
        print_conversion_speed(megabytes / 2, 3 * rounds)
        print_shares(megabytes / 2, 3 * rounds)


if __name__ == "__main__":
    typer.run(main)
