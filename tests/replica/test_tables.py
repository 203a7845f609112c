from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.case import holders
from agentdesk.domain.documents import Document
from agentdesk.replica.driver import sqlite
from agentdesk.replica.opening import attach, open_disposable, open_precious
from agentdesk.replica.tables import (
    DOCUMENT_COLUMNS,
    REPLICA_VERSION,
    create,
    cursors,
    document,
    holder_rows,
    put,
    set_cursor,
    take_away,
)
from tests.domain.test_operation import json_values, whole_texts
from tests.domain.world import REGION, customer

OPENED: list[sqlite.Connection] = []


def replica() -> sqlite.Connection:
    """Return a new replica in memory; there is only one at a time."""
    while OPENED:
        OPENED.pop().close()
    connection = sqlite.connect(":memory:", isolation_level=None)
    OPENED.append(connection)
    create(connection)
    return connection


@pytest.fixture(autouse=True)
def _closing() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def read(connection: sqlite.Connection) -> dict[str, Document]:
    rows = connection.execute(f"SELECT {DOCUMENT_COLUMNS} FROM document ORDER BY id")
    return {found.id: found for found in map(document, rows)}


def numbers(connection: sqlite.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT number, customer FROM holder ORDER BY number, customer").fetchall()


@given(
    st.dictionaries(whole_texts, json_values, max_size=4),
    st.dictionaries(whole_texts, st.tuples(st.integers(0, 2**40), whole_texts), max_size=3),
    st.sampled_from(["note", "contact"]),
)
def test_a_document_comes_back_as_it_was(data: dict[str, object], revs: dict[str, tuple[int, str]], kind: str) -> None:
    index = {"customer", "state", "due", "at", "number", "owner", "department", "name"}
    one = Document(REGION, "d1", kind, 7, {k: v for k, v in data.items() if k not in index}, revs)
    connection = replica()
    put(connection, [one])
    assert read(connection) == {"d1": one}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5), st.integers(1, 3)), max_size=12), st.data())
def test_only_what_is_newer_is_taken_in_and_numbers_go_with_it(
    revisions: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    """In whatever order, once or often, in one page or many: the newest stands, with its own numbers."""
    rows = [replace(customer(who, line={"number": f"+{tail * rev}"}), rev=rev) for who, rev, tail in revisions]
    newest: dict[str, Document] = {}
    for row in rows:
        if row.id not in newest or newest[row.id].rev < row.rev:
            newest[row.id] = row
    connection = replica()
    while rows:
        count = data.draw(st.integers(1, len(rows)))
        put(connection, rows[:count])
        rows = rows[count:]
    assert read(connection) == newest
    expected = sorted((number, one.id) for one in newest.values() for number, *_ in holders(one))
    assert numbers(connection) == expected


def test_what_leaves_takes_its_numbers_along() -> None:
    connection = replica()
    put(connection, [customer("c1"), customer("c2")])
    take_away(connection, [(REGION, "c1"), (REGION, "unheard"), ("region/other", "c2")])
    assert list(read(connection)) == ["c2"]
    assert [who for _, who in numbers(connection)] == ["c2"]


def test_a_cursor_moves_and_never_doubles() -> None:
    connection = replica()
    for seq in (5, 7):
        set_cursor(connection, REGION, "e1", seq, f"h{seq}")
    set_cursor(connection, "org", "e2", 1, "h")
    assert cursors(connection) == {REGION: ("e1", 7, "h7"), "org": ("e2", 1, "h")}


def test_holders_are_rows_by_number() -> None:
    family = customer(people=[{"number": "+861", "name": "x", "relation": "user"}])
    assert holder_rows(family) == [
        ("+8618612345678", REGION, "c1", "c1-m", "owner", 0),
        ("+861", REGION, "c1", "", "user", 1),
    ]


def test_tables_are_made_once_and_kept(tmp_path: Path) -> None:
    connection = open_disposable(tmp_path / "replica.db")
    create(connection)
    put(connection, [customer()])
    create(connection)
    assert list(read(connection)) == ["c1"]
    assert connection.execute("PRAGMA user_version").fetchone() == (REPLICA_VERSION,)
    connection.close()


def test_lists_and_look_ups_are_answered_by_an_index() -> None:
    connection = replica()
    questions = [
        "SELECT * FROM holder WHERE number = 'x'",
        "SELECT * FROM document WHERE scope = 's' AND id = 'x'",
        "SELECT * FROM document WHERE scope = 's' AND customer = 'x' ORDER BY at DESC LIMIT 5",
        "SELECT * FROM document WHERE scope = 's' AND open = 1 AND due IS NOT NULL ORDER BY due LIMIT 5",
        "SELECT * FROM document WHERE scope = 's' AND open = 1 AND owner = 'x' AND due IS NOT NULL ORDER BY due",
        "SELECT * FROM document WHERE scope = 's' AND owner = 'x' AND type = 'commitment' AND at >= 5",
        "SELECT * FROM document WHERE ref = 'x'",
        "SELECT * FROM document WHERE name >= 'x' AND name < 'y' ORDER BY name LIMIT 5",
    ]
    for question in questions:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}")]
        assert len(plan) == 1, plan
        assert plan[0].startswith("SEARCH"), plan


# opening


def test_a_precious_file_is_flushed_with_every_commit_and_a_disposable_one_isnt(tmp_path: Path) -> None:
    for opened, level in ((open_precious(tmp_path / "a.db"), 2), (open_disposable(tmp_path / "b.db"), 1)):
        assert opened.execute("PRAGMA synchronous").fetchone() == (level,)
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        opened.close()


def test_an_attached_file_can_only_be_read(tmp_path: Path) -> None:
    path = tmp_path / "re plica%20#?.db"
    other = open_disposable(path)
    create(other)
    main = open_precious(tmp_path / "main.db")
    attach(main, path, "replica1")
    put(other, [customer()])
    assert main.execute("SELECT id FROM replica1.document").fetchall() == [("c1",)]
    with pytest.raises(sqlite.OperationalError, match="readonly"):
        main.execute("DELETE FROM replica1.document")
    with pytest.raises(sqlite.OperationalError, match="unable to open"):
        attach(main, tmp_path / "missing.db", "replica2")
    main.close()
    other.close()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, and quite long ones at that\n" * 10)
    before = path.read_bytes()
    with pytest.raises(sqlite.DatabaseError):
        open_disposable(path)
    assert path.read_bytes() == before
