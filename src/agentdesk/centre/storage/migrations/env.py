"""What Alembic runs to migrate: over the connection that `migrating` gives to it, in that one's transaction."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
