"""What the moves of a promise share: whom they tell, what they book, which contact they belong to."""

from __future__ import annotations

from agentdesk.domain.decide import Body, Decision, MoneyFact, Outcome, Situation
from agentdesk.domain.documents import Change, Data, Document
from agentdesk.domain.kinds._common import change, logged
from agentdesk.domain.kinds.checks import check_id, ended_with
from agentdesk.domain.needs import DocumentNeed, Need
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
    # what was found to be somebody's fault is booked to his unit, all else to the one that was to keep the promise
    unit = data.get("booked") or data.get("accountable") or data.get("department") or ""
    return (MoneyFact(kind, sign * amount, data.get("allowance"), scope, data["customer"], commitment, unit),)


def first_responsible(promise: Document) -> str | None:
    """Return who promised it (首问负责); promises of older programs name only their owner."""
    data = promise.data
    found: str | None = data.get("first_responsible") or data.get("owner")
    return found


def own_and_contact(operation: Operation, body: Body) -> tuple[Need, ...]:
    """Need the promise with its check, the contact it was made in, and the approval it waits for, if they are named."""
    approval = body.maybe_text("approval")
    check = DocumentNeed(operation.scope, check_id(operation.document))
    own = (DocumentNeed(operation.scope, operation.document), check, *contact_need(operation, body))
    return (*own, DocumentNeed(operation.scope, approval)) if approval else own


def ended(
    operation: Operation, body: Body, situation: Situation, promise: Document, state: str, reason: str
) -> Outcome:
    """End a promise before it was kept, and give its money back to the allowance it was drawn on."""
    told = units_told(promise.data.get("department"))
    moves = logged(promise, operation, situation.at, state, text=reason)
    credit = {"credit": None} if promise.data.get("credit") is not None else {}
    closed = change(operation, "commitment", told, state=state, closed_at=situation.at, **credit, moves=moves)
    also = (*_moot(operation, body, situation, promise), *ended_with(operation, promise, situation, state))
    return Decision((closed, *also), booked(promise.scope, promise.id, promise.data, -1))


def _moot(operation: Operation, body: Body, situation: Situation, promise: Document) -> tuple[Change, ...]:
    """End the approval that a promise waited for: nobody needs to answer it any more."""
    asked = body.maybe_text("approval")
    approval = situation.answers.document(promise.scope, asked) if asked else None
    if approval is None or approval.data.get("commitment") != promise.id or approval.data.get("state") != "open":
        return ()
    moves = logged(approval, operation, situation.at, "lapsed", text="moot")
    fields = {"state": "lapsed", "closed_at": situation.at, "moves": moves}
    return (Change(approval.scope, approval.id, "approval", fields),)
