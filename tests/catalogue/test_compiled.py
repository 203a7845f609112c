"""The compiled text says all that a catalogue says, always in the same way, and needs little to be read."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.catalogue import packaged
from agentdesk.catalogue.compiled import CompiledError, digest, dump, restore
from agentdesk.domain.policy import (
    TIERS,
    Bilingual,
    Boost,
    Catalogue,
    ClassNode,
    Condition,
    MoneyRule,
    Offline,
    Programme,
    Role,
    Rules,
    SixHaves,
    StationClock,
    Template,
    TicketClock,
    TierRule,
)
from agentdesk.domain.times.calendar import BusinessCalendar, Limit

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers(0, 10**6)
tiers = st.sampled_from(TIERS)
both = st.builds(Bilingual, words, words)
limits = st.builds(Limit, numbers) | st.builds(Limit, numbers, st.just("working"), st.just("office"))
json_values = st.recursive(
    words | numbers | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=4,
)
conditions = st.builds(Condition, words, st.dictionaries(words, json_values, max_size=3))
by_tier = st.dictionaries(tiers, numbers)
limits_by_tier = st.dictionaries(tiers, limits)
days = st.frozensets(st.dates(date(2025, 1, 1), date(2030, 12, 31)), max_size=4)
periods = st.sampled_from(((), ((510, 720), (810, 1080)), ((0, 1440),)))


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    off = draw(days)
    weekly = (((510, 720),), *(draw(periods) for _ in range(6)))
    return BusinessCalendar(draw(words), weekly, "Asia/Shanghai", off, draw(days) - off, draw(st.none() | numbers))


offline = st.builds(
    Offline,
    st.sampled_from(("same", "later", "none")),
    st.none() | limits,
    st.none() | both,
    st.none() | both,
    st.none() | words,
)
money = st.builds(
    MoneyRule,
    st.sampled_from(("cost", "credit")),
    words,
    st.dictionaries(words, json_values, max_size=2),
    st.booleans(),
    by_tier,
)
templates = st.builds(
    Template,
    code=words,
    programme=words,
    group=words,
    source=st.sampled_from(("article", "sample")),
    name=both,
    note=both,
    verify=st.integers(0, 3),
    applies=st.lists(conditions, max_size=3).map(tuple),
    limits=limits_by_tier,
    department=words,
    offline=offline,
    ask=both,
    tell=both,
    six=st.builds(SixHaves, both, both, both, both, both, both),
    weight=numbers,
    boosts=st.lists(st.builds(Boost, conditions, numbers), max_size=2).map(tuple),
    money=st.none() | money,
    law=st.none() | limits,
    once_per=st.none() | st.just("cycle"),
    closing=st.sampled_from(("call", "proof")),
    callers=st.lists(words, max_size=2).map(tuple),
    once_with=st.lists(words, max_size=2).map(tuple),
    days=by_tier,
)


def named(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(words, values, max_size=2)


catalogues = st.builds(
    Catalogue,
    version=words,
    tiers=st.dictionaries(tiers, st.builds(TierRule, tiers, both, words, numbers, numbers)),
    cards=st.just({}),
    roles=named(st.builds(Role, words, both, numbers, by_tier, st.booleans(), numbers, numbers)),
    departments=st.just({}),
    calendars=named(calendars()),
    templates=named(templates),
    tickets=named(st.builds(TicketClock, words, limits_by_tier, st.none() | limits)),
    stations=named(st.builds(StationClock, words, limits_by_tier, by_tier)),
    classes=named(st.builds(ClassNode, words, both, st.sampled_from(("symptom", "cause")), words, st.none() | words)),
    rules=st.builds(
        Rules,
        repeat_days=named(numbers),
        call_back=by_tier,
        call_back_tries=st.lists(numbers, max_size=3).map(tuple),
        quiet_hours=st.tuples(numbers, numbers),
    ),
    sample=st.booleans(),
    programmes=named(st.builds(Programme, words, both, named(both))),
)


@given(catalogues)
@settings(max_examples=60)
def test_any_catalogue_comes_back_as_it_was(catalogue: Catalogue) -> None:
    text = dump(catalogue)

    again = restore(text)

    assert again == catalogue
    assert dump(again) == text
    assert digest(again) == digest(catalogue)


def test_the_shipped_catalogue_comes_back_as_it_was() -> None:
    catalogue = packaged()

    again = restore(dump(catalogue))

    assert again == catalogue
    # an order on the screen is the same at the centre and at a desk
    assert list(again.templates) == list(catalogue.templates)
    assert list(again.classes) == list(catalogue.classes)


def test_the_digest_is_of_all_but_the_version() -> None:
    catalogue = packaged()
    changed = replace(catalogue, rules=replace(catalogue.rules, idle_lock_s=1))

    assert digest(replace(catalogue, version="another")) == digest(catalogue)
    assert digest(changed) != digest(catalogue)


def test_the_version_is_the_label_and_the_digest() -> None:
    catalogue = packaged()

    assert catalogue.version == f"sample-1+{digest(catalogue)}"
    assert len(digest(catalogue)) == 12


def test_the_text_is_the_same_in_every_process() -> None:
    program = "from agentdesk.catalogue import packaged; print(packaged().version)"
    versions = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert versions == {packaged().version}


def test_holidays_are_in_the_text_as_dates() -> None:
    office = json.loads(dump(packaged()))["content"]["calendars"]["office"]

    assert "2026-10-01" in office["holidays"]


def test_a_field_that_this_program_does_not_know_is_passed_over() -> None:
    catalogue = packaged()
    parts = json.loads(dump(catalogue))
    parts["content"]["weather"] = "fine"
    parts["content"]["templates"]["U04"]["colour"] = "red"

    assert restore(json.dumps(parts)) == catalogue


def test_a_field_that_an_older_program_did_not_write_takes_its_default() -> None:
    parts = json.loads(dump(packaged()))
    del parts["content"]["programmes"]
    del parts["content"]["templates"]["U04"]["once_with"]

    again = restore(json.dumps(parts))

    assert again.programmes == {}
    assert again.templates["U04"].once_with == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[1]", id="list"),
        pytest.param('{"format": 1}', id="nothing"),
        pytest.param('{"format": 1, "version": "x", "content": {"templates": {"U01": {}}}}', id="half"),
        pytest.param('{"format": 1, "version": "x", "content": {"templates": 3}}', id="type"),
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_what_is_no_compiled_catalogue_is_refused(text: str) -> None:
    with pytest.raises(CompiledError, match="not a compiled catalogue"):
        restore(text)


def test_a_newer_format_asks_for_a_newer_program() -> None:
    parts = json.loads(dump(packaged())) | {"format": 2}

    with pytest.raises(CompiledError, match="format 2 of the catalogue is not known here: update this program"):
        restore(json.dumps(parts))


def test_the_desk_reads_it_without_pydantic_files_or_the_holiday_library() -> None:
    program = "import sys, agentdesk.catalogue.compiled; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)

    assert not {"pydantic", "tomllib", "holidays", "agentdesk.catalogue.schema"} & set(done.stdout.split())
