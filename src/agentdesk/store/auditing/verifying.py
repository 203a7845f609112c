"""Verifying a site's outbox: each lineage's chain, the columns that repeat it, and the verdicts that belong to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from agentdesk.domain.audit.chain import Finding, Follower, Link, read_head
from agentdesk.domain.audit.words import WordLineage, WordOperation
from agentdesk.domain.operation import head_hash
from agentdesk.replica.shapes import misshapen
from agentdesk.store.files import Files
from agentdesk.store.tidying import KEEP_LAST

MOST = 1_000
"""Findings that are told."""

Step = Callable[[int], None]

_ROWS = (
    "SELECT o.seq, o.head, o.salt, o.body, o.id, o.kind, o.scope, o.document, o.actor, o.amount, o.allowance, "
    "o.customer, o.at, v.verdict, EXISTS (SELECT 1 FROM moved m WHERE m.operation = o.id) "
    "FROM operation o LEFT JOIN verdict v ON v.operation = o.id WHERE o.lineage = ? ORDER BY o.seq"
)
_TABLES = ("chain", "operation", "verdict", "moved")
_COLUMNS = ("id", "kind", "scope", "document", "actor", "amount", "allowance")


@dataclass(slots=True)
class Verified:
    """What was looked at, in operations, what is wrong, and how many operations were let go before."""

    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    more: bool = False
    tidied: int = 0


def verify(files: Files, step: Step = lambda _rows: None) -> Verified:
    """Recompute everything that a site's outbox says of its operations; of one moment, in memory that doesn't grow."""
    done = Verified()

    def count(rows: int) -> None:
        done.rows += rows
        step(rows)

    outbox = files.outbox
    outbox.execute("BEGIN")
    try:
        if wrong := list(islice(misshapen(outbox.execute, _TABLES), MOST)):
            # nothing can be computed of what isn't even a number
            done.findings = [Finding(f"table {table}", key, "unreadable", column) for table, key, column in wrong]
            done.more = True
            return done
        found = _all(files, done, count)
        done.findings = list(islice(found, MOST))
        done.more = next(found, None) is not None
    finally:
        outbox.execute("ROLLBACK")
    return done


def word(files: Files) -> tuple[list[WordLineage], Iterator[WordOperation]]:
    """Return what a site says of its lineages, and of each operation that it still has."""
    outbox = files.outbox
    lineages = [
        WordLineage(*row)
        for row in outbox.execute("SELECT lineage, seq, answered, answered_hash, proof FROM chain ORDER BY lineage")
    ]

    def operations() -> Iterator[WordOperation]:
        rows = outbox.execute(
            "SELECT o.lineage, o.seq, o.head, v.verdict, v.scope, v.change FROM operation o "
            "LEFT JOIN verdict v ON v.operation = o.id ORDER BY o.lineage, o.seq"
        )
        for lineage, seq, head, verdict, scope, change in rows:
            yield WordOperation(lineage, seq, head_hash(head), verdict, scope, change)

    return lineages, operations()


def _all(files: Files, done: Verified, count: Step) -> Iterator[Finding]:
    outbox = files.outbox
    tidied = outbox.execute("SELECT 1 FROM meta WHERE key = 'tidied_at'").fetchone() is not None
    chains = outbox.execute(
        "SELECT lineage, seq, hash, answered, answered_hash, durable, current FROM chain ORDER BY current, lineage"
    ).fetchall()
    if sum(row[6] for row in chains) != 1:
        yield Finding("table chain", ", ".join(row[0] for row in chains), "current")
    for lineage, seq, hash_, answered, answered_hash, durable, _current in chains:
        let_go = min(durable, answered, seq - KEEP_LAST) if tidied else 0
        check = _Lineage(lineage, answered, answered_hash, let_go)
        for row in outbox.execute(_ROWS, (lineage,)):
            yield from check.take(row)
            count(1)
        if answered > seq:
            yield Finding(check.where, str(answered), "answered_beyond")
        yield from check.end(seq, hash_)
        done.tidied += check.tidied
    for (lineage,) in outbox.execute(
        "SELECT DISTINCT lineage FROM operation WHERE lineage NOT IN (SELECT lineage FROM chain) ORDER BY lineage"
    ):
        yield Finding(f"lineage {lineage}", "", "no_head")
    for (operation,) in outbox.execute(
        "SELECT operation FROM verdict WHERE operation NOT IN (SELECT id FROM operation) ORDER BY operation"
    ):
        yield Finding("table verdict", operation, "no_operation")


class _Lineage:
    """One lineage of the outbox on its way through."""

    def __init__(self, lineage: str, answered: int, answered_hash: str, let_go: int) -> None:
        self.where = f"lineage {lineage}"
        self._lineage = lineage
        self._follower = Follower(self.where)
        self._answered = answered
        self._answered_hash = answered_hash
        self._let_go = let_go
        self.tidied = 0

    def take(self, row: tuple[Any, ...]) -> Iterator[Finding]:
        seq, head, salt, body, *rest = row
        columns = {**dict(zip(_COLUMNS, rest, strict=False)), "lineage": self._lineage, "seq": seq}
        customer, at, verdict, moved = rest[len(_COLUMNS) :]
        before = self._follower.seq
        fine = seq - 1 <= self._let_go
        if fine and seq > before + 1:
            self.tidied += seq - 1 - before
        yield from self._follower.take(Link(seq, head, salt, body, columns), gap_is_fine=fine, may_be_erased=False)
        yield from self._beside(seq, head, body, customer, at)
        if seq == self._answered and head_hash(head) != self._answered_hash:
            yield Finding(self.where, str(seq), "answered_differs")
        if verdict is None and seq <= self._answered:
            yield Finding(self.where, str(seq), "no_verdict", str(rest[0]))
        elif verdict is not None and seq > self._answered and not moved:
            yield Finding(self.where, str(seq), "unasked_verdict", str(rest[0]))

    def _beside(self, seq: int, head: str, body: str | None, customer: str | None, at: int) -> Iterator[Finding]:
        """Tell of columns that follow from what an operation says."""
        said, content = read_head(head), _object(body)
        if said is None or content is None:
            return
        if content.get("customer") != customer:
            yield Finding(self.where, str(seq), "differs", "customer")
        wall, offset = said.get("wall"), said.get("offset") or 0
        if not isinstance(wall, int) or not isinstance(offset, int) or wall - offset != at:
            yield Finding(self.where, str(seq), "differs", "at")

    def end(self, seq: int, hash_: str) -> Iterator[Finding]:
        yield from self._follower.end(seq, hash_)


def _object(text: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
