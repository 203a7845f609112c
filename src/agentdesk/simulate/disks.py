"""Database files that break when they are told to: crash points around each commit, full disks.

All files are opened by a `SimulatedConnection`: a site's by a `SiteConnection` (`replica.opening.opened_by`), the
centre's by a `CentreConnection` (`centre.storage.connecting.opened_by`). It belongs to the process that runs while it
is opened, and tells that process of each commit, before and after.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote

from agentdesk.centre.storage import connecting as centres
from agentdesk.replica import opening as sites
from agentdesk.replica.driver import sqlite
from agentdesk.simulate.fibers import Killed

if TYPE_CHECKING:
    _Connection = sqlite3.Connection
else:
    _Connection = object

NO_LIMIT = 1_073_741_823
"""SQLite's own highest `max_page_count`."""


@dataclass(slots=True)
class Disk:
    """The disk of one machine; a full one takes no more pages than the files have."""

    full: bool = False
    spare: int = 0
    """Pages that still fit into each file of a full disk."""


@dataclass(slots=True)
class Process:
    """A process of the world: `crash_in` counts down its crash points until it dies at one; None: it doesn't.

    `committed` is told of each commit with the name of its file.
    """

    name: str
    disk: Disk
    committed: Callable[[str], None]
    died: Callable[[Process, str], None]
    alive: bool = True
    crash_in: int | None = None
    observing: bool = field(default=False)

    def point(self, where: str) -> None:
        """Pass a crash point; raises Killed if the process dies here."""
        if not self.alive:
            raise Killed
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in < 0:
                self.crash_in = None
                self.alive = False
                self.died(self, where)
                raise Killed


class SimulatedConnection(_Connection):
    """A connection of a process in a simulated world; outside of one it is like any other."""

    running: ClassVar[Process | None] = None

    def __init__(self, database: Any, *args: Any, **options: Any) -> None:
        self.owner = SimulatedConnection.running
        if self.owner is not None:
            options["timeout"] = 0.0
            if not self.owner.alive:
                raise Killed
        super().__init__(database, *args, **options)
        self.file = Path(unquote(str(database).removeprefix("file:").partition("?")[0])).name
        self._limited: int | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        owner = self.owner
        if owner is None:
            return super().execute(sql, parameters)
        if sql == "COMMIT":
            return self._commit(owner)
        if not owner.alive and sql not in ("ROLLBACK", "ROLLBACK TO part", "RELEASE part"):
            raise Killed
        if sql == "BEGIN IMMEDIATE":
            self._limit(owner.disk)
        elif sql.startswith("PRAGMA synchronous"):
            # nothing here survives the power anyway: crash points stand for that
            return super().execute("PRAGMA synchronous = OFF")
        return super().execute(sql, parameters)

    def _commit(self, owner: Process) -> sqlite3.Cursor:
        owner.point(f"before a commit of {self.file}")
        result = super().execute("COMMIT")
        owner.committed(self.file)
        owner.point(f"after a commit of {self.file}")
        return result

    def _limit(self, disk: Disk) -> None:
        if disk.full:
            if self._limited is None:
                pages = super().execute("PRAGMA page_count").fetchone()[0]
                self._limited = pages + disk.spare
                super().execute(f"PRAGMA max_page_count = {self._limited}")
        elif self._limited is not None:
            self._limited = None
            super().execute(f"PRAGMA max_page_count = {NO_LIMIT}")


class SiteConnection(SimulatedConnection, sqlite.Connection):
    """One to a site's file."""


class CentreConnection(SimulatedConnection, sqlite3.Connection):
    """One to the centre's file."""


@contextmanager
def opened_by_simulated() -> Iterator[None]:
    """Open all files of this process so for a while."""
    with sites.opened_by(SiteConnection), centres.opened_by(CentreConnection):
        yield


def another_program(path: Path, key: bytes | None, *, reads: bool = False) -> sqlite3.Connection:
    """Open a file as a program outside of the world does: a site's with its key, the centre's without one.

    Each with its own library, as two on one file would drop each other's locks.
    """
    name = f"file:{path}{'?mode=ro' if reads else ''}"
    options = {"uri": True, "isolation_level": None, "check_same_thread": False, "timeout": 0.0}
    with running(None):
        return centres.connect(name, **options) if key is None else sites.connect(name, key, **options)


@contextmanager
def running(process: Process | None) -> Iterator[None]:
    """Let a process be the one that opens files meanwhile."""
    before, SimulatedConnection.running = SimulatedConnection.running, process
    try:
        yield
    finally:
        SimulatedConnection.running = before
