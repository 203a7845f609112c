"""What comes from the centre: verdicts, pages of documents, and new generations of replicas."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from agentdesk.domain.documents import Document, Key
from agentdesk.domain.operation import GENESIS, head_hash
from agentdesk.replica.tables import cursors, put, set_cursor, take_away
from agentdesk.store.files import Files, replica_of
from agentdesk.store.outbox import Answer, Outbox, give_back_again
from agentdesk.store.overlay import Catalogues, rebase, settle, touched_by, uncovered_keys
from agentdesk.store.view import View

Cursor = tuple[str, int, str]
"""Epoch, number, hash."""

_NOWHERE: Cursor = ("", -1, "")


@dataclass(frozen=True, slots=True)
class PulledDocument:
    """A row of a pulled page: the document, or only its key when it left the scope."""

    key: Key
    document: Document | None


@dataclass(frozen=True, slots=True)
class Page:
    """What a pull brought for one scope; taken in whole, with its cursor."""

    scope: str
    epoch: str
    upto: int
    digest: str
    rows: tuple[PulledDocument, ...]


class Intake:
    """Takes in what the centre says, each thing whole or not at all."""

    def __init__(self, files: Files, view: View, outbox: Outbox, catalogues: Catalogues) -> None:
        self._files = files
        self._view = view
        self._outbox = outbox
        self._catalogues = catalogues

    def answers(self, lineage: str, answers: Iterable[Answer], epoch: str, at: int) -> int:
        """Keep verdicts; return how many operations no longer wait for one."""
        answers = tuple(answers)
        with self._files.writing() as outbox:
            before = self._outbox.waiting()
            self._outbox.record(outbox, lineage, answers, at, epoch)
            cursors = self._view.cursors()
            # most changes come with a later page, and settle then
            if any(a.change is None or cursors.get(a.scope or "", _NOWHERE)[1] >= a.change for a in answers):
                self._settle(outbox, ())
            return before - self._outbox.waiting()

    def rewind(self, lineage: str, answered: int) -> bool:
        """Go back in a lineage, forget the verdicts behind that place, and show what was lost as pending again."""
        with self._files.writing() as outbox:
            row = outbox.execute("SELECT answered FROM chain WHERE lineage = ?", (lineage,)).fetchone()
            if row is None or not 0 <= answered < row[0]:
                return False
            lost = outbox.execute(
                "SELECT id, scope, document FROM operation WHERE lineage = ? AND seq > ? AND seq <= ?",
                (lineage, answered, row[0]),
            ).fetchall()
            for operation, scope, document in lost:
                give_back_again(outbox, operation)
                outbox.execute("DELETE FROM verdict WHERE operation = ?", (operation,))
                outbox.execute("DELETE FROM inbox WHERE operation = ? AND done_at IS NULL", (operation,))
                outbox.execute(
                    "INSERT OR IGNORE INTO pending (operation, scope, id) VALUES (?, ?, ?)",
                    (operation, scope, document),
                )
            last = outbox.execute(
                "SELECT head FROM operation WHERE lineage = ? AND seq = ?", (lineage, answered)
            ).fetchone()
            outbox.execute(
                "UPDATE chain SET answered = ?, answered_hash = ? WHERE lineage = ?",
                (answered, head_hash(last[0]) if last else GENESIS, lineage),
            )
            rebase(outbox, self._view, self._catalogues, {Key(scope, document) for _, scope, document in lost})
        return True

    def cursors(self) -> dict[str, Cursor]:
        """Return how far each scope is in the file that its next page goes into."""
        filling = self._files.being_filled()
        known = {s: c for s, c in self._view.cursors().items() if replica_of(s) not in filling}
        for name in filling:
            known |= self._cursors_of(name)
        return known

    def _cursors_of(self, name: str) -> dict[str, Cursor]:
        replica = self._files.open_replica(name)
        try:
            return cursors(replica)
        finally:
            replica.close()

    def page(self, page: Page) -> None:
        """Take in a page with its cursor, then let go what it brought back of the pending operations."""
        with self._files.filling(page.scope) as replica:
            put(replica, (row.document for row in page.rows if row.document is not None))
            take_away(replica, ((row.key.scope, row.key.id) for row in page.rows if row.document is None))
            set_cursor(replica, page.scope, page.epoch, page.upto, page.digest)
        if replica_of(page.scope) in self._files.being_filled():
            return  # nobody sees it before it is complete
        with self._files.writing() as outbox:
            self._settle(outbox, (row.key for row in page.rows))

    def complete(self) -> bool:
        """Let new generations take the place of the old ones; False if there are none."""
        filling = self._files.being_filled()
        if not filling:
            return False
        filled = {s: c for name in filling for s, c in self._cursors_of(name).items()}

        def renumber(outbox: sqlite3.Connection) -> None:
            # what was answered in another epoch and isn't lost (`rewind`) has the same number in this one
            outbox.executemany(
                "UPDATE verdict SET epoch = ?2 WHERE scope = ?1 AND epoch NOT IN ('', ?2) "
                "AND operation IN (SELECT operation FROM pending)",
                [(scope, epoch) for scope, (epoch, _, _) in filled.items()],
            )

        self._files.promote_replicas(renumber)
        self.recover()
        return True

    def recover(self) -> None:
        """Let go what the replicas have in them, and rebase what stands on something older than they are."""
        with self._files.writing() as outbox:
            keys = settle(outbox, self._view.cursors()) | uncovered_keys(outbox) | self._view.outdated()
            if keys:
                rebase(outbox, self._view, self._catalogues, keys)

    def _settle(self, outbox: sqlite3.Connection, changed: Iterable[Key]) -> None:
        touched = touched_by(outbox, changed) | settle(outbox, self._view.cursors())
        if touched:
            rebase(outbox, self._view, self._catalogues, touched)
