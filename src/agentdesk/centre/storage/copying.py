"""Reading a scope as it stands at one moment, as rows for a site's replica: the raw side of a snapshot.

From a SQLite file SQLite itself writes the lines, on a connection of its own that neither waits for the writer nor
makes it wait; from any other database they are written here, row by row through the contract. No disk ever has them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

from agentdesk.centre.storage.connecting import connect
from agentdesk.centre.storage.contract import Database, Snapshot, StorageError
from agentdesk.centre.storage.rows import ScopeHead
from agentdesk.replica.loading import document_lines, holder_lines
from agentdesk.replica.tables import COLUMNS

ROWS = 2_000
"""Rows read at a time."""
STEPS = 250_000
"""Steps of SQLite's machine between two looks whether to stop: some ten milliseconds."""

Taker = Callable[[bytes], None]
Begin = Callable[[ScopeHead], Taker]
"""Is told where the log stands, and returns who takes the lines; may be asked more than once, to begin anew."""

_INDEX = ", ".join(COLUMNS.split(", ")[:-2])
# JSON may have line breaks between its parts where another program wrote it
_DATA = "CASE WHEN instr(data, char(10)) THEN json(data) ELSE data END"
_DOCUMENTS = (
    "SELECT max(id), CAST(group_concat(line, '') AS BLOB) FROM "
    f"(SELECT id, json_array({_INDEX}) || char(10) || {_DATA} || char(10) || revs || char(10) AS line "
    "FROM document WHERE scope = ? AND id > ? ORDER BY id LIMIT ?)"
)
_HOLDERS = (
    "SELECT count(*), CAST(group_concat(line, '') AS BLOB) FROM "
    "(SELECT json_array(number, customer, subscription, relation, rank) || char(10) AS line "
    "FROM holder WHERE scope = ? AND (number, customer, subscription) > (?, ?, ?) "
    "ORDER BY number, customer, subscription LIMIT ?)"
)


class Stopped(Exception):
    """Whoever asked for the work doesn't want it any more."""


@runtime_checkable
class InOneFile(Protocol):
    """A database that is one SQLite file."""

    @property
    def path(self) -> Path: ...


def copy_scope(database: Database, scope: str, begin: Begin, stop: Callable[[], bool]) -> tuple[ScopeHead, int]:
    """Give a scope's rows to who begins, and return where its log then stood, and how many holders there were.

    Raises LookupError for a scope without a log, Stopped, and StorageError.
    """
    if not isinstance(database, InOneFile):

        def work(snapshot: Snapshot) -> tuple[ScopeHead, int]:
            return _copy_rows(snapshot, scope, begin, stop)

        return database.read(work).result()
    try:
        uri = f"file:{quote(str(database.path))}?mode=ro"
        with closing(connect(uri, uri=True, isolation_level=None, check_same_thread=False)) as connection:
            connection.set_progress_handler(stop, STEPS)
            connection.execute("BEGIN")
            return _copy_file(connection, scope, begin, stop)
    except sqlite3.Error as error:
        if stop():
            raise Stopped from None
        raise StorageError(f"{database.path}: {error}") from error


def _copy_file(
    connection: sqlite3.Connection, scope: str, begin: Begin, stop: Callable[[], bool]
) -> tuple[ScopeHead, int]:
    row = connection.execute(
        "SELECT scope, epoch, seq, hash, floor, documents, total FROM scope WHERE scope = ?", (scope,)
    ).fetchone()
    head = _found(None if row is None else ScopeHead(*row), scope)
    take = begin(head)
    after = ""
    while True:
        _go_on(stop)
        last, lines = connection.execute(_DOCUMENTS, (scope, after, ROWS)).fetchone()
        if last is None:
            break
        take(lines)
        after = last
    count = 0
    for found, lines in _holders(connection, scope):
        _go_on(stop)
        count += found
        take(lines)
    return head, count


def _holders(connection: sqlite3.Connection, scope: str) -> Iterator[tuple[int, bytes]]:
    place: tuple[Any, ...] = ("", "", "")
    while True:
        found, lines = connection.execute(_HOLDERS, (scope, *place, ROWS)).fetchone()
        if not found:
            return
        yield found, lines
        place = tuple(json.loads(lines[lines.rfind(b"\n", 0, -1) + 1 :])[:3])


def _copy_rows(snapshot: Snapshot, scope: str, begin: Begin, stop: Callable[[], bool]) -> tuple[ScopeHead, int]:
    head = _found(snapshot.scopes([scope]).get(scope), scope)
    take = begin(head)
    after = ""
    while rows := snapshot.export_rows(scope, after, ROWS):
        _go_on(stop)
        take(document_lines(rows))
        after = rows[-1][1]
    last, count = ("", "", ""), 0
    while holders := snapshot.export_holders(scope, last, ROWS):
        _go_on(stop)
        take(holder_lines(holders))
        number, _, customer, subscription, *_ = holders[-1]
        last = (number, customer, subscription)
        count += len(holders)
    return head, count


def _found(head: ScopeHead | None, scope: str) -> ScopeHead:
    if head is None:
        raise LookupError(f"there is no scope {scope!r} here yet: nothing was ever written to it")
    return head


def _go_on(stop: Callable[[], bool]) -> None:
    if stop():
        raise Stopped
