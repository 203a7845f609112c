"""What comes from the centre: verdicts, pages of documents, and new generations of replicas."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentdesk.domain.documents import Document, Key
from agentdesk.replica.driver import sqlite
from agentdesk.replica.search import follow_page
from agentdesk.replica.tables import REPLICA_VERSION, cursors, put, put_rows, set_cursor, take_away
from agentdesk.replica.tally import Tally, measured, set_tally, tally
from agentdesk.store.allowances import TYPE as LEASE
from agentdesk.store.allowances import keep_leases
from agentdesk.store.attaching import SMALL, replica_of
from agentdesk.store.files import Files
from agentdesk.store.lineages import Agreed, LineageStanding, agree, rewind
from agentdesk.store.outbox import Answer, Outbox, Word
from agentdesk.store.overlay import Catalogues, lingering_keys, rebase, settle, touched_by, uncovered_keys
from agentdesk.store.verdicts import CHECK, forget_lost, take_later
from agentdesk.store.verdicts import TYPE as VERDICT
from agentdesk.store.view import View

Cursor = tuple[str, int, str]
"""Epoch, number, hash."""

LINES = REPLICA_VERSION
"""The version of rows that a replica takes as they are (`Page.raw`)."""

FOLLOWED = 200
"""Documents of a page that are found by their words as soon as it is here; those of a larger one a little later."""

_NOWHERE: Cursor = ("", -1, "")


@dataclass(frozen=True, slots=True)
class PulledDocument:
    """A row of a pulled page: the document, or only its key when it left the scope."""

    key: Key
    document: Document | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the centre knows this site: its history, the site's number and scopes, and where each lineage stands."""

    epoch: str
    number: int
    scopes: tuple[str, ...]
    lineages: tuple[LineageStanding, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a pull brought for one scope; taken in whole, with its cursor.

    `tally` is on a page that is the last for now: how many documents the centre has at home in the scope, and the sum
    of their revisions.
    `raw` are documents that come as rows of the replica (`replica.tables.COLUMNS`).
    """

    scope: str
    epoch: str
    upto: int
    digest: str
    rows: tuple[PulledDocument, ...]
    tally: tuple[int, int] | None = None
    raw: tuple[tuple[Any, ...], ...] = ()

    @property
    def size(self) -> int:
        """Return how many documents it brings or takes away."""
        return len(self.rows) + len(self.raw)

    def of_type(self, kind: str) -> set[str]:
        """Return the ids of the documents of a type that it brings."""
        found = {d.id for row in self.rows if (d := row.document) is not None and d.type == kind}
        return found | {row[1] for row in self.raw if row[2] == kind}


class Intake:
    """Takes in what the centre says, each thing whole or not at all."""

    def __init__(
        self, files: Files, view: View, outbox: Outbox, catalogues: Catalogues, now: Callable[[], int]
    ) -> None:
        self._files = files
        self._view = view
        self._outbox = outbox
        self._catalogues = catalogues
        self._now = now

    def answers(self, lineage: str, answers: Iterable[Answer], epoch: str, at: int, word: Word | None = None) -> int:
        """Keep verdicts; return how many operations no longer wait for one."""
        answers = tuple(answers)
        with self._files.writing() as outbox:
            before = self._outbox.waiting()
            self._outbox.record(outbox, lineage, answers, at, epoch, word)
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
            rebase(outbox, self._view, self._catalogues, rewind(outbox, lineage, answered))
        return True

    def agree(self, standing: Standing, new_lineage: str, at: int) -> Agreed:
        """Come to terms with the centre about what either has lost, all in one transaction.

        Another epoch than the one known here means that the centre was restored: what the replicas have from the
        lost history goes, and the verdicts that weren't lost count in the new one.
        """
        known = self._epoch()
        if known not in ("", standing.epoch):
            self._renew_after(self._view.cursors())
        with self._files.writing() as outbox:
            agreed, keys = agree(outbox, standing.lineages, new_lineage, at)
            if known != standing.epoch:
                outbox.execute(
                    "UPDATE verdict SET epoch = ?1 WHERE epoch NOT IN ('', ?1) "
                    "AND operation IN (SELECT operation FROM pending)",
                    (standing.epoch,),
                )
            values = {
                "epoch": standing.epoch,
                "number": str(standing.number),
                "scopes": "\n".join(standing.scopes),
            }
            outbox.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", values.items())
            rebase(outbox, self._view, self._catalogues, keys)
        self._leave(standing.scopes)
        return agreed

    def _epoch(self) -> str:
        row = self._files.outbox.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        return row[0] if row else ""

    def _renew_after(self, cursors: Mapping[str, Cursor]) -> None:
        """Begin replicas anew that may have documents of a history that is lost.

        A page brings documents in their newest state, so that they may be newer than its cursor. A region's log tells;
        documents of other homes don't, and there are few.
        """
        names = {SMALL, *self._files.being_filled()}
        for scope, (_, seq, _) in cursors.items():
            if replica_of(scope) != SMALL and self._view.newest_revision(scope) > seq:
                names.add(scope)
        for name in sorted(names):
            self._files.renew_replica(name)

    def _leave(self, scopes: Collection[str]) -> None:
        """Let go of what was replicated of scopes that aren't this site's any more, however far that had come.

        A replica that was only begun, or is yet being filled, has no cursor that is seen.
        """
        known = self._view.cursors().keys() | self.cursors().keys()
        lost = {replica_of(scope) for scope in known - set(scopes)}
        lost |= self._files.replicas() - {SMALL, *map(replica_of, scopes)}
        for name in sorted(lost):
            if name == SMALL:
                # documents of other homes may have come through the scope that is lost
                self._files.renew_replica(name)
            else:
                self._files.drop_replica(name)
        if lost:
            self.recover()

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

    def page(self, page: Page) -> bool:
        """Take in a page with its cursor, then let go what it brought back of the pending operations.

        False if the replica hasn't the documents that the centre counts: it has to be fetched again.
        """
        ids = {row.key.id for row in page.rows if row.key.scope == page.scope}
        ids |= {row[1] for row in page.raw if row[0] == page.scope}
        with self._files.filling(page.scope) as replica:
            known, before = tally(replica, page.scope), measured(replica, page.scope, ids)
            put(replica, (row.document for row in page.rows if row.document is not None))
            put_rows(replica, page.raw)
            take_away(replica, ((row.key.scope, row.key.id) for row in page.rows if row.document is None))
            follow_page(replica, FOLLOWED)
            set_cursor(replica, page.scope, page.epoch, page.upto, page.digest)
            after = measured(replica, page.scope, ids)
            new = Tally(known.documents + after.documents - before.documents, known.total + after.total - before.total)
            set_tally(replica, page.scope, new)
        if replica_of(page.scope) not in self._files.being_filled():  # else nobody sees it before it is complete
            with self._files.writing() as outbox:
                if page.scope.startswith("site/"):
                    self._take_own(outbox, page)
                self._settle(outbox, (*(row.key for row in page.rows), *(Key(row[0], row[1]) for row in page.raw)))
        return page.tally is None or page.tally == new

    def _take_own(self, outbox: sqlite.Connection, page: Page) -> None:
        """Keep what only this site is told: its leases, and what was decided later about its operations."""
        site = page.scope.removeprefix("site/")
        if leases := page.of_type(LEASE):
            keep_leases(outbox, self._files, site, leases)
        if later := page.of_type(VERDICT):
            take_later(outbox, self._files, site, self._now(), later)

    def adopt(self, scope: str, path: Path) -> None:
        """Take in a scope whole, as a verified replica file with its cursor in it.

        The file goes away where the scope was lost while it came: until the next greeting nobody would look again.
        """
        (scopes,) = self._files.outbox.execute("SELECT value FROM meta WHERE key = 'scopes'").fetchone()
        if scope not in scopes.split("\n"):
            path.unlink()
            return
        if self._files.adopt_replica(scope, path):
            self.recover()

    def complete(self) -> bool:
        """Let new generations take the place of the old ones; False if there are none."""
        filling = self._files.being_filled()
        if not filling:
            return False
        filled = {s: c for name in filling for s, c in self._cursors_of(name).items()}

        def renumber(outbox: sqlite.Connection) -> None:
            # what was answered in another epoch and isn't lost (`rewind`) has the same number in this one
            outbox.executemany(
                "UPDATE verdict SET epoch = ?2 WHERE scope = ?1 AND epoch NOT IN ('', ?2) "
                "AND operation IN (SELECT operation FROM pending)",
                [(scope, epoch) for scope, (epoch, _, _) in filled.items()],
            )
            if SMALL in filling:
                outbox.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, '1')", (CHECK,))

        self._files.promote_replicas(renumber)
        self.recover()
        return True

    def resume(self) -> None:
        """Finish what a process died over: scopes that were lost go, and the overlay is brought up to the replicas."""
        row = self._files.outbox.execute("SELECT value FROM meta WHERE key = 'scopes'").fetchone()
        if row is not None:
            self._leave(row[0].split("\n"))
        self.recover()

    def recover(self) -> None:
        """Let go what the replicas have in them, and rebase what stands on something older than they are."""
        with self._files.writing() as outbox:
            site = outbox.execute("SELECT value FROM meta WHERE key = 'site'").fetchone()
            lost: set[Key] = set()
            if site is not None:
                keep_leases(outbox, self._files, site[0])
                lost = forget_lost(outbox, self._files, site[0], self._now())
                take_later(outbox, self._files, site[0], self._now())
            keys = lost | settle(outbox, self._view.cursors()) | self._view.outdated()
            keys |= uncovered_keys(outbox) | lingering_keys(outbox)
            if keys:
                rebase(outbox, self._view, self._catalogues, keys)

    def _settle(self, outbox: sqlite.Connection, changed: Iterable[Key]) -> None:
        touched = touched_by(outbox, changed) | settle(outbox, self._view.cursors())
        if touched:
            rebase(outbox, self._view, self._catalogues, touched)
