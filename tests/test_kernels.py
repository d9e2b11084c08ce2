"""Kernels against their plain twins, and sketches against datasketch."""

import itertools
import random
import subprocess
import sys
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from cleaner.decode.lattice import SLOTS, cut
from cleaner.decode.score import (
    LETTER,
    ODD_FOUR,
    ODD_PAIR,
    UNIT,
    code_units,
    excesses,
    fold,
    hashed_gains,
    odd_places,
    pair_gains,
)
from cleaner.dedup.copies import choose_bands, permutations_of, similarity
from cleaner.dedup.folding import fold_column, fold_table, fold_texts, folded, hashes_of, refolded
from cleaner.document import code_points
from cleaner.kernels import fingerprints, minhash
from cleaner.kernels import lattice as kernel
from cleaner.kernels.shingles import shingle_hashes
from tests.reference import folding as plain_folding
from tests.reference import lattice as plain
from tests.reference import minhash as plain_minhash
from tests.reference import oddness as plain_oddness
from tests.reference import shingles as reference
from tests.texts import paragraphs, texts

pytestmark = pytest.mark.usefixtures("kernels_both_ways")


@given(text=st.text(max_size=80), size=st.integers(1, 9))
def test_shingles_equal_their_twin(text: str, size: int) -> None:
    points = np.array([ord(character) for character in text], dtype=np.uint32)
    assert shingle_hashes(points, size).tolist() == reference.shingle_hashes(points.tolist(), size)


@given(text=texts)
def test_folding_equals_its_twin(text: str) -> None:
    table = fold_table()
    plain = [int(table[ord(character)]) for character in text if ord(character) < len(table) - 1]
    assert folded(text).tolist() == [point for point in plain if point]


@given(some=st.lists(st.text(max_size=40) | texts | paragraphs, max_size=4), first=st.integers(0, 3))
def test_folding_many_texts_equals_its_twin(some: list[str], first: int) -> None:
    table = fold_table()
    plain = {one: int(table[ord(one)]) for text in some for one in text if ord(one) < len(table)}
    found = fold_texts(some)
    starts, line_starts = ([0, *ends[:-1].tolist()] for ends in (found.ends, found.line_ends))
    assert found.sizes.tolist() == [len(text) for text in some]
    for text, *spans in zip(some, starts, found.ends, line_starts, found.line_ends, strict=False):
        here, of_lines = slice(*spans[:2]), slice(*spans[2:])
        pairs = zip(found.points[here].tolist(), found.places[here].tolist(), strict=True)
        assert list(pairs) == plain_folding.folded(text, plain)
        rows = zip(*found.lines[of_lines].T.tolist(), found.hashes[of_lines].tolist(), strict=True)
        assert list(rows) == plain_folding.lines(text, plain)
    column = pa.array([text.encode("utf-8", "replace").decode() for text in some], pa.large_string())[first:]
    for one, other in zip(fold_column(column), fold_texts(column.to_pylist()), strict=True):
        assert one.tolist() == other.tolist()


@given(parts=st.lists(st.lists(st.integers(0, 3), max_size=300), max_size=4))
def test_slots_are_counted_until_they_are_full(parts: list[list[int]]) -> None:
    table = np.zeros(4, dtype=np.uint8)
    for part in parts:
        fingerprints.count_slots(table, np.array(part, dtype=np.uint32))
    counts = Counter(itertools.chain.from_iterable(parts))
    assert table.tolist() == [min(counts[slot], 255) for slot in range(4)]


@given(
    some=st.lists(texts | paragraphs, max_size=5),
    others=st.lists(texts | paragraphs, min_size=5, max_size=5),
    drawn=st.randoms(),
)
def test_folding_what_changed_equals_folding_all(some: list[str], others: list[str], drawn: random.Random) -> None:
    changed = {number: others[number] for number in range(len(some)) if drawn.random() < 0.5}
    expected = fold_texts([changed.get(number, text) for number, text in enumerate(some)])
    for one, other in zip(refolded(fold_texts(some), changed), expected, strict=True):
        assert one.tolist() == other.tolist()
        assert one.dtype == other.dtype and one.shape == other.shape


@given(some=st.lists(st.sets(st.integers(0, 5)), max_size=6), drawn=st.randoms())
def test_fingerprints_are_dealt_out_in_the_order_of_their_texts(some: list[set[int]], drawn: random.Random) -> None:
    groups = np.array([group for text in some for group in sorted(text)], dtype=np.int32)
    order = np.array(drawn.sample(range(len(some)), len(some)), dtype=np.int64)
    firsts = np.cumsum([0, *map(len, some)])
    starts = np.cumsum(np.append(0, np.bincount(groups)))
    found = fingerprints.dealt_out(groups, order, firsts, starts)
    texts = np.repeat(np.arange(len(some)), np.diff(firsts))
    ranks = order.argsort()
    assert found.tolist() == sorted(range(len(groups)), key=lambda at: (groups[at], ranks[texts[at]]))


@given(a=texts, b=texts)
def test_similarity_equals_its_twin(a: str, b: str) -> None:
    first, second = hashes_of(a, 5), hashes_of(b, 5)
    exact = reference.jaccard(set(first.tolist()), set(second.tolist()))
    assert similarity(first, second).jaccard == (exact if len(first) and len(second) else 0.0)


@given(texts=st.lists(texts, max_size=4), size=st.integers(1, 7))
def test_signatures_equal_their_twin_and_datasketch(texts: list[str], size: int) -> None:
    points, _, ends = fold_texts(texts)[:3]
    a, b = permutations_of(32)
    assert np.array_equal([a, b], MinHash(num_perm=32, scheme="affine32").permutations)
    found = minhash.signatures(points, ends, size, a, b)
    for text, signature in zip(texts, found, strict=True):
        hashes = hashes_of(text, size)
        assert signature.tolist() == plain_minhash.signature(hashes, a, b).tolist()
        expected = MinHash(num_perm=32, hashfunc=int, scheme="affine32")
        expected.update_batch([value & 0xFFFFFFFF for value in hashes.tolist()])
        assert signature.tolist() == expected.hashvalues.tolist()


def test_folding_is_blind_to_script_width_case_and_punctuation() -> None:
    assert folded("臺灣，ＡＢ　12。").tolist() == code_points("台湾ab12").tolist()


def test_bands_miss_a_pair_at_the_threshold_less_than_once_in_a_thousand() -> None:
    for threshold in (0.5, 0.7, 0.8, 0.9, 0.95):
        bands, rows = choose_bands(threshold, 128)
        assert bands * rows <= 128
        assert (1 - threshold**rows) ** bands <= 0.001


def edges_of(data: bytes) -> np.ndarray:
    """The kernel's edges of some bytes, each character at a cost that its bytes tell."""
    array = np.frombuffer(data, dtype=np.uint8)
    edges = np.zeros((len(data), 3, 3), dtype=np.int32)
    kernel.mark_ascii(array, np.array([40 if byte < 0x80 else 255 for byte in range(256)], dtype=np.uint8), edges)
    kernel.mark_utf_8(array, (np.arange(65536) % 97 + 60).astype(np.uint8), np.arange(65536, dtype=np.uint16), edges)
    for charset in (1, 2):
        cells = np.arange(126 * 192)
        costs = np.where(cells % (3 + charset) == 0, 255, cells % (90 + charset) + 50).astype(np.uint8)
        kernel.mark_pairs(array, charset, costs, (cells + 2).astype(np.uint16), edges)
    return edges


def cost_of_labels(edges: np.ndarray, labels: list[int], prices: list[int], first: int) -> int:
    """What a labelling costs without context: within one character set there is only one way to read on."""
    cost, at, charset, is_start = 0, 0, first, True
    while at < len(labels):
        if labels[at] == kernel.SKIPPED:
            cost, at = cost + prices[kernel.SKIP], at + 1
            continue
        if labels[at] != charset:
            cost += prices[kernel.START] if is_start else prices[kernel.SWITCH]
        charset = labels[at]
        step = int(edges[at, charset, kernel.STEP])
        assert step and labels[at : at + step] == [charset] * step
        is_start = edges[at, charset, kernel.POINT] == kernel.NEWLINE
        cost, at = cost + int(edges[at, charset, kernel.COST]), at + step
    return cost


@given(data=st.binary(max_size=9) | st.lists(st.sampled_from(b"a\n\xe4\xb8\xad\xc4\xe3\xa4\xa4\x81\x30"), max_size=9))
def test_the_lattice_equals_its_twin(data: bytes | list[int]) -> None:
    data = bytes(data)
    edges = edges_of(data)
    prices = [120, 90, 60, 0]
    keys, gains = kernel.hash_table(np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.uint8), 16)
    for first in range(3):
        labels = kernel.cheapest_cut(edges, keys, gains, np.array(prices, dtype=np.int32), first).tolist()
        as_lists = [[tuple(edge) for edge in node] for node in edges.tolist()]
        assert cost_of_labels(edges, labels, prices, first) == plain.cheapest_cost(as_lists, {}, prices, first)


def test_the_lattice_hears_what_often_stands_together() -> None:
    data = "能".encode("gbk") + b"\xc0" + "拿到".encode("gbk")
    assert [data[span.start : span.end] for span in cut(data, "gb18030") if not span.charset] == [b"\xc0"]


def test_pairs_are_found_in_the_hash_table() -> None:
    pairs, gains = pair_gains()
    keys, values = kernel.hash_table(pairs, gains, SLOTS)
    for pair, gain in list(zip(pairs.tolist(), gains.tolist(), strict=True))[::997]:
        assert kernel.gain(pair >> 16, pair & 0xFFFF, keys, values) == gain
    assert kernel.gain(ord("啊"), ord("龘"), keys, values) == 0


@given(text=st.text(st.sampled_from("的是人水aZ~5。龘囧ǖ\U0001f600\ue000\ufffd中国"), max_size=24))
def test_odd_places_equal_their_twin(text: str) -> None:
    units = code_units(text).tolist()
    excess, simplified, gains = excesses(), fold(), hashed_gains()
    saved = {}
    for place, (before, unit) in enumerate(itertools.pairwise(units), 1):
        pair = int(simplified[before]) << 16 | int(simplified[unit])
        saved[place] = int(gains[(pair * 2654435761 & 0xFFFFFFFF) >> 12])
    is_torn = [place > 0 and 0x40 <= unit <= 0x7E and units[place - 1] >= 0x3400 for place, unit in enumerate(units)]
    prices = int(2 * LETTER * UNIT), int(ODD_PAIR * UNIT), int(ODD_FOUR * UNIT)
    expected = plain_oddness.odd_places([int(excess[unit]) for unit in units], is_torn, saved, prices)
    assert odd_places(text).tolist() == expected


def test_good_files_do_not_pay_for_the_compiler() -> None:
    program = (
        "import sys; from cleaner.config import Config; from cleaner.decode import decode;"
        "from cleaner.files.raw import RawText;"
        "texts = [RawText('a', '下午三点在小学操场放电影。'.encode(codec)) for codec in ('utf-8', 'gbk')];"
        "assert not any(outcome.dropped for outcome in decode(texts, Config().decode));"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_the_compiler_is_loaded_beside_other_work() -> None:
    said = """
import sys
import numpy as np
from cleaner.kernels import Kernel, load_beside
from cleaner.kernels.minhash import shingles
points = np.arange(100, dtype=np.uint32)
plain = shingles(points, 5)
load_beside()
Kernel.taken = 1 << 40
assert np.array_equal(shingles(points, 5), plain)  # which waits for the thread
assert "numba.np.arraymath" in sys.modules
assert "scipy" not in sys.modules
import scipy
"""
    subprocess.run([sys.executable, "-c", said], check=True)
