from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.case import Case, Customer, holders
from agentdesk.domain.documents import Document, index_of
from tests.domain.world import CALLER, DAY, NOW, REGION, customer
from tests.policy import CATALOGUE


def people(*of: tuple[str, str]) -> list[dict[str, str]]:
    return [{"number": number, "name": "李", "relation": relation} for number, relation in of]


def test_all_who_can_be_reached_under_a_number_are_listed_and_ranked() -> None:
    family = customer(people=people(("+861", "user"), ("+862", "agent"), (CALLER, "user"), ("+861", "agent")))
    assert holders(family) == (
        (CALLER, "c1-m", "owner", 0),
        ("+861", None, "user", 1),
        ("+862", None, "agent", 2),
    )


def test_a_line_without_a_number_and_a_customer_without_lines_have_no_holders() -> None:
    assert holders(customer(line={"number": ""})) == ()
    assert holders(Document(REGION, "c", "customer", 1, {})) == ()


LEAN: tuple[dict[str, Any], ...] = (
    {},
    {"accounts": None, "subscriptions": None, "people": None, "flags": None, "since": None},
    {"accounts": [{"id": "a"}], "subscriptions": [{"id": "m"}], "people": [{"number": "+861"}]},
    {"subscriptions": [{"id": "m", "vas": [{"code": "v", "name": "v"}], "overage": {}}]},
)


@pytest.mark.parametrize("data", LEAN)
def test_fields_that_an_old_replica_lacks_take_the_harmless_value(data: dict[str, Any]) -> None:
    view = Customer(Document(REGION, "c", "customer", 1, data))
    case = Case(view, view.subscription("m"), (), NOW, "agent")
    assert (view.card, view.segment, view.since, view.flags) == ("ordinary", "personal", 0, ())
    assert case.tier(CATALOGUE) == "standard"
    assert case.months_in_network == 0
    for line in view.subscriptions:
        assert (line.kind, line.stopped, line.fee, line.overage_charge) == ("mobile", False, 0, 0)
    for account in view.accounts:
        assert (account.arrears, account.billed, account.credit_repaid) == (0, True, True)


def test_the_account_is_the_lines_own() -> None:
    document = customer(account={"arrears": 5})
    view = Customer(document)
    for line in (view.subscriptions[0], None):
        account = Case(view, line, (), NOW, "agent").account
        assert account is not None
        assert account.arrears == 5
    assert view.line_of(CALLER) == view.subscriptions[0]
    assert view.line_of("+8600") is None
    assert view.account(None) is None


@given(st.integers(0, 5000))
def test_months_in_the_network_are_of_thirty_days(days: int) -> None:
    view = Customer(customer(since=NOW - days * DAY))
    assert Case(view, None, (), NOW, "agent").months_in_network == days // 30


@pytest.mark.parametrize(
    ("kind", "state", "unfinished"),
    [
        ("ticket", "open", True),
        ("ticket", "archived", False),
        ("commitment", "made", True),
        ("commitment", "held", True),
        ("commitment", "voided", False),
        ("contact", "talking", False),
        ("note", None, False),
    ],
)
def test_only_unfinished_tickets_and_promises_are_open_work(kind: str, state: str | None, unfinished: bool) -> None:
    document = Document(REGION, "d", kind, 1, {"state": state, "number": "1", "name": "n", "at": 5, "due": 6})
    index = index_of(document)
    assert (index.open, index.at, index.due) == (unfinished, 5, 6)
    assert index.ref == ("1" if kind in ("ticket", "commitment") else None)
    assert index.name is None
    assert index_of(customer()).name == "王小明"
