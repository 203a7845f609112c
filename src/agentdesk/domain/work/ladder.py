"""Overdue tickets climb by themselves, one rung at a time, to a named role (DOMAIN rule 7, policy §4).

The owner is warned when most of the time is used; then the ladder's rungs follow at their minutes after due. A pause
ends by itself. It is all in `domain.timers`, so the centre does it and a desk without a line sees what is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentdesk.domain.documents import Document
from agentdesk.domain.times.calendar import calendar_of
from agentdesk.domain.times.clocks import limit_of_ticket
from agentdesk.domain.times.timers import Timer, first_open
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

WARNED, ESCALATED, PAUSE_OVER = "ticket.warned", "ticket.escalated", "ticket.pause_over"
OWNER = "owner"
"""The lowest rung: whoever has the ticket is warned."""
UNTIL = "until"
"""The rung of a pause that ends by itself."""

RUNNING = frozenset({"open", "dispatched", "accepted", "returned", "reopened"})
"""The states of a ticket in which its own clock runs: an answer is still to be found."""


def ladder(ticket: Document, catalogue: Catalogue) -> Timer | None:
    """Return what time brings a ticket next; None when it waits for nothing.

    While it is paused only the law's clock climbs, which never pauses; once it is answered the clock of the follow-up.
    """
    data = ticket.data
    state = data.get("state")
    if state == "paused":
        until = (data.get("paused") or {}).get("until")
        ends = Timer(int(until), PAUSE_OVER, UNTIL) if until is not None else None
        climbs = first_open(ticket, _steps(catalogue, data.get("law_due")))
        return min((one for one in (ends, climbs) if one is not None), default=None)
    if state == "replied":
        return first_open(ticket, _steps(catalogue, data.get("station_due")))
    if state not in RUNNING:
        return None
    return first_open(ticket, _steps(catalogue, data.get("due"), _warn_at(ticket, catalogue)))


def rungs(catalogue: Catalogue) -> tuple[tuple[str, int], ...]:
    """Return the ladder's rungs with their minutes after due, the lowest first."""
    return tuple(sorted(catalogue.rules.ladder.items(), key=lambda rung: (rung[1], rung[0])))


def _steps(catalogue: Catalogue, due: int | None, warn: int | None = None) -> Iterator[Timer]:
    if due is None:
        return
    if warn is not None and warn < due:
        yield Timer(warn, WARNED, OWNER)
    for name, minutes in rungs(catalogue):
        yield Timer(due + minutes * MINUTE_MS, ESCALATED, name)


def _warn_at(ticket: Document, catalogue: Catalogue) -> int | None:
    """Return when so much of a ticket's time is used that its owner is warned, in the time of its own clock."""
    data = ticket.data
    if data.get("due") is None:
        return None
    due = int(data["due"])
    begun = int(data.get("clock_at") or data.get("at") or due)
    percent = catalogue.rules.warn_percent
    limit = limit_of_ticket(ticket, catalogue)
    if limit is None or limit.unit == "natural":
        return begun + max(0, due - begun) * percent // 100
    calendar = calendar_of(limit, catalogue.calendars)
    return calendar.working_after(begun, calendar.working_ms(begun, due) * percent // 100)
