"""A site's store: one operation, one durable transaction, and only then the screen says so (DOMAIN rule 1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agentdesk.catalogue.compiled import restore
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import Allowance, Decision, MalformedBody, Refusal, Situation, decide, needs
from agentdesk.domain.documents import Change, Document, Key, changed
from agentdesk.domain.ids import digits_number, uuid7
from agentdesk.domain.operation import GENESIS, Clock, Draft, Operation, Place, head_hash, seal
from agentdesk.domain.policy import Catalogue, MoneyKind
from agentdesk.replica.tables import put, set_cursor, take_away
from agentdesk.store.files import Files, StoreError
from agentdesk.store.line import Line, LineState
from agentdesk.store.outbox import Answer, Outbox
from agentdesk.store.overlay import cover, rebase, settle
from agentdesk.store.view import View


class Entropy(Protocol):
    """Where randomness comes from."""

    def token_bytes(self, count: int) -> bytes:
        """Return that many random bytes."""


class NotEnrolled(StoreError):
    """This folder belongs to no site yet."""


class Refused(Exception):
    """The rules don't allow an operation; nothing was recorded. `reasons` are to be worded by the screen."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this site is: its id, its four-digit number, its region's scope, and where the centre is."""

    site: str
    number: int
    name: str
    region: str
    scopes: tuple[str, ...]
    url: str
    token: str


@dataclass(frozen=True, slots=True)
class Committed:
    """An operation that is on disk, and the documents as they now stand here."""

    operation: Operation
    documents: tuple[Document, ...]


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


class Site:
    """The store of one site, used by one thread; several processes may have one on the same folder."""

    def __init__(self, folder: Path, clock: Clock, entropy: Entropy) -> None:
        self.files = Files(folder)
        self.clock = clock
        self.entropy = entropy
        self.view = View(self.files)
        self.outbox = Outbox(self.files)
        self.line = Line(self.files)
        self._identity: Identity | None = None
        self._catalogues: dict[str, Catalogue] = {}
        self._newest: tuple[int, str] | None = None

    def close(self) -> None:
        self.files.close()

    # who this site is

    def enrolled(self) -> bool:
        return self._meta("site") is not None

    def enrol(self, identity: Identity, lineage: str) -> None:
        """Make this folder the files of a site, with a new lineage; raises StoreError when it is one already."""
        if self.enrolled():
            raise StoreError(f"{self.files.folder} is enrolled already; use another folder for another site")
        with self.files.writing() as outbox:
            values = {
                "site": identity.site,
                "number": str(identity.number),
                "name": identity.name,
                "region": identity.region,
                "scopes": "\n".join(identity.scopes),
                "url": identity.url,
                "token": identity.token,
                "counter": "0",
            }
            outbox.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", values.items())
            outbox.execute(
                "INSERT INTO chain (lineage, seq, hash, current, answered_hash) VALUES (?, 0, ?, 1, ?)",
                (lineage, GENESIS, GENESIS),
            )

    def move_centre(self, url: str) -> None:
        """Note that the centre is reached at another address from now on."""
        with self.files.writing() as outbox:
            outbox.execute("UPDATE meta SET value = ? WHERE key = 'url'", (url,))
        self._identity = None

    @property
    def identity(self) -> Identity:
        """Return who this site is; raises NotEnrolled."""
        if self._identity is None:
            rows = dict(self.files.outbox.execute("SELECT key, value FROM meta").fetchall())
            if "site" not in rows:
                folder = self.files.folder
                raise NotEnrolled(f"{folder} is not enrolled; run `agentdesk site enrol URL CODE --data {folder}`")
            self._identity = Identity(
                rows["site"],
                int(rows["number"]),
                rows["name"],
                rows["region"],
                tuple(rows["scopes"].split("\n")),
                rows["url"],
                rows["token"],
            )
        return self._identity

    # the only way to change anything

    def commit(self, draft: Draft) -> Committed:
        """Decide an operation and put it on disk in one durable transaction.

        Raises Refused when the rules don't allow it and DiskFull when there is no room; nothing is recorded then.
        """
        return self.commit_all((draft,))[0]

    def commit_all(self, drafts: Iterable[Draft]) -> tuple[Committed, ...]:
        """Put several operations on disk together, in order: all of them or none."""
        identity = self.identity
        result = []
        with self.files.writing() as outbox:
            lineage, seq, head_hash = outbox.execute(
                "SELECT lineage, seq, hash FROM chain WHERE current = 1"
            ).fetchone()
            state = self.line.state()
            cursors = {scope: f"{epoch}:{number}" for scope, (epoch, number, _) in self.view.cursors().items()}
            for draft in drafts:
                seq += 1
                place = Place(identity.site, lineage, seq, head_hash, cursors, state.offset)
                operation = seal(draft, place, self.clock, self.new_id(), self.entropy.token_bytes(8).hex())
                head_hash = operation.hash
                result.append(self._decided(outbox, operation, state))
            outbox.execute("UPDATE chain SET seq = ?, hash = ? WHERE lineage = ?", (seq, head_hash, lineage))
        return tuple(result)

    def _decided(self, outbox: sqlite3.Connection, operation: Operation, state: LineState) -> Committed:
        at = state.instant(operation.wall)
        try:
            asked = needs(operation)
        except MalformedBody as error:
            raise Refused((Reason.of("malformed", detail=str(error)),)) from None
        answers = self.view.answers(asked, at, state.online)
        catalogue = self.catalogue(operation.catalogue)
        outcome = decide(operation, Situation(answers, catalogue, at, self._allowance(operation.allowance)))
        if isinstance(outcome, Refusal):
            raise Refused((outcome.reason,))
        if outcome.held is not None or outcome.flags:
            raise Refused((*outcome.flags, *((outcome.held,) if outcome.held else ())))
        documents = self._record(outbox, operation, outcome, at)
        return Committed(operation, documents)

    def _record(
        self, outbox: sqlite3.Connection, operation: Operation, decision: Decision, at: int
    ) -> tuple[Document, ...]:
        outbox.execute(
            "INSERT INTO operation (lineage, seq, id, kind, scope, document, customer, actor, amount, allowance, at, "
            "head, salt, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                operation.lineage,
                operation.seq,
                operation.id,
                operation.kind,
                operation.scope,
                operation.document,
                operation.data.get("customer"),
                operation.actor,
                operation.amount,
                operation.allowance,
                at,
                operation.head,
                operation.salt,
                operation.body,
            ),
        )
        documents = tuple(self._after(change) for change in decision.changes)
        cover(outbox, documents)
        outbox.executemany(
            "INSERT OR IGNORE INTO pending (operation, scope, id) VALUES (?, ?, ?)",
            [(operation.id, d.scope, d.id) for d in documents],
        )
        for fact in decision.money:
            if fact.allowance is not None:
                outbox.execute(
                    "INSERT INTO spending (allowance, spent) VALUES (?1, ?2) "
                    "ON CONFLICT (allowance) DO UPDATE SET spent = spent + ?2",
                    (fact.allowance, fact.amount),
                )
        return documents

    def _after(self, change: Change) -> Document:
        return changed(self.view.document(change.scope, change.id), change)

    # what an operation is made from

    def new_id(self) -> str:
        return uuid7(self.clock.wall_ms(), self.entropy.token_bytes(10))

    def now(self) -> int:
        """Return the instant as the centre would see it, ms UTC."""
        return self.line.state().instant(self.clock.wall_ms())

    def next_number(self) -> str:
        """Return a new digits-only number for a ticket or a promise; made offline, never given twice."""
        with self.files.writing() as outbox:
            outbox.execute("UPDATE meta SET value = value + 1 WHERE key = 'counter'")
            counter = int(outbox.execute("SELECT value FROM meta WHERE key = 'counter'").fetchone()[0])
        return digits_number(self.identity.number, counter)

    def allowances(self) -> Mapping[MoneyKind, Allowance]:
        """Return what may still be promised here: one lease of each kind, minor units left."""
        leases = self.view.of_type(f"site/{self.identity.site}", "allowance")
        return {lease.data["kind"]: self._left(lease) for lease in leases}

    def _allowance(self, allowance_id: str | None) -> Allowance | None:
        if allowance_id is None:
            return None
        lease = self.view.document(f"site/{self.identity.site}", allowance_id)
        return self._left(lease) if lease else None

    def _left(self, lease: Document) -> Allowance:
        row = self.files.outbox.execute("SELECT spent FROM spending WHERE allowance = ?", (lease.id,)).fetchone()
        return Allowance(lease.id, lease.data["kind"], lease.data["amount"] - (row[0] if row else 0))

    def catalogue(self, version: str = "") -> Catalogue:
        """Return a version of the catalogue as the centre published it, or the newest one.

        Before the first sync it is the one that came with the program.
        """
        if version and version in self._catalogues:
            return self._catalogues[version]
        documents = self.view.of_type("catalogue", "catalogue")
        if not documents:
            return self._packaged()
        chosen = next((d for d in documents if d.data["version"] == version), documents[-1])
        name: str = chosen.data["version"]
        if name not in self._catalogues:
            self._catalogues[name] = restore(chosen.data["compiled"])
        return self._catalogues[name]

    def _packaged(self) -> Catalogue:
        if "" not in self._catalogues:
            from agentdesk.catalogue import packaged  # reads files with pydantic: only before the first sync

            self._catalogues[""] = packaged()
        return self._catalogues[""]

    # what the centre says

    def take_answers(self, lineage: str, answers: Iterable[Answer]) -> None:
        """Keep the centre's verdicts, and show what they mean."""
        with self.files.writing() as outbox:
            self.outbox.record(outbox, lineage, answers, self.clock.wall_ms())
            self._settle(outbox, ())

    def rewind(self, lineage: str, answered: int) -> None:
        """Send a lineage again from after `answered`: the centre says that it has no more than that."""
        with self.files.writing() as outbox:
            row = outbox.execute(
                "SELECT head FROM operation WHERE lineage = ? AND seq = ?", (lineage, answered)
            ).fetchone()
            outbox.execute(
                "UPDATE chain SET answered = ?1, answered_hash = ?2 WHERE lineage = ?3 AND seq >= ?1",
                (answered, head_hash(row[0]) if row else GENESIS, lineage),
            )

    def take_page(self, page: Page) -> None:
        """Take in a pulled page whole, with its cursor, and rebase the documents it changed."""
        replica = self.files.open_replica(page.scope)
        try:
            replica.execute("BEGIN IMMEDIATE")
            put(replica, (row.document for row in page.rows if row.document is not None))
            take_away(replica, ((row.key.scope, row.key.id) for row in page.rows if row.document is None))
            set_cursor(replica, page.scope, page.epoch, page.upto, page.digest)
            replica.execute("COMMIT")
        finally:
            replica.close()
        with self.files.writing() as outbox:
            self._settle(outbox, (row.key for row in page.rows))

    def _settle(self, outbox: sqlite3.Connection, changed_keys: Iterable[Key]) -> None:
        touched = settle(outbox, self.view.cursors())
        covered = {Key(s, i) for s, i in outbox.execute("SELECT scope, id FROM main.overlay")}
        touched.update(covered.intersection(changed_keys))
        if touched:
            rebase(outbox, self.view, self.catalogue, touched)

    # drafts: unsent words survive whatever happens to the program

    def keep_draft(self, key: str, text: str) -> None:
        """Keep a draft, one for each key; an empty text forgets it."""
        with self.files.writing() as outbox:
            if text:
                outbox.execute(
                    "INSERT INTO draft (key, text, at) VALUES (?1, ?2, ?3) "
                    "ON CONFLICT (key) DO UPDATE SET text = ?2, at = ?3",
                    (key, text, self.clock.wall_ms()),
                )
            else:
                outbox.execute("DELETE FROM draft WHERE key = ?", (key,))

    def draft(self, key: str) -> str:
        row = self.files.outbox.execute("SELECT text FROM draft WHERE key = ?", (key,)).fetchone()
        return row[0] if row else ""

    def drafts(self) -> dict[str, str]:
        return dict(self.files.outbox.execute("SELECT key, text FROM draft ORDER BY at DESC").fetchall())

    def _meta(self, key: str) -> str | None:
        row = self.files.outbox.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None


SiteFactory = Callable[[], Site]
