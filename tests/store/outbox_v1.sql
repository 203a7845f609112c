-- The tables of an outbox as its first version made them; such files are out there and must open for ever.
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
CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT);
INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('outbox', 'first', '2026-01-01 00:00:00+00:00');
PRAGMA user_version = 1;
