"""Tables: made at once or step by step they are the same, on both databases, and nothing that is there is lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import psycopg
import pytest

from agentdesk.centre.storage import migrating
from agentdesk.centre.storage.contract import StorageError
from agentdesk.centre.storage.migrations.dialects import statements
from agentdesk.centre.storage.opening import KEY, open_database

VERSIONS = migrating.FOLDER / "versions"
FIRST, *LATER = sorted(path.stem for path in VERSIONS.glob("m*.py"))


def tables(url: str) -> set[tuple[str, ...]]:
    """Return all that a database is made of, in its own words."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            rows = connection.execute(
                "SELECT m.name, c.name, c.type, c.pk FROM sqlite_master AS m, pragma_table_info(m.name) AS c "
                "UNION SELECT tbl_name, name, sql, '' FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            ).fetchall()
        connection.close()
    else:
        with psycopg.connect(url) as server:
            rows = server.execute(
                "SELECT table_name, column_name, data_type, coalesce(collation_name, '') || is_nullable "
                "FROM information_schema.columns WHERE table_schema = 'public' "
                "UNION SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public'"
            ).fetchall()
    return {tuple(map(str, row)) for row in rows}


def run(url: str, *lines: str) -> None:
    """Run statements on a database from outside."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.executescript(";\n".join(lines))
        connection.close()
    else:
        with psycopg.connect(url) as server:
            for line in lines:
                server.execute(line)


def first_tables(url: str) -> list[str]:
    module = import_module(f"agentdesk.centre.storage.migrations.versions.{FIRST}")
    return statements(module.TABLES, url.partition(":")[0])


def test_a_database_of_the_first_release_becomes_what_a_new_one_is(url: str, tmp_path: Path) -> None:
    version = "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"
    name = FIRST.removeprefix("m")
    run(url, *first_tables(url), version, f"INSERT INTO alembic_version VALUES ('{name}')")
    run(url, "INSERT INTO meta VALUES ('kept', 'x')")
    database = open_database(url, tmp_path / KEY)
    assert database.read(lambda s: s.meta("kept")).result() == "x"
    database.close()
    upgraded = tables(url)

    if url.startswith("sqlite"):
        fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
    else:
        fresh = url
        run(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    open_database(fresh, tmp_path / KEY).close()
    assert {part for part in upgraded if part[0] != "alembic_version"} == {
        part for part in tables(fresh) if part[0] != "alembic_version"
    }


def test_a_file_that_another_tool_migrated_goes_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    run(
        url,
        *first_tables(url),
        "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)",
        f"INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('centre', '{FIRST.removeprefix('m')}')",
        "INSERT INTO meta VALUES ('kept', 'x')",
    )
    database = open_database(url)
    assert database.read(lambda s: (s.meta("kept"), s.heads())).result() == ("x", [])
    database.close()


def test_a_database_of_a_newer_program_is_left_alone(url: str, tmp_path: Path) -> None:
    open_database(url, tmp_path / KEY).close()
    run(url, "UPDATE alembic_version SET version_num = '9999_later'")

    with pytest.raises(StorageError, match="newer program"):
        open_database(url, tmp_path / KEY)


def test_the_tool_is_loaded_only_where_it_has_something_to_do(tmp_path: Path) -> None:
    code = (
        "import sys; from agentdesk.centre.storage.opening import open_database; "
        f"[open_database('sqlite:///{tmp_path / 'centre.db'}').close() for _ in range(2)]; "
        "print([name for name in ('alembic', 'sqlalchemy', 'sqlite_utils') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_each_step_is_named_after_its_revision_and_follows_the_one_before() -> None:
    before = None
    for name in (FIRST, *LATER):
        step = import_module(f"agentdesk.centre.storage.migrations.versions.{name}")
        assert (step.revision, step.down_revision) == (name.removeprefix("m"), before)
        assert len(step.revision) <= 32
        before = step.revision
