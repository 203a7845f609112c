"""Reading the ledger: what was given, by unit and kind of money, and under which promise or remedy (赔付成本).

A line is a fact: positive when promised, negative when given back; two of a move from one unit to another come to
nothing. All amounts are minor units, times ms UTC; a month is the calendar month in China's time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.rows import LedgerLine
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.offers import CYCLE_ZONE
from agentdesk.domain.policy import MoneyKind
from agentdesk.domain.times.zone import zone


@dataclass(frozen=True, slots=True)
class Booked:
    """A line of the ledger with what it is about: the number and names of the promise or remedy, as far as known."""

    line: LedgerLine
    number: str
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What one unit pays of one kind of money: how many promises and remedies stand, and their amount."""

    department: str
    kind: MoneyKind
    count: int
    amount: int


def read_ledger(
    snapshot: Snapshot, scope: str, department: str | None = None, month: str | None = None
) -> list[Booked]:
    """Return the lines of a scope, oldest first; of one department or month (`2026-09`). Raises ValueError."""
    begin, end = month_of(month) if month else (None, None)
    lines = [
        line
        for line in snapshot.ledger(scope)
        if (department is None or line.department == department)
        and (begin is None or line.at >= begin)
        and (end is None or line.at < end)
    ]
    ids = sorted({line.commitment for line in lines})
    known = {d.id: d for start in range(0, len(ids), 500) for d in snapshot.documents(scope, ids[start : start + 500])}
    return [_booked(line, known.get(line.commitment)) for line in lines]


def sums(lines: Iterable[Booked]) -> list[Sum]:
    """Return what each unit pays, by kind of money; what came to nothing is no line."""
    by_unit: dict[tuple[str, MoneyKind], dict[str, int]] = {}
    for booked in lines:
        line = booked.line
        about = by_unit.setdefault((line.department, line.kind), {})
        about[line.commitment] = about.get(line.commitment, 0) + line.amount
    return [
        Sum(unit, kind, sum(amount != 0 for amount in about.values()), sum(about.values()))
        for (unit, kind), about in sorted(by_unit.items())
        if any(about.values())
    ]


def check_ledger(lines: Sequence[LedgerLine]) -> list[str]:
    """Return what is wrong with a ledger, one line each: nothing stands below zero, by promise and by unit."""
    by_unit: dict[tuple[str, str, str], int] = {}
    for line in lines:
        key = (line.commitment, line.department, line.kind)
        by_unit[key] = by_unit.get(key, 0) + line.amount
    return [
        f"{commitment}: {unit} pays {amount} of {kind}"
        for (commitment, unit, kind), amount in sorted(by_unit.items())
        if amount < 0
    ]


def month_of(month: str) -> tuple[int, int]:
    """Return when a month such as `2026-09` begins and ends in China's time, ms UTC; raises ValueError."""
    year, _dash, number = month.partition("-")
    if not (year.isdecimal() and number.isdecimal() and len(month) == 7):
        raise ValueError(f"{month!r} is no month: write one as 2026-09")
    first = date(int(year), int(number), 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    local = zone(CYCLE_ZONE)
    return local.instant(first, 0), local.instant(following, 0)


def _booked(line: LedgerLine, document: Document | None) -> Booked:
    data = document.data if document else {}
    code = str(data.get("remedy") or data.get("template") or "")
    return Booked(
        line, str(data.get("number") or ""), code, str(data.get("name_zh") or ""), str(data.get("name_en") or "")
    )
