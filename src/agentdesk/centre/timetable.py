"""The timetable: for each document whose clock runs, when it is to be looked at next.

A row says no more than that. What is to be done then is asked of the document itself (`domain.timers`), so that a row
that is too early, or twice, does no harm. Whoever changes a document keeps its row, in the same transaction, after the
scopes: rows are locked last of all, in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentdesk.centre.storage.contract import Snapshot, Transaction
from agentdesk.centre.storage.rows import Job, TimerRow
from agentdesk.domain.documents import Document
from agentdesk.domain.times.timers import CENTRE, next_timer, timed_types

if TYPE_CHECKING:
    from agentdesk.centre.policies import Policies
    from agentdesk.domain.policy import Catalogue

WALK = "timers"
"""The job that looks at the clocks of all documents once: for a newer program, or a newer policy."""

WALKED = 500
"""Documents that one transaction of the walk puts down."""


class Versions:
    """The catalogues that documents go by: each its own version if it names one, else the newest."""

    def __init__(self, snapshot: Snapshot, policies: Policies) -> None:
        self._snapshot = snapshot
        self._policies = policies
        self._known: dict[str, Catalogue] = {}

    def of(self, document: Document) -> Catalogue:
        """Return the catalogue that a document's clock goes by."""
        version = document.data.get("catalogue") or ""
        found = self._known.get(version)
        if found is None:
            found = self._known[version] = self._policies.get(self._snapshot, version)[0]
        return found


def keep(tx: Transaction, policies: Policies, changed: Iterable[tuple[Document | None, Document]]) -> None:
    """Put down when documents are to be looked at next, each with what it was before; the scopes are locked already."""
    timed = timed_types()
    versions = Versions(tx, policies)
    rows: list[TimerRow] = []
    over: list[TimerRow] = []
    for before, after in changed:
        if after.type not in timed:
            continue
        catalogue = versions.of(after)
        timer = next_timer(after, catalogue)
        if timer == (next_timer(before, catalogue) if before is not None else None):
            continue
        (rows if timer else over).append(TimerRow(after.scope, after.id, timer.at if timer else 0))
    if rows or over:
        tx.put_timers(sorted(rows), sorted(over))


def look_soon(tx: Transaction, documents: Iterable[Document]) -> None:
    """Have documents looked at soon that were written without their rules being asked."""
    timed = timed_types()
    rows = sorted(TimerRow(d.scope, d.id, 0) for d in documents if d.type in timed)
    if rows:
        tx.put_timers(rows, ())


def walk(key: str, now: int) -> Job:
    """Return the work of looking at all clocks once; `key` names what it is for."""
    return Job(CENTRE, WALK, key, now, "")


def walk_on(tx: Transaction, job: Job, now: int) -> Iterable[Job]:
    """Have some more documents looked at; returns the rest of the walk."""
    scope, _, after = job.data.partition("\n")
    due, _, id_ = after.partition("\n")
    keys = tx.open_keys(sorted(timed_types()), (scope, int(due or 0), id_), WALKED)
    tx.put_timers(sorted(TimerRow(scope, id_, 0) for scope, _, id_ in keys), ())
    if len(keys) < WALKED:
        return ()
    scope, at, id_ = keys[-1]
    return (Job(job.site, job.kind, job.key, now, f"{scope}\n{at}\n{id_}"),)
