"""Reading what operations need, in a few queries: what they may change or are judged by is held until the end.

Everybody takes what he holds in one order, so that no two transactions wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from agentdesk.centre.storage.contract import Transaction
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import WORK_WINDOW_MS, Document
from agentdesk.domain.needs import DayNeed, DocumentNeed, Need, WorkNeed
from agentdesk.domain.operation import Operation
from agentdesk.domain.work.announcements import NOTICE


def gather(
    tx: Transaction,
    scopes: Collection[str],
    operations: Collection[Operation],
    wanted: Iterable[Need],
    earliest: int,
) -> Iterator[Document]:
    """Read what the operations of a site with these scopes want to know; what lies outside them isn't there for it.

    `earliest` is the instant of the first of them, ms UTC: closed work counts from its window before that on.
    """
    ids: dict[str, set[str]] = {}
    customers: dict[str, set[str]] = {}
    owners: dict[str, set[str]] = {}
    since: dict[str, int] = {}
    for need in wanted:
        if need.scope not in scopes:
            continue
        if isinstance(need, DocumentNeed):
            ids.setdefault(need.scope, set()).add(need.id)
        elif isinstance(need, WorkNeed):
            customers.setdefault(need.scope, set()).add(need.customer)
        elif isinstance(need, DayNeed):
            owners.setdefault(need.scope, set()).add(need.owner)
            since[need.scope] = min(need.since, since.get(need.scope, need.since))
    # what an agent has promised in a day has no row of its own; agents' rows are everybody's
    tx.lock_names("owner", sorted(f"{scope} {owner}" for scope, names in owners.items() for owner in names))
    actors = {o.actor for o in operations} - {o.document for o in operations if o.scope == ORG}
    for scope in sorted(ids.keys() | customers.keys()):
        asked = ids.get(scope, set()) | customers.get(scope, set())
        if scope == ORG:
            # who acts is only read: to lock agents would make all sites wait for each other
            yield from tx.documents(scope, sorted(asked & actors))
            asked -= actors
        elif scope.startswith(NOTICE):
            # so is what many are attached to on the worst day of a region
            read = asked - {o.document for o in operations if o.scope == scope}
            yield from tx.documents(scope, sorted(read))
            asked -= read
        yield from tx.lock_documents(scope, sorted(asked))
    for scope in sorted(customers):
        yield from tx.work(scope, customers[scope], earliest - WORK_WINDOW_MS)
    for scope in sorted(owners):
        yield from tx.made_by(scope, owners[scope], since[scope])
