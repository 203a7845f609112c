"""Recent work has the shape that operations give it, with clocks that stand relative to now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from agentdesk.desk import terms
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import (
    CREDIT_OUT,
    OPEN_COMMITMENT_STATES,
    OPEN_TICKET_STATES,
    WORK_WINDOW_MS,
    Document,
    index_of,
)
from agentdesk.domain.kinds.tickets import LEADS_TO, MOVES
from agentdesk.domain.numbering.ids import check, uuid7_ms
from agentdesk.domain.times.timers import CENTRE
from agentdesk.sample.traits import FAULTY, PLOT_SHARES
from tests.sample.worlds import NOW, catalogue, customers, instants, regions, seeds, shared, world


@pytest.fixture(scope="module")
def work() -> list[Document]:
    return list(shared().work())


def of_type(documents: list[Document], kind: str) -> Iterator[Document]:
    return (document for document in documents if document.type == kind)


def test_a_share_of_customers_has_work_of_every_sort(work: list[Document]) -> None:
    busy = {document.data["customer"] for document in work}
    assert 0.13 < len(busy) / shared().size < 0.21
    assert {document.type for document in work} >= {"ticket", "commitment", "contact", "note", "service_order"}
    states = Counter(document.data["state"] for document in of_type(work, "ticket"))
    assert set(states) == OPEN_TICKET_STATES - {"followed_up"} | {"archived", "merged"}
    assert any(ticket.data.get("rung") not in (None, "owner") for ticket in of_type(work, "ticket"))
    assert any(ticket.data.get("repeat_of") for ticket in of_type(work, "ticket"))
    assert {ticket.data["station"] for ticket in of_type(work, "ticket")} >= {"front", "expert", "department"}
    assert {d.data["state"] for d in of_type(work, "commitment")} >= {"made", "fulfilled", "breached"}


def test_ids_and_numbers_come_up_once_and_are_right(work: list[Document]) -> None:
    assert len({document.id for document in work}) == len(work)
    assert all(uuid7_ms(document.id) == document.data["at"] for document in work)
    numbers = [document.data["number"] for document in work if document.type in ("ticket", "commitment")]
    assert len(set(numbers)) == len(numbers)
    assert all(map(check, numbers))


def test_work_names_what_there_is(work: list[Document]) -> None:
    sample = shared()
    known = {document.id: document for document in customers()}
    agents = {document.id for document in sample.agents()}
    contacts = {document.id for document in of_type(work, "contact")}
    classes, departments = catalogue().classes, catalogue().departments
    for document in work:
        data = document.data
        lines = {line["id"] for line in known[data["customer"]].data["subscriptions"]}
        assert data.get("subscription") is None or data["subscription"] in lines
        assert data.get("contact") is None or data["contact"] in contacts
        assert data.get("department") is None or data["department"] in departments
        assert data.get("owner") is None or data["owner"] in agents
        assert data.get("agent") is None or data["agent"] in agents
        for matter in data.get("matters", ()):
            assert classes[matter["class"]].tree == "symptom"
            assert matter["outcome"] in terms.OUTCOMES, "the desk has no word for it"
        if document.type == "ticket":
            assert classes[data["symptom"]].kind == data["kind"]
            assert data.get("cause") is None or classes[data["cause"]].tree == "cause"
        # what the clock did, the centre did
        assert all(move["by"] in {*agents, CENTRE} for move in data.get("moves", ()))


def test_the_moves_of_a_ticket_are_those_that_lead_to_its_state(work: list[Document]) -> None:
    for ticket in of_type(work, "ticket"):
        state = before = "open"
        for move in ticket.data["moves"]:
            what = move["what"]
            if what in MOVES:
                # an expert who has a ticket before him sends it on
                assert state in MOVES[what] or (what, state) == ("dispatched", "accepted")
                unhappy = what == "followed_up" and move["answer"] == "unsatisfied"
                before, state = state, "reopened" if unhappy else LEADS_TO[what] or before
        assert state == ticket.data["state"]
        brought = sum(part["chases"] for part in ticket.data.get("merged", ()))
        assert ticket.data["chases"] == brought + sum(move["what"] == "chased" for move in ticket.data["moves"])


@settings(max_examples=10)
@given(seeds, regions, instants)
def test_nothing_lies_in_the_future_and_moves_are_in_order(seed: int, region: str, now: int) -> None:
    for document in world(seed, 400, region, now).work():
        times = [move["at"] for move in document.data.get("moves", ())]
        assert times == sorted(times)
        assert all(at <= now for at in [document.data["at"], *times])
        assert document.data["at"] > now - WORK_WINDOW_MS


def test_some_clocks_are_late_and_more_are_not(work: list[Document]) -> None:
    waiting = [d for d in of_type(work, "ticket") if d.data["state"] in OPEN_TICKET_STATES]
    late = [d for d in waiting if d.data["due"] < NOW]
    assert 0.05 < len(late) / len(waiting) < 0.5
    for ticket in waiting:
        assert ticket.data["law_due"] is None or ticket.data["due"] <= ticket.data["law_due"]


def test_open_promises_are_found_as_open_work(work: list[Document]) -> None:
    for promise in of_type(work, "commitment"):
        index = index_of(promise)
        # credit that runs is work, also where the promise of it is kept
        running = promise.data.get("credit") in CREDIT_OUT
        assert index.open == (running or promise.data["state"] in OPEN_COMMITMENT_STATES)
        assert promise.data["template"] in catalogue().templates
        # only what nobody was told is a mistake that can be taken back
        assert (promise.data["spoken_at"] is None) == (promise.data["state"] == "voided")


def test_a_line_with_a_fault_has_a_ticket_for_it() -> None:
    sample = shared()
    found = 0
    for index in range(40, sample.size):
        if sample.population.traits_of(index).story.plot not in FAULTY:
            continue
        found += 1
        customer = sample.customer(index).data
        lines = {line["id"] for line in customer["subscriptions"] if "fault_since" in line}
        tickets = [d for d in sample.work_of(index) if d.type == "ticket"]
        assert {ticket.data["subscription"] for ticket in tickets} == lines
        assert customer["lifecycle"] in ("requesting", "joining")
    assert found > 50


def test_shares_of_plots_are_out_of_ten_thousand() -> None:
    assert len(PLOT_SHARES) == 10_000


def test_the_staff_has_a_desk_agent_first_and_a_handler_for_each_department() -> None:
    staff = list(shared().agents())
    assert all(agent.scope == ORG and agent.type == "agent" for agent in staff)
    assert staff[0].data["role"] == "agent"
    assert {agent.data["role"] for agent in staff} == set(catalogue().roles)
    handled = {agent.data.get("department") for agent in staff if agent.data["role"] == "department_handler"}
    assert handled == set(catalogue().departments)
    assert len({agent.id for agent in staff}) == len(staff)


def test_regions_have_no_agent_in_common() -> None:
    ids = [agent.id for region in ("bj", "sh", "gz") for agent in world(1, 10, region).agents()]
    assert len(set(ids)) == len(ids)
