from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.operation import (
    GENESIS,
    MAX_FIGURE,
    Draft,
    MalformedOperation,
    Operation,
    body_digest,
    follows,
    head_hash,
    read,
    seal,
)
from tests.domain.world import FakeClock, operation, place

whole_texts = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_FIGURE, MAX_FIGURE) | st.floats(allow_nan=False, allow_infinity=False)
    | whole_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(whole_texts, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
bodies = st.dictionaries(whole_texts, json_values, max_size=4)
drafts = st.builds(
    Draft,
    kind=whole_texts,
    actor=whole_texts,
    role=whole_texts,
    scope=whole_texts,
    document=whole_texts,
    body=bodies,
    seen=st.dictionaries(whole_texts, st.integers(0, MAX_FIGURE), max_size=2),
    deps=st.tuples(whole_texts) | st.just(()),
    allowance=st.none() | whole_texts,
    amount=st.integers(-MAX_FIGURE, MAX_FIGURE),
    catalogue=whole_texts,
    version=st.integers(1, 9),
)


def sealed(draft: Draft, seq: int = 1, prev: str = GENESIS) -> Operation:
    return seal(draft, place(seq, prev), FakeClock(), f"op-{seq}", "pepper")


@given(drafts)
def test_what_is_sealed_is_read_back_as_it_was_byte_for_byte(draft: Draft) -> None:
    made = sealed(draft)
    again = read(made.head, made.salt, made.body)

    assert (again.head, again.salt, again.body, again.hash) == (made.head, made.salt, made.body, made.hash)
    assert again == made._replace(data=json.loads(made.body or ""))


@given(st.lists(drafts, min_size=1, max_size=6))
def test_a_chain_verifies_also_with_its_bodies_erased(made: list[Draft]) -> None:
    chain: list[Operation] = []
    for draft in made:
        chain.append(sealed(draft, len(chain) + 1, chain[-1].hash if chain else GENESIS))

    seq, previous = 0, GENESIS
    for one in chain:
        erased = read(one.head, one.salt, None)
        assert follows(erased, seq, previous)
        assert (erased.digest, erased.data) == (one.digest, {})
        seq, previous = one.seq, erased.hash


@given(drafts, st.sampled_from(["head", "salt", "body"]), st.data())
def test_any_changed_character_is_found(draft: Draft, part: str, data: st.DataObject) -> None:
    made = sealed(draft)
    texts = {"head": made.head, "salt": made.salt, "body": made.body or ""}
    index = data.draw(st.integers(0, len(texts[part]) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda c: c != texts[part][index]))
    texts[part] = texts[part][:index] + other + texts[part][index + 1 :]

    try:
        again = read(texts["head"], texts["salt"], texts["body"])
    except MalformedOperation:
        return
    assert part == "head"
    assert again.hash != made.hash  # and so the next operation doesn't follow it


@given(st.text() | whole_texts.map(json.dumps) | json_values.map(json.dumps), st.text(), st.none() | st.text())
def test_garbage_is_malformed_and_nothing_worse(head: str, salt: str, body: str | None) -> None:
    with pytest.raises(MalformedOperation):
        read(head, salt, body)


FIELDS = json.loads(operation("note.added", {"text": "x"}).head)


@given(
    st.sampled_from(sorted(FIELDS)), json_values | st.just("\ud800") | st.integers(2**53) | st.floats(), st.booleans()
)
def test_a_head_with_anything_in_a_field_is_read_or_malformed(name: str, value: Any, gone: bool) -> None:
    made = operation("note.added", {"text": "x"})
    parts = {**json.loads(made.head), name: value}
    if gone:
        del parts[name]
    try:
        again = read(json.dumps(parts), made.salt, made.body)
    except MalformedOperation:
        return
    assert not gone or name in ("allowance", "offset")  # which may be null
    assert again.hash == head_hash(again.head)
    for text in (again.id, again.kind, again.actor, again.document, *again.deps):
        text.encode()
    for figure in (again.seq, again.amount, again.wall, again.mono, again.offset or 0):
        assert abs(figure) <= MAX_FIGURE


@pytest.mark.parametrize(
    "body",
    [
        '{"text": "\\ud800"}',
        '{"n": NaN}',
        '{"n": -Infinity}',
        '{"n": 1e999}',
        '{"n": ' + "9" * 5_000 + "}",
        "[" * 100_000,
        '{"n": 1} ',
        "[]",
        "7",
    ],
    ids=["half-character", "nan", "infinity", "overflow", "digits", "nesting", "other-digest", "list", "figure"],
)
def test_a_body_that_no_reader_and_no_database_agrees_on_is_malformed(body: str) -> None:
    made = operation("note.added", {"n": 1})
    head = json.loads(made.head)
    if "1} " not in body:
        head["digest"] = body_digest(made.salt, body)
    with pytest.raises(MalformedOperation):
        read(json.dumps(head), made.salt, body)


def test_a_pair_of_escapes_that_is_one_character_is_fine() -> None:
    made = operation("note.added", {})
    body = '{"text": "\\ud83d\\ude00"}'
    head = json.dumps({**json.loads(made.head), "digest": body_digest(made.salt, body)})
    assert read(head, made.salt, body).data == {"text": "😀"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", b"bytes", object()])
def test_what_cant_be_written_is_never_sealed(value: object) -> None:
    with pytest.raises(MalformedOperation):
        operation("note.added", {"text": value})
    if isinstance(value, str):
        with pytest.raises(MalformedOperation):
            operation("note.added", {}, actor=value)


@pytest.mark.parametrize(("name", "value"), [("seq", 0), ("version", 0), ("v", 2), ("amount", 2**53), ("offset", 1.5)])
def test_a_figure_out_of_bounds_is_malformed(name: str, value: object) -> None:
    made = operation("note.added", {})
    with pytest.raises(MalformedOperation, match=r"count from 1|not known|beyond|whole number"):
        read(json.dumps({**json.loads(made.head), name: value}), made.salt, made.body)


def test_operations_follow_each_other_only_in_order() -> None:
    first = operation("note.added", {"n": 1})
    second = operation("note.added", {"n": 2}, where=place(2, first.hash))
    assert follows(first, 0, GENESIS)
    assert follows(second, 1, first.hash)
    assert not follows(second, 0, GENESIS)
    assert not follows(second, 1, GENESIS)
    assert not follows(first, 1, second.hash)
