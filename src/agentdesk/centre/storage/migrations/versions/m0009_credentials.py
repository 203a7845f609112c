"""Agents sign in with passwords, which are no documents: nobody pulls them. Wrong tries are counted beside them."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0009_credentials"
down_revision = "0008_site_keys"

TABLES = """
CREATE TABLE credential (
  agent TEXT PRIMARY KEY, hash TEXT NOT NULL, must_change INTEGER NOT NULL, changed_at INTEGER NOT NULL,
  signed_in_at INTEGER NOT NULL, pin TEXT NOT NULL, pin_changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tried (
  who TEXT PRIMARY KEY, failures INTEGER NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tried_at ON tried (at);
"""


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
