"""How a centre's database file is opened: by the standard library's SQLite, through the kind of connection in use."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_kind: type[sqlite3.Connection] = sqlite3.Connection


def connect(database: str | Path, **options: Any) -> sqlite3.Connection:
    """Open a database file through the kind of connection that is in use."""
    return sqlite3.connect(database, factory=_kind, **options)


@contextmanager
def opened_by(kind: type[sqlite3.Connection]) -> Iterator[None]:
    """Open the centre's files in this process through another kind of connection for a while."""
    global _kind  # noqa: PLW0603
    before, _kind = _kind, kind
    try:
        yield
    finally:
        _kind = before
