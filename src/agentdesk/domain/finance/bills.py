"""Bills (账单) as a customer's document holds them: one source for every channel, minor units, the newest first.

A bill is of an account and a month; its lines say what was charged for which line. The sum is that of the lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentdesk.domain.case import Customer
from agentdesk.domain.finance.plans import Use

LINE_KINDS = ("fixed", "overage", "vas", "third_party", "late_fee", "discount")
"""What a line of a bill is: monthly fee, use beyond the plan, own services, services of others, late fee, discount."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill; `quantity` is megabytes of an overage, days of a late fee, else 0."""

    kind: str
    name: str
    amount: int
    subscription: str
    quantity: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill; `issued` is ms UTC, `month` such as `2026-10`."""

    account: str
    month: str
    issued: int
    lines: tuple[BillLine, ...]
    uses: Mapping[str, Use]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class Pair:
    """The same line of two months' bills; one of them may be missing."""

    line: BillLine
    now: int
    before: int

    @property
    def change(self) -> int:
        return self.now - self.before


def bills(customer: Customer) -> tuple[Bill, ...]:
    """Return a customer's bills, the newest first."""
    found = [_bill(item) for item in customer.document.data.get("bills") or ()]
    return tuple(sorted(found, key=lambda bill: (bill.month, bill.account), reverse=True))


def compared(now: Bill | None, before: Bill | None) -> tuple[Pair, ...]:
    """Return the lines of two bills side by side, in the order of the newer one; what has gone stands last."""
    result = [Pair(line, line.amount, _amount(before, line)) for line in (now.lines if now else ())]
    known = {_mark(pair.line) for pair in result}
    gone = [line for line in (before.lines if before else ()) if _mark(line) not in known]
    return (*result, *(Pair(line, 0, line.amount) for line in gone))


def uses(customer: Customer, subscription: str, most: int = 3) -> tuple[Use, ...]:
    """Return what a line used in the last months that were billed, the newest first."""
    found = [bill.uses[subscription] for bill in bills(customer) if subscription in bill.uses]
    return tuple(found[:most])


def _mark(line: BillLine) -> tuple[str, str, str]:
    return line.kind, line.code or line.name, line.subscription


def _amount(bill: Bill | None, wanted: BillLine) -> int:
    return sum(line.amount for line in (bill.lines if bill else ()) if _mark(line) == _mark(wanted))


def _bill(item: Mapping[str, Any]) -> Bill:
    month = str(item.get("month") or "")
    rows: Sequence[Mapping[str, Any]] = item.get("lines") or ()
    return Bill(
        account=str(item.get("account") or ""),
        month=month,
        issued=int(item.get("issued") or 0),
        lines=tuple(_line(row) for row in rows),
        uses={
            str(sub): Use(month, int(use.get("minutes") or 0), int(use.get("mb") or 0))
            for sub, use in (item.get("use") or {}).items()
        },
    )


def _line(row: Mapping[str, Any]) -> BillLine:
    return BillLine(
        kind=str(row.get("kind") or "fixed"),
        name=str(row.get("name") or ""),
        amount=int(row.get("amount") or 0),
        subscription=str(row.get("line") or ""),
        quantity=int(row.get("quantity") or 0),
        code=str(row.get("code") or ""),
    )
