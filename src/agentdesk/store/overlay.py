"""The overlay: documents as they will be once the centre has taken what waits here.

An operation is pending until the replica has passed its change; that is derived from its verdict and the cursors.
Rebasing folds the pending operations of a document again over what the centre gave last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from agentdesk.domain.decide import Decision, Situation, UnknownKind, needs, replay
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.language.fold import Fold
from agentdesk.domain.operation import MalformedOperation, Operation, read
from agentdesk.domain.verdict import Verdict
from agentdesk.replica.driver import sqlite
from agentdesk.replica.tables import COLUMNS, row_of
from agentdesk.store.view import View

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

_MARKS = ", ".join("?" * len(COLUMNS.split(", ")))
_COVER = f"INSERT OR REPLACE INTO main.overlay ({COLUMNS}) VALUES ({_MARKS})"

Catalogues = Callable[[str], "Catalogue"]
"""Gives the catalogue of a version, the newest one when that version isn't here."""

Made = tuple[Operation, int]
"""A pending operation with the instant at which it was made here, ms UTC."""


def cover(connection: sqlite.Connection, documents: Iterable[Document]) -> None:
    """Put documents into the overlay, in the caller's transaction."""
    for document in documents:
        connection.execute(_COVER, row_of(document))


def settle(connection: sqlite.Connection, cursors: Mapping[str, tuple[str, int, str]]) -> set[Key]:
    """Take operations off the pending list whose change the replica has passed, or that change nothing.

    What is held without a change still waits, and stays in sight; what changed a scope that isn't this site's any more
    never comes back. Runs in the caller's transaction and returns the documents to rebase.
    """
    touched: set[Key] = set()
    granted = connection.execute("SELECT value FROM meta WHERE key = 'scopes'").fetchone()
    scopes = frozenset(granted[0].split("\n")) if granted else frozenset()
    rows = connection.execute(
        "SELECT p.scope, p.id, p.operation, v.verdict, v.scope, v.change, v.epoch FROM pending p "
        "JOIN verdict v ON v.operation = p.operation"
    ).fetchall()
    for home, document, operation, verdict, scope, change, epoch in rows:
        if change is None:
            if verdict == Verdict.HELD:
                continue
        else:
            seen = cursors.get(scope)
            # a number counts in its own log only: after a restore the replica's old log says nothing about it
            passed = seen is not None and seen[1] >= change and epoch in ("", seen[0])
            if scope in scopes and not passed:
                continue
        touched.add(Key(home, document))
        connection.execute(
            "DELETE FROM pending WHERE scope = ? AND id = ? AND operation = ?", (home, document, operation)
        )
    return touched


def pending_keys(connection: sqlite.Connection) -> set[Key]:
    """Return the documents that have pending operations; no other has an overlay."""
    rows = connection.execute("SELECT DISTINCT scope, id FROM pending")
    return {Key(scope, document_id) for scope, document_id in rows}


def uncovered_keys(connection: sqlite.Connection) -> set[Key]:
    """Return the documents whose pending operations didn't fit the replica when they were folded last."""
    rows = connection.execute(
        "SELECT DISTINCT p.scope, p.id FROM pending p WHERE NOT EXISTS "
        "(SELECT 1 FROM main.overlay o WHERE o.scope = p.scope AND o.id = p.id)"
    )
    return {Key(scope, document_id) for scope, document_id in rows}


def lingering_keys(connection: sqlite.Connection) -> set[Key]:
    """Return the documents that are overlaid though nothing waits: files of earlier versions may have such."""
    rows = connection.execute(
        "SELECT o.scope, o.id FROM main.overlay o WHERE NOT EXISTS "
        "(SELECT 1 FROM pending p WHERE p.scope = o.scope AND p.id = o.id)"
    )
    return {Key(scope, document_id) for scope, document_id in rows}


def touched_by(connection: sqlite.Connection, changed: Iterable[Key]) -> set[Key]:
    """Return those of some changed documents that have pending operations."""
    changed = set(changed)
    (pending,) = connection.execute("SELECT count(*) FROM pending").fetchone()
    if pending < len(changed):
        return pending_keys(connection) & changed
    sql = "SELECT 1 FROM pending WHERE scope = ? AND id = ? LIMIT 1"
    return {key for key in changed if connection.execute(sql, (key.scope, key.id)).fetchone()}


def rebase(connection: sqlite.Connection, view: View, catalogues: Catalogues, keys: Iterable[Key]) -> None:
    """Fold the pending operations of some documents again over the replica, in the caller's transaction.

    An operation that no longer fits what the centre gave leaves no trace: the centre's verdict will say so. What one
    operation changes together is folded together: its other document still shows it, and would refuse it a second time.
    Over what the centre gave since, it may change documents that it didn't change when it was made (a promise uses an
    approval that was given later): from then on it is pending on these as well, so that they are let go with it.
    """
    todo = _together(connection, keys)
    after, reached = _folded(view, catalogues, _pending(connection, todo), todo)
    while _reach(connection, reached) and (more := _together(connection, (*todo, *(k for _, k in reached)))) > todo:
        todo = more
        after, reached = _folded(view, catalogues, _pending(connection, todo), todo)
    cover(connection, after.values())
    for key in todo - after.keys():
        connection.execute("DELETE FROM main.overlay WHERE scope = ? AND id = ?", (key.scope, key.id))


def _reach(connection: sqlite.Connection, reached: Iterable[tuple[str, Key]]) -> bool:
    """Note which operations change which documents now; return whether that is more than was known."""
    before = connection.total_changes
    connection.executemany(
        "INSERT OR IGNORE INTO pending (operation, scope, id) VALUES (?, ?, ?)",
        [(operation, key.scope, key.id) for operation, key in reached],
    )
    return connection.total_changes > before


def _together(connection: sqlite.Connection, keys: Iterable[Key]) -> set[Key]:
    """Return some documents with all those that a pending operation changes together with one of them."""
    found = set(keys)
    if not found:
        return found
    shared: dict[str, set[Key]] = {}
    rows = connection.execute(
        "SELECT operation, scope, id FROM pending WHERE operation IN "
        "(SELECT operation FROM pending GROUP BY operation HAVING count(*) > 1)"
    )
    for operation, scope, document_id in rows:
        shared.setdefault(operation, set()).add(Key(scope, document_id))
    groups = list(shared.values())
    while near := [group for group in groups if not group.isdisjoint(found)]:
        found = found.union(*near)
        groups = [group for group in groups if group.isdisjoint(found)]
    return found


def _pending(connection: sqlite.Connection, keys: Iterable[Key]) -> list[Made]:
    """Return the pending operations on some documents, in the order in which they were made."""
    found: dict[int, Made] = {}
    for key in keys:
        rows = connection.execute(
            "SELECT o.rowid, o.head, o.salt, o.body, o.at FROM pending p JOIN operation o ON o.id = p.operation "
            "WHERE p.scope = ? AND p.id = ?",
            (key.scope, key.id),
        )
        for number, head, salt, body, at in rows:
            if number not in found:
                # what can't be read any more is sent as it is, and shows nothing
                with suppress(MalformedOperation):
                    found[number] = (read(head, salt, body), at)
    return [found[number] for number in sorted(found)]


def _folded(
    view: View, catalogues: Catalogues, made: Sequence[Made], keys: set[Key]
) -> tuple[dict[Key, Document], list[tuple[str, Key]]]:
    """Return some documents as pending operations leave them, and which operation changes which document, all told."""
    fold = Fold(lambda _scope: 0)
    if made:
        fold.load(base for key in keys if (base := view.replicated(key.scope, key.id)) is not None)
    after: dict[Key, Document] = {}
    reached: list[tuple[str, Key]] = []
    for operation, at in made:
        if _is_in(fold.get(operation.scope, operation.document), operation):
            continue
        try:
            asked = needs(operation)
            found = view.answers(asked, at, online=True).found.values()
            fold.load(d for some in found for d in some if d.key not in keys)
            changes = replay(operation, Situation(fold.answers(asked, at), catalogues(operation.catalogue), at))
        except (UnknownKind, ValueError):
            continue
        for document in fold.apply(Decision(changes), operation.lineage) if changes else ():
            reached.append((operation.id, document.key))
            if document.key in keys:
                after[document.key] = document
    return after, reached


def _is_in(document: Document | None, operation: Operation) -> bool:
    """Tell whether a document has an operation in it already: the page came before the verdict."""
    if document is None:
        return False
    return any(
        entry.get("op") == operation.id for name in ("moves", "offers") for entry in document.data.get(name) or ()
    )
