"""`agentdesk catalogue`: what is wrong with file and line, and what the policy says."""

from __future__ import annotations

import shutil
from pathlib import Path

from agentdesk._resources import data_root
from agentdesk.catalogue import packaged
from agentdesk.cli.demo_world import DemoWorld
from tests.centre.kit import build_world
from tests.cli.commands import agentdesk, inside


def test_the_packaged_catalogue_passes() -> None:
    ran = agentdesk("catalogue", "check", "--json")

    assert (ran.code, ran.json["ok"], ran.json["problems"], ran.json["warnings"]) == (0, True, [], [])
    assert (ran.json["counts"]["templates"], ran.json["counts"]["flows"]) == (131, 165)


def test_a_template_without_one_of_the_six_is_refused_with_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(data_root() / "catalogue", folder)
    file = next(iter(sorted((folder / "templates").glob("*.toml"))))
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join(line for line in lines if not line.startswith("six.owner")), "utf-8")

    ran = inside("catalogue", "check", folder, "--json")
    text = inside("catalogue", "check", folder)

    assert ran.code == text.code == 1
    assert not ran.json["ok"]
    assert all(problem["line"] > 0 and problem["file"].endswith(file.name) for problem in ran.json["problems"])
    assert "six" in text.out
    assert text.err == ""


def test_all_commitments_are_listed_in_the_language_asked_for() -> None:
    chinese, english = (inside("catalogue", "show", "--language", language).out for language in ("zh-CN", "en"))

    assert "信用开机" in chinese
    assert "Emergency power-on" in english
    codes = packaged().templates
    assert sum(line[:3] in codes for line in english.splitlines()) == 131


def test_the_language_is_the_locales_where_none_is_asked_for() -> None:
    assert "信用开机" in agentdesk("catalogue", "show", env={"LANG": "zh_CN.UTF-8"}).out
    assert "Emergency power-on" in agentdesk("catalogue", "show", env={"LC_ALL": "C.UTF-8"}).out


def test_one_commitment_is_shown_whole() -> None:
    ran = inside("catalogue", "show", "u04", "--json")

    assert ran.json["code"] == "U04"
    assert ran.json["sample"] is True
    assert set(ran.json["six"]) == {"target", "measures", "owner", "time_limit", "supervision", "assessment"}


def test_the_catalogue_in_force_at_a_site_is_shown_on_its_folder(world: DemoWorld) -> None:
    status = inside("site", "status", "--data", world.folder, "--json").json
    shown = inside("catalogue", "show", "U04", "--data", world.folder, "--json").json

    assert shown["version"] == status["catalogue"]


def test_an_unknown_code_and_a_folder_that_is_none_are_errors_of_one_line(tmp_path: Path) -> None:
    assert "did you mean" in inside("catalogue", "show", "X99").error
    assert str(tmp_path / "none") in inside("catalogue", "check", tmp_path / "none").error


def test_a_catalogue_is_published_under_somebodys_name_and_its_sites_show_it(tmp_path: Path) -> None:
    world = build_world(tmp_path)
    folder = tmp_path / "own"
    shutil.copytree(data_root() / "catalogue", folder)
    head = folder / "catalogue.toml"
    head.write_text(head.read_text("utf-8").replace('label = "sample-1"', 'label = "own-1"'), "utf-8")

    ran = inside("catalogue", "publish", folder, "--sign-off", "周岚", "--database", world.url, "--json")
    again = world.centre.database.read(lambda snapshot: snapshot.documents("catalogue", [ran.json["version"]])).result()
    world.centre.start()  # a program with a newer sample changes nothing for an operator with his own

    assert (ran.code, ran.json["signed_off_by"]) == (0, "周岚")
    assert ran.json["version"].startswith("own-1+")
    assert again[0].data["signed_off_by"] == "周岚"
    assert world.centre.database.read(lambda snapshot: snapshot.meta("catalogue")).result() == ran.json["version"]
    world.centre.database.close()


def test_a_catalogue_with_problems_is_not_published(tmp_path: Path) -> None:
    world = build_world(tmp_path)
    folder = tmp_path / "own"
    shutil.copytree(data_root() / "catalogue", folder)
    head = folder / "flows" / "messages.toml"
    head.write_text(head.read_text("utf-8").replace('start = "s1"', 'start = "s77"', 1), "utf-8")

    ran = inside("catalogue", "publish", folder, "--sign-off", "周岚", "--database", world.url)

    assert ran.code == 1
    assert "flows/messages.toml:" in ran.out
    assert "s77" in ran.out
    assert world.centre.database.read(lambda snapshot: snapshot.meta("catalogue")).result() == packaged().version
    world.centre.database.close()
