"""How late a customer's open tickets are: what compensation by the day is computed from."""

from __future__ import annotations

from agentdesk.domain.case import DAY_MS, Case
from agentdesk.domain.documents import Document, is_open


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


def days_late(case: Case) -> int:
    """Return for how many days the oldest one is late, started days counting whole; 0 if none is."""
    late = [t.data["due"] for t in late_tickets(case)]
    return -(-(case.at - min(late)) // DAY_MS) if late else 0
