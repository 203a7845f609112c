"""The tables of the centre in SQLite, as migrations: what was released is never edited, only added to.

Keys begin with a scope, site or lineage column, so that the same tables can be spread over several machines.
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("centre")

_FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE site (
  id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, name TEXT NOT NULL, region TEXT NOT NULL,
  token_hash TEXT NOT NULL, scopes TEXT NOT NULL, revoked INTEGER NOT NULL, enrolled_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE enrol_code (
  hash TEXT PRIMARY KEY, region TEXT NOT NULL, name TEXT NOT NULL, uses INTEGER NOT NULL, expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE lineage (
  site TEXT NOT NULL, lineage TEXT NOT NULL, last_seq INTEGER NOT NULL, last_hash TEXT NOT NULL,
  certain_at INTEGER NOT NULL, PRIMARY KEY (site, lineage)
) WITHOUT ROWID;
CREATE TABLE scope (
  scope TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE scope_log (
  scope TEXT NOT NULL, seq INTEGER NOT NULL, home TEXT NOT NULL, document TEXT NOT NULL, action TEXT NOT NULL,
  rev INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (scope, seq)
) WITHOUT ROWID;
CREATE TABLE document (
  scope TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, rev INTEGER NOT NULL, customer TEXT, state TEXT,
  open INTEGER NOT NULL, due INTEGER, at INTEGER NOT NULL, ref TEXT, owner TEXT, department TEXT, name TEXT,
  data TEXT NOT NULL, revs TEXT NOT NULL, PRIMARY KEY (scope, id)
);
CREATE INDEX document_work ON document (scope, customer, at) WHERE type IN ('ticket', 'commitment');
CREATE INDEX document_made ON document (scope, owner, at) WHERE type = 'commitment';
CREATE INDEX document_due ON document (scope, due) WHERE open = 1;
CREATE INDEX document_type ON document (scope, type) WHERE type IN ('agent', 'site', 'catalogue');
CREATE TABLE holder (
  scope TEXT NOT NULL, number TEXT NOT NULL, customer TEXT NOT NULL, subscription TEXT NOT NULL,
  relation TEXT NOT NULL, rank INTEGER NOT NULL, PRIMARY KEY (scope, number, customer, subscription)
) WITHOUT ROWID;
CREATE INDEX holder_customer ON holder (scope, customer);
CREATE TABLE identity (
  scope TEXT NOT NULL, digest TEXT NOT NULL, customer TEXT NOT NULL, PRIMARY KEY (scope, digest)
) WITHOUT ROWID;
CREATE TABLE receipt (
  site TEXT NOT NULL, lineage TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL,
  hash TEXT NOT NULL, verdict TEXT NOT NULL, reasons TEXT NOT NULL, scope TEXT, change INTEGER,
  PRIMARY KEY (site, lineage, seq)
) WITHOUT ROWID;
CREATE INDEX receipt_id ON receipt (site, id);
CREATE TABLE archive (
  site TEXT NOT NULL, lineage TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
  head TEXT NOT NULL, salt TEXT NOT NULL, body TEXT, received_at INTEGER NOT NULL, made_at INTEGER NOT NULL,
  source TEXT NOT NULL, marked INTEGER NOT NULL, PRIMARY KEY (site, lineage, seq)
);
CREATE TABLE ledger (
  site TEXT NOT NULL, lineage TEXT NOT NULL, seq INTEGER NOT NULL, line INTEGER NOT NULL, operation TEXT NOT NULL,
  kind TEXT NOT NULL, amount INTEGER NOT NULL, allowance TEXT, scope TEXT NOT NULL, customer TEXT NOT NULL,
  commitment TEXT NOT NULL, department TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (site, lineage, seq, line)
) WITHOUT ROWID;
CREATE INDEX ledger_scope ON ledger (scope, at);
CREATE TABLE budget (
  scope TEXT NOT NULL, kind TEXT NOT NULL, "limit" INTEGER NOT NULL, settled INTEGER NOT NULL,
  exposed INTEGER NOT NULL, PRIMARY KEY (scope, kind)
) WITHOUT ROWID;
CREATE TABLE allowance (
  site TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, budget TEXT NOT NULL, amount INTEGER NOT NULL,
  spent INTEGER NOT NULL, PRIMARY KEY (site, id)
) WITHOUT ROWID;
CREATE INDEX allowance_budget ON allowance (budget, kind);
"""


_SECOND = """
ALTER TABLE site ADD COLUMN presented TEXT NOT NULL DEFAULT '';
ALTER TABLE lineage ADD COLUMN acked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lineage ADD COLUMN durable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scope ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scope ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scope ADD COLUMN total INTEGER NOT NULL DEFAULT 0;
UPDATE scope SET documents = (SELECT count(*) FROM document AS d WHERE d.scope = scope.scope),
  total = (SELECT coalesce(sum(d.rev), 0) FROM document AS d WHERE d.scope = scope.scope);
ALTER TABLE scope_log ADD COLUMN operation TEXT NOT NULL DEFAULT '';
CREATE TABLE epoch (
  epoch TEXT PRIMARY KEY, number INTEGER NOT NULL, began_at INTEGER NOT NULL, cause TEXT NOT NULL,
  settled_at INTEGER
) WITHOUT ROWID;
DROP INDEX receipt_id;
ALTER TABLE archive ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE archive ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE archive ADD COLUMN scope TEXT;
ALTER TABLE archive ADD COLUMN change INTEGER;
UPDATE archive SET (digest, verdict, scope, change) = (SELECT r.digest, r.verdict, r.scope, r.change FROM receipt AS r
  WHERE r.site = archive.site AND r.lineage = archive.lineage AND r.seq = archive.seq);
CREATE INDEX archive_id ON archive (site, id);
ALTER TABLE allowance ADD COLUMN lineage TEXT NOT NULL DEFAULT '';
ALTER TABLE allowance ADD COLUMN serial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE allowance ADD COLUMN target INTEGER NOT NULL DEFAULT 0;
ALTER TABLE allowance ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
CREATE TABLE exposure (
  scope TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, site TEXT NOT NULL, lease TEXT NOT NULL,
  cause TEXT NOT NULL, amount INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (scope, kind, id)
) WITHOUT ROWID;
CREATE TABLE job (
  site TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, due INTEGER NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (site, kind, key)
) WITHOUT ROWID;
CREATE INDEX job_due ON job (due);
"""


@migrations(name="0001_first")
def first(db: Database) -> None:
    """Make the tables of the first release."""
    for statement in filter(str.strip, _FIRST.split(";\n")):
        db.execute(statement)


@migrations(name="0002_histories")
def histories(db: Database) -> None:
    """Add what tells one history of the centre from another, what names exposure, and work that waits."""
    for statement in filter(str.strip, _SECOND.split(";\n")):
        db.execute(statement)
