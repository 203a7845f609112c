"""Words to say: every blank is filled once, values are never words, and what was said can be proved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.language.words import BLANKS, Spoken, WordsError, blanks, fill

names = st.sampled_from(sorted(BLANKS))
plain = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=12)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
pieces = st.lists(plain | names.map(lambda name: f"{{{name}}}"), max_size=12)


def test_blanks_take_their_values() -> None:
    words = "我可以先为您恢复通话, 授信 {amount} 元, {days} 天内补交就行, 可以吗?"

    assert fill(words, {"amount": "200.00", "days": "3", "line": "186"}) == (
        "我可以先为您恢复通话, 授信 200.00 元, 3 天内补交就行, 可以吗?"
    )


@given(pieces, st.fixed_dictionaries(dict.fromkeys(BLANKS, anything)))
def test_each_blank_becomes_exactly_its_value_and_nothing_else_changes(
    parts: list[str], values: dict[str, str]
) -> None:
    expected = "".join(values[part[1:-1]] if part.startswith("{") else part for part in parts)

    assert fill("".join(parts), values) == expected


@given(anything)
def test_a_value_is_never_read_as_words_again(value: str) -> None:
    assert fill("{name}, {amount}", {"name": value, "amount": "{name}"}) == f"{value}, {{name}}"


def test_a_blank_without_a_value_is_an_error() -> None:
    with pytest.raises(WordsError, match=r"nothing fills the blank \{amout\}"):
        fill("授信 {amout} 元", {"amount": "200.00"})


@pytest.mark.parametrize("words", ["授信 {amount 元", "授信 amount} 元", "授信 {} 元", "{{amount}}"])
def test_a_brace_that_belongs_to_no_blank_is_an_error(words: str) -> None:
    with pytest.raises(WordsError):
        fill(words, {"amount": "200.00"})
    with pytest.raises(WordsError):
        blanks(words)


def test_what_was_said_keeps_only_the_values_it_used() -> None:
    said = Spoken.of("U04", "sample-1+0a", "zh", "授信 {amount} 元", {"amount": "200.00", "name": "王芳"})

    assert said.text == "授信 200.00 元"
    assert said.values == {"amount": "200.00"}
    assert said.intact


@given(pieces, st.fixed_dictionaries(dict.fromkeys(BLANKS, anything)))
def test_what_was_said_survives_its_way_through_json(parts: list[str], values: dict[str, str]) -> None:
    said = Spoken.of("U04", "sample-1+0a", "zh", "".join(parts), values)

    again = Spoken(**json.loads(json.dumps(said.data())))

    assert again == said
    assert again.intact


@pytest.mark.parametrize("name", ["template", "version", "language", "text", "hash"])
def test_a_record_that_was_changed_is_not_intact(name: str) -> None:
    said = Spoken.of("U04", "sample-1+0a", "zh", "授信 {amount} 元", {"amount": "200.00"})

    changed: dict[str, Any] = {name: "x"}
    assert not replace(said, **changed).intact
    assert not replace(said, values={"amount": "100.00"}).intact
