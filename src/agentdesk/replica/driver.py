"""The one SQLite library that a site's files are opened with: SQLCipher's, which has its own in its wheel.

Two libraries in one process would drop each other's locks on a file, so files that aren't encrypted go through it as
well. The centre's database is another file, and stays with the standard library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3 as sqlite  # the same names, without what it hasn't (`getlimit`, `serialize`)
else:
    from sqlcipher3 import dbapi2 as sqlite

__all__ = ["NOT_OURS", "cipher_version", "most_attached", "quiet", "sqlite"]

NOT_OURS = 26
"""SQLite's code for a file that another key opens, that is open where a key was given, or that is no database."""

_silent = False


def quiet() -> None:
    """Keep the library from writing to the terminal what it can't decrypt; once for a process is enough."""
    global _silent  # noqa: PLW0603
    if not _silent:
        connection = sqlite.connect(":memory:")
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.close()
        _silent = True


def cipher_version() -> str:
    """Return which SQLCipher and which SQLite in it run here, such as "4.19.0 community, SQLite 3.53.4"."""
    connection = sqlite.connect(":memory:")
    try:
        row = connection.execute("PRAGMA cipher_version").fetchone()
    finally:
        connection.close()
    return f"{row[0] if row else 'none'}, SQLite {sqlite.sqlite_version}"


def most_attached(connection: sqlite.Connection) -> int:
    """Return how many files a connection can have attached: what the library was built with."""
    options = (row[0] for row in connection.execute("PRAGMA compile_options"))
    return next((int(name.partition("=")[2]) for name in options if name.startswith("MAX_ATTACHED=")), 10)
