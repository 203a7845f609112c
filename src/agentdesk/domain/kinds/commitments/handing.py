"""Who keeps a promise: the department it goes to, what that tells of it, who minds it next, and who presses for it.

The owner changes; who promised it stays responsible to the end (首问负责), whoever keeps it.
"""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document, is_open
from agentdesk.domain.kinds._common import change, logged, on_existing, own_document
from agentdesk.domain.kinds.commitments._shared import first_responsible, units_told
from agentdesk.domain.operation import Operation


def _closed(promise: Document, move: str) -> Refusal | None:
    state = promise.data.get("state")
    return None if state in OPEN_COMMITMENT_STATES else Refusal(Reason.of("promise_state", state=state, move=move))


def _dispatched(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Give a promise to a department, or to another one; one that is late or held stays so."""
    refused = _closed(promise, "dispatched")
    if refused:
        return refused
    data, department = promise.data, body.text("department")
    if department not in situation.catalogue.departments:
        return Refusal(Reason.of("unknown_department", department=department))
    fields: dict[str, Any] = {"department": department, "handler": body.maybe_text("owner"), "accepted_at": None}
    if data.get("state") == "made":
        fields["state"] = "dispatched"
    elif data.get("state") == "held" and data.get("held_from") in (None, "made"):
        fields["held_from"] = "dispatched"
    moves = logged(
        promise,
        operation,
        situation.at,
        "dispatched",
        department=department,
        text=body.maybe_text("text"),
        owner=body.maybe_text("owner"),
    )
    told = tuple(dict.fromkeys((*units_told(data.get("department")), *units_told(department))))
    return Decision((change(operation, "commitment", told, **fields, moves=moves),))


def _accepted(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Accept a promise in its department: from now on somebody there keeps it."""
    refused = _closed(promise, "accepted")
    if refused:
        return refused
    moves = logged(promise, operation, situation.at, "accepted", text=body.maybe_text("text"))
    told = units_told(promise.data.get("department"))
    fields = {"handler": operation.actor, "accepted_at": situation.at, "moves": moves}
    return Decision((change(operation, "commitment", told, **fields),))


def _noted(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Tell how far a promise is: a stage, who comes, when; that is what a customer who asks is told (seeds 000)."""
    text = body.text("text")
    if not text.strip():
        return Refusal(Reason.of("empty_note"))
    eta, stage, engineer = body.maybe_number("eta"), body.maybe_text("stage"), body.maybe_text("engineer")
    moves = logged(promise, operation, situation.at, "progress", text=text, stage=stage, engineer=engineer, eta=eta)
    before = promise.data.get("progress") or {}
    given = {"stage": stage, "engineer": engineer, "eta": eta}
    progress = {**before, **{k: v for k, v in given.items() if v is not None}, "text": text, "at": situation.at}
    told = units_told(promise.data.get("department"))
    return Decision((change(operation, "commitment", told, progress=progress, moves=moves),))


def _handed_over(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Hand a promise over to another agent: he minds it from now on; who promised it stays responsible for it.

    One that was kept on credit is minded until the credit is repaid.
    """
    if not is_open(promise):
        return Refusal(Reason.of("promise_state", state=promise.data.get("state"), move="handed_over"))
    to = body.text("to")
    if to == promise.data.get("owner"):
        return Refusal(Reason.of("same_owner", owner=to))
    moves = logged(promise, operation, situation.at, "handed_over", to=to, text=body.text("note"))
    fields = {"owner": to, "first_responsible": first_responsible(promise), "moves": moves}
    return Decision((change(operation, "commitment", units_told(promise.data.get("department")), **fields),))


def _chased(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Chase: the level rises for a chase after due or the third one, not for every question (DOMAIN rule 8)."""
    data = promise.data
    chases = (data.get("chases") or 0) + 1
    over = data.get("state") not in OPEN_COMMITMENT_STATES
    late = not over and (data.get("due") or situation.at) < situation.at
    raised = not over and (late or chases == situation.catalogue.rules.chase_raises_at)
    moves = logged(
        promise,
        operation,
        situation.at,
        "chased",
        text=body.maybe_text("text"),
        contact=body.maybe_text("contact"),
        raised=raised or None,
    )
    fields = {"chases": chases, "level": (data.get("level") or 0) + (1 if raised else 0), "moves": moves}
    flags = (Reason.of("promise_closed", state=data.get("state")),) if over else ()
    return Decision((change(operation, "commitment", units_told(data.get("department")), **fields),), flags=flags)


KINDS = (
    Kind("commitment.dispatched", 1, own_document, on_existing("commitment", _dispatched)),
    Kind("commitment.accepted", 1, own_document, on_existing("commitment", _accepted)),
    Kind("commitment.noted", 1, own_document, on_existing("commitment", _noted)),
    Kind("commitment.handed_over", 1, own_document, on_existing("commitment", _handed_over)),
    Kind("commitment.chased", 1, own_document, on_existing("commitment", _chased), spoken=True),
)
