"""A site's store: one operation, one durable transaction, and only then the screen says so (DOMAIN rule 1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from agentdesk.catalogue.compiled import restore
from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import (
    Allowance,
    Answers,
    DocumentNeed,
    MalformedBody,
    MoneyFact,
    Refusal,
    Situation,
    decide,
    needs,
)
from agentdesk.domain.documents import Change, Document, changed
from agentdesk.domain.ids import digits_number, uuid7
from agentdesk.domain.operation import (
    GENESIS,
    Clock,
    Draft,
    MalformedOperation,
    Operation,
    Place,
    seal,
)
from agentdesk.domain.policy import Catalogue, MoneyKind
from agentdesk.store.files import Files, StoreError
from agentdesk.store.intake import Intake, Page, PulledDocument
from agentdesk.store.line import Line, LineState
from agentdesk.store.outbox import Answer, Outbox, charge
from agentdesk.store.overlay import cover
from agentdesk.store.view import View

__all__ = [
    "Committed",
    "Entropy",
    "Identity",
    "NotEnrolled",
    "Page",
    "PulledDocument",
    "Refused",
    "Site",
    "SiteFactory",
]


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


class Site:
    """The store of one site, used by one thread; several processes may have one on the same folder."""

    def __init__(self, folder: Path, clock: Clock, entropy: Entropy) -> None:
        self.files = Files(folder)
        self.clock = clock
        self.entropy = entropy
        self.view = View(self.files)
        self.outbox = Outbox(self.files)
        self.line = Line(self.files, clock)
        self._intake = Intake(self.files, self.view, self.outbox, self.catalogue)
        self._identity: Identity | None = None
        self._catalogues: dict[str, Catalogue] = {}
        self._newest: tuple[tuple[str, int, str] | None, str] | None = None

    def close(self) -> None:
        self.files.close()

    # who this site is

    def enrolled(self) -> bool:
        return self._meta("site") is not None

    def enrol(self, identity: Identity, lineage: str) -> None:
        """Make this folder the files of a site, with a new lineage; raises StoreError when it is one already."""
        with self.files.writing() as outbox:
            if self.enrolled():
                raise StoreError(f"{self.files.folder} is enrolled already; use another folder for another site")
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
            lineage, seq, previous = outbox.execute("SELECT lineage, seq, hash FROM chain WHERE current = 1").fetchone()
            state = self.line.state()
            cursors = {scope: f"{epoch}:{number}" for scope, (epoch, number, _) in self.view.cursors().items()}
            for draft in drafts:
                seq += 1
                place = Place(identity.site, lineage, seq, previous, cursors, state.offset)
                operation = self._sealed(draft, place)
                previous = operation.hash
                result.append(self._decided(outbox, operation, state))
            outbox.execute("UPDATE chain SET seq = ?, hash = ? WHERE lineage = ?", (seq, previous, lineage))
        return tuple(result)

    def _sealed(self, draft: Draft, place: Place) -> Operation:
        """Seal a draft; a promise remembers the policy it was made under, also where nobody named it."""
        if not draft.catalogue:
            draft = replace(draft, catalogue=self.catalogue().version)
        try:
            return seal(draft, place, self.clock, self.new_id(), self.entropy.token_bytes(8).hex())
        except MalformedOperation as error:
            raise Refused((Reason.of("malformed", detail=str(error)),)) from None

    def _decided(self, outbox: sqlite3.Connection, operation: Operation, state: LineState) -> Committed:
        at = state.instant(operation.wall)
        try:
            asked = needs(operation)
        except MalformedBody as error:
            raise Refused((Reason.of("malformed", detail=str(error)),)) from None
        answers = self.view.answers(asked, at, state.online)
        catalogue, allowance = self.catalogue(operation.catalogue), self._allowance(operation.allowance)
        outcome = decide(operation, Situation(answers, catalogue, at, allowance, state.online))
        if isinstance(outcome, Refusal):
            raise Refused((outcome.reason,))
        if outcome.held is not None or outcome.flags:
            raise Refused((*outcome.flags, *((outcome.held,) if outcome.held else ())))
        documents = tuple(self._after(change, answers) for change in outcome.changes)
        self._record(outbox, operation, outcome.money, documents, at)
        return Committed(operation, documents)

    def _after(self, change: Change, answers: Answers) -> Document:
        """Return a document after a change; one that was asked for needn't be read again."""
        need = DocumentNeed(change.scope, change.id)
        known = need in answers.found
        return changed(
            answers.document(need.scope, need.id) if known else self.view.document(need.scope, need.id), change
        )

    def _record(
        self,
        outbox: sqlite3.Connection,
        operation: Operation,
        money: Iterable[MoneyFact],
        documents: Iterable[Document],
        at: int,
    ) -> None:
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
        cover(outbox, documents)
        for document in documents:
            outbox.execute(
                "INSERT OR IGNORE INTO pending (operation, scope, id) VALUES (?, ?, ?)",
                (operation.id, document.scope, document.id),
            )
        for fact in money:
            if fact.allowance is not None:
                charge(outbox, operation.id, fact.allowance, fact.amount)

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
        known = self._catalogues.get(version)
        if version and known is not None:
            return known
        newest = self._newest_version()
        if not version or version == newest:
            return self._catalogues[newest]
        named = self.view.document("catalogue", version)
        documents = (named,) if named else self.view.of_type("catalogue", "catalogue")
        chosen = next((d for d in documents if d.data["version"] == version), None)
        if chosen is None:
            return self._catalogues[newest]
        self._catalogues[version] = restore(chosen.data["compiled"])
        return self._catalogues[version]

    def _newest_version(self) -> str:
        """Return the version of the newest catalogue, which is then at hand."""
        cursor = self.view.cursors().get("catalogue")
        if self._newest is not None and self._newest[0] == cursor:
            return self._newest[1]
        document = self.view.newest("catalogue", "catalogue")
        if document is None:
            from agentdesk.catalogue import packaged  # reads files with pydantic: only before the first sync

            catalogue = packaged()
            version = catalogue.version
            self._catalogues.setdefault(version, catalogue)
        else:
            version = document.data["version"]
            if version not in self._catalogues:
                self._catalogues[version] = restore(document.data["compiled"])
        self._newest = (cursor, version)
        return version

    # what the centre says

    def take_answers(self, lineage: str, answers: Iterable[Answer], epoch: str = "") -> int:
        """Keep the centre's verdicts, and show what they mean; return how many operations no longer wait for one.

        `epoch` is the identity of the logs in which the answers' changes stand.
        """
        return self._intake.answers(lineage, answers, epoch, self.clock.wall_ms())

    def rewind(self, lineage: str, answered: int) -> bool:
        """Send a lineage again from after `answered`: the centre says that it has no more than that.

        False if that is no step back. What it lost is pending again, and its verdicts are forgotten.
        """
        return self._intake.rewind(lineage, answered)

    def pull_cursors(self) -> dict[str, tuple[str, int, str]]:
        """Return from where each of the site's scopes is to be pulled: (epoch, number, hash), from the start at first.

        A scope whose replica has a new generation under way goes on in that.
        """
        known = self._intake.cursors()
        return {scope: known.get(scope, ("", 0, "")) for scope in self.identity.scopes}

    def take_page(self, page: Page) -> None:
        """Take in a pulled page whole, with its cursor, and rebase the documents it changed."""
        self._intake.page(page)

    def complete_replicas(self) -> bool:
        """Let new generations of replicas that were filled up serve from now on; False if there were none."""
        return self._intake.complete()

    def recover(self) -> None:
        """Bring the overlay up to the replicas, after a crash between the two; cheap while little is pending."""
        self._intake.recover()

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
