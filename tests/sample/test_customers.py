"""Sample customers read as the domain reads customers, and are a believable lot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.case import Customer, holders
from agentdesk.domain.condition.conditions import LINE_KINDS, PORTRAITS, SEGMENTS, STOP_REASONS, VAS_SOURCES
from agentdesk.domain.kinds.identity import matches
from agentdesk.domain.numbering.numbers import Number, normalise
from agentdesk.sample.cast import HOSTILE, PAID
from agentdesk.sample.numbers import BLOCK, LARGEST
from agentdesk.sample.traits import SOLVED_PLOTS
from tests.sample.worlds import NOW, catalogue, customers, instants, regions, seeds, shared, world

SIZE = 6_000
LIFECYCLE = {"joining", "steady", "requesting", "resolving"}


@settings(max_examples=80)
@given(seeds, regions, instants, st.integers(0, LARGEST - 1))
def test_a_customer_reads_as_the_domain_reads_customers(seed: int, region: str, now: int, index: int) -> None:
    document = world(seed, 1, region, now).customer(index)
    customer = Customer(document)
    assert document.type == "customer"
    assert document.rev == 0
    assert customer.name.strip()
    assert customer.segment in SEGMENTS
    assert customer.card in catalogue().cards
    assert customer.text("portrait") in PORTRAITS
    assert customer.text("lifecycle") in LIFECYCLE
    assert customer.text("value") in {"high", "medium", "low"}
    assert customer.since < now
    assert document.data["sample"] is True
    accounts = {account.id for account in customer.accounts}
    assert len({line.id for line in customer.subscriptions}) == len(customer.subscriptions)
    for line in customer.subscriptions:
        assert line.kind in LINE_KINDS
        assert line.account in accounts
        assert customer.since <= line.opened_at < now
        assert line.fee > 0
        assert line.stopped == (line.stop_reason is not None) == (line.stopped_at is not None)
        assert line.stop_reason is None or line.stop_reason in STOP_REASONS
        assert line.fault_since is None or line.fault_since < now
        assert all(service.source in VAS_SOURCES and service.ordered_at < now for service in line.vas)
        assert line.overage_charge >= line.overage_rated
        assert (line.rate_mbps > 0) == (line.kind == "broadband")
    for account in customer.accounts:
        assert (account.arrears > 0) == (account.arrears_since is not None)
    for number, _line, _relation, rank in holders(document):
        assert isinstance(normalise(number), Number)
        assert rank in (0, 1, 2)


@settings(max_examples=40)
@given(seeds, regions, st.integers(0, LARGEST - 1))
def test_what_a_customer_can_be_asked_is_sealed_and_told_for_the_demo(seed: int, region: str, index: int) -> None:
    sample = world(seed, 1, region)
    customer, secrets = sample.customer(index).data, sample.secrets_of(index)
    assert matches(customer, "certificate_tail", secrets.certificate_tail) is True
    assert matches(customer, "service_password", f" {secrets.service_password} ") is True
    assert matches(customer, "certificate_tail", f"{secrets.certificate_tail}0") is False
    assert not customer["certificate"].endswith(secrets.certificate_tail)
    assert secrets.certificate_tail == customer["subscriptions"][0]["number"][-4:]


def share(holds: Callable[[Customer], bool]) -> float:
    views = [Customer(document) for document in customers()]
    return sum(map(holds, views)) / len(views)


def has_line(customer: Customer, kind: str) -> bool:
    return any(line.kind == kind for line in customer.subscriptions)


@pytest.mark.parametrize(
    ("holds", "low", "high"),
    [
        pytest.param(lambda c: c.card == "ordinary", 0.82, 0.88, id="ordinary"),
        pytest.param(lambda c: c.card in ("diamond", "supreme"), 0.012, 0.035, id="diamond"),
        pytest.param(lambda c: c.segment == "corporate", 0.045, 0.055, id="corporate"),
        pytest.param(lambda c: c.segment == "family", 0.23, 0.27, id="family"),
        pytest.param(lambda c: c.accounts[0].arrears > 0, 0.03, 0.05, id="arrears"),
        pytest.param(lambda c: c.subscriptions[0].stopped, 0.014, 0.027, id="stopped"),
        pytest.param(lambda c: len(c.subscriptions) > 1, 0.4, 0.75, id="several_lines"),
        pytest.param(lambda c: has_line(c, "broadband"), 0.3, 0.55, id="broadband"),
        pytest.param(lambda c: has_line(c, "iptv"), 0.12, 0.4, id="iptv"),
        pytest.param(lambda c: c.subscriptions[0].overage_charge > 0, 0.017, 0.034, id="overage"),
        pytest.param(
            lambda c: any(v.source == "unknown" for v in c.subscriptions[0].vas), 0.022, 0.04, id="unknown_vas"
        ),
        pytest.param(
            lambda c: 0 <= (c.subscriptions[0].contract_end or 0) - NOW <= 90 * 86_400_000, 0.05, 0.1, id="ending"
        ),
        pytest.param(lambda c: any(s.fault_since is not None for s in c.subscriptions), 0.015, 0.035, id="fault"),
        pytest.param(lambda c: bool(c.document.data.get("speed_tests")), 0.008, 0.03, id="speed_tests"),
        pytest.param(lambda c: "churn" in c.flags, 0.017, 0.034, id="churn"),
        pytest.param(lambda c: not c.accounts[0].billed, 0.008, 0.03, id="unbilled"),
    ],
)
def test_a_share_of_customers_is_like_that(holds: Callable[[Customer], bool], low: float, high: float) -> None:
    assert low <= share(holds) <= high


def test_every_sort_of_customer_is_there() -> None:
    views = [Customer(document) for document in customers()]
    assert {v.card for v in views} == set(catalogue().cards)
    assert {v.text("portrait") for v in views} == PORTRAITS
    assert {v.text("lifecycle") for v in views} == LIFECYCLE
    assert {v.text("value") for v in views} == {"high", "medium", "low"}
    stops = {line.stop_reason for v in views for line in v.subscriptions if line.stopped}
    assert stops >= {"arrears", "suspended", "lost", "real_name"}
    values = Counter(v.text("value") for v in views)
    assert values["high"] < values["medium"]


def test_a_stop_for_arrears_goes_with_arrears_but_of_one_who_has_paid_since() -> None:
    owing_nothing = [
        index
        for index, customer in enumerate(map(Customer, customers()))
        if customer.subscriptions[0].stop_reason == "arrears" and not customer.accounts[0].arrears
    ]
    assert owing_nothing == [PAID]


def test_families_and_companies_share_numbers() -> None:
    reached: Counter[str] = Counter()
    for document in customers():
        reached.update({number for number, *_ in holders(document)})
    sizes = Counter(reached.values())
    assert sizes[1] > sizes[2] > sizes[3] > 100
    assert max(sizes) > 10


def test_a_family_lives_at_one_address_and_begins_with_a_couple() -> None:
    sample = shared()
    for block in range(2, 40):
        members = [sample.customer(index).data for index in range(block * BLOCK, (block + 1) * BLOCK)]
        family = [member for member in members if member["segment"] == "family"]
        homes = Counter(member["address"] for member in family)
        assert sorted(homes.values()) == [2, 3]
        for home in homes:
            assert {member["gender"] for member in family if member["address"] == home} == {"male", "female"}


def test_names_repeat_as_names_do_and_some_have_rare_characters() -> None:
    names = [document.data["name"] for document in customers()]
    assert 0.5 * SIZE < len(set(names)) < SIZE
    assert any("·" in name for name in names)
    assert any(max(name) > "\uffff" for name in names)


def test_the_stage_of_life_follows_what_happened() -> None:
    sample = shared()
    for index, document in enumerate(customers()):
        if document.data["lifecycle"] == "joining":
            assert NOW - document.data["since"] < 90 * 86_400_000
        elif document.data["lifecycle"] == "resolving":
            assert sample.population.traits_of(index).story.plot in SOLVED_PLOTS


def test_hostile_text_stays_as_bad_data_would_bring_it() -> None:
    name = shared().customer(HOSTILE).data["name"]
    assert "\x1b" in name
    assert "[@click" in name
