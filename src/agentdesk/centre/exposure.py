"""What the limit of a budget can't answer for, booked by name.

Always settled + Σ left of its leases ≤ limit + exposed. `exposed` is the sum of the rows of table `exposure`. Two sorts
of rows are in it:

- what a write-off frees: `written_off`, and less of it once the site has `returned` something after all. It stays also
  when nothing was promised beyond the limit yet, as the lost site may still do so.
- what is out beyond the limit, exactly, each amount with what brought it out: `over_lease` (a copy of a site spent what
  was leased once), `unleased` (a promise without a lease), `restored` (leases that a restored centre had forgotten),
  `limit_lowered`; and `covered`, below 0, when it comes under the limit again.

All amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agentdesk.centre.storage.contract import Snapshot, Transaction
from agentdesk.centre.storage.rows import Budget, Exposure

Reason = Literal["over_lease", "unleased", "restored", "limit_lowered"]

FREED = frozenset({"written_off", "returned"})
"""Causes whose amounts a write-off has freed, less what came back."""

BEYOND = frozenset({"over_lease", "unleased", "restored", "limit_lowered", "covered"})
"""Causes whose amounts are out beyond the limit, less what is covered by now."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that brought an amount out that the limit may not cover; `key` is the operation that did."""

    reason: Reason
    amount: int
    site: str
    lease: str
    key: str
    at: int


def freed(snapshot: Snapshot, budget: Budget, lease: str | None = None) -> int:
    """Return how much of what is exposed write-offs have freed, all of them or that of one lease."""
    if budget.exposed == 0:
        return 0
    rows = (row for row in snapshot.exposures(budget.scope) if row.kind == budget.kind and row.cause in FREED)
    return sum(row.amount for row in rows if lease is None or row.lease == lease)


def balanced(tx: Transaction, budget: Budget, causes: Sequence[Cause], at: int, key: str) -> Budget:
    """Return a locked budget with what is exposed now, after leases were written; books the difference by name.

    `key` names what is covered now, and when. The budget itself is the caller's to write.
    """
    if not causes and budget.exposed == 0:
        return budget
    written_off = freed(tx, budget)
    out = budget.settled + tx.outstanding(budget.scope).get(budget.kind, 0)
    beyond = max(0, out - budget.limit - written_off)
    change = beyond - (budget.exposed - written_off)
    if change < 0:
        book(tx, budget, "covered", change, at, key)
    for cause, amount in _shared(change, causes):
        book(tx, budget, cause.reason, amount, cause.at, cause.key, cause.site, cause.lease)
    return replace(budget, exposed=written_off + beyond)


def book(
    tx: Transaction, budget: Budget, cause: str, amount: int, at: int, key: str, site: str = "", lease: str = ""
) -> Budget:
    """Book an amount by name on a locked budget, and return the budget with it; `key` is the operation that did it."""
    # rows are never removed, so that their number is that of none before: an operation can be judged again
    id_ = f"{key}.{len(tx.exposures(budget.scope))}"
    tx.add_exposure(Exposure(budget.scope, budget.kind, id_, site, lease, cause, amount, at))
    return replace(budget, exposed=budget.exposed + amount)


def _shared(amount: int, causes: Sequence[Cause]) -> Iterable[tuple[Cause, int]]:
    """Share an amount among its causes: the last ones are those that went beyond the limit."""
    for cause in reversed(causes):
        if amount <= 0:
            return
        part = min(amount, cause.amount)
        amount -= part
        yield cause, part
    if amount > 0:
        raise ArithmeticError(f"{amount} beyond a budget have no cause")


def check_money(snapshot: Snapshot) -> list[str]:
    """Return what is wrong with the money, one line each: recomputed from ledger, leases and exposure."""
    return [line for scope in snapshot.budget_scopes() for line in _check(snapshot, scope)]


def _check(snapshot: Snapshot, scope: str) -> Iterable[str]:
    settled = snapshot.settled(scope)
    leases = snapshot.leased(scope)
    exposures = snapshot.exposures(scope)
    charged = {site: snapshot.charged(site) for site in {lease.site for lease in leases}}
    for lease in leases:
        spent = charged[lease.site].get((lease.id, lease.kind, scope), 0)
        if lease.spent != spent:
            yield f"{lease.id}: {lease.spent} spent, the ledger says {spent}"
        if lease.returned < 0 or lease.amount < 0:
            yield f"{lease.id}: leased {lease.amount}, returned {lease.returned}"
    for budget in snapshot.budgets([scope]):
        name, kind = f"{scope} {budget.kind}", budget.kind
        rows = [row for row in exposures if row.kind == kind]
        if unknown := {row.cause for row in rows} - FREED - BEYOND:
            yield f"{name}: exposed for {', '.join(sorted(unknown))}"
        if budget.settled != settled.get(kind, 0):
            yield f"{name}: {budget.settled} settled, the ledger says {settled.get(kind, 0)}"
        if budget.exposed != sum(row.amount for row in rows):
            yield f"{name}: {budget.exposed} exposed, booked by name {sum(row.amount for row in rows)}"
        out = budget.settled + sum(max(0, lease.left) for lease in leases if lease.kind == kind)
        if out > budget.limit + budget.exposed:
            yield f"{name}: {out} out, of {budget.limit} and {budget.exposed} exposed"
        written_off = sum(row.amount for row in rows if row.cause in FREED)
        beyond = sum(row.amount for row in rows if row.cause in BEYOND)
        if written_off < 0 or beyond != max(0, out - budget.limit - written_off):
            yield f"{name}: {beyond} booked beyond the limit, {max(0, out - budget.limit - written_off)} are"
