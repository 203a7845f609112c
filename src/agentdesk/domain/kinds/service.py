"""Services by phone as orders (电话办理): ordered in the call, effected by the network or a department, or not.

`ordered → effected | failed | cancelled`; what should work at once and doesn't is `late` until it does (seeds 000:
named services effective at once). `effected → undone` when it is taken back. An order was spoken to a customer: at the
desk what doesn't pass isn't ordered, at the centre it is flagged and stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import DUE_SLACK_MS, change, exists, logged, on_existing
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.kinds.identity import caller_role_of, methods_of, standing_level
from agentdesk.domain.needs import DocumentNeed, Need, WorkNeed
from agentdesk.domain.offering.parameters import wanting
from agentdesk.domain.offering.service_effects import Order, effects
from agentdesk.domain.offering.services import due_at, stand
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import Timer, done

if TYPE_CHECKING:
    from agentdesk.domain.guidance.knowledge import Service
    from agentdesk.domain.policy import Catalogue

TYPE = "service_order"
OVERDUE = "service.overdue"
LATE = "late"
RUNNING = frozenset({"ordered", "late"})
"""The states in which an order may still take effect by itself."""


def timer(document: Document, catalogue: Catalogue) -> Timer | None:
    """Return when an order is overdue.

    What works at once has `rules.instant_within_s`, unless it was taken with the line down: then, and for all others,
    the time that the customer was told counts.
    """
    data = document.data
    if data.get("state") != "ordered" or LATE in (data.get("rungs") or {}):
        return None
    due, at = data.get("due"), data.get("at")
    if data.get("effective") == "at_once" and data.get("mode") != "later" and at is not None:
        return Timer(at + catalogue.rules.instant_within_s * 1000, OVERDUE, LATE)
    return Timer(due, OVERDUE, LATE) if due is not None else None


def _ordered_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.text("customer")
    return (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, customer),
        WorkNeed(operation.scope, customer),
        *_contact_need(operation, body),
    )


def _contact_need(operation: Operation, body: Body) -> tuple[Need, ...]:
    contact = body.maybe_text("contact")
    return (DocumentNeed(body.maybe_text("contact_scope") or operation.scope, contact),) if contact else ()


def _contact(operation: Operation, body: Body, situation: Situation) -> Document | None:
    contact = body.maybe_text("contact")
    if contact is None:
        return None
    return situation.answers.document(body.maybe_text("contact_scope") or operation.scope, contact)


def _ordered(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    code, due = body.text("service"), body.number("due")
    parameters = dict(body.mapping("parameters"))
    service = situation.catalogue.services.get(code)
    document = situation.answers.document(operation.scope, body.text("customer"))
    flags: tuple[Reason, ...] = ()
    held: Reason | None = None
    if service is None:
        held = Reason.of("unknown_service", service=code)
    elif document is None or document.type != "customer":
        held = Reason.of("unknown_customer", customer=body.text("customer"))
    else:
        flags = _collisions(operation, body, situation, service, Customer(document), parameters, due)
    online = body.text("line") != "down"
    fields = {
        "number": body.text("number"),
        "customer": body.text("customer"),
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "contact_scope": body.maybe_text("contact_scope"),
        "service": code,
        "catalogue": operation.catalogue,
        "name_zh": service.name.zh if service else code,
        "name_en": service.name.en if service else code,
        "about": body.maybe_text("about"),
        "state": "ordered",
        "parameters": parameters,
        "fee": body.maybe_number("fee"),
        "effective": service.effective if service else "within",
        "mode": "later" if service and service.offline == "later" and not online else "same",
        "due": due,
        "department": service.department if service else None,
        "undo": service.undo if service else None,
        "undoes": body.maybe_text("undoes"),
        "promise": service.promise if service else None,
        "owner": operation.actor,
        "site": operation.site,
        "line": body.text("line"),
        "confirm": dict(body.mapping("confirm")),
        "done": dict(body.mapping("done")),
        "confirmed_s": body.maybe_number("confirmed_s"),
        "verification": dict(body.mapping("verification")),
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "ordered"),
    }
    ordered = change(operation, TYPE, _told(fields), **fields)
    return Decision((ordered,), (), flags, held)


def _collisions(
    operation: Operation,
    body: Body,
    situation: Situation,
    service: Service,
    customer: Customer,
    parameters: Mapping[str, Any],
    due: int,
) -> tuple[Reason, ...]:
    """Return what an order collides with: none of it may be at the desk, all of it stands at the centre."""
    wanted = body.maybe_text("subscription")
    line = customer.subscription(wanted)
    contact = _contact(operation, body, situation)
    work = situation.answers.work(operation.scope, customer.document.id)
    case = Case(
        customer=customer,
        line=line,
        work=tuple(d for d in work if d.id != operation.document),
        at=situation.at,
        role=operation.role,
        level=standing_level(contact, customer, line),
        methods=methods_of(contact, customer, line),
        caller_role=caller_role_of(contact),
        # a desk that has lost the line can't order as if it were there, whatever was painted before
        online=body.text("line") != "down" and situation.online is not False,
        actor=operation.actor,
    )
    # what a role may do at all is asked of every operation, by the newest policy
    standing = stand(service, case, situation.catalogue, parameters, whoever=True)
    flags = (*(() if standing.status == "available" else standing.reasons), *wanting(service, parameters))
    if wanted is not None and line is None:
        flags = (*flags, Reason.of("unknown_line", line=wanted))
    tier = case.tier(situation.catalogue)
    latest = due_at(service, tier, case.online, situation.at + DUE_SLACK_MS, situation.catalogue)
    soonest = due_at(service, tier, case.online, situation.at - DUE_SLACK_MS, situation.catalogue)
    if due > latest:
        flags = (*flags, Reason.of("due_beyond_limit", limit=standing.due, due=due))
    elif due < soonest:
        flags = (*flags, Reason.of("due_too_soon", limit=standing.due, due=due))
    return flags


def _told(data: Mapping[str, Any]) -> tuple[str, ...]:
    unit = data.get("department")
    return (f"department/{unit}",) if unit else ()


def _move(operation: Operation, order: Document, at: int, state: str, **fields: Any) -> Change:
    text = fields.pop("text", None)
    moves = logged(order, operation, at, state, text=text)
    return change(operation, TYPE, _told(order.data), state=state, moves=moves, **fields)


def _wrong_state(order: Document, move: str) -> Refusal:
    return Refusal(Reason.of("order_state", state=order.data.get("state"), move=move))


def _ended_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    """Need the order, its customer whose lines change with it, and the order that it takes back."""
    found: list[Need] = [DocumentNeed(operation.scope, operation.document)]
    for name in ("customer", "undoes"):
        wanted = body.maybe_text(name)
        if wanted is not None and wanted != operation.document:
            found.append(DocumentNeed(operation.scope, wanted))
    return tuple(found)


def _effected(operation: Operation, body: Body, situation: Situation, order: Document) -> Outcome:
    """Take effect: with the instant at which it did (ms UTC) and the proof; the customer's lines show it.

    A network may still do what it had said it can't, so a failed order can take effect too.
    """
    data, at, proof = order.data, body.number("at"), body.text("proof")
    if body.maybe_text("customer") not in (None, data.get("customer")):
        return Refusal(Reason.of("malformed", detail="the order is another customer's"))
    if body.maybe_text("undoes") not in (None, data.get("undoes")):
        return Refusal(Reason.of("malformed", detail="the order takes back another one"))
    if data.get("state") not in RUNNING | {"failed"}:
        return _wrong_state(order, "effected")
    made = data.get("at") or at
    effected = _move(
        operation,
        order,
        situation.at,
        "effected",
        text=proof,
        effected_at=at,
        proof=proof,
        took_ms=max(0, at - made),
        was_late=data.get("state") == LATE or at > (data.get("due") or at) or None,
        closed_at=situation.at,
    )
    changes = [effected]
    customer = situation.answers.document(operation.scope, data.get("customer") or "")
    if customer is not None and customer.type == "customer":
        how = Order(data.get("parameters") or {}, at, situation.catalogue)
        fields = effects(str(data.get("service")), customer.data, data.get("subscription"), how)
        if fields:
            changes.append(Change(customer.scope, customer.id, "customer", fields))
    earlier = situation.answers.document(operation.scope, body.maybe_text("undoes") or "")
    if earlier is not None and earlier.type == TYPE and earlier.data.get("state") == "effected":
        moves = logged(earlier, operation, situation.at, "undone", by_order=order.id)
        fields = {"state": "undone", "undone_at": at, "undone_by": order.id, "moves": moves}
        changes.append(Change(earlier.scope, earlier.id, TYPE, fields, _told(earlier.data)))
    return Decision(tuple(changes))


def _failed(operation: Operation, body: Body, situation: Situation, order: Document) -> Outcome:
    """Say that it can't be done, and why: whoever ordered it tells the customer, so it stays open work."""
    if order.data.get("state") not in RUNNING:
        return _wrong_state(order, "failed")
    reason = body.text("reason")
    return Decision((_move(operation, order, situation.at, "failed", text=reason, failure=reason),))


def _cancelled(operation: Operation, body: Body, situation: Situation, order: Document) -> Outcome:
    """End an order that took no effect: the customer wants it no more, or was promised something in its place."""
    if order.data.get("state") not in RUNNING | {"failed"}:
        return _wrong_state(order, "cancelled")
    reason, promise = body.text("reason"), body.maybe_text("promise")
    more = {"promised": promise} if promise else {}
    return Decision((_move(operation, order, situation.at, "cancelled", text=reason, closed_at=situation.at, **more),))


def _undone(operation: Operation, body: Body, situation: Situation, order: Document) -> Outcome:
    """Note that an effect was taken back by hand, without an order of the service that undoes it."""
    if order.data.get("state") != "effected":
        return _wrong_state(order, "undone")
    reason = body.text("reason")
    return Decision((_move(operation, order, situation.at, "undone", text=reason, undone_at=situation.at),))


def _overdue(operation: Operation, body: Body, situation: Situation, order: Document) -> Outcome:
    """Mark what hasn't taken effect in its time: it shows at the desk that ordered it."""
    fields = {"late_at": situation.at, "rungs": done(order, body.text("rung"), situation.at)}
    return Decision((_move(operation, order, situation.at, LATE, **fields),))


KINDS = (
    Kind("service.ordered", 1, _ordered_needs, _ordered, spoken=True),
    Kind("service.effected", 1, _ended_needs, on_existing(TYPE, _effected)),
    Kind("service.failed", 1, _ended_needs, on_existing(TYPE, _failed)),
    Kind("service.cancelled", 1, _ended_needs, on_existing(TYPE, _cancelled)),
    Kind("service.undone", 1, _ended_needs, on_existing(TYPE, _undone)),
    Kind(OVERDUE, 1, timed_needs, on_timer(TYPE, _overdue), timed=True),
)
