"""What a site's own files remember of its vault and of superiors' PINs, and what a copy of the vault gets by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.domain.decide import ORG
from agentdesk.domain.tries import Patience
from agentdesk.store.access import Gone, NoPin, Pin, PinLocked, WrongPin
from agentdesk.store.site import Site
from agentdesk.trust import vault_file
from agentdesk.trust.passwords import Cost, derive, for_site, same, word_of
from agentdesk.trust.vault import Locked, Unknown, Vault, WrongPassword
from tests.domain.world import AGENT, NOW, agent
from tests.store.world import SITE, make_site, open_site, page

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
KEY = bytes(range(32))
PASSWORD, PIN = "sieben Brücken 7", "318204"
LEADER = "3001"
UNTIL = NOW + 14 * 86_400_000
SALT = b"0123456789abcdef"
PATIENCE = Patience(3, (1_000, 2_000), 600_000)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with a vault, in which one agent is, and a superior's PIN."""
    made = make_site(tmp_path)
    made.take_page(page(ORG, 3, agent(LEADER, role="team_leader")))
    vault = Vault.create(tmp_path, KEY, cost=CHEAP)
    vault.obey(PATIENCE)
    vault.admit(KEY, AGENT, PASSWORD, UNTIL, NOW)
    made.access.admitted(vault, AGENT)
    made.access.keep_pin(LEADER, pin())
    return made


def vault_of(site: Site) -> Vault:
    found = Vault.read(site.files.folder, cost=CHEAP)
    assert found is not None
    return found


def pin(typed: str = PIN, changed_at: int = NOW, site: str = SITE) -> Pin:
    return Pin(SALT, CHEAP, for_site(derive(typed, SALT, CHEAP), site), changed_at)


def copy(site: Site) -> bytes:
    return (site.files.folder / vault_file.FILE).read_bytes()


def put_back(site: Site, older: bytes) -> None:
    (site.files.folder / vault_file.FILE).write_bytes(older)


def test_an_older_copy_of_the_vault_gives_no_try_back(site: Site) -> None:
    older = copy(site)
    vault = vault_of(site)
    for at in (0, 1_000, 3_000):
        with pytest.raises(WrongPassword):
            vault.unlock(AGENT, "wrong", NOW + at)
    assert site.settle_vault() == ()
    put_back(site, older)
    assert site.settle_vault() == ()
    with pytest.raises(Locked):
        vault.unlock(AGENT, PASSWORD, NOW + 3_000)


def test_tries_that_were_forgiven_stay_so(site: Site) -> None:
    vault = vault_of(site)
    for at in (0, 1_000):
        with pytest.raises(WrongPassword):
            vault.unlock(AGENT, "wrong", NOW + at)
    site.settle_vault()
    assert vault.unlock(AGENT, PASSWORD, NOW + 3_000) == KEY
    site.settle_vault()
    site.settle_vault()
    entry = vault.entry(AGENT)
    assert entry is not None
    assert entry.tries.failures == 0


def test_a_copy_from_before_a_password_was_changed_lets_nobody_in_twice(site: Site) -> None:
    older = copy(site)
    vault = vault_of(site)
    vault.admit(KEY, AGENT, "neun Brücken 9", UNTIL, NOW + 5)
    site.access.admitted(vault, AGENT)
    put_back(site, older)
    assert vault.unlock(AGENT, PASSWORD, NOW) == KEY, "what the file alone can't tell"
    assert site.settle_vault() == (Gone(AGENT, "put_back"),)
    with pytest.raises(Unknown):
        vault.unlock(AGENT, PASSWORD, NOW)


def test_a_copy_from_before_a_dismissal_lets_nobody_in(site: Site) -> None:
    older = copy(site)
    site.take_page(page(ORG, 4, agent(rev=4, dismissed_at=NOW)))
    for _ in range(2):
        assert site.settle_vault() == (Gone(AGENT, "dismissed"),)
        assert vault_of(site).agents() == ()
        put_back(site, older)


def test_without_a_vault_there_is_nothing_to_settle(tmp_path: Path) -> None:
    assert make_site(tmp_path).settle_vault() == ()


def test_a_pin_is_looked_at_with_the_line_down(site: Site) -> None:
    proved = site.access.prove(LEADER, PIN, SITE, PATIENCE, NOW)
    assert proved.word("a-1", "given") == word_of(derive(PIN, SALT, CHEAP), LEADER, SITE, "a-1", "given")
    assert proved.word("a-2", "given") != proved.word("a-1", "given")


def test_wrong_pins_count_on_disk_up_to_a_lock(site: Site) -> None:
    now = NOW
    for expected in (2, 1, 0):
        with pytest.raises(WrongPin) as wrong:
            site.access.prove(LEADER, "000001", SITE, PATIENCE, now)
        assert wrong.value.left == expected
        with pytest.raises(PinLocked) as locked:
            site.access.prove(LEADER, PIN, SITE, PATIENCE, now)
        assert locked.value.locked == (expected == 0)
        if expected:
            now += wrong.value.wait_ms
    site.close()
    again = open_site(site.files.folder)
    with pytest.raises(PinLocked):
        again.access.prove(LEADER, PIN, SITE, PATIENCE, now)
    # a clock that is put back waits as long
    with pytest.raises(PinLocked):
        again.access.prove(LEADER, PIN, SITE, PATIENCE, now - 10**9)
    assert again.access.prove(LEADER, PIN, SITE, PATIENCE, now + 600_000)
    with pytest.raises(WrongPin) as wrong:
        again.access.prove(LEADER, "000001", SITE, PATIENCE, now + 600_000)
    assert wrong.value.left == 2


def test_the_same_pin_again_forgives_nothing_and_a_new_one_does(site: Site) -> None:
    for at in (0, 1_000):
        with pytest.raises(WrongPin):
            site.access.prove(LEADER, "000001", SITE, PATIENCE, NOW + at)
    site.access.keep_pin(LEADER, pin())
    with pytest.raises(WrongPin) as wrong:
        site.access.prove(LEADER, "000001", SITE, PATIENCE, NOW + 3_000)
    assert wrong.value.left == 0
    site.access.keep_pin(LEADER, pin("905173", NOW + 1))
    assert site.access.prove(LEADER, "905173", SITE, PATIENCE, NOW + 3_000)


def test_what_is_kept_of_a_pin_is_good_at_this_site_alone(site: Site) -> None:
    site.access.keep_pin(LEADER, pin(site="site-2"))
    with pytest.raises(WrongPin):
        site.access.prove(LEADER, PIN, SITE, PATIENCE, NOW)
    assert not same(pin().verifier, pin(site="site-2").verifier)


@pytest.mark.parametrize("change", [{"dismissed_at": NOW}, {"pin_at": NOW + 1}], ids=["dismissed", "set anew"])
def test_who_has_no_pin_any_more_proves_nothing_by_it(site: Site, change: dict[str, int]) -> None:
    site.take_page(
        page(ORG, 4, replace(agent(LEADER, rev=4, role="team_leader"), data={"role": "team_leader", **change}))
    )
    with pytest.raises(NoPin):
        site.access.prove(LEADER, PIN, SITE, PATIENCE, NOW)
    site.settle_vault()
    assert not site.access.has_pin(LEADER)
    with pytest.raises(NoPin):
        site.access.prove("nobody", PIN, SITE, PATIENCE, NOW)
