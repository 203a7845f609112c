"""Who is to blame (责任判定): the department and its minutes of work, to which the department may object once."""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, logged, on_existing, own_document
from agentdesk.domain.operation import Operation

JUDGED_FROM = frozenset({"replied", "followed_up", "archived", "reopened"})
"""States in which it is known what was the matter."""


def _judged(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Judge: books the ticket's work to a department; after an objection the second word is the last."""
    department, minutes = body.text("department"), body.number("minutes")
    state = ticket.data.get("state")
    if state not in JUDGED_FROM:
        return Refusal(Reason.of("ticket_state", state=state, move="judged"))
    if department not in situation.catalogue.departments:
        return Refusal(Reason.of("unknown_department", department=department))
    if minutes < 0:
        return Refusal(Reason.of("malformed", detail="minutes of work can't be negative"))
    before = ticket.data.get("liability") or {}
    if before.get("state") == "final":
        return Refusal(Reason.of("judged_already", department=before.get("department")))
    liability = {
        "department": department,
        "minutes": minutes,
        "by": operation.actor,
        "at": situation.at,
        "state": "final" if before.get("state") == "objected" else "judged",
        "text": body.maybe_text("text"),
    }
    moves = logged(
        ticket,
        operation,
        situation.at,
        "judged",
        department=department,
        minutes=minutes,
        text=body.maybe_text("text"),
    )
    units = {f"department/{unit}" for unit in (department, before.get("department")) if unit}
    return Decision((change(operation, "ticket", tuple(sorted(units)), liability=liability, moves=moves),))


def _objected(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Object: the department says why it wasn't its fault; somebody judges again."""
    text = body.text("text")
    before = ticket.data.get("liability") or {}
    if before.get("state") != "judged":
        return Refusal(Reason.of("not_judged"))
    if not text.strip():
        return Refusal(Reason.of("empty_note"))
    moves = logged(ticket, operation, situation.at, "objected", department=before.get("department"), text=text)
    liability = {**before, "state": "objected", "objection": text, "objected_by": operation.actor}
    audience = (f"department/{before['department']}",) if before.get("department") else ()
    return Decision((change(operation, "ticket", audience, liability=liability, moves=moves),))


KINDS = (
    Kind("ticket.judged", 1, own_document, on_existing("ticket", _judged)),
    Kind("ticket.objected", 1, own_document, on_existing("ticket", _objected)),
)
