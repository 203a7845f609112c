"""A promise that a department has to work for brings its ticket, or the open one of the same matter."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from agentdesk.desk.drafts import By
from agentdesk.desk.promised_work import ticket_for
from agentdesk.domain.case import Case, Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft
from tests.domain.tickets_policy import CATALOGUE
from tests.domain.world import NOW, REGION, customer
from tests.policy import template

DROPS = "fault.broadband.drops"
BY = By("1024", "agent", REGION, "v1")


def drafts(symptom: str | None, *work: Document, waits: bool = False, expert: tuple[str, ...] = ()) -> list[Draft]:
    rules = replace(CATALOGUE.rules, tickets=replace(CATALOGUE.rules.tickets, expert_first=expert))
    one = Customer(customer(line={"kind": "broadband"}))
    case = Case(one, one.subscriptions[0], work, NOW, "")
    ids = iter(("t1", "t2"))
    site: Any = SimpleNamespace(next_number=lambda: "100010000042", new_id=lambda: next(ids))
    facts: Any = SimpleNamespace(case=case, catalogue=replace(CATALOGUE, rules=rules))
    offer = SimpleNamespace(template=template("VISIT", department="network", ticket=symptom))
    made: Any = SimpleNamespace(offer=offer, waits=waits, line="c1-m", customer="c1", contact="k1")
    return list(ticket_for(site, BY, REGION, "p1", made, facts))


def fault(state: str) -> Document:
    data = {"kind": "fault", "symptom": DROPS, "customer": "c1", "subscription": "c1-m", "state": state, "at": NOW - 9}
    return Document(REGION, "t0", "ticket", 3, data)


def test_the_department_of_the_promise_gets_a_ticket_with_it() -> None:
    opened, sent = drafts(DROPS)
    assert (opened.kind, opened.body["commitment"], opened.body["symptom"]) == ("ticket.opened", "p1", DROPS)
    assert (sent.kind, sent.document) == ("ticket.dispatched", opened.document)
    assert dict(sent.body) == {"station": "department", "department": "network"}


def test_a_class_for_the_expert_goes_to_the_expert_first() -> None:
    _opened, sent = drafts(DROPS, expert=("fault.broadband",))
    assert dict(sent.body) == {"station": "expert"}


def test_an_open_ticket_of_the_same_matter_works_for_it_and_none_is_opened() -> None:
    (linked,) = drafts(DROPS, fault("accepted"))
    assert (linked.kind, linked.document, dict(linked.body)) == ("ticket.promised", "t0", {"commitment": "p1"})


def test_one_that_was_closed_is_for_the_opening_to_find() -> None:
    assert [draft.kind for draft in drafts(DROPS, fault("archived"))] == ["ticket.opened", "ticket.dispatched"]


def test_a_promise_that_needs_no_work_or_waits_for_an_approval_brings_none() -> None:
    assert drafts(None) == []
    assert drafts(DROPS, waits=True) == []
