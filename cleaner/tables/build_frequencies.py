"""Build frequencies.txt and pairs.txt: python -m cleaner.tables.build_frequencies SHARED_FOLDER

How often each character is used, in simplified and in traditional text, and which characters stand side by side more
often than chance would have it, in simplified spelling. SHARED_FOLDER holds the running text that
is counted: corpora/prose-modern.txt.xz (NiuTrans Classical-Modern), and of eval/simplify/ the paragraphs of CMRC 2018
and DRCD and the sentences of UD Chinese-GSD. The words of jieba's dictionary, with their counts, come from the PyPI
package jieba; OpenCC (the PyPI package opencc) writes what is simplified in traditional characters.

Sources of different genres are mixed by share, not by size: prose-modern is ten times as long as all others and
knows few words of the present day.
"""

import itertools
import lzma
import math
import sys
from collections import Counter
from importlib import resources
from pathlib import Path

import opencc

HERE = Path(__file__).parent
SOURCES = (
    "NiuTrans Classical-Modern (MIT), CMRC 2018 dev (CC BY-SA 4.0), DRCD dev (CC BY-SA 3.0), "
    "UD Chinese-GSD dev (CC BY-SA 4.0), jieba 0.42.1 dict.txt (MIT): counts only"
)
TRAINING_SHARE = 0.95  # of prose-modern, from its beginning; the rest is kept to measure with
# Written Cantonese, which none of the sources holds: its common characters, listed here, and a cost for them all.
CANTONESE = (
    "嘅喺佢哋唔係啲嘢咗嚟冇咁睇嗰乜啦喇囉嘞咩啱瞓攞搵畀俾諗嘥郁鍾靚嬲孭噉嚿仔嗌咪嗱咋喎啩吖㗎咧啫嗮晒嘈噏"
    "揸揼掂拎攰氹踎嘟餸褸嗲屌𠮶𠻹𨋢𡃁啖焗煲撳呃抵癲嘔啜喐嗅慳孖甩"
)
CANTONESE_BITS = 11.0
STEP = 0.5  # bits
RAREST = 20.0  # bits; what is rarer is left to the fallbacks of cleaner.decode.score
MIN_COUNT = 2
PAIRS = 40_000
GAIN_STEP, MAX_GAIN = 2, 8  # bits


def count_characters(text: str) -> Counter[str]:
    """Counts of the characters that are not ASCII."""
    return Counter({character: count for character, count in Counter(text).items() if character > "\x7f"})


def count_words() -> Counter[str]:
    """Counts of the characters of jieba's words, each word as often as the dictionary says."""
    counts: Counter[str] = Counter()
    for line in (resources.files("jieba") / "dict.txt").read_text(encoding="utf-8").split("\n"):
        if line:
            word, count, *_ = line.split(" ")
            counts.update({character: int(count) for character in word if character > "\x7f"})
    return counts


def mixed(parts: list[tuple[float, Counter[str]]]) -> dict[str, float]:
    """Bits for each character, from the frequencies of all parts by their shares."""
    shares: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    whole = sum(share for share, _ in parts)
    for share, counts in parts:
        size = sum(counts.values())
        seen.update(counts)
        for character, count in counts.items():
            shares[character] += share / whole * count / size  # type: ignore[assignment]  # Counter of floats
    return {character: -math.log2(share) for character, share in shares.items() if seen[character] >= MIN_COUNT}


def in_traditional(counts: Counter[str]) -> Counter[str]:
    """The same counts with each character in its most usual traditional form."""
    convert = opencc.OpenCC("s2t").convert
    found: Counter[str] = Counter()
    for character, count in counts.items():
        found[convert(character)] += count
    return found


def rows(script: str, bits: dict[str, float]) -> list[str]:
    """One line for each step: script, bits, and the characters of that cost in code point order."""
    levels: dict[float, list[str]] = {}
    for character, cost in bits.items():
        if cost <= RAREST:
            levels.setdefault(round(cost / STEP) * STEP, []).append(character)
    return [f"{script}\t{level}\t{''.join(sorted(characters))}\n" for level, characters in sorted(levels.items())]


def count_pairs(text: str) -> Counter[str]:
    """Counts of two characters side by side, neither of them ASCII."""
    found = Counter(map("".join, itertools.pairwise(text)))
    return Counter({pair: count for pair, count in found.items() if pair[0] > "\x7f" and pair[1] > "\x7f"})


def count_pairs_in_words() -> Counter[str]:
    """Counts of the pairs within jieba's words, each word as often as the dictionary says."""
    counts: Counter[str] = Counter()
    for line in (resources.files("jieba") / "dict.txt").read_text(encoding="utf-8").split("\n"):
        if line:
            word, count, *_ = line.split(" ")
            for pair in map("".join, itertools.pairwise(word)):
                if pair[0] > "\x7f" and pair[1] > "\x7f":
                    counts[pair] += int(count)
    return counts


def pair_rows(pairs: dict[str, float], single: dict[str, float]) -> list[str]:
    """One line for each first character and gain: the characters that follow it so many bits more often than alone."""
    gains: dict[str, int] = {}
    for pair, cost in pairs.items():
        if pair[0] in single and pair[1] in single and max(pair) < "\U00010000":
            gain = single[pair[0]] + single[pair[1]] - cost
            gains[pair] = min(int(gain) // GAIN_STEP * GAIN_STEP, MAX_GAIN)
    # Worth keeping is what saves most: often and much.
    kept = sorted((pair for pair in gains if gains[pair] > 0), key=lambda pair: (pairs[pair] - gains[pair], pair))[
        :PAIRS
    ]
    lines: dict[tuple[str, int], str] = {}
    for pair in sorted(kept):
        lines[pair[0], gains[pair]] = lines.get((pair[0], gains[pair]), "") + pair[1]
    return [f"{first}\t{gain}\t{followers}\n" for (first, gain), followers in sorted(lines.items())]


def main() -> None:
    shared = Path(sys.argv[1])
    prose = lzma.decompress((shared / "corpora/prose-modern.txt.xz").read_bytes()).decode()
    prose = prose[: int(TRAINING_SHARE * len(prose))]
    simplify = shared / "eval/simplify"
    sentences = [
        line.split("\t") for line in (simplify / "gsd-dev.tsv").read_text(encoding="utf-8").split("\n") if line
    ]
    reports = (simplify / "simplified-cmrc-dev.txt").read_text(encoding="utf-8")
    reports += "".join(simplified for _, simplified in sentences[1:])
    taiwan = (simplify / "traditional-drcd-dev.txt").read_text(encoding="utf-8")
    taiwan += "".join(traditional for traditional, _ in sentences[1:])
    counted = [count_characters(prose), count_characters(reports), count_words()]
    simplified = mixed([(0.35, counted[0]), (0.35, counted[1]), (0.3, counted[2])])
    old = opencc.OpenCC("s2t")
    traditional = mixed(
        [
            (0.5, count_characters(taiwan)),
            (0.3, count_characters(old.convert(prose[: len(prose) // 4]))),
            (0.2, in_traditional(counted[2])),
        ]
    )
    traditional |= {c: min(CANTONESE_BITS, traditional.get(c, CANTONESE_BITS)) for c in CANTONESE}
    header = (
        "# frequencies.txt, built by cleaner/tables/build_frequencies.py: how often characters are used, in bits\n"
        f"# (-log2 of the share of the characters that are not ASCII). {SOURCES}\n"
    )
    body = "".join(rows("simplified", simplified) + rows("traditional", traditional))
    (HERE / "frequencies.txt").write_text(header + body, encoding="utf-8", newline="\n")
    fold = opencc.OpenCC("t2s").convert
    side_by_side = mixed(
        [
            (0.3, count_pairs(prose)),
            (0.35, count_pairs(reports) + count_pairs(fold(taiwan))),
            (0.35, count_pairs_in_words()),
        ]
    )
    header = (
        "# pairs.txt, built by cleaner/tables/build_frequencies.py: a character, bits, and the characters that follow\n"
        f"# it at least so many bits more often than their frequencies say. {SOURCES}\n"
    )
    (HERE / "pairs.txt").write_text(
        header + "".join(pair_rows(side_by_side, simplified)), encoding="utf-8", newline="\n"
    )
    print(f"{len(simplified)} simplified, {len(traditional)} traditional")


if __name__ == "__main__":
    main()
