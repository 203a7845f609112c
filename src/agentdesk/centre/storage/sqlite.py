"""The SQLite driver: one writer thread with group commit, and a few reading connections.

Everything that waits for the writer when it becomes free shares one transaction and one `fsync`; each piece of
work stands under its own savepoint, so that one that fails takes nobody with it. The answer is given after the
commit. Another process may write to the same file: `BEGIN IMMEDIATE` waits for it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from agentdesk.centre.storage.contract import Snapshot, StorageBusy, StorageError, StorageFull, Transaction
from agentdesk.centre.storage.keys import load_secret
from agentdesk.centre.storage.sql import SqlSnapshot, SqlTransaction
from agentdesk.replica.tables import encode

T = TypeVar("T")

GROUP = 64
"""Pieces of work that share one commit at most."""
BUSY_MS = 15_000
"""How long another process may hold the database."""
READERS = 4


class SqliteDialect:
    """What SQLite says in its own way."""

    for_update = ""

    def member(self, column: str) -> str:
        return f"{column} IN (SELECT value FROM json_each(?))"

    def many(self, values: Collection[str]) -> str:
        return encode(list(values))


class SqliteTransaction(SqlTransaction):
    """A transaction, or a part of one, under savepoints."""

    def __init__(self, connection: sqlite3.Connection, dialect: SqliteDialect, path: Path) -> None:
        super().__init__(connection, dialect)
        self._sqlite = connection
        self._path = path

    def attempt(self, work: Callable[[], T]) -> T:
        connection = self._sqlite
        connection.execute("SAVEPOINT part")
        try:
            result = work()
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK TO part")
                connection.execute("RELEASE part")
            if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
                raise _worded(error, self._path) from error
            raise
        connection.execute("RELEASE part")
        return result


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    work: Callable[[Transaction], T]
    future: Future[T]


class SqliteDatabase:
    """A centre's database in one file; raises StorageError when it can't be opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # customers' data are their keeper's alone; SQLite gives the files beside it the same mode
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StorageError(f"{path} can't be opened for writing ({error.strerror}): give another file") from error
        self._writer = self._connect()
        try:
            _migrate(self._writer)
        except sqlite3.Error as error:
            raise _worded(error, path) from error
        self._dialect = SqliteDialect()
        self._jobs: deque[_Job[Any]] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, "centre-read")
        self._thread = threading.Thread(target=self._run, name="centre-write", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """Return the file."""
        return self._path

    @property
    def waiting(self) -> int:
        return len(self._jobs)

    def secret(self) -> bytes:
        return load_secret(self._path.with_name(f"{self._path.name}.key"))

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._wake:
            if self._closed:
                raise StorageError("the database is closed")
            self._jobs.append(_Job(work, future))
            self._wake.notify()
        return future

    def read(self, work: Callable[[Snapshot], T]) -> Future[T]:
        if self._closed:
            raise StorageError("the database is closed")
        return self._readers.submit(self._read, work)

    def close(self) -> None:
        with self._wake:
            if self._closed:
                return
            self._closed = True
            self._wake.notify()
        self._thread.join()
        self._readers.shutdown()
        for connection in self._opened:
            connection.close()
        self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=BUSY_MS / 1000
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -65536")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
        except sqlite3.Error as error:
            raise _worded(error, self._path) from error
        return connection

    def _read(self, work: Callable[[Snapshot], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            self._opened.append(connection)
        connection.execute("BEGIN")
        try:
            return work(SqlSnapshot(connection, self._dialect))
        except sqlite3.Error as error:
            raise _worded(error, self._path) from error
        finally:
            connection.execute("ROLLBACK")

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._jobs and not self._closed:
                    self._wake.wait()
                if not self._jobs:
                    return
                group = [self._jobs.popleft() for _ in range(min(GROUP, len(self._jobs)))]
            self._commit([job for job in group if job.future.set_running_or_notify_cancel()])

    def _commit(self, group: list[_Job[Any]]) -> None:
        """Run a group in one transaction; futures are done only when it is durable."""
        done: list[tuple[_Job[Any], Any]] = []
        failed: list[tuple[_Job[Any], BaseException]] = []
        tx = SqliteTransaction(self._writer, self._dialect, self._path)
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for job in group:
                try:
                    done.append((job, tx.attempt(partial(job.work, tx))))
                except BaseException as error:
                    if not self._writer.in_transaction:
                        raise  # the database threw the whole transaction away, the others' work with it
                    failed.append((job, error))
            self._writer.execute("COMMIT")
        except BaseException as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            reason = _worded(error, self._path) if isinstance(error, sqlite3.Error) else error
            for job in group:
                job.future.set_exception(reason)
            return
        for job, result in done:
            job.future.set_result(result)
        for job, problem in failed:
            job.future.set_exception(_worded(problem, self._path) if isinstance(problem, sqlite3.Error) else problem)


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to this program; of several processes that start at once, one does it."""
    from sqlite_utils import Database

    from agentdesk.centre.storage.schema import migrations

    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(Database(connection))
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _worded(error: sqlite3.Error, path: Path) -> StorageError:
    """Return an error of SQLite as one line that says what to do."""
    text = str(error)
    if "full" in text:
        return StorageFull(f"the disk that holds {path} is full: make room, nothing was written")
    if "locked" in text or "busy" in text:
        return StorageBusy(f"{path} is in use by another program: try again in a moment")
    if "unable to open" in text or "readonly" in text:
        return StorageError(f"{path} can't be opened for writing: check that the folder exists and is yours")
    if "not a database" in text:
        return StorageError(f"{path} is not a database of the centre: give the path of another file")
    return StorageError(f"{path}: {text}")
