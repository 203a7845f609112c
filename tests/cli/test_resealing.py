"""A centre that lost its secret has another one: sites seal their data keys for that, and for nobody else."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentdesk.cli.embedded import EmbeddedCentre, free_port
from agentdesk.cli.options import opened_site
from agentdesk.trust.recovery import mark_of, public_half
from agentdesk.trust.vault import Vault, WrongKey
from tests.centre.authorities import Authority
from tests.centre.test_tls import code, serving
from tests.cli.commands import inside


@dataclass
class Sealed:
    """A site's folder and its centre's database, in one folder."""

    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def file(self) -> Path:
        return self.site / "vault.json"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'centre.db'}"

    @property
    def secret(self) -> Path:
        return self.folder / "centre.db.key"

    @property
    def vault(self) -> Vault:
        found = Vault.read(self.site)
        assert found is not None
        return found

    def enrol(self, url: str, given: str, *more: object) -> None:
        done = inside("site", "enrol", url, given, "--data", self.site, *more)
        assert done.code == 0, done.err

    def command(self, *words: str) -> None:
        done = inside("site", *words, "--data", self.site)
        assert done.code == 0, done.err

    def move(self, url: str) -> None:
        with opened_site(Namespace(data=self.site)) as site:
            site.move_centre(url)

    def lose_secret(self) -> bytes:
        """Let the centre lose its secret and have a new one; returns the lost one."""
        lost = self.secret.read_bytes()
        self.secret.unlink()
        done = inside("centre", "key-lost", "--database", self.database)
        assert done.code == 0, done.err
        return lost

    def opens(self, secret: bytes) -> bool:
        """Tell whether a centre with this secret opens the vault."""
        try:
            self.vault.unlock_centre(secret)
        except WrongKey:
            return False
        return True

    def doctors(self) -> tuple[str, str]:
        """Return what the doctor says of the vault, and of the centre's secret."""
        found = inside("doctor", "--data", self.site, "--database", self.database, "--json").json["findings"]
        said = {one["about"]: one["text"] for one in found}
        return said["lock"], said["key"]


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path)


def test_over_tls_a_site_seals_its_key_anew_with_the_next_greeting_of_a_centre_that_lost_its_own(
    sealed: Sealed,
) -> None:
    ours = Authority(sealed.folder, "ours")
    files = ours.certificate("centre")
    given = code(sealed.folder)
    with serving(sealed.folder, files) as (url, _):
        sealed.enrol(url, given, "--ca", ours.file)
        before = sealed.file.read_bytes()
        sealed.command("sync")
        assert sealed.file.read_bytes() == before, "it is sealed for this centre already"
    lost = sealed.lose_secret()
    new = sealed.secret.read_bytes()
    assert (sealed.opens(lost), sealed.opens(new)) == (True, False)
    marks = [mark_of(public_half(secret)) for secret in (lost, new)]
    assert [mark in said for mark, said in zip(marks, sealed.doctors(), strict=True)] == [True, True]
    with serving(sealed.folder, files) as (url, _):
        sealed.move(url)
        sealed.command("sync")
    assert (sealed.opens(lost), sealed.opens(new)) == (False, True)
    assert all(marks[1] in said for said in sealed.doctors())


def test_over_tls_a_vault_that_was_never_sealed_gets_its_seal(sealed: Sealed) -> None:
    ours = Authority(sealed.folder, "ours")
    given = code(sealed.folder)
    with serving(sealed.folder, ours.certificate("centre")) as (url, _):
        sealed.enrol(url, given, "--ca", ours.file)
        unsealed(sealed)
        assert "site rotate" in warning(sealed)
        sealed.command("sync")
    assert sealed.opens(sealed.secret.read_bytes())


@contextmanager
def plain(sealed: Sealed) -> Iterator[str]:
    """Serve a centre on this machine, without a certificate."""
    running = EmbeddedCentre(sealed.database, free_port(), sealed.folder)
    running.start()
    try:
        running.wait()
        yield running.url
    finally:
        running.stop()


def test_without_a_certificate_nothing_is_sealed_anew_before_a_person_says_so(sealed: Sealed) -> None:
    """Anybody on this machine may answer on a port while the centre doesn't."""
    given = code(sealed.folder)
    with plain(sealed) as url:
        sealed.enrol(url, given)
    lost = sealed.lose_secret()
    new = sealed.secret.read_bytes()
    with plain(sealed) as url:
        sealed.move(url)
        sealed.command("sync")
        assert (sealed.opens(lost), sealed.opens(new)) == (True, False)
        sealed.command("rotate")
        assert (sealed.opens(lost), sealed.opens(new)) == (False, True)
        unsealed(sealed)
        sealed.command("sync")
        assert not sealed.vault.has_centre
        sealed.command("rotate")
        assert sealed.opens(new)
        assert "site rotate" not in warning(sealed)


def unsealed(sealed: Sealed) -> None:
    """Make the vault one that was made without its centre, as `site encrypt` does."""
    data = json.loads(sealed.file.read_text())
    data["centre"] = data["sealed_for"] = ""
    sealed.file.write_text(json.dumps(data))


def warning(sealed: Sealed) -> str:
    """Return what the doctor says to do about the vault."""
    found = inside("doctor", "--data", sealed.site, "--json").json["findings"]
    return next(str(one["do"]) for one in found if one["about"] == "lock")
