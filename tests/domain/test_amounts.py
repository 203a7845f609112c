"""What is given: the computed need, never below nothing, never above the charge, and once for one charge."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.catalogue import packaged
from agentdesk.domain.case import Case, Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.finance.amounts import BASES, BY_CHARGE, computed
from agentdesk.domain.finance.charges import CHARGE_KINDS
from agentdesk.domain.finance.traffic import Traffic, charged, difference, rated
from agentdesk.domain.policy import MoneyRule
from tests.domain.world import DAY, NOW, REGION, customer
from tests.policy import CATALOGUE

MONEY = st.integers(0, 50_000)
ARGUMENTS: dict[str, dict[str, object]] = {
    "fixed": {"amount": 500},
    "by_tier": {"standard": 1, "vip": 2, "diamond": 3},
    "days_late": {"amount": 3000, "most": 4},
}


def case_of(
    line: dict[str, Any],
    *work: Document,
    inputs: dict[str, Any] | None = None,
    account: dict[str, Any] | None = None,
) -> Case:
    view = Customer(billed(line, account or {}))
    return Case(view, view.subscriptions[0], work, NOW, "agent", inputs=inputs or {})


def place(number: int) -> str:
    """Return the id of the charge at a place of the bill."""
    return f"c1-a/2026-08/{number}"


def billed(line: dict[str, Any], account: dict[str, Any]) -> Document:
    """Return a customer whose line has no charges but those of his bill; the id of each is its place there."""
    own = {name: value for name, value in line.items() if name != "charges"}
    rows = [
        {"kind": "third_party", "charge": c["kind"], "name": c["name"], "amount": c["amount"], "line": "c1-m"}
        | ({"source": c["source"]} if "source" in c else {})
        for c in line.get("charges", ())
    ]
    bill = {"account": "c1-a", "month": "2026-08", "issued": NOW - DAY, "lines": rows}
    return customer(line=own, account=account, bills=[bill])


def need(basis: str, case: Case, **args: object) -> int:
    return computed(MoneyRule("cost", basis, args or ARGUMENTS.get(basis, {})), case, CATALOGUE)


def was_given(basis: str, amount: int, type_: str = "remedy", **data: Any) -> Document:
    content = {"state": "given", "at": NOW - 1000, "subscription": "c1-m", "basis": basis, "amount": amount, **data}
    return Document(REGION, f"{type_}-{basis}-{amount}", type_, 1, content)


@st.composite
def charges(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds, names = st.sampled_from(sorted(CHARGE_KINDS)), st.sampled_from(["a", "b"])
    sources = st.sampled_from(["owner", "unknown"])
    rows = draw(st.lists(st.tuples(kinds, names, MONEY, sources), max_size=8))
    return [
        {"id": place(number), "kind": kind, "name": name, "amount": amount, "source": source, "at": NOW - DAY}
        for number, (kind, name, amount, source) in enumerate(rows)
    ]


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    instants = st.integers(NOW - 200 * DAY, NOW + 200 * DAY)
    return {
        "fee": draw(MONEY),
        "fault_since": draw(st.none() | instants),
        "overage": {"charge": draw(MONEY), "rated": draw(MONEY)},
        "vas": [{"code": "v", "name": "v", "fee": draw(MONEY), "source": "unknown", "ordered_at": draw(instants)}],
        "charges": draw(charges()),
        "dues": {
            "plan_change": {
                "old_fee": draw(MONEY), "new_fee": draw(MONEY), "at": draw(instants), "charged": draw(MONEY),
            },
            "rebate": {"monthly": draw(MONEY), "due": draw(st.integers(0, 30)), "paid": draw(st.integers(0, 30))},
            "prepaid": {"amount": draw(MONEY), "begins": draw(instants), "ends": draw(instants)},
            "roaming_pack": draw(MONEY),
            "exit_fee": draw(MONEY),
            "deposit": draw(MONEY),
            "install_fee": draw(MONEY),
        },
    }  # fmt: skip


def most_of(basis: str, line: dict[str, Any], account: dict[str, Any]) -> int:
    """Return what was charged, or is the customer's own: what a basis may give at the very most."""
    bill, dues = line["charges"], line["dues"]

    def of(*kinds: str) -> int:
        return sum(c["amount"] for c in bill if not kinds or c["kind"] in kinds)

    bounds: dict[str, int] = {
        "unknown_vas": line["vas"][0]["fee"],
        "vas_fees_since": 5 * line["vas"][0]["fee"],
        "overage": line["overage"]["charge"],
        "fault_days": line["fee"],
        "one_off_content": of("content"),
        "pack_price": of("pack"),
        "double_fee": of(),
        "disputed_items": of(),
        "late_fee": of("late_fee"),
        "roaming_difference": of("roaming"),
        "rebate_instalment": dues["rebate"]["monthly"] * dues["rebate"]["due"],
        "pro_rata_plan": dues["plan_change"]["charged"],
        "exit_fee": dues["exit_fee"],
        "deposit": dues["deposit"],
        "install_fee_days": dues["install_fee"],
        "prepaid_fee": dues["prepaid"]["amount"],
        "account_balance": account["balance"],
        "entered": 12_300,
        "month_fee": line["fee"],
    }
    return bounds.get(basis, 10**9)


@given(line=lines(), balance=MONEY, arrears=MONEY, basis=st.sampled_from(sorted(BASES)), late=st.integers(-50, 50))
def test_no_basis_gives_less_than_nothing_or_more_than_the_charge(
    line: dict[str, Any], balance: int, arrears: int, basis: str, late: int
) -> None:
    account = {"balance": balance, "arrears": arrears}
    ticket = Document(REGION, "t", "ticket", 1, {"state": "open", "at": NOW - 60 * DAY, "due": NOW + late * DAY})
    inputs = {"items": [c["id"] for c in line["charges"]], "amount": 12_300, "receipt": "R-1"}
    case = case_of(line, ticket, inputs=inputs, account=account)

    assert 0 <= need(basis, case) <= most_of(basis, line, account)


@given(line=lines(), basis=st.sampled_from(sorted(BY_CHARGE)), part=st.integers(0, 100))
def test_a_charge_is_given_back_once_whoever_gives_it(line: dict[str, Any], basis: str, part: int) -> None:
    ticket = Document(REGION, "t", "ticket", 1, {"state": "open", "at": NOW - 60 * DAY, "due": NOW - DAY})
    check = Document(REGION, "x", "check", 1, {"state": "closed", "result": "provider", "amount": 1500, "at": NOW})
    inputs = {"items": [c["id"] for c in line["charges"]]}
    whole = need(basis, case_of(line, ticket, check, inputs=inputs))
    given_first = whole * part // 100
    before = was_given(basis, given_first)

    rest = need(basis, case_of(line, ticket, check, before, inputs=inputs))
    void = was_given(basis, given_first, state="voided")

    assert rest + given_first == whole
    assert need(basis, case_of(line, ticket, check, void, inputs=inputs)) == whole


def test_what_a_promise_gave_counts_by_its_templates_basis() -> None:
    line = {"overage": {"charge": 5000, "rated": 1000}}
    told = {"template": "RATE", "state": "made", "at": NOW - 1000, "subscription": "c1-m", "amount": 4000}

    assert need("overage", case_of(line, Document(REGION, "p", "commitment", 1, told))) == 0
    other_line = Document(REGION, "p", "commitment", 1, {**told, "subscription": "c1-x"})
    assert need("overage", case_of(line, other_line)) == 4000


def test_of_charges_alike_all_but_the_first_are_given_back() -> None:
    bill = [
        {"kind": "plan", "name": "5G 129", "amount": 12_900},
        {"kind": "plan", "name": "5G 129", "amount": 12_900},
        {"kind": "plan", "name": "5G 129", "amount": 9_900},
    ]

    assert need("double_fee", case_of({"charges": bill})) == 12_900


def test_only_the_lines_of_the_bill_that_were_picked_are_given_back_each_once() -> None:
    bill = [{"kind": "content", "name": "film", "amount": 500}, {"kind": "voice", "name": "calls", "amount": 700}]
    film, calls = place(0), place(1)

    assert need("disputed_items", case_of({"charges": bill})) == 0
    assert need("disputed_items", case_of({"charges": bill}, inputs={"items": [film, film, place(9)]})) == 500
    picked = {"items": [film, calls]}
    assert need("disputed_items", case_of({"charges": bill}, inputs=picked), kinds=["voice"]) == 700


@given(bill=charges(), picks=st.lists(st.tuples(st.sets(st.integers(0, 7)), st.integers(1, 100)), max_size=6))
def test_charges_that_are_picked_one_call_after_the_other_are_given_back_once_each(
    bill: list[dict[str, Any]], picks: list[tuple[set[int], int]]
) -> None:
    told: list[Document] = []
    for nth, (places, percent) in enumerate(picks):
        inputs = {"items": sorted(place(number) for number in places)}
        amount = need("disputed_items", case_of({"charges": bill}, *told, inputs=inputs)) * percent // 100
        data = {"state": "given", "at": NOW - 1, "subscription": "c1-m", "basis": "disputed_items", "amount": amount}
        told.append(Document(REGION, f"r{nth}", "remedy", 1, {**data, "inputs": inputs}))

    assert sum(d.data["amount"] for d in told) <= sum(c["amount"] for c in bill)


def test_what_was_picked_before_takes_nothing_off_what_is_picked_now() -> None:
    bill = [{"kind": "content", "name": "film", "amount": 500}, {"kind": "content", "name": "song", "amount": 200}]
    film = was_given("disputed_items", 500, inputs={"items": [place(0)]})

    assert need("disputed_items", case_of({"charges": bill}, film, inputs={"items": [place(1)]})) == 200
    assert need("disputed_items", case_of({"charges": bill}, film, inputs={"items": [place(0), place(1)]})) == 200


def test_a_late_fee_that_was_waived_isnt_given_back_as_disputed_nor_the_other_way_round() -> None:
    bill = [{"kind": "late_fee", "name": "late fee", "amount": 400}, {"kind": "voice", "name": "calls", "amount": 700}]
    both = {"items": [place(0), place(1)]}

    waived = was_given("late_fee", 400)
    assert need("disputed_items", case_of({"charges": bill}, waived, inputs=both)) == 700
    assert need("disputed_items", case_of({"charges": bill}, waived, inputs={"items": [place(1)]})) == 700
    in_part = was_given("late_fee", 150)
    assert need("disputed_items", case_of({"charges": bill}, in_part, inputs={"items": [place(0)]})) == 250
    picked = was_given("disputed_items", 1_100, inputs=both)
    assert need("late_fee", case_of({"charges": bill}, picked)) == 0
    voice = was_given("disputed_items", 700, inputs={"items": [place(1)]})
    assert need("late_fee", case_of({"charges": bill}, voice)) == 400


@given(
    bill=charges(),
    asked=st.lists(
        st.tuples(
            st.sampled_from(["disputed_items", "late_fee", "one_off_content", "pack_price", "double_fee"]),
            st.sets(st.integers(0, 7)),
            st.integers(1, 100),
        ),
        max_size=8,
    ),
)
def test_on_whatever_bases_it_is_asked_for_a_bill_is_given_back_once(
    bill: list[dict[str, Any]], asked: list[tuple[str, set[int], int]]
) -> None:
    told: list[Document] = []
    for nth, (basis, places, percent) in enumerate(asked):
        inputs = {"items": sorted(place(number) for number in places)} if basis == "disputed_items" else {}
        amount = need(basis, case_of({"charges": bill}, *told, inputs=inputs)) * percent // 100
        data = {"state": "given", "at": NOW - 1, "subscription": "c1-m", "basis": basis, "amount": amount}
        told.append(Document(REGION, f"r{nth}", "remedy", 1, {**data, "inputs": inputs}))

    assert sum(d.data["amount"] for d in told) <= sum(c["amount"] for c in bill)


def test_the_newest_bill_alone_is_given_back_from() -> None:
    def bill(month: str, fee: int) -> dict[str, Any]:
        rows = [{"kind": "late_fee", "name": "late fee", "amount": fee, "line": "c1-m"}]
        return {"account": "c1-a", "month": month, "issued": NOW - DAY, "lines": rows}

    view = Customer(customer(bills=[bill("2026-07", 900), bill("2026-08", 300)]))
    case = Case(view, view.subscriptions[0], (), NOW, "agent")

    assert need("late_fee", case) == 300
    # a new cycle has begun, its bill isn't there yet: what was given for this one still counts
    later = replace(case, at=NOW + 40 * DAY, work=(was_given("late_fee", 300),))
    assert need("late_fee", later) == 0


def test_what_stands_on_a_receipt_is_given_with_its_number_and_to_a_bound() -> None:
    assert need("entered", case_of({}, inputs={"amount": 4200})) == 0
    assert need("entered", case_of({}, inputs={"amount": 4200, "receipt": "77"})) == 4200
    assert need("entered", case_of({}, inputs={"amount": 4200, "receipt": "77"}), most=3000) == 3000


def test_a_month_with_a_change_of_plan_costs_the_days_of_both() -> None:
    # the tenth day of the month begins: nine of thirty days at the old fee
    change = {"old_fee": 9_000, "new_fee": 30_000, "at": NOW - (7 - 10) * DAY, "charged": 39_000}

    assert need("pro_rata_plan", case_of({"dues": {"plan_change": change}})) == 39_000 - 2_700 - 21_000


def test_late_installation_costs_a_hundredth_of_the_fee_a_day_and_never_more_than_the_fee() -> None:
    def late(days: int) -> Case:
        at = NOW - (days + 3) * DAY
        ticket = {"state": "open", "at": at, "due": NOW - days * DAY + 1}
        return case_of({"dues": {"install_fee": 10_000}}, Document(REGION, "t", "ticket", 1, ticket))

    assert [need("install_fee_days", late(days)) for days in (1, 7, 150)] == [100, 700, 10_000]
    assert [need("days_late", late(days)) for days in (1, 3, 9)] == [3000, 9000, 12_000]


def test_what_was_refunded_first_is_doubled_only_when_it_proved_wrong() -> None:
    def checked(result: str | None) -> Case:
        return case_of({}, Document(REGION, "k", "check", 1, {"amount": 1500, "result": result, "at": NOW - DAY}))

    results = (None, "unfounded", "confirmed", "provider")
    assert [need("first_refund", checked(result)) for result in results] == [0, 0, 1500, 1500]


TRAFFIC = st.builds(
    Traffic,
    mb=st.integers(0, 10_000_000),
    price=st.integers(0, 100_000),
    per_mb=st.integers(1, 10_000),
    pack_mb=st.integers(1, 1_000_000),
    pack_price=st.integers(0, 100_000),
)


@given(traffic=TRAFFIC)
def test_disputed_traffic_gives_back_what_it_cost_above_the_package(traffic: Traffic) -> None:
    assert 0 <= difference(traffic) <= charged(traffic)
    assert difference(traffic) == max(0, charged(traffic) - rated(traffic))
    assert Traffic.read(traffic.inputs()) == traffic


def test_three_gigabytes_outside_at_029_a_megabyte_are_rated_as_a_ten_yuan_package() -> None:
    traffic = Traffic(mb=3072, price=29, per_mb=1, pack_mb=1024, pack_price=1000)

    assert (charged(traffic), rated(traffic), difference(traffic)) == (89_088, 3000, 86_088)
    assert need("overage", case_of({}, inputs=traffic.inputs())) == 86_088
    bill = {"overage": {"charge": 60_000, "rated": 0}}
    assert need("overage", case_of(bill, inputs=traffic.inputs())) == 60_000, "never above the bill"


@pytest.mark.parametrize(
    "values",
    [{}, {"mb": 1}, {"mb": -1, "price": 1, "per_mb": 1, "pack_mb": 1, "pack_price": 1},
     {"mb": 1, "price": 1, "per_mb": 0, "pack_mb": 1, "pack_price": 1},
     {"mb": True, "price": 1, "per_mb": 1, "pack_mb": 1, "pack_price": 1}],
)  # fmt: skip
def test_figures_that_make_no_sense_are_no_figures(values: dict[str, Any]) -> None:
    assert Traffic.read({"formula": "traffic.1", "values": values}) is None


def test_every_basis_of_the_sample_policy_is_known() -> None:
    sample = packaged()
    used = {t.money.basis for t in sample.templates.values() if t.money}
    used |= {r.basis for r in sample.remedies.values() if r.basis}

    assert used <= BASES.keys()
