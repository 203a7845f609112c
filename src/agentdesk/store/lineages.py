"""The lineages of a site, and how it comes to terms with the centre about them.

A site's chain forks when its files are put back to an earlier state, or copied; the centre's when its database is.
Nothing is lost by either: what the centre lacks is sent again, and what would collide there moves into a new lineage
with the ids that it had.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from agentdesk.domain.documents import Key
from agentdesk.domain.operation import GENESIS, MalformedOperation, head_hash, resealed
from agentdesk.replica.driver import sqlite
from agentdesk.store.charges import charge_again

NUMBERS_APART = 100_000
"""How far the counter of ticket numbers jumps with a new lineage: a copy may go on counting with the old number."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """One lineage as this site has it: made up to `seq`, verdicts kept up to `answered`.

    `marks` are earlier numbers with their head hashes, denser towards the end; `proof` is the centre's word that it
    took everything up to `answered`.
    """

    lineage: str
    seq: int
    answered: int
    answered_hash: str
    proof: str
    marks: tuple[tuple[int, str], ...]
    current: bool


@dataclass(frozen=True, slots=True)
class LineageStanding:
    """One lineage as the centre has it; `common` is the last operation that it knows both to have.

    Verdicts beyond `shared` are of a history that the centre lost, also where the operations came in again.
    """

    lineage: str
    last_seq: int
    last_hash: str
    common: int
    durable: int
    shared: int = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Agreed:
    """What coming to terms took: operations to send again, and operations moved into a new lineage."""

    again: int = 0
    moved: int = 0
    lineage: str | None = None


def own_lineages(connection: sqlite.Connection) -> tuple[Lineage, ...]:
    """Return the lineages of this site, the current one last."""
    rows = connection.execute(
        "SELECT lineage, seq, answered, answered_hash, proof, current FROM chain ORDER BY current, lineage"
    ).fetchall()
    return tuple(
        Lineage(name, seq, answered, hash_, proof, _marks(connection, name, answered), bool(current))
        for name, seq, answered, hash_, proof, current in rows
    )


def _marks(connection: sqlite.Connection, lineage: str, answered: int) -> tuple[tuple[int, str], ...]:
    """Return marks 1, 2, 4, 8 … operations before the last answered one."""
    numbers = []
    back = 1
    while answered - back > 0:
        numbers.append(answered - back)
        back *= 2
    return tuple((seq, hash_at(connection, lineage, seq)) for seq in numbers)


def _first(connection: sqlite.Connection, mine: Lineage) -> int:
    """Return the first operation of a lineage that is still here; the one after the last answered, if none is."""
    row = connection.execute("SELECT min(seq) FROM operation WHERE lineage = ?", (mine.lineage,)).fetchone()
    return mine.answered + 1 if row[0] is None else int(row[0])


def hash_at(connection: sqlite.Connection, lineage: str, seq: int) -> str:
    """Return the head hash of an operation, GENESIS before the first; empty for one that can't be told any more."""
    if seq == 0:
        return GENESIS
    rows = dict(
        connection.execute(
            "SELECT seq, head FROM operation WHERE lineage = ?1 AND seq IN (?2, ?2 + 1)", (lineage, seq)
        ).fetchall()
    )
    if seq in rows:
        return head_hash(rows[seq])
    try:
        previous = json.loads(rows[seq + 1])["prev"] if seq + 1 in rows else ""
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""  # garbled on the disk
    return previous if isinstance(previous, str) else ""


def agree(
    connection: sqlite.Connection, standings: Iterable[LineageStanding], new_lineage: str, at: int
) -> tuple[Agreed, set[Key]]:
    """Bring this site's lineages in line with the centre's, in the caller's transaction.

    Returns what that took, and the documents to rebase. `new_lineage` is the name for one that must be begun.
    """
    own = {one.lineage: one for one in own_lineages(connection)}
    again = 0
    keys: set[Key] = set()
    forked: list[Lineage] = []
    for standing in sorted(standings, key=lambda s: own[s.lineage].current if s.lineage in own else False):
        mine = own.get(standing.lineage)
        if mine is None:
            continue
        common = min(standing.common, mine.answered)
        if standing.last_seq <= mine.seq and hash_at(connection, mine.lineage, standing.last_seq) == standing.last_hash:
            common = standing.last_seq
        # what was tidied away was settled long before any backup that somebody would put back
        known = max(min(common, standing.shared), _first(connection, mine) - 1)
        if known < mine.answered:
            again += mine.answered - known
            keys |= rewind(connection, mine.lineage, known)
        connection.execute("UPDATE chain SET durable = ? WHERE lineage = ?", (standing.durable, mine.lineage))
        if standing.last_seq > common and (mine.current or mine.seq > common):
            forked.append(mine)
    if not forked:
        return Agreed(again), keys
    moved = _fork(connection, [one.lineage for one in forked], new_lineage, at)
    return Agreed(again, moved, new_lineage), keys


def rewind(connection: sqlite.Connection, lineage: str, answered: int) -> set[Key]:
    """Forget the verdicts behind a place in a lineage: the centre doesn't have them; return the documents concerned.

    Runs in the caller's transaction. The operations are pending again.
    """
    lost = connection.execute(
        "SELECT o.id, o.scope, o.document FROM operation o JOIN chain c ON c.lineage = o.lineage "
        "WHERE o.lineage = ? AND o.seq > ? AND o.seq <= c.answered",
        (lineage, answered),
    ).fetchall()
    for operation, scope, document in lost:
        charge_again(connection, operation)
        connection.execute("DELETE FROM verdict WHERE operation = ?", (operation,))
        connection.execute("DELETE FROM later WHERE operation = ?", (operation,))
        connection.execute("DELETE FROM inbox WHERE operation = ? AND done_at IS NULL", (operation,))
        connection.execute(
            "INSERT OR IGNORE INTO pending (operation, scope, id) VALUES (?, ?, ?)", (operation, scope, document)
        )
    connection.execute(
        "UPDATE chain SET answered = ?, answered_hash = ?, proof = '' WHERE lineage = ?",
        (answered, hash_at(connection, lineage, answered), lineage),
    )
    return {Key(scope, document) for _, scope, document in lost}


def _fork(connection: sqlite.Connection, lineages: Iterable[str], new_lineage: str, at: int) -> int:
    """Begin a new lineage with all that the centre hasn't answered in others; return how many operations moved."""
    seq, previous = 0, GENESIS
    for lineage in lineages:
        rows = connection.execute(
            "SELECT o.seq, o.id, o.head FROM operation o JOIN chain c ON c.lineage = o.lineage "
            "WHERE o.lineage = ? AND o.seq > c.answered ORDER BY o.seq",
            (lineage,),
        ).fetchall()
        for old_seq, operation, head in rows:
            seq += 1
            try:
                text = resealed(head, new_lineage, seq, previous)
            except MalformedOperation:
                text = head  # garbled on the disk: the centre keeps it as it is
            previous = head_hash(text)
            connection.execute(
                "INSERT INTO moved (operation, lineage, seq, hash, at) VALUES (?, ?, ?, ?, ?)",
                (operation, lineage, old_seq, head_hash(head), at),
            )
            connection.execute(
                "UPDATE operation SET lineage = ?, seq = ?, head = ? WHERE id = ?", (new_lineage, seq, text, operation)
            )
        connection.execute("UPDATE chain SET seq = answered, hash = answered_hash WHERE lineage = ?", (lineage,))
    connection.execute("UPDATE chain SET current = 0")
    connection.execute(
        "INSERT INTO chain (lineage, seq, hash, current, answered_hash) VALUES (?, ?, ?, 1, ?)",
        (new_lineage, seq, previous, GENESIS),
    )
    connection.execute("UPDATE meta SET value = value + ? WHERE key = 'counter'", (NUMBERS_APART,))
    return seq
