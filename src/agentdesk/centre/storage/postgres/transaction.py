"""The centre's transactions on PostgreSQL: the portable SQL, with what goes faster or has to be said otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import psycopg

from agentdesk.centre.storage.postgres.errors import Broken, Careful, is_own_fault
from agentdesk.centre.storage.postgres.wire import Wire
from agentdesk.centre.storage.reads import SCOPE, SqlSnapshot
from agentdesk.centre.storage.rows import Archived, LogRow, ScopeHead
from agentdesk.centre.storage.seals import Seals
from agentdesk.centre.storage.writes import SqlTransaction, strict
from agentdesk.domain.documents import Document
from agentdesk.replica.tables import COLUMNS, HOLDER_COLUMNS, holder_rows, row_of

T = TypeVar("T")

PAGE = 250
"""Rows of a log that are read at a time: a page of it may end early."""
BUCKETS = 1_024
"""Named locks of one sort; a transaction holds no more of them, as the server's memory for them is limited."""

_NAMES = COLUMNS.split(", ")
_KEY = 2
"""Columns that a document is known by; they come first."""
_INSERT = f"INSERT INTO document ({COLUMNS}, seal) VALUES ({', '.join('?' for _ in _NAMES)}, ?)"
_UPDATE = f"UPDATE document SET {', '.join(f'{n} = ?' for n in [*_NAMES[_KEY:], 'seal'])} WHERE scope = ? AND id = ?"
_DROP_HOLDERS = "DELETE FROM holder WHERE scope = ? AND customer = ?"
_INSERT_HOLDER = f"INSERT INTO holder ({HOLDER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
_LOCK_SCOPES = f"SELECT {SCOPE} FROM scope WHERE scope = ANY(?) ORDER BY scope FOR UPDATE"


class PostgresDialect:
    """What PostgreSQL says in its own way."""

    for_update = " FOR UPDATE"

    def member(self, column: str) -> str:
        return f"{column} = ANY(?)"

    def many(self, values: Collection[str]) -> list[str]:
        return list(values)


_DIALECT = PostgresDialect()


class PostgresSnapshot(SqlSnapshot):
    """Reads of one moment."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire, _DIALECT)
        self._wire = wire

    def log(self, scope: str, after: int, limit: int) -> Iterator[LogRow]:
        while limit > 0:
            part = list(super().log(scope, after, min(PAGE, limit)))
            yield from part
            if len(part) < min(PAGE, limit):
                return
            limit -= len(part)
            after = part[-1].seq

    def archived(self, site: str, lineage: str, first: int, last: int) -> list[Archived]:
        return [_as_text(row) for row in super().archived(site, lineage, first, last)]

    def held(self, site: str | None, most: int, after: tuple[str, str, int] = ("", "", 0)) -> list[Archived]:
        return [_as_text(row) for row in super().held(site, most, after)]

    def misshapen(self, limit: int) -> list[tuple[str, str, str]]:
        return []

    def evidence(self, table: str, after: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
        rows = super().evidence(table, after, limit)
        if table != "archive":
            return rows
        return [(*_as_text(Archived(*row[:-1])), row[-1]) for row in rows]


class PostgresTransaction(PostgresSnapshot, SqlTransaction):
    """Reads and writes of one transaction; `scopes` are names of those that are known to have a row.

    A part that may fail runs without a savepoint, as it nearly never does fail. When one does, the whole work runs
    again, carefully: with savepoints. `moved` and `begun` are the scopes whose logs went on, and those that may be new.
    """

    def __init__(self, wire: Wire, scopes: Collection[str], careful: bool, seals: Seals) -> None:
        super().__init__(wire)
        self._seals = seals
        self._scopes = scopes
        self._careful = careful
        self._here: set[tuple[str, str]] = set()
        self.moved: dict[str, int] = {}
        self.begun: set[str] = set()

    def attempt(self, work: Callable[[], T]) -> T:
        if not self._careful:
            try:
                return work()
            except Exception as error:
                _break_off(error)
                raise Careful from error
        moved = self.moved.copy()
        self._wire.command(b"SAVEPOINT part")
        try:
            result = work()
        except Exception as error:
            _break_off(error)
            self.moved = moved
            self._wire.command(b"ROLLBACK TO part")
            self._wire.command(b"RELEASE part")
            raise
        self._wire.command(b"RELEASE part")
        return result

    def lock_names(self, sort: str, names: Collection[str]) -> None:
        first = int.from_bytes(_hashed(sort, 4), "big", signed=True)
        buckets = sorted({int.from_bytes(_hashed(name, 4), "big") % BUCKETS for name in names})
        if buckets:
            # one after the other, in the order of the list
            sql = "SELECT pg_advisory_xact_lock(?::int, bucket::int) FROM unnest(?::text[]) AS bucket"
            self._run(sql, first, [str(bucket) for bucket in buckets])

    def lock_documents(self, scope: str, ids: Sequence[str]) -> list[Document]:
        found = super().lock_documents(scope, ids) if ids else []
        self._here.update((d.scope, d.id) for d in found)
        return found

    def lock_scopes(self, names: Sequence[str]) -> dict[str, ScopeHead]:
        if all(name in self._scopes for name in names):
            heads = {row[0]: ScopeHead(*row) for row in self._rows(_LOCK_SCOPES, list(names))}
            if len(heads) == len(names):
                return heads
        self.begun.update(names)
        return super().lock_scopes(names)

    def move_scopes(self, heads: Iterable[ScopeHead]) -> None:
        heads = list(heads)
        super().move_scopes(heads)
        self.moved.update((head.scope, head.seq) for head in heads)

    def put(self, documents: Sequence[Document]) -> None:
        if self._careful:
            super().put(documents)
            return
        known = [(d.scope, d.id) in self._here for d in documents]
        rows = [self._sealed("document", strict(row_of(d))) for d in documents]
        write = self._wire.executemany
        # what wasn't there when it was looked for is inserted: if it is there now, another transaction came between
        write(_INSERT, [row for row, here in zip(rows, known, strict=True) if not here])
        write(_UPDATE, [row[_KEY:] + row[:_KEY] for row, here in zip(rows, known, strict=True) if here])
        customers = [(d, here) for d, here in zip(documents, known, strict=True) if d.type == "customer"]
        write(_DROP_HOLDERS, [(d.scope, d.id) for d, here in customers if here])
        write(_INSERT_HOLDER, [row for d, _ in customers for row in holder_rows(d)])
        self._here.update((d.scope, d.id) for d in documents)

    def add_archived(self, operations: Iterable[Archived]) -> None:
        super().add_archived(map(_as_bytes, operations))


def _break_off(error: Exception) -> None:
    """Take an error of the database that is nobody's own fault past whoever would take it for his own."""
    if isinstance(error, psycopg.Error) and not is_own_fault(error):
        raise Broken from error


def _hashed(text: str, size: int) -> bytes:
    return blake2b(text.encode(), digest_size=size).digest()


def _as_bytes(operation: Archived) -> Archived:
    """Return an operation with its texts as they are kept: as they came, byte by byte."""
    head, salt, body = operation.head, operation.salt, operation.body
    kept: Any = {"head": head.encode(), "salt": salt.encode(), "body": None if body is None else body.encode()}
    return operation._replace(**kept)


def _as_text(row: Archived) -> Archived:
    kept: Any = row
    body = None if kept.body is None else kept.body.decode()
    return row._replace(head=kept.head.decode(), salt=kept.salt.decode(), body=body)
