"""The kernels of `cleaner.kernels.repeats`, on lists. All are written to be plain; none is fast."""

from cleaner.kernels import repeats as kernel

MASK = (1 << 64) - 1
Region = tuple[int, int, int, int]


def ahead(points: list[int], start: int, stop: int, step: int) -> list[int]:
    """The characters from a start up to a stop, in the order in which they are read."""
    return [points[place] for place in range(start, stop, step)]


def resync(a: list[int], b: list[int]) -> tuple[int, int]:
    """How many characters to skip in either list, by the longer skip, then both alike, then the shorter one."""
    for span in range(1, kernel.REACH + 1):
        count = kernel.AGREE if span <= kernel.NEAR_REACH else kernel.AGREE_FAR
        # Of each length first what b has more, then what a has more, as the kernel looks for them.
        order = [(span, span)]
        order += [(other, span) for other in range(span)] + [(span, other) for other in range(span)]
        for x, y in order:
            if len(a) >= x + count and len(b) >= y + count and a[x : x + count] == b[y : y + count]:
                return x, y
    return 0, 0


def equal_length(a: list[int], b: list[int]) -> int:
    return next((place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def tail_length(a: list[int], b: list[int]) -> int:
    """The prefix of TAIL characters in which most agree by most; none if half of them or more differ."""
    scores = [0]
    for x, y in list(zip(a, b, strict=False))[: kernel.TAIL]:
        scores.append(scores[-1] + (1 if x == y else -1))
    return scores.index(max(scores))


def extend(a: list[int], b: list[int]) -> tuple[list[tuple[int, int, int]], int, int]:
    """The runs that agree from the starts of two lists on, and how much of either the stretch has."""
    runs: list[tuple[int, int, int]] = []
    x = y = score = 0
    best, kept, end = 0, 0, (0, 0)
    while True:
        length = equal_length(a[x:], b[y:])
        runs.append((x, y, length))
        x, y, score = x + length, y + length, score + length
        if score > best:
            best, kept, end = score, len(runs), (x, y)
        skip_x, skip_y = resync(a[x:], b[y:])
        score -= kernel.price(skip_x, skip_y)
        if skip_x + skip_y == 0 or score < best - kernel.DROP:
            break
        x, y = x + skip_x, y + skip_y
    runs = runs[:kept]
    if runs:
        more = tail_length(a[end[0] :], b[end[1] :])
        runs[-1] = (*runs[-1][:2], runs[-1][2] + more)
        end = end[0] + more, end[1] + more
    return runs, *end


def stretch_at(points: list[int], early: int, late: int, removed: list[tuple[int, int]], floor: int) -> Region:
    low = max([end for start, end in removed if start <= early], default=0)
    high = min([start for start, end in removed if start > early], default=len(points))
    back_a = ahead(points, early - 1, low - 1, -1)
    back_b = ahead(points, late - 1, max(floor, early + kernel.K) - 1, -1)
    _, used_a, used_b = extend(back_a, back_b)
    a, b = early - used_a, late - used_b
    _, used_a, used_b = extend(points[a : min(high, late + kernel.OVERLAP)], points[b:])
    return a, a + used_a, b, b + used_b


def run_around(points: list[int], early: int, late: int) -> int:
    """How many characters agree around a place, forwards and backwards."""
    return equal_length(points[early:], points[late:]) + equal_length(points[:early][::-1], points[:late][::-1])


def mixed(run: list[int]) -> int:
    value = 0
    for point in run:
        value = (value * 0x9E3779B97F4A7C15 + point) & MASK
    return (value ^ value >> 32) * 0xBF58476D1CE4E5B9 & MASK


def repeats(points: list[int], bits: int, least: int) -> list[Region]:
    """All that `next_repeat` gives, if nothing of it is removed and each is passed over."""
    first: dict[int, int] = {}
    latest: dict[int, int] = {}
    found: list[Region] = []
    quiet = 0
    for at in range(len(points) - kernel.K + 1):
        value = mixed(points[at : at + kernel.K])
        if value >> 64 - kernel.SHARE_BITS:
            continue
        slot = (value << kernel.SHARE_BITS & MASK) >> 64 - bits
        candidates = list(dict.fromkeys([first[slot], latest[slot]])) if slot in first else []
        first.setdefault(slot, at)
        latest[slot] = at
        if at < quiet:
            continue
        best = (0, 0, 0, 0)
        for place in candidates:
            is_far = at - place >= max(kernel.K, least * 3 // 4)
            is_seed = points[place : place + kernel.K] == points[at : at + kernel.K]
            if is_far and is_seed and run_around(points, place, at) >= kernel.LEAST_RUN:
                region = stretch_at(points, place, at, [], 0)
                if region[3] - region[2] > best[3] - best[2]:
                    best = region
        quiet = max(quiet, best[3])
        if best[3] - best[2] >= least:
            found.append(best)
    return found
