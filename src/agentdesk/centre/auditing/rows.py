"""Reading tables of evidence from their beginning to their end, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.seals import SEALED, Seals
from agentdesk.domain.audit.chain import Finding
from agentdesk.domain.comparing import same_secret

PAGE = 1_000

Row = Sequence[Any]


def rows_of(snapshot: Snapshot, table: str, step: Callable[[int], None] | None = None) -> Iterator[Row]:
    """Yield the rows of a table by their keys, each with its seal at its end."""
    key = SEALED[table].key
    after: Row = ()
    while page := snapshot.evidence(table, after, PAGE):
        yield from page
        after = page[-1][:key]
        if step is not None:
            step(len(page))
        if len(page) < PAGE:
            return


def sealed_well(seals: Seals, table: str, row: Row) -> bool:
    """Tell whether a row stands as the centre wrote it; `row` has its seal at its end."""
    return isinstance(row[-1], str) and same_secret(row[-1], seals.seal(table, row[:-1]))


def check_rows(snapshot: Snapshot, seals: Seals, table: str) -> Iterator[Finding]:
    """Tell which rows of a table don't bear the centre's seal."""
    key = SEALED[table].key
    for row in rows_of(snapshot, table):
        if not sealed_well(seals, table, row):
            yield Finding(f"table {table}", named(row[:key]), "seal")


def named(key: Row) -> str:
    """Return a row's key as a finding names it."""
    return "/".join(map(str, key))
