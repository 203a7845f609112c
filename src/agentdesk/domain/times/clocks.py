"""When tickets are due: the policy's limits by kind, tier and station, and the law's own (DOMAIN rule 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentdesk.domain.documents import Document
from agentdesk.domain.times.calendar import due, earlier_of
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, TicketClock, Tier
    from agentdesk.domain.times.calendar import Limit

APPEAL = "appeal"
"""The origin and the clock of an appeal to the regulator (申诉): before every other clock."""
ESCALATED = "complaint.escalated"
"""The clock of a complaint that came again, or whose answer didn't satisfy."""
RURAL = "fault.rural"
"""The clock of a fault outside towns."""


def clock_of(kind: str, symptom: str | None, catalogue: Catalogue) -> TicketClock | None:
    """Return the clock of a ticket: the one with the longest name that its symptom begins with, else its kind's."""
    name = symptom or kind
    while name:
        clock = catalogue.tickets.get(name)
        if clock is not None:
            return clock
        name = name.rpartition(".")[0]
    return catalogue.tickets.get(kind)


def clock_named(
    kind: str, symptom: str | None, catalogue: Catalogue, origin: str = "", rural: bool = False, level: int = 0
) -> TicketClock | None:
    """Return the clock of a ticket with all that counts: an appeal's, one outside towns, an escalated complaint's."""
    tickets = catalogue.tickets
    if origin == APPEAL and APPEAL in tickets:
        return tickets[APPEAL]
    if kind == "complaint" and level > 0 and ESCALATED in tickets:
        return tickets[ESCALATED]
    if kind == "fault" and rural and not (symptom or "").startswith("fault.mobile") and RURAL in tickets:
        return tickets[RURAL]
    return clock_of(kind, symptom, catalogue)


def clock_of_ticket(ticket: Document, catalogue: Catalogue) -> TicketClock | None:
    """Return the clock that a ticket runs under: the one it was given, else that of its kind and symptom."""
    named = catalogue.tickets.get(str(ticket.data.get("clock") or ""))
    if named is not None:
        return named
    return clock_of(str(ticket.data.get("kind")), ticket.data.get("symptom"), catalogue)


class Deadlines(NamedTuple):
    """What a clock gives, ms UTC: the policy's own end, the law's, and the earlier of both."""

    policy: int | None
    law: int | None
    due: int | None


def deadlines(clock: TicketClock | None, tier: Tier, at: int, catalogue: Catalogue) -> Deadlines:
    """Return when a clock that starts at an instant ends; None where none is kept."""
    if clock is None:
        return Deadlines(None, None, None)
    law = due(clock.law, catalogue.calendars, at) if clock.law else None
    limit = clock.limits.get(tier)
    if limit is None:
        return Deadlines(None, law, law)
    policy = due(limit, catalogue.calendars, at)
    return Deadlines(policy, law, earlier_of(policy, law))


def limit_of_ticket(ticket: Document, catalogue: Catalogue) -> Limit | None:
    """Return the policy's limit that a ticket runs under."""
    clock = clock_of_ticket(ticket, catalogue)
    tier: Tier = ticket.data.get("tier", "standard")
    return clock.limits.get(tier) if clock else None


def ticket_due(
    kind: str, symptom: str | None, tier: Tier, at: int, catalogue: Catalogue
) -> tuple[int | None, int | None]:
    """Return when a ticket is due and when the law's clock ends, ms UTC; None where no clock is kept."""
    found = deadlines(clock_of(kind, symptom, catalogue), tier, at, catalogue)
    return found.due, found.law


def station_due(station: str, tier: Tier, at: int, catalogue: Catalogue, ticket_due: int | None = None) -> int | None:
    """Return until when a ticket may lie at a station, ms UTC, never later than `ticket_due`.

    A station without a time of its own must be done some minutes before the ticket is due, though not before `at`.
    """
    clock = catalogue.stations.get(station)
    if clock is None:
        return ticket_due
    limit, before = clock.limits.get(tier), clock.before_due.get(tier)
    ends = [] if ticket_due is None else [ticket_due]
    if limit is not None:
        ends.append(due(limit, catalogue.calendars, at))
    if before is not None and ticket_due is not None:
        ends.append(max(at, ticket_due - before * MINUTE_MS))
    return min(ends, default=None)
