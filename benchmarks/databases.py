"""The databases that a centre is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType


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


def databases(folder: Path, kinds: list[str]) -> Iterator[Database]:
    """Yield the databases of some kinds."""
    for kind in kinds:
        if kind == "sqlite":
            yield Sqlite(folder / "sqlite")
        else:
            raise SystemExit(f"{kind}: not a kind of database that is measured here")
