"""Texts are written as the standard library writes them, only sooner."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.language.writing import encoder

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
)


@given(VALUES)
def test_a_value_is_written_as_the_standard_library_writes_it(value: object) -> None:
    expected = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert encoder()(value) == encoder(allow_nan=False)(value) == expected


def test_what_is_no_json_is_refused_and_the_next_text_is_written_all_the_same() -> None:
    write = encoder(allow_nan=False)
    circle: list[object] = []
    circle.append(circle)
    for value, error in ((float("nan"), ValueError), ({"a": {1}}, TypeError), (circle, RecursionError)):
        with pytest.raises(error):
            write(value)
    assert write([1]) == "[1]"
