"""What an agent sees: replica ⊕ pending operations.

A document with pending operations has a row in the overlay, which stands before the replica's. Every answer here is
in plain values; nothing writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from agentdesk.domain.decide import WORK_WINDOW_MS, Answers, DocumentNeed, Need, WorkNeed
from agentdesk.domain.documents import Document
from agentdesk.replica.tables import DOCUMENT_COLUMNS, document
from agentdesk.store.files import Files

_WORK = "type IN ('ticket', 'commitment') AND (open = 1 OR at > ?)"


@dataclass(frozen=True, slots=True)
class Holder:
    """Someone who can be reached under a number; rank 0 owns the line, 1 uses it, 2 is a contact person's."""

    scope: str
    customer: str
    subscription: str | None
    relation: str
    rank: int


class View:
    """Reads of one site's files."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def document(self, scope: str, document_id: str) -> Document | None:
        """Return a document as it is seen here, with what is still on its way to the centre."""
        row = self._files.outbox.execute(
            f"SELECT {DOCUMENT_COLUMNS} FROM main.overlay WHERE scope = ? AND id = ?", (scope, document_id)
        ).fetchone()
        return document(row) if row else self.replicated(scope, document_id)

    def replicated(self, scope: str, document_id: str) -> Document | None:
        """Return a document as the centre last gave it."""
        alias = self._files.alias(scope)
        if alias is None:
            return None
        row = self._files.outbox.execute(
            f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE scope = ? AND id = ?",
            (scope, document_id),
        ).fetchone()
        return document(row) if row else None

    def work(self, scope: str, customer: str, at: int) -> tuple[Document, ...]:
        """Return a customer's tickets and commitments: open ones, and closed ones of the work window."""
        return self._both(
            scope, f"scope = ? AND customer = ? AND {_WORK}", (scope, customer, at - WORK_WINDOW_MS), "at"
        )

    def timeline(self, scope: str, customer: str, most: int = 50) -> tuple[Document, ...]:
        """Return a customer's contacts, notes, tickets and commitments, newest first, at most `most`."""
        where = "scope = ? AND customer = ? AND type IN ('contact', 'note', 'ticket', 'commitment')"
        return self._both(scope, where, (scope, customer), "at DESC", most)

    def made_since(self, scope: str, owner: str, since: int) -> tuple[Document, ...]:
        """Return the commitments that an agent made since an instant, ms UTC."""
        where = "scope = ? AND owner = ? AND type = 'commitment' AND at >= ?"
        return self._both(scope, where, (scope, owner, since), "at")

    def open_work(self, owner: str | None = None, most: int = 200) -> tuple[Document, ...]:
        """Return open tickets and commitments, those due first in front; of one owner, or of all."""
        where, arguments = ("open = 1 AND owner = ?", (owner,)) if owner else ("open = 1", ())
        found: list[Document] = []
        for scope in self._regions():
            found += self._both(scope, f"scope = ? AND {where}", (scope, *arguments), "due IS NULL, due", most)
        found.sort(key=lambda d: (d.data.get("due") is None, d.data.get("due") or 0))
        return tuple(found[:most])

    def holders(self, number: str) -> tuple[Holder, ...]:
        """Return all who can be reached under a number (E.164), ranked; never guessed."""
        found: list[Holder] = []
        for alias in self._files.aliases():
            rows = self._files.outbox.execute(
                f"SELECT scope, customer, subscription, relation, rank FROM {alias}.holder WHERE number = ?",
                (number,),
            )
            found += [Holder(s, c, line or None, relation, rank) for s, c, line, relation, rank in rows]
        found.sort(key=lambda h: (h.rank, h.scope, h.customer))
        return tuple(found)

    def named(self, prefix: str, most: int = 20) -> tuple[Document, ...]:
        """Return customers whose name begins with a text."""
        found: list[Document] = []
        for alias in self._files.aliases():
            rows = self._files.outbox.execute(
                f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE name >= ? AND name < ? ORDER BY name LIMIT ?",
                (prefix, prefix + "\U0010ffff", most),
            )
            found += [document(row) for row in rows]
        return tuple(found[:most])

    def referred(self, number: str) -> tuple[Document, ...]:
        """Return tickets and commitments with a number of their own."""
        found = {
            (d.scope, d.id): d
            for source in (*(f"{alias}.document" for alias in self._files.aliases()), "main.overlay")
            for d in map(
                document,
                self._files.outbox.execute(f"SELECT {DOCUMENT_COLUMNS} FROM {source} WHERE ref = ?", (number,)),
            )
        }
        return tuple(found.values())

    def of_type(self, scope: str, kind: str) -> tuple[Document, ...]:
        """Return all documents of a type in a small scope."""
        return self._both(scope, "scope = ? AND type = ?", (scope, kind), "rev")

    def answers(self, needs: Iterable[Need], at: int, online: bool) -> Answers:
        """Answer an operation's needs; with the line down others may have promised what can't be seen here."""
        found: dict[Need, tuple[Document, ...]] = {}
        partial: set[Need] = set()
        for need in needs:
            if isinstance(need, DocumentNeed):
                one = self.document(need.scope, need.id)
                found[need] = (one,) if one else ()
            elif isinstance(need, WorkNeed):
                found[need] = self.work(need.scope, need.customer, at)
            else:
                found[need] = self.made_since(need.scope, need.owner, need.since)
            if not online or self._files.alias(need.scope) is None:
                partial.add(need)
        return Answers(found, frozenset(partial))

    def waiting_for(self, scope: str, document_id: str) -> int:
        """Return how many operations on a document are not yet seen back from the centre; 0 means it is there."""
        row = self._files.outbox.execute(
            "SELECT count(*) FROM pending WHERE scope = ? AND id = ?", (scope, document_id)
        ).fetchone()
        return int(row[0])

    def cursors(self) -> dict[str, tuple[str, int, str]]:
        """Return how far each scope has been taken in: (epoch, number, hash)."""
        return {
            scope: (epoch, seq, digest)
            for alias in self._files.aliases()
            for scope, epoch, seq, digest in self._files.outbox.execute(
                f"SELECT scope, epoch, seq, hash FROM {alias}.cursor"
            )
        }

    def _regions(self) -> list[str]:
        scopes = {scope for scope in self.cursors() if scope.startswith("region/")}
        scopes.update(
            scope
            for (scope,) in self._files.outbox.execute(
                "SELECT DISTINCT scope FROM main.overlay WHERE scope LIKE 'region/%'"
            )
        )
        return sorted(scopes)

    def _both(
        self, scope: str, where: str, arguments: Sequence[Any], order: str, most: int = 1000
    ) -> tuple[Document, ...]:
        """Read from the replica and the overlay, whose rows stand before the replica's."""
        outbox, alias = self._files.outbox, self._files.alias(scope)
        over = outbox.execute(f"SELECT {DOCUMENT_COLUMNS} FROM main.overlay WHERE {where}", arguments).fetchall()
        rows = []
        if alias is not None:
            rows = outbox.execute(
                f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE {where} ORDER BY {order} LIMIT ?",
                (*arguments, most),
            ).fetchall()
        if not over and not self._any_over(scope):
            return tuple(document(row) for row in rows)
        shadowed = self._shadowed(scope, [row[1] for row in rows])
        found = [document(row) for row in (*over, *(row for row in rows if row[1] not in shadowed))]
        found.sort(key=_ORDERS[order])
        return tuple(found[:most])

    def _any_over(self, scope: str) -> bool:
        return (
            self._files.outbox.execute("SELECT 1 FROM main.overlay WHERE scope = ? LIMIT 1", (scope,)).fetchone()
            is not None
        )

    def _shadowed(self, scope: str, ids: Sequence[str]) -> set[str]:
        """Return which documents have an overlay: theirs counts, even where it no longer fits the question."""
        found: set[str] = set()
        for begin in range(0, len(ids), 500):
            some = ids[begin : begin + 500]
            marks = ", ".join("?" * len(some))
            found.update(
                row[0]
                for row in self._files.outbox.execute(
                    f"SELECT id FROM main.overlay WHERE scope = ? AND id IN ({marks})", (scope, *some)
                )
            )
        return found


_ORDERS: dict[str, Any] = {
    "at": lambda d: d.data.get("at") or 0,
    "at DESC": lambda d: -(d.data.get("at") or 0),
    "due IS NULL, due": lambda d: (d.data.get("due") is None, d.data.get("due") or 0),
    "rev": lambda d: d.rev,
}
