"""A connection to PostgreSQL as the centre's statements want it: `?` marks, prepared statements, rows in bulk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from types import TracebackType
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper
from psycopg.types.string import StrBinaryDumper

LOCK_S = 15
"""How long a transaction waits for a lock that another one holds."""
IDLE_S = 60
"""After how long the server ends the transaction of a process that has stopped in the middle of it."""
FEW = 12
"""Rows up to which single inserts cost less than a COPY."""

_SETTINGS = f"""
SET lock_timeout = '{LOCK_S}s';
SET idle_in_transaction_session_timeout = '{IDLE_S}s';
SET enable_seqscan = off;
SET jit = off;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
""".encode()
# every question has an index, also one whose plan was made while its table was small; whoever runs the server may
# ask for more than `on` (remote_apply), but not for less than a commit that is on disk


class Wire:
    """One connection, used by one thread at a time; raises psycopg.Error."""

    def __init__(self, url: str, name: str) -> None:
        self.connection = psycopg.connect(
            url,
            autocommit=True,
            cursor_factory=psycopg.RawCursor,
            prepare_threshold=0,
            application_name=name,
            connect_timeout=10,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
        adapters = self.connection.adapters
        # one type for each Python type, or each size of a number would be a statement of its own to prepare
        for kind in (int, bool):
            adapters.register_dumper(kind, Int8BinaryDumper)
        adapters.register_dumper(str, StrBinaryDumper)
        self._cursor = self.connection.cursor(binary=True)
        try:
            self.command(_SETTINGS)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def usable(self) -> bool:
        """Tell whether the connection stands, outside of any transaction."""
        return self.connection.pgconn.transaction_status == TransactionStatus.IDLE

    def command(self, text: bytes) -> None:
        """Run commands without values, such as BEGIN; a COMMIT that the server made a ROLLBACK raises."""
        connection = self.connection.pgconn
        if connection.status != ConnStatus.OK:
            raise psycopg.OperationalError("the connection is lost")
        result = connection.exec_(text)
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            if connection.status != ConnStatus.OK:
                raise psycopg.OperationalError("the connection is lost")
            raise psycopg.errors.error_from_result(result, self.connection.info.encoding)
        if text == b"COMMIT" and result.command_status != b"COMMIT":
            raise psycopg.errors.InFailedSqlTransaction("a statement failed before, nothing was written")

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> list[tuple[Any, ...]]:
        """Run a statement with values for its `?` marks and return its rows."""
        cursor = self._cursor
        cursor.execute(_numbered(sql), parameters)
        return cursor.fetchall() if cursor.description is not None else []

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> None:
        """Run a statement for each row of values: a plain INSERT of many as a COPY, the rest without waits between."""
        rows = list(parameters)
        if len(rows) == 1:
            self._cursor.execute(_numbered(sql), rows[0])
        elif rows:
            table, columns = _inserted(sql) if len(rows) > FEW else ("", "")
            if table:
                self._copy(table, columns, rows)
            else:
                self._cursor.executemany(_numbered(sql), rows)

    def _copy(self, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        types = self._types(table, columns)
        with self._cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(types)
            write = copy.write_row
            for row in rows:
                write(row)

    def close(self) -> None:
        self.connection.close()

    def _types(self, table: str, columns: str) -> list[int]:
        known = _TYPES.get((table, columns))
        if known is None:
            self._cursor.execute(f"SELECT {columns} FROM {table} LIMIT 0")
            known = [column.type_code for column in self._cursor.description or ()]
            _TYPES[table, columns] = known
        return known


_INSERT = re.compile(r"INSERT INTO (\w+) \(([^)]*)\) VALUES \([?, ]*\)")
_TYPES: dict[tuple[str, str], list[int]] = {}
"""The types of columns: the same in every database of the centre."""


@cache
def _inserted(sql: str) -> tuple[str, str]:
    """Return table and columns of a plain INSERT, empty for any other statement."""
    found = _INSERT.fullmatch(sql)
    return (found[1], found[2]) if found else ("", "")


@cache
def _numbered(sql: str) -> str:
    """Return a statement with `$1`, `$2`… for its `?` marks."""
    first, *rest = sql.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))
