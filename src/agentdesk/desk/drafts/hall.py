"""Drafts of appointments, visits and the end of a shift, one function for each kind, pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentdesk.desk.drafts import By
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft


@dataclass(frozen=True, slots=True)
class Booking:
    """A slot to be booked: `where` is an outlet's id or `home`, `slot` its beginning, ms UTC."""

    customer: Document
    where: str
    place: str
    slot: int
    purpose: str
    line: str | None = None
    contact: str | None = None
    promise: str | None = None
    language: str = "zh"


def booked(by: By, document: str, number: str, booking: Booking) -> Draft:
    """Book a slot."""
    body = {
        "number": number,
        "customer": booking.customer.id,
        "subscription": booking.line,
        "contact": booking.contact,
        "promise": booking.promise,
        "where": booking.where,
        "place": booking.place,
        "slot": booking.slot,
        "purpose": booking.purpose,
        "language": booking.language,
    }
    return by.draft("appointment.booked", booking.customer.scope, document, body)


def moved(by: By, appointment: Document, where: str, place: str, slot: int, reason: str) -> Draft:
    """Move an appointment to another slot."""
    data = appointment.data
    body = {
        "where": where,
        "place": place,
        "slot": slot,
        "from_where": data.get("where"),
        "from_slot": data.get("slot"),
        "reason": reason or None,
    }
    return by.on("appointment.moved", appointment, body)


def cancelled(by: By, appointment: Document, reason: str) -> Draft:
    """Cancel an appointment."""
    data = appointment.data
    body = {"where": data.get("where"), "slot": data.get("slot"), "reason": reason}
    return by.on("appointment.cancelled", appointment, body)


def arrived(by: By, appointment: Document) -> Draft:
    """Note that the customer is here."""
    return by.on("appointment.arrived", appointment, {"promise": appointment.data.get("promise")})


def served(by: By, appointment: Document, waited: int | None = None) -> Draft:
    """End an appointment; `waited` in ms where it was measured."""
    return by.on("appointment.served", appointment, {"promise": appointment.data.get("promise"), "waited": waited})


def visit_started(by: By, scope: str, document: str, body: Mapping[str, Any]) -> Draft:
    """Begin a visit at the counter."""
    return by.draft("visit.started", scope, document, body)


def receipted(by: By, visit: Document, receipt: str, what: str) -> Draft:
    """Enter the number of a receipt."""
    return by.on("visit.receipted", visit, {"receipt": receipt, "for": what or None})


def visit_closed(
    by: By, visit: Document, slip: str, items: Sequence[Mapping[str, Any]], way: str, to: str | None
) -> Draft:
    """Close a visit with its slip."""
    return by.on("visit.closed", visit, {"slip": slip, "items": [dict(i) for i in items], "way": way, "to": to})


def handed_over(by: By, document: Document, to: str, note: str) -> Draft:
    """Hand a ticket, promise or call-back over to another agent."""
    return by.on(f"{document.type}.handed_over", document, {"to": to, "note": note})


def shift_ended(
    by: By, document: str, agent: str, why: str, items: Sequence[Mapping[str, str]], kept: Sequence[str]
) -> Draft:
    """Record the end of a shift."""
    body = {"agent": agent, "why": why, "items": [dict(i) for i in items], "kept": list(kept)}
    return by.draft("agent.shift_ended", by.region, document, body)
