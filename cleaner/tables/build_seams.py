"""Build seams_grams.txt, seams_words.txt and seams_pairs.tsv: python -m cleaner.tables.build_seams SHARED_FOLDER

How characters follow one another, and begin and end paragraphs and clauses, counted in running text; and the words of
jieba's dictionary (PyPI package jieba). SHARED_FOLDER holds corpora/prose-modern.txt.xz (NiuTrans Classical-Modern)
and of eval/simplify/ the paragraphs of CMRC 2018 and DRCD, the sentences of UD Chinese-GSD and the documentation of
Vue; what is traditional is converted with OpenCC's t2s (PyPI package opencc). Nothing is counted in newspapers.

How words go together was learnt by telling places inside sentences from ends of clauses that are followed by the
beginning of another sentence, by a logistic regression with a Gaussian prior, fitted by L-BFGS (Liu and Nocedal 1989).

Sources of different genres are mixed by share, not by size: prose-modern is ten times as long as all others and
knows few words of the present day. A heading ends like a clause, so the edge ¶ is counted where a clause ends.
"""

import itertools
import lzma
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import opencc
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from cleaner.repair.grams import EDGE, LEVELS_PER_OCTAVE, LOWEST, fold
from cleaner.repair.words import LOOK, Words, divide, pair_names, shipped_words
from cleaner.tables.build import write

HERE = Path(__file__).parent
SOURCES = (
    "NiuTrans Classical-Modern (MIT), CMRC 2018 dev (CC BY-SA 4.0), DRCD dev (CC BY-SA 3.0), "
    "UD Chinese-GSD dev (CC BY-SA 4.0), Vue documentation (MIT / CC BY), jieba 0.42.1 dict.txt (MIT): counts only"
)
SIZE = 4e6  # characters that the mixed counts stand for
SHARES = {"modern": 0.45, "prose": 0.2, "words": 0.35}
PAIRS, TRIPLES = 110_000, 230_000
LEAST_SINGLE, LEAST_PAIR, LEAST_TRIPLE = 0.3, 0.7, 1.0  # counts
LEAST_WORD = {1: 1, 2: 20, 3: 15, 4: 15}  # count of a word of so many characters in jieba's dictionary
EXAMPLES = 200_000  # places in paragraphs to learn from, and as many ends
PROSE_WEIGHT = 0.6  # of an example from prose-modern
LEAST_SEEN, LEAST_WEIGHT = 15, 0.2  # how often a name must be seen, and how much it must weigh in nats
PRIOR, ROUNDS, SEED = 1.0, 50, 3
CLAUSE_EDGE = 0.15  # how much the end of a clause inside a sentence counts, the end of a sentence being 1

_sentence = re.compile("[^。！？!?]*[。！？!?]?[”’」』）)]*")
_clause_end = re.compile("[，、；：。！？,;:!?”’」』）)》]+$")


def modern_paragraphs(shared: Path) -> list[str]:
    """Paragraphs of encyclopedias, news sentences and documentation, simplified."""
    simplify = shared / "eval/simplify"
    convert = opencc.OpenCC("t2s").convert
    found = (simplify / "simplified-cmrc-dev.txt").read_text(encoding="utf-8").split("\n")
    found += convert((simplify / "traditional-drcd-dev.txt").read_text(encoding="utf-8")).split("\n")
    rows = (simplify / "gsd-dev.tsv").read_text(encoding="utf-8").split("\n")[1:]
    found += [row.split("\t")[1] for row in rows if row]
    docs = (simplify / "simplified-docs.txt").read_text(encoding="utf-8").split("\n")
    found += [line for line in docs if re.match("[\u4e00-\u9fff]", line) and "。" in line]
    return [line.strip() for line in found if line.strip()]


def prose_paragraphs(shared: Path) -> list[str]:
    """Older prose; one in three sentences to a paragraph, as the source has them one by one."""
    text = lzma.decompress((shared / "corpora/prose-modern.txt.xz").read_bytes()).decode()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return ["".join(lines[start : start + 3]) for start in range(0, len(lines), 3)]


def sentences(paragraph: str) -> list[str]:
    return [sentence for sentence in _sentence.findall(paragraph) if sentence]


def count_runs(paragraphs: Iterable[str]) -> Counter[str]:
    """Runs of one to three characters, and how sentences and clauses begin and end."""
    counts: Counter[str] = Counter()
    for paragraph in paragraphs:
        text = fold(paragraph)
        counts.update(text)
        counts.update(map("".join, itertools.pairwise(text)))
        counts.update(map("".join, zip(text, text[1:], text[2:], strict=False)))
        for number, sentence in enumerate(sentences(text)):
            count_edges(sentence, 2.0 if number == 0 else 1.0, counts)
    return counts


def count_edges(sentence: str, weight: float, counts: Counter[str]) -> None:
    """Count the edges of one sentence and of its clauses; `weight` is that of its beginning."""
    if len(sentence) < 4:
        return
    counts[EDGE] += weight  # type: ignore[assignment]  # a Counter of floats
    counts[EDGE + sentence[0]] += weight  # type: ignore[assignment]  # a Counter of floats
    counts[EDGE + sentence[:2]] += weight  # type: ignore[assignment]  # a Counter of floats
    body = _clause_end.sub("", sentence)
    ends = [(body, 1.0)]
    ends += [(sentence[: match.start()], CLAUSE_EDGE) for match in re.finditer("[，；：]", body)]
    for clause, share in ends:
        if len(clause) >= 2:
            counts[clause[-1] + EDGE] += share  # type: ignore[assignment]  # a Counter of floats
            counts[clause[-2:] + EDGE] += share  # type: ignore[assignment]  # a Counter of floats


def jieba_words() -> Iterator[tuple[str, int, str]]:
    """Each word of Han characters, its count and its part of speech."""
    for line in (resources.files("jieba") / "dict.txt").read_text(encoding="utf-8").split("\n"):
        if line:
            word, count, part = line.split(" ")
            if re.fullmatch("[\u4e00-\u9fff]+", word):
                yield word, int(count), part


def count_word_runs() -> Counter[str]:
    """The runs within words, each word as often as the dictionary says."""
    counts: Counter[str] = Counter()
    for word, count, _ in jieba_words():
        for size in (1, 2, 3):
            for start in range(len(word) - size + 1):
                counts[word[start : start + size]] += count
    return counts


def mixed(parts: dict[str, Counter[str]]) -> dict[str, float]:
    """The counts of all parts, each scaled to its share of `SIZE`."""
    found: dict[str, float] = {}
    for name, counts in parts.items():
        size = sum(count for run, count in counts.items() if len(run) == 1 and run != EDGE)
        scale = SHARES[name] * SIZE / size
        for run, count in counts.items():
            found[run] = found.get(run, 0.0) + count * scale
    return found


def pruned(counts: dict[str, float]) -> dict[str, float]:
    """The runs that are worth their place: often, and other than the shorter runs would have it."""
    singles = {
        run: count
        for run, count in counts.items()
        if len(run) == 1 and count >= LEAST_SINGLE and "#" != run < "\U00010000" and run >= " "
    }
    total = sum(singles.values())
    worth: dict[str, float] = {}
    for run, count in counts.items():
        if len(run) == 2 and count >= LEAST_PAIR and run[0] in singles and run[1] in singles:
            expected = singles[run[0]] * singles[run[1]] / total
            worth[run] = count * math.log(count / expected) if EDGE not in run else 1e9
    pairs = {run: counts[run] for run in sorted(worth, key=lambda run: (-worth[run], run))[:PAIRS] if worth[run] > 0}
    worth = {}
    for run, count in counts.items():
        if len(run) == 3 and count >= LEAST_TRIPLE and run[:2] in pairs and run[2] in singles:
            expected = pairs[run[:2]] * pairs.get(run[1:], 0.5) / singles[run[1]]
            gain = count * math.log(count / expected)
            worth[run] = 2 * gain if EDGE in run else gain
    triples = {run: counts[run] for run in sorted(worth, key=lambda run: (-worth[run], run))[:TRIPLES]}
    return singles | pairs | {run: count for run, count in triples.items() if worth[run] > 0}


def gram_rows(counts: dict[str, float]) -> list[str]:
    """One line for each context: the characters that follow it, those of a level together and before it."""
    rows: dict[tuple[int, str], dict[int, str]] = {}
    for run, count in sorted(counts.items()):
        level = round(LEVELS_PER_OCTAVE * math.log2(count)) + LOWEST
        groups = rows.setdefault((len(run), run[:-1]), {})
        groups[level] = groups.get(level, "") + run[-1]
    return [
        context
        + "\t"
        + "".join(f"{followers}{level}" for level, followers in sorted(groups.items(), reverse=True))
        + "\n"
        for (_, context), groups in sorted(rows.items())
    ]


def words_and_parts() -> tuple[dict[str, int], dict[str, str]]:
    """The words that are used often enough: how rare they are, in half bits, and their parts of speech."""
    total = sum(count for _, count, _ in jieba_words())
    kept = [row for row in jieba_words() if row[1] >= LEAST_WORD.get(len(row[0]), sys.maxsize)]
    return {w: round(-2 * math.log2(count / total)) for w, count, _ in kept}, {w: part for w, _, part in kept}


def word_rows(rarities: dict[str, int], parts: dict[str, str]) -> list[str]:
    """One line for each part of speech and rarity: the words."""
    rows: dict[tuple[str, int], list[str]] = {}
    for word, rarity in rarities.items():
        rows.setdefault((parts[word], rarity), []).append(word)
    return [f"{part}\t{rarity}\t{' '.join(sorted(words))}\n" for (part, rarity), words in sorted(rows.items())]


def grams_of(modern: Sequence[str], prose: Sequence[str]) -> dict[str, float]:
    """The counts of runs of all sources together, without what is not worth its place."""
    return pruned(mixed({"modern": count_runs(modern), "prose": count_runs(prose), "words": count_word_runs()}))


Example = tuple[str, str, bool]  # the characters before and after a place, and whether it lies in a sentence


def examples(paragraphs: Sequence[str], size: int, inner: float, rng: random.Random) -> Iterator[Example]:
    """Places in paragraphs, and ends of clauses with the beginnings of other sentences, `size` of each.

    `inner` is the share of the clauses inside a sentence whose end is taken.
    """
    folded = [fold(paragraph) for paragraph in paragraphs]
    ends: list[str] = []
    starts: list[str] = []
    for text in folded:
        for number, sentence in enumerate(sentences(text)):
            if len(sentence) >= 4:
                starts += [sentence[:LOOK]] * (4 if number == 0 else 1)
                body = _clause_end.sub("", sentence)
                places = [match.start() for match in re.finditer("[，；：]", body) if rng.random() < inner]
                ends += [sentence[max(0, place - LOOK) : place] for place in (*places, len(body)) if place >= 4]
    for text in rng.choices(folded, [len(text) for text in folded], k=size):
        place = rng.randrange(1, max(2, len(text)))
        if len(text) >= LOOK and text[place - 1] not in "。！？!?…；：":
            yield text[max(0, place - LOOK) : place], text[place : place + LOOK], True
    for _ in range(size):
        yield rng.choice(ends), rng.choice(starts), False


def fit(rows: Sequence[Mapping[str, float]], goals: Sequence[bool], shares: Sequence[float]) -> dict[str, float]:
    """The weights of a logistic regression with a Gaussian prior (L-BFGS), and under "bias" the constant."""
    columns = {name: number for number, name in enumerate(sorted({name for row in rows for name in row}))}
    pointers = np.cumsum([0, *map(len, rows)])
    places = [columns[name] for row in rows for name in row]
    values = np.array([value for row in rows for value in row.values()], dtype=np.float32)
    matrix = csr_matrix((values, places, pointers), shape=(len(rows), len(columns)))
    transposed = matrix.T.tocsr()
    goal, weight = np.array(goals, dtype=np.float64), np.array(shares)

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        found = matrix @ theta[1:].astype(np.float32) + theta[0]
        error = weight * (1 / (1 + np.exp(-found)) - goal)
        value = (weight * (np.logaddexp(0, found) - goal * found)).sum() + PRIOR / 2 * (theta[1:] ** 2).sum()
        slope = transposed @ error.astype(np.float32) + PRIOR * theta[1:]
        return float(value), np.concatenate([[error.sum()], slope]).astype(np.float64)

    theta = minimize(loss, np.zeros(len(columns) + 1), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    return {"bias": theta[0]} | {name: theta[1 + number] for name, number in columns.items()}


def pairs_of(modern: Sequence[str], prose: Sequence[str], words: Words) -> dict[str, float]:
    """How well words go together over a break, in nats: see `cleaner.repair.words.pair_names`."""
    rng = random.Random(SEED)
    found = list(examples(modern, EXAMPLES, 0.3, rng))
    shares = [1.0] * len(found)
    found += examples(prose, EXAMPLES // 2, 0.1, rng)
    shares += [PROSE_WEIGHT] * (len(found) - len(shares))
    names = [
        pair_names(divide(left[-LOOK:], words), divide(right[:LOOK], words, from_end=True), words)
        for left, right, _ in found
    ]
    counts = Counter(name for row in names for name in row if not any(map(str.isspace, name)))
    rows = [{name: 1.0 for name in row if counts[name] >= LEAST_SEEN} for row in names]
    weights = fit(rows, [goal for _, _, goal in found], shares)
    return {name: weight for name, weight in weights.items() if abs(weight) >= LEAST_WEIGHT and name != "bias"}


def pair_rows(weights: Mapping[str, float]) -> list[tuple[str, ...]]:
    """One line for each weight: the names that have it."""
    rows: dict[float, list[str]] = {}
    for name, weight in sorted(weights.items()):
        rows.setdefault(round(weight, 1), []).append(name)
    return [(str(weight), " ".join(names)) for weight, names in sorted(rows.items())]


def main() -> None:
    shared = Path(sys.argv[1])
    modern, prose = modern_paragraphs(shared), prose_paragraphs(shared)
    rarities, parts = words_and_parts()
    header = (
        "# seams_words.txt, built by cleaner/tables/build_seams.py: a part of speech, how rare the words are in half\n"
        "# bits, and the words. jieba 0.42.1 dict.txt (MIT)\n"
    )
    (HERE / "seams_words.txt").write_text(header + "".join(word_rows(rarities, parts)), encoding="utf-8", newline="\n")
    counts = grams_of(modern, prose)
    header = (
        "# seams_grams.txt, built by cleaner/tables/build_seams.py: up to two characters, then those that follow\n"
        "# them, the ones of a level before it: 2 ** ((level - 10) / 2) times. ¶ is the edge of a paragraph or a\n"
        f"# clause, ０ a digit, ａ a letter. {SOURCES}\n"
    )
    (HERE / "seams_grams.txt").write_text(header + "".join(gram_rows(counts)), encoding="utf-8", newline="\n")
    print(f"{len(counts)} runs")
    write("seams_pairs.tsv", SOURCES, pair_rows(pairs_of(modern, prose, shipped_words())))


if __name__ == "__main__":
    main()
