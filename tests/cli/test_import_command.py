"""`agentdesk import`: from another system's file over the centre to a site's screen."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from agentdesk.cli.demo_world import DemoWorld
from agentdesk.sample import World
from agentdesk.sample.spreadsheet import as_csv
from tests.cli.commands import agentdesk, inside

NOW = 1_795_300_000_000


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export with Chinese headers, every tenth line spoilt."""
    path = tmp_path_factory.mktemp("export") / "customers.csv"
    as_csv(path, World(5, 40, "tj", NOW).customers(), encoding="gb18030", spoil_every=10)
    return path


def test_good_lines_go_in_and_bad_ones_beside_the_file_with_their_reasons(export: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(export, tmp_path))
    ran = agentdesk("import", "customers", file, "--region", "tj", "--database", tmp_path / "centre.db", "--json")
    again = inside("import", "customers", file, "--region", "tj", "--database", tmp_path / "centre.db")

    report = ran.json
    assert ran.code == 0, ran.err
    assert ran.err == ""
    assert report["encoding"].lower() == "gb18030"
    assert 0 < report["rejected"] < report["rows"]
    assert report["customers"]["new"] > 30
    rejects = Path(report["rejects"])
    assert rejects == tmp_path / "customers.rejected.csv"
    with rejects.open(encoding="utf-8-sig", newline="") as lines:
        refused = list(csv.reader(lines))[1:]
    assert len(refused) == report["rejected"]
    assert all(row[0].isdecimal() and row[1] and row[2] for row in refused)
    assert "0 new" in again.out
    assert str(rejects) in again.out


def test_imported_customers_are_found_at_a_site_after_a_sync(world: DemoWorld, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("customer_id,name,number,kind\nX-1,欧阳小明,18600012345,mobile\n", "utf-8")
    ran = inside("import", "customers", file, "--region", "bj", "--database", world.database, "--json")
    synced = inside("site", "sync", "--data", world.folder)
    found = inside("find", "186-0001-2345", "--data", world.folder, "--json")

    assert ran.json["customers"] == {"new": 1, "changed": 0, "same": 0}
    assert synced.code == 0, synced.err
    assert [customer["name"] for customer in found.json["customers"]] == ["欧阳**"]


@pytest.mark.parametrize(
    ("content", "said"), [(None, "is no file"), ("", "empty"), ("just,some\nwords,here\n", "column")]
)
def test_a_file_that_cannot_be_read_is_one_line(content: str | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    if content is not None:
        file.write_text(content, "utf-8")
    ran = inside("import", "customers", file, "--region", "bj", "--database", tmp_path / "centre.db")

    assert ran.code == 1
    assert said in ran.error


def test_a_region_that_cannot_be_one_is_said_before_anything_is_made(export: Path, tmp_path: Path) -> None:
    ran = inside("import", "customers", export, "--region", "Bei jing", "--database", tmp_path / "centre.db")

    assert "region" in ran.error
    assert not (tmp_path / "centre.db").exists()


# ------------------------------------------------------------ agents

STAFF = "工号,姓名,角色,部门,区域\n1024,张敏,客服代表,,bj\n１０２５,Li Lei,team_leader,客服中心,bj\n"


def test_agents_of_a_list_sit_at_the_desks_of_every_site_after_a_sync(world: DemoWorld, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text(STAFF, "gb18030")
    before = inside("promise", world.note.callers[0][0], "U06", "--agent", "1024", "--data", world.folder)
    ran = agentdesk("import", "agents", file, "--database", world.database, "--json")
    synced = inside("site", "sync", "--data", world.folder)
    after = inside("promise", world.note.callers[0][0], "U06", "--agent", "1025", "--data", world.folder, "--json")

    assert "1024" in before.error
    assert ran.json == {"agents": 2}, ran.err
    assert synced.code == 0
    assert after.json["operation"]["verdict"] == "applied", "the centre knows him, too"
    assert after.json["operation"]["actor"] == "1025"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is no file"),
        ("", "is empty"),
        ("id,name,role\n", "no agents"),
        ("id,name\n1,a\n", "column 'role'"),
        ("id,name,role\n1,a,agent\n2,,agent\n", "line 3: name is empty"),
        ("id,name,role\n1,a,king\n", "no role is called 'king': use one of admin"),
        ("id,name,role\n1 2,a,agent\n", "no id"),
        ("id,name,role\n1,a,agent\n1,b,agent\n", "line 3"),
        ("id,name,role,department\n1,a,agent,moon\n", "no department"),
        ("id,name,role,region\n1,a,agent,北京\n", "line 2: '北京' is no region"),
    ],
)
def test_a_list_with_a_mistake_is_refused_whole(content: str | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    if content is not None:
        file.write_text(content, "utf-8")
    ran = inside("import", "agents", file, "--database", tmp_path / "centre.db")

    assert ran.code == 1
    assert said in ran.error
