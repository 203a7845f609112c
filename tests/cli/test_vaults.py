"""`agentdesk centre open-vault`: the last way into a site's files, and that it is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk.domain.decide import ORG
from agentdesk.trust.passwords import Cost
from agentdesk.trust.recovery import public_half
from agentdesk.trust.vault import Vault
from tests.centre.kit import AGENT, World, build_world
from tests.cli.commands import Ran, agentdesk

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
KEY = bytes(range(32))
PASSWORD = "sieben Brücken 7"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A centre with two agents and a hall."""
    made = build_world(tmp_path)
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


def test_a_vault_of_another_centre_an_unknown_site_and_a_poor_password_open_nothing(
    world: World, folder: Path, tmp_path: Path
) -> None:
    before = (folder / "vault.json").read_bytes()
    hall = world.site("hall").id
    assert "site list" in open_vault(world, "s-000000000000", folder).err
    assert "at least 8" in open_vault(world, hall, folder, "short").err
    assert (folder / "vault.json").read_bytes() == before
    other = tmp_path / "other"
    other.mkdir()
    Vault.create(other, KEY, cost=CHEAP).admit_centre(KEY, public_half(bytes(32)))
    ran = open_vault(world, hall, other)
    assert ran.code == 1
    assert "wasn't sealed for this centre" in ran.err
    assert "has no vault.json" in open_vault(world, hall, tmp_path).err
