"""What the other texts of a corpus say of a doubtful break, asked in passes that hold no texts.

A single text says little of its own breaks. Each shard is read twice: first its doubtful breaks are noted, and its
lines (`note`); then all texts are searched for what stands around the breaks of all shards (`answers_of`).

What was noted tells, with the answers, which texts repair may change (`to_be_repaired`); the last pass copies the rest.

1. Another text that has no break there is the surest evidence: `unbroken`.
2. Where no text has the whole of it, the corpus still shares words, names and turns with the text: `corpus_grams`.

Questions and answers of shards are put together in any order, with the same result.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from cleaner.config import RepairConfig
from cleaner.document import Document, apply_rules, code_points
from cleaner.repair import before_seams, toucher
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
    wanted_of,
)
from cleaner.repair.grams import fold
from cleaner.repair.jump_lines import remove_jump_lines
from cleaner.repair.looks import Batch, batches_of, doubts_in, has_work
from cleaner.repair.seams import around_breaks
from cleaner.repair.signs import JUMP, seen_in
from cleaner.repair.unbroken import Keys, Search, key_of, merged
from cleaner.repair.weighing import WORTH_WHILE, Break, Breaks, may_be_cuts, noted

if TYPE_CHECKING:  # the compiler takes half a second to load
    from cleaner.kernels.runs import Wanted

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Questions:
    """The doubtful breaks of some texts, as they are asked for, and the lines that stand in the corpus."""

    unbroken: Keys
    fours: Keys
    lines: Lines


@dataclass(frozen=True, eq=False, slots=True)
class Noted:
    """What was noted of some texts: what the corpus is to be asked, and which of them repair may change."""

    questions: Questions
    is_busy: Flags  # the texts that it may change, whatever the corpus says
    is_known: Flags  # those of them whose breaks are known, as they are once other rules have changed the text
    breaks: Breaks  # of these, and of the other texts; it may change the others if one is a page's


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Answers:
    """Which breaks other texts do not have, and how often the runs around the breaks were counted."""

    unbroken: Keys
    fours: Keys
    counts: Counts


Tables = tuple["Wanted", npt.NDArray[np.int32]]
# The shards of a corpus have the same questions and answers. What is made of these goes when they go, after the pass.
TABLES: WeakKeyDictionary[Questions, Tables] = WeakKeyDictionary()
OTHERS: WeakKeyDictionary[Answers, Others] = WeakKeyDictionary()


def note(batches: Iterable[Batch], config: RepairConfig) -> Noted:
    """What repair has to know of some texts before the corpus is asked."""
    pairs: list[tuple[str, str]] = []  # the lines around breaks of texts that are busy anyway
    cells: list[Cells] = []
    is_busy: list[bool] = []
    is_known: list[bool] = []
    breaks: list[Breaks] = []
    is_touched = toucher(config)
    for batch in batches:
        doubtful: list[tuple[int, str, Sequence[Break]]] = []
        for number, seen in enumerate(batch.seen(), len(is_busy)):
            is_busy.append(False)
            is_known.append(False)
            if seen is None:
                continue
            text, looks = seen
            if has_work(text, looks.signs):
                found = breaks_of(text, config)
                pairs += found
                is_busy[number] = bool(found) or is_touched(text)
                left = before_seams(text, config) if is_busy[number] else None
                if left is not None:
                    is_known[number] = True
                    doubtful.append((number, left, doubts_in(left, seen_in(left))))
            else:
                doubtful.append((number, text, doubts_in(text, looks)))
        breaks.append(noted(doubtful))
        if config.learn_from_corpus:
            cells.append(cells_of(batch.points[:-1]))  # without the newline behind the last
    together = Breaks(*map(np.concatenate, zip(noted([]), *breaks, strict=True)))
    are_busy, are_known = (np.array(flags, dtype=np.bool_) for flags in (is_busy, is_known))
    is_asked = ~are_busy[together.texts]
    asked_about = Breaks._make(column[is_asked] for column in together)
    return Noted(questions_about(asked_about, pairs, lines_of(cells), config), are_busy, are_known, together)


def questions_about(breaks: Breaks, pairs: Sequence[tuple[str, str]], lines: Lines, config: RepairConfig) -> Questions:
    """What the corpus is asked about breaks, those that are noted and those between some lines."""
    keys = [key_of(left, right) for left, right in pairs] if config.ask_other_texts else []
    folded = [(fold(left[-SIDE:]), fold(right[:SIDE])) for left, right in pairs] if config.learn_from_corpus else []
    return Questions(
        distinct([*breaks.keys.tolist(), *keys] if config.ask_other_texts else []),
        distinct([*breaks.fours.tolist(), *(four_of(*pair) for pair in folded)] if config.learn_from_corpus else []),
        lines,
    )


def to_be_repaired(known: Noted, others: Others, least: int = WORTH_WHILE) -> tuple[Flags, Flags]:
    """The texts that repair may change, given what other texts say, and those of them that surely have no seams."""
    has_seams = np.zeros(len(known.is_busy), dtype=np.bool_)
    has_seams[known.breaks.texts[may_be_cuts(known.breaks, others, least)]] = True
    return known.is_busy | has_seams, known.is_known & ~has_seams


def breaks_of(text: str, config: RepairConfig) -> list[tuple[str, str]]:
    """The lines around the doubtful breaks of a text, without its jump lines if these are to go."""
    if config.remove_jump_lines and seen_in(text).signs & JUMP:
        text = apply_rules(Document("", "", text), [remove_jump_lines]).document.text
    return around_breaks(text)


def distinct(keys: Iterable[int]) -> Keys:
    """Numbers of breaks in order, without those that have none."""
    return merged([np.array([key for key in keys if key], dtype=np.uint64)])


def all_questions(parts: Sequence[Questions]) -> Questions:
    """The questions of several shards as one."""
    lines = all_lines(part.lines for part in parts)
    return Questions(merged(part.unbroken for part in parts), merged(part.fours for part in parts), lines)


def answers_of(parts: Iterable[npt.NDArray[np.uint32]], questions: Questions) -> Answers:
    """What the texts say of which some parts are the code points; they are read only if there is a question."""
    search, counter = Search(questions.unbroken), Counter(*tables_for(questions))
    for points in parts if len(questions.unbroken) or len(questions.fours) else ():
        search.see(points)
        counter.see(points)
    return Answers(search.found(), questions.fours, counter.counts())


def tables_for(questions: Questions) -> Tables:
    """The runs that are to be counted, and the weights of lines, as they are looked up."""
    if questions not in TABLES:
        TABLES[questions] = wanted_of(questions.fours), questions.lines.weights()
    return TABLES[questions]


def all_answers(parts: Sequence[Answers]) -> Answers:
    """The answers of several shards to the same questions as one."""
    counts = parts[0].counts.copy()
    for part in parts[1:]:
        counts += part.counts
    return Answers(merged(part.unbroken for part in parts), parts[0].fours, counts)


def others_of(answers: Answers) -> Others:
    """What the rules are told."""
    if answers not in OTHERS:
        OTHERS[answers] = Others(frozenset(answers.unbroken.tolist()), learnt(answers.fours, answers.counts))
    return OTHERS[answers]


def asked(documents: Iterable[Document], corpus: Callable[[], Iterable[str]], config: RepairConfig) -> Others:
    """What the texts of a corpus say of some of its documents, which is the same when others ask, too."""
    questions = note(batches_of(document.text for document in documents), config).questions
    if config.learn_from_corpus:
        questions = replace(questions, lines=lines_of(cells_of(code_points(text)) for text in corpus()))
    return others_of(answers_of(batches(corpus()), questions))
