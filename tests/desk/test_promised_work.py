"""A promise that a department has to work for brings its ticket, or the open one of the same matter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agentdesk.desk.drafts import By
from agentdesk.desk.promised_work import ticket_for, ticket_of
from agentdesk.domain.case import Case, Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.line_test import repair_id
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.operation import Draft
from tests.desk.driving import running, until, verified, wait_for
from tests.desk.world import WANG, Desk, entries
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


def approved(promise: Document | None, *work: Document, symptom: str | None = DROPS) -> list[Draft]:
    """Return what a yes to an approval brings for the promise that waits for it."""
    policy = replace(CATALOGUE, templates={"VISIT": template("VISIT", department="network", ticket=symptom)})
    known = {"c1": customer(line={"kind": "broadband"}), **({promise.id: promise} if promise else {})}
    ids = iter(("t1", "t2"))
    view = SimpleNamespace(
        document=lambda scope, document: known.get(document) if scope == REGION else None,
        work=lambda scope, owner, at: work,
    )
    site: Any = SimpleNamespace(
        view=view,
        now=lambda: NOW,
        catalogue=lambda version="": policy,
        next_number=lambda: "100010000042",
        new_id=lambda: next(ids),
    )
    approval = Document(REGION, "a1", "approval", 1, {"commitment": "p1", "customer": "c1"})
    return list(ticket_of(site, BY, approval))


def waiting(**more: Any) -> Document:
    held = {"state": "held", "waits": True, "held_by": ["a1"], "template": "VISIT", "customer": "c1", "contact": "k1"}
    return Document(REGION, "p1", "commitment", 1, {**held, "subscription": "c1-m", **more})


def test_a_promise_that_waited_for_an_approval_gets_its_ticket_with_the_yes() -> None:
    opened, sent = approved(waiting())
    assert (opened.kind, opened.body["commitment"], opened.body["subscription"]) == ("ticket.opened", "p1", "c1-m")
    assert (opened.body["contact"], opened.body["customer"]) == ("k1", "c1")
    assert (sent.kind, sent.body["department"]) == ("ticket.dispatched", "network")
    assert [draft.kind for draft in approved(waiting(), fault("accepted"))] == ["ticket.promised"]


def test_a_yes_brings_no_ticket_where_something_else_holds_the_promise_or_it_has_one_or_needs_none() -> None:
    assert approved(waiting(held_by=["a1", "fraud"])) == []
    assert approved(waiting(ticket="t9")) == []
    assert approved(waiting(state="withdrawn")) == []
    assert approved(waiting(), symptom=None) == []
    assert approved(None) == []


@pytest.mark.parametrize(("measured", "kinds"), [("62 3", ["ticket.opened", "ticket.dispatched"]), ("62 1", [])])
async def test_the_promise_that_a_speed_test_makes_brings_its_ticket(
    tmp_path: Path, measured: str, kinds: list[str]
) -> None:
    desk = Desk(tmp_path)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await pilot.press("tab", "2")
        await until(pilot, lambda: desk.facts.line is not None and desk.facts.line.rate_mbps)
        # a second test below the contract finds the promise of the first, and its ticket
        for _again in range(2):
            await pilot.press("T")
            desk.clock.advance(500)
            await pilot.press(*measured, "enter")
            await until(pilot, lambda: desk.app.screen is desk.app.desk_screen)
    site = desk.site()
    tested, again = entries(site, "line.tested")
    assert [entry.kind for kind in ("ticket.opened", "ticket.dispatched") for entry in entries(site, kind)] == kinds
    if kinds:
        promise = site.view.document(REGION, repair_id(tested.document))
        ticket = site.view.document(REGION, str(promise and promise.data["ticket"]))
        assert promise is not None
        assert ticket is not None
        assert spoken(str(promise.data["number"])) in promise.data["tell"]["text"]
        assert site.view.document(REGION, repair_id(again.document)) is None
        assert (ticket.data["commitment"], ticket.data["state"]) == (repair_id(tested.document), "dispatched")
    site.close()


async def test_the_key_of_an_offer_brings_promise_and_ticket_and_each_page_names_the_other(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk, (100, 30)) as pilot:
        await verified(desk, pilot, WANG)
        await pilot.press("tab", "2")
        await until(pilot, lambda: desk.contact.board.of("W06"))
        line = desk.contact.board.of("W06")
        assert line is not None
        await pilot.press(line.key)
        await wait_for(pilot, line.offer.template.name.zh)
        desk.clock.advance(1_500)
        await pilot.press("enter")
        await wait_for(pilot, "已承诺")
        desk.clock.advance(1_500)
        await pilot.press("enter")
        await until(pilot, lambda: desk.contact.promises[0].told)
        tickets = [one.document for one in desk.app.desk_screen.work if one.document.data.get("commitment")]
        assert len(tickets) == 1
        desk.app.deal.open_document(desk.contact.promises[0].document)
        await wait_for(pilot, spoken(str(tickets[0].data["number"])))
    site = desk.site()
    (made,), (opened,) = entries(site, "commitment.made"), entries(site, "ticket.opened")
    assert opened.body is not None
    assert (opened.body["commitment"], opened.document) == (made.document, tickets[0].id)
    site.close()
