"""What time does to a ticket: its owner is warned, then it climbs, one rung at a time, each told to a named role.

The operations are the centre's own (`domain.timers`). The level stays: it rises by what the customer does (rule 8).
"""

from __future__ import annotations

from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, logged
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.kinds.tickets.states import told
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import done
from agentdesk.domain.work.ladder import ESCALATED, WARNED


def _climbed(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Climb to the next rung; the department where the ticket lies is told."""
    rung, due = body.text("rung"), body.number("at")
    what = operation.kind.rpartition(".")[2]
    moves = logged(ticket, operation, situation.at, what, rung=rung, due_at=due)
    fields = {"rung": rung, "rungs": done(ticket, rung, situation.at), "moves": moves}
    return Decision((change(operation, "ticket", told(ticket), **fields),))


KINDS = (
    Kind(WARNED, 1, timed_needs, on_timer("ticket", _climbed), timed=True),
    Kind(ESCALATED, 1, timed_needs, on_timer("ticket", _climbed), timed=True),
)
