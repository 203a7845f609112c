"""The files of a site: `outbox.db`, which is precious, and replica files named by generation, which aren't.

One `Files` belongs to one thread. Replica files are attached for reading; which ones are current stands in the
outbox, so that another process that brings a new generation is noticed with the next look.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentdesk.replica.opening import attach, open_disposable, open_precious
from agentdesk.replica.tables import create
from agentdesk.store.schema import OUTBOX_VERSION, migrate

SMALL = "small"
"""The replica of all scopes that are not a region's: catalogue, org, the site's own."""

OUTBOX_NAME = "outbox.db"


class StoreError(Exception):
    """Something a person can mend; the message is one line that says what happened and what to do."""


class DiskFull(StoreError):
    """The disk is full: nothing was written, and nothing may be called promised."""


def replica_of(scope: str) -> str:
    """Return the name of the replica that a scope lies in: one for each region, one for all the rest."""
    return scope if scope.startswith("region/") else SMALL


class Files:
    """The open files of a site in one thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        path = folder / OUTBOX_NAME
        self.outbox = open_precious(path)
        if self.outbox.execute("PRAGMA user_version").fetchone()[0] < OUTBOX_VERSION:
            with _locked(folder / "migrate.lock"):
                migrate(self.outbox)
        self._aliases: dict[str, str] = {}
        self._known: tuple[tuple[str, str, int], ...] | None = None
        self._data_version = -1
        self._numbered = 0
        self.refresh()

    def close(self) -> None:
        self.outbox.close()

    def refresh(self) -> bool:
        """Attach the replica files that are current now; True if that changed anything."""
        version = self.outbox.execute("PRAGMA main.data_version").fetchone()[0]
        if version == self._data_version:
            return False
        self._data_version = version
        return self._attach_current()

    def _attach_current(self) -> bool:
        rows = tuple(self.outbox.execute("SELECT name, file, generation FROM replica ORDER BY name").fetchall())
        if rows == self._known:
            return False
        before = {name: file for name, file, _ in self._known or ()}
        for name, file, _ in rows:
            if before.get(name) == file:
                continue
            if name in self._aliases:
                self.outbox.execute(f"DETACH DATABASE {self._aliases.pop(name)}")
            self._numbered += 1
            alias = f"replica{self._numbered}"
            attach(self.outbox, self.folder / file, alias)
            self._aliases[name] = alias
        self._known = rows
        return True

    def alias(self, scope: str) -> str | None:
        """Return the attached schema in which a scope's documents lie, or None while it isn't replicated."""
        return self._aliases.get(replica_of(scope))

    def aliases(self) -> tuple[str, ...]:
        return tuple(self._aliases.values())

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one durable transaction on the outbox; raises DiskFull when there is no room for it."""
        self.refresh()
        connection = self.outbox
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            raise _worded(error, self.folder) from error

    def open_replica(self, scope: str) -> sqlite3.Connection:
        """Open the current replica file of a scope for writing, making the first generation if there is none."""
        name = replica_of(scope)
        row = self.outbox.execute("SELECT file FROM replica WHERE name = ?", (name,)).fetchone()
        if row is not None:
            return open_disposable(self.folder / row[0])
        generation = 1
        file = f"replica-{name.replace('/', '-')}-{generation:04d}.db"
        connection = open_disposable(self.folder / file)
        create(connection)
        with self.writing() as outbox:
            outbox.execute("INSERT INTO replica (name, file, generation) VALUES (?, ?, ?)", (name, file, generation))
        self._attach_current()
        return connection

    def renew_replica(self, scope: str) -> None:
        """Begin a new, empty generation of a scope's replica; the old file goes when nobody has it open."""
        name = replica_of(scope)
        row = self.outbox.execute("SELECT file, generation FROM replica WHERE name = ?", (name,)).fetchone()
        if row is None:
            return
        generation = row[1] + 1
        file = f"replica-{name.replace('/', '-')}-{generation:04d}.db"
        connection = open_disposable(self.folder / file)
        create(connection)
        connection.close()
        with self.writing() as outbox:
            outbox.execute("UPDATE replica SET file = ?, generation = ? WHERE name = ?", (file, generation, name))
        self._attach_current()
        for suffix in ("", "-wal", "-shm"):
            # an open file keeps its content until the desk that has it open looks again
            (self.folder / f"{row[0]}{suffix}").unlink(missing_ok=True)


def _worded(error: sqlite3.OperationalError, folder: Path) -> Exception:
    said = str(error)
    if "full" in said or "disk I/O" in said:
        return DiskFull(f"the disk of {folder} is full: nothing was recorded; free some space and try again")
    if "locked" in said or "busy" in said:
        return StoreError("another desk on this site is writing for a long time; try again")
    return error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
