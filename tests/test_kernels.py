"""Kernels against their plain twins, and sketches against datasketch."""

import numpy as np
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from cleaner.dedup.copies import choose_bands, fold_table, folded, hashes_of, similarity, sketch
from cleaner.document import code_points
from cleaner.kernels.shingles import shingle_hashes
from tests.reference import shingles as reference
from tests.texts import texts


@given(text=st.text(max_size=80), size=st.integers(1, 9))
def test_shingles_equal_their_twin(text: str, size: int) -> None:
    points = np.array([ord(character) for character in text], dtype=np.uint32)
    assert shingle_hashes(points, size).tolist() == reference.shingle_hashes(points.tolist(), size)


@given(text=texts)
def test_folding_equals_its_twin(text: str) -> None:
    table = fold_table()
    plain = [int(table[ord(character)]) for character in text if ord(character) < len(table) - 1]
    assert folded(text).tolist() == [point for point in plain if point]


@given(a=texts, b=texts)
def test_similarity_equals_its_twin(a: str, b: str) -> None:
    first, second = hashes_of(a, 5), hashes_of(b, 5)
    exact = reference.jaccard(set(first.tolist()), set(second.tolist()))
    assert similarity(first, second).jaccard == (exact if len(first) and len(second) else 0.0)


def test_a_sketch_is_what_datasketch_makes_of_the_same_hashes() -> None:
    hashes = hashes_of("镇里修好了水渠，大家都高兴。今年又种下两千多棵果树。", 5)
    expected = MinHash(num_perm=64, hashfunc=int)
    for value in hashes.tolist():
        expected.update(value & 0xFFFFFFFF)
    assert sketch(hashes, 64).tolist() == expected.hashvalues.tolist()


def test_folding_is_blind_to_script_width_case_and_punctuation() -> None:
    assert folded("臺灣，ＡＢ　12。").tolist() == code_points("台湾ab12").tolist()


def test_bands_miss_a_pair_at_the_threshold_less_than_once_in_a_thousand() -> None:
    for threshold in (0.5, 0.7, 0.8, 0.9, 0.95):
        bands, rows = choose_bands(threshold, 128)
        assert bands * rows <= 128
        assert (1 - threshold**rows) ** bands <= 0.001
