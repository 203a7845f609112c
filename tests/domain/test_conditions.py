"""Each condition holds for the caller it is meant for, and for nobody of whom nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.condition.conditions import VOCABULARY, fails
from agentdesk.domain.documents import Document
from agentdesk.domain.policy import Condition
from agentdesk.domain.times.zone import DAY_MS
from tests.policy import CATALOGUE

NOW = 1_780_000_000_000
REGION = "region/1"


def case(data: Mapping[str, Any], *work: Document, contacts: tuple[Document, ...] = ()) -> Case:
    """The case of a customer about his first line."""
    customer = Customer(Document(REGION, "c1", "customer", 1, data))
    line = customer.subscriptions[0] if customer.subscriptions else None
    return Case(customer, line, work, NOW, "agent", contacts=contacts)


def line(account: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A customer with one line."""
    return {
        "subscriptions": [{"id": "s1", "kind": "mobile", "account": "a1", **more}],
        "accounts": [{"id": "a1", **(account or {})}],
    }


BILL = {
    "account": "a1",
    "month": "2026-08",
    "lines": [{"kind": "third_party", "charge": "content", "name": "film", "amount": 500, "line": "s1"}],
}


def work(type_: str, /, **data: Any) -> Document:
    known = {"customer": "c1", "subscription": "s1", "at": NOW - DAY_MS}
    return Document(REGION, f"{type_}-1", type_, 1, known | data)


def call(**data: Any) -> tuple[Document, ...]:
    return (Document(REGION, "k1", "contact", 1, {"at": NOW - 3_600_000, **data}),)


def bill(month: str, amount: int) -> dict[str, Any]:
    return {
        "account": "a1",
        "month": month,
        "issued": NOW,
        "lines": [{"kind": "fixed", "amount": amount, "line": "s1"}],
    }


MINUTE = 60_000
HOLDS: dict[str, tuple[dict[str, Any], Case]] = {
    "not_stopped_for": ({"reasons": ["lost"]}, case(line(status="stopped", stop_reason="arrears"))),
    "closed": ({}, case(line(status="closed"))),
    "abroad": ({}, case(line(facts={"abroad": True}))),
    "roaming": ({}, case(line(facts={"abroad": True}))),
    "roaming_pack": ({}, case(line(facts={"roaming_pack": True}))),
    "throttled": ({}, case(line(facts={"throttled": True}))),
    "shared_line": ({}, case(line(facts={"shared": True}))),
    "rural": ({}, case(line(facts={"rural": True}))),
    "reminder_missed": ({}, case(line(facts={"missed_reminder": True}))),
    "carry_over": ({}, case(line(facts={"missing_carry_over": True}))),
    "gift_due": ({}, case(line(facts={"missing_gift": True}))),
    "cancel_failed": ({}, case(line(facts={"failed_cancel": True}))),
    "no_port": ({}, case(line(facts={"no_port": True}))),
    "device_returned": ({}, case(line(facts={"returned_device": True}))),
    "third_party_charge": ({}, case(line(facts={"third_party": 100}))),
    "content_charge": ({}, case(line() | {"bills": [BILL]})),
    "network_generation": ({"generations": ["4g"]}, case(line(facts={"network": "4g"}))),
    "contract_running": ({}, case(line(contract_end=NOW + 1))),
    "line_opened": ({"within_days": 7}, case(line(opened_at=NOW - 7 * DAY_MS))),
    "plan_changed": ({"within_days": 30}, case(line(dues={"plan_change": {"at": NOW - DAY_MS}}))),
    "rebate_due": ({}, case(line(dues={"rebate": {"monthly": 100, "due": 2, "paid": 1}}))),
    "bill_above_mean": (
        {"percent": 500},
        case({**line(), "bills": [bill("2026-05", 500), bill("2026-04", 100), bill("2026-03", 100)]}),
    ),
    "balance": ({"at_least": 100}, case(line({"balance": 100}))),
    "deposit_held": ({}, case(line({"facts": {"deposit": 1}}))),
    "direct_debit": ({}, case(line({"direct_debit": True}))),
    "debit_failed": ({}, case(line({"facts": {"failed_debit": True}}))),
    "payer_is_company": ({}, case(line({"facts": {"company_pays": True}}))),
    "payment_unposted": ({}, case(line({"facts": {"unposted": True}}))),
    "account_lines": ({"at_least": 1}, case(line())),
    "certificate_expired": ({}, case({**line(), "certificate_expires": NOW - 1})),
    "verification_method": (
        {"methods": ["id_card", "face_check"]},
        replace(case(line()), methods=frozenset({"own_number", "face_check"})),
    ),
    "open_ticket": (
        {"classes": ["fault.broadband"]},
        case(line(), work("ticket", kind="fault", state="open", symptom="fault.broadband.drops")),
    ),
    "no_open_ticket": (
        {"classes": ["fault.broadband"]},
        case(line(), work("ticket", kind="fault", state="open", symptom="fault.broadbands")),
    ),
    "ticket_level": ({"at_least": 2}, case(line(), work("ticket", kind="complaint", state="open", level=2))),
    "repeat": ({"kinds": ["fault"]}, case(line(), work("ticket", kind="fault", state="archived"))),
    "missed_visit": ({}, case(line(), work("appointment", state="missed"))),
    "announcement": ({}, case(line(), work("attachment", state="open"))),
    "pending_order": ({}, case(line(), work("service_order", state="ordered"))),
    "repeat_contact": ({"within_days": 1}, case(line(), contacts=call())),
    "dropped_call": ({}, case(line(), contacts=call(dropped_by="network"))),
    "abandoned_call": ({}, case(line(), contacts=call(moments={"abandoned": NOW - MINUTE}))),
    "waited": (
        {"at_least": 5},
        case(line(), contacts=call(moments={"offered": NOW - 9 * MINUTE, "answered": NOW - 4 * MINUTE})),
    ),
}
ABSENT = frozenset({"not_stopped_for", "no_open_ticket", "account_lines"})
"""What holds of a customer of whom nothing is known: something isn't there, or is by having a line."""


@pytest.mark.parametrize("name", HOLDS)
def test_it_holds_where_it_is_meant_to(name: str) -> None:
    args, there = HOLDS[name]
    assert fails(Condition(name, args), there, CATALOGUE) is None


@pytest.mark.parametrize("name", sorted(HOLDS.keys() - ABSENT))
@pytest.mark.parametrize("nobody", [case({}), case(line())], ids=["no-line", "bare-line"])
def test_it_fails_with_a_reason_where_nothing_is_known(name: str, nobody: Case) -> None:
    reason = fails(Condition(name, HOLDS[name][0]), nobody, CATALOGUE)
    assert reason is not None
    assert reason.code


@pytest.mark.parametrize(
    ("name", "args", "there"),
    [
        ("not_stopped_for", {"reasons": ["lost"]}, case(line(status="stopped", stop_reason="lost"))),
        ("active", {}, case(line(status="closed"))),
        ("line_opened", {"within_days": 7}, case(line(opened_at=NOW - 8 * DAY_MS))),
        ("contract_running", {}, case(line(contract_end=NOW))),
        ("certificate_expired", {}, case({**line(), "certificate_expires": NOW + 1})),
        ("no_open_ticket", {}, case(line(), work("ticket", kind="fault", state="open"))),
        ("open_ticket", {"classes": ["fault.tv"]}, case(line(), work("ticket", kind="fault", state="open"))),
        ("repeat", {"kinds": ["fault"]}, case(line(), work("ticket", kind="fault", state="open"))),
        ("repeat", {"kinds": ["fault"]}, case(line(), work("ticket", kind="fault", state="archived", at=0))),
        ("announcement", {}, case(line(), work("attachment", state="told"))),
        ("waited", {"at_least": 5}, case(line(), contacts=call(moments={"offered": NOW, "answered": NOW + 1}))),
        ("dropped_call", {}, case(line(), contacts=call(dropped_by="agent", state="wrapped_up"))),
        ("account_lines", {"at_least": 2}, case(line())),
        ("verification_method", {"methods": ["id_card"]}, replace(case(line()), methods=frozenset({"face_check"}))),
    ],
)  # fmt: skip
def test_it_fails_just_beyond(name: str, args: dict[str, Any], there: Case) -> None:
    assert fails(Condition(name, args), there, CATALOGUE) is not None


def test_what_the_centre_cannot_know_only_orders() -> None:
    assert {name for name, word in VOCABULARY.items() if word.orders} == {
        "repeat_contact",
        "dropped_call",
        "abandoned_call",
        "waited",
    }
