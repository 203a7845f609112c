"""The bills of sample customers: they add up, and say what card and habits say."""

from __future__ import annotations

from agentdesk.domain.case import Customer
from agentdesk.domain.finance.bills import LINE_KINDS, bills, uses
from agentdesk.sample.bills import months_before
from agentdesk.sample.cast import NEWCOMER, OVERAGE, UNKNOWN_SERVICE
from tests.sample.worlds import NOW, world


def test_bills_are_those_of_the_last_months_and_their_lines_are_the_customers() -> None:
    months = [month for month, _ in months_before(NOW)]
    assert months == sorted(months, reverse=True)
    for document in world(size=200).customers():
        customer = Customer(document)
        found = bills(customer)
        assert [bill.month for bill in found] == months[: len(found)]
        own = {line.id for line in customer.subscriptions}
        for bill in found:
            assert bill.total > 0
            assert bill.issued <= NOW
            assert bill.account == customer.accounts[0].id
            assert {line.subscription for line in bill.lines} <= own
            assert {line.kind for line in bill.lines} <= set(LINE_KINDS)


def test_what_the_last_bills_come_to_is_what_the_desk_says_of_fees() -> None:
    for document in world(size=120).customers():
        found = bills(Customer(document))
        if len(found) == 3:
            assert document.data["usage"]["fees"] == [bill.total for bill in reversed(found)]


def test_the_cast_has_bills_to_ask_about() -> None:
    by_index = world(size=40)
    overage = bills(Customer(by_index.customer(OVERAGE)))[0]
    assert [line.amount for line in overage.lines if line.kind == "overage"] == [5_200]
    unknown = bills(Customer(by_index.customer(UNKNOWN_SERVICE)))[0]
    assert [line.kind for line in unknown.lines].count("third_party") == 2
    assert bills(Customer(by_index.customer(NEWCOMER))) == ()
    first = Customer(by_index.customer(0))
    assert len(uses(first, first.subscriptions[0].id)) == 3
