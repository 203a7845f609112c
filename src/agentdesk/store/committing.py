"""Committing operations: decided, chained and on disk in one durable transaction, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from agentdesk.domain.conditions import Reason
from agentdesk.domain.decide import (
    ORG,
    Answers,
    DocumentNeed,
    MalformedBody,
    MoneyFact,
    Need,
    Refusal,
    Situation,
    decide,
    needs,
)
from agentdesk.domain.documents import Change, Document, changed
from agentdesk.domain.ids import uuid7
from agentdesk.domain.operation import Clock, Draft, MalformedOperation, Operation, Place, seal
from agentdesk.store.allowances import Allowances
from agentdesk.store.catalogues import Catalogues, Cursor
from agentdesk.store.files import Files
from agentdesk.store.line import Line, LineState
from agentdesk.store.outbox import charge
from agentdesk.store.overlay import cover
from agentdesk.store.view import View

LONGEST = 100_000
"""Characters of one operation: as JSON and in UTF-8 it then fits into a push, whatever they are."""


class Entropy(Protocol):
    """Where randomness comes from."""

    def token_bytes(self, count: int) -> bytes:
        """Return that many random bytes."""


class Refused(Exception):
    """The rules don't allow an operation; nothing was recorded. `reasons` are to be worded by the screen."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Committed:
    """An operation that is on disk, and the documents as they now stand here."""

    operation: Operation
    documents: tuple[Document, ...]


class Committing:
    """Puts operations of one site on disk."""

    def __init__(
        self,
        files: Files,
        view: View,
        line: Line,
        catalogues: Catalogues,
        allowances: Allowances,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._files = files
        self._view = view
        self._line = line
        self._catalogues = catalogues
        self._allowances = allowances
        self._clock = clock
        self._entropy = entropy
        self._authors: dict[Need, tuple[Document, ...]] = {}
        self._authors_at: Cursor | None = None

    def commit(self, site: str, drafts: Iterable[Draft]) -> tuple[Committed, ...]:
        """Decide and record operations in order, all or none; raises Refused and DiskFull."""
        result = []
        with self._files.writing() as outbox:
            lineage, seq, previous = outbox.execute("SELECT lineage, seq, hash FROM chain WHERE current = 1").fetchone()
            state, known = self._line.state(), self._view.cursors()
            cursors = {scope: f"{epoch}:{number}" for scope, (epoch, number, _) in known.items()}
            self._forget_authors(known.get(ORG))
            for draft in drafts:
                seq += 1
                place = Place(site, lineage, seq, previous, cursors, state.offset)
                operation = self._sealed(draft, place, known)
                previous = operation.hash
                result.append(Committed(operation, self._decided(outbox, operation, state)))
            outbox.execute("UPDATE chain SET seq = ?, hash = ? WHERE lineage = ?", (seq, previous, lineage))
        return tuple(result)

    def _sealed(self, draft: Draft, place: Place, cursors: dict[str, Cursor]) -> Operation:
        # a promise remembers the policy it was made under, also where nobody named it
        catalogue = draft.catalogue or self._catalogues.newest(cursors).version
        operation_id = uuid7(self._clock.wall_ms(), self._entropy.token_bytes(10))
        try:
            operation = seal(draft, place, self._clock, operation_id, self._entropy.token_bytes(8).hex(), catalogue)
        except MalformedOperation as error:
            raise Refused((Reason.of("malformed", detail=str(error)),)) from None
        if len(operation.head) + len(operation.body or "") > LONGEST:
            raise Refused((Reason.of("malformed", detail=f"longer than {LONGEST} characters"),))
        return operation

    def _decided(self, outbox: sqlite3.Connection, operation: Operation, state: LineState) -> tuple[Document, ...]:
        at = state.instant(operation.wall)
        try:
            asked = needs(operation)
        except MalformedBody as error:
            raise Refused((Reason.of("malformed", detail=str(error)),)) from None
        answers = self._view.answers(asked, at, state.online, self._author(operation))
        catalogue = self._catalogues.get(operation.catalogue)
        allowance = self._allowances.one(operation.site, operation.allowance)
        outcome = decide(operation, Situation(answers, catalogue, at, allowance, state.online))
        if isinstance(outcome, Refusal):
            raise Refused((outcome.reason,))
        if outcome.held is not None or outcome.flags:
            raise Refused((*outcome.flags, *((outcome.held,) if outcome.held else ())))
        documents = tuple(self._after(change, answers) for change in outcome.changes)
        self._record(outbox, operation, outcome.money, documents, at)
        return documents

    def _forget_authors(self, cursor: Cursor | None) -> None:
        if cursor != self._authors_at:
            self._authors_at = cursor
            self._authors = {}

    def _author(self, operation: Operation) -> Mapping[Need, tuple[Document, ...]]:
        """Return the author's document: only a page of its scope can change it, which moves the cursor."""
        need = DocumentNeed(ORG, operation.actor)
        if need not in self._authors and operation.scope != ORG:
            document = self._view.document(ORG, operation.actor)
            if document is not None:
                self._authors[need] = (document,)
        return self._authors

    def _after(self, change: Change, answers: Answers) -> Document:
        """Return a document after a change; one that was asked for needn't be read again."""
        found = answers.found.get(DocumentNeed(change.scope, change.id))
        if found is None:
            return changed(self._view.document(change.scope, change.id), change)
        return changed(found[0] if found else None, change)

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
