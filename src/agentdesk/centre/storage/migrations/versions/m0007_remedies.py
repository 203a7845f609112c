"""What an agent gave by remedies on a day is found like what he promised: both draw on the same bounds."""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0007_remedies"
down_revision = "0006_timers"

TABLES = """
CREATE INDEX document_remedy ON document (scope, owner, at) WHERE type = 'remedy';
"""


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
