"""The tables of `outbox.db`: precious, so they change only by adding, and operation bodies never change at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.replica.driver import sqlite

if TYPE_CHECKING:
    from sqlite_utils import Database

OUTBOX_VERSION = 8
"""Kept in `user_version`, so that an up-to-date file is recognised without loading the migration tools."""

_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE chain (
  lineage TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, current INTEGER NOT NULL,
  answered INTEGER NOT NULL DEFAULT 0, answered_hash TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE operation (
  lineage TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, scope TEXT NOT NULL,
  document TEXT NOT NULL, customer TEXT, actor TEXT NOT NULL, amount INTEGER NOT NULL, allowance TEXT,
  at INTEGER NOT NULL, head TEXT NOT NULL, salt TEXT NOT NULL, body TEXT, PRIMARY KEY (lineage, seq)
);
CREATE TABLE verdict (
  operation TEXT PRIMARY KEY, verdict TEXT NOT NULL, reasons TEXT NOT NULL, scope TEXT, change INTEGER,
  epoch TEXT NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sending (operation TEXT PRIMARY KEY, tries INTEGER NOT NULL, first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL, problem TEXT) WITHOUT ROWID;
CREATE TABLE pending (operation TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (scope, id, operation)) WITHOUT ROWID;
CREATE TABLE overlay (
  scope TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, rev INTEGER NOT NULL, customer TEXT, state TEXT,
  open INTEGER NOT NULL, due INTEGER, at INTEGER NOT NULL, ref TEXT, owner TEXT, department TEXT, name TEXT,
  data TEXT NOT NULL, revs TEXT NOT NULL, PRIMARY KEY (scope, id)
);
CREATE INDEX overlay_customer ON overlay (scope, customer, at);
CREATE INDEX overlay_owner ON overlay (scope, owner, at) WHERE type = 'commitment';
CREATE INDEX overlay_ref ON overlay (ref) WHERE ref IS NOT NULL;
CREATE TABLE spending (allowance TEXT PRIMARY KEY, spent INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE charge (operation TEXT NOT NULL, allowance TEXT NOT NULL, amount INTEGER NOT NULL,
  stands INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (operation, allowance)) WITHOUT ROWID;
CREATE TABLE draft (key TEXT PRIMARY KEY, text TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE inbox (operation TEXT PRIMARY KEY, at INTEGER NOT NULL, done_at INTEGER, done_by TEXT) WITHOUT ROWID;
CREATE TABLE replica (name TEXT PRIMARY KEY, file TEXT NOT NULL, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE successor (name TEXT PRIMARY KEY, file TEXT NOT NULL, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE line (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL, since INTEGER NOT NULL,
  last_contact INTEGER, offset INTEGER, problem TEXT, holder TEXT, cut INTEGER NOT NULL DEFAULT 0,
  next_try INTEGER);
"""

_LINEAGES = """
ALTER TABLE chain ADD COLUMN proof TEXT NOT NULL DEFAULT '';
ALTER TABLE chain ADD COLUMN durable INTEGER NOT NULL DEFAULT 0;
CREATE TABLE moved (operation TEXT NOT NULL, lineage TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (operation, lineage, seq)) WITHOUT ROWID;
"""

_VERDICTS = """
CREATE TABLE later (operation TEXT NOT NULL, round INTEGER NOT NULL, at INTEGER NOT NULL, rev INTEGER NOT NULL,
  verdict TEXT NOT NULL, reasons TEXT NOT NULL, scope TEXT, change INTEGER, what TEXT NOT NULL, by TEXT NOT NULL,
  words TEXT, answer TEXT, instead TEXT, taken_at INTEGER NOT NULL, PRIMARY KEY (operation, round, at)) WITHOUT ROWID;
CREATE TABLE seen (operation TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL,
  PRIMARY KEY (operation, at, by)) WITHOUT ROWID;
CREATE INDEX operation_wish ON operation (document) WHERE kind IN ('operation.retried', 'operation.withdrawn');
"""

_LEASES = "CREATE TABLE lease (id TEXT PRIMARY KEY, serial INTEGER NOT NULL, data TEXT NOT NULL) WITHOUT ROWID"

_ACCESS = """
CREATE TABLE admitted (agent TEXT PRIMARY KEY, admitted_at INTEGER NOT NULL, tried INTEGER NOT NULL,
  failures INTEGER NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE pin (agent TEXT PRIMARY KEY, verifier TEXT NOT NULL, failures INTEGER NOT NULL, at INTEGER NOT NULL,
  until INTEGER NOT NULL) WITHOUT ROWID;
"""


def migrate(connection: sqlite.Connection) -> None:
    """Bring an outbox up to this program's tables; one made by a newer program is left as it is."""
    if connection.execute("PRAGMA user_version").fetchone()[0] >= OUTBOX_VERSION:
        return
    from sqlite_utils import Database, Migrations  # takes a while to import, and is seldom needed

    steps = Migrations("outbox")

    @steps()
    def first(database: Database) -> None:
        for statement in filter(str.strip, _FIRST.split(";")):
            database.execute(statement)
        database.execute("INSERT INTO line (id, state, since) VALUES (1, 'offline', 0)")

    @steps()
    def lineages(database: Database) -> None:
        for statement in filter(str.strip, _LINEAGES.split(";")):
            database.execute(statement)

    @steps()
    def verdicts(database: Database) -> None:
        for statement in filter(str.strip, _VERDICTS.split(";\n")):
            database.execute(statement)

    @steps()
    def fetching(database: Database) -> None:
        database.execute("ALTER TABLE line ADD COLUMN fetching TEXT")

    @steps()
    def fewer_pages(database: Database) -> None:
        # each promise would write a page of it, and what it finds is found by going through what is pending
        database.execute("DROP INDEX IF EXISTS overlay_ref")

    @steps()
    def leases(database: Database) -> None:
        database.execute(_LEASES)

    @steps()
    def access(database: Database) -> None:
        for statement in filter(str.strip, _ACCESS.split(";\n")):
            database.execute(statement)

    @steps()
    def remedies(database: Database) -> None:
        # what an agent gave in a day is asked for with each ring
        database.execute("CREATE INDEX overlay_remedy ON overlay (scope, owner, at) WHERE type = 'remedy'")

    steps.apply(Database(connection))
    connection.execute(f"PRAGMA user_version = {OUTBOX_VERSION}")
