"""What is held is found at once, and work that was begun is counted."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0003_held"
down_revision = "0002_histories"

TABLES = """
CREATE INDEX archive_held ON archive (site, lineage, seq) WHERE verdict = 'held';
ALTER TABLE job ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
"""


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
