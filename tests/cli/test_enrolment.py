"""The way of a real site: a centre is served, a code is made, a folder enrolled; and what can go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk.cli.embedded import EmbeddedCentre, free_port
from tests.cli.commands import agentdesk, inside, runs, started


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A new centre; its URL and its database's."""
    folder = tmp_path_factory.mktemp("centre")
    database = f"sqlite:///{folder / 'centre.db'}"
    running = EmbeddedCentre(database, free_port(), folder)
    running.start()
    running.wait()
    yield running.url, database
    running.stop()


def code_of(database: str, *more: str) -> str:
    ran = inside("site", "code", "--database", database, "--region", "bj", "--json", *more)
    code: str = ran.json["code"]
    return code


def test_a_code_makes_one_folder_a_site_and_no_second(centre: tuple[str, str], tmp_path: Path) -> None:
    url, database = centre
    code = code_of(database)
    first = agentdesk("site", "enrol", url, code, "--name", "West hall", "--data", tmp_path / "a", "--json")
    second = inside("site", "enrol", url, code, "--data", tmp_path / "b")
    again = inside("site", "enrol", url, code_of(database), "--data", tmp_path / "a")

    assert first.code == 0, first.err
    assert first.json["name"] == "West hall"
    assert first.json["region"] == "region/bj"
    assert inside("site", "status", "--data", tmp_path / "a", "--json").json["site"] == first.json["site"]
    assert "code" in second.error
    assert "enrolled already" in again.error
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0, "the folder holds a token: it is the owner's alone"


def test_a_code_can_be_made_for_several_machines(centre: tuple[str, str], tmp_path: Path) -> None:
    url, database = centre
    code = code_of(database, "--uses", "2", "--name", "Sample hall")

    for name in ("a", "b"):
        ran = inside("site", "enrol", url, code, "--data", tmp_path / name, "--json")
        assert ran.code == 0
        assert ran.json["name"] == "Sample hall", "without another name it is called as the code says"


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("ftp://nowhere", "AAAA-AAAA", "https://"),
        ("http://127.0.0.1:9", "AAAA-AAAA", "can't be reached"),
        (None, "AAAA-AAAA-AAAA", "code"),
        (None, "x", "code"),
    ],
)
def test_what_keeps_a_folder_from_being_enrolled_is_one_line(
    url: str | None, code: str, said: str, centre: tuple[str, str], tmp_path: Path
) -> None:
    ran = inside("site", "enrol", url or centre[0], code, "--data", tmp_path / "site")

    assert ran.code == 1
    assert said in ran.error
    assert inside("site", "status", "--data", tmp_path / "site").code == 1


def test_a_site_whose_centre_is_away_says_so_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "centre"
    folder.mkdir()
    running = EmbeddedCentre(f"sqlite:///{folder / 'centre.db'}", free_port(), folder)
    running.start()
    try:
        running.wait()
        code = code_of(f"sqlite:///{folder / 'centre.db'}")
        inside("site", "enrol", running.url, code, "--data", tmp_path / "site")
    finally:
        running.stop()

    ran = agentdesk("site", "sync", "--data", tmp_path / "site")
    as_json = inside("site", "sync", "--data", tmp_path / "site", "--json")
    doctor = inside("doctor", "--data", tmp_path / "site", "--json")

    assert ran.code == as_json.code == 1
    assert "nothing is lost" in ran.error
    assert as_json.json["problem"]
    assert doctor.code == 1
    assert {"about": "line", "state": "bad"}.items() <= next(
        finding for finding in doctor.json["findings"] if finding["about"] == "line"
    ).items()


# ------------------------------------------------------------ serve and code


def test_a_centre_says_when_it_is_ready_and_ends_with_its_starter(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    database = f"sqlite:///{tmp_path / 'centre.db'}"
    command = ("serve", "--database", database, "--port", "0", "--while-stdin", "--ready-file", ready)
    with started(*command) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        line = process.stdout.readline()
        note = json.loads(ready.read_text())
        process.stdin.close()
        code = process.wait(60)

    assert line.startswith("centre ready on http://127.0.0.1:")
    assert note["url"] in line
    assert code == 0
    assert not ready.exists()
    assert not runs(process.pid)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--database", "postgresql://@/centre?host=/nowhere"), "can't be reached"),
        (("--database", "sqlite:///centre.db", "--workers", "2"), "one writer"),
        (("--database", "sqlite:///centre.db", "--key-file", "x.key"), "--key-file"),
        (("--database", "mysql://db/centre"), "sqlite:///"),
        (("--database", "sqlite:///centre.db", "--host", "0.0.0.0"), "--behind-tls"),
        (("--database", "sqlite:////proc/nowhere/centre.db"), "/proc/nowhere"),
    ],
)
def test_what_cannot_be_served_is_one_line(words: tuple[str, ...], said: str) -> None:
    done = agentdesk("serve", *words)

    assert done.code == 1
    assert said in done.error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--database", "sqlite:////nowhere/centre.db", "--region", "bj"), "/nowhere/centre.db"),
        (("--database", "postgresql://@/x?host=/nowhere", "--region", "bj"), "can't be reached"),
    ],
)
def test_a_code_needs_a_centre_that_is_there(words: tuple[str, ...], said: str) -> None:
    assert said in inside("site", "code", *words).error


def test_a_folder_stands_for_the_database_in_it(centre: tuple[str, str]) -> None:
    folder = Path(centre[1].removeprefix("sqlite:///")).parent

    assert inside("site", "code", "--data", folder, "--region", "bj").code == 0


def test_a_code_needs_a_region_that_can_be_one(centre: tuple[str, str]) -> None:
    assert "region" in inside("site", "code", "--database", centre[1], "--region", "Bei jing").error
