"""The ends of a promise: kept, or wanted no more by the customer."""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Change, Document
from agentdesk.domain.finance.compensation import BREACH, on_kept
from agentdesk.domain.kinds._common import ANSWERS, change, logged, on_existing
from agentdesk.domain.kinds._money import units
from agentdesk.domain.kinds.checks import KEPT_IN_TIME, check_on
from agentdesk.domain.kinds.commitments._shared import ended, own_and_contact, units_told
from agentdesk.domain.needs import DocumentNeed, Need, WorkNeed
from agentdesk.domain.operation import Operation


def _withdrawn(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    if promise.data.get("state") not in OPEN_COMMITMENT_STATES:
        return Refusal(Reason.of("promise_state", state=promise.data.get("state"), move="withdrawn"))
    if promise.data.get("repaid_at") is not None:
        return Refusal(Reason.of("repaid_already"))
    return ended(operation, body, situation, promise, "withdrawn", body.text("reason"))


def _fulfilled(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Keep a promise; `late` says whether its time had passed at the instant of the operation: that stays visible.

    What was kept in time where the centre couldn't see it, and marked as broken there meanwhile, was kept in time
    and is `learnt_late`. What it gave for the breach stays the customer's; somebody looks at whom it is booked to.

    The system's proof is enough where the template says so; else the customer was asked first (DOMAIN rule 7):
    `answer` is what he said.
    """
    data = promise.data
    if data.get("state") not in OPEN_COMMITMENT_STATES:
        return Refusal(Reason.of("promise_state", state=data.get("state"), move="fulfilled"))
    if data.get("waits") and data.get("state") == "held":
        return Refusal(Reason.of("awaits_approval"))
    answer, proof = body.maybe_text("answer"), body.text("proof")
    if answer is not None and answer not in ANSWERS:
        return Refusal(Reason.of("malformed", detail=f"unknown answer {answer}"))
    if answer == "unsatisfied" or (answer is None and data.get("closing") == "call"):
        return Refusal(Reason.of("needs_follow_up", answer=answer))
    broken = data.get("breached_at") is not None or data.get("state") == "breached"
    late = (data.get("due") or situation.at) < situation.at or (broken and data.get("due") is None)
    learnt = broken and not late
    moves = logged(
        promise,
        operation,
        situation.at,
        "fulfilled",
        text=proof,
        late=late or None,
        learnt_late=learnt or None,
        answer=answer,
    )
    fields: dict[str, Any] = {"state": "fulfilled", "late": late, "closed_at": situation.at, "moves": moves}
    if learnt:
        fields["learnt_late"] = True
    kept = change(operation, "commitment", units_told(data.get("department")), **fields)
    if learnt:
        return Decision((kept, *_given_for_nothing(operation, promise, situation)))
    made, money = on_kept(operation, promise, situation)
    return Decision((kept, *made), money)


def _given_for_nothing(operation: Operation, promise: Document, situation: Situation) -> tuple[Change, ...]:
    """Mark what was given for a breach that was none, and open a check on it; nothing is clawed back (seeds 000)."""
    remedy = situation.answers.document(promise.scope, given_id(promise.id))
    if remedy is None or remedy.type != "remedy" or remedy.data.get("state") in ("withdrawn", "voided"):
        return ()
    flags = list(remedy.data.get("flags") or ())
    if KEPT_IN_TIME in flags:
        return ()
    check = check_on(operation, remedy.id, "remedy", remedy.data, situation, KEPT_IN_TIME)
    moves = logged(remedy, operation, situation.at, "learnt_late")
    fields = {"flags": [*flags, KEPT_IN_TIME], "moves": moves}
    return (Change(remedy.scope, remedy.id, "remedy", fields, units(remedy.data)), check)


def given_id(promise: str) -> str:
    """Return the id of what a promise gives by itself when it is broken."""
    return f"{promise}.{BREACH}"


def _fulfilled_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    """Need what keeping a broken promise makes up for: the customer, where the body names him, and his work."""
    customer = body.maybe_text("customer")
    asked = (*own_and_contact(operation, body), DocumentNeed(operation.scope, given_id(operation.document)))
    if customer is None:
        return asked
    return (*asked, DocumentNeed(operation.scope, customer), WorkNeed(operation.scope, customer))


KINDS = (
    Kind("commitment.withdrawn", 1, own_and_contact, on_existing("commitment", _withdrawn)),
    Kind("commitment.fulfilled", 1, _fulfilled_needs, on_existing("commitment", _fulfilled)),
)
