"""Handing work over: the owner changes, who was asked first stays responsible to the end (首问负责)."""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import ORG, Body, Decision, Outcome, Refusal, Situation
from agentdesk.domain.documents import OPEN_STATES, Document
from agentdesk.domain.kinds._common import change, logged
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation


def handed_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    """Need what is handed over, and who takes it."""
    return (DocumentNeed(operation.scope, operation.document), DocumentNeed(ORG, body.text("to")))


def handed(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Hand open work over to an agent who works here, with a note; nobody who has it already is given it."""
    to, note, data = body.text("to"), body.text("note"), document.data
    if not note.strip():
        return Refusal(Reason.of("empty_note"))
    state = data.get("state")
    if state not in OPEN_STATES[document.type]:
        return Refusal(Reason.of(f"{document.type}_state", state=state, move="handed_over"))
    agent = situation.answers.document(ORG, to)
    if agent is None or agent.type != "agent" or agent.data.get("dismissed_at") is not None:
        return Refusal(Reason.of("unknown_agent", agent=to))
    if to == data.get("owner"):
        return Refusal(Reason.of("same_owner", owner=to))
    unit = data.get("department")
    fields = {
        "owner": to,
        # a call-back that nobody had taken on has no first one yet
        "first_responsible": data.get("first_responsible") or data.get("owner") or to,
        "moves": logged(document, operation, situation.at, "handed_over", to=to, of=data.get("owner"), text=note),
    }
    return Decision((change(operation, document.type, (f"department/{unit}",) if unit else (), **fields),))
