from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.replica.driver import sqlite
from agentdesk.replica.shapes import Misshapen, misshapen

TABLES = {
    "visit": 'CREATE TABLE visit (seq INTEGER, who TEXT, "limit" INTEGER, words TEXT, PRIMARY KEY (who, seq))',
    "empty": "CREATE TABLE empty (id TEXT PRIMARY KEY) WITHOUT ROWID",
    "level": "CREATE TABLE level (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
}

# what no column turns into a value of its own sort
numbers = st.integers(-(2**63), 2**63 - 1)
words = st.sampled_from(["", "九", "1.5.2", "a\x1b[31m"])
wrong_number = st.sampled_from(["九", "", b"1", 1.5])
wrong_text = st.sampled_from([b"", b"words"])


def database(visits: Iterable[tuple[object, object]] = (), levels: Iterable[object] = ()) -> sqlite.Connection:
    """Return a database with visits of these limits and words, and with levels of these instants."""
    connection = sqlite.connect(":memory:", isolation_level=None)
    for table in TABLES.values():
        connection.execute(table)
    connection.executemany(
        "INSERT INTO visit VALUES (?, 'ann', ?, ?)", [(number, *row) for number, row in enumerate(visits)]
    )
    connection.executemany("INSERT INTO level VALUES (?, ?)", [(f"l{number}", at) for number, at in enumerate(levels)])
    return connection


@given(
    st.lists(st.tuples(st.none() | numbers | wrong_number, st.none() | words | wrong_text), max_size=6),
    st.lists(numbers | wrong_number, max_size=4),
)
def test_each_value_of_another_sort_is_told_by_its_key_and_column_and_no_other(
    visits: list[tuple[object, object]], levels: list[object]
) -> None:
    expected = [
        Misshapen("visit", f"ann/{number}", column)
        for number, (limit, said) in enumerate(visits)
        for column, is_wrong in (
            ("limit", not isinstance(limit, int | None)),
            ("words", not isinstance(said, str | None)),
        )
        if is_wrong
    ] + [Misshapen("level", f"l{number}", "at") for number, at in enumerate(levels) if not isinstance(at, int)]

    with closing(database(visits, levels)) as connection:
        assert list(misshapen(connection.execute, TABLES)) == expected


def test_no_table_is_gone_through_before_its_turn() -> None:
    asked: list[str] = []
    with closing(database([("many", "fine")] * 3, ["none"])) as connection:

        def ask(sql: str) -> Iterator[tuple[object, ...]]:
            asked.append(sql)
            yield from connection.execute(sql)

        assert list(islice(misshapen(ask, TABLES), 2)) == [
            Misshapen("visit", "ann/0", "limit"),
            Misshapen("visit", "ann/1", "limit"),
        ]
    assert asked
    assert not any("level" in sql for sql in asked)
