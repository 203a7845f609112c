"""The queue to the centre: what waits, what was answered, and the whole life of an operation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agentdesk.domain.condition.words import Reason
from agentdesk.domain.verdict import Verdict
from agentdesk.replica.driver import sqlite
from agentdesk.replica.tables import encode
from agentdesk.store.charges import give_back, settle_charges
from agentdesk.store.files import Files

if TYPE_CHECKING:
    from agentdesk.store.verdicts import Life

NEEDS_A_PERSON = frozenset({Verdict.FLAGGED, Verdict.HELD, Verdict.REFUSED})
"""Verdicts that go to their author's inbox."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The centre's verdict on an operation; `scope` and `change` say where its change stands in a log."""

    operation: str
    seq: int
    verdict: Verdict
    reasons: tuple[Reason, ...]
    scope: str | None
    change: int | None


@dataclass(frozen=True, slots=True)
class Word:
    """The centre's word that it took a lineage up to `last_seq`, and that up to `durable` it can't lose it."""

    last_seq: int
    proof: str
    durable: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A batch to push: the texts of operations in order, and the place in the chain they follow.

    `unread`: the centre is to keep it as it is, as it failed at it; a body of None then stays here. `first` is the id
    of the first one.
    """

    lineage: str
    after_seq: int
    after_hash: str
    operations: tuple[tuple[str, str, str | None], ...]
    proof: str = ""
    unread: bool = False
    first: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation of the outbox with what became of it; `change` is set if it has changed anything at the centre.

    `state` is `here` (not sent), `sent` (no answer yet), `answered` (change not seen back) or `centre`. Times are
    ms UTC.
    """

    id: str
    lineage: str
    seq: int
    kind: str
    scope: str
    document: str
    customer: str | None
    actor: str
    amount: int
    at: int
    state: str
    verdict: Verdict | None
    reasons: tuple[Reason, ...]
    answered_at: int | None
    tries: int
    last_sent_at: int | None
    problem: str | None
    change: int | None = None
    body: Mapping[str, Any] | None = None
    head: Mapping[str, Any] | None = None


_COLUMNS = (
    "SELECT o.id, o.lineage, o.seq, o.kind, o.scope, o.document, o.customer, o.actor, o.amount, o.at, v.verdict, "
    "v.reasons, v.at, s.tries, s.last_at, s.problem, "
    "EXISTS (SELECT 1 FROM pending p WHERE p.scope = o.scope AND p.id = o.document AND p.operation = o.id), "
    "o.head, o.body, v.change "
)
_KNOWN = "LEFT JOIN verdict v ON v.operation = o.id LEFT JOIN sending s ON s.operation = o.id "
_ENTRY = f"{_COLUMNS}FROM operation o {_KNOWN}"
# from what waits to its operation: the other way round each ring would go through all that was ever enqueued here
_FOR_A_PERSON = f"{_COLUMNS}FROM inbox i CROSS JOIN operation o ON o.id = i.operation {_KNOWN}"

_VERDICT = "INSERT INTO verdict (operation, verdict, reasons, scope, change, epoch, at) VALUES (?, ?, ?, ?, ?, ?, ?)"


class Outbox:
    """The outbox of one site."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def waiting(self) -> int:
        """Return how many operations have no verdict yet."""
        row = self._files.outbox.execute("SELECT coalesce(sum(seq - answered), 0) FROM chain").fetchone()
        return int(row[0])

    def oldest_waiting(self) -> int | None:
        """Return when the oldest operation without a verdict was made, ms UTC."""
        row = self._files.outbox.execute(
            # from the chains, of which there are few: the desk asks each second
            "SELECT min(o.at) FROM chain c CROSS JOIN operation o ON o.lineage = c.lineage AND o.seq = c.answered + 1"
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def batch(self, most: int, most_bytes: int) -> Waiting | None:
        """Return the next operations to push, at least one whatever its size, or None when nothing waits.

        `most_bytes` are counted as they go over the wire, where each text is a JSON string.
        """
        outbox = self._files.outbox
        chain = outbox.execute(
            "SELECT lineage, answered, answered_hash, proof FROM chain WHERE seq > answered "
            "ORDER BY current, lineage LIMIT 1"
        ).fetchone()
        if chain is None:
            return None
        rows: list[tuple[str, str, str | None]] = []
        first, size = "", 0
        for id_, head, salt, body in outbox.execute(
            "SELECT id, head, salt, body FROM operation WHERE lineage = ? AND seq > ? ORDER BY seq LIMIT ?",
            (chain[0], chain[1], most),
        ):
            size += _wire_size(head) + _wire_size(body or "") + len(salt) + 16
            if rows and size > most_bytes:
                break
            rows.append((head, salt, body))
            first = first or id_
        return Waiting(chain[0], chain[1], chain[2], tuple(rows), chain[3], first=first) if rows else None

    def sent(self, operations: Iterable[str], at: int, problem: str | None = None) -> None:
        """Note that operations were sent, or that sending them failed; bookkeeping, not truth."""
        with self._files.writing() as outbox:
            outbox.executemany(
                "INSERT INTO sending (operation, tries, first_at, last_at, problem) VALUES (?1, 1, ?2, ?2, ?3) "
                "ON CONFLICT (operation) DO UPDATE SET tries = tries + 1, last_at = ?2, problem = ?3",
                [(operation, at, problem) for operation in operations],
            )

    def record(
        self,
        connection: sqlite.Connection,
        lineage: str,
        answers: Iterable[Answer],
        at: int,
        epoch: str = "",
        word: Word | None = None,
    ) -> list[str]:
        """Keep verdicts and move the answered mark, in the caller's transaction; return the operations concerned.

        A verdict that is known already changes nothing, unless it was `held` and is decided now. Answers to
        operations that aren't at that place here are left alone. What needs a person goes to the inbox.
        """
        answers = list(answers)
        row = connection.execute("SELECT answered FROM chain WHERE lineage = ?", (lineage,)).fetchone()
        before = answered = row[0] if row else 0
        seqs = [answer.seq for answer in answers]
        places = dict(
            connection.execute(
                "SELECT seq, id FROM operation WHERE lineage = ? AND seq BETWEEN ? AND ?",
                (lineage, min(seqs, default=0), max(seqs, default=0)),
            ).fetchall()
        )
        here = [answer for answer in answers if places.get(answer.seq) == answer.operation]
        if len(here) < len(answers):
            here = _by_place(connection, lineage, answers, places)
        known = {
            row[0]
            for row in connection.execute(
                "SELECT operation FROM verdict WHERE operation IN (SELECT value FROM json_each(?))",
                (encode([answer.operation for answer in here]),),
            )
        }
        # most are new and as they should be: nobody has to look at them
        plain = [a for a in here if a.verdict not in NEEDS_A_PERSON and a.operation not in known]
        connection.executemany(f"{_VERDICT} ON CONFLICT (operation) DO NOTHING", [_row(a, at, epoch) for a in plain])
        plain_ids = {answer.operation for answer in plain}
        giving = connection.execute(
            "SELECT DISTINCT operation FROM charge WHERE stands = 0 AND operation IN (SELECT value FROM json_each(?))",
            (encode(list(plain_ids)),),
        )
        for (operation,) in giving.fetchall():
            give_back(connection, operation)
        for answer in here:
            if answer.operation not in plain_ids:
                self._keep(connection, answer, at, epoch)
            if answer.seq == answered + 1:
                answered = answer.seq
        if answered > before:
            from agentdesk.domain.operation import head_hash

            head = connection.execute(
                "SELECT head FROM operation WHERE lineage = ? AND seq = ?", (lineage, answered)
            ).fetchone()[0]
            connection.execute(
                "UPDATE chain SET answered = ?, answered_hash = ? WHERE lineage = ?",
                (answered, head_hash(head), lineage),
            )
        if word is not None and answered == word.last_seq:
            connection.execute(
                "UPDATE chain SET proof = ?, durable = ? WHERE lineage = ?", (word.proof, word.durable, lineage)
            )
        return [answer.operation for answer in here]

    def _keep(self, connection: sqlite.Connection, answer: Answer, at: int, epoch: str) -> None:
        kept = connection.execute(
            f"{_VERDICT} ON CONFLICT (operation) DO UPDATE SET verdict = excluded.verdict, reasons = excluded.reasons, "
            "scope = excluded.scope, change = excluded.change, epoch = excluded.epoch, at = excluded.at "
            "WHERE verdict.verdict = 'held' AND excluded.verdict <> 'held'",
            _row(answer, at, epoch),
        )
        if kept.rowcount <= 0:
            return
        if answer.verdict in NEEDS_A_PERSON:
            connection.execute(
                "INSERT INTO inbox (operation, at) VALUES (?1, ?2) "
                "ON CONFLICT (operation) DO UPDATE SET at = ?2, done_at = NULL, done_by = NULL",
                (answer.operation, at),
            )
        settle_charges(connection, answer.operation, answer.verdict, answer.change is not None)

    def entries(self, most: int = 100, waiting_only: bool = False) -> tuple[Entry, ...]:
        """Return operations, newest first."""
        where = "WHERE v.operation IS NULL " if waiting_only else ""
        rows = self._files.outbox.execute(f"{_ENTRY}{where}ORDER BY o.rowid DESC LIMIT ?", (most,))
        return tuple(_entry(row) for row in rows)

    def entry(self, operation_id: str) -> Entry | None:
        """Return one operation with its head and body; a unique beginning of the id is enough."""
        rows = self._files.outbox.execute(
            f"{_ENTRY}WHERE o.id >= ?1 AND o.id < ?1 || char(0x10FFFF) LIMIT 2", (operation_id,)
        ).fetchall()
        return _entry(rows[0], whole=True) if len(rows) == 1 else None

    def inbox(self, most: int = 100) -> tuple[Entry, ...]:
        """Return operations whose verdict waits for a person, oldest first."""
        rows = self._files.outbox.execute(
            f"{_FOR_A_PERSON}WHERE i.done_at IS NULL ORDER BY i.at, o.rowid LIMIT ?",
            (most,),
        )
        return tuple(_entry(row) for row in rows)

    def done(self, operation_id: str, by: str, at: int) -> None:
        """Take an operation off the inbox: somebody has seen to it."""
        with self._files.writing() as outbox:
            seen = outbox.execute(
                "UPDATE inbox SET done_at = ?, done_by = ? WHERE operation = ? AND done_at IS NULL",
                (at, by, operation_id),
            )
            if seen.rowcount > 0:
                outbox.execute(
                    "INSERT OR IGNORE INTO seen (operation, at, by) VALUES (?, ?, ?)", (operation_id, at, by)
                )

    def life(self, operation_id: str) -> Life:
        """Return what is known of an operation's life beside its entry."""
        from agentdesk.store.verdicts import life

        return life(self._files.outbox, operation_id)

    def is_in_inbox(self, operation_id: str) -> bool:
        """Tell whether an operation waits for a person."""
        sql = "SELECT 1 FROM inbox WHERE operation = ? AND done_at IS NULL"
        return self._files.outbox.execute(sql, (operation_id,)).fetchone() is not None

    def for_a_person(self) -> int:
        """Return how many operations wait for a person."""
        return int(self._files.outbox.execute("SELECT count(*) FROM inbox WHERE done_at IS NULL").fetchone()[0])


def _by_place(
    connection: sqlite.Connection, lineage: str, answers: Iterable[Answer], places: Mapping[int, str]
) -> list[Answer]:
    """Return the answers to operations that are at their place here.

    The centre names an operation by its head: where that was garbled on this disk, the place tells which one it is.
    """
    found = []
    for answer in answers:
        operation = places.get(answer.seq)
        if operation is not None and operation != answer.operation:
            (head,) = connection.execute("SELECT head FROM operation WHERE id = ?", (operation,)).fetchone()
            if (_object(head) or {}).get("id") == operation:
                continue
            answer = replace(answer, operation=operation)  # noqa: PLW2901
        if operation is not None:
            found.append(answer)
    return found


def _object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text is; None for one that was garbled on the disk."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _row(answer: Answer, at: int, epoch: str) -> tuple[str, str, str, str | None, int | None, str, int]:
    reasons = encode([{"code": r.code, "values": r.values} for r in answer.reasons]) if answer.reasons else "[]"
    return answer.operation, answer.verdict.value, reasons, answer.scope, answer.change, epoch, at


def _wire_size(text: str) -> int:
    """Return about how many bytes a text takes as a JSON string."""
    return len(text.encode()) + text.count('"') + text.count("\\") + 3


def _entry(row: tuple[Any, ...], whole: bool = False) -> Entry:
    verdict = Verdict(row[10]) if row[10] else None
    reasons = tuple(Reason(r["code"], r["values"]) for r in json.loads(row[11])) if row[11] else ()
    return Entry(
        id=row[0],
        lineage=row[1],
        seq=row[2],
        kind=row[3],
        scope=row[4],
        document=row[5],
        customer=row[6],
        actor=row[7],
        amount=row[8],
        at=row[9],
        state=_state(row),
        verdict=verdict,
        reasons=reasons,
        answered_at=row[12],
        tries=row[13] or 0,
        last_sent_at=row[14],
        problem=row[15],
        change=row[19],
        head=_object(row[17]) if whole else None,
        body=_object(row[18]) if whole and row[18] else None,
    )


def _state(row: tuple[Any, ...]) -> str:
    if row[10] is not None:
        return "answered" if row[16] else "centre"
    return "sent" if row[13] and not row[15] else "here"
