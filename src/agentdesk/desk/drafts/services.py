"""Orders by phone and walked flows as drafts of operations: one function for each kind, pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentdesk.desk.drafts import By
from agentdesk.domain.documents import Document
from agentdesk.domain.language.words import Spoken
from agentdesk.domain.offering.services import Standing
from agentdesk.domain.operation import Draft


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A service to be ordered: how it stands, what was asked for, and what was read back and is said.

    `about` is what a cancellation is of, in words; `undoes` the order that this one takes back.
    """

    standing: Standing
    number: str
    customer: str
    line: str | None
    contact_scope: str
    contact: str
    parameters: Mapping[str, str]
    online: bool
    confirm: Spoken
    done: Spoken
    confirmed_s: int | None
    level: int
    method: str | None
    about: str | None = None
    undoes: str | None = None


def service_ordered(by: By, scope: str, document: str, new: NewOrder) -> Draft:
    """Order a service."""
    body = {
        "number": new.number,
        "service": new.standing.service.code,
        "customer": new.customer,
        "subscription": new.line,
        "contact": new.contact,
        "contact_scope": new.contact_scope,
        "parameters": dict(new.parameters),
        "fee": new.standing.service.fee,
        "due": new.standing.due,
        "line": "up" if new.online else "down",
        "confirm": new.confirm.data(),
        "done": new.done.data(),
        "confirmed_s": new.confirmed_s,
        "verification": {"level": new.level, "method": new.method},
        "about": new.about,
        "undoes": new.undoes,
    }
    return by.draft("service.ordered", scope, document, body)


def service_moved(by: By, order: Document, move: str, body: Mapping[str, Any]) -> Draft:
    """Say what became of an order: effected, failed, cancelled, undone."""
    known = {"customer": order.data.get("customer"), "undoes": order.data.get("undoes")} if move == "effected" else {}
    return by.on(f"service.{move}", order, {**known, **body})


def guided(
    by: By,
    scope: str,
    contact: str,
    *,
    flow: str,
    path: Sequence[tuple[str, int]],
    end: str | None,
    outcome: str,
    begun: int,
    at: int,
) -> Draft:
    """Record a question flow that was walked; ms of the wall clock."""
    body = {
        "flow": flow,
        "path": [list(step) for step in path],
        "end": end,
        "outcome": outcome,
        "from": begun,
        "at": at,
    }
    return by.draft("contact.guided", scope, contact, body)
