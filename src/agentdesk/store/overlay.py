"""The overlay: documents as they will be once the centre has taken what waits here.

An operation is pending until the replica has passed its change; that is derived from its verdict and the cursors.
Rebasing folds the pending operations of a document again over what the centre gave last.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence

from agentdesk.domain.decide import Allowance, Decision, Situation, UnknownKind, decide, needs
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.fold import Fold
from agentdesk.domain.operation import Operation, read
from agentdesk.domain.policy import Catalogue
from agentdesk.replica.tables import COLUMNS, row_of
from agentdesk.store.view import View

_MARKS = ", ".join("?" * len(COLUMNS.split(", ")))

Catalogues = Callable[[str], Catalogue]
"""Gives the catalogue of a version, the newest one when that version isn't here."""


def cover(connection: sqlite3.Connection, documents: Iterable[Document]) -> None:
    """Put documents into the overlay, in the caller's transaction."""
    connection.executemany(
        f"INSERT OR REPLACE INTO main.overlay ({COLUMNS}) VALUES ({_MARKS})", [row_of(d) for d in documents]
    )


def settle(connection: sqlite3.Connection, cursors: dict[str, tuple[str, int, str]]) -> set[Key]:
    """Take operations off the pending list whose change the replica has passed, or whose change doesn't stand.

    Runs in the caller's transaction and returns the documents to rebase.
    """
    touched: set[Key] = set()
    rows = connection.execute(
        "SELECT DISTINCT p.operation, v.scope, v.change FROM pending p JOIN verdict v ON v.operation = p.operation"
    ).fetchall()
    for operation, scope, change in rows:
        if change is not None:
            seen = cursors.get(scope)
            if seen is None or seen[1] < change:
                continue
        keys = connection.execute("SELECT scope, id FROM pending WHERE operation = ?", (operation,)).fetchall()
        touched.update(Key(s, i) for s, i in keys)
        connection.execute("DELETE FROM pending WHERE operation = ?", (operation,))
    return touched


def rebase(connection: sqlite3.Connection, view: View, catalogues: Catalogues, keys: Iterable[Key]) -> None:
    """Fold the pending operations of some documents again over the replica, in the caller's transaction."""
    todo = set(keys)
    operations: dict[str, tuple[Operation, int]] = {}
    for key in todo:
        rows = connection.execute(
            "SELECT o.id, o.head, o.salt, o.body, o.at FROM pending p JOIN operation o ON o.id = p.operation "
            "WHERE p.scope = ? AND p.id = ?",
            (key.scope, key.id),
        ).fetchall()
        if not rows:
            connection.execute("DELETE FROM main.overlay WHERE scope = ? AND id = ?", (key.scope, key.id))
        for operation_id, head, salt, body, at in rows:
            operations[operation_id] = (read(head, salt, body), at)
    ordered = sorted(operations.values(), key=lambda pair: (pair[0].lineage, pair[0].seq))
    if ordered:
        cover(connection, _folded(view, catalogues, ordered, todo))


def _folded(
    view: View, catalogues: Catalogues, operations: Sequence[tuple[Operation, int]], keys: set[Key]
) -> list[Document]:
    fold = Fold(lambda _scope: 0)
    for key in keys:
        base = view.replicated(key.scope, key.id)
        if base is not None:
            fold.load((base,))
    after: dict[Key, Document] = {}
    for operation, at in operations:
        try:
            asked = needs(operation)
        except (UnknownKind, ValueError):
            continue
        for found in view.answers(asked, at, online=True).found.values():
            fold.load(d for d in found if d.key not in keys)
        catalogue = catalogues(operation.catalogue)
        situation = Situation(fold.answers(asked, at), catalogue, at, _charged(operation, catalogue))
        outcome = decide(operation, situation)
        if isinstance(outcome, Decision):
            after.update((d.key, d) for d in fold.apply(outcome, operation.lineage) if d.key in keys)
    return list(after.values())


def _charged(operation: Operation, catalogue: Catalogue) -> Allowance | None:
    """Return the allowance that an operation was charged to when it was made: it had enough then."""
    if operation.allowance is None:
        return None
    template = catalogue.templates.get(str(operation.data.get("template")))
    if template is None or template.money is None:
        return None
    return Allowance(operation.allowance, template.money.kind, operation.amount)
