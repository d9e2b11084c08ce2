"""What the other texts of a corpus say of a doubtful break, asked in passes that hold no texts.

A single text says little of its own breaks. Each shard is read twice: first its doubtful breaks are noted, and its
lines (`questions_of`); then all texts are searched for what stands around the breaks of all shards (`answers_of`).

A text that no rule changes and that has no doubtful break is done with; the last pass only copies it.

1. Another text that has no break there is the surest evidence: `unbroken`.
2. Where no text has the whole of it, the corpus still shares words, names and turns with the text: `corpus_grams`.

Questions and answers of shards are put together in any order, with the same result.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cleaner.config import RepairConfig
from cleaner.document import Document, apply_rules, code_points
from cleaner.repair import toucher
from cleaner.repair.breaks import Others
from cleaner.repair.corpus_grams import (
    SIDE,
    Cells,
    Counter,
    Counts,
    Lines,
    all_lines,
    batches,
    cells_of,
    four_of,
    learnt,
    lines_of,
)
from cleaner.repair.grams import fold
from cleaner.repair.jump_lines import remove_jump_lines
from cleaner.repair.looks import are_idle, batches_of
from cleaner.repair.seams import around_breaks
from cleaner.repair.signs import JUMP, seen_in
from cleaner.repair.unbroken import Keys, Search, key_of, merged


@dataclass(frozen=True, eq=False, slots=True)
class Questions:
    """The doubtful breaks of some texts, as they are asked for, and the lines that stand in the corpus."""

    unbroken: Keys
    fours: Keys
    lines: Lines
    is_busy: npt.NDArray[np.bool_]  # the texts that repair may change, if others say so


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """Which breaks other texts do not have, and how often the runs around the breaks were counted."""

    unbroken: Keys
    fours: Keys
    counts: Counts


def questions_of(documents: Iterable[Document], config: RepairConfig) -> Questions:
    """The doubtful breaks of some documents, and their lines."""
    keys: list[int] = []
    fours: list[int] = []
    cells: list[Cells] = []
    is_busy: list[bool] = []
    is_touched = toucher(config)
    for batch in batches_of(documents):
        for document, is_idle in zip(batch.documents, are_idle(batch), strict=True):
            if is_idle:
                is_busy.append(False)
                continue
            found = breaks_of(document, config)
            is_busy.append(bool(found) or is_touched(document))
            if config.ask_other_texts:
                keys += [key_of(left, right) for left, right in found]
            if config.learn_from_corpus:
                fours += [four_of(fold(left[-SIDE:]), fold(right[:SIDE])) for left, right in found]
        if config.learn_from_corpus:
            cells.append(cells_of(batch.points[:-1]))  # without the newline behind the last
    return Questions(distinct(keys), distinct(fours), lines_of(cells), np.array(is_busy, dtype=np.bool_))


def breaks_of(document: Document, config: RepairConfig) -> list[tuple[str, str]]:
    """The lines around the doubtful breaks of a document, without its jump lines if these are to go."""
    has_jumps = config.remove_jump_lines and seen_in(document.text).signs & JUMP
    text = apply_rules(document, [remove_jump_lines]).document.text if has_jumps else document.text
    return around_breaks(text)


def distinct(keys: Iterable[int]) -> Keys:
    """Numbers of breaks in order, without those that have none."""
    return merged([np.array([key for key in keys if key], dtype=np.uint64)])


def all_questions(parts: Sequence[Questions]) -> Questions:
    """The questions of several shards as one."""
    lines = all_lines(part.lines for part in parts)
    is_busy = np.concatenate([part.is_busy for part in parts])
    return Questions(merged(part.unbroken for part in parts), merged(part.fours for part in parts), lines, is_busy)


def answers_of(texts: Callable[[], Iterable[str]], questions: Questions) -> Answers:
    """What some texts say; they are read only if there is a question."""
    breaks, runs = questions.unbroken, questions.fours
    search, counter = Search(breaks), Counter(runs, questions.lines)
    for points in batches(texts()) if len(breaks) or len(runs) else ():
        search.see(points)
        counter.see(points)
    return Answers(search.found(), runs, counter.counts())


def all_answers(parts: Sequence[Answers]) -> Answers:
    """The answers of several shards to the same questions as one."""
    counts = np.sum([part.counts for part in parts], axis=0)
    return Answers(merged(part.unbroken for part in parts), parts[0].fours, counts)


@functools.lru_cache(maxsize=1)  # the shards of a corpus have the same answers
def others_of(answers: Answers) -> Others:
    """What the rules are told."""
    return Others(frozenset(answers.unbroken.tolist()), learnt(answers.fours, answers.counts))


def asked(documents: Iterable[Document], corpus: Callable[[], Iterable[str]], config: RepairConfig) -> Others:
    """What the texts of a corpus say of some of its documents, which is the same when others ask, too."""
    questions = questions_of(documents, config)
    if config.learn_from_corpus:
        questions = replace(questions, lines=lines_of(cells_of(code_points(text)) for text in corpus()))
    return others_of(answers_of(corpus, questions))
