"""Making a promise: durable before it is called promised, under the policy's version that it remembers (DOMAIN 1, 10).

Version 2 may name the approval that it is made on, and may wait for it where the customer agreed to that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Customer
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.finance.credit import credit_fields
from agentdesk.domain.kinds._common import change, exists, logged
from agentdesk.domain.kinds.checks import check_of
from agentdesk.domain.kinds.commitments._shared import booked, contact_need, units_told
from agentdesk.domain.kinds.commitments.collisions import approval_of, collisions, waits
from agentdesk.domain.needs import DayNeed, DocumentNeed, Need, WorkNeed
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Template

HOUR_MS = 3_600_000


def _today_need(operation: Operation) -> DayNeed:
    """Ask for what the agent promised in the last day and a bit: the instant isn't certain yet."""
    return DayNeed(operation.scope, operation.actor, operation.wall - (operation.offset or 0) - DAY_MS - HOUR_MS)


def _made_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.text("customer")
    approval = body.maybe_text("approval") if operation.version > 1 else None
    asked = (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, customer),
        WorkNeed(operation.scope, customer),
        *contact_need(operation, body),
        *((DocumentNeed(operation.scope, approval),) if approval else ()),
    )
    return (*asked, _today_need(operation)) if operation.amount > 0 else asked


def _made(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Make a promise. What was spoken stands: one that can't be checked is held, as a document whose clock runs."""
    refused = exists(operation, situation)
    if refused:
        return refused
    code, due = body.text("template"), body.number("due")
    template = situation.catalogue.templates.get(code)
    document = situation.answers.document(operation.scope, body.text("customer"))
    customer = Customer(document) if document is not None and document.type == "customer" else None
    flags: tuple[Reason, ...] = ()
    held: Reason | None = None
    if template is None:
        held = Reason.of("unknown_template", template=code)
    elif operation.amount < 0 or (operation.amount > 0) != (template.money is not None):
        held = Reason.of("malformed", detail="the amount doesn't fit the template")
    elif customer is None:
        held = Reason.of("unknown_customer", customer=body.text("customer"))
    else:
        flags = collisions(operation, body, situation, template, customer, due)
    kind = template.money.kind if template and template.money else None
    if kind is None and operation.amount > 0 and situation.allowance is not None:
        kind = situation.allowance.kind
    approval = approval_of(operation, body, situation)
    fields = {
        "number": body.text("number"),
        "customer": body.text("customer"),
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "contact_scope": body.maybe_text("contact_scope"),
        **of_template(template, code, operation.catalogue),
        "tier": situation.catalogue.tier_of(customer.card) if customer else None,
        "state": "made",
        "amount": operation.amount,
        "proposed": body.maybe_number("proposed"),
        "amount_reason": body.maybe_text("amount_reason"),
        "money": kind,
        "allowance": operation.allowance,
        # what it costs stays with this unit in the ledger until somebody rebooks it, whoever keeps the promise
        "booked": template.department if template else None,
        "inputs": dict(body.mapping("inputs")) or None,
        "due": due,
        "owner": operation.actor,
        "first_responsible": operation.actor,
        "site": operation.site,
        "line": body.text("line"),
        "rank": body.maybe_number("rank"),
        "ask": dict(body.mapping("ask")),
        "tell": dict(body.mapping("tell")),
        "asked_s": body.maybe_number("asked_s"),
        "agreed_s": body.maybe_number("agreed_s"),
        "verification": dict(body.mapping("verification")),
        "spoken_at": None,
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "made"),
    }
    if template is not None and customer is not None:
        tier = situation.catalogue.tier_of(customer.card)
        fields |= also_of(template, body.maybe_number("also"))
        fields |= credit_fields(kind, operation.amount, template.days, tier, situation.at)
    also: tuple[Change, ...] = ()
    if approval is not None:
        fields |= _approved(approval, operation, situation, waits(operation, body))
        also = _used(approval, operation, situation)
    made = change(operation, "commitment", units_told(fields["department"]), **fields)
    if template is not None and template.check and fields["state"] != "declined":
        also = (*also, check_of(operation, made, situation))
    costs = booked(operation.scope, operation.document, fields, 1)
    if fields["state"] == "declined":
        # its site has charged its lease all the same: the budget has it again, as when it is declined afterwards
        costs += booked(operation.scope, operation.document, {**fields, "allowance": None}, -1)
    return Decision((made, *also), costs, flags, held)


def also_of(template: Template, also_due: int | None) -> dict[str, Any]:
    """Return what a promise keeps of a second deadline that was announced with it; nothing where there is none."""
    if template.also is None or also_due is None:
        return {}
    return {"also_due": also_due, "also_zh": template.also.name.zh, "also_en": template.also.name.en}


def of_template(template: Template | None, code: str, catalogue: str) -> dict[str, Any]:
    """Return what a promise keeps of its template: whatever is decided about it later goes by that version."""
    return {
        "template": code,
        "catalogue": catalogue,
        "name_zh": template.name.zh if template else code,
        "name_en": template.name.en if template else code,
        "statutory": bool(template and template.money and template.money.statutory),
        "department": template.department if template else None,
        "closing": template.closing if template else "call",
    }


def _approved(approval: Document, operation: Operation, situation: Situation, wait: bool) -> dict[str, Any]:
    """Return how a promise stands with its approval: on it, waiting for it, or declined while it was on its way."""
    data = approval.data
    fields: dict[str, Any] = {"approval": approval.id, "approver": data.get("approver")}
    if not wait or data.get("given_at") is not None:
        return fields
    if data.get("state") == "declined":
        moves = [
            *logged(None, operation, situation.at, "made"),
            {"at": situation.at, "what": "declined", "by": data.get("approver"), "text": data.get("answer")},
        ]
        return fields | {"state": "declined", "closed_at": situation.at, "moves": moves}
    return fields | {"state": "held", "held_by": [approval.id], "held_from": "made", "waits": True}


def _used(approval: Document, operation: Operation, situation: Situation) -> tuple[Change, ...]:
    """Mark an approval as used: the first promise on it takes it, whatever else it collides with."""
    data = approval.data
    if data.get("given_at") is None or data.get("used_by") not in (None, operation.document):
        return ()
    fields = {
        "state": "used",
        "used_by": operation.document,
        "used_at": situation.at,
        "moves": logged(approval, operation, situation.at, "used"),
    }
    return (Change(approval.scope, approval.id, "approval", fields),)


KINDS = (Kind("commitment.made", 2, _made_needs, _made, spoken=True),)
