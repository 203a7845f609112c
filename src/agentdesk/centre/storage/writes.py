"""What a transaction writes, in portable SQL, next to what it reads."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from agentdesk.centre.storage.reads import (
    ARCHIVE,
    BUDGET,
    CREDENTIAL,
    EPOCH,
    EXPOSURE,
    JOB,
    LEASE,
    LEDGER,
    LINEAGE,
    LOG,
    RECEIPT,
    SCOPE,
    SITE,
    TIMER,
    TRIED,
    SqlSnapshot,
    site_of,
)
from agentdesk.centre.storage.rows import (
    Archived,
    Budget,
    Credential,
    EnrolCode,
    Epoch,
    Exposure,
    Job,
    Lease,
    LedgerLine,
    LineageHead,
    LogEntry,
    Receipt,
    ScopeHead,
    Site,
    TimerRow,
    Tried,
)
from agentdesk.centre.storage.seals import SEALED, Seals
from agentdesk.domain.documents import Document
from agentdesk.replica.tables import COLUMNS, holder_rows, row_of

_DATA = COLUMNS.split(", ").index("data")
_SETS = ", ".join(f"{n} = excluded.{n}" for n in COLUMNS.split(", ") if n not in ("scope", "id"))


def _marks(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(", "))


def _inserting(table: str, columns: str) -> str:
    """Return the statement that writes a row with its seal."""
    return f"INSERT INTO {table} ({columns}, seal) VALUES ({_marks(columns)}, ?)"


_PUT = f"{_inserting('document', COLUMNS)} ON CONFLICT (scope, id) DO UPDATE SET {_SETS}, seal = excluded.seal"

_PUT_TIMER = (
    f"INSERT INTO timer ({TIMER}) VALUES ({_marks(TIMER)}) "
    "ON CONFLICT (scope, id) DO UPDATE SET due = excluded.due, tries = excluded.tries"
)

_PUT_TRIED = (
    f"INSERT INTO tried ({TRIED}) VALUES ({_marks(TRIED)}) "
    "ON CONFLICT (who) DO UPDATE SET failures = excluded.failures, at = excluded.at, until = excluded.until"
)


class SqlTransaction(SqlSnapshot):
    """Reads and writes of one transaction; each row that is evidence is written with its seal."""

    _seals: Seals

    def set_meta(self, name: str, value: str) -> None:
        self._run(
            f"{_inserting('meta', 'name, value')} "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value, seal = excluded.seal",
            *self._sealed("meta", (name, value)),
        )

    def lock_site(self, site: str) -> Site | None:
        rows = self._rows(f"SELECT {SITE} FROM site WHERE id = ?{self._dialect.for_update}", site)
        return next(map(site_of, rows), None)

    def lock_lineage(self, site: str, lineage: str) -> LineageHead | None:
        sql = f"SELECT {LINEAGE} FROM lineage WHERE site = ? AND lineage = ?{self._dialect.for_update}"
        return next((LineageHead(*row) for row in self._rows(sql, site, lineage)), None)

    def move_lineage(self, head: LineageHead) -> None:
        row = (
            *(head.site, head.lineage, head.seq, head.hash, head.certain_at),
            *(head.acked, head.durable, head.epoch, head.began),
        )
        self._run(
            f"{_inserting('lineage', LINEAGE)} "
            "ON CONFLICT (site, lineage) DO UPDATE SET last_seq = excluded.last_seq, "
            "last_hash = excluded.last_hash, certain_at = excluded.certain_at, acked = excluded.acked, "
            "durable = excluded.durable, epoch = excluded.epoch, began = excluded.began, seal = excluded.seal",
            *self._sealed("lineage", row),
        )

    def lock_names(self, sort: str, names: Collection[str]) -> None:
        """Do nothing: a database with one writer holds everything."""

    def lock_documents(self, scope: str, ids: Sequence[str]) -> list[Document]:
        where = f"scope = ? AND {self._dialect.member('id')} ORDER BY id{self._dialect.for_update}"
        return self._documents(where, scope, self._dialect.many(ids))

    def lock_budgets(self, scope: str) -> list[Budget]:
        sql = f"SELECT {BUDGET} FROM budget WHERE scope = ? ORDER BY kind{self._dialect.for_update}"
        return [Budget(*row) for row in self._rows(sql, scope)]

    def lock_scopes(self, names: Sequence[str]) -> dict[str, ScopeHead]:
        epoch = self.meta("epoch") or ""
        self._connection.executemany(
            f"{_inserting('scope', SCOPE)} ON CONFLICT (scope) DO NOTHING",
            [self._sealed("scope", (name, epoch, 0, "", 0, 0, 0)) for name in names],
        )
        sql = (
            f"SELECT {SCOPE} FROM scope WHERE {self._dialect.member('scope')} ORDER BY scope{self._dialect.for_update}"
        )
        return {row[0]: ScopeHead(*row) for row in self._rows(sql, self._dialect.many(names))}

    def move_scopes(self, heads: Iterable[ScopeHead]) -> None:
        rows = [(h.scope, h.epoch, h.seq, h.hash, h.floor, h.documents, h.total) for h in heads]
        self._connection.executemany(
            "UPDATE scope SET seq = ?, hash = ?, documents = ?, total = ?, seal = ? WHERE scope = ?",
            [(r[2], r[3], r[5], r[6], self._seals.seal("scope", r), r[0]) for r in rows],
        )

    def append(self, entries: Iterable[LogEntry]) -> None:
        self._connection.executemany(f"INSERT INTO scope_log ({LOG}) VALUES ({_marks(LOG)})", entries)

    def cut_log(self, scope: str, floor: int) -> None:
        self._run("DELETE FROM scope_log WHERE scope = ? AND seq < ?", scope, floor)
        self._run("UPDATE scope SET floor = ? WHERE scope = ?", floor, scope)
        self._seal_again("scope", "scope = ?", scope)

    def put(self, documents: Sequence[Document]) -> None:
        self._connection.executemany(_PUT, [self._sealed("document", strict(row_of(d))) for d in documents])
        customers = [d for d in documents if d.type == "customer"]
        if not customers:
            return
        self._connection.executemany(
            "DELETE FROM holder WHERE scope = ? AND customer = ?", [(c.scope, c.id) for c in customers]
        )
        self._connection.executemany(
            "INSERT INTO holder (number, scope, customer, subscription, relation, rank) VALUES (?, ?, ?, ?, ?, ?)",
            [row for c in customers for row in holder_rows(c)],
        )

    def add_receipts(self, receipts: Iterable[Receipt]) -> None:
        self._connection.executemany(_inserting("receipt", RECEIPT), [self._sealed("receipt", r) for r in receipts])

    def add_archived(self, operations: Iterable[Archived]) -> None:
        self._connection.executemany(_inserting("archive", ARCHIVE), [self._sealed("archive", o) for o in operations])

    def add_ledger(self, lines: Iterable[LedgerLine]) -> None:
        self._connection.executemany(_inserting("ledger", LEDGER), [self._sealed("ledger", x) for x in lines])

    def put_epoch(self, epoch: Epoch) -> None:
        row = (epoch.epoch, epoch.number, epoch.began_at, epoch.cause, epoch.settled_at)
        self._run(
            f"{_inserting('epoch', EPOCH)} ON CONFLICT (epoch) DO UPDATE SET settled_at = excluded.settled_at",
            *self._sealed("epoch", row),
        )
        self._seal_again("epoch", "epoch = ?", epoch.epoch)
        before = self.meta("epoch")
        if before != epoch.epoch:
            # a site that hasn't greeted in the history that ends has verdicts of an earlier one
            self._run("UPDATE lineage SET began = last_seq WHERE epoch = ?", before or "")
            self._seal_again("lineage", "epoch = ?", before or "")
        self.set_meta("epoch", epoch.epoch)
        self._run("UPDATE scope SET epoch = ? WHERE epoch <> ?", epoch.epoch, epoch.epoch)
        self._seal_again("scope", "epoch = ?", epoch.epoch)

    def change_receipt(self, receipt: Receipt) -> None:
        r = receipt
        self._run(
            "UPDATE receipt SET verdict = ?, reasons = ?, scope = ?, change = ? "
            "WHERE site = ? AND lineage = ? AND seq = ?",
            *(r.verdict, r.reasons, r.scope, r.change, r.site, r.lineage, r.seq),
        )
        self._run(
            "UPDATE archive SET verdict = ?, scope = ?, change = ? WHERE site = ? AND lineage = ? AND seq = ?",
            *(r.verdict, r.scope, r.change, r.site, r.lineage, r.seq),
        )
        for table in ("receipt", "archive"):
            self._seal_again(table, "site = ? AND lineage = ? AND seq = ?", r.site, r.lineage, r.seq)

    def prune_receipts(self, site: str, lineage: str, below: int) -> int:
        sql = "DELETE FROM receipt WHERE site = ? AND lineage = ? AND seq < ? AND reasons = '[]' RETURNING seq"
        return len(list(self._rows(sql, site, lineage, below)))

    def erase_contents(self, site: str, lineage: str, first: int, last: int, before: int) -> int:
        sql = (
            "UPDATE archive SET body = NULL WHERE site = ? AND lineage = ? AND seq BETWEEN ? AND ? "
            "AND received_at < ? AND body IS NOT NULL AND verdict <> 'held' RETURNING seq"
        )
        return len(list(self._rows(sql, site, lineage, first, last, before)))

    def add_exposure(self, exposure: Exposure) -> None:
        e = exposure
        row = (e.scope, e.kind, e.id, e.site, e.lease, e.cause, e.amount, e.at)
        self._run(_inserting("exposure", EXPOSURE), *self._sealed("exposure", row))

    def put_job(self, job: Job) -> None:
        self._run(
            f"INSERT INTO job ({JOB}) VALUES ({_marks(JOB)}) ON CONFLICT (site, kind, key) DO NOTHING",
            *(job.site, job.kind, job.key, job.due, job.data, job.tries),
        )

    def take_job(self, job: Job) -> Job | None:
        sql = f"SELECT {JOB} FROM job WHERE site = ? AND kind = ? AND key = ?{self._dialect.for_update}"
        return next((Job(*row) for row in self._rows(sql, job.site, job.kind, job.key)), None)

    def drop_job(self, job: Job) -> None:
        self._run("DELETE FROM job WHERE site = ? AND kind = ? AND key = ?", job.site, job.kind, job.key)

    def put_timers(self, rows: Sequence[TimerRow], over: Sequence[TimerRow]) -> None:
        self._connection.executemany(_PUT_TIMER, rows)
        self._connection.executemany("DELETE FROM timer WHERE scope = ? AND id = ?", [row[:2] for row in over])

    def move_timer(self, row: TimerRow, to: TimerRow | None) -> bool:
        where = "WHERE scope = ? AND id = ? AND due = ? AND tries = ? RETURNING due"
        if to is None:
            return bool(list(self._rows(f"DELETE FROM timer {where}", *row)))
        return bool(list(self._rows(f"UPDATE timer SET due = ?, tries = ? {where}", to.due, to.tries, *row)))

    def put_lease(self, lease: Lease) -> None:
        sets = ", ".join(f"{name} = excluded.{name}" for name in LEASE.split(", ")[4:])
        x = lease
        row = (
            *(x.site, x.id, x.kind, x.budget, x.amount, x.spent),
            *(x.lineage, x.serial, x.target, x.returned, x.state),
        )
        self._run(
            f"{_inserting('allowance', LEASE)} ON CONFLICT (site, id) DO UPDATE SET {sets}, seal = excluded.seal",
            *self._sealed("allowance", row),
        )

    def put_budget(self, budget: Budget) -> None:
        row = (budget.scope, budget.kind, budget.limit, budget.settled, budget.exposed)
        self._run(
            f"{_inserting('budget', BUDGET)} "
            'ON CONFLICT (scope, kind) DO UPDATE SET "limit" = excluded."limit", settled = excluded.settled, '
            "exposed = excluded.exposed, seal = excluded.seal",
            *self._sealed("budget", row),
        )

    def put_site(self, site: Site) -> None:
        sets = ", ".join(f"{name} = excluded.{name}" for name in SITE.split(", ")[1:])
        self._run(
            f"INSERT INTO site ({SITE}) VALUES ({_marks(SITE)}) ON CONFLICT (id) DO UPDATE SET {sets}",
            site.id,
            site.number,
            site.name,
            site.region,
            site.token_hash,
            " ".join(site.scopes),
            int(site.revoked),
            site.enrolled_at,
            site.presented,
            *(site.public_key, site.turns, site.next_key, site.next_token_hash),
        )
        self._seal_again("site", "id = ?", site.id)

    def next_site_number(self) -> int:
        return int(next(iter(self._rows("SELECT coalesce(max(number), 0) + 1 FROM site")))[0])

    def put_code(self, code: EnrolCode) -> None:
        self._run(
            "INSERT INTO enrol_code (hash, region, name, uses, expires_at, site) VALUES (?, ?, ?, ?, ?, ?)",
            *(code.hash, code.region, code.name, code.uses, code.expires_at, code.site),
        )

    def use_code(self, hash_: str, now: int) -> EnrolCode | None:
        sql = (
            "UPDATE enrol_code SET uses = uses - 1 WHERE hash = ? AND uses > 0 AND expires_at > ? "
            "RETURNING hash, region, name, uses, expires_at, site"
        )
        return next((EnrolCode(*row) for row in list(self._rows(sql, hash_, now))), None)

    def put_credential(self, credential: Credential) -> None:
        sets = ", ".join(f"{name} = excluded.{name}" for name in CREDENTIAL.split(", ")[1:])
        c = credential
        row = (c.agent, c.hash, int(c.must_change), c.changed_at, c.signed_in_at, c.pin, c.pin_changed_at)
        self._run(
            f"{_inserting('credential', CREDENTIAL)} ON CONFLICT (agent) DO UPDATE SET {sets}, seal = excluded.seal",
            *self._sealed("credential", row),
        )

    def drop_credential(self, agent: str) -> None:
        self._run("DELETE FROM credential WHERE agent = ?", agent)

    def put_tried(self, rows: Iterable[Tried], before: int) -> None:
        self._run("DELETE FROM tried WHERE at < ?", before)
        self._connection.executemany(_PUT_TRIED, rows)

    def put_identities(self, scope: str, identities: Iterable[tuple[str, str]]) -> None:
        self._connection.executemany(
            "INSERT INTO identity (scope, digest, customer) VALUES (?, ?, ?) "
            "ON CONFLICT (scope, digest) DO UPDATE SET customer = excluded.customer",
            [(scope, digest, customer) for digest, customer in identities],
        )

    def give_seals(self, table: str, after: Sequence[Any], limit: int, anew: bool) -> Sequence[Any] | None:
        spec = SEALED[table]
        rows = self.evidence(table, after, limit)
        wanted = [row[:-1] for row in rows if anew or not row[-1]]
        self._put_seals(table, wanted)
        return rows[-1][: spec.key] if len(rows) == limit else None

    def _sealed(self, table: str, row: Sequence[Any]) -> tuple[Any, ...]:
        """Return a row of a table, its columns in their order, with its seal."""
        return (*row, self._seals.seal(table, row))

    def _seal_again(self, table: str, where: str, *parameters: Any) -> None:
        """Seal rows again of which single columns were changed."""
        sql = f"SELECT {SEALED[table].listed} FROM {table} WHERE {where}"
        self._put_seals(table, list(self._rows(sql, *parameters)))

    def _put_seals(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        spec = SEALED[table]
        named = " AND ".join(f"{name} = ?" for name in spec.keys)
        self._connection.executemany(
            f"UPDATE {table} SET seal = ? WHERE {named}",
            [(self._seals.seal(table, row), *row[: spec.key]) for row in rows],
        )

    def _run(self, sql: str, *parameters: Any) -> None:
        self._connection.execute(sql, parameters)


def strict(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a document's row; refuse what Python writes as JSON and nobody else reads: NaN and the infinities.

    Raises `ValueError` for it.
    """
    data = row[_DATA]
    if "NaN" in data or "Infinity" in data:
        json.dumps(json.loads(data), allow_nan=False)
    return row
