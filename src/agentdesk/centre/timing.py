"""Doing what the clocks of documents say is due, as operations of the centre's own.

A row of the timetable is claimed first, in a transaction of its own: so one worker looks at it, and what takes a worker
down with it is tried later and later. Then the document is read anew and asked what is due (`domain.timers`). The
operation goes through `needs`, `decide` and `judge` like any other, under the document's lock; its rule asks once more
whether the timer still stands. Its id derives from document, rung and instant: once, whoever does it, and the same one
after the centre was restored.

After a restore the clocks rest for a while, as what the sites have will come again: a promise may have been kept that
this database doesn't know of.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from agentdesk.centre.authors import finish, take_place
from agentdesk.centre.jobs import Tools
from agentdesk.centre.judging import Entry, Judging
from agentdesk.centre.storage.contract import Database, Snapshot, StorageError, Transaction
from agentdesk.centre.storage.rows import Site, TimerRow
from agentdesk.centre.timetable import Versions
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.operation import Draft, Operation, Place, seal
from agentdesk.domain.times.instant import Instant
from agentdesk.domain.times.timers import CENTRE, Timer, draft_of, next_timer, operation_id
from agentdesk.domain.verdict import SETTLED

log = logging.getLogger("agentdesk.centre")

PAGE = 50
"""Timers that one transaction does."""

FIRST_RETRY_MS = 30_000
"""How long a worker has for what it claimed before another one tries."""
LONGEST_RETRY_MS = 3_600_000

REST_MS = 600_000
"""How long the clocks rest in a new history while not every site has greeted in it."""


@dataclass(frozen=True, slots=True)
class Due:
    """A document whose timer is due, with the row that it was claimed by, and what is done."""

    row: TimerRow
    document: Document
    timer: Timer
    draft: Draft
    id: str


class Plan(NamedTuple):
    """What became of claimed rows when their documents were read: due, or to be looked at later (None: never)."""

    due: list[Due]
    moved: list[tuple[TimerRow, TimerRow | None]]


Prepare = Callable[[Document, Timer, int], Draft | int]
"""Does before a timer's operation what no transaction can do, at a try; an instant instead: it is not done before."""


class _Over(Exception):
    """Timers that no longer stood when their documents were locked."""

    def __init__(self, ids: Collection[str]) -> None:
        super().__init__()
        self.ids = frozenset(ids)


class Timers:
    """The timers of a database; `prepare` has for some types of document what comes before their operation."""

    def __init__(self, database: Database, tools: Tools) -> None:
        self._database = database
        self._tools = tools
        self.prepare: dict[str, Prepare] = {}

    def run_due(self) -> int:
        """Do all that is due, and what that makes due in turn; returns how many operations. Raises StorageError."""
        done = 0
        while found := self._database.read(self._found).result():
            claimed = self._database.write(partial(self._claim, found)).result()
            plan = self._database.read(partial(self._plan, claimed)).result()
            if plan.moved:
                self._database.write(partial(_move, plan.moved)).result()
            done += self._do(plan.due)
        return done

    def _found(self, snapshot: Snapshot) -> list[TimerRow]:
        now = self._tools.means.now()
        rows = snapshot.timers(now, PAGE)
        return [] if rows and _rests(snapshot, now) else rows

    def _claim(self, rows: Sequence[TimerRow], tx: Transaction) -> list[TimerRow]:
        """Mark rows as begun, so that nobody else takes them now; returns them as they then stand."""
        now = self._tools.means.now()
        claimed = []
        for row in sorted(rows):
            wait = min(LONGEST_RETRY_MS, FIRST_RETRY_MS << min(row.tries, 16))
            after = row._replace(due=now + wait, tries=row.tries + 1)
            if tx.move_timer(row, after):
                claimed.append(after)
        return claimed

    def _plan(self, rows: Sequence[TimerRow], snapshot: Snapshot) -> Plan:
        """Ask the documents of claimed rows what is due now."""
        now = self._tools.means.now()
        versions = Versions(snapshot, self._tools.policies)
        ids: dict[str, list[str]] = {}
        for row in rows:
            ids.setdefault(row.scope, []).append(row.id)
        documents = {d.key: d for scope in ids for d in snapshot.documents(scope, ids[scope])}
        plan = Plan([], [])
        for row in rows:
            document = documents.get(Key(row.scope, row.id))
            timer = next_timer(document, versions.of(document)) if document is not None else None
            if document is None or timer is None:
                plan.moved.append((row, None))
            elif timer.at > now:
                plan.moved.append((row, row._replace(due=timer.at, tries=0)))
            else:
                id_ = operation_id(document, timer)
                plan.due.append(Due(row, document, timer, draft_of(document, timer), id_))
        return plan

    def _do(self, due: Sequence[Due]) -> int:
        """Do timers together; where one fails, each by itself."""
        ready = [one for one in map(self._prepared, due) if one is not None]
        if not ready:
            return 0
        try:
            return self._database.write(partial(self._author, ready)).result()
        except StorageError:
            raise
        except Exception as error:
            if len(ready) > 1:
                return sum(self._do_one(one) for one in ready)
            self._say(ready[0], error)
            return 0

    def _do_one(self, one: Due) -> int:
        try:
            return self._database.write(partial(self._author, [one])).result()
        except StorageError:
            raise
        except Exception as error:
            self._say(one, error)
            return 0

    def _prepared(self, one: Due) -> Due | None:
        prepare = self.prepare.get(one.document.type)
        if prepare is None:
            return one
        draft = prepare(one.document, one.timer, one.row.tries)
        if isinstance(draft, int):
            self._database.write(partial(_move, [(one.row, one.row._replace(due=draft, tries=0))])).result()
            return None
        return replace(one, draft=draft)

    def _say(self, one: Due, error: Exception) -> None:
        facts = {"kind": one.timer.kind, "document": one.document.id, "tries": one.row.tries}
        log.error("timer failed", extra={**facts, "error": type(error).__name__})

    def _author(self, due: Sequence[Due], tx: Transaction) -> int:
        """Write the operations of timers that still stand; returns how many there were."""
        left = list(due)
        while left:
            try:
                return tx.attempt(partial(self._write, left, tx))
            except _Over as over:
                left = [one for one in left if one.id not in over.ids]
        return 0

    def _write(self, due: Sequence[Due], tx: Transaction) -> int:
        head = take_place(tx)
        known = {receipt.id for receipt in tx.receipts(CENTRE, [one.id for one in due])}
        if known:
            log.warning("timers done already", extra={"ids": sorted(known)})
            raise _Over(known)
        entries, operations, place = [], [], head
        for one in due:
            where = Place(CENTRE, head.lineage, place.seq + 1, place.hash, {}, 0)
            operation = seal(one.draft, where, self._tools.means.clock, one.id, self._tools.means.random(16).hex())
            place = replace(place, seq=operation.seq, hash=operation.hash)
            operations.append(operation)
            entries.append(_entry(operation))
        ruled = Judging(tx, _itself(one.document.scope for one in due), self._tools.policies).rule(entries)
        over = [o.id for o, result in zip(operations, ruled, strict=True) if result.verdict not in SETTLED]
        if over:
            raise _Over(over)
        for operation, result in zip(operations, ruled, strict=True):
            head = finish(tx, operation, head, result.scope, result.change, result.verdict.value, result.reasons)
        return len(operations)


def _move(moves: Sequence[tuple[TimerRow, TimerRow | None]], tx: Transaction) -> None:
    """Put rows where their documents say, unless somebody changed these meanwhile."""
    for row, to in sorted(moves, key=lambda move: move[0]):
        tx.move_timer(row, to)


def _rests(snapshot: Snapshot, now: int) -> bool:
    """Tell whether the clocks rest, as the history is new and sites still bring what the database lost."""
    current = snapshot.meta("epoch")
    return any(e.epoch == current and e.settled_at is None and now < e.began_at + REST_MS for e in snapshot.epochs())


def _entry(o: Operation) -> Entry:
    return Entry(o.seq, o.hash, o.digest, o.head, o.salt, o.body or "", o.id, o.kind, o, Instant(o.wall, "wall", False))


def _itself(scopes: Iterable[str]) -> Site:
    """Return the centre as a site whose operations are judged: it reaches every scope, and holds no lease."""
    return Site(CENTRE, 0, CENTRE, "", "", tuple(sorted(set(scopes))), False, 0)
