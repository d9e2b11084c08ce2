"""Guards: limits to what may have gone since raw/, and to how far a version may be from the one before.

A claim says what must be true of each document; a guard looks at them all together, for what no single one shows: that
a crawler fetched a login page a thousand times, that a folder was not mounted, that a new rule eats too much. Each has
its limit in the section [check] of the settings; 1 switches it off.

Small numbers prove nothing. A source, or a version, of few documents is not judged.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from cleaner.check.asked import Whole
from cleaner.check.claim import Claim, Failure
from cleaner.check.statistics import divergence, share_moved

MIN_OF_SOURCE = 50  # documents of a source that is judged
MIN_OF_VERSION = 1000  # documents of either version, for its lengths, scripts, encodings and characters to be compared
MIN_CHARACTERS = 1_000_000  # of either version, for its characters to be compared: rare ones come and go by chance


def dropped_by_source(whole: Whole) -> Iterator[Failure]:
    limit = whole.settings.max_documents_removed
    for source, removed in sorted(whole.removed.items()):
        if removed.documents >= MIN_OF_SOURCE and removed.dropped > limit * removed.documents:
            (reason, times), *_ = sorted(removed.reasons.items(), key=lambda item: (-item[1], item[0]))
            share = (
                f"{removed.dropped:,} of {removed.documents:,} documents ({removed.dropped / removed.documents:.1%})"
            )
            most = f"{times:,} of them for {reason!r}"
            yield Failure("", source, f"{share} were dropped, {most}; check.max_documents_removed is {limit}")


def cut_by_source(whole: Whole) -> Iterator[Failure]:
    limit = whole.settings.max_characters_removed
    for source, removed in sorted(whole.removed.items()):
        gone = removed.characters - removed.characters_kept
        if removed.documents >= MIN_OF_SOURCE and gone > limit * removed.characters:
            share = f"{gone:,} of {removed.characters:,} characters ({gone / removed.characters:.1%})"
            yield Failure("", source, f"{share} are gone since decode; check.max_characters_removed is {limit}")


def fewer_documents(whole: Whole) -> Iterator[Failure]:
    ours, theirs = whole.statistics
    yield from lost(whole, "documents", ours.documents, theirs.documents)


def fewer_characters(whole: Whole) -> Iterator[Failure]:
    ours, theirs = whole.statistics
    yield from lost(whole, "characters", ours.characters, theirs.characters)


def lost(whole: Whole, what: str, now: int, before: int) -> Iterator[Failure]:
    """A version of fewer documents or characters than its parent. More of them are no reason to worry."""
    limit = getattr(whole.settings, f"max_{what}_lost")
    if whole.statistics[1].documents >= MIN_OF_SOURCE and now < (1 - limit) * before:
        assert whole.parent is not None
        gone = f"{before:,} {what} in {whole.parent.name}, {now:,} now ({1 - now / before:.1%} fewer)"
        yield Failure("", "", f"{gone}; check.max_{what}_lost is {limit}")


def other_lengths(whole: Whole) -> Iterator[Failure]:
    ours, theirs = whole.statistics
    if is_comparable(whole):
        means = [round(one.characters / one.documents) for one in (theirs, ours)]
        told = f"a document had {means[0]:,} characters on average, now {means[1]:,}"
        yield from moved(whole, "length", share_moved(theirs.lengths, ours.lengths), told)


def other_scripts(whole: Whole) -> Iterator[Failure]:
    ours, theirs = whole.statistics
    if is_comparable(whole) and set(ours.scripts) != {""}:  # simplify, which finds the script, may not have been run
        told = told_shares(theirs.scripts, ours.scripts)
        yield from moved(whole, "script", share_moved(theirs.scripts, ours.scripts), told)


def other_encodings(whole: Whole) -> Iterator[Failure]:
    ours, theirs = whole.statistics
    if is_comparable(whole):
        told = told_shares(theirs.encodings, ours.encodings)
        yield from moved(whole, "encoding", share_moved(theirs.encodings, ours.encodings), told)


def moved(whole: Whole, what: str, share: float, told: str) -> Iterator[Failure]:
    """A share of documents of another length, script or encoding that is above the limit."""
    limit = getattr(whole.settings, f"max_{what}_drift")
    if share > limit:
        yield Failure("", "", f"{told}; {share:.1%} of the documents are elsewhere; check.max_{what}_drift is {limit}")


def told_shares(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """The class whose share of documents has changed most, in words."""

    def share(counts: Mapping[str, int], name: str) -> float:
        return counts.get(name, 0) / max(sum(counts.values()), 1)

    names = sorted(before.keys() | after.keys())
    most = max(names, key=lambda name: abs(share(after, name) - share(before, name)))
    return f"{most or 'unknown'} was {share(before, most):.1%} of the documents, now {share(after, most):.1%}"


def other_characters(whole: Whole) -> Iterator[Failure]:
    ours, theirs = whole.statistics
    limit = whole.settings.max_frequency_drift
    if not is_comparable(whole) or min(ours.counts.sum(), theirs.counts.sum()) < MIN_CHARACTERS:
        return
    bits = divergence(theirs, ours)
    if bits > limit:
        used = np.union1d(ours.used, theirs.used)
        shares = []
        for one in (theirs, ours):
            counts = np.zeros(len(used))
            counts[np.searchsorted(used, one.used)] = one.counts
            shares.append(counts / counts.sum())
        order = np.argsort(shares[0] - shares[1], kind="stable")
        more, fewer = ("".join(map(chr, used[some].tolist())) for some in (order[:5], order[::-1][:5]))
        told = f"characters are used otherwise, more of {more}, fewer of {fewer}: {bits:.4f} bits"
        yield Failure("", "", f"{told}; check.max_frequency_drift is {limit}")


def is_comparable(whole: Whole) -> bool:
    return all(one.documents >= MIN_OF_VERSION for one in whole.statistics)


# Asked of every corpus, and of one that has a version before it.
OF_SOURCES = (
    Claim("documents-removed", "of no source too many documents are gone", of_corpus=dropped_by_source, kind="guard"),
    Claim("characters-removed", "of no source too many characters are gone", of_corpus=cut_by_source, kind="guard"),
)
OF_VERSIONS = (
    Claim("documents-lost", "documents are not fewer than before", of_corpus=fewer_documents, kind="guard"),
    Claim("characters-lost", "characters are not fewer than before", of_corpus=fewer_characters, kind="guard"),
    Claim("length-drift", "documents are as long as before", of_corpus=other_lengths, kind="guard"),
    Claim("script-drift", "scripts are as before", of_corpus=other_scripts, kind="guard"),
    Claim("encoding-drift", "encodings are as before", of_corpus=other_encodings, kind="guard"),
    Claim("frequency-drift", "characters are used as before", of_corpus=other_characters, kind="guard"),
)
GUARDS = (*OF_SOURCES, *OF_VERSIONS)
