"""Reveals: who saw which customer's data unmasked, and why (DOMAIN rule 9); a document each, and never changed.

What a live contact unmasks by itself, once its caller is verified, is no reveal. What was seen is not in the record:
whom it was about, why, and where, is; since version 2 also which fields were shown, and for how long at most.
"""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.kinds._common import change, exists, own_document
from agentdesk.domain.operation import Operation
from agentdesk.domain.profile.looking import REASONS

FIELDS = ("name", "numbers", "people", "address")
"""What can be shown: the name, the numbers of the lines, the people with their numbers, the address."""

MOST_S = 600
"""Seconds for which something is shown at most."""


def _noted(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    reason = body.text("reason")
    if reason not in REASONS:
        return Refusal(Reason.of("malformed", detail="a reveal says why: one of the reasons"))
    if not body.text("customer"):
        return Refusal(Reason.of("malformed", detail="a reveal says whose data it is about"))
    shown, seconds = body.items("shown"), body.maybe_number("seconds")
    if operation.version > 1 and not (shown and set(map(str, shown)) <= set(FIELDS)):
        return Refusal(Reason.of("malformed", detail="a reveal says which fields are shown"))
    if seconds is not None and not 0 < seconds <= MOST_S:
        return Refusal(Reason.of("malformed", detail=f"a reveal is over after at most {MOST_S} s"))
    return Decision(
        (
            change(
                operation,
                "reveal",
                shown=shown or None,
                seconds=seconds,
                customer=body.text("customer"),
                reason=reason,
                about=body.maybe_text("about"),
                contact=body.maybe_text("contact"),
                by=operation.actor,
                at=situation.at,
            ),
        )
    )


KINDS = (Kind("reveal.noted", 2, own_document, _noted),)
