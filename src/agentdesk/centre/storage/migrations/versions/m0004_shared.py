"""How far a lineage was when the centre's present history began, and in which history its site greeted last."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0004_shared"
down_revision = "0003_held"

TABLES = """
ALTER TABLE lineage ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
ALTER TABLE lineage ADD COLUMN began INTEGER NOT NULL DEFAULT 0;
"""


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
