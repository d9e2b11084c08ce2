"""Build dual_contexts.tsv: python -m cleaner.tables.build_contexts SHARED_FOLDER

How the characters beside 著 and 乾 speak for keeping them, learnt from simplified text, where 著 and 着, 乾 and 干 are
told apart. SHARED_FOLDER holds corpora/prose-modern.txt.xz (NiuTrans Classical-Modern, MIT); the words of jieba's
dictionary come from the PyPI package jieba. The weights are those of a logistic regression with a Gaussian prior,
fitted by L-BFGS (Liu and Nocedal, 1989), in nats; what is smaller than LEAST is left out.
"""

import lzma
import math
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from cleaner.simplify.duals import contexts_of
from cleaner.tables.build import write

LEARNT = {"著": "着", "乾": "干"}
TRAINING_SHARE = 0.95  # of prose-modern, from its beginning; the rest is kept to measure with
PRIOR = 1.0  # inverse variance of a weight
MIN_COUNT = 2  # of a context
LEAST = 0.3  # nats
SOURCES = "NiuTrans Classical-Modern (MIT), jieba 0.42.1 dict.txt (MIT): weights only"

Example = tuple[list[str], bool, float]  # contexts, whether the character is kept, weight


def examples(text: str, kept: str, other: str, weight: float) -> Iterator[Example]:
    """Every place of the two characters in a text."""
    for place, character in enumerate(text):
        if character in (kept, other):
            yield contexts_of(text, place), character == kept, weight


def examples_in_words(kept: str, other: str) -> Iterator[Example]:
    """The same in words, where the contexts that reach over the edge of the word say nothing."""
    for line in (resources.files("jieba") / "dict.txt").read_text(encoding="utf-8").split("\n"):
        if line:
            word, count, *_ = line.split(" ")
            for contexts, is_kept, _ in examples(word, kept, other, 1.0):
                inner = [context for context in contexts if "\n" not in context]
                if inner:
                    yield inner, is_kept, min(5.0, 1 + math.log10(float(count) + 1))


def fit(found: list[Example]) -> dict[str, float]:
    """The weight of each context, and under the empty one the bias."""
    counts = Counter(context for contexts, _, _ in found for context in contexts)
    columns = {context: number for number, context in enumerate(sorted(c for c in counts if counts[c] >= MIN_COUNT))}
    cells = [
        (row, columns[context])
        for row, (contexts, _, _) in enumerate(found)
        for context in contexts
        if context in columns
    ]
    rows, places = zip(*cells, strict=True)
    matrix = csr_matrix((np.ones(len(cells)), (rows, places)), shape=(len(found), len(columns)))
    kept = np.array([float(is_kept) for _, is_kept, _ in found])
    weights = np.array([weight for _, _, weight in found])

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        score = matrix @ theta[1:] + theta[0]
        error = weights * (1 / (1 + np.exp(-score)) - kept)
        value = (weights * (np.logaddexp(0, score) - kept * score)).sum() + PRIOR / 2 * (theta[1:] ** 2).sum()
        return value, np.concatenate([[error.sum()], matrix.T @ error + PRIOR * theta[1:]])

    theta = minimize(loss, np.zeros(len(columns) + 1), jac=True, method="L-BFGS-B").x
    return {"": theta[0]} | {context: theta[1 + number] for context, number in columns.items()}


def main() -> None:
    prose = lzma.decompress((Path(sys.argv[1]) / "corpora/prose-modern.txt.xz").read_bytes()).decode()
    prose = prose[: int(TRAINING_SHARE * len(prose))]
    rows: list[tuple[str, ...]] = []
    for kept, other in LEARNT.items():
        weights = fit([*examples(prose, kept, other, 1.0), *examples_in_words(kept, other)])
        told = {context.replace("\n", "\\n"): vote for context, vote in weights.items() if "\t" not in context}
        rows += [(kept, c, f"{vote:.1f}") for c, vote in sorted(told.items()) if abs(vote) >= LEAST or not c]
    write("dual_contexts.tsv", f"{SOURCES}. Character, context, nats for keeping it.", rows)


if __name__ == "__main__":
    main()
