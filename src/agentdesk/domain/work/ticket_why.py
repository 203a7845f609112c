"""Why a ticket's deadlines fall when they fall, line by line: the policy's clock, pauses, the law's, the station's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentdesk.domain.documents import Document
from agentdesk.domain.times.calendar import due as end_of
from agentdesk.domain.times.calendar import elapsed
from agentdesk.domain.times.clocks import clock_of_ticket
from agentdesk.domain.times.why import Line, due_explained
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Tier


def ticket_explained(ticket: Document, catalogue: Catalogue) -> tuple[Line, ...]:
    """Return the lines that explain a ticket's deadline and that of its station.

    Beside the codes of `domain.why`: `clock` name tier · `no_clock` · `told` at · `paused` reason from to ms due ·
    `pausing` reason from until · `merged` number at · `law` ms at · `counts` which (policy or law) at · `station` clock
    ms at · `before_due` clock ms at. Instants and amounts are ms.
    """
    return (*_policy(ticket, catalogue), *_law(ticket, catalogue), *_counts(ticket), *_station(ticket, catalogue))


def _policy(ticket: Document, catalogue: Catalogue) -> Iterator[Line]:
    data = ticket.data
    clock = clock_of_ticket(ticket, catalogue)
    tier: Tier = data.get("tier", "standard")
    limit = clock.limits.get(tier) if clock else None
    begun = data.get("clock_from", data.get("at"))
    if clock is None or limit is None or begun is None:
        yield Line("no_clock", ())
        return
    yield Line("clock", (("name", clock.kind), ("tier", tier)))
    end, lines = due_explained(limit, catalogue.calendars, int(begun))
    yield from lines
    if told_otherwise(ticket, catalogue):
        yield Line("told", (("at", int(data.get("policy_due", data.get("due")) or 0)),))
    for pause in data.get("pauses") or ():
        if pause["from"] < begun:
            continue  # of a clock before this one
        minutes = elapsed(limit, catalogue.calendars, pause["from"], pause["to"])
        end = pause.get("due_after") or end
        yield Line(
            "paused",
            (
                ("reason", str(pause["reason"])),
                ("from", pause["from"]),
                ("to", pause["to"]),
                ("ms", minutes * MINUTE_MS),
                ("due", end),
            ),
        )
    pausing = data.get("paused")
    if pausing:
        values = (("reason", str(pausing["reason"])), ("from", pausing["from"]), ("until", pausing["until"]))
        yield Line("pausing", values)
    for part in data.get("merged") or ():
        if part.get("due") is not None and part["due"] == data.get("due"):
            yield Line("merged", (("number", str(part.get("number"))), ("at", part["due"])))


def _law(ticket: Document, catalogue: Catalogue) -> Iterator[Line]:
    law, clock = ticket.data.get("law_due"), clock_of_ticket(ticket, catalogue)
    if law is not None:
        span = clock.law.amount * MINUTE_MS if clock and clock.law else 0
        yield Line("law", (("ms", span), ("at", int(law))))


def _counts(ticket: Document) -> Iterator[Line]:
    data = ticket.data
    due, policy, law = data.get("due"), data.get("policy_due", data.get("due")), data.get("law_due")
    if due is None:
        return
    which = "law" if law is not None and due == law and policy != law else "policy"
    yield Line("counts", (("which", which), ("at", int(due))))


def told_otherwise(ticket: Document, catalogue: Catalogue) -> bool:
    """Tell whether the customer was told another deadline than the clock gives: it stands."""
    data = ticket.data
    clock = clock_of_ticket(ticket, catalogue)
    limit = clock.limits.get(data.get("tier", "standard")) if clock else None
    begun, policy = data.get("clock_from", data.get("at")), data.get("policy_due", data.get("due"))
    if limit is None or begun is None or policy is None or data.get("pauses") or data.get("merged"):
        return False
    return abs(end_of(limit, catalogue.calendars, int(begun)) - int(policy)) > MINUTE_MS


def _station(ticket: Document, catalogue: Catalogue) -> Iterator[Line]:
    data = ticket.data
    name, end = data.get("station_clock"), data.get("station_due")
    clock = catalogue.stations.get(str(name or ""))
    if clock is None or end is None:
        return
    tier: Tier = data.get("tier", "standard")
    limit, before = clock.limits.get(tier), clock.before_due.get(tier)
    if limit is not None:
        yield Line("station", (("clock", str(name)), ("ms", limit.amount * MINUTE_MS), ("at", int(end))))
    elif before is not None:
        yield Line("before_due", (("clock", str(name)), ("ms", before * MINUTE_MS), ("at", int(end))))
