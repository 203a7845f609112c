"""Budgets: how much a region may promise, and credit that comes back when the customer has paid.

Cost (given away) and credit (comes back) are two budgets. All amounts are minor units.
"""

from __future__ import annotations

from dataclasses import replace

from agentdesk.centre.authors import CENTRE, Means, author, draft, take_place
from agentdesk.centre.exposure import Cause, balanced
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import Budget, LedgerLine
from agentdesk.domain.documents import Change
from agentdesk.domain.finance.credit import CREDIT_TYPES, REPAID
from agentdesk.domain.kinds.checks import COLLECTION, check_id
from agentdesk.domain.policy import MoneyKind


class NotCredit(ValueError):
    """A promise has no credit that could be repaid; the message says why."""


def set_budget(tx: Transaction, means: Means, region: str, kind: MoneyKind, limit: int, actor: str = CENTRE) -> Budget:
    """Set what a region may promise, and return the budget.

    What is promised and leased already stands: nobody can take it back from a site that isn't there. As far as a lower
    limit doesn't cover it, it is booked as `limit_lowered`, and covered again as leases are returned.
    """
    take_place(tx)
    scope = f"region/{region}"
    before = {b.kind: b for b in tx.lock_budgets(scope)}.get(kind) or Budget(scope, kind, 0, 0, 0)
    body = {"kind": kind, "limit": limit, "before": before.limit}
    operation = author(tx, means, draft("budget.set", scope, f"{scope}.{kind}", body, actor), ())
    lowered = before.limit - limit
    causes = [Cause("limit_lowered", lowered, "", "", operation.id, operation.wall)] if lowered > 0 else []
    after = balanced(tx, replace(before, limit=limit), causes, operation.wall, operation.id)
    tx.put_budget(after)
    return after


def repay(tx: Transaction, means: Means, scope: str, commitment: str, actor: str = CENTRE) -> int:
    """Free the credit of a promise or remedy whose customer has paid; returns how much, 0 if it was freed before.

    The budget has it back at once, and the site that promised it with its next top-up; where it was being collected,
    that ends with it. Raises LookupError for an unknown promise, and NotCredit for one that has no credit out.
    """
    take_place(tx)
    found = {d.id: d for d in tx.lock_documents(scope, sorted([commitment, check_id(commitment, COLLECTION)]))}
    promise = found.get(commitment)
    if promise is None or promise.type not in CREDIT_TYPES:
        raise LookupError(f"there is no promise {commitment!r} in {scope}")
    data = promise.data
    if data.get("repaid_at") is not None:
        return 0
    amount = data.get("amount") or 0
    if data.get("money") != "credit" or amount <= 0:
        raise NotCredit(f"{data.get('number')} is no promise of credit: nothing of it comes back")
    if data.get("state") in ("voided", "withdrawn"):
        raise NotCredit(f"{data.get('number')} was {data['state']}: its credit is free already")
    budgets = {b.kind: b for b in tx.lock_budgets(scope)}
    at = means.now()
    changes = [Change(scope, commitment, promise.type, {"repaid_at": at, "credit": REPAID})]
    collection = found.get(check_id(commitment, COLLECTION))
    if collection is not None and collection.data.get("state") == "open":
        over = {"state": "closed", "result": REPAID, "closed_at": at}
        told = (f"department/{collection.data['department']}",) if collection.data.get("department") else ()
        changes.append(Change(scope, collection.id, collection.type, over, told))
    body = {"amount": amount, "customer": data["customer"]}
    operation = author(tx, means, draft("credit.repaid", scope, commitment, body, actor), changes)
    unit = data.get("booked") or data.get("accountable") or data.get("department") or ""
    line = LedgerLine(
        *(CENTRE, operation.lineage, operation.seq, 1, operation.id, "credit", -amount, data.get("allowance")),
        *(scope, data["customer"], commitment, unit, at),
    )
    tx.add_ledger([line])
    credit = budgets.get("credit") or Budget(scope, "credit", 0, 0, 0)
    tx.put_budget(balanced(tx, replace(credit, settled=credit.settled - amount), (), at, operation.id))
    return amount
