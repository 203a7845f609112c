"""The tables of the first release."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0001_first"
down_revision = None

TABLES = """
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
  head RAWTEXT NOT NULL, salt RAWTEXT NOT NULL, body RAWTEXT, received_at INTEGER NOT NULL, made_at INTEGER NOT NULL,
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


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
