"""Remedies, checks and speed tests as drafts of operations: one pure function a kind; amounts are minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentdesk.desk.drafts import By
from agentdesk.domain.documents import Document
from agentdesk.domain.language.words import Spoken
from agentdesk.domain.offering.remedies import RemedyOffer
from agentdesk.domain.operation import Draft


@dataclass(frozen=True, slots=True)
class Given:
    """A remedy to be given: what was offered under which matter, and what is told."""

    offer: RemedyOffer
    number: str
    customer: str
    line: str | None
    under: str
    contact_scope: str | None
    contact: str | None
    online: bool
    tell: Spoken
    level: int
    method: str | None
    allowance: str | None
    reason: str | None = None
    inputs: Mapping[str, Any] | None = None
    approval: str | None = None


def remedy_given(by: By, scope: str, document: str, given: Given) -> Draft:
    """Give a remedy."""
    offer = given.offer
    body = {
        "number": given.number,
        "customer": given.customer,
        "subscription": given.line,
        "contact": given.contact,
        "contact_scope": given.contact_scope,
        "under": given.under,
        "remedy": offer.remedy.code,
        "quantity": offer.quantity,
        "due": offer.due,
        "line": "up" if given.online else "down",
        "proposed": offer.need,
        "amount_reason": given.reason,
        "inputs": dict(given.inputs) if given.inputs else None,
        "tell": given.tell.data(),
        "verification": {"level": given.level, "method": given.method},
        "approval": given.approval,
    }
    lease = given.allowance if offer.amount else None
    return by.draft("remedy.given", scope, document, body, amount=offer.amount or 0, allowance=lease)


def on_remedy(by: By, remedy: Document, move: str, body: Mapping[str, Any], deps: tuple[str, ...] = ()) -> Draft:
    """Move a remedy on: spoken, done, voided, withdrawn, rebooked, objected, judged."""
    contact = {name: remedy.data.get(name) for name in ("contact", "contact_scope")}
    return by.on(f"{remedy.type}.{move}", remedy, {**contact, **body}, deps=deps)


def check_closed(by: By, check: Document, result: str, text: str, against: str | None) -> Draft:
    """Close a check: who caused it, in words."""
    body = {"about": check.data.get("about"), "result": result, "text": text, "against": against}
    return by.on("check.closed", check, body)


def line_tested(by: By, scope: str, document: str, body: Mapping[str, Any]) -> Draft:
    """Note a speed test of a line."""
    return by.draft("line.tested", scope, document, body)
