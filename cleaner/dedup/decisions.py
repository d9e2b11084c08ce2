"""What was decided about the documents: which go, and what is cut from those that stay.

Where passages are cut or contained documents dropped, what is left may be a copy of another document, or be contained
in one. So dedup looks at the corpus again, as it is by then, until nothing is found; every look is a round. What a
round decides names the document that stays in the place of another by then; in the end that one may have gone as well,
and the one that stays in its place is named.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cleaner.config import DedupConfig
from cleaner.dedup.across import Across
from cleaner.dedup.boilerplate import Boilerplate
from cleaner.dedup.comparing import Contained, Passage
from cleaner.document import Change, Document, Edits, apply

Spans = tuple[tuple[int, int, str], ...]  # start, end and why


@dataclass(frozen=True, slots=True)
class Copy:
    """What was decided about a document that is a copy: the one that stays, how alike they are, and why it stays."""

    keeper: str  # its id
    kind: str
    jaccard: float
    containment: float
    why: str
    is_earlier: bool = False  # the one that stays is in an earlier version


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided so far, by id."""

    copies: Mapping[str, Copy] = field(default_factory=dict)
    contained: Mapping[str, Contained] = field(default_factory=dict)  # those that are dropped
    cuts: Mapping[str, tuple[Spans, ...]] = field(default_factory=dict)  # round by round
    found: Across = field(default_factory=Across)  # what is reported
    boilerplate: Mapping[str, Boilerplate] = field(default_factory=dict)  # what is removed, by source
    repeating: frozenset[str] | None = None  # in which passages stand twice, once all have been looked at

    def goes(self, name: str) -> bool:
        return name in self.copies or name in self.contained

    def may_repeat(self, name: str) -> bool:
        """Whether passages may stand twice in a document."""
        return self.repeating is None or name in self.repeating

    def concern(self, batch: Any) -> list[bool]:
        """Which documents of an Arrow record batch may not stay as they are."""
        return [
            bool(self.boilerplate) or self.may_repeat(name) or name in self.cuts or self.goes(name)
            for name in batch.column("id").to_pylist()
        ]

    def after(self, copies: Mapping[str, Copy], across: Across, config: DedupConfig) -> "Decisions":
        """These, and what one more round has found."""
        are_dropped, are_cut = config.contained == "drop", config.passages == "drop"
        cuts = dict(self.cuts)
        for name, spans in spans_to_cut(across.passages).items() if are_cut else ():
            cuts[name] = (*cuts.get(name, ()), spans)
        contained = {entry.id: entry for entry in across.contained} if are_dropped else {}
        found = Across(
            (self.found.contained if are_dropped else []) + across.contained,
            (self.found.passages if are_cut else []) + across.passages,
            self.found.boilerplate or across.boilerplate,
        )
        copies, contained = {**self.copies, **copies}, {**self.contained, **contained}
        return replace(self, copies=copies, contained=contained, cuts=cuts, found=found)

    def of(self, names: Iterable[str]) -> "Decisions":
        """What was decided about some documents."""
        wanted = set(names)
        copies, contained, cuts = (
            {name: value for name, value in entries.items() if name in wanted}
            for entries in (self.copies, self.contained, self.cuts)
        )
        known = Decisions(copies, contained, cuts)  # type: ignore[arg-type]  # one loop over three kinds of values
        repeating = None if self.repeating is None else self.repeating & wanted
        return replace(known, boilerplate=self.boilerplate, repeating=repeating)

    def resolved(self) -> "Decisions":
        """These, where each document that goes names one that stays."""

        def last(by: str) -> str:
            while self.goes(by):
                if by in self.copies and self.copies[by].is_earlier:
                    return self.copies[by].keeper
                by = self.copies[by].keeper if by in self.copies else self.contained[by].by
            return by

        copies = {
            name: copy
            if copy.is_earlier or not self.goes(copy.keeper)
            else replace(copy, keeper=last(copy.keeper), why="stands in the one that stays")
            for name, copy in self.copies.items()
        }
        return replace(
            self,
            copies=copies,
            contained={name: replace(entry, by=last(entry.by)) for name, entry in self.contained.items()},
        )


def more_to_do(across: Across, config: DedupConfig) -> bool:
    """Whether what was found changes the corpus, so that there may be more to find."""
    return bool((config.contained == "drop" and across.contained) or (config.passages == "drop" and across.passages))


def spans_to_cut(passages: Iterable[Passage]) -> dict[str, Spans]:
    """What is cut from each document, and why."""
    found: dict[str, Spans] = {}
    for row in passages:
        why = f"{row.characters:,} characters stand in {row.by_source}, which is kept before it"
        found[row.id] = (*found.get(row.id, ()), (row.start, row.end, why))
    return found


def cut_passages(document: Document, spans: Spans) -> tuple[Document, Edits]:
    """A document without passages that stand in another, and the record of them."""
    edits = Edits.of("remove_shared_passage", document.text, changes_of(document.text, spans))
    return replace(document, text=apply(document.text, edits)), edits


def changes_of(text: str, spans: Spans) -> Iterator[Change]:
    """Whole lines go with the empty lines before them, or, at the beginning of a text, behind them."""
    done = 0
    for start, end, why in spans:
        before = max(len(text[done:start].rstrip()) + done, done)
        if before == 0:
            end += len(text[end:]) - len(text[end:].lstrip("\n"))
        yield before, end, "", why
        done = end
