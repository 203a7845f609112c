"""What the centre keeps, for how long, and how it is kept safe: backups, pruning, growth.

Receipts answer resends and go when their site has the verdicts and nothing can be lost any more; the archive keeps
operations for as long as the policy says, and their ids, digests and heads for ever; the ledger keeps everything. A
log is cut only as a prefix (`centre.cutting`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from agentdesk.centre.histories import DURABILITY, current_epoch
from agentdesk.centre.push import PRUNE_EVERY, durable_of, prunable
from agentdesk.centre.storage.contract import Database, Snapshot, Transaction
from agentdesk.centre.storage.rows import LineageHead
from agentdesk.domain.times.zone import DAY_MS

ARCHIVE_MS = 3 * 365 * DAY_MS
"""Sample policy: how long the content of operations is kept; afterwards only what the chain needs."""

PART = 5_000
"""Operations that are looked at in one transaction: others get their turn in between."""

LAST_BACKUP = "last_backup"
"""The fact that says when the last backup was finished, ms UTC."""


ERASED = "erased_before"
"""The fact that says of which operations contents may be erased: those that came before, ms UTC."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """How much was removed: receipts, and the contents of archived operations."""

    receipts: int
    contents: int


@dataclass(frozen=True, slots=True)
class Growth:
    """What the database holds, in rows, and how safe it is; times are ms UTC.

    `prunable` are receipts that nobody asks for any more, `unsaved` operations that no backup has yet, `awaited` the
    sites that a restored centre still waits for.
    """

    rows: dict[str, int]
    prunable: int
    durability: str
    last_backup: int | None
    unsaved: int
    epoch_number: int
    awaited: tuple[str, ...]
    held: int


def note_backup(database: Database, ends: list[tuple[str, str, int]], at: int) -> None:
    """Note that a backup holds each lineage (site, lineage, number) up to there: so far nothing can be lost.

    From then on an operation counts as durable when a backup has it, and not before.
    """

    def note(tx: Transaction) -> None:
        for site, lineage, seq in sorted(ends):
            if site != "centre":
                tx.lock_site(site)
            head = tx.lock_lineage(site, lineage)
            if head is not None and head.durable < seq <= head.seq:
                tx.move_lineage(replace(head, durable=seq))
        tx.set_meta(DURABILITY, "backup")
        tx.set_meta(LAST_BACKUP, str(at))

    database.write(note).result()


def set_durability(database: Database, mode: str) -> None:
    """Say when an operation is durable: `committed` (a replica follows at once, or nobody minds), or `backup`."""
    if mode not in ("committed", "backup"):
        raise ValueError(f"{mode!r} is no durability: say committed or backup")
    database.write(lambda tx: tx.set_meta(DURABILITY, mode)).result()


def backup(database: Database, target: Path, now: Callable[[], int]) -> int:
    """Copy the database into a new file while it is at work, and note what it holds; returns its bytes.

    Raises StorageError, also for a database that has tools of its own for that.
    """
    ends = database.backup(target)
    note_backup(database, ends, now())
    return target.stat().st_size


def tidy(database: Database, now: int, keep_ms: int = ARCHIVE_MS) -> Tidied:
    """Remove what nobody will ask for again, in small transactions."""
    done = Tidied(0, 0)
    database.write(partial(_note_erasing, now - keep_ms)).result()
    for head in database.read(_all_lineages).result():
        for first in range(1, head.seq + 1, PART):
            last = min(head.seq, first + PART - 1)
            found = database.write(partial(_tidy_part, head.site, head.lineage, first, last, now - keep_ms)).result()
            done = Tidied(done.receipts + found.receipts, done.contents + found.contents)
    return done


def _note_erasing(before: int, tx: Transaction) -> None:
    tx.lock_names("meta", [ERASED])
    tx.set_meta(ERASED, str(max(before, int(tx.meta(ERASED) or 0))))


def _tidy_part(site: str, lineage: str, first: int, last: int, before: int, tx: Transaction) -> Tidied:
    head = tx.lock_lineage(site, lineage)
    if head is None:
        return Tidied(0, 0)
    contents = tx.erase_contents(site, lineage, first, last, before)
    # the centre's own lineage is acknowledged by nobody: no site sends it again
    limit = min(durable_of(tx, head) if site == "centre" else prunable(tx, head), last + 1)
    return Tidied(tx.prune_receipts(site, lineage, limit), contents)


def _all_lineages(snapshot: Snapshot) -> list[LineageHead]:
    names = ["centre", *(site.id for site in snapshot.sites())]
    return [head for name in names for head in snapshot.lineages(name)]


def growth(snapshot: Snapshot) -> Growth:
    """Return what the database holds and how safe it is."""
    heads = _all_lineages(snapshot)
    mode = snapshot.meta(DURABILITY) or "committed"
    last = snapshot.meta(LAST_BACKUP)
    epoch = current_epoch(snapshot)
    waiting = epoch is not None and epoch.settled_at is None
    awaited = [s.id for s in snapshot.sites() if waiting and not s.revoked and epoch and s.presented != epoch.epoch]
    rows = snapshot.sizes()
    return Growth(
        rows=rows,
        prunable=sum(prunable(snapshot, h) % PRUNE_EVERY for h in heads if h.site != "centre"),
        durability=mode,
        last_backup=int(last) if last else None,
        unsaved=sum(h.seq - h.durable for h in heads) if last else sum(h.seq for h in heads),
        epoch_number=epoch.number if epoch else 0,
        awaited=tuple(awaited),
        held=rows["held"],
    )
