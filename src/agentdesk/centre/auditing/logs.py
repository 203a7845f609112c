"""The scopes' logs, the documents that they point to, and the numbers that lead to customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from agentdesk.centre.appending import chained
from agentdesk.centre.auditing.rows import PAGE, named, rows_of, sealed_well
from agentdesk.centre.authors import CENTRE
from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.rows import LogEntry, ScopeHead
from agentdesk.centre.storage.seals import SEALED, Seals
from agentdesk.domain.audit.chain import Finding
from agentdesk.domain.decide import ORG
from agentdesk.replica.tables import DOCUMENT_COLUMNS, document, holder_rows

Step = Callable[[int], None]

_COLUMNS = SEALED["document"].columns
_DOCUMENT = [_COLUMNS.index(name) for name in DOCUMENT_COLUMNS.split(", ")]


def check_logs(snapshot: Snapshot, step: Step) -> Iterator[Finding]:
    """Go through each scope's log from its floor on, and look whether what it points to is there."""
    epochs = [epoch.epoch for epoch in snapshot.epochs()]
    heads = {head.scope: head for head in snapshot.heads()}
    for scope in sorted({*heads, *snapshot.log_scopes()}):
        head = heads.get(scope)
        if head is None:
            yield Finding(f"log {scope}", "", "no_head")
        else:
            yield from _Log(snapshot, head, epochs).check(step)


class _Log:
    """One scope's log."""

    def __init__(self, snapshot: Snapshot, head: ScopeHead, epochs: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._head = head
        self._epochs = list(epochs)
        self._where = f"log {head.scope}"

    def check(self, step: Step) -> Iterator[Finding]:
        head, scope = self._head, self._head.scope
        seq, hash_ = max(head.floor, 1) - 1, "" if head.floor <= 1 else None
        after = 0
        while page := self._snapshot.log_entries(scope, after, PAGE):
            for row in page:
                if row.seq <= seq:
                    yield self._found(row.seq, "below_floor")
                    continue
                if row.seq != seq + 1:
                    yield Finding(self._where, _range(seq + 1, row.seq - 1), "missing")
                    hash_ = None
                if hash_ is not None and not self._follows(hash_, row):
                    yield self._found(row.seq, "unchained")
                seq, hash_ = row.seq, row.hash
            after = page[-1].seq
            step(len(page))
        if seq < head.seq:
            yield Finding(self._where, _range(seq + 1, head.seq), "missing")
        elif seq > head.seq:
            yield Finding(self._where, _range(head.seq + 1, seq), "beyond")
        elif hash_ not in (None, head.hash):
            yield self._found(seq, "end_differs")
        yield from self._pointers()

    def _follows(self, before: str, row: LogEntry) -> bool:
        """Tell whether a row is chained to the one before, in the history that went on then or a later one."""
        for number, epoch in enumerate(self._epochs):
            if row.hash == chained(before, epoch, row.home, row.document, row.action, row.rev, row.operation):
                # nearly always the next one is of the same
                self._epochs.insert(0, self._epochs.pop(number))
                return True
        return False

    def _pointers(self) -> Iterator[Finding]:
        scope, after = self._head.scope, 0
        while lost := self._snapshot.lost_documents(scope, after, PAGE):
            for seq, _document in lost:
                yield self._found(seq, "document_lost")
            after = lost[-1][0]
            if len(lost) < PAGE:
                break
        for id_, rev in self._snapshot.unlogged_documents(scope, max(self._head.floor, 1), PAGE):
            yield Finding(f"document {scope}", id_, "unlogged", str(rev))

    def _found(self, seq: int, what: str) -> Finding:
        return Finding(self._where, str(seq), what)


def check_documents(snapshot: Snapshot, seals: Seals, step: Step) -> Iterator[Finding]:
    """Go through all documents: each as it was written, as many as their scopes count, each number to its customer."""
    heads = {head.scope: head for head in snapshot.heads()}
    counted: dict[str, list[int]] = {scope: [0, 0] for scope in heads}
    customers: list[Sequence[Any]] = []
    for row in rows_of(snapshot, "document", step):
        scope = row[0]
        count = counted.setdefault(scope, [0, 0])
        count[0] += 1
        count[1] += row[3]
        if not sealed_well(seals, "document", row):
            yield Finding(f"document {scope}", row[1], "seal")
        if customers and (row[0] != customers[0][0] or len(customers) >= PAGE):
            yield from _numbers(snapshot, customers)
            customers = []
        if row[2] == "customer":
            customers.append(row)
    if customers:
        yield from _numbers(snapshot, customers)
    for scope, (documents, total) in sorted(counted.items()):
        head = heads.get(scope)
        if head is None:
            yield Finding(f"document {scope}", "", "no_head")
        elif (head.documents, head.total) != (documents, total):
            yield Finding(f"document {scope}", "", "count", f"{documents}/{total}, {head.documents}/{head.total}")
    for scope, customer in snapshot.stray_holders(PAGE):
        yield Finding(f"table holder {scope}", customer, "stray_number")


def _numbers(snapshot: Snapshot, rows: Sequence[Sequence[Any]]) -> Iterator[Finding]:
    """Tell of customers of one scope whose numbers don't lead to them, or others do."""
    scope = rows[0][0]
    wanted: dict[str, set[Any]] = {}
    for row in rows:
        try:
            customer = document(tuple(row[index] for index in _DOCUMENT))
            wanted[row[1]] = set(holder_rows(customer))
        except (ValueError, TypeError, LookupError, AttributeError):
            wanted[row[1]] = set()  # its seal has told already that it was changed
    found: dict[str, set[Any]] = {}
    for holder in snapshot.holders(scope, wanted.keys()):
        found.setdefault(holder[2], set()).add(tuple(holder))
    for customer_id, numbers in wanted.items():
        if numbers != found.get(customer_id, set()):
            yield Finding(f"table holder {scope}", customer_id, "numbers")


def check_heads(snapshot: Snapshot, seals: Seals) -> Iterator[Finding]:
    """Tell what is wrong with the small tables: sites, histories, where lineages and logs stand."""
    current = snapshot.meta("epoch")
    epochs = snapshot.epochs()
    numbers = {epoch.number for epoch in epochs}
    for number in range(1, max(numbers, default=0) + 1):
        if number not in numbers:
            yield Finding("table epoch", str(number), "missing")
    if current not in {epoch.epoch for epoch in epochs}:
        yield Finding("table epoch", str(current), "missing")
    own = snapshot.meta("lineage")
    if own not in {head.lineage for head in snapshot.lineages(CENTRE)}:
        yield Finding("table meta", "lineage", "missing")
    yield from (
        Finding("table scope", head.scope, "differs", "epoch") for head in snapshot.heads() if head.epoch != current
    )
    sites = {site.id for site in snapshot.sites()}
    for known in snapshot.of_type(ORG, "site"):
        if known.id not in sites:
            yield Finding("table site", known.id, "missing")
    for row in rows_of(snapshot, "lineage"):
        if row[0] not in sites and row[0] != CENTRE:
            yield Finding("table site", row[0], "missing")
    for table in ("meta", "site", "epoch", "scope", "lineage"):
        for row in rows_of(snapshot, table):
            if not sealed_well(seals, table, row):
                yield Finding(f"table {table}", named(row[: SEALED[table].key]), "seal")


def _range(first: int, last: int) -> str:
    return str(first) if first >= last else f"{first}-{last}"
