"""The measures of `breaks.py`: which breaks of a text the repair stage joins, and how many of them it should."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from breaks_texts import HALVES, Break, Broken, half_of

from cleaner.config import Config, RepairConfig
from cleaner.document import Document, Edits
from cleaner.repair import repair
from cleaner.repair.breaks import NOBODY, Others
from cleaner.repair.witnesses import asked

CONTEXT = 24  # characters of a place to show on each side


@dataclass(frozen=True, slots=True)
class Place:
    """A break that was decided wrongly."""

    id: str
    is_cut: bool
    before: str
    gap: str
    after: str


@dataclass(slots=True)
class Score:
    """How many breaks were joined, rightly and wrongly; what is silent counts apart."""

    texts: int = 0
    whole: int = 0  # texts without any mistake
    natural: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    silent: int = 0
    silent_joined: int = 0
    places: list[Place] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def wrong_per_thousand(self) -> float:
        return 1000 * self.wrong / max(1, self.natural)

    def count(self, one: Break, joined: bool) -> bool:
        """Count one break. Returns whether it was decided rightly."""
        if one.is_silent:
            self.silent += 1
            self.silent_joined += joined
            return True
        self.natural += not one.is_cut
        self.right += one.is_cut and joined
        self.missed += one.is_cut and not joined
        self.wrong += joined and not one.is_cut
        return joined == one.is_cut


def joined_breaks(broken: Broken, others: Others = NOBODY) -> list[bool]:
    """For each break of a text, whether the repair stage left no line break there."""
    outcome = next(repair([Document(broken.id, broken.id, broken.text)], Config().repair, others))
    text = outcome.document.text
    ends = [one.end for one in broken.breaks]
    starts = [one.start for one in broken.breaks]
    for edits in outcome.edits:
        ends = moved(ends, edits, is_end=True)
        starts = moved(starts, edits, is_end=False)
    return ["\n" not in text[end:start] for end, start in zip(ends, starts, strict=True)]


def moved(offsets: list[int], edits: Edits, is_end: bool) -> list[int]:
    """Where ascending offsets are after some edits; what was replaced falls before a start and after an end."""
    spans = [(edit.offset, edit.offset + len(edit.before), len(edit.after)) for edit in edits]
    found: list[int] = []
    number = shift = 0
    for offset in offsets:
        while number < len(spans) and spans[number][1] <= offset:
            start, end, new = spans[number]
            if is_end and offset == end and end > start and offset == start:
                break
            shift += new - (end - start)
            number += 1
        place = offset + shift
        if number < len(spans) and spans[number][0] < offset:
            start, _, new = spans[number]
            place = start + shift + (0 if is_end else new)
        found.append(place)
    return found


def measure(
    texts: Iterable[Broken], corpus: Iterable[str] | None = None, config: RepairConfig | None = None
) -> dict[str, Score]:
    """Let repair join the breaks of some texts, each alone or as a part of a corpus, and score each half of them."""
    scores = {half: Score() for half in HALVES}
    texts, config = list(texts), config or Config().repair
    others = NOBODY
    if corpus is not None:
        documents = [Document(broken.id, broken.id, broken.text) for broken in texts]
        corpus = list(corpus)
        others = asked(documents, lambda: corpus, config)
    for broken in texts:
        score = scores[half_of(broken.id)]
        score.texts += 1
        is_whole = True
        for one, joined in zip(broken.breaks, joined_breaks(broken, others), strict=True):
            if not score.count(one, joined):
                is_whole = False
                before = broken.text[max(0, one.end - CONTEXT) : one.end].rpartition("\n")[2]
                after = broken.text[one.start : one.start + CONTEXT].partition("\n")[0]
                gap = broken.text[one.end : one.start].replace("\n", "⏎")
                score.places.append(Place(broken.id, one.is_cut, before, gap, after))
        score.whole += is_whole
    return scores
