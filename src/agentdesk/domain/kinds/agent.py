"""Agent-state intervals (坐席状态): facts recorded when an interval ends; the state itself is never in a log."""

from __future__ import annotations

from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Need, Outcome, Refusal, Situation
from agentdesk.domain.kinds._common import change
from agentdesk.domain.operation import Operation

STATES = frozenset({"offline", "ready", "reserved", "talking", "hold", "wrap_up", "not_ready", "unknown"})


def _needs(_operation: Operation, _body: Body) -> tuple[Need, ...]:
    return ()


def _interval(operation: Operation, body: Body, situation: Situation) -> Outcome:
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


KINDS = (Kind("agent.interval", 1, _needs, _interval),)
