"""What both drivers promise, and what is SQLite's own: group commit and files."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

from agentdesk.centre.storage.contract import Database, Snapshot, StorageError, StorageFull, Transaction
from agentdesk.centre.storage.keys import load_secret
from agentdesk.centre.storage.opening import KEY, open_database
from agentdesk.centre.storage.sqlite import SqliteDatabase


def much(tx: Transaction) -> None:
    """Write a megabyte."""
    for number in range(1000):
        tx.set_meta(str(number), "x" * 1000)


def held_up(database: Database) -> threading.Event:
    """Keep the writer busy until the event is set, so that what comes now is one group."""
    go = threading.Event()
    started = threading.Event()

    def work(_tx: Transaction) -> None:
        started.set()
        go.wait(10)

    database.write(work)
    started.wait(10)
    return go


def test_work_that_fails_takes_nobody_of_its_group_with_it(database: Database) -> None:
    def failing(tx: Transaction) -> None:
        tx.set_meta("failed", "x")
        raise LookupError("its own fault")

    go = held_up(database)
    futures: list[Future[None]] = []
    for number in range(9):
        if number == 4:
            futures.append(database.write(failing))
        futures.append(database.write(lambda tx, n=number: tx.set_meta(f"n{n}", str(n))))  # type: ignore[misc]
    go.set()

    with pytest.raises(LookupError):
        futures.pop(4).result()
    for future in futures:
        future.result()
    read = database.read(lambda s: [s.meta(f"n{n}") for n in range(9)]).result()
    assert read == [str(n) for n in range(9)]
    assert database.read(lambda s: s.meta("failed")).result() is None


def test_a_part_that_fails_leaves_the_rest_of_its_work(database: Database) -> None:
    def part(tx: Transaction) -> None:
        tx.set_meta("inner", "x")
        raise LookupError

    def work(tx: Transaction) -> None:
        tx.set_meta("outer", "x")
        with pytest.raises(LookupError):
            tx.attempt(lambda: part(tx))

    database.write(work).result()
    assert database.read(lambda s: (s.meta("outer"), s.meta("inner"))).result() == ("x", None)


def test_what_is_answered_is_seen_by_every_reader(database: Database) -> None:
    for number in range(50):
        database.write(lambda tx, n=number: tx.set_meta("n", str(n))).result()  # type: ignore[misc]
        assert database.read(lambda s: s.meta("n")).result() == str(number)


def test_a_reader_sees_one_moment(database: Database) -> None:
    database.write(lambda tx: tx.set_meta("n", "before")).result()

    def look(snapshot: Snapshot) -> tuple[str | None, str | None]:
        first = snapshot.meta("n")
        database.write(lambda tx: tx.set_meta("n", "after")).result()
        return first, snapshot.meta("n")

    assert database.read(look).result() == ("before", "before")


def test_a_full_disk_is_said_and_the_database_recovers(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "centre.db")
    limit = database._file.writer.execute("PRAGMA page_count").fetchone()[0] + 4
    database._file.writer.execute(f"PRAGMA max_page_count = {limit}")
    with pytest.raises(StorageFull, match="full"):
        database.write(much).result()
    assert database.read(lambda s: s.meta("1")).result() is None
    database.write(lambda tx: tx.set_meta("small", "x")).result()
    assert database.read(lambda s: s.meta("small")).result() == "x"
    database.close()


def test_a_full_disk_fails_the_whole_group_and_nothing_of_it_is_answered(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "centre.db")
    limit = database._file.writer.execute("PRAGMA page_count").fetchone()[0] + 4
    database._file.writer.execute(f"PRAGMA max_page_count = {limit}")
    go = held_up(database)
    small = database.write(lambda tx: tx.set_meta("small", "x"))
    large = database.write(much)
    go.set()

    assert isinstance(large.exception(), StorageFull)
    answered = small.exception() is None
    assert (database.read(lambda s: s.meta("small")).result() == "x") is answered
    database.close()


def test_several_may_write_to_one_database(url: str, tmp_path: Path) -> None:
    databases = [open_database(url, tmp_path / KEY), open_database(url, tmp_path / KEY)]

    def count(tx: Transaction) -> None:
        tx.lock_names("counter", ["n"])
        tx.set_meta("n", str(int(tx.meta("n") or 0) + 1))

    futures = [database.write(count) for _ in range(50) for database in databases]
    for future in futures:
        future.result()
    assert databases[0].read(lambda s: s.meta("n")).result() == "100"
    for database in databases:
        database.close()


def test_every_commit_is_a_durable_one(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "centre.db")
    settings = [
        database._file.writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    ]
    database.close()

    assert settings == ["wal", 2]


def test_a_closed_database_says_so(database: Database) -> None:
    database.close()

    with pytest.raises(StorageError, match="closed"):
        database.write(lambda tx: None)
    with pytest.raises(StorageError, match="closed"):
        database.read(lambda s: None)


@pytest.mark.parametrize("url", ["", "centre.db", "mysql://x/y", "sqlite://centre.db", "sqlite:///"])
def test_a_wrong_url_is_one_line_that_says_what_to_give(url: str) -> None:
    with pytest.raises(StorageError, match="sqlite:///"):
        open_database(url)


def test_another_file_is_not_opened_as_a_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("客户,电话\n" * 1000)

    with pytest.raises(StorageError, match="not a database"):
        open_database(f"sqlite:///{tmp_path / 'x.db'}")


def test_the_files_are_their_keepers_alone(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'centre.db'}")
    database.write(lambda tx: tx.set_meta("n", "x")).result()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    database.close()

    assert modes == dict.fromkeys(["centre.db", "centre.db-wal", "centre.db-shm", "centre.db.key"], 0o600)


def test_the_plan_of_hot_questions_uses_an_index(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "centre.db")
    statements: list[str] = []
    database._file.writer.set_trace_callback(statements.append)

    def work(tx: Transaction) -> None:
        tx.lock_documents("region/x", ["a", "b"])
        tx.work("region/x", ["c-1"], 0)
        tx.made_by("region/x", ["a-1"], 0)
        tx.receipts("s", ["a"])
        tx.receipts_at("s", "l", 1, 9)
        list(tx.log("region/x", 0, 9))
        tx.identities("region/x", ["d"])
        tx.outstanding("region/x")

    database.write(work).result()
    database.close()
    connection = sqlite3.connect(tmp_path / "centre.db")
    plans = [
        (sql, row[3])
        for sql in statements
        if sql.startswith("SELECT")
        for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]
    connection.close()
    assert len(plans) >= 8
    assert not [(sql, step) for sql, step in plans if step.startswith("SCAN") and "json_each" not in step]


def test_the_secret_is_its_owners_alone_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "centre.db.key"
    secret = load_secret(path)

    assert len(secret) == 32
    assert load_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(StorageError, match="not a key"):
        load_secret(path)
