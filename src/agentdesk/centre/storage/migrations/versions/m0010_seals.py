"""Rows that are evidence are sealed with the centre's key. What was there before has none until it is given one."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0010_seals"
down_revision = "0009_credentials"

TABLES = """
ALTER TABLE meta ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE epoch ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE scope ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE lineage ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE archive ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE receipt ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE ledger ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE budget ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE allowance ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE exposure ADD COLUMN seal TEXT NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
