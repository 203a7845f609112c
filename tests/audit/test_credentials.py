"""What agents sign in with is evidence: a password that was put into the database, or put back, is found."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from agentdesk.centre.auditing.sealing import seal_all
from agentdesk.centre.auditing.verifying import Verified, verify
from agentdesk.centre.credentials import Credentials
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.staff import dismiss, set_role, unlock
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.protocol.sign_in import PinRequest
from agentdesk.trust.passwords import Cost
from tests.centre.kit import AGENT, REGION, build_world, catalogue
from tests.centre.test_sign_in import FIRST, LEADER, OWN, PIN, Desk

OUTSIDE = "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$YnkgYW5vdGhlciBoYW5kIHRoYW4gdGhlIGNlbnRyZSdz"


class Kept(Desk):
    """A site at which agents sign in, over a database that somebody can reach from outside."""

    def set_pin(self, pin: str = PIN) -> None:
        asyncio.run(self.credentials.set_pin(self.site, PinRequest(agent=LEADER, password=OWN, pin=pin)))

    def verified(self) -> Verified:
        return verify(self.world.centre.database)

    def found(self) -> set[tuple[str, str, str]]:
        return {(f.at, f.what, f.detail) for f in self.verified().findings if f.where == "table credential"}

    def outside(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        url = self.world.url
        if url.startswith("sqlite"):
            connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=60)
            try:
                with connection:
                    return connection.execute(sql, values).fetchall()
            finally:
                connection.close()
        with psycopg.connect(url) as server:
            cursor = server.execute(sql.replace("?", "%s").encode(), values)
            return cursor.fetchall() if cursor.description else []

    def row(self, agent: str) -> tuple[Any, ...]:
        return self.outside("SELECT * FROM credential WHERE agent = ?", agent)[0]

    def put(self, row: tuple[Any, ...]) -> None:
        self.outside("DELETE FROM credential WHERE agent = ?", row[0])
        self.outside(f"INSERT INTO credential VALUES ({', '.join('?' for _ in row)})", *row)


@pytest.fixture
def kept(url: str, tmp_path: Path) -> Iterator[Kept]:
    made = Kept(build_world(tmp_path, url=url))
    made.sign_in(AGENT, FIRST, OWN)
    made.sign_in(LEADER, FIRST, OWN)
    made.set_pin()
    yield made
    made.world.centre.database.close()


def test_what_is_done_with_passwords_properly_stays_clean(kept: Kept) -> None:
    desk = kept
    assert desk.verified().findings == []
    desk.sign_in(AGENT, OWN)
    desk.give(AGENT)
    desk.sign_in(AGENT, FIRST, OWN)
    desk.set_pin("771199")
    desk.refused(AGENT, "wrong")
    desk.write(lambda tx: unlock(tx, desk.world.means, AGENT))
    desk.write(lambda tx: set_role(tx, desk.world.means, catalogue(), LEADER, "agent"))
    # a hash of before is made anew with what hashes cost now
    desk.credentials = Credentials(
        desk.world.centre.database,
        desk.world.means,
        desk.world.centre.policies,
        desk.world.centre.database.secret,
        Cost(passes=2, memory_kib=8, lanes=1),
    )
    before = desk.row(AGENT)
    desk.sign_in(AGENT, OWN)
    assert desk.row(AGENT)[1] != before[1]
    assert desk.verified().findings == []
    desk.write(lambda tx: dismiss(tx, desk.world.means, AGENT))
    assert desk.verified().findings == []


def test_agents_that_are_loaded_again_keep_their_passwords_and_stay_clean(kept: Kept) -> None:
    again = Document(ORG, AGENT, "agent", 0, {"name": "张敏", "role": "agent", "region": "region/beijing"})
    bulk_load(kept.world.centre.database, REGION, [again], means=kept.world.means)
    assert kept.doc().get("password_at") is None
    assert kept.verified().findings == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("hash", OUTSIDE), ("must_change", 1), ("signed_in_at", 7), ("pin", "{}"), ("pin_changed_at", 7)],
)
def test_a_column_that_was_changed_from_outside_is_found(kept: Kept, column: str, value: object) -> None:
    kept.outside(f"UPDATE credential SET {column} = ? WHERE agent = ?", value, AGENT)
    assert (AGENT, "seal", "") in kept.found()
    assert {agent for agent, _, _ in kept.found()} == {AGENT}


def test_a_row_that_was_taken_away_is_missed(kept: Kept) -> None:
    kept.outside("DELETE FROM credential WHERE agent = ?", AGENT)
    assert kept.found() == {(AGENT, "missing", "")}


def test_a_row_of_somebody_else_or_of_nobody_is_found(kept: Kept) -> None:
    his = kept.row(AGENT)
    kept.put((LEADER, *his[1:]))
    kept.put(("stranger", *his[1:]))
    assert {(LEADER, "seal", ""), ("stranger", "seal", ""), ("stranger", "nobodys", "")} <= kept.found()
    assert AGENT not in {agent for agent, _, _ in kept.found()}


def test_the_row_of_yesterday_bears_a_right_seal_and_is_found_by_its_time(kept: Kept) -> None:
    password, pin = kept.row(AGENT), kept.row(LEADER)
    kept.pass_ms(60_000)
    kept.give(AGENT)
    kept.set_pin("771199")
    kept.put(password)
    kept.put(pin)
    assert kept.found() == {(AGENT, "differs", "changed_at"), (LEADER, "differs", "pin_changed_at")}


def test_rows_from_before_have_no_seal_until_they_are_given_one(kept: Kept) -> None:
    kept.outside("UPDATE credential SET seal = ''")
    kept.write(lambda tx: tx.set_meta("sealed", "1"))
    before = kept.verified()
    assert (before.findings, before.unsealed) == ([], True)
    kept.outside("UPDATE credential SET seal = 'x' WHERE agent = ?", AGENT)
    assert kept.found() == {(AGENT, "seal", "")}, "what has a seal must have the right one"
    kept.outside("UPDATE credential SET seal = '' WHERE agent = ?", AGENT)
    seal_all(kept.world.centre.database)
    after = kept.verified()
    assert (after.findings, after.unsealed) == ([], False)
    kept.outside("UPDATE credential SET seal = ''")
    assert kept.found() == {(AGENT, "seal", ""), (LEADER, "seal", "")}
