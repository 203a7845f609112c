"""Opening a ticket (工单): its clocks, whether the same came before, and splitting one in two."""

from __future__ import annotations

from typing import Any

from agentdesk.domain.case import Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import DUE_SLACK_MS, change, exists, logged, on_existing
from agentdesk.domain.kinds._receipts import receipt, receipt_need
from agentdesk.domain.kinds.tickets.promising import naming, promise_need, promise_of
from agentdesk.domain.kinds.tickets.states import TICKET_KINDS, WORKED, told
from agentdesk.domain.needs import DocumentNeed, Need, WorkNeed
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.clocks import clock_named, clock_of, deadlines, station_due
from agentdesk.domain.work.repeats import handler_of, link, linked, repeated

SINCE_WORK = 2
"""From this version on an opening looks at the customer's other work, and knows place and origin."""

SINCE_PROMISE = 3
"""From this version on the promise that a ticket works for names the ticket."""


def _opened_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.text("customer")
    own = (DocumentNeed(operation.scope, operation.document), DocumentNeed(operation.scope, customer))
    if operation.version < SINCE_WORK:
        return own
    promise = promise_need(operation, body) if operation.version >= SINCE_PROMISE else ()
    return (*own, WorkNeed(operation.scope, customer), *receipt_need(operation, body), *promise)


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
    origin = body.maybe_text("origin") or "hotline"
    fields: dict[str, Any] = {}
    level = 0
    before: Document | None = None
    clock = clock_of(kind, symptom, catalogue)
    if operation.version >= SINCE_WORK:
        rural = body.flag("rural") if body.data.get("rural") is not None else False
        line = body.maybe_text("subscription")
        work = situation.answers.work(operation.scope, body.text("customer"))
        before = repeated(kind, symptom, line, work, situation.at, catalogue, operation.document)
        if before is not None:
            fields, level = _repeat_of(before, kind)
            fields["links"] = [link(before, "repeat", operation, situation.at)]
        fields |= {"place": body.maybe_text("place"), "rural": rural, "commitment": body.maybe_text("commitment")}
        clock = clock_named(kind, symptom, catalogue, origin, rural, level)
    found = deadlines(clock, tier, situation.at, catalogue)
    due = body.maybe_number("due")
    flags: tuple[Reason, ...] = ()
    if due is not None and found.due is not None and due > found.due + DUE_SLACK_MS:
        latest = deadlines(clock, tier, situation.at + DUE_SLACK_MS, catalogue).due
        if latest is not None and due > latest:
            flags = (Reason.of("due_beyond_limit", limit=found.due, due=due),)
    fields = {
        "number": body.text("number"),
        "kind": kind,
        "origin": origin,
        "customer": body.text("customer"),
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "symptom": symptom,
        "title": body.text("title"),
        "words": body.maybe_text("words") or "",
        "wants": body.maybe_text("wants"),
        "person": dict(body.mapping("person")),
        "tier": tier,
        "level": level,
        "chases": 0,
        "returns": 0,
        "state": "open",
        "station": "front",
        "department": None,
        "owner": operation.actor,
        "first_responsible": operation.actor,
        "at": situation.at,
        "clock": clock.kind if clock else None,
        "clock_at": situation.at,
        "clock_from": situation.at,
        # the deadline that the customer was told stands, whatever a later computation says
        "due": due if due is not None else found.due,
        "policy_due": due if due is not None else found.policy,
        "law_due": found.law,
        "station_due": station_due("front", tier, situation.at, catalogue),
        "station_clock": "front",
        "station_at": situation.at,
        "moves": logged(
            None,
            operation,
            situation.at,
            "opened",
            text=body.maybe_text("words"),
            repeat_of=before.data.get("number") if before else None,
            raised=level > 0 or None,
        ),
        **fields,
    }
    changes = [change(operation, "ticket", **fields)]
    opened = Document(operation.scope, operation.document, "ticket", 0, fields)
    if before is not None:
        links = linked(before, link(opened, "repeated", operation, situation.at))
        changes.append(Change(before.scope, before.id, "ticket", {"links": links}, told(before)))
    changes += receipt(operation, body, situation, opened) if operation.version >= SINCE_WORK else ()
    promise = promise_of(operation, body, situation) if operation.version >= SINCE_PROMISE else None
    if promise is not None:
        changes.append(naming(operation, situation, promise, operation.document, fields["number"]))
    return Decision(tuple(changes), flags=flags, held=held)


def _repeat_of(before: Document, kind: str) -> tuple[dict[str, Any], int]:
    """Return what a repeat takes from the one before; a complaint that came again rises by one (DOMAIN rule 8)."""
    repeats = (before.data.get("repeats") or 0) + 1
    level = (before.data.get("level") or 0) + 1 if kind == "complaint" else 0
    return {"repeat_of": before.id, "repeats": repeats, "previous_handler": handler_of(before)}, level


def _split_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (DocumentNeed(operation.scope, operation.document), DocumentNeed(operation.scope, body.text("ticket")))


def _split(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Split: a part of the matter becomes a ticket of its own, which gains no time by it; merging takes it back."""
    data, other, at = ticket.data, body.text("ticket"), situation.at
    if other == ticket.id or situation.answers.document(operation.scope, other) is not None:
        return Refusal(Reason.of("exists_already", document=other))
    if data.get("state") not in WORKED:
        return Refusal(Reason.of("ticket_state", state=data.get("state"), move="split"))
    kind, symptom = body.maybe_text("kind") or data.get("kind"), body.maybe_text("symptom")
    if kind not in TICKET_KINDS:
        return Refusal(Reason.of("malformed", detail=f"unknown kind of ticket {kind}"))
    catalogue, since = situation.catalogue, int(data.get("at") or at)
    kept = ("origin", "customer", "subscription", "contact", "person", "tier", "place", "rural", "first_responsible")
    clock = clock_named(
        str(kind), symptom, catalogue, str(data.get("origin") or ""), bool(data.get("rural")), data.get("level") or 0
    )
    found = deadlines(clock, data.get("tier", "standard"), since, catalogue)
    # what the customer was told of the whole holds for each part; its own clock may end before that
    ends = [instant for instant in (data.get("policy_due", data.get("due")), found.policy) if instant is not None]
    policy = min(ends, default=None)
    due = min((end for end in (policy, found.law) if end is not None), default=None)
    part = Document(
        ticket.scope,
        other,
        "ticket",
        0,
        {name: data.get(name) for name in kept}
        | {
            "number": body.text("number"),
            "kind": kind,
            "symptom": symptom,
            "title": body.text("title"),
            "words": body.maybe_text("words") or "",
            "wants": None,
            "level": data.get("level") or 0,
            "chases": 0,
            "returns": 0,
            "state": "open",
            "station": "front",
            "department": None,
            "owner": operation.actor,
            "at": at,
            "clock": clock.kind if clock else None,
            "clock_at": since,
            "clock_from": since,
            "due": due,
            "policy_due": policy,
            "law_due": found.law,
            "station_due": station_due("front", data.get("tier", "standard"), at, catalogue),
            "station_clock": "front",
            "station_at": at,
            "split_from": ticket.id,
            "links": [link(ticket, "split_from", operation, at)],
            "moves": logged(
                None, operation, at, "opened", text=body.maybe_text("words"), split_from=data.get("number")
            ),
        },
    )
    links = linked(ticket, link(part, "split_into", operation, at))
    moves = logged(ticket, operation, at, "split", number=body.text("number"), text=body.text("title"))
    return Decision(
        (
            change(operation, "ticket", told(ticket), links=links, moves=moves),
            Change(ticket.scope, other, "ticket", part.data),
        )
    )


KINDS = (
    Kind("ticket.opened", 3, _opened_needs, _opened, spoken=True),
    Kind("ticket.split", 1, _split_needs, on_existing("ticket", _split)),
)
