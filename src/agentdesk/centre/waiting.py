"""The operations of a site that are held, as they were sent: which of them are judged again, and as what."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

from agentdesk.centre.again import Again
from agentdesk.centre.judging import Entry
from agentdesk.centre.leases import site_scope
from agentdesk.centre.policies import SCOPE as CATALOGUE
from agentdesk.centre.reading import Unread, read_operation
from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import Archived, Receipt, Site
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.operation import GENESIS, head_hash
from agentdesk.domain.times.instant import Instant
from agentdesk.domain.verdict import SETTLED, Verdict

PAGE = 1_000
FIGURES = 15
"""Of a sequence number that somebody types, at most."""


class Unreleasable(Exception):
    """An operation can't be decided like this; the reason says why."""

    def __init__(self, operation: str, reason: Reason) -> None:
        super().__init__(f"{operation}: {reason.code}")
        self.operation = operation
        self.reason = reason


def place(lineage: str, seq: int) -> str:
    """Return the name, among its site's, of an operation whose id can't be read or is another's: where it came."""
    return f"{lineage}:{seq}"


def placed(name: str) -> tuple[str, int] | None:
    """Return the lineage and number that a name says; None for one that can only be an id."""
    lineage, _, seq = name.rpartition(":")
    return (lineage, int(seq)) if lineage and seq.isascii() and seq.isdigit() and len(seq) <= FIGURES else None


class Waiting:
    """The operations of a site that are held, and others that are asked about by id or place, as they were sent."""

    def __init__(self, tx: Transaction, site: Site, asked: Collection[str]) -> None:
        self._tx = tx
        self._site = site
        rows = {(row.lineage, row.seq): row for row in all_held(tx, site.id)}
        for receipt in tx.receipts(site.id, asked):
            if (receipt.lineage, receipt.seq) not in rows:
                rows.update(
                    ((row.lineage, row.seq), row)
                    for row in tx.archived(site.id, receipt.lineage, receipt.seq, receipt.seq)
                )
        for where in filter(None, map(placed, asked)):
            if where not in rows:
                rows.update(((row.lineage, row.seq), row) for row in tx.archived(site.id, *where, where[1]))
        self._rows = sorted(rows.values(), key=_order)
        self._receipts: dict[tuple[str, int], Receipt] = {}
        by_id: dict[str, list[Receipt]] = {}
        for receipt in tx.receipts(site.id, {row.id for row in self._rows}):
            self._receipts[receipt.lineage, receipt.seq] = receipt
            by_id.setdefault(receipt.id or place(receipt.lineage, receipt.seq), []).append(receipt)
        self._by_id = by_id
        self._ids = {row.id for row in self._rows}
        self._heads = {(row.lineage, row.seq): _deps(row) for row in self._rows}

    def named(self, operation: str) -> str:
        """Return the name by which an operation goes that is asked about by id or place: its id, if that is its own."""
        row = None if operation in self._ids else self._at(operation)
        first = self.original(row.id) if row is not None and row.id else None
        return first.id if row is not None and first is not None and first.digest == row.digest else operation

    def original(self, operation: str) -> Archived | None:
        """Return the first operation that came under an id; others under it with another content have a place only."""
        receipts = self._by_id.get(operation, [])
        if len({r.digest for r in receipts}) > 1:
            rows = [row for r in receipts for row in self._tx.archived(self._site.id, r.lineage, r.seq, r.seq)]
            return min(rows, key=_order)
        return next((row for row in self._rows if operation and row.id == operation), None) or self._at(operation)

    def _at(self, operation: str) -> Archived | None:
        where = placed(operation)
        return next((row for row in self._rows if (row.lineage, row.seq) == where), None)

    def receipt(self, row: Archived) -> Receipt:
        return self._receipts[row.lineage, row.seq]

    def twins(self, row: Archived) -> list[Receipt]:
        """Return the receipts of an operation, one for each place in which it came."""
        return [r for r in self._by_id[row.id or place(row.lineage, row.seq)] if r.digest == row.digest]

    def dependencies(self) -> set[str]:
        """Return what the operations here depend on."""
        return {dep for deps in self._heads.values() for dep in deps}

    def depending_on(self, operation: str) -> list[str]:
        """Return what is held and names an operation as one that it depends on."""
        return [row.id for row in self._rows if row.id and operation in self._heads[row.lineage, row.seq]]

    def chosen(self, operations: Collection[str], instead: Mapping[str, str]) -> list[Archived]:
        """Return what is to be judged, in order: what is asked for, and what is held for it, one after the other.

        Raises Unreleasable.
        """
        chosen: dict[str, Archived] = {}
        for operation in operations:
            row = self.original(operation)
            if row is None:
                raise Unreleasable(operation, Reason.of("unknown_operation", operation=operation))
            if row.id != operation:
                # nothing can be in force that has no id of its own: whoever depended on it would never know
                reason = Reason.of("reused_id", id=row.id) if row.id else Reason.of("unreadable", detail="")
                raise Unreleasable(operation, reason)
            receipt = self.receipt(row)
            if receipt.verdict == Verdict.REFUSED and code_of(receipt.reasons) in ("withdrawn", "refused_by", ""):
                raise Unreleasable(operation, Reason.of("refused_for_good"))
            if Verdict(receipt.verdict) not in SETTLED:
                chosen[operation] = row
        grown = bool(chosen)
        while grown:
            grown = False
            for row in self._rows:
                if not row.id or row.id in chosen or self.receipt(row).verdict != Verdict.HELD:
                    continue
                deps = self._heads[row.lineage, row.seq]
                first = self.original(row.id)
                if first is row and any(instead.get(dep, dep) in chosen for dep in deps):
                    chosen[row.id] = row
                    grown = True
        return sorted(chosen.values(), key=_order)

    def entry(self, row: Archived, allowed: bool) -> Entry:
        """Return an operation on its way to another verdict."""
        receipt = self.receipt(row)
        booked = tuple(self._tx.booked(row.site, row.lineage, row.seq)) if receipt.change is not None else ()
        again = Again(receipt, booked, allowed)
        instant = Instant(row.made_at, row.source, bool(row.marked))  # type: ignore[arg-type]
        body = row.body or ""
        seal = (row.seq, receipt.hash, row.digest, row.head, row.salt, body, row.id, row.kind)
        if row.body is None:
            reason = Reason.of("too_large" if code_of(receipt.reasons) == "too_large" else "not_here", kind=row.kind)
            return Entry(*seal, None, instant, reason, again=again)
        found = read_operation(row.head, row.salt, body)
        if isinstance(found, Unread):
            return Entry(*seal, None, instant, found.reason, again=again)
        problem = None
        if (found.site, found.lineage) != (row.site, row.lineage):
            problem = Reason.of("foreign_lineage", site=found.site, lineage=found.lineage)
        elif not allowed and (found.seq, found.prev) != (row.seq, self._before(row)):
            problem = Reason.of("chain_broken", seq=found.seq)
        elif found.scope not in self._site.scopes or found.scope == CATALOGUE:
            problem = Reason.of("foreign_scope", scope=found.scope)
        return Entry(*seal, found, instant, problem, again=again)

    def _before(self, row: Archived) -> str:
        if row.seq == 1:
            return GENESIS
        before = self._tx.archived(row.site, row.lineage, row.seq - 1, row.seq - 1)
        return head_hash(before[0].head) if before else ""


def all_held(tx: Transaction, site: str) -> Iterator[Archived]:
    after = (site, "", 0)
    while page := tx.held(site, PAGE, after):
        yield from page
        after = (page[-1].site, page[-1].lineage, page[-1].seq)


def instead_of(tx: Transaction, site: Site, operations: Collection[str]) -> dict[str, str]:
    """Return for operations that were withdrawn those that took their place, to the end."""
    found: dict[str, str] = {}
    wanted = set(operations)
    while wanted:
        documents = tx.documents(site_scope(site.id), sorted(wanted))
        new = {d.id: d.data["instead"] for d in documents if d.data.get("instead") and d.id not in found}
        found |= new
        wanted = set(new.values()) - found.keys()
    return {old: _last(found, old) for old in found}


def _last(found: Mapping[str, str], operation: str) -> str:
    seen = {operation}
    while operation in found and found[operation] not in seen:
        operation = found[operation]
        seen.add(operation)
    return operation


def _deps(row: Archived) -> tuple[str, ...]:
    """Return what an operation depends on, as far as its head can be read."""
    try:
        deps = json.loads(row.head).get("deps")
    except (ValueError, RecursionError, AttributeError):
        return ()
    return tuple(dep for dep in deps if isinstance(dep, str)) if isinstance(deps, list) else ()


def _order(row: Archived) -> tuple[int, str, int]:
    return row.received_at, row.lineage, row.seq


def code_of(reasons: str) -> str:
    """Return the first reason's code; none for an operation whose receipt was pruned."""
    found = json.loads(reasons)
    return str(found[0]["code"]) if found else ""
