"""The files of a site: `outbox.db`, which is precious, and replica files named by generation, which aren't.

One `Files` belongs to one thread. Replica files are attached for reading (`store.attaching`). A new generation is
filled beside the one that serves, and takes its place when it is complete.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Literal

from agentdesk.replica.driver import sqlite
from agentdesk.replica.opening import check_key, open_disposable, open_precious
from agentdesk.replica.search import prepare
from agentdesk.replica.tables import create
from agentdesk.store.attaching import Attached, replica_of
from agentdesk.store.errors import saying, worded
from agentdesk.store.presence import protect
from agentdesk.store.private import open_private
from agentdesk.store.schema import OUTBOX_VERSION, migrate

OUTBOX_NAME = "outbox.db"

_Place = Literal["replica", "successor"]


class Writing:
    """One durable transaction: committed at the end of its block, or nothing at all."""

    # a class, as this runs for each operation: a generator would take as long as the transaction itself

    __slots__ = ("_connection", "_folder")

    def __init__(self, connection: sqlite.Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder

    def __enter__(self) -> sqlite.Connection:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite.OperationalError as error:
            raise worded(error, self._folder) from error
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection = self._connection
        try:
            if raised is None:
                connection.execute("COMMIT")
                return
        except sqlite.OperationalError as error:
            raised = error
        if connection.in_transaction:
            with suppress(sqlite.OperationalError):  # it is gone either way
                connection.execute("ROLLBACK")
        if isinstance(raised, sqlite.OperationalError):
            raise worded(raised, self._folder) from raised


class Files:
    """The open files of a site in one thread; `mono_ms` is a clock that never goes back.

    `key` is the data key of 32 bytes with which all of the files are encrypted, None where they aren't. Raises
    WrongDataKey, before anything is changed, where the outbox has another one.
    """

    def __init__(self, folder: Path, mono_ms: Callable[[], int] | None = None, key: bytes | None = None) -> None:
        self.folder = folder
        self.key = key
        with saying(folder):
            check_key(folder / OUTBOX_NAME, key)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.outbox = open_precious(folder / OUTBOX_NAME, key)
            try:
                if self._version() < OUTBOX_VERSION:
                    with _locked(folder / "migrate.lock"):
                        migrate(self.outbox)
                self.attached = Attached(self.outbox, folder, key, mono_ms or _machine_ms)
                protect(folder, key)
                self.refresh()
            except BaseException:
                self.outbox.close()
                raise

    def _version(self) -> int:
        return int(self.outbox.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        self.outbox.close()

    def refresh(self) -> bool:
        """Attach the replica files that are current now; True if that changed anything (`Attached.refresh`)."""
        return self.attached.refresh()

    # writing

    def writing(self) -> Writing:
        """Run one durable transaction on the outbox; raises DiskFull when there is no room for it."""
        if self.attached.is_stale():
            with saying(self.folder):
                self.refresh()
        return Writing(self.outbox, self.folder)

    @contextmanager
    def filling(self, scope: str) -> Iterator[sqlite.Connection]:
        """Run one durable transaction on the file that a scope's pages go into; raises DiskFull."""
        with saying(self.folder):
            replica = self.open_replica(scope)
            try:
                # what the replica has taken in is let go from the outbox's overlay: it must not come undone
                replica.execute("PRAGMA synchronous=FULL")
                replica.execute("BEGIN IMMEDIATE")
                yield replica
                replica.execute("COMMIT")
            finally:
                replica.close()

    @contextmanager
    def indexing(self, name: str) -> Iterator[sqlite.Connection]:
        """Run one transaction on a replica that brings nothing new into it; raises DiskFull."""
        with saying(self.folder):
            replica = self.open_replica(name)
            try:
                replica.execute("BEGIN IMMEDIATE")
                yield replica
                replica.execute("COMMIT")
            finally:
                replica.close()

    def open_replica(self, scope: str) -> sqlite.Connection:
        """Open the replica file that a scope's pages go into for writing, making the first generation if need be.

        While a new generation is being filled, that is its file.
        """
        name = replica_of(scope)
        file = self._file("successor", name) or self._file("replica", name)
        if file is None or not (self.folder / file).exists():
            file = self._begin("replica" if file is None else self._where(name), name, file)
            self.attached.follow()
        connection = open_disposable(self.folder / file, self.key)
        try:
            create(connection)
            prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def being_filled(self) -> frozenset[str]:
        """Return the names of the replicas of which a new generation is being filled."""
        return frozenset(row[0] for row in self.outbox.execute("SELECT name FROM successor"))

    def replicas(self) -> frozenset[str]:
        """Return the names of all replicas that were begun, whether they serve or are being filled."""
        rows = self.outbox.execute("SELECT name FROM replica UNION SELECT name FROM successor")
        return frozenset(row[0] for row in rows)

    def renew_replica(self, scope: str) -> None:
        """Begin a new, empty generation of a scope's replica, from the first number of its logs on.

        The one that is current serves on, until `promote_replicas`.
        """
        name = replica_of(scope)
        if self._file("replica", name) is not None:
            self._begin("successor", name, self._file("successor", name))

    def drop_replica(self, scope: str) -> None:
        """Remove a replica whose scope isn't this site's any more.

        Its last number stays known: another process that still has its file open would take a new one of the same
        name for it.
        """
        name = replica_of(scope)
        with self.writing() as outbox:
            outbox.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
                (f"generation {name}", str(self._next_generation(name) - 1)),
            )
            for table in ("replica", "successor"):
                outbox.execute(f"DELETE FROM {table} WHERE name = ?", (name,))
        self.attached.follow()
        self._sweep()

    def adopt_replica(self, scope: str, path: Path) -> bool:
        """Make a whole replica file, which nobody has open, a scope's next generation; True if it serves at once.

        Where there is one that serves, it goes on until `promote_replicas`. The file goes away from where it was. A
        site that keeps its replicas in another form takes the file's rows over here.
        """
        name = replica_of(scope)
        with saying(self.folder), self.writing() as outbox:
            place: _Place = "replica" if self._file("replica", name) is None else "successor"
            generation = self._next_generation(name)
            file = _named(name, generation)
            self._remove(file)  # of somebody who was killed just here
            path.rename(self.folder / file)
            _keep_names(self.folder)
            outbox.execute(
                f"INSERT OR REPLACE INTO {place} (name, file, generation) VALUES (?, ?, ?)", (name, file, generation)
            )
        self.attached.follow()
        self._sweep()
        return place == "replica"

    def promote_replicas(self, also: Callable[[sqlite.Connection], None]) -> None:
        """Let the new generations take the place of the old ones: they are complete.

        `also` is done in the same transaction of the outbox.
        """
        with self.writing() as outbox:
            also(outbox)
            outbox.execute("INSERT OR REPLACE INTO replica SELECT name, file, generation FROM successor")
            outbox.execute("DELETE FROM successor")
        self.attached.follow()
        self._sweep()

    def _file(self, place: _Place, name: str) -> str | None:
        row = self.outbox.execute(f"SELECT file FROM {place} WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _where(self, name: str) -> _Place:
        return "successor" if self._file("successor", name) is not None else "replica"

    def _begin(self, place: _Place, name: str, instead_of: str | None) -> str:
        """Make the next generation's file, unless another process just has; return the file's name."""
        with self.writing() as outbox:
            there = self._file(place, name)
            if there is not None and (there != instead_of) and (self.folder / there).exists():
                return there
            generation = self._next_generation(name)
            file = _named(name, generation)
            self._remove(file)
            connection = open_disposable(self.folder / file, self.key)
            try:
                create(connection)
                prepare(connection)
            finally:
                connection.close()
            outbox.execute(
                f"INSERT OR REPLACE INTO {place} (name, file, generation) VALUES (?, ?, ?)", (name, file, generation)
            )
        self._sweep()
        return file

    def _next_generation(self, name: str) -> int:
        (last,) = self.outbox.execute(
            "SELECT coalesce(max(generation), 0) FROM (SELECT name, generation FROM replica UNION ALL "
            "SELECT name, generation FROM successor UNION ALL SELECT ?1, CAST(value AS INTEGER) FROM meta "
            "WHERE key = 'generation ' || ?1) WHERE name = ?1",
            (name,),
        ).fetchone()
        return int(last) + 1

    def _sweep(self) -> None:
        """Remove replica files that nothing names any more; one that is still open keeps its content till then."""
        with self.writing() as outbox:
            named = {
                row[0] for table in ("replica", "successor") for row in outbox.execute(f"SELECT file FROM {table}")
            }
            for path in self.folder.glob("replica-*.db"):
                if path.name not in named:
                    self._remove(path.name)

    def _remove(self, file: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"{file}{suffix}").unlink(missing_ok=True)


def _machine_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _named(name: str, generation: int) -> str:
    return f"replica-{name.replace('/', '-')}-{generation:04d}.db"


def _keep_names(folder: Path) -> None:
    """Have the names of a folder's files on disk, before a database relies on them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open_private(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
