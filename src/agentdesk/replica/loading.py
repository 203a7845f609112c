"""A scope as rows, on their way from a centre's database into a site's own file: a form to write, and to load in bulk.

It is the form of pulled lines: each document is three, its index columns as a JSON array in the order of a replica's
tables, its data, its revisions. Behind the documents comes a line for each number that leads to a customer, a JSON
array less the scope. Nothing in it names a table: what is loaded has the tables of whoever loads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from agentdesk.replica.packing import Damaged
from agentdesk.replica.tables import COLUMNS, HOLDER_COLUMNS, create_bare, encode

if TYPE_CHECKING:
    from agentdesk.replica.driver import sqlite

LONGEST_LINE = 1 << 24
"""Bytes that a line may have: what is longer isn't read into memory."""

_INDEX = COLUMNS.split(", ")[:-2]
_PUT = f"INSERT INTO document ({COLUMNS}) VALUES ({', '.join('?' for _ in COLUMNS.split(', '))})"
_PUT_HOLDER = f"INSERT INTO holder ({HOLDER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"


def about(name: str, scope: str) -> bytes:
    """Return what a file of rows is bound to where it is encrypted."""
    return f"{name}\n{scope}".encode()


def document_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return documents, given as rows in the order of COLUMNS, as lines."""
    return "".join(f"{encode(row[:-2])}\n{_line(row[-2])}\n{row[-1]}\n" for row in rows).encode()


def holder_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return numbers, given as rows in the order of HOLDER_COLUMNS, as lines."""
    return "".join(f"{encode([row[0], *row[2:]])}\n" for row in rows).encode()


def _line(text: str) -> str:
    return text if "\n" not in text else encode(json.loads(text))


class Loader:
    """Loads the rows of one scope into a new file: so many documents, and then so many numbers.

    Runs in the caller's transactions. `total` is the sum of the revisions of what was loaded.
    """

    def __init__(self, connection: sqlite.Connection, scope: str, documents: int, holders: int) -> None:
        create_bare(connection)
        self._connection = connection
        self._scope = scope
        self._documents = documents
        self._holders = holders
        self._rest = b""
        self._lines: list[str] = []
        self.total = 0

    @property
    def finished(self) -> bool:
        """Tell whether all of it came, and nothing more."""
        return not (self._documents or self._holders or self._lines or self._rest)

    def feed(self, data: bytes) -> None:
        """Load what some more bytes bring; raises Damaged, and the database's errors where there is no room."""
        whole, end, rest = data.rpartition(b"\n")
        if not end:
            self._rest += data
        else:
            try:
                self._lines += (self._rest + whole).decode().split("\n")
            except UnicodeDecodeError:
                raise Damaged("its rows are no text") from None
            self._rest = rest
            self._take()
        if len(self._rest) > LONGEST_LINE:
            raise Damaged("a line of it is too long")

    def _take(self) -> None:
        lines = self._lines
        try:
            if count := min(self._documents, len(lines) // 3):
                self._put(_read(lines[: 3 * count : 3]), lines[1 : 3 * count : 3], lines[2 : 3 * count : 3])
                del lines[: 3 * count]
                self._documents -= count
            if not self._documents and lines:
                self._put_holders(_read(lines))
                self._holders -= len(lines)
                lines.clear()
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Damaged(f"its rows can't be read: {type(error).__name__}") from None
        if self._holders < 0:
            raise Damaged("there is more in it than was said")

    def _put(self, index: list[list[Any]], data: list[str], revs: list[str]) -> None:
        if any(len(one) != len(_INDEX) or one[0] != self._scope for one in index):
            raise Damaged("documents of another scope are in it")
        rows = [(*one, text, said) for one, text, said in zip(index, data, revs, strict=True)]
        self._many(_PUT, rows)
        self.total += sum(int(one[3]) for one in index)

    def _put_holders(self, found: list[list[Any]]) -> None:
        scope = self._scope
        self._many(_PUT_HOLDER, [(number, scope, *rest) for number, *rest in found])

    def _many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        from agentdesk.replica.driver import sqlite

        try:
            self._connection.executemany(sql, rows)
        except sqlite.OperationalError:
            raise
        except sqlite.Error as error:
            raise Damaged(f"its rows don't go into a replica: {error}") from None


def _read(lines: list[str]) -> list[list[Any]]:
    found = json.loads(f"[{','.join(lines)}]")
    if len(found) != len(lines) or not all(isinstance(one, list) for one in found):
        raise ValueError("a row is no array")
    rows: list[list[Any]] = found
    return rows
