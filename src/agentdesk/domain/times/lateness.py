"""How late a customer's open tickets are, or a promise that was broken: what compensation by the day rests on."""

from __future__ import annotations

from agentdesk.domain.case import Case
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.times.zone import DAY_MS


def late_tickets(case: Case) -> tuple[Document, ...]:
    """Return the open tickets whose time is over; of the line in question where a ticket names one."""
    line = case.line.id if case.line else None
    return tuple(
        t
        for t in case.tickets
        if is_open(t)
        and t.data.get("due")
        and t.data["due"] < case.at
        and (line is None or t.data.get("subscription") in (None, line))
    )


def broken(case: Case) -> Document | None:
    """Return the promise that something is given under, if its time is over."""
    promise = case.under
    if promise is None or promise.type != "commitment" or promise.data.get("due") is None:
        return None
    return promise if promise.data["due"] <= case.at else None


def late_since(case: Case) -> int | None:
    """Return since when the oldest of what is late is late, ms UTC; None if nothing is."""
    promise = broken(case)
    late = [t.data["due"] for t in late_tickets(case)] if promise is None else [promise.data["due"]]
    return min(late, default=None)


def days_late(case: Case) -> int:
    """Return for how many days the oldest one is late, started days counting whole; 0 if none is."""
    since = late_since(case)
    return 0 if since is None else max(1, -(-(case.at - since) // DAY_MS))
