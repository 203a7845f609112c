"""The tables' SQL, written once in the words of SQLite, as each database wants it."""

from __future__ import annotations

import re

_POSTGRESQL = (
    # sorted as bytes are, like Python and SQLite do; and no index depends on the system's locales
    (re.compile(r"\bTEXT\b"), 'TEXT COLLATE "C"'),
    (re.compile(r"\bINTEGER\b"), "BIGINT"),
    # what came from outside may hold a NUL, which PostgreSQL's texts can't
    (re.compile(r"\bRAWTEXT\b"), "BYTEA"),
    (re.compile(r"\s+WITHOUT ROWID\b"), ""),
)
_SQLITE = ((re.compile(r"\bRAWTEXT\b"), "TEXT"),)


def statements(sql: str, dialect: str) -> list[str]:
    """Return the statements of a migration for `sqlite` or `postgresql`; each ends with a semicolon and a new line."""
    for pattern, replacement in _POSTGRESQL if dialect == "postgresql" else _SQLITE:
        sql = pattern.sub(replacement, sql)
    return [statement for statement in sql.split(";\n") if statement.strip()]


def execute(sql: str) -> None:
    """Run the statements of a migration, as Alembic's operations."""
    from alembic import op

    connection = op.get_bind()
    for statement in statements(sql, connection.dialect.name):
        connection.exec_driver_sql(statement)
