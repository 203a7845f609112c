"""The clock of a promise (时限): its owner is warned, the breach is marked, then one rung after the other is told.

All of it is done by the centre, when it is due (`domain.timers`). `rungs` of the document says when each was; a promise
that came late, or a centre that was down, gets them one at a time in their order, each with the instant at which it was
due beside the one at which it was done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Situation
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document
from agentdesk.domain.finance.compensation import on_breach
from agentdesk.domain.kinds._common import change, logged
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import Timer, done, first_open
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Limit

WARNED, BREACHED, ESCALATED = "commitment.warned", "commitment.breached", "commitment.escalated"
OWNER = "owner"
"""The rung below the ladder: the owner is warned while there is still time."""

DUE = "due"
"""The rung of the breach itself where the ladder has none at that instant."""


def timer(document: Document, catalogue: Catalogue) -> Timer | None:
    """Return what the clock of a promise does next; it runs while the promise isn't ended, also while it is held."""
    if document.data.get("state") not in OPEN_COMMITMENT_STATES or document.data.get("due") is None:
        return None
    return first_open(document, steps(document, catalogue))


def steps(document: Document, catalogue: Catalogue) -> Iterator[Timer]:
    """Yield what the clock of a promise does by itself, in order."""
    due: int = document.data["due"]
    yield Timer(_warning(document, catalogue, due), WARNED, OWNER)
    rungs = ladder(catalogue)
    with_breach = next((name for name, minutes in rungs if minutes <= 0), DUE)
    yield Timer(due, BREACHED, with_breach)
    for name, minutes in rungs:
        if name != with_breach:
            yield Timer(due + max(0, minutes) * MINUTE_MS, ESCALATED, name)


def ladder(catalogue: Catalogue) -> list[tuple[str, int]]:
    """Return the rungs with their minutes after due, in the order in which they are told."""
    return sorted(catalogue.rules.ladder.items(), key=lambda rung: (rung[1], rung[0]))


def share_of_time(limit: Limit | None, catalogue: Catalogue, start: int, end: int, percent: int) -> int:
    """Return when a part of the time between two instants is used, in the limit's own time: natural or working."""
    calendar = catalogue.calendars.get(limit.calendar) if limit is not None and limit.unit == "working" else None
    if calendar is not None and (minutes := calendar.working_minutes(start, end)) > 0:
        return min(end, calendar.working(start, minutes * percent // 100))
    return start + (end - start) * percent // 100


def _warning(document: Document, catalogue: Catalogue, due: int) -> int:
    data = document.data
    template = catalogue.templates.get(data.get("template") or "")
    made = min(data.get("at") or due, due)
    limit = next(iter(template.limits.values()), None) if template else None
    return share_of_time(limit, catalogue, made, due, catalogue.rules.warn_percent)


def _warned(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    return Decision((_step(operation, body, situation, promise, "warned"),))


def _breached(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Break a promise: its owner stays, its level rises, department and first rung are told.

    What the template gives for a breach is made with it. A held promise stays held, and is broken when let go.
    """
    state = {"held_from": "breached"} if promise.data.get("state") == "held" else {"state": "breached"}
    broken = _step(operation, body, situation, promise, "breached", **state, breached_at=situation.at)
    made, money = on_breach(operation, promise, situation)
    return Decision((broken, *made), money)


def _escalated(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    return Decision((_step(operation, body, situation, promise, "escalated"),))


def _step(operation: Operation, body: Body, situation: Situation, promise: Document, what: str, **fields: Any) -> Any:
    """Return the change that one rung makes."""
    rung, due = body.text("rung"), body.number("at")
    if what != "warned":
        fields |= {"told": rung, "level": (promise.data.get("level") or 0) + 1}
    unit = promise.data.get("department")
    return change(
        operation,
        "commitment",
        (f"department/{unit}",) if unit else (),
        **fields,
        rungs=done(promise, rung, situation.at),
        moves=logged(promise, operation, situation.at, what, rung=rung, due_at=due),
    )


KINDS = (
    Kind(WARNED, 1, timed_needs, on_timer("commitment", _warned), timed=True),
    Kind(BREACHED, 1, timed_needs, on_timer("commitment", _breached), timed=True),
    Kind(ESCALATED, 1, timed_needs, on_timer("commitment", _escalated), timed=True),
)
