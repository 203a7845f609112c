"""Committing operations: decided, chained and on disk in one durable transaction, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import ORG, MalformedBody, MoneyFact, Refusal, Situation, decide, needs
from agentdesk.domain.documents import Change, Document, changed
from agentdesk.domain.needs import Answers, DocumentNeed, Need
from agentdesk.domain.numbering.ids import uuid7
from agentdesk.domain.operation import Clock, Draft, MalformedOperation, Operation, Place, seal
from agentdesk.replica.driver import sqlite
from agentdesk.store.allowances import Allowances
from agentdesk.store.catalogues import SCOPE, Catalogues
from agentdesk.store.charges import charge
from agentdesk.store.files import Files
from agentdesk.store.line import COLUMNS as LINE_COLUMNS
from agentdesk.store.line import Line, LineState
from agentdesk.store.overlay import cover
from agentdesk.store.view import View

LONGEST = 100_000
"""Characters of one operation: as JSON and in UTF-8 it then fits into a push, whatever they are."""

_LINE = len(LINE_COLUMNS.split(", "))


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
        self._seen: tuple[str | None, ...] = ()
        self._cursors: dict[str, str] = {}
        self._authors: dict[Need, tuple[Document, ...]] = {}

    def commit(self, site: str, drafts: Iterable[Draft]) -> tuple[Committed, ...]:
        """Decide and record operations in order, all or none; raises Refused and DiskFull."""
        result = []
        with self._files.writing() as outbox:
            # one statement for all that every operation stands on
            lineage, seq, previous, *rest = outbox.execute(self._standing()).fetchone()
            state = self._line.read(rest[:_LINE])
            self._look(tuple(rest[_LINE:]))
            for draft in drafts:
                seq += 1
                operation = self._sealed(draft, Place(site, lineage, seq, previous, self._cursors, state.offset))
                previous = operation.hash
                result.append(Committed(operation, self._decided(outbox, operation, state)))
            outbox.execute("UPDATE chain SET seq = ?, hash = ? WHERE lineage = ?", (seq, previous, lineage))
        return tuple(result)

    def _standing(self) -> str:
        cursors = "".join(
            f", (SELECT json_group_object(scope, epoch || ':' || seq) FROM {alias}.cursor)"
            for alias in self._files.attached.aliases()
        )
        return f"SELECT lineage, seq, hash, {LINE_COLUMNS}{cursors} FROM chain, line WHERE current = 1 AND line.id = 1"

    def _look(self, seen: tuple[str | None, ...]) -> None:
        """Take in how far the replicas are; authors are read again when that has moved, as only a page changes them."""
        if seen != self._seen:
            self._seen = seen
            self._cursors = {scope: cursor for text in seen if text for scope, cursor in json.loads(text).items()}
            self._authors = {}

    def _sealed(self, draft: Draft, place: Place) -> Operation:
        # a promise remembers the policy it was made under, also where nobody named it
        catalogue = draft.catalogue or self._catalogues.newest(self._cursors.get(SCOPE)).version
        operation_id = uuid7(self._clock.wall_ms(), self._entropy.token_bytes(10))
        try:
            operation = seal(draft, place, self._clock, operation_id, self._entropy.token_bytes(8).hex(), catalogue)
        except MalformedOperation as error:
            raise Refused((Reason.of("malformed", detail=str(error)),)) from None
        if len(operation.head) + len(operation.body or "") > LONGEST:
            raise Refused((Reason.of("malformed", detail=f"longer than {LONGEST} characters"),))
        return operation

    def _decided(self, outbox: sqlite.Connection, operation: Operation, state: LineState) -> tuple[Document, ...]:
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
        if operation.allowance is not None and outcome.returned:
            charge(outbox, operation.id, operation.allowance, outcome.returned)
        return documents

    def _author(self, operation: Operation) -> Mapping[Need, tuple[Document, ...]]:
        """Return the authors' documents that are at hand."""
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
        outbox: sqlite.Connection,
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
