"""What tells one history of the centre from another, what names exposure, and work that waits."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0002_histories"
down_revision = "0001_first"

TABLES = """
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
ALTER TABLE allowance ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;
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


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
