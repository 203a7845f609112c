"""The SQLite driver without threads: every piece of work is done where it is asked for, one after the other.

The same file, statements and group commit as in `sqlite`; for programs that have one thread, and for simulations,
in which one order of things has to come out again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from agentdesk.centre.storage.contract import Snapshot, StorageError, Transaction
from agentdesk.centre.storage.seals import Seals
from agentdesk.centre.storage.sqlite import Job, SqliteFile, Told

T = TypeVar("T")


class InlineDatabase:
    """A centre's database in one file, used by one thread; raises StorageError when it can't be opened."""

    def __init__(self, path: Path) -> None:
        self._file = SqliteFile(path)
        self._reader = self._file.connect()
        self._reader.execute("PRAGMA query_only = ON")
        self._held: list[Job[Any]] | None = None
        self._listeners: list[Told] = []
        self._closed = False

    @property
    def path(self) -> Path:
        """Return the file."""
        return self._file.path

    @property
    def folder(self) -> Path:
        return self._file.path.parent

    def backup(self, target: Path) -> list[tuple[str, str, int]]:
        return self._file.backup(target)

    def secret(self) -> bytes:
        return self._file.secret()

    @property
    def seals(self) -> Seals:
        return self._file.seals

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        self._check()
        job = Job(work, Future[T]())
        if self._held is None:
            self._commit([job])
        else:
            self._held.append(job)
        return job.future

    def read(self, work: Callable[[Snapshot], T]) -> Future[T]:
        self._check()
        future: Future[T] = Future()
        try:
            future.set_result(self._file.read(self._reader, work))
        except BaseException as error:
            future.set_exception(error)
        return future

    def hold(self) -> None:
        """Let writes wait from now on, until `release`."""
        self._held = []

    def release(self) -> int:
        """Do all that waits in one transaction; returns how many pieces of work that were."""
        held, self._held = self._held or [], None
        if held:
            self._commit(held)
        return len(held)

    def listen(self, told: Told) -> Callable[[], None]:
        """Have `told` called after each commit that is made here."""
        self._listeners.append(told)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(told)

        return stop

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._reader.close()
            self._file.close()

    def _commit(self, group: list[Job[Any]]) -> None:
        moved = self._file.commit(group)
        if moved:
            for told in tuple(self._listeners):
                told(moved)

    def _check(self) -> None:
        if self._closed:
            raise StorageError("the database is closed")
