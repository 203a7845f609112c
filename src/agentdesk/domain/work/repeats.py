"""Repeat contact (重复来电): whether the same matter came before, who had it, and how tickets know of each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

MOBILE_FAULTS = "fault.mobile"
MOST_LINKS = 40
"""So many other tickets one knows of, the newest: nobody reads more, and nothing grows without end."""


def repeated(
    kind: str,
    symptom: str | None,
    line: str | None,
    work: Iterable[Document],
    at: int,
    catalogue: Catalogue,
    own: str = "",
) -> Document | None:
    """Return the newest ticket of a customer's work that a new one repeats (DOMAIN rule 8, policy §5).

    The same kind and symptom, still open, or closed so many days ago at the longest as the policy says for the kind.
    One that was merged away doesn't count: the one that took it does. Only with mobile faults and requests two lines
    are two matters: who rings about his broadband rings from another line than the one in question.
    """
    window = catalogue.rules.repeat_days.get(kind, 0) * DAY_MS
    found = [
        ticket
        for ticket in work
        if ticket.type == "ticket"
        and ticket.id != own
        and ticket.data.get("kind") == kind
        and _same_matter(symptom, ticket.data.get("symptom"))
        and _same_line(kind, symptom, line, ticket.data.get("subscription"))
        and _in_window(ticket, at, window)
    ]
    return max(found, key=lambda ticket: (ticket.data.get("at") or 0, ticket.id), default=None)


def _same_matter(one: str | None, other: str | None) -> bool:
    """Tell whether two symptoms are one matter: the same class, or one is a level above the other."""
    if not one or not other:
        return False
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _same_line(kind: str, symptom: str | None, one: str | None, other: str | None) -> bool:
    counts = kind == "request" or (symptom or "").startswith(MOBILE_FAULTS)
    return not counts or not one or not other or one == other


def _in_window(ticket: Document, at: int, window: int) -> bool:
    state, closed = ticket.data.get("state"), ticket.data.get("closed_at")
    if state == "merged" or (ticket.data.get("at") or 0) > at:
        return False
    return state != "archived" or (closed is not None and at <= closed + window)


def handler_of(ticket: Document) -> str | None:
    """Return who had a ticket: who answered it last, else who has it, else who took it."""
    data = ticket.data
    answered = [move.get("by") for move in data.get("moves") or () if move.get("what") == "replied"]
    found = answered[-1] if answered else data.get("owner") or data.get("first_responsible")
    return str(found) if found else None


def link(other: Document, relation: str, operation: Operation, at: int) -> dict[str, Any]:
    """Return what a ticket knows of another one."""
    return {
        "ticket": other.id,
        "number": other.data.get("number"),
        "title": other.data.get("title"),
        "relation": relation,
        "by": operation.actor,
        "at": at,
        "op": operation.id,
    }


def linked(ticket: Document, new: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a ticket's links with one more; another one to the same ticket, with the same relation, gives way."""
    kept = [
        known
        for known in ticket.data.get("links") or ()
        if (known.get("ticket"), known.get("relation")) != (new["ticket"], new["relation"])
    ]
    return [*kept, new][-MOST_LINKS:]


def unlinked(ticket: Document, other: str, relations: frozenset[str]) -> list[Mapping[str, Any]]:
    """Return a ticket's links without those to another one of some relations."""
    return [
        known
        for known in ticket.data.get("links") or ()
        if known.get("ticket") != other or known.get("relation") not in relations
    ]
