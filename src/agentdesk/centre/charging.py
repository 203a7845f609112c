"""Charging what operations promise: to the lease they name, and to the budget it is leased from.

A promise inside its lease changes nothing of what is out: settled rises by what the lease has less. What goes beyond a
lease, or draws on none, is honoured all the same, and booked by name as far as the limit doesn't cover it. A late
promise on a lease that was written off is charged to it as to any other: what it may bring out was booked then.
All amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from agentdesk.centre.exposure import Cause, Reason, balanced, book, freed
from agentdesk.centre.leases import site_scope, wants_more
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import Budget, Lease
from agentdesk.domain.decide import Allowance, MoneyFact
from agentdesk.domain.documents import Change
from agentdesk.domain.policy import MoneyKind

BudgetKey = tuple[str, MoneyKind]


class Book:
    """What a batch of one site charges, in memory until `settle`."""

    def __init__(self, leases: Iterable[Lease], site: str) -> None:
        self._site = site
        self._before = {lease.id: lease for lease in leases}
        self._leases = dict(self._before)
        self._charged: dict[BudgetKey, int] = {}
        self._causes: dict[BudgetKey, list[Cause]] = {}
        self._returned: list[tuple[Lease, int, str, int]] = []
        self._last = ("", 0)
        self.first = ""
        """The first operation that charged or returned anything."""

    def allowance(self, lease_id: str | None) -> Allowance | None:
        """Return what a lease of the site's has left, also of one that is given up; None if it has no such lease."""
        lease = self._leases.get(lease_id) if lease_id else None
        return Allowance(lease.id, lease.kind, lease.left) if lease else None

    def charge(self, fact: MoneyFact, operation: str, at: int) -> None:
        """Charge a money fact to its lease and its budget, or give it back; each fact comes here once.

        A refund has neither: it stands in the ledger alone.
        """
        if fact.kind == "refund":
            return
        key = (fact.scope, fact.kind)
        self._moved(operation, at)
        self._charged[key] = self._charged.get(key, 0) + fact.amount
        lease = self._leases.get(fact.allowance) if fact.allowance else None
        reason: Reason = "unleased"
        beyond = fact.amount
        if lease is not None and (lease.budget, lease.kind) == key:
            after = replace(lease, spent=lease.spent + fact.amount)
            self._leases[lease.id] = after
            reason = "over_lease"
            beyond += max(0, after.left) - max(0, lease.left)
        if beyond > 0:
            name = fact.allowance or ""
            cause = Cause(reason, beyond, self._site, name, f"{self._site}.{operation}", at)
            self._causes.setdefault(key, []).append(cause)

    def give_up(self, lease_id: str | None, amount: int, operation: str, at: int) -> None:
        """Take back what a site returns of one of its leases, which has that much left; 0 is nothing."""
        lease = self._leases.get(lease_id) if lease_id else None
        if lease is None or amount <= 0:
            return
        self._moved(operation, at)
        self._leases[lease.id] = replace(lease, returned=lease.returned + amount)
        self._charged.setdefault((lease.budget, lease.kind), 0)
        if lease.state == "written_off":
            self._returned.append((lease, amount, operation, at))

    def _moved(self, operation: str, at: int) -> None:
        self._last = (operation, at)
        self.first = self.first or operation

    def low(self, lineage: str) -> bool:
        """Tell whether a lineage's leases want topping up, or a new one is due as it returns what was written off."""
        mine = [x for x in self._leases.values() if x.lineage in ("", lineage)]
        return bool(self._returned) or (bool(self._charged) and any(wants_more(x) for x in mine))

    def settle(self, tx: Transaction) -> list[Change]:
        """Write leases, budgets and what is exposed; returns the changes that show the leases to the site."""
        if not self._charged:
            return []
        scopes = sorted({scope for scope, _ in self._charged})
        budgets = {(b.scope, b.kind): b for scope in scopes for b in tx.lock_budgets(scope)}
        changes = []
        for lease in (x for _, x in sorted(self._leases.items()) if x != self._before[x.id]):
            tx.put_lease(lease)
            fields = {"spent_settled": lease.spent, "returned": lease.returned}
            changes.append(Change(site_scope(lease.site), lease.id, "allowance", fields))
        for lease, amount, operation, at in self._returned:
            key = (lease.budget, lease.kind)
            back = min(amount, freed(tx, budgets[key], lease.id))
            if back > 0:
                name = f"{self._site}.{operation}"
                budgets[key] = book(tx, budgets[key], "returned", -back, at, name, self._site, lease.id)
        operation, at = self._last
        for key in sorted(self._charged):
            budget = budgets.get(key) or Budget(*key, 0, 0, 0)
            budget = replace(budget, settled=budget.settled + self._charged[key])
            tx.put_budget(balanced(tx, budget, self._causes.get(key, ()), at, f"{self._site}.{operation}"))
        return changes
