"""Bringing a database's tables up to this program, with Alembic.

The tool is loaded only where it has something to do: an up-to-date database is recognised by its version alone, and
an empty one gets the statements of all migrations and the newest version.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.centre.storage import migrations
from agentdesk.centre.storage.contract import StorageError
from agentdesk.centre.storage.migrations.dialects import statements

if TYPE_CHECKING:
    from sqlalchemy import Connection

FOLDER = Path(__file__).with_name("migrations")
VERSION = "SELECT version_num FROM alembic_version"
"""Asks a database for its version; one that was never migrated has no such table."""
FORMER = "SELECT name FROM _sqlite_migrations WHERE migration_set = 'centre' ORDER BY name DESC LIMIT 1"
"""Asks a SQLite database for its version that was migrated with sqlite-utils, under the same names."""
_TABLE = "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"


def newest() -> str:
    """Return the version that this program works with."""
    return _modules()[-1].removeprefix("m")


def is_current(version: str | None) -> bool:
    """Tell whether a database of a version (None: it was never migrated) is as this program wants it.

    Raises StorageError for one that a newer program has migrated.
    """
    wanted = newest()
    if version is not None and version > wanted:
        raise StorageError(f"the database is of a newer program ({version}): install that one here, too")
    return version == wanted


def create(execute: Callable[[str], object], dialect: str) -> None:
    """Make all tables in an empty database, within the caller's transaction."""
    for name in _modules():
        module = import_module(f"{migrations.__name__}.versions.{name}")
        for statement in statements(module.TABLES, dialect):
            execute(statement)
    execute(_TABLE)
    execute(f"INSERT INTO alembic_version (version_num) VALUES ('{newest()}')")


def upgrade(connection: Connection, former: str | None = None) -> None:
    """Migrate within the transaction of a connection; `former` is the version that another tool brought it to."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    if former is not None:
        command.stamp(config, former)
    command.upgrade(config, "head")


def _modules() -> list[str]:
    return sorted(path.stem for path in (FOLDER / "versions").glob("m*.py"))
