"""`agentdesk audit verify` at the centre: whatever one row was made to say from outside, it is found and named."""

from __future__ import annotations

import shutil
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from agentdesk.centre.auditing.sealing import seal_all
from agentdesk.centre.auditing.verifying import Verified, verify
from agentdesk.centre.authors import system_means
from agentdesk.centre.budgets import set_budget
from agentdesk.centre.histories import begin_epoch
from agentdesk.centre.keeping import tidy
from agentdesk.centre.own_key import replace_lost
from agentdesk.centre.staff import give_password
from agentdesk.centre.storage.inline import InlineDatabase
from agentdesk.centre.storage.opening import KEY, open_database
from agentdesk.centre.storage.seals import SEALED
from agentdesk.domain.times.zone import DAY_MS
from tests.audit.tampering import DEEDS, PLACES, Deed, Tampered, Tampering
from tests.centre.kit import AGENT, REGION, START, World, build_world

EACH = 3
"""Examples of each deed on each table."""
TABLES = (*SEALED, "scope_log", "holder")
KEPT = frozenset({"epoch", "lineage"})
"""Facts of the centre that can't be missing; of the others nobody knows that there was one."""


def worked(world: World, calls: int = 12) -> None:
    """Have two sites work: contacts, promises, refused and held operations, money, a new history; and passwords."""
    halls = [world.site(name) for name in ("a", "b")]
    for number in range(calls):
        for site in halls:
            customer = number % 3 + 1
            site.whole_call(customer)
            site.note(f"c-{customer}")
    halls[0].note(actor="stranger")
    halls[0].note("nobody-at-all")
    for site in halls:
        site.push()
    means, database = world.means, world.centre.database
    database.write(lambda tx: set_budget(tx, means, REGION, "credit", 1_000)).result()
    database.write(lambda tx: begin_epoch(tx, means, "a test says")).result()
    for agent in (AGENT, "a-2"):
        database.write(partial(give_password, means=means, agent=agent, hash_=f"what {agent} knows")).result()
    site = world.site("late")
    site.note()
    site.push()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a centre in which was worked."""
    folder = tmp_path_factory.mktemp("made")
    world = build_world(folder)
    worked(world)
    world.centre.database.close()
    with sqlite3.connect(folder / "centre.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (count,) = connection.execute("SELECT count(*) FROM archive").fetchone()
    connection.close()
    assert count > 100
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path)


def copied(made: Path, folder: Path) -> Path:
    for name in ("centre.db", "centre.db.key"):
        shutil.copy(made / name, folder / name)
    for name in ("centre.db-wal", "centre.db-shm"):
        (folder / name).unlink(missing_ok=True)
    return folder / "centre.db"


def verified(path: Path) -> Verified:
    database = InlineDatabase(path)
    try:
        return verify(database)
    finally:
        database.close()


def test_what_nobody_touched_is_clean(made: Path) -> None:
    done = verified(made / "centre.db")
    assert done.findings == []
    assert done.rows > 300


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("table", TABLES)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=EACH
)
@given(places=PLACES)
def test_any_one_row_that_was_tampered_with_is_found_and_named(
    made: Path, tmp_path: Path, table: str, deed: Deed, places: tuple[int, int, int]
) -> None:
    path = copied(made, tmp_path)
    tampering = Tampering(table, deed, *places)
    names = Tampered(path).do(tampering)
    if names is None or is_nothing(tampering, names):
        return
    said = [f"{f.where} {f.at} {f.detail}" for f in verified(path).findings]
    assert said, tampering
    assert any(name in text for name in names for text in said), (tampering, said)


def is_nothing(deed: Tampering, names: set[str]) -> bool:
    """Tell whether that is something that leaves no trace, and is said to: a fact that was only there for itself."""
    return deed.table == "meta" and deed.deed == "remove" and not names & KEPT


def test_what_was_tidied_verifies_from_where_it_begins(copy: Path) -> None:
    database = open_database(f"sqlite:///{copy}")
    tidied = tidy(database, START + 90 * DAY_MS, keep_ms=DAY_MS)
    assert tidied.contents > 100
    assert verify(database).findings == []
    database.close()


def test_a_content_that_was_taken_away_before_its_time_is_found(copy: Path) -> None:
    run(copy, "UPDATE archive SET body = NULL WHERE kind = 'note.added' AND seq = 5")
    assert {(f.at, f.what) for f in verified(copy).findings} == {("5", "erased")}


def test_rows_from_before_seals_were_kept_are_sealed_once_and_count_from_then_on(copy: Path) -> None:
    for table in SEALED:
        run(copy, f"UPDATE {table} SET seal = ''")
    assert {f.what for f in verified(copy).findings} == {"seal", "receipt_seal"}
    run(copy, "DELETE FROM meta WHERE name = 'sealed'")
    before = verified(copy)
    assert (before.findings, before.unsealed) == ([], True)
    database = open_database(f"sqlite:///{copy}")
    seal_all(database)
    after = verify(database)
    database.close()
    assert (after.findings, after.unsealed) == ([], False)
    run(copy, "UPDATE site SET scopes = scopes || ' region/other'")
    assert {f.where for f in verified(copy).findings} == {"table site"}


def test_a_document_that_was_removed_is_told_by_the_log_that_points_to_it(copy: Path) -> None:
    run(
        copy,
        "DELETE FROM document WHERE type = 'contact' AND id = (SELECT min(id) FROM document WHERE type = 'contact')",
    )
    assert {f.what for f in verified(copy).findings} == {"document_lost", "count"}


def test_another_key_makes_every_seal_wrong_and_a_lost_one_is_replaced_with_new_seals(copy: Path) -> None:
    key = copy.with_name("centre.db.key")
    key.write_bytes(bytes(32))
    assert {f.what for f in verified(copy).findings} >= {"seal"}
    key.unlink()
    replace_lost(f"sqlite:///{copy}", None, system_means())
    assert verified(copy).findings == []


def test_both_databases_are_verified_and_tell_the_same(url: str, tmp_path: Path) -> None:
    world = build_world(tmp_path, url=url)
    worked(world, calls=3)
    database = world.centre.database
    assert verify(database).findings == []
    database.close()
    server = not url.startswith("sqlite")
    connection: Any = psycopg.connect(url) if server else sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("UPDATE archive SET made_at = made_at + 1 WHERE kind = 'contact.opened' AND seq = 1")
    connection.execute("DELETE FROM scope_log WHERE scope = 'region/beijing' AND seq = 7")
    connection.execute("UPDATE document SET data = replace(data, 'gold', 'diamond') WHERE id = 'c-2'")
    connection.execute("DELETE FROM holder WHERE customer = 'c-3'")
    connection.execute("UPDATE ledger SET amount = amount - 1 WHERE line = 1 AND seq = 3")
    connection.commit()
    connection.close()
    again = open_database(url, tmp_path / KEY)
    found = {(f.where.partition(" s-")[0], f.at, f.what) for f in verify(again).findings}
    again.close()
    assert {
        ("lineage", "1", "seal"),
        ("log region/beijing", "7", "missing"),
        ("document region/beijing", "c-2", "seal"),
        ("table holder region/beijing", "c-3", "numbers"),
    } <= found
    assert "sums" in {what for _, _, what in found}


def run(path: Path, line: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(line)
    connection.close()
