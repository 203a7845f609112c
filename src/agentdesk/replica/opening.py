"""The one place that opens a site's database files: durability, waiting and encryption are decided here.

A file with a key is encrypted whole, with its log, each page under a check of its own; the key is 32 random bytes and
no password, so that opening costs nothing. All files of a site have the same key, or none.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agentdesk.replica.driver import NOT_OURS, quiet, sqlite

BUSY_MS = 10_000
"""How long a writer waits for another process on the same files, ms."""

KEY_BYTES = 32

SCRATCH = (
    "journal_mode=OFF",
    "synchronous=OFF",
    "locking_mode=EXCLUSIVE",
    "cache_size=-65536",
)

TORN_TRIES = 5
"""How often a first page is read that another process may just be writing."""

_kind: type[sqlite.Connection] = sqlite.Connection


class WrongKey(Exception):
    """A file is encrypted with another key than the one that was given, or one is encrypted and the other not."""


def connect(database: str | Path, key: bytes | None = None, **options: Any) -> sqlite.Connection:
    """Open a database file through the kind of connection that is in use."""
    quiet()
    connection = sqlite.connect(database, factory=_kind, **options)
    if key is not None:
        try:
            # as it can't be bound; hexadecimal digits of our own are all that is in it
            connection.execute(f'PRAGMA key = "{_raw(key)}"')
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def opened_by(kind: type[sqlite.Connection]) -> Iterator[None]:
    """Open all files of this process through another kind of connection for a while: one that breaks when told to."""
    global _kind  # noqa: PLW0603
    before, _kind = _kind, kind
    try:
        yield
    finally:
        _kind = before


def open_precious(path: Path, key: bytes | None = None) -> sqlite.Connection:
    """Open a file that must not lose a commit to a power cut: WAL with `synchronous=FULL`."""
    connection = _connect(path, key)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def open_disposable(path: Path, key: bytes | None = None) -> sqlite.Connection:
    """Open a file that can be fetched again: WAL with `synchronous=NORMAL`, never corrupt, at worst older."""
    connection = _connect(path, key)
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def open_scratch(path: Path, key: bytes | None = None) -> sqlite.Connection:
    """Open a file that nobody else reads while it is made, and that is thrown away when that doesn't end well."""
    _make(path)
    uri = f"file:{quote(str(path))}"
    connection = connect(uri, key, uri=True, isolation_level=None, check_same_thread=False)
    try:
        for setting in SCRATCH:
            connection.execute(f"PRAGMA main.{setting}")
        _keep_from_disk(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def attach(connection: sqlite.Connection, path: Path, schema: str, key: bytes | None = None) -> None:
    """Attach a file for reading only; `schema` is a name of our own, never text from outside."""
    uri = f"file:{quote(str(path))}?mode=ro"
    if key is None:
        connection.execute(f"ATTACH DATABASE ? AS {schema}", (uri,))
    else:
        connection.execute(f"ATTACH DATABASE ? AS {schema} KEY ?", (uri, _raw(key)))


def check_key(path: Path, key: bytes | None) -> None:
    """Raise WrongKey unless a file opens with a key; one that isn't there, or is empty, does with any.

    Nothing is written: neither what a dead process left in its log is taken in, nor is a file made beside it.
    """
    if key is not None:
        _raw(key)
    try:
        if not path.stat().st_size:
            return
    except OSError:
        return
    for _ in range(TORN_TRIES):
        connection = connect(f"file:{quote(str(path))}?mode=ro&immutable=1", key, uri=True)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return
        except sqlite.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != NOT_OURS:
                return  # whatever it is: who opens it hears of it
        finally:
            connection.close()
        time.sleep(0.002)
    raise WrongKey(path.name)


def _connect(path: Path, key: bytes | None) -> sqlite.Connection:
    _make(path)
    connection = connect(
        f"file:{quote(str(path))}",
        key,
        uri=True,
        isolation_level=None,
        timeout=BUSY_MS / 1000,
        cached_statements=256,
    )
    try:
        _use_wal(connection)
        connection.execute("PRAGMA foreign_keys=ON")
        _keep_from_disk(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _raw(key: bytes) -> str:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a data key has {KEY_BYTES} bytes")
    return f"x'{key.hex()}'"


def _make(path: Path) -> None:
    """Make a new file its owner's alone, whatever the umask; SQLite gives the files beside it the same mode."""
    if not path.exists():
        # closed before anybody has it open here: later, closing would let go of this process's locks on it
        with suppress(OSError):  # what is wrong SQLite says, too
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _keep_from_disk(connection: sqlite.Connection) -> None:
    """What a sort or a large change puts aside isn't encrypted: it stays in memory."""
    connection.execute("PRAGMA temp_store=MEMORY")


def _use_wal(connection: sqlite.Connection) -> None:
    """Turn a new file to WAL; where several do so at once SQLite doesn't wait, but says that it is locked."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.005)
            continue
        if mode != "wal":
            raise sqlite.OperationalError("a file here can't be kept in WAL mode: use a local disk")
        return
