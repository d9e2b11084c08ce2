"""The cheapest way to cut bytes into characters of several character sets: a shortest path (Viterbi 1967).

Between the bytes lie the nodes, some for each character set; each character that may begin at a byte is an edge as
long as its bytes. Skipping a byte that belongs to no character costs something, and so does changing the character
set; two characters that often stand side by side cost less. All costs are eighths of a bit.
"""

import numpy as np
import numpy.typing as npt

from cleaner.kernels import njit

UTF_8, GB_18030, BIG5 = 0, 1, 2
CHARSETS = SKIPPED = 3
NODES = 2 * CHARSETS
STEP, COST, POINT = 0, 1, 2  # of an edge: its bytes (0: there is none), its cost, its folded code point
OTHER, LETTER, NEWLINE = 0, 1, 2  # instead of the code point: of what is beyond the BMP, or ASCII; 40 to 7E; 0A
SKIP, SWITCH, START, TORN = 0, 1, 2, 3  # the prices
IMPOSSIBLE = 255  # in a table of costs: there is no such character
FOUR_BYTES = 192  # the cost of a character of four bytes: an emoji or a very rare Han character
LONGEST = 6  # bytes of a character: a surrogate pair in CESU-8
FIRST_HAN = 0x3400
MOST_SAVED = 64  # by a pair
FAR = 1 << 30

Bytes = npt.NDArray[np.uint8]
Costs = npt.NDArray[np.uint8]
Points = npt.NDArray[np.uint16]
Words = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int32]


@njit(cache=True, nogil=True)
def mark_ascii(data: Bytes, costs: Costs, edges: Numbers) -> None:
    """Fill in the edges of single bytes, which are the same in all character sets. `costs` has shape (256,)."""
    for at in range(len(data)):
        if costs[data[at]] != IMPOSSIBLE:
            for charset in range(CHARSETS):
                edges[at, charset, STEP] = 1
                edges[at, charset, COST] = costs[data[at]]
                edges[at, charset, POINT] = LETTER if 0x40 <= data[at] <= 0x7E else OTHER
                if data[at] == 0x0A:
                    edges[at, charset, POINT] = NEWLINE


@njit(cache=True, nogil=True)
def mark_utf_8(data: Bytes, bmp: Costs, fold: Points, edges: Numbers) -> None:
    """Fill in the characters of UTF-8 from 80 up. `bmp` and `fold` have one cell for each code point of the BMP."""
    for at in range(len(data)):
        size, point = utf_8_character(data, at)
        if size > 0:
            edges[at, UTF_8, STEP] = size
            edges[at, UTF_8, COST] = bmp[point] if point < 0x10000 else FOUR_BYTES
            edges[at, UTF_8, POINT] = fold[point] if point < 0x10000 else OTHER


@njit(cache=True, nogil=True)
def mark_pairs(data: Bytes, charset: int, costs: Costs, fold: Points, edges: Numbers) -> None:
    """Fill in the characters of GB 18030 or Big5 from 80 up.

    `costs` and `fold` have one cell for each pair of bytes from 81 40, 192 for each first byte.
    """
    for at in range(len(data) - 1):
        lead, trail = int(data[at]), int(data[at + 1])
        if not 0x81 <= lead <= 0xFE:
            continue
        pair = (lead - 0x81) * 192 + trail - 0x40
        if trail >= 0x40 and costs[pair] != IMPOSSIBLE:
            edges[at, charset, STEP] = 2
            edges[at, charset, COST] = costs[pair]
            edges[at, charset, POINT] = fold[pair]
        elif charset == GB_18030 and is_half(data[at : at + 2]) and is_half(data[at + 2 : at + 4]):
            edges[at, charset, STEP] = 4
            edges[at, charset, COST] = FOUR_BYTES


@njit(nogil=True)
def is_half(data: Bytes) -> bool:
    """Whether two bytes are half of a character of four in GB 18030: the halves look alike."""
    return len(data) == 2 and 0x81 <= data[0] <= 0xFE and 0x30 <= data[1] <= 0x39


@njit(nogil=True)
def is_tail(byte: int) -> bool:
    """Whether a byte continues a character in UTF-8."""
    return byte & 0xC0 == 0x80


@njit(nogil=True)
def utf_8_character(data: Bytes, at: int) -> tuple[int, int]:
    """Length and code point of the character at a byte; (0, 0) if there is none from 80 up.

    A pair of surrogates, each of three bytes (CESU-8), counts as one character of six.
    """
    left = len(data) - at
    lead = int(data[at])
    if left < 2 or lead < 0xC2 or not is_tail(data[at + 1]):
        return 0, 0
    second = int(data[at + 1]) & 0x3F
    if lead <= 0xDF:
        return 2, (lead & 0x1F) << 6 | second
    if left < 3 or not is_tail(data[at + 2]):
        return 0, 0
    if lead <= 0xEF:
        point = (lead & 0x0F) << 12 | second << 6 | int(data[at + 2]) & 0x3F
        if 0xD800 <= point < 0xDC00 and left > 5 and data[at + 3] == 0xED and 0xB0 <= data[at + 4] <= 0xBF:
            return (6, 0x10000) if is_tail(data[at + 5]) else (0, 0)
        return (3, point) if point >= 0x800 and not 0xD800 <= point <= 0xDFFF else (0, 0)
    point = (lead & 0x07) << 18 | second << 12
    is_one = left > 3 and is_tail(data[at + 3]) and lead <= 0xF4 and 0x10000 <= point <= 0x10FFFF
    return (4, 0x10000) if is_one else (0, 0)


@njit(nogil=True)
def slot_of(key: int, slots: int) -> int:
    """Where to look first for a pair of characters, in a table of 2**n slots (Knuth's multiplicative hashing)."""
    return ((key * 2654435761) & 0xFFFFFFFF) >> 8 & (slots - 1)


def plain_table(pairs: Words, gains: Costs, slots: int) -> tuple[Words, Costs]:
    """`hash_table` in numpy: all pairs at once look one slot further, until each has found one that is free.

    A pair may lie in another of the slots where it is looked for, so that the same is found.
    """
    keys, values = np.zeros(slots, dtype=np.uint32), np.zeros(slots, dtype=np.uint8)
    cells = ((pairs.astype(np.int64) * 2654435761) & 0xFFFFFFFF) >> 8 & (slots - 1)  # slot_of all
    left = np.arange(len(pairs))
    while len(left):
        free = left[keys[cells[left]] == 0]
        placed = free[np.unique(cells[free], return_index=True)[1]]
        keys[cells[placed]], values[cells[placed]] = pairs[placed], gains[placed]
        left = np.setdiff1d(left, placed, assume_unique=True)
        cells[left] = (cells[left] + 1) & (slots - 1)
    return keys, values


@njit(cache=True, nogil=True, plain=plain_table, steps=lambda pairs, *_: len(pairs) // 4)
def hash_table(pairs: Words, gains: Costs, slots: int) -> tuple[Words, Costs]:
    """An open-addressing table of pairs of characters (first << 16 | second, never 0) and what they save."""
    keys = np.zeros(slots, dtype=np.uint32)
    values = np.zeros(slots, dtype=np.uint8)
    for number in range(len(pairs)):
        slot = slot_of(int(pairs[number]), slots)
        while keys[slot] != 0:
            slot = (slot + 1) & (slots - 1)
        keys[slot] = pairs[number]
        values[slot] = gains[number]
    return keys, values


@njit(nogil=True)
def gain(first: int, second: int, keys: Words, gains: Costs) -> int:
    """What two characters side by side save, because they often stand so."""
    key = int(first) << 16 | int(second)
    slot = slot_of(key, len(keys))
    while keys[slot] != 0:
        if keys[slot] == key:
            return int(gains[slot])
        slot = (slot + 1) & (len(keys) - 1)
    return 0


@njit(cache=True, nogil=True, steps=lambda edges, *_: 4 * edges.size)  # each meets all nodes before it
def cheapest_cut(edges: Numbers, keys: Words, gains: Costs, prices: Numbers, first: int) -> Bytes:
    """Say for each byte in which character set it is read, or SKIPPED, at the least cost for all of them.

    `edges` has shape (n, 3, 3): for each byte and character set the length, cost and folded code point of the
    character that begins there. `keys` and `gains` are a `hash_table`, `prices` those of a skipped byte, of changing
    the character set, of changing it where a line begins, and of a letter right behind a Han character.
    """
    came, node = ways(edges, keys, gains, prices, first)
    labels = np.zeros(len(edges), dtype=np.uint8)
    at = len(edges)
    while at > 0:
        step, before = int(came[at, node]) // 8, int(came[at, node]) % 8
        begin = at - max(step, 1)
        labels[begin:at] = node // 2 if step else SKIPPED
        at, node = begin, before
    return labels


@njit(cache=True, nogil=True)
def ways(edges: Numbers, keys: Words, gains: Costs, prices: Numbers, first: int) -> tuple[Bytes, int]:
    """How each node is reached at least cost, as 8 * the bytes of the edge + the node before; and the best last node.

    There are two nodes for each character set behind each byte, one for paths that end in a character and one for
    those that end in a skipped byte, since what stands best before a skipped byte is seen only behind it.
    """
    size = len(edges)
    best = np.full((size + LONGEST + 1, NODES), FAR, dtype=np.int32)
    last = np.zeros((size + LONGEST + 1, NODES), dtype=np.int32)  # the code point before
    came = np.zeros((size + LONGEST + 1, NODES), dtype=np.uint8)
    best[0, 0:NODES:2] = prices[START]
    best[0, 2 * first] = 0
    for at in range(size):
        for charset in range(CHARSETS):
            step, cost, point = edges[at, charset, STEP], edges[at, charset, COST], edges[at, charset, POINT]
            into, skipped = 2 * charset, 2 * charset + 1
            for node in range(NODES):
                here = best[at, node]
                if here >= FAR:
                    continue
                if node // 2 != charset:
                    here += prices[START] if last[at, node] == NEWLINE else prices[SWITCH]
                elif here + prices[SKIP] < best[at + 1, skipped]:
                    best[at + 1, skipped] = here + prices[SKIP]
                    last[at + 1, skipped] = last[at, node]
                    came[at + 1, skipped] = node
                before = last[at, node]
                if step == 0 or here + cost - MOST_SAVED >= best[at + step, into]:
                    continue
                if point > NEWLINE and before > NEWLINE:
                    here -= gain(before, point, keys, gains)
                elif point == LETTER and before >= FIRST_HAN:
                    here += prices[TORN]
                if here + cost < best[at + step, into]:
                    best[at + step, into] = here + cost
                    last[at + step, into] = point
                    came[at + step, into] = 8 * step + node
    return came, int(np.argmin(best[size]))
