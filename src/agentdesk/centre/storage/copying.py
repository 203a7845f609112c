"""Copying a scope as it stands at one moment into a replica file: the raw side of a snapshot.

From a SQLite file it is done by SQLite itself, on a connection of its own that neither waits for the writer nor makes
it wait; from any other database row by row through the contract.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

from agentdesk.centre.storage.contract import Database, Snapshot, StorageError, StorageFull
from agentdesk.centre.storage.rows import ScopeHead
from agentdesk.replica.opening import attach, open_scratch
from agentdesk.replica.tables import COLUMNS, HOLDER_COLUMNS, create_bare, index, set_cursor

ROWS = 5_000
"""Rows read at a time."""
STEPS = 250_000
"""Steps of SQLite's machine between two looks whether to stop: some ten milliseconds."""

_MARKS = ", ".join("?" for _ in COLUMNS.split(", "))
_PUT = f"INSERT INTO main.document ({COLUMNS}) VALUES ({_MARKS})"
_PUT_HOLDER = f"INSERT INTO main.holder ({HOLDER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"


class Stopped(Exception):
    """Whoever asked for the work doesn't want it any more."""


@runtime_checkable
class InOneFile(Protocol):
    """A database that is one SQLite file."""

    @property
    def path(self) -> Path: ...


def copy_scope(
    database: Database, scope: str, target: Path, seal: Callable[[ScopeHead], str], stop: Callable[[], bool]
) -> ScopeHead:
    """Make a replica file of a scope's documents, with its cursor in it, and return where its log then stood.

    `target` doesn't exist yet; `seal` gives the hash that the cursor has for a reader. Raises LookupError for a scope
    without a log, Stopped, and StorageError.
    """
    try:
        if isinstance(database, InOneFile):
            with _written(target, stop) as connection:
                attach(connection, database.path, "centre")
                connection.execute("BEGIN")
                head = _copy_attached(connection, scope)
                set_cursor(connection, scope, head.epoch, head.seq, seal(head))
                connection.execute("COMMIT")
                connection.execute("DETACH DATABASE centre")
                index(connection)
            return head

        def work(snapshot: Snapshot) -> ScopeHead:
            target.unlink(missing_ok=True)  # work may run more than once
            with _written(target, stop) as connection:
                connection.execute("BEGIN")
                head = _copy_rows(snapshot, connection, scope, stop)
                set_cursor(connection, scope, head.epoch, head.seq, seal(head))
                connection.execute("COMMIT")
            return head

        head = database.read(work).result()
        with _written(target, stop) as connection:
            index(connection)
        return head
    except sqlite3.Error as error:
        if stop():
            raise Stopped from None
        if "full" in str(error):
            raise StorageFull(f"the disk that holds {target.parent} is full: make room for a snapshot") from error
        raise StorageError(f"{target}: {error}") from error


@contextmanager
def _written(target: Path, stop: Callable[[], bool]) -> Iterator[sqlite3.Connection]:
    connection = open_scratch(target)
    try:
        connection.set_progress_handler(stop, STEPS)
        if not target.stat().st_size:
            create_bare(connection)
        yield connection
    finally:
        connection.close()


def _copy_attached(connection: sqlite3.Connection, scope: str) -> ScopeHead:
    row = connection.execute(
        "SELECT scope, epoch, seq, hash, floor, documents, total FROM centre.scope WHERE scope = ?", (scope,)
    ).fetchone()
    head = _found(None if row is None else ScopeHead(*row), scope)
    connection.execute(
        f"INSERT INTO main.document ({COLUMNS}) SELECT {COLUMNS} FROM centre.document WHERE scope = ? ORDER BY id",
        (scope,),
    )
    connection.execute(
        f"INSERT INTO main.holder ({HOLDER_COLUMNS}) SELECT {HOLDER_COLUMNS} FROM centre.holder WHERE scope = ? "
        "ORDER BY number, customer, subscription",
        (scope,),
    )
    return head


def _copy_rows(snapshot: Snapshot, connection: sqlite3.Connection, scope: str, stop: Callable[[], bool]) -> ScopeHead:
    head = _found(snapshot.scopes([scope]).get(scope), scope)
    after = ""
    while rows := snapshot.export_rows(scope, after, ROWS):
        _go_on(stop)
        connection.executemany(_PUT, rows)
        after = rows[-1][1]
    last = ("", "", "")
    while holders := snapshot.export_holders(scope, last, ROWS):
        _go_on(stop)
        connection.executemany(_PUT_HOLDER, holders)
        number, _, customer, subscription, *_ = holders[-1]
        last = (number, customer, subscription)
    return head


def _found(head: ScopeHead | None, scope: str) -> ScopeHead:
    if head is None:
        raise LookupError(f"there is no scope {scope!r} here yet: nothing was ever written to it")
    return head


def _go_on(stop: Callable[[], bool]) -> None:
    if stop():
        raise Stopped
