"""The ends of a promise: kept, or wanted no more by the customer."""

from __future__ import annotations

from agentdesk.domain.compensation import on_kept
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import Body, Decision, DocumentNeed, Kind, Need, Outcome, Refusal, Situation, WorkNeed
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document
from agentdesk.domain.kinds._common import ANSWERS, change, logged, on_existing
from agentdesk.domain.kinds.commitments._shared import ended, own_and_contact, units_told
from agentdesk.domain.operation import Operation


def _withdrawn(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    if promise.data.get("state") not in OPEN_COMMITMENT_STATES:
        return Refusal(Reason.of("promise_state", state=promise.data.get("state"), move="withdrawn"))
    if promise.data.get("repaid_at") is not None:
        return Refusal(Reason.of("repaid_already"))
    return ended(operation, body, situation, promise, "withdrawn", body.text("reason"))


def _fulfilled(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Keep a promise; `late` says whether its time had passed or it was broken before: that stays visible.

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
    late = data.get("state") == "breached" or (data.get("due") or situation.at) < situation.at
    moves = logged(promise, operation, situation.at, "fulfilled", text=proof, late=late or None, answer=answer)
    told = units_told(data.get("department"))
    kept = change(operation, "commitment", told, state="fulfilled", late=late, closed_at=situation.at, moves=moves)
    made, money = on_kept(operation, promise, situation)
    return Decision((kept, *made), money)


def _fulfilled_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    """Need what keeping a broken promise makes up for: the customer, where the body names him, and his work."""
    customer = body.maybe_text("customer")
    asked = own_and_contact(operation, body)
    if customer is None:
        return asked
    return (*asked, DocumentNeed(operation.scope, customer), WorkNeed(operation.scope, customer))


KINDS = (
    Kind("commitment.withdrawn", 1, own_and_contact, on_existing("commitment", _withdrawn)),
    Kind("commitment.fulfilled", 1, _fulfilled_needs, on_existing("commitment", _fulfilled)),
)
