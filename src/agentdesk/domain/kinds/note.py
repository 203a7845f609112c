"""Notes: append-only, a document each, so that two of them never collide."""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.kinds._common import change, exists, own_document
from agentdesk.domain.operation import Operation

LONGEST_NOTE = 4000
"""Characters of one note."""


def _added(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    text = body.text("text")
    if not text.strip():
        return Refusal(Reason.of("empty_note"))
    if len(text) > LONGEST_NOTE:
        return Refusal(Reason.of("long_note", most=LONGEST_NOTE))
    return Decision(
        (
            change(
                operation,
                "note",
                customer=body.maybe_text("customer"),
                about=body.maybe_text("about"),
                contact=body.maybe_text("contact"),
                text=text,
                by=operation.actor,
                at=situation.at,
            ),
        )
    )


KINDS = (Kind("note.added", 1, own_document, _added),)
