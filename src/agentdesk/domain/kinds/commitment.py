"""Commitments (即时承诺): a promise as an object with its own clock, owner, department and money.

A promise is checked here against its template, the caller's verification, the author's authority and the allowance
by the same `assess` that ranks the offers. At the desk what doesn't pass isn't promised; at the centre the promise
has been spoken already, so what doesn't pass is flagged, honoured and booked (DOMAIN rules 3 and 5).
"""

from __future__ import annotations

from typing import Any

from agentdesk.domain.case import Case, Customer
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import (
    Body,
    Decision,
    DocumentNeed,
    Kind,
    MoneyFact,
    Need,
    Outcome,
    Refusal,
    Situation,
    WorkNeed,
)
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, exists, logged, on_existing
from agentdesk.domain.kinds.identity import caller_role_of, standing_level
from agentdesk.domain.offers import assess
from agentdesk.domain.operation import Operation
from agentdesk.domain.policy import Template

DUE_SLACK_MS = 15 * 60_000
"""How far a spoken deadline may lie behind the one computed now: the card was painted a while before."""

KEEPABLE = frozenset({"made", "dispatched", "breached", "held"})


def _contact_need(operation: Operation, body: Body) -> tuple[Need, ...]:
    contact = body.maybe_text("contact")
    return (DocumentNeed(body.maybe_text("contact_scope") or operation.scope, contact),) if contact else ()


def _contact(operation: Operation, body: Body, situation: Situation) -> Document | None:
    contact = body.maybe_text("contact")
    if contact is None:
        return None
    return situation.answers.document(body.maybe_text("contact_scope") or operation.scope, contact)


def _made_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.text("customer")
    return (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, customer),
        WorkNeed(operation.scope, customer),
        *_contact_need(operation, body),
    )


def _made(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    catalogue = situation.catalogue
    code = body.text("template")
    template = catalogue.templates.get(code)
    if template is None:
        return Refusal(Reason.of("unknown_template", template=code))
    if operation.amount < 0 or (operation.amount > 0) != (template.money is not None):
        return Refusal(Reason.of("malformed", detail="the amount doesn't fit the template"))
    due = body.number("due")
    document = situation.answers.document(operation.scope, body.text("customer"))
    flags: tuple[Reason, ...] = ()
    held: Reason | None = None
    if document is None:
        held = Reason.of("unknown_customer", customer=body.text("customer"))
    else:
        flags = _collisions(operation, body, situation, template, Customer(document), due)
    kind = template.money.kind if template.money else None
    fields = {
        "number": body.text("number"),
        "customer": body.text("customer"),
        "subscription": body.maybe_text("subscription"),
        "contact": body.maybe_text("contact"),
        "template": code,
        "catalogue": operation.catalogue,
        "name_zh": template.name.zh,
        "name_en": template.name.en,
        "state": "made",
        "amount": operation.amount,
        "proposed": body.maybe_number("proposed"),
        "amount_reason": body.maybe_text("amount_reason"),
        "money": kind,
        "statutory": bool(template.money and template.money.statutory),
        "allowance": operation.allowance,
        "due": due,
        "department": template.department,
        "closing": template.closing,
        "owner": operation.actor,
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
    money: tuple[MoneyFact, ...] = ()
    if kind is not None:
        money = (
            MoneyFact(
                kind,
                operation.amount,
                operation.allowance,
                operation.scope,
                body.text("customer"),
                operation.document,
                template.department,
            ),
        )
    told = (f"department/{template.department}",)
    return Decision((change(operation, "commitment", told, **fields),), money, flags, held)


def _collisions(
    operation: Operation, body: Body, situation: Situation, template: Template, customer: Customer, due: int
) -> tuple[Reason, ...]:
    """Return what a promise collides with: none of it may be at the desk, all of it is honoured at the centre."""
    line = customer.subscription(body.maybe_text("subscription"))
    contact = _contact(operation, body, situation)
    work = situation.answers.work(operation.scope, customer.document.id)
    left = situation.allowance.left if situation.allowance else None
    kind = situation.allowance.kind if situation.allowance else None
    case = Case(
        customer=customer,
        line=line,
        work=tuple(d for d in work if d.id != operation.document),
        at=situation.at,
        role=operation.role,
        level=standing_level(contact, customer, line),
        caller_role=caller_role_of(contact),
        online=body.text("line") != "down",
        cost_left=left if kind == "cost" else None,
        credit_left=left if kind == "credit" else None,
        actor=operation.actor,
    )
    offer = assess(template, case, situation.catalogue, operation.amount or None)
    flags = () if offer.status == "available" else offer.reasons
    if operation.amount and situation.allowance is None:
        flags = (*flags, Reason.of("no_allowance"))
    if due > offer.due + DUE_SLACK_MS:
        flags = (*flags, Reason.of("due_beyond_limit", limit=offer.due, due=due))
    return flags


def _own_and_contact(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (DocumentNeed(operation.scope, operation.document), *_contact_need(operation, body))


def _spoken(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Mark the words to tell as spoken: from here on the promise can't be voided as a mis-key."""
    flags = (Reason.of("voided_already"),) if promise.data.get("state") == "voided" else ()
    fields: dict[str, Any] = {
        "spoken_at": situation.at,
        "spoken_s": body.maybe_number("seconds"),
        "moves": logged(promise, operation, situation.at, "spoken", seconds=body.maybe_number("seconds")),
    }
    if flags:
        # spoken is spoken: the promise stands again
        fields["state"] = "made"
    return Decision((change(operation, "commitment", **fields),), flags=flags)


def _voided(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Void a mis-key (DOMAIN rule 3): the same agent, before the words were spoken, at most 60 s after the call."""
    data = promise.data
    if data.get("owner") != operation.actor:
        return Refusal(Reason.of("not_yours", owner=data.get("owner")))
    if data.get("spoken_at") is not None:
        return Refusal(Reason.of("already_spoken"))
    if data.get("state") not in ("made", "held"):
        return Refusal(Reason.of("promise_state", state=data.get("state"), move="voided"))
    contact = _contact(operation, body, situation)
    ended = (contact.data.get("moments") or {}).get("ended") if contact else None
    window = situation.catalogue.rules.miskey_after_call_s * 1000
    if ended is not None and situation.at > ended + window:
        return Refusal(Reason.of("too_late_to_void", seconds=window // 1000))
    return _ended(operation, situation, promise, "voided", body.text("reason"))


def _withdrawn(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    if promise.data.get("state") not in KEEPABLE:
        return Refusal(Reason.of("promise_state", state=promise.data.get("state"), move="withdrawn"))
    return _ended(operation, situation, promise, "withdrawn", body.text("reason"))


def _ended(operation: Operation, situation: Situation, promise: Document, state: str, reason: str) -> Outcome:
    """End a promise before it was kept, and give its money back to the allowance it was drawn on."""
    data = promise.data
    money: tuple[MoneyFact, ...] = ()
    if data.get("money") and data.get("amount"):
        money = (
            MoneyFact(
                data["money"],
                -data["amount"],
                data.get("allowance"),
                promise.scope,
                data["customer"],
                promise.id,
                data["department"],
            ),
        )
    moves = logged(promise, operation, situation.at, state, text=reason)
    told = (f"department/{data.get('department')}",)
    fields = change(operation, "commitment", told, state=state, closed_at=situation.at, moves=moves)
    return Decision((fields,), money)


def _fulfilled(operation: Operation, body: Body, situation: Situation, promise: Document) -> Outcome:
    """Keep a promise; `late` says whether its time had passed, the breach stays visible."""
    data = promise.data
    if data.get("state") not in KEEPABLE:
        return Refusal(Reason.of("promise_state", state=data.get("state"), move="fulfilled"))
    late = (data.get("due") or situation.at) < situation.at
    moves = logged(promise, operation, situation.at, "fulfilled", text=body.text("proof"), late=late or None)
    return Decision(
        (
            change(
                operation,
                "commitment",
                (f"department/{data.get('department')}",),
                state="fulfilled",
                late=late,
                closed_at=situation.at,
                moves=moves,
            ),
        )
    )


KINDS = (
    Kind("commitment.made", 1, _made_needs, _made, spoken=True),
    Kind("commitment.spoken", 1, _own_and_contact, on_existing(_spoken), spoken=True),
    Kind("commitment.voided", 1, _own_and_contact, on_existing(_voided)),
    Kind("commitment.withdrawn", 1, _own_and_contact, on_existing(_withdrawn)),
    Kind("commitment.fulfilled", 1, _own_and_contact, on_existing(_fulfilled)),
)
