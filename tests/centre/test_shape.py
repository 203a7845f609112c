"""Bodies of too many values, or nested too deep, are turned away before anything is made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.centre import bodies
from agentdesk.centre.bodies import check_shape, parse
from agentdesk.centre.errors import Rejected
from agentdesk.protocol.limits import MAX_ITEMS, MAX_NESTING
from agentdesk.protocol.messages import PullRequest, PushRequest

VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=8) | st.sampled_from(['"', "\\", '\\"', "[[[[", "},{", ',,"\\\\']),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def marks(value: Any) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(0, len(inner) - 1) + sum(map(marks, inner))


def passes(body: bytes) -> bool:
    try:
        check_shape(body)
    except Rejected:
        return False
    return True


@given(VALUES, st.integers(0, 60), st.booleans())
def test_what_is_in_texts_doesn_t_count_and_everything_else_does(value: Any, deeper: int, ascii_only: bool) -> None:
    for _ in range(deeper):
        value = [value] if deeper % 2 else {'"a\\': value}
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert passes(body) == (depth(value) <= MAX_NESTING)


@given(VALUES, st.integers(0, 60))
def test_values_are_counted_exactly(value: Any, most: int) -> None:
    body = json.dumps(value).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "MAX_ITEMS", most)
        assert passes(body) == (marks(value) <= most)


@given(st.binary(max_size=300))
def test_any_bytes_are_looked_at(body: bytes) -> None:
    passes(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"cursors":{},"x":' + b"[" * 100_000,
        b'{"cursors":{},"x":[' + b"0," * MAX_ITEMS + b"0]}",
        b'{"cursors":{},"x":' + b'{"a":' * 33 + b"0" + b"}" * 34,
        b'{"cursors":{},"x":[' + b"{}," * MAX_ITEMS + b"0]}",
    ],
)
def test_such_a_body_never_comes_to_the_parser(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(_body: bytes) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(PullRequest, "model_validate_json", made)
    with pytest.raises(Rejected, match=r"values|deeper"):
        parse(PullRequest, body)


def test_the_largest_push_has_room() -> None:
    operations = [['{"a":[1,2,3]}' * 20, "salt", '{"b":{"c":[]}}' * 20]] * 500
    assert len(parse(PushRequest, json.dumps({"lineage": "x", "operations": operations}).encode()).operations) == 500
