"""What a contact is about, why somebody leaves, and what another agent verified before handing the call over."""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, logged, on_existing, own_document
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation

SOURCES = frozenset({"agent", "ivr", "flow", "class", "ticket"})
"""How it became known what a contact is about."""

CARRY_MS = 15 * 60_000
"""How long after a warm transfer the level of verification still travels with it."""


def _matter_named(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    """Name what a contact is about: a class or the id of a reason; what was named before stays in its moves."""
    source = body.text("source")
    if source not in SOURCES:
        return Refusal(Reason.of("malformed", detail=f"unknown source {source}"))
    matter = body.text("matter")
    moves = logged(contact, operation, situation.at, "matter_named", matter=matter, source=source)
    return Decision((change(operation, "contact", matter=matter, matter_source=source, moves=moves),))


def _leaving_told(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    """Record why a customer leaves or thinks of it; a reason that the catalogue doesn't know is kept as it is."""
    reason = body.text("reason")
    ported = body.data.get("ported") is not None and body.flag("ported")
    told = {"reason": reason, "at": situation.at, "words": body.maybe_text("words"), "ported": ported}
    moves = logged(contact, operation, situation.at, "leaving_told", reason=reason)
    return Decision((change(operation, "contact", leaving=told, moves=moves),))


def _carried_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(body.maybe_text("from_scope") or operation.scope, body.text("from")),
    )


def _carried(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    """Take over what was verified in the contact that a warm transfer came from (DOMAIN rule 11)."""
    before = situation.answers.document(body.maybe_text("from_scope") or operation.scope, body.text("from"))
    if before is None:
        return Decision((), held=Reason.of("unknown_document", document=body.text("from")))
    verification = before.data.get("verification") or {}
    customer = contact.data.get("customer")
    if not verification or customer is None or verification.get("customer") != customer:
        return Refusal(Reason.of("nothing_carried"))
    if not warm(before) or contact.data.get("caller") != before.data.get("caller"):
        return Refusal(Reason.of("nothing_carried"))
    if not 0 <= situation.at - int(before.data.get("at") or 0) <= 4 * 3_600_000 or _ended_long_ago(before, contact):
        return Refusal(Reason.of("nothing_carried"))
    moves = logged(contact, operation, situation.at, "carried", text=before.data.get("agent"))
    return Decision((change(operation, "contact", verification={**verification, "carried": before.id}, moves=moves),))


def warm(contact: Document) -> bool:
    """Tell whether a contact was handed over after talking to the one who took it."""
    for move in contact.data.get("moves") or ():
        started = move.get("what") in ("transferred", "transfer_started")
        if started and (move.get("details") or {}).get("transfer") == "warm":
            return True
    return False


def _ended_long_ago(before: Document, contact: Document) -> bool:
    moments, now = before.data.get("moments") or {}, contact.data.get("moments") or {}
    begun = now.get("ringing") or now.get("offered") or contact.data.get("at") or 0
    handed = moments.get("transferred") or moments.get("transfer_started") or 0
    return bool(handed) and begun - handed > CARRY_MS


KINDS = (
    Kind("contact.matter_named", 1, own_document, on_existing("contact", _matter_named)),
    Kind("contact.leaving_told", 1, own_document, on_existing("contact", _leaving_told)),
    Kind("contact.carried", 1, _carried_needs, on_existing("contact", _carried)),
)
