"""What led a contact: the question flows that were walked in it, answer by answer, to which end (seeds 002)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, MalformedBody, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.guidance.flows import LONGEST, valid
from agentdesk.domain.kinds._common import change, on_existing, own_document
from agentdesk.domain.operation import Operation

STEPS = ("receive", "listen", "confirm", "propose", "agree", "follow_up")
"""The six steps (六步操作法) in their order."""

OUTCOMES = frozenset({"solved", "told", "promise", "ticket", "transfer", "left"})
"""What came of a flow; `left` where its end was not reached, or not taken."""


def _path(body: Body) -> list[tuple[str, int]]:
    """Return the path of a body; raises MalformedBody."""
    found = []
    for item in body.items("path"):
        good = isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and type(item[1]) is int
        if not good or not 0 <= item[1] <= 9:
            raise MalformedBody("path must be a list of steps with the keys pressed there")
        found.append((item[0], item[1]))
    if len(found) > LONGEST:
        raise MalformedBody("path is longer than any flow")
    return found


def _guided(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    """Record a walk; one that its flow doesn't have is no fact."""
    code, end, outcome = body.text("flow"), body.maybe_text("end"), body.text("outcome")
    path = _path(body)
    if outcome not in OUTCOMES:
        return Refusal(Reason.of("malformed", detail=f"unknown outcome {outcome}"))
    flow = situation.catalogue.flows.get(code)
    if flow is not None and not valid(flow, path, end):
        return Refusal(Reason.of("malformed", detail=f"{code} has no such path"))
    walked: Mapping[str, Any] = {
        "flow": code,
        "path": [list(step) for step in path],
        "end": end,
        "outcome": outcome,
        "from": body.number("from"),
        "at": body.number("at"),
        "op": operation.id,
    }
    return Decision((change(operation, "contact", guided=[*(contact.data.get("guided") or ()), walked]),))


KINDS = (Kind("contact.guided", 1, own_document, on_existing("contact", _guided)),)
