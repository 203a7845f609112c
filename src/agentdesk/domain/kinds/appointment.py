"""Appointments (预约): at a hall or at the customer's home, with a slot that is held, a reminder, and what came of it.

`booked` → `arrived` → `served`; `cancelled`; `missed` by its clock. One that the company missed, and a VIP who had to
queue in spite of it, is a breach that stays visible. What was told to a customer is honoured: a slot that two sites
took without seeing each other is flagged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import ORG, Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import change, exists, logged, on_existing
from agentdesk.domain.kinds._handing import handed, handed_needs
from agentdesk.domain.kinds._timed import on_timer
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.outlet.hall import HOME, PURPOSES, capacity_of, day_of, key_of, slots_id, taken
from agentdesk.domain.times.timers import Timer, done
from agentdesk.domain.work.notices import mobile_of, said_time, worded

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

MINUTE_MS = 60_000
REMINDED, MISSED = "appointment.reminded", "appointment.missed"
OPEN = frozenset({"booked", "arrived"})


def _slot_needs(scope: str, where: str, at: int) -> tuple[Need, ...]:
    needs: tuple[Need, ...] = (DocumentNeed(scope, slots_id(where, day_of(at))),)
    return needs if where == HOME else (*needs, DocumentNeed(ORG, where))


def _booked_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, body.text("customer")),
        *_slot_needs(operation.scope, body.text("where"), body.number("slot")),
    )


def _taking(
    operation: Operation, situation: Situation, where: str, slot: int
) -> tuple[tuple[Change, ...], tuple[Reason, ...]]:
    """Hold a slot; says what is against it."""
    name = slots_id(where, day_of(slot))
    document = situation.answers.document(operation.scope, name)
    outlet = situation.answers.document(ORG, where) if where != HOME else None
    key = key_of(slot)
    held = taken(document, key)
    flags = []
    if slot <= situation.at - 15 * MINUTE_MS:
        flags.append(Reason.of("slot_past"))
    if operation.document not in held and len(held) >= capacity_of(outlet, where, situation.catalogue.rules.hall):
        flags.append(Reason.of("slot_full", n=len(held)))
    now = dict(document.data.get("taken") or {}) if document is not None else {}
    now[key] = sorted({*held, operation.document})
    fields: dict[str, Any] = {"taken": now, "where": where, "day": day_of(slot).isoformat()}
    return (Change(operation.scope, name, "slots", fields),), tuple(flags)


def _freed(operation: Operation, situation: Situation, where: str, slot: int) -> Change | None:
    name = slots_id(where, day_of(slot))
    document = situation.answers.document(operation.scope, name)
    if document is None:
        return None
    key = key_of(slot)
    now = dict(document.data.get("taken") or {})
    now[key] = [one for one in taken(document, key) if one != operation.document]
    return Change(operation.scope, name, "slots", {"taken": now})


def _booked(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Book a slot, and queue the text that says so."""
    refused = exists(operation, situation)
    if refused:
        return refused
    where, slot, purpose = body.text("where"), body.number("slot"), body.text("purpose")
    if purpose not in PURPOSES:
        return Refusal(Reason.of("malformed", detail=f"unknown purpose {purpose}"))
    changes, flags = _taking(operation, situation, where, slot)
    customer = body.text("customer")
    made = change(
        operation,
        "appointment",
        number=body.text("number"),
        customer=customer,
        subscription=body.maybe_text("subscription"),
        contact=body.maybe_text("contact"),
        promise=body.maybe_text("promise"),
        where=where,
        place=body.text("place"),
        purpose=purpose,
        slot=slot,
        due=slot,
        engineer=body.maybe_text("engineer"),
        note=body.maybe_text("note"),
        owner=operation.actor,
        department=body.maybe_text("department"),
        state="booked",
        at=situation.at,
        moves=logged(None, operation, situation.at, "booked"),
    )
    told = _text(operation, body, situation, "appointment", "booked", made.fields)
    return Decision((made, *changes, *told), flags=flags)


def _text(
    operation: Operation, body: Body, situation: Situation, code: str, suffix: str, data: Any
) -> tuple[Change, ...]:
    """Return the text to the customer, where he has a mobile."""
    document = situation.answers.document(operation.scope, str(data.get("customer") or ""))
    to = mobile_of(Customer(document)) if document is not None else None
    if to is None:
        return ()
    language = body.maybe_text("language") or "zh"
    blanks = {
        "number": str(data.get("number") or ""),
        "place": str(data.get("place") or ""),
        "due": said_time(int(data.get("slot") or 0), language),
    }
    text = worded(
        situation.catalogue,
        code,
        operation.scope,
        operation.document,
        to,
        situation.at,
        suffix=suffix,
        language=language,
        blanks=blanks,
        customer=data.get("customer"),
    )
    return (text,) if text is not None else ()


def _moved_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (
        DocumentNeed(operation.scope, operation.document),
        *_slot_needs(operation.scope, body.text("where"), body.number("slot")),
        *_slot_needs(operation.scope, body.text("from_where"), body.number("from_slot")),
    )


def _closed(appointment: Document, move: str, states: frozenset[str] = OPEN) -> Refusal | None:
    state = appointment.data.get("state")
    return None if state in states else Refusal(Reason.of("appointment_state", state=state, move=move))


def _moved(operation: Operation, body: Body, situation: Situation, appointment: Document) -> Outcome:
    """Move an appointment to another slot; the old one is free again."""
    refused = _closed(appointment, "moved", frozenset({"booked", "missed"}))
    if refused:
        return refused
    where, slot = body.text("where"), body.number("slot")
    changes, flags = _taking(operation, situation, where, slot)
    before = _freed(operation, situation, body.text("from_where"), body.number("from_slot"))
    same_day = before is not None and before.id == changes[0].id
    if same_day and before is not None:
        # one document of one day: what is freed and what is taken stand in it together
        kept = {**changes[0].fields["taken"], **{k: v for k, v in before.fields["taken"].items() if k != key_of(slot)}}
        kept[key_of(slot)] = changes[0].fields["taken"][key_of(slot)]
        changes, before = (Change(operation.scope, before.id, "slots", {**changes[0].fields, "taken": kept}),), None
    moved = change(
        operation,
        "appointment",
        where=where,
        place=body.text("place"),
        slot=slot,
        due=slot,
        state="booked",
        rungs={},
        moves=logged(appointment, operation, situation.at, "moved", text=body.maybe_text("reason"), to=key_of(slot)),
    )
    return Decision((moved, *changes, *((before,) if before else ())), flags=flags)


def _over_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (
        DocumentNeed(operation.scope, operation.document),
        *_slot_needs(operation.scope, body.text("where"), body.number("slot")),
    )


def _cancelled(operation: Operation, body: Body, situation: Situation, appointment: Document) -> Outcome:
    """Cancel an appointment for the customer; its slot is free again."""
    refused = _closed(appointment, "cancelled")
    if refused:
        return refused
    freed = _freed(operation, situation, body.text("where"), body.number("slot"))
    ended = change(
        operation,
        "appointment",
        state="cancelled",
        closed_at=situation.at,
        moves=logged(appointment, operation, situation.at, "cancelled", text=body.text("reason")),
    )
    return Decision((ended, *((freed,) if freed else ())))


def _own(operation: Operation, body: Body) -> tuple[Need, ...]:
    promise = body.maybe_text("promise")
    own = DocumentNeed(operation.scope, operation.document)
    return (own, DocumentNeed(operation.scope, promise)) if promise else (own,)


def _arrived(operation: Operation, _body: Body, situation: Situation, appointment: Document) -> Outcome:
    """Note that the customer is here, or the engineer at the customer's door."""
    refused = _closed(appointment, "arrived", frozenset({"booked", "missed"}))
    if refused:
        return refused
    moves = logged(appointment, operation, situation.at, "arrived")
    return Decision((change(operation, "appointment", state="arrived", arrived_at=situation.at, moves=moves),))


def _served(operation: Operation, body: Body, situation: Situation, appointment: Document) -> Outcome:
    """End an appointment; `waited` (ms) is how long the customer queued: for one with an appointment it is a breach."""
    refused = _closed(appointment, "served")
    if refused:
        return refused
    waited = body.maybe_number("waited")
    if waited is None:
        waited = max(0, situation.at - int(appointment.data.get("arrived_at") or situation.at))
    breach = appointment.data.get("where") != HOME and waited > situation.catalogue.rules.hall.vip_wait * MINUTE_MS
    moves = logged(appointment, operation, situation.at, "served", waited=waited, breach=breach or None)
    fields: dict[str, Any] = {"state": "served", "waited": waited, "closed_at": situation.at, "moves": moves}
    if breach:
        fields |= {"breach": "queued"}
    changes = [change(operation, "appointment", **fields)]
    changes += _late_promise(operation, body, situation, "queued") if breach else []
    return Decision(tuple(changes))


def _late_promise(operation: Operation, body: Body, situation: Situation, why: str) -> list[Change]:
    """Mark the promise that an appointment keeps as not kept well."""
    promise = situation.answers.document(operation.scope, body.maybe_text("promise") or "")
    if promise is None or promise.type != "commitment":
        return []
    moves = logged(promise, operation, situation.at, "breached", text=why)
    return [Change(operation.scope, promise.id, "commitment", {"late": True, "moves": moves})]


def appointment_timer(document: Document, catalogue: Catalogue) -> Timer | None:
    """Return what happens next by itself: a reminder before, and when nobody came in time, that it was missed."""
    data = document.data
    if data.get("state") != "booked":
        return None
    slot, rules = int(data.get("slot") or 0), catalogue.rules.hall
    remind = slot - rules.remind * MINUTE_MS
    # one that is booked shortly before needs no reminder
    if "remind" not in (data.get("rungs") or {}) and int(data.get("at") or 0) < remind:
        return Timer(remind, REMINDED, "remind")
    return Timer(slot + rules.missed * MINUTE_MS, MISSED, "missed")


def _reminded(operation: Operation, body: Body, situation: Situation, appointment: Document) -> Outcome:
    rungs = done(appointment, body.text("rung"), situation.at)
    marked = change(operation, "appointment", rungs=rungs)
    text = _text(operation, body, situation, "appointment_reminder", "reminder", appointment.data)
    return Decision((marked, *text))


def _missed(operation: Operation, body: Body, situation: Situation, appointment: Document) -> Outcome:
    """Note that nobody came: at the customer's home it is the company's breach (爽约), at a hall it isn't."""
    ours = appointment.data.get("where") == HOME
    fields: dict[str, Any] = {
        "state": "missed",
        "closed_at": situation.at,
        "rungs": done(appointment, body.text("rung"), situation.at),
        "moves": logged(appointment, operation, situation.at, "missed", breach=ours or None),
    }
    if ours:
        fields["breach"] = "missed_visit"
    return Decision((change(operation, "appointment", **fields),))


def _timed_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.maybe_text("customer")
    own = DocumentNeed(operation.scope, operation.document)
    return (own, DocumentNeed(operation.scope, customer)) if customer else (own,)


KINDS = (
    Kind("appointment.booked", 1, _booked_needs, _booked, spoken=True),
    Kind("appointment.moved", 1, _moved_needs, on_existing("appointment", _moved), spoken=True),
    Kind("appointment.cancelled", 1, _over_needs, on_existing("appointment", _cancelled)),
    Kind("appointment.arrived", 1, _own, on_existing("appointment", _arrived)),
    Kind("appointment.served", 1, _own, on_existing("appointment", _served)),
    Kind("appointment.handed_over", 1, handed_needs, on_existing("appointment", handed)),
    Kind(REMINDED, 1, _timed_needs, on_timer("appointment", _reminded), timed=True),
    Kind(MISSED, 1, _timed_needs, on_timer("appointment", _missed), timed=True),
)
