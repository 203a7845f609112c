"""The one place that opens a centre's database."""

from __future__ import annotations

from pathlib import Path

from agentdesk.centre.storage.contract import Database, StorageError

KEY = "centre.key"
"""What the file with the centre's secret is called, where its database is on a server."""


def open_database(url: str, key: Path | None = None) -> Database:
    """Open the database of a URL; raises StorageError.

    That is `sqlite:///relative.db`, `sqlite:////absolute.db`, or `postgresql://user@host/name` as libpq reads it. Where
    the database is on a server the centre's secret lies in the file `key`, which has to be named: it belongs to no
    folder that somebody happens to stand in. A SQLite file has its own beside it.
    """
    if is_postgresql(url):
        try:
            from agentdesk.centre.storage.postgres.database import PostgresDatabase
        except ImportError as error:
            raise StorageError("PostgreSQL wants its driver: pip install 'agentdesk[postgresql]'") from error
        return PostgresDatabase(url, key_path(url, key))
    scheme, separator, rest = url.partition("://")
    if not separator or scheme != "sqlite" or not rest.startswith("/") or len(rest) < 2:
        raise StorageError(
            f"{url!r} is not the URL of a database: give one such as sqlite:///centre.db or postgresql://host/name"
        )
    from agentdesk.centre.storage.sqlite import SqliteDatabase

    return SqliteDatabase(Path(rest[1:]))


def key_path(url: str, key: Path | None = None) -> Path:
    """Return the file of the centre's secret for the database of a URL that `open_database` takes.

    Raises StorageError where none is named for a database on a server.
    """
    if is_postgresql(url):
        if key is None:
            raise StorageError("a database on a server has no place for the centre's key: name its file (--key-file)")
        return key.absolute()
    path = Path(url.partition("://")[2][1:])
    return path.with_name(f"{path.name}.key")


def is_postgresql(url: str) -> bool:
    """Tell whether a URL names a PostgreSQL server."""
    return url.startswith(("postgresql://", "postgres://"))
