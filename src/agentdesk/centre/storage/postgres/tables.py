"""Bringing the tables of a PostgreSQL database up to this program."""

from __future__ import annotations

import psycopg

from agentdesk.centre.storage.contract import StorageError
from agentdesk.centre.storage.migrating import VERSION, create, is_current, upgrade
from agentdesk.centre.storage.postgres.wire import Wire

OLDEST = 150_000
"""The first release of the server that will do."""
_LOCK = 0x6167_656E_7464_6573
"""Named so that of several processes that start at once, one migrates."""


def bring_up(wire: Wire, url: str, place: str) -> None:
    """Make or migrate the tables if need be; raises StorageError and psycopg.Error."""
    release = wire.connection.info.server_version
    if release < OLDEST:
        raise StorageError(
            f"the server is PostgreSQL {release // 10_000}: the centre wants {OLDEST // 10_000} or later"
        )
    if wire.connection.info.parameter_status("server_encoding") != "UTF8":
        raise StorageError(f"{place} doesn't keep UTF-8: make another one with ENCODING 'UTF8'")
    if is_current(_version(wire)):
        return
    wire.execute("SELECT pg_advisory_lock(?)", (_LOCK,))
    try:
        version = _version(wire)
        if version is None:
            wire.command(b"BEGIN")
            create(wire.execute, "postgresql")
            wire.command(b"COMMIT")
        elif not is_current(version):
            _upgrade(url)
    finally:
        if not wire.usable:
            wire.command(b"ROLLBACK")
        wire.execute("SELECT pg_advisory_unlock(?)", (_LOCK,))


def _upgrade(url: str) -> None:
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.exc import DBAPIError

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            upgrade(connection)
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise error.orig from error
        raise


def _version(wire: Wire) -> str | None:
    if wire.execute("SELECT to_regclass('alembic_version')") == [(None,)]:
        return None
    rows = wire.execute(VERSION)
    return rows[0][0] if rows else None
