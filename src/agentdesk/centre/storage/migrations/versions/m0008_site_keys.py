"""A site signs with a key of its own; the next one and its token wait beside it until they were used once."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0008_site_keys"
down_revision = "0007_remedies"

TABLES = """
ALTER TABLE site ADD COLUMN public_key TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN turns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE site ADD COLUMN next_key TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN next_token_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE enrol_code ADD COLUMN site TEXT NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
