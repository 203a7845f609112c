"""When the clock of a document is to be looked at next. What was there before is looked at once, soon."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0006_timers"
down_revision = "0005_work"

TABLES = """
CREATE TABLE timer (
  scope TEXT NOT NULL, id TEXT NOT NULL, due INTEGER NOT NULL, tries INTEGER NOT NULL, PRIMARY KEY (scope, id)
) WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due);
"""


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
