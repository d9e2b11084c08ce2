"""A document, and the record of everything that was done to it.

A rule looks at a text and says which spans it would replace. What it said is kept as `Edits`: enough to
replay the change on the old text and to take it back from the new one. Nothing else may alter a text, so the
ledger can always rebuild what came in from what went out:

>>> edits = Edits.of("drop_spaces", "国家 110 家", [(2, 3, ""), (6, 7, "")])
>>> apply("国家 110 家", edits)
'国家110家'
>>> invert("国家110家", edits)
'国家 110 家'
"""

import itertools
import operator
from array import array
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
Item = TypeVar("Item")
BATCH = 1 << 22  # characters of documents that are dealt with at a time
Signature = npt.NDArray[np.uint32]
NOWHERE: Offsets = np.empty(0, dtype=np.int64)
MANY = 64  # edits of one character that are done faster all at once
SOME = 1 << 10  # changes that are recorded at a time


@dataclass(frozen=True, slots=True)
class Document:
    """One text, where it came from, and what the stages found out about it.

    `id` is derived from `source` and `row` alone (see `cleaner.files.document_id`), so it is the same in every
    version of a corpus. Offsets into `text` count Unicode code points.
    """

    id: str
    source: str  # path below raw/, with forward slashes
    text: str
    row: int | None = None  # table inputs: line number in JSONL (from 1), row number in Parquet (from 0)
    encoding: str = ""  # decode: the codec whose encoding of the raw text gives the raw bytes
    script: str = ""  # simplify: traditional, simplified, mixed, japanese or none, as it was before conversion
    traditional_characters: int = 0  # simplify: how many that only traditional text uses, before conversion
    simplified_characters: int = 0  # simplify: how many that only simplified text uses
    continued_from: str = ""  # repair: the page of an (上接第5版) that was removed
    continued_on: str = ""  # repair: the page of a (下转第3版) that was removed


@dataclass(frozen=True, slots=True)
class Edit:
    """What a rule did at one place: `before` stood at `offset` of the text it saw, and became `after`."""

    offset: int
    before: str
    after: str
    rule: str
    reason: str = ""


# Replace text[start:end] by the string, and why, if the rule says so; a rule yields these in ascending order.
Change = tuple[int, int, str] | tuple[int, int, str, str]
Rule = Callable[[str], Iterable[Change]]
# Those of the rules that may find something in each of some texts, in the order of the texts.
BusyRules = Callable[[Sequence[Rule], Sequence[str]], Iterable[Sequence[Rule]]]


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """All that one run of one rule did to one text, in columns of equal length.

    Column `offsets` counts code points of the text the rule saw, ascending and without overlap. `before` and
    `after` are the replaced and the replacing strings, each joined to one string and cut by their `_lengths`.
    """

    rule: str
    offsets: Offsets
    before: str
    before_lengths: Offsets
    after: str
    after_lengths: Offsets
    reasons: tuple[str, ...] = ()  # one for each edit, from rules that give reasons

    @classmethod
    def of(cls, rule: str, text: str, changes: Iterable[Change]) -> "Edits":
        """Record `changes` to `text`; those that would change nothing are left out.

        Raises ValueError when two changes overlap or come out of order: a rule that does so has a bug. A rule gives
        reasons for all of its changes or for none.
        """
        return record(rule, text, changes)[0] or cls(rule, NOWHERE, "", NOWHERE, "", NOWHERE)

    @classmethod
    def between(cls, rule: str, before: str, after: str) -> "Edits":
        """Record how `before` became `after` where both have the same length: one edit per changed character."""
        if len(before) != len(after):
            raise ValueError(f"rule {rule}: {len(before)} characters became {len(after)}")
        old, new = code_units(before), code_units(after)
        places = np.flatnonzero(old != new)
        ones = np.ones(len(places), dtype=np.int64)
        return cls(rule, places, from_code_units(old[places]), ones, from_code_units(new[places]), ones)

    def __len__(self) -> int:
        return len(self.offsets)

    def __iter__(self) -> Iterator[Edit]:
        old = new = 0
        lengths = zip(self.before_lengths.tolist(), self.after_lengths.tolist(), strict=True)
        reasons = self.reasons or itertools.repeat("", len(self))
        for offset, (removed, added), reason in zip(self.offsets.tolist(), lengths, reasons, strict=True):
            yield Edit(offset, self.before[old : old + removed], self.after[new : new + added], self.rule, reason)
            old, new = old + removed, new + added

    def inverse(self) -> "Edits":
        """The edits that take these back, with offsets in the text that these produced."""
        shift = np.cumsum(self.after_lengths - self.before_lengths)
        shift = np.concatenate([np.zeros(1, dtype=np.int64), shift[:-1]]) if len(shift) else shift
        return replace(
            self,
            offsets=self.offsets + shift,
            before=self.after,
            before_lengths=self.after_lengths,
            after=self.before,
            after_lengths=self.before_lengths,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Sketches:
    """What is needed of documents to find their copies and to choose which stay, one row each, in input order."""

    ids: Any  # Arrow array of strings
    sources: Any  # the same
    lengths: Offsets  # characters
    is_converted: npt.NDArray[np.bool_]  # was traditional
    folded: Offsets  # characters that are compared
    digests: npt.NDArray[np.uint64]  # of the folded text, of shape (documents, 2)
    signatures: Signature  # MinHash of the shingles, of shape (documents, permutations)

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the bytes of one input file were read, and on what evidence.

    Costs are description lengths in bits: how many it takes to write a reading down, given how often each
    character is used in Chinese. The fewer, the more likely the reading.
    """

    id: str
    source: str
    decision: str  # read, repaired, not text, not Chinese, undecodable, destroyed, empty or not read
    encoding: str = ""  # empty when no codec reads the file
    confidence: float = 0.0  # that the encoding is right, from 0 to 1
    runner_up: str = ""  # the next best encoding; empty when there was no other to weigh
    gap: float = 0.0  # bits by which the runner-up is worse
    bits_per_character: float = 0.0  # of the reading, over the part that was weighed
    chardet: str = ""  # chardet's own answer; empty when it was not asked
    declared: str = ""  # the charset that the file itself declares in <meta> or XML, in its own spelling
    damaged: tuple[int, ...] = ()  # offsets in the file of the bytes that no codec could read
    lines: tuple[tuple[str, int], ...] = ()  # lines by encoding, where there is more than one encoding


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stage made of one document: the document as it leaves, the edits in order, or why it was dropped."""

    document: Document
    edits: tuple[Edits, ...] = ()
    dropped: str = ""  # the reason, in words; empty while the document stays in the corpus
    by: str = ""  # id of the document that stays in its place, if it was dropped as a copy
    quarantine: bytes | None = None  # bytes that no stage could read, to be kept as they are
    reading: Reading | None = None  # decode: how a file was read; none for the rows of a table
    left: tuple[tuple[str, int], ...] = ()  # places that a rule looked at and could not decide, by rule


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Documents that a stage keeps as they are, one after the other: they need not be made of their columns."""

    rows: Any  # Arrow record batch, as in a documents file


def record(rule: str, text: str, changes: Iterable[Change]) -> tuple[Edits | None, int]:
    """`Edits.of`, or None where nothing is changed; and how many of the changes would have changed nothing."""
    rows = iter(changes)
    # Columns from the start: a tuple for each of a million edits would take more memory than the text.
    offsets, before_lengths, after_lengths = array("q"), array("q"), array("q")
    before, after = StringIO(newline="\n"), StringIO(newline="")
    reasons: list[str] = []
    last = idle = 0
    while some := list(itertools.islice(rows, SOME)):
        told: list[tuple[Any, ...]] = [(text[change[0] : change[1]], *change) for change in some]
        told = [row for row in told if row[0] != row[3]]
        idle += len(some) - len(told)
        if not told:
            continue
        olds, starts, ends, news, *why = zip(*told, strict=True)
        for before_it, start, end in zip((last, *ends), starts, ends, strict=False):
            if not before_it <= start <= end <= len(text):
                raise ValueError(f"rule {rule}: the span {start}:{end} overlaps or lies outside the text")
        last = ends[-1]
        offsets.extend(starts)
        before_lengths.extend(map(operator.sub, ends, starts))
        after_lengths.extend(map(len, news))
        before.write("".join(olds))
        after.write("".join(news))
        reasons += itertools.chain(*why)
    if not offsets:
        return None, idle
    columns = [np.array(column, dtype=np.int64) for column in (offsets, before_lengths, after_lengths)]
    return Edits(rule, columns[0], before.getvalue(), columns[1], after.getvalue(), columns[2], tuple(reasons)), idle


def apply(text: str, edits: Edits) -> str:
    """Do `edits` to `text`, the text their rule saw. Raises ValueError when it is not that text."""
    if len(edits) > MANY and (edits.before_lengths == 1).all() and (edits.after_lengths == 1).all():
        return apply_one_for_one(text, edits)
    pieces = StringIO(newline="\n")
    position = old = new = 0
    columns = (edits.offsets, edits.before_lengths, edits.after_lengths)
    for offset, removed, added in zip(*(column.tolist() for column in columns), strict=True):
        end = offset + removed
        before = edits.before[old : old + removed]
        if text[offset:end] != before:
            raise ValueError(f"{edits.rule} at {offset}: expected {before!r}, found {text[offset:end]!r}")
        pieces.write(text[position:offset])
        pieces.write(edits.after[new : new + added])
        position, old, new = end, old + removed, new + added
    pieces.write(text[position:])
    return pieces.getvalue()


def apply_one_for_one(text: str, edits: Edits) -> str:
    """Do edits that replace one character by another: most are of that kind, in a traditional text a third of all."""
    points = code_points(text).copy()
    here = edits.offsets[edits.offsets < len(points)]
    if from_code_points(points[here]) != edits.before:
        raise ValueError(f"{edits.rule}: expected {edits.before!r}, found {from_code_points(points[here])!r}")
    points[here] = code_points(edits.after)
    return from_code_points(points)


def invert(text: str, edits: Edits) -> str:
    """Take `edits` back from `text`, the text they produced. Raises ValueError when it is not that text."""
    return apply(text, edits.inverse())


def rewind(text: str, edits: Sequence[Edits]) -> str:
    """Take back a whole history, last edits first."""
    for step in reversed(edits):
        text = invert(text, step)
    return text


def apply_rules(document: Document, rules: Sequence[Rule], rounds: int = 6) -> Outcome:
    """Run `rules` in order over a document, again and again until a round changes nothing: see `apply_to_all`."""
    return next(apply_to_all([document], rules, rounds=rounds))


def all_rules(rules: Sequence[Rule], texts: Sequence[str]) -> Iterable[Sequence[Rule]]:
    """All of them for each text: what `apply_to_all` runs where nobody knows better."""
    return [rules] * len(texts)


def apply_to_all(
    documents: Sequence[Document],
    rules: Sequence[Rule],
    busy: BusyRules = all_rules,
    uncovers_nothing: Container[Rule] = (),
    rounds: int = 6,
) -> Iterator[Outcome]:
    """Run `rules` in order over each document, again and again until a round changes nothing in it.

    One rule can uncover work for an earlier one, so a single round would leave a text that changes when it is
    cleaned again. `rounds` bounds the work on a text that never settles; none is known. `busy` may take a quick
    look at all texts before each round and leave out the rules that will find nothing in one. A rule that
    `uncovers_nothing` makes no rule busy that was not, and would itself find nothing more: where such a rule came first
    and alone changed something, the others have seen the text as it is now, and there is no other round.

    A rule that replaces a span by itself says that it could not decide; the last round of a document counts these.
    """
    texts = [document.text for document in documents]
    history: dict[int, list[Edits]] = {}
    left: dict[int, dict[str, int]] = {}
    unsettled = list(range(len(texts)))
    for _ in range(rounds):
        changed: list[int] = []
        for number, own in zip(unsettled, busy(rules, [texts[number] for number in unsettled]), strict=True):
            if not own:
                left.pop(number, None)
                continue
            text, steps, left[number] = one_round(texts[number], own)
            history.setdefault(number, []).extend(steps)
            if text != texts[number]:
                texts[number] = text
                if len(steps) > 1 or own[0] not in uncovers_nothing or steps[0].rule != own[0].__name__:
                    changed.append(number)
        if not changed:
            break
        unsettled = changed
    for number, document in enumerate(documents):
        undecided = tuple(left[number].items()) if number in left else ()
        if history.get(number):
            yield Outcome(replace(document, text=texts[number]), tuple(history[number]), left=undecided)
        else:
            yield Outcome(document, left=undecided)


def one_round(text: str, rules: Iterable[Rule]) -> tuple[str, list[Edits], dict[str, int]]:
    """The text after each of some rules ran once, what they did, and how many places each could not decide."""
    steps: list[Edits] = []
    left: dict[str, int] = {}
    for rule in rules:
        edits, undecided = record(rule.__name__, text, rule(text))
        if undecided:
            left[rule.__name__] = undecided
        if edits is not None:
            text = apply(text, edits)
            steps.append(edits)
    return text, steps, left


def batches(documents: Iterable[Document], most: int = BATCH) -> Iterator[list[Document]]:
    """Documents in lists of about so many characters: what is done to a list at once costs less."""
    return gathered(documents, most, lambda document: len(document.text))


def gathered(items: Iterable[Item], most: int, size_of: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Items in lists, each closed when the sizes in it reach `most`."""
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += size_of(item)
        if size >= most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """The code points of a text, one array cell each. Lone surrogates pass through."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def from_code_points(points: npt.NDArray[np.uint32]) -> str:
    """The text of an array of code points; the inverse of `code_points`."""
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def code_units(text: str) -> npt.NDArray[np.uint16] | npt.NDArray[np.uint32]:
    """The code points of a text, one array cell each, in 16 bits if they fit. Lone surrogates pass through."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    return units if len(units) == len(text) else code_points(text)


def from_code_units(units: npt.NDArray[np.uint16] | npt.NDArray[np.uint32]) -> str:
    """The text of an array of code points; the inverse of `code_units`."""
    return units.tobytes().decode("utf-16-le" if units.itemsize == 2 else "utf-32-le", "surrogatepass")
