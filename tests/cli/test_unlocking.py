"""Keys of sites on the command line: made before anything is written, found again, never where they don't belong."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agentdesk.centre.authors import set_agents
from agentdesk.centre.service import Centre
from agentdesk.centre.staff import give_password
from agentdesk.centre.storage.opening import open_database
from agentdesk.cli import encrypting, machine_key
from agentdesk.cli.embedded import EmbeddedCentre, free_port
from agentdesk.cli.errors import CommandError
from agentdesk.cli.unlocking import key_of, read_password
from agentdesk.qa.cast import WANG
from agentdesk.qa.clock import FrozenClock, SeededEntropy
from agentdesk.qa.world import catalogue, make_site
from agentdesk.store.errors import StoreError
from agentdesk.store.site import Site
from agentdesk.trust.passwords import Cost, hashed
from agentdesk.trust.vault import Vault
from tests.cli.commands import agentdesk, inside

PLAIN = b"SQLite format 3\0"
PASSWORD = "sieben Brücken 7"
NOBODY = Namespace(no_machine_key=False, machine_key=None, password_file=None, agent=None)


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings, empty."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return tmp_path / "settings"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A centre with one agent who has a password; its URL and its database's."""
    folder = tmp_path_factory.mktemp("centre")
    url = f"sqlite:///{folder / 'centre.db'}"
    database = open_database(url)
    first = Centre(database)
    first.start(catalogue())
    means = first.means
    people = [{"id": "bj1024", "name": "张敏", "role": "agent", "region": "region/bj"}]
    database.write(partial(set_agents, means=means, agents=people)).result()
    hash_ = hashed(PASSWORD, b"0123456789abcdef", Cost(1, 8, 1))
    give: Any = partial(give_password, means=means, agent="bj1024", hash_=hash_, must_change=False)
    database.write(give).result()
    database.close()
    running = EmbeddedCentre(url, free_port(), folder)
    running.start()
    running.wait()
    yield running.url, url
    running.stop()


def enrol(centre: tuple[str, str], folder: Path, *more: object) -> Any:
    code = inside("site", "code", "--database", centre[1], "--region", "bj", "--json").json["code"]
    return inside("site", "enrol", centre[0], code, "--data", folder, "--json", *more)


def plain(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.db") if path.read_bytes()[:16] == PLAIN]


def test_a_site_is_encrypted_from_its_first_byte_and_the_machine_has_a_key_of_it_elsewhere(
    centre: tuple[str, str], tmp_path: Path, settings: Path
) -> None:
    folder = tmp_path / "site"
    assert enrol(centre, folder).code == 0
    assert not plain(folder)
    (key,) = (settings / "agentdesk" / "machine-keys").iterdir()
    assert key.stat().st_mode & 0o077 == 0
    assert inside("site", "status", "--data", folder, "--json").code == 0
    assert inside("outbox", "list", "--data", folder).code == 0
    key.rename(tmp_path / "elsewhere.key")
    assert "locked" in agentdesk("site", "status", "--data", folder).error
    found = agentdesk(
        "site", "status", "--data", folder, "--json", env={"AGENTDESK_MACHINE_KEY": str(tmp_path / "elsewhere.key")}
    )
    assert found.code == 0, found.err
    os.chmod(tmp_path / "elsewhere.key", 0o644)
    refused = agentdesk(
        "site", "status", "--data", folder, env={"AGENTDESK_MACHINE_KEY": str(tmp_path / "elsewhere.key")}
    )
    assert "chmod 600" in refused.error


def test_a_key_is_never_kept_with_what_it_opens(centre: tuple[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "site"
    ran = enrol(centre, folder, "--machine-key", folder / "machine.key")
    assert "keep the machine's key out of" in ran.error
    assert not (folder / "outbox.db").exists()


def test_a_site_that_only_a_password_opens(centre: tuple[str, str], tmp_path: Path, settings: Path) -> None:
    folder, file = tmp_path / "site", tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", "utf-8")
    file.chmod(0o600)
    ran = enrol(centre, folder, "--no-machine-key", "--agent", "bj1024", "--password-file", file)
    assert ran.code == 0, ran.err
    assert not settings.exists()
    assert "locked" in agentdesk("find", WANG, "--data", folder).error
    given = ("--data", folder, "--as", "bj1024", "--password-file", "-")
    assert agentdesk("outbox", "list", *given, stdin=f"{PASSWORD}\n").code == 0
    wrong = agentdesk("outbox", "list", *given, stdin="wrong\n")
    assert "tries left" in wrong.error
    assert "wrong\n" not in wrong.error
    vault = Vault.read(folder)
    assert vault is not None
    entry = vault.entry("bj1024")
    assert entry is not None
    assert entry.tries.failures == 1


def test_nobody_who_signs_in_leaves_no_site(centre: tuple[str, str], tmp_path: Path) -> None:
    folder, file = tmp_path / "site", tmp_path / "password"
    file.write_text("wrong\n")
    file.chmod(0o600)
    ran = enrol(centre, folder, "--no-machine-key", "--agent", "bj1024", "--password-file", file)
    assert "nobody signed in" in ran.error
    assert not (folder / "outbox.db").exists()
    assert not (folder / "vault.json").exists()


def test_a_password_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    file.chmod(0o644)
    with pytest.raises(CommandError, match="chmod 600"):
        read_password(str(file), "")


def made(folder: Path) -> Path:
    make_site(folder, FrozenClock(), SeededEntropy())
    return folder


def words(site: Site) -> tuple[object, ...]:
    """Return what is in a site, also by its index."""
    rows = site.files.outbox.execute("SELECT key, value FROM meta ORDER BY key").fetchall()
    found = site.view.document("region/bj", "c-wang")
    return rows, found, site.view.cursors(), site.files.outbox.execute("PRAGMA user_version").fetchone()


def test_a_plain_site_is_encrypted_whole_and_nothing_plain_is_left(tmp_path: Path) -> None:
    folder = made(tmp_path / "site")
    site = Site(folder, FrozenClock(), SeededEntropy())
    before = words(site)
    site.close()
    assert any(finding["about"] == "lock" and finding["state"] == "note" for finding in doctor(folder))
    encrypting.encrypt(folder, NOBODY)
    assert not plain(folder)
    for path in folder.rglob("*"):
        assert path.is_dir() or "王敏慧".encode() not in path.read_bytes(), path
    with pytest.raises(StoreError):
        Site(folder, FrozenClock(), SeededEntropy())
    site = Site(folder, FrozenClock(), SeededEntropy(), key_of(folder))
    assert words(site) == before
    site.close()
    (lock,) = [finding for finding in doctor(folder) if finding["about"] == "lock"]
    assert "encrypted; opened by 0 agents and the machine's key" in lock["text"]
    with pytest.raises(CommandError, match="already"):
        encrypting.encrypt(folder, NOBODY)


def doctor(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = inside("doctor", "--data", folder, "--json").json["findings"]
    return found


def test_a_site_that_is_open_elsewhere_is_left_as_it_is(tmp_path: Path) -> None:
    folder = made(tmp_path / "site")
    site = Site(folder, FrozenClock(), SeededEntropy())
    site.outbox.waiting()
    with pytest.raises(CommandError, match="end it first"):
        encrypting.encrypt(folder, NOBODY)
    site.close()
    assert plain(folder)
    encrypting.encrypt(folder, NOBODY)


STEPS = ("rename", "fsync", "chmod")


@pytest.mark.parametrize("nth", range(0, 24, 2))
def test_a_run_that_dies_anywhere_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    folder = made(tmp_path / "site")
    before = words(opened := Site(folder, FrozenClock(), SeededEntropy()))
    opened.close()
    count = 0

    class Died(BaseException):
        pass

    def dying(name: str) -> Any:
        real = getattr(os, name)

        def call(*arguments: Any) -> Any:
            nonlocal count
            count += 1
            if count == nth + 1:
                raise Died
            return real(*arguments)

        return call

    with monkeypatch.context() as patch:
        for name in STEPS:
            patch.setattr(os, name, dying(name))
        with suppress(Died):
            encrypting.encrypt(folder, NOBODY)
    # whatever it came to: the next run brings it to its end, or it is as it was
    with suppress(CommandError):
        encrypting.encrypt(folder, NOBODY)
    site = Site(folder, FrozenClock(), SeededEntropy(), key_of(folder))
    assert words(site) == before
    site.close()
    assert not plain(folder)


def test_a_machine_key_of_another_site_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "site")
    encrypting.encrypt(folder, NOBODY)
    other = tmp_path / "other.key"
    machine_key.read_or_make(other, folder)
    monkeypatch.setenv(machine_key.VARIABLE, str(other))
    with pytest.raises(CommandError, match="another site"):
        key_of(folder)
