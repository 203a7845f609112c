"""When tickets are due: the policy's limits by kind, tier and station, and the law's own (DOMAIN rule 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.domain.calendar import due, earlier_of
from agentdesk.domain.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, TicketClock, Tier


def clock_of(kind: str, symptom: str | None, catalogue: Catalogue) -> TicketClock | None:
    """Return the clock of a ticket: the one with the longest name that its symptom begins with, else its kind's."""
    name = symptom or kind
    while name:
        clock = catalogue.tickets.get(name)
        if clock is not None:
            return clock
        name = name.rpartition(".")[0]
    return catalogue.tickets.get(kind)


def ticket_due(
    kind: str, symptom: str | None, tier: Tier, at: int, catalogue: Catalogue
) -> tuple[int | None, int | None]:
    """Return when a ticket is due and when the law's clock ends, ms UTC; None where no clock is kept."""
    clock = clock_of(kind, symptom, catalogue)
    if clock is None:
        return None, None
    law = due(clock.law, catalogue.calendars, at) if clock.law else None
    limit = clock.limits.get(tier)
    if limit is None:
        return law, law
    return earlier_of(due(limit, catalogue.calendars, at), law), law


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
