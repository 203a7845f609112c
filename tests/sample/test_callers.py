"""The demo's calls: the first one shows a promise in three keys, the others one thing each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from agentdesk.domain.case import Case, Customer, holders
from agentdesk.domain.documents import Document, index_of
from agentdesk.domain.numbering.numbers import Number, normalise
from agentdesk.domain.offering.offers import Offer, assess, offers
from agentdesk.sample import Caller, World
from agentdesk.sample.cast import EMPLOYEES, FIRST
from tests.sample.worlds import NOW, catalogue, customers, instants, regions, seeds, shared, world

CALL_BACK = "U02"
"""Being rung back is no benefit in itself."""


def case_of(sample: World, index: int, level: int = 1, line: int = 0) -> Case:
    customer = Customer(sample.customer(index))
    work = tuple(d for d in sample.work_of(index) if d.type in ("ticket", "commitment"))
    return Case(customer, customer.subscriptions[line], work, sample.now_ms, "agent", level=level)


def offered(sample: World, index: int, level: int = 1, line: int = 0) -> dict[str, Offer]:
    return {o.template.code: o for o in offers(case_of(sample, index, level, line), catalogue(), most=99)}


def caller(shows: str) -> Caller:
    return next(c for c in shared().callers() if c.shows == shows)


def customers_at(number: str) -> list[tuple[Document, str]]:
    return [
        (customer, relation)
        for customer in customers()
        for held, _line, relation, _rank in holders(customer)
        if held == number
    ]


@settings(max_examples=25)
@given(seeds, regions, instants)
def test_the_first_caller_can_be_promised_something_in_three_keys(seed: int, region: str, now: int) -> None:
    sample = world(seed, 50, region, now)
    first = next(sample.callers())
    assert first.customer == FIRST
    case = case_of(sample, FIRST)
    assert case.line is not None
    assert case.line.number == first.number
    assert not case.line.stopped
    best = offers(case, catalogue())[0]
    assert best.status == "available"
    assert best.template.verify <= 1
    assert best.template.code != CALL_BACK
    assert best.due > now


def test_the_first_callers_card_has_something_of_everything() -> None:
    sample = shared()
    customer = Customer(sample.customer(FIRST))
    assert catalogue().tier_of(customer.card) == "diamond"
    assert customer.accounts[0].bill_due is not None
    assert "churn" in customer.flags
    work = sample.work_of(FIRST)
    waiting = [d for d in work if index_of(d).open]
    late = [d for d in waiting if d.data["due"] < NOW]
    assert late
    assert len(waiting) - len(late) >= 3
    assert {d.type for d in waiting} == {"ticket", "commitment"}
    earlier = [d for d in work if d.type == "contact"]
    assert len(earlier) >= 4
    assert any(d.data["at"] > NOW - 7 * 86_400_000 for d in earlier)
    own = next(sample.agents()).id
    assert any(d.data["owner"] == own for d in waiting)


def test_one_caller_needs_more_than_his_own_number() -> None:
    index = caller("stopped").customer
    assert index is not None
    before, after = offered(shared(), index), offered(shared(), index, level=2)
    best = next(iter(before.values()))
    assert best.status == "verify"
    assert after[best.template.code].status == "available"


@pytest.mark.parametrize(
    ("shows", "code", "line"),
    [
        ("stopped", "U04", 0),
        ("suspended", "U03", 0),
        ("unknown_service", "U11", 0),
        ("overage", "U10", 0),
        ("ending", "W09", 0),
        ("repair_late", "U06", 0),
        ("slow_line", "U13", 1),
        ("first", "U05", 0),
        ("paid", "A02", 0),
        ("debit_failed", "A04", 0),
        ("abroad", "A05", 0),
        ("owing", "A08", 0),
        ("owing", "I06", 0),
        ("credit_control", "A12", 0),
        ("closed", "B04", 0),
        ("ending", "B05", 0),
        ("minority_name", "B06", 0),
        ("charged", "C03", 0),
        ("throttled", "D02", 0),
        ("overage", "D03", 0),
        ("throttled", "D05", 0),
        ("throttled", "D07", 0),
        ("throttled", "D08", 0),
        ("away", "I02", 0),
        ("away", "I04", 0),
        ("lost", "I08", 0),
    ],
)
def test_a_caller_is_offered_what_he_rings_about(shows: str, code: str, line: int) -> None:
    index = caller(shows).customer
    assert index is not None
    assert offered(shared(), index, level=2, line=line)[code].status == "available"


@pytest.mark.parametrize(("code", "name", "amount"), [("B08", "来电显示", 500), ("C04", "院线影片点播", 1_200)])
def test_a_wrong_fee_of_the_bill_is_given_back_once_it_is_picked(code: str, name: str, amount: int) -> None:
    index = caller("charged").customer
    assert index is not None
    assert offered(shared(), index, level=2)[code].status == "figures"
    case = case_of(shared(), index, level=2)
    assert case.line is not None
    picked = [charge.id for charge in case.line.charges if charge.name == name]
    found = assess(catalogue().templates[code], replace(case, inputs={"items": picked}), catalogue())
    assert (found.status, found.amount) == ("available", amount)


def test_the_family_of_three_shares_one_number() -> None:
    found = customers_at(caller("family").number)
    assert sorted(relation for _, relation in found) == ["family", "owner", "user"]
    assert len({customer.id for customer, _ in found}) == 3


def test_the_switchboard_is_shared_by_many() -> None:
    found = customers_at(caller("switchboard").number)
    assert len(found) == 1 + len(EMPLOYEES)
    assert [customer.data["segment"] for customer, relation in found if relation == "owner"] == ["corporate"]


def test_nobody_has_the_strangers_number() -> None:
    assert caller("stranger").customer is None
    assert customers_at(caller("stranger").number) == []


def test_a_foreign_number_leads_to_its_customer() -> None:
    number = normalise(caller("abroad").number)
    assert isinstance(number, Number)
    assert number.kind == "foreign"
    assert [relation for _, relation in customers_at(number.e164)] == ["user"]


def test_every_caller_but_the_stranger_is_found_by_his_number() -> None:
    known: dict[str, set[str]] = {}
    for customer in customers():
        for held, *_ in holders(customer):
            known.setdefault(held, set()).add(customer.id)
    for one in shared().callers():
        number = normalise(one.number)
        assert isinstance(number, Number)
        if one.customer is not None:
            assert shared().customer(one.customer).id in known[number.e164]


def test_the_calls_show_what_a_demo_must_show() -> None:
    calls = list(shared().callers())
    assert {c.shows for c in calls} >= {"first", "stopped", "stranger", "family", "switchboard", "repeat", "hostile"}
    assert "𠮷" in shared().customer(caller("rare_character").customer or 0).data["name"]
    assert "㛃" in shared().customer(caller("rare_given").customer or 0).data["name"]
    assert "䶮" in shared().customer(caller("rare_extension").customer or 0).data["name"]
    assert "·" in shared().customer(caller("minority_name").customer or 0).data["name"]
    assert shared().customer(caller("away").customer or 0).data["subscriptions"][0]["home"] != "北京"
    assert "\x1b" in (caller("hostile").name or "")
    assert sum(c.shows == "ordinary" for c in calls) >= 30


def test_a_repeat_caller_rang_within_seven_days() -> None:
    index = caller("repeat").customer
    assert index is not None
    recent = [d.data["at"] for d in shared().work_of(index) if d.type == "contact"]
    assert max(recent) > NOW - 7 * 86_400_000


@pytest.mark.parametrize("size", [1, 5, 40, 41])
def test_a_small_world_has_callers_of_its_own_only(size: int) -> None:
    calls = list(world(size=size).callers())
    assert calls[0].shows == "first"
    assert all(c.customer is None or c.customer < size for c in calls)
