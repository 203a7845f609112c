"""Cutting logs: what is older than one horizon goes, as a prefix, where a snapshot stands in for it.

A log's rows bear no time. Whoever tidies notes where each log stands on that day; what stood there a horizon ago is
old enough now. A scope without a snapshot keeps its whole log, as a site could not begin in any other way.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial

from agentdesk.centre.snapshots import newest, shelf_of, standing
from agentdesk.centre.storage.contract import Database, Snapshot, Transaction
from agentdesk.domain.times.zone import DAY_MS

HORIZON_MS = 35 * DAY_MS
"""How long a site may be away and still go on with the log; at least as long as backups are kept."""
NOTE_MS = 20 * 3_600_000
"""How far apart two notes of where a log stands are: one a day, also when a timer comes early."""
ROWS = 5_000
"""Rows cut in one transaction: others get their turn in between."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A scope's log: cut from `before` up to `floor`, the lowest number from which a site can still go on."""

    scope: str
    before: int
    floor: int


def cut_logs(database: Database, now: int, *, horizon_ms: int = HORIZON_MS) -> list[Cut]:
    """Note where the logs stand at `now` (ms UTC), and cut what is beyond the horizon; run it every day.

    Never cuts beyond a scope's newest snapshot. Raises StorageError.
    """
    cuts = []
    shelf = shelf_of(database)
    for head in database.read(lambda snapshot: snapshot.heads()).result():
        stood = database.write(partial(_note, scope=head.scope, now=now, horizon_ms=horizon_ms)).result()
        last = database.read(lambda snapshot: newest(standing(snapshot, shelf))).result().get(head.scope)
        floor = min(stood, last.seq if last is not None else 0)
        if floor <= head.floor:
            continue
        for below in (*range(max(1, head.floor) + ROWS, floor, ROWS), floor):
            database.write(partial(_cut, scope=head.scope, floor=below)).result()
        cuts.append(Cut(head.scope, head.floor, floor))
    return cuts


def _note(tx: Transaction, scope: str, now: int, horizon_ms: int) -> int:
    """Note where a log stands; return where it stood a horizon ago, 0 when nobody noted it then."""
    notes = _notes(tx, scope)
    old = [seq for at, seq in notes if at <= now - horizon_ms]
    # of the old ones only the last still counts
    kept = [note for note in notes if note[0] > now - horizon_ms or note[1] == max(old)]
    if not notes or now - notes[-1][0] >= NOTE_MS:
        kept.append((now, tx.lock_scopes([scope])[scope].seq))
    if kept != notes:
        tx.set_meta(_name(scope), json.dumps(kept))
    return max(old, default=0)


def _notes(snapshot: Snapshot, scope: str) -> list[tuple[int, int]]:
    return [(at, seq) for at, seq in json.loads(snapshot.meta(_name(scope)) or "[]")]


def _name(scope: str) -> str:
    return f"log:{scope}"


def _cut(tx: Transaction, scope: str, floor: int) -> None:
    if floor > tx.lock_scopes([scope])[scope].floor:  # else somebody else was faster
        tx.cut_log(scope, floor)
