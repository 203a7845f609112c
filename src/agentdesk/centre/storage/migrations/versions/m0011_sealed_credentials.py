"""What agents sign in with is sealed, too. What was there before has no seal until it is given one."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0011_sealed_credentials"
down_revision = "0010_seals"

TABLES = """
ALTER TABLE credential ADD COLUMN seal TEXT NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
