"""Moving a ticket: dispatch 派单, accept 接单, return 退单, reassign 改派, recall 撤单, hand over."""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import ORG, Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import OPEN_TICKET_STATES, Document
from agentdesk.domain.kinds._common import change, logged, on_existing, own_document
from agentdesk.domain.kinds.tickets.states import expert_done, expert_first, illegal, laid, told
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation

TWO_STATIONS = 2
"""From this version on a dispatch knows the two pre-processing stations."""


def _dispatched(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    # an expert who has a ticket before him sends it on to a department: the second step of pre-processing
    on = operation.version >= TWO_STATIONS and _with_expert(ticket)
    refused = None if on else illegal("dispatched", ticket)
    if refused:
        return refused
    return _sent(operation, body, situation, ticket, "dispatched", body.maybe_text("text"))


def _reassigned(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Reassign (改派): to another station without going back first; the reason stays with the ticket."""
    refused = illegal("reassigned", ticket)
    if refused:
        return refused
    same = (ticket.data.get("station"), ticket.data.get("department"))
    if same == (body.text("station"), body.maybe_text("department")):
        return Refusal(Reason.of("lies_there", department=body.maybe_text("department")))
    return _sent(operation, body, situation, ticket, "reassigned", body.text("reason"))


def _with_expert(ticket: Document) -> bool:
    return (ticket.data.get("station"), ticket.data.get("state")) == ("expert", "accepted")


def _sent(
    operation: Operation, body: Body, situation: Situation, ticket: Document, what: str, text: str | None
) -> Outcome:
    station, department = body.text("station"), body.maybe_text("department")
    if station not in ("expert", "department"):
        return Refusal(Reason.of("malformed", detail=f"unknown station {station}"))
    if station == "department" and department not in situation.catalogue.departments:
        return Refusal(Reason.of("unknown_department", department=department))
    seat = expert_done(ticket, situation, body.maybe_number("minutes"))
    seen = bool((seat.get("expert") or ticket.data.get("expert") or {}).get("accepted_at"))
    wants_expert = (operation.version >= TWO_STATIONS or what == "reassigned") and expert_first(
        ticket.data.get("symptom"), situation.catalogue
    )
    if station == "department" and wants_expert and not seen:
        return Refusal(Reason.of("expert_first", symptom=ticket.data.get("symptom")))
    fields: dict[str, Any] = {
        "state": "dispatched",
        "station": station,
        "department": department,
        "owner": body.maybe_text("owner"),
        **laid("expert" if station == "expert" else "department_accept", ticket, situation),
        **seat,
    }
    moves = logged(ticket, operation, situation.at, what, station=station, department=department, text=text)
    return Decision((change(operation, "ticket", told(ticket, department), **fields, moves=moves),))


def _accepted(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    refused = illegal("accepted", ticket)
    if refused:
        return refused
    engineer = dict(body.mapping("engineer"))
    fields: dict[str, Any] = {"state": "accepted", "owner": operation.actor, "accepted_at": situation.at}
    if engineer:
        fields["engineer"] = engineer
    if ticket.data.get("station") == "expert":
        # an expert seat keeps the time it got with the ticket; a department has what is left until the ticket is due
        before = ticket.data.get("expert") or {}
        fields["expert"] = {**before, "by": operation.actor, "accepted_at": situation.at}
        fields["station_due"] = ticket.data.get("station_due")
    else:
        fields |= laid("department_reply", ticket, situation)
    moves = logged(ticket, operation, situation.at, "accepted", engineer=engineer.get("name"))
    return Decision((change(operation, "ticket", told(ticket), **fields, moves=moves),))


def _returned(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Return a ticket: once to whoever sent it, the second time to the team leader (policy §4)."""
    refused = illegal("returned", ticket)
    if refused:
        return refused
    returns = (ticket.data.get("returns") or 0) + 1
    to_leader = returns > situation.catalogue.rules.returns_allowed
    fields: dict[str, Any] = {
        "state": "returned",
        "station": "leader" if to_leader else "front",
        "owner": None if to_leader else ticket.data.get("first_responsible"),
        "returns": returns,
        **laid("resend", ticket, situation),
        **expert_done(ticket, situation),
    }
    moves = logged(ticket, operation, situation.at, "returned", text=body.text("reason"))
    return Decision((change(operation, "ticket", told(ticket), **fields, moves=moves),))


def _recalled(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Recall (撤单): whoever sent a ticket takes it back before it is answered."""
    refused = illegal("recalled", ticket)
    if refused:
        return refused
    fields: dict[str, Any] = {
        "state": "open",
        "station": "front",
        "department": None,
        "owner": operation.actor,
        **laid("resend", ticket, situation),
        **expert_done(ticket, situation),
    }
    moves = logged(ticket, operation, situation.at, "recalled", text=body.text("reason"))
    return Decision((change(operation, "ticket", told(ticket), **fields, moves=moves),))


def _handed_over_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (*own_document(operation, body), DocumentNeed(ORG, body.text("to")))


def _handed_over(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Hand over, with the context: the owner changes, who was asked first stays responsible (首问负责)."""
    to, note = body.text("to"), body.text("note")
    if ticket.data.get("state") not in OPEN_TICKET_STATES:
        return Refusal(Reason.of("ticket_state", state=ticket.data.get("state"), move="handed_over"))
    if not note.strip():
        return Refusal(Reason.of("empty_note"))
    agent = situation.answers.document(ORG, to)
    if agent is None or agent.type != "agent" or agent.data.get("dismissed_at") is not None:
        return Refusal(Reason.of("unknown_agent", agent=to))
    moves = logged(ticket, operation, situation.at, "handed_over", to=to, of=ticket.data.get("owner"), text=note)
    return Decision((change(operation, "ticket", told(ticket), owner=to, moves=moves),))


KINDS = (
    Kind("ticket.dispatched", 2, own_document, on_existing("ticket", _dispatched)),
    Kind("ticket.accepted", 1, own_document, on_existing("ticket", _accepted)),
    Kind("ticket.returned", 1, own_document, on_existing("ticket", _returned)),
    Kind("ticket.reassigned", 1, own_document, on_existing("ticket", _reassigned)),
    Kind("ticket.recalled", 1, own_document, on_existing("ticket", _recalled)),
    Kind("ticket.handed_over", 1, _handed_over_needs, on_existing("ticket", _handed_over)),
)
