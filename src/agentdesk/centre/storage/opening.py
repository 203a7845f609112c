"""The one place that opens a centre's database."""

from __future__ import annotations

from pathlib import Path

from agentdesk.centre.storage.contract import Database, StorageError


def open_database(url: str) -> Database:
    """Open the database of a URL: `sqlite:///relative.db`, `sqlite:////absolute.db`; raises StorageError."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme != "sqlite" or not rest.startswith("/") or len(rest) < 2:
        raise StorageError(f"{url!r} is not the URL of a database: give one such as sqlite:///centre.db")
    from agentdesk.centre.storage.sqlite import SqliteDatabase

    return SqliteDatabase(Path(rest[1:]))
