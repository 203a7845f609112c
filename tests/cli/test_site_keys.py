"""`agentdesk site rotate`, `list`, `revoke` and `code --site` against a centre that is served."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agentdesk.centre.callers import token_hash
from agentdesk.centre.own_key import open_signed
from agentdesk.centre.proofs import Signer
from agentdesk.centre.storage.opening import KEY
from agentdesk.cli.embedded import EmbeddedCentre, free_port
from agentdesk.cli.options import opened_site
from agentdesk.store.site import Identity
from tests.cli.commands import inside


@dataclass
class Enrolled:
    """A site's folder, the database of its centre, and its id."""

    folder: Path
    database: str
    site: str

    def identity(self) -> Identity:
        with opened_site(Namespace(data=self.folder)) as site:
            return site.identity


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


@pytest.fixture
def enrolled(centre: tuple[str, str], tmp_path: Path) -> Enrolled:
    url, database = centre
    code = inside("site", "code", "--database", database, "--region", "bj").out.strip()
    made = inside("site", "enrol", url, code, "--data", tmp_path / "site", "--json")
    assert made.code == 0, made.err
    return Enrolled(tmp_path / "site", database, made.json["site"])


def listed(enrolled: Enrolled) -> tuple[str, int]:
    """Return the state of the site and how many keys it had, as the centre lists it."""
    sites = inside("site", "list", "--database", enrolled.database, "--json").json["sites"]
    (found,) = [site for site in sites if site["site"] == enrolled.site]
    return found["state"], found["keys"]


def test_a_site_changes_its_key_and_goes_on(enrolled: Enrolled) -> None:
    before = enrolled.identity()
    assert listed(enrolled) == ("open", 1)
    done = inside("site", "rotate", "--data", enrolled.folder, "--json")
    assert done.code == 0, done.err
    after = enrolled.identity()
    assert before.key != after.key
    assert before.token != after.token
    assert listed(enrolled) == ("open", 2)
    assert inside("site", "sync", "--data", enrolled.folder).code == 0


def test_a_folder_that_was_put_back_gets_in_by_a_code_for_this_site(enrolled: Enrolled) -> None:
    before = enrolled.identity()
    assert inside("site", "rotate", "--data", enrolled.folder).code == 0
    with opened_site(Namespace(data=enrolled.folder)) as site:
        site.take_key(before.token, before.key)
    refused = inside("site", "sync", "--data", enrolled.folder)
    assert "--code" in refused.error
    assert "--code" in inside("site", "rotate", "--data", enrolled.folder).error
    code = inside("site", "code", "--database", enrolled.database, "--site", enrolled.site, "--json").json["code"]
    assert inside("site", "rotate", "--code", code, "--data", enrolled.folder).code == 0
    assert inside("site", "sync", "--data", enrolled.folder).code == 0


def test_a_site_that_is_closed_opens_nothing_and_is_said_to_be(enrolled: Enrolled) -> None:
    closed = inside("site", "revoke", enrolled.site, "--database", enrolled.database)
    assert closed.code == 0, closed.err
    assert listed(enrolled)[0] == "closed"
    for command in ("sync", "rotate"):
        assert "closed" in inside("site", command, "--data", enrolled.folder).error
    # the centre answers: that alone would look healthy
    assert "answers" in (told := inside("doctor", "--data", enrolled.folder).out)
    assert "this site was closed at the centre" in told
    assert "is closed" in inside("site", "code", "--site", enrolled.site, "--database", enrolled.database).error
    assert "no site" in inside("site", "revoke", "s-none", "--database", enrolled.database).error


def keyless(enrolled: Enrolled) -> None:
    """Make a site one that was enrolled before sites had keys, at the centre and in its own files."""
    folder = Path(enrolled.database.removeprefix("sqlite:///")).parent
    database = open_signed(enrolled.database, folder / KEY)
    (made,) = [site for site in database.read(lambda snapshot: snapshot.sites()).result() if site.id == enrolled.site]
    before = replace(made, public_key="")
    token = Signer(database.secret()).token(before, made.presented, bytes(32))
    database.write(lambda tx: tx.put_site(replace(before, token_hash=token_hash(token)))).result()
    database.close()
    with opened_site(Namespace(data=enrolled.folder)) as site:
        site.take_key(token, b"")


def warned(*words: object) -> dict[str, dict[str, str]]:
    """Return what the doctor warns of, by what it is about."""
    ran = inside("doctor", *words, "--json")
    assert ran.code == 0, ran.out
    return {one["about"]: one for one in ran.json["findings"] if one["state"] == "note"}


def test_the_doctor_warns_of_a_site_without_a_key_at_both_ends_until_it_has_done_what_is_said(
    enrolled: Enrolled,
) -> None:
    at_the_site, at_the_centre = ("--data", enrolled.folder), ("--database", enrolled.database)
    assert "key" not in warned(*at_the_site)
    assert "site keys" not in warned(*at_the_site, *at_the_centre)
    keyless(enrolled)
    assert listed(enrolled) == ("no key yet", 0)
    found = warned(*at_the_site)["key"]
    assert "from before sites had them" in found["text"]
    assert found["do"] == f"agentdesk site rotate --data {enrolled.folder}"
    assert enrolled.site in warned(*at_the_site, *at_the_centre)["site keys"]["text"]
    for finding in (found, warned(*at_the_site, *at_the_centre)["site keys"]):
        said = inside("doctor", *at_the_site, *at_the_centre).out
        assert any(finding["text"] in line for line in said.splitlines())
        assert "\n" not in finding["text"] + finding["do"]
    done = inside(*found["do"].split()[1:])
    assert done.code == 0, done.err
    assert not {"key", "site keys"} & set(warned(*at_the_site, *at_the_centre))


def test_the_doctor_names_no_site_that_is_closed(enrolled: Enrolled) -> None:
    keyless(enrolled)
    assert inside("site", "revoke", enrolled.site, "--database", enrolled.database).code == 0
    assert "site keys" not in warned("--data", enrolled.folder, "--database", enrolled.database)


def test_what_is_listed_and_shown_has_no_secret(enrolled: Enrolled) -> None:
    identity = enrolled.identity()
    shown = inside("site", "list", "--database", enrolled.database).out
    shown += inside("site", "list", "--database", enrolled.database, "--json").out
    shown += inside("site", "status", "--data", enrolled.folder, "--json").out
    for secret in (identity.token, identity.token[-20:], identity.key.hex()):
        assert secret not in shown


def test_a_certificate_without_its_key_is_one_line(tmp_path: Path) -> None:
    ran = inside("serve", "--database", tmp_path / "c.db", "--tls-cert", tmp_path / "x")
    assert "--tls-key" in ran.error
