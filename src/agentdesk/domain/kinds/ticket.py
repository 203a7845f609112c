"""Tickets (工单): from the first word to the archive, through stations that each have their own clock.

Every move appends to the ticket's list of moves, so two moves made apart both stand. A move that the ticket's
state doesn't allow is refused; chasing is spoken to the customer, so on a closed ticket it is flagged instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Customer
from agentdesk.domain.clocks import station_due, ticket_due
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import Body, Decision, DocumentNeed, Kind, Need, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import ANSWERS, DUE_SLACK_MS, change, exists, logged, on_existing, own_document
from agentdesk.domain.operation import Operation

if TYPE_CHECKING:
    from agentdesk.domain.policy import Tier

TICKET_KINDS = frozenset({"fault", "complaint", "request", "inquiry", "feedback"})

MOVES: Mapping[str, frozenset[str]] = {
    "dispatched": frozenset({"open", "returned", "reopened"}),
    "accepted": frozenset({"dispatched"}),
    "returned": frozenset({"dispatched", "accepted"}),
    "replied": frozenset({"open", "reopened", "accepted"}),
    "followed_up": frozenset({"replied"}),
    "archived": frozenset({"followed_up"}),
    "reopened": frozenset({"replied", "followed_up", "archived"}),
}
"""From which states each move leads to its own; noting and chasing are allowed in every open state."""


def _tier(ticket: Document) -> Tier:
    tier: Tier = ticket.data.get("tier", "standard")
    return tier


def _station_due(station: str, ticket: Document, situation: Situation) -> int | None:
    """Return until when a ticket may lie at a station before its answer; once it is late, the station's own time."""
    due = ticket.data.get("due")
    left = due if due is not None and due > situation.at else None
    return station_due(station, _tier(ticket), situation.at, situation.catalogue, left)


def _told(ticket: Document, department: str | None = None) -> tuple[str, ...]:
    unit = department or ticket.data.get("department")
    return (f"department/{unit}",) if unit else ()


def _opened_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, body.text("customer")),
    )


def _opened(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    kind, symptom = body.text("kind"), body.maybe_text("symptom")
    catalogue = situation.catalogue
    if kind not in TICKET_KINDS:
        return Refusal(Reason.of("malformed", detail=f"unknown kind of ticket {kind}"))
    customer = situation.answers.document(operation.scope, body.text("customer"))
    held = None if customer else Reason.of("unknown_customer", customer=body.text("customer"))
    tier = catalogue.tier_of(Customer(customer).card) if customer else "standard"
    due, law = ticket_due(kind, symptom, tier, situation.at, catalogue)
    told = body.maybe_number("due")
    flags: tuple[Reason, ...] = ()
    if told is not None and due is not None and told > due + DUE_SLACK_MS:
        latest, _ = ticket_due(kind, symptom, tier, situation.at + DUE_SLACK_MS, catalogue)
        if latest is not None and told > latest:
            flags = (Reason.of("due_beyond_limit", limit=due, due=told),)
    fields: dict[str, Any] = {
        "number": body.text("number"),
        "kind": kind,
        "origin": body.maybe_text("origin") or "hotline",
        "customer": body.text("customer"),
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "symptom": symptom,
        "title": body.text("title"),
        "words": body.maybe_text("words") or "",
        "wants": body.maybe_text("wants"),
        "person": dict(body.mapping("person")),
        "tier": tier,
        "level": 0,
        "chases": 0,
        "returns": 0,
        "state": "open",
        "station": "front",
        "department": None,
        "owner": operation.actor,
        "first_responsible": operation.actor,
        "at": situation.at,
        # the deadline that the customer was told stands, whatever a later computation says
        "due": told if told is not None else due,
        "law_due": law,
        "station_due": station_due("front", tier, situation.at, catalogue),
        "moves": logged(None, operation, situation.at, "opened", text=body.maybe_text("words")),
    }
    return Decision((change(operation, "ticket", **fields),), flags=flags, held=held)


def _illegal(move: str, ticket: Document) -> Refusal | None:
    state = ticket.data.get("state")
    if state in MOVES[move]:
        return None
    return Refusal(Reason.of("ticket_state", state=state, move=move))


def _noted(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    text = body.text("text")
    if not text.strip():
        return Refusal(Reason.of("empty_note"))
    moves = logged(ticket, operation, situation.at, "noted", text=text)
    return Decision((change(operation, "ticket", _told(ticket), moves=moves),))


def _dispatched(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    refused = _illegal("dispatched", ticket)
    if refused:
        return refused
    station, department = body.text("station"), body.maybe_text("department")
    if station not in ("expert", "department"):
        return Refusal(Reason.of("malformed", detail=f"unknown station {station}"))
    if station == "department" and department not in situation.catalogue.departments:
        return Refusal(Reason.of("unknown_department", department=department))
    clock = "expert" if station == "expert" else "department_accept"
    return Decision(
        (
            change(
                operation,
                "ticket",
                _told(ticket, department),
                state="dispatched",
                station=station,
                department=department,
                owner=body.maybe_text("owner"),
                station_due=_station_due(clock, ticket, situation),
                moves=logged(
                    ticket,
                    operation,
                    situation.at,
                    "dispatched",
                    station=station,
                    department=department,
                    text=body.maybe_text("text"),
                ),
            ),
        )
    )


def _accepted(operation: Operation, _body: Body, situation: Situation, ticket: Document) -> Outcome:
    refused = _illegal("accepted", ticket)
    if refused:
        return refused
    # an expert seat keeps the time it got with the ticket; a department has what is left until the ticket is due
    kept = ticket.data.get("station") == "expert"
    until = ticket.data.get("station_due") if kept else _station_due("department_reply", ticket, situation)
    return Decision(
        (
            change(
                operation,
                "ticket",
                _told(ticket),
                state="accepted",
                owner=operation.actor,
                station_due=until,
                moves=logged(ticket, operation, situation.at, "accepted"),
            ),
        )
    )


def _returned(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Return a ticket: once to whoever sent it, the second time to the team leader (policy §4)."""
    refused = _illegal("returned", ticket)
    if refused:
        return refused
    returns = (ticket.data.get("returns") or 0) + 1
    to_leader = returns > situation.catalogue.rules.returns_allowed
    return Decision(
        (
            change(
                operation,
                "ticket",
                _told(ticket),
                state="returned",
                station="leader" if to_leader else "front",
                owner=None if to_leader else ticket.data.get("first_responsible"),
                returns=returns,
                station_due=_station_due("resend", ticket, situation),
                moves=logged(ticket, operation, situation.at, "returned", text=body.text("reason")),
            ),
        )
    )


def _chased(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Chase: the level rises for a chase after due or the third one, not for every question (DOMAIN rule 8)."""
    chases = (ticket.data.get("chases") or 0) + 1
    late = (ticket.data.get("due") or situation.at) < situation.at
    raises = late or chases == situation.catalogue.rules.chase_raises_at
    flags = (Reason.of("ticket_closed", state="archived"),) if ticket.data.get("state") == "archived" else ()
    return Decision(
        (
            change(
                operation,
                "ticket",
                _told(ticket),
                chases=chases,
                level=(ticket.data.get("level") or 0) + (1 if raises else 0),
                moves=logged(
                    ticket,
                    operation,
                    situation.at,
                    "chased",
                    text=body.maybe_text("text"),
                    contact=body.maybe_text("contact"),
                    raised=raises or None,
                ),
            ),
        ),
        flags=flags,
    )


def _replied(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    refused = _illegal("replied", ticket)
    if refused:
        return refused
    cause, minutes = body.maybe_text("cause"), body.number("minutes")
    if minutes < 0:
        return Refusal(Reason.of("malformed", detail="minutes of work can't be negative"))
    return Decision(
        (
            change(
                operation,
                "ticket",
                _told(ticket),
                state="replied",
                cause=cause,
                station="follow_up",
                tries=0,
                station_due=station_due("follow_up", _tier(ticket), situation.at, situation.catalogue),
                moves=logged(
                    ticket,
                    operation,
                    situation.at,
                    "replied",
                    text=body.text("text"),
                    cause=cause,
                    minutes=minutes,
                ),
            ),
        )
    )


def _followed_up(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Follow up (回访): an unhappy answer reopens the ticket and raises its level; who isn't reached is tried again."""
    refused = _illegal("followed_up", ticket)
    if refused:
        return refused
    answer = body.text("answer")
    if answer not in ANSWERS:
        return Refusal(Reason.of("malformed", detail=f"unknown answer {answer}"))
    satisfaction = {
        "answer": answer,
        "score": body.maybe_number("score"),
        "asked_by": operation.actor,
        "at": situation.at,
        "how": body.maybe_text("how") or "phone",
    }
    tries = (ticket.data.get("tries") or 0) + 1
    moves = logged(ticket, operation, situation.at, "followed_up", answer=answer, text=body.maybe_text("text"))
    if answer == "unreached" and tries < situation.catalogue.rules.follow_up_tries:
        # who wasn't reached wasn't asked: the ticket waits for the next try
        return Decision((change(operation, "ticket", tries=tries, moves=moves),))
    if answer == "unsatisfied":
        return Decision(
            (
                change(
                    operation,
                    "ticket",
                    _told(ticket),
                    state="reopened",
                    station="front",
                    owner=ticket.data.get("first_responsible"),
                    level=(ticket.data.get("level") or 0) + 1,
                    satisfaction=satisfaction,
                    station_due=_station_due("resend", ticket, situation),
                    moves=moves,
                ),
            )
        )
    return Decision(
        (
            change(
                operation,
                "ticket",
                state="followed_up",
                satisfaction=satisfaction,
                moves=moves,
                station_due=None,
            ),
        )
    )


def _archived(operation: Operation, _body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Archive: only after reply and follow-up call (DOMAIN rule 7)."""
    refused = _illegal("archived", ticket)
    if refused:
        return refused
    moves = logged(ticket, operation, situation.at, "archived")
    return Decision((change(operation, "ticket", state="archived", closed_at=situation.at, moves=moves),))


def _reopened(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    refused = _illegal("reopened", ticket)
    if refused:
        return refused
    return Decision(
        (
            change(
                operation,
                "ticket",
                _told(ticket),
                state="reopened",
                station="front",
                owner=ticket.data.get("first_responsible"),
                level=(ticket.data.get("level") or 0) + 1,
                station_due=_station_due("resend", ticket, situation),
                moves=logged(ticket, operation, situation.at, "reopened", text=body.text("reason")),
            ),
        )
    )


KINDS = (
    Kind("ticket.opened", 1, _opened_needs, _opened, spoken=True),
    Kind("ticket.noted", 1, own_document, on_existing("ticket", _noted)),
    Kind("ticket.dispatched", 1, own_document, on_existing("ticket", _dispatched)),
    Kind("ticket.accepted", 1, own_document, on_existing("ticket", _accepted)),
    Kind("ticket.returned", 1, own_document, on_existing("ticket", _returned)),
    Kind("ticket.chased", 1, own_document, on_existing("ticket", _chased), spoken=True),
    Kind("ticket.replied", 1, own_document, on_existing("ticket", _replied)),
    Kind("ticket.followed_up", 1, own_document, on_existing("ticket", _followed_up)),
    Kind("ticket.archived", 1, own_document, on_existing("ticket", _archived)),
    Kind("ticket.reopened", 1, own_document, on_existing("ticket", _reopened)),
)
