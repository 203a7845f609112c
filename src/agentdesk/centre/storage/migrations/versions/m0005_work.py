"""A customer's work is of more types than tickets and promises: the index by which it is found holds them all.

SQLite uses it only for a question with the same list, in the same order.
"""

from __future__ import annotations

from agentdesk.centre.storage.migrations.dialects import execute

revision = "0005_work"
down_revision = "0004_shared"

TABLES = """
DROP INDEX document_work;
CREATE INDEX document_work ON document (scope, customer, at) WHERE type IN ('appointment', 'approval',
  'attachment', 'callback', 'check', 'commitment', 'dispute', 'remedy', 'service_order', 'ticket');
"""


def upgrade() -> None:
    """Run the statements."""
    execute(TABLES)
