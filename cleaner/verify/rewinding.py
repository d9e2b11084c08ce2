"""Histories taken back from many documents at once.

To take the edits back from one text after the other costs more than all that a check asks. Here the last run of a rule
over each of the documents is taken back from all of them together, in a few passes over their code points; then the
last but one, and so on. It is exact, or says of which documents it is not: those whose ledger does not fit are left to
`cleaner.document.rewind`, which tells what is wrong.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.document import Offsets, code_points
from cleaner.files.ledger import Ledger

Points = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Edited:
    """The edits of a ledger, as they stand in the texts that they produced."""

    runs: Offsets  # bounds of the runs
    places: Offsets  # where what was put in stands, in code points of the text that the run left
    before: Points
    before_bounds: Offsets
    after: Points
    after_bounds: Offsets
    is_even: list[bool]  # of each run, whether it put in for each edit as many code points as it took out

    @classmethod
    def of(cls, ledger: Ledger) -> "Edited":
        before, after = ledger.before, ledger.after
        longer = after.bounds - before.bounds  # by so much are the texts, up to each edit
        shift = longer[:-1] - np.repeat(longer[ledger.bounds[:-1]], np.diff(ledger.bounds))
        places = ledger.offsets + shift
        uneven = np.cumsum(np.append(0, before.lengths != after.lengths))
        return cls(
            *(ledger.bounds, places, code_points(before.joined), before.bounds, code_points(after.joined)),
            *(after.bounds, (np.diff(uneven[ledger.bounds]) == 0).tolist()),
        )


def rewind_all(texts: list[Points], histories: list[list[int]], edited: Edited) -> Flags:
    """Take the runs with the numbers in `histories` back from `texts`, which are replaced in the list.

    Returns of which documents the ledger fits; the texts of the others are left somewhere on the way.
    """
    fits = np.ones(len(texts), dtype=np.bool_)
    busy = [place for place, runs in enumerate(histories) if runs]
    done = 0
    while busy:
        done += 1
        kinds = {place: edited.is_even[histories[place][-done]] for place in busy}
        for some in ([place for place in busy if kinds[place] is kind] for kind in (True, False)):
            good = invert_all([texts[place] for place in some], [histories[place][-done] for place in some], edited)
            for place, text in zip(some, good, strict=True):
                if text is None:
                    fits[place] = False
                else:
                    texts[place] = text
        busy = [place for place in busy if fits[place] and len(histories[place]) > done]
    return fits


def invert_all(texts: list[Points], runs: list[int], edited: Edited) -> list[Points | None]:
    """Take one run back from each text. None in place of a text that it did not produce."""
    if not texts:
        return []
    number = np.array(runs)
    counts = edited.runs[number + 1] - edited.runs[number]
    edits = spans(edited.runs[number], counts)
    sizes = np.array([len(text) for text in texts])
    starts = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(len(texts)), counts)
    removed = edited.before_bounds[edits + 1] - edited.before_bounds[edits]
    added = edited.after_bounds[edits + 1] - edited.after_bounds[edits]
    places = edited.places[edits]
    fits = are_within(places, added, sizes[owner], owner, len(texts))
    if not fits.all():
        some = np.flatnonzero(fits).tolist()
        good = invert_all([texts[place] for place in some], number[fits].tolist(), edited)
        by_place = dict(zip(some, good, strict=True))
        return [by_place.get(place) for place in range(len(texts))]
    joined = np.concatenate(texts)
    put_in = spans(starts[owner] + places, added)
    wrong = joined[put_in] != edited.after[spans(edited.after_bounds[edits], added)]
    fits[np.repeat(owner, added)[wrong]] = False
    if all(edited.is_even[run] for run in runs):
        joined[put_in] = edited.before[spans(edited.before_bounds[edits], removed)]
        return [piece if fit else None for piece, fit in zip(np.split(joined, starts[1:]), fits.tolist(), strict=True)]
    stays = np.ones(len(joined), dtype=np.bool_)
    stays[put_in] = False
    # In the texts to be: each edit stands so much further on as those before it make their texts longer.
    longer = np.cumsum(removed - added) - (removed - added)
    restored = spans(starts[owner] + places + longer, removed)
    is_new = np.zeros(len(joined) + int(removed.sum() - added.sum()), dtype=np.bool_)
    is_new[restored] = True
    found = np.empty(len(is_new), dtype=np.uint32)
    found[restored] = edited.before[spans(edited.before_bounds[edits], removed)]
    found[~is_new] = joined[stays]
    gained = np.bincount(owner, weights=removed - added, minlength=len(texts)).astype(np.int64)
    ends = np.cumsum(sizes + gained)
    pieces = np.split(found, ends[:-1])
    return [piece if fit else None for piece, fit in zip(pieces, fits.tolist(), strict=True)]


def are_within(places: Offsets, added: Offsets, sizes: Offsets, owner: Offsets, count: int) -> Flags:
    """Of which of the documents what was put in lies within the text, in order and apart."""
    ends = places + added
    is_good = (places >= 0) & (ends <= sizes)
    is_good[1:] &= (owner[1:] != owner[:-1]) | (places[1:] >= ends[:-1])
    fits: Flags = np.bincount(owner[~is_good], minlength=count) == 0
    return fits


def spans(starts: Offsets, lengths: Offsets) -> Offsets:
    """The numbers from each start on, so many as its length, one behind the other.

    >>> spans(np.array([5, 9]), np.array([3, 2])).tolist()
    [5, 6, 7, 9, 10]
    """
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
