"""A centre's database on a PostgreSQL server: a few writing and a few reading threads, each with its connection.

Any number of processes work on the same database. A transaction that another one came between, or whose connection
broke before its commit, runs again. When the connection breaks during the commit nobody knows what became of it: that
is a StorageError, and the site that gets no answer sends its batch again.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import psycopg

from agentdesk.centre.storage.contract import Snapshot, StorageError, Transaction
from agentdesk.centre.storage.keys import load_secret
from agentdesk.centre.storage.postgres.errors import AGAIN, Broken, Careful, is_gone, worded
from agentdesk.centre.storage.postgres.news import News, Told
from agentdesk.centre.storage.postgres.tables import bring_up
from agentdesk.centre.storage.postgres.transaction import PostgresSnapshot, PostgresTransaction
from agentdesk.centre.storage.postgres.wire import Wire
from agentdesk.centre.storage.seals import Seals

T = TypeVar("T")

log = logging.getLogger("agentdesk.centre")

NAME = "agentdesk"
WRITERS = 4
READERS = 4
TRIES = 12
"""How often a transaction is begun at most: others come between, or its connection breaks."""
BREAKS = 2
"""How often another connection is tried: each breaks once when the server starts anew, or another one takes over."""
PAUSE_S = 0.01
"""After how long it is tried again, times the number of tries, times a random number."""


class PostgresDatabase:
    """A centre's database on a server; raises StorageError when it can't be reached or isn't fit.

    `key` is the file with the centre's secret: the same one on all machines. Its folder is that of all the files that
    the centre keeps outside the database.
    """

    def __init__(self, url: str, key: Path) -> None:
        self._url = url
        self._key = key
        self.seals = Seals(self.secret)
        self._place = _place(url)
        try:
            with Wire(url, NAME) as wire:
                bring_up(wire, url, self._place)
        except psycopg.Error as error:
            raise worded(error, self._place) from error
        self._lock = threading.Lock()
        self._local = threading.local()
        self._opened: list[Wire] = []
        self._scopes: set[str] = set()
        self._closed = False
        self._writers = ThreadPoolExecutor(WRITERS, "centre-write")
        self._readers = ThreadPoolExecutor(READERS, "centre-read")
        self._news = News(url)
        self.again = 0
        """How often a transaction ran again because others came between."""

    @property
    def folder(self) -> Path:
        return self._key.parent

    def backup(self, target: Path) -> list[tuple[str, str, int]]:
        raise StorageError(
            f"{target.name} was not written: a server is backed up with its own tools (pg_basebackup, pg_dump), or by "
            "a replica; say then when an operation is durable: agentdesk centre durability committed"
        )

    def secret(self) -> bytes:
        return load_secret(self._key)

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        with self._lock:
            self._check()
            return self._writers.submit(self._write, work)

    def read(self, work: Callable[[Snapshot], T]) -> Future[T]:
        self._check()
        return self._readers.submit(self._read, work)

    def listen(self, told: Told) -> Callable[[], None]:
        return self._news.listen(told)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._writers.shutdown()
        self._readers.shutdown()
        self._news.close()
        for wire in self._opened:
            wire.close()

    def _write(self, work: Callable[[Transaction], T]) -> T:
        careful = False
        for tries in range(1, TRIES + 1):
            try:
                wire = self._wire()
                tx = PostgresTransaction(wire, self._scopes, careful, self.seals)
                wire.command(b"BEGIN")
                result = work(tx)
            except BaseException as error:
                self._end()
                cause = error.__cause__ if isinstance(error, Broken) else error
                careful = careful or isinstance(cause, Careful | psycopg.errors.UniqueViolation)
                if isinstance(cause, psycopg.Error):
                    self._go_on(tries, cause)
                elif not isinstance(cause, Careful):
                    raise
                continue
            self._commit(wire)
            self._scopes.update(tx.begun)
            if tx.moved:
                self._news.tell(tx.moved)
            return result
        raise AssertionError  # the last try returns or raises

    def _commit(self, wire: Wire) -> None:
        try:
            wire.command(b"COMMIT")
        except psycopg.errors.InFailedSqlTransaction as error:
            self._end()
            raise worded(error, self._place) from error
        except psycopg.Error as error:
            self._end()
            raise StorageError(
                f"{self._place} broke off while it committed ({error}): send it again, what was written stays once"
            ) from error

    def _read(self, work: Callable[[Snapshot], T]) -> T:
        for tries in range(1, TRIES + 1):
            try:
                wire = self._wire()
                wire.command(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return work(PostgresSnapshot(wire))
            except psycopg.Error as error:
                self._go_on(tries, error)
            finally:
                self._end()
        raise AssertionError  # the last try returns or raises

    def _wire(self) -> Wire:
        """Return this thread's connection; raises psycopg.Error."""
        wire: Wire | None = getattr(self._local, "wire", None)
        if wire is None or not wire.usable:
            fresh = Wire(self._url, NAME)
            with self._lock:
                if wire is not None:
                    self._opened.remove(wire)
                    wire.close()
                self._opened.append(fresh)
            self._local.wire = wire = fresh
        return wire

    def _end(self) -> None:
        """Roll back what is open; a connection that can't is replaced by the next transaction."""
        wire: Wire | None = getattr(self._local, "wire", None)
        if wire is not None and not wire.usable:
            try:
                wire.command(b"ROLLBACK")
            except psycopg.Error:
                wire.close()

    def _go_on(self, tries: int, error: psycopg.Error) -> None:
        """Let a transaction be tried again, after a moment; raises StorageError where that would change nothing."""
        between = isinstance(error, AGAIN)
        if tries == TRIES or not (between or (tries <= BREAKS and is_gone(error))):
            raise worded(error, self._place) from error
        if between:
            with self._lock:
                self.again += 1
        log.info("transaction again", extra={"tries": tries, "error": type(error).__name__})
        time.sleep(PAUSE_S * tries * random.random())

    def _check(self) -> None:
        if self._closed:
            raise StorageError("the database is closed")


def _place(url: str) -> str:
    """Name a database without its password."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        return "the database"
    return f"the database {parts.get('dbname') or '?'} at {parts.get('host') or 'this machine'}"
