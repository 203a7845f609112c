"""Giving seals to rows that have none: those of a database from before seals were kept, or signed with a lost key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from agentdesk.centre.authors import EVERY, SEALED_ALL
from agentdesk.centre.storage.contract import Database, Transaction
from agentdesk.centre.storage.seals import SEALED

PART = 2_000
"""Rows of one transaction: others get their turn in between."""


def seal_all(database: Database, *, anew: bool = False, done: Callable[[int], None] = lambda _rows: None) -> None:
    """Seal all rows of evidence that have no seal, or all of them `anew`: as they stand now, whatever they were.

    Until that is finished rows without a seal are no proof of anything. Raises StorageError.
    """
    for table in SEALED:
        after: Sequence[Any] | None = ()
        while after is not None:
            after = database.write(partial(_part, table=table, after=after, anew=anew)).result()
            done(PART)
    database.write(lambda tx: tx.set_meta(SEALED_ALL, EVERY)).result()


def _part(tx: Transaction, table: str, after: Sequence[Any], anew: bool) -> Sequence[Any] | None:
    return tx.give_seals(table, after, PART, anew)
