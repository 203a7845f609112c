"""Articles are found by any words in them, by their names first, in either script, and by the sounds of their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.catalogue import packaged
from agentdesk.domain.guidance.articles import Shelf
from tests.domain.test_chinese import CONVERTERS, TABLE

CATALOGUE = packaged()
SHELF = Shelf(CATALOGUE.flows, CATALOGUE.scripts, TABLE)
FLOWS = sorted(CATALOGUE.flows)
SCRIPTS = sorted(CATALOGUE.scripts)


def codes(typed: str) -> list[str]:
    return [article.code for article in SHELF.find(typed, 1000)]


@given(st.sampled_from(FLOWS), st.data())
def test_any_two_characters_of_what_a_flow_asks_find_it(code: str, data: st.DataObject) -> None:
    flow = CATALOGUE.flows[code]
    ask = flow.steps[flow.start].ask.zh
    start = data.draw(st.integers(0, max(0, len(ask) - 2)))
    typed = ask[start : start + 2]
    if any(len(run) > 1 or not run.isascii() for run in TABLE.fold(typed).split()):
        assert code in codes(typed)
        assert codes(CONVERTERS[0].convert(typed)) == codes(typed)


@given(st.sampled_from(SCRIPTS))
def test_a_script_is_found_by_its_name_its_code_and_its_initials(code: str) -> None:
    name = CATALOGUE.scripts[code].name
    for typed in (name.zh, name.en, code, TABLE.spoken(TABLE.fold(name.zh))[1]):
        assert code in codes(typed), typed


@given(st.text(max_size=50))
def test_nothing_that_is_typed_is_an_error(typed: str) -> None:
    codes(typed)


@pytest.mark.parametrize("typed", ["", " ", "a", "，", "zzzzzz"])
def test_what_says_nothing_finds_nothing(typed: str) -> None:
    assert codes(typed) == []


def test_names_come_before_what_is_said_inside() -> None:
    assert codes("测速")[0] == "Q131"
