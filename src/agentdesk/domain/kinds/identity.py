"""Identity verified (身份核验): method and result are recorded, the secret never (DOMAIN rule 11).

The customer's document carries seals: salted hashes of what he may be asked. The agent types what the caller says;
the desk says match or no match. A seal keeps a secret off the screen and out of the log; it can't keep a six-digit
password from someone who holds the file and tries them all, so the files themselves are to be protected.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from agentdesk.domain.case import Customer, Subscription
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, logged, on_existing, own_document
from agentdesk.domain.operation import Operation

METHOD_LEVELS: Mapping[str, int] = {
    "own_number": 1,
    "service_password": 2,
    "certificate_tail": 2,
    "id_card": 3,
}
"""What each method is good for (policy §3). `own_number` needs no question: the number that rings is the line."""

FIELDS = frozenset({"method", "result", "caller_role", "customer", "seconds", "handler"})
"""All that a body may hold: what the caller said has no place in it, not even by a mistake of a desk."""

CALLER_ROLES = ("owner", "user", "agent", "handler", "other")


def seal_secret(secret: str, salt: str) -> str:
    """Return the seal of a secret that a customer may be asked for: case and white space don't count."""
    said = "".join(secret.split()).upper()
    return hmac.new(salt.encode(), said.encode(), sha256).hexdigest()


def matches(customer: Mapping[str, Any], method: str, said: str) -> bool | None:
    """Tell whether what the caller says matches the customer's seal; None when there is no seal to compare with."""
    seal = (customer.get("seals") or {}).get(method)
    if not seal:
        return None
    salt, _, digest = seal.partition(":")
    return hmac.compare_digest(seal_secret(said, salt), digest)


def level_of(contact: Document | None, customer_id: str | None) -> int:
    """Return the verification level of a contact for a customer: it belongs to (contact, customer)."""
    if contact is None or customer_id is None:
        return 0
    verification = contact.data.get("verification") or {}
    return verification.get("level", 0) if verification.get("customer") == customer_id else 0


def standing_level(contact: Document | None, customer: Customer, line: Subscription | None) -> int:
    """Return the level that a promise can count on: what was verified, and 1 for a call from the line in question."""
    if contact is None:
        return 0
    caller = contact.data.get("caller")
    own = 1 if line is not None and caller is not None and caller == line.number else 0
    return max(own, level_of(contact, customer.document.id))


def caller_role_of(contact: Document | None) -> str:
    """Return the caller's role as it was told at the verification; the owner's until somebody says otherwise."""
    verification = (contact.data.get("verification") if contact else None) or {}
    role: str = verification.get("caller_role") or "owner"
    return role


def _checked(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    if not operation.data.keys() <= FIELDS:
        return Refusal(Reason.of("malformed", detail="a verification holds nothing else"))
    method, result, role = body.text("method"), body.text("result"), body.text("caller_role")
    customer = body.text("customer")
    if method not in METHOD_LEVELS or result not in ("match", "miss") or role not in CALLER_ROLES:
        return Refusal(Reason.of("malformed", detail="unknown method, result or caller's role"))
    if customer != contact.data.get("customer"):
        return Refusal(Reason.of("other_customer", customer=customer))
    moves = logged(
        contact,
        operation,
        situation.at,
        "verified" if result == "match" else "verification_missed",
        method=method,
        customer=customer,
        seconds=body.maybe_number("seconds"),
        handler=dict(body.mapping("handler")) or None,
    )
    if result == "miss":
        misses = (contact.data.get("misses") or 0) + 1
        return Decision((change(operation, "contact", misses=misses, moves=moves),))
    level = max(METHOD_LEVELS[method], level_of(contact, customer))
    verification = {
        "customer": customer,
        "level": level,
        "method": method,
        "caller_role": role,
        "at": situation.at,
    }
    return Decision((change(operation, "contact", verification=verification, moves=moves),))


KINDS = (Kind("identity.verified", 1, own_document, on_existing("contact", _checked)),)
