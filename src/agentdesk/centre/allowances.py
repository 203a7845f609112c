"""Allowances: what a site may promise while it can't reach the centre, leased to it beforehand.

Always settled + Σ (amount − spent) ≤ limit + exposed for each budget, changed only under the lock of its row. A
promise is honoured and charged also when it goes beyond its lease: the lease is then widened after the fact, and
what the budget doesn't cover is booked as exposed. All amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from agentdesk.centre.authors import Means, author, draft, take_place
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import Budget, Lease, Site
from agentdesk.domain.decide import Allowance, MoneyFact
from agentdesk.domain.documents import Change
from agentdesk.domain.policy import MoneyKind

SAMPLE_LEASE: dict[MoneyKind, int] = {"cost": 200_000, "credit": 300_000}
"""Sample policy: what a hall holds when it is full; at half of it the centre tops it up."""

SAMPLE_BUDGET: dict[MoneyKind, int] = {kind: 100 * amount for kind, amount in SAMPLE_LEASE.items()}
"""Sample policy: the budget of a region that nobody has set."""


def site_scope(site: str) -> str:
    """Return the scope that only this site reads."""
    return f"site/{site}"


def lease_change(lease: Lease) -> Change:
    """Return the change that shows a lease to its site."""
    fields = {"kind": lease.kind, "amount": lease.amount, "spent_settled": lease.spent}
    return Change(site_scope(lease.site), lease.id, "allowance", fields)


class Book:
    """What a batch charges, in memory until `settle`."""

    def __init__(self, leases: Iterable[Lease]) -> None:
        self._leases = {lease.id: lease for lease in leases}
        self._spent: dict[str, int] = {}
        self._charged: dict[tuple[str, MoneyKind], int] = {}

    def allowance(self, lease_id: str | None) -> Allowance | None:
        """Return what is left of a lease; None if it isn't one of the site's."""
        lease = self._leases.get(lease_id) if lease_id else None
        return Allowance(lease.id, lease.kind, lease.left - self._spent.get(lease.id, 0)) if lease else None

    def charge(self, fact: MoneyFact) -> None:
        """Charge a money fact to its lease and its budget, or give it back; each fact comes here once."""
        lease = self._leases.get(fact.allowance) if fact.allowance else None
        if lease is not None and lease.kind == fact.kind:
            self._spent[lease.id] = self._spent.get(lease.id, 0) + fact.amount
        budget = (fact.scope, fact.kind)
        self._charged[budget] = self._charged.get(budget, 0) + fact.amount

    def settle(self, tx: Transaction) -> list[Change]:
        """Write leases and budgets; returns the changes that show the leases to the site."""
        changes = []
        moved = []
        for lease_id, amount in sorted(self._spent.items()):
            lease = self._leases[lease_id]
            spent = max(0, lease.spent + amount)
            moved.append(replace(lease, spent=spent, amount=max(lease.amount, spent)))
        if not self._charged and not moved:
            return []
        budgets = {
            (b.scope, b.kind): b
            for scope in sorted({scope for scope, _ in self._charged} | {x.budget for x in moved})
            for b in tx.lock_budgets(scope)
        }
        for lease in moved:
            tx.put_lease(lease)
            changes.append(lease_change(lease))
        for key in sorted(self._charged):
            scope, kind = key
            budget = budgets.get(key) or Budget(scope, kind, 0, 0, 0)
            settled = budget.settled + self._charged[key]
            uncovered = settled + tx.outstanding(scope).get(kind, 0) - budget.limit
            tx.put_budget(replace(budget, settled=settled, exposed=max(budget.exposed, uncovered)))
        return changes


def is_low(leases: Iterable[Lease]) -> bool:
    """Tell whether a lease is to be topped up: less than half is left."""
    return any(2 * lease.left < SAMPLE_LEASE[lease.kind] for lease in leases)


def first_leases(tx: Transaction, site: str, region: str) -> list[Lease]:
    """Lease a new site its allowances as far as the region's budget goes; a region without one gets the sample's."""
    scope = f"region/{region}"
    for kind in sorted(SAMPLE_BUDGET.keys() - {b.kind for b in tx.lock_budgets(scope)}):
        tx.put_budget(Budget(scope, kind, SAMPLE_BUDGET[kind], 0, 0))
    empty = [Lease(site, f"{site}.{kind}", kind, scope, 0, 0) for kind in sorted(SAMPLE_LEASE)]
    return _filled(tx, empty)


def top_up(tx: Transaction, means: Means, site: Site) -> None:
    """Fill the leases of a site that are less than half full, as far as the region's budget goes."""
    tx.lock_site(site.id)
    take_place(tx)
    leases = tx.leases(site.id)
    low = [lease for lease in leases if is_low([lease])]
    for scope in sorted({lease.budget for lease in low}):
        tx.lock_budgets(scope)
    before = {lease.id: lease.amount for lease in low}
    filled = [lease for lease in _filled(tx, low) if lease.amount > before[lease.id]]
    if filled:
        granted = {lease.id: lease.amount - before[lease.id] for lease in filled}
        note = draft("allowance.topped_up", site_scope(site.id), filled[0].id, {"granted": granted})
        author(tx, means, note, [lease_change(lease) for lease in filled])


def set_budget(tx: Transaction, region: str, kind: MoneyKind, limit: int) -> None:
    """Set what a region may promise; a limit below what is charged and leased already takes back nothing."""
    scope = f"region/{region}"
    known = {b.kind: b for b in tx.lock_budgets(scope)}.get(kind) or Budget(scope, kind, 0, 0, 0)
    uncovered = known.settled + tx.outstanding(scope).get(kind, 0) - limit
    tx.put_budget(replace(known, limit=limit, exposed=max(0, uncovered)))


def _filled(tx: Transaction, leases: Iterable[Lease]) -> list[Lease]:
    result = []
    for lease in leases:
        budget = next((b for b in tx.lock_budgets(lease.budget) if b.kind == lease.kind), None)
        if budget is None:
            continue
        room = budget.limit - budget.settled - tx.outstanding(lease.budget).get(lease.kind, 0)
        filled = replace(lease, amount=lease.amount + max(0, min(SAMPLE_LEASE[lease.kind] - lease.left, room)))
        tx.put_lease(filled)
        result.append(filled)
    return result
