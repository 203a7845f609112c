"""The one place that opens database files: durability, waiting and, later, encryption at rest are decided here.

A file is opened by one SQLite library only; two libraries in one process would drop each other's locks.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

BUSY_MS = 10_000
"""How long a writer waits for another process on the same files, ms."""


SCRATCH = (
    # larger pages are a tenth less file and half the calls of the system, and look-ups are as fast
    "page_size=8192",
    "journal_mode=OFF",
    "synchronous=OFF",
    "locking_mode=EXCLUSIVE",
    "cache_size=-65536",
    "mmap_size=68719476736",
)


_kind: type[sqlite3.Connection] = sqlite3.Connection


def connect(database: str | Path, **options: Any) -> sqlite3.Connection:
    """Open a database file through the kind of connection that is in use."""
    return sqlite3.connect(database, factory=_kind, **options)


@contextmanager
def opened_by(kind: type[sqlite3.Connection]) -> Iterator[None]:
    """Open all files of this process through another kind of connection for a while: one that breaks when told to."""
    global _kind  # noqa: PLW0603
    before, _kind = _kind, kind
    try:
        yield
    finally:
        _kind = before


def open_precious(path: Path) -> sqlite3.Connection:
    """Open a file that must not lose a commit to a power cut: WAL with `synchronous=FULL`."""
    connection = _connect(path)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def open_disposable(path: Path) -> sqlite3.Connection:
    """Open a file that can be fetched again: WAL with `synchronous=NORMAL`, never corrupt, at worst older."""
    connection = _connect(path)
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def open_scratch(path: Path) -> sqlite3.Connection:
    """Open a file that nobody else reads while it is made, and that is thrown away when that doesn't end well."""
    connection = connect(f"file:{quote(str(path))}", uri=True, isolation_level=None, check_same_thread=False)
    try:
        for setting in SCRATCH:
            connection.execute(f"PRAGMA main.{setting}")
    except BaseException:
        connection.close()
        raise
    return connection


def attach(connection: sqlite3.Connection, path: Path, schema: str) -> None:
    """Attach a file for reading only; `schema` is a name of our own, never text from outside."""
    uri = f"file:{quote(str(path))}?mode=ro"
    connection.execute(f"ATTACH DATABASE ? AS {schema}", (uri,))


def _connect(path: Path) -> sqlite3.Connection:
    connection = connect(
        f"file:{quote(str(path))}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_MS / 1000,
        cached_statements=256,
    )
    try:
        _use_wal(connection)
        connection.execute("PRAGMA foreign_keys=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turn a new file to WAL; where several do so at once SQLite doesn't wait, but says that it is locked."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.005)
            continue
        if mode != "wal":
            raise sqlite3.OperationalError("a file here can't be kept in WAL mode: use a local disk")
        return
