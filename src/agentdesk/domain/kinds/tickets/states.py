"""What all moves of a ticket share: which state allows which move, the stations with their clocks, who is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.times.calendar import elapsed
from agentdesk.domain.times.clocks import station_due
from agentdesk.domain.times.zone import MINUTE_MS
from agentdesk.domain.work.ladder import RUNNING

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Tier

TICKET_KINDS = frozenset({"fault", "complaint", "request", "inquiry", "feedback"})

WORKED = RUNNING
"""The states in which an answer is still to be found: the ticket's own clock runs."""

MOVES: Mapping[str, frozenset[str]] = {
    "dispatched": frozenset({"open", "returned", "reopened"}),
    "accepted": frozenset({"dispatched"}),
    "returned": frozenset({"dispatched", "accepted"}),
    "reassigned": frozenset({"dispatched", "accepted"}),
    "recalled": frozenset({"dispatched", "accepted"}),
    "paused": WORKED,
    "resumed": frozenset({"paused"}),
    "replied": frozenset({"open", "reopened", "accepted"}),
    "followed_up": frozenset({"replied"}),
    "archived": frozenset({"followed_up"}),
    "reopened": frozenset({"replied", "followed_up", "archived"}),
    "merged": WORKED | {"paused", "replied", "followed_up"},
    "unmerged": frozenset({"merged"}),
}
"""From which states each move is possible; noting and chasing are allowed in every open state."""

LEADS_TO: Mapping[str, str | None] = {
    **{move: move for move in MOVES},
    "reassigned": "dispatched",
    "recalled": "open",
    "resumed": None,
    "unmerged": None,
}
"""The state that each move leads to; None: back to the one before the pause, or before the merging."""


def tier_of(ticket: Document) -> Tier:
    """Return the tier that a ticket's clocks go by."""
    tier: Tier = ticket.data.get("tier", "standard")
    return tier


def told(ticket: Document, department: str | None = None) -> tuple[str, ...]:
    """Return whom a change of a ticket is told to: the department where it lies, and the one it comes to."""
    return tuple(sorted(f"department/{unit}" for unit in {department, ticket.data.get("department")} if unit))


def illegal(move: str, ticket: Document) -> Refusal | None:
    """Refuse a move that the ticket's state doesn't allow."""
    state = ticket.data.get("state")
    if state in MOVES[move]:
        return None
    return Refusal(Reason.of("ticket_state", state=state, move=move))


def due_at_station(clock: str, ticket: Document, situation: Situation) -> int | None:
    """Return until when a ticket may lie at a station before its answer; once it is late, the station's own time."""
    due = ticket.data.get("due")
    left = due if due is not None and due > situation.at else None
    return station_due(clock, tier_of(ticket), situation.at, situation.catalogue, left)


def laid(clock: str | None, ticket: Document, situation: Situation) -> dict[str, Any]:
    """Return the fields of a ticket that comes to a station, with what the one before is charged for being late."""
    return {
        "station_due": due_at_station(clock, ticket, situation) if clock else None,
        "station_clock": clock,
        "station_at": situation.at,
        **overtime(ticket, situation),
    }


def overtime(ticket: Document, situation: Situation) -> dict[str, Any]:
    """Return what the station that a ticket leaves is charged: minutes of its own time after it was due (seeds 002)."""
    data = ticket.data
    minutes = late_minutes(ticket, situation.at, situation.catalogue)
    if minutes <= 0:
        return {}
    charged = {
        "station": data.get("station"),
        "department": data.get("department"),
        "owner": data.get("owner"),
        "due": data.get("station_due"),
        "at": situation.at,
        "minutes": minutes,
    }
    return {"overtime": [*(data.get("overtime") or ()), charged]}


def late_minutes(ticket: Document, at: int, catalogue: Catalogue) -> int:
    """Return by how many whole minutes of the station's own time its deadline has passed; 0 while it hasn't."""
    due = ticket.data.get("station_due")
    if due is None or at <= due:
        return 0
    clock = catalogue.stations.get(str(ticket.data.get("station_clock") or ""))
    limit = clock.limits.get(tier_of(ticket)) if clock else None
    return elapsed(limit, catalogue.calendars, due, at) if limit else int((at - due) // MINUTE_MS)


def expert_first(symptom: str | None, catalogue: Catalogue) -> bool:
    """Tell whether a class has to pass the expert seat before a department gets it (两次预处理, seeds 002)."""
    if not symptom:
        return False
    first = catalogue.rules.tickets.expert_first
    return any(symptom == code or symptom.startswith(f"{code}.") for code in first)


def expert_done(ticket: Document, situation: Situation, minutes: int | None = None) -> dict[str, Any]:
    """Return what is recorded when a ticket leaves an expert seat: since when it was handled there, and how long."""
    data = ticket.data
    seat = data.get("expert")
    if data.get("station") != "expert" or not seat or data.get("state") != "accepted":
        return {}
    since = seat.get("accepted_at") or situation.at
    spent = minutes if minutes is not None else max(0, situation.at - since) // MINUTE_MS
    return {"expert": {**seat, "done_at": situation.at, "minutes": (seat.get("minutes") or 0) + spent}}
