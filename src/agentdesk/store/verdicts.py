"""Later verdicts: what the centre decided about an operation after its first answer.

They come as documents of type `verdict` in the site's own scope, whose id is the operation's, or its place where the
centre can't tell the id. Each is kept, so that an operation's whole life can be told. What is in force stays so: a
document that says otherwise is an old one.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Key
from agentdesk.domain.verdict import SETTLED, Verdict
from agentdesk.replica.driver import sqlite
from agentdesk.replica.tables import encode
from agentdesk.store.charges import settle_charges
from agentdesk.store.files import Files
from agentdesk.store.outbox import NEEDS_A_PERSON

TYPE = "verdict"
CHECK = "verdicts_lost"
"""The fact that says that the site's scope came anew: verdicts that it no longer has are not the centre's any more."""

_PLACED = (
    "o.lineage = json_extract(d.data, '$.lineage') AND o.seq = json_extract(d.data, '$.seq') "
    "AND d.id = o.lineage || ':' || o.seq"
)
"""How the centre names an operation whose id it can't read, or that came under another's id: by its place."""

_SETTLED = ", ".join(f"'{verdict}'" for verdict in sorted(SETTLED))


@dataclass(frozen=True, slots=True)
class Later:
    """One verdict in an operation's life; round 0 is the first answer.

    `what` says how it came about (`released`, `refused`, `retried`, `withdrawn`, `answered`) and `by` whom; `answer`
    is why what the author had asked for wasn't done; `instead` names the operation that takes its place. It was decided
    `at`, and known here from `taken_at`, each by its own side's clock; ms UTC.
    """

    round: int
    at: int
    verdict: Verdict
    reasons: tuple[Reason, ...]
    scope: str | None
    change: int | None
    what: str
    by: str
    words: str
    answer: Reason | None
    instead: str | None
    taken_at: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What an author asked for about an operation: `retried` or `withdrawn`."""

    operation: str
    what: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of an operation beside its entry.

    `verdicts` are all that it had, in order, if there was more than one; `seen` is who saw them when, `moved` from
    which lineages and numbers it was moved on.
    """

    verdicts: tuple[Later, ...]
    wishes: tuple[Wish, ...]
    seen: tuple[tuple[int, str], ...]
    moved: tuple[tuple[int, str, int], ...]
    scope: str | None
    change: int | None
    epoch: str


def take_later(connection: sqlite.Connection, files: Files, site: str, at: int, ids: Collection[str] = ()) -> bool:
    """Take in later verdicts that aren't known yet, in the caller's transaction; of some operations, or of all.

    Returns whether there were any.
    """
    scope = f"site/{site}"
    alias = files.attached.alias(scope)
    if alias is None:
        return False
    some = "AND d.id IN (SELECT value FROM json_each(?2)) " if ids else ""
    rows = [
        row
        for named in ("o.id = d.id", _PLACED)
        for row in connection.execute(
            f"SELECT o.id, d.rev, d.data, c.epoch FROM {alias}.document AS d "
            f"JOIN {alias}.cursor AS c ON c.scope = d.scope JOIN main.operation AS o ON {named} "
            f"WHERE d.scope = ?1 AND d.type = '{TYPE}' {some}AND json_extract(d.data, '$.verdict') IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM main.later AS l WHERE l.operation = o.id "
            "AND l.round = json_extract(d.data, '$.round') AND l.at = json_extract(d.data, '$.at'))",
            (scope, encode(list(ids))) if ids else (scope,),
        ).fetchall()
    ]
    for operation, rev, data, epoch in rows:
        _take(connection, operation, rev, json.loads(data), epoch, at)
    return bool(rows)


def forget_lost(connection: sqlite.Connection, files: Files, site: str, at: int) -> set[Key]:
    """Forget later verdicts that a restored centre no longer knows: what they decided is held again.

    Runs in the caller's transaction, once the site's scope came anew and whole; returns the documents to rebase.
    """
    if connection.execute("DELETE FROM meta WHERE key = ?", (CHECK,)).rowcount <= 0:
        return set()
    scope = f"site/{site}"
    alias = files.attached.alias(scope)
    if alias is None:
        return set()
    lost = connection.execute(
        "SELECT l.operation, o.scope, o.document FROM main.later AS l JOIN main.operation AS o ON o.id = l.operation "
        f"LEFT JOIN {alias}.document AS d "
        "ON d.scope = ? AND d.id IN (l.operation, o.lineage || ':' || o.seq) WHERE l.round > 0 "
        "GROUP BY l.operation HAVING max(l.round) > coalesce(max(json_extract(d.data, '$.round')), 0)",
        (scope,),
    ).fetchall()
    for operation, home, document in lost:
        first = connection.execute(
            "SELECT verdict, reasons, scope, change, at FROM later WHERE operation = ? AND round = 0", (operation,)
        ).fetchone()
        connection.execute("DELETE FROM later WHERE operation = ?", (operation,))
        if first is None:
            continue
        connection.execute(
            "UPDATE verdict SET verdict = ?, reasons = ?, scope = ?, change = ?, at = ? WHERE operation = ?",
            (*first, operation),
        )
        connection.execute(
            "INSERT OR IGNORE INTO pending (operation, scope, id) VALUES (?, ?, ?)", (operation, home, document)
        )
        _remind(connection, operation, at)
    return {Key(home, document) for _, home, document in lost}


def life(connection: sqlite.Connection, operation: str) -> Life:
    """Return what is known of an operation beside its entry."""
    verdicts = connection.execute(
        "SELECT round, at, verdict, reasons, scope, change, what, by, words, answer, instead, taken_at FROM later "
        "WHERE operation = ? ORDER BY round, at",
        (operation,),
    )
    wishes = connection.execute(f"{_WISHES} AND document = ? ORDER BY rowid", (operation,))
    seen = connection.execute("SELECT at, by FROM seen WHERE operation = ? ORDER BY at", (operation,))
    moved = connection.execute("SELECT at, lineage, seq FROM moved WHERE operation = ? ORDER BY at", (operation,))
    row = connection.execute("SELECT scope, change, epoch FROM verdict WHERE operation = ?", (operation,)).fetchone()
    scope, change, epoch = row or (None, None, "")
    return Life(
        tuple(_later(found) for found in verdicts),
        tuple(Wish(id_, kind.rpartition(".")[2], actor, made) for id_, kind, actor, made in wishes),
        tuple((when, by) for when, by in seen),
        tuple((when, lineage, seq) for when, lineage, seq in moved),
        scope,
        change,
        epoch,
    )


_WISHES = "SELECT id, kind, actor, at FROM operation WHERE kind IN ('operation.retried', 'operation.withdrawn')"


def _take(connection: sqlite.Connection, operation: str, rev: int, data: dict[str, Any], epoch: str, at: int) -> None:
    reasons = data.get("reasons") or []
    answer = data.get("answer")
    before = connection.execute(
        "SELECT verdict, reasons, scope, change, at FROM verdict WHERE operation = ?", (operation,)
    ).fetchone()
    if before is not None:
        connection.execute(
            f"INSERT OR IGNORE INTO later ({_LATER}) SELECT ?1, 0, ?2, 0, ?3, ?4, ?5, ?6, 'answered', '', NULL, NULL, "
            "NULL, ?2 WHERE NOT EXISTS (SELECT 1 FROM later WHERE operation = ?1 AND round = 0)",
            (operation, before[4], before[0], before[1], before[2], before[3]),
        )
    connection.execute(
        f"INSERT OR IGNORE INTO later ({_LATER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(operation, data["round"], data["at"], rev, data["verdict"], encode(reasons)),
            *(data.get("scope"), data.get("change"), data.get("what") or "", data.get("by") or "", data.get("words")),
            *(encode(answer) if answer else None, data.get("instead"), at),
        ),
    )
    if before is None:
        return  # it is sent again, and its answer says the same
    verdict = Verdict(data["verdict"])
    moved = connection.execute(
        "UPDATE verdict SET verdict = ?, reasons = ?, scope = ?, change = ?, epoch = ?, at = ? "
        f"WHERE operation = ? AND verdict NOT IN ({_SETTLED})",
        (verdict.value, encode(reasons), data.get("scope"), data.get("change"), epoch, at, operation),
    )
    if moved.rowcount > 0:
        settle_charges(connection, operation, verdict, data.get("change") is not None)
    own = data.get("what") == "withdrawn" and verdict is Verdict.REFUSED
    if answer or (verdict in NEEDS_A_PERSON and not own):
        _remind(connection, operation, at)
    else:
        # nobody has to look at what turned out well, or was withdrawn by its author
        connection.execute(
            "UPDATE inbox SET done_at = ?, done_by = ? WHERE operation = ? AND done_at IS NULL",
            (at, data.get("by"), operation),
        )


_LATER = "operation, round, at, rev, verdict, reasons, scope, change, what, by, words, answer, instead, taken_at"


def _remind(connection: sqlite.Connection, operation: str, at: int) -> None:
    connection.execute(
        "INSERT INTO inbox (operation, at) VALUES (?1, ?2) "
        "ON CONFLICT (operation) DO UPDATE SET at = ?2, done_at = NULL, done_by = NULL",
        (operation, at),
    )


def _later(row: tuple[Any, ...]) -> Later:
    round_, at, verdict, reasons, scope, change, what, by, words, answer, instead, taken_at = row
    said = json.loads(answer) if answer else None
    return Later(
        round_,
        at,
        Verdict(verdict),
        tuple(Reason(r["code"], r["values"]) for r in json.loads(reasons)),
        scope,
        change,
        what,
        by,
        words or "",
        Reason(said["code"], said["values"]) if said else None,
        instead,
        taken_at,
    )
