"""What a replica file is made of: documents with their index columns, who can be reached where, and the cursors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import EVERY_FIELD, Document, Key, index_of
from agentdesk.domain.language.writing import encoder

if TYPE_CHECKING:
    from agentdesk.replica.driver import sqlite

REPLICA_VERSION = 2

COLUMNS = "scope, id, type, rev, customer, state, open, due, at, ref, owner, department, name, data, revs"
DOCUMENT_COLUMNS = "scope, id, type, rev, data, revs"
"""What `document` reads."""
HOLDER_COLUMNS = "number, scope, customer, subscription, relation, rank"
"""What `holder_rows` returns."""


encode = encoder()
_decode = json.JSONDecoder().raw_decode
"""Reads what `encode` wrote: without white space to look for."""

_TABLES = """
CREATE TABLE IF NOT EXISTS document (
  scope TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, rev INTEGER NOT NULL, customer TEXT, state TEXT,
  open INTEGER NOT NULL, due INTEGER, at INTEGER NOT NULL, ref TEXT, owner TEXT, department TEXT, name TEXT,
  data TEXT NOT NULL, revs TEXT NOT NULL, PRIMARY KEY (scope, id)
);
CREATE TABLE IF NOT EXISTS holder (
  number TEXT NOT NULL, scope TEXT NOT NULL, customer TEXT NOT NULL, subscription TEXT NOT NULL,
  relation TEXT NOT NULL, rank INTEGER NOT NULL, PRIMARY KEY (number, scope, customer, subscription)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursor (
  scope TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tally (
  scope TEXT PRIMARY KEY, documents INTEGER NOT NULL, total INTEGER NOT NULL
) WITHOUT ROWID;
"""
_INDEXES = f"""
CREATE INDEX IF NOT EXISTS document_customer ON document (scope, customer, at) WHERE customer IS NOT NULL;
CREATE INDEX IF NOT EXISTS document_open ON document (scope, due) WHERE open = 1;
CREATE INDEX IF NOT EXISTS document_kind ON document (scope, type, due) WHERE open = 1;
CREATE INDEX IF NOT EXISTS document_mine ON document (scope, owner, due) WHERE open = 1;
CREATE INDEX IF NOT EXISTS document_ref ON document (ref) WHERE ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS document_name ON document (name) WHERE name IS NOT NULL;
CREATE INDEX IF NOT EXISTS document_owner ON document (scope, owner, at) WHERE type = 'commitment';
CREATE INDEX IF NOT EXISTS document_remedy ON document (scope, owner, at) WHERE type = 'remedy';
CREATE INDEX IF NOT EXISTS holder_customer ON holder (scope, customer);
PRAGMA user_version = {REPLICA_VERSION};
"""


def create(connection: sqlite.Connection) -> None:
    """Make the tables of a replica in a new file; an existing one of this version is left as it is."""
    if connection.execute("PRAGMA user_version").fetchone()[0] != REPLICA_VERSION:
        connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} {_INDEXES} COMMIT;")


def create_bare(connection: sqlite.Connection) -> None:
    """Make the tables without their indexes, for a load in bulk; no replica yet, until `index`."""
    connection.executescript(_TABLES)


def indexes() -> tuple[str, ...]:
    """Return the statements that make a replica of what `create_bare` made, one index each; the last one says so."""
    return tuple(statement.strip() for statement in _INDEXES.split(";") if statement.strip())


def row_of(document: Document) -> tuple[Any, ...]:
    """Return a document as a row in the order of COLUMNS."""
    index = index_of(document)
    return (
        document.scope,
        document.id,
        document.type,
        document.rev,
        index.customer,
        index.state,
        1 if index.open else 0,
        index.due,
        index.at,
        index.ref,
        index.owner,
        index.department,
        index.name,
        encode(document.data),
        _revs_text(document.revs),
    )


def _revs_text(revs: Mapping[str, tuple[int, str]]) -> str:
    if len(revs) == 1 and EVERY_FIELD in revs:
        # most documents are written once
        rev, lineage = revs[EVERY_FIELD]
        return f'{{"{EVERY_FIELD}":[{rev},{encode(lineage)}]}}'
    return encode(revs)


def document(row: tuple[Any, ...]) -> Document:
    """Return the document of a row in the order of DOCUMENT_COLUMNS."""
    scope, document_id, kind, rev, data, revs = row
    return Document(scope, document_id, kind, rev, _decode(data)[0], _revs(revs))


def _revs(text: str) -> Mapping[str, tuple[int, str]]:
    if text == "{}":
        return {}
    return {name: (rev, lineage) for name, (rev, lineage) in _decode(text)[0].items()}


def holder_rows(customer: Document) -> list[tuple[str, str, str, str, str, int]]:
    """Return the rows under which a customer's numbers are found."""
    from agentdesk.domain.case import holders  # only what a page brings is written down

    return [
        (number, customer.scope, customer.id, subscription or "", relation, rank)
        for number, subscription, relation, rank in holders(customer)
    ]


def put(connection: sqlite.Connection, documents: Iterable[Document]) -> None:
    """Write documents whose revision is newer than what is here, with the numbers that lead to them.

    Runs in the caller's transaction.
    """
    documents = tuple(documents)
    _put(connection, [row_of(item) for item in documents], (d for d in documents if d.type == "customer"))


def put_rows(connection: sqlite.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write documents given as rows in the order of COLUMNS, as `put` does."""
    customers = (Document(r[0], r[1], r[2], r[3], _decode(r[-2])[0]) for r in rows if r[2] == "customer")
    _put(connection, rows, customers)


def _put(connection: sqlite.Connection, rows: Sequence[tuple[Any, ...]], given: Iterable[Document]) -> None:
    customers: dict[Key, Document] = {}
    for item in given:
        if item.key not in customers or customers[item.key].rev < item.rev:
            customers[item.key] = item
    known = {key: _known_rev(connection, key) for key in customers}
    # an older one must not bring back its old numbers
    newest = [c for c in customers.values() if known[c.key] is None or (known[c.key] or 0) < c.rev]
    marks = ", ".join("?" * len(COLUMNS.split(", ")))
    names = [n for n in COLUMNS.split(", ") if n not in ("scope", "id")]
    sets = ", ".join(f"{n} = excluded.{n}" for n in names)
    connection.executemany(
        f"INSERT INTO document ({COLUMNS}) VALUES ({marks}) "
        f"ON CONFLICT (scope, id) DO UPDATE SET {sets} WHERE excluded.rev > document.rev",
        rows,
    )
    connection.executemany(
        "DELETE FROM holder WHERE scope = ? AND customer = ?",
        [(c.scope, c.id) for c in newest if known[c.key] is not None],
    )
    connection.executemany(
        f"INSERT OR REPLACE INTO holder ({HOLDER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        [row for c in newest for row in holder_rows(c)],
    )


def _known_rev(connection: sqlite.Connection, key: Key) -> int | None:
    row = connection.execute("SELECT rev FROM document WHERE scope = ? AND id = ?", (key.scope, key.id)).fetchone()
    return None if row is None else int(row[0])


def take_away(connection: sqlite.Connection, keys: Iterable[tuple[str, str]]) -> None:
    """Remove documents, by (scope, id), that left the replica's scopes. Runs in the caller's transaction."""
    keys = list(keys)
    connection.executemany("DELETE FROM document WHERE scope = ? AND id = ?", keys)
    connection.executemany("DELETE FROM holder WHERE scope = ? AND customer = ?", keys)


def cursors(connection: sqlite.Connection) -> dict[str, tuple[str, int, str]]:
    """Return how far each scope has been taken in: (epoch, number, hash)."""
    rows = connection.execute("SELECT scope, epoch, seq, hash FROM cursor")
    return {scope: (epoch, seq, digest) for scope, epoch, seq, digest in rows}


def set_cursor(connection: sqlite.Connection, scope: str, epoch: str, seq: int, digest: str) -> None:
    """Say how far a scope has been taken in. Runs in the caller's transaction, with the rows it stands for."""
    connection.execute(
        "INSERT INTO cursor (scope, epoch, seq, hash) VALUES (?, ?, ?, ?) ON CONFLICT (scope) DO UPDATE SET "
        "epoch = excluded.epoch, seq = excluded.seq, hash = excluded.hash",
        (scope, epoch, seq, digest),
    )
