"""`agentdesk centre open-vault`: the last way into a site's files, and that it is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agentdesk.centre.own_key import open_signed
from agentdesk.centre.storage.contract import Database
from agentdesk.centre.storage.rows import Credential
from agentdesk.cli import machine_key
from agentdesk.cli.embedded import EmbeddedCentre, free_port
from agentdesk.domain.decide import ORG
from agentdesk.trust.passwords import Cost, hashed
from agentdesk.trust.recovery import public_half
from agentdesk.trust.vault import Vault
from tests.centre.kit import AGENT, World, build_world
from tests.cli.commands import Ran, agentdesk, inside

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
KEY = bytes(range(32))
PASSWORD = "sieben Brücken 7"


def knows(database: Database, agent: str) -> None:
    """Let an agent have chosen his password at the centre."""
    has = Credential(agent, hashed(PASSWORD, bytes(16), CHEAP), False, 1)
    database.write(lambda tx: tx.put_credential(has)).result()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A centre with two agents and a hall."""
    made = build_world(tmp_path)
    knows(made.centre.database, AGENT)
    yield made
    made.centre.database.close()


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """A vault that only this centre opens, and a forgotten agent."""
    made = tmp_path / "carried"
    made.mkdir()
    vault = Vault.create(made, KEY, cost=CHEAP)
    vault.admit(KEY, "forgotten", "nobody knows it", 2**50, 1)
    vault.admit_centre(KEY, public_half(world.centre.database.secret()))
    return made


def open_vault(world: World, site: str, folder: Path, password: str = PASSWORD) -> Ran:
    words = ("centre", "open-vault", site, folder, "--agent", AGENT, "--stdin", "--json", "--database", world.url)
    return agentdesk(*words, stdin=password + "\n")


def test_somebody_is_let_in_for_a_day_and_the_centre_has_it_in_writing(world: World, folder: Path) -> None:
    hall = world.site("hall").id
    ran = open_vault(world, hall, folder)
    assert ran.code == 0, ran
    until = json.loads(ran.out)["until"]
    vault = Vault.read(folder)
    assert vault is not None
    assert vault.unlock(AGENT, PASSWORD, until - 1) == KEY
    (site,) = world.centre.database.read(lambda s: s.documents(ORG, [hall])).result()
    assert site.data["vault_opened_for"] == AGENT
    assert site.data["vault_opened_by"].startswith("operator")


def test_a_vault_of_another_centre_an_unknown_site_and_a_wrong_password_open_nothing(
    world: World, folder: Path, tmp_path: Path
) -> None:
    before = (folder / "vault.json").read_bytes()
    hall = world.site("hall").id
    assert "site list" in open_vault(world, "s-000000000000", folder).err
    assert "staff password" in open_vault(world, hall, folder, "another one").err
    assert (folder / "vault.json").read_bytes() == before
    other = tmp_path / "other"
    other.mkdir()
    Vault.create(other, KEY, cost=CHEAP).admit_centre(KEY, public_half(bytes(32)))
    ran = open_vault(world, hall, other)
    assert ran.code == 1
    assert "wasn't sealed for this centre" in ran.err
    assert "has no vault.json" in open_vault(world, hall, tmp_path).err


def test_where_nobody_is_there_to_ask_for_the_password_one_line_says_so(world: World, folder: Path) -> None:
    hall = world.site("hall").id
    ran = agentdesk("centre", "open-vault", hall, folder, "--agent", AGENT, "--database", world.url)
    assert ran.code == 1
    assert "--stdin" in ran.error


def test_a_site_that_nobody_opens_any_more_is_opened_at_its_centre(tmp_path: Path) -> None:
    """The machine's key is gone and no agent ever signed in: what waits there can be sent all the same."""
    database = f"sqlite:///{tmp_path / 'centre.db'}"
    staff = tmp_path / "agents.csv"
    staff.write_text("id,name,role,region\n1024,Sample Agent,agent,bj\n")
    running = EmbeddedCentre(database, free_port(), tmp_path)
    running.start()
    try:
        running.wait()
        assert inside("import", "agents", staff, "--database", database).code == 0
        with closing(open_signed(database)) as opened:
            knows(opened, "1024")
        code = inside("site", "code", "--database", database, "--region", "bj", "--json").json["code"]
        data = tmp_path / "site"
        site = inside("site", "enrol", running.url, code, "--data", data, "--json")
        assert site.code == 0, site.err
        place = machine_key.place_of(data)
        assert place is not None
        place.unlink()
        assert inside("site", "status", "--data", data).code != 0

        ran = agentdesk(
            *("centre", "open-vault", site.json["site"], data, "--agent", "1024", "--stdin", "--database", database),
            stdin=PASSWORD + "\n",
        )
        assert ran.code == 0, ran.err
        words = ("site", "sync", "--data", data, "--password-file", "-")
        synced = agentdesk(*words, env={"AGENTDESK_AGENT": "1024"}, stdin=PASSWORD + "\n")
        assert synced.code == 0, synced.err
    finally:
        running.stop()
