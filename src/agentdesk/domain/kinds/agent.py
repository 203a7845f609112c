"""Agent-state intervals (坐席状态): facts recorded when an interval ends; the state itself is never in a log."""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.kinds._common import change, exists, own_document
from agentdesk.domain.operation import Operation

STATES = frozenset({"offline", "ready", "reserved", "talking", "hold", "wrap_up", "not_ready", "unknown"})


def _interval(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    state, start, end = body.text("state"), body.number("from"), body.number("to")
    if state not in STATES or end < start:
        return Refusal(Reason.of("malformed", detail="unknown state, or an interval that ends before it begins"))
    return Decision(
        (
            change(
                operation,
                "interval",
                agent=operation.actor,
                state=state,
                reason=body.maybe_text("reason"),
                start=start,
                end=end,
                at=situation.at,
            ),
        )
    )


KINDS = (Kind("agent.interval", 1, own_document, _interval),)
