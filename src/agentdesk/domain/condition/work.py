"""Conditions on a customer's work: tickets, promises, orders, visits, announcements, and what led to this call."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.condition.words import Reason, Word
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.case import Case
    from agentdesk.domain.policy import Catalogue

_DROPS = frozenset({"network", "failure", "congestion"})
TICKET_KINDS = frozenset({"fault", "complaint", "request", "inquiry", "feedback"})
REPEAT_DAYS = 30
"""How long an earlier matter counts where neither the condition nor the policy's rules say it."""


def _open_tickets(case: Case, args: Mapping[str, Any]) -> Iterator[Document]:
    """Yield the open tickets of some kinds and classes; a class stands for those below it, too."""
    kinds: Collection[str] | None = args.get("kinds")
    for ticket in case.tickets:
        data = ticket.data
        if data.get("state") == "archived" or (kinds is not None and data.get("kind") not in kinds):
            continue
        if _of_class(ticket, args.get("classes")):
            yield ticket


def _of_class(ticket: Document, classes: Collection[str] | None) -> bool:
    symptom = str(ticket.data.get("symptom") or "")
    return classes is None or any(symptom == code or symptom.startswith(f"{code}.") for code in classes)


def _open_ticket(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    late = args.get("late", False)
    for ticket in _open_tickets(case, args):
        if not late or (ticket.data.get("due") or case.at) < case.at:
            return None
    return Reason.of("no_ticket", kinds=tuple(args.get("kinds") or ()), late=late)


def _no_open_ticket(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    found = next(_open_tickets(case, args), None)
    return Reason.of("ticket_open", number=found.data.get("number")) if found else None


def _ticket_level(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    least = args["at_least"]
    raised = any((ticket.data.get("level") or 0) >= least for ticket in _open_tickets(case, {}))
    return None if raised else Reason.of("level_below", least=least)


def _repeat(case: Case, catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    """Hold when a matter of this kind was worked on for this line within the policy's days, and ended."""
    kinds = args["kinds"]
    for ticket in case.tickets:
        data = ticket.data
        same_line = case.line is None or data.get("subscription") in (None, case.line.id)
        days = args.get("within_days") or catalogue.rules.repeat_days.get(data.get("kind") or "", REPEAT_DAYS)
        recent = 0 <= case.at - (data.get("at") or 0) <= days * DAY_MS
        again = data.get("state") in ("archived", "reopened") or bool(data.get("repeats") or data.get("repeat_of"))
        if data.get("kind") in kinds and same_line and recent and again:
            return None
    return Reason.of("no_repeat", kinds=tuple(kinds))


def _missed_visit(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    for document in case.work:
        missed = document.type == "appointment" and document.data.get("state") == "missed"
        if missed or (document.type == "ticket" and document.data.get("missed_visits")):
            return None
    return Reason.of("no_missed_visit")


def _announcement(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    attached = any(document.type == "attachment" and is_open(document) for document in case.work)
    return None if attached else Reason.of("no_announcement")


def _pending_order(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    waiting = any(document.type == "service_order" and is_open(document) for document in case.work)
    return None if waiting else Reason.of("no_order")


def _broken_promise(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    for promise in case.promises:
        data = promise.data
        if data.get("state") == "breached" or (
            data.get("state") in ("made", "dispatched") and (data.get("due") or case.at) < case.at
        ):
            return None
    return Reason.of("no_broken_promise")


def _earlier(case: Case, days: int) -> Iterator[Document]:
    """Yield the customer's earlier contacts within some days."""
    return (d for d in case.contacts if 0 < case.at - (d.data.get("at") or 0) <= days * DAY_MS)


def _repeat_contact(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    days = args.get("within_days", 7)
    return None if next(_earlier(case, days), None) else Reason.of("no_earlier_contact", days=days)


def _dropped_call(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    """Hold when a call within the last day ended in the middle: by the network, or without having been wrapped up."""
    dropped = any(
        contact.data.get("dropped_by") in _DROPS or contact.data.get("state") == "ended"
        for contact in _earlier(case, 1)
    )
    return None if dropped else Reason.of("no_dropped_call")


def _abandoned_call(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    gone = any("abandoned" in (contact.data.get("moments") or {}) for contact in _earlier(case, 1))
    return None if gone else Reason.of("no_abandoned_call")


def _waited(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    """Hold when a call within the last day waited for so many minutes, before an answer or before giving up."""
    minutes = args["at_least"]
    for contact in _earlier(case, 1):
        moments = contact.data.get("moments") or {}
        began = moments.get("offered") or contact.data.get("at") or 0
        until = moments.get("answered") or moments.get("abandoned") or began
        if until - began >= minutes * 60_000:
            return None
    return Reason.of("not_waited", minutes=minutes)


_KINDS = {"kinds": TICKET_KINDS}

WORDS: Mapping[str, Word] = {
    "open_ticket": Word(
        _open_ticket,
        {"kinds": list, "late": bool, "classes": list},
        optional=frozenset({"kinds", "late", "classes"}),
        choices=_KINDS,
    ),
    "no_open_ticket": Word(
        _no_open_ticket, {"kinds": list, "classes": list}, optional=frozenset({"kinds", "classes"}), choices=_KINDS
    ),
    "ticket_level": Word(_ticket_level, {"at_least": int}),
    "repeat": Word(_repeat, {"kinds": list, "within_days": int}, optional=frozenset({"within_days"}), choices=_KINDS),
    "missed_visit": Word(_missed_visit, {}),
    "announcement": Word(_announcement, {}),
    "pending_order": Word(_pending_order, {}),
    "broken_promise": Word(_broken_promise, {}),
    "repeat_contact": Word(_repeat_contact, {"within_days": int}, optional=frozenset({"within_days"}), orders=True),
    "dropped_call": Word(_dropped_call, {}, orders=True),
    "abandoned_call": Word(_abandoned_call, {}, orders=True),
    "waited": Word(_waited, {"at_least": int}, orders=True),
}
