"""Keeping the centre's database by command, beside a centre that is at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.centre.kit import SCOPE, World, build_world
from tests.cli.commands import agentdesk


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = build_world(tmp_path)
    site = made.site()
    site.whole_call(1)
    site.push()
    return made


def test_a_backup_is_asked_for_until_there_is_one(world: World, tmp_path: Path) -> None:
    database = ("--database", f"sqlite:///{tmp_path / 'centre.db'}")
    doctor = agentdesk("doctor", "--data", tmp_path / "site", *database)
    assert "agentdesk centre backup FILE" in doctor.out
    assert "operations are in this database alone" in doctor.out
    done = agentdesk("centre", "backup", tmp_path / "copy.db", *database)
    assert done.code == 0
    assert "backed up to" in done.out
    status = agentdesk("centre", "status", "--json", *database).json
    assert (status["durability"], status["unsaved"]) == ("backup", 0)
    assert status["rows"]["archive"] > 0
    assert "agentdesk centre backup FILE" not in agentdesk("doctor", "--data", tmp_path / "site", *database).out
    again = agentdesk("centre", "backup", tmp_path / "copy.db", *database)
    assert again.code != 0
    assert "exists already" in again.error


def test_a_restore_is_said_once_and_names_the_sites_that_are_waited_for(world: World, tmp_path: Path) -> None:
    database = ("--database", f"sqlite:///{tmp_path / 'centre.db'}")
    said = agentdesk("centre", "restored", *database)
    assert said.code == 0
    assert "1 sites have shown what they hold" in said.out
    status = agentdesk("centre", "status", *database)
    assert "number 2" in status.out
    assert "waits for" in status.out
    doctor = agentdesk("doctor", "--data", tmp_path / "site", *database)
    assert "nothing is leased until these sites show what they hold" in doctor.out


def test_a_database_is_tidied_and_its_durability_set(world: World, tmp_path: Path) -> None:
    database = ("--database", f"sqlite:///{tmp_path / 'centre.db'}")
    assert "receipts pruned" in agentdesk("centre", "tidy", *database).out
    assert agentdesk("centre", "durability", "backup", "--json", *database).json == {"durability": "backup"}
    assert agentdesk("centre", "durability", "always", *database).code == 2


def test_what_isnt_there_is_said_in_one_line(tmp_path: Path) -> None:
    for action in ("status", "restored", "tidy"):
        missing = agentdesk("centre", action, "--database", f"sqlite:///{tmp_path / 'none.db'}")
        assert missing.code != 0
        assert "does not exist" in missing.error


def test_a_region_is_prepared_for_sites_that_begin_and_its_log_is_cut_when_it_is_old(
    world: World, tmp_path: Path
) -> None:
    database = ("--database", f"sqlite:///{tmp_path / 'centre.db'}")
    (made,) = agentdesk("centre", "snapshot", "--json", *database).json["snapshots"]
    assert (made["scope"], made["rows"] > 3) == (SCOPE, True)
    assert (tmp_path / "snapshots" / made["name"]).stat().st_size == made["size"]
    again = agentdesk("centre", "snapshot", "--scope", SCOPE, *database)
    assert made["name"] in again.out
    nowhere = agentdesk("centre", "snapshot", "--scope", "region/nowhere", *database)
    assert nowhere.code != 0
    assert f"there are: {SCOPE}" in nowhere.error
    assert agentdesk("centre", "tidy", "--json", *database).json["logs"] == [], (
        "it was noted today where the log stands"
    )
