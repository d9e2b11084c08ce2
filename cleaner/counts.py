"""What a stage did, in numbers: per rule, per reason for dropping, per script and encoding."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from cleaner.document import Outcome


@dataclass(slots=True)
class RuleCounts:
    """What one rule did in one stage; `removed` and `added` count characters, `left` places it could not decide."""

    documents: int = 0
    edits: int = 0
    removed: int = 0
    added: int = 0
    left: int = 0


@dataclass(slots=True)
class Counts:
    """What a stage did. Characters in - removed + added - dropped = characters out; documents likewise."""

    documents_in: int = 0
    kept: int = 0
    characters_in: int = 0
    characters_out: int = 0
    characters_dropped: int = 0
    dropped: dict[str, int] = field(default_factory=dict)  # by kind of reason: what stands before its colon
    dropped_first: dict[str, str] = field(default_factory=dict)  # of each kind, the first: its source and reason
    scripts: dict[str, int] = field(default_factory=dict)  # of the documents kept
    encodings: dict[str, int] = field(default_factory=dict)
    rules: dict[str, RuleCounts] = field(default_factory=dict)

    def see(self, outcome: Outcome) -> None:
        """Count one document."""
        document, history = outcome.document, outcome.edits
        length = len(document.text)
        self.documents_in += 1
        self.characters_in += length
        if outcome.dropped:
            kind = kind_of(outcome.dropped)
            raise_count(self.dropped, kind)
            self.dropped_first.setdefault(kind, f"{document.source}: {outcome.dropped}")
            self.characters_dropped += length
        else:
            self.kept += 1
            self.characters_out += length
            raise_count(self.scripts, document.script)
            raise_count(self.encodings, document.encoding)
        for rule in {edits.rule: None for edits in history} if history else ():
            self.rules.setdefault(rule, RuleCounts()).documents += 1
        for edits in history:
            removed, added = len(edits.before), len(edits.after)
            self.characters_in += removed - added
            counts = self.rules[edits.rule]
            counts.edits += len(edits)
            counts.removed += removed
            counts.added += added
        for rule, places in outcome.left:
            self.rules.setdefault(rule, RuleCounts()).left += places

    def see_unchanged(self, characters: int, scripts: Sequence[str], encodings: Sequence[str]) -> None:
        """Count documents that stay as they are: the characters of all, and the script and the encoding of each."""
        self.documents_in += len(scripts)
        self.kept += len(scripts)
        self.characters_in += characters
        self.characters_out += characters
        for tally, keys in ((self.scripts, scripts), (self.encodings, encodings)):
            for key, count in Counter(keys).items():
                tally[key] = tally.get(key, 0) + count

    def as_json(self) -> dict[str, Any]:
        """The counts as plain values, tallies in a fixed order."""
        plain = asdict(self)
        return {
            name: dict(sorted(value.items())) if isinstance(value, dict) else value for name, value in plain.items()
        }


def total(shards: Iterable[Counts]) -> Counts:
    """The counts of several shards together."""
    whole = Counts()
    for counts in shards:
        for entry in fields(Counts):
            mine, other = getattr(whole, entry.name), getattr(counts, entry.name)
            if entry.name == "rules":
                for rule, done in other.items():
                    add_rule(whole.rules.setdefault(rule, RuleCounts()), done)
            elif entry.name == "dropped_first":
                whole.dropped_first = other | mine
            elif isinstance(mine, dict):
                setattr(whole, entry.name, dict(Counter(mine) + Counter(other)))
            else:
                setattr(whole, entry.name, mine + other)
    return whole


def add_rule(sum_so_far: RuleCounts, counts: RuleCounts) -> None:
    """Add the counts of one rule in another shard."""
    for entry in fields(RuleCounts):
        setattr(sum_so_far, entry.name, getattr(sum_so_far, entry.name) + getattr(counts, entry.name))


def raise_count(tally: dict[str, int], key: str) -> None:
    tally[key] = tally.get(key, 0) + 1


def kind_of(reason: str) -> str:
    """The kind of a reason, by which drops are counted: `near copy: similarity 0.91` is a near copy."""
    return reason.split(":")[0]
