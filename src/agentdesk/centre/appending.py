"""Appending changes to scope logs: gap-free numbers, taken last in the transaction, each row chained to the one before.

While operations are folded the numbers of their changes are provisional: they count from PROVISIONAL, and become
real once the scopes' rows are locked. A rule never compares them with real ones, as within a transaction they
belong to its own lineage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b

from agentdesk.centre.storage.contract import Transaction
from agentdesk.centre.storage.rows import LogEntry, ScopeHead
from agentdesk.centre.timetable import look_soon
from agentdesk.domain.documents import EVERY_FIELD, Change, Document, Key
from agentdesk.domain.operation import Operation

PROVISIONAL = 1 << 56


def chained(previous: str, epoch: str, home: str, document: str, action: str, rev: int, operation: str) -> str:
    """Return the hash of a log's row: 16 bytes in hexadecimal over the row and the hash before it.

    Epoch and operation are in it, so that two histories never have the same hash at the same number.
    """
    row = f"{previous}\n{epoch}\n{home}\n{document}\n{action}\n{rev}\n{operation}"
    return blake2b(row.encode(), digest_size=16).hexdigest()


class Appending:
    """The changes of one transaction on their way into the logs."""

    def __init__(self) -> None:
        self._logs: dict[str, list[tuple[str, str, int, str]]] = {}
        self._documents: dict[Key, Document] = {}
        self._before: dict[Key, int] = {}

    def number(self, scope: str) -> int:
        """Return the next provisional number of a home scope; `add` puts the change there."""
        log = self._logs.setdefault(scope, [])
        log.append(("", "", 0, ""))
        return PROVISIONAL + len(log)

    def add(
        self,
        operation: str,
        changes: Iterable[Change],
        documents: Iterable[Document],
        before: Mapping[Key, Document],
    ) -> None:
        """Take in an operation's changes with the documents that they made, told to home scopes and audiences.

        `before` are the documents as they stood before this transaction, those of them that there were.
        """
        for change, document in zip(changes, documents, strict=True):
            home = document.scope
            key = document.key
            if key not in self._documents:
                known = before.get(key)
                self._before[key] = known.rev if known is not None else 0
            self._documents[key] = document
            row = (home, document.id, document.rev, operation)
            self._logs[home][document.rev - PROVISIONAL - 1] = row
            for scope in change.audience:
                if scope != home:
                    self._logs.setdefault(scope, []).append(row)

    def documents(self) -> Iterable[Document]:
        """Return the documents that were changed, as they stand at the end."""
        return self._documents.values()

    @staticmethod
    def real(document: Document, before: Mapping[str, int]) -> int:
        """Return the real revision of a document of `add`, from what `write` returned."""
        return document.rev - PROVISIONAL + before[document.scope]

    def write(self, tx: Transaction) -> dict[str, int]:
        """Number and write everything; returns for each scope the number before the first one given here."""
        if not self._logs:
            return {}
        heads = tx.lock_scopes(sorted(self._logs))
        before = {scope: head.seq for scope, head in heads.items()}
        rows: list[LogEntry] = []
        ends: dict[str, tuple[int, str]] = {}
        for scope, log in self._logs.items():
            head = heads[scope]
            seq, hash_ = head.seq, head.hash
            for home, document, number, operation in log:
                seq += 1
                rev = number - PROVISIONAL + before[home]
                hash_ = chained(hash_, head.epoch, home, document, "put", rev, operation)
                rows.append(LogEntry(scope, seq, home, document, "put", rev, hash_, operation))
            ends[scope] = (seq, hash_)
        numbered = []
        counts = {scope: [head.documents, head.total] for scope, head in heads.items()}
        for key, changed in self._documents.items():
            known = self._before[key]
            real = _numbered(changed, before[key.scope], not known)
            numbered.append(real)
            count = counts[key.scope]
            count[0] += not known
            count[1] += real.rev - known
        tx.put(numbered)
        tx.append(rows)
        tx.move_scopes(
            [
                ScopeHead(scope, heads[scope].epoch, *end, heads[scope].floor, *counts[scope])
                for scope, end in ends.items()
            ]
        )
        return before


def append_whole(
    tx: Transaction, scope: str, documents: Iterable[tuple[Document, Collection[str]]], operation: Operation
) -> ScopeHead:
    """Append documents of one home scope in bulk and return where its log then stands.

    Each comes with the names of the fields that changed; a document without revisions is a new one.
    """
    head = tx.lock_scopes([scope])[scope]
    seq, hash_ = head.seq, head.hash
    new, total = head.documents, head.total
    rows: list[LogEntry] = []
    stamped: list[Document] = []
    for document, names in documents:
        seq += 1
        new += not document.revs
        total += seq - document.rev
        hash_ = chained(hash_, head.epoch, scope, document.id, "put", seq, operation.id)
        rows.append(LogEntry(scope, seq, scope, document.id, "put", seq, hash_, operation.id))
        mark = (seq, operation.lineage)
        revs = {**document.revs, **dict.fromkeys(names, mark)} if document.revs else {EVERY_FIELD: mark}
        stamped.append(Document(scope, document.id, document.type, seq, document.data, revs))
    tx.put(stamped)
    tx.append(rows)
    look_soon(tx, stamped)
    moved = ScopeHead(scope, head.epoch, seq, hash_, head.floor, new, total)
    tx.move_scopes([moved])
    return moved


def _numbered(document: Document, before: int, fresh: bool) -> Document:
    """Return a document with real numbers; a new one's first are kept short, under EVERY_FIELD."""
    shift = before - PROVISIONAL
    if fresh and len(document.revs) == 1 and EVERY_FIELD in document.revs:
        rev, lineage = document.revs[EVERY_FIELD]
        mark = {EVERY_FIELD: (rev + shift, lineage)}
        return Document(document.scope, document.id, document.type, document.rev + shift, document.data, mark)
    revs: dict[str, tuple[int, str]] = {}
    different = set(document.revs.values())
    if fresh:
        first = min(different, default=None)
        if first is not None:
            revs[EVERY_FIELD] = (first[0] + shift, first[1])
        if len(different) > 1:
            rest = {name: mark for name, mark in document.revs.items() if mark != first}
            revs.update((name, (rev + shift, lineage)) for name, (rev, lineage) in rest.items())
    else:
        real = {mark: (mark[0] + shift, mark[1]) if mark[0] > PROVISIONAL else mark for mark in different}
        revs = {name: real[mark] for name, mark in document.revs.items()}
    return Document(document.scope, document.id, document.type, document.rev + shift, document.data, revs)
