"""What the moves of a promise share: whom they tell, what they book, which contact they belong to."""

from __future__ import annotations

from agentdesk.domain.decide import Body, Decision, DocumentNeed, MoneyFact, Need, Outcome, Situation
from agentdesk.domain.documents import Data, Document
from agentdesk.domain.kinds._common import change, logged
from agentdesk.domain.operation import Operation


def contact_need(operation: Operation, body: Body) -> tuple[Need, ...]:
    contact = body.maybe_text("contact")
    return (DocumentNeed(body.maybe_text("contact_scope") or operation.scope, contact),) if contact else ()


def contact_of(operation: Operation, body: Body, situation: Situation) -> Document | None:
    contact = body.maybe_text("contact")
    if contact is None:
        return None
    return situation.answers.document(body.maybe_text("contact_scope") or operation.scope, contact)


def units_told(department: str | None) -> tuple[str, ...]:
    return (f"department/{department}",) if department else ()


def booked(scope: str, commitment: str, data: Data, sign: int) -> tuple[MoneyFact, ...]:
    """Return what a promise costs its allowance (`sign` 1), or gives back to it (-1)."""
    kind, amount = data.get("money"), data.get("amount") or 0
    if kind is None or amount <= 0:
        return ()
    unit = data.get("department") or ""
    return (MoneyFact(kind, sign * amount, data.get("allowance"), scope, data["customer"], commitment, unit),)


def own_and_contact(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (DocumentNeed(operation.scope, operation.document), *contact_need(operation, body))


def ended(operation: Operation, situation: Situation, promise: Document, state: str, reason: str) -> Outcome:
    """End a promise before it was kept, and give its money back to the allowance it was drawn on."""
    moves = logged(promise, operation, situation.at, state, text=reason)
    told = units_told(promise.data.get("department"))
    closed = change(operation, "commitment", told, state=state, closed_at=situation.at, moves=moves)
    return Decision((closed,), booked(promise.scope, promise.id, promise.data, -1))
