"""JSON with an indent is what the standard library writes, whatever stands in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.files.indented import indented

PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(['},\n  {"', "\ud800", ""])
)
ROWS = st.lists(st.dictionaries(st.text(), PLAIN, max_size=3), max_size=4)
VALUES = st.recursive(
    PLAIN | ROWS, lambda some: st.lists(some, max_size=4) | st.dictionaries(st.text(), some, max_size=4)
)


@given(value=VALUES)
def test_indented_json_is_that_of_the_library(value: Any) -> None:
    assert indented(value) == json.dumps(value, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("value", [{}, [], [{}], [{"a": []}], [{"a": 1}, {}], [[], {"a": {}}], [{"a": "},\n {"}] * 2])
def test_what_is_empty_or_looks_like_a_border_is_no_exception(value: Any) -> None:
    assert indented(value) == json.dumps(value, ensure_ascii=False, indent=1)
