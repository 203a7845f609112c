"""What is read, in portable SQL; where SQLite and PostgreSQL differ, the `Dialect` says how.

Statements use `?`; a driver for another style of placeholders rewrites them where it executes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

from agentdesk.centre.storage.rows import (
    Archived,
    Budget,
    Credential,
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
    TimerRow,
    Tried,
)
from agentdesk.domain.documents import MONEY_TYPES, WORK_TYPES, Document
from agentdesk.replica.tables import COLUMNS, DOCUMENT_COLUMNS, HOLDER_COLUMNS, document

# The columns of each table, in the order of its row in `rows`.
SITE = (
    "id, number, name, region, token_hash, scopes, revoked, enrolled_at, presented, "
    "public_key, turns, next_key, next_token_hash"
)
SCOPE = "scope, epoch, seq, hash, floor, documents, total"
LINEAGE = "site, lineage, last_seq, last_hash, certain_at, acked, durable, epoch, began"
LEASE = "site, id, kind, budget, amount, spent, lineage, serial, target, returned, state"
EXPOSURE = "scope, kind, id, site, lease, cause, amount, at"
EPOCH = "epoch, number, began_at, cause, settled_at"
JOB = "site, kind, key, due, data, tries"
TIMER = ", ".join(TimerRow._fields)
TRIED = ", ".join(Tried._fields)
CREDENTIAL = "agent, hash, must_change, changed_at, signed_in_at, pin, pin_changed_at"
RECEIPT = ", ".join(Receipt._fields)
ARCHIVE = ", ".join(Archived._fields)
LEDGER = ", ".join(LedgerLine._fields)
LOG = ", ".join(LogEntry._fields)
BUDGET = 'scope, kind, "limit", settled, exposed'
_WORK_TYPES = ", ".join(f"'{name}'" for name in sorted(WORK_TYPES))
_INDEX = ", ".join(f"d.{name}" for name in COLUMNS.split(", ")[4:-2])


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
        return next(map(site_of, self._rows(f"SELECT {SITE} FROM site WHERE id = ?", site)), None)

    def sites(self) -> list[Site]:
        return [site_of(row) for row in self._rows(f"SELECT {SITE} FROM site ORDER BY number")]

    def scopes(self, names: Collection[str]) -> dict[str, ScopeHead]:
        sql = f"SELECT {SCOPE} FROM scope WHERE {self._dialect.member('scope')}"
        return {row[0]: ScopeHead(*row) for row in self._rows(sql, self._dialect.many(names))}

    def heads(self) -> list[ScopeHead]:
        return [ScopeHead(*row) for row in self._rows(f"SELECT {SCOPE} FROM scope ORDER BY scope")]

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
        sql = f"SELECT {LOG} FROM scope_log WHERE scope = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [LogEntry(*row) for row in self._rows(sql, scope, after, limit)]

    def documents(self, scope: str, ids: Collection[str]) -> list[Document]:
        return self._documents(f"scope = ? AND {self._dialect.member('id')}", scope, self._dialect.many(ids))

    def of_type(self, scope: str, type_: str) -> list[Document]:
        return self._documents("scope = ? AND type = ? ORDER BY id", scope, type_)

    def work(self, scope: str, customers: Collection[str], since: int) -> list[Document]:
        return self._documents(
            f"scope = ? AND {self._dialect.member('customer')} AND type IN ({_WORK_TYPES}) AND (open = 1 OR at > ?)",
            scope,
            self._dialect.many(customers),
            since,
        )

    def attached(self, scope: str, announcement: str, most: int) -> list[Document]:
        where = "scope = ? AND open = 1 AND type = 'attachment' AND state = 'open' AND ref = ? LIMIT ?"
        return self._documents(where, scope, announcement, most)

    def made_by(self, scope: str, owners: Collection[str], since: int) -> list[Document]:
        # one question for each type: each has an index of its own
        return [
            document
            for type_ in sorted(MONEY_TYPES)
            for document in self._documents(
                f"scope = ? AND {self._dialect.member('owner')} AND type = '{type_}' AND at >= ?",
                scope,
                self._dialect.many(owners),
                since,
            )
        ]

    def receipts(self, site: str, ids: Collection[str]) -> list[Receipt]:
        sql = (
            "SELECT a.site, a.lineage, a.seq, a.id, a.digest, coalesce(r.hash, ''), coalesce(r.verdict, a.verdict), "
            "coalesce(r.reasons, '[]'), a.scope, a.change FROM archive AS a LEFT JOIN receipt AS r "
            "ON r.site = a.site AND r.lineage = a.lineage AND r.seq = a.seq "
            f"WHERE a.site = ? AND {self._dialect.member('a.id')}"
        )
        return [Receipt(*row) for row in self._rows(sql, site, self._dialect.many(ids))]

    def lineages(self, site: str) -> list[LineageHead]:
        sql = f"SELECT {LINEAGE} FROM lineage WHERE site = ? ORDER BY lineage"
        return [LineageHead(*row) for row in self._rows(sql, site)]

    def epochs(self) -> list[Epoch]:
        return [Epoch(*row) for row in self._rows(f"SELECT {EPOCH} FROM epoch ORDER BY number")]

    def receipts_at(self, site: str, lineage: str, first: int, last: int) -> list[Receipt]:
        sql = f"SELECT {RECEIPT} FROM receipt WHERE site = ? AND lineage = ? AND seq BETWEEN ? AND ? ORDER BY seq"
        return [Receipt(*row) for row in self._rows(sql, site, lineage, first, last)]

    def archived(self, site: str, lineage: str, first: int, last: int) -> list[Archived]:
        sql = f"SELECT {ARCHIVE} FROM archive WHERE site = ? AND lineage = ? AND seq BETWEEN ? AND ? ORDER BY seq"
        return [Archived(*row) for row in self._rows(sql, site, lineage, first, last)]

    def held(self, site: str | None, most: int, after: tuple[str, str, int] = ("", "", 0)) -> list[Archived]:
        one, which = ("site = ? AND ", (site,)) if site is not None else ("", ())
        sql = (
            f"SELECT {ARCHIVE} FROM archive WHERE {one}verdict = 'held' AND (site, lineage, seq) > (?, ?, ?) "
            "ORDER BY site, lineage, seq LIMIT ?"
        )
        return [Archived(*row) for row in self._rows(sql, *which, *after, most)]

    def booked(self, site: str, lineage: str, seq: int) -> list[LedgerLine]:
        sql = f"SELECT {LEDGER} FROM ledger WHERE site = ? AND lineage = ? AND seq = ? ORDER BY line"
        return [LedgerLine(*row) for row in self._rows(sql, site, lineage, seq)]

    def ledger(self, scope: str) -> list[LedgerLine]:
        sql = f"SELECT {LEDGER} FROM ledger WHERE scope = ? ORDER BY at, site, lineage, seq, line"
        return [LedgerLine(*row) for row in self._rows(sql, scope)]

    def leases(self, site: str) -> list[Lease]:
        sql = f"SELECT {LEASE} FROM allowance WHERE site = ? ORDER BY id"
        return [Lease(*row) for row in self._rows(sql, site)]

    def budgets(self, scopes: Collection[str]) -> list[Budget]:
        sql = f"SELECT {BUDGET} FROM budget WHERE {self._dialect.member('scope')} ORDER BY scope, kind"
        return [Budget(*row) for row in self._rows(sql, self._dialect.many(scopes))]

    def leased(self, scope: str) -> list[Lease]:
        sql = f"SELECT {LEASE} FROM allowance WHERE budget = ? ORDER BY site, id"
        return [Lease(*row) for row in self._rows(sql, scope)]

    def exposures(self, scope: str) -> list[Exposure]:
        sql = f"SELECT {EXPOSURE} FROM exposure WHERE scope = ? ORDER BY at, id"
        return [Exposure(*row) for row in self._rows(sql, scope)]

    def jobs(self, until: int, most: int) -> list[Job]:
        sql = f"SELECT {JOB} FROM job WHERE due <= ? ORDER BY due, site, kind, key LIMIT ?"
        return [Job(*row) for row in self._rows(sql, until, most)]

    def timers(self, until: int, most: int) -> list[TimerRow]:
        sql = f"SELECT {TIMER} FROM timer WHERE due <= ? ORDER BY due, scope, id LIMIT ?"
        return [TimerRow(*row) for row in self._rows(sql, until, most)]

    def open_keys(self, types: Collection[str], after: tuple[str, int, str], most: int) -> list[tuple[str, int, str]]:
        sql = (
            "SELECT scope, coalesce(due, 0), id FROM document WHERE open = 1 "
            "AND (scope, coalesce(due, 0), id) > (?, ?, ?) "
            f"AND {self._dialect.member('type')} ORDER BY scope, coalesce(due, 0), id LIMIT ?"
        )
        return [(scope, due, id_) for scope, due, id_ in self._rows(sql, *after, self._dialect.many(types), most)]

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

    def credential(self, agent: str) -> Credential | None:
        rows = self._rows(f"SELECT {CREDENTIAL} FROM credential WHERE agent = ?", agent)
        return next(map(_credential_of, rows), None)

    def credentials(self) -> list[Credential]:
        return [_credential_of(row) for row in self._rows(f"SELECT {CREDENTIAL} FROM credential ORDER BY agent")]

    def tried(self, names: Collection[str]) -> dict[str, Tried]:
        sql = f"SELECT {TRIED} FROM tried WHERE {self._dialect.member('who')}"
        return {row[0]: Tried(*row) for row in self._rows(sql, self._dialect.many(names))}

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

    def evidence(self, table: str, after: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
        from agentdesk.centre.storage.seals import SEALED  # it names tables by the columns that stand here

        spec = SEALED[table]
        keys = ", ".join(spec.keys)
        where = f"WHERE ({keys}) > ({', '.join('?' for _ in after)}) " if after else ""
        sql = f"SELECT {spec.listed}, seal FROM {table} {where}ORDER BY {keys} LIMIT ?"
        return list(self._rows(sql, *after, limit))

    def lost_documents(self, scope: str, after: int, limit: int) -> list[tuple[int, str]]:
        sql = (
            "SELECT l.seq, l.document FROM scope_log AS l LEFT JOIN document AS d "
            "ON d.scope = l.home AND d.id = l.document WHERE l.scope = ? AND l.home = l.scope AND l.seq > ? "
            "AND (d.id IS NULL OR d.rev < l.seq) ORDER BY l.seq LIMIT ?"
        )
        return [(seq, document) for seq, document in self._rows(sql, scope, after, limit)]

    def unlogged_documents(self, scope: str, floor: int, limit: int) -> list[tuple[str, int]]:
        sql = (
            "SELECT d.id, d.rev FROM document AS d LEFT JOIN scope_log AS l ON l.scope = d.scope AND l.seq = d.rev "
            "WHERE d.scope = ? AND d.rev >= ? AND (l.document IS NULL OR l.document <> d.id) ORDER BY d.id LIMIT ?"
        )
        return [(id_, rev) for id_, rev in self._rows(sql, scope, floor, limit)]

    def documents_of(self, customer: str) -> list[str]:
        return [row[0] for row in self._rows("SELECT id FROM document WHERE customer = ? ORDER BY id", customer)]

    def customers_known_as(self, number: str, name: str) -> list[tuple[str, str]]:
        sql = (
            "SELECT scope, customer FROM holder WHERE number = ? "
            "UNION SELECT scope, id FROM document WHERE type = 'customer' AND (id = ? OR name = ?) ORDER BY 1, 2"
        )
        return [(scope, customer) for scope, customer in self._rows(sql, number, name, name)]

    def log_scopes(self) -> list[str]:
        return [row[0] for row in self._rows("SELECT DISTINCT scope FROM scope_log ORDER BY scope")]

    def holders(self, scope: str, customers: Collection[str]) -> list[tuple[Any, ...]]:
        sql = f"SELECT {HOLDER_COLUMNS} FROM holder WHERE scope = ? AND {self._dialect.member('customer')}"
        return list(self._rows(sql, scope, self._dialect.many(customers)))

    def stray_holders(self, limit: int) -> list[tuple[str, str]]:
        sql = (
            "SELECT h.scope, h.customer FROM holder AS h LEFT JOIN document AS d "
            "ON d.scope = h.scope AND d.id = h.customer AND d.type = 'customer' WHERE d.id IS NULL "
            "ORDER BY h.scope, h.customer LIMIT ?"
        )
        return [(scope, customer) for scope, customer in self._rows(sql, limit)]

    def stray_money(self, limit: int) -> list[tuple[str, str, int, int]]:
        sql = (
            "SELECT l.site, l.lineage, l.seq, l.line FROM ledger AS l LEFT JOIN archive AS a "
            "ON a.site = l.site AND a.lineage = l.lineage AND a.seq = l.seq WHERE a.id IS NULL OR a.id <> l.operation "
            "ORDER BY l.site, l.lineage, l.seq, l.line LIMIT ?"
        )
        return [(site, lineage, seq, line) for site, lineage, seq, line in self._rows(sql, limit)]

    def unbudgeted(self) -> list[tuple[str, str]]:
        sql = (
            "SELECT scope, kind FROM (SELECT budget AS scope, kind FROM allowance UNION SELECT scope, kind FROM ledger)"
            " AS drawn WHERE NOT EXISTS (SELECT 1 FROM budget AS b WHERE b.scope = drawn.scope AND b.kind = drawn.kind)"
            " ORDER BY scope, kind"
        )
        return [(scope, kind) for scope, kind in self._rows(sql)]

    def below_zero(self, limit: int) -> list[tuple[str, str, str, int]]:
        sql = (
            "SELECT commitment, department, kind, sum(amount) FROM ledger GROUP BY commitment, department, kind "
            "HAVING sum(amount) < 0 ORDER BY commitment, department, kind LIMIT ?"
        )
        return [(one, unit, kind, int(amount)) for one, unit, kind, amount in self._rows(sql, limit)]

    def _rows(self, sql: str, *parameters: Any) -> Iterable[tuple[Any, ...]]:
        return self._connection.execute(sql, parameters)

    def _value(self, sql: str, *parameters: Any) -> str | None:
        return next((row[0] for row in self._rows(sql, *parameters)), None)

    def _documents(self, where: str, *parameters: Any) -> list[Document]:
        return [
            document(row) for row in self._rows(f"SELECT {DOCUMENT_COLUMNS} FROM document WHERE {where}", *parameters)
        ]


def _credential_of(row: tuple[Any, ...]) -> Credential:
    agent, hash_, must_change, *rest = row
    return Credential(agent, hash_, bool(must_change), *rest)


def site_of(row: tuple[Any, ...]) -> Site:
    """Return the site of a row of its columns."""
    id_, number, name, region, token_hash, scopes, revoked, *rest = row
    return Site(id_, number, name, region, token_hash, tuple(scopes.split()), bool(revoked), *rest)
