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
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

from agentdesk.centre.storage.connecting import connect
from agentdesk.centre.storage.contract import Snapshot, StorageBusy, StorageError, StorageFull, Transaction
from agentdesk.centre.storage.keys import load_secret
from agentdesk.centre.storage.migrating import FORMER, VERSION, create, is_current, upgrade
from agentdesk.centre.storage.reads import SqlSnapshot
from agentdesk.centre.storage.rows import ScopeHead
from agentdesk.centre.storage.seals import CHAINED, SEALED, Seals
from agentdesk.centre.storage.writes import SqlTransaction
from agentdesk.replica.shapes import misshapen
from agentdesk.replica.tables import encode

T = TypeVar("T")
Told = Callable[[Mapping[str, int]], None]

GROUP = 64
"""Pieces of work that share one commit at most."""
BUSY_MS = 15_000
"""How long another process may hold the database."""
READERS = 4
LOOK_S = 0.5
"""How soon the commit of another process is noticed while somebody listens."""


class SqliteDialect:
    """What SQLite says in its own way."""

    for_update = ""

    def member(self, column: str) -> str:
        return f"{column} IN (SELECT value FROM json_each(?))"

    def many(self, values: Collection[str]) -> str:
        return encode(list(values))


class SqliteSnapshot(SqlSnapshot):
    """Reads of one moment."""

    def misshapen(self, limit: int) -> list[tuple[str, str, str]]:
        return list(islice(misshapen(self._rows, (*SEALED, *CHAINED)), limit))


class SqliteTransaction(SqliteSnapshot, SqlTransaction):
    """A transaction, or a part of one, under savepoints."""

    def __init__(self, connection: sqlite3.Connection, dialect: SqliteDialect, path: Path, seals: Seals) -> None:
        super().__init__(connection, dialect)
        self._seals = seals
        self._sqlite = connection
        self._path = path
        self.moved: dict[str, int] = {}

    def move_scopes(self, heads: Iterable[ScopeHead]) -> None:
        heads = list(heads)
        super().move_scopes(heads)
        self.moved.update((head.scope, head.seq) for head in heads)

    def attempt(self, work: Callable[[], T]) -> T:
        connection = self._sqlite
        moved = self.moved.copy()
        connection.execute("SAVEPOINT part")
        try:
            result = work()
        except BaseException as error:
            self.moved = moved
            if connection.in_transaction:
                connection.execute("ROLLBACK TO part")
                connection.execute("RELEASE part")
            if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
                raise _worded(error, self._path) from error
            raise
        connection.execute("RELEASE part")
        return result


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """A piece of work that waits for the writer."""

    work: Callable[[Transaction], T]
    future: Future[T]


class SqliteFile:
    """A centre's database in one file, without threads: opening, group commit, reading. Raises StorageError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # customers' data are their keeper's alone; SQLite gives the files beside it the same mode
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StorageError(f"{path} can't be opened for writing ({error.strerror}): give another file") from error
        self.writer = self.connect()
        try:
            _migrate(self)
        except sqlite3.Error as error:
            raise _worded(error, path) from error
        self._dialect = SqliteDialect()
        self.seals = Seals(self.secret)

    def connect(self) -> sqlite3.Connection:
        """Return another connection to the file."""
        try:
            connection = connect(
                self.path, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=BUSY_MS / 1000
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -65536")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
        except sqlite3.Error as error:
            raise _worded(error, self.path) from error
        return connection

    def backup(self, target: Path) -> list[tuple[str, str, int]]:
        """Copy the file as of one moment, beside whoever writes, and look whether the copy is sound."""
        if target.exists():
            raise StorageError(f"{target} exists already: give the backup a name of its own")
        part = target.with_name(f"{target.name}.part")
        part.unlink(missing_ok=True)
        source = self.connect()
        try:
            os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            copy = connect(part, isolation_level=None)
            try:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
                if copy.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                    raise StorageError(f"the copy in {part} is not sound: look at the disk, and back up elsewhere")
                ends = copy.execute("SELECT site, lineage, last_seq FROM lineage").fetchall()
            finally:
                copy.close()
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.rename(target)
        except sqlite3.Error as error:
            raise _worded(error, part) from error
        except OSError as error:
            raise StorageError(f"{target} can't be written ({error.strerror}): give another place") from error
        finally:
            source.close()
        return ends

    def secret(self) -> bytes:
        return load_secret(self.path.with_name(f"{self.path.name}.key"))

    def read(self, connection: sqlite3.Connection, work: Callable[[Snapshot], T]) -> T:
        """Run a read over one moment of the database."""
        connection.execute("BEGIN")
        try:
            return work(SqliteSnapshot(connection, self._dialect))
        except sqlite3.Error as error:
            raise _worded(error, self.path) from error
        finally:
            connection.execute("ROLLBACK")

    def commit(self, group: Sequence[Job[Any]]) -> Mapping[str, int]:
        """Run a group in one transaction and return which scopes moved; futures are done only when it is durable."""
        done: list[tuple[Job[Any], Any]] = []
        failed: list[tuple[Job[Any], BaseException]] = []
        writer = self.writer
        tx = SqliteTransaction(writer, self._dialect, self.path, self.seals)
        try:
            writer.execute("BEGIN IMMEDIATE")
            for job in group:
                try:
                    done.append((job, tx.attempt(partial(job.work, tx))))
                except BaseException as error:
                    if not writer.in_transaction:
                        raise  # the database threw the whole transaction away, the others' work with it
                    failed.append((job, error))
            writer.execute("COMMIT")
        except BaseException as error:
            if writer.in_transaction:
                writer.execute("ROLLBACK")
            reason = _worded(error, self.path) if isinstance(error, sqlite3.Error) else error
            for job in group:
                job.future.set_exception(reason)
            return {}
        for job, result in done:
            job.future.set_result(result)
        for job, problem in failed:
            job.future.set_exception(_worded(problem, self.path) if isinstance(problem, sqlite3.Error) else problem)
        return tx.moved

    def close(self) -> None:
        self.writer.close()


class SqliteDatabase:
    """A centre's database in one file, with its writer and its readers; raises StorageError if it can't be opened."""

    def __init__(self, path: Path) -> None:
        self._file = SqliteFile(path)
        self._jobs: deque[Job[Any]] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._listeners: list[Told] = []
        self._others = -1
        self._readers = ThreadPoolExecutor(READERS, "centre-read")
        self._thread = threading.Thread(target=self._run, name="centre-write", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """Return the file."""
        return self._file.path

    @property
    def folder(self) -> Path:
        return self.path.parent

    def backup(self, target: Path) -> list[tuple[str, str, int]]:
        return self._file.backup(target)

    def secret(self) -> bytes:
        return self._file.secret()

    @property
    def seals(self) -> Seals:
        return self._file.seals

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._wake:
            if self._closed:
                raise StorageError("the database is closed")
            self._jobs.append(Job(work, future))
            self._wake.notify()
        return future

    def read(self, work: Callable[[Snapshot], T]) -> Future[T]:
        if self._closed:
            raise StorageError("the database is closed")
        return self._readers.submit(self._read, work)

    def listen(self, told: Told) -> Callable[[], None]:
        with self._wake:
            if not self._listeners:
                self._others = -1
            self._listeners.append(told)
            self._wake.notify()

        def stop() -> None:
            with self._wake, suppress(ValueError):
                self._listeners.remove(told)

        return stop

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
        self._file.close()

    def _read(self, work: Callable[[Snapshot], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._file.connect()
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            self._opened.append(connection)
        return self._file.read(connection, work)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._jobs and not self._closed and not self._listeners:
                    self._wake.wait()
                if not self._jobs and not self._closed:
                    self._wake.wait(LOOK_S)
                if not self._jobs and self._closed:
                    return
                group = [self._jobs.popleft() for _ in range(min(GROUP, len(self._jobs)))]
            wanted = [job for job in group if job.future.set_running_or_notify_cancel()]
            moved = self._file.commit(wanted) if wanted else {}
            if self._listeners:
                self._tell({**moved, **self._moved_by_others()})

    def _moved_by_others(self) -> Mapping[str, int]:
        """Return where all scopes stand if another process has committed since the last look."""
        writer = self._file.writer
        try:
            version = writer.execute("PRAGMA data_version").fetchone()[0]
            if version == self._others:
                return {}
            # the first look tells all: what was committed since somebody listens must not go by
            self._others = version
            return dict(writer.execute("SELECT scope, seq FROM scope").fetchall())
        except sqlite3.Error:
            return {}  # it is looked at again soon

    def _tell(self, moved: Mapping[str, int]) -> None:
        if moved:
            for told in tuple(self._listeners):
                told(moved)


def _migrate(file: SqliteFile) -> None:
    """Bring the tables up to this program; of several processes that start at once, one does it."""
    writer = file.writer
    if is_current(_version(writer, VERSION)):
        return
    writer.execute("BEGIN IMMEDIATE")
    try:
        if writer.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            create(writer.execute, "sqlite")
        writer.execute("COMMIT")
    finally:
        if writer.in_transaction:
            writer.execute("ROLLBACK")
    if not is_current(_version(writer, VERSION)):
        _upgrade(file)


def _upgrade(file: SqliteFile) -> None:
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.exc import DBAPIError

    # a connection of its own, which the tool closes
    engine = create_engine("sqlite://", creator=file.connect, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            driver = connection.connection.dbapi_connection
            assert isinstance(driver, sqlite3.Connection)
            version = _version(driver, VERSION)
            if not is_current(version):
                upgrade(connection, _version(driver, FORMER) if version is None else None)
            connection.commit()
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise error.orig from error
        raise


def _version(connection: sqlite3.Connection, question: str) -> str | None:
    try:
        row = connection.execute(question).fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    return None if row is None else str(row[0])


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
