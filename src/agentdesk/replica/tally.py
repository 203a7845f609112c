"""How many documents of a scope a replica has, and the sum of their revisions: whether it has them all.

Within a scope every revision belongs to one change of one document, so that two different states hardly ever agree in
both. The centre counts the same; a replica that differs is fetched again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from agentdesk.replica.tables import encode

if TYPE_CHECKING:
    from agentdesk.replica.driver import sqlite


class Tally(NamedTuple):
    """Documents at home in a scope, and the sum of their revisions."""

    documents: int
    total: int


_MEASURE = "SELECT count(*), coalesce(sum(rev), 0) FROM document WHERE scope = ?"


def tally(connection: sqlite.Connection, scope: str) -> Tally:
    """Return a scope's tally; a file in which it isn't kept yet is gone through."""
    row = connection.execute("SELECT documents, total FROM tally WHERE scope = ?", (scope,)).fetchone()
    return Tally(*(row or connection.execute(_MEASURE, (scope,)).fetchone()))


def measured(connection: sqlite.Connection, scope: str, ids: Collection[str]) -> Tally:
    """Return the tally of some of a scope's documents, those of them that are here."""
    sql = f"{_MEASURE} AND id IN (SELECT value FROM json_each(?))"
    return Tally(*connection.execute(sql, (scope, encode(list(ids)))).fetchone())


def set_tally(connection: sqlite.Connection, scope: str, new: Tally) -> None:
    """Keep a scope's tally; runs in the transaction that changed it."""
    connection.execute(
        "INSERT INTO tally (scope, documents, total) VALUES (?, ?, ?) "
        "ON CONFLICT (scope) DO UPDATE SET documents = excluded.documents, total = excluded.total",
        (scope, *new),
    )
