"""What a line is charged and what is owed to its customer, as far as billing has told: the facts behind a refund.

A charge is one line of a bill. Amounts are minor units and never negative here: what is written otherwise counts as
nothing. A document that lacks these fields has no charges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CHARGE_KINDS = frozenset(
    {
        "plan",
        "voice",
        "data",
        "roaming",
        "international",
        "content",
        "feature",
        "pack",
        "late_fee",
        "install",
        "shared",
        "other",
    }
)
"""What a charge can be for: `content` is bought once, `pack` an add-on that was paid for, `shared` a shared line's."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge on a bill: minor units; `at` is ms UTC, `source` who ordered it (owner, unknown, trial)."""

    id: str
    kind: str
    name: str
    amount: int
    at: int
    source: str = "owner"


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A change of plan within a billing cycle: the fees of both plans, when it took effect, and what was charged."""

    old_fee: int
    new_fee: int
    at: int
    charged: int


@dataclass(frozen=True, slots=True)
class Rebate:
    """A rebate that was agreed: so much a month, how many instalments are due by now and how many were paid."""

    monthly: int
    due: int
    paid: int


@dataclass(frozen=True, slots=True)
class Prepaid:
    """A fee that was paid in advance for a time, ms UTC."""

    amount: int
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Dues:
    """What a line's customer may get back beside charges; minor units, None or 0 where there is nothing of the sort."""

    plan_change: PlanChange | None = None
    rebate: Rebate | None = None
    prepaid: Prepaid | None = None
    roaming_pack: int = 0
    exit_fee: int = 0
    deposit: int = 0
    install_fee: int = 0


def charges_of(line: Mapping[str, Any]) -> tuple[Charge, ...]:
    """Return the charges of a line as its customer's document has them."""
    return tuple(
        Charge(
            str(c["id"]),
            c.get("kind") or "other",
            c.get("name") or "",
            _amount(c, "amount"),
            c.get("at") or 0,
            c.get("source") or "owner",
        )
        for c in line.get("charges") or ()
    )


def dues_of(line: Mapping[str, Any]) -> Dues:
    """Return what is owed on a line as its customer's document has it."""
    given = line.get("dues")
    if not given:
        return NOTHING
    change, rebate, prepaid = given.get("plan_change"), given.get("rebate"), given.get("prepaid")
    return Dues(
        plan_change=PlanChange(
            _amount(change, "old_fee"), _amount(change, "new_fee"), change.get("at") or 0, _amount(change, "charged")
        )
        if change
        else None,
        rebate=Rebate(_amount(rebate, "monthly"), _amount(rebate, "due"), _amount(rebate, "paid")) if rebate else None,
        prepaid=Prepaid(_amount(prepaid, "amount"), prepaid.get("begins") or 0, prepaid.get("ends") or 0)
        if prepaid
        else None,
        roaming_pack=_amount(given, "roaming_pack"),
        exit_fee=_amount(given, "exit_fee"),
        deposit=_amount(given, "deposit"),
        install_fee=_amount(given, "install_fee"),
    )


NOTHING = Dues()


def _amount(item: Mapping[str, Any], name: str) -> int:
    return max(0, int(item.get(name) or 0))
