"""The transaction in portable SQL; where SQLite and PostgreSQL differ, the `Dialect` says how.

Statements use `?`; a driver for another style of placeholders rewrites them where it executes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

from agentdesk.centre.storage.rows import (
    Archived,
    Budget,
    EnrolCode,
    Epoch,
    Exposure,
    Job,
    Lease,
    LedgerLine,
    LineageHead,
    LogEntry,
    LogRow,
    Receipt,
    ScopeHead,
    Site,
)
from agentdesk.domain.documents import Document
from agentdesk.replica.tables import COLUMNS, DOCUMENT_COLUMNS, HOLDER_COLUMNS, document, holder_rows, row_of

_SITE = "id, number, name, region, token_hash, scopes, revoked, enrolled_at, presented"
_SCOPE = "scope, epoch, seq, hash, floor, documents, total"
_LINEAGE = "site, lineage, last_seq, last_hash, certain_at, acked, durable, epoch, began"
_LEASE = "site, id, kind, budget, amount, spent, lineage, serial, target, returned, state"
_EXPOSURE = "scope, kind, id, site, lease, cause, amount, at"
_EPOCH = "epoch, number, began_at, cause, settled_at"
_JOB = "site, kind, key, due, data, tries"
_RECEIPT = ", ".join(Receipt._fields)
_ARCHIVE = ", ".join(Archived._fields)
_LEDGER = ", ".join(LedgerLine._fields)
_LOG = ", ".join(LogEntry._fields)
_INDEX = ", ".join(f"d.{name}" for name in COLUMNS.split(", ")[4:-2])
_DATA = COLUMNS.split(", ").index("data")
_SETS = ", ".join(f"{n} = excluded.{n}" for n in COLUMNS.split(", ") if n not in ("scope", "id"))


def _marks(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(", "))


_PUT = f"INSERT INTO document ({COLUMNS}) VALUES ({_marks(COLUMNS)}) ON CONFLICT (scope, id) DO UPDATE SET {_SETS}"


class Executor(Protocol):
    """A connection inside a transaction."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Iterable[tuple[Any, ...]]: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object: ...


class Dialect(Protocol):
    """How a database says what isn't the same in all of them."""

    for_update: str
    """Ends a SELECT that locks what it found."""

    def member(self, column: str) -> str:
        """Return the condition that a column is one of many values, given as one parameter."""

    def many(self, values: Collection[str]) -> Any:
        """Return that parameter."""


class SqlSnapshot:
    """Reads of one moment."""

    def __init__(self, connection: Executor, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect

    def meta(self, name: str) -> str | None:
        return self._value("SELECT value FROM meta WHERE name = ?", name)

    def site(self, site: str) -> Site | None:
        return next(map(_site, self._rows(f"SELECT {_SITE} FROM site WHERE id = ?", site)), None)

    def sites(self) -> list[Site]:
        return [_site(row) for row in self._rows(f"SELECT {_SITE} FROM site ORDER BY number")]

    def scopes(self, names: Collection[str]) -> dict[str, ScopeHead]:
        sql = f"SELECT {_SCOPE} FROM scope WHERE {self._dialect.member('scope')}"
        return {row[0]: ScopeHead(*row) for row in self._rows(sql, self._dialect.many(names))}

    def heads(self) -> list[ScopeHead]:
        return [ScopeHead(*row) for row in self._rows(f"SELECT {_SCOPE} FROM scope ORDER BY scope")]

    def log_hash(self, scope: str, seq: int) -> str | None:
        return self._value("SELECT hash FROM scope_log WHERE scope = ? AND seq = ?", scope, seq)

    def log(self, scope: str, after: int, limit: int) -> Iterator[LogRow]:
        sql = (
            f"SELECT l.seq, l.hash, l.home, l.document, l.action, d.type, d.rev, d.data, d.revs, {_INDEX} "
            "FROM scope_log AS l "
            "JOIN document AS d ON d.scope = l.home AND d.id = l.document "
            "WHERE l.scope = ? AND l.seq > ? ORDER BY l.seq LIMIT ?"
        )
        return (LogRow(*row) for row in self._rows(sql, scope, after, limit))

    def log_entries(self, scope: str, after: int, limit: int) -> list[LogEntry]:
        sql = f"SELECT {_LOG} FROM scope_log WHERE scope = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [LogEntry(*row) for row in self._rows(sql, scope, after, limit)]

    def documents(self, scope: str, ids: Collection[str]) -> list[Document]:
        return self._documents(f"scope = ? AND {self._dialect.member('id')}", scope, self._dialect.many(ids))

    def of_type(self, scope: str, type_: str) -> list[Document]:
        return self._documents("scope = ? AND type = ? ORDER BY id", scope, type_)

    def work(self, scope: str, customers: Collection[str], since: int) -> list[Document]:
        return self._documents(
            f"scope = ? AND {self._dialect.member('customer')} AND type IN ('ticket', 'commitment') "
            "AND (open = 1 OR at > ?)",
            scope,
            self._dialect.many(customers),
            since,
        )

    def made_by(self, scope: str, owners: Collection[str], since: int) -> list[Document]:
        return self._documents(
            f"scope = ? AND {self._dialect.member('owner')} AND type = 'commitment' AND at >= ?",
            scope,
            self._dialect.many(owners),
            since,
        )

    def receipts(self, site: str, ids: Collection[str]) -> list[Receipt]:
        sql = (
            "SELECT a.site, a.lineage, a.seq, a.id, a.digest, coalesce(r.hash, ''), coalesce(r.verdict, a.verdict), "
            "coalesce(r.reasons, '[]'), a.scope, a.change FROM archive AS a LEFT JOIN receipt AS r "
            "ON r.site = a.site AND r.lineage = a.lineage AND r.seq = a.seq "
            f"WHERE a.site = ? AND {self._dialect.member('a.id')}"
        )
        return [Receipt(*row) for row in self._rows(sql, site, self._dialect.many(ids))]

    def lineages(self, site: str) -> list[LineageHead]:
        sql = f"SELECT {_LINEAGE} FROM lineage WHERE site = ? ORDER BY lineage"
        return [LineageHead(*row) for row in self._rows(sql, site)]

    def epochs(self) -> list[Epoch]:
        return [Epoch(*row) for row in self._rows(f"SELECT {_EPOCH} FROM epoch ORDER BY number")]

    def receipts_at(self, site: str, lineage: str, first: int, last: int) -> list[Receipt]:
        sql = f"SELECT {_RECEIPT} FROM receipt WHERE site = ? AND lineage = ? AND seq BETWEEN ? AND ? ORDER BY seq"
        return [Receipt(*row) for row in self._rows(sql, site, lineage, first, last)]

    def archived(self, site: str, lineage: str, first: int, last: int) -> list[Archived]:
        sql = f"SELECT {_ARCHIVE} FROM archive WHERE site = ? AND lineage = ? AND seq BETWEEN ? AND ? ORDER BY seq"
        return [Archived(*row) for row in self._rows(sql, site, lineage, first, last)]

    def held(self, site: str | None, most: int, after: tuple[str, str, int] = ("", "", 0)) -> list[Archived]:
        one, which = ("site = ? AND ", (site,)) if site is not None else ("", ())
        sql = (
            f"SELECT {_ARCHIVE} FROM archive WHERE {one}verdict = 'held' AND (site, lineage, seq) > (?, ?, ?) "
            "ORDER BY site, lineage, seq LIMIT ?"
        )
        return [Archived(*row) for row in self._rows(sql, *which, *after, most)]

    def booked(self, site: str, lineage: str, seq: int) -> list[LedgerLine]:
        sql = f"SELECT {_LEDGER} FROM ledger WHERE site = ? AND lineage = ? AND seq = ? ORDER BY line"
        return [LedgerLine(*row) for row in self._rows(sql, site, lineage, seq)]

    def ledger(self, scope: str) -> list[LedgerLine]:
        sql = f"SELECT {_LEDGER} FROM ledger WHERE scope = ? ORDER BY at, site, lineage, seq, line"
        return [LedgerLine(*row) for row in self._rows(sql, scope)]

    def leases(self, site: str) -> list[Lease]:
        sql = f"SELECT {_LEASE} FROM allowance WHERE site = ? ORDER BY id"
        return [Lease(*row) for row in self._rows(sql, site)]

    def budgets(self, scopes: Collection[str]) -> list[Budget]:
        sql = f"{_BUDGETS} WHERE {self._dialect.member('scope')} ORDER BY scope, kind"
        return [Budget(*row) for row in self._rows(sql, self._dialect.many(scopes))]

    def leased(self, scope: str) -> list[Lease]:
        sql = f"SELECT {_LEASE} FROM allowance WHERE budget = ? ORDER BY site, id"
        return [Lease(*row) for row in self._rows(sql, scope)]

    def exposures(self, scope: str) -> list[Exposure]:
        sql = f"SELECT {_EXPOSURE} FROM exposure WHERE scope = ? ORDER BY at, id"
        return [Exposure(*row) for row in self._rows(sql, scope)]

    def jobs(self, until: int, most: int) -> list[Job]:
        sql = f"SELECT {_JOB} FROM job WHERE due <= ? ORDER BY due, site, kind, key LIMIT ?"
        return [Job(*row) for row in self._rows(sql, until, most)]

    def outstanding(self, scope: str) -> dict[str, int]:
        sql = (
            "SELECT kind, sum(CASE WHEN amount > spent + returned THEN amount - spent - returned ELSE 0 END) "
            "FROM allowance WHERE budget = ? GROUP BY kind"
        )
        return {kind: int(left) for kind, left in self._rows(sql, scope)}

    def budget_scopes(self) -> list[str]:
        return [row[0] for row in self._rows("SELECT DISTINCT scope FROM budget ORDER BY scope")]

    def settled(self, scope: str) -> dict[str, int]:
        sql = "SELECT kind, sum(amount) FROM ledger WHERE scope = ? GROUP BY kind"
        return {kind: int(amount) for kind, amount in self._rows(sql, scope)}

    def charged(self, site: str) -> dict[tuple[str, str, str], int]:
        sql = (
            "SELECT allowance, kind, scope, sum(amount) FROM ledger WHERE site = ? AND allowance IS NOT NULL "
            "GROUP BY allowance, kind, scope"
        )
        return {(row[0], row[1], row[2]): int(row[3]) for row in self._rows(sql, site)}

    def identities(self, scope: str, digests: Collection[str]) -> dict[str, str]:
        sql = f"SELECT digest, customer FROM identity WHERE scope = ? AND {self._dialect.member('digest')}"
        rows = self._rows(sql, scope, self._dialect.many(digests))
        return {row[0]: row[1] for row in rows}

    def sizes(self) -> dict[str, int]:
        tables = {name: name for name in ("document", "scope_log", "receipt", "archive", "ledger")}
        tables["held"] = "archive WHERE verdict = 'held'"
        return {name: int(next(iter(self._rows(f"SELECT count(*) FROM {table}")))[0]) for name, table in tables.items()}

    def check_log(self, scope: str) -> int:
        sql = (
            "SELECT coalesce(max(seq), 0) - count(*) - coalesce((SELECT CASE WHEN floor > 1 THEN floor - 1 ELSE 0 END "
            "FROM scope WHERE scope = ?), 0) FROM scope_log WHERE scope = ?"
        )
        return int(next(iter(self._rows(sql, scope, scope)))[0])

    def export_rows(self, scope: str, after: str, limit: int) -> list[tuple[Any, ...]]:
        sql = f"SELECT {COLUMNS} FROM document WHERE scope = ? AND id > ? ORDER BY id LIMIT ?"
        return list(self._rows(sql, scope, after, limit))

    def export_holders(self, scope: str, after: tuple[str, str, str], limit: int) -> list[tuple[Any, ...]]:
        sql = (
            f"SELECT {HOLDER_COLUMNS} FROM holder WHERE scope = ? AND (number, customer, subscription) > (?, ?, ?) "
            "ORDER BY number, customer, subscription LIMIT ?"
        )
        return list(self._rows(sql, scope, *after, limit))

    def _rows(self, sql: str, *parameters: Any) -> Iterable[tuple[Any, ...]]:
        return self._connection.execute(sql, parameters)

    def _value(self, sql: str, *parameters: Any) -> str | None:
        return next((row[0] for row in self._rows(sql, *parameters)), None)

    def _documents(self, where: str, *parameters: Any) -> list[Document]:
        return [
            document(row) for row in self._rows(f"SELECT {DOCUMENT_COLUMNS} FROM document WHERE {where}", *parameters)
        ]


class SqlTransaction(SqlSnapshot):
    """Reads and writes of one transaction."""

    def set_meta(self, name: str, value: str) -> None:
        self._run(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )

    def lock_site(self, site: str) -> Site | None:
        rows = self._rows(f"SELECT {_SITE} FROM site WHERE id = ?{self._dialect.for_update}", site)
        return next(map(_site, rows), None)

    def lock_lineage(self, site: str, lineage: str) -> LineageHead | None:
        sql = f"SELECT {_LINEAGE} FROM lineage WHERE site = ? AND lineage = ?{self._dialect.for_update}"
        return next((LineageHead(*row) for row in self._rows(sql, site, lineage)), None)

    def move_lineage(self, head: LineageHead) -> None:
        self._run(
            f"INSERT INTO lineage ({_LINEAGE}) VALUES ({_marks(_LINEAGE)}) "
            "ON CONFLICT (site, lineage) DO UPDATE SET last_seq = excluded.last_seq, "
            "last_hash = excluded.last_hash, certain_at = excluded.certain_at, acked = excluded.acked, "
            "durable = excluded.durable, epoch = excluded.epoch, began = excluded.began",
            head.site,
            head.lineage,
            head.seq,
            head.hash,
            head.certain_at,
            head.acked,
            head.durable,
            head.epoch,
            head.began,
        )

    def lock_names(self, sort: str, names: Collection[str]) -> None:
        """Do nothing: a database with one writer holds everything."""

    def lock_documents(self, scope: str, ids: Sequence[str]) -> list[Document]:
        where = f"scope = ? AND {self._dialect.member('id')} ORDER BY id{self._dialect.for_update}"
        return self._documents(where, scope, self._dialect.many(ids))

    def lock_budgets(self, scope: str) -> list[Budget]:
        sql = f"{_BUDGETS} WHERE scope = ? ORDER BY kind{self._dialect.for_update}"
        return [Budget(*row) for row in self._rows(sql, scope)]

    def lock_scopes(self, names: Sequence[str]) -> dict[str, ScopeHead]:
        epoch = self.meta("epoch") or ""
        self._connection.executemany(
            "INSERT INTO scope (scope, epoch, seq, hash) VALUES (?, ?, 0, '') ON CONFLICT (scope) DO NOTHING",
            [(name, epoch) for name in names],
        )
        sql = (
            f"SELECT {_SCOPE} FROM scope WHERE {self._dialect.member('scope')} ORDER BY scope{self._dialect.for_update}"
        )
        return {row[0]: ScopeHead(*row) for row in self._rows(sql, self._dialect.many(names))}

    def move_scopes(self, heads: Iterable[ScopeHead]) -> None:
        self._connection.executemany(
            "UPDATE scope SET seq = ?, hash = ?, documents = ?, total = ? WHERE scope = ?",
            [(h.seq, h.hash, h.documents, h.total, h.scope) for h in heads],
        )

    def append(self, entries: Iterable[LogEntry]) -> None:
        self._connection.executemany(f"INSERT INTO scope_log ({_LOG}) VALUES ({_marks(_LOG)})", entries)

    def cut_log(self, scope: str, floor: int) -> None:
        self._run("DELETE FROM scope_log WHERE scope = ? AND seq < ?", scope, floor)
        self._run("UPDATE scope SET floor = ? WHERE scope = ?", floor, scope)

    def put(self, documents: Sequence[Document]) -> None:
        self._connection.executemany(_PUT, [_strict(row_of(d)) for d in documents])
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
        self._connection.executemany(f"INSERT INTO receipt ({_RECEIPT}) VALUES ({_marks(_RECEIPT)})", receipts)

    def add_archived(self, operations: Iterable[Archived]) -> None:
        self._connection.executemany(f"INSERT INTO archive ({_ARCHIVE}) VALUES ({_marks(_ARCHIVE)})", operations)

    def add_ledger(self, lines: Iterable[LedgerLine]) -> None:
        self._connection.executemany(f"INSERT INTO ledger ({_LEDGER}) VALUES ({_marks(_LEDGER)})", lines)

    def put_epoch(self, epoch: Epoch) -> None:
        self._run(
            f"INSERT INTO epoch ({_EPOCH}) VALUES ({_marks(_EPOCH)}) "
            "ON CONFLICT (epoch) DO UPDATE SET settled_at = excluded.settled_at",
            epoch.epoch,
            epoch.number,
            epoch.began_at,
            epoch.cause,
            epoch.settled_at,
        )
        before = self.meta("epoch")
        if before != epoch.epoch:
            # a site that hasn't greeted in the history that ends has verdicts of an earlier one
            self._run("UPDATE lineage SET began = last_seq WHERE epoch = ?", before or "")
        self.set_meta("epoch", epoch.epoch)
        self._run("UPDATE scope SET epoch = ? WHERE epoch <> ?", epoch.epoch, epoch.epoch)

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

    def prune_receipts(self, site: str, lineage: str, below: int) -> int:
        sql = "DELETE FROM receipt WHERE site = ? AND lineage = ? AND seq < ? RETURNING seq"
        return len(list(self._rows(sql, site, lineage, below)))

    def erase_contents(self, site: str, lineage: str, first: int, last: int, before: int) -> int:
        sql = (
            "UPDATE archive SET body = NULL WHERE site = ? AND lineage = ? AND seq BETWEEN ? AND ? "
            "AND received_at < ? AND body IS NOT NULL AND verdict <> 'held' RETURNING seq"
        )
        return len(list(self._rows(sql, site, lineage, first, last, before)))

    def add_exposure(self, exposure: Exposure) -> None:
        e = exposure
        self._run(
            f"INSERT INTO exposure ({_EXPOSURE}) VALUES ({_marks(_EXPOSURE)})",
            *(e.scope, e.kind, e.id, e.site, e.lease, e.cause, e.amount, e.at),
        )

    def put_job(self, job: Job) -> None:
        self._run(
            f"INSERT INTO job ({_JOB}) VALUES ({_marks(_JOB)}) ON CONFLICT (site, kind, key) DO NOTHING",
            *(job.site, job.kind, job.key, job.due, job.data, job.tries),
        )

    def take_job(self, job: Job) -> Job | None:
        sql = f"SELECT {_JOB} FROM job WHERE site = ? AND kind = ? AND key = ?{self._dialect.for_update}"
        return next((Job(*row) for row in self._rows(sql, job.site, job.kind, job.key)), None)

    def drop_job(self, job: Job) -> None:
        self._run("DELETE FROM job WHERE site = ? AND kind = ? AND key = ?", job.site, job.kind, job.key)

    def put_lease(self, lease: Lease) -> None:
        sets = ", ".join(f"{name} = excluded.{name}" for name in _LEASE.split(", ")[4:])
        x = lease
        self._run(
            f"INSERT INTO allowance ({_LEASE}) VALUES ({_marks(_LEASE)}) ON CONFLICT (site, id) DO UPDATE SET {sets}",
            *(x.site, x.id, x.kind, x.budget, x.amount, x.spent, x.lineage, x.serial, x.target, x.returned, x.state),
        )

    def put_budget(self, budget: Budget) -> None:
        self._run(
            'INSERT INTO budget (scope, kind, "limit", settled, exposed) VALUES (?, ?, ?, ?, ?) '
            'ON CONFLICT (scope, kind) DO UPDATE SET "limit" = excluded."limit", settled = excluded.settled, '
            "exposed = excluded.exposed",
            budget.scope,
            budget.kind,
            budget.limit,
            budget.settled,
            budget.exposed,
        )

    def put_site(self, site: Site) -> None:
        sets = ", ".join(f"{name} = excluded.{name}" for name in _SITE.split(", ")[1:])
        self._run(
            f"INSERT INTO site ({_SITE}) VALUES ({_marks(_SITE)}) ON CONFLICT (id) DO UPDATE SET {sets}",
            site.id,
            site.number,
            site.name,
            site.region,
            site.token_hash,
            " ".join(site.scopes),
            int(site.revoked),
            site.enrolled_at,
            site.presented,
        )

    def next_site_number(self) -> int:
        return int(next(iter(self._rows("SELECT coalesce(max(number), 0) + 1 FROM site")))[0])

    def put_code(self, code: EnrolCode) -> None:
        self._run(
            "INSERT INTO enrol_code (hash, region, name, uses, expires_at) VALUES (?, ?, ?, ?, ?)",
            code.hash,
            code.region,
            code.name,
            code.uses,
            code.expires_at,
        )

    def use_code(self, hash_: str, now: int) -> EnrolCode | None:
        sql = (
            "UPDATE enrol_code SET uses = uses - 1 WHERE hash = ? AND uses > 0 AND expires_at > ? "
            "RETURNING hash, region, name, uses, expires_at"
        )
        return next((EnrolCode(*row) for row in list(self._rows(sql, hash_, now))), None)

    def put_identities(self, scope: str, identities: Iterable[tuple[str, str]]) -> None:
        self._connection.executemany(
            "INSERT INTO identity (scope, digest, customer) VALUES (?, ?, ?) "
            "ON CONFLICT (scope, digest) DO UPDATE SET customer = excluded.customer",
            [(scope, digest, customer) for digest, customer in identities],
        )

    def _run(self, sql: str, *parameters: Any) -> None:
        self._connection.execute(sql, parameters)


_BUDGETS = 'SELECT scope, kind, "limit", settled, exposed FROM budget'


def _site(row: tuple[Any, ...]) -> Site:
    id_, number, name, region, token_hash, scopes, revoked, enrolled_at, presented = row
    return Site(id_, number, name, region, token_hash, tuple(scopes.split()), bool(revoked), enrolled_at, presented)


def _strict(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse what Python writes as JSON and nobody else reads: NaN and the infinities."""
    data = row[_DATA]
    if "NaN" in data or "Infinity" in data:
        json.dumps(json.loads(data), allow_nan=False)
    return row
