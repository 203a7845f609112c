"""Letting go of operations that are at the centre for good, so that an outbox doesn't grow for ever.

What goes can't be lost with the centre's database any more, was seen back, waits for nobody, and was answered longer
ago than the policy keeps it at hand for `explain`. The answer counts, and not when it was made: what was made offline
may be in none but the last backup, and any that is younger than the policy keeps things may be put back.
"""

from __future__ import annotations

from agentdesk.domain.times.zone import DAY_MS
from agentdesk.replica.driver import sqlite
from agentdesk.store.files import Files

KEEP_MS = 35 * DAY_MS
"""Sample policy: how long a settled operation stays at hand."""

KEEP_LAST = 1_000
"""The last operations of a lineage stay, however old: they are what the centre is greeted with."""

EVERY_MS = DAY_MS
PART = 500
"""Operations in one transaction: an agent's own commit must not wait for more."""

_SETTLED = (
    "SELECT o.id FROM operation o JOIN chain c ON c.lineage = o.lineage JOIN verdict v ON v.operation = o.id "
    "WHERE v.at < ? AND o.seq <= min(c.durable, c.answered, c.seq - ?) "
    "AND v.verdict IN ('applied', 'merged', 'flagged', 'refused') "
    "AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.scope = o.scope AND p.id = o.document AND p.operation = o.id) "
    "AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.operation = o.id AND i.done_at IS NULL) LIMIT ?"
)


def tidy(files: Files, now: int, keep_ms: int = KEEP_MS, keep_last: int = KEEP_LAST) -> int:
    """Let settled operations go that were answered before `now` (ms UTC) less `keep_ms`; returns how many."""
    gone = 0
    while True:
        with files.writing() as outbox:
            ids = [row[0] for row in outbox.execute(_SETTLED, (now - keep_ms, keep_last, PART))]
            _forget(outbox, ids)
        gone += len(ids)
        if len(ids) < PART:
            return gone


def is_due(files: Files, now: int) -> bool:
    """Tell whether a day has passed since the last time, and note that it is done now if so."""
    row = files.outbox.execute("SELECT value FROM meta WHERE key = 'tidied_at'").fetchone()
    if row is not None and 0 <= now - int(row[0]) < EVERY_MS:
        return False
    with files.writing() as outbox:
        outbox.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('tidied_at', ?)", (str(now),))
    return True


def _forget(outbox: sqlite.Connection, ids: list[str]) -> None:
    marks = [(one,) for one in ids]
    # what was drawn on an allowance stands in `spending`; the single charges are needed as long as they may change
    for table in ("verdict", "later", "seen", "sending", "charge", "inbox", "moved"):
        outbox.executemany(f"DELETE FROM {table} WHERE operation = ?", marks)
    outbox.executemany("DELETE FROM operation WHERE id = ?", marks)
