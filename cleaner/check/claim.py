"""What a claim is, and what is found when it is asked.

A claim is a sentence that must be true of a corpus, and a function that returns what breaks it: of one document, or of
the corpus as a whole. How much of that is tolerated is no business of the function.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from cleaner.check.asked import Asked, Whole
from cleaner.files.corpus import Life
from cleaner.verify.account import Failure
from cleaner.verify.batches import Batch
from cleaner.verify.rewinding import Flags

__all__ = ["Claim", "Failure", "Finding"]

Kind = Literal["claim", "own", "guard", "notice"]  # own: the user's; a notice never fails


DocumentFunction = Callable[[Life, Asked], Iterable[str]]  # what is wrong with a document, in words
BatchFunction = Callable[[Batch, Asked], Flags]  # of which documents something may be wrong
CorpusFunction = Callable[[Whole], Iterable[Failure]]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that must be true, the stage that sees to it, and the function that finds what breaks it.

    `tolerance` is how many documents may break it: below 1 a share of those that were kept, from 1 on a number.
    """

    name: str  # short and stable: in settings, in formats, of files
    sentence: str
    stage: str = ""
    of_document: DocumentFunction | None = None
    may_break: BatchFunction | None = None  # a quick look at many documents; the claim is put to those it leaves
    of_corpus: CorpusFunction | None = None
    of_dropped: bool = False  # whether dropped documents are asked, too
    kind: Kind = "claim"
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim and all that breaks it."""

    claim: Claim
    failures: list[Failure] = field(default_factory=list)
    allowed: int = 0  # documents that may break it: the tolerance, counted out for this corpus
    error: str = ""  # why it could not be asked
    is_skipped: bool = False

    @property
    def documents(self) -> int:
        """How many documents break the claim; each failure of the corpus as a whole counts as one."""
        return len({failure.id for failure in self.failures if failure.id}) + sum(
            not failure.id for failure in self.failures
        )

    @property
    def is_broken(self) -> bool:
        return self.claim.kind != "notice" and (bool(self.error) or self.documents > self.allowed)

    @property
    def state(self) -> str:
        """In one word: ok, broken, tolerated, error, skipped, or, of a notice, warning."""
        if self.is_skipped:
            return "skipped"
        if self.claim.kind == "notice":
            return "warning"
        if self.error:
            return "error"
        if self.is_broken:
            return "broken"
        return "tolerated" if self.failures else "ok"
