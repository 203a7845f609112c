"""What a line is charged and what is owed to its customer, as far as billing has told: the facts behind a refund.

A charge is one line of the newest bill (`bills` of the customer's document): there is no second record of it. Amounts
are minor units and never negative here: what is written otherwise counts as nothing. Who has no bill has no charges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        "vas",
        "third_party",
        "other",
    }
)
"""What a charge can be for: `content` is bought once, `pack` an add-on that was paid for, `shared` a shared line's.

`vas` and `third_party` are fees of services by the month; `feature` that of a function of the line (来显、呼转).
"""

CHARGE_OF: Mapping[str, str] = {
    "fixed": "plan",
    "overage": "data",
    "vas": "vas",
    "third_party": "third_party",
    "late_fee": "late_fee",
}
"""What a bill's line is for by its kind, where it doesn't say so itself (`charge`)."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge on a bill: minor units; `at` is when the bill was issued, ms UTC.

    `source` is who ordered it (owner, unknown, trial); `id` names account, month and place on the bill.
    """

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


def charges_by_line(bills: Iterable[Mapping[str, Any]]) -> Mapping[str, tuple[Charge, ...]]:
    """Return the charges of each line, by its id: what the newest bill of each account has; discounts are none."""
    newest: dict[str, Mapping[str, Any]] = {}
    for bill in bills:
        account = str(bill.get("account") or "")
        if account not in newest or str(newest[account].get("month") or "") < str(bill.get("month") or ""):
            newest[account] = bill
    found: dict[str, list[Charge]] = {}
    for account, bill in newest.items():
        for place, row in enumerate(bill.get("lines") or ()):
            amount = _amount(row, "amount")
            if amount and row.get("kind") != "discount":
                charge = Charge(
                    f"{account}/{bill.get('month') or ''}/{place}",
                    _kind(row),
                    str(row.get("name") or ""),
                    amount,
                    int(bill.get("issued") or 0),
                    str(row.get("source") or "owner"),
                )
                found.setdefault(str(row.get("line") or ""), []).append(charge)
    return {line: tuple(charges) for line, charges in found.items()}


def _kind(row: Mapping[str, Any]) -> str:
    told = row.get("charge")
    return told if told in CHARGE_KINDS else CHARGE_OF.get(str(row.get("kind") or ""), "other")


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
