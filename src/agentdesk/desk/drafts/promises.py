"""The life of promises, approvals and disputes as drafts of operations: one function for each kind, pure.

What is done about a promise goes by the version of the policy that it was made under (DOMAIN rule 10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentdesk.desk.drafts import By
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft


def moved(by: By, promise: Document, move: str, body: Mapping[str, Any]) -> Draft:
    """Move a promise on: dispatched, accepted, noted, handed_over, chased."""
    return by.under(promise).on(f"commitment.{move}", promise, body)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a superior; `commitment` is the promise that waits for the answer, minor units."""

    number: str
    template: str
    customer: str
    line: str | None
    contact_scope: str
    contact: str
    amount: int
    proposed: int | None
    reason: str
    beyond: Sequence[str]
    role: str
    commitment: str | None = None


def approval_asked(by: By, scope: str, document: str, asked: Asked) -> Draft:
    """Ask for an approval."""
    body = {
        "number": asked.number,
        "template": asked.template,
        "customer": asked.customer,
        "subscription": asked.line,
        "contact": asked.contact,
        "contact_scope": asked.contact_scope,
        "amount": asked.amount,
        "proposed": asked.proposed,
        "reason": asked.reason,
        "beyond": list(asked.beyond),
        "approver_role": asked.role,
        "commitment": asked.commitment,
    }
    return by.draft("approval.asked", scope, document, body)


def approval_given(by: By, scope: str, document: str, reason: str, commitment: str | None = None) -> Draft:
    """Give an approval; `by` is the superior."""
    return by.draft("approval.given", scope, document, {"reason": reason or None, "commitment": commitment})


def approval_answered(by: By, approval: Document, yes: bool, reason: str) -> Draft:
    """Answer an approval that was asked for elsewhere."""
    body = {"reason": reason or None, **{name: approval.data.get(name) for name in ("commitment", "customer")}}
    kind = "approval.given" if yes else "approval.declined"
    return by.under(approval).on(kind, approval, body)


@dataclass(frozen=True, slots=True)
class Disputed:
    """What a customer says he was promised; `due` is what he is told, ms UTC."""

    number: str
    customer: str
    line: str | None
    contact_scope: str | None
    contact: str | None
    words: str
    day: str | None
    phone: str | None
    remembered: str | None
    contacts: Sequence[str]
    promises: Sequence[str]
    due: int | None


def dispute_opened(by: By, scope: str, document: str, new: Disputed) -> Draft:
    """Write down what a customer says he was promised."""
    body = {
        "number": new.number,
        "customer": new.customer,
        "subscription": new.line,
        "contact_scope": new.contact_scope,
        "contact": new.contact,
        "words": new.words,
        "day": new.day,
        "phone": new.phone,
        "remembered": new.remembered,
        "contacts": list(new.contacts),
        "promises": list(new.promises),
        "due": new.due,
    }
    return by.draft("dispute.opened", scope, document, body)


@dataclass(frozen=True, slots=True)
class Honoured:
    """How a dispute is honoured: the promise that is made, minor units, and the unit that it is booked to."""

    template: str
    number: str
    amount: int
    allowance: str | None
    unit: str | None


def dispute_decided(by: By, dispute: Document, reason: str, honoured: Honoured | None) -> Draft:
    """Decide a dispute; None dismisses it."""
    body: dict[str, Any] = {
        "customer": dispute.data.get("customer"),
        "honoured": honoured is not None,
        "reason": reason,
    }
    if honoured is None:
        return by.on("dispute.decided", dispute, body)
    body |= {"template": honoured.template, "number": honoured.number, "unit": honoured.unit}
    return by.on("dispute.decided", dispute, body, amount=honoured.amount, allowance=honoured.allowance)
