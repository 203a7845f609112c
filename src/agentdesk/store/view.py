"""What an agent sees: replica ⊕ pending operations.

A document with pending operations has a row in the overlay, which stands before the replica's. Every answer here is
in plain values; nothing writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentdesk.domain.documents import MONEY_TYPES, WORK_TYPES, WORK_WINDOW_MS, Document, Key, due_of, in_order
from agentdesk.domain.needs import Answers, DocumentNeed, Need, WorkNeed
from agentdesk.replica.tables import DOCUMENT_COLUMNS, document
from agentdesk.store.files import Files

_WORK_TYPES = ", ".join(f"'{name}'" for name in sorted(WORK_TYPES))
_WORK = f"type IN ({_WORK_TYPES}) AND (open = 1 OR at > ?)"


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
        alias = self._files.attached.alias(scope)
        sql = f"SELECT {DOCUMENT_COLUMNS} FROM main.overlay WHERE scope = ?1 AND id = ?2"
        if alias is not None:
            # the parts are asked in this order, and the first row is the answer
            sql += f" UNION ALL SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE scope = ?1 AND id = ?2 LIMIT 1"
        row = self._files.outbox.execute(sql, (scope, document_id)).fetchone()
        return document(row) if row else None

    def replicated(self, scope: str, document_id: str) -> Document | None:
        """Return a document as the centre last gave it."""
        alias = self._files.attached.alias(scope)
        if alias is None:
            return None
        row = self._files.outbox.execute(
            f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE scope = ? AND id = ?",
            (scope, document_id),
        ).fetchone()
        return document(row) if row else None

    def work(self, scope: str, customer: str, at: int) -> tuple[Document, ...]:
        """Return a customer's work: what is open, and what was closed in the work window."""
        return self._both(
            scope, f"scope = ? AND customer = ? AND {_WORK}", (scope, customer, at - WORK_WINDOW_MS), "at, id"
        )

    def timeline(self, scope: str, customer: str, most: int = 50) -> tuple[Document, ...]:
        """Return a customer's contacts, notes and work, newest first, at most `most`."""
        where = f"scope = ? AND customer = ? AND type IN ('contact', 'note', 'handoff', {_WORK_TYPES})"
        return self._both(scope, where, (scope, customer), "at DESC, id DESC", most)

    def made_since(self, scope: str, owner: str, since: int) -> tuple[Document, ...]:
        """Return the commitments that an agent made, and the remedies that he gave, since an instant, ms UTC."""
        # one question for each type: each has an index of its own
        return in_order(
            document
            for type_ in sorted(MONEY_TYPES)
            for document in self._both(
                scope, f"scope = ? AND owner = ? AND type = '{type_}' AND at >= ?", (scope, owner, since), "at, id"
            )
        )

    def open_work(self, owner: str | None = None, most: int = 200) -> tuple[Document, ...]:
        """Return open work, what is due first in front; of one owner, or of all."""
        where, arguments = ("open = 1 AND owner = ?", (owner,)) if owner else ("open = 1", ())
        found: list[Document] = []
        # an order that no index but the one of open work gives: else all documents are gone through
        for due, order in (("due IS NOT NULL", "due, id"), ("due IS NULL", "at, id")):
            some: list[Document] = []
            for scope in self.regions():
                some += self._both(
                    scope, f"scope = ? AND {where} AND {due}", (scope, *arguments), order, most - len(found)
                )
            some.sort(key=lambda d: (due_of(d) or d.data.get("at") or 0, d.id))
            found += some[: most - len(found)]
            if len(found) >= most:
                break
        return tuple(found)

    def open_of(self, kind: str, most: int = 100) -> tuple[Document, ...]:
        """Return open documents of one type in all regions, what is due first in front."""
        found: list[Document] = []
        for scope in self.regions():
            found += self._both(scope, "scope = ? AND type = ? AND open = 1", (scope, kind), "due, id", most)
        found.sort(key=lambda d: (due_of(d) or 0, d.id))
        return tuple(found[:most])

    def holders(self, number: str) -> tuple[Holder, ...]:
        """Return all who can be reached under a number (E.164), ranked; never guessed."""
        found: set[Holder] = set()
        for alias in self._files.attached.aliases():
            rows = self._files.outbox.execute(
                f"SELECT scope, customer, subscription, relation, rank FROM {alias}.holder WHERE number = ?",
                (number,),
            )
            found.update(Holder(s, c, line or None, relation, rank) for s, c, line, relation, rank in rows)
        return tuple(sorted(found, key=lambda h: (h.rank, h.scope, h.customer, h.subscription or "")))

    def named(self, prefix: str, most: int = 20) -> tuple[Document, ...]:
        """Return customers whose name begins with a text."""
        found: list[Document] = []
        for alias in self._files.attached.aliases():
            rows = self._files.outbox.execute(
                f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE name >= ? AND name < ? ORDER BY name LIMIT ?",
                (prefix, prefix + "\U0010ffff", most),
            )
            found += [document(row) for row in rows]
        found.sort(key=lambda d: str(d.data.get("name")))
        return tuple(found[:most])

    def referred(self, number: str) -> tuple[Document, ...]:
        """Return the documents that have a number of their own, by it."""
        found = {
            (d.scope, d.id): d
            for source in (*(f"{alias}.document" for alias in self._files.attached.aliases()), "main.overlay")
            for d in map(
                document,
                self._files.outbox.execute(f"SELECT {DOCUMENT_COLUMNS} FROM {source} WHERE ref = ?", (number,)),
            )
        }
        return tuple(found.values())

    def newest_revision(self, scope: str) -> int:
        """Return the highest revision of a scope's documents in its replica; goes through all of them."""
        alias = self._files.attached.alias(scope)
        if alias is None:
            return 0
        sql = f"SELECT coalesce(max(rev), 0) FROM {alias}.document WHERE scope = ?"
        return int(self._files.outbox.execute(sql, (scope,)).fetchone()[0])

    def of_type(self, scope: str, kind: str) -> tuple[Document, ...]:
        """Return all documents of a type in a small scope."""
        return self._both(scope, "scope = ? AND type = ?", (scope, kind), "rev, id")

    def newest(self, scope: str, kind: str) -> Document | None:
        """Return the document of a type in a small scope that the centre wrote last."""
        alias = self._files.attached.alias(scope)
        if alias is None:
            return None
        row = self._files.outbox.execute(
            f"SELECT {DOCUMENT_COLUMNS} FROM {alias}.document WHERE scope = ? AND type = ? ORDER BY rev DESC LIMIT 1",
            (scope, kind),
        ).fetchone()
        return document(row) if row else None

    def answers(
        self, needs: Iterable[Need], at: int, online: bool, known: Mapping[Need, tuple[Document, ...]] | None = None
    ) -> Answers:
        """Answer an operation's needs; with the line down others may have promised what can't be seen here.

        `known` are answers that are at hand already.
        """
        found: dict[Need, tuple[Document, ...]] = {}
        partial: set[Need] = set()
        for need in needs:
            if known and need in known:
                found[need] = known[need]
            elif isinstance(need, DocumentNeed):
                one = self.document(need.scope, need.id)
                found[need] = (one,) if one else ()
            elif isinstance(need, WorkNeed):
                found[need] = self.work(need.scope, need.customer, at)
            else:
                found[need] = self.made_since(need.scope, need.owner, need.since)
            if not online or not self._files.attached.is_replicated(need.scope):
                partial.add(need)
        return Answers(found, frozenset(partial))

    def outdated(self) -> set[Key]:
        """Return the documents whose overlay stands on another revision than the replica has now."""
        outbox = self._files.outbox
        found: set[Key] = set()
        for (scope,) in outbox.execute("SELECT DISTINCT scope FROM main.overlay").fetchall():
            alias = self._files.attached.alias(scope)
            if alias is None:
                continue
            rows = outbox.execute(
                f"SELECT o.id FROM main.overlay AS o LEFT JOIN {alias}.document AS d ON d.scope = o.scope "
                "AND d.id = o.id WHERE o.scope = ? AND o.rev <> coalesce(d.rev, 0)",
                (scope,),
            )
            found.update(Key(scope, row[0]) for row in rows)
        return found

    def waiting_for(self, scope: str, document_id: str) -> int:
        """Return how many operations on a document are not yet seen back from the centre; 0 means it is there."""
        row = self._files.outbox.execute(
            "SELECT count(*) FROM pending WHERE scope = ? AND id = ?", (scope, document_id)
        ).fetchone()
        return int(row[0])

    def cursors(self) -> dict[str, tuple[str, int, str]]:
        """Return how far each scope has been taken in: (epoch, number, hash)."""
        aliases = self._files.attached.aliases()
        if not aliases:
            return {}
        sql = " UNION ALL ".join(f"SELECT scope, epoch, seq, hash FROM {alias}.cursor" for alias in aliases)
        rows = self._files.outbox.execute(sql)
        return {scope: (epoch, seq, digest) for scope, epoch, seq, digest in rows}

    def regions(self) -> list[str]:
        """Return the regions of which anything is here, in order."""
        scopes = {scope for scope in self.cursors() if scope.startswith("region/")}
        for source in ("main.overlay", *(f"{alias}.document" for alias in (self._files.attached.small(),) if alias)):
            # one step for each region, however many documents it has
            last = self._next_region(source, "region/")
            while last is not None:
                scopes.add(last)
                last = self._next_region(source, last)
        return sorted(scopes)

    def _next_region(self, source: str, after: str) -> str | None:
        row = self._files.outbox.execute(
            f"SELECT min(scope) FROM {source} WHERE scope > ? AND scope < 'region0'", (after,)
        ).fetchone()
        found: str | None = row[0]
        return found

    def _both(
        self, scope: str, where: str, arguments: Sequence[Any], order: str, most: int = 1000
    ) -> tuple[Document, ...]:
        """Read from the overlay and the replica: a document's overlay counts, even where it no longer fits."""
        alias = self._files.attached.alias(scope)
        columns = f"{DOCUMENT_COLUMNS}, at, due"
        sql = f"SELECT {columns} FROM main.overlay WHERE {where}"
        if alias is not None:
            sql += (
                f" UNION ALL SELECT {columns} FROM {alias}.document AS d WHERE {where} AND NOT EXISTS "
                "(SELECT 1 FROM main.overlay AS o WHERE o.scope = d.scope AND o.id = d.id)"
            )
            arguments = (*arguments, *arguments)
        rows = self._files.outbox.execute(f"{sql} ORDER BY {order} LIMIT ?", (*arguments, most))
        return tuple(document(row[:6]) for row in rows)
