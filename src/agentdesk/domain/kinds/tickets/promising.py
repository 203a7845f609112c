"""Promises that a department works for (先承诺，再处理): the ticket that carries the work, each naming the other."""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Situation
from agentdesk.domain.documents import OPEN_TICKET_STATES, Change, Document
from agentdesk.domain.kinds._common import change, logged, on_existing
from agentdesk.domain.kinds.tickets.states import told
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation


def promise_need(operation: Operation, body: Body) -> tuple[Need, ...]:
    """Need the promise that a ticket works for, where the body names one."""
    commitment = body.maybe_text("commitment")
    return (DocumentNeed(operation.scope, commitment),) if commitment else ()


def promise_of(operation: Operation, body: Body, situation: Situation) -> Document | None:
    """Return the promise that a body names."""
    found = situation.answers.document(operation.scope, body.maybe_text("commitment") or "")
    return found if found is not None and found.type == "commitment" else None


def naming(operation: Operation, situation: Situation, promise: Document, ticket: str, number: object) -> Change:
    """Return the change by which a promise names the ticket that works for it."""
    unit = promise.data.get("department")
    moves = logged(promise, operation, situation.at, "ticket", number=number)
    units = (f"department/{unit}",) if unit else ()
    return Change(promise.scope, promise.id, "commitment", {"ticket": ticket, "moves": moves}, units)


def _promised_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    body.text("commitment")
    return (DocumentNeed(operation.scope, operation.document), *promise_need(operation, body))


def _promised(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Let an open ticket work for one more promise; no second ticket is opened for the same matter (DOMAIN rule 8)."""
    promise = promise_of(operation, body, situation)
    if promise is None:
        return Decision((), held=Reason.of("unknown_document", document=body.text("commitment")))
    number = promise.data.get("number")
    moves = logged(ticket, operation, situation.at, "promised", number=number)
    fields = {"commitment": ticket.data.get("commitment") or promise.id, "moves": moves}
    state = ticket.data.get("state")
    # it may have been closed where the promise was made without seeing it: what was spoken stands all the same
    flags = () if state in OPEN_TICKET_STATES else (Reason.of("ticket_state", state=state, move="promised"),)
    named = naming(operation, situation, promise, ticket.id, ticket.data.get("number"))
    return Decision((change(operation, "ticket", told(ticket), **fields), named), flags=flags)


KINDS = (Kind("ticket.promised", 1, _promised_needs, on_existing("ticket", _promised)),)
