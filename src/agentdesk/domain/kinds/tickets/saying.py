"""What is said about a ticket while it lies somewhere: notes, what the customer adds 补充, chases 催单, its class."""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import OPEN_TICKET_STATES, Document
from agentdesk.domain.kinds._common import change, logged, on_existing, own_document
from agentdesk.domain.kinds.tickets.states import TICKET_KINDS, WORKED, tier_of, told
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.clocks import clock_named, deadlines

OVER = frozenset({"archived", "merged"})


SINCE_PROGRESS = 2
"""From this version on a note may say how far it is: a stage, who comes, when."""


def _noted(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Note something about a ticket; how far it is, is what a customer who asks is told (seeds 000)."""
    text = body.text("text")
    if not text.strip():
        return Refusal(Reason.of("empty_note"))
    said = {
        "stage": body.maybe_text("stage"),
        "engineer": (engineer := body.maybe_text("engineer")),
        "eta": body.maybe_number("eta"),
    }
    if operation.version < SINCE_PROGRESS:
        said, engineer = {}, None
    given: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    moves = logged(ticket, operation, situation.at, "noted", text=text, **given)
    fields: dict[str, Any] = {"moves": moves}
    if given:
        fields["progress"] = {**(ticket.data.get("progress") or {}), **given, "text": text, "at": situation.at}
    if engineer is not None:
        known = ticket.data.get("engineer") or {}
        # another engineer has another telephone
        fields["engineer"] = {**(known if known.get("name") == engineer else {}), "name": engineer}
    return Decision((change(operation, "ticket", told(ticket), **fields),))


def _supplemented(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Supplement (补充): what the customer adds reaches whoever works on it, and mends what was taken wrongly."""
    text = body.text("text")
    if not text.strip():
        return Refusal(Reason.of("empty_note"))
    if ticket.data.get("state") not in OPEN_TICKET_STATES:
        return Refusal(Reason.of("ticket_state", state=ticket.data.get("state"), move="supplemented"))
    fields: dict[str, Any] = {}
    for name in ("place", "subscription", "wants"):
        if (value := body.maybe_text(name)) is not None:
            fields[name] = value
    for name in ("person", "engineer"):
        if given := dict(body.mapping(name)):
            fields[name] = {**(ticket.data.get(name) or {}), **given}
    contact = body.maybe_text("contact")
    moves = logged(ticket, operation, situation.at, "supplemented", text=text, contact=contact)
    return Decision((change(operation, "ticket", told(ticket), **fields, moves=moves),))


def _chased(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Chase: the level rises for a chase after due or the third one, not for every question (DOMAIN rule 8)."""
    data = ticket.data
    chases = (data.get("chases") or 0) + 1
    late = (data.get("due") or situation.at) < situation.at
    raises = late or chases == situation.catalogue.rules.chase_raises_at
    state = data.get("state")
    flags = (Reason.of("ticket_closed", state=state),) if state in OVER else ()
    moves = logged(
        ticket,
        operation,
        situation.at,
        "chased",
        text=body.maybe_text("text"),
        contact=body.maybe_text("contact"),
        raised=raises or None,
    )
    level = (data.get("level") or 0) + (1 if raises else 0)
    fields = {"chases": chases, "chased_at": situation.at, "level": level, "moves": moves}
    return Decision((change(operation, "ticket", told(ticket), **fields),), flags=flags)


def _classified(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Classify anew: symptom or cause, on three levels. Another kind has another clock; what was told stands.

    The law's clock is always counted from when the ticket was taken; the policy's may come sooner, never later.
    """
    data, catalogue = ticket.data, situation.catalogue
    symptom, cause = body.maybe_text("symptom"), body.maybe_text("cause")
    if data.get("state") in OVER or (symptom is None and cause is None):
        return Refusal(Reason.of("ticket_state", state=data.get("state"), move="classified"))
    fields: dict[str, Any] = {}
    if cause is not None:
        if (refused := unknown_class(cause, "cause", situation)) is not None:
            return refused
        fields["cause"] = cause
    if symptom is not None:
        if (refused := unknown_class(symptom, "symptom", situation)) is not None:
            return refused
        kind = catalogue.classes[symptom].kind
        if kind not in TICKET_KINDS:
            return Refusal(Reason.of("unknown_class", node=symptom))
        fields |= {"symptom": symptom, "kind": kind, **_reclocked(ticket, kind, symptom, situation)}
    moves = logged(ticket, operation, situation.at, "classified", symptom=symptom, cause=cause)
    return Decision((change(operation, "ticket", told(ticket), **fields, moves=moves),))


def _reclocked(ticket: Document, kind: str, symptom: str, situation: Situation) -> dict[str, Any]:
    data, catalogue = ticket.data, situation.catalogue
    clock = clock_named(
        kind, symptom, catalogue, str(data.get("origin") or ""), bool(data.get("rural")), data.get("level") or 0
    )
    name = clock.kind if clock else None
    if name == data.get("clock") or data.get("state") not in WORKED:
        return {}
    found = deadlines(clock, tier_of(ticket), int(data.get("clock_at") or data.get("at") or 0), catalogue)
    law = deadlines(clock, tier_of(ticket), int(data.get("at") or 0), catalogue).law
    known = [end for end in (data.get("policy_due", data.get("due")), found.policy) if end is not None]
    policy = min(known, default=None)
    due = min((end for end in (policy, law) if end is not None), default=None)
    return {"clock": name, "policy_due": policy, "law_due": law, "due": due}


def unknown_class(code: str, tree: str, situation: Situation) -> Refusal | None:
    """Refuse a class that isn't in the tree, or has finer classes below it."""
    classes = situation.catalogue.classes
    node = classes.get(code)
    if node is None or node.tree != tree:
        return Refusal(Reason.of("unknown_class", node=code))
    if any(other.startswith(f"{code}.") for other in classes):
        return Refusal(Reason.of("class_too_wide", node=code))
    return None


KINDS = (
    Kind("ticket.noted", 2, own_document, on_existing("ticket", _noted)),
    Kind("ticket.supplemented", 1, own_document, on_existing("ticket", _supplemented)),
    Kind("ticket.chased", 1, own_document, on_existing("ticket", _chased), spoken=True),
    Kind("ticket.classified", 1, own_document, on_existing("ticket", _classified)),
)
