"""What doesn't have the shape of its table: SQLite lets anything stand anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

Ask = Callable[[str], Iterable[Sequence[Any]]]
"""Returns the rows that a statement finds."""


class Misshapen(NamedTuple):
    """A value of another sort than its column's, by table, key of its row (parts joined by `/`) and column."""

    table: str
    key: str
    column: str


def misshapen(ask: Ask, tables: Iterable[str]) -> Iterator[Misshapen]:
    """Tell where a number is none or a text is something else; a table is gone through once, when it is its turn."""
    for table in tables:
        columns = list(ask(f"SELECT name, type, pk FROM pragma_table_info('{table}')"))
        keys = [name for name, _sort, place in sorted(columns, key=lambda column: int(column[2])) if place]
        wanted = [(name, "integer" if sort == "INTEGER" else "text") for name, sort, _place in columns]
        sorts = [f'typeof("{name}")' for name, _right in wanted]
        wrong = " OR ".join(f"typeof(\"{name}\") NOT IN ('{right}', 'null')" for name, right in wanted)
        for row in ask(f"SELECT {', '.join([*keys, *sorts])} FROM {table} WHERE {wrong}"):
            key = "/".join(map(str, row[: len(keys)]))
            for (name, right), sort in zip(wanted, row[len(keys) :], strict=True):
                if sort not in (right, "null"):
                    yield Misshapen(table, key, name)
