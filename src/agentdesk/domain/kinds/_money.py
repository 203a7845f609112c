"""What the kinds share that book money: whom they tell, and what they book where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentdesk.domain.decide import MoneyFact
from agentdesk.domain.documents import Data

NO_SUCH = "unknown_remedy"


def units(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the scopes of the departments that a remedy concerns: who carries it out, and who pays."""
    found = dict.fromkeys(unit for unit in (data.get("department"), data.get("booked")) if unit)
    return tuple(f"department/{unit}" for unit in found)


def booked(scope: str, document: str, data: Data, sign: int) -> tuple[MoneyFact, ...]:
    """Return what a remedy costs its allowance and the unit that pays (`sign` 1), or gives back to both (-1)."""
    kind, amount = data.get("money"), data.get("amount") or 0
    if kind is None or amount <= 0:
        return ()
    unit = data.get("booked") or ""
    return (MoneyFact(kind, sign * amount, data.get("allowance"), scope, data["customer"], document, unit),)


def moved(scope: str, document: str, data: Data, to: str) -> tuple[MoneyFact, ...]:
    """Return the two facts that move a cost from the unit that pays to another: their sum is nothing.

    They name no allowance, as nothing is promised by them.
    """
    kind, amount, unit = data.get("money"), data.get("amount") or 0, data.get("booked") or data.get("department") or ""
    if kind is None or amount <= 0 or unit == to:
        return ()
    customer = data["customer"]
    return (
        MoneyFact(kind, -amount, None, scope, customer, document, unit),
        MoneyFact(kind, amount, None, scope, customer, document, to),
    )
