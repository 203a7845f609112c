"""The centre is an author too: enrolments, imports, publications and people are operations in its own lineage.

So the archive explains every document. Such an operation isn't decided, as nobody spoke to a customer: whoever
writes it has checked it already.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agentdesk.centre.appending import Appending, append_whole
from agentdesk.centre.clock import SystemClock
from agentdesk.centre.storage.contract import Snapshot, StorageError, Transaction
from agentdesk.centre.storage.rows import Archived, Epoch, LineageHead, Receipt
from agentdesk.centre.timetable import look_soon
from agentdesk.domain.decide import ORG, Decision
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.language.fold import Fold
from agentdesk.domain.numbering.ids import new_id
from agentdesk.domain.operation import GENESIS, Clock, Draft, Operation, Place, seal
from agentdesk.domain.verdict import Verdict

CENTRE = "centre"
"""The centre's own name where a site's stands."""

SEALED_ALL = "sealed"
"""The fact that says that no row of evidence is without its seal."""
EVERY = "2"
"""What it says now; `1` where that was said before credentials had seals."""

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Means:
    """What an author takes from outside: time, and random bytes by number."""

    clock: Clock
    random: Random

    def now(self) -> int:
        """Return the centre's time, ms UTC."""
        return self.clock.wall_ms()

    def new_id(self) -> str:
        """Return a new id."""
        return new_id(self.clock.wall_ms, self.random)


def system_means() -> Means:
    """Return the machine's own clock and randomness."""
    return Means(SystemClock(), os.urandom)


def found(tx: Transaction, means: Means) -> None:
    """Give a new database its epoch and its own lineage; an old one keeps them."""
    if tx.meta("epoch") is not None:
        return
    tx.lock_names("meta", ["epoch"])  # of several processes that start at once, one founds
    if tx.meta("epoch") is None:
        at = means.now()
        tx.put_epoch(Epoch(means.random(8).hex(), 1, at, "founded", at))
        tx.set_meta("lineage", means.new_id())
        tx.set_meta(SEALED_ALL, EVERY)


def epoch_of(tx: Snapshot) -> str:
    """Return the identity of the centre's logs."""
    epoch = tx.meta("epoch")
    if epoch is None:
        raise StorageError("the database was never set up: start the centre on it once")
    return epoch


def draft(kind: str, scope: str, document: str, body: Mapping[str, Any], actor: str = CENTRE) -> Draft:
    """Return what the centre, or somebody with its powers, wants to do."""
    return Draft(kind, actor, "admin", scope, document, body)


def author(tx: Transaction, means: Means, draft: Draft, changes: Collection[Change]) -> Operation:
    """Write one operation of the centre's with its changes, and return it."""
    operation, head = begin(tx, means, draft)
    wanted: dict[str, set[str]] = {}
    for change in changes:
        wanted.setdefault(change.scope, set()).add(change.id)
    before = [d for scope in sorted(wanted) for d in tx.lock_documents(scope, sorted(wanted[scope]))]
    appending = Appending()
    fold = Fold(appending.number)
    fold.load(before)
    documents = fold.apply(Decision(tuple(changes)), operation.lineage)
    appending.add(operation.id, changes, documents, {d.key: d for d in before})
    numbers = appending.write(tx)
    look_soon(tx, documents)
    last = [d for d in documents if d.scope == draft.scope]
    change_number = appending.real(last[-1], numbers) if last else None
    finish(tx, operation, head, draft.scope if last else None, change_number)
    return operation


@dataclass(frozen=True, slots=True)
class Written:
    """How many documents of a bulk were new, changed, or the same as before."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(self.new + other.new, self.changed + other.changed, self.same + other.same)


def author_whole(
    tx: Transaction,
    means: Means,
    draft: Draft,
    documents: Collection[Document],
    before: Mapping[str, Document] | None = None,
) -> Written:
    """Write one operation of the centre's that puts documents into the draft's scope; the same ones stay as they are.

    `before` are the documents as they stand, if they are locked already. A field that a document had and has no more
    becomes null. The body of the operation gets the counts.
    """
    if before is None:
        take_place(tx)
        before = {d.id: d for d in tx.lock_documents(draft.scope, sorted(d.id for d in documents))}
    wanted: list[tuple[Document, Collection[str]]] = []
    new = 0
    for document in documents:
        known = before.get(document.id)
        if known is None:
            new += 1
            wanted.append((document, ()))
            continue
        gone = {name: None for name, value in known.data.items() if value is not None and name not in document.data}
        names = [name for name, value in document.data.items() if known.data.get(name) != value]
        if names or gone:
            data = {**known.data, **document.data, **gone}
            wanted.append((replace(known, data=data, type=document.type), [*names, *gone]))
    written = Written(new, len(wanted) - new, len(documents) - len(wanted))
    if wanted:
        body = {**draft.body, "new": written.new, "changed": written.changed, "same": written.same}
        operation, head = begin(tx, means, replace(draft, body=body))
        moved = append_whole(tx, draft.scope, wanted, operation)
        finish(tx, operation, head, draft.scope, moved.seq)
    return written


def take_place(tx: Transaction) -> LineageHead:
    """Lock the end of the centre's chain: the first lock but that of a site."""
    lineage = tx.meta("lineage")
    if lineage is None:
        raise StorageError("the database was never set up: start the centre on it once")
    return tx.lock_lineage(CENTRE, lineage) or LineageHead(CENTRE, lineage, 0, GENESIS, 0)


def begin(tx: Transaction, means: Means, draft: Draft) -> tuple[Operation, LineageHead]:
    """Give a draft its place in the centre's chain."""
    head = take_place(tx)
    place = Place(CENTRE, head.lineage, head.seq + 1, head.hash, {}, 0)
    return seal(draft, place, means.clock, means.new_id(), means.random(16).hex()), head


def finish(
    tx: Transaction,
    operation: Operation,
    head: LineageHead,
    scope: str | None,
    change: int | None,
    verdict: str = Verdict.APPLIED.value,
    reasons: str = "[]",
) -> LineageHead:
    """Keep an operation of the centre's with its receipt, and move its chain on; returns where that stands."""
    hash_, at = operation.hash, operation.wall
    o = operation
    tx.add_archived(
        [
            Archived(
                *(o.site, o.lineage, o.seq, o.id, o.kind, o.head, o.salt, o.body, at, at, "wall", False),
                *(o.digest, verdict, scope, change),
            )
        ]
    )
    tx.add_receipts([Receipt(o.site, o.lineage, o.seq, o.id, o.digest, hash_, verdict, reasons, scope, change)])
    moved = replace(head, seq=o.seq, hash=hash_, certain_at=at)
    tx.move_lineage(moved)
    return moved


def set_agents(tx: Transaction, means: Means, agents: Iterable[Mapping[str, Any]]) -> None:
    """Write agents: `id`, `name`, `number`, `role`, `department`, `site`; what is the same already isn't written."""
    changes = []
    wanted = {str(agent["id"]): {k: v for k, v in agent.items() if k != "id"} for agent in agents}
    take_place(tx)
    known = {d.id: d.data for d in tx.documents(ORG, wanted)}
    for agent, fields in sorted(wanted.items()):
        new = {k: v for k, v in fields.items() if agent not in known or known[agent].get(k) != v}
        if new or agent not in known:
            changes.append(Change(ORG, agent, "agent", new))
    if changes:
        body = {"agents": {c.id: c.fields for c in changes}}
        author(tx, means, draft("agent.changed", ORG, changes[0].id, body), changes)


def dismiss_agent(tx: Transaction, means: Means, agent: str) -> None:
    """Mark an agent as dismissed from now on; raises LookupError for an unknown one."""
    if not tx.documents(ORG, [agent]):
        raise LookupError(f"there is no agent {agent!r}")
    at = means.now()
    change = Change(ORG, agent, "agent", {"dismissed_at": at})
    author(tx, means, draft("agent.dismissed", ORG, agent, {"dismissed_at": at}), [change])
