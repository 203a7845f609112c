"""The second deadline of a promise (first contact in 2 h, solved in 48 h): its own clock, warning and breach.

It is announced with the promise and ends with it. Kept or missed it is an event of the same promise, whose own clock
and state go on; missed, the promise rises by a level and its department is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document
from agentdesk.domain.kinds._common import change, logged, on_existing, own_document
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.kinds.commitments._shared import units_told
from agentdesk.domain.kinds.promise_clocks import share_of_time
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import Timer, done, first_open

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

WARNED, MISSED = "commitment.also_warned", "commitment.also_missed"
OWNER, DUE = "also.owner", "also.due"
"""The rungs: the owner is warned while there is still time, then the department is told."""


def timer(document: Document, catalogue: Catalogue) -> Timer | None:
    """Return what the clock of a second deadline does next; it stops when that is kept, or the promise ended."""
    data = document.data
    if data.get("state") not in OPEN_COMMITMENT_STATES or data.get("also_due") is None or data.get("also_kept_at"):
        return None
    due: int = data["also_due"]
    template = catalogue.templates.get(data.get("template") or "")
    limit = next(iter(template.also.limits.values()), None) if template is not None and template.also else None
    warning = share_of_time(limit, catalogue, min(data.get("at") or due, due), due, catalogue.rules.warn_percent)
    return first_open(document, (Timer(warning, WARNED, OWNER), Timer(due, MISSED, DUE)))


def _warned(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    return Decision((_step(operation, body, situation, promise, "also_warned"),))


def _missed(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Note that what was announced first wasn't done in time: the promise rises, what it gives stays as it is."""
    level = (promise.data.get("level") or 0) + 1
    return Decision(
        (_step(operation, body, situation, promise, "also_missed", level=level, also_missed_at=situation.at),)
    )


def _step(operation: Operation, body: Body, situation: Situation, promise: Document, what: str, **fields: Any) -> Any:
    rung, due = body.text("rung"), body.number("at")
    return change(
        operation,
        "commitment",
        units_told(promise.data.get("department")),
        **fields,
        rungs=done(promise, rung, situation.at),
        moves=logged(promise, operation, situation.at, what, rung=rung, due_at=due),
    )


def _kept(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Keep the second deadline, in time or late; the promise itself goes on."""
    data = promise.data
    if data.get("state") not in OPEN_COMMITMENT_STATES:
        return Refusal(Reason.of("promise_state", state=data.get("state"), move="also_kept"))
    if data.get("also_due") is None or data.get("also_kept_at") is not None:
        return Refusal(Reason.of("no_second_deadline"))
    late = situation.at > data["also_due"]
    moves = logged(promise, operation, situation.at, "also_kept", text=body.maybe_text("text"), late=late or None)
    fields = {"also_kept_at": situation.at, "moves": moves}
    return Decision((change(operation, "commitment", units_told(data.get("department")), **fields),))


KINDS = (
    Kind(WARNED, 1, timed_needs, on_timer("commitment", _warned), timed=True),
    Kind(MISSED, 1, timed_needs, on_timer("commitment", _missed), timed=True),
    Kind("commitment.also_kept", 1, own_document, on_existing("commitment", _kept)),
)
