"""Winnowing, window by window: the least hash of each; of equal ones the one taken before, or else the last."""


def winnow(grams: list[int], window: int) -> list[int]:
    """The places of the hashes that are taken, in order. Of fewer than a window, the least."""
    taken: list[int] = []
    for start in range(max(len(grams) - window + 1, 1) if grams else 0):
        places = range(start, min(start + window, len(grams)))
        least = min(grams[place] for place in places)
        best = [place for place in places if grams[place] == least]
        if not taken or taken[-1] not in best:
            taken.append(best[-1])
    return taken
