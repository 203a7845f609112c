"""Services that sample customers ordered by phone: one that took effect, one that shows none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.domain.offering.services import due_at

if TYPE_CHECKING:
    from agentdesk.sample.pen import Pen

TOOK_MS = 9_000
"""How long an immediate service takes in the sample's network."""


def ordered(pen: Pen, code: str, at: int, state: str = "effected", **parameters: str) -> Document:
    """Write an order for the customer's first line; a late one was marked when its time was over."""
    catalogue = pen.floor.catalogue
    service = catalogue.services[code]
    due = due_at(service, pen.tier, True, at, catalogue)
    moves = [pen.move(at, "ordered", pen.agent)]
    data: dict[str, Any] = {
        "number": pen.number(),
        "customer": pen.customer.document.id,
        "subscription": pen.main.id,
        "contact": None,
        "service": code,
        "catalogue": catalogue.version,
        "name_zh": service.name.zh,
        "name_en": service.name.en,
        "state": state,
        "parameters": parameters,
        "fee": service.fee,
        "effective": service.effective,
        "mode": "same",
        "due": due,
        "department": service.department,
        "undo": service.undo,
        "promise": service.promise,
        "owner": pen.agent,
        "line": "up",
        "at": at,
        "moves": moves,
    }
    if state == "effected":
        moves.append(pen.move(at + TOOK_MS, "effected", "centre", text="sample"))
        data |= {"effected_at": at + TOOK_MS, "took_ms": TOOK_MS, "proof": "sample", "closed_at": at + TOOK_MS}
    elif state == "late":
        late = at + catalogue.rules.instant_within_s * 1000
        moves.append(pen.move(late, "late", "centre"))
        data |= {"late_at": late, "rungs": {"late": late}}
    return pen.write("service_order", at, data)
