"""The databases that a centre is measured on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from benchmarks.processes import cpu_of

if TYPE_CHECKING:
    from tests.postgres import Server


class Database:
    """A kind of database that gives new, empty ones by URL; `cpu` is what its own processes have used, seconds."""

    name = ""

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def new(self, name: str) -> str:
        """Return the URL of a new, empty database."""
        raise NotImplementedError

    def cpu(self) -> float:
        return 0.0


class Sqlite(Database):
    """Files in a folder."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, name: str) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self._folder / name}.db"


class Postgres(Database):
    """A server of its own, as the tests run it, with commits that are on disk."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._server: Server | None = None
        self._pid = 0

    def __enter__(self) -> Database:
        import psycopg

        from tests.postgres import running

        self._server = self._stack.enter_context(running(durable=True))
        with psycopg.connect(self._server.url()) as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row is not None
            # a backend's parent is the server
            stat = Path(f"/proc/{row[0]}/stat").read_text().rpartition(")")[2].split()
            self._pid = int(stat[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def new(self, name: str) -> str:
        assert self._server is not None
        return self._server.create()

    def cpu(self) -> float:
        return cpu_of(self._pid)


def _missing_postgres() -> str:
    """Return what PostgreSQL lacks to be measured here; empty if nothing."""
    try:
        from tests.postgres import binaries

        binaries()
    except (ImportError, RuntimeError) as error:
        return str(error)
    return ""


def databases(folder: Path, kinds: list[str]) -> Iterator[Database]:
    """Yield the databases of some kinds."""
    for kind in kinds:
        if kind == "sqlite":
            yield Sqlite(folder / "sqlite")
        elif kind == "postgresql":
            missing = _missing_postgres()
            if missing:
                print(f"PostgreSQL is not measured: {missing}", file=sys.stderr)
            else:
                yield Postgres()
        else:
            raise SystemExit(f"{kind}: not a kind of database that is measured here")
