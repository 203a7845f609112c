"""Reveals: who saw which customer's data unmasked, and why (DOMAIN rule 9); a document each, and never changed.

What a live contact unmasks by itself, once its caller is verified, is no reveal. What was seen is not in the record:
whom it was about, why, and where, is.
"""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.kinds._common import change, exists, own_document
from agentdesk.domain.operation import Operation

REASONS = ("asked", "ring_back", "compare", "engineer", "superior")
"""Why somebody looks: the caller asks for it, to ring back, to compare, for an engineer, for a superior."""


def _noted(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    reason = body.text("reason")
    if reason not in REASONS:
        return Refusal(Reason.of("malformed", detail="a reveal says why: one of the reasons"))
    if not body.text("customer"):
        return Refusal(Reason.of("malformed", detail="a reveal says whose data it is about"))
    return Decision(
        (
            change(
                operation,
                "reveal",
                customer=body.text("customer"),
                reason=reason,
                about=body.maybe_text("about"),
                contact=body.maybe_text("contact"),
                by=operation.actor,
                at=situation.at,
            ),
        )
    )


KINDS = (Kind("reveal.noted", 1, own_document, _noted),)
