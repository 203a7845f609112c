"""Loading what promises and remedies of another system, or of a sample world, cost: the ledger lines behind them.

Documents that are loaded come without the operations that made them, so nobody has booked their money. What is loaded
here is booked once for each, by an operation of the centre's, and is promised from the region's budget like the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from agentdesk.centre.allowances import region_budgets
from agentdesk.centre.authors import CENTRE, Means, author, draft, system_means, take_place
from agentdesk.centre.enrol import check_region
from agentdesk.centre.exposure import Cause, balanced
from agentdesk.centre.storage.contract import Database, Transaction
from agentdesk.centre.storage.rows import LedgerLine
from agentdesk.domain.documents import Document

GAVE = frozenset({"commitment", "remedy"})
NOTHING = frozenset({"voided", "withdrawn", "declined"})
"""States in which nothing is promised any more, so that nothing of it stands in the ledger."""


def costs(document: Document) -> bool:
    """Tell whether a loaded document has money that stands in the ledger: credit that was repaid has none."""
    data = document.data
    stands = document.type in GAVE and data.get("state") not in NOTHING and data.get("repaid_at") is None
    return stands and data.get("money") is not None and (data.get("amount") or 0) > 0


def load_money(
    database: Database,
    region: str,
    documents: Iterable[Document],
    *,
    source: str = "bulk",
    means: Means | None = None,
) -> int:
    """Book what documents cost that were loaded into a region; returns the number of new ledger lines.

    What has lines already stays as it is. Each line has the instant and the unit of its document. Raises BadRegion and
    StorageError.
    """
    scope = f"region/{check_region(region)}"
    wanted = [document for document in documents if document.scope == scope and costs(document)]
    return database.write(partial(_load, means or system_means(), scope, source, wanted)).result() if wanted else 0


def _load(means: Means, scope: str, source: str, wanted: list[Document], tx: Transaction) -> int:
    take_place(tx)
    known = {line.commitment for line in tx.ledger(scope)}
    new = [document for document in wanted if document.id not in known]
    if not new:
        return 0
    budgets = region_budgets(tx, scope)
    load = means.new_id()
    operation = author(tx, means, draft("ledger.loaded", scope, load, {"source": source, "lines": len(new)}), ())
    # what one was leased from is the other system's: its line names no lease
    lines = [
        LedgerLine(
            *(CENTRE, operation.lineage, operation.seq, number, operation.id, data["money"], data["amount"], None),
            *(scope, data["customer"], id_, data.get("booked") or data.get("department") or ""),
            data.get("at") or operation.wall,
        )
        for number, (id_, data) in enumerate(((document.id, document.data) for document in new), start=1)
    ]
    tx.add_ledger(lines)
    for kind, budget in sorted(budgets.items()):
        amount = sum(line.amount for line in lines if line.kind == kind)
        if amount:
            causes = [Cause("unleased", amount, "", "", operation.id, operation.wall)]
            settled = replace(budget, settled=budget.settled + amount)
            tx.put_budget(balanced(tx, settled, causes, operation.wall, operation.id))
    return len(lines)
