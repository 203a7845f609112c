"""An outbox that the first version made, with operations in it, opens and works: outboxes live for ever."""

from __future__ import annotations

from pathlib import Path

from agentdesk.replica.driver import sqlite
from agentdesk.store.schema import OUTBOX_VERSION
from tests.domain.world import REGION, contact, overcharged
from tests.store.world import Centre, make_site, note, open_site, promised, push_all

FIRST_VERSION = Path(__file__).with_name("outbox_v1.sql").read_text()


def as_the_first_version_had_it(folder: Path) -> None:
    """Write the outbox of a folder anew, with the tables and columns that the first version had."""
    now, old = folder / "outbox.db", folder / "old.db"
    connection = sqlite.connect(old, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(FIRST_VERSION)
    connection.execute("ATTACH DATABASE ? AS now", (str(now),))
    tables = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%'")
    for (table,) in tables.fetchall():
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")
    connection.close()
    for path in folder.glob("outbox.db*"):
        path.unlink()
    for path in folder.glob("old.db*"):
        path.rename(folder / path.name.replace("old", "outbox"))


def test_an_outbox_of_the_first_version_opens_and_its_operations_are_sent(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    made = [site.commit(note("n1")), site.commit(promised("p1"))]
    number = str(made[1].documents[0].data["number"])
    site.keep_draft("note/c1", "half a sentence")
    site.close()
    as_the_first_version_had_it(tmp_path)

    site = open_site(tmp_path, seed=2)
    assert site.files.outbox.execute("PRAGMA user_version").fetchone() == (OUTBOX_VERSION,)
    assert [entry.id for entry in reversed(site.outbox.entries())] == [one.operation.id for one in made]
    assert site.outbox.waiting() == 2
    assert site.draft("note/c1") == "half a sentence"
    assert [document.id for document in site.view.referred(number)] == ["p1"]
    after = site.commit(note("n2"))
    assert after.operation.prev == made[1].operation.hash

    centre = Centre.of(overcharged(), contact("k1", level=2))
    push_all(site, centre)
    assert site.outbox.waiting() == 0
    assert {document.id for document in site.view.timeline(REGION, "c1")} >= {"n1", "n2", "p1"}
