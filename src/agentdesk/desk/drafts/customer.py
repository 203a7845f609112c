"""Drafts of what is noted about who calls and why, one function for each kind, pure."""

from __future__ import annotations

from collections.abc import Mapping

from agentdesk.desk.drafts import By
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft


def matter_named(by: By, scope: str, contact: str, matter: str, source: str) -> Draft:
    """Name what a contact is about."""
    return by.draft("contact.matter_named", scope, contact, {"matter": matter, "source": source})


def leaving_told(by: By, scope: str, contact: str, reason: str, words: str, ported: bool) -> Draft:
    """Record why somebody leaves."""
    body = {"reason": reason, "words": words or None, "ported": ported or None}
    return by.draft("contact.leaving_told", scope, contact, body)


def code_asked(
    by: By, scope: str, document: str, *, customer: str, customer_scope: str, line: str, contact: str
) -> Draft:
    """Ask for a code by SMS."""
    body = {"customer": customer, "customer_scope": customer_scope, "subscription": line, "contact": contact}
    return by.draft("identity.code_asked", scope, document, body)


def carried(by: By, scope: str, contact: str, before: Document) -> Draft:
    """Take over the level of the contact before."""
    return by.draft("contact.carried", scope, contact, {"from": before.id, "from_scope": before.scope})


def verified(
    by: By,
    scope: str,
    contact: str,
    *,
    method: str,
    match: bool,
    caller_role: str,
    customer: Document,
    seconds: int | None,
    handler: Mapping[str, str],
    code: str | None = None,
    answer: str | None = None,
) -> Draft:
    """Record how a verification went; never what was said."""
    body = {
        "method": method,
        "result": "match" if match else "miss",
        "caller_role": caller_role,
        "customer": customer.id,
        "customer_scope": customer.scope,
        "seconds": seconds,
        "handler": dict(handler) or None,
        "code": code,
        "answer": answer,
    }
    return by.draft("identity.verified", scope, contact, body, version=2)
