"""Changing a database behind its program's back: any one row changed, taken away, put in, or changed for another."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hypothesis import strategies as st

Deed = Literal["change", "remove", "insert", "swap"]
DEEDS: tuple[Deed, ...] = ("change", "remove", "insert", "swap")


@dataclass(frozen=True)
class Tampering:
    """What is done to which row of a table; `row`, `other` and `column` count round and round."""

    table: str
    deed: Deed
    row: int
    other: int
    column: int


PLACES = st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 20))
"""Which row, which other one, and which column."""


def quoted(name: str) -> str:
    return f'"{name}"'


class Tampered:
    """A SQLite file that is tampered with."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def do(self, deed: Tampering) -> set[str] | None:
        """Do it; returns what names the rows concerned, None where that would change nothing."""
        connection = sqlite3.connect(self._path)
        try:
            columns = [(row[1], row[5]) for row in connection.execute(f"PRAGMA table_info({deed.table})")]
            names = [name for name, _ in columns]
            keys = [name for name, place in sorted(columns, key=lambda c: c[1]) if place]
            order = ", ".join(map(quoted, keys))
            rows = connection.execute(f"SELECT * FROM {deed.table} ORDER BY {order}").fetchall()
            if not rows:
                return None
            row = dict(zip(names, rows[deed.row % len(rows)], strict=True))
            other = dict(zip(names, rows[deed.other % len(rows)], strict=True))
            concerned = [row]
            if deed.deed == "change":
                name = names[deed.column % len(names)]
                changed = {**row, name: another(row[name], name)}
                self._drop(connection, deed.table, row, keys)
                self._put(connection, deed.table, changed)
                concerned.append(changed)
            elif deed.deed == "remove":
                self._drop(connection, deed.table, row, keys)
            elif deed.deed == "insert":
                last = keys[-1]
                fresh = {**row, last: another(max(r[names.index(last)] for r in rows), last)}
                self._put(connection, deed.table, fresh)
                concerned = [fresh]
            else:
                named = {key: row[key] for key in keys}, {key: other[key] for key in keys}
                first, second = {**other, **named[0]}, {**row, **named[1]}
                if (first, second) == (row, other):
                    return None
                for one in (row, other):
                    self._drop(connection, deed.table, one, keys)
                for one in (first, second):
                    self._put(connection, deed.table, one)
                concerned = [row, other]
            connection.commit()
        except sqlite3.IntegrityError:
            return None  # the table itself refuses that
        finally:
            connection.close()
        # a history goes by its number
        return {str(one[name]) for one in concerned for name in (*keys, *({"number"} & set(names)))}

    def _drop(self, connection: sqlite3.Connection, table: str, row: dict[str, Any], keys: list[str]) -> None:
        where = " AND ".join(f"{quoted(key)} IS ?" for key in keys)
        connection.execute(f"DELETE FROM {table} WHERE {where}", [row[key] for key in keys])

    def _put(self, connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
        marks = ", ".join("?" * len(row))
        names = ", ".join(map(quoted, row))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def another(value: Any, name: str) -> Any:
    """Return another value that a column could have."""
    if isinstance(value, int):
        return value + 1
    if value is None:
        return 7 if name in ("change", "due", "settled_at") else "x"
    if name in ("head", "body", "data", "revs", "reasons") and value.startswith(("{", "[")):
        return f"{value[:-1]} {value[-1]}"
    return f"{value}x"
